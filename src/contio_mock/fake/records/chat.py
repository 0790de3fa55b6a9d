"""Chat sessions and their turns."""

from collections.abc import Iterable

from pydantic import Field

from contio_mock.contract.chat import ChatSession, Turn
from contio_mock.contract.shared import Timestamp


class SessionRecord(ChatSession):
    """A chat session with what its answers do not show."""

    app_id: str = Field(exclude=True)
    """The only app that sees it."""
    user_id: str = Field(exclude=True)
    """The only user who sees it."""
    context_document_ids: tuple[str, ...] = Field(default=(), exclude=True)
    last_activity_at: Timestamp = Field(exclude=True)


class TurnRecord(Turn):
    """A turn of a chat session."""

    delivered: bool = Field(default=True, exclude=True)
    """False for a finished turn of the agent that no answer has shown."""


def session_key(app_id: str, user_id: str, meeting_id: str | None = None, status: str | None = None) -> str:
    """The key of a user's sessions with an app: all of them, or those of a meeting, of a status."""
    return f"{app_id}/{user_id}/{meeting_id or ''}/{status or ''}"


def session_keys(session: SessionRecord) -> Iterable[str]:
    """The keys of a session, one for each combination of filters."""
    for status in (None, session.status):
        yield session_key(session.app_id, session.user_id, None, status)
        if session.meeting_id is not None:
            yield session_key(session.app_id, session.user_id, session.meeting_id, status)


def turn_keys(turn: TurnRecord) -> Iterable[str]:
    """The keys of a turn: its session, and the queues of that session in which it stands."""
    yield turn.session_id
    if turn.role == "user" and turn.status in ("queued", "processing"):
        yield f"{turn.session_id}/unfinished"
        yield f"{turn.session_id}/{turn.status}"
    if not turn.delivered:
        yield f"{turn.session_id}/undelivered"
