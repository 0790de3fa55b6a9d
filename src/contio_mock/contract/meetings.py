"""Meetings: what they are and how a user's token reads, creates and changes them."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    BAD_REQUEST,
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    PLAN_REQUIRED,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.meeting_events import (
    AgendaItemCreated,
    MeetingCreated,
    MeetingTemplateApplied,
    MeetingUpdated,
    ParticipantAdded,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call, following
from contio_mock.contract.shared import (
    DateFilter,
    Id,
    Input,
    Limit,
    Local,
    Model,
    Offset,
    Page,
    Timestamp,
)
from contio_mock.contract.wire import Text

TAG = "Meetings"

INVALID_MEETING_ID = ErrorCode(400, "invalid_meeting_id", "The meeting id is not a UUID.")
MEETING_NOT_FOUND = ErrorCode(404, "not_found", "There is no such meeting that you can see.")
TRANSCRIPT_NOT_FOUND = ErrorCode(404, "not_found", "The meeting has no transcript, or an empty one.")
UNSUPPORTED_FORMAT = ErrorCode(400, "bad_request", "The only format of a transcript is srt.")
INVALID_START_DATE = ErrorCode(400, "invalid_start_date", "start_date is not an ISO 8601 date.")
INVALID_END_DATE = ErrorCode(400, "invalid_end_date", "end_date is not an ISO 8601 date.")
INVALID_START_TIME = ErrorCode(400, "invalid_start_time", "start_time is not an RFC 3339 time.")
INVALID_END_TIME = ErrorCode(400, "invalid_end_time", "end_time is not an RFC 3339 time.")
INVALID_TIME_RANGE = ErrorCode(400, "invalid_time_range", "end_time must be after start_time.")

MeetingStatus = Literal["draft", "scheduled", "in_progress", "ended", "completed"]
DetailLevel = Literal["BULLET_POINTS", "STANDARD", "VERBATIM"]
Title = Annotated[str, Field(min_length=1, max_length=255)]
MeetingId = Annotated[Id, Invalid(INVALID_MEETING_ID)]


class Meeting(Model):
    """A meeting, as its participants see it."""

    id: Id
    title: str
    status: MeetingStatus
    workspace_id: Id
    created_by_user_id: Id
    created_at: Timestamp
    updated_at: Timestamp
    start_time: Annotated[Timestamp | None, Local()] = None
    """Scheduled start, in the caller's time zone."""
    end_time: Annotated[Timestamp | None, Local()] = None
    """Scheduled end, in the caller's time zone."""
    summary_notes: str | None = None
    """What the assistant wrote after the meeting."""
    calendar_event_id: Id | None = None
    """The linked calendar event."""
    redirect_to_meeting_id: Id | None = None
    """The copy in the caller's own workspace, when this meeting was copied there."""


class MeetingRedirect(Model):
    """That a meeting was copied into the caller's workspace, and where the copy is."""

    redirect_to_meeting_id: Id
    """The copy, to be read in the place of the meeting."""


class MeetingCreate(Input):
    """A meeting to be created; only the title is needed."""

    title: Title
    start_time: Annotated[Timestamp | None, Invalid(INVALID_START_TIME)] = None
    end_time: Annotated[Timestamp | None, Invalid(INVALID_END_TIME)] = None
    is_instant: bool | None = None
    """Start now."""
    template_id: Id | None = None
    """A template that is applied to the new meeting."""
    detail_level: DetailLevel | None = None
    """How detailed the notes are to be."""


class MeetingUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    title: Title | None = None
    start_time: Annotated[Timestamp | None, Invalid(INVALID_START_TIME)] = None
    end_time: Annotated[Timestamp | None, Invalid(INVALID_END_TIME)] = None
    template_id: Id | None = None
    detail_level: DetailLevel | None = None


@endpoint(
    "GET",
    "/v1/partner/user/meetings",
    auth=user("meetings:read"),
    raises=(INVALID_START_DATE, INVALID_END_DATE),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListMeetings(Operation[Page[Meeting]]):
    """List the meetings that the user can see, newest first."""

    limit: Limit = 25
    offset: Offset = 0
    start_date: Annotated[DateFilter | None, Invalid(INVALID_START_DATE)] = None
    """Only meetings that start at or after this moment."""
    end_date: Annotated[DateFilter | None, Invalid(INVALID_END_DATE)] = None
    """Only meetings that start at or before this moment; a plain date includes its day."""


@endpoint(
    "POST",
    "/v1/partner/user/meetings",
    auth=user("meetings:write"),
    success=201,
    idempotency_key=since(R1_9),
    raises=(INVALID_START_TIME, INVALID_END_TIME, INVALID_TIME_RANGE, INVALID_START_DATE),
    invalid=INVALID_REQUEST,
    emits=(MeetingCreated, MeetingTemplateApplied, MeetingUpdated, ParticipantAdded, AgendaItemCreated),
    tag=TAG,
)
class CreateMeeting(Operation[Meeting]):
    """Create a meeting on behalf of the token's user."""

    body: MeetingCreate


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}",
    auth=user("meetings:read"),
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND),
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class GetMeeting(Operation[Meeting | MeetingRedirect]):
    """Read one meeting, or hear where its copy in the caller's workspace is.

    A meeting that was copied answers with nothing but `redirect_to_meeting_id` (smart redirect).
    """

    id: MeetingId


@endpoint(
    "PATCH",
    "/v1/partner/user/meetings/{id}",
    auth=user("meetings:write"),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_MEETING_ID,
        INVALID_START_TIME,
        INVALID_END_TIME,
        INVALID_TIME_RANGE,
        MEETING_NOT_FOUND,
    ),
    invalid=INVALID_REQUEST,
    not_found=MEETING_NOT_FOUND,
    emits=(MeetingUpdated, MeetingTemplateApplied, ParticipantAdded, AgendaItemCreated),
    tag=TAG,
)
class UpdateMeeting(Operation[Meeting]):
    """Change a meeting; only the members that are sent change, its status never."""

    id: MeetingId
    body: MeetingUpdate


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}/transcript/export",
    auth=user("meetings:read"),
    lifetime=since(R1_9),
    raises=(
        BAD_REQUEST,
        INVALID_MEETING_ID,
        UNSUPPORTED_FORMAT,
        PLAN_REQUIRED,
        FORBIDDEN,
        MEETING_NOT_FOUND,
        TRANSCRIPT_NOT_FOUND,
    ),
    invalid=BAD_REQUEST,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ExportMeetingTranscript(Operation[Text]):
    """Read what was said in a meeting, as subtitles (SubRip). The workspace needs the plan ELITE."""

    id: MeetingId
    format: Annotated[Literal["srt"], Invalid(UNSUPPORTED_FORMAT)] = "srt"


def _copy(redirect: MeetingRedirect) -> GetMeeting:
    return GetMeeting(redirect.redirect_to_meeting_id)


class Meetings(Resource[S_co]):
    """Meetings, as a client calls them."""

    list = call(ListMeetings)
    create = call(CreateMeeting)
    get = following(GetMeeting, Meeting, _copy)
    update = call(UpdateMeeting)
    export_transcript = call(ExportMeetingTranscript)
