"""The agent at work: turns are processed one after the other, and silent sessions expire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contio_mock.contract.app_events import SessionExpired, SessionTurnCompleted, SessionTurnFailed
from contio_mock.contract.chat import TurnError
from contio_mock.contract.events import Event
from contio_mock.contract.shared import trusted
from contio_mock.fake.jobs import job, schedule
from contio_mock.fake.processes.meeting_facts import meeting_facts
from contio_mock.fake.records import SessionRecord, TurnRecord
from contio_mock.fake.rules import chat as rules
from contio_mock.fake.sandbox import Context

EXPIRED = trusted(TurnError, code="timeout", message="The session expired before the agent could answer.")


def add_message(ctx: Context, session: SessionRecord, message: str) -> tuple[SessionRecord, TurnRecord]:
    """Queue a message of the user; the agent comes to it when it has done those before."""
    turn = ctx.store.chat_turns.insert(
        trusted(
            TurnRecord,
            id=ctx.ids.uuid(),
            session_id=session.id,
            sequence_number=_next_number(ctx, session),
            role="user",
            content=message,
            status="queued",
            created_at=ctx.now,
        )
    )
    session = touch(ctx, session, turn_count=session.turn_count + 1)
    if ctx.profile.chat_agent_turn == "when_queued":
        session, _ = _agents_turn(ctx, session, turn)
    schedule(ctx, _begins_at(ctx, turn), begin_turn, turn.id)
    return session, turn


def _next_number(ctx: Context, session: SessionRecord) -> int:
    """The next odd number: each message of the user leaves the one behind it to the agent."""
    last = ctx.store.chat_turns.last("session", session.id)
    return 1 if last is None else last.sequence_number + (2 if last.role == "user" else 1)


def _begins_at(ctx: Context, turn: TurnRecord) -> datetime:
    """When the agent comes to a turn that is the next one."""
    return max(ctx.now, turn.created_at + timedelta(seconds=ctx.profile.chat_queue_seconds))


def touch(ctx: Context, session: SessionRecord, **changes: Any) -> SessionRecord:
    """Change a session and note that something happened in it, which puts its expiry off."""
    return ctx.store.chat_sessions.replace(session, **changes, updated_at=ctx.now, last_activity_at=ctx.now)


# ---------------------------------------------------------------- turns


@job()
def begin_turn(ctx: Context, turn_id: str) -> None:
    """Let the agent begin with a turn, if it is the next one and nothing else is being worked on."""
    turn = ctx.store.chat_turns.get(turn_id)
    if turn is None or turn.status != "queued":
        return
    session = _session(ctx, turn)
    following = ctx.store.chat_turns.first("session", f"{session.id}/unfinished")
    if session.status != "active" or following is None or following.id != turn.id:
        return
    ctx.store.chat_turns.replace(turn, status="processing")
    _, answer = _agents_turn(ctx, session, turn)
    ctx.store.chat_turns.replace(answer, status="processing")
    schedule(ctx, ctx.now + timedelta(seconds=ctx.profile.chat_processing_seconds), finish_turn, turn.id)


def _agents_turn(ctx: Context, session: SessionRecord, turn: TurnRecord) -> tuple[SessionRecord, TurnRecord]:
    """The session and the agent's turn that follows a user's, which is made if there is none yet."""
    found = answer_of(ctx, turn)
    if found is not None:
        return session, found
    answer = ctx.store.chat_turns.insert(
        trusted(
            TurnRecord,
            id=ctx.ids.uuid(),
            session_id=session.id,
            sequence_number=turn.sequence_number + 1,
            role="agent",
            content="",
            status="queued",
            created_at=ctx.now,
        )
    )
    return ctx.store.chat_sessions.replace(session, turn_count=session.turn_count + 1), answer


def answer_of(ctx: Context, turn: TurnRecord) -> TurnRecord | None:
    """The agent's turn that follows a user's."""
    return ctx.store.chat_turns.first("number", f"{turn.session_id}/{turn.sequence_number + 1}")


def question_of(ctx: Context, turn: TurnRecord) -> TurnRecord:
    """The user's turn that a turn is about: itself, or the one before the agent's."""
    if turn.role == "user":
        return turn
    before = ctx.store.chat_turns.first("number", f"{turn.session_id}/{turn.sequence_number - 1}")
    return before or turn


@job(emits=(SessionTurnCompleted,))
def finish_turn(ctx: Context, turn_id: str) -> None:
    """Let the agent finish the turn that it works on."""
    turn = ctx.store.chat_turns.get(turn_id)
    if turn is not None and turn.status == "processing":
        complete(ctx, turn)


def complete(ctx: Context, turn: TurnRecord, content: str | None = None) -> TurnRecord:
    """Answer a user's turn, in the agent's words or in these; returns the agent's turn."""
    session = _session(ctx, turn)
    facts = meeting_facts(ctx, session.meeting_id, session.user_id)
    documents = session.context_document_ids
    if content is None:
        content = rules.reply(turn.content, facts, len(documents))
    answer = _ended(
        ctx,
        turn,
        status="completed",
        content=content,
        agent_metadata=rules.agent_metadata(turn.content, content, facts, documents),
    )
    _tell(
        ctx,
        session,
        trusted(
            SessionTurnCompleted,
            completed_at=ctx.now,
            meeting_id=session.meeting_id,
            sequence_number=answer.sequence_number,
            session_id=session.id,
            turn_id=answer.id,
        ),
    )
    return answer


