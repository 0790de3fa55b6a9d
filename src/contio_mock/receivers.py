"""Who gets webhooks in this process: a function, or a WSGI or ASGI app that is called without a socket."""

from __future__ import annotations

import inspect
import io
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from contio_mock.fake.outbox import Outgoing

Receiver = Callable[[Outgoing], int]
"""Takes a webhook as an HTTP request and returns the status of its answer; may raise NotDelivered."""

Receiving = Callable[..., Any]
"""A Receiver, also a coroutine function, or a WSGI or ASGI app: Flask, Django, Starlette, FastAPI, …"""

log = logging.getLogger("contio_mock.webhooks")

_FUNCTION, _WSGI, _ASGI = 1, 2, 3
"""How many arguments each is called with."""


class NotDelivered(Exception):  # noqa: N818 - what a receiver says
    """A receiver raises it to say that there was no answer, and why."""


def receiver_of(to: Receiving, path: str | None = None) -> Receiver:
    """Call a function or an app as a receiver; `path` replaces that of the webhook URL.

    An app is told apart by how many arguments it takes. Raises TypeError for anything else.
    """
    count = _arguments(to)
    if count == _FUNCTION:
        return lambda outgoing: _status(to(outgoing))
    if count == _WSGI:
        return lambda outgoing: _served(lambda: call_wsgi(to, outgoing, path))
    if count == _ASGI:
        return lambda outgoing: _served(lambda: run(call_asgi(to, outgoing, path)))
    raise TypeError(f"{to!r} is no function of a request, no WSGI app and no ASGI app")


def _arguments(to: Receiving) -> int:
    """How many arguments it must be called with; 0 when nobody can tell."""
    try:
        parameters = inspect.signature(to).parameters.values()
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(1 for p in parameters if p.kind in positional and p.default is p.empty)


def _status(answer: Any) -> int:
    """What a function returned, as a status; None means that all is well."""
    if inspect.iscoroutine(answer):
        answer = run(answer)
    if answer is None:
        return 200
    if isinstance(answer, int):
        return int(answer)
    raise TypeError(f"a receiver returns a status such as 200, not {answer!r}")


def _served(call: Callable[[], int]) -> int:
    """An app's status; a server makes a 500 of what it raises, and so does this."""
    try:
        return call()
    except NotDelivered:
        raise
    except Exception:
        log.exception("the app that receives webhooks raised")
        return 500


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end, in a thread of its own when this one has an event loop that runs."""
    import asyncio  # noqa: PLC0415 - slow to import, and few receivers are asynchronous

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append((asyncio.run(coroutine), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    result, error = outcome[0]
    if error is not None:
        raise error
    return result


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


def call_wsgi(app: Receiving, outgoing: Outgoing, path: str | None = None) -> int:
    """The status of a WSGI app's answer (PEP 3333)."""
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        statuses.append(status)
        return lambda _: None

    chunks = app(_environ(outgoing, _target(outgoing, path)), start_response)
    try:
        for _ in chunks:
            pass
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    if not statuses:
        raise NotDelivered("the WSGI app never called start_response")
    return int(statuses[-1].split(" ", 1)[0])


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


async def call_asgi(app: Receiving, outgoing: Outgoing, path: str | None = None) -> int:
    """The status of an ASGI app's answer; the app's lifespan is not run."""
    import asyncio  # noqa: PLC0415 - as above

    messages = [{"type": "http.request", "body": outgoing.body, "more_body": False}]
    statuses: list[int] = []
    answered = asyncio.Event()

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    try:
        await app(_scope(outgoing, _target(outgoing, path)), receive, send)
    except Exception:
        if not statuses:
            raise
        log.exception("the app that receives webhooks raised after it had answered")
    if not statuses:
        raise NotDelivered("the ASGI app sent no answer")
    return statuses[0]


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
        "state": {},
    }
