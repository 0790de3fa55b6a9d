"""Backlog items: one user's agenda items that no meeting has, and how they come and go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, Forbidden, NotFound
from contio_mock.contract.agenda_items import AgendaItem, AgendaItemCreate
from contio_mock.contract.backlog_items import (
    BacklogItem,
    BacklogItemAssign,
    BacklogItemCreate,
    BacklogItemUpdate,
    ListBacklogItemHistory,
    ListBacklogItems,
)
from contio_mock.contract.meetings import Meeting, MeetingCreate, MeetingUpdate
from contio_mock.contract.participants import ParticipantAdd
from contio_mock.contract.simulate_backlog import AgendaItemDeferral

from .told import ADA, GRACE, LINUS, URL, actor, told, types, user_id

BACKLOG = "/v1/partner/user/backlog-items"
DEFER = "/_mock/simulate/agenda-item-deferred"
NEW = "new@example.com"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
hooked = pytest.mark.contio(webhook_url=URL)


def put(client: Contio, title: str = "Name", **given: Any) -> BacklogItem:
    body = BacklogItemCreate(**{"item_type": "DISCUSSION", "title": title} | given)
    return client.user.backlog_items.create(body)


def meeting(client: Contio, *others: str) -> Meeting:
    made = client.user.meetings.create(MeetingCreate(title="Review"))
    for email in others:
        client.user.participants.add(made.id, ParticipantAdd(email=email, name=email, role="VIEWER"))
    return made


def on_agenda(client: Contio, of: Meeting, **given: Any) -> AgendaItem:
    body = AgendaItemCreate(**{"item_type": "DISCUSSION", "title": "Budget"} | given)
    return client.user.agenda_items.create(of.id, body)


def assign(client: Contio, item: BacklogItem, to: Meeting) -> Any:
    return client.user.backlog_items.assign(item.id, BacklogItemAssign(meeting_id=to.id))


def defer(contio: FakeContio, item: AgendaItem, email: str = ADA, **given: Any) -> BacklogItem:
    wish = AgendaItemDeferral(email=email, meeting_id=item.meeting_id, agenda_item_id=item.id, **given)
    return contio.control.mock.simulate.agenda_item_deferred(wish)


@pytest.fixture
def ada(contio: FakeContio) -> Contio:
    return contio.client(ADA)


@pytest.fixture
def grace(contio: FakeContio) -> Contio:
    return contio.client(GRACE)


@pytest.fixture
def new(contio: FakeContio) -> Contio:
    return contio.client(NEW)


# ---------------------------------------------------------------- create, read, change


@hooked
def test_a_type_and_a_title_are_enough(contio: FakeContio, new: Contio) -> None:
    item = put(new)
    assert (item.title, item.item_type, item.description) == ("Name", "DISCUSSION", "")
    assert (item.origin_type, item.origin_meeting_id, item.origin_meeting_title) == ("MANUAL", None, None)
    assert item.deferrer_user_id == user_id(contio, NEW)
    assert item.deferred_at == contio.clock.now
    assert item.agenda_item_id != item.id
    assert (item.presenters, item.talking_points) == ([], None)
    assert new.user.backlog_items.get(item.id) == item
    assert new.user.backlog_items.list().items == [item]
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.created", {NEW})
    assert data == {
        "agenda_item_id": item.agenda_item_id,
        "meeting_id": None,
        "title": "Name",
        "item_type": "DISCUSSION",
        "created_at": "2026-01-15T09:00:00Z",
    }
    assert actor(contio) == item.deferrer_user_id


def test_everything_that_is_sent_is_kept(new: Contio) -> None:
    item = put(
        new, "x" * 255, item_type="QUESTIONS_TO_ANSWER", description="d" * 5000, talking_points="t" * 10_000,
        time_allocation_minutes=0.5, presenters=[UNKNOWN_ID] * 50,
    )  # fmt: skip
    assert (item.title, item.item_type, item.description) == ("x" * 255, "QUESTIONS_TO_ANSWER", "d" * 5000)
    assert (item.talking_points, item.time_allocation_minutes) == ("t" * 10_000, 0.5)
    assert item.presenters == [UNKNOWN_ID] * 50


BAD = [
    {"title": ""},
    {"title": "x" * 256},
    {"title": "\0"},
    {"item_type": "DECISION"},
    {"description": "x" * 5001},
    {"talking_points": "x" * 10_001},
    {"time_allocation_minutes": -1},
    {"time_allocation_minutes": 1441},
    {"presenters": [UNKNOWN_ID] * 51},
    {"presenters": {}},
]


@pytest.mark.parametrize("wrong", [*BAD, {"title": None}], ids=lambda wrong: str(wrong)[:40])
def test_what_does_not_fit_is_refused_and_nothing_is_made(
    contio: FakeContio, raw_of: Any, new: Contio, wrong: dict[str, Any]
) -> None:
    body = {"title": "Name", "item_type": "DISCUSSION", **wrong}
    assert raw_of(contio, NEW).code("POST", BACKLOG, body) == (400, "invalid_request")
    assert new.user.backlog_items.list().total == 0
    assert types(contio) == []


@pytest.mark.parametrize("wrong", BAD, ids=lambda wrong: str(wrong)[:40])
def test_a_refused_update_changes_nothing(
    contio: FakeContio, raw_of: Any, new: Contio, wrong: dict[str, Any]
) -> None:
    item = put(new)
    sent = {"talking_points": "changed", **wrong}
    assert raw_of(contio, NEW).code("PUT", f"{BACKLOG}/{item.id}", sent) == (400, "invalid_request")
    assert new.user.backlog_items.get(item.id) == item
    assert types(contio) == ["agenda_item.created"]


@hooked
def test_only_what_is_sent_changes(contio: FakeContio, new: Contio) -> None:
    item = put(new, description="why", talking_points="mine", time_allocation_minutes=5)
    contio.clock.advance("1m")
    changed = new.user.backlog_items.update(item.id, BacklogItemUpdate(title="New", talking_points=""))
    assert changed == item.model_copy(update={"title": "New", "talking_points": None})
    assert new.user.backlog_items.get(item.id) == changed
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.updated", {NEW})
    assert data == {
        "agenda_item_id": item.agenda_item_id,
        "meeting_id": None,
        "title": "New",
        "item_type": "DISCUSSION",
        "status": "pending",
        "updated_at": "2026-01-15T09:01:00Z",
    }


@pytest.mark.parametrize(("setting", "events"), [("no", 0), ("yes", 2)])
def test_an_update_without_change_is_told_by_profile(setting: str, events: int) -> None:
    contio = FakeContio(check_answers=True, profile={"update_event_without_change": setting})
    new = contio.client(NEW)
    item = put(new)
    for body in (BacklogItemUpdate(), BacklogItemUpdate(title="Name", talking_points="")):
        assert new.user.backlog_items.update(item.id, body) == item
    assert types(contio)[1:] == ["agenda_item.updated"] * events


def test_presenters_that_are_no_ids_are_kept(new: Contio) -> None:
    assert put(new, presenters=["grace"]).presenters == ["grace"]


@pytest.mark.contio(profile={"malformed_presenter": "reject"})
def test_a_profile_may_refuse_them(new: Contio) -> None:
    item = put(new, presenters=[UNKNOWN_ID])
    with pytest.raises(BadRequest):
        put(new, presenters=["grace"])
    with pytest.raises(BadRequest):
        new.user.backlog_items.update(item.id, BacklogItemUpdate(presenters=["grace"]))
    assert new.user.backlog_items.list().items == [item]


def test_a_backlog_is_one_users_own(contio: FakeContio, ada: Contio) -> None:
    item = put(ada)
    review = meeting(ada)
    before = types(contio)
    for email in (GRACE, LINUS):
        other = contio.client(email)
        for call in (
            lambda other=other: other.user.backlog_items.get(item.id),
            lambda other=other: other.user.backlog_items.update(item.id, BacklogItemUpdate(title="x")),
            lambda other=other: other.user.backlog_items.delete(item.id),
            lambda other=other: assign(other, item, review),
        ):
            with pytest.raises(NotFound) as refused:
                call()
            assert refused.value.code == "not_found"
        listed = [*other.every(ListBacklogItems()), *other.every(ListBacklogItemHistory())]
        assert item.id not in {found.id for found in listed}
    assert types(contio) == before
    assert ada.user.backlog_items.get(item.id) == item


# ---------------------------------------------------------------- delete and history


@hooked
def test_a_deleted_item_is_in_the_history_only(contio: FakeContio, new: Contio) -> None:
    item = put(new)
    contio.clock.advance("1m")
    new.user.backlog_items.delete(item.id)
    assert new.user.backlog_items.list().total == 0
    (gone,) = new.user.backlog_items.history().items
    assert gone == item.model_copy(update={"deleted_at": contio.clock.now})
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.deleted", {NEW})
    assert data == {
        "agenda_item_id": item.agenda_item_id,
        "meeting_id": None,
        "deleted_at": "2026-01-15T09:01:00Z",
    }
    review = meeting(new)
    for call in (
        lambda: new.user.backlog_items.get(item.id),
        lambda: new.user.backlog_items.update(item.id, BacklogItemUpdate(title="x")),
        lambda: new.user.backlog_items.delete(item.id),
        lambda: assign(new, item, review),
    ):
        with pytest.raises(NotFound):
            call()
    assert new.user.agenda_items.list(review.id).total == 0


@pytest.mark.parametrize(("order", "expected"), [(None, "4321"), ("desc", "4321"), ("asc", "1234")])
def test_lists_are_by_the_time_of_coming_and_of_leaving(
    contio: FakeContio, new: Contio, order: Any, expected: str
) -> None:
    given = {"sort_order": order} if order else {}
    items = {}
    for title in "1234":
        items[title] = put(new, title)
        contio.clock.advance("1s" if title == "2" else 0.001)
    assert [item.title for item in new.user.backlog_items.list(**given).items] == list(expected)
    for title in "3142":
        new.user.backlog_items.delete(items[title].id)
        contio.clock.advance("1s")
    gone = [item.title for item in new.user.backlog_items.history(**given).items]
    assert gone == (list("3142") if order == "asc" else list("2413"))


def test_items_of_the_same_moment_stay_in_the_order_of_their_making(new: Contio) -> None:
    for title in "123":
        put(new, title)
    assert [i.title for i in new.user.backlog_items.list(sort_order="asc").items] == list("123")
    assert [i.title for i in new.user.backlog_items.list(sort_order="desc").items] == list("321")


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("page_size", [1, 7, 29, 30, 31, 100])
def test_pages_of_any_size_add_up(new: Contio, page_size: int, order: Any) -> None:
    made = [put(new, str(number)).id for number in range(30)]
    listed = [item.id for item in new.every(ListBacklogItems(sort_order=order), page_size)]
    assert listed == (made if order == "asc" else made[::-1])
    for id_ in made:
        new.user.backlog_items.delete(id_)
    gone = [item.id for item in new.every(ListBacklogItemHistory(sort_order=order), page_size)]
    assert gone == (made if order == "asc" else made[::-1])


def test_a_page_has_25_and_at_most_100(contio: FakeContio, raw_of: Any, new: Contio) -> None:
    for number in range(105):
        put(new, str(number))
    page = new.user.backlog_items.list()
    assert (len(page.items), page.total, page.limit, page.offset) == (25, 105, 25, 0)
    assert len(new.user.backlog_items.list(limit=1000).items) == 100
    assert new.user.backlog_items.list(offset=105).items == []
    assert new.user.backlog_items.list(offset=104, sort_order="asc").items[0].title == "104"


@pytest.mark.parametrize("path", [BACKLOG, f"{BACKLOG}/history"])
@pytest.mark.parametrize("query", ["limit=ten", "offset=", "sort_order=up", "sort_order=DESC", "sort_order="])
def test_a_bad_query_is_refused(raw: Any, path: str, query: str) -> None:
    assert raw.code("GET", path, query=query) == (400, "invalid_query_parameters")


@pytest.mark.contio(profile={"limit_above_maximum": "reject"})
@pytest.mark.parametrize("path", [BACKLOG, f"{BACKLOG}/history"])
def test_a_profile_may_refuse_a_large_limit(raw: Any, path: str) -> None:
    assert raw.code("GET", path, query="limit=101") == (400, "invalid_query_parameters")


# ---------------------------------------------------------------- assign


@pytest.mark.parametrize("setting", ["created", "created_and_deleted"])
def test_an_assigned_item_is_on_the_agenda_and_no_longer_on_the_backlog(setting: str) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"assign_event": setting})
    ada, grace = contio.client(ADA), contio.client(GRACE)
    review, me = meeting(ada, GRACE), user_id(contio, ADA)
    on_agenda(ada, review)
    item = put(
        ada, item_type="BREAK", description="why", time_allocation_minutes=5, presenters=[me],
        talking_points="mine",
    )  # fmt: skip
    contio.clock.advance("1m")
    done = assign(ada, item, review)
    assert (done.backlog_item_id, done.meeting_id) == (item.id, review.id)
    made = ada.user.agenda_items.list(review.id).items[-1]
    assert made.id == done.agenda_item_id
    assert made.id not in (item.id, item.agenda_item_id)
    assert (made.title, made.item_type, made.description) == ("Name", "BREAK", "why")
    assert (made.time_allocation_minutes, made.presenters, made.talking_points) == (5, [me], "mine")
    assert (made.sequence, made.status) == ("200", "pending")
    assert grace.user.agenda_items.list(review.id).items[-1].talking_points is None
    assert item.id not in {found.id for found in ada.user.backlog_items.list().items}
    left = ada.user.backlog_items.history().items[0]
    assert left == item.model_copy(
        update={
            "assigned_at": contio.clock.now,
            "destination_meeting_id": review.id,
            "destination_agenda_item_id": made.id,
        }
    )
    deletes = setting == "created_and_deleted"
    kind, data, readers = told(contio, -2 if deletes else -1)
    assert (kind, readers) == ("agenda_item.created", {ADA, GRACE})
    assert (data["agenda_item_id"], data["meeting_id"]) == (made.id, review.id)
    if deletes:
        kind, data, readers = told(contio)
        assert (kind, readers) == ("agenda_item.deleted", {ADA})
        assert (data["agenda_item_id"], data["meeting_id"]) == (item.agenda_item_id, None)


def test_a_second_assignment_is_a_conflict(contio: FakeContio, ada: Contio) -> None:
    item, one, other = put(ada), meeting(ada), meeting(ada)
    assign(ada, item, one)
    before = types(contio)
    for to in (one, other):
        with pytest.raises(Conflict) as refused:
            assign(ada, item, to)
        assert refused.value.code == "conflict"
    for call in (ada.user.backlog_items.get, ada.user.backlog_items.delete):
        with pytest.raises(NotFound):
            call(item.id)
    assert types(contio) == before
    assert ada.user.agenda_items.list(other.id).total == 0


def test_an_assignment_stays_when_its_agenda_item_or_the_place_on_it_goes(ada: Contio) -> None:
    item, review = put(ada), meeting(ada)
    done = assign(ada, item, review)
    ada.user.agenda_items.delete(review.id, done.agenda_item_id)
    assert ada.user.backlog_items.history().items[0].destination_agenda_item_id == done.agenda_item_id


@pytest.mark.parametrize("visibility", ["participants", "workspace"])
def test_the_destination_is_a_meeting_that_the_caller_takes_part_in(visibility: str) -> None:
    contio = FakeContio(check_answers=True, profile={"meeting_visibility": visibility})
    ada = contio.client(ADA)
    item = put(ada)
    foreign = [meeting(contio.client(GRACE)).id, meeting(contio.client(LINUS)).id, UNKNOWN_ID]
    before = types(contio)
    for meeting_id in foreign:
        with pytest.raises(NotFound):
            ada.user.backlog_items.assign(item.id, BacklogItemAssign(meeting_id=meeting_id))
    assert types(contio) == before
    assert ada.user.backlog_items.get(item.id) == item


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_meeting_id"),
        ({"meeting_id": None}, "invalid_meeting_id"),
        ({"meeting_id": "x"}, "invalid_meeting_id"),
        ({"meeting_id": 1}, "invalid_meeting_id"),
        ([], "invalid_request"),
    ],
)
def test_a_destination_must_be_named(raw: Any, ada: Contio, body: Any, code: str) -> None:
    item = put(ada)
    assert raw.code("POST", f"{BACKLOG}/{item.id}/assign", body) == (400, code)
    assert ada.user.backlog_items.get(item.id) == item


# ---------------------------------------------------------------- deferral


@pytest.mark.parametrize("origin", ["MEETING", "SMS"])
@pytest.mark.parametrize("setting", ["updated", "deleted_and_created"])
def test_a_participant_takes_an_item_to_their_backlog(origin: Any, setting: str) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"deferral_event": setting})
    ada, grace = contio.client(ADA), contio.client(GRACE)
    review = meeting(ada, GRACE)
    item = on_agenda(
        ada, review, description="why", item_type="BREAK", time_allocation_minutes=5,
        talking_points="Ada's", presenters=[UNKNOWN_ID],
    )  # fmt: skip
    contio.clock.advance("1m")
    deferred = defer(contio, item, GRACE, origin=origin)
    assert (deferred.origin_type, deferred.agenda_item_id) == (origin, item.id)
    assert (deferred.origin_meeting_id, deferred.origin_meeting_title) == (review.id, "Review")
    assert deferred.deferrer_user_id == user_id(contio, GRACE)
    assert deferred.deferred_at == contio.clock.now
    assert (deferred.title, deferred.item_type, deferred.description) == ("Budget", "BREAK", "why")
    assert (deferred.time_allocation_minutes, deferred.presenters) == (5, [UNKNOWN_ID])
    assert deferred.talking_points is None, "Ada's notes are hers"
    assert grace.user.backlog_items.get(deferred.id) == deferred
    assert ada.user.agenda_items.list(review.id).total == 0
    with pytest.raises(NotFound):
        ada.user.agenda_items.delete(review.id, item.id)
    with pytest.raises(NotFound):
        ada.user.backlog_items.get(deferred.id)
    if setting == "updated":
        kind, data, readers = told(contio)
        assert (kind, data["meeting_id"], readers) == ("agenda_item.updated", None, {ADA, GRACE})
        assert data["agenda_item_id"] == item.id
    else:
        kind, data, readers = told(contio, -2)
        assert (kind, data["meeting_id"], readers) == ("agenda_item.deleted", review.id, {ADA, GRACE})
        kind, data, readers = told(contio)
        assert (kind, data["meeting_id"], readers) == ("agenda_item.created", None, {GRACE})
    assert actor(contio) == deferred.deferrer_user_id


def test_a_deferred_item_goes_on_to_another_meeting(contio: FakeContio, ada: Contio) -> None:
    first, second = meeting(ada), meeting(ada)
    deferred = defer(contio, on_agenda(ada, first, talking_points="mine"))
    ada.user.meetings.update(first.id, MeetingUpdate(title="Renamed"))
    assert deferred.talking_points == "mine"
    done = assign(ada, deferred, second)
    assert done.agenda_item_id != deferred.agenda_item_id
    left = ada.user.backlog_items.history().items[0]
    assert (left.origin_type, left.origin_meeting_id, left.origin_meeting_title) == (
        "MEETING", first.id, "Review",
    )  # fmt: skip
    assert left.destination_meeting_id == second.id


def test_only_participants_defer_and_only_what_they_see(contio: FakeContio, ada: Contio) -> None:
    item = on_agenda(ada, meeting(ada))
    other = meeting(ada)
    before = types(contio)
    with pytest.raises(BadRequest) as refused:
        defer(contio, item, "nobody@example.com")
    assert refused.value.code == "unknown_user"
    with pytest.raises(NotFound):
        defer(contio, item, GRACE)
    with pytest.raises(NotFound):
        defer(contio, item.model_copy(update={"id": UNKNOWN_ID}))
    with pytest.raises(NotFound):
        defer(contio, item.model_copy(update={"meeting_id": other.id}))
    assert types(contio) == before
    assert ada.user.agenda_items.list(item.meeting_id).items == [item]


@pytest.mark.contio(profile={"meeting_visibility": "workspace"})
def test_who_only_sees_a_meeting_defers_nothing(contio: FakeContio, ada: Contio) -> None:
    item = on_agenda(ada, meeting(ada))
    with pytest.raises(Forbidden):
        defer(contio, item, GRACE)


@pytest.mark.contio(release="1.9")
def test_before_1_10_there_is_no_backlog_and_a_deferral_finds_the_nearest_type(
    contio: FakeContio, raw: Any, ada: Contio
) -> None:
    for method, path in (
        ("GET", ""), ("POST", ""), ("GET", "/history"), ("GET", f"/{UNKNOWN_ID}"), ("PUT", f"/{UNKNOWN_ID}"),
        ("DELETE", f"/{UNKNOWN_ID}"), ("POST", f"/{UNKNOWN_ID}/assign"),
    ):  # fmt: skip
        assert raw.code(method, BACKLOG + path) == (404, "not_found")
    assert defer(contio, on_agenda(ada, meeting(ada), item_type="DECISION")).item_type == "DISCUSSION"


# ---------------------------------------------------------------- callers, ids, repeats


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/assign")])
def test_unknown_ids_are_not_found_and_malformed_ones_bad(raw: Any, method: str, tail: str) -> None:
    body = {"GET": (), "DELETE": ()}.get(method, ({"meeting_id": UNKNOWN_ID},))
    assert raw.code(method, f"{BACKLOG}/{UNKNOWN_ID}{tail}", *body) == (404, "not_found")
    assert raw.code(method, f"{BACKLOG}/item-1{tail}", *body) == (400, "bad_request")


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("GET", ""), ("GET", "/history"), ("GET", f"/{UNKNOWN_ID}"), ("POST", ""), ("PUT", f"/{UNKNOWN_ID}"),
        ("DELETE", f"/{UNKNOWN_ID}"), ("POST", f"/{UNKNOWN_ID}/assign"),
    ],
)  # fmt: skip
def test_each_operation_needs_its_scope(contio: FakeContio, raw_of: Any, method: str, tail: str) -> None:
    scope = "meetings:write" if method == "GET" else "meetings:read"
    tokens = contio.client(scope=f"openid profile {scope}").tokens
    assert tokens is not None
    raw = raw_of(contio, token=tokens.access_token)
    assert raw.code(method, BACKLOG + tail, {}) == (403, "forbidden")


def test_a_repeated_key_creates_and_assigns_once(contio: FakeContio, raw: Any, ada: Contio) -> None:
    total, review = ada.user.backlog_items.list().total, meeting(ada)
    body = {"title": "x", "item_type": "BREAK"}
    first, again = (raw("POST", BACKLOG, body, headers={"idempotency-key": "k"}) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert ada.user.backlog_items.list().total == total + 1
    path = f"{BACKLOG}/{json.loads(first.body)['id']}/assign"
    body = {"meeting_id": review.id}
    first, again = (raw("POST", path, body, headers={"idempotency-key": "a"}) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert again.header("idempotent-replayed") == "true"
    assert raw.code("POST", path, body) == (409, "conflict")
    assert ada.user.agenda_items.list(review.id).total == 1


def test_the_demo_has_a_backlog(ada: Contio, grace: Contio) -> None:
    assert [item.title for item in ada.user.backlog_items.list().items] == [
        "What customers ask most",
        "Lectures at the Institution",
        "A name for the second engine",
    ]
    assert grace.user.backlog_items.list().total == 1
