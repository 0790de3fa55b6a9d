"""The types that many slices share: models, pages, ids, timestamps, paging parameters."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated, Any, Generic, ParamSpec, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_IN_UTC = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_BEYOND = 10**18
"""No limit and no offset is larger; a larger number means this one."""
MOST_DIGITS = 40

UUID_PATTERN = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
LONGEST_EMAIL = 254

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
P = ParamSpec("P")


def _shortest(number: float) -> int | float:
    return int(number) if abs(number) < _BEYOND and number == int(number) else number


Number = Annotated[
    float,
    PlainSerializer(_shortest, return_type=Any, when_used="json-unless-none"),
    WithJsonSchema({"type": "number"}),
]
"""A number that answers and events write as JavaScript does: 1, not 1.0. Receivers that check a webhook's
signature on what they have parsed and written again depend on it."""


class Model(BaseModel):
    """Anything the API answers with. Frozen, so that its JSON can be encoded once and kept.

    Members that the contract does not name are ignored, so that a newer server is understood.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, ser_json_inf_nan="null", protected_namespaces=()
    )
    # The record's JSON in the default projection, and in others; see results.encoded.
    __slots__ = ("_wire", "_wires")


class Input(BaseModel):
    """Anything a caller sends in a body. A misspelt member is an error where it is written down.

    The server is more lenient: it ignores what it does not know, as the real API does.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="null", protected_namespaces=()
    )


def trusted(kind: Callable[P, M], /, *_: P.args, **values: P.kwargs) -> M:
    """A model of values that are valid already, a fifth of the price of validating them again.

    The type checker looks at the members; nobody does at run time. For records made of what was
    read from a request, never for what somebody sent.
    """
    blank: Any = kind
    given: dict[str, Any] = values
    model: M = blank.__new__(blank)
    defaults, names = _blank(kind, *given)
    _put_members(model, {**defaults, **given})
    _put_given(model, names)
    _put_extra(model, None)
    _put_private(model, None)
    return model


# Where pydantic keeps a model's state, asked directly: by name, each would be looked for in all of its classes.
_put_members, _put_given, _put_extra, _put_private = (
    vars(BaseModel)[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


@cache
def _blank(kind: Any, *names: str) -> tuple[dict[str, Any], set[str]]:
    """Every member in order with its default, and the names of those given; all such models share them."""
    return {name: info.get_default() for name, info in kind.model_fields.items()}, set(names)


class Page(Model, Generic[T]):
    """One page of a list."""

    items: list[T]
    total: int
    """How many there are in all, not on this page."""
    limit: int
    offset: int

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`Page[Meeting]` is `MeetingPage` in the document."""
        return f"{params[0].__name__}Page"


class Local:
    """Marks a timestamp that is shown in the caller's time zone (`X-Client-Timezone`)."""


_TIMESTAMP_RULE = "must be an RFC 3339 date-time with an offset, such as 2026-01-31T09:00:00Z"


def _instant(value: Any) -> datetime:
    """Read RFC 3339 only: pydantic alone would read `0` and `"0.5"` as datetimes too."""
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        value = datetime.fromisoformat(value.upper().replace(" ", "T"))
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(_TIMESTAMP_RULE)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999") from None


class _Rfc3339:
    """The validator of a Timestamp: what is in UTC already never leaves pydantic's core."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        careful = core_schema.no_info_plain_validator_function(_instant)
        in_utc = core_schema.chain_schema(
            [
                core_schema.str_schema(pattern=_IN_UTC),
                core_schema.no_info_plain_validator_function(datetime.fromisoformat),
                core_schema.datetime_schema(),  # only for the serializer that comes with it
            ]
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.union_schema(
                [in_utc, careful],
                mode="left_to_right",
                custom_error_type="timestamp",
                custom_error_message=_TIMESTAMP_RULE,
            ),
            python_schema=core_schema.union_schema(
                [core_schema.datetime_schema(strict=True, tz_constraint=0), careful],
                mode="left_to_right",
                custom_error_type="timestamp",
                custom_error_message=_TIMESTAMP_RULE,
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


Timestamp = Annotated[datetime, _Rfc3339()]
"""An instant, RFC 3339 on the wire, always aware and in UTC here."""


def _filter_instant(value: Any) -> Any:
    if isinstance(value, str):
        if _ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
        if not _RFC3339.fullmatch(value):
            value = value + "Z"  # ISO 8601 leaves the offset out; read as UTC
    if type(value) is date:
        return value
    try:
        return _instant(value)
    except ValueError:
        raise ValueError("must be a date or date-time, such as 2026-01-31 or 2026-01-31T09:00:00Z") from None


DateFilter = Annotated[datetime | date, BeforeValidator(_filter_instant)]
"""An ISO 8601 date-time or plain date in a query; the document and the SDK's examples use both."""


def day_start(value: datetime | date) -> datetime:
    """The instant a filter value means when it begins a range."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, UTC)


def day_end(value: datetime | date) -> datetime:
    """The instant a filter value means when it ends a range: a plain date includes its whole day."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.max, UTC)


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError("must be a whole number")
        return max(-_BEYOND, min(_BEYOND, int(value[:MOST_DIGITS])))
    return value


QueryInt = Annotated[int, BeforeValidator(_integer)]
"""A whole number in a query, digits only."""

Limit = QueryInt
"""How many items a page holds at most; what happens above 100 or below 1 is a profile option."""
Offset = QueryInt
"""How many items to skip."""


def _as_uuid(schema: dict[str, Any]) -> None:
    schema.pop("pattern", None)
    schema["format"] = "uuid"


def is_email(value: str) -> bool:
    """Whether a text is an e-mail address as HTML forms accept it, with a dot in the domain."""
    return len(value) <= LONGEST_EMAIL and _EMAIL.fullmatch(value) is not None


def _email(value: str) -> str:
    if not is_email(value):
        raise ValueError("must be an e-mail address")
    return value


Id = Annotated[str, StringConstraints(to_lower=True, pattern=UUID_PATTERN), Field(json_schema_extra=_as_uuid)]
"""A UUID as text, lower case."""

Email = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]
"""An e-mail address as HTML forms accept it (WHATWG), with a dot in the domain."""
