"""Calendar events."""

from __future__ import annotations

from datetime import date, datetime

from contio_mock.contract.calendar import (
    CALENDAR_EVENT_NOT_FOUND,
    EVENT_LINKED,
    EVENT_LINKED_400,
    MEETING_LINKED,
    MISSING_END_DATE,
    MISSING_START_DATE,
    WORKSPACE_MISMATCH,
    CalendarEvent,
    CalendarLinkResult,
    CreateCalendarEventMeeting,
    GetCalendarEvent,
    LinkCalendarEvent,
    ListCalendarEvents,
    MeetingOfEvent,
    UnlinkCalendarEvent,
)
from contio_mock.contract.errors import FORBIDDEN, INVALID_QUERY_PARAMETERS, ErrorCode
from contio_mock.contract.meetings import INVALID_END_DATE, INVALID_START_DATE, MEETING_NOT_FOUND
from contio_mock.contract.operation import Reply
from contio_mock.contract.shared import Page
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import calendar as process
from contio_mock.fake.records import CalendarEventRecord, MeetingRecord
from contio_mock.fake.sandbox import Context


@ListCalendarEvents.handler
def list_calendar_events(ctx: Context, op: ListCalendarEvents) -> Page[CalendarEvent]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    start, end = _range(ctx, op)
    found = process.in_range(ctx, ctx.user.id, start, end, limit, offset, newest_first=op.direction == "desc")
    return paging.page(*found, limit, offset)


def _range(ctx: Context, op: ListCalendarEvents) -> tuple[datetime, datetime]:
    """The range that is asked for; what is missing is told before what is broken, the start first."""
    first, last = op.start_date or op.start, op.end_date or op.end
    if not first:
        raise ApiError(MISSING_START_DATE)
    if not last:
        raise ApiError(MISSING_END_DATE)
    low, high = paging.moments(ctx, _read(first, INVALID_START_DATE), _read(last, INVALID_END_DATE))
    if low is None or high is None or (high < low and ctx.profile.reversed_calendar_range == "reject"):
        raise ApiError(INVALID_QUERY_PARAMETERS, "end_date must not be before start_date.")
    return low, high


def _read(sent: datetime | date | str, error: ErrorCode) -> datetime | date:
    if isinstance(sent, str):
        raise ApiError(error)
    return sent


@GetCalendarEvent.handler
def get_calendar_event(ctx: Context, op: GetCalendarEvent) -> CalendarEvent:
    event = ctx.store.calendar_events.get(op.calendar_event_id)
    foreign = event is not None and event.owner_id != ctx.user.id
    if foreign and ctx.profile.foreign_calendar_event == "forbidden":
        raise ApiError(FORBIDDEN, "This event is in somebody else's calendar.")
    return _own(ctx, op.calendar_event_id)


def _own(ctx: Context, id_: str) -> CalendarEventRecord:
    """The event, if it is in the caller's calendar; raises ApiError."""
    event = ctx.store.calendar_events.get(id_)
    if event is None or event.owner_id != ctx.user.id:
        raise ApiError(CALENDAR_EVENT_NOT_FOUND)
    return event


@CreateCalendarEventMeeting.handler
def create_calendar_event_meeting(
    ctx: Context, op: CreateCalendarEventMeeting
) -> MeetingOfEvent | Reply[MeetingOfEvent]:
    event = _own(ctx, op.calendar_event_id)
    found = process.found_meeting(ctx, event)
    if found is not None:
        said = "The calendar event has a meeting already."
        return Reply(MeetingOfEvent(created=False, meeting=found, message=said), 200)
    made = process.meeting_from_event(ctx, event)
    return MeetingOfEvent(created=True, meeting=made, message="A meeting was made of the calendar event.")


@LinkCalendarEvent.handler
def link_calendar_event(ctx: Context, op: LinkCalendarEvent) -> CalendarLinkResult:
    meeting = lookup.editable_meeting(ctx, op.id)
    event = _own(ctx, op.body.calendar_event_id)
    if meeting.calendar_event_id == event.id and ctx.profile.relinking == "success":
        return CalendarLinkResult(success=True, message="The meeting is linked to this event already.")
    _check_free(ctx, meeting, event)
    process.link(ctx, meeting, event)
    return CalendarLinkResult(success=True, message="The meeting was linked to the calendar event.")


def _check_free(ctx: Context, meeting: MeetingRecord, event: CalendarEventRecord) -> None:
    if meeting.calendar_event_id is not None:
        raise ApiError(MEETING_LINKED)
    if event.linked_meetings:
        conflict = ctx.profile.linked_event_status == "409"
        raise ApiError(EVENT_LINKED if conflict else EVENT_LINKED_400)
    if ctx.user.workspace_id != meeting.workspace_id:
        raise ApiError(WORKSPACE_MISMATCH)


@UnlinkCalendarEvent.handler
def unlink_calendar_event(ctx: Context, op: UnlinkCalendarEvent) -> CalendarLinkResult:
    meeting = lookup.editable_meeting(ctx, op.id)
    if meeting.calendar_event_id is not None:
        process.unlink(ctx, meeting)
    elif ctx.profile.unlink_without_link == "not_found":
        raise ApiError(MEETING_NOT_FOUND, "No calendar event is linked to this meeting.")
    return CalendarLinkResult(success=True, message="The meeting is linked to no calendar event now.")
