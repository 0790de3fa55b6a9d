"""Results to HTTP answers and back: `encode_result`, `decode_result`, and the JSON of a record.

A record is frozen, so its JSON is written once per projection and kept beside it.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from functools import cache
from typing import Any, TypeVar, get_origin
from urllib.parse import unquote

from pydantic import BaseModel
from pydantic_core import to_json

from contio_mock.contract.blobs import IN_MEMORY, Body
from contio_mock.contract.codec import JSON_TYPE, model_in
from contio_mock.contract.operation import Operation, adapter, lifetime_of, metadata
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.shared import Local, Model, Page
from contio_mock.contract.wire import REDIRECTS, Binary, Redirect, Response, Text, quote_header

R = TypeVar("R")

_EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", re.IGNORECASE)

_JSON_HEADERS = [("content-type", JSON_TYPE)]


class Projection:
    """How records are shown: to which release and in which time zone."""

    __slots__ = ("key", "plain", "release", "zone")

    def __init__(self, release: Release = LATEST, zone: tzinfo | None = None) -> None:
        self.release = release
        self.zone = zone
        self.plain = release is LATEST and zone is None
        self.key = (release, str(zone))


PLAIN = Projection()


class Window:
    """A page of records that are valid already, on its way out: a Page without the validation."""

    __slots__ = ("items", "limit", "offset", "total", "wire")

    def __init__(self, items: list[Any], total: int, limit: int, offset: int) -> None:
        self.items = items
        self.total = total
        self.limit = limit
        self.offset = offset
        self.wire: bytes | None = None
        """Its JSON in the plain projection, once it was shown."""


# The slots that keep a record's JSON, asked directly: through the instance, a miss is looked for in
# every other place where pydantic keeps members.
_KEPT: Any = Model.__dict__["_wire"]
_KEPT_OTHERS: Any = Model.__dict__["_wires"]


def encoded(model: Model, projection: Projection = PLAIN) -> bytes:
    """A model's JSON, absent members left out; kept beside the record, which is frozen."""
    if not projection.plain:
        return _encoded_otherwise(model, projection)
    try:
        kept: bytes = _KEPT.__get__(model)
    except AttributeError:
        kept = _written(model, projection)
        _KEPT.__set__(model, kept)
    return kept


def _encoded_otherwise(model: Model, projection: Projection) -> bytes:
    """The JSON for an older release or another time zone."""
    try:
        kept: dict[Any, bytes] = _KEPT_OTHERS.__get__(model)
    except AttributeError:
        kept = {}
        _KEPT_OTHERS.__set__(model, kept)
    if projection.key not in kept:
        kept[projection.key] = _written(model, projection)
    return kept[projection.key]


def _window_wire(window: Window, projection: Projection) -> bytes:
    if not projection.plain:
        return _joined(window, projection)
    if window.wire is None:
        window.wire = _joined(window, projection)
    return window.wire


def _joined(window: Window | Page[Any], projection: Projection) -> bytes:
    items = b",".join(_all_encoded(window.items, projection))
    tail = b'],"total":%d,"limit":%d,"offset":%d}' % (window.total, window.limit, window.offset)
    return b'{"items":[' + items + tail


def _all_encoded(models: list[Any], projection: Projection) -> list[bytes]:
    """The JSON of records that have mostly been shown before."""
    if projection.plain:
        try:
            return [model._wire for model in models]  # noqa: SLF001
        except AttributeError:
            pass
    return [encoded(model, projection) for model in models]


def _written(model: BaseModel, projection: Projection) -> bytes:
    kind = type(model)
    if projection.zone is not None:
        shifted = {
            name: _in_zone(getattr(model, name), projection.zone)
            for name in _local_members(kind)
            if getattr(model, name) is not None
        }
        if shifted:
            model = model.model_copy(update=shifted)
    left_out = dead_members(kind, projection.release)
    writer = kind.__pydantic_serializer__
    return writer.to_json(model, exclude=left_out, exclude_none=True, by_alias=True)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the first or last day of the calendar has no such hour: leave it in UTC
        return moment


@cache
def _local_members(kind: type[BaseModel]) -> tuple[str, ...]:
    return tuple(
        name
        for name, info in kind.model_fields.items()
        if any(isinstance(m, Local) for m in (*info.metadata, *metadata(info.annotation)))
    )


@cache
def dead_members(kind: type[BaseModel], release: Release) -> dict[str, Any] | None:
    """The members of a model that a release does not have, as pydantic's `exclude`; None for none."""
    left_out: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        if not lifetime_of(tuple(info.metadata) + metadata(info.annotation)).lives_in(release):
            left_out[name] = True
            continue
        child = model_in(info.annotation)
        below = dead_members(child, release) if child and child is not kind else None
        if below:
            listed = get_origin(info.annotation) is list
            left_out[name] = {"__all__": below} if listed else below
    return left_out or None


def encode_result(value: Any, projection: Projection = PLAIN) -> tuple[list[tuple[str, str]], Body]:
    """The headers and the body of a handler's result."""
    if isinstance(value, Window):
        return _JSON_HEADERS, _window_wire(value, projection)
    if isinstance(value, Page):
        return _JSON_HEADERS, _joined(value, projection)
    if isinstance(value, Model):
        return _JSON_HEADERS, encoded(value, projection)
    if value is None:
        return [], b""
    if isinstance(value, Redirect):
        return [("location", value.location)], b""
    if isinstance(value, Text):
        return [("content-type", value.media_type)], value.content.encode()
    if isinstance(value, Binary):
        disposition = "attachment"
        if value.file_name is not None:
            disposition += f"; {quote_header(value.file_name)}"
        headers = [("content-type", value.media_type), ("content-disposition", disposition)]
        small = value.content.size <= IN_MEMORY
        return headers, value.content.read() if small else value.content
    return _JSON_HEADERS, to_json(value, exclude_none=True, by_alias=True)


def decode_result(operation: type[Operation[R]], response: Response) -> R:
    """What a successful answer holds; raises pydantic's ValidationError when it does not fit."""
    kind = operation.result_type()
    media_type = response.header("content-type") or ""
    result: Any
    if kind is None:
        result = None
    elif operation.redirects() and response.status in REDIRECTS:
        result = Redirect(response.header("location") or "", response.status)
    elif kind is Text:
        result = Text(response.read().decode(), media_type)
    elif kind is Binary:
        result = Binary(response.body, media_type, file_name(response.header("content-disposition")))
    else:
        result = adapter(operation.json_type()).validate_json(response.read())
    return result  # type: ignore[no-any-return]


def file_name(disposition: str | None) -> str | None:
    """The file name of a Content-Disposition header: RFC 8187's form first, then the plain one."""
    from email.message import Message  # noqa: PLC0415 - only downloads need it

    if disposition is None:
        return None
    extended = _EXTENDED_NAME.search(disposition)
    if extended is not None:
        return unquote(extended.group(1))
    message = Message()
    message["content-disposition"] = disposition
    return message.get_filename()
