"""Requests that a partner, a scanner or a broken proxy might send: from nearly right to nonsense."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from pydantic import BaseModel

from contio_mock import FakeContio
from contio_mock.contract import codec
from contio_mock.contract.auth import DEFAULT_SCOPE, SCOPES, Caller
from contio_mock.contract.operation import OPERATIONS, Operation
from contio_mock.contract.wire import Request, Upload

Any_operation = type[Operation[Any]]

CLIENT, SECRET, KEY = "partner_demo", "cs_demo_secret", "ctio_demo_key"
BASIC = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
BOUNDARY = "a-part"

latin = st.text(st.characters(max_codepoint=255), max_size=20)
junk = st.one_of(
    st.text(max_size=20), latin, st.sampled_from(("", " ", "\0", "null", "{}", "%", "\r\n", "🙂"))
)


@cache
def known_ids() -> tuple[str, ...]:
    """The id of every record of the demo scenario."""
    collections = FakeContio().sandbox.store.members().values()
    return tuple(record.id for collection in collections for record in collection)


ids = st.one_of(st.deferred(lambda: st.sampled_from(known_ids())), st.uuids().map(str))

_MOMENTS = (
    "2026-01-15T09:00:00Z", "2026-01-15T10:00:00+02:00", "2026-01-31", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999999-14:00", "2026-02-30T00:00:00Z", "2026-01-15T25:00:00Z", "2026-01-15T09:00:00",
)  # fmt: skip
_WORDS = (
    "ada@example.com", "new.person@example.org", "http://localhost:3000/callback", "http://127.0.0.1:9/hook",
    "code", "authorization_code", "refresh_token", "client_credentials", "S256", "x" * 43, "x" * 256, "x" * 5000,
    CLIENT, SECRET, KEY, DEFAULT_SCOPE, *SCOPES, "Europe/Vienna", "demo", "empty", "1.5", "1.10", "25h", "1d12h",
)  # fmt: skip
words = st.one_of(st.sampled_from(_MOMENTS), st.sampled_from(_WORDS), ids, st.text(max_size=20))

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 200), st.floats(), words, st.just(10**400)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def near(annotation: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Values that fit a type, or nearly do."""
    fitting = _fitting(annotation, name)
    return mostly(fitting, scalars)


def mostly(usual: st.SearchStrategy[Any], strange: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual, and once in a while the strange."""
    return rarely.flatmap(lambda now: strange if now else usual)


rarely = st.sampled_from((False,) * 14 + (True,))


def _fitting(annotation: Any, name: str) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _fitting(arguments[0], name)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(near(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(st.text(max_size=8), json_values, max_size=3)
    if arguments:  # a union
        return st.one_of(*(_fitting(argument, name) for argument in arguments))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return members(annotation)
    if annotation is str:
        return next((values for end, values in _BY_NAME if name.endswith(end)), words)
    return _PLAIN.get(annotation, words)


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers(-2, 200),
    float: st.floats(-1, 100),
    datetime: st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
    Any: json_values,
    Upload: st.binary(max_size=40).map(lambda content: Upload(content, "notes.txt", "text/plain")),
}
_BY_NAME: tuple[tuple[str, st.SearchStrategy[Any]], ...] = (
    ("client_id", st.just(CLIENT)),
    ("client_secret", st.just(SECRET)),
    ("_id", ids),
    ("email", st.sampled_from(("ada@example.com", "Grace@Example.com", "new.person@example.org"))),
    ("redirect_uri", st.just("http://localhost:3000/callback")),
    ("response_type", st.just("code")),
    ("grant_type", st.sampled_from(("authorization_code", "refresh_token", "client_credentials"))),
    ("scope", st.lists(st.sampled_from(tuple(SCOPES)), max_size=4).map(" ".join)),
    ("url", st.sampled_from(("http://127.0.0.1:9/hook", "https://example.com/hook"))),
    ("title", st.text(min_size=1, max_size=40)),
    ("name", st.text(min_size=1, max_size=40)),
)


def members(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with a model's members: all that it needs, some that it may have; or some left out."""
    every = {name: near(info.annotation, name) for name, info in model.model_fields.items()}
    needed = {name: one for name, one in every.items() if model.model_fields[name].is_required()}
    free = {name: one for name, one in every.items() if name not in needed}
    some = st.fixed_dictionaries({}, optional={**every, "unheard_of": scalars})
    return mostly(st.fixed_dictionaries(needed, optional=free), some)


def written(value: Any) -> bytes:
    """Any value as JSON text, also what JSON has no word for."""
    return json.dumps(value, default=str).encode("utf-8", "surrogatepass")


def _texts(fields: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else str(value)) for name, value in fields.items()]


