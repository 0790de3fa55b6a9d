"""Agenda items: their order, their privacy, and who may touch them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Forbidden, NotFound
from contio_mock.contract.agenda_items import AgendaItem, AgendaItemCreate, AgendaItemUpdate
from contio_mock.contract.meetings import Meeting, MeetingCreate
from contio_mock.contract.participants import ParticipantAdd

from .told import ADA, GRACE, KATHERINE, LINUS, URL, actor, told, types, user_id

MEETINGS = "/v1/partner/user/meetings"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
hooked = pytest.mark.contio(webhook_url=URL)


def meeting(client: Contio, **others: Any) -> Meeting:
    """A meeting with further participants: `grace="EDITOR"`."""
    made = client.user.meetings.create(MeetingCreate(title="Review"))
    for name, role in others.items():
        client.user.participants.add(
            made.id, ParticipantAdd(email=f"{name}@example.com", name=name, role=role)
        )
    return made


def put(client: Contio, on: Meeting, title: str = "Budget", **given: Any) -> AgendaItem:
    body = AgendaItemCreate(**{"item_type": "DISCUSSION", "title": title} | given)
    return client.user.agenda_items.create(on.id, body)


def change(client: Contio, item: AgendaItem, **given: Any) -> AgendaItem:
    return client.user.agenda_items.update(item.meeting_id, item.id, AgendaItemUpdate(**given))


def agenda(client: Contio, of: Meeting) -> list[AgendaItem]:
    return client.user.agenda_items.list(of.id).items


def titles(client: Contio, of: Meeting) -> list[str]:
    return [item.title for item in agenda(client, of)]


@pytest.fixture
def ada(contio: FakeContio) -> Contio:
    return contio.client(ADA)


@pytest.fixture
def grace(contio: FakeContio) -> Contio:
    return contio.client(GRACE)


# ---------------------------------------------------------------- create


@hooked
def test_a_type_and_a_title_are_enough(contio: FakeContio, ada: Contio, grace: Contio) -> None:
    made = meeting(ada, grace="VIEWER")
    item = put(grace, made)
    assert (item.title, item.item_type, item.status, item.sequence) == (
        "Budget", "DISCUSSION", "pending", "100",
    )  # fmt: skip
    assert (item.meeting_id, item.presenters, item.presenter_details) == (made.id, [], [])
    assert item.created_at == item.updated_at == contio.clock.now
    assert (item.description, item.time_allocation_minutes, item.talking_points) == (None, None, None)
    assert agenda(ada, made) == agenda(grace, made) == [item]
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.created", {ADA, GRACE})
    assert data == {
        "agenda_item_id": item.id,
        "meeting_id": made.id,
        "title": "Budget",
        "item_type": "DISCUSSION",
        "created_at": "2026-01-15T09:00:00Z",
    }
    assert actor(contio) == user_id(contio, GRACE)


@pytest.mark.parametrize(
    ("minutes", "written"), [("20", b"20"), ("20.0", b"20"), ("0", b"0"), ("22.5", b"22.5")]
)
def test_minutes_are_written_as_short_as_they_can_be(
    ada: Contio, raw: Any, minutes: str, written: bytes
) -> None:
    body = f'{{"item_type":"BREAK","title":"Tea","time_allocation_minutes":{minutes}}}'.encode()
    path = f"/v1/partner/user/meetings/{meeting(ada).id}/agenda-items"
    for answer in (raw("POST", path, body), raw("GET", path)):
        assert b'"time_allocation_minutes":' + written + b"," in bytes(answer.body)


def test_everything_that_is_sent_is_kept(contio: FakeContio, ada: Contio) -> None:
    made, me = meeting(ada), user_id(contio, ADA)
    item = put(
        ada, made, "x" * 255, item_type="BREAK", description="d" * 5000, time_allocation_minutes=22.5,
        presenters=[me], sequence="7.25", talking_points="t" * 10_000,
    )  # fmt: skip
    assert (item.title, item.item_type, item.description) == ("x" * 255, "BREAK", "d" * 5000)
    assert (item.time_allocation_minutes, item.sequence) == (22.5, "7.25")
    assert (item.presenters, item.talking_points) == ([me], "t" * 10_000)
    assert agenda(ada, made) == [item]


BAD = [
    {"title": ""},
    {"title": "x" * 256},
    {"title": 1},
    {"item_type": "discussion"},
    {"item_type": "DECISION"},
    {"item_type": "ACTION_ITEM_RECAP"},
    {"description": "x" * 5001},
    {"talking_points": "x" * 10_001},
    {"talking_points": "\0"},
    {"time_allocation_minutes": -0.001},
    {"time_allocation_minutes": 1440.01},
    {"time_allocation_minutes": "15"},
    {"time_allocation_minutes": 10**400},
    {"time_allocation_minutes": True},
    {"presenters": "me"},
    {"presenters": [1]},
    {"sequence": ""},
    {"sequence": "first"},
    {"sequence": "1e3"},
    {"sequence": "NaN"},
    {"sequence": "Infinity"},
    {"sequence": ".5"},
    {"sequence": "1."},
    {"sequence": "1_000"},
    {"sequence": "+1"},
    {"sequence": " 1"},
    {"sequence": "1\n"},
    {"sequence": "\u0661"},
    {"sequence": 1},
    {"sequence": "1" * 256},
]


@pytest.mark.parametrize("wrong", [*BAD, {"title": None}, {"item_type": None}], ids=lambda w: str(w)[:40])
def test_what_does_not_fit_is_refused_and_nothing_is_made(
    contio: FakeContio, raw: Any, ada: Contio, wrong: dict[str, Any]
) -> None:
    made = meeting(ada)
    body = {"title": "Budget", "item_type": "DISCUSSION", **wrong}
    assert raw.code("POST", f"{MEETINGS}/{made.id}/agenda-items", body) == (400, "invalid_request")
    assert agenda(ada, made) == []
    assert types(contio) == ["meeting.created"]


@pytest.mark.parametrize("wrong", [*BAD, {"status": "done"}, {"status": 1}, []], ids=lambda w: str(w)[:40])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_refused_update_changes_nothing(
    contio: FakeContio, raw: Any, ada: Contio, method: str, wrong: Any
) -> None:
    item = put(ada, meeting(ada), talking_points="mine")
    path = f"{MEETINGS}/{item.meeting_id}/agenda-items/{item.id}"
    body = {"talking_points": "changed", **wrong} if isinstance(wrong, dict) else wrong
    assert raw.code(method, path, body) == (400, "invalid_request")
    assert ada.user.agenda_items.list(item.meeting_id).items == [item]
    assert types(contio) == ["meeting.created", "agenda_item.created"]


# ---------------------------------------------------------------- order


def test_an_agenda_is_in_the_order_of_its_numbers_and_ties_stay_as_they_came(ada: Contio) -> None:
    made = meeting(ada)
    for sequence in ("300", "20", "3", "20.0", "-1", "0.5", "0.50", "20", "20." + "0" * 200 + "1"):
        put(ada, made, sequence, sequence=sequence)
    assert titles(ada, made) == [
        "-1", "0.5", "0.50", "3", "20", "20.0", "20", "20." + "0" * 200 + "1", "300",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "then"),
    [
        ("1", "100"),
        ("99.9", "100"),
        ("100", "200"),
        ("150", "200"),
        ("-0.5", "100"),
        ("-250.5", "-200"),
        ("9" * 255, "1" + "0" * 255),
    ],
)
def test_without_a_sequence_an_item_comes_last(ada: Contio, last: str, then: str) -> None:
    made = meeting(ada)
    put(ada, made, "last", sequence=last)
    put(ada, made, "first", sequence="-1000")
    assert put(ada, made, "new").sequence == then
    assert titles(ada, made) == ["first", "last", "new"]
    assert put(ada, made, "newer").sequence != then
    assert titles(ada, made)[-1] == "newer"


def test_an_item_moves_by_its_sequence(ada: Contio) -> None:
    made = meeting(ada)
    one, two, three = (put(ada, made, title) for title in ("one", "two", "three"))
    assert change(ada, three, sequence="150").sequence == "150"
    assert titles(ada, made) == ["one", "three", "two"]
    change(ada, one, sequence="1000")
    assert titles(ada, made) == ["three", "two", "one"]
    ada.user.agenda_items.delete(made.id, two.id)
    assert titles(ada, made) == ["three", "one"]


# ---------------------------------------------------------------- change and delete


@hooked
@pytest.mark.parametrize("method", ["replace", "update"])
def test_only_what_is_sent_changes_with_put_as_with_patch(
    contio: FakeContio, ada: Contio, grace: Contio, method: str
) -> None:
    made = meeting(ada, grace="VIEWER")
    item = put(ada, made, description="why", time_allocation_minutes=15)
    contio.clock.advance("1m")
    call = getattr(grace.user.agenda_items, method)
    changed = call(made.id, item.id, AgendaItemUpdate(status="in_progress", item_type="ADJOURN"))
    assert changed == item.model_copy(
        update={"status": "in_progress", "item_type": "ADJOURN", "updated_at": contio.clock.now}
    )
    assert agenda(ada, made) == [changed]
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.updated", {ADA, GRACE})
    assert data == {
        "agenda_item_id": item.id,
        "meeting_id": made.id,
        "title": "Budget",
        "item_type": "ADJOURN",
        "status": "in_progress",
        "updated_at": "2026-01-15T09:01:00Z",
    }


@pytest.mark.parametrize(
    "status", [["in_progress", "completed"], ["completed", "pending"], ["completed", "in_progress"]]
)
def test_a_status_may_go_anywhere(ada: Contio, status: list[Any]) -> None:
    item = put(ada, meeting(ada))
    assert [change(ada, item, status=wanted).status for wanted in status] == status


@pytest.mark.parametrize(("setting", "events"), [("no", 0), ("yes", 3)])
def test_an_update_without_change_is_told_by_profile(setting: str, events: int) -> None:
    contio = FakeContio(check_answers=True, profile={"update_event_without_change": setting})
    ada = contio.client(ADA)
    item = put(ada, meeting(ada), time_allocation_minutes=15)
    contio.clock.advance("1m")
    change(ada, item)
    change(ada, item, title="Budget", time_allocation_minutes=15.0)
    same = change(ada, item, status="pending", presenters=[])
    assert (same.updated_at == item.updated_at) is (setting == "no")
    assert types(contio)[2:] == ["agenda_item.updated"] * events


def test_null_changes_nothing(contio: FakeContio, raw: Any, ada: Contio) -> None:
    item = put(ada, meeting(ada), description="why", talking_points="mine", time_allocation_minutes=1)
    path = f"{MEETINGS}/{item.meeting_id}/agenda-items/{item.id}"
    assert raw("PATCH", path, dict.fromkeys(AgendaItemUpdate.model_fields)).status == 200
    assert ada.user.agenda_items.list(item.meeting_id).items == [item]


@hooked
def test_a_deleted_item_is_gone_and_everybody_hears(contio: FakeContio, ada: Contio, grace: Contio) -> None:
    made = meeting(ada, grace="VIEWER")
    item = put(ada, made)
    grace.user.agenda_items.delete(made.id, item.id)
    assert agenda(ada, made) == []
    kind, data, readers = told(contio)
    assert (kind, readers) == ("agenda_item.deleted", {ADA, GRACE})
    assert data == {
        "agenda_item_id": item.id, "meeting_id": made.id, "deleted_at": "2026-01-15T09:00:00Z",
    }  # fmt: skip
    with pytest.raises(NotFound):
        grace.user.agenda_items.delete(made.id, item.id)
    with pytest.raises(NotFound):
        change(ada, item, title="x")


# ---------------------------------------------------------------- talking points


def test_talking_points_are_everybodys_own(contio: FakeContio, ada: Contio, grace: Contio) -> None:
    made = meeting(ada, grace="VIEWER")
    item = put(ada, made, talking_points="Ada's")
    assert item.talking_points == "Ada's"
    assert agenda(grace, made)[0].talking_points is None
    assert change(grace, item, talking_points="Grace's").talking_points == "Grace's"
    assert [agenda(client, made)[0].talking_points for client in (ada, grace)] == ["Ada's", "Grace's"]
    assert change(ada, item, title="New").talking_points == "Ada's"
    assert change(grace, item, talking_points="").talking_points is None
    assert "Ada's" not in json.dumps([event.data for event in contio.events])
    assert [agenda(client, made)[0].talking_points for client in (ada, grace)] == ["Ada's", None]


@pytest.mark.parametrize("setting", ["no", "yes"])
def test_notes_are_told_by_profile(setting: str) -> None:
    contio = FakeContio(check_answers=True, profile={"talking_points_event": setting})
    ada = contio.client(ADA)
    item = put(ada, meeting(ada))
    contio.clock.advance("1m")
    noted = change(ada, item, talking_points="mine")
    assert (noted.updated_at > item.updated_at) is (setting == "yes")
    assert types(contio)[2:] == (["agenda_item.updated"] if setting == "yes" else [])
    change(ada, item, talking_points="mine")
    assert len(types(contio)) == (3 if setting == "yes" else 2)
    change(ada, item, talking_points="more", title="More")
    assert types(contio)[-1] == "agenda_item.updated"


# ---------------------------------------------------------------- presenters


def test_presenters_are_named_to_their_colleagues_only(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    ada.user.participants.add(made.id, ParticipantAdd(email=LINUS, name="Linus", role="VIEWER"))
    ids = [user_id(contio, GRACE), user_id(contio, LINUS), UNKNOWN_ID]
    item = put(ada, made, presenters=ids)
    assert item.presenters == ids
    seen = [ref.model_dump(exclude_none=True) for ref in item.presenter_details or ()]
    assert seen == [
        {"user_id": ids[0], "name": "Grace Hopper", "email": GRACE},
        {"user_id": ids[1]},
        {"user_id": ids[2]},
    ]
    theirs = agenda(contio.client(LINUS), made)[0].presenter_details or []
    assert [ref.name for ref in theirs] == [None, "Linus Pauling", None]
    assert change(ada, item, presenters=[]).presenter_details == []


def test_presenters_that_are_no_ids_are_kept(ada: Contio) -> None:
    item = put(ada, meeting(ada), presenters=["ada@example.com"])
    assert item.presenters == ["ada@example.com"]
    assert [ref.model_dump(exclude_none=True) for ref in item.presenter_details or ()] == [
        {"user_id": "ada@example.com"}
    ]


@pytest.mark.contio(profile={"malformed_presenter": "reject"})
@pytest.mark.parametrize("wrong", ["ada@example.com", "", "x" * 10_000, UNKNOWN_ID + "\n"])
def test_a_profile_may_refuse_them(contio: FakeContio, raw: Any, ada: Contio, wrong: str) -> None:
    item = put(ada, meeting(ada))
    path = f"{MEETINGS}/{item.meeting_id}/agenda-items"
    body = {"title": "x", "item_type": "BREAK", "presenters": [UNKNOWN_ID, wrong]}
    assert raw.code("POST", path, body) == (400, "invalid_request")
    assert raw.code("PATCH", f"{path}/{item.id}", body) == (400, "invalid_request")
    assert ada.user.agenda_items.list(item.meeting_id).items == [item]


# ---------------------------------------------------------------- who may


@pytest.mark.contio(profile={"meeting_visibility": "workspace"})
def test_who_sees_a_meeting_without_taking_part_may_read_its_agenda_only(
    contio: FakeContio, ada: Contio, grace: Contio
) -> None:
    made = meeting(ada)
    item = put(ada, made, talking_points="Ada's")
    assert agenda(grace, made) == [item.model_copy(update={"talking_points": None})]
    before = types(contio)
    for call in (
        lambda: put(grace, made),
        lambda: change(grace, item, title="x"),
        lambda: grace.user.agenda_items.replace(made.id, item.id, AgendaItemUpdate(title="x")),
        lambda: grace.user.agenda_items.delete(made.id, item.id),
        lambda: grace.user.agenda_items.delete(made.id, UNKNOWN_ID),
    ):
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.code == "forbidden"
    assert types(contio) == before
    assert agenda(ada, made) == [item]


def test_an_item_belongs_to_its_meeting(ada: Contio) -> None:
    one, other = meeting(ada), meeting(ada)
    item = put(ada, other)
    with pytest.raises(NotFound) as refused:
        ada.user.agenda_items.update(one.id, item.id, AgendaItemUpdate(title="x"))
    assert refused.value.code == "not_found"
    with pytest.raises(NotFound):
        ada.user.agenda_items.delete(one.id, item.id)
    assert agenda(ada, other) == [item]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_foreign_meetings_are_not_found_and_malformed_ids_are_bad(
    contio: FakeContio, raw_of: Any, method: str
) -> None:
    linus = contio.client(LINUS)
    theirs = put(linus, meeting(linus))
    raw, of_item = raw_of(contio), method in ("PUT", "PATCH", "DELETE")
    body = ({"title": "x", "item_type": "BREAK"},) if method in ("POST", "PUT", "PATCH") else ()
    tail = f"/agenda-items/{theirs.id}" if of_item else "/agenda-items"
    for id_, expected in (
        (theirs.meeting_id, (404, "not_found")),
        (UNKNOWN_ID, (404, "not_found")),
        ("meeting-1", (400, "invalid_meeting_id")),
    ):
        assert raw.code(method, f"{MEETINGS}/{id_}{tail}", *body) == expected
    if of_item:
        path = f"{MEETINGS}/{theirs.meeting_id}/agenda-items/item-1"
        assert raw.code(method, path, *body) == (400, "bad_request")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_each_operation_needs_its_scope(contio: FakeContio, raw_of: Any, method: str) -> None:
    scope = "meetings:write" if method == "GET" else "meetings:read"
    tokens = contio.client(scope=f"openid profile {scope}").tokens
    assert tokens is not None
    tail = "" if method in ("GET", "POST") else f"/{UNKNOWN_ID}"
    raw = raw_of(contio, token=tokens.access_token)
    assert raw.code(method, f"{MEETINGS}/{UNKNOWN_ID}/agenda-items{tail}", {}) == (403, "forbidden")


# ---------------------------------------------------------------- lists and repeats


@pytest.mark.parametrize(("setting", "limit"), [("total", 120), ("default", 25)])
def test_the_whole_agenda_is_one_list(setting: str, limit: int) -> None:
    contio = FakeContio(check_answers=True, profile={"unpaged_list_limit": setting})
    ada = contio.client(ADA)
    made = meeting(ada)
    ids = [put(ada, made).id for _ in range(120)]
    page = ada.user.agenda_items.list(made.id)
    assert [item.id for item in page.items] == ids
    assert (page.total, page.limit, page.offset) == (120, limit, 0)


def test_a_repeated_key_creates_once(contio: FakeContio, raw: Any, ada: Contio) -> None:
    made = meeting(ada)
    path, body = f"{MEETINGS}/{made.id}/agenda-items", {"title": "x", "item_type": "BREAK"}
    first, again = (raw("POST", path, body, headers={"idempotency-key": "k"}) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert again.header("idempotent-replayed") == "true"
    assert len(agenda(ada, made)) == 1
    path += f"/{json.loads(first.body)['id']}"
    for method, status in (("PUT", 200), ("PATCH", 200), ("DELETE", 204)):
        sent = ({"title": "y"},) if status == 200 else ()
        answers = [raw(method, path, *sent, headers={"idempotency-key": method}) for _ in range(2)]
        assert [answer.status for answer in answers] == [status, status]
        assert answers[1].header("idempotent-replayed") == "true"


# ---------------------------------------------------------------- older releases


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9"])
def test_older_releases_have_their_own_types_and_members(release: str, raw_of: Any) -> None:
    contio = FakeContio(check_answers=True, release=release)
    raw, ada = raw_of(contio), contio.client(ADA)
    path = f"{MEETINGS}/{meeting(ada).id}/agenda-items"
    for kind in ("DISCUSSION", "DECISION", "ACTION_ITEM", "INFORMATION"):
        assert raw("POST", path, {"title": "x", "item_type": kind}).status == 201
    for kind in ("QUESTIONS_TO_ANSWER", "BREAK", "ADJOURN"):
        assert raw.code("POST", path, {"title": "x", "item_type": kind}) == (400, "invalid_request")
    sent = {"title": "x", "item_type": "DECISION", "talking_points": "mine", "sequence": "1"}
    made = json.loads(raw("POST", path, {**sent, "presenters": [UNKNOWN_ID]}).body)
    assert made["restricted_to_leads"] is False
    assert made["sequence"] == "500", "the place cannot be chosen yet"
    assert "presenter_details" not in made
    assert made.get("talking_points") == ("mine" if release == "1.9" else None)
    assert raw("PATCH", f"{path}/{made['id']}", {"title": "y"}).status == 405
    assert json.loads(raw("PUT", f"{path}/{made['id']}", {"title": "y"}).body)["title"] == "y"


def test_the_newest_release_knows_no_restriction(raw: Any, ada: Contio) -> None:
    path = f"{MEETINGS}/{meeting(ada).id}/agenda-items"
    body = {"title": "x", "item_type": "BREAK", "restricted_to_leads": True}
    assert "restricted_to_leads" not in json.loads(raw("POST", path, body).body)


@pytest.mark.contio(release="1.9", webhook_url=URL)
def test_what_is_restricted_to_leads_is_for_editors_only(
    contio: FakeContio, ada: Contio, grace: Contio
) -> None:
    made = meeting(ada, grace="VIEWER", katherine="EDITOR")
    item = put(ada, made, restricted_to_leads=True)
    assert told(contio)[2] == {ADA}, "Katherine is not connected, Grace no editor"
    assert item.restricted_to_leads is True
    assert agenda(contio.client(KATHERINE), made) == [item]
    assert agenda(grace, made) == []
    update = AgendaItemUpdate(title="x")
    with pytest.raises(NotFound):
        grace.user.agenda_items.replace(made.id, item.id, update)
    with pytest.raises(NotFound):
        grace.user.agenda_items.delete(made.id, item.id)
    ada.user.agenda_items.replace(made.id, item.id, AgendaItemUpdate(restricted_to_leads=False))
    assert told(contio)[2] == {ADA, GRACE, KATHERINE}
    assert grace.user.agenda_items.replace(made.id, item.id, update).title == "x"


def test_the_demo_has_agendas(ada: Contio, grace: Contio) -> None:
    found = [m for m in ada.user.meetings.list(limit=100).items if m.title == "Weekly engine review"]
    assert {m.status for m in found} == {"completed", "scheduled"}
    for review in found:
        items = agenda(ada, review)
        assert [item.item_type for item in items] == [
            "DISCUSSION", "DISCUSSION", "QUESTIONS_TO_ANSWER", "ADJOURN",
        ]  # fmt: skip
        assert {item.status for item in items} == {"completed" if review.status == "completed" else "pending"}
        assert items[1].talking_points
        assert agenda(grace, review)[1].talking_points is None
