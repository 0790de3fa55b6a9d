"""uvicorn's HTTP protocol with two additions for an app that answers without waiting.

*Direct answers.* The engine is synchronous, so a small API request is answered as soon as its last
byte is parsed: no ASGI task, no messages. Whatever needs more (pages, the control plane, uploads,
chunked or expected bodies, faults, a connection that is still busy) takes uvicorn's way.

*A reachable transport.* A fault that drops a connection or cuts a body short needs the transport,
which ASGI hides.

And with one timer less: uvicorn starts one after every answer, to close a connection that stays
idle, and cancels it at the next byte. Here a connection has one, which looks how long it was idle.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from contio_mock.contract.blobs import Blob
from contio_mock.contract.wire import LOCAL, Headers, Request, Response, header_dict

log = logging.getLogger("contio_mock")

EXTENSION = "contio_mock.transport"
ANSWER = "contio_mock.answer"
"""An answer that is known already and only has to be sent."""
MOST_UNWANTED = 67_108_864
"""How much more of a refused body is read, so that its sender sees the answer, before it is cut off."""
MOST_DIRECT_BYTES = 65_536
_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}
_BODILESS = (204, 304)
_WAITING = frozenset({"transfer-encoding", "upgrade", "expect"})
"""Headers of a request that uvicorn knows better how to read."""


class DirectApp(Protocol):
    """An app that can answer some requests at once."""

    def answers_directly(self, method: str, path: str, headers: Headers) -> bool:
        """Whether `answer` may be called for this request."""

    def answer(self, request: Request) -> Response:
        """The answer, without waiting."""


class DirectProtocol(HttpToolsProtocol):
    """Answers small API requests itself and leaves the rest to uvicorn."""

    _direct: Request | None = None
    _chunks: list[bytes]
    _raw_headers: list[tuple[bytes, bytes]] | None = None
    _text_headers: Headers
    _defaults: list[tuple[bytes, bytes]] | None = None
    _written_defaults: bytes
    _unwanted = 0
    _idle_since: float | None = None
    """When the last answer had left; None while somebody speaks."""

    def on_message_begin(self) -> None:
        """Begin a request; uvicorn's scope is made only if it is needed."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._direct = None
        self._chunks = []

    def on_headers_complete(self) -> None:
        """Decide who answers."""
        self._direct = self._direct_request()
        if self._direct is not None:
            return
        self._begin_ordinary({})

    def _begin_ordinary(self, further: dict[str, Any]) -> None:
        """Let uvicorn go on with a request from its headers."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        extensions: dict[str, Any] = self.scope.setdefault("extensions", {})
        extensions.update({EXTENSION: self.transport, **further})
        super().on_headers_complete()

    def _direct_request(self) -> Request | None:
        """The request if it can be answered directly; its body is still to come."""
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy or self.pipeline or self.flow.write_paused or self.parser.get_http_version() != "1.1":
            return None
        if not self.url.startswith(b"/") or b"#" in self.url or not self.url.isascii():
            return None
        headers = self._header_dict()
        if not _WAITING.isdisjoint(headers):
            return None
        if (
            int(headers.get("content-length", "0")) > MOST_DIRECT_BYTES
        ):  # the parser refuses what is no number
            return None
        path, _, query = self.url.decode("ascii").partition("?")
        method = self.parser.get_method().decode("ascii")
        if not cast(DirectApp, self.app).answers_directly(method, path, headers):
            return None
        return Request(method, path, query, headers, client=self.client[0] if self.client else LOCAL)

    def _header_dict(self) -> Headers:
        """The headers as text. Callers mostly repeat them: then they are those of the request before."""
        if self.headers != self._raw_headers:
            self._raw_headers, self._text_headers = self.headers, header_dict(self.headers)
        return self._text_headers

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        if self._direct is not None:
            self._chunks.append(body)
        elif not self.cycle.response_complete:
            self._unwanted = 0
            super().on_body(body)
        else:
            self._unwanted += len(body)
            if self._unwanted > MOST_UNWANTED:
                self.transport.close()

    def on_message_complete(self) -> None:
        """Answer, if the request is one to be answered directly."""
        request = self._direct
        if request is None:
            super().on_message_complete()
            return
        self._direct = None
        if self.transport.is_closing():
            return
        request.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        keep_alive = self.parser.should_keep_alive()
        try:
            response = cast(DirectApp, self.app).answer(request)
            if isinstance(response.body, Blob):
                self._begin_ordinary({ANSWER: response})
                super().on_message_complete()
                return
            written = self._written(request, response, response.body, keep_alive)
        except Exception:
            log.exception("%s %s could not be answered", request.method, request.path)
            written, keep_alive = _FAILURE, False
        self.transport.write(written)
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or begin the one that waits."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        """The connection is not idle: uvicorn calls this whenever something arrives."""
        self._idle_since = None

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it has been idle for too long."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the answer will start the timer again
        rest = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if rest > 0:
            self._look_again_in(rest)
        else:
            super().timeout_keep_alive_handler()

    def _look_again_in(self, seconds: float) -> None:
        handler = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(seconds, handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more whether the connection is idle."""
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _written(self, request: Request, response: Response, body: bytes, keep_alive: bool) -> bytes:
        """The bytes of the answer."""
        lines = [f"{name}: {value}\r\n" for name, value in response.headers]
        if response.status not in _BODILESS:
            lines.append(f"content-length: {len(body)}\r\n")
        if not keep_alive:
            lines.append("connection: close\r\n")
        text = "".join(lines)
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise ValueError("a header value has a line break")
        head = _STATUS_LINES[response.status] + self._default_lines() + text.encode("latin-1") + b"\r\n"
        return head if request.method == "HEAD" else head + body

    def _default_lines(self) -> bytes:
        """The headers of every answer; uvicorn makes a new list of them every second."""
        headers = self.server_state.default_headers
        if headers is not self._defaults:
            self._defaults = headers
            self._written_defaults = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        return self._written_defaults


_FAILURE = (
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 21\r\nconnection: close\r\n\r\nInternal Server Error"
)


async def abort(scope: Any) -> bool:
    """Cut the connection of a request; False when the server does not show it."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
    if transport is None:
        return False
    await asyncio.sleep(0)  # let the loop write what was sent before
    transport.abort()
    await asyncio.sleep(0)  # let the server notice before the app returns
    return True
