"""An OpenID provider on this machine that can misbehave in every way."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import serialize_compact

from contio_mock.fake.clock import real_now

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "other"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})

Answer = tuple[int, bytes]


def public(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


class OpenIdProvider:
    """What it says; change it before a sign-in. `asked` are the paths and bodies it was asked."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.methods = ["client_secret_basic"]
        self.key: Any = RSA
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "rsa"}
        self.claims: dict[str, Any] = {}
        self.jwks: Any = public(RSA)
        self.tokens: dict[str, Any] = {"access_token": "at", "token_type": "Bearer"}
        self.user_info: dict[str, Any] = {}
        self.overrides: dict[str, Callable[[], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.nonce = ""
        self.dated = True

    def answer(self, path: str, headers: dict[str, str], form: dict[str, str]) -> Answer:
        self.asked.append((path, headers, form))
        if path in self.overrides:
            return self.overrides[path]()
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._document()).encode()
        if path == "/token":
            self.meanwhile()
            return 200, json.dumps({"id_token": self.id_token(), **self.tokens}).encode()
        if path == "/jwks":
            return 200, json.dumps(self.jwks).encode()
        return 200, json.dumps(self.user_info).encode()

    def _document(self) -> dict[str, Any]:
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        found: dict[str, Any] = {name: f"{self.issuer}/{name.partition('_')[0]}" for name in names}
        methods = {"token_endpoint_auth_methods_supported": self.methods}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **found, **methods}

    def id_token(self) -> str:
        now = int(real_now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "1",
            "aud": "contio",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "ada@example.com",
        }
        told = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        if self.key is None:
            head = urlsafe_b64encode(json.dumps(self.header).encode()).rstrip(b"=").decode()
            return f"{head}.{urlsafe_b64encode(json.dumps(told).encode()).rstrip(b'=').decode()}."
        algorithms = ["RS256", "ES256", "HS256"]
        return serialize_compact(self.header, json.dumps(told), self.key, algorithms=algorithms)


@contextmanager
def open_id_provider() -> Iterator[OpenIdProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body = provider.answer(urlsplit(self.path).path, headers, form)
            self.send_response_only(status)
            if provider.dated:
                self.send_header("date", self.date_time_string())
            self.send_header("content-length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SECRET = OctKey.import_key(json.dumps(RSA.as_dict(private=False)))
"""A provider's public key, taken for a secret."""
