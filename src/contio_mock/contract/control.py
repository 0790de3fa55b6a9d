"""The mock's own control plane under `/_mock`; never part of the partner contract."""

from typing import Annotated, Any

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Input, Model, Timestamp

TAG = "Control"

INVALID_CLOCK = ErrorCode(
    400, "invalid_clock", "Say advance (such as 90s, 25h or 7d), set (a later time) or rate."
)
UNKNOWN_SCENARIO = ErrorCode(400, "unknown_scenario", "There is no such scenario.")
UNKNOWN_RELEASE = ErrorCode(400, "unknown_release", "There is no such release.")
UNKNOWN_PROFILE_OPTION = ErrorCode(400, "unknown_profile_option", "The profile has no such option.")
UNKNOWN_SCOPE = ErrorCode(400, "invalid_scope", "There is no such scope.")
SANDBOX_EXISTS = ErrorCode(409, "sandbox_exists", "There is a sandbox of this name already.")
SANDBOX_NOT_FOUND = ErrorCode(404, "not_found", "There is no sandbox of this name.")
DEFAULT_SANDBOX = ErrorCode(409, "default_sandbox", "The default sandbox cannot be deleted; reset it.")


class MockHealth(Model):
    """Whether the mock is up, and what it speaks."""

    status: str
    version: str
    release: str
    sandboxes: int


class Credentials(Model):
    """Everything a partner's code needs to use a sandbox."""

    base_url: str
    client_id: str
    client_secret: str
    api_key: str
    webhook_secret: str
    redirect_uris: list[str]
    partner_app_id: str


class TokenMint(Input):
    """Whose token, and what it may do; every scope unless said."""

    email: Email
    scope: str | None = None
    """Space-separated."""
    name: str | None = None
    """The display name of a new user."""


class InboxMessage(Model):
    """A mail that the mock would have sent."""

    to: str
    subject: str
    code: str
    """The one-time code in it; empty when it has none."""
    sent_at: Timestamp
    text: str | None = None
    """What else it says."""


class Inbox(Model):
    """Mails, newest first."""

    items: list[InboxMessage]


class ClockState(Model):
    """A sandbox's clock."""

    now: Timestamp
    rate: float
    """Clock seconds per real second; 0 stands still."""


class ClockMove(Input):
    """Exactly one of the three."""

    advance: Annotated[str | float | None, Field(union_mode="left_to_right")] = None
    """A duration such as `90s`, `25h`, `7d 12h`, or a number of seconds."""
    set: Timestamp | None = None
    """A moment that is not earlier than the clock's."""
    rate: Annotated[float | None, Field(ge=0, le=86400)] = None


class SandboxCreate(Input):
    """A sandbox to be made; what is left out is as in the default one."""

    name: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")] = None
    scenario: str | None = None
    seed: int | None = None
    release: str | None = None
    profile: dict[str, Any] | None = None
    strict: bool | None = None
    now: Timestamp | None = None
    """Where its clock begins."""
    rate: Annotated[float | None, Field(ge=0, le=86400)] = None
    webhook_url: str | None = None
    redirect_uris: list[str] | None = None
    """Further redirect URIs of its app."""
    auto_approve: Email | None = None
    """Grant every authorization at once, for this user or the one of `login_hint`."""


class SandboxInfo(Model):
    """A sandbox and its credentials."""

    name: str
    base_url: str
    release: str
    scenario: str
    seed: int
    credentials: Credentials


class SandboxList(Model):
    """Every sandbox of this server."""

    items: list[SandboxInfo]


@endpoint("GET", "/_mock/health", auth=PUBLIC, tag=TAG)
class MockGetHealth(Operation[MockHealth]):
    """Ask whether the mock is up."""


@endpoint("GET", "/_mock/credentials", auth=PUBLIC, tag=TAG)
class MockGetCredentials(Operation[Credentials]):
    """Read what a partner's code needs to use this sandbox."""


@endpoint("POST", "/_mock/tokens", auth=PUBLIC, raises=(UNKNOWN_SCOPE,), tag=TAG)
class MockCreateToken(Operation[TokenResponse]):
    """Get tokens for a user at once, without the sign-in; a new user is created and connected."""

    body: TokenMint


@endpoint("GET", "/_mock/inbox", auth=PUBLIC, tag=TAG)
class MockListInbox(Operation[Inbox]):
    """Read the mails, newest first: one-time codes, and what is told to an app's contact."""

    email: str | None = None


@endpoint("GET", "/_mock/clock", auth=PUBLIC, tag=TAG)
class MockGetClock(Operation[ClockState]):
    """Read the clock."""


@endpoint("POST", "/_mock/clock", auth=PUBLIC, raises=(INVALID_CLOCK,), invalid=INVALID_CLOCK, tag=TAG)
class MockMoveClock(Operation[ClockState]):
    """Move the clock; whatever falls due on the way happens, webhooks included."""

    body: ClockMove


@endpoint("POST", "/_mock/reset", auth=PUBLIC, success=204, tag=TAG)
class MockReset(Operation[None]):
    """Start again: the sandbox is as it was made."""


@endpoint("GET", "/_mock/sandboxes", auth=PUBLIC, tag=TAG)
class MockListSandboxes(Operation[SandboxList]):
    """List the sandboxes of this server."""


@endpoint(
    "POST",
    "/_mock/sandboxes",
    auth=PUBLIC,
    success=201,
    raises=(
        VALIDATION_ERROR,
        UNKNOWN_SCENARIO,
        UNKNOWN_RELEASE,
        UNKNOWN_PROFILE_OPTION,
        SANDBOX_EXISTS,
    ),
    tag=TAG,
)
class MockCreateSandbox(Operation[SandboxInfo]):
    """Make a sandbox with its own data, clock and credentials."""

    body: SandboxCreate


@endpoint(
    "DELETE",
    "/_mock/sandboxes/{name}",
    auth=PUBLIC,
    success=204,
    raises=(SANDBOX_NOT_FOUND, DEFAULT_SANDBOX),
    not_found=SANDBOX_NOT_FOUND,
    tag=TAG,
)
class MockDeleteSandbox(Operation[None]):
    """Delete a sandbox."""

    name: str
