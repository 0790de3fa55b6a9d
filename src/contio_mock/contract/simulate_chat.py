"""The control plane's simulations of the chat agent and of canvases."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.app_events import (
    CanvasTemplateApplied,
    SessionExpired,
    SessionTurnCompleted,
    SessionTurnFailed,
)
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.chat import SESSION_NOT_FOUND, TURN_NOT_FOUND, ChatSession, Turn
from contio_mock.contract.control import TAG
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input

TURN_OVER = ErrorCode(409, "turn_over", "The turn is finished already.")
SESSION_OVER = ErrorCode(409, "session_over", "The chat session is not active any more.")


class ChatTurnEnd(Input):
    """How the agent ends a turn that is queued or being processed."""

    turn_id: Id
    """The user's turn, or the agent's turn that answers it."""
    outcome: Literal["completed", "failed"]
    content: str | None = None
    """What the agent says; made from the meeting when absent."""
    error_code: str = "agent_error"
    """`agent_error`, `timeout`, `context_too_large` or `rate_limited`."""
    error_message: str = "The agent could not process the message."


class SessionEnd(Input):
    """Which chat session expires."""

    session_id: Id


class CanvasTemplateUse(Input):
    """Who applied which template to which canvas; what is absent is made up."""

    email: Email
    canvas_id: Id | None = None
    template_id: Id | None = None
    template_name: str = "Project canvas"
    collaborators: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@endpoint(
    "POST",
    "/_mock/simulate/chat-turn",
    auth=PUBLIC,
    raises=(TURN_NOT_FOUND, TURN_OVER),
    emits=(SessionTurnCompleted, SessionTurnFailed),
    tag=TAG,
)
class MockSimulateChatTurn(Operation[Turn]):
    """Let the agent end a turn now; answers the agent's turn."""

    body: ChatTurnEnd


@endpoint(
    "POST",
    "/_mock/simulate/session-expired",
    auth=PUBLIC,
    raises=(SESSION_NOT_FOUND, SESSION_OVER),
    emits=(SessionExpired, SessionTurnFailed),
    tag=TAG,
)
class MockSimulateSessionExpired(Operation[ChatSession]):
    """Let a chat session expire now; messages that still wait fail."""

    body: SessionEnd


@endpoint(
    "POST",
    "/_mock/simulate/canvas-template-applied",
    auth=PUBLIC,
    raises=(UNKNOWN_USER,),
    emits=(CanvasTemplateApplied,),
    tag=TAG,
)
class MockSimulateCanvasTemplateApplied(Operation[CanvasTemplateApplied]):
    """Let a user apply a template to a canvas; answers the event's data."""

    body: CanvasTemplateUse
