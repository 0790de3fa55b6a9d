"""Which partner app is calling: client id and secret by HTTP Basic or in the body (RFC 6749 2.3.1)."""

from __future__ import annotations

import base64

from contio_mock.contract.codec import unquote
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.oauth import INVALID_CLIENT, INVALID_REQUEST, UNKNOWN_CLIENT
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import AppRecord
from contio_mock.fake.rules.apps import may_act_for_users
from contio_mock.fake.sandbox import Context

_CHALLENGE = {"www-authenticate": 'Basic realm="contio", charset="UTF-8"'}


def basic_credentials(header: str) -> tuple[str, str]:
    """Client id and secret of an Authorization header; raises ApiError."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        raise ApiError(INVALID_CLIENT, "Authorization must be HTTP Basic here.", headers=_CHALLENGE)
    try:
        raw = base64.b64decode(encoded.strip(" "), validate=True)
    except ValueError:
        raise ApiError(INVALID_CLIENT, "The Basic credentials are not Base64.", headers=_CHALLENGE) from None
    client_id, colon, secret = _decoded(raw).partition(":")
    if not colon:
        raise ApiError(INVALID_CLIENT, "The Basic credentials have no colon.", headers=_CHALLENGE)
    return client_id, secret


def _decoded(raw: bytes) -> str:
    """UTF-8 as RFC 7617 wants, or Latin-1 as older clients send."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def app_of(ctx: Context, client_id: str) -> AppRecord | None:
    """The app with that client id."""
    return ctx.store.apps.first("client_id", client_id)


def has_secret(ctx: Context, app: AppRecord | None, secret: str) -> bool:
    """Whether the secret is the app's newest or in its grace period; compared in constant time."""
    return app is not None and app.accepts("client_secret", secret, ctx.now)


def refuse_stopped(ctx: Context, app: AppRecord, error: ErrorCode = UNKNOWN_CLIENT) -> None:
    """Raise ApiError when the app is suspended or inactive, and that closes OAuth to it."""
    if not may_act_for_users(app, ctx.profile):
        raise ApiError(error, f"The partner app is {app.status}.")


def _form_decoded(text: str) -> str:
    """What RFC 6749 2.3.1 has form-encoded before it is put into Basic credentials."""
    try:
        return unquote(text, plus=True)
    except ValueError:
        return text


def authenticated(
    ctx: Context, authorization: str | None, client_id: str | None, secret: str | None
) -> AppRecord:
    """The app whose credentials came with a request; raises ApiError."""
    if authorization is not None:
        basic_id, basic_secret = basic_credentials(authorization)
        if secret is not None:
            raise ApiError(INVALID_REQUEST, "Send the client secret by Basic or in the body, not both.")
        if client_id is not None and client_id not in (basic_id, _form_decoded(basic_id)):
            raise ApiError(INVALID_REQUEST, "client_id differs from the one in the Authorization header.")
        client_id, secret = basic_id, basic_secret
    if not client_id or secret is None:
        raise ApiError(
            INVALID_CLIENT, "Send client id and secret by HTTP Basic or in the body.", headers=_CHALLENGE
        )
    app = app_of(ctx, client_id)
    fits = has_secret(ctx, app, secret)
    if not fits and authorization is not None:
        app = app_of(ctx, _form_decoded(client_id))
        fits = has_secret(ctx, app, _form_decoded(secret))
    if app is None or not fits:
        raise ApiError(INVALID_CLIENT, headers=_CHALLENGE)
    refuse_stopped(ctx, app, INVALID_CLIENT)
    ctx.sandbox.credential_uses[app.id, "client_secret"] = ctx.now
    return app


def named(ctx: Context, client_id: str, authorization: str | None) -> AppRecord:
    """The app a body names; credentials are not asked for, but wrong ones are refused."""
    if authorization is not None:
        return authenticated(ctx, authorization, client_id, None)
    app = app_of(ctx, client_id)
    if app is None:
        raise ApiError(UNKNOWN_CLIENT, f"No partner app has the client_id {brief(client_id)}.")
    refuse_stopped(ctx, app)
    return app
