"""Single sign-on."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from contio_mock.contract.operation import Reply
from contio_mock.contract.sso import (
    IDP_NOT_CONFIGURED,
    PARTNER_NOT_FOUND,
    SESSION_NOT_FOUND,
    SLUG_NOT_FOUND,
    GetSsoInfo,
    GetSsoSession,
    InitiateSso,
    PartnerSsoInfo,
    SsoInitiation,
    SsoSession,
    VerifySsoCallback,
)
from contio_mock.contract.wire import Redirect
from contio_mock.fake.inquiry import Asking
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import sso
from contio_mock.fake.processes.sso import SignInFailed
from contio_mock.fake.records import AppRecord, IdpConfigRecord, SsoSessionRecord
from contio_mock.fake.sandbox import Context


def _active_idp(ctx: Context, app: AppRecord) -> IdpConfigRecord | None:
    idp = ctx.store.idp_configs.last("app", app.id)
    return idp if idp is not None and idp.is_active else None


@GetSsoInfo.handler
def get_sso_info(ctx: Context, op: GetSsoInfo) -> PartnerSsoInfo:
    app = ctx.store.apps.first("slug", op.slug.lower())
    if app is None:
        raise ApiError(PARTNER_NOT_FOUND)
    return PartnerSsoInfo(
        slug=op.slug,
        name=app.name,
        co_brand_name=app.co_brand_name,
        has_idp_config=ctx.store.idp_configs.count("app", app.id) > 0,
        is_active=app.status == "active",
    )


@InitiateSso.handler
def initiate_sso(ctx: Context, op: InitiateSso) -> SsoInitiation | Reply[SsoInitiation | Redirect]:
    app = ctx.store.apps.first("slug", op.slug.lower())
    if app is None or app.status != "active":
        raise ApiError(SLUG_NOT_FOUND)
    idp = _active_idp(ctx, app)
    if idp is None:
        raise ApiError(IDP_NOT_CONFIGURED)
    session = sso.begin(ctx, app, op.target)
    url = sso.authorization_url(ctx, idp, session, op.login_hint)
    if op.auto:
        return Reply(Redirect(url), 302)
    return SsoInitiation(authorization_url=url, session_id=session.id)


@VerifySsoCallback.handler
def verify_sso_callback(ctx: Context, op: VerifySsoCallback) -> Asking:
    session = ctx.store.sso_sessions.last("state", op.state) if op.state else None
    if session is None:
        return _home(ctx, None, error="invalid_state", error_description="No sign-in waits for this answer.")
    try:
        user_id: str = yield from _user_id(ctx, op, session)
    except SignInFailed as failure:
        if session.status == "pending" and ctx.store.sso_sessions.get(session.id) is session:
            status = "expired" if failure.error == "session_expired" else "failed"
            ctx.store.sso_sessions.replace(session, status=status, error=failure.description)
        return _home(ctx, session, error=failure.error, error_description=failure.description)
    session = ctx.store.sso_sessions.replace(session, status="completed", user_id=user_id)
    return _home(ctx, session, sso="completed", target=session.target)


def _user_id(ctx: Context, op: VerifySsoCallback, session: SsoSessionRecord) -> Asking:
    """The id of the user who signed in; raises SignInFailed."""
    if session.status != "pending":
        raise SignInFailed("session_used", "This sign-in has ended already.")
    if session.status_at(ctx.now) == "expired":
        raise SignInFailed("session_expired", "The sign-in took too long.")
    if op.error is not None or op.code is None:
        words = op.error_description or op.error or "The identity provider gave no code."
        raise SignInFailed(op.error or "invalid_request", words)
    _, idp = _partner(ctx, session)
    if op.iss is not None and op.iss != idp.issuer:  # RFC 9207 2.4
        raise SignInFailed("invalid_issuer", "Another identity provider than the partner's has answered.")
    person: sso.Person = yield from sso.signed_in(ctx, idp, session, op.code)
    if ctx.store.sso_sessions.get(session.id) is not session:
        raise SignInFailed("session_used", "This sign-in has ended already.")
    app, present = _partner(ctx, session)  # an administrator may have been quicker
    if (present.issuer, present.idp_client_id) != (idp.issuer, idp.idp_client_id):
        raise SignInFailed("idp_not_configured", "The partner has changed to another identity provider.")
    return sso.admitted(ctx, app, present, person).id


def _partner(ctx: Context, session: SsoSessionRecord) -> tuple[AppRecord, IdpConfigRecord]:
    """The app that is signed in to, and its provider, both as they are now; raises SignInFailed."""
    app = ctx.store.apps.get(session.app_id)
    if app is None or app.status != "active":
        raise SignInFailed("partner_not_active", "The partner's app is not active any more.")
    idp = _active_idp(ctx, app)
    if idp is None:
        raise SignInFailed("idp_not_configured", "The partner has no active identity provider any more.")
    return app, idp


def _home(ctx: Context, session: SsoSessionRecord | None, **said: str) -> Redirect:
    """The partner's landing page, with what happened."""
    app = ctx.store.apps.get(session.app_id) if session is not None else ctx.sandbox.app
    known = {"session_id": session.id} if session is not None else {}
    slug = quote((app.slug if app else None) or "contio", safe="")
    return Redirect(f"{ctx.base_url}/p/{slug}?{urlencode({**said, **known})}")


@GetSsoSession.handler
def get_sso_session(ctx: Context, op: GetSsoSession) -> SsoSession:
    session = ctx.store.sso_sessions.get(op.session_id)
    if session is None:
        raise ApiError(SESSION_NOT_FOUND)
    if session.status_at(ctx.now) == "expired":
        return SsoSession(status="expired", target=session.target, error="The sign-in took too long.")
    return session