def _multipart(fields: dict[str, Any]) -> bytes:
    parts = []
    for name, value in fields.items():
        upload = isinstance(value, Upload)
        extra = '; filename="notes.txt"\r\nContent-Type: text/plain' if upload else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        parts.append(head.encode() + (value.content.read() if upload else str(value).encode()) + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _model(operation: Any_operation) -> type[BaseModel] | None:
    bodies = [p for p in operation.fields().values() if p.travels in _BODIES]
    return codec.model_in(bodies[0].annotation) if bodies else None


@st.composite
def bodies(draw: st.DrawFn, operation: Any_operation) -> tuple[str | None, bytes]:
    """A content type and a body, mostly of the kind that the operation takes."""
    model = _model(operation)
    travels = next((p.travels for p in operation.fields().values() if p.travels in _BODIES), "none")
    kind = draw(st.sampled_from((travels,) * 20 + ("body", "form", "upload", "bytes", "none")))
    fields = (
        draw(members(model)) if model else draw(st.dictionaries(st.text(max_size=8), scalars, max_size=3))
    )
    content_type, body = {
        "body": lambda: (codec.JSON_TYPE, written(draw(mostly(st.just(fields), json_values)))),
        "form": lambda: (codec.FORM_TYPE, urlencode(_texts(fields)).encode()),
        "upload": lambda: (f"{codec.MULTIPART_TYPE}; boundary={BOUNDARY}", _multipart(fields)),
        "bytes": lambda: (draw(st.sampled_from(_CONTENT_TYPES)), draw(st.binary(max_size=200))),
        "none": lambda: (None, b""),
    }[kind]()
    if draw(rarely):
        content_type = draw(st.sampled_from(_CONTENT_TYPES))
    return content_type, _spoiled(draw, body)


_BODIES = ("body", "form", "upload")
_CONTENT_TYPES = (
    None, "", "application/json", "application/json; charset=latin-1", "application/merge-patch+json", "text/plain",
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
    f"multipart/form-data; boundary={BOUNDARY}", 'multipart/form-data; boundary="ü"', "🙂/;;=", "multipart/form-data; b",
)  # fmt: skip


def _spoiled(draw: st.DrawFn, body: bytes) -> bytes:
    """The body, now and then with a piece cut out or put in."""
    if not draw(rarely):
        return body
    at = draw(st.integers(0, len(body)))
    until = draw(st.integers(at, len(body)))
    return body[:at] + draw(st.binary(max_size=6)) + body[until:]


_JUNK_SEGMENTS = (
    "%",
    "%zz",
    "%00",
    "%ff",
    "%2F",
    "%C3%BC",
    "..",
    ".",
    "",
    " ",
    "é",
    "~",
    "{id}",
    "%25",
    "a" * 3000,
)


@st.composite
def paths(draw: st.DrawFn, operation: Any_operation) -> str:
    """A path of the operation, filled in; now and then one of nothing."""
    aliases = tuple(alias.path for alias in operation.endpoint.aliases)
    template = draw(st.sampled_from((operation.endpoint.path, *aliases)))
    values = mostly(ids, st.one_of(words.map(lambda w: quote(w, safe="")), st.sampled_from(_JUNK_SEGMENTS)))
    path = re.sub(r"\{\w+\}", lambda _: draw(values), template)
    match draw(st.sampled_from(range(40, 0, -1))):
        case 5:
            at = draw(st.integers(0, len(path)))
            return path[:at] + draw(st.one_of(latin, st.sampled_from(_JUNK_SEGMENTS))) + path[at:]
        case 1:
            return draw(st.sampled_from(("/~nobody", "/~default", "/~", "/~%", "/~é/", "//"))) + path
        case 2:
            return path + draw(st.sampled_from(("/", "/x", "?", "#", "//", "%")))
        case 3:
            return "/" + "/".join(draw(st.lists(st.sampled_from(_JUNK_SEGMENTS), max_size=5)))
        case 4:
            return draw(st.one_of(latin, st.text(max_size=20)))
    return path


@st.composite
def queries(draw: st.DrawFn, operation: Any_operation) -> str:
    """The operation's query, nearly right, with parameters repeated and unheard of; or junk."""
    plans = [plan for plan in operation.fields().values() if plan.travels == "query"]
    if draw(rarely):
        return draw(
            st.one_of(latin, st.sampled_from(("&&&", "=", "%", "limit=%ff", "a=%00", "limit", "a=b=c&a=d")))
        )
    sent = [plan for plan in plans if plan.required or draw(st.booleans())]
    pairs = [(plan.wire_name, str(draw(near(plan.annotation, plan.wire_name)))) for plan in sent]
    if draw(rarely):
        pairs += [("unheard_of", "1"), *pairs[:1]]
    return urlencode(pairs)


_HEADERS = st.dictionaries(
    st.sampled_from(
        ("accept", "cookie", "host", "idempotency-key", "x-client-timezone", "x-client-id", "x-api-key", "x-junk",
         "authorization", "origin", "x-request-id", "x-forwarded-for", "content-length")
    ),
    st.one_of(junk, st.sampled_from(
        ("text/html", "contio_session=ses_", "EST", "Europe/Vienna", "../../etc", "Bearer", "Bearer \0", "Basic !!!",
         "Basic " + b64encode(b"no colon").decode(), "Basic " + b64encode(b"\xff:\xff").decode(), "a" * 300,
         "[::1]:80", "example.com:99999", "key-1", CLIENT, "Digest x"))),
    max_size=2,
)  # fmt: skip
_FEW_HEADERS = st.sampled_from((False, False, True)).flatmap(lambda some: _HEADERS if some else st.just({}))
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "BREW", "", "é")
CALLERS = ("user", "admin", "client", "nobody")
_CALLERS = {Caller.USER: "user", Caller.TOKEN: "user", Caller.ADMIN: "admin", Caller.PUBLIC: "nobody"}


@st.composite
def requests(draw: st.DrawFn, operation: Any_operation | None = None) -> tuple[str, Request]:
    """Who calls, and what they send."""
    operation = operation or draw(st.sampled_from(OPERATIONS))
    caller = draw(mostly(st.just(_CALLERS[operation.endpoint.auth.caller]), st.sampled_from(CALLERS)))
    method = operation.endpoint.method
    if draw(rarely):
        method = draw(st.sampled_from(_METHODS))
    content_type, body = draw(bodies(operation))
    headers = dict(draw(_FEW_HEADERS))
    if content_type is not None:
        headers["content-type"] = content_type
    return caller, Request(method, draw(paths(operation)), draw(queries(operation)), headers, body)
