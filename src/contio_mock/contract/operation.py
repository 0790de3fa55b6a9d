"""An operation is a value: one class says all about one published method and path.

An instance of the class is one request; the type parameter is what a successful answer holds.
Where a field travels is decided by its name: in the path template, path; `body`, `form` or
`upload`, the body; anything else, the query. `Annotated[…, Header("X-…")]` is for the rare rest.
Whether a field lives in a release, and which error a bad value gives, stand on its annotation.

Class bodies are cheap: annotations are read and validators are built at the first use of an
operation, so that importing all operations costs milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from operator import or_
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import TypeAdapter

from contio_mock.contract.auth import Auth, Caller
from contio_mock.contract.errors import (
    INVALID_REQUEST_BODY,
    NOT_FOUND,
    UNAUTHORIZED,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
    Shape,
)
from contio_mock.contract.release import Lifetime, Release
from contio_mock.contract.wire import Binary, Fetch, Redirect, Text

if TYPE_CHECKING:
    from contio_mock.contract.events import Event

R = TypeVar("R")
C = TypeVar("C")
T = TypeVar("T")
O = TypeVar("O", bound="type[Operation[Any]]")  # noqa: E741 - O for operation

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_BODIES = ("body", "form", "upload")
_NEVER = Lifetime(since=Release.R1_5, until=Release.R1_5)


@dataclass(frozen=True, slots=True)
class Header:
    """Marks a field that travels as a header of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A path that an official SDK calls and no published document has."""

    path: str
    why: str
    method: str | None = None
    """The method of the alias when it differs from the operation's."""


@dataclass(frozen=True)
class FieldPlan:
    """One field of an operation: how it travels and what it may hold."""

    name: str
    annotation: Any
    travels: str
    """`path`, `query`, `header`, `body`, `form` or `upload`."""
    wire_name: str
    required: bool
    default: Any
    lifetime: Lifetime
    invalid: ErrorCode | None

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """The validator of this field."""
        return adapter(self.annotation)


@cache
def adapter(annotation: Any) -> TypeAdapter[Any]:
    """The pydantic validator and serializer of a type, built once."""
    return TypeAdapter(annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Everything about an operation that is not a field."""

    method: str
    path: str
    auth: Auth
    success: int
    also: tuple[int, ...]
    """Further success statuses that the handler may choose with `Reply`."""
    raises: tuple[ErrorCode, ...]
    emits: tuple[type[Event], ...]
    idempotency_key: Lifetime
    lifetime: Lifetime
    deprecated: Release | None
    aliases: tuple[Alias, ...]
    invalid: ErrorCode
    """What a request that does not fit its schema gives, unless its field says otherwise."""
    invalid_body: ErrorCode
    """What a body that cannot be read gives."""
    unauthorized: ErrorCode
    not_found: ErrorCode
    """What an id without a thing gives."""
    shape: Shape
    """The error body of what the framework itself refuses here."""
    tag: str
    undocumented: str | None
    """Why the operation is served though no document has it; None for a published one."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The fields that the path template names, in order."""
        return tuple(field_name(placeholder) for placeholder in _PLACEHOLDER.findall(self.path))


def field_name(placeholder: str) -> str:
    """The field that a placeholder of a path stands for: `{connectionId}` is `connection_id`."""
    return _CAPITAL.sub(lambda capital: "_" + capital.group().lower(), placeholder)


@dataclass(frozen=True, slots=True)
class Reply(Generic[R]):
    """A result with one of the operation's other success statuses."""

    value: R
    status: int


Handler = Callable[[C, T], R | Reply[R] | Generator[Fetch, Fetch, R | Reply[R]]]
"""A function that answers operations; a generator asks other servers on the way."""


@dataclass_transform(frozen_default=True)
class Operation(Generic[R]):
    """One request as a value; R is what a successful answer holds.

    Raises pydantic's ValidationError for a value that does not fit, TypeError for a wrong name.
    """

    endpoint: ClassVar[Endpoint]
    _fields: ClassVar[dict[str, FieldPlan] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields = self.fields()
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values, {len(args)} were given")
        given = dict(zip(fields, args, strict=False))
        for name in kwargs:
            if name not in fields or name in given:
                problem = "was given twice" if name in given else "is not a parameter"
                raise TypeError(f"{name!r} {problem} of {type(self).__name__}")
        given.update(kwargs)
        values = {}
        for name, plan in fields.items():
            if name in given:
                value = given[name]
                values[name] = value if value is plan.default else plan.adapter.validate_python(value)
            elif plan.required:
                raise TypeError(f"{type(self).__name__} needs {name!r}")
            else:
                values[name] = plan.default
        self.__dict__.update(values)

    @classmethod
    def made(cls, values: dict[str, Any]) -> Self:
        """An instance of values that are validated already."""
        operation = cls.__new__(cls)
        operation.__dict__.update(values)
        return operation

    @classmethod
    def fields(cls) -> dict[str, FieldPlan]:
        """The fields by name, in the order of their declaration."""
        if cls._fields is None:
            cls._fields = dict(_plans(cls))
        return cls._fields

    @classmethod
    def result_type(cls) -> Any:
        """R, as it stands in the class's bases."""
        for base in cls.__orig_bases__:  # type: ignore[attr-defined] # set by Generic
            if get_origin(base) is Operation:
                argument = get_args(base)[0]
                return None if argument is type(None) else argument
        raise TypeError(f"{cls.__name__} does not say what it answers")

    @classmethod
    def json_type(cls) -> Any:
        """What a successful JSON answer holds: R without a redirect beside it; None when there is no JSON."""
        kind = cls.result_type()
        if isinstance(kind, UnionType) and Redirect in get_args(kind):
            kind = reduce(or_, (part for part in get_args(kind) if part is not Redirect))
        return None if kind in (None, Redirect, Text, Binary) else kind

    @classmethod
    def redirects(cls) -> bool:
        """Whether a success may send the browser elsewhere."""
        kind = cls.result_type()
        return kind is Redirect or (isinstance(kind, UnionType) and Redirect in get_args(kind))

    @classmethod
    def operation_id(cls) -> str:
        """The published operationId: the class's name in camelCase."""
        return cls.__name__[0].lower() + cls.__name__[1:]

    @classmethod
    def handler(cls, function: Handler[C, Self, R]) -> Handler[C, Self, R]:
        """Bind the function that answers this operation; the contract never learns what C is."""
        HANDLERS[cls] = function
        return function

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), repr(self)))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"


