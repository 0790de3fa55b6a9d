"""Meetings that were copied into another workspace send its people to the copy."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import Conflict, NotFound, Refused
from contio_mock.contract.meetings import GetMeeting, Meeting, MeetingCreate, MeetingRedirect
from contio_mock.contract.resource import RedirectedTwice
from contio_mock.contract.simulate_meetings import MeetingCopyWish
from contio_mock.contract.wire import Request, Response

LINUS, ADA = "linus@example.net", "ada@example.com"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def create(contio: FakeContio, **given: Any) -> Meeting:
    return contio.client().user.meetings.create(MeetingCreate(**{"title": "Review", **given}))


def copy(contio: FakeContio, meeting: str, **target: Any) -> Meeting:
    return contio.control.mock.simulate.meeting_copied(MeetingCopyWish(meeting_id=meeting, **target))


def test_the_copys_workspace_hears_where_the_copy_is_and_nothing_else(
    contio: FakeContio, raw_of: Any
) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)
    answer = raw_of(contio, LINUS)("GET", f"/v1/partner/user/meetings/{original.id}")
    assert answer.status == 200
    assert json.loads(answer.body) == {"redirect_to_meeting_id": twin.id}
    assert contio.client().user.meetings.get(original.id) == original


def test_the_copy_is_the_meeting_in_the_other_workspace(contio: FakeContio) -> None:
    original = create(contio, is_instant=True)
    contio.clock.advance("1h")
    twin = copy(contio, original.id, email=LINUS)
    linus = contio.client(LINUS)
    me = linus.user.profile.get()
    same = ("title", "status", "start_time", "end_time", "summary_notes")
    assert [getattr(twin, name) for name in same] == [getattr(original, name) for name in same]
    assert twin.id != original.id
    assert (twin.workspace_id, twin.created_by_user_id) == (me.workspace_id, me.id)
    assert twin.created_at == contio.clock.now
    assert twin in linus.user.meetings.list().items
    with pytest.raises(NotFound):
        contio.client().user.meetings.get(twin.id)


def test_the_client_goes_where_it_is_sent(contio: FakeContio) -> None:
    original = create(contio)
    twin = copy(contio, original.id, workspace="Pauling Research")
    client = contio.client(LINUS)
    assert client.user.meetings.get(original.id) == twin
    assert client.send(GetMeeting(original.id)) == MeetingRedirect(redirect_to_meeting_id=twin.id)
    assert client.user.meetings.get(twin.id) == twin


def test_the_asynchronous_client_goes_there_too(contio: FakeContio) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)

    async def both() -> tuple[Meeting, Meeting]:
        client = contio.async_client(LINUS)
        return await client.user.meetings.get(original.id), await client.user.meetings.get(twin.id)

    assert asyncio.run(both()) == (twin, twin)


def test_the_client_goes_once(contio: FakeContio) -> None:
    def send(_: Request) -> Response:
        body = json.dumps({"redirect_to_meeting_id": UNKNOWN_ID}).encode()
        return Response(200, [("content-type", "application/json")], body)

    client = contio.client()
    client.transport = send
    with pytest.raises(RedirectedTwice):
        client.user.meetings.get(UNKNOWN_ID)


def test_the_switch_turns_redirects_off_and_on(contio: FakeContio) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)
    client = contio.client(LINUS)
    contio.settings(features={"smart_redirect": False})
    with pytest.raises(NotFound):
        client.user.meetings.get(original.id)
    contio.settings(features={"smart_redirect": True})
    assert client.user.meetings.get(original.id) == twin


def test_whoever_cannot_see_the_copy_hears_nothing_of_it(contio: FakeContio) -> None:
    original = create(contio)
    copy(contio, original.id, email=LINUS)
    linus = contio.sandbox.store.users.first("email", LINUS)
    assert linus is not None
    stranger = contio.client("stranger@example.net")
    user = contio.sandbox.store.users.first("email", "stranger@example.net")
    assert user is not None
    contio.sandbox.store.users.replace(user, workspace_id=linus.workspace_id)
    with pytest.raises(NotFound):
        stranger.user.meetings.get(original.id)


def test_the_copy_is_told_to_its_workspace_by_the_system(contio: FakeContio) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)
    event = contio.events[-1]
    assert event.type == "meeting.created"
    assert event.data == {
        "created_at": contio.clock.now.isoformat().replace("+00:00", "Z"),
        "created_by_user_id": twin.created_by_user_id,
        "meeting_id": twin.id,
        "title": "Review",
        "workspace_id": twin.workspace_id,
    }


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ({}, 400, "validation_error"),
        ({"email": LINUS, "workspace": "Pauling Research"}, 400, "validation_error"),
        ({"email": "nobody@example.com"}, 400, "unknown_user"),
        ({"workspace": "Nowhere"}, 400, "unknown_workspace"),
        ({"email": ADA}, 409, "cannot_copy"),
        ({"workspace": "Analytical Engines"}, 409, "cannot_copy"),
        ({"meeting_id": UNKNOWN_ID, "email": LINUS}, 404, "not_found"),
    ],
)
def test_a_copy_that_cannot_be_is_refused_and_none_is_made(
    contio: FakeContio, target: dict[str, Any], status: int, code: str
) -> None:
    original = create(contio)
    before = len(contio.sandbox.store.meetings)
    with pytest.raises(Refused) as refused:
        copy(contio, **{"meeting": original.id, **_renamed(target)})
    assert (refused.value.status, refused.value.code) == (status, code)
    assert len(contio.sandbox.store.meetings) == before
    assert contio.client().user.meetings.get(original.id) == original


def _renamed(target: dict[str, Any]) -> dict[str, Any]:
    return {("meeting" if name == "meeting_id" else name): value for name, value in target.items()}


def test_a_meeting_is_copied_into_a_workspace_once(contio: FakeContio) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)
    with pytest.raises(Conflict, match=twin.id):
        copy(contio, original.id, email=LINUS)


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_every_release_redirects(contio: FakeContio, raw_of: Any, release: str) -> None:
    original = create(contio)
    twin = copy(contio, original.id, email=LINUS)
    contio.settings(release=release)
    answer = raw_of(contio, LINUS)("GET", f"/v1/partner/user/meetings/{original.id}")
    assert json.loads(answer.body) == {"redirect_to_meeting_id": twin.id}
