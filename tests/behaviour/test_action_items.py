"""Action items: created, listed, completed, reopened and deleted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, NotFound
from contio_mock.contract.action_items import (
    ActionItem,
    ActionItemCreate,
    ActionItemUpdate,
    DeleteActionItem,
    GetActionItem,
    ListActionItems,
    PatchActionItem,
    UpdateActionItem,
)
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.automations import AutomationActionInput, AutomationCreate
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.wire import Request
from contio_mock.fake.oauth import grants
from contio_mock.fake.processes import action_items as process
from contio_mock.fake.records import ActionItemRecord
from contio_mock.fake.sandbox import Context

ITEMS = "/v1/partner/user/action-items"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
STATUSES = ("needs_review", "accepted", "in_progress", "blocked", "completed", "cancelled")
ADA, GRACE, LINUS = "ada@example.com", "grace@example.com", "linus@example.net"


def meeting_of(client: Contio) -> str:
    return client.user.meetings.create(MeetingCreate(title="Review")).id


def shared_meeting(contio: FakeContio) -> str:
    """A meeting of Ada's in which Grace takes part."""
    meetings = contio.client(ADA).user.meetings.list(limit=100).items
    return next(m.id for m in meetings if m.title == "1:1 Ada and Grace")


def create(client: Contio, meeting_id: str, title: str = "Do it", **given: Any) -> ActionItem:
    wish = ActionItemCreate(meeting_id=meeting_id, title=title, **given)
    return client.user.action_items.create(wish)


def told(contio: FakeContio) -> list[str]:
    return [event.type for event in contio.events if event.type.startswith("action_item")]


@pytest.fixture
def mine(contio: FakeContio) -> ActionItem:
    """An open item in a meeting of Ada's alone; nothing has happened before."""
    client = contio.client(ADA)
    item = create(client, meeting_of(client))
    contio.sandbox.outbox.events.clear()
    contio.clock.advance("1m")
    return item


# ---------------------------------------------------------------- create and read


def test_only_a_meeting_and_a_title_are_needed(contio: FakeContio) -> None:
    client = contio.client()
    meeting = meeting_of(client)
    made = create(client, meeting)
    assert made == ActionItem(
        id=made.id,
        meeting_id=meeting,
        title="Do it",
        status="needs_review",
        is_completed=False,
        has_partner_assignment=False,
        created_at=contio.clock.now,
        updated_at=contio.clock.now,
    )
    assert client.user.action_items.get(made.id) == made


def test_absent_members_are_absent_in_the_answer(contio: FakeContio, raw: Any) -> None:
    made = create(contio.client(), shared_meeting(contio))
    assert set(json.loads(raw("GET", f"{ITEMS}/{made.id}").body)) == {
        "id", "meeting_id", "title", "status", "is_completed", "has_partner_assignment",
        "created_at", "updated_at",
    }  # fmt: skip


def test_everything_that_is_given_is_kept(contio: FakeContio) -> None:
    client = contio.client()
    context = {"ticket": 7, "flag": True, "none": None, "list": [1, {"a": "b"}], "": "ü🎉"}
    made = create(
        client,
        meeting_of(client),
        description="In full",
        due_date=date(2026, 2, 28),
        status="blocked",
        partner_context=context,
    )
    assert (made.description, made.due_date, made.status) == ("In full", date(2026, 2, 28), "blocked")
    assert client.user.action_items.get(made.id).partner_context == context


