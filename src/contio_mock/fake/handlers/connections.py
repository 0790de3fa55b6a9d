"""Connections of a partner app."""

from __future__ import annotations

from datetime import timedelta

from contio_mock.contract.connections import (
    CONNECTION_NOT_FOUND,
    GetConnection,
    ListConnections,
    RevokeConnection,
    UserConnection,
)
from contio_mock.contract.shared import Page
from contio_mock.fake import paging
from contio_mock.fake.oauth import people
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import ConnectionRecord
from contio_mock.fake.sandbox import Context

_TICK = timedelta(microseconds=1)


@ListConnections.handler
def list_connections(ctx: Context, op: ListConnections) -> Page[UserConnection]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    found, total = _found(ctx, op, limit, offset)
    return paging.page([_shown(ctx, connection) for connection in found], total, limit, offset)


def _found(ctx: Context, op: ListConnections, limit: int, offset: int) -> tuple[list[ConnectionRecord], int]:
    """A page of the app's connections that the filters let through, and how many there are in all."""
    stored, app = ctx.store.connections, ctx.app.id
    if op.user_id is not None:
        own = reversed(stored.under("app_user", f"{app}/{op.user_id}"))
        found = [connection for connection in own if op.status in (None, connection.status_at(ctx.now))]
        return found[offset : offset + limit], len(found)
    if op.status is None:
        return stored.page("app", app, limit=limit, offset=offset)
    if op.status == "revoked":
        return stored.page("app", f"{app}/revoked", limit=limit, offset=offset)
    low, high = (ctx.now + _TICK, None) if op.status == "active" else (None, ctx.now)
    return stored.page_between("end", [app], low=low, high=high, limit=limit, offset=offset)


@GetConnection.handler
def get_connection(ctx: Context, op: GetConnection) -> UserConnection:
    return _shown(ctx, _own(ctx, op.connection_id))


@RevokeConnection.handler
def revoke_connection(ctx: Context, op: RevokeConnection) -> None:
    connection = _own(ctx, op.connection_id)
    if connection.status_at(ctx.now) != "revoked":
        people.revoke(ctx, connection, tell=ctx.profile.admin_revoke_event == "yes")


def _own(ctx: Context, connection_id: str) -> ConnectionRecord:
    connection = ctx.store.connections.get(connection_id)
    if connection is None or connection.app_id != ctx.app.id:
        raise ApiError(CONNECTION_NOT_FOUND)
    return connection


def _shown(ctx: Context, connection: ConnectionRecord) -> UserConnection:
    user = ctx.store.users.get(connection.user_id)
    return UserConnection(
        id=connection.id,
        user_id=connection.user_id,
        user_email=user.email if user else "",
        user_name=user.display_name if user else "",
        status=connection.status_at(ctx.now),
        oauth_scopes=list(connection.scopes),
        created_at=connection.created_at,
        updated_at=connection.updated_at,
        oauth_expires_at=connection.oauth_expires_at,
        last_used_at=ctx.sandbox.tokens.last_used(connection.id),
        feature_activated_at=connection.created_at,
    )
