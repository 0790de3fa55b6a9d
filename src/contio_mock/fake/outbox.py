"""The waiting half of webhooks: events, their deliveries, and when each is to be tried.

The outbox sends nothing. Whoever can (the server's dispatcher, or a test's receiver) takes what is
due, sends what `handout` makes of it, and records each attempt; the outbox then decides what happens
next.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contio_mock.contract.events import Envelope, Event, ForUser
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.results import PLAIN, Projection, dead_members, encoded
from contio_mock.contract.shared import Timestamp, trusted
from contio_mock.contract.signature import sign
from contio_mock.fake.deliveries import (
    WAITING,
    Attempt,
    Deliveries,
    Delivery,
    DeliveryStatus,
    Outgoing,
    request_headers,
)
from contio_mock.fake.faults import Fault, Signing
from contio_mock.fake.ids import Ids
from contio_mock.fake.profile import Profile
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.rules.apps import failing_too_long, holds_webhooks

EVENTS_KEPT = 1000


GiveUp = Callable[[str, datetime, str], None]
"""`(app_id, when, why)`: called when an app's receiver has failed for too long."""

Detain = Callable[[str], Fault | None]
"""The fault rule that keeps a new delivery of an event with that name back; None for none."""

OVERTAKEN_WITHIN = timedelta(seconds=60)
"""How long a delivery waits at most for others to overtake it, when its rule does not say."""


@dataclass(slots=True)
class Health:
    """How an app's receiver has fared since its webhooks were last enabled."""

    abandoned: int = 0
    last_success: Timestamp | None = None
    first_failure: Timestamp | None = None
    """Of the failures since the last success."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """Something that happened."""

    event: Event
    at: datetime
    deliveries: list[Delivery]

    @property
    def type(self) -> str:
        """The event's name."""
        return self.event.type

    @property
    def data(self) -> dict[str, Any]:
        """The event's data."""
        return self.shown_in(LATEST)

    def shown_in(self, release: Release) -> dict[str, Any]:
        """The event's data, as a release sends it."""
        left_out = dead_members(type(self.event), release)
        return self.event.model_dump(mode="json", exclude_unset=True, exclude=left_out)


