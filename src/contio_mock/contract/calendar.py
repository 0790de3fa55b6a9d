"""Calendar events of a user, and the meetings that are linked to them."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    INVALID_REQUEST_BODY,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.meeting_events import MeetingCreated, MeetingUpdated, ParticipantAdded
from contio_mock.contract.meetings import (
    INVALID_END_DATE,
    INVALID_MEETING_ID,
    INVALID_START_DATE,
    MEETING_NOT_FOUND,
    Meeting,
    MeetingId,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
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

TAG = "Calendar"

INVALID_CALENDAR_EVENT_ID = ErrorCode(
    400, "invalid_calendar_event_id", "The calendar event id is not a UUID."
)
MISSING_START_DATE = ErrorCode(400, "missing_start_date", "start_date is required.")
MISSING_END_DATE = ErrorCode(400, "missing_end_date", "end_date is required.")
CALENDAR_EVENT_NOT_FOUND = ErrorCode(404, "not_found", "There is no such calendar event of yours.")
EVENT_LINKED = ErrorCode(
    409, "calendar_event_already_linked", "The calendar event is linked to another meeting."
)
EVENT_LINKED_400 = ErrorCode(
    400, "calendar_event_already_linked", "The calendar event is linked to another meeting."
)
MEETING_LINKED = ErrorCode(
    400, "meeting_already_linked", "The meeting is linked to another calendar event; unlink it first."
)
WORKSPACE_MISMATCH = ErrorCode(
    400, "calendar_workspace_mismatch", "The calendar event and the meeting are in different workspaces."
)

AttendeeReply = Literal["accepted", "declined", "tentative", "needs_action"]
AttendeeType = Literal["required", "optional", "resource"]

CalendarEventId = Annotated[Id, Invalid(INVALID_CALENDAR_EVENT_ID)]
RangeEnd = Annotated[
    DateFilter | str,
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""One end of a range of time: RFC 3339, or a plain date. What is neither stays text, because a missing
end of the range is told before a broken one."""


class CalendarAttendee(Model):
    """Somebody, or a room, invited to a calendar event."""

    email: str
    name: str | None = None
    status: str | None = None
    """Their reply: accepted, declined, tentative or needs_action."""
    type: str | None = None
    """required, optional or resource."""


class CalendarEvent(Model):
    """An event in the user's external calendar."""

    id: Id
    title: str
    start_time: Annotated[Timestamp, Local()]
    """In the caller's time zone."""
    end_time: Annotated[Timestamp, Local()]
    """In the caller's time zone."""
    description: str | None = None
    location: str | None = None
    organizer: CalendarAttendee | None = None
    attendees: list[CalendarAttendee]
    linked_meetings: list[Id]
    """Every meeting that is linked to the event, the oldest first."""
    meeting_id: Id | None = None
    """The first of the linked meetings; `linked_meetings` took its place."""


class MeetingOfEvent(Model):
    """The meeting of a calendar event, new or found."""

    created: bool
    """False when there was one already."""
    meeting: Meeting
    message: str


class CalendarEventLink(Input):
    """Which calendar event a meeting is to be linked to."""

    calendar_event_id: Annotated[Id, Field(max_length=255)]


class CalendarLinkResult(Model):
    """What became of a link between a meeting and a calendar event."""

    success: bool
    message: str


@endpoint(
    "GET",
    "/v1/partner/user/calendar/events",
    auth=user("calendar:read"),
    raises=(MISSING_START_DATE, MISSING_END_DATE, INVALID_START_DATE, INVALID_END_DATE),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListCalendarEvents(Operation[Page[CalendarEvent]]):
    """List the events of the user's calendar in a range of time, by their start."""

    start_date: RangeEnd | None = None
    """Needed, here or as `start`."""
    end_date: RangeEnd | None = None
    """Needed, here or as `end`; a plain date includes its day."""
    start: RangeEnd | None = None
    """`start_date` in its older spelling."""
    end: RangeEnd | None = None
    """`end_date` in its older spelling."""
    limit: Limit = 25
    offset: Offset = 0
    direction: Literal["asc", "desc"] = "asc"


@endpoint(
    "GET",
    "/v1/partner/user/calendar/events/{calendar_event_id}",
    auth=user("calendar:read"),
    raises=(INVALID_CALENDAR_EVENT_ID, FORBIDDEN, CALENDAR_EVENT_NOT_FOUND),
    not_found=CALENDAR_EVENT_NOT_FOUND,
    tag=TAG,
)
class GetCalendarEvent(Operation[CalendarEvent]):
    """Read one event of the user's calendar."""

    calendar_event_id: CalendarEventId


@endpoint(
    "POST",
    "/v1/partner/user/calendar/events/{calendar_event_id}/meeting",
    auth=user("calendar:write"),
    success=201,
    also=(200,),
    idempotency_key=since(R1_9),
    raises=(INVALID_CALENDAR_EVENT_ID, CALENDAR_EVENT_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=CALENDAR_EVENT_NOT_FOUND,
    emits=(MeetingCreated, ParticipantAdded),
    tag=TAG,
)
class CreateCalendarEventMeeting(Operation[MeetingOfEvent]):
    """Make a meeting of a calendar event: 201 for a new one, 200 for the one there is already."""

    calendar_event_id: CalendarEventId


@endpoint(
    "POST",
    "/v1/partner/user/meetings/{id}/calendar/link",
    auth=user("calendar:write"),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_MEETING_ID,
        EVENT_LINKED_400,
        MEETING_LINKED,
        WORKSPACE_MISMATCH,
        FORBIDDEN,
        MEETING_NOT_FOUND,
        CALENDAR_EVENT_NOT_FOUND,
        EVENT_LINKED,
    ),
    invalid=INVALID_REQUEST_BODY,
    not_found=MEETING_NOT_FOUND,
    emits=(MeetingUpdated,),
    tag=TAG,
)
class LinkCalendarEvent(Operation[CalendarLinkResult]):
    """Link a meeting to an event of the user's calendar; for the meeting's owner and editors."""

    id: MeetingId
    body: CalendarEventLink


@endpoint(
    "DELETE",
    "/v1/partner/user/meetings/{id}/calendar/unlink",
    auth=user("calendar:write"),
    idempotency_key=since(R1_9),
    raises=(INVALID_MEETING_ID, FORBIDDEN, MEETING_NOT_FOUND),
    not_found=MEETING_NOT_FOUND,
    emits=(MeetingUpdated,),
    tag=TAG,
)
class UnlinkCalendarEvent(Operation[CalendarLinkResult]):
    """Take the link between a meeting and its calendar event away; for the owner and editors."""

    id: MeetingId


class Calendar(Resource[S_co]):
    """The user's calendar, as a client calls it."""

    list = call(ListCalendarEvents)
    get = call(GetCalendarEvent)
    create_meeting = call(CreateCalendarEventMeeting)
    link = call(LinkCalendarEvent)
    unlink = call(UnlinkCalendarEvent)
