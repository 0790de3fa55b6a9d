"""Meetings start, end and are completed: by the control plane, or by the clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Conflict, Forbidden, NotFound
from contio_mock.contract.meetings import Meeting, MeetingCreate, MeetingUpdate
from contio_mock.contract.shared import Id
from contio_mock.contract.simulate_meetings import MeetingCompletion, MeetingNamed, MeetingTask, SpokenSegment
from contio_mock.fake.deliveries import Outgoing
from contio_mock.fake.records import ActionButtonRecord, NextStepRecord, TemplateRecord
from contio_mock.fake.records.templates import ActionButtonLink, NextStepLink, TemplateAgendaItem

from .told import ADA, GRACE, KATHERINE, LINUS, URL, actor, told, types, user_id

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
LIVED = ["meeting.created", "meeting.updated", "meeting.updated", "meeting.completed"]
STEPS = ("meeting_started", "meeting_ended", "meeting_completed")


def create(client: Contio, **given: Any) -> Meeting:
    return client.user.meetings.create(MeetingCreate(**{"title": "Review", **given}))


def step(contio: FakeContio, what: str, meeting_id: Id, **given: Any) -> Any:
    body = {"meeting_id": meeting_id, **given}
    kind = MeetingCompletion if what == "meeting_completed" else MeetingNamed
    return getattr(contio.control.mock.simulate, what)(kind(**body))


def completed(contio: FakeContio, meeting_id: Id, **given: Any) -> Any:
    step(contio, "meeting_started", meeting_id)
    step(contio, "meeting_ended", meeting_id)
    return step(contio, "meeting_completed", meeting_id, **given)


def heard(contio: FakeContio) -> list[str]:
    return [event.type for event in contio.events]


# ---------------------------------------------------------------- by the control plane


def test_a_meeting_goes_from_plan_to_notes(contio: FakeContio) -> None:
    client = contio.client()
    soon = contio.clock.now + timedelta(minutes=5)
    made = create(client, start_time=soon, end_time=soon + timedelta(hours=1))
    seen = [made.status]
    for what in STEPS:
        contio.clock.advance("10m")
        step(contio, what, made.id)
        seen.append(client.user.meetings.get(made.id).status)
    assert seen == ["scheduled", "in_progress", "ended", "completed"]
    assert client.user.meetings.get(made.id).summary_notes
    assert heard(contio) == [*LIVED, "action_item.created"]


def test_planned_times_stay_and_the_change_is_dated(contio: FakeContio) -> None:
    begin = contio.clock.now
    made = create(contio.client(), start_time=begin, end_time=begin + timedelta(hours=1))
    contio.clock.advance("5m")
    started = step(contio, "meeting_started", made.id)
    assert (started.start_time, started.updated_at) == (begin, contio.clock.now)
    contio.clock.advance("5m")
    ended = step(contio, "meeting_ended", made.id)
    assert (ended.end_time, ended.updated_at) == (made.end_time, contio.clock.now)


def test_a_draft_gets_the_times_at_which_it_happened(contio: FakeContio) -> None:
    made = create(contio.client())
    begun = contio.clock.now
    assert step(contio, "meeting_started", made.id).start_time == begun
    contio.clock.advance("20m")
    assert step(contio, "meeting_ended", made.id).end_time == contio.clock.now


def test_a_meeting_that_starts_early_has_started_early(contio: FakeContio) -> None:
    made = create(contio.client(), start_time=contio.clock.now + timedelta(days=1))
    assert step(contio, "meeting_started", made.id).start_time == contio.clock.now


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        ((), "meeting_ended"),
        ((), "meeting_completed"),
        (("meeting_started",), "meeting_started"),
        (("meeting_started",), "meeting_completed"),
        (("meeting_started", "meeting_ended"), "meeting_started"),
        (("meeting_started", "meeting_ended"), "meeting_ended"),
        (STEPS, "meeting_started"),
        (STEPS, "meeting_ended"),
        (STEPS, "meeting_completed"),
    ],
)
def test_a_step_that_the_status_does_not_allow_is_a_conflict_and_changes_nothing(
    contio: FakeContio, done: tuple[str, ...], refused: str
) -> None:
    made = create(contio.client())
    for what in done:
        step(contio, what, made.id)
    before, events = contio.client().user.meetings.get(made.id), len(contio.events)
    with pytest.raises(Conflict) as conflict:
        step(contio, refused, made.id)
    assert conflict.value.code == "wrong_status"
    assert before.status in conflict.value.message
    assert contio.client().user.meetings.get(made.id) == before
    assert len(contio.events) == events


@pytest.mark.parametrize("what", STEPS)
def test_an_unknown_meeting_is_not_found(contio: FakeContio, what: str) -> None:
    with pytest.raises(NotFound):
        step(contio, what, UNKNOWN_ID)


def test_the_events_say_what_happened_and_hide_who_acted(contio: FakeContio) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_url="http://localhost:9/hook")
    bodies: list[dict[str, Any]] = []

    def receive(outgoing: Outgoing) -> int:
        bodies.append(json.loads(outgoing.body))
        return 200

    contio.receiver = receive
    made = create(contio.client())
    completed(contio, made.id)
    contio.control.mock.settle()
    started, ended, done, promised = bodies[1:]
    now = contio.clock.now.isoformat().replace("+00:00", "Z")
    common = {"meeting_id": made.id, "title": "Review", "workspace_id": made.workspace_id}
    for body in (started, ended):
        assert body["event_type"] == "meeting.updated"
        assert body["data"] == {**common, "scheduled_start": now, "updated_at": now}
    assert done["event_type"] == "meeting.completed"
    assert done["data"] == {**common, "completed_at": now}
    (item,) = contio.client().user.action_items.list(meeting_id=made.id).items
    assert promised["event_type"] == "action_item.created"
    assert promised["data"] == {
        "action_item_id": item.id,
        "assignee_id": item.assigned_to_user_id,
        "created_at": now,
        "meeting_id": made.id,
        "title": item.title,
        "workspace_id": made.workspace_id,
    }
    assert all("actor_user_id" not in body for body in (started, ended, done, promised))
    assert {body["for_user"]["email"] for body in bodies} == {"ada@example.com"}


@pytest.mark.contio(profile={"update_event_of_status": "no"})
def test_a_status_may_change_without_an_event(contio: FakeContio) -> None:
    made = create(contio.client())
    completed(contio, made.id)
    assert heard(contio) == ["meeting.created", "meeting.completed", "action_item.created"]


# ---------------------------------------------------------------- what came of it


def test_a_completed_meeting_has_believable_words_of_its_people(contio: FakeContio) -> None:
    shared = next(
        m for m in contio.client("grace@example.com").user.meetings.list(limit=100).items
        if m.status == "scheduled"
    )  # fmt: skip
    result = completed(contio, shared.id)
    names = {user.display_name for user in contio.sandbox.store.users}
    assert {segment.speaker for segment in result.transcript} <= names
    assert len({segment.speaker for segment in result.transcript}) > 1
    assert shared.title in result.transcript[0].text
    assert shared.title in (result.meeting.summary_notes or "")
    times = [(s.start_seconds, s.end_seconds) for s in result.transcript]
    assert all(start < end for start, end in times)
    assert times == sorted(times)
    assert result.action_items
    assert {task.assignee_email for task in result.action_items} <= {
        user.email for user in contio.sandbox.store.users
    }


def test_the_same_seed_makes_the_same_words_up(make_contio: Any) -> None:
    said = []
    for seed in (1, 1, 2):
        contio = make_contio(seed=seed)
        made = create(contio.client())
        said.append(completed(contio, made.id).model_dump(exclude={"meeting"}))
    assert said[0] == said[1]
    assert said[0] != said[2]


def test_what_is_given_is_taken(contio: FakeContio) -> None:
    made = create(contio.client())
    result = completed(
        contio,
        made.id,
        summary_notes="We agreed.",
        transcript=[SpokenSegment(speaker="Ada", text="Yes.", start_seconds=0, end_seconds=1.5)],
        action_items=[MeetingTask(title="Sign", assignee_email="GRACE@example.com", due_date="2026-02-01")],
    )
    assert result.meeting.summary_notes == "We agreed."
    assert [segment.text for segment in result.transcript] == ["Yes."]
    (task,) = result.action_items
    assert (task.title, task.assignee_email, str(task.due_date)) == (
        "Sign",
        "grace@example.com",
        "2026-02-01",
    )
    assert contio.client().user.meetings.get(made.id).summary_notes == "We agreed."


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"action_items": [{"title": "x", "assignee_email": "nobody@example.com"}]}, "unknown_user"),
        ({"action_items": [{"title": ""}]}, "validation_error"),
        ({"action_items": [{"title": "x", "due_date": "soon"}]}, "validation_error"),
        (
            {"transcript": [{"speaker": "A", "text": "x", "start_seconds": 1, "end_seconds": 1}]},
            "validation_error",
        ),
        (
            {"transcript": [{"speaker": "A", "text": "x", "start_seconds": -1, "end_seconds": 1}]},
            "validation_error",
        ),
        (
            {"transcript": [{"speaker": "A", "text": "x", "start_seconds": 0, "end_seconds": 1e300}]},
            "validation_error",
        ),
        ({"transcript": "hello"}, "validation_error"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_and_the_meeting_stays_ended(
    contio: FakeContio, raw: Any, given: dict[str, Any], code: str
) -> None:
    made = create(contio.client())
    step(contio, "meeting_started", made.id)
    step(contio, "meeting_ended", made.id)
    body = {"meeting_id": made.id, **given}
    assert raw.code("POST", "/_mock/simulate/meeting-completed", body) == (400, code)
    assert contio.client().user.meetings.get(made.id).status == "ended"


def test_the_notes_follow_the_detail_level(contio: FakeContio) -> None:
    client, notes = contio.client(), {}
    for level in ("BULLET_POINTS", "STANDARD", "VERBATIM", None):
        made = create(client, detail_level=level)
        notes[level] = completed(contio, made.id).meeting.summary_notes or ""
    assert all(line.startswith("- ") for line in notes["BULLET_POINTS"].splitlines())
    assert "\n" not in notes["STANDARD"]
    assert all(line.startswith("Ada Lovelace: ") for line in notes["VERBATIM"].splitlines())
    assert "\n" not in notes[None]


@pytest.mark.contio(profile={"default_detail_level": "BULLET_POINTS"})
def test_the_default_detail_level_is_an_option(contio: FakeContio) -> None:
    made = create(contio.client())
    assert (completed(contio, made.id).meeting.summary_notes or "").startswith("- ")


def test_a_template_says_what_is_spoken_of_and_how_it_is_noted(contio: FakeContio) -> None:
    template = TemplateRecord(
        id=UNKNOWN_ID,
        name="Retrospective",
        ownership_type="SYSTEM",
        detail_level="BULLET_POINTS",
        agenda_items=(TemplateAgendaItem(title="The {jam} in row 7", item_type="INFORMATIONAL"),),
        created_at=contio.clock.now,
        updated_at=contio.clock.now,
    )
    contio.sandbox.store.templates.insert(template)
    made = create(contio.client(), template_id=UNKNOWN_ID)
    result = completed(contio, made.id)
    assert (result.meeting.summary_notes or "").startswith("- Discussed The {jam} in row 7.")
    assert [task.title for task in result.action_items if "The {jam} in row 7" in task.title]


# ---------------------------------------------------------------- what it leads to


@pytest.fixture
def heard_by() -> FakeContio:
    """A fake whose deliveries say who heard: Ada, Grace and Linus are connected, Katherine is not."""
    contio = FakeContio(check_answers=True, webhook_url=URL)
    for email in (ADA, GRACE, LINUS):
        contio.client(email)
    return contio


def with_people(contio: FakeContio, *emails: str, **given: Any) -> Meeting:
    """A meeting of Ada's with further people."""
    ada = contio.client(ADA)
    made = create(ada, **given)
    for email in emails:
        ada.user.participants.add(made.id, {"email": email, "name": email.split("@")[0], "role": "VIEWER"})
    return made


