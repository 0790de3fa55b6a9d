"""Meetings that start, end, are completed and are copied, because somebody says so."""

from __future__ import annotations

from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.contract.meetings import Meeting, MeetingStatus
from contio_mock.contract.simulate_meetings import (
    CANNOT_COPY,
    UNKNOWN_MEETING,
    WRONG_STATUS,
    CompletedMeeting,
    MeetingCopyWish,
    MeetingTask,
    MockSimulateMeetingCompleted,
    MockSimulateMeetingCopied,
    MockSimulateMeetingEnded,
    MockSimulateMeetingStarted,
    SpokenSegment,
)
from contio_mock.fake import workspaces
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import meetings as life
from contio_mock.fake.records import MeetingRecord, Segment, UserRecord
from contio_mock.fake.rules import meetings as rules
from contio_mock.fake.sandbox import Context


@MockSimulateMeetingStarted.handler
def mock_simulate_meeting_started(ctx: Context, op: MockSimulateMeetingStarted) -> Meeting:
    return life.start(ctx, _ready(ctx, op.body.meeting_id, "in_progress"))


@MockSimulateMeetingEnded.handler
def mock_simulate_meeting_ended(ctx: Context, op: MockSimulateMeetingEnded) -> Meeting:
    return life.end(ctx, _ready(ctx, op.body.meeting_id, "ended"))


@MockSimulateMeetingCompleted.handler
def mock_simulate_meeting_completed(ctx: Context, op: MockSimulateMeetingCompleted) -> CompletedMeeting:
    wish, meeting = op.body, _ready(ctx, op.body.meeting_id, "completed")
    segments, tasks = wish.transcript, wish.action_items
    outcome = life.complete(
        ctx,
        meeting,
        summary_notes=wish.summary_notes,
        segments=None if segments is None else tuple(map(_segment, segments)),
        tasks=None if tasks is None else tuple(_task(ctx, task) for task in tasks),
    )
    return CompletedMeeting(
        meeting=outcome.meeting,
        transcript=[SpokenSegment(**segment.model_dump()) for segment in outcome.segments],
        action_items=[
            MeetingTask(
                title=task.title,
                assignee_email=task.assignee.email if task.assignee else None,
                due_date=task.due_date,
            )
            for task in outcome.tasks
        ],
    )


def _segment(said: SpokenSegment) -> Segment:
    if said.end_seconds <= said.start_seconds:
        raise ApiError(VALIDATION_ERROR, "transcript: end_seconds must be after start_seconds.")
    return Segment(**said.model_dump(include=set(Segment.model_fields)))


def _task(ctx: Context, wish: MeetingTask) -> life.Task:
    assignee = _user(ctx, wish.assignee_email) if wish.assignee_email else None
    return life.Task(wish.title, assignee, wish.due_date)


def _ready(ctx: Context, meeting_id: str, to: MeetingStatus) -> MeetingRecord:
    meeting = _meeting(ctx, meeting_id)
    problem = rules.transition_problem(meeting, to)
    if problem is not None:
        raise ApiError(WRONG_STATUS, problem)
    return meeting


def _meeting(ctx: Context, meeting_id: str) -> MeetingRecord:
    meeting = ctx.store.meetings.get(meeting_id)
    if meeting is None:
        raise ApiError(UNKNOWN_MEETING)
    return meeting


def _user(ctx: Context, email: str) -> UserRecord:
    user = ctx.store.users.first("email", email.lower())
    if user is None:
        raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {email}.")
    return user


@MockSimulateMeetingCopied.handler
def mock_simulate_meeting_copied(ctx: Context, op: MockSimulateMeetingCopied) -> Meeting:
    meeting, owner = _meeting(ctx, op.body.meeting_id), _new_owner(ctx, op.body)
    if owner.workspace_id == meeting.workspace_id:
        raise ApiError(CANNOT_COPY, "The meeting is in that workspace already.")
    for copy in meeting.copies:
        if copy.workspace_id == owner.workspace_id and ctx.store.meetings.get(copy.meeting_id):
            raise ApiError(CANNOT_COPY, f"The meeting was copied there before, as {copy.meeting_id}.")
    return life.copy_into(ctx, meeting, owner)


def _new_owner(ctx: Context, wish: MeetingCopyWish) -> UserRecord:
    """The user who gets the copy: the one who is named, or the first owner of the workspace."""
    if (wish.email is None) == (wish.workspace is None):
        raise ApiError(VALIDATION_ERROR, "Say either email or workspace.")
    if wish.email is not None:
        return _user(ctx, wish.email)
    workspace = workspaces.named(ctx, wish.workspace or "")
    people = ctx.store.users.under("workspace", workspace.id)
    if not people:
        raise ApiError(CANNOT_COPY, f"Nobody works in {workspace.name}.")
    return min(people, key=lambda user: user.workspace_role != "WORKSPACE_OWNER")
