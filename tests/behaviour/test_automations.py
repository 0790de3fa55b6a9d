"""Automations, the workflows of releases before 1.6, and what makes them match."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import NotFound
from contio_mock.contract.automations import Automation
from contio_mock.contract.meetings import Meeting
from contio_mock.contract.wire import Request
from contio_mock.fake.processes.automations import has_assignment, match_action_item, match_meeting
from contio_mock.fake.publication import publish
from contio_mock.fake.records import AssignmentRecord
from contio_mock.fake.sandbox import Context

ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
ONE, MANY = "/v1/partner/admin/automation", "/v1/partner/admin/automations"
OLD = "/v1/partner/admin/workflows"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
TRIGGERS = (
    "action_item_created", "action_item_updated", "action_item_completed", "action_item_match",
    "meeting_ended", "meeting_summary_ready",
)  # fmt: skip
GOOD: dict[str, Any] = {
    "name": "Tickets",
    "trigger_type": "action_item_match",
    "actions": [{"type": "phrase_match", "config": {"phrases": ["ticket"]}}],
}


@dataclass
class Item:
    """An action item, as far as automations look at it."""

    meeting_id: str
    workspace_id: str
    viewer_ids: frozenset[str] = frozenset()
    id: str = UNKNOWN
    title: str = "Open a ticket"
    description: str | None = None


@pytest.fixture(autouse=True)
def no_demo_automation(request: pytest.FixtureRequest) -> None:
    if "contio" in request.fixturenames:
        clear(request.getfixturevalue("contio"))


def clear(contio: FakeContio) -> FakeContio:
    for automation in list(contio.sandbox.store.automations):
        contio.sandbox.store.automations.remove(automation)
    return contio


def made(**keywords: Any) -> FakeContio:
    return clear(FakeContio(check_answers=True, webhook_url="http://localhost:9/", **keywords))


def create(contio: FakeContio, **more: Any) -> Automation:
    return contio.admin().admin.automations.create(GOOD | more)


def test_the_demo_has_one() -> None:
    (automation,) = FakeContio().admin().admin.automations.list().items
    assert automation.name == "Support tickets"


# ---------------------------------------------------------------- create, read, change, delete


@pytest.mark.parametrize("path", [ONE, MANY])
def test_an_automation_is_active_when_it_is_created(contio: FakeContio, raw: Any, path: str) -> None:
    answer = raw("POST", path, GOOD | {"description": "x"}, headers=ADMIN)
    assert answer.status == 201
    body = json.loads(answer.body)
    id_ = body.pop("id")
    assert body == GOOD | {
        "description": "x",
        "partner_app_id": contio.credentials.partner_app_id,
        "status": "active",
        "created_at": "2026-01-15T09:00:00Z",
        "updated_at": "2026-01-15T09:00:00Z",
    }
    assert json.loads(raw("GET", f"{path}/{id_}", headers=ADMIN).body) == body | {"id": id_}
    assert json.loads(raw("GET", path, headers=ADMIN).body)["items"] == [body | {"id": id_}]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_every_trigger_is_taken(contio: FakeContio, trigger: Any) -> None:
    assert create(contio, trigger_type=trigger).trigger_type == trigger


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"phrases": "a, b"},
        {"phrases": []},
        {"a": {"b": [1, None, 1.5, True, "ä"]}},
        {"": "x" * 10_000},
    ],
    ids=lambda config: repr(config)[:30],
)
def test_a_config_is_the_apps_own(contio: FakeContio, config: Any) -> None:
    made_ = create(contio, actions=[{"type": "anything", "config": config}])
    assert made_.actions[0].config == config
    assert contio.admin().admin.automations.get(made_.id) == made_


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (GOOD | {"name": ""}, "validation_error"),
        (GOOD | {"name": "x" * 256}, "validation_error"),
        (GOOD | {"name": None}, "validation_error"),
        (GOOD | {"description": "x" * 1001}, "validation_error"),
        (GOOD | {"trigger_type": "meeting_started"}, "validation_error"),
        (GOOD | {"actions": []}, "validation_error"),
        (GOOD | {"actions": [{}]}, "validation_error"),
        (GOOD | {"actions": [{"type": 1}]}, "validation_error"),
        (GOOD | {"actions": [{"type": "x", "config": []}]}, "validation_error"),
        (GOOD | {"actions": {"type": "x"}}, "validation_error"),
        ({"name": "x"}, "validation_error"),
        (b"", "invalid_request_body"),
        (b'{"name": NaN}', "invalid_request_body"),
        (b'{"name": "\\ud800"}', "invalid_request_body"),
        pytest.param(b"[" * 5000, "invalid_request_body", id="deep"),
    ],
)
def test_what_does_not_fit_is_refused(contio: FakeContio, raw: Any, body: Any, code: str) -> None:
    assert raw.code("POST", ONE, body, headers=ADMIN) == (400, code)
    assert contio.admin().admin.automations.list().total == 0


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_only_what_is_sent_changes(contio: FakeContio, raw: Any, method: str) -> None:
    before = create(contio, description="x")
    contio.clock.advance("1m")
    nulls = dict.fromkeys(("description", "actions", "trigger_type", "status", "is_active"))
    answer = raw(method, f"{ONE}/{before.id}", {"name": "New"} | nulls, headers=ADMIN)
    after = contio.admin().admin.automations.get(before.id)
    assert after == before.model_copy(update={"name": "New", "updated_at": contio.clock.now})
    assert Automation.model_validate_json(answer.body) == after
    actions = [{"type": "b"}]
    body = {"description": "", "trigger_type": "meeting_ended", "actions": actions, "status": "inactive"}
    shown = json.loads(raw(method, f"{ONE}/{before.id}", body, headers=ADMIN).body)
    assert {name: shown[name] for name in body} == body


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"actions": []}, {"trigger_type": "x"}, {"status": "paused"}, {"is_active": "yes"},
        {"is_active": 1}, {"description": "x" * 1001}, {"actions": [{"config": {}}]},
    ],
)  # fmt: skip
def test_a_change_that_does_not_fit_is_refused(contio: FakeContio, raw: Any, method: str, body: Any) -> None:
    before = create(contio)
    assert raw.code(method, f"{ONE}/{before.id}", body, headers=ADMIN) == (400, "validation_error")
    assert contio.admin().admin.automations.get(before.id) == before


@pytest.mark.parametrize(
    ("body", "status", "is_active"),
    [
        ({"is_active": False}, "inactive", "inactive"),
        ({"status": "inactive"}, "inactive", "inactive"),
        ({"status": "active", "is_active": False}, "active", "inactive"),
        ({"status": "inactive", "is_active": True}, "inactive", "active"),
        ({}, "active", "active"),
    ],
)
@pytest.mark.parametrize("setting", ["status", "is_active"])
def test_which_of_status_and_is_active_counts(body: Any, status: str, is_active: str, setting: str) -> None:
    contio = made(profile={"automation_status_precedence": setting})
    automation = create(contio)
    changed = contio.admin().admin.automations.update(automation.id, body)
    assert changed.status == (status if setting == "status" else is_active)


@pytest.mark.parametrize("path", [ONE, MANY])
def test_a_deleted_automation_is_gone(contio: FakeContio, raw: Any, path: str) -> None:
    automation = create(contio)
    answer = raw("DELETE", f"{path}/{automation.id}", headers=ADMIN)
    assert (answer.status, answer.body) == (204, b"")
    assert raw.code("DELETE", f"{path}/{automation.id}", headers=ADMIN) == (404, "not_found")
    with pytest.raises(NotFound):
        contio.admin().admin.automations.get(automation.id)


def test_automations_are_paged_newest_first(contio: FakeContio) -> None:
    ids = [create(contio).id for _ in range(5)][::-1]
    for limit, offset in [(2, 0), (2, 4), (5, 0), (2, 5), (100, 0)]:
        page = contio.admin().admin.automations.list(limit=limit, offset=offset)
        assert [automation.id for automation in page.items] == ids[offset : offset + limit]
        assert (page.total, page.limit, page.offset) == (5, limit, offset)
    assert contio.admin().admin.automations.list().limit == 50


@pytest.mark.parametrize("query", ["limit=x", "offset=1.0"])
def test_a_limit_that_is_no_number_is_refused(raw: Any, query: str) -> None:
    assert raw.code("GET", ONE, query=query, headers=ADMIN) == (400, "invalid_query_parameters")


@pytest.mark.parametrize("path", [ONE, MANY])
@pytest.mark.parametrize(
    ("id_", "read", "delete"),
    [
        (UNKNOWN, (404, "not_found"), (404, "not_found")),
        ("mine", (400, "invalid_automation_id"), (404, "not_found")),
        ("0" * 500, (400, "invalid_automation_id"), (404, "not_found")),
    ],
)
def test_unknown_and_malformed_ids(raw: Any, path: str, id_: str, read: Any, delete: Any) -> None:
    assert raw.code("GET", f"{path}/{id_}", headers=ADMIN) == read
    assert raw.code("PUT", f"{path}/{id_}", {}, headers=ADMIN) == read
    assert raw.code("DELETE", f"{path}/{id_}", headers=ADMIN) == delete
    if path == ONE:
        assert raw.code("PATCH", f"{path}/{id_}", {}, headers=ADMIN) == read


def test_a_creation_is_replayed_with_its_key(contio: FakeContio, raw: Any) -> None:
    headers = ADMIN | {"idempotency-key": "k"}
    assert raw("POST", ONE, GOOD, headers=headers).body == raw("POST", ONE, GOOD, headers=headers).body
    assert contio.admin().admin.automations.list().total == 1


# ---------------------------------------------------------------- releases


@pytest.mark.parametrize(
    ("release", "old", "new", "patch"),
    [("1.5", 200, 404, 404), ("1.6", 404, 200, 405), ("1.9", 404, 200, 405), ("1.10", 404, 200, 404)],
)
def test_what_each_release_has(release: str, old: int, new: int, patch: int, raw_of: Any) -> None:
    raw = raw_of(made(release=release))
    assert raw("GET", OLD, headers=ADMIN).status == old
    for path in (ONE, MANY):
        assert raw("GET", path, headers=ADMIN).status == new
    assert raw("PATCH", f"{ONE}/{UNKNOWN}", {}, headers=ADMIN).status == patch


def test_workflows_live_and_die_like_automations(raw_of: Any) -> None:
    contio = made(release="1.5")
    raw = raw_of(contio)
    workflows = contio.admin().admin.workflows
    created = workflows.create(GOOD)
    assert workflows.get(created.id) == created
    assert workflows.list().items == [created]
    contio.clock.advance("1m")
    changed = workflows.replace(created.id, {"is_active": False})
    assert changed == created.model_copy(update={"status": "inactive", "updated_at": contio.clock.now})
    assert raw.code("GET", f"{OLD}/mine", headers=ADMIN) == (400, "invalid_workflow_id")
    assert raw.code("PUT", f"{OLD}/mine", {}, headers=ADMIN) == (400, "invalid_workflow_id")
    assert raw.code("PUT", f"{OLD}/{created.id}", {"status": "x"}, headers=ADMIN) == (400, "validation_error")
    assert raw.code("POST", OLD, {}, headers=ADMIN) == (400, "validation_error")
    assert raw.code("POST", OLD, b"", headers=ADMIN) == (400, "invalid_request_body")
    workflows.delete(created.id)
    for method in ("GET", "DELETE"):
        assert raw.code(method, f"{OLD}/{created.id}", headers=ADMIN) == (404, "not_found")
    assert workflows.list().total == 0


# ---------------------------------------------------------------- matching


def item_of(contio: FakeContio, **more: Any) -> tuple[Item, Meeting]:
    """An action item of the meeting of Ada and Grace, who are both connected."""
    meetings = contio.client().user.meetings.list(limit=100).items
    meeting = next(meeting for meeting in meetings if meeting.title == "1:1 Ada and Grace")
    record = contio.sandbox.store.meetings.get(meeting.id)
    assert record is not None
    return Item(meeting.id, meeting.workspace_id, record.viewer_ids, **more), meeting


def matched(contio: FakeContio, item: Item, moment: Any = "created") -> list[AssignmentRecord]:
    ctx = Context(contio.sandbox, Request("", ""), "", "")
    if moment in ("ended", "summary_ready"):
        found = match_meeting(ctx, [item], moment)
    else:
        found = match_action_item(ctx, item, moment)
    assert has_assignment(ctx, item.id) is bool(contio.sandbox.store.assignments.under("key", item.id))
    publish(ctx)
    return found


def test_a_match_is_told_to_everybody_who_sees_the_meeting() -> None:
    contio = made()
    automation = create(contio)
    item, meeting = item_of(contio)
    (assignment,) = matched(contio, item)
    (event,) = contio.events
    assert event.type == "automation.assignment.created"
    assert event.data == {
        "action_item_id": item.id,
        "assignment_id": assignment.id,
        "automation_data_payload": {"trigger_type": "action_item_match"},
        "automation_id": automation.id,
        "automation_name": "Tickets",
        "confidence_score": 1.0,
        "created_at": "2026-01-15T09:00:00Z",
        "meeting_id": meeting.id,
        "status": "assigned",
        "workspace_id": meeting.workspace_id,
    }
    assert {d.for_user for d in event.deliveries} == {"ada@example.com", "grace@example.com"}
    assert all("actor_user_id" not in json.loads(d.body) for d in event.deliveries)


def test_before_release_1_6_a_match_is_a_workflows() -> None:
    contio = made(release="1.5")
    workflow = contio.admin().admin.workflows.create(GOOD)
    item, _ = item_of(contio)
    (assignment,) = matched(contio, item)
    (event,) = contio.events
    assert event.type == "workflow.assignment.created"
    assert event.data["workflow_id"] == workflow.id
    assert event.data["workflow_data_payload"] == {"trigger_type": "action_item_match"}
    assert event.data["assignment_id"] == assignment.id
    assert len(event.deliveries) == 2


FITTING = {
    "created": {"action_item_created", "action_item_match"},
    "updated": {"action_item_updated", "action_item_match"},
    "completed": {"action_item_completed"},
    "ended": {"meeting_ended"},
    "summary_ready": {"meeting_summary_ready"},
}


@pytest.mark.parametrize("moment", FITTING)
def test_each_moment_has_its_triggers(contio: FakeContio, moment: str) -> None:
    by_id = {create(contio, trigger_type=trigger).id: trigger for trigger in TRIGGERS}
    item, _ = item_of(contio)
    assert {by_id[made.automation_id] for made in matched(contio, item, moment)} == FITTING[moment]


@pytest.mark.parametrize(
    ("phrases", "title", "description", "score"),
    [
        (["ticket"], "Open a TICKET", None, 1.0),
        (["TICKET"], "tickets", None, 1.0),
        (["ticket"], "x", "see ticket", 1.0),
        (["ticket", "bug"], "ticket", None, 0.75),
        (["ticket", "bug", "one", "two"], "ticket", "", 0.62),
        (["ticket"], "Open", "Close", None),
        (["x y"], "x", "y", None),
        ([], "anything", None, 1.0),
        ([" ", ""], "anything", None, 1.0),
        ("bug, ticket ,", "ticket", None, 0.75),
        ('["ticket", "bug"]', "a bug", None, 0.75),
        pytest.param("[" * 50_000, "x", None, None, id="deep"),
        ('{"a": 1}', "x", None, None),
        ([1, None, {"a": 1}, "ticket"], "ticket", None, 1.0),
        (7, "anything", None, 1.0),
        (None, "anything", None, 1.0),
        (["straße"], "STRASSE", None, 1.0),
    ],
)
def test_phrases_decide(
    contio: FakeContio, phrases: Any, title: str, description: str | None, score: float | None
) -> None:
    create(contio, actions=[{"type": "phrase_match", "config": {"phrases": phrases}}])
    item, _ = item_of(contio, title=title, description=description)
    found = [assignment.confidence_score for assignment in matched(contio, item)]
    assert found == ([] if score is None else [score])


def test_the_phrases_of_all_actions_count(contio: FakeContio) -> None:
    config = [{"phrases": ["bug"]}, None, {"phrases": ["ticket"]}]
    create(contio, actions=[{"type": "x", "config": each} for each in config])
    item, _ = item_of(contio, title="ticket")
    assert [assignment.confidence_score for assignment in matched(contio, item)] == [0.75]


def test_an_inactive_or_deleted_automation_matches_nothing(contio: FakeContio) -> None:
    item, _ = item_of(contio)
    automation = create(contio)
    automations = contio.admin().admin.automations
    automations.update(automation.id, {"status": "inactive"})
    assert matched(contio, item) == []
    automations.update(automation.id, {"is_active": True})
    automations.delete(automation.id)
    assert matched(contio, item) == []
    assert contio.events == []


def test_a_workspace_without_a_connection_is_not_looked_at(contio: FakeContio) -> None:
    create(contio)
    item, _ = item_of(contio)
    for connection in contio.admin().admin.connections.list(limit=100).items:
        contio.admin().admin.connections.revoke(connection.id)
    assert matched(contio, item) == []
    assert matched(contio, Item(UNKNOWN, UNKNOWN)) == []


@pytest.mark.parametrize(("setting", "times"), [("once", 1), ("every_time", 2)])
def test_an_item_is_assigned_again_by_setting(setting: str, times: int) -> None:
    contio = made(profile={"repeated_assignment": setting})
    create(contio)
    item, _ = item_of(contio)
    assert len(matched(contio, item)) + len(matched(contio, item, "updated")) == times


def test_an_item_that_nobody_sees_is_told_to_nobody() -> None:
    contio = made()
    create(contio)
    item, _ = item_of(contio)
    item.viewer_ids = frozenset()
    assert len(matched(contio, item)) == 1
    assert contio.events[0].deliveries == []