@pytest.mark.parametrize("status", STATUSES)
def test_an_item_is_completed_from_the_start_exactly_when_its_status_says_so(
    contio: FakeContio, status: str
) -> None:
    client = contio.client()
    made = create(client, meeting_of(client), status=status)
    assert made.is_completed == (status == "completed")
    assert made.completed_at == (contio.clock.now if status == "completed" else None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"meeting_id": None}, "invalid_request"),
        ({"meeting_id": "meeting-123"}, "invalid_request"),
        ({"meeting_id": UNKNOWN_ID}, "invalid_request"),
        ({"meeting_id": 7}, "invalid_request"),
        ({"title": None}, "invalid_request"),
        ({"title": ""}, "invalid_request"),
        ({"title": "x" * 1001}, "invalid_request"),
        ({"title": "a\0b"}, "invalid_request"),
        ({"description": ""}, "invalid_request"),
        ({"description": "x" * 10_000}, "invalid_request"),
        ({"status": "done"}, "invalid_request"),
        ({"status": "COMPLETED"}, "invalid_request"),
        ({"partner_context": "x"}, "invalid_request"),
        ({"partner_context": []}, "invalid_request"),
        ({"partner_context": {"a": float("inf")}}, "invalid_request"),
        ({"due_date": "tomorrow"}, "invalid_due_date"),
        ({"due_date": ""}, "invalid_due_date"),
        ({"due_date": "2026-02-30"}, "invalid_due_date"),
        ({"due_date": "2026-2-3"}, "invalid_due_date"),
        ({"due_date": "20260203"}, "invalid_due_date"),
        ({"due_date": "2026-W05"}, "invalid_due_date"),
        ({"due_date": "2026-02-03T00:00:00Z"}, "invalid_due_date"),
        ({"due_date": "0000-01-01"}, "invalid_due_date"),
        ({"due_date": 20260203}, "invalid_due_date"),
        ({"due_date": []}, "invalid_due_date"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_made(
    contio: FakeContio, raw: Any, changed: dict[str, Any], code: str
) -> None:
    client = contio.client()
    before = client.user.action_items.list().total
    body = {"meeting_id": shared_meeting(contio), "title": "x", **changed}
    assert raw.code("POST", ITEMS, body) == (400, code)
    assert client.user.action_items.list().total == before
    assert contio.events == []


@pytest.mark.parametrize("written", [b"1e400", b"-1e999", b"9" * 5000, b"[" * 5000, b"NaN", b'"\\u0000"'])
def test_a_context_that_no_json_store_keeps_is_refused(contio: FakeContio, raw: Any, written: bytes) -> None:
    body = b'{"meeting_id": "%s", "title": "x", "partner_context": {"a": %s}}'
    meeting = shared_meeting(contio).encode()
    assert raw.code("POST", ITEMS, body % (meeting, written)) == (400, "invalid_request")


@pytest.mark.parametrize("value", [b"9" * 4000, b"[" * 150 + b"]" * 150, b"1e-400", b'"\\ud83c\\udf89"'])
def test_an_odd_context_is_kept(contio: FakeContio, raw: Any, value: bytes) -> None:
    body = b'{"meeting_id": "%s", "title": "x", "partner_context": {"a": %s}}'
    answer = raw("POST", ITEMS, body % (shared_meeting(contio).encode(), value))
    assert answer.status == 201
    assert json.loads(answer.body)["partner_context"]["a"] == json.loads(value)
    listed = json.loads(raw("GET", ITEMS, query="limit=1").body)
    assert listed["items"] == [json.loads(answer.body)]


def test_a_context_is_as_large_as_a_body_may_be(contio: FakeContio, raw: Any) -> None:
    body = {"meeting_id": shared_meeting(contio), "title": "x", "partner_context": {"a": "x" * 1_000_000}}
    assert raw("POST", ITEMS, body).status == 201
    body["partner_context"] = {"a": "x" * 1_100_000}
    assert raw.code("POST", ITEMS, body) == (413, "payload_too_large")


@pytest.mark.parametrize("mine_or_not", ["foreign", "unknown"])
def test_an_unknown_meeting_is_a_profile_option(mine_or_not: str) -> None:
    for choice, status, code in (
        ("invalid_request", 400, "invalid_request"),
        ("not_found", 404, "not_found"),
    ):
        contio = FakeContio(check_answers=True, profile={"unknown_meeting": choice})
        meeting = meeting_of(contio.client(LINUS)) if mine_or_not == "foreign" else UNKNOWN_ID
        with pytest.raises((BadRequest, NotFound)) as refused:
            create(contio.client(ADA), meeting)
        assert (refused.value.status, refused.value.code) == (status, code)
        assert told(contio) == []


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-02-03", "2026-02-03"),
        ("2026-02-03T10:00:00Z", "2026-02-03"),
        ("2026-02-03T23:30:00-08:00", "2026-02-03"),
        ("2026-02-03T00:30:00.123456+14:00", "2026-02-03"),
        ("2026-02-03T10:00:00", "2026-02-03"),
    ],
)
@pytest.mark.contio(profile={"due_date_times": "truncate"})
def test_a_profile_may_take_the_day_of_a_date_time(
    contio: FakeContio, raw: Any, written: str, day: str
) -> None:
    body = {"meeting_id": shared_meeting(contio), "title": "x", "due_date": written}
    made = json.loads(raw("POST", ITEMS, body).body)
    assert made["due_date"] == day
    assert raw.code("PATCH", f"{ITEMS}/{made['id']}", {"due_date": "soon"}) == (400, "invalid_due_date")


def test_an_idempotent_request_makes_one_item(contio: FakeContio, raw: Any) -> None:
    body = {"meeting_id": shared_meeting(contio), "title": "Once"}
    first = raw("POST", ITEMS, body, headers={"idempotency-key": "k"})
    again = raw("POST", ITEMS, body, headers={"idempotency-key": "k"})
    assert (again.status, again.body) == (201, first.body)
    assert again.header("idempotent-replayed") == "true"
    assert told(contio) == ["action_item.created"]


# ---------------------------------------------------------------- who sees what


def test_an_item_belongs_to_everybody_in_its_meeting(contio: FakeContio) -> None:
    made = create(contio.client(ADA), shared_meeting(contio))
    grace = contio.client(GRACE)
    assert grace.user.action_items.get(made.id) == made
    assert grace.user.action_items.list(limit=1).items == [made]
    assert grace.user.action_items.patch(made.id, ActionItemUpdate(title="Ours")).title == "Ours"
    grace.user.action_items.delete(made.id)
    with pytest.raises(NotFound):
        contio.client(ADA).user.action_items.get(made.id)


