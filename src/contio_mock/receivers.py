"""Who gets webhooks in this process: a function, or a WSGI or ASGI app that is called without a socket."""

from __future__ import annotations

import inspect
import io
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from contio_mock.fake.deliveries import ANSWER_KEPT, Answer, Outgoing

if TYPE_CHECKING:
    from contio_mock.hosting import Host, Loop

Receiver = Callable[[Outgoing], Answer]
"""Takes a webhook as an HTTP request and returns the answer; may raise NotDelivered."""

Receiving = Callable[..., Any]
"""A Receiver, also a coroutine function, or a WSGI or ASGI app: Flask, Django, Starlette, FastAPI, …"""

log = logging.getLogger("contio_mock.webhooks")

_FUNCTION, _WSGI, _ASGI = 1, 2, 3
"""How many arguments each is called with."""


_SLASH = "is there a slash too many or too few at the end of the webhook URL?"
HINTS = {
    301: _SLASH,
    302: "does the route ask for a login?",
    307: _SLASH,
    308: _SLASH,
    401: "is its secret the app's webhook secret, as in contio.credentials?",
    403: "does the view ask for a CSRF token? Exempt it: csrf_exempt in Django",
    404: "has it a route for this path?",
    405: "does the route take POST?",
    422: "does the endpoint take the request as it is, with request: Request in FastAPI?",
}
"""What is likely to be wrong with an app, by the status of its answer."""


class NotDelivered(Exception):  # noqa: N818 - what a receiver says
    """A receiver raises it to say that there was no answer, and why."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """A function or an app as a receiver, with what it lives in until `close`."""

    call: Receiver
    close: Callable[[], None]

    def __call__(self, outgoing: Outgoing) -> Answer:
        """The answer."""
        return self.call(outgoing)


def receiver_of(
    to: Receiving, path: str | None = None, *, lifespan: bool = True, loop: Loop | None = None
) -> InProcess:
    """Call a function or an app as a receiver; `path` replaces that of the webhook URL.

    An app is told apart by how many arguments it takes. What is async runs in one event loop until
    `close`, and an ASGI app within its `lifespan`. Raises TypeError for anything else.
    """
    from contio_mock.hosting import Host, OwnLoop  # noqa: PLC0415 - asyncio is slow to import

    count = _arguments(to)
    host = Host(loop or OwnLoop(), to if lifespan and count == _ASGI else None)
    if count == _FUNCTION:
        return InProcess(lambda outgoing: _answer(to(outgoing), host), host.close)
    if count == _WSGI:
        return InProcess(lambda outgoing: _wsgi_served(to, outgoing, path), host.close)
    if count == _ASGI:
        return InProcess(lambda outgoing: _asgi_served(to, outgoing, path, host), host.close)
    raise TypeError(
        f"{to!r} is no function of a request, no WSGI app and no ASGI app; "
        "for an app of another kind give a function that sends it the request"
    )


def _arguments(to: Receiving) -> int:
    """How many arguments it must be called with; 0 when nobody can tell."""
    try:
        parameters = inspect.signature(to).parameters.values()
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = sum(1 for p in parameters if p.kind in positional and p.default is p.empty)
    if not needed and any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return _FUNCTION  # such as a Mock(return_value=200)
    return needed


def _answer(returned: Any, host: Host) -> Answer:
    """What a function returned, as an answer; None means that all is well."""
    if inspect.iscoroutine(returned):
        returned = host.run(returned)
    if isinstance(returned, Answer):
        return returned
    if returned is None:
        return Answer(200)
    if isinstance(returned, int):
        return Answer(int(returned))
    raise TypeError(f"a receiver returns a status such as 200, not {returned!r}")


def _served(call: Callable[[], Answer], target: SplitResult) -> Answer:
    """An app's answer; a server makes a 500 of what it raises, and so does this."""
    try:
        answer = call()
    except NotDelivered:
        raise
    except Exception:
        log.exception("the app that receives webhooks raised")
        answer = Answer(500)
    if not 200 <= answer.status <= 299:  # noqa: PLR2004 - success
        hint = HINTS.get(answer.status)
        log.warning(
            "the app answered %d to POST %s%s", answer.status, target.path, f": {hint}" if hint else ""
        )
    return answer


