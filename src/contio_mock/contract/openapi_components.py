"""The parts of the OpenAPI documents that many operations share: errors, headers, security schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from contio_mock.contract import errors
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.codec import JSON_TYPE
from contio_mock.contract.errors import ErrorCode, Shape
from contio_mock.contract.openapi_schemas import Schema
from contio_mock.contract.signature import SIGNATURE_HEADER

SERVER = "http://127.0.0.1:8787"
_ON_ALL_ANSWERS = ("X-API-Version", "X-Request-Id")


def ref(section: str, name: str) -> Schema:
    """A reference to a part of the document."""
    return {"$ref": f"#/components/{section}/{name}"}


def answer(words: str, headers: list[str], content: Schema) -> Schema:
    """One answer, with the headers that every answer has and those named."""
    named = {name: ref("headers", name) for name in (*_ON_ALL_ANSWERS, *headers)}
    written: Schema = {"description": words, "headers": named}
    return {**written, "content": content} if content else written


def _general_errors() -> Iterator[tuple[ErrorCode, str]]:
    """The errors that belong to no slice, in every shape, and the names of their answers."""
    for name, error in vars(errors).items():
        if isinstance(error, ErrorCode):
            for shape in Shape:
                where = "" if shape is Shape.PARTNER else shape.value.removesuffix("Error")
                yield error.with_shape(shape), where + name.title().replace("_", "")


_GENERAL_ERRORS = dict(_general_errors())


def failure(declared: list[ErrorCode]) -> Schema:
    """The answer of one status, by name when many operations have the very same."""
    name = _GENERAL_ERRORS.get(declared[0]) if len(declared) == 1 else None
    return ref("responses", name) if name else _failure(declared)


def _failure(declared: list[ErrorCode]) -> Schema:
    """The answer of one status: its codes, in the body shapes that carry them."""
    headers = []
    if any(error.status == HTTPStatus.TOO_MANY_REQUESTS for error in declared) or (
        errors.IDEMPOTENCY_CONFLICT in declared
    ):
        headers.append("Retry-After")
    codes: dict[Shape, list[str]] = {}
    for error in declared:
        codes.setdefault(error.shape, []).append(error.code)
    bodies = [_body(shape, named) for shape, named in codes.items()]
    schema = bodies[0] if len(bodies) == 1 else {"anyOf": bodies}
    lines = dict.fromkeys(f"- `{error.code}`: {error.message}" for error in declared)
    return answer("\n".join(lines), headers, {JSON_TYPE: {"schema": schema}})


def _body(shape: Shape, codes: list[str]) -> Schema:
    known = {"code": {"enum": sorted(set(codes))}}
    return {"allOf": [ref("schemas", shape.value), {"properties": known}]}


def reached(node: Any, components: Mapping[str, Schema]) -> set[tuple[str, str]]:
    """The parts that a document refers to, and those that these refer to."""
    found: set[tuple[str, str]] = set()
    waiting = [node]
    while waiting:
        for reference in _references(waiting.pop()):
            _, _, section, name = reference.split("/", 3)
            if (section, name) not in found:
                found.add((section, name))
                waiting.append(components[section][name])
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def schemes_in(paths: Schema) -> set[str]:
    """The security schemes that some operation asks for."""
    asked = (choice for methods in paths.values() for one in methods.values() for choice in one["security"])
    return {name for choice in asked for name in choice}


_STRING = {"type": "string"}
_SHAPE_MEMBERS: dict[Shape, Schema] = {
    Shape.FEATURE: dict.fromkeys(("feature", "current_plan", "required_plan"), _STRING),
    Shape.CONFLICT: {"workspace_id": {"type": "string", "format": "uuid"}},
    Shape.EVENT_TYPES: {"valid_event_types": {"type": "array", "items": {"type": "string"}}},
}
_SHAPE_WORDS = {
    Shape.PARTNER: "An error of the partner API; `message` repeats `error`.",
    Shape.OAUTH: "An OAuth error in the words of RFC 6749 and in those of the partner API.",
    Shape.FEATURE: "The workspace's plan lacks the feature.",
    Shape.SSO: "An error of single sign-on.",
    Shape.CONFLICT: "An error of the partner API, with the workspace that the user belongs to.",
    Shape.EVENT_TYPES: "An error of the partner API, with the event types that a filter may name.",
}


def _error(shape: Shape) -> Schema:
    own = dict.fromkeys(shape.body("", "", "", {}), _STRING)
    members = {**own, **_SHAPE_MEMBERS.get(shape, {})}
    required = list(own if shape is Shape.EVENT_TYPES else members)
    return {
        "type": "object",
        "description": _SHAPE_WORDS[shape],
        "properties": members,
        "required": required,
    }


ERRORS = {shape.value: _error(shape) for shape in Shape}


def _header(words: str, **schema: Any) -> Schema:
    return {"description": words, "schema": {"type": "string", **schema}}


PARAMETERS: dict[str, Schema] = {
    name: {"name": name, "in": "header", **written}
    for name, written in {
        "Idempotency-Key": _header(
            "Makes a repeated request answer what the first one answered.",
            minLength=1,
            maxLength=255,
            pattern=r"^[\x20-\x7e]+$",
        ),
        "X-Client-Timezone": _header("The time zone that times are shown in; UTC without it."),
        SIGNATURE_HEADER: {
            **_header("The signature of the exact bytes of the body.", pattern="^sha256=[0-9a-f]{64}$"),
            "required": True,
        },
    }.items()
}
HEADERS: dict[str, Schema] = {
    "X-API-Version": _header("The release that answers."),
    "X-Request-Id": _header("The id of the request, as in the `request_id` of an error."),
    "Idempotent-Replayed": _header("The answer is a replay for a repeated `Idempotency-Key`.", const="true"),
    "Location": _header("Where the browser goes next.", format="uri-reference"),
    "Content-Disposition": _header("The name that the file is to be saved under."),
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
}
SCHEMES: dict[str, Schema] = {
    "OAuth2": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{SERVER}/oauth2/authorize",
                "tokenUrl": f"{SERVER}/oauth2/token",
                "refreshUrl": f"{SERVER}/oauth2/token",
                "scopes": SCOPES,
            }
        },
    },
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "ClientId": {"type": "apiKey", "in": "header", "name": "X-Client-ID"},
    "ClientBasic": {
        "type": "http",
        "scheme": "basic",
        "description": "The client id and the client secret, where the body does not name them.",
    },
}

SHARED: dict[str, Schema] = {
    "schemas": ERRORS,
    "responses": {name: _failure([error]) for error, name in _GENERAL_ERRORS.items()},
    "parameters": PARAMETERS,
    "headers": HEADERS,
}
"""What a document takes as far as it refers to it."""
