"""Chat sessions: what a user says to the assistant, and what it answers."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    BAD_REQUEST,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST_BODY,
    PLAN_REQUIRED,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import Lifetime
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, QueryInt, Timestamp

TAG = "Chat Sessions"

UNPROCESSABLE = ErrorCode(422, "validation_error", "The request does not fit its schema.")
SESSION_NOT_FOUND = ErrorCode(404, "not_found", "You have no such chat session.")
TURN_NOT_FOUND = ErrorCode(404, "not_found", "This chat session has no such turn.")
SESSION_NOT_ACTIVE = ErrorCode(409, "conflict", "The chat session is not active any more; create a new one.")
NOT_A_PARTICIPANT = ErrorCode(403, "forbidden", "Only a participant of the meeting may chat about it.")

SessionStatus = Literal["active", "closed", "expired"]
TurnStatus = Literal["queued", "processing", "completed", "failed"]
SessionId = Annotated[Id, Invalid(BAD_REQUEST)]
TurnId = Annotated[Id, Invalid(BAD_REQUEST)]
Message = Annotated[str, Field(min_length=1, max_length=10_000)]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=256)], Annotated[str, Field(max_length=1024)]],
    Field(max_length=10),
]
"""Whatever the app wants to remember: at most 10 keys of 256 characters, values of 1024."""
SessionLimit = Annotated[Limit, Field(json_schema_extra={"minimum": 1, "maximum": 100})]
TurnLimit = Annotated[QueryInt, Field(json_schema_extra={"minimum": 1, "maximum": 200})]
Skipped = Annotated[Offset, Field(json_schema_extra={"minimum": 0})]


class ToolCall(Model):
    """A tool that the agent used."""

    name: str
    status: Literal["success", "failure"]


class TokenUsage(Model):
    """What a turn of the agent cost, in tokens of its model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AgentMetadata(Model):
    """How the agent came to its answer."""

    tool_calls: list[ToolCall]
    referenced_documents: list[str]
    """The ids of the context documents that it read."""
    token_usage: TokenUsage
    model: str
    """The model's name; the official SDK reads it."""


class TurnError(Model):
    """Why the agent failed."""

    code: str
    message: str


class Turn(Model):
    """One message of a chat session; the user's have odd numbers, the agent's even ones."""

    id: Id
    session_id: Id
    sequence_number: int
    role: Literal["user", "agent"]
    content: str
    """Empty while the agent works on its turn."""
    status: TurnStatus
    created_at: Timestamp
    completed_at: Timestamp | None = None
    error: TurnError | None = None
    """Only of a failed turn."""
    agent_metadata: AgentMetadata | None = None
    """Only of a completed turn of the agent."""


class ChatSession(Model):
    """A conversation of one user with the assistant."""

    id: Id
    status: SessionStatus
    created_at: Timestamp
    updated_at: Timestamp
    turn_count: int
    """How many turns there are, of both sides."""
    meeting_id: Id | None = None
    """The meeting that it is about."""
    metadata: dict[str, str] | None = None
    title: str | None = None
    """What it is about, in a few words; absent until the agent has answered."""


class CreatedSession(Model):
    """A new chat session with its first turn."""

    id: Id
    status: SessionStatus
    created_at: Timestamp
    initial_turn: Turn
    """The user's message, queued for the agent."""
    meeting_id: Id | None = None
    metadata: dict[str, str] | None = None


class TurnPagination(Model):
    """Which turns of a session are shown."""

    total: int
    offset: int
    limit: int
    has_more: bool


class SessionDetails(Model):
    """A chat session with a page of its turns."""

    session: ChatSession
    turns: list[Turn]
    turn_pagination: TurnPagination


class TurnDetails(Model):
    """One turn."""

    turn: Turn


class SentMessage(Model):
    """The user's new turn, and its place in the queue."""

    turn: Turn
    position: int
    """1 when no other turn of the session is before it."""
    queued_turns: int
    """How many of the user's turns wait for the agent, this one included."""


class SessionCreate(Input):
    """The first message of a new chat session, and what it is about."""

    message: Message
    meeting_id: Id | None = None
    """A meeting that the user takes part in."""
    context_document_ids: list[Id] | None = None
    """Documents that the app added and that the agent is to read."""
    metadata: Metadata | None = None


class MessageSend(Input):
    """A further message; a meeting may be named later than at the beginning."""

    message: Message
    meeting_id: Id | None = None


@endpoint(
    "GET",
    "/v1/partner/user/sessions",
    auth=user("chat:read"),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListSessions(Operation[Page[ChatSession]]):
    """List the user's chat sessions, newest first."""

    limit: SessionLimit = 25
    offset: Skipped = 0
    meeting_id: Id | None = None
    """Only sessions about this meeting."""
    status: SessionStatus | None = None
    """Only sessions with this status; the official SDK sends it."""


@endpoint(
    "POST",
    "/v1/partner/user/sessions",
    auth=user("chat:write"),
    success=201,
    idempotency_key=Lifetime.ALWAYS,
    raises=(PLAN_REQUIRED, NOT_A_PARTICIPANT, VALIDATION_ERROR),
    invalid=UNPROCESSABLE,
    invalid_body=INVALID_REQUEST_BODY,
    tag=TAG,
)
class CreateSession(Operation[CreatedSession]):
    """Begin a chat session with a message; the agent answers later (`session.turn.completed`)."""

    body: SessionCreate


@endpoint(
    "GET",
    "/v1/partner/user/sessions/{id}",
    auth=user("chat:read"),
    raises=(BAD_REQUEST, SESSION_NOT_FOUND),
    invalid=INVALID_QUERY_PARAMETERS,
    not_found=SESSION_NOT_FOUND,
    tag=TAG,
)
class GetSession(Operation[SessionDetails]):
    """Read a chat session and a page of its turns."""

    id: SessionId
    turn_limit: TurnLimit = 50
    turn_offset: Skipped = 0
    include: Literal["undelivered", "all_turns"] | None = None
    """Every turn, or only the agent's finished ones that no answer has shown; the SDK sends it."""


@endpoint(
    "PUT",
    "/v1/partner/user/sessions/{id}",
    auth=user("chat:write"),
    idempotency_key=Lifetime.ALWAYS,
    raises=(
        BAD_REQUEST,
        PLAN_REQUIRED,
        NOT_A_PARTICIPANT,
        SESSION_NOT_FOUND,
        SESSION_NOT_ACTIVE,
        VALIDATION_ERROR,
    ),
    invalid=UNPROCESSABLE,
    invalid_body=INVALID_REQUEST_BODY,
    not_found=SESSION_NOT_FOUND,
    tag=TAG,
)
class SendSessionMessage(Operation[SentMessage]):
    """Send a further message; it waits until the agent has done those before it."""

    id: SessionId
    body: MessageSend


@endpoint(
    "GET",
    "/v1/partner/user/sessions/{id}/turns/{turn_id}",
    auth=user("chat:read"),
    raises=(BAD_REQUEST, SESSION_NOT_FOUND, TURN_NOT_FOUND),
    not_found=SESSION_NOT_FOUND,
    tag=TAG,
)
class GetSessionTurn(Operation[TurnDetails]):
    """Read one turn of a chat session."""

    id: SessionId
    turn_id: TurnId


class ChatSessions(Resource[S_co]):
    """Chat sessions, as a client calls them."""

    list = call(ListSessions)
    create = call(CreateSession)
    get = call(GetSession)
    send = call(SendSessionMessage)
    turn = call(GetSessionTurn)