def test_the_tasks_of_a_completed_meeting_become_its_action_items(heard_by: FakeContio) -> None:
    contio = heard_by
    made = with_people(contio, GRACE, LINUS, KATHERINE)
    grace = user_id(contio, GRACE)
    tasks = [
        MeetingTask(title="Sign", assignee_email=GRACE, due_date="2026-02-01"),
        MeetingTask(title="Send"),
    ]
    completed(contio, made.id, action_items=tasks)
    for email in (ADA, GRACE, LINUS):
        page = contio.client(email).user.action_items.list(meeting_id=made.id)
        send, sign = page.items
        assert (sign.title, sign.assigned_to_user_id, str(sign.due_date)) == ("Sign", grace, "2026-02-01")
        assert (send.title, send.assigned_to_user_id, send.due_date) == ("Send", None, None)
        assert {item.status for item in page.items} == {"needs_review"}
        assert not any(item.has_partner_assignment for item in page.items)
    (hedy,) = (contio.client("hedy@example.com").user.action_items.list(meeting_id=made.id).items,)
    assert hedy == []
    for position, item in ((-2, sign), (-1, send)):
        kind, data, readers = told(contio, position)
        assert (kind, data["action_item_id"], data["title"]) == ("action_item.created", item.id, item.title)
        assert readers == {ADA, GRACE, LINUS}, "who is not connected hears nothing, nor does who is elsewhere"
        assert actor(contio, position) is None
    kind, data, readers = told(contio, -3)
    assert (kind, readers) == ("meeting.completed", {ADA, GRACE, LINUS})