def test_others_items_are_not_found_and_stay_as_they_are(contio: FakeContio, mine: ActionItem) -> None:
    wish = ActionItemUpdate(title="No")
    for stranger in (contio.client(GRACE), contio.client(LINUS)):
        for operation in (
            GetActionItem(mine.id),
            UpdateActionItem(mine.id, wish),
            PatchActionItem(mine.id, wish),
            DeleteActionItem(mine.id),
        ):
            with pytest.raises(NotFound) as refused:
                stranger.send(operation)
            assert refused.value.code == "not_found"
        assert mine.id not in {item.id for item in stranger.every(ListActionItems())}
        assert stranger.user.action_items.list(meeting_id=mine.meeting_id).total == 0
    assert contio.client(ADA).user.action_items.get(mine.id) == mine
    assert contio.events == []


@pytest.mark.contio(profile={"meeting_visibility": "workspace"})
def test_whoever_sees_a_meeting_sees_its_items(contio: FakeContio, mine: ActionItem) -> None:
    grace = contio.client(GRACE)
    assert grace.user.action_items.get(mine.id) == mine
    assert grace.user.action_items.list(limit=1).items == [mine]
    assert grace.user.action_items.list(meeting_id=mine.meeting_id).items == [mine]
    with pytest.raises(NotFound):
        contio.client(LINUS).user.action_items.get(mine.id)


@pytest.mark.contio(profile={"action_item_visibility": "own"})
def test_a_profile_may_show_people_only_their_own_items(contio: FakeContio) -> None:
    meeting = shared_meeting(contio)
    made = create(contio.client(ADA), meeting)
    ada, grace = contio.client(ADA).user.action_items, contio.client(GRACE).user.action_items
    assert ada.get(made.id) == made
    with pytest.raises(NotFound):
        grace.get(made.id)
    assert [d.for_user for e in contio.events for d in e.deliveries] == []
    assert made not in grace.list(meeting_id=meeting).items
    ctx, record = context(contio), contio.sandbox.store.action_items.get(made.id)
    assert record is not None
    process.change_action_item(ctx, record, assigned_to_user_id=contio.client(GRACE).user.profile.get().id)
    assert grace.get(made.id) == grace.list(meeting_id=meeting, limit=1).items[0]
    assert {item.assigned_to_user_id or "" for item in grace.list(limit=100).items} <= {
        "",
        contio.client(GRACE).user.profile.get().id,
    }


def context(contio: FakeContio) -> Context:
    return Context(contio.sandbox, Request("", ""), "", "")


def test_new_participants_see_the_items_that_were_there_and_those_who_left_do_not(
    contio: FakeContio, mine: ActionItem
) -> None:
    store = contio.sandbox.store
    linus = contio.client(LINUS)
    meeting = store.meetings.get(mine.meeting_id)
    assert meeting is not None
    joined = store.meetings.replace(meeting, viewer_ids=meeting.viewer_ids | {linus.user.profile.get().id})
    process.follow_participants(context(contio), joined)
    assert linus.user.action_items.list().items[0] == mine
    left = store.meetings.replace(joined, viewer_ids=meeting.viewer_ids)
    process.follow_participants(context(contio), left)
    assert mine not in linus.user.action_items.list(limit=100).items


