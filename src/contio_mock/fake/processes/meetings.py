"""The life of a meeting: it starts, ends and is completed, by the control plane or by the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contio_mock.contract.meeting_events import MeetingCompleted, MeetingCreated, MeetingUpdated
from contio_mock.contract.meetings import DetailLevel
from contio_mock.contract.shared import trusted
from contio_mock.contract.wire import Request
from contio_mock.fake.jobs import job, schedule
from contio_mock.fake.records import MeetingCopy, MeetingRecord, Segment, TranscriptRecord, UserRecord
from contio_mock.fake.rules import conversation
from contio_mock.fake.rules import meetings as rules
from contio_mock.fake.sandbox import BEGINNINGS, Context, Sandbox


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


FollowUp = Callable[[Context, MeetingRecord, Sequence[Task]], None]

FOLLOW_UPS: tuple[FollowUp, ...] = ()
"""What is made of a completed meeting and its tasks, in this order, all by the system."""


def created_event(meeting: MeetingRecord) -> MeetingCreated:
    """The event of a new meeting."""
    return trusted(
        MeetingCreated,
        created_at=meeting.created_at,
        created_by_user_id=meeting.created_by_user_id,
        meeting_id=meeting.id,
        title=meeting.title,
        workspace_id=meeting.workspace_id,
    )


def updated_event(meeting: MeetingRecord) -> MeetingUpdated:
    """The event of a change of a meeting's properties."""
    return trusted(
        MeetingUpdated,
        meeting_id=meeting.id,
        scheduled_start=meeting.start_time,
        title=meeting.title,
        updated_at=meeting.updated_at,
        workspace_id=meeting.workspace_id,
    )


# ---------------------------------------------------------------- transitions


def start(ctx: Context, meeting: MeetingRecord) -> MeetingRecord:
    """Let a meeting begin, by the system."""
    return _moved_on(ctx, meeting, rules.started(meeting, ctx.now))


def end(ctx: Context, meeting: MeetingRecord) -> MeetingRecord:
    """Let a meeting end, by the system."""
    return _moved_on(ctx, meeting, rules.ended(meeting, ctx.now))


def _moved_on(ctx: Context, meeting: MeetingRecord, changes: dict[str, Any]) -> MeetingRecord:
    meeting = ctx.store.meetings.replace(meeting, **changes, updated_at=ctx.now)
    if ctx.profile.update_event_of_status == "yes":
        ctx.emit(updated_event(meeting), audience=meeting.viewer_ids, by_system=True)
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
    ctx.emit(_completed_event(meeting, ctx.now), audience=meeting.viewer_ids, by_system=True)
    for follow_up in FOLLOW_UPS:
        follow_up(ctx, meeting, tasks)
    return Outcome(meeting, segments, tasks)


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
    """What is on the agenda: the items that the meeting's template brings."""
    template = ctx.store.templates.get(meeting.template_id) if meeting.template_id else None
    return [item.title for item in template.agenda_items] if template is not None else []


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
            "viewer_ids": frozenset({owner.id, *there}),
            "editor_ids": frozenset({owner.id}),
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
    ctx.emit(created_event(twin), audience=twin.viewer_ids, by_system=True)
    plan(ctx, twin)
    return twin


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


@job(emits=(MeetingUpdated, MeetingCompleted))
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