def test_no_tasks_make_no_action_items(heard_by: FakeContio) -> None:
    made = with_people(heard_by)
    completed(heard_by, made.id, action_items=[])
    assert heard_by.client().user.action_items.list(meeting_id=made.id).items == []
    assert types(heard_by)[-1] == "meeting.completed"


def test_made_up_tasks_are_of_those_who_promised(heard_by: FakeContio) -> None:
    made = with_people(heard_by, GRACE)
    result = completed(heard_by, made.id)
    items = heard_by.client().user.action_items.list(meeting_id=made.id).items
    assert [(i.title, i.due_date) for i in reversed(items)] == [
        (task.title, task.due_date) for task in result.action_items
    ]
    assert {i.assigned_to_user_id for i in items} <= {user_id(heard_by, email) for email in (ADA, GRACE)}


def test_who_has_an_account_was_there(heard_by: FakeContio) -> None:
    made = with_people(heard_by, GRACE, KATHERINE, "stranger@example.org")
    participants = heard_by.client().user.participants
    step(heard_by, "meeting_started", made.id)
    assert not any(person.is_attended for person in participants.list(made.id).items)
    heard_by.clock.advance("30m")
    step(heard_by, "meeting_ended", made.id)
    there = {person.email: person.is_attended for person in participants.list(made.id).items}
    assert there == {ADA: True, GRACE: True, KATHERINE: True, "stranger@example.org": False}
    stored = heard_by.sandbox.store.participants.under("meeting", made.id)
    assert {person.updated_at for person in stored if person.is_attended} == {heard_by.clock.now}


