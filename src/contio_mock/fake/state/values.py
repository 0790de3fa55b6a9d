"""Values as JSON and back, whatever they are: records with their hidden members, bytes, times."""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from contio_mock.contract.blobs import Blob
from contio_mock.contract.operation import adapter

T = TypeVar("T")

DEEPEST = 40
"""What is nested deeper stands in the document as text: a reader of JSON takes 200 levels, and an object
that must be marked takes three for each of its own."""


class InvalidState(ValueError):  # noqa: N818 - says what the document is
    """A state that cannot be read; the message names the place and the rule."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem.rstrip('.')}")


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it; members of a model that were never set are left out."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, BaseModel):
        value = {n: getattr(value, n) for n in type(value).model_fields if n in value.model_fields_set}
    elif is_dataclass(value):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    elif isinstance(value, (frozenset, set)):
        return sorted(map(plain, value))
    if not isinstance(value, (Mapping, list, tuple)):
        return _special(value)
    if depth == DEEPEST:
        return {"$json": json.dumps(plain(value), ensure_ascii=False)}
    if isinstance(value, Mapping):
        return _object(value, depth + 1)
    return [plain(item, depth + 1) for item in value]


def _object(value: Mapping[str, Any], depth: int) -> Any:
    written = {name: plain(item, depth) for name, item in value.items()}
    if any(name.startswith("$") for name in written):
        return {"$object": [[name, item] for name, item in written.items()]}
    return written


def _special(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, Blob):
        return _bytes(value.read())
    raise TypeError(f"no state can hold a {type(value).__name__}")


def _bytes(value: bytes) -> dict[str, str]:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return {"$base64": b64encode(value).decode()} if "\0" in text else {"$text": text}


def revived(value: Any, place: str) -> Any:
    """JSON with its marked values brought back; raises InvalidState."""
    if isinstance(value, list):
        return [revived(item, f"{place}.{position}") for position, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    mark = next((name for name in value if name.startswith("$")), None)
    if mark is None:
        return {name: revived(item, f"{place}.{name}") for name, item in value.items()}
    reader = _READERS.get(mark)
    if reader is None or len(value) != 1:
        raise InvalidState(place, f"an object that begins with {mark[:40]!r} is none that a state writes")
    try:
        return reader(value[mark], place)
    except (ValueError, TypeError, NotBase64) as error:
        if isinstance(error, InvalidState):
            raise
        raise InvalidState(place, f"what {mark} holds cannot be read") from None


def _revived_object(pairs: Any, place: str) -> dict[str, Any]:
    found = {name: revived(item, f"{place}.{name}") for name, item in pairs}
    if not all(isinstance(name, str) for name in found):
        raise ValueError
    return found


def _revived_float(text: Any, _: str) -> float:
    if text not in ("inf", "-inf", "nan"):
        raise ValueError
    return float(text)


def _revived_json(text: Any, place: str) -> Any:
    return revived(json.loads(text), place)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "$base64": lambda text, _: b64decode(text, validate=True),
    "$text": lambda text, _: text.encode(),
    "$float": _revived_float,
    "$object": _revived_object,
    "$json": _revived_json,
}


def valid(kind: Any, value: Any, place: str) -> Any:
    """A value of that type from JSON; raises InvalidState that names the first member that is wrong."""
    try:
        given = revived(value, place)
        return adapter(kind).validate_python(given, extra="forbid")
    except ValidationError as failure:
        problem = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join([place, *map(str, problem["loc"])])
        raise InvalidState(where, problem["msg"].removeprefix("Value error, ")) from None
    except (RecursionError, OverflowError):
        raise InvalidState(place, "is nested too deeply or too large") from None


def section(value: Mapping[str, Any], name: str, place: str, kind: Any) -> Any:
    """A member of a part of the document, of that type; raises InvalidState."""
    if name not in value:
        raise InvalidState(place, f"{name} is missing")
    return valid(kind, value[name], f"{place}.{name}")
