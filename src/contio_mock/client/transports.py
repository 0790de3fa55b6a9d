"""Transports: a request value in, an answer value out, over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from contio_mock.client.errors import NoAnswer, TimedOut
from contio_mock.contract.blobs import IN_MEMORY, Blob, Body, Spool
from contio_mock.contract.wire import Request, Response

if TYPE_CHECKING:
    import httpx2

Transport = Callable[[Request], Response]
"""Sends one request. Anything callable will do: a socket, or an engine in the same process."""

AsyncTransport = Callable[[Request], Awaitable[Response]]
"""Sends one request and awaits its answer."""


def _target(base_url: str, request: Request) -> str:
    return base_url + request.path + (f"?{request.query}" if request.query else "")


def _headers(request: Request) -> dict[str, str]:
    """A large body travels with its length, not in chunks that some servers refuse."""
    headers = dict(request.headers)
    if isinstance(request.body, Blob):
        headers["content-length"] = str(request.body.size)
    return headers


def _content(body: Body) -> bytes | Iterator[bytes] | None:
    return body.chunks() if isinstance(body, Blob) else body or None


async def _content_awaited(body: Blob) -> AsyncIterator[bytes]:
    for piece in body.chunks():
        yield piece


def _answer(response: httpx2.Response, body: Body) -> Response:
    headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
    return Response(response.status_code, headers, body)


def _is_large(response: httpx2.Response) -> bool:
    return int(response.headers.get("content-length", "0")) > IN_MEMORY


def _read(response: httpx2.Response) -> Body:
    if not _is_large(response):
        return response.read()
    with Spool() as spool:
        for piece in response.iter_bytes():
            spool.write(piece)
        return spool.blob()


async def _read_awaited(response: httpx2.Response) -> Body:
    if not _is_large(response):
        return await response.aread()
    with Spool() as spool:
        async for piece in response.aiter_bytes():
            spool.write(piece)
        return spool.blob()


class SocketTransport:
    """A pooled HTTP connection; close it, or use it as a context manager."""

    def __init__(self, base_url: str, timeout: float = 30.0) -> None:
        import httpx2  # noqa: PLC0415 - a client in process needs no HTTP library

        self._base_url = base_url.rstrip("/")
        self._client = httpx2.Client(timeout=timeout, trust_env=False)

    def __call__(self, request: Request) -> Response:
        """Send; raises NoAnswer."""
        import httpx2  # noqa: PLC0415

        url = _target(self._base_url, request)
        try:
            with self._client.stream(
                request.method, url, headers=_headers(request), content=_content(request.body)
            ) as answer:
                return _answer(answer, _read(answer))
        except httpx2.TimeoutException as error:
            raise TimedOut(request, f"no answer in time ({error})") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NoAnswer(request, f"no answer from {self._base_url} ({error})") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncSocketTransport:
    """A pooled HTTP connection for an event loop."""

    def __init__(self, base_url: str, timeout: float = 30.0) -> None:
        import httpx2  # noqa: PLC0415

        self._base_url = base_url.rstrip("/")
        self._client = httpx2.AsyncClient(timeout=timeout, trust_env=False)

    async def __call__(self, request: Request) -> Response:
        """Send; raises NoAnswer."""
        import httpx2  # noqa: PLC0415

        url = _target(self._base_url, request)
        try:
            body = request.body
            content = _content_awaited(body) if isinstance(body, Blob) else body or None
            async with self._client.stream(
                request.method, url, headers=_headers(request), content=content
            ) as answer:
                return _answer(answer, await _read_awaited(answer))
        except httpx2.TimeoutException as error:
            raise TimedOut(request, f"no answer in time ({error})") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NoAnswer(request, f"no answer from {self._base_url} ({error})") from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