def test_who_comes_after_the_end_was_not_there(heard_by: FakeContio) -> None:
    made = with_people(heard_by)
    step(heard_by, "meeting_started", made.id)
    step(heard_by, "meeting_ended", made.id)
    heard_by.client().user.participants.add(made.id, {"email": GRACE, "name": "G", "role": "VIEWER"})
    there = {p.email: p.is_attended for p in heard_by.client().user.participants.list(made.id).items}
    assert there == {ADA: True, GRACE: False}


def automated(contio: FakeContio, trigger: str, *phrases: str) -> str:
    config = {"phrases": list(phrases)}
    wish = {"name": "Desk", "trigger_type": trigger, "actions": [{"type": "x", "config": config}]}
    return contio.admin().admin.automations.create(wish).id


def assignments(contio: FakeContio) -> list[tuple[str, set[str]]]:
    """The item of each assignment that was told, and who heard."""
    found = []
    for position, kind in enumerate(types(contio)):
        if kind == "automation.assignment.created":
            _, data, readers = told(contio, position)
            found.append((data["action_item_id"], readers))
    return found


@pytest.mark.parametrize("trigger", ["action_item_created", "action_item_match", "meeting_summary_ready"])
def test_a_completed_meetings_items_are_offered_to_automations(heard_by: FakeContio, trigger: str) -> None:
    contio = heard_by
    automation = automated(contio, trigger, "sign")
    made = with_people(contio, GRACE, KATHERINE)
    before = contio.client().user.action_items.create({"meeting_id": made.id, "title": "Sign it"})
    early = trigger != "meeting_summary_ready"
    assert len(assignments(contio)) == early
    completed(contio, made.id, action_items=[MeetingTask(title="Sign"), MeetingTask(title="Send")])
    items = contio.client().user.action_items.list(meeting_id=made.id).items
    by_title = {item.title: item for item in items}
    assert by_title["Sign"].has_partner_assignment
    assert by_title["Sign it"].has_partner_assignment
    assert not by_title["Send"].has_partner_assignment
    assert assignments(contio) == [
        (before.id, {ADA, GRACE}), (by_title["Sign"].id, {ADA, GRACE}),
    ]  # fmt: skip
    position = len(types(contio)) - 1 - types(contio)[::-1].index("automation.assignment.created")
    _, data, _ = told(contio, position)
    assert data == {
        "action_item_id": by_title["Sign"].id,
        "assignment_id": data["assignment_id"],
        "automation_data_payload": {"trigger_type": trigger},
        "automation_id": automation,
        "automation_name": "Desk",
        "confidence_score": 1.0,
        "created_at": "2026-01-15T09:00:00Z",
        "meeting_id": made.id,
        "status": "assigned",
        "workspace_id": made.workspace_id,
    }
    assert actor(contio, position) is None
    order = types(contio)
    last = len(order) - 1
    assert order.index("meeting.completed") < position <= last


