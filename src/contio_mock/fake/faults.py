"""Faults and rate limits: where a request is struck before or after its handler, and a delivery on its way.

A fault `before` the handler means that nothing happened; one `after` it means that the write was
made and the caller never hears of it, which is the case that idempotency keys exist for. So it is
with a delivery: `before`, the receiver never got it; `after`, it did and the mock does not know.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from contio_mock.contract.auth import Caller
from contio_mock.contract.blobs import cut
from contio_mock.contract.errors import RATE_LIMIT_EXCEEDED, ErrorCode, Shape
from contio_mock.contract.operation import Endpoint
from contio_mock.contract.wire import Response, Transmission
from contio_mock.fake import problem
from contio_mock.fake.ids import Ids
from contio_mock.fake.journal import Entry
from contio_mock.fake.problem import ApiError

Point = Literal["before", "after"]
Signing = Literal["right", "wrong", "missing", "previous_secret"]
"""How a delivery is signed."""
RATE_WINDOW = timedelta(minutes=5)
RATE_LIMITS = {Caller.USER: 1000, Caller.ADMIN: 500, Caller.PUBLIC: 100}
"""Requests per rolling window: the user API, the admin API, and OAuth, as the API guide says."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule: which requests or deliveries it strikes, and what it does to them."""

    id: str
    operation: str | None = None
    """An operationId."""
    method: str | None = None
    path: str | None = None
    """A path, `*` for any run of characters."""
    event: str | None = None
    """The name of an event, `*` for any run of characters: the rule is about deliveries."""
    nth: int | None = None
    """Strike only the nth that matches."""
    times: int | None = None
    """Strike that many that match, then never again."""
    probability: float | None = None
    """Strike with this chance, drawn from the sandbox's seed."""
    point: Point = "before"
    status: int | None = None
    code: str = "internal_error"
    message: str = "A fault rule of the mock says so."
    retry_after: int | None = None
    """Seconds, sent as Retry-After beside the status."""
    delay: float = 0.0
    drop: bool = False
    truncate: int | None = None
    malformed: bool = False
    """Cut the JSON body so that it cannot be parsed."""
    copies: int = 1
    """How often a delivery is sent; the last answer counts."""
    overtaken_by: int = 0
    """How many later deliveries go out before it."""
    signature: Signing = "right"
    seen: int = 0
    struck: int = 0

    @property
    def strikes_at(self) -> Point:
        """Where it strikes; what only spoils the answer needs the handler's answer first."""
        return self.point if self.status is not None or self.drop else "after"

    @property
    def detains(self) -> bool:
        """Whether it says when a delivery goes out, not what becomes of it then."""
        return self.event is not None and (self.delay > 0 or self.overtaken_by > 0)

    def is_about(self, event_type: str) -> bool:
        """Whether the rule speaks of the deliveries of such an event."""
        return self.event is not None and fnmatchcase(event_type, self.event)

    def matches(self, entry: Entry) -> bool:
        """Whether the rule speaks of this request."""
        return (
            self.event is None
            and (self.operation is None or self.operation == entry.operation)
            and (self.method is None or self.method == entry.method)
            and (self.path is None or fnmatchcase(entry.path, self.path))
        )

    def strikes(self, ids: Ids) -> bool:
        """Whether it strikes what matches; counts it."""
        self.seen += 1
        if self.nth is not None and self.seen != self.nth:
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        if self.probability is not None and ids.chance() >= self.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The fault rules and the rate counters of a sandbox."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.rules: list[Fault] = []
        self.calls: dict[Caller, deque[datetime]] = {}

    def strike(
        self, point: Point, entry: Entry, shape: Shape, response: Response | None = None
    ) -> Response | None:
        """The answer that a rule puts in the place of the handler's or on top of it; None for none."""
        for rule in self.rules:
            if rule.strikes_at == point and rule.matches(entry) and rule.strikes(self._ids):
                return _effect(rule, entry, shape, response)
        return None

    def detaining(self, event_type: str) -> Fault | None:
        """The rule that keeps a new delivery of such an event back; None for none."""
        return self._on_delivery(event_type, detains=True)

    def spoiling(self, event_type: str) -> Fault | None:
        """The rule that strikes an attempt to deliver such an event; None for none."""
        return self._on_delivery(event_type, detains=False)

    def _on_delivery(self, event_type: str, *, detains: bool) -> Fault | None:
        for rule in self.rules:
            if rule.detains is detains and rule.is_about(event_type) and rule.strikes(self._ids):
                return rule
        return None

    def limit(self, endpoint: Endpoint, now: datetime) -> None:
        """Count a request against its rate limit; raises ApiError above it."""
        caller = endpoint.auth.caller
        if caller is Caller.TOKEN:
            caller = Caller.PUBLIC  # userInfo is one of the OAuth calls
        calls = self.calls.setdefault(caller, deque())
        while calls and now - calls[0] >= RATE_WINDOW:
            calls.popleft()
        if len(calls) >= RATE_LIMITS[caller]:
            wait = max(1, math.ceil((calls[0] + RATE_WINDOW - now).total_seconds()))
            error = RATE_LIMIT_EXCEEDED.with_shape(Shape.OAUTH)
            raise ApiError(error, headers={"retry-after": str(wait)})
        calls.append(now)


def _effect(rule: Fault, entry: Entry, shape: Shape, response: Response | None) -> Response:
    if rule.status is not None:
        error = ErrorCode(rule.status, rule.code, rule.message, shape)
        headers = {} if rule.retry_after is None else {"retry-after": str(rule.retry_after)}
        response = problem.answer(ApiError(error, headers=headers), entry.request_id)
    if response is None:  # struck before the handler, and no status: the connection is lost
        return Response(503, [], transmission=Transmission(delay=rule.delay, drop=True))
    if rule.malformed:
        response.body = cut(response.body, max(1, len(response.body) // 2))
    response.transmission = Transmission(delay=rule.delay, drop=rule.drop, truncate=rule.truncate)
    return response
