"""The life of a meeting: it starts, ends and is completed, by the control plane or by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contio_mock.contract.app_events import AutomationAssignmentCreated, WorkflowAssignmentCreated
from contio_mock.contract.meeting_events import (
    ActionButtonTriggered,
    ActionItemCreated,
    MeetingCompleted,
    MeetingUpdated,
    NextStepCompleted,
)
from contio_mock.contract.meetings import DetailLevel
from contio_mock.contract.participants import ParticipantRole
from contio_mock.contract.shared import trusted
from contio_mock.contract.wire import Request
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.jobs import job, schedule
from contio_mock.fake.processes import meeting_news, participation
from contio_mock.fake.processes.action_items import create_action_item, offer_to_automations
from contio_mock.fake.processes.autopilot import run_autopilot
from contio_mock.fake.records import MeetingCopy, MeetingRecord, Segment, TranscriptRecord, UserRecord
from contio_mock.fake.rules import conversation
from contio_mock.fake.rules import meetings as rules
from contio_mock.fake.sandbox import BEGINNINGS, Context, Sandbox

FOLLOWING_EVENTS = (
    ActionItemCreated,
    AutomationAssignmentCreated,
    WorkflowAssignmentCreated,
    NextStepCompleted,
    ActionButtonTriggered,
)
"""What the completion of a meeting may lead to."""


@dataclass(frozen=True, slots=True)
class Task:
    """An action item that follows from a meeting."""

    title: str
    assignee: UserRecord | None = None
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a completed meeting left behind."""

    meeting: MeetingRecord
    segments: tuple[Segment, ...]
    tasks: tuple[Task, ...]


# ---------------------------------------------------------------- transitions


def start(ctx: Context, meeting: MeetingRecord) -> MeetingRecord:
    """Let a meeting begin, by the system."""
    return _moved_on(ctx, meeting, rules.started(meeting, ctx.now))


def end(ctx: Context, meeting: MeetingRecord) -> MeetingRecord:
    """Let a meeting end, by the system; who has an account was there."""
    participation.attend(ctx, meeting, ctx.now)
    offer_to_automations(ctx, meeting, "ended")
    return _moved_on(ctx, meeting, rules.ended(meeting, ctx.now))


def _moved_on(ctx: Context, meeting: MeetingRecord, changes: dict[str, Any]) -> MeetingRecord:
    meeting = ctx.store.meetings.replace(meeting, **changes, updated_at=ctx.now)
    if ctx.profile.update_event_of_status == "yes":
        meeting_news.updated(ctx, meeting, by_system=True)
    plan(ctx, meeting)
    return meeting


def complete(
    ctx: Context,
    meeting: MeetingRecord,
    *,
    summary_notes: str | None = None,
    segments: tuple[Segment, ...] | None = None,
    tasks: tuple[Task, ...] | None = None,
) -> Outcome:
    """Let the assistant finish a meeting, by the system; what is not given it makes up."""
    subject = _subject(ctx, meeting)
    if segments is None:
        segments = conversation.conversation(subject)
    if summary_notes is None:
        summary_notes = conversation.notes(subject, segments, _detail_level(ctx, meeting))
    if tasks is None:
        tasks = _promised(ctx, meeting, subject)
    meeting = ctx.store.meetings.replace(
        meeting, status="completed", summary_notes=summary_notes, completed_at=ctx.now, updated_at=ctx.now
    )
    ctx.store.transcripts.insert(
        TranscriptRecord(id=ctx.ids.uuid(), meeting_id=meeting.id, segments=segments)
    )
    ctx.emit(_completed_event(meeting, ctx.now), audience=meeting_readers(ctx, meeting), by_system=True)
    _follow_up(ctx, meeting, tasks)
    return Outcome(meeting, segments, tasks)


def _follow_up(ctx: Context, meeting: MeetingRecord, tasks: tuple[Task, ...]) -> None:
    """Make what a completed meeting leads to: its action items, and what its next steps do by themselves."""
    for task in tasks:
        create_action_item(
            ctx,
            meeting,
            title=task.title,
            assigned_to_user_id=task.assignee.id if task.assignee else None,
            due_date=task.due_date,
            by_system=True,
        )
    offer_to_automations(ctx, meeting, "summary_ready")
    run_autopilot(ctx, meeting)


def _completed_event(meeting: MeetingRecord, now: datetime) -> MeetingCompleted:
    return trusted(
        MeetingCompleted,
        completed_at=now,
        meeting_id=meeting.id,
        title=meeting.title,
        workspace_id=meeting.workspace_id,
    )


# ---------------------------------------------------------------- what is made up


def _subject(ctx: Context, meeting: MeetingRecord) -> conversation.Subject:
    return conversation.Subject(
        title=meeting.title,
        speakers=[user.display_name for user in _people(ctx, meeting)] or ["Somebody"],
        topics=_topics(ctx, meeting),
        number=ctx.ids.number(),
    )


def _people(ctx: Context, meeting: MeetingRecord) -> list[UserRecord]:
    """The users who take part, the one who created the meeting first."""
    users = [user for id_ in meeting.viewer_ids if (user := ctx.store.users.get(id_)) is not None]
    return sorted(users, key=lambda user: (user.id != meeting.created_by_user_id, user.display_name, user.id))


