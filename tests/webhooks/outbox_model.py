"""What must become of every webhook, worked out a second time.

Written from what Contio's documents say about deliveries and from the questions of the profile's options,
not from the outbox: there is no queue here. Whoever goes out next is looked for among all copies.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

NO_URL = "the app has no webhook URL any more"
FINAL = ("delivered", "abandoned")


@dataclass(frozen=True)
class Options:
    """The profile's answers that decide about deliveries."""

    webhook_retry_schedule: tuple[int, ...] = (30, 300, 1800, 7200)
    webhook_success: str = "2xx"
    webhook_disable_after_abandoned: int = 50
    webhook_disable_after_hours: int = 72
    webhook_abandoned_counted: str = "since_success"
    webhook_failing_counted: str = "last_success"
    manual_retry_while_disabled: str = "refuse"
    pending_disposition: str = "required"
    stopped_app_webhooks: str = "hold"


@dataclass(frozen=True)
class Answer:
    """How a receiver answers: a status, or the reason why there is none. When it breaks, nobody goes on."""

    status: int | None = None
    error: str | None = None
    breaks: bool = False


@dataclass(frozen=True)
class Attempt:
    """One try of one copy, and the app's secret at that time; None when no request was made."""

    at: datetime
    status: int | None
    error: str | None
    secret: str | None
    repeated: bool = False
    """Whether a fault rule had the request sent again, whatever came back."""


@dataclass
class Fault:
    """A rule of the control plane about the deliveries of an event, or of all."""

    event: str
    """The event's name, or its first letters and a star."""
    times: int | None
    nth: int | None
    effect: str
    """`copies`, `drop`, `status`, `signature`, `delay` or `overtaken_by`."""
    amount: Any
    after: bool
    seen: int = 0
    struck: int = 0

    def rule(self) -> dict[str, Any]:
        point = {"point": "after"} if self.after and self.effect in ("drop", "status") else {}
        counted = {name: value for name, value in (("times", self.times), ("nth", self.nth)) if value}
        return {"event": self.event, self.effect: self.amount, **counted, **point}

    def strikes(self, kind: str) -> bool:
        """Whether it strikes a copy of an event, which counts."""
        if self.event != kind and not (self.event[-1] == "*" and kind.startswith(self.event[:-1])):
            return False
        self.seen += 1
        if self.nth not in (None, self.seen) or self.struck == self.times:
            return False
        self.struck += 1
        return True

    @property
    def detains(self) -> bool:
        """Whether it says when a copy goes out, and not how."""
        return self.effect in ("delay", "overtaken_by")

    @property
    def keeps_from_receiver(self) -> bool:
        return self.effect in ("drop", "status") and not self.after

    def told(self, answer: Answer) -> tuple[int | None, str | None]:
        """What is noted in the place of an answer."""
        if self.effect == "status":
            return self.amount, None
        if self.effect == "drop":
            return None, f"a fault rule lost the {'answer' if self.after else 'request'}"
        return answer.status, answer.error


@dataclass(frozen=True)
class Told:
    """A request that must now reach a receiver."""

    copy: Copy
    at: datetime
    url: str
    secret: str | None
    """What signs it; None for nothing."""


@dataclass(eq=False)
class Copy:
    """A delivery: one copy of an event for one app."""

    app: str
    kind: str
    reader: str | None
    id: str
    event_id: str
    body: bytes
    made: datetime
    status: str = "pending"
    due: datetime | None = None
    """When it goes out; None while it is held, and when it is final."""
    overtaken_by: int = 0
    """How many that came later must go out before it, by a fault rule."""
    at_receiver: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return self.status not in FINAL

    @property
    def tries(self) -> int:
        return sum(not attempt.repeated for attempt in self.attempts)

    @property
    def retry_count(self) -> int:
        return max(0, self.tries - 1)

    @property
    def next_retry(self) -> datetime | None:
        return self.due if self.status == "failed" else None

    def end(self, status: str) -> None:
        self.status, self.due = status, None


