"""Faults, rate limits and the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, NoAnswer, NotFound, RateLimited, Refused, ServerFailed, Unreadable
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.wire import Request
from contio_mock.fake.journal import CAPACITY

MEETINGS = "/v1/partner/user/meetings"
PROFILE = "/v1/partner/user/profile"


# ---------------------------------------------------------------- effects


def test_a_status_with_code_message_and_retry_after(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, status=429, code="rate_limited", message="Slow down.", retry_after=7)
    answer = raw("GET", PROFILE)
    body = json.loads(answer.body)
    assert answer.status == 429
    assert (body["code"], body["message"]) == ("rate_limited", "Slow down.")
    assert body["request_id"] == answer.header("x-request-id")
    assert answer.header("retry-after") == "7"
    with pytest.raises(RateLimited) as refused:
        contio.client().user.profile.get()
    assert refused.value.retry_after == 7


def test_a_status_has_the_error_body_of_its_part_of_the_api(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path="/oauth2/*", status=500)
    assert json.loads(raw("GET", "/oauth2/scopes").body)["error"] == "internal_error"
    contio.faults.add(path=PROFILE, status=500)
    assert json.loads(raw("GET", PROFILE).body)["code"] == "internal_error"


def test_a_delay_is_said_and_the_answer_is_right(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, delay=1.5)
    answer = raw("GET", PROFILE)
    assert answer.status == 200
    assert json.loads(answer.body)["display_name"] == "Ada Lovelace"
    assert answer.transmission.delay == 1.5
    assert not answer.transmission.drop


def test_a_truncation_is_said(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, truncate=10)
    answer = raw("GET", PROFILE)
    assert answer.transmission.truncate == 10


def test_a_dropped_connection_is_said(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, drop=True, delay=2)
    answer = raw("GET", PROFILE)
    assert answer.transmission.drop
    assert answer.transmission.delay == 2


def test_a_malformed_answer_is_no_json(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, malformed=True)
    answer = raw("GET", PROFILE)
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)
    with pytest.raises(Unreadable):
        contio.client().user.profile.get()


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_client_in_this_process_gets_no_answer_from_a_dropped_connection(
    contio: FakeContio, point: str
) -> None:
    contio.faults.add(operation="createMeeting", drop=True, point=point)
    with pytest.raises(NoAnswer):
        contio.client().user.meetings.create(MeetingCreate(title="x"))
    assert len(contio.events) == (1 if point == "after" else 0)


def test_a_client_in_this_process_gets_no_whole_answer_from_a_truncated_one(contio: FakeContio) -> None:
    contio.faults.add(operation="getProfile", truncate=10)
    with pytest.raises((Unreadable, NoAnswer)):
        contio.client().user.profile.get()


# ---------------------------------------------------------------- before and after


def test_before_means_that_nothing_happened(contio: FakeContio) -> None:
    client = contio.client()
    total = client.user.meetings.list().total
    contio.faults.add(operation="createMeeting", status=500, point="before")
    with pytest.raises(ServerFailed):
        client.user.meetings.create(MeetingCreate(title="x"))
    assert client.user.meetings.list().total == total
    assert contio.events == []


def test_after_means_that_it_happened_and_nobody_heard(contio: FakeContio) -> None:
    client = contio.client()
    total = client.user.meetings.list().total
    contio.faults.add(operation="createMeeting", status=500, point="after")
    with pytest.raises(ServerFailed):
        client.user.meetings.create(MeetingCreate(title="x"))
    assert client.user.meetings.list().total == total + 1
    assert [event.type for event in contio.events] == ["meeting.created"]


@pytest.mark.parametrize(("point", "happened"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_knows_both_points(
    contio: FakeContio, raw: Any, point: str, happened: int
) -> None:
    contio.faults.add(operation="createMeeting", drop=True, point=point)
    assert raw("POST", MEETINGS, {"title": "x"}).transmission.drop
    assert len(contio.events) == happened


def test_a_refused_request_is_not_struck_after(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(operation="createMeeting", status=503, point="after")
    assert raw("POST", MEETINGS, {"title": ""}).status == 400


# ---------------------------------------------------------------- which requests


def struck(contio: FakeContio, raw: Any, times: int) -> list[bool]:
    return [raw("GET", PROFILE).status == 503 for _ in range(times)]


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ({}, "XXXXXX"),
        ({"nth": 1}, "X....."),
        ({"nth": 3}, "..X..."),
        ({"times": 2}, "XX...."),
        ({"nth": 2, "times": 5}, ".X...."),
        ({"probability": 0}, "......"),
        ({"probability": 1}, "XXXXXX"),
    ],
)
def test_a_rule_strikes_as_often_as_it_says(
    contio: FakeContio, raw: Any, rule: dict[str, Any], pattern: str
) -> None:
    contio.faults.add(path=PROFILE, status=503, **rule)
    assert struck(contio, raw, 6) == [mark == "X" for mark in pattern]
    state = contio.control.mock.faults().items[0]
    assert state.seen == 6
    assert state.struck == pattern.count("X")


def test_chance_comes_from_the_seed(raw_of: Any) -> None:
    def patterns(seed: int) -> list[bool]:
        contio = FakeContio(seed=seed, check_answers=True)
        contio.faults.add(path=PROFILE, status=503, probability=0.5)
        return struck(contio, raw_of(contio), 40)

    assert patterns(1) == patterns(1)
    assert patterns(1) != patterns(2)
    assert 5 < sum(patterns(1)) < 35


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({"operation": "listMeetings"}, {("GET", MEETINGS)}),
        ({"method": "POST"}, {("POST", MEETINGS)}),
        ({"path": "/v1/partner/user/*"}, {("GET", MEETINGS), ("POST", MEETINGS), ("GET", PROFILE)}),
        ({"path": "*meetings", "method": "GET"}, {("GET", MEETINGS)}),
        ({"path": "/v1/partner/user"}, set()),
        ({"operation": "ListMeetings"}, set()),
    ],
)
def test_a_rule_strikes_what_it_names(
    contio: FakeContio, raw: Any, match: dict[str, str], hits: set[tuple[str, str]]
) -> None:
    contio.faults.add(status=503, **match)
    asked = [("GET", MEETINGS), ("POST", MEETINGS), ("GET", PROFILE)]
    found = {(method, path) for method, path in asked if raw(method, path, {"title": "x"}).status == 503}
    assert found == hits


def test_the_first_rule_that_strikes_wins(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(path=PROFILE, status=502, times=1)
    contio.faults.add(path=PROFILE, status=503, times=1)
    assert [raw("GET", PROFILE).status for _ in range(3)] == [502, 503, 200]


def test_a_rule_for_everything_spares_the_control_plane(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(status=503)
    assert raw("GET", PROFILE).status == 503
    assert contio.control.mock.health().status == "ok"
    contio.faults.clear()
    assert raw("GET", PROFILE).status == 200


def test_rules_are_listed_and_removed_one_by_one(contio: FakeContio, raw: Any) -> None:
    first = contio.faults.add(path=PROFILE, status=502)
    contio.faults.add(path=PROFILE, status=503, retry_after=1, nth=2)
    rules = contio.control.mock.faults().items
    assert [rule.rule.status for rule in rules] == [502, 503]
    assert rules[1].rule.nth == 2
    contio.control.mock.delete_fault(first)
    assert [rule.rule.status for rule in contio.control.mock.faults().items] == [503]
    with pytest.raises(NotFound):
        contio.control.mock.delete_fault(first)
    contio.faults.clear()
    assert contio.control.mock.faults().items == []
    assert raw("GET", PROFILE).status == 200


@pytest.mark.parametrize("rule", [{}, {"operation": "getProfile"}, {"code": "x"}, {"delay": 0.0}, {"nth": 1}])
def test_a_rule_without_effect_is_refused(contio: FakeContio, rule: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.faults.add(**rule)
    assert refused.value.code == "no_effect"
    assert contio.control.mock.faults().items == []


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 99}, {"status": 600}, {"nth": 0}, {"times": 0}, {"probability": 2}, {"probability": -0.1},
        {"delay": -1}, {"delay": 3601}, {"truncate": -1}, {"point": "during"}, {"retry_after": -1}, {"drop": "yes"},
    ],
)  # fmt: skip
def test_a_rule_out_of_bounds_is_refused(raw: Any, rule: dict[str, Any]) -> None:
    assert raw.code("POST", "/_mock/faults", {"status": 500, **rule}) == (400, "validation_error")


# ---------------------------------------------------------------- rate limits


@pytest.mark.contio(profile={"rate_limits": "documented"})
@pytest.mark.parametrize(("kind", "limit"), [("user", 1000), ("admin", 500), ("oauth", 100)])
def test_the_documented_limits_are_counted_over_five_minutes(
    contio: FakeContio, kind: str, limit: int
) -> None:
    tokens = contio.client().tokens
    assert tokens is not None
    request = {
        "user": Request("GET", PROFILE, "", {"authorization": f"Bearer {tokens.access_token}"}),
        "admin": Request(
            "GET", "/v1/partner/admin/app", "", {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
        ),
        "oauth": Request("GET", "/oauth2/scopes"),
    }[kind]
    contio.handle(request)
    contio.sandbox.clock.jump(contio.clock.now.replace(second=10))
    assert all(contio.handle(request).status == 200 for _ in range(limit - 1))
    answer = contio.handle(request)
    assert answer.status == 429
    assert json.loads(answer.body)["error"] == "rate_limit_exceeded"
    assert "error_description" in json.loads(answer.body)
    assert answer.header("retry-after") == "290"
    contio.sandbox.clock.jump(contio.clock.now.replace(minute=5, second=0))
    assert contio.handle(request).status == 200
    assert contio.handle(request).status == 429


@pytest.mark.contio(profile={"rate_limits": "documented"})
def test_the_control_plane_is_not_counted(contio: FakeContio) -> None:
    for _ in range(150):
        contio.control.mock.clock()
    assert contio.control.oauth.scopes().scopes


@pytest.mark.contio(profile={"rate_limits": "documented"})
def test_one_kind_of_caller_does_not_use_up_anothers_limit(contio: FakeContio) -> None:
    statuses = [contio.handle(Request("GET", "/oauth2/scopes")).status for _ in range(101)]
    assert statuses[-1] == 429
    key = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
    assert contio.handle(Request("GET", "/v1/partner/admin/app", "", key)).status == 200


def test_by_default_nothing_is_counted(contio: FakeContio) -> None:
    statuses = {contio.handle(Request("GET", "/oauth2/scopes")).status for _ in range(150)}
    assert statuses == {200}


# ---------------------------------------------------------------- the journal


def test_the_journal_says_what_came_and_what_went(contio: FakeContio, raw: Any) -> None:
    raw("POST", MEETINGS, {"title": "x"}, query="a=1", headers={"x-client-timezone": "PST"})
    entry = contio.control.mock.requests().items[0]
    assert (entry.method, entry.path, entry.query) == ("POST", MEETINGS, "a=1")
    assert entry.body == '{"title": "x"}'
    assert entry.body_bytes == 14
    assert entry.operation == "createMeeting"
    assert entry.status == 201
    assert json.loads(entry.answer)["title"] == "x"
    assert entry.headers["x-client-timezone"] == "PST"
    assert entry.answer_headers["x-request-id"] == entry.id
    assert entry.at == contio.clock.now
    assert entry.milliseconds >= 0


def test_the_journal_is_newest_first_and_filtered(contio: FakeContio, raw: Any) -> None:
    raw("GET", PROFILE)
    raw("GET", MEETINGS)
    raw("GET", "/nothing")
    shown = contio.control.mock.requests()
    assert [entry.path for entry in shown.items] == ["/nothing", MEETINGS, PROFILE]
    assert shown.items[0].operation is None
    assert [e.path for e in contio.control.mock.requests(operation="getProfile").items] == [PROFILE]
    assert len(contio.control.mock.requests(limit=2).items) == 2
    assert contio.control.mock.requests(limit=-1).items == []


def test_the_control_plane_is_not_in_the_journal(contio: FakeContio) -> None:
    contio.control.mock.health()
    contio.clock.advance("1s")
    assert contio.requests == []


def test_secrets_are_masked(contio: FakeContio, raw: Any) -> None:
    client = contio.client()
    tokens = client.tokens
    assert tokens is not None
    client.user.profile.get()
    contio.admin().admin.app.get()
    client.refresh()
    Contio(base_url="x", transport=contio.handle).oauth.token(
        {
            "grant_type": "client_credentials",
            "client_id": "partner_demo",
            "client_secret": "cs_demo_secret",
        }
    )
    shown = contio.control.mock.requests().model_dump_json()
    for secret in (tokens.access_token, tokens.refresh_token, "ctio_demo_key", "cs_demo_secret"):
        assert secret is not None
        assert secret not in shown


def test_the_journal_is_bounded_and_counts_on(contio: FakeContio) -> None:
    for _ in range(CAPACITY + 5):
        contio.handle(Request("GET", "/nothing"))
    shown = contio.control.mock.requests(limit=10**6)
    assert len(shown.items) == CAPACITY
    assert shown.total == CAPACITY + 5


def test_a_long_body_is_cut_in_the_journal_and_its_length_told(contio: FakeContio, raw: Any) -> None:
    raw("POST", MEETINGS, {"title": "x" * 100_000})
    entry = contio.control.mock.requests().items[0]
    assert len(entry.body) == 65_536
    assert entry.body_bytes == 100_013


def test_the_journal_can_be_emptied(contio: FakeContio, raw: Any) -> None:
    raw("GET", PROFILE)
    contio.control.mock.delete_requests()
    assert contio.control.mock.requests().total == 0
    assert contio.requests == []


def test_a_body_that_is_no_text_is_shown_all_the_same(contio: FakeContio, raw: Any) -> None:
    raw("POST", MEETINGS, b"\xff\xfe")
    assert contio.control.mock.requests().items[0].body == "��"


# ---------------------------------------------------------------- the clock, asked from outside


@pytest.mark.parametrize(
    ("move", "seconds"),
    [
        ({"advance": "90s"}, 90),
        ({"advance": "1d12h"}, 129_600),
        ({"advance": 0.5}, 0.5),
        ({"advance": 3}, 3),
        ({"advance": 0}, 0),
    ],
)
def test_the_clock_moves_by_a_duration(contio: FakeContio, raw: Any, move: Any, seconds: float) -> None:
    before = contio.clock.now
    assert raw("POST", "/_mock/clock", move).status == 200
    assert (contio.clock.now - before).total_seconds() == seconds


def test_the_clock_moves_to_a_moment(contio: FakeContio) -> None:
    later = contio.clock.now.replace(year=2027)
    assert contio.clock.set(later) == later
    assert contio.control.mock.clock().now == later


@pytest.mark.parametrize(
    "move",
    [
        {}, {"advance": "1s", "rate": 0}, {"advance": "1s", "set": "2030-01-01T00:00:00Z"}, {"advance": "-1s"},
        {"advance": -1}, {"advance": "soon"}, {"advance": ""}, {"advance": 1e300}, {"advance": "999999999999w"},
        {"advance": True}, {"set": "2026-01-15T08:59:59Z"}, {"set": "2030-01-01"}, {"rate": -1}, {"rate": 1e9},
        {"advance": "1s", "set": None, "rate": 0.0}, [], "1s",
    ],
)  # fmt: skip
def test_a_wrong_move_is_refused_and_the_clock_stays(contio: FakeContio, raw: Any, move: Any) -> None:
    before = contio.clock.now
    status, code = raw.code("POST", "/_mock/clock", move)
    assert (status, code) == (400, "invalid_clock")
    assert contio.clock.now == before


@pytest.mark.parametrize("move", [{"set": "9999-12-31T23:59:59Z"}, {"advance": 2.5e11}])
def test_the_furthest_move_leaves_a_working_contio(contio: FakeContio, raw: Any, move: Any) -> None:
    assert raw("POST", "/_mock/clock", move).status in (200, 400)
    assert contio.client().user.profile.get().display_name == "Ada Lovelace"


def test_the_rate_is_told_and_changed(contio: FakeContio, raw: Any) -> None:
    assert contio.control.mock.clock().rate == 0
    assert contio.control.mock.move_clock({"rate": 60}).rate == 60
    before = contio.clock.now
    while contio.clock.now == before:
        pass
    assert contio.control.mock.move_clock({"rate": 0}).rate == 0
    assert contio.clock.now > before


def test_refusals_are_the_clients_exceptions(contio: FakeContio) -> None:
    with pytest.raises(Refused) as refused:
        contio.clock.advance("-1s")
    assert "duration" in refused.value.message
