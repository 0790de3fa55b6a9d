"""Events, receivers, filters, switches, retries and the clock in any order, against a model of it all.

Every request that a receiver gets is asked of the model as it comes: it must be the one that goes out next,
at that moment, to that URL, signed with that secret. After every step both sides must show the same.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contio_mock import FakeContio
from contio_mock.contract.control_state import State
from contio_mock.contract.signature import sign, signature_problem
from contio_mock.contract.wire import Request
from contio_mock.fake.deliveries import Delivery, Outgoing
from contio_mock.receivers import NotDelivered

from .outbox_model import Answer, App, Copy, Fault, Model, Options, Told

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "200"))
"""How many runs of STEPS steps; 2000 takes some minutes."""
STEPS = 50

ADMIN, MEETINGS = "/v1/partner/admin", "/v1/partner/user/meetings"
ADA, GRACE, LINUS = "ada@example.com", "grace@example.com", "linus@example.com"
CONNECTED = {"first": [ADA, GRACE], "second": [ADA, GRACE, LINUS]}
CONTACTS = {"first": "first@example.com", "second": None}
"""Of the second app nobody is told that its webhooks were disabled."""
APPS = [
    {"client_id": f"c_{n}", "client_secret": f"cs_{n}", "api_key": f"ctio_{n}", "webhook_secret": f"whs_{n}",
     "name": n, "company_name": n, "webhook_url": f"http://localhost:9/{n}", "primary_contact_email": CONTACTS[n]}
    for n in CONNECTED
]  # fmt: skip
USERS = [
    {"email": email, "name": email, "workspace": "W",
     "connected_to": [f"c_{app}" for app, readers in CONNECTED.items() if email in readers]}
    for email in (ADA, GRACE, LINUS)
]  # fmt: skip
KINDS = ["meeting.created", "meeting.updated", "participant.added", "meeting.completed"]
FOR_APP = "partner.idp.domain_verified"
"""Tells an app once, whoever is connected to it."""

APP, PICK = st.sampled_from(sorted(CONNECTED)), st.integers(0, 1000)
ACTOR = st.sampled_from([ADA, GRACE])
URL = st.sampled_from(
    [None, "http://localhost:9/one", "http://localhost:9/two", "https://hooks.example.com/"]
)
STATUS = st.sampled_from(["active", "active", "suspended", "inactive"])
ENABLED = st.sampled_from([True, True, False])
DISPOSITION = st.sampled_from([None, "deliver", "abandon"])
FILTER = st.none() | st.tuples(
    st.sampled_from(["include", "exclude"]),
    st.frozensets(st.sampled_from([*KINDS, FOR_APP]), min_size=1, max_size=3),
)
FINE = [Answer(200), Answer(204)]
BAD = [
    Answer(300), Answer(404), Answer(410), Answer(500), Answer(error="no route to the host"),
    Answer(error="the receiver raised", breaks=True),
]  # fmt: skip
ANSWER = st.sampled_from(BAD) | st.sampled_from(FINE)
DELTA = st.sampled_from([timedelta(0), timedelta(0), timedelta(milliseconds=-1), timedelta(milliseconds=1)])
SECONDS = st.sampled_from([0.001, 1, 29.999, 30, 300, 1800, 7200, 86_400, 30 * 86_400])

OPTION = {
    "webhook_retry_schedule": st.sampled_from([(), (0,), (30,), (0, 30), (30, 30, 60), (30, 300, 1800, 7200)]),
    "webhook_success": st.sampled_from(["2xx", "200"]),
    "webhook_disable_after_abandoned": st.sampled_from([0, 1, 2, 2, 3, 50]),
    "webhook_disable_after_hours": st.sampled_from([0, 1, 72]),
    "webhook_abandoned_counted": st.sampled_from(["since_success", "since_enabled"]),
    "webhook_failing_counted": st.sampled_from(["last_success", "first_failure"]),
    "manual_retry_while_disabled": st.sampled_from(["refuse", "send"]),
    "pending_disposition": st.sampled_from(["required", "when_pending"]),
    "stopped_app_webhooks": st.sampled_from(["hold", "send"]),
}  # fmt: skip
CHANGE = st.sampled_from(["stopped_app_webhooks"] * 4 + [*OPTION]).flatmap(
    lambda name: st.tuples(st.just(name), OPTION[name])
)
EFFECT = {
    "copies": st.sampled_from([2, 3]),
    "drop": st.just(value=True),
    "status": st.just(503),
    "signature": st.sampled_from(["wrong", "missing", "previous_secret"]),
    "delay": st.just(45),
    "overtaken_by": st.integers(1, 3),
}
FAULT = st.sampled_from(sorted(EFFECT)).flatmap(
    lambda effect: st.builds(
        Fault,
        event=st.sampled_from([*["*"] * 4, "meeting.*", *KINDS, FOR_APP]),
        times=st.sampled_from([1, 1, 2, 3, None]),
        nth=st.none() | st.integers(1, 3),
        effect=st.just(effect),
        amount=EFFECT[effect],
        after=st.booleans(),
    )
)
SETTING = (
    st.tuples(st.just("switch"), APP, ENABLED, DISPOSITION)
    | st.tuples(st.just("set_status"), APP, STATUS, st.booleans())
    | st.tuples(st.just("set_url"), APP, URL)
    | st.tuples(st.just("set_filter"), APP, FILTER)
    | st.tuples(st.just("rotate"), APP)
    | st.tuples(st.just("change_option"), CHANGE)
)
"""What partners and operators set, and to what."""
OWN = st.just("own")
"""The app that is being told."""
DEED = (
    st.tuples(st.just("switch"), OWN, st.just(False), st.none())
    | st.tuples(st.just("switch_over_and_save"), OWN, st.sampled_from(["deliver", "abandon"]))
    | st.tuples(st.just("set_status"), OWN, STATUS, st.booleans())
    | st.tuples(st.just("set_url"), OWN, URL)
    | st.tuples(st.just("rotate"), OWN)
    | st.tuples(st.just("retry"), PICK)
    | st.tuples(st.just("create"), ACTOR)
    | st.tuples(st.sampled_from(["retry_this", "go_away", "reset", "save", "go_back"]))
    | SETTING
)
"""What a receiver does while it has a webhook in its hands."""
SCRIPT = st.lists(st.tuples(ANSWER, st.lists(DEED, min_size=1, max_size=2)), max_size=4)

LOOK = (
    st.tuples(
        st.just("compare_page"),
        APP,
        st.sampled_from([None, "pending", "delivered", "failed", "abandoned", "none"]),
        st.sampled_from([None, *KINDS, FOR_APP]),
        st.integers(1, 5),
        st.integers(0, 6),
    )
    | st.tuples(st.just("read_one"), PICK)
    | st.tuples(st.just("ask_when_the_secret_signed"), APP)
    | st.tuples(st.sampled_from(["look_as_operator", "count"]))
)


class BrokenError(Exception):
    """A receiver's own fault."""


