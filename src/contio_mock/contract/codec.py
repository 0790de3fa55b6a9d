"""Operations to HTTP requests and back: `encode` and `Decoder`. Answers are in `results`.

Client, engine and checks share this module, so a request that one writes is what the other reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar, get_args
from urllib.parse import quote, unquote_plus, urlencode

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from contio_mock.contract.blobs import Body, gathered
from contio_mock.contract.errors import ErrorCode, Shape
from contio_mock.contract.operation import (
    FieldPlan,
    Operation,
    error_of,
    lifetime_of,
    metadata,
)
from contio_mock.contract.release import Release, ValueLifetimes
from contio_mock.contract.shared import UUID_PATTERN
from contio_mock.contract.wire import Request, Upload

R = TypeVar("R")

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
_JSON_HEADERS = [("content-type", JSON_TYPE)]

Parts = Mapping[str, list["str | Upload"]]
"""The fields of a form or multipart body."""


class Malformed(Exception):  # noqa: N818 - says what the request is
    """A request that does not fit its operation: the declared error, and the sentence to show."""

    def __init__(self, error: ErrorCode, message: str, *, at: str = "") -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.at = at
        """The field that is wrong, empty when it is the body as a whole."""


# ---------------------------------------------------------------- requests, written


def encode(operation: Operation[Any]) -> Request:
    """The HTTP request of an operation. Only fields that differ from their default travel."""
    endpoint = operation.endpoint
    path, query, headers = endpoint.path, [], {"accept": JSON_TYPE}
    body: Body = b""
    for name, plan in operation.fields().items():
        value = getattr(operation, name)
        if plan.travels == "path":
            path = path.replace("{" + plan.wire_name + "}", quote(_text(plan, value), safe=""))
        elif value is None or (value == plan.default and not plan.required):
            continue
        elif plan.travels == "query":
            query.append((plan.wire_name, _text(plan, value)))
        elif plan.travels == "header":
            headers[plan.wire_name.lower()] = _text(plan, value)
        else:
            headers["content-type"], body = _encode_body(plan, value)
    return Request(endpoint.method, path, urlencode(query), headers, body)


def _text(plan: FieldPlan, value: Any) -> str:
    written = plan.adapter.dump_python(value, mode="json")
    if isinstance(written, bool):
        return "true" if written else "false"
    return str(written)


def _encode_body(plan: FieldPlan, value: Any) -> tuple[str, Body]:
    if plan.travels == "body":
        return JSON_TYPE, plan.adapter.dump_json(value, exclude_unset=True, by_alias=True)
    fields = _form_fields(value)
    if plan.travels == "form":
        return FORM_TYPE, urlencode(fields).encode()
    boundary = _boundary(fields)
    return f"{MULTIPART_TYPE}; boundary={boundary}", gathered(list(_multipart(fields, boundary)))


def _form_fields(value: BaseModel) -> list[tuple[str, Any]]:
    given = ((name, getattr(value, name)) for name in type(value).model_fields)
    return [(name, part) for name, part in given if part is not None]


def _boundary(fields: list[tuple[str, Any]]) -> str:
    """A boundary that no part contains: a digest of the parts, so the same for the same request."""
    digest = blake2b(digest_size=20)
    for name, value in fields:
        content = value.content.digest if isinstance(value, Upload) else str(value).encode()
        digest.update(name.encode() + content)
    return f"contio-mock-{digest.hexdigest()}"


def _multipart(fields: list[tuple[str, Any]], boundary: str) -> Iterator[Body]:
    for name, value in fields:
        disposition = f'form-data; name="{name}"'
        if isinstance(value, Upload):
            # Without a name the part would be read as a field, not as a file (RFC 7578 4.2).
            disposition += f"; filename={_quoted('file' if value.file_name is None else value.file_name)}"
            kind = value.content_type or "application/octet-stream"
            head = f"Content-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
            content: Body = value.content
        else:
            head, content = f"Content-Disposition: {disposition}\r\n\r\n", str(value).encode()
        yield f"--{boundary}\r\n{head}".encode()
        yield content
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """A file name as a quoted string in UTF-8 (RFC 7578 4.2 forbids the extended form here)."""
    safe = "".join(" " if c in "\r\n\0" else c for c in name)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---------------------------------------------------------------- requests, read


class Decoder:
    """Reads the requests of one operation in one release; built once, at the first request."""

    def __init__(self, operation: type[Operation[Any]], release: Release) -> None:
        self.operation = operation
        self.endpoint = operation.endpoint
        alive = [p for p in operation.fields().values() if p.lifetime.lives_in(release)]
        self.defaults = {p.name: p.default for p in operation.fields().values() if not p.required}
        self.path = {p.name: p for p in alive if p.travels == "path"}
        self.query = {p.wire_name: p for p in alive if p.travels == "query"}
        self.headers = {p.wire_name.lower(): p for p in alive if p.travels == "header"}
        self.required = [p for p in alive if p.required and p.travels in ("query", "header")]
        self.body = next((p for p in alive if p.travels in ("body", "form", "upload")), None)
        self.gates = _gates(self.body.annotation, release) if self.body else ()

    def decode(self, request: Request, path: Mapping[str, str], parts: Parts | None) -> tuple[Any, list[str]]:
        """The operation, and the members that no document names; raises Malformed.

        `parts` are the parsed fields of a form or multipart body, None for other requests.
        """
        values: dict[str, Any] = dict(self.defaults)
        unknown: list[str] = []
        for name, text in path.items():
            values[name] = self._value(self.path[name], text)
        if request.query:
            self._read_query(request.query, values, unknown)
        for name, plan in self.headers.items():
            if name in request.headers:
                values[plan.name] = self._value(plan, request.headers[name])
        for plan in self.required:
            if plan.name not in values:
                error = plan.invalid or self.endpoint.invalid
                raise Malformed(error, f"{plan.wire_name} is required.", at=plan.name)
        if self.body is not None:
            self._read_body(self.body, request, parts, values, unknown)
        return self.operation.made(values), unknown

    def _read_query(self, query: str, values: dict[str, Any], unknown: list[str]) -> None:
        """Read the query; of a repeated parameter the first counts, but OAuth forbids repeating."""
        read: set[str] = set()
        for name, text in self._pairs(query):
            plan = self.query.get(name)
            if plan is None:
                unknown.append(f"query.{name}")
            elif name not in read:
                if text or self.endpoint.shape is not Shape.OAUTH:  # empty means absent: RFC 6749 3.1
                    values[plan.name] = self._value(plan, text)
            elif self.endpoint.shape is Shape.OAUTH:
                raise Malformed(self.endpoint.invalid, f"{name} was sent more than once.", at=plan.name)
            read.add(name)

    def _read_body(
        self,
        plan: FieldPlan,
        request: Request,
        parts: Parts | None,
        values: dict[str, Any],
        unknown: list[str],
    ) -> None:
        if plan.travels == "body":
            if not request.body:
                if plan.required:
                    raise Malformed(self.endpoint.invalid_body, "A JSON body is required.")
                return
            values[plan.name] = self._json(plan, request.read(), unknown)
        else:
            drops_empty = self.endpoint.shape is Shape.OAUTH  # RFC 6749 3.2
            fields = {n: given[0] for n, given in (parts or {}).items() if given[0] or not drops_empty}
            try:
                values[plan.name] = plan.adapter.validator.validate_python(fields, extra="allow")
            except (ValidationError, RecursionError) as failure:
                raise self._malformed(plan, failure, "body") from None
        _note_unknown(values[plan.name], "body", unknown)

    def _json(self, plan: FieldPlan, raw: bytes, unknown: list[str]) -> Any:
        if b"\\u0000" in raw or b"NaN" in raw or b"Infinity" in raw:
            self._refuse_unstorable(raw)
        if self.gates:
            raw = self._without_dead_members(raw, unknown)
        try:
            return plan.adapter.validator.validate_json(raw, strict=True, extra="allow")
        except (ValidationError, RecursionError) as failure:
            raise self._malformed(plan, failure, "body") from None

    def _refuse_unstorable(self, raw: bytes) -> None:
        """No JSON document has NaN, and no database stores NUL in text: refuse both."""
        try:
            value = from_json(raw, allow_inf_nan=False)
        except ValueError as error:
            raise Malformed(self.endpoint.invalid_body, f"The body is not JSON: {error}.") from None
        if _has_nul(value):
            raise Malformed(self.endpoint.invalid_body, "The body has a NUL character in a string.")

    def _without_dead_members(self, raw: bytes, unknown: list[str]) -> bytes:
        try:
            value = from_json(raw)
        except ValueError:
            return raw  # validation says it better
        for gate in self.gates:
            problem = gate(value, unknown)
            if problem:
                raise Malformed(self.endpoint.invalid, problem)
        return json.dumps(value).encode()

    def _pairs(self, query: str) -> Iterator[tuple[str, str]]:
        for pair in query.split("&"):
            if pair:
                name, _, text = pair.partition("=")
                yield self._unquoted(name), self._unquoted(text)

    def _unquoted(self, text: str) -> str:
        try:
            return unquote(text, plus=True)
        except ValueError as error:
            raise Malformed(self.endpoint.invalid, f"The query string {error}.") from None

    def _value(self, plan: FieldPlan, text: str) -> Any:
        try:
            return plan.adapter.validator.validate_python(text)
        except ValidationError as failure:
            raise self._malformed(plan, failure, plan.wire_name) from None

    def _malformed(self, plan: FieldPlan, failure: ValidationError | RecursionError, where: str) -> Malformed:
        if isinstance(failure, RecursionError):
            return Malformed(self.endpoint.invalid_body, "The body is nested too deeply.")
        problem = failure.errors(include_url=False, include_input=False)[0]
        if problem["type"] == "json_invalid":
            return Malformed(self.endpoint.invalid_body, f"The body is not JSON: {problem['msg']}.")
        location = ".".join(str(part) for part in problem["loc"])
        error = plan.invalid
        if where == "body" and problem["loc"]:
            error = _member_error(plan.annotation, str(problem["loc"][0]))
        elif where == "body":
            error = self.endpoint.invalid_body
        sentence = f"{location or where}: {_rule(problem)}"
        return Malformed(error or self.endpoint.invalid, sentence, at=plan.name)


def unquote(text: str, *, plus: bool = False) -> str:
    """Percent-decode strictly; raises ValueError for a broken escape, bytes that are not UTF-8, NUL."""
    if "%" not in text:
        decoded = text.replace("+", " ") if plus else text
    else:
        for piece in text.split("%")[1:]:
            if len(piece) < 2 or not (piece[:2].isalnum() and _is_hex(piece[:2])):  # noqa: PLR2004
                raise ValueError(f"has a broken percent escape: %{piece[:2]}")
        source = text if plus else text.replace("+", "%2B")
        try:
            decoded = unquote_plus(source, errors="strict")
        except UnicodeDecodeError:
            raise ValueError("is not UTF-8 behind its percent escapes") from None
    if "\0" in decoded:
        raise ValueError("has a NUL character")
    return decoded


def _is_hex(digits: str) -> bool:
    return all(c in "0123456789abcdefABCDEF" for c in digits)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(k) or _has_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _rule(problem: Any) -> str:
    """Pydantic's sentence without its prefixes."""
    if problem.get("ctx", {}).get("pattern") == UUID_PATTERN:
        return "must be a UUID."
    message: str = problem["msg"]
    text = message.removeprefix("Value error, ").removeprefix("Input ")
    return text if text.endswith(".") else text + "."


