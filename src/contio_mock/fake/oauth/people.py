"""Users and their connections as OAuth makes them: provisioning, consent, connection."""

from __future__ import annotations

from datetime import datetime

from contio_mock.contract.app_events import UserConnectionRevoked
from contio_mock.contract.oauth import (
    WORKSPACE_CONFLICT,
    WORKSPACE_NOT_AUTHORIZED,
    WORKSPACE_NOT_FOUND,
    WORKSPACE_NOT_FOUND_400,
    AuthInitiate,
)
from contio_mock.contract.profile import WorkspaceRole
from contio_mock.fake.oauth.tokens import REFRESH_LIFE
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import participation, toolkits
from contio_mock.fake.records import AppRecord, ConnectionRecord, UserRecord, WorkspaceRecord
from contio_mock.fake.sandbox import Context


def user_by_email(ctx: Context, email: str) -> UserRecord | None:
    """The user with that address, whatever its case."""
    return ctx.store.users.first("email", email.lower())


def provision(ctx: Context, app: AppRecord, wish: AuthInitiate) -> tuple[UserRecord, bool]:
    """The user who signs in, and whether they were made now; raises ApiError."""
    workspace = _wished_workspace(ctx, app, wish.workspace_id)
    user = user_by_email(ctx, wish.email)
    if user is not None:
        if workspace is not None and user.workspace_id != workspace.id:
            raise ApiError(WORKSPACE_CONFLICT, workspace_id=user.workspace_id)
        return user, False
    role: WorkspaceRole = "WORKSPACE_OWNER"
    if workspace is not None:
        role = "WORKSPACE_ADMIN" if wish.is_admin else "WORKSPACE_MEMBER"
    name = wish.name or spoken_name(wish.email)
    return new_user(ctx, app, wish.email, name, workspace, role), True


def known_or_new(ctx: Context, app: AppRecord, email: str, name: str | None = None) -> UserRecord:
    """The user with that address, made now if there is none."""
    return user_by_email(ctx, email) or new_user(ctx, app, email, name or spoken_name(email))


def new_user(  # noqa: PLR0913 - a user is all of this
    ctx: Context,
    app: AppRecord,
    email: str,
    name: str,
    workspace: WorkspaceRecord | None = None,
    role: WorkspaceRole = "WORKSPACE_OWNER",
) -> UserRecord:
    """Make a user, in a personal workspace unless one is given; they join where they were a guest."""
    if workspace is None:
        workspace = ctx.store.workspaces.insert(
            WorkspaceRecord(
                id=ctx.ids.uuid(),
                name=f"{name}'s workspace",
                plan=ctx.profile.new_user_plan,
                created_at=ctx.now,
                app_id=app.id,
            )
        )
    user = ctx.store.users.insert(
        UserRecord(
            id=ctx.ids.uuid(),
            email=email,
            display_name=name,
            created_at=ctx.now,
            workspace_id=workspace.id,
            workspace_role=role,
        )
    )
    participation.join_as_user(ctx, user)
    return user


def _wished_workspace(ctx: Context, app: AppRecord, workspace_id: str | None) -> WorkspaceRecord | None:
    if workspace_id is None:
        return None
    workspace = ctx.store.workspaces.get(workspace_id)
    if workspace is None:
        gone = ctx.profile.workspace_not_found_status == "404"
        raise ApiError(WORKSPACE_NOT_FOUND if gone else WORKSPACE_NOT_FOUND_400)
    if not _owned_through(ctx, app, workspace):
        raise ApiError(WORKSPACE_NOT_AUTHORIZED)
    return workspace


def _owned_through(ctx: Context, app: AppRecord, workspace: WorkspaceRecord) -> bool:
    """Whether the workspace was made for the app, or one of its owners is connected to it."""
    if workspace.app_id == app.id:
        return True
    return any(
        user.workspace_role == "WORKSPACE_OWNER" and is_connected(ctx, app, user)
        for user in ctx.store.users.under("workspace", workspace.id)
    )


def spoken_name(email: str) -> str:
    """A display name made from an address: `grace.hopper@…` is Grace Hopper."""
    words = email.partition("@")[0].partition("+")[0].replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or email


def is_connected(ctx: Context, app: AppRecord, user: UserRecord) -> bool:
    """Whether the user's newest connection to the app is active."""
    return ctx.store.is_connected(app.id, user.id, ctx.now)


def has_consented(ctx: Context, app: AppRecord, user: UserRecord, scopes: tuple[str, ...]) -> bool:
    """Whether an active connection covers these scopes already."""
    connection = ctx.store.connection(app.id, user.id)
    live = connection is not None and connection.status_at(ctx.now) == "active"
    return live and connection is not None and set(scopes) <= set(connection.scopes)


def connect(ctx: Context, app: AppRecord, user: UserRecord, scopes: tuple[str, ...]) -> ConnectionRecord:
    """Make the user's connection to the app, add scopes to it, or bring an ended one back."""
    connection = _connected(ctx, app, user, scopes)
    toolkits.user_connected(ctx, app, user)
    return connection


def _connected(ctx: Context, app: AppRecord, user: UserRecord, scopes: tuple[str, ...]) -> ConnectionRecord:
    present = ctx.store.connection(app.id, user.id)
    if present is not None and present.status_at(ctx.now) == "active":
        merged = tuple(dict.fromkeys((*present.scopes, *scopes)))
        return _changed(ctx, present, merged)
    if present is not None and ctx.profile.reauthorization == "reactivate":
        return _changed(ctx, present, scopes)
    return ctx.store.connections.insert(
        ConnectionRecord(
            id=ctx.ids.uuid(),
            app_id=app.id,
            user_id=user.id,
            scopes=scopes,
            status="active",
            created_at=ctx.now,
            updated_at=ctx.now,
            oauth_expires_at=ctx.now + REFRESH_LIFE,
        )
    )


def _changed(ctx: Context, connection: ConnectionRecord, scopes: tuple[str, ...]) -> ConnectionRecord:
    return ctx.store.connections.replace(
        connection,
        scopes=scopes,
        status="active",
        updated_at=ctx.now,
        oauth_expires_at=ctx.now + REFRESH_LIFE,
    )


def prolong(ctx: Context, connection_id: str | None, until: datetime) -> None:
    """Let a connection last as long as its newest refresh token."""
    connection = ctx.store.connections.get(connection_id or "")
    if connection is not None and (connection.oauth_expires_at or until) <= until:
        ctx.store.connections.replace(connection, oauth_expires_at=until, updated_at=ctx.now)


def revoke(ctx: Context, connection: ConnectionRecord, *, tell: bool) -> None:
    """End a connection: every token under it dies; `tell` says whether the app hears of it."""
    newest = ctx.store.connection(connection.app_id, connection.user_id)
    ctx.store.connections.replace(connection, status="revoked", updated_at=ctx.now)
    tokens = ctx.sandbox.tokens
    tokens.revoke_connection(connection.id)
    if newest is not None and newest.id == connection.id:  # a code belongs to the connection of today
        tokens.drop_codes(connection.app_id, connection.user_id)
    if tell:
        event = UserConnectionRevoked(connection_id=connection.id, revoked_at=ctx.now)
        app = ctx.store.apps.get(connection.app_id)
        ctx.emit(event, app=app, audience=(connection.user_id,), even_unconnected=True)
