"""Who is calling: a bearer token or an API key to the user and app of a request."""

from __future__ import annotations

import hmac

from contio_mock.contract.auth import Caller
from contio_mock.contract.errors import FORBIDDEN
from contio_mock.contract.operation import Endpoint
from contio_mock.contract.release import R1_9
from contio_mock.fake.oauth.tokens import REFRESH_PREFIX
from contio_mock.fake.problem import ApiError
from contio_mock.fake.rules.apps import may_act_for_users, may_use_admin_api
from contio_mock.fake.sandbox import Context


def authenticate(ctx: Context, endpoint: Endpoint) -> None:
    """Put user, app and token on the context; raises ApiError with the operation's 401 or 403."""
    caller = endpoint.auth.caller
    if caller is Caller.USER:
        _bearer(ctx, endpoint)
        scope = endpoint.auth.scope
        if scope not in ctx.token.scopes:
            raise insufficient_scope(ctx, endpoint, scope or "")
    elif caller is Caller.TOKEN:
        _bearer(ctx, endpoint)
    elif caller is Caller.ADMIN:
        _api_key(ctx, endpoint)


def insufficient_scope(ctx: Context, endpoint: Endpoint, scope: str) -> ApiError:
    """The refusal of a token without a scope (RFC 6750 3.1)."""
    forbidden = ctx.profile.missing_scope_status == "403"
    error = FORBIDDEN.with_shape(endpoint.shape) if forbidden else endpoint.unauthorized
    has = " ".join(sorted(ctx.token.scopes)) or "none"
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return ApiError(
        error, f"The token lacks the scope {scope}; it has {has}.", headers={"www-authenticate": challenge}
    )


def _bearer(ctx: Context, endpoint: Endpoint) -> None:
    header = ctx.request.headers.get("authorization")
    if not header:
        raise _unauthorized(endpoint, "Send Authorization: Bearer with an access token.", "")
    kind, _, value = header.partition(" ")
    value = value.strip(" ")
    if kind.lower() != "bearer" or not value:
        raise _unauthorized(endpoint, "The Authorization header must be Bearer and an access token.", "")
    sandbox = ctx.sandbox
    token = sandbox.tokens.access.get(value)
    if token is None:
        hint = " A refresh token is no access token." if value.startswith(REFRESH_PREFIX) else ""
        raise _unauthorized(endpoint, f"The access token is unknown or revoked.{hint}")
    if ctx.now >= token.expires_at:
        raise _unauthorized(endpoint, "The access token has expired; refresh it.")
    store = sandbox.store
    app, user = store.apps.get(token.grant.app_id), store.users.get(token.grant.user_id or "")
    if app is None or user is None:
        raise _unauthorized(endpoint, "The access token belongs to no user.")
    if not may_act_for_users(app, ctx.profile):
        raise ApiError(FORBIDDEN.with_shape(endpoint.shape), f"The partner app is {app.status}.")
    token.grant.last_used_at = ctx.now
    ctx.app, ctx.user, ctx.token = app, user, token


def _unauthorized(endpoint: Endpoint, message: str, error: str = "invalid_token") -> ApiError:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return ApiError(endpoint.unauthorized, message, headers={"www-authenticate": challenge})


def _api_key(ctx: Context, endpoint: Endpoint) -> None:
    headers = ctx.request.headers
    key, client_id = headers.get("x-api-key"), headers.get("x-client-id")
    if not key:
        raise ApiError(endpoint.unauthorized, "Send X-API-Key and X-Client-ID.")
    app = ctx.store.apps.first("api_key", key)
    if app is None:
        raise ApiError(endpoint.unauthorized, "The API key is unknown.")
    if not app.accepts("api_key", key, ctx.now):
        raise ApiError(endpoint.unauthorized, "The API key was replaced, and its grace period is over.")
    if client_id is None and _needs_client_id(ctx):
        raise ApiError(endpoint.unauthorized, "Send X-Client-ID beside X-API-Key.")
    if client_id is not None and not hmac.compare_digest(client_id.encode(), app.client_id.encode()):
        raise ApiError(endpoint.unauthorized, "X-Client-ID is not the client id of this API key.")
    if not may_use_admin_api(app, ctx.profile):
        raise ApiError(endpoint.unauthorized, f"The partner app is {app.status}.")
    ctx.sandbox.credential_uses[app.id, "api_key"] = ctx.now
    ctx.app = app


def _needs_client_id(ctx: Context) -> bool:
    wanted = ctx.profile.client_id_header
    return wanted == "required" or (wanted == "by_release" and ctx.sandbox.release >= R1_9)
