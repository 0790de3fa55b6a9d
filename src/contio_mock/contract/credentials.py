"""A partner app's credentials: how old they are, how they are replaced and brought back, and who did it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import BAD_REQUEST, INVALID_QUERY_PARAMETERS, RATE_LIMIT_EXCEEDED, ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Timestamp

TAG = "Credential Management"

TOO_MANY_ROTATIONS = ErrorCode(
    400, "rate_limit_exceeded", "This credential was rotated too often within 24 hours."
)

CredentialType = Literal["api_key", "client_secret", "webhook_secret"]
CredentialAction = Literal["rotated", "accessed", "rollback", "disabled", "enabled", "viewed", "tested"]
Confirmation = Annotated[str, Field(min_length=1)]


class CredentialStatus(Model):
    """How one credential stands."""

    credential_type: CredentialType
    status: str
    """`active`, or `pending_rotation` while an older one is still valid beside it."""
    age_days: int
    created_at: Timestamp
    recommended_action: str
    """`ok`, `rotate_soon` or `rotate_now`, by its age."""
    last_rotated_at: Timestamp | None = None
    last_used_at: Timestamp | None = None
    """When it was last shown by a caller, or last signed a delivery."""
    grace_period_ends_at: Timestamp | None = None
    """Until when the older one is valid, if there is one."""


class CredentialRotation(Input):
    """That a credential is to be replaced."""

    confirmation_token: Confirmation
    """Any text; it only guards against accidents."""
    grace_period_hours: int | None = None
    """How long the old one stays valid: 0 to 168, 24 unless said."""
    reason: str | None = None


class CredentialRotated(Model):
    """The new credential, shown this once."""

    credential_type: CredentialType
    new_credential: str
    grace_period_ends_at: Timestamp | None = None
    rollback_token: str | None = None
    """Brings the old one back, once and within the hour."""
    rollback_expires_at: Timestamp | None = None


class CredentialRollback(Input):
    """That the newest rotation is to be undone."""

    rollback_token: str
    reason: str | None = None


class CredentialEvent(Model):
    """Something that was done with a credential."""

    id: str
    partner_app_id: Id
    credential_type: CredentialType
    action: CredentialAction
    initiated_by: Literal["partner", "internal", "system"]
    created_at: Timestamp
    user_agent: str | None = None
    ip_address: str | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class CredentialPagination(Model):
    """Which part of the history was asked for."""

    count: int
    """How many events are on this page."""
    limit: int
    offset: int


class CredentialHistory(Model):
    """A page of the history, newest first; it does not say how long the history is."""

    events: list[CredentialEvent]
    pagination: CredentialPagination


@endpoint("GET", "/v1/partner/admin/credentials", auth=ADMIN, tag=TAG)
class GetCredentialStatus(Operation[dict[str, CredentialStatus]]):
    """Read how the app's credentials stand, by their type."""


@endpoint(
    "POST",
    "/v1/partner/admin/credentials/api-key/rotate",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(BAD_REQUEST, TOO_MANY_ROTATIONS, RATE_LIMIT_EXCEEDED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class RotateApiKey(Operation[CredentialRotated]):
    """Replace the API key; the old one stays valid for the grace period."""

    body: CredentialRotation


@endpoint(
    "POST",
    "/v1/partner/admin/credentials/client-secret/rotate",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(BAD_REQUEST, TOO_MANY_ROTATIONS, RATE_LIMIT_EXCEEDED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class RotateClientSecret(Operation[CredentialRotated]):
    """Replace the client secret; the old one stays valid for the grace period."""

    body: CredentialRotation


@endpoint(
    "POST",
    "/v1/partner/admin/credentials/webhook-secret/rotate",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(BAD_REQUEST, RATE_LIMIT_EXCEEDED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class RotateWebhookSecret(Operation[CredentialRotated]):
    """Replace the webhook secret at once: the next delivery is signed with the new one."""

    body: CredentialRotation


@endpoint(
    "POST",
    "/v1/partner/admin/credentials/api-key/rollback",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(BAD_REQUEST, RATE_LIMIT_EXCEEDED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class RollbackApiKey(Operation[None]):
    """Bring the API key back that the newest rotation replaced."""

    body: CredentialRollback


@endpoint(
    "POST",
    "/v1/partner/admin/credentials/client-secret/rollback",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(BAD_REQUEST, RATE_LIMIT_EXCEEDED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class RollbackClientSecret(Operation[None]):
    """Bring the client secret back that the newest rotation replaced."""

    body: CredentialRollback


@endpoint(
    "GET",
    "/v1/partner/admin/credentials/history",
    auth=ADMIN,
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListCredentialHistory(Operation[CredentialHistory]):
    """Read what was done with the app's credentials, newest first."""

    limit: Limit = 20
    offset: Offset = 0
    credential_type: CredentialType | None = None
    action: CredentialAction | None = None


class Credentials(Resource[S_co]):
    """The credentials of the app, as a client calls them."""

    status = call(GetCredentialStatus)
    rotate_api_key = call(RotateApiKey)
    rotate_client_secret = call(RotateClientSecret)
    rotate_webhook_secret = call(RotateWebhookSecret)
    rollback_api_key = call(RollbackApiKey)
    rollback_client_secret = call(RollbackClientSecret)
    history = call(ListCredentialHistory)
