"""The mock's own control plane under `/_mock`; never part of the partner contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.operation import Operation, Resource, S_co, call, endpoint
from contio_mock.contract.shared import Email, Input, Limit, Model, Timestamp

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
NO_EFFECT = ErrorCode(
    400, "no_effect", "Say what the fault does: status, delay, drop, truncate or malformed."
)
FAULT_NOT_FOUND = ErrorCode(404, "not_found", "There is no fault rule with this id.")
UNKNOWN_EVENT = ErrorCode(400, "unknown_event", "There is no such event in this release.")
UNKNOWN_USER = ErrorCode(400, "unknown_user", "No user of this sandbox has that e-mail address.")
INVALID_EVENT_DATA = ErrorCode(400, "invalid_event_data", "The data does not fit the event.")


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
    """The one-time code in it."""
    sent_at: Timestamp


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


class RecordedRequest(Model):
    """One line of the journal."""

    id: str
    at: Timestamp
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    body_bytes: int
    status: int
    answer: str
    answer_headers: dict[str, str]
    undocumented: list[str]
    """Members of the request that no document names."""
    replayed: bool
    milliseconds: float
    """How long the fake worked on it."""
    operation: str | None = None
    """The operationId; absent when nothing has this path."""


class Requests(Model):
    """The journal, newest first."""

    items: list[RecordedRequest]
    total: int
    """How many were seen since the last reset, also those the bounded journal has let go."""


class RecordedAttempt(Model):
    """One try to deliver an event."""

    at: Timestamp
    status: int | None = None
    error: str | None = None
    milliseconds: float | None = None


class RecordedDelivery(Model):
    """One delivery of an event to the app's webhook URL."""

    id: str
    event_id: str
    url: str
    status: str
    for_user: str | None = None
    """The e-mail address of the user whose copy it is."""
    body: str
    """The exact bytes that are signed and sent."""
    signature: str
    retry_count: int
    next_retry_at: Timestamp | None = None
    attempts: list[RecordedAttempt]


class RecordedEvent(Model):
    """Something that happened, and who was told."""

    type: str
    at: Timestamp
    data: dict[str, Any]
    deliveries: list[RecordedDelivery]


class Events(Model):
    """Events, newest first."""

    items: list[RecordedEvent]
    total: int


class EventEmit(Input):
    """An event to be emitted; what `data` leaves out is made up from the sandbox."""

    type: str
    data: dict[str, Any] | None = None
    user: Email | None = None
    """Only this user's copy, instead of one for every connected user."""


class Settled(Model):
    """What a settle did."""

    delivered: int
    failed: int
    pending: int
    """How many wait for a later time."""


class FaultRule(Input):
    """Which requests are struck, and what is done to them."""

    operation: str | None = None
    """An operationId."""
    method: str | None = None
    path: str | None = None
    """A path; `*` stands for any run of characters."""
    nth: Annotated[int | None, Field(ge=1)] = None
    """Only the nth matching request."""
    times: Annotated[int | None, Field(ge=1)] = None
    """At most that many; then the rule is spent."""
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    point: Literal["before", "after"] = "before"
    """Before the handler (nothing happened) or after it (it happened, and nobody hears)."""
    status: Annotated[int | None, Field(ge=200, le=599)] = None
    code: str = "internal_error"
    message: str = "A fault rule of the mock says so."
    retry_after: Annotated[int | None, Field(ge=0)] = None
    delay: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Seconds before the answer."""
    drop: bool = False
    """Close the connection without an answer."""
    truncate: Annotated[int | None, Field(ge=0)] = None
    """Send that many bytes of the body, then close the connection."""
    malformed: bool = False
    """Cut the JSON so that it cannot be parsed."""


class FaultState(Model):
    """A rule, and how often it struck."""

    id: str
    rule: FaultRule
    seen: int
    struck: int


class FaultList(Model):
    """Every rule of a sandbox."""

    items: list[FaultState]


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
    """Read the mails with one-time codes, newest first."""

    email: str | None = None


@endpoint("GET", "/_mock/clock", auth=PUBLIC, tag=TAG)
class MockGetClock(Operation[ClockState]):
    """Read the clock."""


@endpoint("POST", "/_mock/clock", auth=PUBLIC, raises=(INVALID_CLOCK,), invalid=INVALID_CLOCK, tag=TAG)
class MockMoveClock(Operation[ClockState]):
    """Move the clock; whatever falls due on the way happens, webhooks included."""

    body: ClockMove


@endpoint("GET", "/_mock/requests", auth=PUBLIC, tag=TAG)
class MockListRequests(Operation[Requests]):
    """Read the journal of requests, newest first."""

    limit: Limit = 100
    operation: str | None = None
    """Only requests of the operation with this operationId."""


@endpoint("DELETE", "/_mock/requests", auth=PUBLIC, success=204, tag=TAG)
class MockDeleteRequests(Operation[None]):
    """Empty the journal."""


@endpoint("GET", "/_mock/events", auth=PUBLIC, tag=TAG)
class MockListEvents(Operation[Events]):
    """Read what happened and who was told, newest first."""

    limit: Limit = 100
    type: str | None = None


@endpoint(
    "POST",
    "/_mock/events",
    auth=PUBLIC,
    success=201,
    raises=(UNKNOWN_EVENT, UNKNOWN_USER, INVALID_EVENT_DATA),
    tag=TAG,
)
class MockEmitEvent(Operation[RecordedEvent]):
    """Emit a signed event, as if Contio had done it."""

    body: EventEmit


@endpoint("POST", "/_mock/webhooks/settle", auth=PUBLIC, tag=TAG)
class MockSettleWebhooks(Operation[Settled]):
    """Deliver what is due now, and wait until it is done."""


@endpoint("GET", "/_mock/faults", auth=PUBLIC, tag=TAG)
class MockListFaults(Operation[FaultList]):
    """List the fault rules."""


@endpoint("POST", "/_mock/faults", auth=PUBLIC, success=201, raises=(NO_EFFECT,), tag=TAG)
class MockCreateFault(Operation[FaultState]):
    """Add a fault rule; the first rule that strikes a request wins."""

    body: FaultRule


@endpoint("DELETE", "/_mock/faults", auth=PUBLIC, success=204, tag=TAG)
class MockDeleteFaults(Operation[None]):
    """Remove every fault rule."""


@endpoint(
    "DELETE",
    "/_mock/faults/{id}",
    auth=PUBLIC,
    success=204,
    raises=(FAULT_NOT_FOUND,),
    not_found=FAULT_NOT_FOUND,
    tag=TAG,
)
class MockDeleteFault(Operation[None]):
    """Remove one fault rule."""

    id: str


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


class Control(Resource[S_co]):
    """The control plane, as a client calls it."""

    health = call(MockGetHealth)
    credentials = call(MockGetCredentials)
    create_token = call(MockCreateToken)
    inbox = call(MockListInbox)
    clock = call(MockGetClock)
    move_clock = call(MockMoveClock)
    requests = call(MockListRequests)
    delete_requests = call(MockDeleteRequests)
    events = call(MockListEvents)
    emit = call(MockEmitEvent)
    settle = call(MockSettleWebhooks)
    faults = call(MockListFaults)
    create_fault = call(MockCreateFault)
    delete_faults = call(MockDeleteFaults)
    delete_fault = call(MockDeleteFault)
    reset = call(MockReset)
    sandboxes = call(MockListSandboxes)
    create_sandbox = call(MockCreateSandbox)
    delete_sandbox = call(MockDeleteSandbox)
