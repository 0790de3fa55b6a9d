"""The waiting half of webhooks: events, their deliveries, and when each is to be tried.

The outbox sends nothing. Whoever can (the server's dispatcher, or a test's receiver) takes what is
due, sends the request, and records the attempt; the outbox then decides what happens next.
"""

from __future__ import annotations

import heapq
import itertools
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contio_mock.contract.events import Envelope, Event, ForUser
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.results import PLAIN, Projection, dead_members, encoded
from contio_mock.contract.shared import trusted
from contio_mock.contract.signature import SIGNATURE_HEADER, sign
from contio_mock.fake.ids import Ids
from contio_mock.fake.profile import Profile
from contio_mock.fake.records import AppRecord, UserRecord

EVENTS_KEPT = 1000
DELIVERIES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver: the receiver's status, or what went wrong."""

    at: datetime
    status: int | None = None
    error: str | None = None
    seconds: float | None = None


@dataclass(slots=True)
class Delivery:
    """One copy of an event on its way to an app's webhook URL."""

    id: str
    event_id: str
    event_type: str
    app_id: str
    body: bytes
    created_at: datetime
    for_user: str | None = None
    status: str = "pending"
    """`pending`, `delivered`, `failed` (will be tried again) or `abandoned`."""
    due_at: datetime | None = None
    in_flight: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def retry_count(self) -> int:
        """How many attempts followed the first."""
        return max(0, len(self.attempts) - 1)


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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as an HTTP request, signed over the exact bytes with the secret of this moment."""

    url: str
    headers: dict[str, str]
    body: bytes


class Outbox:
    """Events and deliveries of one sandbox."""

    def __init__(self, ids: Ids, profile: Profile, app: Callable[[str], AppRecord | None]) -> None:
        self._ids = ids
        self._profile = profile
        self._app = app
        self._order = itertools.count()
        self._due: list[tuple[datetime, int, Delivery]] = []
        self.events: deque[Emitted] = deque(maxlen=EVENTS_KEPT)
        self.emitted = 0
        self.succeeded = 0
        self.failed = 0
        """How many attempts succeeded and failed since the beginning."""
        self.deliveries: OrderedDict[str, Delivery] = OrderedDict()

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
            self._keep(delivery)
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
            due_at=emitted.at if app.webhook_enabled else None,
        )

    def _keep(self, delivery: Delivery) -> None:
        self.deliveries[delivery.id] = delivery
        self._schedule(delivery)
        while len(self.deliveries) > DELIVERIES_KEPT:
            oldest = next(iter(self.deliveries))
            if self.deliveries[oldest].status in ("pending", "failed"):
                break
            del self.deliveries[oldest]

    def _schedule(self, delivery: Delivery) -> None:
        if delivery.due_at is not None:
            heapq.heappush(self._due, (delivery.due_at, next(self._order), delivery))

    def next_due(self) -> datetime | None:
        """When the next delivery is to be tried."""
        while self._due and not self._is_current(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def _is_current(self, entry: tuple[datetime, int, Delivery]) -> bool:
        when, _, delivery = entry
        return delivery.due_at == when and not delivery.in_flight

    def take_due(self, now: datetime, most: int = 1000) -> list[Delivery]:
        """The deliveries to be tried now; each must be recorded afterwards."""
        taken: list[Delivery] = []
        while len(taken) < most:
            when = self.next_due()
            if when is None or when > now:
                break
            delivery = heapq.heappop(self._due)[2]
            delivery.in_flight = True
            taken.append(delivery)
        return taken

    def put_back(self, delivery: Delivery) -> None:
        """Let somebody else try a delivery that was taken and not tried."""
        delivery.in_flight = False
        self._schedule(delivery)

    def outgoing(self, delivery: Delivery) -> Outgoing | None:
        """The request to send; None when the app has no URL any more."""
        app = self._app(delivery.app_id)
        if app is None or not app.webhook_url:
            return None
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "contio-mock",
            SIGNATURE_HEADER: sign(delivery.body, app.webhook_secret),
        }
        return Outgoing(app.webhook_url, headers, delivery.body)

    def record(self, delivery: Delivery, attempt: Attempt) -> None:
        """Note an attempt and decide: delivered, tried again by the schedule, or abandoned."""
        delivery.in_flight = False
        delivery.attempts.append(attempt)
        schedule = self._profile.webhook_retry_schedule
        if attempt.status is not None and self._succeeded(attempt.status):
            delivery.status, delivery.due_at = "delivered", None
            self.succeeded += 1
            return
        self.failed += 1
        if len(delivery.attempts) > len(schedule):
            delivery.status, delivery.due_at = "abandoned", None
        else:
            delivery.status = "failed"
            delivery.due_at = attempt.at + timedelta(seconds=schedule[len(delivery.attempts) - 1])
            self._schedule(delivery)

    def _succeeded(self, status: int) -> bool:
        if self._profile.webhook_success == "200":
            return status == 200  # noqa: PLR2004
        return 200 <= status < 300  # noqa: PLR2004

    def waiting(self) -> int:
        """How many deliveries are not final."""
        return sum(1 for d in self.deliveries.values() if d.status in ("pending", "failed"))


def wanted(app: AppRecord, event_type: str) -> bool:
    """Whether the app has a URL and a filter that let an event through."""
    if not app.webhook_url:
        return False
    if app.webhook_filter is None:
        return True
    return (event_type in app.webhook_filter.events) is (app.webhook_filter.type == "include")
