"""HTTP messages as values: what client, engine, server and checks hand to one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from contio_mock.contract.blobs import Blob, Body

LOCAL = "127.0.0.1"
"""Where a request comes from that took no network."""


class Request:
    """One HTTP request: raw percent-encoded path and query, lower-case header names, whole body."""

    __slots__ = ("body", "client", "headers", "method", "parts", "path", "query")

    parts: Mapping[str, list[str | Upload]]
    """The fields of a form or multipart body, once somebody has read them."""

    def __init__(  # noqa: PLR0913 - what a request consists of
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: Body = b"",
        client: str = LOCAL,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers: Mapping[str, str] = headers if headers is not None else {}
        self.body = body
        self.client = client
        """The IP address of whoever sent it."""

    def read(self) -> bytes:
        """The whole body, in memory."""
        return self.body if isinstance(self.body, bytes) else self.body.read()

    def __repr__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"Request({self.method} {self.path}{query}, {len(self.body)} bytes)"


@dataclass(slots=True)
class Transmission:
    """How an answer is to be put on the wire when a fault says so; done by whoever has the socket."""

    delay: float = 0.0
    """Seconds to wait before the first byte."""
    drop: bool = False
    """Close the connection without an answer."""
    truncate: int | None = None
    """Send only that many bytes of the body, then close the connection."""


@dataclass(slots=True)
class Fetch:
    """A request that the fake must send to another server before it can answer."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    reply: Response | None = None
    """What the other server answered; None when it could not be reached."""
    error: str | None = None
    """Why there is no reply."""


@dataclass(slots=True)
class Work:
    """What must happen before an answer is final, such as webhook deliveries that it waits for.

    `steps` yields batches and fetches to be carried out in order; `finish` then completes the answer.
    """

    steps: Iterator[Any]
    finish: Callable[[Response], None]


class Response:
    """One HTTP answer, and how it is to be sent."""

    __slots__ = ("body", "headers", "status", "transmission", "work")

    def __init__(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: Body = b"",
        transmission: Transmission | None = None,
        work: Work | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.transmission = transmission
        self.work = work

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    def read(self) -> bytes:
        """The whole body, in memory."""
        return self.body if isinstance(self.body, bytes) else self.body.read()

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


@dataclass(frozen=True, init=False)
class Upload:
    """A file in a multipart body: of bytes, of a path, or of an open binary file.

    A path gives the file its name where none is given.
    """

    content: Blob = field(repr=False)
    file_name: str | None
    content_type: str | None

    def __init__(
        self,
        content: bytes | bytearray | Blob | Path | BinaryIO,
        file_name: str | None = None,
        content_type: str | None = None,
    ) -> None:
        if file_name is None and isinstance(content, Path):
            file_name = content.name
        object.__setattr__(self, "content", Blob.of(content))
        object.__setattr__(self, "file_name", file_name)
        object.__setattr__(self, "content_type", content_type)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True, slots=True)
class Text:
    """A text answer, such as a transcript."""

    content: str
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, init=False)
class Binary:
    """A file as an answer, with the name it is to be saved under."""

    content: Blob = field(repr=False)
    media_type: str
    file_name: str | None

    def __init__(
        self,
        content: bytes | Blob,
        media_type: str = "application/octet-stream",
        file_name: str | None = None,
    ) -> None:
        object.__setattr__(self, "content", Blob.of(content))
        object.__setattr__(self, "media_type", media_type)
        object.__setattr__(self, "file_name", file_name)


REDIRECTS = range(300, 400)
"""The statuses that send a browser elsewhere."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends the browser on to another address (302)."""

    location: str
    status: int = 302


def quote_header(name: str) -> str:
    """A file name as Content-Disposition parameters: RFC 6266, with RFC 8187 where ASCII is not enough."""
    from urllib.parse import quote  # noqa: PLC0415 - only downloads need it

    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    if plain == name:
        return f'filename="{name}"'
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


Headers = dict[str, str]


def header_dict(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as text; repeated ones joined (RFC 9110 5.3), cookies by their own separator."""
    headers: Headers = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ", ") + value
        headers[name] = value
    return headers


def header_list(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes, as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
