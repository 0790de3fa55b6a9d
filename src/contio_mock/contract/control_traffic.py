"""What went through a sandbox and what is done to it: journal, events, webhooks, faults."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Input, Limit, Model, Timestamp

TAG = "Control"

NO_EFFECT = ErrorCode(
    400,
    "no_effect",
    "Say what the fault does: status, delay, drop, truncate or malformed; to the deliveries of an event, "
    "status, delay, drop, copies, overtaken_by or signature.",
)
INVALID_FAULT = ErrorCode(400, "invalid_fault", "The members of the rule do not go together.")
FAULT_NOT_FOUND = ErrorCode(404, "not_found", "There is no fault rule with this id.")
UNKNOWN_EVENT = ErrorCode(400, "unknown_event", "There is no such event in this release.")
UNKNOWN_USER = ErrorCode(400, "unknown_user", "No user of this sandbox has that e-mail address.")
INVALID_EVENT_DATA = ErrorCode(400, "invalid_event_data", "The data does not fit the event.")


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
    """One try to deliver an event; its body is the delivery's."""

    at: Timestamp
    status: int | None = None
    """The status that counts: the receiver's, or the one of a fault rule."""
    error: str | None = None
    milliseconds: float | None = None
    url: str | None = None
    """Where the request went; absent when none was sent."""
    headers: dict[str, str] | None = None
    """Those of the request, with the signature."""
    answer_status: int | None = None
    answer_headers: dict[str, str] | None = None
    answer: str | None = None
    """What came back; of a long body the beginning."""
    fault: str | None = None
    """The id of the fault rule that struck the attempt."""
    repeated: bool | None = None
    """True when a fault rule had the request sent again, whatever came back."""


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
    due_at: Timestamp | None = None
    """When it goes out; absent while it is held, and when it is final."""
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
    """Which requests or deliveries are struck, and what is done to them.

    With `event`, deliveries; `delay` and `overtaken_by` strike a delivery when it is new, everything else
    each attempt. The two do not go together in one rule.
    """

    operation: str | None = None
    """An operationId."""
    method: str | None = None
    path: str | None = None
    """A path; `*` stands for any run of characters."""
    event: str | None = None
    """An event's name; `*` stands for any run of characters. The rule is about its deliveries."""
    nth: Annotated[int | None, Field(ge=1)] = None
    """Only the nth that matches."""
    times: Annotated[int | None, Field(ge=1)] = None
    """At most that many; then the rule is spent."""
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    point: Literal["before", "after"] = "before"
    """Before the handler (nothing happened) or after it (it happened, and nobody hears).

    Of a delivery: before the receiver gets it, or after.
    """
    status: Annotated[int | None, Field(ge=200, le=599)] = None
    """The answer's; of a delivery, the status that is noted in the place of the receiver's."""
    code: str = "internal_error"
    message: str = "A fault rule of the mock says so."
    retry_after: Annotated[int | None, Field(ge=0)] = None
    delay: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Real seconds before the answer; of a delivery, seconds of the sandbox's clock before it goes out."""
    drop: bool = False
    """Close the connection without an answer; of a delivery, lose the request or (after) its answer."""
    truncate: Annotated[int | None, Field(ge=0)] = None
    """Send that many bytes of the body, then close the connection."""
    malformed: bool = False
    """Cut the JSON so that it cannot be parsed."""
    copies: Annotated[int, Field(ge=1, le=10)] = 1
    """How often a delivery is sent, with the same event id; the last answer counts."""
    overtaken_by: Annotated[int, Field(ge=0, le=100)] = 0
    """How many later deliveries to the app go out before it; at the latest it goes out after `delay`, or
    after a minute of the sandbox's clock."""
    signature: Literal["right", "wrong", "missing", "previous_secret"] = "right"
    """How a delivery is signed; `previous_secret` is the one that the last rotation replaced."""


class FaultState(Model):
    """A rule, and how often it struck."""

    id: str
    rule: FaultRule
    seen: int
    struck: int


class FaultList(Model):
    """Every rule of a sandbox."""

    items: list[FaultState]


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


@endpoint("POST", "/_mock/faults", auth=PUBLIC, success=201, raises=(NO_EFFECT, INVALID_FAULT), tag=TAG)
class MockCreateFault(Operation[FaultState]):
    """Add a fault rule; the first rule that strikes a request or an attempt wins."""

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
