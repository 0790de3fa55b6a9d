"""What an external calendar does, made to happen."""

from __future__ import annotations

from contio_mock.contract.calendar import CalendarAttendee, CalendarEvent
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.meeting_events import (
    CalendarEventCreated,
    CalendarEventDeleted,
    CalendarEventUpdated,
)
from contio_mock.contract.shared import trusted
from contio_mock.contract.simulate_calendar import (
    ENDS_BEFORE_START,
    NO_SUCH_EVENT,
    Invitation,
    MockSimulateCalendarEventChanged,
    MockSimulateCalendarEventDeleted,
    MockSimulateCalendarEventSynced,
)
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import calendar as process
from contio_mock.fake.records import CalendarEventRecord, changes
from contio_mock.fake.sandbox import Context


@MockSimulateCalendarEventSynced.handler
def mock_simulate_calendar_event_synced(ctx: Context, op: MockSimulateCalendarEventSynced) -> CalendarEvent:
    wish = op.body
    owner = ctx.store.users.first("email", wish.email.lower())
    if owner is None:
        raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {wish.email}.")
    if wish.end_time < wish.start_time:
        raise ApiError(ENDS_BEFORE_START)
    organizer = Invitation(email=wish.organizer or owner.email, status="accepted")
    event = ctx.store.calendar_events.insert(
        trusted(
            CalendarEventRecord,
            id=ctx.ids.uuid(),
            title=wish.title,
            start_time=wish.start_time,
            end_time=wish.end_time,
            description=wish.description,
            location=wish.location,
            organizer=_attendee(ctx, organizer),
            attendees=[_attendee(ctx, invited) for invited in wish.attendees or ()],
            linked_meetings=[],
            owner_id=owner.id,
            uid=wish.uid or ctx.ids.uuid(),
            is_all_day=wish.is_all_day,
        )
    )
    ctx.emit(trusted(CalendarEventCreated, **_told(event)), audience=(event.owner_id,), by_system=True)
    return event


def _attendee(ctx: Context, invited: Invitation) -> CalendarAttendee:
    user = ctx.store.users.first("email", invited.email.lower())
    return CalendarAttendee(
        email=invited.email,
        name=invited.name or (user.display_name if user else None),
        status=invited.status,
        type=invited.type,
    )


@MockSimulateCalendarEventChanged.handler
def mock_simulate_calendar_event_changed(ctx: Context, op: MockSimulateCalendarEventChanged) -> CalendarEvent:
    event, wish = _known(ctx, op.body.calendar_event_id), changes(op.body)
    del wish["calendar_event_id"]
    if wish.get("end_time", event.end_time) < wish.get("start_time", event.start_time):
        raise ApiError(ENDS_BEFORE_START)
    if "attendees" in wish:
        wish["attendees"] = [_attendee(ctx, invited) for invited in wish["attendees"]]
    event = ctx.store.calendar_events.replace(event, **wish)
    ctx.emit(trusted(CalendarEventUpdated, **_told(event)), audience=(event.owner_id,), by_system=True)
    process.follow_event(ctx, event)
    return event


@MockSimulateCalendarEventDeleted.handler
def mock_simulate_calendar_event_deleted(ctx: Context, op: MockSimulateCalendarEventDeleted) -> None:
    event = _known(ctx, op.body.calendar_event_id)
    for meeting in process.linked_meetings(ctx, event):
        process.unlink(ctx, meeting)
    ctx.store.calendar_events.remove(event)
    ctx.emit(CalendarEventDeleted(calendar_event_id=event.id), audience=(event.owner_id,), by_system=True)


def _known(ctx: Context, id_: str) -> CalendarEventRecord:
    event = ctx.store.calendar_events.get(id_)
    if event is None:
        raise ApiError(NO_SUCH_EVENT)
    return event


def _told(event: CalendarEventRecord) -> dict[str, object]:
    """What the events about an incoming or changed calendar event have in common."""
    return {
        "attendee_count": len(event.attendees),
        "calendar_event_id": event.id,
        "end_time": event.end_time,
        "is_all_day": event.is_all_day,
        "start_time": event.start_time,
        "title": event.title,
    }
