"""The token endpoint: one function per grant type, in a table."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

from contio_mock.contract.auth import SCOPES
from contio_mock.contract.oauth import (
    INVALID_GRANT,
    INVALID_REQUEST,
    INVALID_SCOPE,
    TokenRequest,
    TokenResponse,
)
from contio_mock.contract.shared import trusted
from contio_mock.fake.oauth import claims
from contio_mock.fake.oauth.people import connect, prolong
from contio_mock.fake.oauth.tokens import ACCESS_LIFE, AuthorizationCode, Grant
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.sandbox import Context


def exchange_code(ctx: Context, app: AppRecord, form: TokenRequest) -> TokenResponse:
    """authorization_code (RFC 6749 4.1.3): once, by its client, with its redirect URI and verifier."""
    if not form.code or not form.redirect_uri:
        missing = "redirect_uri" if form.code else "code"
        raise ApiError(INVALID_REQUEST, f"{missing} is required.")
    code = ctx.sandbox.tokens.codes.get(form.code)
    if code is None or code.app_id != app.id:
        raise ApiError(INVALID_GRANT, "The code is unknown or was given to another client.")
    if code.grant is not None:
        if ctx.profile.code_reuse == "revoke_grant":
            ctx.sandbox.tokens.revoke_grant(code.grant)
        raise ApiError(INVALID_GRANT, "The code was used before.")
    if ctx.now >= code.expires_at:
        raise ApiError(INVALID_GRANT, "The code expired after 5 minutes.")
    if form.redirect_uri != code.redirect_uri:
        raise ApiError(INVALID_REQUEST, "redirect_uri differs from the one the code was given for.")
    _check_verifier(code, form.code_verifier)
    user = ctx.store.users.get(code.user_id)
    if user is None:
        raise ApiError(INVALID_GRANT, "The code's user is gone.")
    return complete(ctx, app, user, code.scopes, code=code)


def complete(  # noqa: PLR0913 - everything that a grant begins with
    ctx: Context,
    app: AppRecord,
    user: UserRecord,
    scopes: tuple[str, ...],
    *,
    code: AuthorizationCode | None = None,
    id_token: bool = True,
) -> TokenResponse:
    """Connect the user and issue the first tokens of a grant.

    Without `id_token` none is signed, which takes most of the time and which few callers read.
    """
    connection = connect(ctx, app, user, scopes)
    grant = ctx.sandbox.tokens.grant(app.id, user.id, scopes, ctx.now, connection.id)
    if code is not None:
        code.grant = grant
    refresh = ctx.sandbox.tokens.issue_refresh(grant, ctx.now)
    tokens = _response(ctx, grant, scopes, refresh.value)
    if not id_token or "openid" not in scopes:
        return tokens
    return _with_id_token(ctx, app, user, tokens, code.nonce if code else None)


def _check_verifier(code: AuthorizationCode, verifier: str | None) -> None:
    """PKCE (RFC 7636 4.6); a verifier for a code begun without a challenge is refused too (RFC 9700)."""
    if code.code_challenge is None:
        if verifier is not None:
            raise ApiError(INVALID_GRANT, "The code was begun without PKCE; send no code_verifier.")
        return
    if verifier is None:
        raise ApiError(INVALID_GRANT, "The code was begun with PKCE; code_verifier is required.")
    digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(digest, code.code_challenge):
        raise ApiError(INVALID_GRANT, "code_verifier does not match the code_challenge.")


def refresh(ctx: Context, app: AppRecord, form: TokenRequest) -> TokenResponse:
    """refresh_token (RFC 6749 6): new tokens with the same or fewer scopes; always a refresh token."""
    if not form.refresh_token:
        raise ApiError(INVALID_REQUEST, "refresh_token is required.")
    token = ctx.sandbox.tokens.live_refresh(form.refresh_token, ctx.now)
    if token is None or token.grant.app_id != app.id:
        raise ApiError(INVALID_GRANT, "The refresh token is unknown, expired, used or revoked.")
    user = ctx.store.users.get(token.grant.user_id or "")
    if user is None:
        raise ApiError(INVALID_GRANT, "The token's user is gone.")
    scopes = _narrowed(token.grant.scopes, form.scope)
    newest = token
    if ctx.profile.refresh_token_rotation != "keep":
        newest = ctx.sandbox.tokens.issue_refresh(token.grant, ctx.now)
        ctx.sandbox.tokens.use_up(token, ctx.now, ctx.profile)
    prolong(ctx, token.grant.connection_id, newest.dies_at)
    tokens = _response(ctx, token.grant, scopes, newest.value)
    return _with_id_token(ctx, app, user, tokens, None) if "openid" in scopes else tokens


def client_credentials(ctx: Context, app: AppRecord, form: TokenRequest) -> TokenResponse:
    """client_credentials (RFC 6749 4.4): a token of the app itself, without a refresh token."""
    scopes = tuple(dict.fromkeys((form.scope or "").split()))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise ApiError(INVALID_SCOPE, f"There is no scope {brief(unknown[0])}.")
    grant = ctx.sandbox.tokens.grant(app.id, None, scopes, ctx.now)
    return _response(ctx, grant, scopes)


GRANTS: dict[str, Callable[[Context, AppRecord, TokenRequest], TokenResponse]] = {
    "authorization_code": exchange_code,
    "refresh_token": refresh,
    "client_credentials": client_credentials,
}


def _narrowed(granted: tuple[str, ...], asked: str | None) -> tuple[str, ...]:
    if not asked or not asked.strip():
        return granted
    scopes = tuple(dict.fromkeys(asked.split()))
    further = [scope for scope in scopes if scope not in granted]
    if further:
        raise ApiError(INVALID_SCOPE, f"The scope {brief(further[0])} was not granted.")
    return scopes


def _response(
    ctx: Context, grant: Grant, scopes: tuple[str, ...], refresh_token: str | None = None
) -> TokenResponse:
    access = ctx.sandbox.tokens.issue_access(grant, scopes, ctx.now)
    return trusted(
        TokenResponse,
        access_token=access.value,
        token_type="Bearer",
        expires_in=int(ACCESS_LIFE.total_seconds()),
        scope=access.scope,
        refresh_token=refresh_token,
    )


def _with_id_token(
    ctx: Context, app: AppRecord, user: UserRecord, tokens: TokenResponse, nonce: str | None
) -> TokenResponse:
    access = ctx.sandbox.tokens.access[tokens.access_token]
    return tokens.model_copy(update={"id_token": claims.id_token(ctx, app, user, access, nonce)})
