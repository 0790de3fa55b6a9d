"""Chat sessions: begun, continued, answered by the agent, and expired."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, Forbidden, NotFound, PlanRequired, Unprocessable
from contio_mock.contract.agenda_items import AgendaItemCreate
from contio_mock.contract.chat import (
    CreatedSession,
    ListSessions,
    MessageSend,
    SessionCreate,
    SessionDetails,
    Turn,
)
from contio_mock.contract.context import MeetingContextUpload
from contio_mock.contract.meetings import Meeting, MeetingCreate
from contio_mock.contract.simulate_chat import CanvasTemplateUse, ChatTurnEnd, SessionEnd
from contio_mock.contract.wire import Request, Upload

SESSIONS = "/v1/partner/user/sessions"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def begin(client: Contio, message: str = "What is next?", **given: Any) -> CreatedSession:
    return client.user.sessions.create(SessionCreate(message=message, **given))


def meeting_of(client: Contio, title: str) -> Meeting:
    return next(m for m in client.user.meetings.list(limit=100).items if m.title == title)


def numbers(client: Contio, session_id: str) -> list[tuple[int, str, str]]:
    return [(t.sequence_number, t.role, t.status) for t in client.user.sessions.get(session_id).turns]


def types(contio: FakeContio) -> list[str]:
    return [emitted.event.type for emitted in contio.events]


def simulate(contio: FakeContio, turn_id: str, outcome: str = "completed", **given: Any) -> Turn:
    wish = ChatTurnEnd.model_validate({"turn_id": turn_id, "outcome": outcome, **given})
    return contio.control.mock.simulate.chat_turn(wish)


# ---------------------------------------------------------------- begin


def test_a_session_begins_with_the_users_message_queued(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client, metadata={"ticket": "42"})
    turn = made.initial_turn
    assert (made.status, made.metadata, made.meeting_id) == ("active", {"ticket": "42"}, None)
    assert made.created_at == turn.created_at == contio.clock.now
    assert (turn.sequence_number, turn.role, turn.status) == (1, "user", "queued")
    assert (turn.content, turn.session_id, turn.completed_at) == ("What is next?", made.id, None)
    shown = client.user.sessions.get(made.id)
    assert shown.turns == [turn]
    assert (shown.session.turn_count, shown.session.title) == (1, None)
    assert contio.events == []


@pytest.mark.parametrize("message", ["x", "x" * 10_000, " ", "会議 🎉", "\u202e", '"\\\n\r\t'])
def test_a_message_is_kept_as_it_is_and_answered(contio: FakeContio, message: str) -> None:
    client = contio.client()
    made = begin(client, message)
    contio.clock.advance("10s")
    first, second = client.user.sessions.get(made.id).turns
    assert first.content == message
    assert second.status == "completed"
    assert second.content


LIMITS = [
    ({}, "missing"),
    ({"message": ""}, "empty"),
    ({"message": None}, "null"),
    ({"message": 1}, "number"),
    ({"message": "x" * 10_001}, "long"),
    ({"message": "x", "meeting_id": "meeting-1"}, "malformed meeting"),
    ({"message": "x", "meeting_id": UNKNOWN_ID}, "unknown meeting"),
    ({"message": "x", "context_document_ids": ["doc"]}, "malformed document"),
    ({"message": "x", "context_document_ids": [UNKNOWN_ID]}, "unknown document"),
    ({"message": "x", "context_document_ids": UNKNOWN_ID}, "no list"),
    ({"message": "x", "metadata": {str(n): "" for n in range(11)}}, "eleven keys"),
    ({"message": "x", "metadata": {"k" * 257: ""}}, "long key"),
    ({"message": "x", "metadata": {"k": "v" * 1025}}, "long value"),
    ({"message": "x", "metadata": {"k": 1}}, "number as value"),
    ({"message": "x", "metadata": []}, "no object"),
]


@pytest.mark.parametrize(("body", "why"), LIMITS, ids=[why for _, why in LIMITS])
def test_members_that_break_a_rule_are_422_and_nothing_is_made(
    contio: FakeContio, raw: Any, body: dict[str, Any], why: str
) -> None:
    before = contio.client().user.sessions.list().total
    assert raw.code("POST", SESSIONS, body) == (422, "validation_error")
    assert contio.client().user.sessions.list().total == before


@pytest.mark.contio(profile={"chat_validation_status": "400"})
@pytest.mark.parametrize(("body", "why"), LIMITS, ids=[why for _, why in LIMITS])
def test_a_profile_may_answer_400_to_them(raw: Any, body: dict[str, Any], why: str) -> None:
    assert raw.code("POST", SESSIONS, body) == (400, "validation_error")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"message": "a\\u0000b"}', b'{"message": NaN}'])
def test_what_is_no_json_object_is_400(raw: Any, body: bytes) -> None:
    assert raw.code("POST", SESSIONS, body) == (400, "invalid_request_body")
    assert raw.code("PUT", f"{SESSIONS}/{UNKNOWN_ID}", body) == (400, "invalid_request_body")


def test_metadata_at_its_limits_is_kept(contio: FakeContio) -> None:
    client = contio.client()
    full = {str(n) + "k" * 255: "v" * 1024 for n in range(10)}
    made = begin(client, metadata=full)
    assert client.user.sessions.get(made.id).session.metadata == full


def test_an_unknown_member_is_ignored(raw: Any) -> None:
    assert raw("POST", SESSIONS, {"message": "x", "model": "best"}).status == 201


def test_a_chat_needs_the_plan_pro(contio: FakeContio) -> None:
    client = contio.client("linus@example.net")
    for attempt in (
        lambda: begin(client),
        lambda: client.user.sessions.send(UNKNOWN_ID, MessageSend(message="x")),
    ):
        with pytest.raises(PlanRequired) as refused:
            attempt()
        assert refused.value.code == "feature_not_available"
    assert client.user.sessions.list().total == 0


@pytest.mark.contio(profile={"new_user_plan": "PRO"})
def test_the_plan_pro_is_enough(contio: FakeContio) -> None:
    assert begin(contio.client("new@example.com")).status == "active"


def test_a_repeated_key_begins_one_session(contio: FakeContio, raw: Any) -> None:
    before = contio.client().user.sessions.list().total
    first = raw("POST", SESSIONS, {"message": "x"}, headers={"idempotency-key": "k"})
    again = raw("POST", SESSIONS, {"message": "x"}, headers={"idempotency-key": "k"})
    assert again.header("idempotent-replayed") == "true"
    assert again.body == first.body
    assert contio.client().user.sessions.list().total == before + 1
    path = f"{SESSIONS}/{json.loads(first.body)['id']}"
    sent = [raw("PUT", path, {"message": "y"}, headers={"idempotency-key": "m"}).body for _ in range(2)]
    assert sent[0] == sent[1]
    assert contio.client().user.sessions.get(path.rpartition("/")[2]).session.turn_count == 2


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_every_release_has_chats(release: str) -> None:
    contio = FakeContio(release=release, check_answers=True)
    client = contio.client()
    made = begin(client)
    contio.clock.advance("10s")
    assert numbers(client, made.id)[-1] == (2, "agent", "completed")
    assert types(contio) == ["session.turn.completed"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", SESSIONS, "chat:read"),
        ("POST", SESSIONS, "chat:write"),
        ("GET", f"{SESSIONS}/{UNKNOWN_ID}", "chat:read"),
        ("PUT", f"{SESSIONS}/{UNKNOWN_ID}", "chat:write"),
        ("GET", f"{SESSIONS}/{UNKNOWN_ID}/turns/{UNKNOWN_ID}", "chat:read"),
    ],
)
def test_each_operation_needs_its_scope(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    other = "chat:write" if scope == "chat:read" else "chat:read"
    for given, statuses in ((other, (403,)), (scope, (200, 201, 404))):
        tokens = contio.client(scope=given).tokens
        assert tokens is not None
        answer = raw_of(contio, token=tokens.access_token)(method, path, {"message": "x"})
        assert answer.status in statuses
    assert raw_of(contio)(method, path, {"message": "x"}, anonymous=True).status == 401


# ---------------------------------------------------------------- meetings and documents


def test_the_agent_speaks_of_the_meeting(contio: FakeContio) -> None:
    client = contio.client()
    meeting = meeting_of(client, "Card reader post-mortem")
    made = begin(client, "What was decided?", meeting_id=meeting.id)
    assert made.meeting_id == meeting.id
    contio.clock.advance("10s")
    answer = client.user.sessions.get(made.id).turns[1]
    for known in (meeting.title, "10 January 2026, 11:00 UTC", "Ada Lovelace, Alan Turing and Grace Hopper"):
        assert known in answer.content
    assert meeting.summary_notes in answer.content
    metadata = answer.agent_metadata
    assert metadata is not None
    assert [(call.name, call.status) for call in metadata.tool_calls] == [
        ("get_meeting", "success"),
        ("list_participants", "success"),
        ("search_meeting_notes", "success"),
    ]
    usage = metadata.token_usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    assert (metadata.model, metadata.referenced_documents) == ("contio-mock-agent", [])


def test_a_meeting_without_time_or_notes_can_be_spoken_of(contio: FakeContio) -> None:
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="Bare"))
    made = begin(client, meeting_id=meeting.id)
    contio.clock.advance("10s")
    assert "“Bare” has no time yet, with Ada Lovelace." in client.user.sessions.get(made.id).turns[1].content


def test_a_chat_about_a_meeting_needs_a_participant(contio: FakeContio) -> None:
    theirs = contio.client("linus@example.net").user.meetings.create(MeetingCreate(title="x"))
    client = contio.client()
    made = begin(client)
    for attempt in (
        lambda: begin(client, meeting_id=theirs.id),
        lambda: client.user.sessions.send(made.id, MessageSend(message="x", meeting_id=theirs.id)),
    ):
        with pytest.raises(Unprocessable) as refused:
            attempt()
        assert refused.value.code == "validation_error"
    assert client.user.sessions.get(made.id).session.turn_count == 1


@pytest.mark.contio(profile={"chat_foreign_meeting": "forbidden", "meeting_visibility": "workspace"})
def test_a_profile_may_forbid_it_also_to_those_who_see_the_meeting(contio: FakeContio) -> None:
    own = contio.client("grace@example.com").user.meetings.create(MeetingCreate(title="x"))
    client = contio.client("katherine@example.com")
    assert client.user.meetings.get(own.id)
    with pytest.raises(Forbidden):
        begin(client, meeting_id=own.id)


def test_a_meeting_may_be_named_later(contio: FakeContio) -> None:
    client = contio.client()
    meeting, other = client.user.meetings.list().items[:2]
    made = begin(client)
    client.user.sessions.send(made.id, MessageSend(message="About this", meeting_id=meeting.id))
    client.user.sessions.send(made.id, MessageSend(message="Still"))
    assert client.user.sessions.get(made.id).session.meeting_id == meeting.id
    client.user.sessions.send(made.id, MessageSend(message="No, that", meeting_id=other.id))
    assert client.user.sessions.get(made.id).session.meeting_id == other.id
    assert made.id in {s.id for s in client.user.sessions.list(meeting_id=other.id).items}
    assert made.id not in {s.id for s in client.user.sessions.list(meeting_id=meeting.id).items}


@pytest.mark.contio(profile={"chat_second_meeting": "refuse"})
def test_a_profile_may_refuse_a_second_meeting(contio: FakeContio) -> None:
    client = contio.client()
    meeting, other = client.user.meetings.list().items[:2]
    made = begin(client, meeting_id=meeting.id)
    client.user.sessions.send(made.id, MessageSend(message="x", meeting_id=meeting.id))
    with pytest.raises(Unprocessable):
        client.user.sessions.send(made.id, MessageSend(message="x", meeting_id=other.id))
    assert client.user.sessions.get(made.id).session.meeting_id == meeting.id


def test_documents_must_be_the_apps_own_and_near(contio: FakeContio) -> None:
    client = contio.client()
    meeting, other = client.user.meetings.list().items[:2]
    added = [
        client.user.context.upload(
            place.id, MeetingContextUpload(file=Upload(b"# Notes"), source_format="md")
        ).id
        for place in (meeting, meeting, other, other)
    ]
    here, also_here, elsewhere, deleted = added
    client.user.context.delete(other.id, deleted)
    good = begin(client, meeting_id=meeting.id, context_document_ids=[here, also_here, here])
    for bad in (elsewhere, deleted, UNKNOWN_ID):
        with pytest.raises(Unprocessable, match=bad):
            begin(client, meeting_id=meeting.id, context_document_ids=[bad])
    assert begin(client, context_document_ids=[here, elsewhere]).id
    with pytest.raises(Unprocessable):
        begin(contio.client("mallory@example.org"), context_document_ids=[here])
    contio.clock.advance("10s")
    answer = client.user.sessions.get(good.id).turns[1]
    assert answer.agent_metadata is not None
    assert answer.agent_metadata.referenced_documents == [here, also_here]
    assert "2 documents" in answer.content


def test_an_agenda_is_spoken_of(contio: FakeContio) -> None:
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="Board"))
    for title in ("Budget", "Staff"):
        item = AgendaItemCreate(title=title, item_type="DISCUSSION")
        client.user.agenda_items.create(meeting.id, item)
    made = begin(client, meeting_id=meeting.id)
    contio.clock.advance("10s")
    assert "Agenda: Budget; Staff." in client.user.sessions.get(made.id).turns[1].content


# ---------------------------------------------------------------- the agent at work


def test_a_turn_is_queued_then_processed_then_completed(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    contio.clock.advance("999ms")
    assert numbers(client, made.id) == [(1, "user", "queued")]
    contio.clock.advance("1ms")
    assert numbers(client, made.id) == [(1, "user", "processing"), (2, "agent", "processing")]
    contio.clock.advance("2s")
    assert numbers(client, made.id) == [(1, "user", "completed"), (2, "agent", "completed")]
    session = client.user.sessions.get(made.id).session
    assert (session.turn_count, session.title) == (2, "What is next?")
    assert session.updated_at == contio.clock.now
    turns = client.user.sessions.get(made.id).turns
    assert [turn.completed_at for turn in turns] == [contio.clock.now] * 2
    assert turns[0].agent_metadata is None


def test_messages_wait_for_those_before_them(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    sent = [client.user.sessions.send(made.id, MessageSend(message=f"{n}")) for n in range(2)]
    assert [(s.turn.sequence_number, s.position, s.queued_turns) for s in sent] == [(3, 2, 2), (5, 3, 3)]
    contio.clock.advance("1s")
    late = client.user.sessions.send(made.id, MessageSend(message="late"))
    assert (late.turn.sequence_number, late.position, late.queued_turns) == (7, 4, 3)
    contio.clock.advance("20s")
    assert numbers(client, made.id) == [(n, "user" if n % 2 else "agent", "completed") for n in range(1, 9)]
    done = [e.event.completed_at for e in contio.events if e.event.type == "session.turn.completed"]
    gaps = {later - earlier for earlier, later in pairwise(done)}
    assert gaps == {timedelta(seconds=2)}


@pytest.mark.contio(profile={"chat_agent_turn": "when_queued"})
def test_a_profile_may_show_the_agents_turn_at_once(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    sent = client.user.sessions.send(made.id, MessageSend(message="more"))
    assert sent.turn.sequence_number == 3
    assert [(n, status) for n, _, status in numbers(client, made.id)] == [(n, "queued") for n in range(1, 5)]
    contio.clock.advance("20s")
    assert [(n, s) for n, _, s in numbers(client, made.id)] == [(n, "completed") for n in range(1, 5)]


@pytest.mark.contio(profile={"chat_queue_seconds": 0, "chat_processing_seconds": 0})
def test_without_delays_the_events_still_come_after_the_answer(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    assert made.initial_turn.status == "queued"
    assert contio.events == []
    assert numbers(client, made.id) == [(1, "user", "completed"), (2, "agent", "completed")]
    assert types(contio) == ["session.turn.completed"]


def test_who_hears_of_a_completed_turn_and_what(contio: FakeContio) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_url="http://localhost:9/hook")
    got: list[dict[str, Any]] = []
    contio.receiver = lambda out: got.append(json.loads(out.body)) or 200  # type: ignore[func-returns-value]
    client = contio.client()
    me, meeting = client.user.profile.get(), meeting_of(client, "Card reader post-mortem")
    made = begin(client, meeting_id=meeting.id)
    contio.clock.advance("3s")
    answer = client.user.sessions.get(made.id).turns[1]
    assert len(got) == 1, "colleagues in the meeting do not hear of Ada's chat"
    assert got[0]["event_type"] == "session.turn.completed"
    assert got[0]["for_user"] == {"id": me.id, "email": me.email}
    assert "actor_user_id" not in got[0]
    assert got[0]["data"] == {
        "completed_at": "2026-01-15T09:00:03Z",
        "meeting_id": meeting.id,
        "sequence_number": 2,
        "session_id": made.id,
        "turn_id": answer.id,
    }


def test_a_turn_can_be_made_to_fail(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    failed = simulate(contio, made.initial_turn.id, "failed", error_code="rate_limited", error_message="Slow")
    assert (failed.status, failed.role, failed.sequence_number) == ("failed", "agent", 2)
    turns = client.user.sessions.get(made.id).turns
    assert [(t.status, t.error.code if t.error else None) for t in turns] == [("failed", "rate_limited")] * 2
    event: Any = contio.events[0].event
    assert event.model_dump() == {
        "error_code": "rate_limited",
        "error_message": "Slow",
        "failed_at": contio.clock.now,
        "meeting_id": None,
        "sequence_number": 2,
        "session_id": made.id,
        "turn_id": failed.id,
    }
    contio.clock.advance("20s")
    assert types(contio) == ["session.turn.failed"], "a turn ends once"
    client.user.sessions.send(made.id, MessageSend(message="again"))
    contio.clock.advance("20s")
    assert [s for *_, s in numbers(client, made.id)] == ["failed", "failed", "completed", "completed"]


@pytest.mark.parametrize("moment", ["0s", "1500ms"])
@pytest.mark.parametrize("whose", ["user", "agent"])
def test_a_turn_can_be_finished_now_in_given_words(contio: FakeContio, moment: str, whose: str) -> None:
    client = contio.client()
    made = begin(client)
    contio.clock.advance(moment)
    turns = {turn.role: turn.id for turn in client.user.sessions.get(made.id).turns}
    answer = simulate(contio, turns.get(whose, made.initial_turn.id), content="Forty-two.")
    assert (answer.content, answer.status) == ("Forty-two.", "completed")
    contio.clock.advance("20s")
    assert types(contio) == ["session.turn.completed"]
    assert client.user.sessions.turn(made.id, answer.id).turn == answer


def test_simulations_name_what_is_there_and_still_to_end(contio: FakeContio) -> None:
    made = begin(contio.client())
    answer = simulate(contio, made.initial_turn.id)
    for turn_id, kind, code in (
        (UNKNOWN_ID, NotFound, "not_found"),
        (made.initial_turn.id, Conflict, "turn_over"),
        (answer.id, Conflict, "turn_over"),
    ):
        with pytest.raises(kind) as refused:
            simulate(contio, turn_id)
        assert refused.value.code == code
    expire = contio.control.mock.simulate.session_expired
    with pytest.raises(NotFound):
        expire(SessionEnd(session_id=UNKNOWN_ID))
    assert expire(SessionEnd(session_id=made.id)).status == "expired"
    with pytest.raises(Conflict) as refused_again:
        expire(SessionEnd(session_id=made.id))
    assert refused_again.value.code == "session_over"


def test_a_turn_finished_out_of_order_leaves_the_others_in_theirs(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    second = client.user.sessions.send(made.id, MessageSend(message="second")).turn
    simulate(contio, second.id, content="quick")
    contio.clock.advance("20s")
    assert [(n, status) for n, _, status in numbers(client, made.id)] == [
        (n, "completed") for n in range(1, 5)
    ]
    assert client.user.sessions.get(made.id).turns[3].content == "quick"


# ---------------------------------------------------------------- expiry


def test_a_silent_session_expires_and_takes_no_more_messages(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    contio.clock.advance("24h")
    assert client.user.sessions.get(made.id).session.status == "active"
    contio.clock.advance("3s")
    client = contio.client()
    assert client.user.sessions.get(made.id).session.status == "expired"
    event: Any = contio.events[-1].event
    assert event.type == "session.expired"
    assert event.model_dump() == {
        "expired_at": contio.clock.now,
        "last_activity_at": contio.clock.now - timedelta(days=1),
        "meeting_id": None,
        "session_id": made.id,
        "turn_count": 2,
    }
    with pytest.raises(Conflict) as refused:
        client.user.sessions.send(made.id, MessageSend(message="hello?"))
    assert refused.value.code == "conflict"
    assert client.user.sessions.get(made.id).session.turn_count == 2


def test_every_message_puts_the_expiry_off(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    contio.clock.advance("23h")
    client = contio.client()
    client.user.sessions.send(made.id, MessageSend(message="still here"))
    contio.clock.advance("23h")
    assert contio.client().user.sessions.get(made.id).session.status == "active"
    contio.clock.advance("2h")
    assert contio.client().user.sessions.get(made.id).session.status == "expired"
    assert types(contio).count("session.expired") == 1


@pytest.mark.contio(profile={"chat_expiry_seconds": 0})
def test_a_profile_may_let_sessions_live_for_ever(contio: FakeContio) -> None:
    made = begin(contio.client())
    contio.clock.advance("300d")
    assert contio.client().user.sessions.get(made.id).session.status == "active"


def test_a_session_lives_for_ever_once_the_profile_says_so(contio: FakeContio) -> None:
    made = begin(contio.client())
    contio.clock.advance("1h")
    contio.settings(profile={"chat_expiry_seconds": 0})
    contio.clock.advance("60d")
    assert contio.client().user.sessions.get(made.id).session.status == "active"
    assert types(contio) == ["session.turn.completed"]


@pytest.mark.contio(profile={"chat_expiry_seconds": 5, "chat_processing_seconds": 60})
def test_a_session_does_not_expire_while_the_agent_works(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    contio.clock.advance("60s")
    assert client.user.sessions.get(made.id).session.status == "active"
    contio.clock.advance("6s")
    assert types(contio) == ["session.turn.completed", "session.expired"]


def test_messages_that_wait_when_a_session_is_ended_fail_first(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    client.user.sessions.send(made.id, MessageSend(message="second"))
    contio.clock.advance("1s")
    ended = contio.control.mock.simulate.session_expired(SessionEnd(session_id=made.id))
    assert (ended.status, ended.turn_count) == ("expired", 4)
    assert types(contio) == ["session.turn.failed", "session.turn.failed", "session.expired"]
    assert {s for *_, s in numbers(client, made.id)} == {"failed"}
    assert contio.events[-1].event.turn_count == 4  # type: ignore[attr-defined]
    contio.clock.advance("2d")
    assert len(contio.events) == 3


# ---------------------------------------------------------------- reading


def conversation(contio: FakeContio, client: Contio, messages: int) -> str:
    made = begin(client)
    for number in range(messages - 1):
        client.user.sessions.send(made.id, MessageSend(message=f"{number}"))
    contio.clock.advance("15m")
    return made.id


def test_turns_are_paged_oldest_first(contio: FakeContio) -> None:
    client = contio.client()
    id_ = conversation(contio, client, 30)
    page = client.user.sessions.get(id_)
    assert [turn.sequence_number for turn in page.turns] == list(range(1, 51))
    assert page.turn_pagination.model_dump() == {"total": 60, "offset": 0, "limit": 50, "has_more": True}
    rest = client.user.sessions.get(id_, turn_offset=50)
    assert [turn.sequence_number for turn in rest.turns] == list(range(51, 61))
    assert not rest.turn_pagination.has_more
    assert client.user.sessions.get(id_, turn_limit=60).turn_pagination.has_more is False
    beyond = client.user.sessions.get(id_, turn_offset=1000)
    assert (beyond.turns, beyond.turn_pagination.total, beyond.turn_pagination.has_more) == ([], 60, False)


@pytest.mark.contio(profile={"chat_turn_order": "newest_first"})
def test_a_profile_may_show_the_newest_turns_first(contio: FakeContio) -> None:
    client = contio.client()
    id_ = conversation(contio, client, 3)
    assert [t.sequence_number for t in client.user.sessions.get(id_, turn_limit=4).turns] == [6, 5, 4, 3]


@pytest.mark.parametrize(
    ("query", "limit"), [("turn_limit=200", 200), ("turn_limit=201", 200), ("turn_limit=0", 1)]
)
def test_the_limit_of_turns_is_clamped(contio: FakeContio, raw: Any, query: str, limit: int) -> None:
    path = f"{SESSIONS}/{begin(contio.client()).id}"
    assert json.loads(raw("GET", path, query=query).body)["turn_pagination"]["limit"] == limit


@pytest.mark.parametrize("query", ["turn_limit=many", "turn_offset=1.5", "include=everything", "turn_limit="])
def test_a_wrong_parameter_of_a_session_is_named(contio: FakeContio, raw: Any, query: str) -> None:
    path = f"{SESSIONS}/{begin(contio.client()).id}"
    assert raw.code("GET", path, query=query) == (400, "invalid_query_parameters")


def undelivered(client: Contio, id_: str) -> list[int]:
    shown: SessionDetails = client.user.sessions.get(id_, include="undelivered")
    assert shown.turn_pagination.total == len(shown.turns)
    return [turn.sequence_number for turn in shown.turns]


def test_undelivered_turns_are_the_agents_that_nobody_read(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    assert undelivered(client, made.id) == []
    contio.clock.advance("2s")
    assert undelivered(client, made.id) == []
    contio.clock.advance("2s")
    assert undelivered(client, made.id) == [2]
    assert undelivered(client, made.id) == []
    assert len(client.user.sessions.get(made.id, include="all_turns").turns) == 2
    client.user.sessions.send(made.id, MessageSend(message="x"))
    contio.clock.advance("4s")
    answer = client.user.sessions.get(made.id).turns[3]
    assert client.user.sessions.turn(made.id, answer.id).turn == answer
    assert undelivered(client, made.id) == [], "a plain read delivers as well"


@pytest.mark.contio(profile={"chat_include": "undelivered"})
def test_a_profile_may_show_only_undelivered_turns(contio: FakeContio) -> None:
    client = contio.client()
    made = begin(client)
    assert client.user.sessions.get(made.id).turns == []
    contio.clock.advance("4s")
    assert [t.sequence_number for t in client.user.sessions.get(made.id).turns] == [2]
    assert len(client.user.sessions.get(made.id, include="all_turns").turns) == 2


def test_one_turn_is_read_and_unknown_query_members_are_ignored(contio: FakeContio, raw: Any) -> None:
    made = begin(contio.client())
    path = f"{SESSIONS}/{made.id}/turns/{made.initial_turn.id}"
    answer = raw("GET", path, query="idempotencyKey=abc")
    assert json.loads(answer.body)["turn"]["id"] == made.initial_turn.id


def test_a_turn_of_another_session_is_not_found(contio: FakeContio) -> None:
    client = contio.client()
    one, other = begin(client), begin(client)
    for turn_id in (other.initial_turn.id, UNKNOWN_ID):
        with pytest.raises(NotFound):
            client.user.sessions.turn(one.id, turn_id)


@pytest.mark.parametrize("id_", ["session-1", "0", UNKNOWN_ID + "0"])
def test_a_malformed_id_is_a_bad_request(contio: FakeContio, raw: Any, id_: str) -> None:
    made = begin(contio.client())
    assert raw.code("GET", f"{SESSIONS}/{id_}") == (400, "bad_request")
    assert raw.code("PUT", f"{SESSIONS}/{id_}", {"message": "x"}) == (400, "bad_request")
    assert raw.code("GET", f"{SESSIONS}/{id_}/turns/{UNKNOWN_ID}") == (400, "bad_request")
    assert raw.code("GET", f"{SESSIONS}/{made.id}/turns/{id_}") == (400, "bad_request")


# ---------------------------------------------------------------- whose it is, and lists


def test_others_sessions_are_not_found(contio: FakeContio) -> None:
    made = begin(contio.client("ada@example.com"))
    colleague = contio.client("grace@example.com")
    for attempt in (
        lambda: colleague.user.sessions.get(made.id),
        lambda: colleague.user.sessions.send(made.id, MessageSend(message="x")),
        lambda: colleague.user.sessions.turn(made.id, made.initial_turn.id),
        lambda: colleague.user.sessions.get(UNKNOWN_ID),
    ):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert refused.value.code == "not_found"
    assert made.id not in {s.id for s in colleague.every(ListSessions())}


def test_another_app_does_not_see_a_session_nor_hear_of_it(tmp_path: Path, raw_of: Any) -> None:
    apps = [
        {"client_id": n, "client_secret": f"s-{n}", "api_key": f"k-{n}", "webhook_secret": n, "name": n}
        | {
            "company_name": n,
            "webhook_url": f"http://localhost:9/{n}",
            "redirect_uris": ["http://localhost/cb"],
        }
        for n in ("first", "second")
    ]
    both = {"email": "b@example.com", "name": "B", "workspace": "W", "connected_to": ["first", "second"]}
    file = tmp_path / "two.json"
    file.write_text(json.dumps({"apps": apps, "workspaces": [{"name": "W"}], "users": [both]}), "utf-8")
    contio = FakeContio(scenario=str(file), check_answers=True, auto_approve="b@example.com")
    got: list[str] = []
    contio.receiver = lambda out: got.append(out.url) or 200  # type: ignore[func-returns-value]
    made = begin(contio.client("b@example.com"))
    contio.clock.advance("10s")
    other = raw_of(contio, token=token_of(contio, "second"))
    assert other.code("GET", f"{SESSIONS}/{made.id}") == (404, "not_found")
    assert other.code("PUT", f"{SESSIONS}/{made.id}", {"message": "x"}) == (404, "not_found")
    assert json.loads(other("GET", SESSIONS).body)["total"] == 0
    assert json.loads(other("POST", SESSIONS, {"message": "mine"}).body)["status"] == "active"
    assert contio.client("b@example.com").user.sessions.list().total == 1
    assert got == ["http://localhost:9/first"]


def token_of(contio: FakeContio, client_id: str) -> str:
    asked = {"client_id": client_id, "response_type": "code", "redirect_uri": "http://localhost/cb"}
    query = urlencode({**asked, "scope": "chat:read chat:write", "state": "12345678"})
    answer = contio.handle(Request("GET", "/oauth2/authorize", query))
    code = parse_qs(urlsplit(answer.header("location") or "").query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/cb"}
    body = urlencode({**form, "client_id": client_id, "client_secret": f"s-{client_id}"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    tokens = json.loads(contio.handle(Request("POST", "/oauth2/token", "", headers, body)).body)
    return str(tokens["access_token"])


def test_sessions_are_listed_newest_first_and_chosen_by_meeting_and_status(contio: FakeContio) -> None:
    client = contio.client("new@example.com")
    meeting = client.user.meetings.create(MeetingCreate(title="x"))
    made = [begin(client, meeting_id=meeting.id if n % 2 else None).id for n in range(6)]
    for id_ in (made[0], made[1]):
        contio.control.mock.simulate.session_expired(SessionEnd(session_id=id_))

    def listed(**given: Any) -> list[int]:
        return [made.index(session.id) for session in client.user.sessions.list(**given).items]

    assert listed() == [5, 4, 3, 2, 1, 0]
    assert listed(meeting_id=meeting.id) == [5, 3, 1]
    assert listed(status="expired") == [1, 0]
    assert listed(status="active", meeting_id=meeting.id) == [5, 3]
    assert listed(status="closed") == []
    assert listed(meeting_id=UNKNOWN_ID) == []
    assert listed(limit=2, offset=1) == [4, 3]
    assert client.user.sessions.list(status="expired", limit=1).total == 2


@pytest.mark.parametrize("query", ["limit=x", "offset=x", "meeting_id=m-1", "status=gone"])
def test_a_wrong_filter_is_named(raw: Any, query: str) -> None:
    assert raw.code("GET", SESSIONS, query=query) == (400, "invalid_query_parameters")


def test_the_demo_has_a_conversation_to_look_at(contio: FakeContio) -> None:
    client = contio.client()
    session = client.user.sessions.list().items[0]
    turns = client.user.sessions.get(session.id).turns
    assert (session.status, session.turn_count) == ("expired", len(turns))
    assert [turn.role for turn in turns] == ["user", "agent"] * (len(turns) // 2)


# ---------------------------------------------------------------- canvases


def test_a_canvas_template_can_be_applied(contio: FakeContio) -> None:
    me = contio.client().user.profile.get()
    apply = contio.control.mock.simulate.canvas_template_applied
    applied = apply(CanvasTemplateUse(email="ada@example.com", collaborators=3, template_id=UNKNOWN_ID))
    assert contio.events[0].event == applied
    assert (applied.applied_by_user_id, applied.applied_at) == (me.id, contio.clock.now)
    assert (applied.template_id, applied.applied_items.collaborators) == (UNKNOWN_ID, 3)
    with pytest.raises(BadRequest) as refused:
        apply(CanvasTemplateUse(email="nobody@example.com"))
    assert refused.value.code == "unknown_user"


def test_canvas_templates_are_younger_than_release_1_6() -> None:
    contio = FakeContio(release="1.6", check_answers=True)
    contio.control.mock.simulate.canvas_template_applied(CanvasTemplateUse(email="ada@example.com"))
    assert contio.events == []