def fail(ctx: Context, turn: TurnRecord, error: TurnError) -> TurnRecord:
    """Let the agent fail at a user's turn; returns the agent's turn."""
    session = _session(ctx, turn)
    answer = _ended(ctx, turn, status="failed", error=error)
    _tell(
        ctx,
        session,
        trusted(
            SessionTurnFailed,
            error_code=error.code,
            error_message=error.message,
            failed_at=ctx.now,
            meeting_id=session.meeting_id,
            sequence_number=answer.sequence_number,
            session_id=session.id,
            turn_id=answer.id,
        ),
    )
    return answer


def _session(ctx: Context, turn: TurnRecord) -> SessionRecord:
    session = ctx.store.chat_sessions.get(turn.session_id)
    assert session is not None  # noqa: S101 - sessions are never removed
    return session


def _ended(ctx: Context, turn: TurnRecord, **outcome: Any) -> TurnRecord:
    """End both turns, and let the agent go on with the next message."""
    turns = ctx.store.chat_turns
    session, answer = _agents_turn(ctx, _session(ctx, turn), turn)
    turns.replace(turn, status=outcome["status"], completed_at=ctx.now, error=outcome.get("error"))
    answer = turns.replace(answer, **outcome, completed_at=ctx.now, delivered=False)
    touch(ctx, session, title=session.title or rules.title_of(turn.content))
    following = turns.first("session", f"{session.id}/queued")
    if following is not None:
        schedule(ctx, _begins_at(ctx, following), begin_turn, following.id)
    return answer


def _tell(ctx: Context, session: SessionRecord, event: Event) -> None:
    ctx.emit(event, audience=(session.user_id,), app=ctx.store.apps.get(session.app_id))


# ---------------------------------------------------------------- expiry


def watch(ctx: Context, session: SessionRecord) -> None:
    """Let a session expire when nothing happens in it for the profile's time; 0 means never."""
    period = ctx.profile.chat_expiry_seconds
    if period:
        schedule(ctx, session.last_activity_at + timedelta(seconds=period), expire_session, session.id)


@job(emits=(SessionExpired,))
def expire_session(ctx: Context, session_id: str) -> None:
    """Expire a session if it has been silent long enough; look again later if not."""
    session = ctx.store.chat_sessions.get(session_id)
    period = timedelta(seconds=ctx.profile.chat_expiry_seconds)
    if session is None or session.status != "active" or not period:
        return
    if ctx.store.chat_turns.count("session", f"{session.id}/unfinished"):
        session = ctx.store.chat_sessions.replace(session, last_activity_at=ctx.now)
    if session.last_activity_at + period > ctx.now:
        watch(ctx, session)
    else:
        expire(ctx, session)


def expire(ctx: Context, session: SessionRecord) -> SessionRecord:
    """End a session now; messages that still wait fail first, so that nobody waits for ever."""
    since = session.last_activity_at
    session = ctx.store.chat_sessions.replace(session, status="expired")
    for turn in ctx.store.chat_turns.under("session", f"{session.id}/unfinished"):
        fail(ctx, turn, EXPIRED)
    session = ctx.store.chat_sessions.replace(_current(ctx, session), updated_at=ctx.now)
    _tell(
        ctx,
        session,
        trusted(
            SessionExpired,
            expired_at=ctx.now,
            last_activity_at=since,
            meeting_id=session.meeting_id,
            session_id=session.id,
            turn_count=session.turn_count,
        ),
    )
    return session


def _current(ctx: Context, session: SessionRecord) -> SessionRecord:
    return ctx.store.chat_sessions.get(session.id) or session
