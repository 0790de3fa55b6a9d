"""Seeds of what surrounds meetings: calendar events before them, action items after them."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Protocol

from pydantic import Field

from contio_mock.contract.action_items import PartnerContext, Words
from contio_mock.contract.calendar import AttendeeReply, CalendarAttendee
from contio_mock.contract.meeting_events import ActionItemStatus
from contio_mock.contract.shared import Email, trusted
from contio_mock.fake.records import (
    ActionItemRecord,
    CalendarEventRecord,
    MeetingRecord,
    Store,
    UserRecord,
)
from contio_mock.fake.scenarios import Seed

Day = Annotated[int, Field(ge=-20_000, le=20_000)]


class CalendarEventSeed(Seed):
    """An event in one or several people's calendars, planned in days from the scenario's first day."""

    title: Annotated[str, Field(min_length=1, max_length=1024)]
    calendars: Annotated[tuple[str, ...], Field(min_length=1)]
    """The e-mail addresses of those who have it in their calendar; the first is its organizer."""
    day: Day
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    """UTC."""
    minutes: Annotated[int, Field(ge=0, le=100_000)] = 30
    location: str | None = None
    description: str | None = None
    attendees: Annotated[dict[Email, AttendeeReply], Field(default_factory=dict)]
    """Who else is invited, and what they replied."""
    all_day: bool = False
    linked: bool = False
    """Whether the meeting of this title that starts then is linked to the organizer's copy."""


class ActionItemSeed(Seed):
    """An action item of a meeting, which its title and day name."""

    meeting: str
    day: Day | None = None
    """The meeting's; absent for one without a time."""
    title: Words
    description: Words | None = None
    status: ActionItemStatus = "needs_review"
    assigned_to: str | None = None
    due_in_days: Day | None = None
    """From the scenario's first day."""
    partner_context: PartnerContext | None = None
    """What the scenario's first app keeps with it."""


class Ground(Protocol):
    """What the seeds of an area are put into."""

    made: Store
    start: datetime
    midnight: datetime

    def record_id(self, *parts: str) -> str:
        """The id of a record of that name, the same on every machine."""

    def known_user(self, email: str, what: str) -> UserRecord:
        """The user of that address; raises ScenarioError."""

    def known_meeting(self, title: str, day: int | None, what: str) -> MeetingRecord:
        """The meeting of that title and day; raises ScenarioError."""


def seed_calendar(ground: Ground, seeds: tuple[CalendarEventSeed, ...]) -> None:
    """Put calendar events into the store, and link their meetings."""
    for number, seed in enumerate(seeds):
        users = [ground.known_user(email, "a calendar event") for email in seed.calendars]
        copies = [_event(ground, seed, number, user, users) for user in users]
        if seed.linked:
            meeting = ground.known_meeting(seed.title, seed.day, "a calendar event")
            copies[0] = copies[0].model_copy(
                update={"linked_meetings": [meeting.id], "meeting_id": meeting.id}
            )
            ground.made.meetings.replace(meeting, calendar_event_id=copies[0].id)
        for copy in copies:
            ground.made.calendar_events.insert(copy)


def _event(
    ground: Ground, seed: CalendarEventSeed, number: int, owner: UserRecord, users: list[UserRecord]
) -> CalendarEventRecord:
    hour, minute = map(int, seed.at.split(":"))
    begins = ground.midnight + timedelta(days=seed.day, hours=hour, minutes=minute)
    people = [_person(user.email, user, "accepted") for user in users]
    guests = [
        _person(email, ground.made.users.first("email", email.lower()), reply)
        for email, reply in seed.attendees.items()
    ]
    return trusted(
        CalendarEventRecord,
        id=ground.record_id("calendar_event", str(number), owner.email),
        title=seed.title,
        start_time=begins,
        end_time=begins + timedelta(minutes=seed.minutes),
        description=seed.description,
        location=seed.location,
        organizer=people[0],
        attendees=people + guests,
        linked_meetings=[],
        owner_id=owner.id,
        uid=ground.record_id("calendar_event", str(number)),
        is_all_day=seed.all_day,
    )


def _person(email: str, user: UserRecord | None, reply: str) -> CalendarAttendee:
    name = user.display_name if user else None
    return CalendarAttendee(email=email, name=name, status=reply, type="required")


def seed_action_items(ground: Ground, seeds: tuple[ActionItemSeed, ...]) -> None:
    """Put action items into the store, in the order they were made."""
    items = [_item(ground, seed, number) for number, seed in enumerate(seeds)]
    for item in sorted(items, key=lambda item: item.created_at):
        ground.made.action_items.insert(item)


def _item(ground: Ground, seed: ActionItemSeed, number: int) -> ActionItemRecord:
    meeting = ground.known_meeting(seed.meeting, seed.day, "an action item")
    doer = ground.known_user(seed.assigned_to, "an action item") if seed.assigned_to else None
    created = min(meeting.end_time or meeting.created_at, ground.start - timedelta(minutes=30))
    changed = created + (ground.start - created) / 2
    touched = seed.status != "needs_review"
    return trusted(
        ActionItemRecord,
        id=ground.record_id("action_item", str(number), seed.title),
        meeting_id=meeting.id,
        title=seed.title,
        description=seed.description,
        status=seed.status,
        is_completed=seed.status == "completed",
        completed_at=changed if seed.status == "completed" else None,
        has_partner_assignment=False,
        due_date=_due(ground, seed),
        assigned_to_user_id=doer.id if doer else None,
        created_at=created,
        updated_at=changed if touched else created,
        workspace_id=meeting.workspace_id,
        meeting_owner_id=meeting.created_by_user_id,
        viewer_ids=meeting.viewer_ids,
        guest_ids=meeting.guest_ids,
        **_context(ground, seed),
    )


def _due(ground: Ground, seed: ActionItemSeed) -> date | None:
    if seed.due_in_days is None:
        return None
    return (ground.midnight + timedelta(days=seed.due_in_days)).date()


def _context(ground: Ground, seed: ActionItemSeed) -> dict[str, Any]:
    kept = seed.partner_context
    if kept is None:
        return {"contexts": {}}
    app = next(iter(ground.made.apps))
    return {"partner_context": kept, "contexts": {app.id: kept}}