@pytest.mark.parametrize("id_", ["item-1", "0", UNKNOWN_ID + "0", "%F0%9F%8E%89"])
def test_a_malformed_id_is_a_bad_request(raw: Any, id_: str) -> None:
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        sent = (method, f"{ITEMS}/{id_}", *([body] if body is not None else []))
        assert raw.code(*sent) == (400, "invalid_action_item_id")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", ITEMS, "action-items:read"),
        ("GET", f"{ITEMS}/{UNKNOWN_ID}", "action-items:read"),
        ("POST", ITEMS, "action-items:write"),
        ("PUT", f"{ITEMS}/{UNKNOWN_ID}", "action-items:write"),
        ("PATCH", f"{ITEMS}/{UNKNOWN_ID}", "action-items:write"),
        ("DELETE", f"{ITEMS}/{UNKNOWN_ID}", "action-items:write"),
    ],
)
def test_each_operation_needs_its_scope_and_no_other(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    others = "meetings:read meetings:write action-items:read action-items:write".replace(scope, "")
    for scopes, refused in ((others, True), (scope, False)):
        tokens = contio.client(scope=scopes).tokens
        assert tokens is not None
        status = raw_of(contio, token=tokens.access_token)(method, path, {"title": "x"}).status
        assert (status == 403) == refused


# ---------------------------------------------------------------- lists


@pytest.fixture
def many(contio: FakeContio) -> tuple[Contio, list[ActionItemRecord]]:
    """A new user's 24 items in two meetings, of every kind, one a day."""
    client = contio.client("new@example.com")
    meetings = [meeting_of(client), meeting_of(client)]
    store = contio.sandbox.store.action_items
    made = []
    for number, (meeting, completed, assigned) in enumerate(
        product(meetings * 3, (True, False), (True, False))
    ):
        item = create(
            client,
            meeting,
            f"Number {number}",
            status="completed" if completed else "accepted",
            due_date=date(2026, 3, 1) + timedelta(days=number) if number % 2 else None,
        )
        record = store.get(item.id)
        assert record is not None
        made.append(process.change_action_item(context(contio), record, has_partner_assignment=assigned))
        contio.clock.advance("1d")
    return client, made


FIRST_DAY = date(2026, 1, 15)
RANGES = [
    (None, None),
    (FIRST_DAY + timedelta(days=6), None),
    (None, FIRST_DAY + timedelta(days=12)),
    (FIRST_DAY + timedelta(days=6), FIRST_DAY + timedelta(days=12)),
    (FIRST_DAY + timedelta(days=12), FIRST_DAY + timedelta(days=6)),
]


@pytest.mark.parametrize(("start", "end"), RANGES)
def test_filters_combine_in_every_way(
    many: tuple[Contio, list[ActionItemRecord]], start: date | None, end: date | None
) -> None:
    client, made = many
    for meeting, completed, assigned in product(
        (None, made[0].meeting_id), (None, True, False), (None, True, False)
    ):
        expected = [
            item.id
            for item in reversed(made)
            if meeting in (None, item.meeting_id)
            and completed in (None, item.is_completed)
            and assigned in (None, item.has_partner_assignment)
            and (start is None or item.created_at.date() >= start)
            and (end is None or item.created_at.date() <= end)
        ]
        wish = ListActionItems(
            meeting_id=meeting,
            is_completed=completed,
            has_partner_assignment=assigned,
            start_date=start,
            end_date=end,
        )
        assert [item.id for item in client.every(wish, page_size=3)] == expected


@pytest.mark.contio(profile={"action_item_dates": "due_date"})
def test_a_profile_may_compare_due_dates(many: tuple[Contio, list[ActionItemRecord]]) -> None:
    client, made = many
    low, high = date(2026, 3, 4), date(2026, 3, 12)
    for completed in (None, True, False):
        expected = [
            item.id
            for item in reversed(made)
            if item.due_date is not None and low <= item.due_date <= high
            and completed in (None, item.is_completed)
        ]  # fmt: skip
        wish = ListActionItems(start_date=low, end_date=high, is_completed=completed)
        assert [item.id for item in client.every(wish, page_size=2)] == expected
    at_noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert client.user.action_items.list(start_date=at_noon, end_date=at_noon).total == 1


@pytest.mark.contio(profile={"plain_end_date": "start_of_day"})
def test_a_profile_may_end_a_range_with_the_days_first_moment(
    many: tuple[Contio, list[ActionItemRecord]],
) -> None:
    client, _ = many
    assert client.user.action_items.list(end_date=FIRST_DAY + timedelta(days=2)).total == 2


def test_a_change_moves_an_item_between_lists(contio: FakeContio, mine: ActionItem) -> None:
    items = contio.client(ADA).user.action_items
    open_before = items.list(is_completed=False).total
    items.patch(mine.id, ActionItemUpdate(is_completed=True))
    assert items.list(is_completed=False).total == open_before - 1
    assert items.list(meeting_id=mine.meeting_id, is_completed=True).total == 1
    items.delete(mine.id)
    assert items.list(meeting_id=mine.meeting_id).total == 0


def test_the_default_page_has_25_and_limits_are_clamped(contio: FakeContio, raw_of: Any) -> None:
    client = contio.client("new@example.com")
    meeting = meeting_of(client)
    made = [create(client, meeting, f"Number {n}").id for n in range(30)]
    page = client.user.action_items.list()
    assert ([i.id for i in page.items], page.total, page.limit) == (made[:4:-1], 30, 25)
    assert client.user.action_items.list(offset=30).items == []
    raw = raw_of(contio, "new@example.com")
    assert json.loads(raw("GET", ITEMS, query="limit=1000&offset=-3").body)["limit"] == 100


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("start_date=soon", "invalid_start_date"),
        ("end_date=", "invalid_end_date"),
        ("limit=ten", "invalid_query_parameters"),
        ("meeting_id=mine", "invalid_query_parameters"),
        ("is_completed=yes", "invalid_query_parameters"),
        ("is_completed=", "invalid_query_parameters"),
        ("has_partner_assignment=2", "invalid_query_parameters"),
    ],
)
def test_a_broken_filter_has_its_code(raw: Any, query: str, code: str) -> None:
    assert raw.code("GET", ITEMS, query=query) == (400, code)


