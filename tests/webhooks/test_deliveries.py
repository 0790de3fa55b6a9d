"""Webhooks: what is sent, to whom, signed how, and tried how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest
from contio_mock.contract.app import WebhookFilter
from contio_mock.contract.events import EVENTS, Event, event
from contio_mock.contract.meetings import Meeting, MeetingCreate, MeetingUpdate
from contio_mock.contract.shared import Timestamp
from contio_mock.contract.signature import signature_problem
from contio_mock.fake.deliveries import Outgoing

URL = "http://localhost:9/hooks"
pytestmark = pytest.mark.contio(webhook_url=URL)


class Receiver:
    """A partner's webhook endpoint: keeps what comes and answers as it is told."""

    def __init__(self, contio: FakeContio, *answers: int) -> None:
        self.contio = contio
        self.answers = list(answers) or [200]
        self.got: list[tuple[datetime, Outgoing]] = []
        contio.receiver = self

    def __call__(self, outgoing: Outgoing) -> int:
        self.got.append((self.contio.clock.now, outgoing))
        return self.answers[min(len(self.got), len(self.answers)) - 1]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(outgoing.body) for _, outgoing in self.got]

    @property
    def times(self) -> list[datetime]:
        return [when for when, _ in self.got]


def create(contio: FakeContio, email: str = "ada@example.com", title: str = "Review") -> Meeting:
    return contio.client(email).user.meetings.create(MeetingCreate(title=title))


def shared_meeting(contio: FakeContio) -> Meeting:
    """A meeting of Ada and Grace, who are both connected."""
    listed = contio.client().user.meetings.list(limit=100).items
    return next(meeting for meeting in listed if meeting.title == "1:1 Ada and Grace")


# ---------------------------------------------------------------- the envelope