@dataclass(eq=False)
class App:
    """A partner app, and how its receiver fares."""

    secret: str
    url: str | None
    contact: str | None
    secret_before: str | None = None
    enabled: bool = True
    status: str = "active"
    filter: tuple[str, frozenset[str]] | None = None
    abandoned: int = 0
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None

    def wants(self, kind: str) -> bool:
        if self.url is None or self.filter is None:
            return self.url is not None
        way, kinds = self.filter
        return kind in kinds if way == "include" else kind not in kinds

    def signing(self, way: str) -> str | None:
        """The secret that signs when a fault rule says so; a wrong one is any that is none of the app's."""
        if way == "previous_secret" and self.secret_before is not None:
            return self.secret_before
        return {"right": self.secret, "missing": None}.get(way, "none of the app's")

    def begin_afresh(self) -> None:
        self.abandoned, self.succeeded_at, self.failing_since = 0, None, None


@dataclass(eq=False)
class Happening:
    """An event, with the copies that it led to."""

    kind: str
    at: datetime
    copies: list[Copy]


@dataclass(frozen=True)
class Mail:
    """What a contact is told when webhooks are disabled, and the words that say why."""

    to: str
    at: datetime
    why: str


class Model:
    """Two apps, and everything that they are to be told."""

    def __init__(self, options: Options, apps: dict[str, App], now: datetime) -> None:
        self.options = options
        self.apps = apps
        self.now = now
        self.happenings: list[Happening] = []
        self.mails: list[Mail] = []
        self.faults: list[Fault] = []
        self.delivered = self.failed = 0
        """How many attempts succeeded and failed."""
        self.meetings: dict[str, list[str]] = {}
        """Who takes part in each meeting that was made."""
        self.tokens: dict[str, tuple[str, datetime]] = {}
        """Each actor's token, and when it was made."""

    def state(self) -> Model:
        """All of it as of now; a request that is at its receiver has not been answered there."""
        copied = deepcopy(self)
        for copy in copied.copies:
            copy.at_receiver = False
        return copied

    @property
    def copies(self) -> list[Copy]:
        """Every copy, oldest first."""
        return [copy for happening in self.happenings for copy in happening.copies]

    def waiting(self, app: str) -> list[Copy]:
        return [copy for copy in self.copies if copy.app == app and copy.waits]

    def holds(self, app: str) -> bool:
        """Whether an app's copies are kept and not sent."""
        stopped = self.apps[app].status != "active" and self.options.stopped_app_webhooks == "hold"
        return stopped or not self.apps[app].enabled

    # ------------------------------------------------------------ what happens

    def expected(self, kind: str, audience: dict[str, Iterable[str | None]]) -> set[tuple[str, str | None]]:
        """For which apps and readers there must be a copy of an event."""
        return {
            (app, reader)
            for app, readers in audience.items()
            if self.apps[app].wants(kind)
            for reader in readers
        }

    def happen(self, kind: str, copies: list[Copy]) -> None:
        self.happenings.append(Happening(kind, self.now, copies))
        for copy in copies:
            if not self.holds(copy.app):
                rule = self.struck(kind, detains=True)
                copy.due = self.now
                if rule is not None and rule.effect == "delay":
                    copy.due += timedelta(seconds=rule.amount)
                elif rule is not None:
                    copy.due += timedelta(minutes=1)
                    copy.overtaken_by = rule.amount

    def struck(self, kind: str, *, detains: bool) -> Fault | None:
        """The rule that strikes a copy when it is new, or when it is tried."""
        return next((one for one in self.faults if one.detains is detains and one.strikes(kind)), None)

    # ------------------------------------------------------------ time

    def next_due(self) -> datetime | None:
        return min((copy.due for copy in self._ready()), default=None)

    def _ready(self) -> list[Any]:
        """Who waits for a moment; the earliest first, and of one moment the oldest copy."""
        ready = [copy for copy in self.copies if copy.due is not None and not copy.at_receiver]
        return sorted(ready, key=lambda copy: copy.due)

    def walk(self, target: datetime, heard: Callable[[], bool]) -> Generator[Told, Answer, None]:
        """Let time pass. Yields every request that a receiver must get, and is sent its answer.

        While nobody hears, time passes and nothing goes out.
        """
        while heard() and (due := self.next_due()) is not None and due <= target:
            self.now = max(self.now, due)
            if (yield from self._go_out(heard)):
                return
        self.now = max(self.now, target)

    def _go_out(self, heard: Callable[[], bool]) -> Generator[Told, Answer, bool]:
        """Send what is due now; tells whether a receiver broke, whereupon the others go on waiting."""
        taken = [copy for copy in self._ready() if copy.due <= self.now]
        if any(copy.overtaken_by and copy.status == "pending" for copy in self.copies):
            taken = taken[:1]
        broken = False
        while taken and heard() and not broken:
            copy = taken.pop(0)
            if copy.due is not None and copy.due <= self.now:
                broken = yield from self.reach(copy, heard)
        return broken

    def reach(self, copy: Copy, heard: Callable[[], bool]) -> Generator[Told, Answer, bool]:
        """Bring a copy to its receiver: one request, one answer, one attempt, unless a fault rule strikes."""
        app, at = self.apps[copy.app], self.now
        rule = self.struck(copy.kind, detains=False)
        if app.url is None:
            self.tried(copy, Attempt(at, None, NO_URL, None))
            return False
        if rule is not None and rule.keeps_from_receiver:
            self.tried(copy, Attempt(at, *rule.told(Answer()), None))
            return False
        secret = app.signing(rule.amount if rule is not None and rule.effect == "signature" else "right")
        url, signed_with, copy.at_receiver = app.url, app.secret, True
        for left in range(rule.amount if rule is not None and rule.effect == "copies" else 1, 0, -1):
            answer = yield Told(copy, at, url, secret)
            status, error = rule.told(answer) if rule is not None else (answer.status, answer.error)
            attempt = Attempt(at, status, error, signed_with, repeated=left > 1)
            if attempt.repeated:
                copy.attempts.append(attempt)
            else:
                copy.at_receiver = False
                self.tried(copy, attempt)
            if answer.breaks or not heard():
                copy.at_receiver = False
                return answer.breaks
        return False

    def tried(self, copy: Copy, attempt: Attempt) -> None:
        """Note an attempt, and what follows from it for the copy and for its app."""
        app = self.apps[copy.app]
        copy.attempts.append(attempt)
        if copy.tries == 1:
            self._overtake(copy)
        if self._is_success(attempt.status):
            self.delivered += 1
            copy.end("delivered")
            app.succeeded_at, app.failing_since = attempt.at, None
            if self.options.webhook_abandoned_counted == "since_success":
                app.abandoned = 0
            return
        self.failed += 1
        app.failing_since = app.failing_since or attempt.at
        steps = self.options.webhook_retry_schedule
        if copy.tries <= len(steps):
            copy.status = "failed"
            after = attempt.at + timedelta(seconds=steps[copy.tries - 1])
            copy.due = None if self.holds(copy.app) else after
        else:
            copy.end("abandoned")
            app.abandoned += 1
        self._judge(copy.app, attempt.at)

    def _overtake(self, copy: Copy) -> None:
        """Older copies for the same app that wait for later ones have one less to wait for."""
        older = self.copies[: self.copies.index(copy)]
        for one in older:
            if one.app == copy.app and one.status == "pending" and one.overtaken_by:
                one.overtaken_by -= 1
                if not one.overtaken_by and one.due is not None and not one.at_receiver:
                    one.due = one.made

    def _is_success(self, status: int | None) -> bool:
        if status is None:
            return False
        return status in range(200, 300) if self.options.webhook_success == "2xx" else status == 200

    def _judge(self, name: str, now: datetime) -> None:
        """Disable an app's webhooks when its receiver has failed for too long."""
        app, why = self.apps[name], self.why_disabled(name, now)
        if why is None or not app.enabled:
            return
        app.enabled = False
        self._hold(name)
        if app.contact is not None:
            self.mails.append(Mail(app.contact, now, why))

    def why_disabled(self, name: str, now: datetime) -> str | None:
        app, most = self.apps[name], self.options.webhook_disable_after_abandoned
        if most and app.abandoned >= most:
            return f"{app.abandoned} deliveries were abandoned"
        limit = self.last_hour(name)
        if limit is not None and now > limit:
            return f"more than {self.options.webhook_disable_after_hours} hours"
        return None

    def last_hour(self, name: str) -> datetime | None:
        """The last moment at which a failure does not disable webhooks; None when there is none."""
        app, hours = self.apps[name], self.options.webhook_disable_after_hours
        since = app.failing_since
        if self.options.webhook_failing_counted == "last_success" and app.succeeded_at is not None:
            since = app.succeeded_at
        return None if since is None or not hours else since + timedelta(hours=hours)

    # ------------------------------------------------------------ what partners and operators do

    def switch(self, name: str, enabled: bool, disposition: str | None) -> bool:
        """Whether the switch was taken."""
        again = enabled and not self.apps[name].enabled
        must_say = self.options.pending_disposition == "required" or bool(self.waiting(name))
        if again and disposition is None and must_say:
            return False
        if again and disposition == "abandon":
            for copy in self.waiting(name):
                if not copy.at_receiver:
                    copy.end("abandoned")
        held = self.holds(name)
        self.apps[name].enabled = enabled
        self._follow(name, held)
        return True

    def set_status(self, name: str, status: str) -> None:
        held = self.holds(name)
        self.apps[name].status = status
        self._follow(name, held)

    def change(self, **options: Any) -> None:
        held = {name: self.holds(name) for name in self.apps}
        self.options = replace(self.options, **options)
        for name in self.apps:
            self._follow(name, held[name])

    def _follow(self, name: str, held: bool) -> None:
        if self.holds(name) and not held:
            self._hold(name)
        if held and not self.holds(name):
            self.apps[name].begin_afresh()
            for copy in self.waiting(name):
                if copy.due is None:
                    copy.due = self.now

    def _hold(self, name: str) -> None:
        for copy in self.waiting(name):
            copy.due = None

    def retry(self, copy: Copy) -> bool:
        """Whether it is tried again now because somebody asks for it."""
        if copy.status in ("delivered", "pending") or copy.at_receiver or self.apps[copy.app].url is None:
            return False
        if self.holds(copy.app) and self.options.manual_retry_while_disabled == "refuse":
            return False
        copy.status, copy.due = "failed", self.now
        return True

    # ------------------------------------------------------------ what is shown

    def listed(self, app: str, status: str | None = None, kind: str | None = None) -> list[Copy]:
        """The app's copies with that status and of that event, newest first."""
        return [
            copy
            for copy in reversed(self.copies)
            if copy.app == app and status in (None, copy.status) and kind in (None, copy.kind)
        ]

    def seen_by_admin(self, copy: Copy) -> dict[str, Any]:
        """A delivery as the admin API lists it, without what is null."""
        last = copy.attempts[-1] if copy.attempts else None
        error = ""
        if last is not None and copy.status != "delivered":
            error = last.error or f"The receiver answered {last.status}."
        shown = {
            "id": copy.id,
            "event_id": copy.event_id,
            "event_type": copy.kind,
            "delivery_status": copy.status,
            "retry_count": copy.retry_count,
            "error_message": error,
            "created_at": copy.made,
            "http_status_code": last.status if last else None,
            "delivered_at": last.at if last and copy.status == "delivered" else None,
            "next_retry_at": copy.next_retry,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def seen_by_operator(self, copy: Copy) -> dict[str, Any]:
        """A delivery as the control plane shows it, without its signature."""
        return {
            "id": copy.id,
            "event_id": copy.event_id,
            "url": self.apps[copy.app].url or "",
            "status": copy.status,
            "for_user": copy.reader,
            "body": copy.body.decode(),
            "retry_count": copy.retry_count,
            "next_retry_at": copy.next_retry,
            "attempts": [{"at": a.at, "status": a.status, "error": a.error} for a in copy.attempts],
        }
