"""Several users work on meetings, their participants, agendas, backlogs and action items in any order.

A small model says what each call must answer, what everybody must then see, and who must be told. To add
another thing that belongs to meetings: a list in `Meeting`, rules that use `act` and `expect`, and a
comparison in `everybody_sees_what_the_model_says`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

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
from contio_mock.contract.wire import Request

from .told import ADA, GRACE, KATHERINE, LINUS, URL, told, user_id

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "15"))
"""How many runs of STEPS steps; 1000 takes some minutes."""
STEPS = 40
MEETINGS, BACKLOG = "/v1/partner/user/meetings", "/v1/partner/user/backlog-items"
TASKS = "/v1/partner/user/action-items"
NEWCOMER = "mary@example.com"
"""Has no account until `sign_up`."""
ACTORS = (ADA, GRACE, LINUS)
EVERYBODY = (*ACTORS, KATHERINE, NEWCOMER)
COLLEAGUES = {ADA, GRACE, KATHERINE}

TITLE = st.text("abc", min_size=1, max_size=3)
SEQUENCE = st.sampled_from([None, None, "1", "1.0", "50", "100", "150.5", "99999", "-3"])
NOTES = st.sampled_from([None, "", "mine", "other"])
HOURS = st.sampled_from([None, -48, 1, 1, 5, 30])
"""When a meeting is planned, from the beginning on."""
STATUS = st.sampled_from([None, None, "needs_review", "in_progress", "completed", "cancelled"])
PICK = st.integers(0, 1000)


@dataclass(eq=False)
class Person:
    """A participant."""

    id: str
    email: str
    role: str
    is_owner: bool = False


@dataclass(eq=False)
class Item:
    """An agenda item, on a meeting's agenda or a backlog."""

    id: str
    title: str
    sequence: str
    made: int
    status: str = "pending"
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[Decimal, int]:
        return Decimal(self.sequence), self.made


@dataclass(eq=False)
class Task:
    """An action item."""

    id: str
    title: str
    status: str
    made: int
    open_status: str = "needs_review"

    @property
    def done(self) -> bool:
        return self.status == "completed"


@dataclass(eq=False)
class Meeting:
    """A meeting with all that belongs to it."""

    id: str
    people: list[Person]
    start: datetime | None = None
    agenda: list[Item] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def emails(self) -> set[str]:
        return {person.email for person in self.people}

    def may_edit(self, email: str) -> bool:
        return any(p.email == email and p.role == "EDITOR" for p in self.people)

    def in_order(self) -> list[Item]:
        return sorted(self.agenda, key=lambda item: item.place)


@dataclass(eq=False)
class Deferral:
    """A backlog item."""

    id: str
    item: Item
    owner: str
    origin: str | None
    left: str | None = None
    """`assigned` or `deleted`."""


