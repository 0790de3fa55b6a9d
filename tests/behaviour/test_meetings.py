"""Meetings: created, listed, read and changed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound, Unauthorized
from contio_mock.contract.meetings import ListMeetings, Meeting, MeetingCreate, MeetingUpdate

MEETINGS = "/v1/partner/user/meetings"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def create(client: Contio, title: str = "Review", **given: Any) -> Meeting:
    return client.user.meetings.create(MeetingCreate(title=title, **given))


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2030, 1, day, hour, minute, tzinfo=UTC)


# ---------------------------------------------------------------- create and read


def test_only_a_title_is_needed_and_the_meeting_is_a_draft(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client)
    me = client.user.profile.get()
    assert made.title == "Review"
    assert made.status == "draft"
    assert (made.start_time, made.end_time) == (None, None)
    assert made.created_by_user_id == me.id
    assert made.workspace_id == me.workspace_id
    assert made.created_at == made.updated_at == contio.clock.now
    assert client.user.meetings.get(made.id) == made


def test_a_meeting_with_a_start_is_scheduled(contio: FakeContio) -> None:
    made = create(contio.client(), start_time=at(1), end_time=at(1, 10))
    assert made.status == "scheduled"
    assert (made.start_time, made.end_time) == (at(1), at(1, 10))


def test_an_instant_meeting_begins_now_whatever_its_start_time_says(contio: FakeContio) -> None:
    made = create(contio.client(), is_instant=True, start_time=at(1))
    assert made.status == "in_progress"
    assert made.start_time == contio.clock.now


def test_an_instant_meeting_may_not_have_ended_before_now(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        create(contio.client(), is_instant=True, end_time=contio.clock.now - timedelta(seconds=1))
    assert refused.value.code == "invalid_time_range"


@pytest.mark.parametrize("level", ["BULLET_POINTS", "STANDARD", "VERBATIM"])
def test_details_that_answers_do_not_show_are_taken(contio: FakeContio, level: str) -> None:
    client = contio.client()
    template = client.user.meeting_templates.list().items[0]
    made = create(client, detail_level=level, template_id=template.id)
    assert made.title == "Review"


@pytest.mark.parametrize("title", ["x", "x" * 255, "Ünïcode 会議 🎉", " ", '"\\/\b\f\n\r\t'])
def test_a_title_is_kept_as_it_is(contio: FakeContio, title: str) -> None:
    client = contio.client()
    assert client.user.meetings.get(create(client, title).id).title == title


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"title": ""}, "invalid_request"),
        ({"title": "x" * 256}, "invalid_request"),
        ({"title": None}, "invalid_request"),
        ({"title": 1}, "invalid_request"),
        ({"title": "x", "is_instant": "true"}, "invalid_request"),
        ({"title": "x", "detail_level": "standard"}, "invalid_request"),
        ({"title": "x", "template_id": "mine"}, "invalid_request"),
        ({"title": "x", "start_time": "tomorrow"}, "invalid_start_time"),
        ({"title": "x", "start_time": "2030-01-01"}, "invalid_start_time"),
        ({"title": "x", "start_time": "2030-01-01T09:00:00"}, "invalid_start_time"),
        ({"title": "x", "start_time": "2030-02-30T09:00:00Z"}, "invalid_start_time"),
        ({"title": "x", "start_time": "2030-02-30T09:00:00+01:00"}, "invalid_start_time"),
        ({"title": "x", "start_time": "2030-01-01T25:00:00Z"}, "invalid_start_time"),
        ({"title": "x", "start_time": 0}, "invalid_start_time"),
        ({"title": "x", "start_time": 1893488400}, "invalid_start_time"),
        ({"title": "x", "start_time": "0001-01-01T00:00:00+14:00"}, "invalid_start_time"),
        ({"title": "x", "start_time": ""}, "invalid_start_time"),
        ({"title": "x", "end_time": "later"}, "invalid_end_time"),
        ({"title": "x", "end_time": []}, "invalid_end_time"),
        (
            {"title": "x", "start_time": "2030-01-01T10:00:00Z", "end_time": "2030-01-01T09:00:00Z"},
            "invalid_time_range",
        ),
        (
            {"title": "x", "start_time": "2030-01-01T10:00:00Z", "end_time": "2030-01-01T10:00:00Z"},
            "invalid_time_range",
        ),
        (
            {"title": "x", "start_time": "2030-01-01T10:00:00Z", "end_time": "2030-01-01T11:00:00+02:00"},
            "invalid_time_range",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_declared_code_and_nothing_is_made(
    contio: FakeContio, raw: Any, body: dict[str, Any], code: str
) -> None:
    total = contio.client().user.meetings.list().total
    assert raw.code("POST", MEETINGS, body) == (400, code)
    assert contio.client().user.meetings.list().total == total
    assert contio.events == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2030-01-01T09:00:00Z", at(1)),
        ("2030-01-01t09:00:00z", at(1)),
        ("2030-01-01 09:00:00Z", at(1)),
        ("2030-01-01T11:00:00+02:00", at(1)),
        ("2029-12-31T23:00:00-10:00", at(1)),
        ("2030-01-01T09:00:00.000Z", at(1)),
        ("2030-01-01T09:00:00.123456Z", at(1) + timedelta(microseconds=123456)),
        ("2030-01-01T09:00:00.1Z", at(1) + timedelta(milliseconds=100)),
    ],
)
def test_every_rfc_3339_time_is_read(contio: FakeContio, raw: Any, written: str, meant: datetime) -> None:
    answer = json.loads(raw("POST", MEETINGS, {"title": "x", "start_time": written}).body)
    assert contio.client().user.meetings.get(answer["id"]).start_time == meant


def test_equal_times_are_accepted_where_the_profile_says_so() -> None:
    contio = FakeContio(check_answers=True, profile={"equal_times": "accept"})
    assert create(contio.client(), start_time=at(1), end_time=at(1)).end_time == at(1)


def test_an_end_without_a_start_is_a_profile_option() -> None:
    accepting = FakeContio(check_answers=True)
    assert create(accepting.client(), end_time=at(1)).status == "draft"
    refusing = FakeContio(check_answers=True, profile={"end_without_start": "reject"})
    with pytest.raises(BadRequest) as refused:
        create(refusing.client(), end_time=at(1))
    assert refused.value.code == "invalid_end_time"


# ---------------------------------------------------------------- who sees what


def test_others_meetings_are_not_found(contio: FakeContio) -> None:
    theirs = create(contio.client("linus@example.net"))
    colleague = contio.client("grace@example.com")
    own = create(contio.client("ada@example.com"))
    for id_ in (theirs.id, own.id, UNKNOWN_ID):
        with pytest.raises(NotFound) as refused:
            colleague.user.meetings.get(id_)
        assert refused.value.code == "not_found"
        with pytest.raises(NotFound):
            colleague.user.meetings.update(id_, MeetingUpdate(title="Mine now"))
    assert own.id not in {meeting.id for meeting in colleague.every(ListMeetings())}


def test_participants_see_a_meeting(contio: FakeContio) -> None:
    shared = {m.id for m in contio.client("grace@example.com").every(ListMeetings())}
    ours = {m.id for m in contio.client("ada@example.com").every(ListMeetings())}
    assert shared & ours
    assert ours - shared


@pytest.mark.contio(profile={"meeting_visibility": "workspace"})
def test_a_profile_may_show_a_workspace_all_its_meetings(contio: FakeContio) -> None:
    own = create(contio.client("ada@example.com"))
    colleague = contio.client("grace@example.com")
    assert colleague.user.meetings.get(own.id) == own
    assert colleague.user.meetings.list().items[0] == own
    with pytest.raises(NotFound):
        contio.client("linus@example.net").user.meetings.get(own.id)
    assert contio.client("linus@example.net").user.meetings.list().total == 2


@pytest.mark.parametrize(
    "id_", ["meeting-123", "0", UNKNOWN_ID + "0", UNKNOWN_ID.replace("-", ""), "%F0%9F%8E%89"]
)
def test_a_malformed_id_is_a_bad_request(raw: Any, id_: str) -> None:
    assert raw.code("GET", f"{MEETINGS}/{id_}") == (400, "invalid_meeting_id")
    assert raw.code("PATCH", f"{MEETINGS}/{id_}", {"title": "x"}) == (400, "invalid_meeting_id")


@pytest.mark.contio(profile={"malformed_id": "not_found"})
def test_a_profile_may_answer_404_to_a_malformed_id(raw: Any) -> None:
    assert raw.code("GET", f"{MEETINGS}/meeting-123") == (404, "not_found")


def test_an_id_is_the_same_in_capitals(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client)
    assert client.user.meetings.get(made.id.upper()) == made


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", MEETINGS, "meetings:read"),
        ("POST", MEETINGS, "meetings:write"),
        ("GET", f"{MEETINGS}/{UNKNOWN_ID}", "meetings:read"),
        ("PATCH", f"{MEETINGS}/{UNKNOWN_ID}", "meetings:write"),
    ],
)
def test_each_operation_needs_its_scope_and_no_other(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    others = "openid profile meetings:read meetings:write".replace(scope, "")
    tokens = contio.client(scope=others).tokens
    assert tokens is not None
    answer = raw_of(contio, token=tokens.access_token)(method, path, {"title": "x"})
    assert answer.status == 403
    assert f'scope="{scope}"' in answer.header("www-authenticate")
    enough = contio.client(scope=scope).tokens
    assert enough is not None
    assert raw_of(contio, token=enough.access_token)(method, path, {"title": "x"}).status in (200, 201, 404)


# ---------------------------------------------------------------- lists


def test_a_list_is_newest_first(contio: FakeContio) -> None:
    client = contio.client()
    made = []
    for number in range(5):
        made.append(create(client, f"Number {number}", start_time=at(20 - number)))
        contio.clock.advance("1s" if number % 2 else "0s")
    assert [m.id for m in client.user.meetings.list(limit=5).items] == [m.id for m in reversed(made)]


def test_the_default_page_has_25_and_says_how_many_there_are(contio: FakeContio) -> None:
    client = contio.client("new@example.com")
    for number in range(30):
        create(client, f"Number {number}")
    page = client.user.meetings.list()
    assert (len(page.items), page.total, page.limit, page.offset) == (25, 30, 25, 0)
    rest = client.user.meetings.list(offset=25)
    assert (len(rest.items), rest.total, rest.offset) == (5, 30, 25)
    beyond = client.user.meetings.list(offset=1000)
    assert (beyond.items, beyond.total) == ([], 30)


@pytest.mark.parametrize("page_size", [1, 7, 29, 30, 31, 100, 1000])
def test_pages_of_any_size_add_up(contio: FakeContio, page_size: int) -> None:
    client = contio.client("new@example.com")
    made = [create(client, f"Number {number}").id for number in range(30)]
    assert [m.id for m in client.every(ListMeetings(), page_size)] == made[::-1]


@pytest.mark.parametrize(
    ("query", "limit", "offset"),
    [
        ("limit=101", 100, 0),
        ("limit=999999999999999999", 100, 0),
        ("limit=0", 1, 0),
        ("limit=-5", 1, 0),
        ("offset=-1", 25, 0),
    ],
)
def test_limits_are_clamped(raw: Any, query: str, limit: int, offset: int) -> None:
    page = json.loads(raw("GET", MEETINGS, query=query).body)
    assert (page["limit"], page["offset"]) == (limit, offset)
    assert len(page["items"]) == min(limit, page["total"])


@pytest.mark.contio(profile={"limit_above_maximum": "reject", "limit_below_minimum": "reject"})
@pytest.mark.parametrize("query", ["limit=101", "limit=0", "offset=-1"])
def test_a_profile_may_refuse_them(raw: Any, query: str) -> None:
    assert raw.code("GET", MEETINGS, query=query) == (400, "invalid_query_parameters")
    assert raw("GET", MEETINGS, query="limit=100&offset=0").status == 200


@pytest.mark.parametrize("value", ["", "ten", "1.5", "1e2", "0x10", "٣", "+5", "%2B5", "1_000", " 1"])
@pytest.mark.parametrize("name", ["limit", "offset"])
def test_a_number_that_is_none_is_refused(raw: Any, name: str, value: str) -> None:
    assert raw.code("GET", MEETINGS, query=f"{name}={value}") == (400, "invalid_query_parameters")


def test_of_a_repeated_parameter_the_first_counts(raw: Any) -> None:
    assert json.loads(raw("GET", MEETINGS, query="limit=2&limit=5").body)["limit"] == 2


# ---------------------------------------------------------------- dates


@pytest.fixture
def calendar(contio: FakeContio) -> Contio:
    client = contio.client("new@example.com")
    create(client, "draft")
    for day in (3, 1, 2):
        create(client, f"{day} morning", start_time=at(day, 0))
        create(client, f"{day} night", start_time=at(day, 23, 59))
    return client


@pytest.mark.parametrize(
    ("start", "end", "titles"),
    [
        (date(2030, 1, 2), None, ["2 night", "2 morning", "3 night", "3 morning"]),
        (None, date(2030, 1, 1), ["1 night", "1 morning"]),
        (date(2030, 1, 2), date(2030, 1, 2), ["2 night", "2 morning"]),
        (at(1, 12), at(2, 12), ["2 morning", "1 night"]),
        (at(1, 23, 59), at(2, 0), ["2 morning", "1 night"]),
        (at(3), at(1), []),
        (date(2031, 1, 1), None, []),
        (None, date(2029, 1, 1), []),
    ],
)
def test_dates_choose_by_start_both_ends_included_and_drafts_have_none(
    calendar: Contio, start: Any, end: Any, titles: list[str]
) -> None:
    page = calendar.user.meetings.list(start_date=start, end_date=end)
    assert [meeting.title for meeting in page.items] == titles
    assert page.total == len(titles)


def test_a_chosen_range_is_paged(calendar: Contio) -> None:
    page = calendar.user.meetings.list(limit=2, offset=1, start_date=date(2030, 1, 1))
    assert [meeting.title for meeting in page.items] == ["2 morning", "1 night"]
    assert page.total == 6


@pytest.mark.contio(profile={"plain_end_date": "start_of_day"})
def test_a_profile_may_read_a_plain_end_date_as_its_first_moment(calendar: Contio) -> None:
    page = calendar.user.meetings.list(end_date=date(2030, 1, 2))
    assert [meeting.title for meeting in page.items] == ["2 morning", "1 night", "1 morning"]


@pytest.mark.parametrize(
    "written",
    [
        "2030-01-02T00:00:00Z",
        "2030-01-02T00:00:00",
        "2030-01-01T22:00:00-02:00",
        "2030-01-02",
        "2030-01-02T02:00:00%2B02:00",
    ],
)
def test_a_filter_is_any_iso_8601_date(
    calendar: Contio, contio: FakeContio, raw_of: Any, written: str
) -> None:
    answer = raw_of(contio, "new@example.com")(
        "GET", MEETINGS, query=f"start_date={written}&end_date=2030-01-02"
    )
    assert [item["title"] for item in json.loads(answer.body)["items"]] == ["2 night", "2 morning"]


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2030-13-01", "2030-02-30", "01/02/2030", "2030-1-2", "20300102", "1893456000"],
)
@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_a_date_that_is_none_has_its_own_code(raw: Any, name: str, written: str) -> None:
    assert raw.code("GET", MEETINGS, query=f"{name}={written}") == (400, f"invalid_{name}")


# ---------------------------------------------------------------- change


def test_only_what_is_sent_changes(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client, start_time=at(1), end_time=at(1, 10))
    contio.clock.advance("1m")
    changed = client.user.meetings.update(made.id, MeetingUpdate(title="Renamed"))
    assert changed == made.model_copy(update={"title": "Renamed", "updated_at": contio.clock.now})
    assert client.user.meetings.get(made.id) == changed


def test_null_leaves_a_member_as_it_is(contio: FakeContio, raw: Any) -> None:
    client = contio.client()
    made = create(client, start_time=at(1), end_time=at(1, 10))
    everything = dict.fromkeys(MeetingUpdate.model_fields)
    assert raw("PATCH", f"{MEETINGS}/{made.id}", everything).status == 200
    assert client.user.meetings.get(made.id) == made


def test_an_update_without_change_is_no_change(contio: FakeContio, raw: Any) -> None:
    made = create(contio.client(), start_time=at(1))
    contio.clock.advance("1m")
    for body in ({}, {"title": "Review"}, {"start_time": "2030-01-01T10:00:00+01:00"}):
        assert (
            json.loads(raw("PATCH", f"{MEETINGS}/{made.id}", body).body)["updated_at"]
            == "2026-01-15T09:00:00Z"
        )
    assert [event.type for event in contio.events] == ["meeting.created"]


@pytest.mark.contio(profile={"update_event_without_change": "yes"})
def test_a_profile_may_tell_of_an_update_without_change(contio: FakeContio, raw: Any) -> None:
    made = create(contio.client())
    assert raw("PATCH", f"{MEETINGS}/{made.id}", {}).status == 200
    assert [event.type for event in contio.events] == ["meeting.created", "meeting.updated"]


def test_a_draft_that_gets_a_start_is_scheduled_and_moves_into_the_calendar(contio: FakeContio) -> None:
    client = contio.client("new@example.com")
    made = create(client)
    changed = client.user.meetings.update(made.id, MeetingUpdate(start_time=at(5)))
    assert changed.status == "scheduled"
    assert client.user.meetings.list(start_date=date(2030, 1, 5)).items == [changed]
    moved = client.user.meetings.update(made.id, MeetingUpdate(start_time=at(6)))
    assert moved.status == "scheduled"
    assert client.user.meetings.list(end_date=date(2030, 1, 5)).items == []


def test_a_running_meeting_keeps_running_when_it_is_moved(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client, is_instant=True)
    assert client.user.meetings.update(made.id, MeetingUpdate(start_time=at(1))).status == "in_progress"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": ""}, "invalid_request"),
        ({"title": "x" * 256}, "invalid_request"),
        ({"start_time": "soon"}, "invalid_start_time"),
        ({"end_time": "late"}, "invalid_end_time"),
        ({"start_time": "2030-01-01T10:00:00Z"}, "invalid_time_range"),
        ({"end_time": "2030-01-01T09:00:00Z"}, "invalid_time_range"),
        ({"title": "New", "end_time": "2029-01-01T09:00:00Z"}, "invalid_time_range"),
        ([], "invalid_request"),
        ("title", "invalid_request"),
        (None, "invalid_request"),
    ],
)
def test_a_refused_update_changes_nothing(contio: FakeContio, raw: Any, body: Any, code: str) -> None:
    client = contio.client()
    made = create(client, start_time=at(1), end_time=at(1, 10))
    assert raw.code("PATCH", f"{MEETINGS}/{made.id}", body) == (400, code)
    assert client.user.meetings.get(made.id) == made
    assert [event.type for event in contio.events] == ["meeting.created"]


def test_both_times_may_move_at_once(contio: FakeContio) -> None:
    client = contio.client()
    made = create(client, start_time=at(1), end_time=at(1, 10))
    moved = client.user.meetings.update(made.id, MeetingUpdate(start_time=at(9), end_time=at(9, 10)))
    assert (moved.start_time, moved.end_time) == (at(9), at(9, 10))


# ---------------------------------------------------------------- unknown members


def test_unknown_members_are_ignored_and_noted(contio: FakeContio, raw: Any) -> None:
    made = create(contio.client())
    answer = raw(
        "PATCH", f"{MEETINGS}/{made.id}", {"status": "completed", "id": UNKNOWN_ID}, query="dry_run=1"
    )
    assert json.loads(answer.body)["status"] == "draft"
    assert contio.requests[-1].undocumented == ["query.dry_run", "body.status", "body.id"]
    shown = contio.control.mock.requests(limit=1).items[0]
    assert shown.undocumented == ["query.dry_run", "body.status", "body.id"]
    assert shown.operation == "updateMeeting"


@pytest.mark.contio(strict=True)
@pytest.mark.parametrize(
    ("body", "query", "named"),
    [({"title": "x", "status": "y"}, "", "body.status"), ({"title": "x"}, "a=b", "query.a")],
)
def test_strict_refuses_what_no_document_names(
    contio: FakeContio, raw: Any, body: Any, query: str, named: str
) -> None:
    answer = raw("POST", MEETINGS, body, query=query)
    assert answer.status == 400
    assert named in json.loads(answer.body)["message"]
    assert contio.events == []
    assert raw("POST", MEETINGS, {"title": "x"}).status == 201


# ---------------------------------------------------------------- time zones


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/Los_Angeles", "2030-01-01T01:00:00-08:00"),
        ("PST", "2030-01-01T01:00:00-08:00"),
        ("pst", "2030-01-01T01:00:00-08:00"),
        (" EST ", "2030-01-01T04:00:00-05:00"),
        ("Asia/Kolkata", "2030-01-01T14:30:00+05:30"),
        ("UTC", "2030-01-01T09:00:00Z"),
        ("Europe/London", "2030-01-01T09:00:00Z"),
    ],
)
def test_times_are_shown_in_the_callers_zone_and_records_stay_in_utc(
    contio: FakeContio, raw: Any, zone: str, shown: str
) -> None:
    made = create(contio.client(), start_time=at(1))
    body = json.loads(raw("GET", f"{MEETINGS}/{made.id}", headers={"x-client-timezone": zone}).body)
    assert body["start_time"].replace("+00:00", "Z") == shown
    assert body["created_at"] == body["updated_at"] == "2026-01-15T09:00:00Z"
    listed = json.loads(raw("GET", MEETINGS, headers={"x-client-timezone": zone}).body)
    assert listed["items"][0] == body
    assert json.loads(raw("GET", f"{MEETINGS}/{made.id}").body)["start_time"] == "2030-01-01T09:00:00Z"


def test_daylight_saving_counts(contio: FakeContio) -> None:
    client = contio.client().with_options(timezone="America/New_York")
    summer = create(client, start_time=datetime(2030, 7, 1, 12, tzinfo=UTC))
    assert client.session.headers == {"x-client-timezone": "America/New_York"}
    assert summer.start_time == datetime(2030, 7, 1, 12, tzinfo=UTC)
    assert b"2030-07-01T08:00:00-04:00" in contio.requests[-1].answer_body


BROKEN_ZONES = ["Mars/Olympus", "", "../../etc/passwd", "x" * 5000, "America", "+02:00", "Europe/London\0"]


@pytest.mark.parametrize("zone", BROKEN_ZONES)
def test_an_unknown_zone_is_ignored(contio: FakeContio, raw: Any, zone: str) -> None:
    create(contio.client(), start_time=at(1))
    answer = raw("GET", MEETINGS, query="limit=1", headers={"x-client-timezone": zone})
    assert json.loads(answer.body)["items"][0]["start_time"] == "2030-01-01T09:00:00Z"


@pytest.mark.contio(profile={"invalid_timezone": "reject"})
@pytest.mark.parametrize("zone", BROKEN_ZONES)
def test_a_profile_may_refuse_an_unknown_zone(contio: FakeContio, raw: Any, zone: str) -> None:
    headers = {"x-client-timezone": zone}
    assert raw.code("POST", MEETINGS, {"title": "x"}, headers=headers) == (400, "bad_request")
    assert contio.events == []
    assert raw("GET", MEETINGS, headers={"x-client-timezone": "Europe/Vienna"}).status == 200


@pytest.mark.parametrize(
    ("moment", "zone"),
    [("0001-01-01T00:00:00Z", "America/Los_Angeles"), ("9999-12-31T23:59:59Z", "Asia/Tokyo")],
)
def test_a_time_at_the_end_of_the_calendar_is_shown_in_any_zone(raw: Any, moment: str, zone: str) -> None:
    made = json.loads(raw("POST", MEETINGS, {"title": "x", "start_time": moment}).body)
    answer = raw("GET", f"{MEETINGS}/{made['id']}", headers={"x-client-timezone": zone})
    assert answer.status == 200
    assert json.loads(answer.body)["start_time"]


# ---------------------------------------------------------------- callers


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer  ",
        "Basic abc",
        "Bearer nobody",
        "abc",
        "Bearer a b",
        "bearer é",
        "Bearer cto_at_v1_",
    ],
)
def test_a_broken_authorization_header_is_401_with_a_challenge(raw: Any, header: str) -> None:
    answer = raw("GET", MEETINGS, anonymous=True, headers={"authorization": header})
    assert answer.status == 401
    assert json.loads(answer.body)["code"] == "unauthorized"
    assert answer.header("www-authenticate").startswith("Bearer")


def test_the_scheme_is_the_same_in_any_case(raw: Any) -> None:
    answer = raw("GET", MEETINGS, anonymous=True, headers={"authorization": f"bEaReR {raw._token()}"})
    assert answer.status == 200


def test_a_client_without_rights_gets_exceptions(contio: FakeContio) -> None:
    with pytest.raises(Forbidden):
        create(contio.client(scope="meetings:read"))
    with pytest.raises(Unauthorized):
        Contio(tokens="wrong", transport=contio.handle).user.meetings.list()