@pytest.mark.parametrize("written", ["true", "True", "1"])
def test_a_truth_value_may_be_written_in_several_ways(raw: Any, written: str) -> None:
    page = json.loads(raw("GET", ITEMS, query=f"is_completed={written}").body)
    assert page["total"] > 0
    assert all(item["is_completed"] for item in page["items"])


def test_items_of_an_unknown_meeting_are_none(contio: FakeContio) -> None:
    page = contio.client().user.action_items.list(meeting_id=UNKNOWN_ID)
    assert (page.items, page.total) == ([], 0)


def test_a_new_sandbox_has_items_of_several_meetings_and_statuses(contio: FakeContio) -> None:
    items = contio.client(ADA).user.action_items.list(limit=100).items
    assert len({item.meeting_id for item in items}) > 5
    assert {item.status for item in items} == set(STATUSES)
    for item in items:
        assert item.is_completed == (item.completed_at is not None) == (item.status == "completed")
        assert item.created_at <= item.updated_at <= contio.clock.now
    assert [item.created_at for item in items] == sorted((i.created_at for i in items), reverse=True)
    assert any(item.partner_context for item in items)


# ---------------------------------------------------------------- change


@pytest.fixture(params=["PUT", "PATCH"])
def change(request: pytest.FixtureRequest, contio: FakeContio) -> Any:
    kind = UpdateActionItem if request.param == "PUT" else PatchActionItem
    return lambda item, **given: contio.client(ADA).send(kind(item.id, ActionItemUpdate(**given)))


def test_only_what_is_sent_changes(contio: FakeContio, mine: ActionItem, change: Any) -> None:
    changed = change(mine, description="In full", due_date=date(2026, 2, 1))
    assert changed == mine.model_copy(
        update={"description": "In full", "due_date": date(2026, 2, 1), "updated_at": contio.clock.now}
    )
    assert contio.client(ADA).user.action_items.get(mine.id) == changed


def test_null_leaves_a_member_as_it_is(contio: FakeContio, raw: Any, mine: ActionItem) -> None:
    everything = dict.fromkeys(ActionItemUpdate.model_fields)
    for method in ("PUT", "PATCH"):
        assert raw(method, f"{ITEMS}/{mine.id}", everything).status == 200
    assert contio.client(ADA).user.action_items.get(mine.id) == mine
    assert contio.events == []


def test_is_completed_completes_and_reopens(contio: FakeContio, mine: ActionItem, change: Any) -> None:
    change(mine, status="blocked")
    done = change(mine, is_completed=True)
    assert (done.status, done.is_completed, done.completed_at) == ("completed", True, contio.clock.now)
    contio.clock.advance("1h")
    assert change(mine, is_completed=True).completed_at == done.completed_at
    reopened = change(mine, is_completed=False)
    assert (reopened.status, reopened.is_completed, reopened.completed_at) == ("blocked", False, None)
    assert change(mine, is_completed=False) == reopened


def test_the_status_completes_and_reopens(contio: FakeContio, mine: ActionItem, change: Any) -> None:
    assert change(mine, status="completed").completed_at == contio.clock.now
    reopened = change(mine, status="cancelled")
    assert (reopened.is_completed, reopened.completed_at) == (False, None)


@pytest.mark.contio(profile={"reopened_status": "needs_review"})
def test_a_profile_may_reopen_to_needs_review(contio: FakeContio, mine: ActionItem, change: Any) -> None:
    change(mine, status="blocked")
    change(mine, is_completed=True)
    assert change(mine, is_completed=False).status == "needs_review"


def test_an_item_that_was_made_completed_is_reopened_for_review(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client, meeting_of(client), status="completed")
    assert client.user.action_items.patch(made.id, ActionItemUpdate(is_completed=False)).status == (
        "needs_review"
    )


@pytest.mark.parametrize(("status", "completed"), [("completed", False), ("accepted", True)])
def test_a_contradiction_is_refused_or_the_status_wins(status: str, completed: bool) -> None:
    for choice in ("reject", "status_wins"):
        contio = FakeContio(check_answers=True, profile={"contradicting_completion": choice})
        items = contio.client(ADA).user.action_items
        item = create(contio.client(ADA), shared_meeting(contio))
        wish = ActionItemUpdate(status=status, is_completed=completed, title="New")
        if choice == "reject":
            with pytest.raises(BadRequest) as refused:
                items.patch(item.id, wish)
            assert refused.value.code == "invalid_request"
            assert items.get(item.id) == item
        else:
            changed = items.patch(item.id, wish)
            assert (changed.status, changed.is_completed) == (status, status == "completed")


