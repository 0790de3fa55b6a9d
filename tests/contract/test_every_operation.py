"""What must hold of every operation in every release: success, refusals, replays, pages, events.

A new operation comes under these tests by a row in the tables of prepared requests; one without a row fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from contio_mock.contract import registry, results
from contio_mock.contract.auth import SCOPES, Caller
from contio_mock.contract.codec import model_in
from contio_mock.contract.operation import Operation, adapter, lifetime_of, metadata, takes_key
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.shared import UUID_PATTERN, Page
from contio_mock.contract.wire import Response

from . import prepared_admin, prepared_content, prepared_management, prepared_user  # noqa: F401 - they fill the table
from .preparation import PREPARED
from .world import ADA, STRANGER, UNSAID, Call, World

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
MALFORMED_IDS = ("not-a-uuid", "1", "00000000-0000-4000-8000-00000000000", "..", "' OR 1=1 --", "a" * 3000)
SIGN_IN = ("/oauth2/", "/auth/", "/.well-known/")

LISTS_OF_NOTHING = {
    "listMeetingContexts": "the documents declare no 404 for the meeting: there are no documents in it",
}
"""Operations that answer an unknown id with an empty list, and why."""

ASSIGNED = frozenset({"automation.assignment.created"})

OF_TEMPLATES = frozenset({"participant.added", "agenda_item.created"})

SOMETIMES: dict[str, frozenset[str]] = {
    "createMeeting": OF_TEMPLATES | {"meeting_template.applied", "meeting.updated"},
    "updateMeeting": OF_TEMPLATES | {"meeting_template.applied"},
    "applyMeetingTemplate": frozenset({"meeting.updated"}),
    "createCalendarEventMeeting": frozenset({"participant.added"}),
    "createActionItem": ASSIGNED | {"action_item.updated", "action_item.completed"},
    "updateActionItem": ASSIGNED,
    "patchActionItem": ASSIGNED,
    "assignBacklogItem": frozenset({"agenda_item.deleted"}),
    "getIdpDomainVerification": frozenset({"partner.idp.domain_verification_failed"}),
    "checkIdpDomainVerification": frozenset({"partner.idp.domain_verification_failed"}),
    "triggerMeetingActionButton": frozenset({"next_step.completed"}),
}
"""Events that an operation emits only under circumstances that the prepared request does not have."""


AT_ONCE = {"uploadMeetingContext": frozenset({"meeting.context.processed"})}
"""Events of what an operation lets happen by itself without delay."""


def partner_calls(release: Release) -> list[type[Operation[Any]]]:
    """The operations of a release that these tests are about; signing in has tests of its own."""
    every = registry.partner_operations(release)
    return [operation for operation in every if not operation.endpoint.path.startswith(SIGN_IN)]


def of_every_release() -> list[Any]:
    return [
        pytest.param(release, operation.operation_id(), id=f"{release.value}-{operation.operation_id()}")
        for release in Release
        for operation in partner_calls(release)
    ]


def newest(wanted: Callable[[type[Operation[Any]]], bool]) -> list[str]:
    return [operation.operation_id() for operation in partner_calls(LATEST) if wanted(operation)]


def has_body(operation: type[Operation[Any]]) -> bool:
    return any(plan.travels == "body" for plan in operation.fields().values())


def id_fields(operation: type[Operation[Any]]) -> list[str]:
    """The path parameters that are UUIDs."""
    fields = operation.fields()
    return [
        name
        for name in operation.endpoint.parameters
        if any(getattr(mark, "pattern", None) == UUID_PATTERN for mark in metadata(fields[name].annotation))
    ]


def is_user_call(operation: type[Operation[Any]]) -> bool:
    return operation.endpoint.auth.caller is Caller.USER


def is_paged(operation: type[Operation[Any]]) -> bool:
    kind = operation.result_type()
    paged = isinstance(kind, type) and issubclass(kind, Page)
    return paged and {"limit", "offset"} <= operation.fields().keys()


def code(answer: Response) -> str:
    return str(json.loads(answer.body)["code"])


def happened(world: World) -> list[Any]:
    """Every event so far, oldest first."""
    listed = world.made("mockListEvents", query={"limit": "1000"})
    return list(listed["items"])[::-1]


def refused(world: World, call: Call, answer: Response, *statuses: int) -> None:
    """It was refused with a declared error, and nothing happened."""
    told = f"{answer.status} {bytes(answer.body)[:200]!r}"
    assert answer.status in statuses, told
    declared = {(e.status, e.code) for e in registry.declared_errors(call.operation, LATEST)}
    assert (answer.status, code(answer)) in declared, told


# ---------------------------------------------------------------- success


def test_every_operation_has_a_prepared_request() -> None:
    known = {operation.operation_id() for release in Release for operation in partner_calls(release)}
    assert sorted(known - PREPARED.keys()) == []
    assert sorted(PREPARED.keys() - known) == []


@pytest.mark.parametrize(("release", "operation_id"), of_every_release())
def test_a_right_request_gets_what_is_declared(
    world_of: Callable[[Release], World], release: Release, operation_id: str
) -> None:
    world = world_of(release)
    call = PREPARED[operation_id](world)
    answer = world.answer(call)
    endpoint = call.operation.endpoint
    assert answer.status in (endpoint.success, *endpoint.also), bytes(answer.body)[:300]
    results.decode_result(call.operation, answer)
    assert answer.header("x-api-version") == release.value
    assert answer.header("x-request-id")
    assert (answer.status == 204) <= (not answer.body)


@pytest.mark.parametrize("operation_id", newest(lambda operation: True))
def test_an_operation_emits_what_it_declares(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    world.answer(call)
    emitted = {event["type"] for event in happened(world)[before:]}
    declared = {kind.type for kind in call.operation.endpoint.emits if kind.lifetime.lives_in(LATEST)}
    promised = declared - SOMETIMES.get(operation_id, frozenset())
    assert emitted == promised | AT_ONCE.get(operation_id, frozenset())


@pytest.mark.parametrize("operation_id", newest(lambda operation: operation.endpoint.method == "GET"))
def test_head_is_get_without_the_body(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    got = world.answer(call)
    request = call.request(world.credentials(call.operation))
    request.method = "HEAD"
    assert world.send(request).status == got.status


@pytest.mark.parametrize("operation_id", newest(has_body))
def test_members_that_nobody_declared_are_ignored(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    body = {} if call.body is UNSAID else dict(call.body)
    answer = world.answer(call.but(body={**body, "nobody_declared_this": [1, {"a": None}]}))
    assert answer.status in (call.operation.endpoint.success, *call.operation.endpoint.also)


# ---------------------------------------------------------------- who may call


def needs_credentials(operation: type[Operation[Any]]) -> bool:
    return operation.endpoint.auth.caller is not Caller.PUBLIC


@pytest.mark.parametrize("operation_id", newest(needs_credentials))
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer cto_at_v1_nobody_has_this"},
        {"authorization": "Bearer "},
        {"authorization": "Basic cGFydG5lcl9kZW1vOmNzX2RlbW9fc2VjcmV0"},
        {"x-api-key": "ctio_wrong", "x-client-id": "partner_demo"},
        {"x-api-key": "ctio_demo_key", "x-client-id": "partner_other"},
    ],
    ids=["none", "unknown-token", "empty-token", "basic", "wrong-key", "wrong-client"],
)
def test_nobody_else_is_let_in(world: World, operation_id: str, headers: dict[str, str]) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    refused(world, call, world.send(call.request(headers)), 401)
    assert len(happened(world)) == before


@pytest.mark.parametrize("operation_id", newest(is_user_call))
def test_a_token_needs_the_scope(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    others = " ".join(scope for scope in SCOPES if scope != call.operation.endpoint.auth.scope)
    answer = world.send(call.request({"authorization": f"Bearer {world.token(ADA, others)}"}))
    refused(world, call, answer, 403)
    assert len(happened(world)) == before


@pytest.mark.parametrize("operation_id", newest(is_user_call))
def test_one_scope_is_enough(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    token = world.token(ADA, call.operation.endpoint.auth.scope)
    answer = world.send(call.request({"authorization": f"Bearer {token}"}))
    assert answer.status in (call.operation.endpoint.success, *call.operation.endpoint.also)


# ---------------------------------------------------------------- ids


def every_id(operation_ids: list[str]) -> list[Any]:
    return [
        pytest.param(operation_id, name, id=f"{operation_id}-{name}")
        for operation_id in operation_ids
        for name in id_fields(registry.by_id(operation_id))
    ]


@pytest.mark.parametrize(("operation_id", "name"), every_id(newest(lambda operation: True)))
def test_an_unknown_id_is_not_found(world: World, operation_id: str, name: str) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    answer = world.answer(call.but(path={**call.path, name: UNKNOWN_ID}))
    if operation_id in LISTS_OF_NOTHING:
        assert (answer.status, json.loads(answer.body)["items"]) == (200, [])
    else:
        refused(world, call, answer, 404)
    assert len(happened(world)) == before


@pytest.mark.parametrize(("operation_id", "name"), every_id(newest(lambda operation: True)))
@pytest.mark.parametrize("value", MALFORMED_IDS)
def test_a_malformed_id_is_refused(world: World, operation_id: str, name: str, value: str) -> None:
    call = PREPARED[operation_id](world)
    refused(world, call, world.answer(call.but(path={**call.path, name: value})), 400, 404)


@pytest.mark.parametrize(("operation_id", "name"), every_id(newest(lambda operation: True)))
def test_an_id_may_be_written_in_capitals(world: World, operation_id: str, name: str) -> None:
    call = PREPARED[operation_id](world)
    answer = world.answer(call.but(path={**call.path, name: call.path[name].upper()}))
    assert answer.status in (call.operation.endpoint.success, *call.operation.endpoint.also)


@pytest.mark.parametrize("operation_id", newest(is_user_call))
def test_a_stranger_sees_nothing_and_changes_nothing(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    answer = world.answer(call, STRANGER)
    mine = [call.path[name] for name in id_fields(call.operation)]
    if mine and operation_id not in PUBLIC_THINGS and operation_id not in LISTS_OF_NOTHING:
        refused(world, call, answer, 403, 404)
        assert len(happened(world)) == before
    elif answer.status < 300 and operation_id not in PUBLIC_THINGS:
        known = set(_ids(json.loads(world.answer(call).body)))
        assert known.isdisjoint(_ids(json.loads(answer.body)))


PUBLIC_THINGS = {
    "getMeetingTemplate": "a template of the system is everybody's",
    "listMeetingTemplates": "a template of the system is everybody's",
    "listMeetingTemplateNextSteps": "a template of the system is everybody's",
    "getToolkit": "a toolkit that may be installed is everybody's",
    "listToolkits": "a toolkit that may be installed is everybody's",
    "installToolkit": "a toolkit that may be installed is everybody's",
}
"""Operations whose ids are not one person's, and why."""


