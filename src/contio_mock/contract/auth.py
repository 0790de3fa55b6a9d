"""Who may call an operation: everybody, a user's token with one scope, or a partner app's API key."""

from dataclasses import dataclass
from enum import Enum

SCOPES: dict[str, str] = {
    "openid": "Confirm who you are",
    "profile": "Read your profile: name, workspace and role",
    "email": "Read your e-mail address",
    "meetings:read": "Read your meetings, their agendas, participants and notes",
    "meetings:write": "Create and change your meetings",
    "action-items:read": "Read your action items",
    "action-items:write": "Create, change and delete your action items",
    "calendar:read": "Read your calendar",
    "calendar:write": "Link calendar events and meetings",
    "context:read": "Read documents that this app added to your meetings",
    "context:write": "Add documents to your meetings",
    "chat:read": "Read your chat sessions with the assistant",
    "chat:write": "Chat with the assistant on your behalf",
    "toolkits:read": "Read the toolkits of your workspace",
    "toolkits:write": "Install and remove toolkits in your workspace",
    "workflows:read": "Read workflow runs of your workspace",
    "workflows:write": "Start workflow runs",
}
"""Every scope that the documents name, and what it lets an app do, in words for a consent page."""

DEFAULT_SCOPE = "openid profile meetings:read meetings:write"
"""What the official SDK asks for when its caller names no scopes."""


class Caller(Enum):
    """The kinds of caller that the API knows."""

    PUBLIC = "public"
    USER = "user"
    ADMIN = "admin"
    TOKEN = "token"
    """A bearer token of any scope, checked by the operation itself (userInfo)."""


@dataclass(frozen=True, slots=True)
class Auth:
    """What a caller must show: the kind, and for users the one scope that the operation names."""

    caller: Caller
    scope: str | None = None


PUBLIC = Auth(Caller.PUBLIC)
ADMIN = Auth(Caller.ADMIN)
"""`X-API-Key` with `X-Client-ID`."""
TOKEN = Auth(Caller.TOKEN)


def user(scope: str) -> Auth:
    """`Authorization: Bearer <access token>` with that scope."""
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope!r}")
    return Auth(Caller.USER, scope)