def test_a_created_meeting_is_told_in_a_signed_envelope(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    meeting = create(contio)
    contio.control.mock.settle()
    (body,) = receiver.bodies
    user = contio.client().user.profile.get()
    assert body.pop("event_id")
    assert body == {
        "event_type": "meeting.created",
        "timestamp": "2026-01-15T09:00:00Z",
        "partner_app_id": contio.credentials.partner_app_id,
        "for_user": {"id": user.id, "email": "ada@example.com"},
        "actor_user_id": user.id,
        "data": {
            "created_at": "2026-01-15T09:00:00Z",
            "created_by_user_id": user.id,
            "meeting_id": meeting.id,
            "title": "Review",
            "workspace_id": meeting.workspace_id,
        },
    }


def test_the_signature_is_over_the_exact_bytes(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    create(contio, title="Ünïcode 🎉")
    contio.control.mock.settle()
    outgoing = receiver.got[0][1]
    assert outgoing.url == URL
    assert outgoing.headers["Content-Type"] == "application/json"
    signature = outgoing.headers["X-Contio-Signature"]
    secret = contio.credentials.webhook_secret
    assert signature_problem(outgoing.body, signature, secret) is None
    assert signature_problem(outgoing.body + b" ", signature, secret) is not None
    reprinted = json.dumps(json.loads(outgoing.body)).encode()
    assert signature_problem(reprinted, signature, secret) is not None
    assert signature_problem(outgoing.body, signature, "another") is not None


def test_the_control_plane_shows_the_same_bytes_and_signature(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    create(contio)
    contio.control.mock.settle()
    shown = contio.control.mock.events().items[0]
    outgoing = receiver.got[0][1]
    assert shown.type == "meeting.created"
    assert shown.data == receiver.bodies[0]["data"]
    delivery = shown.deliveries[0]
    assert delivery.body.encode() == outgoing.body
    assert delivery.signature == outgoing.headers["X-Contio-Signature"]
    assert delivery.url == URL
    assert delivery.status == "delivered"
    assert delivery.event_id == receiver.bodies[0]["event_id"]
    assert (delivery.retry_count, delivery.next_retry_at) == (0, None)
    assert [(a.status, a.error) for a in delivery.attempts] == [(200, None)]


@pytest.mark.parametrize(
    ("release", "has_actor"), [("1.5", False), ("1.6", False), ("1.9", True), ("1.10", True)]
)
def test_the_actor_is_told_since_release_1_9(release: str, has_actor: bool) -> None:
    contio = FakeContio(release=release, webhook_url=URL, check_answers=True)
    receiver = Receiver(contio)
    create(contio)
    contio.control.mock.settle()
    assert ("actor_user_id" in receiver.bodies[0]) is has_actor


def test_each_connected_participant_gets_a_copy_of_their_own(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    meeting = shared_meeting(contio)
    contio.client("grace@example.com").user.meetings.update(meeting.id, MeetingUpdate(title="Renamed"))
    contio.control.mock.settle()
    bodies = receiver.bodies
    assert {body["for_user"]["email"] for body in bodies} == {"ada@example.com", "grace@example.com"}
    assert len({body["event_id"] for body in bodies}) == len(bodies) == 2
    grace = contio.client("grace@example.com").user.profile.get().id
    assert {body["actor_user_id"] for body in bodies} == {grace}
    assert {body["data"]["title"] for body in bodies} == {"Renamed"}
    assert bodies[0]["data"]["scheduled_start"].endswith("Z")


def test_a_participant_who_is_not_connected_gets_none(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    listed = contio.client().user.meetings.list(limit=100).items
    weekly = next(meeting for meeting in listed if meeting.title == "Weekly engine review")
    contio.client().user.meetings.update(weekly.id, MeetingUpdate(title="Renamed"))
    contio.control.mock.settle()
    assert {body["for_user"]["email"] for body in receiver.bodies} == {"ada@example.com", "grace@example.com"}


# ---------------------------------------------------------------- no delivery


@pytest.mark.contio(webhook_url=None)
def test_without_a_url_nothing_is_delivered_and_the_event_is_known(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    create(contio)
    contio.clock.advance("1d")
    assert receiver.got == []
    assert [(event.type, event.deliveries) for event in contio.events] == [("meeting.created", [])]


def test_a_request_that_fails_tells_nobody(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    meeting = create(contio)
    contio.control.mock.settle()
    with pytest.raises(BadRequest):
        contio.client().user.meetings.update(meeting.id, MeetingUpdate.model_construct({"title"}, title=""))
    contio.control.mock.settle()
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("kind", "events", "delivered"),
    [
        ("include", ["meeting.created"], ["meeting.created"]),
        ("include", ["meeting.updated", "meeting.created"], ["meeting.created", "meeting.updated"]),
        ("include", ["participant.added"], []),
        ("exclude", ["meeting.created"], ["meeting.updated"]),
        ("exclude", ["participant.added"], ["meeting.created", "meeting.updated"]),
    ],
)
def test_the_filter_chooses_the_events(
    contio: FakeContio, kind: str, events: list[str], delivered: list[str]
) -> None:
    store, app = contio.sandbox.store, contio.sandbox.app
    store.apps.replace(app, webhook_filter=WebhookFilter(type=kind, events=events))  # type: ignore[arg-type]
    receiver = Receiver(contio)
    meeting = create(contio)
    contio.client().user.meetings.update(meeting.id, MeetingUpdate(title="Renamed"))
    contio.control.mock.settle()
    assert [body["event_type"] for body in receiver.bodies] == delivered
    assert len(contio.events) == 2


def test_a_disabled_webhook_keeps_deliveries_waiting(contio: FakeContio) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_enabled=False)
    receiver = Receiver(contio)
    create(contio)
    assert contio.control.mock.settle().pending == 1
    contio.clock.advance("10d")
    assert receiver.got == []
    assert contio.events[0].deliveries[0].status == "pending"


def test_without_a_receiver_deliveries_wait_for_one(contio: FakeContio) -> None:
    create(contio)
    contio.clock.advance("2h")
    assert contio.control.mock.settle().pending == 1
    receiver = Receiver(contio)
    assert contio.control.mock.settle().delivered == 1
    assert len(receiver.got) == 1
    contio.receiver = None
    create(contio)
    assert contio.control.mock.settle().pending == 1


def test_a_url_that_is_cleared_on_the_way_fails_the_delivery(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    create(contio)
    contio.control.mock.settle()
    contio.admin().admin.app.update({"webhook_url": None})
    contio.clock.advance("30s")
    assert len(receiver.got) == 1
    shown = contio.control.mock.events().items[0].deliveries[0]
    assert shown.attempts[1].error == "the app has no webhook URL any more"
    assert (shown.url, shown.signature) == ("", "")


# ---------------------------------------------------------------- trying again


def test_a_failed_delivery_is_tried_on_schedule_and_then_abandoned(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    start = contio.clock.now
    create(contio)
    contio.control.mock.settle()
    shown = contio.control.mock.events().items[0].deliveries[0]
    assert shown.status == "failed"
    assert shown.next_retry_at == start + timedelta(seconds=30)
    contio.clock.advance("7d")
    assert receiver.times == [start + timedelta(seconds=s) for s in (0, 30, 330, 2130, 9330)]
    assert len({outgoing.body for _, outgoing in receiver.got}) == 1
    shown = contio.control.mock.events().items[0].deliveries[0]
    assert (shown.status, shown.retry_count, shown.next_retry_at) == ("abandoned", 4, None)
    assert [attempt.at for attempt in shown.attempts] == receiver.times


def test_a_retry_falls_on_its_moment_and_not_before(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500, 200)
    create(contio)
    contio.control.mock.settle()
    contio.clock.advance("29s")
    assert len(receiver.got) == 1
    contio.clock.advance("1s")
    assert len(receiver.got) == 2
    contio.clock.advance("7d")
    assert len(receiver.got) == 2
    assert contio.events[0].deliveries[0].status == "delivered"


@pytest.mark.contio(webhook_url=URL, profile={"webhook_retry_schedule": [10, 20]})
def test_the_schedule_is_the_profiles(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    start = contio.clock.now
    create(contio)
    contio.clock.advance("1h")
    assert [int((when - start).total_seconds()) for when in receiver.times] == [0, 10, 30]


@pytest.mark.contio(webhook_url=URL, profile={"webhook_retry_schedule": []})
def test_an_empty_schedule_abandons_at_once(contio: FakeContio) -> None:
    Receiver(contio, 500)
    create(contio)
    settled = contio.control.mock.settle()
    assert (settled.delivered, settled.failed, settled.pending) == (0, 1, 0)
    assert contio.events[0].deliveries[0].status == "abandoned"


@pytest.mark.parametrize(
    ("setting", "status", "fine"),
    [
        ("2xx", 200, True), ("2xx", 202, True), ("2xx", 204, True), ("2xx", 299, True), ("2xx", 300, False),
        ("2xx", 302, False), ("2xx", 199, False), ("2xx", 404, False), ("2xx", 500, False),
        ("200", 200, True), ("200", 201, False), ("200", 204, False),
    ],
)  # fmt: skip
def test_success_is_what_the_profile_says(setting: str, status: int, fine: bool) -> None:
    contio = FakeContio(webhook_url=URL, profile={"webhook_success": setting}, check_answers=True)
    Receiver(contio, status)
    create(contio)
    contio.control.mock.settle()
    assert contio.events[0].deliveries[0].status == ("delivered" if fine else "failed")


def test_retries_of_several_deliveries_come_in_the_order_of_time(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    create(contio, title="first")
    contio.clock.advance("20s")
    create(contio, title="second")
    contio.clock.advance("1h")
    assert receiver.times == sorted(receiver.times)
    assert [body["data"]["title"] for body in receiver.bodies][:4] == ["first", "second", "first", "second"]


def test_a_delivery_is_signed_with_the_secret_of_its_moment(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500, 200)
    create(contio)
    contio.control.mock.settle()
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_secret="whs_new")
    contio.clock.advance("30s")
    outgoing = receiver.got[1][1]
    assert signature_problem(outgoing.body, outgoing.headers["X-Contio-Signature"], "whs_new") is None


def test_settling_says_what_it_did(contio: FakeContio) -> None:
    Receiver(contio, 200, 500, 200)
    for title in ("a", "b", "c"):
        create(contio, title=title)
    settled = contio.control.mock.settle()
    assert (settled.delivered, settled.failed, settled.pending) == (2, 1, 1)
    again = contio.control.mock.settle()
    assert (again.delivered, again.failed, again.pending) == (0, 0, 1)


def test_a_receiver_may_call_back_into_the_contio(contio: FakeContio) -> None:
    titles = []

    def receive(outgoing: Outgoing) -> int:
        data = json.loads(outgoing.body)["data"]
        titles.append(contio.client().user.meetings.get(data["meeting_id"]).title)
        if len(titles) == 1:
            create(contio, title="made by the receiver")
        return 200

    contio.receiver = receive
    create(contio, title="first")
    contio.control.mock.settle()
    assert titles == ["first", "made by the receiver"]


# ---------------------------------------------------------------- emitting


def test_an_emitted_event_is_made_from_the_sandbox_and_told_to_everybody(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    recorded = contio.control.mock.emit({"type": "meeting.created"})
    assert recorded.type == "meeting.created"
    assert {delivery.for_user for delivery in recorded.deliveries} == {
        "ada@example.com",
        "grace@example.com",
        "linus@example.net",
    }
    contio.control.mock.settle()
    assert {body["for_user"]["email"] for body in receiver.bodies} == {
        d.for_user for d in recorded.deliveries
    }
    data = receiver.bodies[0]["data"]
    assert contio.client().user.meetings.get(data["meeting_id"]).title == data["title"]
    assert "actor_user_id" not in receiver.bodies[0]


def test_given_data_stands_and_the_rest_is_made(contio: FakeContio) -> None:
    recorded = contio.control.mock.emit(
        {
            "type": "meeting.updated",
            "data": {"title": "Given", "scheduled_start": "2030-01-01T10:00:00+01:00"},
        }
    )
    assert recorded.data["title"] == "Given"
    assert recorded.data["scheduled_start"] == "2030-01-01T09:00:00Z"
    assert set(recorded.data) == {"meeting_id", "title", "updated_at", "workspace_id", "scheduled_start"}


def test_a_named_meeting_lends_its_title(contio: FakeContio) -> None:
    meeting = create(contio, title="Named")
    recorded = contio.control.mock.emit({"type": "meeting.updated", "data": {"meeting_id": meeting.id}})
    assert recorded.data["title"] == "Named"


@pytest.mark.parametrize("email", ["grace@example.com", "GRACE@example.com", "katherine@example.com"])
def test_a_named_user_alone_is_told(contio: FakeContio, email: str) -> None:
    recorded = contio.control.mock.emit({"type": "meeting.created", "user": email})
    assert [delivery.for_user for delivery in recorded.deliveries] == [email.lower()]


@pytest.mark.contio(webhook_url=URL, scenario="empty")
def test_among_nobody_an_event_is_told_to_nobody(contio: FakeContio) -> None:
    recorded = contio.control.mock.emit({"type": "meeting.updated"})
    assert recorded.deliveries == []
    assert recorded.data["title"] == "An emitted event"


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        ({"type": "meeting.exploded"}, "unknown_event", "meeting.created, meeting.updated"),
        ({"type": ""}, "unknown_event", "meeting.created"),
        ({"type": "meeting.created", "user": "nobody@example.com"}, "unknown_user", "nobody@example.com"),
        ({"type": "meeting.created", "data": {"nonsense": 1}}, "invalid_event_data", "nonsense"),
        ({"type": "meeting.created", "data": {"meeting_id": "x"}}, "invalid_event_data", "meeting_id"),
        ({"type": "meeting.created", "data": {"meeting_id": None}}, "invalid_event_data", "meeting_id"),
        ({"type": "meeting.created", "data": {"title": 1}}, "invalid_event_data", "title"),
        ({"type": "meeting.created", "data": {"created_at": "today"}}, "invalid_event_data", "created_at"),
    ],
)
def test_an_impossible_event_is_refused_and_names_why(
    contio: FakeContio, wish: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.control.mock.emit(wish)
    assert refused.value.code == code
    assert said in refused.value.message
    assert contio.events == []


def test_events_are_listed_newest_first_and_by_type(contio: FakeContio) -> None:
    for kind in ("meeting.created", "meeting.updated", "meeting.created"):
        contio.control.mock.emit({"type": kind, "user": "ada@example.com"})
    shown = contio.control.mock.events()
    assert shown.total == 3
    assert [event.type for event in shown.items] == ["meeting.created", "meeting.updated", "meeting.created"]
    assert len(contio.control.mock.events(type="meeting.updated").items) == 1
    assert len(contio.control.mock.events(limit=1).items) == 1
    assert contio.control.mock.events(limit=-1).items == []


@pytest.fixture
def odd_event() -> Iterator[None]:
    @event("test.odd")
    class Odd(Event):
        """Has members of every kind."""

        actor_user_id: str
        thing_id: str
        happened_at: Timestamp
        count: int
        ratio: float
        fine: bool
        word: str

    yield
    del Odd, EVENTS["test.odd"]


@pytest.mark.usefixtures("odd_event")
def test_members_of_every_kind_are_made_up(contio: FakeContio) -> None:
    data = contio.control.mock.emit({"type": "test.odd", "user": "grace@example.com"}).data
    assert data["actor_user_id"] == contio.client("grace@example.com").user.profile.get().id
    assert len(data["thing_id"]) == 36
    assert data["happened_at"] == "2026-01-15T09:00:00Z"
    assert (data["count"], data["ratio"], data["fine"], data["word"]) == (1, 1.0, False, "word")
