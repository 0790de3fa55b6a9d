"""The control plane lets meetings start, end, be completed and be copied, as Contio does by itself."""

from datetime import date
from typing import Annotated

from pydantic import Field

from contio_mock.contract.app_events import AutomationAssignmentCreated, WorkflowAssignmentCreated
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode
from contio_mock.contract.meeting_events import (
    ActionButtonTriggered,
    ActionItemCreated,
    MeetingCompleted,
    MeetingCreated,
    MeetingUpdated,
    NextStepCompleted,
    ParticipantAdded,
)
from contio_mock.contract.meetings import Meeting
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input, Model

TAG = "Control"

UNKNOWN_MEETING = ErrorCode(404, "not_found", "This sandbox has no meeting with that id.")
WRONG_STATUS = ErrorCode(409, "wrong_status", "The meeting's status does not allow this.")
UNKNOWN_WORKSPACE = ErrorCode(400, "unknown_workspace", "This sandbox has no such workspace.")
CANNOT_COPY = ErrorCode(409, "cannot_copy", "The meeting cannot be copied there.")
LONGEST_SECONDS = 10_000_000.0
"""A hundred days of talk."""

Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS)]


class MeetingNamed(Input):
    """Which meeting."""

    meeting_id: Id


class SpokenSegment(Model):
    """What one person said, in seconds from the meeting's beginning."""

    speaker: Annotated[str, Field(min_length=1, max_length=255)]
    text: str
    start_seconds: Seconds
    end_seconds: Seconds
    """Later than its start."""


class MeetingTask(Model):
    """An action item that follows from a meeting."""

    title: Annotated[str, Field(min_length=1, max_length=255)]
    assignee_email: Email | None = None
    """A user of this sandbox."""
    due_date: date | None = None


class MeetingCompletion(Input):
    """Which meeting, and what came of it; what is left out is made up, the same for the same seed."""

    meeting_id: Id
    summary_notes: str | None = None
    transcript: list[SpokenSegment] | None = None
    """An empty one means that nothing was said."""
    action_items: list[MeetingTask] | None = None


class CompletedMeeting(Model):
    """A completed meeting and what came of it."""

    meeting: Meeting
    transcript: list[SpokenSegment]
    action_items: list[MeetingTask]


class MeetingCopyWish(Input):
    """Which meeting, and into whose workspace: a user's, or one by name or id for its owner."""

    meeting_id: Id
    email: Email | None = None
    workspace: str | None = None


@endpoint(
    "POST",
    "/_mock/simulate/meeting-started",
    auth=PUBLIC,
    raises=(UNKNOWN_MEETING, WRONG_STATUS),
    emits=(MeetingUpdated,),
    tag=TAG,
)
class MockSimulateMeetingStarted(Operation[Meeting]):
    """Let a draft or scheduled meeting begin; meeting.updated tells of it."""

    body: MeetingNamed


@endpoint(
    "POST",
    "/_mock/simulate/meeting-ended",
    auth=PUBLIC,
    raises=(UNKNOWN_MEETING, WRONG_STATUS),
    emits=(MeetingUpdated, AutomationAssignmentCreated, WorkflowAssignmentCreated),
    tag=TAG,
)
class MockSimulateMeetingEnded(Operation[Meeting]):
    """Let a meeting in progress end; meeting.updated tells of it."""

    body: MeetingNamed


@endpoint(
    "POST",
    "/_mock/simulate/meeting-completed",
    auth=PUBLIC,
    raises=(VALIDATION_ERROR, UNKNOWN_MEETING, WRONG_STATUS, UNKNOWN_USER),
    emits=(
        MeetingCompleted,
        ActionItemCreated,
        AutomationAssignmentCreated,
        WorkflowAssignmentCreated,
        NextStepCompleted,
        ActionButtonTriggered,
    ),
    tag=TAG,
)
class MockSimulateMeetingCompleted(Operation[CompletedMeeting]):
    """Let the assistant finish an ended meeting: notes, transcript, action items and what they cause."""

    body: MeetingCompletion


@endpoint(
    "POST",
    "/_mock/simulate/meeting-copied",
    auth=PUBLIC,
    raises=(VALIDATION_ERROR, UNKNOWN_MEETING, UNKNOWN_USER, UNKNOWN_WORKSPACE, CANNOT_COPY),
    emits=(MeetingCreated, ParticipantAdded),
    tag=TAG,
)
class MockSimulateMeetingCopied(Operation[Meeting]):
    """Copy a meeting into another workspace, whose people the original then sends there (smart redirect)."""

    body: MeetingCopyWish
