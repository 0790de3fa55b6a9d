"""Form and multipart bodies to fields."""

from __future__ import annotations

from contextlib import ExitStack
from functools import lru_cache
from typing import Any

from contio_mock.contract.blobs import Body, Spool, pieces
from contio_mock.contract.codec import FORM_TYPE, MULTIPART_TYPE, Parts, unquote
from contio_mock.contract.wire import Request, Upload

MOST_FIELDS = 200
MOST_TEXT = 1_048_576
"""Bytes of all fields of a multipart body together, its files left out."""
MOST_HEADERS = 16_384
"""Bytes of the headers of one part."""


def media_type(request: Request) -> str:
    """The content type without its parameters, lower case; empty when there is none."""
    return _media_type(request.headers.get("content-type", ""))


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def read_parts(request: Request, kind: str) -> Parts:
    """The fields of a form or multipart body, read once; raises ValueError with the reason."""
    kept: Parts | None = getattr(request, "parts", None)
    if kept is not None:
        return kept
    if kind == FORM_TYPE:
        request.parts = _form(request.read())
    elif kind == MULTIPART_TYPE:
        request.parts = _multipart(request)
    else:
        raise ValueError(f"has the content type {kind!r}")
    return request.parts


def _form(body: bytes) -> Parts:
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise ValueError("is not percent-encoded ASCII") from None
    fields: dict[str, list[str | Upload]] = {}
    for number, pair in enumerate(text.split("&")):
        if number >= MOST_FIELDS:
            raise ValueError(f"has more than {MOST_FIELDS} fields")
        if pair:
            name, _, value = pair.partition("=")
            fields.setdefault(unquote(name, plus=True), []).append(unquote(value, plus=True))
    return fields


def _multipart(request: Request) -> Parts:
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - only uploads need it
    from python_multipart.multipart import parse_options_header  # noqa: PLC0415

    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if not boundary:
        raise ValueError("has no boundary in its content type")
    collected = _Collector()
    try:
        collected.parse(boundary, request.body)
    except FormParserError as error:
        raise ValueError(f"is not multipart: {error}") from None
    # The parser and the collector hold each other: what is returned must not wait for both to be found.
    fields, collected.fields = collected.fields, {}
    return fields


class _Collector:
    """Gathers the parts of a multipart body."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str | Upload]] = {}
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._data = Spool()
        self._options: dict[bytes, bytes] = {}
        self._is_file = False
        self._count = 0
        self._text = self._header_bytes = 0
        self._ended = False

    def parse(self, boundary: bytes, body: Body) -> None:
        """Run the parser over the whole body; raises ValueError when it ends early."""
        from python_multipart.multipart import MultipartParser  # noqa: PLC0415

        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_part_data": self._piece,
                "on_part_end": self._finish,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_end": self._end,
            },
        )
        with ExitStack() as self._open:
            for piece in pieces(body):
                parser.write(piece)
            parser.finalize()
        if not self._ended:
            raise ValueError("ends in the middle of a part")

    def _begin(self) -> None:
        self._headers, self._header_bytes = {}, 0
        self._data = self._open.enter_context(Spool())

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += self._header_piece(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._header_piece(data[start:end])

    def _header_piece(self, piece: bytes) -> bytes:
        self._header_bytes += len(piece)
        if self._header_bytes > MOST_HEADERS:
            raise ValueError("has a part with too many headers")
        return piece

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415

        _, self._options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._is_file = b"filename" in self._options

    def _piece(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._text += end - start
            if self._text > MOST_TEXT:
                raise ValueError(f"has fields of more than {MOST_TEXT} bytes")
        self._data.write(data[start:end])

    def _end(self) -> None:
        self._ended = True

    def _finish(self) -> None:
        options = self._options
        name, content = options.get(b"name"), self._data.blob()
        if name is None:
            raise ValueError("has a part without a name")
        self._count += 1
        if self._count > MOST_FIELDS:
            raise ValueError(f"has more than {MOST_FIELDS} fields")
        value: Any
        if self._is_file:
            kind = self._headers.get(b"content-type")
            file_name = options[b"filename"].decode("utf-8", "replace")
            value = Upload(content, file_name, kind.decode("latin-1") if kind else None)
        else:
            value = _text(content.read())
        self.fields.setdefault(name.decode("utf-8", "replace"), []).append(value)


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("has a field that is not UTF-8") from None
    if "\0" in text:  # no database stores NUL in text
        raise ValueError("has a NUL character in a field")
    return text