@cache
def _member_error(annotation: Any, member: str) -> ErrorCode | None:
    model = model_in(annotation)
    info = model.model_fields.get(member) if model else None
    return error_of(tuple(info.metadata) + metadata(info.annotation)) if info else None


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a type, also below Annotated, a union or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = model_in(argument)
        if found is not None:
            return found
    return None


def _note_unknown(value: Any, where: str, unknown: list[str]) -> None:
    """List the members that the model does not declare, as deep as there are models."""
    if isinstance(value, BaseModel):
        if value.model_extra:
            unknown += [f"{where}.{name}" for name in value.model_extra]
        for name in _nesting_members(type(value)):
            _note_unknown(getattr(value, name), f"{where}.{name}", unknown)
    elif isinstance(value, list):
        for position, child in enumerate(value):
            if isinstance(child, BaseModel):
                _note_unknown(child, f"{where}[{position}]", unknown)


@cache
def _nesting_members(kind: type[BaseModel]) -> tuple[str, ...]:
    """The members of a model that hold models."""
    return tuple(name for name, info in kind.model_fields.items() if model_in(info.annotation))


Gate = Callable[[Any, list[str]], str | None]


def _gates(annotation: Any, release: Release) -> tuple[Gate, ...]:
    """Checks for the members and values of a body that this release does not know."""
    model = model_in(annotation)
    if model is None:
        return ()
    gates: list[Gate] = []
    for name, info in model.model_fields.items():
        marks = tuple(info.metadata) + metadata(info.annotation)
        if not lifetime_of(marks).lives_in(release):
            gates.append(_dropping(name))
        dead = [m.dead_in(release) for m in marks if isinstance(m, ValueLifetimes)]
        if dead and dead[0]:
            gates.append(_refusing(name, dead[0], release))
    return tuple(gates)


def _dropping(name: str) -> Gate:
    def gate(body: Any, unknown: list[str]) -> str | None:
        if isinstance(body, dict) and name in body:
            del body[name]
            unknown.append(f"body.{name}")
        return None

    return gate


def _refusing(name: str, dead: frozenset[str], release: Release) -> Gate:
    def gate(body: Any, _: list[str]) -> str | None:
        given = body.get(name) if isinstance(body, dict) else None
        named = given if isinstance(given, list) else [given]
        for value in named:
            if isinstance(value, str) and value in dead:
                return f"{name}: {value!r} does not exist in release {release.value}."
        return None

    return gate