def test_status_and_completion_that_agree_are_taken(mine: ActionItem, change: Any) -> None:
    assert change(mine, status="completed", is_completed=True).is_completed
    assert change(mine, status="accepted", is_completed=False).status == "accepted"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": ""}, "invalid_request"),
        ({"title": "New", "description": "x" * 1001}, "invalid_request"),
        ({"title": "New", "status": "done"}, "invalid_request"),
        ({"title": "New", "is_completed": "true"}, "invalid_request"),
        ({"title": "New", "due_date": "2026-02-03T00:00:00Z"}, "invalid_due_date"),
        ({"title": "New", "partner_context": 1}, "invalid_request"),
        ([], "invalid_request"),
        (None, "invalid_request"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_refused_update_changes_nothing(
    contio: FakeContio, raw: Any, mine: ActionItem, method: str, body: Any, code: str
) -> None:
    assert raw.code(method, f"{ITEMS}/{mine.id}", body) == (400, code)
    assert contio.client(ADA).user.action_items.get(mine.id) == mine
    assert contio.events == []


update = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(STATUSES),
        "is_completed": st.booleans(),
        "title": st.sampled_from(["Do it", "Do it well"]),
    },
)


def consistent(item: ActionItem) -> bool:
    return item.is_completed == (item.status == "completed") == (item.completed_at is not None)


@given(
    first=st.sampled_from(STATUSES),
    updates=st.lists(update, max_size=8),
    profile=st.fixed_dictionaries(
        {
            "contradicting_completion": st.sampled_from(["reject", "status_wins"]),
            "reopened_status": st.sampled_from(["previous", "needs_review"]),
        }
    ),
)
@settings(max_examples=60, deadline=None)
def test_status_and_completion_agree_after_any_updates(
    first: str, updates: list[dict[str, Any]], profile: dict[str, str]
) -> None:
    contio = FakeContio(check_answers=True, scenario="empty", profile=profile)
    client = contio.client()
    item = create(client, meeting_of(client), status=first)
    completions = int(item.is_completed)
    assert consistent(item)
    for wish in updates:
        contio.clock.advance("1m")
        try:
            after = client.user.action_items.patch(item.id, ActionItemUpdate(**wish))
        except BadRequest:
            after = client.user.action_items.get(item.id)
            assert after == item
        assert consistent(after)
        if item.is_completed and after.is_completed:
            assert after.completed_at == item.completed_at
        elif after.is_completed:
            assert after.completed_at == contio.clock.now
            completions += 1
        assert (after.updated_at == contio.clock.now) == (after != item)
        item = after
    assert told(contio).count("action_item.completed") == completions
    finished = client.user.action_items.list(is_completed=True).items
    assert finished == ([item] if item.is_completed else [])


# ---------------------------------------------------------------- contexts of apps

APPS = [
    {"client_id": n, "client_secret": n, "api_key": n, "webhook_secret": n, "name": n, "company_name": n}
    for n in ("first", "second")
]


def of_two_apps(raw_of: Any, tmp_path: Path, **profile: str) -> tuple[Any, Any]:
    """Requests of two apps for the same user."""
    file = tmp_path / "two.json"
    user = {"email": "u@example.com", "name": "U", "workspace": "W", "connected_to": ["first", "second"]}
    file.write_text(json.dumps({"apps": APPS, "workspaces": [{"name": "W"}], "users": [user]}), "utf-8")
    contio = FakeContio(scenario=str(file), check_answers=True, profile=profile)
    ctx, found = context(contio), contio.sandbox.store.users.first("email", "u@example.com")
    assert found is not None
    made = [
        grants.complete(ctx, app, found, tuple(SCOPES), id_token=False) for app in contio.sandbox.store.apps
    ]
    return tuple(raw_of(contio, token=tokens.access_token) for tokens in made)  # type: ignore[return-value]


def kept_by(raw: Any, id_: str) -> Any:
    """The context that an app reads of an item, which its list shows too."""
    item = json.loads(raw("GET", f"{ITEMS}/{id_}").body)
    assert json.loads(raw("GET", ITEMS).body)["items"] == [item]
    assert json.loads(raw("GET", ITEMS, query="start_date=2026-01-01").body)["items"] == [item]
    return item.get("partner_context")


def made_by(raw: Any, kept: dict[str, Any]) -> str:
    meeting = json.loads(raw("POST", "/v1/partner/user/meetings", {"title": "M"}).body)["id"]
    body = {"meeting_id": meeting, "title": "x", "partner_context": kept}
    id_: str = json.loads(raw("POST", ITEMS, body).body)["id"]
    return id_


def test_an_app_sees_its_own_context_and_no_others(raw_of: Any, tmp_path: Path) -> None:
    first, second = of_two_apps(raw_of, tmp_path)
    id_ = made_by(first, {"a": 1})
    assert (kept_by(first, id_), kept_by(second, id_)) == ({"a": 1}, None)
    answer = second("PATCH", f"{ITEMS}/{id_}", {"partner_context": {"b": 2}})
    assert json.loads(answer.body)["partner_context"] == {"b": 2}
    assert (kept_by(first, id_), kept_by(second, id_)) == ({"a": 1}, {"b": 2})
    answer = first("PATCH", f"{ITEMS}/{id_}", {"title": "y"})
    assert json.loads(answer.body)["partner_context"] == {"a": 1}


