"""Participants: who takes part in a meeting, who may change that, and who hears of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Conflict, Forbidden, NotFound
from contio_mock.contract.meetings import Meeting, MeetingCreate
from contio_mock.contract.participants import Participant, ParticipantAdd

from .told import ADA, GRACE, KATHERINE, LINUS, URL, actor, told, types, user_id

MEETINGS = "/v1/partner/user/meetings"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
GUEST = "mary.somerville@example.org"
hooked = pytest.mark.contio(webhook_url=URL)


def meeting(client: Contio) -> Meeting:
    return client.user.meetings.create(MeetingCreate(title="Review"))


def add(client: Contio, to: Meeting, email: str, role: Any = "VIEWER", name: str = "Somebody") -> Participant:
    return client.user.participants.add(to.id, ParticipantAdd(email=email, name=name, role=role))


def emails(client: Contio, of: Meeting) -> list[str]:
    return [participant.email for participant in client.user.participants.list(of.id).items]


@pytest.fixture
def ada(contio: FakeContio) -> Contio:
    return contio.client(ADA)


@pytest.fixture
def grace(contio: FakeContio) -> Contio:
    return contio.client(GRACE)


# ---------------------------------------------------------------- the owner


def test_whoever_creates_a_meeting_is_its_first_participant(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    (owner,) = ada.user.participants.list(made.id).items
    assert (owner.email, owner.name, owner.role) == (ADA, "Ada Lovelace", "EDITOR")
    assert (owner.user_id, owner.meeting_id) == (user_id(contio, ADA), made.id)
    assert owner.is_attended is False
    assert owner.created_at == owner.updated_at == contio.clock.now
    assert types(contio) == ["meeting.created"]


@pytest.mark.contio(profile={"owner_role": "OWNER", "owner_added_event": "yes"}, webhook_url=URL)
def test_a_profile_may_call_them_owner_and_tell_of_them(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    add(ada, made, GRACE, "EDITOR")
    roles = [participant.role for participant in ada.user.participants.list(made.id).items]
    assert roles == ["OWNER", "EDITOR"]
    kind, data, readers = told(contio, 1)
    assert (kind, readers) == ("participant.added", {ADA})
    assert data["participants"][0]["role"] == "OWNER"
    assert data["participants"][0]["user_id"] == user_id(contio, ADA)


def test_the_owner_cannot_be_removed(contio: FakeContio, ada: Contio, grace: Contio) -> None:
    made = meeting(ada)
    add(ada, made, GRACE, "EDITOR")
    owner = ada.user.participants.list(made.id).items[0]
    for client in (ada, grace):
        with pytest.raises(Forbidden):
            client.user.participants.remove(made.id, owner.id)
    assert emails(ada, made) == [ADA, GRACE]


@pytest.mark.contio(profile={"owner_removal": "allow"})
def test_a_profile_may_let_the_owner_be_removed_and_come_back_as_anybody(
    contio: FakeContio, ada: Contio, grace: Contio
) -> None:
    made = meeting(ada)
    add(ada, made, GRACE, "EDITOR")
    grace.user.participants.remove(made.id, ada.user.participants.list(made.id).items[0].id)
    with pytest.raises(NotFound):
        ada.user.meetings.get(made.id)
    back = add(grace, made, ADA, "VIEWER")
    assert back.role == "VIEWER"
    with pytest.raises(Forbidden):
        add(ada, made, GUEST)
    grace.user.participants.remove(made.id, back.id)


# ---------------------------------------------------------------- adding


@hooked
def test_a_colleague_who_is_added_sees_the_meeting_and_everybody_in_it_hears(
    contio: FakeContio, ada: Contio, grace: Contio
) -> None:
    made = meeting(ada)
    with pytest.raises(NotFound):
        grace.user.participants.list(made.id)
    added = add(ada, made, GRACE, name="Grace")
    assert (added.email, added.name, added.role) == (GRACE, "Grace", "VIEWER")
    assert added.user_id == user_id(contio, GRACE)
    assert grace.user.meetings.get(made.id) == made
    assert grace.user.meetings.list(limit=1).items == [made]
    assert grace.user.participants.list(made.id).items[1] == added
    kind, data, readers = told(contio)
    assert kind == "participant.added"
    assert data == {
        "meeting_id": made.id,
        "workspace_id": made.workspace_id,
        "added_at": "2026-01-15T09:00:00Z",
        "participants": [
            {
                "participant_id": added.id,
                "user_id": user_id(contio, GRACE),
                "guest_email": None,
                "role": "VIEWER",
            }
        ],
    }
    assert readers == {ADA, GRACE}
    assert actor(contio) == user_id(contio, ADA)


@hooked
def test_a_guest_is_somebody_without_an_account(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    added = add(ada, made, GUEST)
    assert added.user_id is None
    _, data, readers = told(contio)
    assert data["participants"] == [
        {"participant_id": added.id, "user_id": None, "guest_email": GUEST, "role": "VIEWER"}
    ]
    assert readers == {ADA}
    assert contio.sandbox.store.users.first("email", GUEST) is None


def test_a_user_of_another_workspace_may_take_part(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    assert add(ada, made, LINUS).user_id == user_id(contio, LINUS)
    assert contio.client(LINUS).user.meetings.get(made.id).workspace_id == made.workspace_id


@pytest.mark.parametrize(
    ("first", "second"), [(GRACE, GRACE), (GRACE, "GRACE@Example.COM"), (GUEST, GUEST.upper()), (None, ADA)]
)
def test_nobody_takes_part_twice(contio: FakeContio, ada: Contio, first: str | None, second: str) -> None:
    made = meeting(ada)
    if first:
        add(ada, made, first)
    before, events = emails(ada, made), types(contio)
    with pytest.raises(Conflict) as refused:
        add(ada, made, second, "EDITOR")
    assert refused.value.code == "resource_already_exists"
    assert (emails(ada, made), types(contio)) == (before, events)
    assert add(ada, meeting(ada), GRACE).email == GRACE


def test_an_editor_may_add_and_remove_and_a_viewer_may_not(
    contio: FakeContio, ada: Contio, grace: Contio
) -> None:
    made = meeting(ada)
    viewer = add(ada, made, GRACE)
    katherine = contio.client(KATHERINE)
    add(ada, made, KATHERINE, "EDITOR")
    before = types(contio)
    for call in (
        lambda: add(grace, made, GUEST),
        lambda: grace.user.participants.remove(made.id, viewer.id),
        lambda: grace.user.participants.remove(made.id, UNKNOWN_ID),
    ):
        with pytest.raises(Forbidden) as refused:
            call()
        assert refused.value.code == "forbidden"
    assert types(contio) == before
    added = add(katherine, made, GUEST)
    katherine.user.participants.remove(made.id, added.id)
    assert emails(ada, made) == [ADA, GRACE, KATHERINE]


@pytest.mark.contio(profile={"meeting_visibility": "workspace"})
def test_a_colleague_who_only_sees_the_meeting_may_list_and_no_more(ada: Contio, grace: Contio) -> None:
    made = meeting(ada)
    assert emails(grace, made) == [ADA]
    with pytest.raises(Forbidden):
        add(grace, made, GRACE)
    with pytest.raises(Forbidden):
        grace.user.participants.remove(made.id, ada.user.participants.list(made.id).items[0].id)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": GRACE, "name": "G"},
        {"email": GRACE, "role": "VIEWER"},
        {"name": "G", "role": "VIEWER"},
        {"email": GRACE, "name": "", "role": "VIEWER"},
        {"email": GRACE, "name": "x" * 256, "role": "VIEWER"},
        {"email": GRACE, "name": "G", "role": "OWNER"},
        {"email": GRACE, "name": "G", "role": "viewer"},
        {"email": "grace", "name": "G", "role": "VIEWER"},
        {"email": "x" * 10_000 + "@example.com", "name": "G", "role": "VIEWER"},
        {"email": "gra\0ce@example.com", "name": "G", "role": "VIEWER"},
        {"email": ["grace@example.com"], "name": "G", "role": "VIEWER"},
        {"email": None, "name": "G", "role": "VIEWER"},
        [],
        None,
    ],
)
def test_what_does_not_fit_is_refused_and_nobody_is_added(
    contio: FakeContio, raw: Any, ada: Contio, body: Any
) -> None:
    made = meeting(ada)
    assert raw.code("POST", f"{MEETINGS}/{made.id}/participants", body) == (400, "invalid_request")
    assert emails(ada, made) == [ADA]
    assert types(contio) == ["meeting.created"]


# ---------------------------------------------------------------- removing


@pytest.mark.parametrize("hears", ["yes", "no"])
def test_who_is_removed_loses_the_meeting_and_hears_of_it_by_profile(hears: str) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"removed_participant_hears": hears})
    ada, grace = contio.client(ADA), contio.client(GRACE)
    made = meeting(ada)
    added = add(ada, made, GRACE, "EDITOR")
    contio.clock.advance("1m")
    ada.user.participants.remove(made.id, added.id)
    for call in (grace.user.meetings.get, grace.user.participants.list):
        with pytest.raises(NotFound):
            call(made.id)
    assert made.id not in {found.id for found in grace.user.meetings.list().items}
    kind, data, readers = told(contio)
    assert kind == "participant.removed"
    assert data == {
        "meeting_id": made.id,
        "participant_id": added.id,
        "user_id": added.user_id,
        "guest_email": None,
        "removed_at": "2026-01-15T09:01:00Z",
        "workspace_id": made.workspace_id,
    }
    assert readers == ({ADA, GRACE} if hears == "yes" else {ADA})
    with pytest.raises(NotFound) as refused:
        ada.user.participants.remove(made.id, added.id)
    assert refused.value.code == "not_found"
    assert add(ada, made, GRACE).id != added.id


@hooked
def test_a_guest_is_removed_by_address(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    ada.user.participants.remove(made.id, add(ada, made, GUEST).id)
    _, data, readers = told(contio)
    assert (data["guest_email"], data["user_id"], readers) == (GUEST, None, {ADA})


@pytest.mark.parametrize(("setting", "fine"), [("allow", True), ("forbid", False)])
def test_an_editor_may_leave_by_profile(setting: str, fine: bool) -> None:
    contio = FakeContio(check_answers=True, profile={"self_removal": setting})
    ada, grace = contio.client(ADA), contio.client(GRACE)
    made = meeting(ada)
    own = add(ada, made, GRACE, "EDITOR")
    if fine:
        grace.user.participants.remove(made.id, own.id)
        assert emails(ada, made) == [ADA]
    else:
        with pytest.raises(Forbidden):
            grace.user.participants.remove(made.id, own.id)
        assert emails(ada, made) == [ADA, GRACE]


def test_a_participant_of_another_meeting_is_not_found(ada: Contio) -> None:
    one, other = meeting(ada), meeting(ada)
    added = add(ada, other, GRACE)
    for id_ in (added.id, UNKNOWN_ID):
        with pytest.raises(NotFound):
            ada.user.participants.remove(one.id, id_)
    assert emails(ada, other) == [ADA, GRACE]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_foreign_and_unknown_meetings_are_not_found(contio: FakeContio, raw_of: Any, method: str) -> None:
    theirs = meeting(contio.client(LINUS))
    raw = raw_of(contio)
    for id_, expected in (
        (theirs.id, (404, "not_found")),
        (UNKNOWN_ID, (404, "not_found")),
        ("meeting-1", (400, "invalid_meeting_id")),
    ):
        path = f"{MEETINGS}/{id_}/participants" + (f"/{UNKNOWN_ID}" if method == "DELETE" else "")
        body = ({"email": GUEST, "name": "G", "role": "VIEWER"},) if method == "POST" else ()
        assert raw.code(method, path, *body) == expected


def test_a_malformed_participant_id_is_a_bad_request(raw: Any, ada: Contio) -> None:
    path = f"{MEETINGS}/{meeting(ada).id}/participants/nobody"
    assert raw.code("DELETE", path) == (400, "bad_request")


# ---------------------------------------------------------------- guests who sign up


@pytest.mark.parametrize(("setting", "joins"), [("joins", True), ("stays_guest", False)])
def test_a_guest_who_signs_up_gets_their_meetings_by_profile(setting: str, joins: bool) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"guest_gets_account": setting})
    ada = contio.client(ADA)
    one, other = meeting(ada), meeting(ada)
    add(ada, one, GUEST.upper(), "EDITOR")
    add(ada, other, GUEST, "VIEWER")
    contio.clock.advance("1h")
    airy = contio.client(GUEST)
    assert airy.user.meetings.list().total == (2 if joins else 0)
    guest = ada.user.participants.list(one.id).items[1]
    assert guest.user_id == (user_id(contio, GUEST) if joins else None)
    assert guest.created_at < contio.clock.now
    if joins:
        assert guest.updated_at == contio.clock.now
        add(airy, one, GRACE)
        with pytest.raises(Forbidden):
            add(airy, other, GRACE)
        assert told(contio)[2] == {ADA, GRACE, GUEST}


def test_a_guest_who_was_removed_before_signing_up_gets_nothing(contio: FakeContio, ada: Contio) -> None:
    made = meeting(ada)
    ada.user.participants.remove(made.id, add(ada, made, GUEST).id)
    assert contio.client(GUEST).user.meetings.list().total == 0


# ---------------------------------------------------------------- lists, releases, repeats


@pytest.mark.parametrize(("setting", "limit"), [("total", 3), ("default", 25)])
def test_the_list_has_everybody_in_the_order_of_joining(setting: str, limit: int) -> None:
    contio = FakeContio(check_answers=True, profile={"unpaged_list_limit": setting})
    ada = contio.client(ADA)
    made = meeting(ada)
    add(ada, made, LINUS)
    add(ada, made, GRACE)
    page = ada.user.participants.list(made.id)
    assert [participant.email for participant in page.items] == [ADA, LINUS, GRACE]
    assert (page.total, page.limit, page.offset) == (3, limit, 0)


def test_two_hundred_participants_are_one_list(ada: Contio) -> None:
    made = meeting(ada)
    for number in range(200):
        add(ada, made, f"guest{number}@example.org")
    assert ada.user.participants.list(made.id).total == len(emails(ada, made)) == 201


def test_a_repeated_key_adds_once(contio: FakeContio, raw: Any, ada: Contio) -> None:
    made = meeting(ada)
    path, body = f"{MEETINGS}/{made.id}/participants", {"email": GUEST, "name": "G", "role": "VIEWER"}
    first, again = (raw("POST", path, body, headers={"idempotency-key": "k"}) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert again.header("idempotent-replayed") == "true"
    assert emails(ada, made) == [ADA, GUEST]
    path += f"/{json.loads(first.body)['id']}"
    assert [raw("DELETE", path, headers={"idempotency-key": "d"}).status for _ in range(2)] == [204, 204]
    assert types(contio) == ["meeting.created", "participant.added", "participant.removed"]


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_every_release_has_participants(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    ada = contio.client(ADA)
    made = meeting(ada)
    added = add(ada, made, GRACE)
    ada.user.participants.remove(made.id, added.id)
    assert emails(ada, made) == [ADA]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "participants", "meetings:read"),
        ("POST", "participants", "meetings:write"),
        ("DELETE", f"participants/{UNKNOWN_ID}", "meetings:write"),
    ],
)
def test_each_operation_needs_its_scope(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    others = "openid profile meetings:read meetings:write".replace(scope, "")
    tokens = contio.client(scope=others).tokens
    assert tokens is not None
    raw = raw_of(contio, token=tokens.access_token)
    assert raw.code(method, f"{MEETINGS}/{UNKNOWN_ID}/{path}", {}) == (403, "forbidden")


def test_the_demo_has_editors_viewers_and_guests(ada: Contio) -> None:
    board = next(found for found in ada.user.meetings.list(limit=100).items if found.title == "Board meeting")
    people = {p.email: (p.role, p.user_id is None) for p in ada.user.participants.list(board.id).items}
    assert people == {
        ADA: ("EDITOR", False),
        GRACE: ("VIEWER", False),
        KATHERINE: ("VIEWER", False),
        "charles@example.org": ("EDITOR", True),
    }


# ---------------------------------------------------------------- guests of other workspaces


@pytest.mark.parametrize("visibility", ["participants", "workspace"])
@pytest.mark.parametrize("dates", [{}, {"start_date": "2026-01-15", "end_date": "2026-01-15"}])
def test_a_guest_of_another_workspace_has_the_meeting_in_their_lists_while_they_take_part(
    visibility: str, dates: dict[str, Any]
) -> None:
    contio = FakeContio(check_answers=True, profile={"meeting_visibility": visibility})
    ada, linus = contio.client(), contio.client("linus@example.net")
    own = linus.user.meetings.create({"title": "Own", "is_instant": True})
    meeting = ada.user.meetings.create({"title": "Shared", "is_instant": True})
    later = linus.user.meetings.create({"title": "Later", "is_instant": True})
    item = ada.user.action_items.create({"meeting_id": meeting.id, "title": "Do it"})

    def newest(limit: int, offset: int = 0) -> list[str]:
        return [m.id for m in linus.user.meetings.list(limit=limit, offset=offset, **dates).items]

    def items() -> set[str]:
        return {found.id for found in linus.user.action_items.list(limit=100, **dates).items}

    before = linus.user.meetings.list(**dates).total
    assert newest(2) == [later.id, own.id]
    assert item.id not in items()
    guest = ada.user.participants.add(
        meeting.id, {"email": "linus@example.net", "name": "L", "role": "VIEWER"}
    )
    assert newest(3) == [later.id, meeting.id, own.id]
    assert [newest(1, offset) for offset in range(3)] == [[later.id], [meeting.id], [own.id]]
    assert linus.user.meetings.list(**dates).total == before + 1
    assert linus.user.meetings.get(meeting.id).title == "Shared"
    assert item.id in items()
    ada.user.participants.remove(meeting.id, guest.id)
    assert newest(2) == [later.id, own.id]
    assert linus.user.meetings.list(**dates).total == before
    assert item.id not in items()


def test_who_sees_a_meeting_twice_over_has_it_once_in_the_list() -> None:
    contio = FakeContio(check_answers=True, profile={"meeting_visibility": "workspace"})
    for email in ("ada@example.com", "grace@example.com", "linus@example.net"):
        listed = [m.id for m in contio.client(email).user.meetings.list(limit=100).items]
        assert len(listed) == len(set(listed))
        user = contio.sandbox.store.users.first("email", email)
        assert user is not None
        assert listed == [
            meeting.id
            for meeting in reversed(list(contio.sandbox.store.meetings))
            if user.id in meeting.viewer_ids or meeting.workspace_id == user.workspace_id
        ]
