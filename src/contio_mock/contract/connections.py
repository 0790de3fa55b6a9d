"""Connections: which users let a partner app act for them."""

from typing import Annotated, Literal

from contio_mock.contract.app_events import UserConnectionRevoked
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import BAD_REQUEST, INVALID_QUERY_PARAMETERS, ErrorCode, Invalid
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Limit, Model, Offset, Page, Timestamp

TAG = "Connection Management"

CONNECTION_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such connection.")
INVALID_CONNECTION_ID = ErrorCode(400, "bad_request", "The connection id is not a UUID.")

ConnectionStatus = Literal["active", "revoked", "expired"]


class UserConnection(Model):
    """One user's connection to the app."""

    id: Id
    user_id: Id
    user_email: str
    user_name: str
    status: ConnectionStatus
    oauth_scopes: list[str]
    created_at: Timestamp
    updated_at: Timestamp
    oauth_expires_at: Timestamp | None = None
    """When the connection ends unless its tokens are refreshed before."""
    last_used_at: Timestamp | None = None
    feature_activated_at: Timestamp | None = None


@endpoint(
    "GET",
    "/v1/partner/admin/connections",
    auth=ADMIN,
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListConnections(Operation[Page[UserConnection]]):
    """List the connections of the app, newest first."""

    limit: Limit = 50
    offset: Offset = 0
    user_id: Id | None = None
    status: ConnectionStatus | None = None


@endpoint(
    "GET",
    "/v1/partner/admin/connections/{connectionId}",
    auth=ADMIN,
    raises=(INVALID_CONNECTION_ID, CONNECTION_NOT_FOUND),
    not_found=CONNECTION_NOT_FOUND,
    tag=TAG,
)
class GetConnection(Operation[UserConnection]):
    """Read one connection."""

    connection_id: Annotated[Id, Invalid(INVALID_CONNECTION_ID)]


@endpoint(
    "DELETE",
    "/v1/partner/admin/connections/{connectionId}",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_CONNECTION_ID, CONNECTION_NOT_FOUND, BAD_REQUEST),
    not_found=CONNECTION_NOT_FOUND,
    emits=(UserConnectionRevoked,),
    tag=TAG,
)
class RevokeConnection(Operation[None]):
    """Revoke a connection: every token that the app holds for its user dies."""

    connection_id: Annotated[Id, Invalid(INVALID_CONNECTION_ID)]


class Connections(Resource[S_co]):
    """Connections, as a client calls them."""

    list = call(ListConnections)
    get = call(GetConnection)
    revoke = call(RevokeConnection)
