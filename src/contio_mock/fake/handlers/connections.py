"""Connections of a partner app."""

from __future__ import annotations

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


@ListConnections.handler
def list_connections(ctx: Context, op: ListConnections) -> Page[UserConnection]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    found = [
        connection
        for connection in reversed(_candidates(ctx, op.user_id))
        if op.status in (None, connection.status_at(ctx.now))
    ]
    shown = [_shown(ctx, connection) for connection in found[offset : offset + limit]]
    return paging.page(shown, len(found), limit, offset)


def _candidates(ctx: Context, user_id: str | None) -> list[ConnectionRecord]:
    if user_id is not None:
        return ctx.store.connections.under("app_user", f"{ctx.app.id}/{user_id}")
    return ctx.store.connections.under("app", ctx.app.id)


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