def test_the_end_of_a_meeting_offers_what_is_there_by_then(heard_by: FakeContio) -> None:
    contio = heard_by
    automated(contio, "meeting_ended")
    made = with_people(contio, GRACE)
    mine = contio.client().user.action_items.create({"meeting_id": made.id, "title": "Early"})
    elsewhere = contio.client().user.action_items.create(
        {"meeting_id": create(contio.client()).id, "title": "X"}
    )
    step(contio, "meeting_started", made.id)
    assert assignments(contio) == []
    step(contio, "meeting_ended", made.id)
    assert assignments(contio) == [(mine.id, {ADA, GRACE})]
    step(contio, "meeting_completed", made.id, action_items=[MeetingTask(title="Late")])
    assert assignments(contio) == [(mine.id, {ADA, GRACE})]
    assert not contio.client().user.action_items.get(elsewhere.id).has_partner_assignment


@pytest.mark.parametrize("trigger", ["meeting_ended", "meeting_summary_ready"])
def test_before_release_1_6_what_is_assigned_is_told_as_a_workflows(trigger: str) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, release="1.5")
    contio.client(ADA)
    wish = {"name": "Desk", "trigger_type": trigger, "actions": [{"type": "x"}]}
    workflow = contio.admin().admin.workflows.create(wish)
    made = create(contio.client())
    item = contio.client().user.action_items.create({"meeting_id": made.id, "title": "Do it"})
    completed(contio, made.id, action_items=[])
    assert "automation.assignment.created" not in types(contio)
    _, data, readers = told(contio, types(contio).index("workflow.assignment.created"))
    assert (data["workflow_id"], data["action_item_id"]) == (workflow.id, item.id)
    assert data["workflow_data_payload"] == {"trigger_type": trigger}
    assert readers == {ADA}
    assert types(contio).count("workflow.assignment.created") == 1


