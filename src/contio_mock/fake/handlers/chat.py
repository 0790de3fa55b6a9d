"""Chat sessions."""

from __future__ import annotations

from collections.abc import Iterable

from contio_mock.contract.chat import (
    NOT_A_PARTICIPANT,
    SESSION_NOT_ACTIVE,
    SESSION_NOT_FOUND,
    TURN_NOT_FOUND,
    ChatSession,
    CreatedSession,
    CreateSession,
    GetSession,
    GetSessionTurn,
    ListSessions,
    SendSessionMessage,
    SentMessage,
    SessionDetails,
    TurnDetails,
    TurnPagination,
)
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import paging
from contio_mock.fake.plans import require_plan
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import chat
from contio_mock.fake.processes.meeting_facts import unknown_documents
from contio_mock.fake.records import SessionRecord, TurnRecord
from contio_mock.fake.records.chat import session_key
from contio_mock.fake.rules import chat as rules
from contio_mock.fake.sandbox import Context

MOST_TURNS = 200


@ListSessions.handler
def list_sessions(ctx: Context, op: ListSessions) -> Page[ChatSession]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    key = session_key(ctx.app.id, ctx.user.id, op.meeting_id, op.status)
    return paging.listed(ctx.store.chat_sessions, "user", key, limit, offset)


@CreateSession.handler
def create_session(ctx: Context, op: CreateSession) -> CreatedSession:
    wish = op.body
    require_plan(ctx, "PRO", "chat")
    documents = tuple(dict.fromkeys(wish.context_document_ids or ()))
    _check_meeting(ctx, wish.meeting_id)
    _check_documents(ctx, documents, wish.meeting_id)
    session = ctx.store.chat_sessions.insert(
        trusted(
            SessionRecord,
            id=ctx.ids.uuid(),
            status="active",
            created_at=ctx.now,
            updated_at=ctx.now,
            last_activity_at=ctx.now,
            turn_count=0,
            meeting_id=wish.meeting_id,
            metadata=wish.metadata,
            app_id=ctx.app.id,
            user_id=ctx.user.id,
            context_document_ids=documents,
        )
    )
    session, turn = chat.add_message(ctx, session, wish.message)
    chat.watch(ctx, session)
    return trusted(
        CreatedSession,
        id=session.id,
        status=session.status,
        created_at=session.created_at,
        initial_turn=turn,
        meeting_id=session.meeting_id,
        metadata=session.metadata,
    )


def _check_meeting(ctx: Context, meeting_id: str | None) -> None:
    if meeting_id is None:
        return
    meeting = ctx.store.meetings.get(meeting_id)
    if meeting is not None and ctx.user.id in meeting.viewer_ids:
        return
    if ctx.profile.chat_foreign_meeting == "forbidden":
        raise ApiError(NOT_A_PARTICIPANT)
    raise ApiError(rules.broken_rule(ctx.profile), "meeting_id: must be a meeting that you take part in.")


def _check_documents(ctx: Context, documents: Iterable[str], meeting_id: str | None) -> None:
    unknown = unknown_documents(ctx, documents, meeting_id)
    if unknown:
        raise ApiError(
            rules.broken_rule(ctx.profile),
            f"context_document_ids: {unknown[0]} is no document that this app added to the meeting.",
        )


@GetSession.handler
def get_session(ctx: Context, op: GetSession) -> SessionDetails:
    session = _own(ctx, op.id)
    limit, offset = paging.window(ctx, op.turn_limit, op.turn_offset, MOST_TURNS)
    chosen = op.include or ctx.profile.chat_include
    turns, total = ctx.store.chat_turns.page(
        "session",
        session.id if chosen == "all_turns" else f"{session.id}/undelivered",
        limit=limit,
        offset=offset,
        newest_first=ctx.profile.chat_turn_order == "newest_first",
    )
    return trusted(
        SessionDetails,
        session=session,
        turns=[_delivered(ctx, turn) for turn in turns],
        turn_pagination=_pagination(limit, offset, len(turns), total),
    )


def _pagination(limit: int, offset: int, shown: int, total: int) -> TurnPagination:
    return TurnPagination(total=total, offset=offset, limit=limit, has_more=offset + shown < total)


def _delivered(ctx: Context, turn: TurnRecord) -> TurnRecord:
    return turn if turn.delivered else ctx.store.chat_turns.replace(turn, delivered=True)


@SendSessionMessage.handler
def send_session_message(ctx: Context, op: SendSessionMessage) -> SentMessage:
    wish = op.body
    require_plan(ctx, "PRO", "chat")
    session = _own(ctx, op.id)
    if session.status != "active":
        raise ApiError(SESSION_NOT_ACTIVE, f"The chat session is {session.status}; create a new one.")
    session, turn = chat.add_message(ctx, _about(ctx, session, wish.meeting_id), wish.message)
    turns = ctx.store.chat_turns
    return trusted(
        SentMessage,
        turn=turn,
        position=turns.count("session", f"{session.id}/unfinished"),
        queued_turns=turns.count("session", f"{session.id}/queued"),
    )


def _about(ctx: Context, session: SessionRecord, meeting_id: str | None) -> SessionRecord:
    """The session, about the meeting that a message names."""
    if meeting_id in (None, session.meeting_id):
        return session
    _check_meeting(ctx, meeting_id)
    if session.meeting_id is not None and ctx.profile.chat_second_meeting == "refuse":
        message = "meeting_id: the chat session is about another meeting already."
        raise ApiError(rules.broken_rule(ctx.profile), message)
    return ctx.store.chat_sessions.replace(session, meeting_id=meeting_id)


@GetSessionTurn.handler
def get_session_turn(ctx: Context, op: GetSessionTurn) -> TurnDetails:
    session = _own(ctx, op.id)
    turn = ctx.store.chat_turns.get(op.turn_id)
    if turn is None or turn.session_id != session.id:
        raise ApiError(TURN_NOT_FOUND)
    return trusted(TurnDetails, turn=_delivered(ctx, turn))


def _own(ctx: Context, session_id: str) -> SessionRecord:
    """The caller's session with the calling app; raises ApiError."""
    session = ctx.store.chat_sessions.get(session_id)
    if session is None or (session.user_id, session.app_id) != (ctx.user.id, ctx.app.id):
        raise ApiError(SESSION_NOT_FOUND)
    return session
