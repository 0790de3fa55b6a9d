"""OAuth and OpenID Connect."""

from __future__ import annotations

from urllib.parse import urlencode

from contio_mock.contract.auth import DEFAULT_SCOPE
from contio_mock.contract.oauth import (
    AUTHORIZE_CLIENT,
    AUTHORIZE_REDIRECT,
    AUTHORIZE_REQUEST,
    AUTHORIZE_SCOPE,
    AUTHORIZE_SESSION,
    CONSENT_REQUIRED,
    INVALID_SCOPE,
    LOGIN_REQUIRED,
    UNSUPPORTED_GRANT_TYPE,
    AuthInitiated,
    AuthorizeOauth,
    AuthVerified,
    CheckOauthConsent,
    CompleteOauthAuthorization,
    ConsentChecked,
    ConsentGiven,
    ExchangeOauthToken,
    InitiatePartnerAuth,
    Introspection,
    IntrospectOauthToken,
    RevokeOauthToken,
    TokenResponse,
    VerifyPartnerAuth,
)
from contio_mock.contract.oauth import INVALID_REQUEST as OAUTH_INVALID_REQUEST
from contio_mock.contract.shared import is_email
from contio_mock.contract.wire import Redirect
from contio_mock.fake.oauth import authorize, claims, clients, grants, people
from contio_mock.fake.oauth.authorize import Authorization, Redirected
from contio_mock.fake.oauth.login import SESSION_LIFE, Session
from contio_mock.fake.oauth.tokens import RefreshToken
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.rules.apps import may_act_for_users
from contio_mock.fake.sandbox import Context

_NO_STORE = [("cache-control", "no-store"), ("pragma", "no-cache")]


@InitiatePartnerAuth.handler
def initiate_partner_auth(ctx: Context, op: InitiatePartnerAuth) -> AuthInitiated:
    ctx.response_headers += _NO_STORE
    app = clients.named(ctx, op.body.client_id, op.authorization)
    user, is_new = people.provision(ctx, app, op.body)
    challenge = ctx.sandbox.sign_ins.challenge(app.id, user.id, user.email, ctx.now)
    return AuthInitiated(
        session=challenge.session,
        challenge_name="CUSTOM_CHALLENGE",
        challenge_params={"email": user.email},
        user_provisioned=is_new,
    )


@VerifyPartnerAuth.handler
def verify_partner_auth(ctx: Context, op: VerifyPartnerAuth) -> AuthVerified:
    body = op.body
    app = clients.named(ctx, body.client_id, op.authorization)
    user = people.user_by_email(ctx, body.email)
    session = ctx.sandbox.sign_ins.open(
        body.session,
        app_id=app.id,
        user_id=user.id if user else None,
        code=body.code,
        now=ctx.now,
        attempts=ctx.profile.one_time_code_attempts,
    )
    ctx.response_headers += [("set-cookie", _cookie(ctx, session.id)), *_NO_STORE]
    verified = AuthVerified(
        success=True,
        message="You are signed in.",
        session_id=session.id,
        redirect=f"{ctx.base_url}/oauth2/authorize",
    )
    if ctx.profile.verify_returns == "session" or user is None:
        return verified
    tokens = grants.complete(ctx, app, user, tuple(DEFAULT_SCOPE.split()))
    return verified.model_copy(
        update={
            "access_token": tokens.access_token,
            "id_token": tokens.id_token,
            "refresh_token": tokens.refresh_token,
            "expires_in": tokens.expires_in,
        }
    )


def _cookie(ctx: Context, session_id: str) -> str:
    path = ctx.sandbox.prefix + "/"
    life = int(SESSION_LIFE.total_seconds())
    name = ctx.profile.session_cookie
    return f"{name}={session_id}; Path={path}; Max-Age={life}; HttpOnly; SameSite=Lax"


@CheckOauthConsent.handler
def check_oauth_consent(ctx: Context, op: CheckOauthConsent) -> ConsentChecked:
    body = op.body
    app = clients.named(ctx, body.client_id, op.authorization)
    try:
        scopes = authorize.checked_scopes(ctx, body.scope or " ".join(body.scopes or ()))
    except Redirected as refused:
        raise ApiError(INVALID_SCOPE, refused.message) from None
    user = people.user_by_email(ctx, body.email)
    consented = user is not None and people.has_consented(ctx, app, user, scopes)
    session = authorize.session_of(ctx, app, op.cookie, user)
    return ConsentChecked(
        has_consent=consented,
        requires_consent=not consented,
        session_valid=session is not None,
        redirect_url=None if consented and session else _next_page(ctx, op, app, scopes, session),
    )


def _next_page(
    ctx: Context, op: CheckOauthConsent, app: AppRecord, scopes: tuple[str, ...], session: Session | None
) -> str | None:
    """Where the browser goes on; None when the request does not say where it is to come back to."""
    body = op.body
    redirect_uri = body.redirect_uri or (app.redirect_uris[0] if len(app.redirect_uris) == 1 else None)
    if redirect_uri is None:
        return None
    carried = body.model_dump(include=set(type(body).model_fields) - {"scopes"}, exclude_none=True)
    carried |= {"redirect_uri": redirect_uri, "response_type": "code", "scope": " ".join(scopes)}
    return f"{ctx.base_url}/{'consent' if session else 'login'}?{urlencode(carried)}"