class Outbox(RuleBasedStateMachine):
    scenario: Path

    @initialize(options=st.fixed_dictionaries(OPTION), answer=ANSWER)
    def begin(self, options: dict[str, Any], answer: Answer) -> None:
        self.options = Options(**options)
        self.contio = self.made()
        self.answer = answer
        self.script: list[tuple[Answer, list[tuple[Any, ...]]]] = []
        self.awaited: Told | None = None
        self.walking: Generator[Told, Answer, None] | None = None
        self.saved: tuple[State, Model] | None = None
        self.titles = self.looks = 0
        self.receives(True)
        self.begin_again()

    def made(self) -> FakeContio:
        beside = {
            "stopped_app_may_call": "everything",
            "credential_rotation_limit": 0,
        }
        return FakeContio(
            scenario=str(self.scenario), check_answers=True, profile={**vars(self.options), **beside}
        )

    def begin_again(self) -> None:
        """A model of a Contio that has just begun."""
        apps = {n: App(f"whs_{n}", f"http://localhost:9/{n}", CONTACTS[n]) for n in CONNECTED}
        self.model = Model(self.options, apps, self.contio.clock.now)
        self.app_ids = {n: self.ask(n, "GET", "/app", 200)["id"] for n in CONNECTED}

    # ------------------------------------------------------------ what happens

    @rule(emails=st.lists(ACTOR, min_size=1, max_size=4), settle=st.booleans())
    def create_some(self, emails: list[str], settle: bool) -> None:
        for email in emails:
            self.create(email)
        if settle:
            self.settle()

    def create(self, email: str) -> None:
        answer = self.act(email, "POST", MEETINGS, {"title": self.title()}, 201)
        self.model.meetings[answer["id"]] = [email]
        self.happened("meeting.created", self.readers([email]))

    @precondition(lambda self: self.model.meetings)
    @rule(pick=PICK, email=st.sampled_from([ADA, GRACE, LINUS, "nobody@example.com"]))
    def change_a_meeting(self, pick: int, email: str) -> None:
        """Add somebody, or say its title anew when they take part already."""
        id_, people = list(self.model.meetings.items())[pick % len(self.model.meetings)]
        if email in people:
            self.act(people[0], "PATCH", f"{MEETINGS}/{id_}", {"title": self.title()}, 200)
            self.happened("meeting.updated", self.readers(people))
        else:
            sent = {"email": email, "name": "Somebody", "role": "VIEWER"}
            self.act(people[0], "POST", f"{MEETINGS}/{id_}/participants", sent, 201)
            people.append(email)
            self.happened("participant.added", self.readers(people))

    @rule(kind=st.sampled_from([*KINDS, FOR_APP]), email=st.sampled_from([None, None, ADA, GRACE, LINUS]))
    def emit(self, kind: str, email: str | None) -> None:
        self.sign_in(ADA)
        self.control("POST", "/events", {"type": kind} | ({"user": email} if email else {}), 201)
        readers = [email] if email else CONNECTED["first"]
        self.happened(kind, {"first": [None] if kind == FOR_APP else readers})

    # ------------------------------------------------------------ receivers

    @rule(first=SCRIPT, then=ANSWER)
    def answer_so(self, first: list[tuple[Answer, list[tuple[Any, ...]]]], then: Answer) -> None:
        """The next answers, with what is done before each, and the usual one; takes back what was said before."""
        self.script, self.answer = first, then
        self.receives(True)

    @rule(email=ACTOR, first=SCRIPT, then=ANSWER)
    def meet_a_busy_receiver(
        self, email: str, first: list[tuple[Answer, list[tuple[Any, ...]]]], then: Answer
    ) -> None:
        self.answer_so(first, then)
        self.create(email)
        self.settle()

    @rule()
    def go_away(self) -> None:
        self.receives(False)

    def receives(self, present: bool) -> None:
        self.present = present
        self.contio.receiver = self.receive if present else None

    def receive(self, outgoing: Outgoing) -> int | None:
        """Whatever reaches a receiver must be what the model awaits."""
        awaited, walking = self.awaited, self.walking
        assert awaited is not None, f"was not to be sent: {outgoing.body!r}"
        assert walking is not None
        self.compare_request(awaited, outgoing)
        answer, deeds = self.script.pop(0) if self.script else (self.answer, [])
        for name, *arguments in deeds:
            own = [awaited.copy.app if value == "own" else value for value in arguments]
            self.do((name, *own))
        if walking is self.walking:  # and neither reset nor put back
            self.awaited = self.after(answer)
        if answer.breaks:
            raise BrokenError
        if answer.status is None:
            raise NotDelivered(answer.error)
        return answer.status

    def compare_request(self, awaited: Told, outgoing: Outgoing) -> None:
        assert (awaited.copy.body, awaited.at) == (outgoing.body, self.contio.clock.now)
        assert awaited.url == outgoing.url
        signature = outgoing.headers.get("X-Contio-Signature")
        app = self.model.apps[awaited.copy.app]
        if awaited.secret is None:
            assert signature is None
        elif awaited.secret in (app.secret, app.secret_before):
            assert signature_problem(outgoing.body, signature, awaited.secret) is None
        else:
            for secret in filter(None, (app.secret, app.secret_before)):
                assert "is not that of this body" in str(signature_problem(outgoing.body, signature, secret))

    # ------------------------------------------------------------ fault rules

    @rule(fault=FAULT, email=ACTOR, events=st.integers(0, 4))
    def strike(self, fault: Fault, email: str, events: int) -> None:
        """From now on, and so many events at once after it."""
        fault = replace(fault)  # a drawn one may be drawn again
        replaced = [app for app in self.model.apps.values() if app.secret_before is not None]
        taken = fault.amount != "previous_secret" or bool(replaced)
        self.control("POST", "/faults", fault.rule(), 201 if taken else 400)
        if taken:
            self.model.faults.append(fault)
        for _ in range(events):
            self.create(email)
        self.settle()

    @rule(fault=FAULT, emails=st.lists(ACTOR, min_size=1, max_size=6), first=SCRIPT, then=ANSWER)
    def strike_alone(
        self, fault: Fault, emails: list[str], first: list[tuple[Answer, list[tuple[Any, ...]]]], then: Answer
    ) -> None:
        """One rule only, and several events under it for apps that are told."""
        if self.model.faults:
            self.strike_no_more()
        self.bring_back("deliver")
        self.settle()
        self.answer_so(first, then)
        self.strike(fault, emails[0], 0)
        for email in emails:
            self.create(email)
        self.settle()
        self.settle()

    @precondition(lambda self: self.model.faults)
    @rule()
    def strike_no_more(self) -> None:
        shown = self.control("GET", "/faults", None, 200)["items"]
        assert [rule["struck"] for rule in shown] == [fault.struck for fault in self.model.faults]
        self.control("DELETE", "/faults", None, 204)
        self.model.faults.clear()

    # ------------------------------------------------------------ time

    @rule(deltas=st.lists(DELTA, min_size=1, max_size=6))
    def wait_for_the_next(self, deltas: list[timedelta]) -> None:
        for delta in deltas:
            self.move((self.next_moment() or self.model.now) + delta)

    @rule(email=ACTOR, answers=st.lists(ANSWER, min_size=1, max_size=4))
    def live_through(self, email: str, answers: list[Answer]) -> None:
        """One event after the other, each answered in its own way until nothing waits for its moment."""
        for answer in answers:
            self.answer_so([], answer)
            self.create(email)
            self.settle()
            for _ in range(6):
                if (moment := self.next_moment()) is not None:
                    self.move(moment)

    def next_moment(self) -> datetime | None:
        moments = [copy.due for copy in self.model.copies if copy.due is not None]
        return min((moment for moment in moments if moment > self.model.now), default=None)

    @rule(app=APP, delta=DELTA, email=ACTOR, answer=ANSWER)
    def create_at_the_last_hour(self, app: str, delta: timedelta, email: str, answer: Answer) -> None:
        """When one failure more disables webhooks, or one millisecond before it does."""
        self.answer_so([], answer)
        self.move((self.model.last_hour(app) or self.model.now) + delta)
        self.create(email)
        self.settle()

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        target = self.model.now + timedelta(seconds=seconds)
        with self.time_passes(target):
            self.contio.clock.advance(seconds)

    def move(self, target: datetime) -> None:
        target = max(target, self.model.now)
        with self.time_passes(target):
            self.contio.clock.set(target)

    @rule()
    def settle(self) -> None:
        before = self.model.delivered, self.model.failed
        with self.time_passes(self.model.now) as walk:
            settled = self.contio.control.mock.settle()
        if walk.finished:
            waiting = sum(copy.waits for copy in self.model.copies)
            done = self.model.delivered - before[0], self.model.failed - before[1], waiting
            assert (settled.delivered, settled.failed, settled.pending) == done

    @rule()
    def deliver(self) -> None:
        """As a test does that has no receiver all the time."""
        if not any(app.url for app in self.model.apps.values()):
            with pytest.raises(ValueError, match="no app has a webhook URL"):
                self.contio.outbox.deliver(self.receive)
            return
        before = {copy.id: len(copy.attempts) for copy in self.model.copies}
        was, self.present = self.present, True
        with self.time_passes(self.model.now) as walk:
            tried = self.contio.outbox.deliver(self.receive)
        self.present = was
        if walk.finished:
            longer = [c for c in self.model.copies if len(c.attempts) > before.get(c.id, 0)]
            assert [delivery.id for delivery in tried] == [copy.id for copy in longer]

    @contextmanager
    def time_passes(self, target: datetime) -> Generator[Passing, None, None]:
        """What is done in it must send what the model says until then, and nothing else."""
        passing = Passing()
        self.walking = self.model.walk(target, lambda: self.present)
        self.awaited = self.after(None)
        broke = False
        try:
            yield passing
        except BrokenError:
            broke = True
        if self.walking is not None:
            assert self.awaited is None, f"was to be sent at {self.awaited.at}: {self.awaited.copy.body!r}"
            passing.finished = not broke
        self.walking = self.awaited = None

    def after(self, answer: Answer | None) -> Told | None:
        """What the model awaits next, once it knows how the last was answered."""
        assert self.walking is not None
        try:
            return self.walking.send(answer)  # type: ignore[arg-type]
        except StopIteration:
            return None

    # ------------------------------------------------------------ what partners and operators do

    @rule(setting=SETTING)
    def set_something(self, setting: tuple[Any, ...]) -> None:
        self.do(setting)

    def do(self, deed: tuple[Any, ...]) -> None:
        name, *arguments = deed
        getattr(self, name)(*arguments)

    def set_filter(self, app: str, wish: tuple[str, frozenset[str]] | None) -> None:
        if wish is None:
            self.ask(app, "DELETE", "/webhook-filter", 200)
        else:
            self.ask(app, "PUT", "/webhook-filter", 200, {"type": wish[0], "events": sorted(wish[1])})
        self.model.apps[app].filter = wish

    @rule(disposition=DISPOSITION)
    def bring_back(self, disposition: str | None) -> None:
        """Whatever kept an app from being told is over."""
        for app in CONNECTED:
            self.set_url(app, f"http://localhost:9/{app}")
            self.set_status(app, "active", True)
            self.switch(app, True, disposition)
            self.switch(app, True, "deliver")

    @rule(app=APP, enabled=ENABLED, disposition=DISPOSITION)
    def switch(self, app: str, enabled: bool, disposition: str | None) -> None:
        wish = {"enabled": enabled} | ({"pending_disposition": disposition} if disposition else {})
        taken = self.model.switch(app, enabled, disposition)
        self.ask(app, "PUT", "/webhook-status", 200 if taken else 400, wish)

    def switch_over_and_save(self, app: str, disposition: str) -> None:
        self.switch(app, False, None)
        self.switch(app, True, disposition)
        self.count()
        self.save()

    def set_status(self, app: str, status: str, by_contio: bool) -> None:
        if by_contio:
            self.control("POST", "/simulate/app-status", {"client_id": f"c_{app}", "status": status}, 200)
        else:
            self.ask(app, "PUT", "/app/status", 200, {"status": status})
        self.model.set_status(app, status)

    def set_url(self, app: str, url: str | None) -> None:
        self.ask(app, "PATCH", "/app", 200, {"webhook_url": url})
        self.model.apps[app].url = url

    def rotate(self, app: str) -> None:
        path = "/credentials/webhook-secret/rotate"
        secret = self.ask(app, "POST", path, 200, {"confirmation_token": "yes"})["new_credential"]
        model = self.model.apps[app]
        assert secret != model.secret
        model.secret, model.secret_before = secret, model.secret

    @precondition(lambda self: self.model.copies)
    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        if self.model.copies:  # and no reset in the same breath
            self.retry_one(self.picked(pick))

    @precondition(lambda self: self.model.copies)
    @rule(pick=PICK, disposition=DISPOSITION)
    def retry_while_disabled(self, pick: int, disposition: str | None) -> None:
        copy = self.picked(pick)
        self.switch(copy.app, False, None)
        self.retry_one(copy)
        self.switch(copy.app, True, disposition)

    def picked(self, pick: int) -> Copy:
        """One of all, the newest first, and rather one that failed."""
        failed = [copy for copy in self.model.copies if copy.status in ("failed", "abandoned")]
        copies = failed if failed and pick % 4 else self.model.copies
        return copies[-1 - pick % len(copies)]

    def retry_this(self) -> None:
        if self.awaited is not None:
            self.retry_one(self.awaited.copy)

    def retry_one(self, copy: Copy) -> None:
        answer = self.ask(copy.app, "POST", f"/webhook-deliveries/{copy.id}/retry", 200)
        assert answer["retry_scheduled"] is self.model.retry(copy)
        assert (answer["delivery_id"], answer["retry_count"]) == (copy.id, copy.retry_count)
        assert timed(answer).get("next_retry_at") == copy.next_retry

    def change_option(self, change: tuple[str, Any]) -> None:
        self.contio.settings(profile=dict([change]))
        self.model.change(**dict([change]))

    # ------------------------------------------------------------ states

    @rule(what=st.sampled_from(["save", "save", "go_back", "reset"]))
    def keep_or_forget(self, what: str) -> None:
        getattr(self, what)()

    def reset(self) -> None:
        self.contio.reset()
        self.walking = self.awaited = None
        self.begin_again()

    def save(self) -> None:
        self.saved = (self.contio.export_state(), self.model.state())

    def go_back(self) -> None:
        if self.saved is not None:
            state, model = self.saved
            self.contio.import_state(state)
            self.walking = self.awaited = None
            self.model = model.state()

    @rule()
    def move_house(self) -> None:
        other = self.made()
        other.import_state(self.contio.export_state())
        self.contio = other
        self.receives(self.present)

    # ------------------------------------------------------------ what must always be so

    @invariant()
    def each_delivery_is_where_the_model_says(self) -> None:
        assert self.contio.clock.now == self.model.now
        deliveries = self.contio.outbox.deliveries
        assert [d.id for d in deliveries] == [copy.id for copy in self.model.copies]
        for delivery, copy in zip(deliveries, self.model.copies, strict=True):
            assert (delivery.status, delivery.due_at, delivery.in_flight) == (copy.status, copy.due, False)
            assert [(a.at, a.status, a.error, a.repeated) for a in delivery.attempts] == [
                (a.at, a.status, a.error, a.repeated) for a in copy.attempts
            ]
        pending = [delivery.id for delivery in self.contio.outbox.pending]
        assert pending == [copy.id for copy in self.model.copies if copy.waits]

    @invariant()
    def partners_see_what_the_model_says(self) -> None:
        """One of them after each step."""
        self.looks += 1
        name = sorted(CONNECTED)[self.looks % 2]
        shown, app = self.ask(name, "GET", "/app", 200), self.model.apps[name]
        wish = shown.get("webhook_filter")
        assert (shown["webhook_enabled"], shown["status"]) == (app.enabled, app.status)
        assert shown.get("webhook_url") == app.url
        assert (wish and (wish["type"], frozenset(wish["events"]))) == app.filter
        self.compare_page(name, None, None, 100, 0)
        self.compare_page(name, *self.next_page())

    @invariant()
    def the_contact_is_told_what_the_model_says(self) -> None:
        inbox = self.contio.inbox()[::-1]
        assert [(mail.to, mail.sent_at) for mail in inbox] == [(m.to, m.at) for m in self.model.mails]
        assert all(m.why in (mail.text or "") for mail, m in zip(inbox, self.model.mails, strict=True))

    @rule(look=LOOK)
    def look(self, look: tuple[Any, ...]) -> None:
        self.do(look)

    def next_page(self) -> tuple[str | None, str | None, int, int]:
        """Another filter and another piece each time."""
        status = (None, "pending", "failed", "abandoned", "delivered")[self.looks % 5]
        kind = (None, None, None, *KINDS, FOR_APP)[self.looks % 8]
        return status, kind, 1 + self.looks % 3, self.looks // 2 % 7

    def compare_page(self, app: str, status: str | None, kind: str | None, limit: int, offset: int) -> None:
        wish = {"status": status, "event_type": kind, "limit": limit, "offset": offset}
        query = "&".join(f"{name}={value}" for name, value in wish.items() if value is not None)
        page = self.ask(app, "GET", "/webhook-deliveries", 200, query=query)
        found = self.model.listed(app, status, kind)
        assert (page["total"], page["limit"], page["offset"]) == (len(found), limit, offset)
        mine = {"partner_app_id": self.app_ids[app]}
        assert [timed(shown) for shown in page["deliveries"]] == [
            {**mine, **self.model.seen_by_admin(copy)} for copy in found[offset : offset + limit]
        ]

    def count(self) -> None:
        for app in CONNECTED:
            for status in ("pending", "delivered", "failed", "abandoned"):
                page = self.ask(app, "GET", "/webhook-deliveries", 200, query=f"limit=1&status={status}")
                assert page["total"] == len(self.model.listed(app, status))

    def read_one(self, pick: int) -> None:
        if not self.model.copies:
            return
        copy = self.model.copies[pick % len(self.model.copies)]
        (other,) = CONNECTED.keys() - {copy.app}
        path = f"/webhook-deliveries/{copy.id}"
        shown = timed(self.ask(copy.app, "GET", path, 200))
        assert shown == {"partner_app_id": self.app_ids[copy.app], **self.model.seen_by_admin(copy)}
        self.ask(other, "GET", path, 404)
        self.ask(other, "POST", f"{path}/retry", 404)

    def ask_when_the_secret_signed(self, app: str) -> None:
        tries = [attempt for copy in self.model.copies if copy.app == app for attempt in copy.attempts]
        newest = max((attempt.at for attempt in tries if attempt.secret is not None), default=None)
        shown = self.ask(app, "GET", "/credentials", 200)["webhook_secret"]
        assert timed(shown).get("last_used_at") == newest

    def look_as_operator(self) -> None:
        shown = self.control("GET", "/events", None, 200, "limit=1000")
        assert shown["total"] == len(shown["items"]) == len(self.model.happenings)
        for event, happening in zip(shown["items"][::-1], self.model.happenings, strict=True):
            assert (event["type"], moment(event["at"])) == (happening.kind, happening.at)
            for delivery, copy in zip(event["deliveries"], happening.copies, strict=True):
                app = self.model.apps[copy.app]
                signature = sign(copy.body, app.secret) if app.url is not None else ""
                assert delivery.pop("signature") == signature
                known = self.model.seen_by_operator(copy)
                attempts = [timed(attempt) for attempt in delivery.pop("attempts")]
                assert [
                    {name: attempt.get(name) for name in ("at", "status", "error")} for attempt in attempts
                ] == known.pop("attempts")
                assert {name: timed(delivery).get(name) for name in known} == known

    def teardown(self) -> None:
        """In the end, when nothing stands in their way, all that wait arrive."""
        if sys.exception() is not None:
            return  # of another fault, which this would hide
        self.answer_so([], Answer(200))
        self.control("DELETE", "/faults", None, 204)
        self.model.faults.clear()
        self.bring_back("deliver")
        self.wait(30 * 86_400)
        self.each_delivery_is_where_the_model_says()
        self.look_as_operator()
        self.count()
        assert self.contio.outbox.pending == []

    # ------------------------------------------------------------ between the two

    def happened(self, kind: str, audience: dict[str, list[Any]]) -> None:
        """An event was emitted; its copies must be those that the model expects."""
        made = self.contio.outbox.deliveries[len(self.model.copies) :]
        copies = [self.copied(delivery) for delivery in made]
        assert len(copies) == len({(copy.app, copy.reader) for copy in copies})
        assert {(copy.app, copy.reader) for copy in copies} == self.model.expected(kind, audience)
        self.model.happen(kind, copies)
        self.check_new(kind, copies)

    def copied(self, delivery: Delivery) -> Copy:
        names = {id_: name for name, id_ in self.app_ids.items()}
        return Copy(
            app=names[delivery.app_id],
            kind=delivery.event_type,
            reader=delivery.for_user,
            id=delivery.id,
            event_id=delivery.event_id,
            body=delivery.body,
            made=delivery.created_at,
        )

    def check_new(self, kind: str, copies: list[Copy]) -> None:
        """What was learnt of new copies is what it should be, and nobody else's."""
        for copy in copies:
            told = json.loads(copy.body)
            assert (copy.kind, told["event_type"], copy.made) == (kind, kind, self.model.now)
            assert (told["event_id"], told["partner_app_id"]) == (copy.event_id, self.app_ids[copy.app])
            assert told.get("for_user", {}).get("email") == copy.reader
        for ids in ([c.id for c in self.model.copies], [c.event_id for c in self.model.copies]):
            assert len(ids) == len(set(ids))

    def readers(self, people: list[str]) -> dict[str, list[Any]]:
        return {app: [one for one in connected if one in people] for app, connected in CONNECTED.items()}

    def title(self) -> str:
        self.titles += 1
        return f"M{self.titles}"

    # ------------------------------------------------------------ requests

    def ask(self, app: str, method: str, path: str, status: int, body: Any = None, query: str = "") -> Any:
        """A call of the admin API that must have that status."""
        headers = {"x-api-key": f"ctio_{app}", "x-client-id": f"c_{app}"}
        return self.send(method, ADMIN + path, body, status, headers, query)

    def act(self, email: str, method: str, path: str, body: Any, status: int) -> Any:
        token = self.sign_in(email)
        return self.send(method, path, body, status, {"authorization": f"Bearer {token}"})

    def sign_in(self, email: str) -> str:
        """A token; with a new one an actor's connection lives for another month."""
        tokens, now = self.model.tokens, self.model.now
        for actor in (ADA, GRACE):
            if actor not in tokens or now - tokens[actor][1] > timedelta(hours=20):
                minted = self.control("POST", "/tokens", {"email": actor}, 200)
                tokens[actor] = minted["access_token"], now
        return tokens[email][0]

    def control(self, method: str, path: str, body: Any, status: int, query: str = "") -> Any:
        return self.send(method, f"/_mock{path}", body, status, {}, query)

    def send(
        self, method: str, path: str, body: Any, status: int, headers: dict[str, str], query: str = ""
    ) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **headers}
        answer = self.contio.handle(Request(method, path, query, headers, content))
        assert answer.status == status, answer.body
        return json.loads(answer.body) if answer.body else None


class Passing:
    """Whether time passed to its end: no receiver broke, and nobody reset anything."""

    finished = False


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def timed(shown: dict[str, Any]) -> dict[str, Any]:
    """An object as it came, with its times as moments."""
    return {
        name: moment(value) if name == "at" or name.endswith("_at") else value
        for name, value in shown.items()
        if value is not None
    }


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "two.json"
    file.write_text(json.dumps({"apps": APPS, "workspaces": [{"name": "W"}], "users": USERS}), "utf-8")
    return file


def test_nothing_is_lost_and_nothing_is_sent_that_should_not_be(scenario: Path) -> None:
    run_state_machine_as_test(
        type("OutboxOfTwo", (Outbox,), {"scenario": scenario}),
        settings=settings(
            settings.get_profile("machine"),
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
        ),
    )