def test_a_profile_may_show_everyone_the_latest_context(raw_of: Any, tmp_path: Path) -> None:
    first, second = of_two_apps(raw_of, tmp_path, partner_context_readers="everyone")
    id_ = made_by(first, {"a": 1})
    assert kept_by(second, id_) == {"a": 1}
    second("PATCH", f"{ITEMS}/{id_}", {"partner_context": {"b": 2}})
    assert kept_by(first, id_) == {"b": 2}


@pytest.mark.parametrize(
    ("choice", "kept"), [("replace", {"b": None, "c": 3}), ("merge", {"a": 1, "b": None, "c": 3})]
)
def test_a_new_context_replaces_the_old_or_is_merged_into_it(
    raw_of: Any, tmp_path: Path, choice: str, kept: dict[str, Any]
) -> None:
    first, second = of_two_apps(raw_of, tmp_path, partner_context_update=choice)
    id_ = made_by(first, {"a": 1, "b": 2})
    second("PATCH", f"{ITEMS}/{id_}", {"partner_context": {"z": 1}})
    first("PATCH", f"{ITEMS}/{id_}", {"partner_context": {"b": None, "c": 3}})
    assert (kept_by(first, id_), kept_by(second, id_)) == (kept, {"z": 1})


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ({"a": 1}, {"a": 1}, False),
        ({"a": 1}, {"a": True}, True),
        ({"a": 0}, {"a": False}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {}, True),
        ({}, {}, False),
    ],
)
def test_contexts_are_compared_as_json(
    contio: FakeContio, raw: Any, old: dict[str, Any], new: dict[str, Any], differs: bool
) -> None:
    made = create(contio.client(ADA), shared_meeting(contio), partner_context=old)
    answer = json.loads(raw("PATCH", f"{ITEMS}/{made.id}", {"partner_context": new}).body)
    assert json.dumps(answer["partner_context"]) == json.dumps(new)
    assert ("action_item.updated" in told(contio)) == differs


# ---------------------------------------------------------------- events


def hearers(contio: FakeContio, type_: str) -> set[str | None]:
    (event,) = (event for event in contio.events if event.type == type_)
    return {delivery.for_user for delivery in event.deliveries}


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_a_new_item_is_told_to_everybody_in_the_meeting_who_is_connected(contio: FakeContio) -> None:
    client = contio.client(ADA)
    made = create(client, shared_meeting(contio))
    assert contio.events[-1].data == {
        "action_item_id": made.id,
        "assignee_id": None,
        "created_at": "2026-01-15T09:00:00Z",
        "meeting_id": made.meeting_id,
        "title": "Do it",
        "workspace_id": client.user.profile.get().workspace_id,
    }
    assert hearers(contio, "action_item.created") == {ADA, GRACE}


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_nobody_else_hears_of_an_item(contio: FakeContio) -> None:
    client = contio.client(ADA)
    create(client, meeting_of(client))
    assert hearers(contio, "action_item.created") == {ADA}


@pytest.mark.contio(webhook_url="http://localhost:9/hook", profile={"action_item_visibility": "own"})
def test_where_items_are_seen_by_their_own_only_they_hear_of_them(contio: FakeContio) -> None:
    create(contio.client(ADA), shared_meeting(contio))
    assert hearers(contio, "action_item.created") == {ADA}


def test_a_change_is_told_once(contio: FakeContio, mine: ActionItem, change: Any) -> None:
    change(mine, title="New", status="in_progress")
    assert told(contio) == ["action_item.updated"]
    assert contio.events[-1].data == {
        "action_item_id": mine.id,
        "assignee_id": None,
        "is_completed": False,
        "meeting_id": mine.meeting_id,
        "status": "in_progress",
        "updated_at": "2026-01-15T09:01:00Z",
        "workspace_id": contio.client(ADA).user.profile.get().workspace_id,
    }


@pytest.mark.parametrize("how", [{"status": "completed"}, {"is_completed": True}])
def test_a_completion_is_told_once_beside_the_change(
    contio: FakeContio, mine: ActionItem, change: Any, how: dict[str, Any]
) -> None:
    change(mine, **how)
    change(mine, **how)
    change(mine, title="Done")
    assert told(contio) == ["action_item.updated", "action_item.completed", "action_item.updated"]
    profile = contio.client(ADA).user.profile.get()
    assert contio.events[-2].data == {
        "action_item_id": mine.id,
        "assignee_id": None,
        "completed_at": "2026-01-15T09:01:00Z",
        "completed_by_user_id": profile.id,
        "meeting_id": mine.meeting_id,
        "title": "Do it",
        "workspace_id": profile.workspace_id,
    }
    change(mine, is_completed=False)
    change(mine, **how)
    assert told(contio).count("action_item.completed") == 2


