"""The outbox: who is due when, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contio_mock.contract.app import WebhookFilter
from contio_mock.contract.events import EVENTS, Event, event
from contio_mock.contract.meeting_events import MeetingCreated
from contio_mock.fake.deliveries import DELIVERIES_KEPT, Attempt, Delivery
from contio_mock.fake.ids import Ids
from contio_mock.fake.outbox import EVENTS_KEPT, Outbox, wanted
from contio_mock.fake.profile import with_options
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.scenario import seeded_store

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
ID = "00000000-0000-4000-8000-000000000000"
STORE = seeded_store("demo", NOW)
APP: AppRecord = next(iter(STORE.apps)).model_copy(update={"webhook_url": "http://localhost:9/hooks"})
USERS: list[UserRecord] = list(STORE.users)
CREATED = MeetingCreated(created_at=NOW, created_by_user_id=ID, meeting_id=ID, title="x", workspace_id=ID)


def outbox(app: AppRecord | None = APP, **options: Any) -> Outbox:
    return Outbox(Ids(1), with_options(options), lambda _: app)


def publish(box: Outbox, *, app: AppRecord = APP, audience: int = 1, now: datetime = NOW) -> list[Delivery]:
    emitted = box.emit(CREATED, now)
    box.send(emitted, app, USERS[:audience], None)
    return emitted.deliveries


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_delivery_is_due_at_once_and_taken_once() -> None:
    box = outbox()
    made = publish(box, audience=3)
    assert box.next_due() == NOW
    assert box.take_due(NOW) == made
    assert box.next_due() is None
    assert box.take_due(NOW) == []
    assert box.waiting() == 3


def test_nothing_is_taken_before_it_is_due_nor_more_than_asked() -> None:
    box = outbox()
    made = publish(box, audience=3, now=after(10))
    assert box.take_due(after(9)) == []
    assert box.take_due(after(10), most=2) == made[:2]
    assert box.take_due(after(10)) == made[2:]


@pytest.mark.parametrize("schedule", [(), (0,), (1, 2, 3), (30, 300, 1800, 7200), (0.5,)])
def test_each_failure_waits_for_its_step_and_the_last_abandons(schedule: tuple[float, ...]) -> None:
    box = outbox(webhook_retry_schedule=list(schedule))
    (delivery,) = publish(box)
    now = NOW
    for count, step in enumerate(schedule):
        assert box.take_due(now) == [delivery]
        box.record(delivery, Attempt(now, status=500))
        now += timedelta(seconds=step)
        assert (delivery.status, delivery.due_at, delivery.retry_count) == ("failed", now, count)
        assert box.next_due() == now
    box.take_due(now)
    box.record(delivery, Attempt(now, error="refused"))
    assert (delivery.status, delivery.due_at) == ("abandoned", None)
    assert box.next_due() is None
    assert box.waiting() == 0
    assert (box.succeeded, box.failed) == (0, len(schedule) + 1)


@pytest.mark.parametrize(
    ("app", "why"), [(None, "gone"), (APP.model_copy(update={"webhook_url": None}), "no url")]
)
def test_without_an_address_there_is_no_request(app: AppRecord | None, why: str) -> None:
    (delivery,) = publish(outbox())
    assert outbox(app).outgoing(delivery) is None, why


@pytest.mark.parametrize(
    ("kind", "events", "through"),
    [
        (None, [], True), ("include", ["a"], False), ("include", ["meeting.created"], True),
        ("exclude", ["a"], True), ("exclude", ["meeting.created"], False),
    ],
)  # fmt: skip
def test_the_filter(kind: Any, events: list[str], through: bool) -> None:
    filter_ = WebhookFilter(type=kind, events=events) if kind else None
    assert wanted(APP.model_copy(update={"webhook_filter": filter_}), "meeting.created") is through


@pytest.fixture
def app_event() -> Any:
    @event("test.happened", per_user=False)
    class Happened(Event):
        """Something happened to the app."""

        what: str

    yield Happened
    EVENTS.pop("test.happened")


def test_an_event_of_the_app_is_told_once_and_is_for_nobody(app_event: Callable[..., Event]) -> None:
    box = outbox()
    emitted = box.emit(app_event(what="x"), NOW)
    box.send(emitted, APP, USERS, None)
    (delivery,) = emitted.deliveries
    assert delivery.for_user is None
    assert b"for_user" not in delivery.body
    assert b'"data":{"what":"x"}' in delivery.body


def test_finished_deliveries_and_old_events_are_let_go() -> None:
    box = outbox()
    for _ in range(DELIVERIES_KEPT + 50):
        for delivery in publish(box):
            box.take_due(NOW)
            box.record(delivery, Attempt(NOW, status=200))
    assert len(box.deliveries) == DELIVERIES_KEPT
    assert len(box.events) == EVENTS_KEPT
    assert box.emitted == DELIVERIES_KEPT + 50


def test_a_delivery_that_still_waits_is_kept() -> None:
    box = outbox()
    (waiting,) = publish(box)
    for _ in range(DELIVERIES_KEPT + 5):
        publish(box)
    assert waiting.id in box.deliveries