def _topics(ctx: Context, meeting: MeetingRecord) -> list[str]:
    """What is on the agenda."""
    return [item.title for item in ctx.store.agenda_items.under("meeting", meeting.id)]


def _detail_level(ctx: Context, meeting: MeetingRecord) -> DetailLevel:
    template = ctx.store.templates.get(meeting.template_id) if meeting.template_id else None
    from_template = template.detail_level if template is not None else None
    return meeting.detail_level or from_template or ctx.profile.default_detail_level


def _promised(ctx: Context, meeting: MeetingRecord, subject: conversation.Subject) -> tuple[Task, ...]:
    by_name = {user.display_name: user for user in reversed(_people(ctx, meeting))}
    due = (ctx.now + timedelta(days=7)).date()
    return tuple(
        Task(promise.title, by_name.get(promise.speaker), due) for promise in conversation.promises(subject)
    )


# ---------------------------------------------------------------- copies


def copy_into(ctx: Context, meeting: MeetingRecord, owner: UserRecord) -> MeetingRecord:
    """Copy a meeting into a user's workspace, by the system; those of its people see it there."""
    workspace_id, users = owner.workspace_id, ctx.store.users
    there = {
        id_ for id_ in meeting.viewer_ids if (user := users.get(id_)) and user.workspace_id == workspace_id
    }
    twin = meeting.model_copy(
        update={
            "id": ctx.ids.uuid(),
            "workspace_id": workspace_id,
            "created_by_user_id": owner.id,
            "created_at": ctx.now,
            "updated_at": ctx.now,
            "calendar_event_id": None,
            "viewer_ids": frozenset({owner.id}),
            "editor_ids": frozenset({owner.id}),
            "guest_ids": frozenset(),
            "copies": (),
        }
    )
    ctx.store.meetings.insert(twin)
    transcript = ctx.store.transcripts.first("meeting", meeting.id)
    if transcript is not None:
        ctx.store.transcripts.insert(
            transcript.model_copy(update={"id": ctx.ids.uuid(), "meeting_id": twin.id})
        )
    kept = (copy for copy in meeting.copies if copy.workspace_id != workspace_id)
    copies = (*kept, MeetingCopy(workspace_id=workspace_id, meeting_id=twin.id))
    ctx.store.meetings.replace(meeting, copies=copies)
    participation.add_owner(ctx, twin, owner)
    twin, _ = participation.admit(ctx, twin, _others(ctx, meeting, owner, there))
    meeting_news.created(ctx, twin, by_system=True)
    plan(ctx, twin)
    return twin


def _others(
    ctx: Context, meeting: MeetingRecord, owner: UserRecord, there: set[str]
) -> list[tuple[str, str, ParticipantRole]]:
    """Those of a meeting's people who go with it into another workspace, besides its owner there."""
    people = ctx.store.participants.under("meeting", meeting.id)
    return [(p.email, p.name, "VIEWER") for p in people if p.user_id in there and p.user_id != owner.id]


# ---------------------------------------------------------------- by the clock


def plan(ctx: Context, meeting: MeetingRecord) -> None:
    """Where meetings live by the clock: let the next step of this one come at its time."""
    if ctx.profile.meeting_lifecycle != "clock":
        return
    due = _next_step(ctx, meeting)
    if due is not None:
        schedule(ctx, max(due, ctx.now), go_on, meeting.id, meeting.status, due.isoformat())


def _next_step(ctx: Context, meeting: MeetingRecord) -> datetime | None:
    """When a meeting leaves its status by itself; None for never."""
    if meeting.status == "scheduled":
        return meeting.start_time
    if meeting.status == "in_progress":
        return meeting.end_time
    if meeting.status != "ended":
        return None
    wait = timedelta(seconds=ctx.profile.meeting_completion_seconds)
    return (meeting.ended_at or meeting.end_time or meeting.updated_at) + wait


@job(emits=(MeetingUpdated, MeetingCompleted, *FOLLOWING_EVENTS))
def go_on(ctx: Context, meeting_id: str, status: str, due: str) -> None:
    """Take the next step of a meeting, if it still stands where it stood and its time is the same."""
    meeting = ctx.store.meetings.get(meeting_id)
    if ctx.profile.meeting_lifecycle != "clock" or meeting is None or meeting.status != status:
        return
    moment = _next_step(ctx, meeting)
    if moment is None or moment.isoformat() != due:
        return
    if meeting.status == "scheduled":
        start(ctx, meeting)
    elif meeting.status == "in_progress":
        end(ctx, meeting)
    else:
        complete(ctx, meeting)


def plan_all(sandbox: Sandbox) -> None:
    """Plan every meeting there is: in a new sandbox, or when the clock begins to rule."""
    if sandbox.profile.meeting_lifecycle == "clock":
        ctx = Context(sandbox, Request("", ""), "", "")
        for meeting in list(sandbox.store.meetings):
            plan(ctx, meeting)


BEGINNINGS.append(plan_all)