@pytest.mark.parametrize(
    ("choice", "events"),
    [
        ("created_and_completed", ["action_item.created", "action_item.completed"]),
        ("created", ["action_item.created"]),
    ],
)
def test_what_an_item_causes_that_is_made_completed_is_a_profile_option(
    choice: str, events: list[str]
) -> None:
    contio = FakeContio(check_answers=True, profile={"created_as_completed": choice})
    create(contio.client(ADA), shared_meeting(contio), status="completed")
    assert told(contio) == events


@pytest.mark.parametrize(("choice", "count"), [("no", 0), ("yes", 2)])
def test_an_update_without_change_is_told_where_the_profile_says_so(choice: str, count: int) -> None:
    contio = FakeContio(check_answers=True, profile={"update_event_without_change": choice})
    client = contio.client(ADA)
    made = create(client, shared_meeting(contio), status="completed")
    contio.clock.advance("1m")
    for wish in (ActionItemUpdate(), ActionItemUpdate(title="Do it", is_completed=True)):
        assert client.user.action_items.patch(made.id, wish) == made
    assert told(contio).count("action_item.updated") == count
    assert told(contio).count("action_item.completed") == 1


def test_a_deletion_is_told_to_nobody_and_cannot_be_repeated(
    contio: FakeContio, raw: Any, mine: ActionItem
) -> None:
    answer = raw("DELETE", f"{ITEMS}/{mine.id}")
    assert (answer.status, answer.body) == (204, b"")
    assert raw.code("DELETE", f"{ITEMS}/{mine.id}") == (404, "not_found")
    assert contio.events == []


# ---------------------------------------------------------------- what the system does


def test_the_system_makes_and_completes_items_in_nobodys_name(contio: FakeContio) -> None:
    ctx = context(contio)
    meeting = ctx.store.meetings.get(shared_meeting(contio))
    grace = contio.client(GRACE).user.profile.get()
    assert meeting is not None
    for assignee, completer in ((None, meeting.created_by_user_id), (grace.id, grace.id)):
        item = process.create_action_item(
            ctx, meeting, title="By itself", assigned_to_user_id=assignee, by_system=True
        )
        assert ctx.events[-1].actor is None
        assert ctx.events[-1].event.model_dump()["assignee_id"] == assignee
        process.change_action_item(ctx, item, status="completed", by_system=True)
        assert ctx.events[-1].event.model_dump()["completed_by_user_id"] == completer
        assert contio.client(ADA).user.action_items.get(item.id).assigned_to_user_id == assignee


@pytest.mark.parametrize(("trigger", "count"), [("action_item_created", 1), ("action_item_updated", 2)])
def test_an_automation_that_matches_gets_the_item(
    contio: FakeContio, mine: ActionItem, trigger: Any, count: int
) -> None:
    wish = AutomationCreate(name="Mine", trigger_type=trigger, actions=[AutomationActionInput(type="x")])
    contio.admin().admin.automations.create(wish)
    client = contio.client(ADA)
    made = create(client, mine.meeting_id)
    assert made.has_partner_assignment is (count == 1)
    changed = client.user.action_items.patch(made.id, ActionItemUpdate(title="Another"))
    assert changed.has_partner_assignment
    assert client.user.action_items.list(has_partner_assignment=True, limit=1).items == [changed]
    told = [event.type for event in contio.events if event.type.startswith("a")]
    expected = ["action_item.created", "action_item.updated"]
    expected.insert(count, "automation.assignment.created")
    assert told == expected


# ---------------------------------------------------------------- zones and releases


def test_only_the_completion_is_shown_in_the_callers_zone(contio: FakeContio, raw: Any) -> None:
    made = create(contio.client(ADA), shared_meeting(contio), status="completed")
    zone = {"x-client-timezone": "America/Los_Angeles"}
    body = json.loads(raw("GET", f"{ITEMS}/{made.id}", headers=zone).body)
    assert body["completed_at"] == "2026-01-15T01:00:00-08:00"
    assert body["created_at"] == body["updated_at"] == "2026-01-15T09:00:00Z"
    assert json.loads(raw("GET", ITEMS, query="limit=1", headers=zone).body)["items"] == [body]


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_patch_came_with_1_10_and_put_is_always_there(raw_of: Any, release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    made = create(contio.client(ADA), shared_meeting(contio))
    raw = raw_of(contio)
    assert raw("PUT", f"{ITEMS}/{made.id}", {"is_completed": True}).status == 200
    patched = raw("PATCH", f"{ITEMS}/{made.id}", {"is_completed": False}).status
    assert patched == (200 if release == "1.10" else 405)


@pytest.mark.parametrize(("release", "times"), [("1.6", 2), ("1.9", 1)])
def test_idempotency_keys_came_with_1_9(raw_of: Any, release: str, times: int) -> None:
    contio = FakeContio(check_answers=True, release=release)
    body = {"meeting_id": shared_meeting(contio), "title": "Once"}
    for _ in range(2):
        raw_of(contio)("POST", ITEMS, body, headers={"idempotency-key": "k"})
    assert told(contio) == ["action_item.created"] * times
