"""Form and multipart bodies to fields."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.codec import FORM_TYPE, MULTIPART_TYPE, Parts, unquote
from contio_mock.contract.wire import Request, Upload

MOST_FIELDS = 200


def media_type(request: Request) -> str:
    """The content type without its parameters, lower case; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def read_parts(request: Request, kind: str) -> Parts:
    """The fields of a form or multipart body; raises ValueError with the reason."""
    if kind == FORM_TYPE:
        return _form(request.body)
    if kind == MULTIPART_TYPE:
        return _multipart(request)
    raise ValueError(f"has the content type {kind!r}")


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
    return collected.fields


class _Collector:
    """Gathers the parts of a multipart body."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str | Upload]] = {}
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._data: list[bytes] = []
        self._ended = False

    def parse(self, boundary: bytes, body: bytes) -> None:
        """Run the parser over the whole body; raises ValueError when it ends early."""
        from python_multipart.multipart import MultipartParser  # noqa: PLC0415

        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_part_data": lambda data, start, end: self._data.append(data[start:end]),
                "on_part_end": self._finish,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_end": self._end,
            },
        )
        parser.write(body)
        parser.finalize()
        if not self._ended:
            raise ValueError("ends in the middle of a part")

    def _begin(self) -> None:
        self._headers, self._data = {}, []

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _end(self) -> None:
        self._ended = True

    def _finish(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415

        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name, content = options.get(b"name"), b"".join(self._data)
        if name is None:
            raise ValueError("has a part without a name")
        if len(self.fields) >= MOST_FIELDS:
            raise ValueError(f"has more than {MOST_FIELDS} fields")
        value: Any
        if b"filename" in options:
            kind = self._headers.get(b"content-type")
            file_name = options[b"filename"].decode("utf-8", "replace")
            value = Upload(content, file_name, kind.decode("latin-1") if kind else None)
        else:
            try:
                value = content.decode("utf-8")
            except UnicodeDecodeError:
                raise ValueError("has a field that is not UTF-8") from None
        self.fields.setdefault(name.decode("utf-8", "replace"), []).append(value)