def _ids(value: Any) -> Iterator[str]:
    """Every id in an answer."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "id" and isinstance(member, str):
                yield member
            yield from _ids(member)
    elif isinstance(value, list):
        for member in value:
            yield from _ids(member)


# ---------------------------------------------------------------- bodies


def alive(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The members that the newest release has."""
    return {
        name: info
        for name, info in model.model_fields.items()
        if lifetime_of((*info.metadata, *metadata(info.annotation))).lives_in(LATEST)
    }


NO_BODIES = (b"{", b"[]", b'"text"', b"1", b"null", b'{"a":', b"\xff\xfe", b'{"a":NaN}', b"[" * 3000)


@pytest.mark.parametrize("operation_id", newest(has_body))
@pytest.mark.parametrize("body", NO_BODIES, ids=lambda body: repr(body[:8]))
def test_a_body_that_is_no_object_is_refused(world: World, operation_id: str, body: bytes) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    answer = world.answer(call.but(body=body))
    if body == b"null" and not call.operation.fields()["body"].required:
        return
    refused(world, call, answer, 400, 422)
    assert len(happened(world)) == before


@pytest.mark.parametrize("operation_id", newest(has_body))
def test_a_member_of_another_type_is_refused(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    annotation = call.operation.fields()["body"].annotation
    model = model_in(annotation)
    assert model is not None
    given = {} if call.body is UNSAID else dict(call.body)
    before = len(happened(world))
    tried = 0
    for name in alive(model):
        for wrong in ({"an": "object"}, [["nested"]], 1.5, "\x01 text", True):
            broken = json.dumps({**given, name: wrong})
            try:
                adapter(annotation).validate_json(broken, strict=True, extra="allow")
            except ValidationError:
                refused(world, call, world.answer(call.but(body=broken.encode())), 400, 422)
                tried += 1
    assert tried
    assert len(happened(world)) == before


@pytest.mark.parametrize("operation_id", newest(has_body))
def test_a_body_without_a_required_member_is_refused(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    model = model_in(call.operation.fields()["body"].annotation)
    assert model is not None
    before = len(happened(world))
    for name, info in alive(model).items():
        if info.is_required():
            less = {key: value for key, value in call.body.items() if key != name}
            refused(world, call, world.answer(call.but(body=less)), 400, 422)
    if call.operation.fields()["body"].required:
        refused(world, call, world.answer(call.but(body=UNSAID)), 400, 422)
    assert len(happened(world)) == before


# ---------------------------------------------------------------- repeated requests


@pytest.mark.parametrize("operation_id", newest(lambda operation: takes_key(operation, LATEST)))
def test_a_key_replays_the_answer(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)
    first = world.answer(call, idempotency_key="key-1")
    before = len(happened(world))
    again = world.answer(call, idempotency_key="key-1")
    assert (again.status, bytes(again.body)) == (first.status, bytes(first.body))
    assert (first.header("idempotent-replayed"), again.header("idempotent-replayed")) == (None, "true")
    assert len(happened(world)) == before


@pytest.mark.parametrize("operation_id", newest(lambda operation: takes_key(operation, LATEST)))
@pytest.mark.parametrize("key", ["", "x" * 256, "\x7f", "Ünïcode"])
def test_a_malformed_key_is_refused(world: World, operation_id: str, key: str) -> None:
    call = PREPARED[operation_id](world)
    before = len(happened(world))
    refused(world, call, world.answer(call, idempotency_key=key), 400)
    assert len(happened(world)) == before


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("operation_id", newest(is_paged))
def test_pages_make_up_the_whole(world: World, operation_id: str) -> None:
    call = PREPARED[operation_id](world)

    def page(**query: str) -> Any:
        return json.loads(world.answer(call.but(query={**call.query, **query})).body)

    whole = page(limit="100")
    total = whole["total"]
    assert 0 < total == len(whole["items"])
    assert (whole["limit"], whole["offset"]) == (100, 0)
    single = [page(limit="1", offset=str(position)) for position in range(total)]
    assert [one["items"][0] for one in single] == whole["items"]
    assert {one["total"] for one in single} == {total}
    beyond = page(offset=str(total))
    assert (beyond["items"], beyond["total"]) == ([], total)
    default = page()
    assert default["limit"] == call.operation.fields()["limit"].default
    assert page(limit="100000")["limit"] == 100
    assert page(limit="0")["limit"] == 1
    assert page(offset="-1")["offset"] == 0


@pytest.mark.parametrize("operation_id", newest(is_paged))
@pytest.mark.parametrize("query", [{"limit": "ten"}, {"limit": ""}, {"offset": "1.5"}, {"offset": "²"}])
def test_a_page_that_is_no_number_is_refused(world: World, operation_id: str, query: dict[str, str]) -> None:
    call = PREPARED[operation_id](world)
    refused(world, call, world.answer(call.but(query={**call.query, **query})), 400)