def _wsgi_served(app: Receiving, outgoing: Outgoing, path: str | None) -> Answer:
    from contio_mock.hosting import outside_of_loops  # noqa: PLC0415 - as below

    call = partial(call_wsgi, app, outgoing, path)
    # No WSGI server calls an app inside an event loop: Django and async handlers refuse it.
    return _served(lambda: outside_of_loops(call), _target(outgoing, path))


def _asgi_served(app: Receiving, outgoing: Outgoing, path: str | None, host: Host) -> Answer:
    host.begin()
    call = call_asgi(app, outgoing, path, host.state)
    return _served(lambda: host.run(call), _target(outgoing, path))


def _target(outgoing: Outgoing, path: str | None) -> SplitResult:
    """Where the request goes."""
    target = urlsplit(outgoing.url)
    if path is not None:
        given = urlsplit(path)
        target = target._replace(path=given.path or "/", query=given.query)
    return target if target.path else target._replace(path="/")


def _port(target: SplitResult) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


# ---------------------------------------------------------------- WSGI


def call_wsgi(app: Receiving, outgoing: Outgoing, path: str | None = None) -> Answer:
    """A WSGI app's answer (PEP 3333)."""
    starts: list[tuple[str, Any]] = []
    body = _Excerpt()

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        starts.append((status, headers))
        return body.add

    chunks = app(_environ(outgoing, _target(outgoing, path)), start_response)
    try:
        for chunk in chunks:
            body.add(chunk)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    if not starts:
        raise NotDelivered("the WSGI app never called start_response")
    status, headers = starts[-1]
    return Answer.excerpt(int(status.split(" ", 1)[0]), headers, body.kept)


class _Excerpt:
    """The beginning of a body that comes in pieces."""

    def __init__(self) -> None:
        self.kept = b""

    def add(self, piece: bytes) -> None:
        if len(self.kept) < ANSWER_KEPT:
            self.kept += piece[:ANSWER_KEPT]


def _environ(outgoing: Outgoing, target: SplitResult) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(target.path, "latin-1"),
        "QUERY_STRING": target.query,
        "SERVER_NAME": target.hostname or "localhost",
        "SERVER_PORT": str(_port(target)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": target.netloc,
        "CONTENT_LENGTH": str(len(outgoing.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": target.scheme,
        "wsgi.input": io.BytesIO(outgoing.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in outgoing.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


# ---------------------------------------------------------------- ASGI


async def call_asgi(
    app: Receiving, outgoing: Outgoing, path: str | None = None, state: dict[str, Any] | None = None
) -> Answer:
    """An ASGI app's answer; `state` is what its lifespan keeps for requests."""
    import asyncio  # noqa: PLC0415 - as above

    messages = [{"type": "http.request", "body": outgoing.body, "more_body": False}]
    starts: list[Any] = []
    body = _Excerpt()
    answered = asyncio.Event()

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        elif message["type"] == "http.response.body":
            body.add(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    try:
        await app(_scope(outgoing, _target(outgoing, path)) | {"state": state or {}}, receive, send)
    except Exception:
        if not starts:
            raise
        log.exception("the app that receives webhooks raised after it had answered")
    if not starts:
        raise NotDelivered("the ASGI app sent no answer")
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in starts[0].get("headers", ())
    ]
    return Answer.excerpt(starts[0]["status"], headers, body.kept)


def _scope(outgoing: Outgoing, target: SplitResult) -> dict[str, Any]:
    headers = {"Host": target.netloc, "Content-Length": str(len(outgoing.body)), **outgoing.headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": target.scheme,
        "path": unquote(target.path),
        "raw_path": target.path.encode(),
        "query_string": target.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": (target.hostname or "localhost", _port(target)),
    }