@AuthorizeOauth.handler
def authorize_oauth(ctx: Context, op: AuthorizeOauth) -> Redirect:
    ctx.response_headers += _NO_STORE
    app = authorize.checked_app(ctx, op.client_id, op.redirect_uri)
    try:
        request = authorize.checked(ctx, app, op)
    except Redirected as refused:
        return Redirect(authorize.refusal_uri(op.redirect_uri, refused, op.state))
    user = _present_user(ctx, op, request)
    if user is not None:
        return Redirect(authorize.grant_code(ctx, request, user)[1])
    if op.prompt == "none":  # OpenID Connect Core 3.1.2.6: no page may be shown
        signed_in = authorize.session_of(ctx, app, op.cookie, None) is not None
        silent = Redirected(CONSENT_REQUIRED if signed_in else LOGIN_REQUIRED)
        return Redirect(authorize.refusal_uri(op.redirect_uri, silent, op.state))
    return Redirect(f"{ctx.base_url}/login?{ctx.request.query}")


def _present_user(ctx: Context, op: AuthorizeOauth, request: Authorization) -> UserRecord | None:
    """The user for whom no page is needed: approved by the settings, or signed in and consented."""
    if ctx.sandbox.settings.auto_approve is not None:
        hinted = op.login_hint is not None and is_email(op.login_hint)
        email = op.login_hint if hinted and op.login_hint else ctx.sandbox.settings.auto_approve
        return people.known_or_new(ctx, request.app, email)
    session = authorize.session_of(ctx, request.app, op.cookie, None)
    if session is None or op.prompt in ("login", "consent", "select_account"):
        return None
    user = ctx.store.users.get(session.user_id)
    hinted = user is not None and (op.login_hint or user.email).lower() == user.email.lower()
    if user is None or not hinted or not people.has_consented(ctx, request.app, user, request.scopes):
        return None
    return user


@CompleteOauthAuthorization.handler
def complete_oauth_authorization(ctx: Context, op: CompleteOauthAuthorization) -> ConsentGiven:
    ctx.response_headers += _NO_STORE
    body = op.body
    try:
        app = authorize.checked_app(ctx, body.client_id, body.redirect_uri)
        request = authorize.checked(ctx, app, body)
    except Redirected as refused:
        error = AUTHORIZE_SCOPE if refused.error is INVALID_SCOPE else AUTHORIZE_REQUEST
        raise ApiError(error, refused.message) from None
    except ApiError as refused:
        unknown = refused.error.code == AUTHORIZE_CLIENT.code
        raise ApiError(AUTHORIZE_CLIENT if unknown else AUTHORIZE_REDIRECT, refused.message) from None
    user = people.user_by_email(ctx, body.email)
    if user is None or authorize.session_of(ctx, app, op.cookie, user) is None:
        raise ApiError(AUTHORIZE_SESSION)
    if not body.consent:
        denied = {
            "error": "access_denied",
            "error_description": "The user refused.",
            "state": body.state,
        }
        return ConsentGiven(redirect_url=authorize.with_query(body.redirect_uri, denied), state=body.state)
    code, location = authorize.grant_code(ctx, request, user)
    return ConsentGiven(code=code, redirect_url=location, state=body.state)


@ExchangeOauthToken.handler
def exchange_oauth_token(ctx: Context, op: ExchangeOauthToken) -> TokenResponse:
    form = op.form
    ctx.response_headers += _NO_STORE  # RFC 6749 5.1
    if not form.grant_type:
        raise ApiError(OAUTH_INVALID_REQUEST, "grant_type is required.")
    app = clients.authenticated(ctx, op.authorization, form.client_id, form.client_secret)
    grant = grants.GRANTS.get(form.grant_type)
    if grant is None:
        raise ApiError(UNSUPPORTED_GRANT_TYPE)
    return grant(ctx, app, form)


@IntrospectOauthToken.handler
def introspect_oauth_token(ctx: Context, op: IntrospectOauthToken) -> Introspection:
    form, tokens = op.form, ctx.sandbox.tokens
    ctx.response_headers += _NO_STORE
    app_id = _calling_app_id(ctx, op)
    token = tokens.live_access(form.token, ctx.now) or (
        tokens.live_refresh(form.token, ctx.now) if ctx.profile.introspect_refresh_tokens == "yes" else None
    )
    # RFC 7662 4: another client's token is none of the caller's business.
    if token is None or (app_id is not None and token.grant.app_id != app_id):
        return Introspection(active=False)
    app = ctx.store.apps.get(token.grant.app_id)
    if app is not None and not may_act_for_users(app, ctx.profile):
        return Introspection(active=False)
    return claims.introspection(ctx, token)


@RevokeOauthToken.handler
def revoke_oauth_token(ctx: Context, op: RevokeOauthToken) -> None:
    tokens, value = ctx.sandbox.tokens, op.form.token
    app_id = _calling_app_id(ctx, op)
    token = tokens.access.get(value) or tokens.refresh.get(value)
    if token is None or (app_id is not None and token.grant.app_id != app_id):
        return
    tokens.revoke(value, ctx.profile)
    if isinstance(token, RefreshToken) and ctx.profile.revoke_refresh_cascade == "connection":
        connection = ctx.store.connections.get(token.grant.connection_id or "")
        if connection is not None:
            people.revoke(ctx, connection, tell=True)


def _calling_app_id(ctx: Context, op: IntrospectOauthToken | RevokeOauthToken) -> str | None:
    """The app that asks; None when it shows no credentials and the profile wants none."""
    form = op.form
    silent = op.authorization is None and form.client_secret is None
    if silent and ctx.profile.introspect_requires_client == "no":
        return None
    return clients.authenticated(ctx, op.authorization, form.client_id, form.client_secret).id