def piloted(contio: FakeContio) -> str:
    """A template with an autopilot step that has a default webhook button; its id."""
    store, app = contio.sandbox.store, contio.sandbox.app
    dated: dict[str, Any] = {"created_at": contio.clock.now, "updated_at": contio.clock.now}
    own = {"app_id": app.id, **dated}
    button = store.action_buttons.insert(
        ActionButtonRecord(
            id=UNKNOWN_ID, name="Post", content_format="markdown", delivery_mechanism="webhook", **own
        )
    )
    step = store.next_steps.insert(
        NextStepRecord(
            id=UNKNOWN_ID, name="Minutes", type="ai", ai_prompt="Sum up.", default_action_button_id=button.id,
            action_buttons=(ActionButtonLink(action_button_id=button.id),), **own,
        )
    )  # fmt: skip
    links = (NextStepLink(next_step_id=step.id, autopilot=True),)
    template = TemplateRecord(id=UNKNOWN_ID, name="T", ownership_type="SYSTEM", next_steps=links, **dated)
    return store.templates.insert(template).id


def test_a_completed_meeting_runs_its_autopilot_and_those_in_it_hear(heard_by: FakeContio) -> None:
    contio = heard_by
    made = with_people(contio, GRACE, KATHERINE, template_id=piloted(contio))
    completed(contio, made.id, action_items=[], summary_notes="We agreed to sign.")
    assert types(contio)[-3:] == ["meeting.completed", "next_step.completed", "action_button.triggered"]
    _, written, readers = told(contio, -2)
    assert (written["execution_mode"], written["executed_by"]) == ("AUTOPILOT", "system")
    assert (written["meeting_id"], written["next_step_id"]) == (made.id, UNKNOWN_ID)
    assert readers == {ADA, GRACE}
    _, pressed, readers = told(contio, -1)
    assert (pressed["trigger_mode"], pressed["result_id"]) == ("AUTOPILOT", written["result_id"])
    assert readers == {ADA, GRACE}
    assert actor(contio, -1) is actor(contio, -2) is None
    result = contio.client(GRACE).user.next_steps.result(written["result_id"])
    assert "We agreed to sign." in (result.generated_text or "")
    with pytest.raises(NotFound):
        contio.client(LINUS).user.next_steps.result(written["result_id"])


def test_a_copy_takes_the_people_of_its_workspace_along(heard_by: FakeContio) -> None:
    contio = heard_by
    mary, stranger = "mary@example.net", "stranger@example.org"
    colleague(contio, mary, LINUS)
    made = with_people(contio, GRACE, LINUS, mary, stranger)
    events = len(contio.events)
    twin = contio.control.mock.simulate.meeting_copied({"meeting_id": made.id, "email": LINUS})
    there = contio.client(LINUS).user.participants.list(twin.id).items
    assert [(person.email, person.role) for person in there] == [(LINUS, "EDITOR"), (mary, "VIEWER")]
    assert len(contio.events) == events + 1, "one event, whoever came along"
    kind, data, readers = told(contio)
    assert (kind, data["meeting_id"]) == ("meeting.created", twin.id)
    assert readers == {LINUS, mary}, "the people of the original hear nothing of the copy"
    assert twin.id in {m.id for m in contio.client(mary).user.meetings.list(limit=100).items}
    for email in (ADA, GRACE):
        with pytest.raises(NotFound):
            contio.client(email).user.meetings.get(twin.id)
    originals = contio.client(ADA).user.participants.list(made.id).items
    assert len(originals) == 5


def colleague(contio: FakeContio, email: str, of: str) -> None:
    """Let somebody new work in another user's workspace."""
    contio.client(email)
    user, other = (contio.sandbox.store.users.first("email", who) for who in (email, of))
    assert user is not None
    assert other is not None
    contio.sandbox.store.users.replace(user, workspace_id=other.workspace_id)


# ---------------------------------------------------------------- by the clock


@pytest.fixture
def make_contio(contio_defaults: dict[str, Any]) -> Any:
    return lambda **given: FakeContio(**contio_defaults, **given)


def test_by_default_the_clock_moves_no_meeting(contio: FakeContio) -> None:
    made = create(contio.client(), start_time=contio.clock.now + timedelta(hours=1))
    contio.clock.advance("30d")
    assert contio.client().user.meetings.get(made.id) == made


