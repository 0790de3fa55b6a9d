"""Calendar events and their meetings: found by time, linked on both sides at once, made of one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from contio_mock.contract.participants import ParticipantRole
from contio_mock.contract.shared import trusted
from contio_mock.fake import lookup
from contio_mock.fake.processes import meeting_news, participation
from contio_mock.fake.processes import meetings as life
from contio_mock.fake.records import CalendarEventRecord, MeetingRecord
from contio_mock.fake.records.calendar import LENGTHS, earliest_start, length_key
from contio_mock.fake.rules import meetings as meeting_rules
from contio_mock.fake.sandbox import Context

LONGEST_TITLE = 255
"""Of a meeting; the title of a calendar event may be longer, and is cut."""
STILL_TO_COME = ("draft", "scheduled")
_TICK = timedelta(microseconds=1)
_ALL = 1 << 60


# ---------------------------------------------------------------- ranges


def in_range(  # noqa: PLR0913 - a calendar, the two ends of a range and of a page
    ctx: Context,
    owner_id: str,
    start: datetime,
    end: datetime,
    limit: int,
    offset: int,
    *,
    newest_first: bool,
) -> tuple[list[CalendarEventRecord], int]:
    """A page of a calendar's events from start to before end, by their start, and how many there are."""
    if end <= start:
        return [], 0

    def starting(limit: int, offset: int) -> tuple[list[CalendarEventRecord], int]:
        return ctx.store.calendar_events.page_within(
            "calendar",
            owner_id,
            low=start,
            high=end - _TICK,
            limit=limit,
            offset=offset,
            newest_first=newest_first,
        )

    running = _running(ctx, owner_id, start) if ctx.profile.calendar_range == "overlap" else []
    if newest_first:
        items, later = starting(limit, offset)
        beyond = max(0, offset - later)
        return items + running[::-1][beyond : beyond + limit - len(items)], later + len(running)
    items = running[offset : offset + limit]
    rest, later = starting(limit - len(items), max(0, offset - len(running)))
    return items + rest, later + len(running)


def _running(ctx: Context, owner_id: str, moment: datetime) -> list[CalendarEventRecord]:
    """The events that began before the moment and last beyond it, by their start."""
    found: list[CalendarEventRecord] = []
    for length in range(LENGTHS):
        begun, _ = ctx.store.calendar_events.page_within(
            "calendar",
            length_key(owner_id, length),
            low=earliest_start(moment, length),
            high=moment,
            limit=_ALL,
            offset=0,
            newest_first=False,
        )
        found += [event for event in begun if event.start_time < moment < event.end_time]
    return sorted(found, key=lambda event: event.start_time)


# ---------------------------------------------------------------- links


def linked_meetings(ctx: Context, event: CalendarEventRecord) -> list[MeetingRecord]:
    """The meetings that are linked to an event, the oldest first."""
    found = (ctx.store.meetings.get(id_) for id_ in event.linked_meetings)
    return [meeting for meeting in found if meeting is not None]


def link(ctx: Context, meeting: MeetingRecord, event: CalendarEventRecord) -> MeetingRecord:
    """Link a meeting that has no link to an event, and tell that the meeting changed."""
    meeting = ctx.store.meetings.replace(meeting, calendar_event_id=event.id, updated_at=ctx.now)
    _list_meetings(ctx, event, [*linked_meetings(ctx, event), meeting])
    meeting_news.updated(ctx, meeting)
    return meeting


def unlink(ctx: Context, meeting: MeetingRecord) -> MeetingRecord:
    """Take a meeting's link to its event away, and tell that the meeting changed."""
    event = ctx.store.calendar_events.get(meeting.calendar_event_id or "")
    if event is not None:
        _list_meetings(ctx, event, [m for m in linked_meetings(ctx, event) if m.id != meeting.id])
    meeting = ctx.store.meetings.replace(meeting, calendar_event_id=None, updated_at=ctx.now)
    meeting_news.updated(ctx, meeting)
    return meeting


def _list_meetings(ctx: Context, event: CalendarEventRecord, meetings: Iterable[MeetingRecord]) -> None:
    ids = [meeting.id for meeting in sorted(meetings, key=lambda meeting: meeting.created_at)]
    first = ids[0] if ids else None
    ctx.store.calendar_events.replace(event, linked_meetings=ids, meeting_id=first)


# ---------------------------------------------------------------- meetings of events


def found_meeting(ctx: Context, event: CalendarEventRecord) -> MeetingRecord | None:
    """The oldest meeting of an event that the caller can see.

    Where the profile says so, also one that was made of a copy of the event in another calendar.
    """
    copies = [event]
    if ctx.profile.meeting_of_event == "any_copy":
        copies = ctx.store.calendar_events.under("uid", event.uid)
    meetings = [m for copy in copies for m in linked_meetings(ctx, copy) if lookup.sees(ctx, m)]
    own = [meeting for meeting in meetings if meeting.calendar_event_id == event.id]
    return min(own or meetings, key=lambda meeting: meeting.created_at, default=None)


def meeting_from_event(ctx: Context, event: CalendarEventRecord) -> MeetingRecord:
    """Make the caller's meeting of an event: its title, times and people; linked, and told of."""
    meeting = ctx.store.meetings.insert(
        trusted(
            MeetingRecord,
            id=ctx.ids.uuid(),
            title=event.title[:LONGEST_TITLE],
            status=meeting_rules.first_status(event.start_time, is_instant=False),
            workspace_id=ctx.user.workspace_id,
            created_by_user_id=ctx.user.id,
            created_at=ctx.now,
            updated_at=ctx.now,
            start_time=event.start_time,
            end_time=event.end_time,
            calendar_event_id=event.id,
            viewer_ids=frozenset({ctx.user.id}),
            editor_ids=frozenset({ctx.user.id}),
        )
    )
    participation.add_owner(ctx, meeting, ctx.user)
    _list_meetings(ctx, event, [*linked_meetings(ctx, event), meeting])
    people = _invited(event) if ctx.profile.event_attendees == "join" else []
    meeting, added = participation.admit(ctx, meeting, people)
    meeting_news.created(ctx, meeting)
    participation.tell_added(ctx, meeting, added)
    life.plan(ctx, meeting)
    return meeting


def _invited(event: CalendarEventRecord) -> list[tuple[str, str, ParticipantRole]]:
    """An event's people as participants of its meeting; rooms are none."""
    people = [attendee for attendee in event.attendees if attendee.type != "resource"]
    if event.organizer is not None:
        people.append(event.organizer)
    return [(person.email, person.name or person.email, "VIEWER") for person in people]


def follow_event(ctx: Context, event: CalendarEventRecord) -> None:
    """Where the profile says so, let the event's meetings that are still to come take over its changes."""
    if ctx.profile.linked_meeting_follows == "no":
        return
    wish: dict[str, Any] = {
        "title": event.title[:LONGEST_TITLE],
        "start_time": event.start_time,
        "end_time": event.end_time,
    }
    for meeting in linked_meetings(ctx, event):
        differs = any(getattr(meeting, name) != value for name, value in wish.items())
        if differs and meeting.status in STILL_TO_COME:
            meeting_news.updated(ctx, _moved(ctx, meeting, wish))


def _moved(ctx: Context, meeting: MeetingRecord, wish: dict[str, Any]) -> MeetingRecord:
    status = meeting_rules.status_after_update(meeting, wish["start_time"])
    return ctx.store.meetings.replace(meeting, **wish, status=status, updated_at=ctx.now)
