"""What one side encodes, the other decodes: every operation, and every way a field may travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from contio_mock import FakeContio
from contio_mock.client import Refused
from contio_mock.contract import shared
from contio_mock.contract.auth import PUBLIC, user
from contio_mock.contract.codec import Decoder, Malformed, encode, unquote
from contio_mock.contract.errors import INVALID_REQUEST, NOT_FOUND, ErrorCode, Invalid, Shape
from contio_mock.contract.meetings import CreateMeeting, GetMeeting, ListMeetings, Meeting
from contio_mock.contract.operation import (
    HANDLERS,
    OPERATIONS,
    Alias,
    Header,
    Operation,
    Reply,
    endpoint,
    field_name,
    is_user_call,
    takes_key,
)
from contio_mock.contract.release import LATEST, R1_6, R1_9, R1_10, Release, ValueLifetimes, since, until
from contio_mock.contract.resource import Resource, call
from contio_mock.contract.results import Projection, decode_result, encode_result, file_name
from contio_mock.contract.wire import (
    Binary,
    Redirect,
    Request,
    Response,
    Text,
    Upload,
    header_list,
    quote_header,
)
from contio_mock.fake.answers import Undeclared
from contio_mock.fake.bodies import media_type, read_parts
from contio_mock.fake.engine import routes_of

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.text(CHARACTERS, max_size=20)
EMAILS = st.sampled_from(["ada@example.com", "a.b+c@sub.example.org", "O'Brien!#$%@x-y.io"])


def marked_values(marks: tuple[Any, ...]) -> st.SearchStrategy[Any] | None:
    """Values of a type that its marks make what it is."""
    for mark in [part for outer in marks for part in (outer, *getattr(outer, "metadata", ()))]:
        if getattr(mark, "pattern", None) == shared.UUID_PATTERN:
            return st.uuids().map(str)
        if getattr(mark, "func", None) is shared._email:
            return EMAILS
        if getattr(mark, "func", None) is shared._filter_instant:
            return st.datetimes(timezones=st.just(UTC)) | st.dates()
        if type(mark) is type(get_args(shared.Timestamp)[1]):
            return st.datetimes(timezones=st.just(UTC))
    return None


def values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Values of a contract type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner, *marks = arguments
        marked = marked_values(tuple(marks))
        return marked if marked is not None else values(inner, (*metadata, *marks))
    if origin in (Union, UnionType):
        return st.one_of(*(values(argument, metadata) for argument in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        least = max((getattr(mark, "min_length", None) or 0 for mark in _rules(metadata)), default=0)
        return st.lists(values(arguments[0]), min_size=least, max_size=least + 3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return model_values(annotation)
    return plain_values(annotation, metadata)


def _rules(metadata: tuple[Any, ...]) -> list[Any]:
    return [part for mark in metadata for part in (mark, *getattr(mark, "metadata", ()))]


def plain_values(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    rules = _rules(metadata)

    def limit(name: str) -> Any:
        return next((getattr(part, name) for part in rules if getattr(part, name, None) is not None), None)

    if annotation is str and limit("pattern"):
        return st.sampled_from(["a", "sandbox-1", "a.b_c-d"])
    if annotation is str:
        least, most = limit("min_length") or 0, limit("max_length") or 20
        return st.text(CHARACTERS, min_size=least, max_size=min(most, least + 20))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(limit("ge") if limit("ge") is not None else -1000, limit("le") or 100_000)
    if annotation is float:
        return st.floats(limit("ge") or 0, limit("le") or 1e6)
    if annotation is type(None):
        return st.none()
    if get_origin(annotation) is dict or annotation is dict:
        return st.dictionaries(TEXT, TEXT | st.integers(-5, 5) | st.none(), max_size=3)
    raise AssertionError(f"no values of {annotation}")


def model_values(model: type[BaseModel]) -> st.SearchStrategy[BaseModel]:
    required, optional = {}, {}
    for name, info in model.model_fields.items():
        kind = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation  # type: ignore[valid-type]
        (required if info.is_required() else optional)[name] = values(kind)
    return st.fixed_dictionaries(required, optional=optional).map(model.model_validate)


def operations(operation: type[Operation[Any]]) -> st.SearchStrategy[Operation[Any]]:
    required, optional = {}, {}
    for name, plan in operation.fields().items():
        strategy = values(plan.annotation)
        if plan.travels == "path":
            strategy = strategy.filter(bool)
        if plan.travels == "form":
            strategy = model_values(plan.annotation).filter(lambda form: "" not in vars(form).values())
        if plan.travels == "query" and operation.endpoint.shape is Shape.OAUTH:
            strategy = strategy.filter(lambda value: value != "")  # an empty parameter counts as absent
        (required if plan.required else optional)[name] = strategy
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: operation(**fields))


def decoded(request: Request, operation: type[Operation[Any]]) -> tuple[Any, list[str]]:
    segments = zip(operation.endpoint.path.split("/"), request.path.split("/"), strict=True)
    given_path = {field_name(name[1:-1]): unquote(text) for name, text in segments if name.startswith("{")}
    assert request.method == operation.endpoint.method
    decoder = Decoder(operation, LATEST)
    parts = None
    if decoder.body is not None and decoder.body.travels != "body":
        parts = read_parts(request, media_type(request))
    return decoder.decode(request, given_path, parts)


def plain(operation: Operation[Any]) -> dict[str, Any]:
    """The fields, models as what was given of them."""
    form = {name for name, plan in operation.fields().items() if plan.travels in ("form", "upload")}
    return {
        name: value.model_dump(exclude_unset=name not in form) if isinstance(value, BaseModel) else value
        for name, value in vars(operation).items()
    }


REGISTERED = [operation for operation in OPERATIONS if operation in HANDLERS]


@pytest.mark.parametrize("operation", REGISTERED, ids=lambda operation: operation.__name__)
def test_every_operation_is_decoded_as_it_was_encoded(operation: type[Operation[Any]]) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operations(operation))
    def check(sent: Operation[Any]) -> None:
        read, unknown = decoded(encode(sent), operation)
        assert plain(read) == plain(sent)
        assert unknown == []
        assert type(read) is operation

    check()


# ---------------------------------------------------------------- operations of this test only

BAD_WHEN = ErrorCode(400, "invalid_when", "when is wrong.")


class Part(shared.Input):
    name: str
    young: Annotated[str | None, since(R1_9)] = None


class Wish(shared.Input):
    kind: Annotated[
        Literal["new", "old", "both"], ValueLifetimes({"new": since(R1_9), "old": until(R1_9)})
    ] = "both"
    kinds: Annotated[
        list[Literal["new", "old", "both"]] | None, ValueLifetimes({"new": since(R1_9), "old": until(R1_9)})
    ] = None
    fresh: Annotated[int | None, since(R1_10)] = None
    stale: Annotated[int | None, until(R1_10)] = None
    part: Part | None = None
    parts: list[Part] | None = None


class Shown(shared.Model):
    name: str
    young: Annotated[str | None, since(R1_9)] = None
    gone: Annotated[str | None, until(R1_6)] = None


class Shelf(shared.Model):
    shown: Shown
    row: list[Shown]
    young: Annotated[Shown | None, since(R1_10)] = None


class Attachment(shared.Input):
    model_config = shared.ConfigDict(arbitrary_types_allowed=True)
    file: Upload
    title: str | None = None


with_operations: list[type[Operation[Any]]] = []


def private(*args: Any, **kwargs: Any) -> Any:
    """`endpoint`, for an operation that stays out of the registry."""

    def declare(operation: Any) -> Any:
        endpoint(*args, **{"auth": PUBLIC, **kwargs})(operation)
        OPERATIONS.remove(operation)
        with_operations.append(operation)
        return operation

    return declare


@private("POST", "/test/{a}/x/{b}", invalid=INVALID_REQUEST, success=201, also=(200, 202))
class Everything(Operation[Shelf]):
    """Every way to travel."""

    a: str
    b: shared.Id
    body: Wish | None = None
    token: Annotated[str | None, Header("X-Token")] = None
    when: Annotated[shared.DateFilter | None, Invalid(BAD_WHEN)] = None
    flag: bool = False
    young: Annotated[int | None, since(R1_9)] = None


@private("PUT", "/test/file", aliases=(Alias("/test/old-file", "an old client calls it", method="POST"),))
class PutFile(Operation[Text]):
    """Upload a file, and get text."""

    upload: Attachment


@private("GET", "/test/file")
class GetFile(Operation[Binary]):
    """Download a file."""

    name: str


@private("GET", "/test/needed", shape=Shape.OAUTH)
class Needed(Operation[Redirect]):
    """A required header and query, and a redirect."""

    must: str
    token: Annotated[str, Header("X-Token")]


UUID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "sent",
    [
        Everything("plain", UUID),
        Everything("a/b?c#d %25 é 🎉 +;", UUID, Wish(), "t", datetime(2030, 1, 1, tzinfo=UTC), True, 5),
        Everything("..", UUID, when=date(2030, 1, 1), flag=True),
        Everything(
            "x", UUID.upper(), Wish(kind="new", part=Part(name="n"), parts=[Part(name="m", young="y")])
        ),
        Needed("a&b=c+d e", "t"),
        GetFile("é"),
    ],
    ids=["defaults", "all", "date", "models", "needed", "query"],
)
def test_every_way_to_travel_is_there_and_back(sent: Operation[Any]) -> None:
    assert plain(decoded(encode(sent), type(sent))[0]) == plain(sent)


def test_only_what_differs_from_its_default_travels() -> None:
    request = encode(Everything("x", UUID))
    assert (request.query, request.body, request.headers) == ("", b"", {"accept": "application/json"})
    assert encode(Everything("x", UUID, flag=True)).query == "flag=true"


NAMES = [
    "plain.txt", "two words.txt", 'quo"te.txt', "back\\slash.txt", "naïve.txt", "日本語.pdf", "🎉.png",
    "semi;colon.txt", "per%cent.txt", "a'b.txt", "tab\there", "x" * 200, "%22.txt", "new\r\nline",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_survives_a_content_disposition(name: str) -> None:
    header = f"attachment; {quote_header(name)}"
    assert header.isascii()
    assert "\r" not in header
    assert file_name(header) == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("attachment", None),
        ("inline", None),
        ("attachment; filename=plain.txt", "plain.txt"),
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"),
        ("attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"),
        ("attachment; filename*=UTF-8''na%C3%AFve.txt; filename=\"na_ve.txt\"", "naïve.txt"),
    ],
)
def test_the_extended_form_of_a_name_comes_first(header: str | None, name: str | None) -> None:
    assert file_name(header) == name


@pytest.mark.parametrize("name", [name for name in NAMES if name.isprintable()])
def test_an_upload_is_there_and_back(name: str) -> None:
    sent = PutFile(Attachment(file=Upload(b"\x00\xff\r\n--", name, "image/png"), title="Ünïcode"))
    read, unknown = decoded(encode(sent), PutFile)
    assert read.upload.file == Upload(b"\x00\xff\r\n--", name, "image/png")
    assert read.upload.title == "Ünïcode"
    assert unknown == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"--contio-mock-part--",
        b"a\r\n--contio-mock-part--\r\nb",
        b"a\r\n--contio-mock-part\r\nb",
    ],
)
def test_an_upload_may_hold_any_bytes(content: bytes) -> None:
    read, _ = decoded(encode(PutFile(Attachment(file=Upload(content, "f")))), PutFile)
    assert read.upload.file.content == content
    assert read.upload.file.content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", "multipart/form-data; boundary=x", "ends in the middle"),
        (b"--x\r\n", "multipart/form-data; boundary=x", "ends in the middle"),
        (b"nonsense", "multipart/form-data; boundary=x", "is not multipart"),
        (b"", "multipart/form-data", "has no boundary"),
        (
            b"--x\r\nContent-Type: text/plain\r\n\r\nv\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            "without a name",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            "not UTF-8",
        ),
        (
            b"".join(
                b'--x\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nv\r\n' % n for n in range(201)
            )
            + b"--x--\r\n",
            "multipart/form-data; boundary=x",
            "more than 200 fields",
        ),
        (b"", "text/plain", "text/plain"),
    ],
)
def test_a_broken_multipart_body_is_refused_with_the_reason(body: bytes, kind: str, said: str) -> None:
    request = Request("PUT", "/test/file", "", {"content-type": kind}, body)
    with pytest.raises(ValueError, match=said):
        read_parts(request, media_type(request))


# ---------------------------------------------------------------- releases


def body_in(release: Release, body: Any) -> tuple[Any, list[str]]:
    request = Request("POST", f"/test/x/x/{UUID}", "", {}, json.dumps(body).encode())
    return Decoder(Everything, release).decode(request, {"a": "x", "b": UUID}, None)


@pytest.mark.parametrize(
    ("release", "kept", "unknown"),
    [
        (R1_6, {"stale": 2}, ["body.fresh"]),
        (R1_9, {"stale": 2}, ["body.fresh"]),
        (R1_10, {"fresh": 1}, ["body.stale"]),
    ],
)
def test_a_member_that_a_release_has_not_is_ignored_and_noted(
    release: Release, kept: dict[str, int], unknown: list[str]
) -> None:
    read, noted = body_in(release, {"fresh": 1, "stale": 2})
    assert read.body.model_dump(exclude_unset=True) == kept
    assert noted == unknown


@pytest.mark.parametrize(
    ("release", "value", "fine"),
    [
        (R1_6, "new", False), (R1_6, "old", True), (R1_9, "new", True), (R1_9, "old", False),
        (R1_6, "both", True), (R1_10, "both", True), (R1_10, "never", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("listed", [False, True])
def test_a_value_that_a_release_has_not_is_refused(
    release: Release, value: str, fine: bool, listed: bool
) -> None:
    body = {"kinds": [value]} if listed else {"kind": value}
    if fine:
        assert body_in(release, body)[0].body.model_dump(exclude_unset=True) == body
    else:
        with pytest.raises(Malformed) as refused:
            body_in(release, body)
        assert refused.value.error is INVALID_REQUEST


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_a_gate_lets_validation_speak_of_what_is_no_object(body: Any) -> None:
    if body is None:
        assert body_in(R1_6, body)[0].body is None
    else:
        with pytest.raises(Malformed):
            body_in(R1_6, body)


def test_a_gate_lets_validation_speak_of_what_is_no_json() -> None:
    request = Request("POST", "/", "", {}, b"{nonsense")
    with pytest.raises(Malformed, match="is not JSON"):
        Decoder(Everything, R1_6).decode(request, {"a": "x", "b": UUID}, None)


def test_a_query_parameter_that_a_release_has_not_is_unknown() -> None:
    request = Request("POST", "/", "young=5", {}, b"")
    old, noted = Decoder(Everything, R1_6).decode(request, {"a": "x", "b": UUID}, None)
    assert (old.young, noted) == (None, ["query.young"])
    new, noted = Decoder(Everything, R1_9).decode(request, {"a": "x", "b": UUID}, None)
    assert (new.young, noted) == (5, [])


def test_unknown_members_are_noted_as_deep_as_there_are_models() -> None:
    body = {"x": 1, "part": {"name": "n", "y": 1}, "parts": [{"name": "a"}, {"name": "b", "z": {"deep": 1}}]}
    assert body_in(LATEST, body)[1] == ["body.x", "body.part.y", "body.parts[1].z"]


SHELF = Shelf(
    shown=Shown(name="a", young="y", gone="g"),
    row=[Shown(name="b", young="y", gone="g")],
    young=Shown(name="c"),
)


@pytest.mark.parametrize(
    ("release", "item", "further"),
    [
        ("1.5", {"gone": "g"}, {}),
        ("1.6", {}, {}),
        ("1.9", {"young": "y"}, {}),
        ("1.10", {"young": "y"}, {"young": {"name": "c"}}),
    ],
)
def test_an_answer_holds_what_its_release_has(
    release: str, item: dict[str, str], further: dict[str, Any]
) -> None:
    expected = {"shown": {"name": "a", **item}, "row": [{"name": "b", **item}], **further}
    for _ in range(2):  # the second comes from what was kept
        _, body = encode_result(SHELF, Projection(Release.parse(release)))
        assert json.loads(body) == expected


# ---------------------------------------------------------------- refusals of single fields


@pytest.mark.parametrize(
    ("operation", "query", "headers", "code", "said"),
    [
        (Needed, "", {"x-token": "t"}, "validation_error", "must is required."),
        (Needed, "must=1", {}, "validation_error", "X-Token is required."),
        (Needed, "must=1&must=1", {"x-token": "t"}, "validation_error", "must was sent more than once."),
        (Everything, "when=soon", {}, "invalid_when", "when: "),
        (Everything, "flag=perhaps", {}, "invalid_request", "flag: "),
        (Everything, "flag=%zz", {}, "invalid_request", "broken percent escape"),
    ],
)
def test_a_field_that_does_not_fit_is_named(
    operation: Any, query: str, headers: dict[str, str], code: str, said: str
) -> None:
    path = {"a": "x", "b": UUID} if operation is Everything else {}
    with pytest.raises(Malformed) as refused:
        Decoder(operation, LATEST).decode(Request("GET", "/", query, headers), path, None)
    assert refused.value.error.code == code
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("text", "plus", "decoded_text"),
    [
        ("a+b", True, "a b"),
        ("a+b", False, "a+b"),
        ("a%2Bb+c", True, "a+b c"),
        ("a%2Bb+c", False, "a+b+c"),
        ("%C3%A9", False, "é"),
        ("é", True, "é"),
        ("", True, ""),
    ],
)
def test_percent_decoding(text: str, plus: bool, decoded_text: str) -> None:
    assert unquote(text, plus=plus) == decoded_text


@pytest.mark.parametrize("text", ["%", "%a", "%g0", "%0g", "a%", "%%20", "%-1", "%٣٣", "%ff", "%00", "a\0b"])
def test_percent_decoding_is_strict(text: str) -> None:
    with pytest.raises(ValueError, match=r"broken percent escape|not UTF-8|NUL"):
        unquote(text)


# ---------------------------------------------------------------- an operation as a value


def test_an_operation_is_a_frozen_value() -> None:
    one, same, other = GetMeeting(UUID), GetMeeting(id=UUID.upper()), ListMeetings()
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert repr(one) == f"GetMeeting(id='{UUID}')"
    with pytest.raises(AttributeError, match="frozen"):
        one.id = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (GetMeeting, "needs 'id'"),
        (lambda: GetMeeting(UUID, 1), "takes 1 values, 2 were given"),
        (lambda: GetMeeting(UUID, id=UUID), "'id' was given twice"),
        (lambda: GetMeeting(ident=UUID), "'ident' is not a parameter"),
    ],
)
def test_a_wrongly_made_operation_is_a_type_error(make: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        make()


def test_a_misspelt_member_is_an_error_where_it_is_written_down() -> None:
    with pytest.raises(ValueError, match="extra"):
        CreateMeeting({"title": "x", "titel": "y"})  # type: ignore[arg-type]


def test_an_operation_without_a_result_type_says_so() -> None:
    class Odd(Operation):  # type: ignore[type-arg]
        """Forgot what it answers."""

        __orig_bases__ = ()

    with pytest.raises(TypeError, match="does not say what it answers"):
        Odd.result_type()


def test_what_an_operation_asks_of_its_caller() -> None:
    assert is_user_call(GetMeeting)
    assert not is_user_call(Needed)
    assert takes_key(CreateMeeting, R1_9)
    assert not takes_key(CreateMeeting, R1_6)
    assert GetMeeting.operation_id() == "getMeeting"


def test_a_call_stands_in_its_class_for_itself() -> None:
    class Odd(Resource[Any]):
        get = call(GetMeeting)

    assert isinstance(Odd.__dict__["get"], call)
    assert Odd.get is Odd.__dict__["get"]


# ---------------------------------------------------------------- results


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (PutFile, Text("Ünï\n", "text/plain; charset=utf-8")),
        (PutFile, Text("", "application/x-subrip")),
        (GetFile, Binary(b"\x00\xff", "image/png", "a b.png")),
        (GetFile, Binary(b"", "application/pdf", None)),
        (GetFile, Binary(b"x", "application/pdf", 'naïve "file".pdf')),
    ],
)
def test_a_result_is_there_and_back(operation: Any, result: Any) -> None:
    headers, body = encode_result(result)
    assert decode_result(operation, Response(200, headers, body)) == result


@pytest.mark.parametrize("name", [name for name in NAMES if not name.isprintable()])
def test_a_name_with_control_characters_does_not_break_out_of_its_header(name: str) -> None:
    read, _ = decoded(encode(PutFile(Attachment(file=Upload(b"x", name)))), PutFile)
    assert read.upload.file.content == b"x"
    assert read.upload.title is None


def test_an_upload_without_a_name_is_a_field() -> None:
    read, _ = decoded(encode(PutFile(Attachment(file=Upload(b"x", "")))), PutFile)
    assert read.upload.file.file_name == ""
    with pytest.raises(Malformed):
        decoded(encode(PutFile(Attachment(file=Upload(b"x")))), PutFile)


@pytest.mark.parametrize("shape", [Shape.FEATURE, Shape.SSO])
def test_two_shapes_of_error_say_no_more_than_code_and_message(shape: Shape) -> None:
    assert shape.body("c", "m", "req_1", {"feature": "f"}) == {"code": "c", "message": "m", "feature": "f"}


def test_a_redirect_and_nothing_are_results_too() -> None:
    headers, body = encode_result(Redirect("http://x/"))
    assert decode_result(Needed, Response(302, headers, body)) == Redirect("http://x/")
    assert encode_result(None) == ([], b"")
    assert encode_result({"a": "é", "b": [1]})[1] == '{"a":"é","b":[1]}'.encode()


def test_headers_as_bytes() -> None:
    assert header_list([("a", "é")]) == [(b"a", b"\xe9")]


# ---------------------------------------------------------------- through the engine


def _undeclared_error(ctx: Any, op: Any) -> Any:
    from contio_mock.fake.problem import ApiError

    raise ApiError(NOT_FOUND)


def _undeclared_event(ctx: Any, op: Any) -> Any:
    from contio_mock.contract.meeting_events import MeetingCreated

    at = ctx.now
    event = MeetingCreated(
        created_at=at, created_by_user_id=UUID, meeting_id=UUID, title="x", workspace_id=UUID
    )
    ctx.emit(event, app=ctx.sandbox.app, by_system=True)
    return Shown(name="x")


@pytest.fixture
def served() -> Iterator[FakeContio]:
    """A Contio that serves the operations of this file."""
    HANDLERS[Everything] = _everything
    HANDLERS[PutFile] = lambda ctx, op: Text(f"{op.upload.file.file_name} {len(op.upload.file.content)}")
    HANDLERS[GetFile] = lambda ctx, op: Binary(b"content", "text/plain", op.name)
    HANDLERS[Needed] = lambda ctx, op: Redirect(f"http://x/{op.must}")
    HANDLERS[Scoped] = HANDLERS[Wrong] = lambda ctx, op: Shown(name="x")
    OPERATIONS.extend(with_operations)
    routes_of.cache_clear()
    yield FakeContio(check_answers=True)
    for operation in with_operations:
        OPERATIONS.remove(operation)
        HANDLERS.pop(operation)
    routes_of.cache_clear()


def _everything(ctx: Any, op: Everything) -> Any:
    return Reply(SHELF, int(op.token)) if op.token else SHELF


def test_one_of_several_successes_is_chosen_by_the_handler(served: FakeContio) -> None:
    client = served.control
    statuses = []
    for token in (None, "200", "202"):
        assert client.send(Everything("x", UUID, token=token)).shown.name == "a"
        statuses.append(served.requests[-1].status)
    assert statuses == [201, 200, 202]
    with pytest.raises(Undeclared, match="answered 204"):
        client.send(Everything("x", UUID, token="204"))


def test_an_upload_goes_through_the_engine(served: FakeContio) -> None:
    sent = PutFile(Attachment(file=Upload(b"12345", "f.txt")))
    assert served.control.send(sent).content == "f.txt 5"
    assert served.requests[-1].headers["content-type"].startswith("multipart/form-data")
    wrong = served.handle(Request("PUT", "/test/file", "", {"content-type": "application/json"}, b"{}"))
    assert wrong.status == 400
    assert b"multipart/form-data" in wrong.body
    broken = encode(sent)
    broken.body = broken.body[:-10]
    assert served.handle(broken).status == 400
    nothing = Request(
        "PUT", "/test/file", "", {"content-type": "multipart/form-data; boundary=x"}, b"--x--\r\n"
    )
    assert served.handle(nothing).status == 400


def test_a_download_goes_through_the_engine(served: FakeContio) -> None:
    assert served.control.send(GetFile("a.txt")) == Binary(b"content", "text/plain", "a.txt")


def test_an_alias_is_served_and_says_that_it_is_one(served: FakeContio) -> None:
    request = encode(PutFile(Attachment(file=Upload(b"1", "f"))))
    official = served.handle(request)
    assert official.header("x-contio-mock-undocumented") is None
    request.method, request.path = "POST", "/test/old-file"
    aliased = served.handle(request)
    assert aliased.body == official.body
    assert aliased.header("x-contio-mock-undocumented") == "an old client calls it"
    strict = FakeContio(strict=True)
    assert strict.handle(request).status == 404


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (lambda ctx, op: Shown(name="x"), "what its result type refuses"),
        (_undeclared_error, "answered 404 not_found"),
        (_undeclared_event, r"emitted meeting.created"),
    ],
    ids=["result", "error", "event"],
)
def test_an_answer_that_is_not_declared_is_found_out(served: FakeContio, handler: Any, said: str) -> None:
    HANDLERS[Wrong] = handler
    routes_of.cache_clear()
    with pytest.raises(Undeclared, match=said):
        served.control.send(Wrong())


@private("GET", "/test/wrong")
class Wrong(Operation[Meeting]):
    """Answers something else."""


@private("GET", "/test/scoped/{id}", auth=user("profile"))
class Scoped(Operation[Shown]):
    """Declares no error of a bad id."""

    id: Annotated[shared.Id, Field()]


def test_a_bad_id_without_a_declared_400_is_not_found(served: FakeContio) -> None:
    assert served.client().send(Scoped(UUID)).name == "x"
    with pytest.raises(Refused) as refused:
        served.client().send(Scoped.made({"id": "nonsense"}))
    assert refused.value.status in (400, 404)
