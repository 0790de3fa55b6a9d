"""Calendars: events in a range, events that come, change and go, and the meetings linked to them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, Forbidden, NotFound
from contio_mock.contract.calendar import (
    CalendarEvent,
    CalendarEventLink,
    CreateCalendarEventMeeting,
    LinkCalendarEvent,
    ListCalendarEvents,
    MeetingOfEvent,
    UnlinkCalendarEvent,
)
from contio_mock.contract.meetings import Meeting, MeetingCreate
from contio_mock.contract.simulate_calendar import ChangedEvent, DeletedEvent, Invitation, SyncedEvent

EVENTS = "/v1/partner/user/calendar/events"
MEETINGS = "/v1/partner/user/meetings"
SIMULATE = "/_mock/simulate/calendar-event-"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
ADA, GRACE, LINUS = "ada@example.com", "grace@example.com", "linus@example.net"
NEW = "new@example.com"


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2030, 1, day, hour, minute, tzinfo=UTC)


FIRST = at(1)


def sync(
    contio: FakeContio,
    email: str = ADA,
    title: str = "Event",
    start: datetime = FIRST,
    end: datetime | None = None,
    **more: Any,
) -> CalendarEvent:
    wish = SyncedEvent(
        email=email, title=title, start_time=start, end_time=end or start + timedelta(hours=1), **more
    )
    return contio.control.mock.simulate.calendar_event_synced(wish)


def link(client: Contio, meeting: Meeting, event: CalendarEvent) -> Any:
    return client.user.calendar.link(meeting.id, CalendarEventLink(calendar_event_id=event.id))


def meeting_of(client: Contio, title: str = "Review") -> Meeting:
    return client.user.meetings.create(MeetingCreate(title=title))


def told(contio: FakeContio) -> list[str]:
    return [event.type for event in contio.events]


def hearers(contio: FakeContio, type_: str) -> set[str | None]:
    (event,) = (event for event in contio.events if event.type == type_)
    return {delivery.for_user for delivery in event.deliveries}


def person_id(contio: FakeContio, email: str) -> str:
    return contio.client(email).user.profile.get().id


def in_step(contio: FakeContio) -> None:
    """Meetings and events name each other, or neither does."""
    store = contio.sandbox.store
    named = {(m.calendar_event_id, m.id) for m in store.meetings if m.calendar_event_id}
    assert named == {(e.id, id_) for e in store.calendar_events for id_ in e.linked_meetings}
    for event in store.calendar_events:
        assert event.meeting_id == (event.linked_meetings[0] if event.linked_meetings else None)


# ---------------------------------------------------------------- events come in


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_an_event_comes_into_its_owners_calendar_and_only_they_hear_of_it(contio: FakeContio) -> None:
    event = sync(
        contio,
        description="Figures",
        location="Room 1",
        attendees=[
            Invitation(email=GRACE, status="accepted"),
            Invitation(email="x@example.org", name="X", type="optional"),
        ],
        is_all_day=True,
    )
    assert event.model_dump(exclude_none=True) == {
        "id": event.id,
        "title": "Event",
        "start_time": at(1),
        "end_time": at(1, 10),
        "description": "Figures",
        "location": "Room 1",
        "organizer": {"email": ADA, "name": "Ada Lovelace", "status": "accepted", "type": "required"},
        "attendees": [
            {"email": GRACE, "name": "Grace Hopper", "status": "accepted", "type": "required"},
            {"email": "x@example.org", "name": "X", "status": "needs_action", "type": "optional"},
        ],
        "linked_meetings": [],
    }
    assert contio.client(ADA).user.calendar.get(event.id) == event
    assert contio.events[-1].data == {
        "attendee_count": 2,
        "calendar_event_id": event.id,
        "end_time": "2030-01-01T10:00:00Z",
        "is_all_day": True,
        "start_time": "2030-01-01T09:00:00Z",
        "title": "Event",
    }
    assert hearers(contio, "calendar_event.created") == {ADA}
    (delivery,) = contio.events[-1].deliveries
    assert "actor_user_id" not in json.loads(delivery.body)


def test_somebody_else_may_be_the_organizer(contio: FakeContio) -> None:
    event = sync(contio, organizer="boss@example.org")
    assert event.organizer is not None
    assert (event.organizer.email, event.organizer.name) == ("boss@example.org", None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"email": "nobody@example.com"}, "unknown_user"),
        ({"email": "nobody"}, "validation_error"),
        ({"title": ""}, "validation_error"),
        ({"title": "x" * 10_000}, "validation_error"),
        ({"start_time": "soon"}, "validation_error"),
        ({"start_time": "2030-01-01T11:00:00Z"}, "invalid_time_range"),
        ({"attendees": [{"email": "x"}]}, "validation_error"),
        ({"attendees": [{"email": ADA, "status": "maybe"}]}, "validation_error"),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    contio: FakeContio, raw: Any, changed: dict[str, Any], code: str
) -> None:
    before = len(contio.sandbox.store.calendar_events)
    body = {
        "email": ADA, "title": "x", "start_time": "2030-01-01T09:00:00Z", "end_time": "2030-01-01T10:00:00Z",
    }  # fmt: skip
    assert raw.code("POST", SIMULATE + "synced", {**body, **changed}) == (400, code)
    assert len(contio.sandbox.store.calendar_events) == before
    assert contio.events == []


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_an_event_changes_and_its_owner_hears_of_it(contio: FakeContio) -> None:
    event = sync(contio, description="Old", attendees=[Invitation(email=GRACE)])
    changed = contio.control.mock.simulate.calendar_event_changed(
        ChangedEvent(
            calendar_event_id=event.id, title="Moved", start_time=at(2), end_time=at(2, 11), attendees=[]
        )
    )
    assert changed == event.model_copy(
        update={"title": "Moved", "start_time": at(2), "end_time": at(2, 11), "attendees": []}
    )
    assert contio.client(ADA).user.calendar.get(event.id) == changed
    assert contio.client(ADA).user.calendar.list(at(2), at(3)).items == [changed]
    assert contio.client(ADA).user.calendar.list(at(1), at(2)).items == []
    assert contio.events[-1].data == {
        "attendee_count": 0,
        "calendar_event_id": event.id,
        "end_time": "2030-01-02T11:00:00Z",
        "is_all_day": False,
        "start_time": "2030-01-02T09:00:00Z",
        "title": "Moved",
    }
    assert hearers(contio, "calendar_event.updated") == {ADA}


def test_a_change_that_cannot_be_is_refused(contio: FakeContio, raw: Any) -> None:
    event = sync(contio)
    early = {"calendar_event_id": event.id, "title": "New", "end_time": "2029-01-01T09:00:00Z"}
    assert raw.code("POST", SIMULATE + "changed", early) == (400, "invalid_time_range")
    unknown = {"calendar_event_id": UNKNOWN_ID}
    assert raw.code("POST", SIMULATE + "changed", unknown) == (404, "not_found")
    assert raw.code("POST", SIMULATE + "deleted", unknown) == (404, "not_found")
    assert contio.client(ADA).user.calendar.get(event.id) == event
    assert told(contio) == ["calendar_event.created"]


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_a_deleted_event_is_gone_and_its_meetings_lose_their_link(contio: FakeContio) -> None:
    client = contio.client(ADA)
    event = sync(contio)
    meeting = client.user.calendar.create_meeting(event.id).meeting
    contio.control.mock.simulate.calendar_event_deleted(DeletedEvent(calendar_event_id=event.id))
    with pytest.raises(NotFound):
        client.user.calendar.get(event.id)
    assert client.user.calendar.list(at(1), at(2)).total == 0
    assert client.user.meetings.get(meeting.id).calendar_event_id is None
    assert told(contio)[-2:] == ["meeting.updated", "calendar_event.deleted"]
    assert contio.events[-1].data == {"calendar_event_id": event.id}
    assert hearers(contio, "calendar_event.deleted") == {ADA}
    in_step(contio)


@pytest.mark.parametrize(("choice", "title", "start"), [("no", "Event", at(1)), ("yes", "Moved", at(2))])
def test_a_linked_meeting_follows_its_event_where_the_profile_says_so(
    choice: str, title: str, start: datetime
) -> None:
    contio = FakeContio(check_answers=True, profile={"linked_meeting_follows": choice})
    client = contio.client(ADA)
    event = sync(contio)
    meeting = client.user.calendar.create_meeting(event.id).meeting
    wish = ChangedEvent(calendar_event_id=event.id, title="Moved", start_time=at(2), end_time=at(2, 10))
    for _ in range(2):  # the second time nothing is left to take over
        contio.control.mock.simulate.calendar_event_changed(wish)
    followed = client.user.meetings.get(meeting.id)
    assert (followed.title, followed.start_time) == (title, start)
    assert told(contio).count("meeting.updated") == (1 if choice == "yes" else 0)


@pytest.mark.contio(profile={"linked_meeting_follows": "yes"})
def test_a_meeting_that_has_begun_follows_nothing_and_a_draft_is_scheduled(contio: FakeContio) -> None:
    client = contio.client(ADA)
    draft = meeting_of(client)
    running = client.user.meetings.create(MeetingCreate(title="Now", is_instant=True))
    for meeting, status in ((draft, "scheduled"), (running, "in_progress")):
        event = sync(contio)
        link(client, meeting, event)
        contio.control.mock.simulate.calendar_event_changed(
            ChangedEvent(calendar_event_id=event.id, title="Moved")
        )
        after = client.user.meetings.get(meeting.id)
        assert (after.status, after.title == "Moved") == (status, status == "scheduled")


# ---------------------------------------------------------------- lists


@pytest.fixture
def week(contio: FakeContio) -> Contio:
    """Events of the first days of 2030, not in order."""
    contio.client(NEW)
    sync(contio, NEW, "third", at(3), at(3, 10))
    sync(contio, NEW, "first", at(1), at(1, 10))
    sync(contio, NEW, "night", at(1, 23), at(2, 2))
    sync(contio, NEW, "moment", at(2), at(2))
    sync(contio, NEW, "month", at(1, 0), at(31, 0))
    return contio.client(NEW)


@pytest.mark.parametrize(
    ("start", "end", "titles"),
    [
        (at(1, 0), at(4, 0), ["month", "first", "night", "moment", "third"]),
        (date(2030, 1, 2), date(2030, 1, 2), ["month", "night", "moment"]),
        (at(2, 2), at(2, 9), ["month"]),
        (at(2, 1, 59), at(2, 9, 1), ["month", "night", "moment"]),
        (at(1, 9), at(1, 10), ["month", "first"]),
        (at(1, 10), at(1, 11), ["month"]),
        (at(31, 0), at(31, 1), []),
        (at(2), at(2), []),
        (at(4), at(1), []),
    ],
)
def test_a_range_holds_what_overlaps_it_without_its_end(
    week: Contio, start: Any, end: Any, titles: list[str]
) -> None:
    page = week.user.calendar.list(start, end)
    assert [event.title for event in page.items] == titles
    assert page.total == len(titles)
    back = week.user.calendar.list(start, end, direction="desc")
    assert [event.title for event in back.items] == titles[::-1]


@pytest.mark.contio(profile={"calendar_range": "start"})
def test_a_profile_may_count_only_what_starts_in_the_range(week: Contio) -> None:
    page = week.user.calendar.list(date(2030, 1, 2), date(2030, 1, 2))
    assert ([event.title for event in page.items], page.total) == (["moment"], 1)


@pytest.mark.contio(profile={"plain_end_date": "start_of_day"})
def test_a_profile_may_end_a_range_with_the_days_first_moment(week: Contio) -> None:
    page = week.user.calendar.list(date(2030, 1, 2), date(2030, 1, 3))
    assert [event.title for event in page.items] == ["month", "night", "moment"]


@pytest.mark.parametrize("page_size", [1, 2, 4, 5, 100])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_of_any_size_add_up(week: Contio, page_size: int, direction: Any) -> None:
    titles = ["month", "night", "moment", "third"]
    wish = ListCalendarEvents(at(1, 12), at(9), direction=direction)
    found = [event.title for event in week.every(wish, page_size)]
    assert found == (titles if direction == "asc" else titles[::-1])
    assert week.user.calendar.list(at(1, 12), at(9), offset=99).items == []


moments = st.integers(0, 200).map(lambda n: at(1, 0) + timedelta(minutes=30 * n))
lengths = st.sampled_from([0, 1, 29, 30, 31, 60, 64, 1440, 4096, 100_000])


@given(
    planned=st.lists(st.tuples(moments, lengths), max_size=12),
    start=moments,
    end=moments,
    limit=st.integers(1, 5),
    offset=st.integers(0, 8),
    direction=st.sampled_from(["asc", "desc"]),
)
@settings(max_examples=60, deadline=None)
def test_a_range_is_found_as_if_every_event_were_looked_at(
    planned: list[tuple[datetime, int]],
    start: datetime,
    end: datetime,
    limit: int,
    offset: int,
    direction: Any,
) -> None:
    contio = FakeContio(check_answers=True, scenario="empty")
    client = contio.client(NEW)
    events = [sync(contio, NEW, "x", s, s + timedelta(minutes=m)) for s, m in planned]
    inside = [e for e in events if e.start_time < end and (e.end_time > start or e.start_time >= start)]
    inside = [] if end <= start else sorted(inside, key=lambda event: event.start_time)
    if direction == "desc":
        inside.reverse()
    page = client.user.calendar.list(start, end, limit=limit, offset=offset, direction=direction)
    assert page.total == len(inside)
    expected = [event.start_time for event in inside[offset : offset + limit]]
    assert [event.start_time for event in page.items] == expected
    everything = client.every(ListCalendarEvents(start, end, direction=direction), page_size=limit)
    assert sorted(event.id for event in everything) == sorted(event.id for event in inside)


def test_the_ends_of_time_are_a_range(contio: FakeContio, raw: Any) -> None:
    sync(contio, ADA, "Age", datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    for start, end, found in (
        ("0001-01-01", "9999-12-31", True),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z", True),
        ("9999-12-30", "9999-12-31T23:59:59.999999Z", True),
        ("9999-12-31", "9999-12-31", False),
    ):
        answer = raw("GET", EVENTS, query=f"start_date={start}&end_date={end}&limit=100")
        assert ("Age" in {item["title"] for item in json.loads(answer.body)["items"]}) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "missing_start_date"),
        ("end_date=2030-01-01", "missing_start_date"),
        ("start_date=&end_date=2030-01-01", "missing_start_date"),
        ("start_date=2030-01-01", "missing_end_date"),
        ("start=2030-01-01&end=", "missing_end_date"),
        ("end_date=broken", "missing_start_date"),
        ("start_date=broken", "missing_end_date"),
        ("start_date=broken&end_date=broken", "invalid_start_date"),
        ("start_date=broken&end_date=2030-01-01", "invalid_start_date"),
        ("start_date=2030-01-01&end_date=broken", "invalid_end_date"),
        ("start=2030-02-30&end=2030-01-01", "invalid_start_date"),
        ("start_date=1893456000&end_date=2030-01-01", "invalid_start_date"),
        ("start_date=broken&start=2030-01-01&end=2030-01-02", "invalid_start_date"),
        ("limit=ten", "invalid_query_parameters"),
        ("offset=x", "invalid_query_parameters"),
        ("direction=up", "invalid_query_parameters"),
        ("direction=ASC&start_date=2030-01-01&end_date=2030-01-02", "invalid_query_parameters"),
    ],
)
def test_what_a_range_lacks_is_told_in_order(raw: Any, query: str, code: str) -> None:
    assert raw.code("GET", EVENTS, query=query) == (400, code)


@pytest.mark.parametrize(
    "query",
    [
        "start=2030-01-01&end=2030-01-01",
        "start_date=2030-01-01&end=2030-01-01",
        "start_date=2030-01-01T00:00:00Z&start=broken&end_date=2030-01-02T00:00:00Z&end=broken",
        "start_date=&start=2030-01-01&end_date=2030-01-01T22:00:00-02:00",
    ],
)
def test_the_older_spellings_are_read_where_the_newer_are_not_sent(
    contio: FakeContio, raw: Any, query: str
) -> None:
    event = sync(contio)
    page = json.loads(raw("GET", EVENTS, query=query).body)
    assert [item["id"] for item in page["items"]] == [event.id]


def test_a_range_that_ends_before_it_starts_is_a_profile_option(raw: Any, raw_of: Any) -> None:
    query = "start_date=2030-01-02&end_date=2030-01-01"
    assert json.loads(raw("GET", EVENTS, query=query).body)["total"] == 0
    refusing = raw_of(FakeContio(check_answers=True, profile={"reversed_calendar_range": "reject"}))
    assert refusing.code("GET", EVENTS, query=query) == (400, "invalid_query_parameters")
    assert refusing("GET", EVENTS, query="start_date=2030-01-01&end_date=2030-01-01").status == 200


def test_a_page_has_25_and_at_most_100(contio: FakeContio, raw: Any) -> None:
    for number in range(101):
        sync(contio, start=at(1) + timedelta(minutes=number))
    query = "start_date=2030-01-01&end_date=2030-01-02"
    for sent, limit in (("", 25), ("&limit=100", 100), ("&limit=101", 100), ("&limit=0", 1)):
        page = json.loads(raw("GET", EVENTS, query=query + sent).body)
        assert (page["limit"], len(page["items"]), page["total"]) == (limit, limit, 101)


def test_a_calendar_is_its_owners_alone(contio: FakeContio) -> None:
    event = sync(contio, ADA)
    for other in (GRACE, LINUS):
        assert contio.client(other).user.calendar.list(at(1), at(2)).total == 0
    assert contio.client(ADA).user.calendar.list(at(1), at(2)).items == [event]


def test_a_new_sandbox_has_calendars_around_its_first_day(contio: FakeContio) -> None:
    for email in (ADA, GRACE):
        client = contio.client(email)
        now = contio.clock.now
        events = client.user.calendar.list(now - timedelta(days=30), now + timedelta(days=30)).items
        assert len(events) > 5
        assert {event.start_time < now for event in events} == {True, False}
        for event in events:
            for id_ in event.linked_meetings:
                meeting = client.user.meetings.get(id_)
                assert (meeting.calendar_event_id, meeting.title) == (event.id, event.title)
                assert (meeting.start_time, meeting.end_time) == (event.start_time, event.end_time)
        assert any(event.linked_meetings for event in events)
    in_step(contio)


# ---------------------------------------------------------------- one event


@pytest.mark.parametrize(
    ("choice", "error", "code"),
    [("forbidden", Forbidden, "forbidden"), ("not_found", NotFound, "not_found")],
)
def test_reading_anothers_event_is_refused_as_the_profile_says(
    choice: str, error: type[Forbidden | NotFound], code: str
) -> None:
    contio = FakeContio(check_answers=True, profile={"foreign_calendar_event": choice})
    event = sync(contio, ADA, attendees=[Invitation(email=GRACE)])
    with pytest.raises(error) as refused:
        contio.client(GRACE).user.calendar.get(event.id)
    assert refused.value.code == code


def test_an_unknown_event_is_not_found_and_a_malformed_id_is_bad(contio: FakeContio, raw: Any) -> None:
    assert raw.code("GET", f"{EVENTS}/{UNKNOWN_ID}") == (404, "not_found")
    assert raw.code("GET", f"{EVENTS}/event-1") == (400, "invalid_calendar_event_id")
    assert raw.code("POST", f"{EVENTS}/event-1/meeting") == (400, "invalid_calendar_event_id")
    assert raw.code("POST", f"{MEETINGS}/m-1/calendar/link", {"calendar_event_id": UNKNOWN_ID}) == (
        400,
        "invalid_meeting_id",
    )
    assert raw.code("DELETE", f"{MEETINGS}/m-1/calendar/unlink") == (400, "invalid_meeting_id")


def test_times_are_shown_in_the_callers_zone(contio: FakeContio, raw: Any) -> None:
    event = sync(contio)
    zone = {"x-client-timezone": "America/Los_Angeles"}
    body = json.loads(raw("GET", f"{EVENTS}/{event.id}", headers=zone).body)
    assert (body["start_time"], body["end_time"]) == (
        "2030-01-01T01:00:00-08:00",
        "2030-01-01T02:00:00-08:00",
    )
    query = "start_date=2030-01-01&end_date=2030-01-02"
    assert json.loads(raw("GET", EVENTS, query=query, headers=zone).body)["items"] == [body]


# ---------------------------------------------------------------- meetings of events


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_a_meeting_copies_its_event_and_everybody_in_it_takes_part(contio: FakeContio) -> None:
    ada = contio.client(ADA)
    event = sync(
        contio,
        attendees=[
            Invitation(email="Grace@example.com"),
            Invitation(email="guest@example.org"),
            Invitation(email="alan@example.com", type="resource"),
        ],
    )
    made = ada.user.calendar.create_meeting(event.id)
    meeting = made.meeting
    assert made.created
    assert made.message
    assert (meeting.title, meeting.status) == ("Event", "scheduled")
    assert (meeting.start_time, meeting.end_time) == (event.start_time, event.end_time)
    assert (meeting.calendar_event_id, meeting.created_by_user_id) == (event.id, person_id(contio, ADA))
    assert ada.user.meetings.get(meeting.id) == meeting
    assert contio.client(GRACE).user.meetings.get(meeting.id) == meeting
    with pytest.raises(NotFound):
        contio.client("alan@example.com").user.meetings.get(meeting.id)
    shown = ada.user.calendar.get(event.id)
    assert (shown.linked_meetings, shown.meeting_id) == ([meeting.id], meeting.id)
    told = {event.type: event.data for event in contio.events}
    assert [person["guest_email"] for person in told["participant.added"]["participants"]] == [
        None,
        "guest@example.org",
    ]
    assert told["meeting.created"] == {
        "created_at": "2026-01-15T09:00:00Z",
        "created_by_user_id": meeting.created_by_user_id,
        "meeting_id": meeting.id,
        "title": "Event",
        "workspace_id": meeting.workspace_id,
    }
    assert hearers(contio, "meeting.created") == {ADA, GRACE}
    in_step(contio)


def test_an_organizer_who_is_somebody_else_takes_part(contio: FakeContio) -> None:
    event = sync(contio, organizer=GRACE)
    meeting = contio.client(ADA).user.calendar.create_meeting(event.id).meeting
    assert contio.client(GRACE).user.meetings.get(meeting.id) == meeting


@pytest.mark.contio(profile={"event_attendees": "ignore"})
def test_a_profile_may_leave_the_attendees_out(contio: FakeContio) -> None:
    event = sync(contio, attendees=[Invitation(email=GRACE)])
    meeting = contio.client(ADA).user.calendar.create_meeting(event.id).meeting
    with pytest.raises(NotFound):
        contio.client(GRACE).user.meetings.get(meeting.id)


def test_only_the_owner_of_the_new_meeting_may_change_what_belongs_to_it(contio: FakeContio) -> None:
    event = sync(contio, attendees=[Invitation(email=GRACE)])
    meeting = contio.client(ADA).user.calendar.create_meeting(event.id).meeting
    with pytest.raises(Forbidden):
        contio.client(GRACE).user.calendar.unlink(meeting.id)


def test_a_long_title_is_cut_to_what_a_meeting_has(contio: FakeContio) -> None:
    event = sync(contio, title="ü" * 1024)
    assert contio.client(ADA).user.calendar.create_meeting(event.id).meeting.title == "ü" * 255


def test_a_second_request_finds_the_meeting(contio: FakeContio, raw: Any) -> None:
    event = sync(contio)
    first = raw("POST", f"{EVENTS}/{event.id}/meeting")
    again = raw("POST", f"{EVENTS}/{event.id}/meeting", headers={"content-type": "application/json"})
    assert (first.status, again.status) == (201, 200)
    found = MeetingOfEvent.model_validate_json(again.body)
    assert (found.created, found.meeting.id) == (False, json.loads(first.body)["meeting"]["id"])
    assert told(contio).count("meeting.created") == 1


def test_a_meeting_that_the_caller_left_is_not_found_and_a_second_one_is_made(contio: FakeContio) -> None:
    client, store = contio.client(ADA), contio.sandbox.store
    event = sync(contio)
    first = client.user.calendar.create_meeting(event.id).meeting
    record = store.meetings.get(first.id)
    assert record is not None
    store.meetings.replace(record, viewer_ids=frozenset(), editor_ids=frozenset())
    contio.clock.advance("1m")
    second = client.user.calendar.create_meeting(event.id)
    assert second.created
    shown = client.user.calendar.get(event.id)
    assert (shown.linked_meetings, shown.meeting_id) == ([first.id, second.meeting.id], first.id)
    in_step(contio)
    client.user.calendar.unlink(second.meeting.id)
    assert client.user.calendar.get(event.id).linked_meetings == [first.id]


@pytest.mark.parametrize(("choice", "created"), [("any_copy", False), ("own_copy", True)])
def test_a_meeting_of_the_same_event_in_anothers_calendar_is_a_profile_option(
    choice: str, created: bool
) -> None:
    contio = FakeContio(check_answers=True, profile={"meeting_of_event": choice})
    people = [Invitation(email=ADA), Invitation(email=GRACE)]
    copies = [sync(contio, email, attendees=people, uid="outside-1") for email in (ADA, GRACE)]
    first = contio.client(ADA).user.calendar.create_meeting(copies[0].id)
    second = contio.client(GRACE).user.calendar.create_meeting(copies[1].id)
    assert first.created
    assert second.created == created
    assert (first.meeting.id == second.meeting.id) != created
    in_step(contio)


def test_another_event_with_the_same_title_is_another_event(contio: FakeContio) -> None:
    client = contio.client(ADA)
    made = [client.user.calendar.create_meeting(sync(contio).id) for _ in range(2)]
    assert [answer.created for answer in made] == [True, True]


def test_anothers_event_becomes_no_meeting(contio: FakeContio) -> None:
    event = sync(contio, ADA, attendees=[Invitation(email=GRACE)])
    for id_ in (event.id, UNKNOWN_ID):
        with pytest.raises(NotFound) as refused:
            contio.client(GRACE).user.calendar.create_meeting(id_)
        assert refused.value.code == "not_found"
    assert told(contio) == ["calendar_event.created"]
    assert contio.client(ADA).user.calendar.get(event.id).linked_meetings == []


def test_an_idempotent_request_is_answered_again_as_it_was(contio: FakeContio, raw: Any) -> None:
    event = sync(contio)
    key = {"idempotency-key": "k"}
    first = raw("POST", f"{EVENTS}/{event.id}/meeting", headers=key)
    again = raw("POST", f"{EVENTS}/{event.id}/meeting", headers=key)
    assert (again.status, again.body) == (201, first.body)


# ---------------------------------------------------------------- links


@pytest.mark.contio(webhook_url="http://localhost:9/hook")
def test_a_link_stands_on_both_sides_until_it_is_taken_away(contio: FakeContio) -> None:
    client, event = contio.client(ADA), sync(contio)
    meeting = meeting_of(client)
    contio.clock.advance("1m")
    contio.sandbox.outbox.events.clear()
    assert link(client, meeting, event).success
    linked = client.user.meetings.get(meeting.id)
    assert (linked.calendar_event_id, linked.updated_at) == (event.id, contio.clock.now)
    assert (linked.title, linked.start_time) == (meeting.title, None)
    assert client.user.calendar.get(event.id).linked_meetings == [meeting.id]
    assert told(contio) == ["meeting.updated"]
    assert contio.events[-1].data == {
        "meeting_id": meeting.id,
        "scheduled_start": None,
        "title": "Review",
        "updated_at": "2026-01-15T09:01:00Z",
        "workspace_id": meeting.workspace_id,
    }
    assert hearers(contio, "meeting.updated") == {ADA}
    in_step(contio)
    assert client.user.calendar.unlink(meeting.id).success
    assert client.user.meetings.get(meeting.id).calendar_event_id is None
    assert client.user.calendar.get(event.id) == event
    assert told(contio) == ["meeting.updated"] * 2
    in_step(contio)
    assert link(client, meeting, event).success


@pytest.mark.parametrize("choice", ["success", "reject"])
def test_linking_again_is_a_profile_option(choice: str) -> None:
    contio = FakeContio(check_answers=True, profile={"relinking": choice})
    client, event = contio.client(ADA), sync(contio)
    meeting = meeting_of(client)
    link(client, meeting, event)
    if choice == "success":
        assert link(client, meeting, event).success
    else:
        with pytest.raises(BadRequest) as refused:
            link(client, meeting, event)
        assert refused.value.code == "meeting_already_linked"
    assert told(contio).count("meeting.updated") == 1


@pytest.mark.parametrize(("choice", "error"), [("409", Conflict), ("400", BadRequest)])
def test_an_event_of_another_meeting_is_a_conflict(choice: str, error: type[Conflict | BadRequest]) -> None:
    contio = FakeContio(check_answers=True, profile={"linked_event_status": choice})
    client, event = contio.client(ADA), sync(contio)
    first, second = meeting_of(client), meeting_of(client)
    link(client, first, event)
    with pytest.raises(error) as refused:
        link(client, second, event)
    assert (refused.value.status, refused.value.code) == (int(choice), "calendar_event_already_linked")
    assert client.user.meetings.get(second.id) == second
    in_step(contio)


def test_a_meeting_of_another_event_must_be_unlinked_first(contio: FakeContio) -> None:
    client = contio.client(ADA)
    meeting, events = meeting_of(client), [sync(contio), sync(contio)]
    link(client, meeting, events[0])
    with pytest.raises(BadRequest) as refused:
        link(client, meeting, events[1])
    assert refused.value.code == "meeting_already_linked"
    assert client.user.calendar.get(events[1].id).linked_meetings == []
    client.user.calendar.unlink(meeting.id)
    assert link(client, meeting, events[1]).success


@pytest.mark.parametrize("release", ["1.5", "1.10"])
def test_event_and_meeting_must_be_in_one_workspace(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    store, linus = contio.sandbox.store, contio.client(LINUS)
    record = store.meetings.get(meeting_of(contio.client(ADA)).id)
    assert record is not None
    both = record.viewer_ids | {person_id(contio, LINUS)}
    meeting = store.meetings.replace(record, viewer_ids=both, editor_ids=both)
    event = sync(contio, LINUS)
    with pytest.raises(BadRequest) as refused:
        link(linus, meeting, event)
    assert refused.value.code == "calendar_workspace_mismatch"
    assert store.meetings.get(meeting.id) == meeting


def test_only_owner_and_editors_link_and_unlink(contio: FakeContio) -> None:
    ada, grace = contio.client(ADA), contio.client(GRACE)
    meeting = ada.user.calendar.create_meeting(sync(contio, attendees=[Invitation(email=GRACE)]).id).meeting
    own = sync(contio, GRACE)
    for operation in (
        LinkCalendarEvent(meeting.id, CalendarEventLink(calendar_event_id=own.id)),
        UnlinkCalendarEvent(meeting.id),
    ):
        with pytest.raises(Forbidden) as refused:
            grace.send(operation)
        assert refused.value.code == "forbidden"
        with pytest.raises(NotFound):
            contio.client(LINUS).send(operation)
    assert ada.user.meetings.get(meeting.id) == meeting


def test_an_editor_links_their_own_event(contio: FakeContio) -> None:
    store, ada = contio.sandbox.store, contio.client(ADA)
    record = store.meetings.get(meeting_of(ada).id)
    assert record is not None
    both = record.viewer_ids | {person_id(contio, GRACE)}
    meeting = store.meetings.replace(record, viewer_ids=both, editor_ids=both)
    event = sync(contio, GRACE)
    assert link(contio.client(GRACE), meeting, event).success
    assert ada.user.calendar.unlink(meeting.id).success
    in_step(contio)


def test_what_cannot_be_linked_is_not_found(contio: FakeContio) -> None:
    ada = contio.client(ADA)
    meeting, foreign, own = meeting_of(ada), sync(contio, GRACE), sync(contio, ADA)
    for meeting_id, event_id in (
        (meeting.id, foreign.id),
        (meeting.id, UNKNOWN_ID),
        (UNKNOWN_ID, own.id),
        (meeting_of(contio.client(GRACE)).id, own.id),
    ):
        with pytest.raises(NotFound) as refused:
            ada.user.calendar.link(meeting_id, CalendarEventLink(calendar_event_id=event_id))
        assert refused.value.code == "not_found"
    assert ada.user.meetings.get(meeting.id) == meeting
    in_step(contio)


@pytest.mark.parametrize(
    "body",
    [
        {}, [], None, {"calendar_event_id": None}, {"calendar_event_id": 1}, {"calendar_event_id": ""},
        {"calendar_event_id": "event-1"}, {"calendar_event_id": "x" * 256}, {"calendar_event_id": "a\0b"},
    ],
)  # fmt: skip
def test_a_body_that_names_no_event_is_refused(contio: FakeContio, raw: Any, body: Any) -> None:
    meeting = meeting_of(contio.client(ADA))
    assert raw.code("POST", f"{MEETINGS}/{meeting.id}/calendar/link", body) == (400, "invalid_request_body")


@pytest.mark.parametrize("choice", ["success", "not_found"])
def test_unlinking_what_is_not_linked_is_a_profile_option(choice: str) -> None:
    contio = FakeContio(check_answers=True, profile={"unlink_without_link": choice})
    client = contio.client(ADA)
    meeting = meeting_of(client)
    if choice == "success":
        assert client.user.calendar.unlink(meeting.id).success
    else:
        with pytest.raises(NotFound):
            client.user.calendar.unlink(meeting.id)
    assert client.user.meetings.get(meeting.id) == meeting
    assert told(contio) == ["meeting.created"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", EVENTS, "calendar:read"),
        ("GET", f"{EVENTS}/{UNKNOWN_ID}", "calendar:read"),
        ("POST", f"{EVENTS}/{UNKNOWN_ID}/meeting", "calendar:write"),
        ("POST", f"{MEETINGS}/{UNKNOWN_ID}/calendar/link", "calendar:write"),
        ("DELETE", f"{MEETINGS}/{UNKNOWN_ID}/calendar/unlink", "calendar:write"),
    ],
)
def test_each_operation_needs_its_scope_and_no_other(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    others = "meetings:read meetings:write calendar:read calendar:write".replace(scope, "")
    for scopes, refused in ((others, True), (scope, False)):
        tokens = contio.client(scope=scopes).tokens
        assert tokens is not None
        body = {"calendar_event_id": UNKNOWN_ID}
        status = raw_of(contio, token=tokens.access_token)(method, path, body).status
        assert (status == 403) == refused


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_every_release_has_calendars(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    client, event = contio.client(ADA), sync(contio)
    assert client.send(CreateCalendarEventMeeting(event.id)).created
    assert client.user.calendar.list(at(1), at(2)).total == 1