def test_the_clock_can_start_end_and_complete_meetings(make_contio: Any) -> None:
    contio = make_contio(profile={"meeting_lifecycle": "clock", "meeting_completion_seconds": 90})
    client, begin = contio.client(), contio.clock.now + timedelta(hours=1)
    made = create(client, start_time=begin, end_time=begin + timedelta(hours=1))
    seen = []
    for by in ("59m59s", "1s", "59m59s", "1s", "89s", "1s"):
        contio.clock.advance(by)
        seen.append(client.user.meetings.get(made.id).status)
    assert seen == ["scheduled", "in_progress", "in_progress", "ended", "ended", "completed"]
    mine = [e.type for e in contio.events if e.data["meeting_id"] == made.id]
    assert mine == [*LIVED, "action_item.created"]
    (last,) = [e for e in contio.events if e.type == "meeting.completed" and e.data["meeting_id"] == made.id]
    assert last.at == begin + timedelta(hours=1, seconds=90)


def test_a_meeting_that_is_moved_starts_at_its_new_time_only(make_contio: Any) -> None:
    contio = make_contio(profile={"meeting_lifecycle": "clock"})
    client, begin = contio.client(), contio.clock.now + timedelta(hours=1)
    made = create(client, start_time=begin)
    client.user.meetings.update(made.id, MeetingUpdate(start_time=begin + timedelta(hours=1)))
    contio.clock.advance("90m")
    assert client.user.meetings.get(made.id).status == "scheduled"
    contio.clock.advance("30m")
    assert client.user.meetings.get(made.id).status == "in_progress"


def test_meetings_of_the_scenario_live_by_the_clock_too_also_after_a_reset(make_contio: Any) -> None:
    contio = make_contio(profile={"meeting_lifecycle": "clock"})
    for _ in range(2):
        contio.clock.advance("60d")
        left = {m.status for m in contio.client().user.meetings.list(limit=100).items}
        assert left <= {"draft", "completed"}
        contio.reset()


def test_the_clock_begins_and_ceases_to_rule_with_the_setting(contio: FakeContio) -> None:
    client = contio.client()
    first = create(client, start_time=contio.clock.now + timedelta(hours=1))
    contio.settings(profile={"meeting_lifecycle": "clock"})
    contio.clock.advance("1h")
    assert client.user.meetings.get(first.id).status == "in_progress"
    second = create(client, start_time=contio.clock.now + timedelta(hours=1))
    contio.settings(profile={"meeting_lifecycle": "simulate"})
    contio.clock.advance("1h")
    assert client.user.meetings.get(second.id).status == "scheduled"


def test_a_step_by_hand_is_not_taken_again_by_the_clock(make_contio: Any) -> None:
    contio = make_contio(profile={"meeting_lifecycle": "clock"})
    begin = contio.clock.now + timedelta(hours=1)
    made = create(contio.client(), start_time=begin, end_time=begin + timedelta(hours=1))
    completed(contio, made.id)
    contio.clock.advance("1d")
    mine = [e.type for e in contio.events if e.data["meeting_id"] == made.id]
    assert mine == [*LIVED, "action_item.created"]


# ---------------------------------------------------------------- who may change one


@pytest.mark.parametrize(("option", "allowed"), [("participants", True), ("editors", False)])
def test_who_may_change_a_meeting_is_an_option(make_contio: Any, option: str, allowed: bool) -> None:
    contio = make_contio(profile={"meeting_update_by": option})
    grace = contio.client("grace@example.com").user.profile.get()
    shared = next(
        m
        for m in contio.client("grace@example.com").user.meetings.list(limit=100).items
        if m.created_by_user_id == grace.id
    )
    contio.client("grace@example.com").user.meetings.update(shared.id, MeetingUpdate(title="By the owner"))
    ada = contio.client("ada@example.com")
    if allowed:
        assert ada.user.meetings.update(shared.id, MeetingUpdate(title="By Ada")).title == "By Ada"
        return
    with pytest.raises(Forbidden):
        ada.user.meetings.update(shared.id, MeetingUpdate(title="By Ada"))
    assert ada.user.meetings.get(shared.id).title == "By the owner"


def test_a_simulation_says_what_is_wrong_with_its_request(contio: FakeContio, raw: Any) -> None:
    assert raw.code("POST", "/_mock/simulate/meeting-started", {}) == (400, "validation_error")
    assert raw.code("POST", "/_mock/simulate/meeting-started", {"meeting_id": "x"})[0] == 400
