"""The chat agent and canvases, at somebody's command."""

from __future__ import annotations

from contio_mock.contract.app_events import AppliedToCanvas, CanvasTemplateApplied
from contio_mock.contract.chat import SESSION_NOT_FOUND, TURN_NOT_FOUND, ChatSession, Turn, TurnError
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.simulate_chat import (
    SESSION_OVER,
    TURN_OVER,
    MockSimulateCanvasTemplateApplied,
    MockSimulateChatTurn,
    MockSimulateSessionExpired,
)
from contio_mock.fake.oauth import people
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import chat
from contio_mock.fake.sandbox import Context


@MockSimulateChatTurn.handler
def mock_simulate_chat_turn(ctx: Context, op: MockSimulateChatTurn) -> Turn:
    wish = op.body
    named = ctx.store.chat_turns.get(wish.turn_id)
    if named is None:
        raise ApiError(TURN_NOT_FOUND, "There is no such turn.")
    turn = chat.question_of(ctx, named)
    if turn.status not in ("queued", "processing"):
        raise ApiError(TURN_OVER, f"The turn is {turn.status} already.")
    if wish.outcome == "completed":
        return chat.complete(ctx, turn, wish.content)
    return chat.fail(ctx, turn, TurnError(code=wish.error_code, message=wish.error_message))


@MockSimulateSessionExpired.handler
def mock_simulate_session_expired(ctx: Context, op: MockSimulateSessionExpired) -> ChatSession:
    session = ctx.store.chat_sessions.get(op.body.session_id)
    if session is None:
        raise ApiError(SESSION_NOT_FOUND, "There is no such chat session.")
    if session.status != "active":
        raise ApiError(SESSION_OVER, f"The chat session is {session.status} already.")
    return chat.expire(ctx, session)


@MockSimulateCanvasTemplateApplied.handler
def mock_simulate_canvas_template_applied(
    ctx: Context, op: MockSimulateCanvasTemplateApplied
) -> CanvasTemplateApplied:
    wish = op.body
    user = people.user_by_email(ctx, wish.email)
    if user is None:
        raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {wish.email}.")
    ctx.user = user  # what follows is their doing
    event = CanvasTemplateApplied(
        applied_at=ctx.now,
        applied_by_user_id=user.id,
        applied_items=AppliedToCanvas(collaborators=wish.collaborators),
        canvas_id=wish.canvas_id or ctx.ids.uuid(),
        template_id=wish.template_id or ctx.ids.uuid(),
        template_name=wish.template_name,
    )
    ctx.emit(event, audience=(user.id,))
    return event