class Outbox:
    """Events and deliveries of one sandbox."""

    def __init__(
        self,
        ids: Ids,
        profile: Profile,
        app: Callable[[str], AppRecord | None],
        give_up: GiveUp = lambda *_: None,
        detain: Detain = lambda _: None,
    ) -> None:
        self._ids = ids
        self._profile = profile
        self._app = app
        self._give_up = give_up
        self._detain = detain
        self._overtaken: list[Delivery] = []
        self._taken: set[str] = set()
        """The ids of the deliveries that were taken and are not back."""
        self.health: dict[str, Health] = {}
        self._order = itertools.count()
        self._due: list[tuple[datetime, int, int, Delivery]] = []
        """A heap: when, the delivery's number (the oldest goes first), which entry, the delivery."""
        self.events: deque[Emitted] = deque(maxlen=EVENTS_KEPT)
        self.emitted = 0
        self.succeeded = 0
        self.failed = 0
        """How many attempts succeeded and failed since the beginning."""
        self.deliveries = Deliveries()
        self.last_signed: dict[str, datetime] = {}
        """When each app's webhook secret last signed a delivery that was sent."""

    def emit(self, event: Event, now: datetime) -> Emitted:
        """Note that something happened."""
        emitted = Emitted(event, now, [])
        self.events.append(emitted)
        self.emitted += 1
        return emitted

    def send(
        self,
        emitted: Emitted,
        app: AppRecord,
        users: Iterable[UserRecord],
        actor_id: str | None,
        projection: Projection = PLAIN,
    ) -> None:
        """Queue a delivery of an event to an app: one for each user, or a single one for the app."""
        data = emitted.shown_in(projection.release)
        readers: Iterable[UserRecord | None] = users if emitted.event.per_user else [None]
        for reader in readers:
            delivery = self._delivery(emitted, data, app, reader, actor_id, projection)
            self.deliveries.add(delivery)
            if delivery.due_at is not None:
                self._keep_back(delivery, self._detain(delivery.event_type))
            self._schedule(delivery)
            emitted.deliveries.append(delivery)

    def _delivery(  # noqa: PLR0913 - the members of an envelope
        self,
        emitted: Emitted,
        data: dict[str, Any],
        app: AppRecord,
        reader: UserRecord | None,
        actor_id: str | None,
        projection: Projection,
    ) -> Delivery:
        envelope = trusted(
            Envelope,
            event_type=emitted.type,
            event_id=self._ids.uuid(),
            timestamp=emitted.at,
            partner_app_id=app.id,
            for_user=trusted(ForUser, id=reader.id, email=reader.email) if reader else None,
            actor_user_id=actor_id,
            data=data,
        )
        return Delivery(
            id=self._ids.uuid(),
            event_id=envelope.event_id,
            event_type=emitted.type,
            app_id=app.id,
            body=encoded(envelope, projection),
            created_at=emitted.at,
            for_user=reader.email if reader else None,
            due_at=None if holds_webhooks(app, self._profile) else emitted.at,
        )

    def _keep_back(self, delivery: Delivery, rule: Fault | None) -> None:
        """Let a delivery wait as a fault rule says."""
        if rule is None:
            return
        wait = timedelta(seconds=rule.delay) if rule.delay else OVERTAKEN_WITHIN
        delivery.due_at = delivery.created_at + wait
        delivery.overtaken_by = rule.overtaken_by
        self.watch(delivery)

    def watch(self, delivery: Delivery) -> None:
        """Look after a delivery that others are to overtake."""
        if delivery.overtaken_by and delivery.status == "pending":
            self._overtaken.append(delivery)

    def _schedule(self, delivery: Delivery) -> None:
        if delivery.due_at is not None:
            delivery.place = next(self._order)
            entry = (delivery.due_at, delivery.number, delivery.place, delivery)
            heapq.heappush(self._due, entry)

    def use(self, profile: Profile) -> None:
        """Go on by another profile."""
        self._profile = profile

    def enqueue(self, delivery: Delivery) -> None:
        """Let a known delivery wait for its moment."""
        self._schedule(delivery)

    def queue(self) -> list[Delivery]:
        """The deliveries with a moment, in the order in which they are tried; those on their way come first."""
        waiting = ((d.due_at, d.number, d) for d in self.deliveries if d.due_at is not None)
        return [delivery for _, _, delivery in sorted(waiting)]

    def next_due(self) -> datetime | None:
        """When the next delivery is to be tried."""
        while self._due and not self._is_current(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def _is_current(self, entry: tuple[datetime, int, int, Delivery]) -> bool:
        when, _, place, delivery = entry
        return delivery.due_at == when and delivery.place == place and not delivery.in_flight

    def take_due(self, now: datetime, most: int = 1000) -> list[Delivery]:
        """The deliveries to be tried now; each must begin, and be recorded afterwards.

        While any is to be overtaken they go one after the other, so that it follows the right one.
        """
        taken: list[Delivery] = []
        if self._overtaken:
            most = 0 if self._taken else 1
        while len(taken) < most:
            when = self.next_due()
            if when is None or when > now:
                break
            delivery = heapq.heappop(self._due)[-1]
            self._taken.add(delivery.id)
            taken.append(delivery)
        return taken

    def begin(self, delivery: Delivery, now: datetime) -> bool:
        """Whether a delivery that was taken may go out: it was not held, given up or tried meanwhile."""
        if delivery.in_flight or delivery.due_at is None or delivery.due_at > now:
            self._taken.discard(delivery.id)
            return False
        delivery.in_flight = True
        return True

    def put_back(self, delivery: Delivery) -> None:
        """Let somebody else try a delivery that was taken and not tried."""
        self._is_back(delivery)
        self._schedule(delivery)

    def _is_back(self, delivery: Delivery) -> None:
        delivery.in_flight = False
        self._taken.discard(delivery.id)

    def outgoing(self, delivery: Delivery, signing: Signing = "right") -> Outgoing | None:
        """The request to send; None when the app has no URL any more."""
        app = self._app(delivery.app_id)
        if app is None or not app.webhook_url:
            return None
        signature = None if signing == "missing" else sign(delivery.body, _secret(app, signing))
        return Outgoing(app.webhook_url, request_headers(signature), delivery.body)

    def record(self, delivery: Delivery, attempt: Attempt) -> None:
        """Note an attempt and decide: delivered, tried again by the schedule, or abandoned.

        After one that is repeated the delivery is still on its way, and nothing is decided.
        """
        delivery.attempts.append(attempt)
        if attempt.url is not None:
            self.last_signed[delivery.app_id] = attempt.at
        if attempt.repeated:
            return
        self._is_back(delivery)
        if self._overtaken:
            self._overtake(delivery)
        self._decide(delivery, attempt)

    def _overtake(self, passed: Delivery) -> None:
        """Those that waited for this one to go first are one nearer to their turn."""
        self._overtaken = [one for one in self._overtaken if one.status == "pending" and one is not passed]
        for one in self._overtaken if passed.tries == 1 else ():
            if one.app_id == passed.app_id and one.number < passed.number:
                one.overtaken_by -= 1
                if not one.overtaken_by and one.due_at is not None and not one.in_flight:
                    self._due_now(one, one.created_at)  # before others that were due as early
        self._overtaken = [one for one in self._overtaken if one.overtaken_by]

    def _decide(self, delivery: Delivery, attempt: Attempt) -> None:
        health = self.health.get(delivery.app_id)
        if health is None:
            health = self.health[delivery.app_id] = Health()
        if attempt.status is not None and self._succeeded(attempt.status):
            self._finish(delivery, "delivered")
            self.succeeded += 1
            health.last_success, health.first_failure = attempt.at, None
            if self._profile.webhook_abandoned_counted == "since_success":
                health.abandoned = 0
            return
        self.failed += 1
        health.first_failure = health.first_failure or attempt.at
        self._after_failure(delivery, attempt, health)
        why = failing_too_long(
            health.abandoned, health.last_success, health.first_failure, attempt.at, self._profile
        )
        if why is not None:
            self._give_up(delivery.app_id, attempt.at, why)

    def _after_failure(self, delivery: Delivery, attempt: Attempt, health: Health) -> None:
        schedule = self._profile.webhook_retry_schedule
        if delivery.tries > len(schedule):
            self._finish(delivery, "abandoned")
            health.abandoned += 1
            return
        self.deliveries.mark(delivery, "failed")
        app = self._app(delivery.app_id)
        held = app is not None and holds_webhooks(app, self._profile)
        delivery.due_at = None if held else attempt.at + self._wait(schedule[delivery.retry_count])
        self._schedule(delivery)

    def _wait(self, seconds: float) -> timedelta:
        """A step of the schedule, with the profile's jitter."""
        jitter = self._profile.webhook_retry_jitter
        if jitter:
            seconds *= max(0.0, 1 + jitter * (2 * self._ids.chance() - 1))
        return timedelta(seconds=seconds)

    def _finish(self, delivery: Delivery, status: DeliveryStatus) -> None:
        self.deliveries.mark(delivery, status)
        delivery.due_at = None

    def try_again(self, delivery: Delivery, now: datetime) -> None:
        """Let a failed or abandoned delivery be tried now."""
        self.deliveries.mark(delivery, "failed")
        self._due_now(delivery, now)

    def hold(self, app_id: str) -> None:
        """Send an app nothing until `release`."""
        for delivery in self.deliveries.waiting(app_id):
            delivery.due_at = None

    def release(self, app_id: str, now: datetime) -> None:
        """Let what an app's webhooks held back go out now, and watch its receiver afresh."""
        self.health.pop(app_id, None)
        for delivery in self.deliveries.waiting(app_id):
            if delivery.due_at is None:
                self._due_now(delivery, now)

    def abandon(self, app_id: str) -> None:
        """Give up every delivery of an app that waits."""
        for delivery in self.deliveries.waiting(app_id):
            if not delivery.in_flight:
                self._finish(delivery, "abandoned")

    def _due_now(self, delivery: Delivery, now: datetime) -> None:
        delivery.due_at = now
        self._schedule(delivery)

    def _succeeded(self, status: int) -> bool:
        if self._profile.webhook_success == "200":
            return status == 200  # noqa: PLR2004
        return 200 <= status < 300  # noqa: PLR2004

    def waiting(self) -> int:
        """How many deliveries are not final."""
        return sum(1 for delivery in self.deliveries if delivery.status in WAITING)


def _secret(app: AppRecord, signing: Signing) -> str:
    """The secret that signs; a wrong one looks as good."""
    if signing == "right":
        return app.webhook_secret
    replaced = app.past("webhook_secret").replaced
    if signing == "previous_secret" and replaced is not None:
        return replaced
    return f"not {app.webhook_secret}"


def wanted(app: AppRecord, event_type: str) -> bool:
    """Whether the app has a URL and a filter that let an event through."""
    if not app.webhook_url:
        return False
    if app.webhook_filter is None:
        return True
    return (event_type in app.webhook_filter.events) is (app.webhook_filter.type == "include")