class Meetings(RuleBasedStateMachine):
    visibility = "participants"

    @initialize()
    def begin(self) -> None:
        profile = {"meeting_visibility": self.visibility}
        self.contio = FakeContio(check_answers=True, scenario="demo", webhook_url=URL, profile=profile)
        self.tokens: dict[str, str] = {}
        for email in ACTORS:
            self.connect(email)
        self.beginning = self.contio.clock.now
        self.seeded = list(self.contio.sandbox.store.meetings)[::-1]
        self.tasks_before = {email: self.task_ids(email) for email in self.tokens}
        self.backlog_before = {
            email: [item["id"] for item in self.items(email, BACKLOG)] for email in self.tokens
        }
        self.meetings: list[Meeting] = []
        self.backlog: list[Deferral] = []
        self.expected: list[tuple[str, dict[str, Any], set[str]]] = []
        self.made = 0
        assert not self.contio.events

    # ------------------------------------------------------------ meetings and people

    @rule(pick=PICK, title=TITLE, hours=HOURS)
    def create_meeting(self, pick: int, title: str, hours: int | None) -> None:
        email = self.actor(pick)
        start = self.beginning + timedelta(hours=hours) if hours is not None else None
        sent = {"title": title} | ({"start_time": start.isoformat()} if start else {})
        answer = self.act(email, "POST", MEETINGS, sent, 201)
        (owner,) = self.items(email, f"{MEETINGS}/{answer['id']}/participants")
        people = [Person(owner["id"], email, "EDITOR", is_owner=True)]
        self.meetings.append(Meeting(answer["id"], people, start))
        self.expect("meeting.created", self.readers(self.meetings[-1]), meeting_id=answer["id"])

    @precondition(lambda self: self.meetings)
    @rule(pick=PICK, which=PICK, email=st.sampled_from(EVERYBODY), role=st.sampled_from(["EDITOR", "VIEWER"]))
    def add_participant(self, pick: int, which: int, email: str, role: str) -> None:
        caller, meeting = self.actor(pick), self.meeting(which)
        status = self.editors_only(caller, meeting)
        if status == 200:
            status = 409 if email in meeting.emails() else 201
        sent = {"email": email.upper() if pick % 2 else email, "name": "Somebody", "role": role}
        answer = self.act(caller, "POST", f"{MEETINGS}/{meeting.id}/participants", sent, status)
        if status == 201:
            meeting.people.append(Person(answer["id"], email, role))
            self.expect("participant.added", self.readers(meeting), meeting_id=meeting.id)

    @precondition(lambda self: self.meetings)
    @rule(pick=PICK, which=PICK, whom=PICK)
    def remove_participant(self, pick: int, which: int, whom: int) -> None:
        caller, meeting = self.actor(pick), self.meeting(which)
        person = meeting.people[whom % len(meeting.people)]
        status = self.editors_only(caller, meeting)
        if status == 200:
            status = 403 if person.is_owner else 204
        self.act(caller, "DELETE", f"{MEETINGS}/{meeting.id}/participants/{person.id}", None, status)
        if status == 204:
            self.expect("participant.removed", self.readers(meeting), participant_id=person.id)
            meeting.people.remove(person)

    @precondition(lambda self: NEWCOMER not in self.tokens)
    @rule()
    def sign_up(self) -> None:
        self.connect(NEWCOMER)
        self.tasks_before[NEWCOMER], self.backlog_before[NEWCOMER] = [], []

    @rule(seconds=st.sampled_from([0.001, 1, 60]))
    def wait(self, seconds: float) -> None:
        self.contio.clock.advance(seconds)

    # ------------------------------------------------------------ agenda

    @precondition(lambda self: self.meetings)
    @rule(pick=PICK, which=PICK, title=TITLE, sequence=SEQUENCE, notes=NOTES)
    def create_item(self, pick: int, which: int, title: str, sequence: str | None, notes: str | None) -> None:
        caller, meeting = self.actor(pick), self.meeting(which)
        status = self.participants_only(caller, meeting, 201)
        sent = {"title": title, "item_type": "DISCUSSION", "sequence": sequence, "talking_points": notes}
        answer = self.act(caller, "POST", f"{MEETINGS}/{meeting.id}/agenda-items", sent, status)
        if status == 201:
            item = self.item(answer["id"], title, sequence or answer["sequence"])
            if sequence is None:
                assert all(item.place > other.place for other in meeting.agenda)
            self.note(item, caller, notes)
            meeting.agenda.append(item)
            self.expect(
                "agenda_item.created", self.readers(meeting), agenda_item_id=item.id, meeting_id=meeting.id
            )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(
        pick=PICK, which=PICK, title=st.none() | TITLE, sequence=SEQUENCE, notes=NOTES,
        status=st.sampled_from([None, "pending", "completed"]), method=st.sampled_from(["PUT", "PATCH"]),
    )  # fmt: skip
    def change_item(self, pick: int, which: int, method: str, notes: str | None, **wish: str | None) -> None:
        caller, (meeting, item) = self.actor(pick), self.agenda_item(which)
        status = self.participants_only(caller, meeting, 200)
        path = f"{MEETINGS}/{meeting.id}/agenda-items/{item.id}"
        self.act(caller, method, path, {**wish, "talking_points": notes}, status)
        if status == 200:
            new = {name: value for name, value in wish.items() if value is not None}
            changed = any(getattr(item, name) != value for name, value in new.items())
            vars(item).update(new)
            self.note(item, caller, notes)
            if changed:
                self.expect(
                    "agenda_item.updated", self.readers(meeting), title=item.title, status=item.status
                )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(pick=PICK, which=PICK)
    def delete_item(self, pick: int, which: int) -> None:
        caller, (meeting, item) = self.actor(pick), self.agenda_item(which)
        status = self.participants_only(caller, meeting, 204)
        self.act(caller, "DELETE", f"{MEETINGS}/{meeting.id}/agenda-items/{item.id}", None, status)
        if status == 204:
            meeting.agenda.remove(item)
            self.expect(
                "agenda_item.deleted", self.readers(meeting), agenda_item_id=item.id, meeting_id=meeting.id
            )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(pick=PICK, which=PICK)
    def defer_item(self, pick: int, which: int) -> None:
        caller, (meeting, item) = self.actor(pick), self.agenda_item(which)
        status = self.participants_only(caller, meeting, 201)
        sent = {"email": caller, "meeting_id": meeting.id, "agenda_item_id": item.id}
        answer = self.act(None, "POST", "/_mock/simulate/agenda-item-deferred", sent, status)
        if status == 201:
            meeting.agenda.remove(item)
            item.notes = {email: text for email, text in item.notes.items() if email == caller}
            self.backlog.append(Deferral(answer["id"], item, caller, meeting.id))
            self.expect("agenda_item.updated", self.readers(meeting), agenda_item_id=item.id, meeting_id=None)

    # ------------------------------------------------------------ backlog

    @rule(pick=PICK, title=TITLE, notes=NOTES)
    def create_backlog_item(self, pick: int, title: str, notes: str | None) -> None:
        caller = self.actor(pick)
        sent = {"title": title, "item_type": "BREAK", "talking_points": notes}
        answer = self.act(caller, "POST", BACKLOG, sent, 201)
        item = self.item(answer["agenda_item_id"], title, "0")
        self.note(item, caller, notes)
        self.backlog.append(Deferral(answer["id"], item, caller, None))
        self.expect("agenda_item.created", {caller}, agenda_item_id=item.id, meeting_id=None)

    @precondition(lambda self: self.backlog)
    @rule(pick=PICK, which=PICK, title=TITLE, notes=NOTES)
    def change_backlog_item(self, pick: int, which: int, title: str, notes: str | None) -> None:
        caller, deferral = self.actor(pick), self.backlog[which % len(self.backlog)]
        status = self.owner_only(caller, deferral, 200)
        sent = {"title": title, "talking_points": notes}
        self.act(caller, "PUT", f"{BACKLOG}/{deferral.id}", sent, status)
        if status == 200:
            old = (deferral.item.title, deferral.item.notes)
            deferral.item.title = title
            self.note(deferral.item, caller, notes)
            if (deferral.item.title, deferral.item.notes) != old:
                self.expect("agenda_item.updated", {caller}, title=title, meeting_id=None)

    @precondition(lambda self: self.backlog)
    @rule(pick=PICK, which=PICK)
    def delete_backlog_item(self, pick: int, which: int) -> None:
        caller, deferral = self.actor(pick), self.backlog[which % len(self.backlog)]
        status = self.owner_only(caller, deferral, 204)
        self.act(caller, "DELETE", f"{BACKLOG}/{deferral.id}", None, status)
        if status == 204:
            self.leave(deferral, "deleted")
            self.expect("agenda_item.deleted", {caller}, agenda_item_id=deferral.item.id, meeting_id=None)

    @precondition(lambda self: self.backlog and self.meetings)
    @rule(pick=PICK, which=PICK, to=PICK)
    def assign_backlog_item(self, pick: int, which: int, to: int) -> None:
        caller, meeting = self.actor(pick), self.meeting(to)
        deferral = self.backlog[which % len(self.backlog)]
        status = self.owner_only(caller, deferral, 201)
        if deferral.left == "assigned" and deferral.owner == caller:
            status = 409
        if status == 201 and caller not in meeting.emails():
            status = 404
        path = f"{BACKLOG}/{deferral.id}/assign"
        answer = self.act(caller, "POST", path, {"meeting_id": meeting.id}, status)
        if status == 201:
            self.leave(deferral, "assigned")
            shown = self.items(caller, f"{MEETINGS}/{meeting.id}/agenda-items")[-1]
            item = self.item(answer["agenda_item_id"], deferral.item.title, shown["sequence"])
            item.notes = dict(deferral.item.notes)
            assert shown["id"] == item.id, "it comes last"
            meeting.agenda.append(item)
            self.expect(
                "agenda_item.created", self.readers(meeting), agenda_item_id=item.id, meeting_id=meeting.id
            )

    # ------------------------------------------------------------ action items

    @precondition(lambda self: self.meetings)
    @rule(pick=PICK, which=PICK, title=TITLE, status=STATUS)
    def create_task(self, pick: int, which: int, title: str, status: str | None) -> None:
        caller, meeting = self.actor(pick), self.meeting(which)
        seen = self.sees(caller, meeting)
        sent = {"meeting_id": meeting.id, "title": title, "status": status}
        answer = self.act(caller, "POST", TASKS, sent, 201 if seen else 400)
        if seen:
            self.made += 1
            task = Task(answer["id"], title, "needs_review", self.made)
            self.move(task, status)
            meeting.tasks.append(task)
            self.expect(
                "action_item.created", self.readers(meeting), action_item_id=task.id, meeting_id=meeting.id
            )
            if task.done:
                self.expect_completed(caller, meeting, task)

    @precondition(lambda self: any(meeting.tasks for meeting in self.meetings))
    @rule(
        pick=PICK, which=PICK, title=st.none() | TITLE, status=STATUS, completed=st.sampled_from([None, True, False]),
        method=st.sampled_from(["PUT", "PATCH"]),
    )  # fmt: skip
    def change_task(
        self,
        pick: int,
        which: int,
        method: str,
        title: str | None,
        status: str | None,
        completed: bool | None,
    ) -> None:
        caller, (meeting, task) = self.actor(pick), self.task(which)
        agree = status is None or completed is None or (status == "completed") == completed
        seen = self.sees(caller, meeting)
        sent = {"title": title, "status": status, "is_completed": completed}
        self.act(caller, method, f"{TASKS}/{task.id}", sent, 404 if not seen else 200 if agree else 400)
        if seen and agree:
            before = (task.title, task.status)
            task.title = title or task.title
            if status is None and completed is not None and completed != task.done:
                status = "completed" if completed else task.open_status
            self.move(task, status)
            if (task.title, task.status) != before:
                data = {"status": task.status, "is_completed": task.done, "meeting_id": meeting.id}
                self.expect("action_item.updated", self.readers(meeting), action_item_id=task.id, **data)
            if task.done and before[1] != "completed":
                self.expect_completed(caller, meeting, task)

    @precondition(lambda self: any(meeting.tasks for meeting in self.meetings))
    @rule(pick=PICK, which=PICK)
    def read_task(self, pick: int, which: int) -> None:
        caller, (meeting, task) = self.actor(pick), self.task(which)
        status = 200 if self.sees(caller, meeting) else 404
        answer = self.act(caller, "GET", f"{TASKS}/{task.id}", None, status)
        assert status == 404 or (answer["title"], answer["status"]) == (task.title, task.status)

    @precondition(lambda self: any(meeting.tasks for meeting in self.meetings))
    @rule(pick=PICK, which=PICK)
    def delete_task(self, pick: int, which: int) -> None:
        caller, (meeting, task) = self.actor(pick), self.task(which)
        seen = self.sees(caller, meeting)
        self.act(caller, "DELETE", f"{TASKS}/{task.id}", None, 204 if seen else 404)
        if seen:
            meeting.tasks.remove(task)

    # ------------------------------------------------------------ pages and filters

    @rule(
        pick=PICK, low=st.sampled_from([None, -50, 0, 1, 2]), high=st.sampled_from([None, -1, 1, 6, 40]),
        limit=st.integers(1, 4), offset=st.integers(0, 6),
    )  # fmt: skip
    def list_meetings(self, pick: int, low: int | None, high: int | None, limit: int, offset: int) -> None:
        email = self.actor(pick)
        first, last = (None if n is None else self.beginning + timedelta(hours=n) for n in (low, high))
        found = [
            id_
            for id_, start in self.listed(email)
            if (low is None and high is None)
            or (start and (first is None or first <= start) and (last is None or start <= last))
        ]
        moments = {"start_date": first, "end_date": last}
        query = {name: moment.isoformat() for name, moment in moments.items() if moment is not None}
        page = self.page(email, MEETINGS, urlencode({**query, "limit": limit, "offset": offset}))
        assert ([item["id"] for item in page["items"]], page["total"]) == (
            found[offset : offset + limit], len(found),
        )  # fmt: skip

    @rule(
        pick=PICK,
        completed=st.booleans(),
        limit=st.integers(1, 4),
        offset=st.integers(0, 6),
        dated=st.booleans(),
    )
    def list_tasks(self, pick: int, completed: bool, limit: int, offset: int, dated: bool) -> None:
        email = self.actor(pick)
        found = [task.id for task in self.tasks_of(email) if task.done == completed]
        window = {"limit": limit, "offset": offset, "is_completed": str(completed).lower()}
        since = {"start_date": self.beginning.isoformat()} if dated else {}
        page = self.page(email, TASKS, urlencode({**window, **since}))
        if not dated:
            stored = self.contio.sandbox.store.action_items
            found += [id_ for id_ in self.tasks_before[email] if stored.get(id_).is_completed == completed]
        assert ([item["id"] for item in page["items"]], page["total"]) == (
            found[offset : offset + limit], len(found),
        )  # fmt: skip

    # ------------------------------------------------------------ what must always be so

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        for email in self.tokens:
            seen = [meeting for meeting in self.meetings if self.sees(email, meeting)]
            assert self.meeting_ids(email) == [id_ for id_, _ in self.listed(email)]
            assert self.task_ids(email) == [
                *(task.id for task in self.tasks_of(email)), *self.tasks_before[email],
            ]  # fmt: skip
            for meeting in seen:
                self.compare(email, meeting)
            self.compare_backlog(email)

    @invariant()
    def everybody_is_told_what_the_model_says(self) -> None:
        assert len(self.contio.events) == len(self.expected)
        for position, (kind, data, readers) in enumerate(self.expected):
            found, sent, told_to = told(self.contio, position)
            assert (found, told_to) == (kind, readers)
            assert {name: sent[name] for name in data} == data
        self.contio.sandbox.outbox.events.clear()
        self.expected.clear()

    def compare(self, email: str, meeting: Meeting) -> None:
        people = self.items(email, f"{MEETINGS}/{meeting.id}/participants")
        assert [(p["id"], p["email"].lower(), p["role"]) for p in people] == [
            (p.id, p.email, p.role) for p in meeting.people
        ]
        known = {email: user_id(self.contio, email) for email in self.accounts()}
        assert [p.get("user_id") for p in people] == [known.get(p.email) for p in meeting.people]
        items = self.items(email, f"{MEETINGS}/{meeting.id}/agenda-items")
        shown = [(i["id"], i["title"], i["status"], i["sequence"], i.get("talking_points")) for i in items]
        assert shown == [
            (i.id, i.title, i.status, i.sequence, i.notes.get(email)) for i in meeting.in_order()
        ]

        tasks = self.items(email, TASKS, urlencode({"meeting_id": meeting.id, "limit": 100}))
        assert [
            (t["id"], t["title"], t["status"], t["is_completed"], "completed_at" in t) for t in tasks
        ] == [(t.id, t.title, t.status, t.done, t.done) for t in reversed(meeting.tasks)]

    def compare_backlog(self, email: str) -> None:
        own = [deferral for deferral in self.backlog if deferral.owner == email]
        shown = self.items(email, BACKLOG, "limit=100&sort_order=asc")
        there = [(i["id"], i["title"], i.get("talking_points"), i.get("origin_meeting_id")) for i in shown]
        assert there[len(self.backlog_before[email]) :] == [
            (d.id, d.item.title, d.item.notes.get(email), d.origin) for d in own if d.left is None
        ]
        history = self.items(email, f"{BACKLOG}/history", "limit=100&sort_order=asc")
        assert {i["id"]: "assigned" if "assigned_at" in i else "deleted" for i in history} == {
            d.id: d.left for d in own if d.left is not None
        }

    # ------------------------------------------------------------ the model

    def actor(self, pick: int) -> str:
        return sorted(self.tokens)[pick % len(self.tokens)]

    def meeting(self, which: int) -> Meeting:
        return self.meetings[which % len(self.meetings)]

    def agenda_item(self, which: int) -> tuple[Meeting, Item]:
        every = [(meeting, item) for meeting in self.meetings for item in meeting.agenda]
        return every[which % len(every)]

    def accounts(self) -> Iterable[str]:
        return {*ACTORS, KATHERINE, *self.tokens}

    def sees(self, email: str, meeting: Meeting) -> bool:
        return email in meeting.emails() or (self.visibility == "workspace" and self.is_home(email, meeting))

    def readers(self, meeting: Meeting) -> set[str]:
        """Those who see a meeting, and so are told of it."""
        return {email for email in self.accounts() if self.sees(email, meeting)}

    def listed(self, email: str) -> list[tuple[str, datetime | None]]:
        """Every meeting that somebody sees, each once, newest first, with its start."""
        made = [(m.id, m.start) for m in reversed(self.meetings) if self.sees(email, m)]
        user = self.contio.sandbox.store.users.first("email", email)
        assert user is not None
        at_home = self.visibility == "workspace"
        seeded = [
            (meeting.id, meeting.start_time)
            for meeting in self.seeded
            if user.id in meeting.viewer_ids or (at_home and meeting.workspace_id == user.workspace_id)
        ]
        return made + seeded

    def tasks_of(self, email: str) -> list[Task]:
        """The action items that were made and that somebody sees, newest first."""
        found = [task for meeting in self.meetings if self.sees(email, meeting) for task in meeting.tasks]
        return sorted(found, key=lambda task: task.made, reverse=True)

    def task(self, which: int) -> tuple[Meeting, Task]:
        every = [(meeting, task) for meeting in self.meetings for task in meeting.tasks]
        return every[which % len(every)]

    def move(self, task: Task, status: str | None) -> None:
        task.status = status or task.status
        if not task.done:
            task.open_status = task.status

    def expect_completed(self, caller: str, meeting: Meeting, task: Task) -> None:
        data = {"action_item_id": task.id, "completed_by_user_id": user_id(self.contio, caller)}
        self.expect("action_item.completed", self.readers(meeting), meeting_id=meeting.id, **data)

    def is_home(self, email: str, meeting: Meeting) -> bool:
        owner = next(person.email for person in meeting.people if person.is_owner)
        return email == owner or {email, owner} <= COLLEAGUES

    def participants_only(self, email: str, meeting: Meeting, fine: int) -> int:
        if email in meeting.emails():
            return fine
        return 403 if self.sees(email, meeting) else 404

    def editors_only(self, email: str, meeting: Meeting) -> int:
        if not self.sees(email, meeting):
            return 404
        return 200 if meeting.may_edit(email) else 403

    def owner_only(self, email: str, deferral: Deferral, fine: int) -> int:
        return fine if deferral.owner == email and deferral.left is None else 404

    def item(self, id_: str, title: str, sequence: str) -> Item:
        self.made += 1
        return Item(id_, title, sequence, self.made)

    def note(self, item: Item, email: str, notes: str | None) -> None:
        if notes is not None:
            others = {who: text for who, text in item.notes.items() if who != email}
            item.notes = {**others, email: notes} if notes else others

    def leave(self, deferral: Deferral, how: str) -> None:
        deferral.left = how

    def expect(self, kind: str, readers: set[str], **data: Any) -> None:
        """An event that must have been emitted, and who of those must have got a copy."""
        self.expected.append((kind, data, readers & set(self.tokens)))

    # ------------------------------------------------------------ requests

    def connect(self, email: str) -> None:
        tokens = self.contio.client(email).tokens
        assert tokens is not None
        self.tokens[email] = tokens.access_token

    def act(self, email: str | None, method: str, path: str, body: Any, status: int) -> Any:
        """Make a call that must have that status; returns the JSON of its answer."""
        headers = {"content-type": "application/json"}
        if email is not None:
            headers["authorization"] = f"Bearer {self.tokens[email]}"
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.contio.handle(Request(method, path, "", headers, content))
        assert answer.status == status, answer.body
        return json.loads(answer.body) if answer.body else None

    def page(self, email: str, path: str, query: str) -> Any:
        headers = {"authorization": f"Bearer {self.tokens[email]}"}
        answer = self.contio.handle(Request("GET", path, query, headers))
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def items(self, email: str, path: str, query: str = "") -> list[dict[str, Any]]:
        page = self.page(email, path, query)
        found: list[dict[str, Any]] = page["items"]
        assert page["total"] == len(found) <= max(page["limit"], 0)
        return found

    def meeting_ids(self, email: str) -> list[str]:
        return [meeting["id"] for meeting in self.items(email, MEETINGS, "limit=100")]

    def task_ids(self, email: str) -> list[str]:
        return [task["id"] for task in self.items(email, TASKS, "limit=100")]


class Workspaces(Meetings):
    visibility = "workspace"


@pytest.mark.parametrize("machine", [Meetings, Workspaces], ids=lambda m: m.visibility)
def test_everybody_sees_and_hears_what_is_theirs_whatever_is_done(machine: type[Meetings]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings.get_profile("machine"),
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
        ),
    )
