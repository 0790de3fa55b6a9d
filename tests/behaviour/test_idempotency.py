"""Idempotency keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Conflict, ServerFailed, Unprocessable
from contio_mock.contract.app import AppUpdate
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate

MEETINGS = "/v1/partner/user/meetings"
KEY = {"idempotency-key": "key-1"}


def made(answer: Any) -> str:
    assert answer.status == 201
    id_: str = json.loads(answer.body)["id"]
    return id_


def test_a_repeat_gets_the_first_answer_and_happens_once(contio: FakeContio, raw: Any) -> None:
    first = raw("POST", MEETINGS, {"title": "x"}, headers=KEY)
    contio.clock.advance("1h")
    second = raw("POST", MEETINGS, {"title": "x"}, headers=KEY)
    assert second.body == first.body
    assert second.header("idempotent-replayed") == "true"
    assert first.header("idempotent-replayed") is None
    assert second.header("x-request-id") != first.header("x-request-id")
    assert [event.type for event in contio.events] == ["meeting.created"]
    assert [entry.replayed for entry in contio.requests[-2:]] == [False, True]
    assert contio.control.mock.requests(limit=1).items[0].replayed


def test_without_a_key_or_with_another_it_happens_again(contio: FakeContio, raw: Any) -> None:
    ids = {
        made(raw("POST", MEETINGS, {"title": "x"}, headers=headers))
        for headers in ({}, {}, KEY, {"idempotency-key": "key-2"}, {"idempotency-key": "KEY-1"})
    }
    assert len(ids) == 5


def test_a_change_is_replayed_too(contio: FakeContio) -> None:
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="x"))
    keyed = client.with_options(idempotency_key="k")
    first = keyed.user.meetings.update(meeting.id, MeetingUpdate(title="y"))
    client.user.meetings.update(meeting.id, MeetingUpdate(title="z"))
    assert keyed.user.meetings.update(meeting.id, MeetingUpdate(title="y")) == first
    assert client.user.meetings.get(meeting.id).title == "z"


@pytest.mark.parametrize(("setting", "error"), [("conflict", Conflict), ("unprocessable", Unprocessable)])
def test_a_key_for_another_request_is_refused(setting: str, error: type[Exception]) -> None:
    contio = FakeContio(check_answers=True, profile={"idempotency_mismatch": setting})
    keyed = contio.client().with_options(idempotency_key="k")
    meeting = keyed.user.meetings.create(MeetingCreate(title="x"))
    for call in (
        lambda: keyed.user.meetings.create(MeetingCreate(title="y")),
        lambda: keyed.user.meetings.update(meeting.id, MeetingUpdate(title="x")),
    ):
        with pytest.raises(error) as refused:
            call()
        assert refused.value.code == "idempotency_conflict"  # type: ignore[attr-defined]
        assert refused.value.retry_after is None  # type: ignore[attr-defined]
    assert len(contio.events) == 1


@pytest.mark.contio(profile={"idempotency_mismatch": "replay"})
def test_a_profile_may_replay_whatever_is_asked(contio: FakeContio) -> None:
    keyed = contio.client().with_options(idempotency_key="k")
    first = keyed.user.meetings.create(MeetingCreate(title="x"))
    assert keyed.user.meetings.create(MeetingCreate(title="y")) == first
    assert len(contio.events) == 1


def test_a_key_is_forgotten_after_a_day(contio: FakeContio, raw: Any) -> None:
    first = made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY))
    other = made(raw("POST", MEETINGS, {"title": "y"}, headers={"idempotency-key": "later"}))
    contio.clock.advance("86399s")
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY)) == first
    contio.clock.advance("1s")
    raw.token = None  # the token is a day old as well
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY)) != first
    assert made(raw("POST", MEETINGS, {"title": "y"}, headers={"idempotency-key": "later"})) != other


@pytest.mark.parametrize("wait", [0.5, 1, 7, 7.2])
def test_a_repeat_while_the_first_answer_is_on_its_way_is_told_to_wait(
    contio: FakeContio, raw: Any, wait: float
) -> None:
    contio.faults.add(operation="createMeeting", delay=wait, times=1)
    slow = raw("POST", MEETINGS, {"title": "x"}, headers=KEY)
    assert slow.transmission.delay == wait
    repeat = raw("POST", MEETINGS, {"title": "x"}, headers=KEY)
    assert repeat.status == 409
    assert json.loads(repeat.body)["code"] == "idempotency_conflict"
    seconds = int(repeat.header("retry-after"))
    assert wait <= seconds < wait + 1
    contio.clock.advance(seconds)
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY)) == made(slow)


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\nb", "\x7f", "ключ"])
def test_a_malformed_key_is_refused(contio: FakeContio, raw: Any, key: str) -> None:
    answer = raw.code("POST", MEETINGS, {"title": "x"}, headers={"idempotency-key": key})
    assert answer == (400, "invalid_idempotency_key")
    assert contio.events == []


@pytest.mark.parametrize("key", ["x", "x" * 255, " a ~!", '"quoted"'])
def test_every_printable_key_works(raw: Any, key: str) -> None:
    headers = {"idempotency-key": key}
    first = made(raw("POST", MEETINGS, {"title": "x"}, headers=headers))
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=headers)) == first


def test_a_refused_request_may_be_mended_and_sent_with_its_key(contio: FakeContio, raw: Any) -> None:
    assert raw("POST", MEETINGS, {"title": ""}, headers=KEY).status == 400
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY))


@pytest.mark.contio(profile={"idempotency_stored_answers": "any"})
def test_a_profile_may_keep_refusals_too(contio: FakeContio, raw: Any) -> None:
    first = raw("POST", MEETINGS, {"title": ""}, headers=KEY)
    second = raw("POST", MEETINGS, {"title": ""}, headers=KEY)
    assert second.header("idempotent-replayed") == "true"
    assert (second.status, second.body) == (400, first.body)
    assert raw("POST", MEETINGS, {"title": "x"}, headers=KEY).status == 409


@pytest.mark.parametrize("release", ["1.5", "1.6"])
def test_keys_mean_nothing_before_release_1_9(release: str, raw_of: Any) -> None:
    contio = FakeContio(check_answers=True, release=release)
    raw = raw_of(contio)
    ids = {
        made(raw("POST", MEETINGS, {"title": "x"}, headers={"idempotency-key": key}))
        for key in ("k", "k", "")
    }
    assert len(ids) == 3


def test_keys_mean_nothing_where_none_is_declared(contio: FakeContio, raw: Any) -> None:
    assert raw("GET", MEETINGS, headers={"idempotency-key": ""}).status == 200
    for _ in range(2):
        answer = raw("GET", MEETINGS, headers=KEY)
        assert answer.header("idempotent-replayed") is None


def test_the_keys_of_two_users_are_apart(contio: FakeContio, raw: Any, raw_of: Any) -> None:
    first = made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY))
    second = made(raw_of(contio, "grace@example.com")("POST", MEETINGS, {"title": "x"}, headers=KEY))
    assert first != second
    admin = contio.admin().with_options(idempotency_key="key-1")
    assert admin.admin.app.update(AppUpdate(name="x")).name == "x"


def test_the_key_outlives_the_token_it_came_with(contio: FakeContio) -> None:
    first = contio.client().with_options(idempotency_key="k").user.meetings.create(MeetingCreate(title="x"))
    again = contio.client().with_options(idempotency_key="k").user.meetings.create(MeetingCreate(title="x"))
    assert again == first


def test_an_answer_that_was_lost_after_the_fact_is_told_again(contio: FakeContio) -> None:
    contio.faults.add(operation="createMeeting", status=502, point="after", times=1)
    keyed = contio.client().with_options(idempotency_key="k")
    with pytest.raises(ServerFailed):
        keyed.user.meetings.create(MeetingCreate(title="x"))
    meeting = keyed.user.meetings.create(MeetingCreate(title="x"))
    assert contio.client().user.meetings.list().items[0] == meeting
    assert len(contio.events) == 1


def test_a_fault_before_the_fact_leaves_the_key_free(contio: FakeContio) -> None:
    contio.faults.add(operation="createMeeting", status=503, times=1)
    keyed = contio.client().with_options(idempotency_key="k")
    with pytest.raises(ServerFailed):
        keyed.user.meetings.create(MeetingCreate(title="x"))
    assert contio.events == []
    assert keyed.user.meetings.create(MeetingCreate(title="x")).title == "x"


def test_a_spoilt_answer_is_kept_whole(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(operation="createMeeting", malformed=True, times=1)
    spoilt = raw("POST", MEETINGS, {"title": "x"}, headers=KEY)
    with pytest.raises(json.JSONDecodeError):
        json.loads(spoilt.body)
    assert made(raw("POST", MEETINGS, {"title": "x"}, headers=KEY))


def test_a_key_needs_a_caller_who_may(contio: FakeContio, raw: Any) -> None:
    assert raw("POST", MEETINGS, {"title": "x"}, headers=KEY).status == 201
    assert raw("POST", MEETINGS, {"title": "x"}, headers=KEY, anonymous=True).status == 401


def test_the_client_names_the_refusal(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.client().with_options(idempotency_key="x" * 256).user.meetings.create(MeetingCreate(title="x"))
    assert "255" in refused.value.message