OPERATIONS: list[type[Operation[Any]]] = []
"""Every declared operation, in the order of declaration."""

HANDLERS: dict[type[Operation[Any]], Callable[[Any, Any], Any]] = {}
"""The functions bound with `Operation.handler`."""


def endpoint(  # noqa: PLR0913 - a declaration says many things, all by keyword
    method: str,
    path: str,
    *,
    auth: Auth,
    success: int = 200,
    also: tuple[int, ...] = (),
    raises: tuple[ErrorCode, ...] = (),
    emits: tuple[type[Event], ...] = (),
    idempotency_key: Lifetime = _NEVER,
    lifetime: Lifetime = Lifetime.ALWAYS,
    deprecated: Release | None = None,
    aliases: tuple[Alias, ...] = (),
    invalid: ErrorCode = VALIDATION_ERROR,
    invalid_body: ErrorCode | None = None,
    unauthorized: ErrorCode = UNAUTHORIZED,
    not_found: ErrorCode = NOT_FOUND,
    shape: Shape = Shape.PARTNER,
    tag: str = "",
    undocumented: str | None = None,
) -> Callable[[O], O]:
    """Declare the operation below: its method, path, caller, errors, events and releases."""

    def declare(operation: O) -> O:
        operation.endpoint = Endpoint(
            method=method,
            path=path,
            auth=auth,
            success=success,
            also=also,
            raises=raises,
            emits=emits,
            idempotency_key=idempotency_key,
            lifetime=lifetime,
            deprecated=deprecated,
            aliases=aliases,
            invalid=invalid.with_shape(shape) if shape is not Shape.PARTNER else invalid,
            invalid_body=(invalid_body or _body_error(invalid)).with_shape(shape),
            unauthorized=unauthorized.with_shape(shape),
            not_found=not_found,
            shape=shape,
            tag=tag,
            undocumented=undocumented,
        )
        OPERATIONS.append(operation)
        return operation

    return declare


def _body_error(invalid: ErrorCode) -> ErrorCode:
    return INVALID_REQUEST_BODY if invalid is VALIDATION_ERROR else invalid


def takes_key(operation: type[Operation[Any]], release: Release) -> bool:
    """Whether the operation declares `Idempotency-Key` in that release."""
    return operation.endpoint.idempotency_key.lives_in(release)


def is_user_call(operation: type[Operation[Any]]) -> bool:
    """Whether a user's token with a scope is what it asks for."""
    return operation.endpoint.auth.caller is Caller.USER


def metadata(annotation: Any) -> tuple[Any, ...]:
    """What `Annotated` put on a type, also below `X | None`."""
    found: list[Any] = []
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        found += marks
        found += metadata(inner)
    else:
        for argument in get_args(annotation):
            if get_origin(argument) is Annotated:
                found += metadata(argument)
    return tuple(found)


def lifetime_of(marks: tuple[Any, ...]) -> Lifetime:
    """The lifetime among the marks of an annotation."""
    return next((mark for mark in marks if isinstance(mark, Lifetime)), Lifetime.ALWAYS)


def error_of(marks: tuple[Any, ...]) -> ErrorCode | None:
    """The error among the marks of an annotation that a bad value gives."""
    return next((mark.error for mark in marks if isinstance(mark, Invalid)), None)


def _plans(operation: type[Operation[Any]]) -> Iterator[tuple[str, FieldPlan]]:
    hints = get_type_hints(operation, include_extras=True)
    in_path = {field_name(p): p for p in _PLACEHOLDER.findall(operation.endpoint.path)}
    for name in operation.__annotations__:
        annotation = hints[name]
        marks = metadata(annotation)
        header = next((mark for mark in marks if isinstance(mark, Header)), None)
        if header is not None:
            travels, wire_name = "header", header.name
        elif name in in_path:
            travels, wire_name = "path", in_path[name]
        else:
            travels, wire_name = (name if name in _BODIES else "query"), name
        yield (
            name,
            FieldPlan(
                name=name,
                annotation=annotation,
                travels=travels,
                wire_name=wire_name,
                required=name not in vars(operation),
                default=vars(operation).get(name),
                lifetime=lifetime_of(marks),
                invalid=error_of(marks),
            ),
        )
