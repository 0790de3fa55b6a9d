"""A partner's app as small as can be: a page that starts the sign-in, and the one it comes back to."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PAGE = (
    '<!doctype html><html lang="en"><head><title>Partner</title><meta name="referrer" content="no-referrer">'
    '<link rel="icon" href="data:,"></head><body><h1>Partner</h1>{}</body></html>'
)


class PartnerApp:
    """Where the app is reached, and what its start page shows."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"  # another site than 127.0.0.1
        self.callback = f"{self.url}/callback"
        self.start = ""

    def offer(self, authorization: str) -> None:
        """Link to an authorization request."""
        self.start = f'<a href="{html.escape(authorization)}">Connect with Contio</a>'

    def forge(self, target: str, **fields: str) -> None:
        """Send a form to a page of somebody else."""
        inputs = "".join(f'<input type="hidden" name="{k}" value="{v}">' for k, v in fields.items())
        self.start = f'<form method="post" action="{html.escape(target)}">{inputs}<button>Win</button></form>'

    def body(self, target: str) -> str:
        """What a page shows: the start, or what the callback was handed."""
        parts = urlsplit(target)
        if parts.path != "/callback":
            return self.start
        handed = parse_qsl(parts.query)
        return "".join(f'<p>{k}: <code id="{k}">{html.escape(v)}</code></p>' for k, v in handed)


@contextmanager
def partner_app() -> Iterator[PartnerApp]:
    """The app on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = PAGE.format(app.body(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        app = PartnerApp(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield app
        server.shutdown()
        thread.join()
