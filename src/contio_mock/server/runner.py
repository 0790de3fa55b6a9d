"""A live server in a thread, for tests; and the server of the command line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contio_mock.fake.engine import Engine
from contio_mock.server.app import ContioApp

if TYPE_CHECKING:
    import uvicorn

SHUTDOWN_SECONDS = 3


class StartError(RuntimeError):
    """The server could not start; the message is one sentence that says why."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises StartError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise StartError(f"cannot listen on {host} port {port}: {reason}") from None
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a listening socket is reached from this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(app: ContioApp) -> uvicorn.Server:
    """The uvicorn server of an app."""
    import uvicorn  # noqa: PLC0415

    from contio_mock.server.protocol import DirectProtocol  # noqa: PLC0415

    config = uvicorn.Config(
        app,
        http=DirectProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=75,
    )
    return uvicorn.Server(config)


@contextmanager
def running(engine: Engine, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an engine in a thread; yields its URL, stops with the block. Raises StartError."""
    listener = bind(host, port)
    server = server_for(ContioApp(engine))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait until the server has started; raises StartError when its thread ends first."""
    while not server.started:
        thread.join(0.002)
        if not thread.is_alive():
            raise StartError("the server ended while it started; see the log")
