"""What an external calendar does, made to happen: events come in, change and go."""

from typing import Annotated

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.calendar import AttendeeReply, AttendeeType, CalendarEvent
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.meeting_events import (
    CalendarEventCreated,
    CalendarEventDeleted,
    CalendarEventUpdated,
    MeetingUpdated,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input, Timestamp

TAG = "Control"

NO_SUCH_EVENT = ErrorCode(404, "not_found", "There is no calendar event with this id.")
ENDS_BEFORE_START = ErrorCode(400, "invalid_time_range", "A calendar event may not end before it starts.")

EventTitle = Annotated[str, Field(min_length=1, max_length=1024)]


class Invitation(Input):
    """Somebody, or a room, that the event invites."""

    email: Email
    name: str | None = None
    """A user's display name unless said."""
    status: AttendeeReply = "needs_action"
    type: AttendeeType = "required"


class SyncedEvent(Input):
    """An event that comes in from a user's external calendar."""

    email: Email
    """Whose calendar it is in; they are its organizer unless said."""
    title: EventTitle
    start_time: Timestamp
    end_time: Timestamp
    description: str | None = None
    location: str | None = None
    organizer: Email | None = None
    attendees: list[Invitation] | None = None
    is_all_day: bool = False
    uid: str | None = None
    """By what copies in several calendars are known as one event; made up unless said."""


class ChangedEvent(Input):
    """What changed in the external calendar; members that are absent or null stay as they are."""

    calendar_event_id: Id
    title: EventTitle | None = None
    start_time: Timestamp | None = None
    end_time: Timestamp | None = None
    description: str | None = None
    location: str | None = None
    attendees: list[Invitation] | None = None
    is_all_day: bool | None = None


class DeletedEvent(Input):
    """Which event was cancelled or deleted in the external calendar."""

    calendar_event_id: Id


@endpoint(
    "POST",
    "/_mock/simulate/calendar-event-synced",
    auth=PUBLIC,
    success=201,
    raises=(UNKNOWN_USER, ENDS_BEFORE_START),
    emits=(CalendarEventCreated,),
    tag=TAG,
)
class MockSimulateCalendarEventSynced(Operation[CalendarEvent]):
    """Let an event come in from a user's external calendar."""

    body: SyncedEvent


@endpoint(
    "POST",
    "/_mock/simulate/calendar-event-changed",
    auth=PUBLIC,
    raises=(NO_SUCH_EVENT, ENDS_BEFORE_START),
    emits=(CalendarEventUpdated, MeetingUpdated),
    tag=TAG,
)
class MockSimulateCalendarEventChanged(Operation[CalendarEvent]):
    """Let an event change in its owner's external calendar."""

    body: ChangedEvent


@endpoint(
    "POST",
    "/_mock/simulate/calendar-event-deleted",
    auth=PUBLIC,
    success=204,
    raises=(NO_SUCH_EVENT,),
    emits=(CalendarEventDeleted, MeetingUpdated),
    tag=TAG,
)
class MockSimulateCalendarEventDeleted(Operation[None]):
    """Let an event be deleted in its owner's external calendar; its meetings lose their link."""

    body: DeletedEvent
