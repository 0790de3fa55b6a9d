"""The built-in identity provider: a small OpenID provider for everybody it is told of."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlencode

from contio_mock.contract.control_idp import (
    INVALID_CLIENT,
    INVALID_GRANT,
    INVALID_REQUEST,
    INVALID_TOKEN,
    IdpDiscovery,
    IdpKeys,
    IdpRequest,
    IdpSignedIn,
    IdpTokens,
    IdpUserInfo,
    MockExchangeIdpCode,
    MockGetIdpDiscovery,
    MockGetIdpKeys,
    MockGetIdpRequest,
    MockGetIdpUserInfo,
    MockSignInAtIdp,
)
from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.oauth.keys import public_jwk, sign_id_token
from contio_mock.fake.oauth.people import spoken_name, user_by_email
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import built_in_idp
from contio_mock.fake.processes.sso import CALLBACK
from contio_mock.fake.records import IdpConfigRecord, IdpGrant
from contio_mock.fake.sandbox import Context

CODE_LIFE, TOKEN_LIFE = timedelta(minutes=5), timedelta(hours=1)
SCOPES = ("openid", "email", "profile")


@MockGetIdpDiscovery.handler
def mock_get_idp_discovery(ctx: Context, _: MockGetIdpDiscovery) -> IdpDiscovery:
    provider = built_in_idp.provider(ctx)
    return IdpDiscovery(
        issuer=provider.issuer,
        authorization_endpoint=provider.authorization_endpoint,
        token_endpoint=provider.token_endpoint,
        userinfo_endpoint=provider.userinfo_endpoint or "",
        jwks_uri=provider.jwks_uri,
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        scopes_supported=list(SCOPES),
        token_endpoint_auth_methods_supported=list(provider.token_endpoint_auth_methods),
        code_challenge_methods_supported=["S256"],
        claims_supported=["sub", "iss", "aud", "exp", "iat", "nonce", "email", "email_verified", "name"],
    )


@MockGetIdpKeys.handler
def mock_get_idp_keys(ctx: Context, _: MockGetIdpKeys) -> IdpKeys:
    return IdpKeys(keys=[public_jwk()])


@MockGetIdpRequest.handler
def mock_get_idp_request(ctx: Context, op: MockGetIdpRequest) -> IdpRequest:
    client = _asking(ctx, op.client_id, op.redirect_uri, op.state)
    if op.response_type != "code":
        raise ApiError(INVALID_REQUEST, "response_type must be code.")
    if op.code_challenge_method != "S256":
        raise ApiError(INVALID_REQUEST, "code_challenge_method must be S256.")
    app = ctx.store.apps.get(client.partner_app_id)
    name = app.name if app is not None else client.name
    return IdpRequest(client_id=op.client_id, app_name=name, provider_name=client.name)


def _asking(ctx: Context, client_id: str, redirect_uri: str, state: str | None) -> IdpConfigRecord:
    """The configuration that asks for a sign-in; raises ApiError for what no browser may be sent on with."""
    clients = built_in_idp.clients(ctx, client_id)
    if not clients:
        message = f"No app of this sandbox uses this provider with the idp_client_id {brief(client_id)}."
        raise ApiError(INVALID_CLIENT, message)
    session = ctx.store.sso_sessions.last("state", state) if state else None
    asked_by = session.redirect_uri if session is not None else None
    if redirect_uri not in (ctx.base_url + CALLBACK, asked_by):
        raise ApiError(INVALID_REQUEST, f"redirect_uri must be {ctx.base_url}{CALLBACK}.")
    return clients[0]


@MockSignInAtIdp.handler
def mock_sign_in_at_idp(ctx: Context, op: MockSignInAtIdp) -> IdpSignedIn:
    wish = op.body
    _asking(ctx, wish.client_id, wish.redirect_uri, wish.state)
    if wish.error is not None:
        description = wish.error_description or "The user did not sign in."
        said = {"error": wish.error, "error_description": description}
    elif wish.email is not None:
        said = {"code": _code(ctx, op, wish.email).id}
    else:
        raise ApiError(INVALID_REQUEST, "Say who signs in (email), or what went wrong (error).")
    if wish.state is not None:
        said["state"] = wish.state
    said["iss"] = built_in_idp.provider(ctx).issuer  # RFC 9207
    return IdpSignedIn(redirect_url=f"{wish.redirect_uri}?{urlencode(said)}")


def _code(ctx: Context, op: MockSignInAtIdp, email: str) -> IdpGrant:
    wish, known = op.body, user_by_email(ctx, email)
    return ctx.store.idp_codes.insert(
        trusted(
            IdpGrant,
            id=ctx.ids.opaque("idp_code_", 32),
            email=email,
            email_verified=wish.email_verified,
            name=wish.name or (known.display_name if known else spoken_name(email)),
            client_id=wish.client_id,
            redirect_uri=wish.redirect_uri,
            scope=" ".join(scope for scope in SCOPES if scope in wish.scope.split()),
            nonce=wish.nonce,
            code_challenge=wish.code_challenge,
            expires_at=ctx.now + CODE_LIFE,
        )
    )


@MockExchangeIdpCode.handler
def mock_exchange_idp_code(ctx: Context, op: MockExchangeIdpCode) -> IdpTokens:
    wish = op.form
    client_id = _client(ctx, op)
    if wish.grant_type != "authorization_code":
        raise ApiError(INVALID_REQUEST, "grant_type must be authorization_code.")
    code = ctx.store.idp_codes.get(wish.code)
    if code is None or code.client_id != client_id or code.redirect_uri != wish.redirect_uri:
        raise ApiError(INVALID_GRANT)
    if code.expires_at <= ctx.now or not _proves(code, wish.code_verifier):
        raise ApiError(INVALID_GRANT)
    ctx.store.idp_codes.remove(code)
    changed = {"id": ctx.ids.opaque("idp_at_", 32), "expires_at": ctx.now + TOKEN_LIFE}
    token = ctx.store.idp_tokens.insert(code.model_copy(update=changed))
    return IdpTokens(
        access_token=token.id,
        token_type="Bearer",
        expires_in=int(TOKEN_LIFE.total_seconds()),
        id_token=_id_token(ctx, code) if "openid" in code.scope.split() else None,
        scope=code.scope,
    )


def _client(ctx: Context, op: MockExchangeIdpCode) -> str:
    """The client who asks, by HTTP Basic or in the form; raises ApiError."""
    given = (op.form.client_id, op.form.client_secret)
    scheme, _, packed = (op.authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = b64decode(packed, validate=True).decode().partition(":")
        except ValueError:
            raise ApiError(INVALID_CLIENT, "The Authorization header is not HTTP Basic.") from None
        given = (unquote(name), unquote(secret))
    for idp in built_in_idp.clients(ctx, given[0] or ""):
        if idp.idp_client_secret == given[1]:
            return idp.idp_client_id
    raise ApiError(INVALID_CLIENT)


def _proves(code: IdpGrant, verifier: str | None) -> bool:
    """Whether a verifier fits the code's challenge (RFC 7636 4.6)."""
    if code.code_challenge is None:
        return verifier is None  # RFC 9700 2.1.1: no downgrade
    digest = sha256((verifier or "").encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == code.code_challenge


def _about(grant: IdpGrant) -> dict[str, Any]:
    """The claims about a person that the granted scopes tell (OpenID Connect Core 5.4)."""
    claims: dict[str, Any] = {"sub": stable_uuid("idp", grant.email.lower())}
    if "email" in grant.scope.split():
        claims |= {"email": grant.email, "email_verified": grant.email_verified}
    if "profile" in grant.scope.split():
        claims["name"] = grant.name
    return claims


def _id_token(ctx: Context, code: IdpGrant) -> str:
    now = int(ctx.now.timestamp())
    claims = {
        "iss": built_in_idp.provider(ctx).issuer,
        "aud": code.client_id,
        "iat": now,
        "exp": now + int(TOKEN_LIFE.total_seconds()),
        **_about(code),
    }
    return sign_id_token(claims if code.nonce is None else {**claims, "nonce": code.nonce})


@MockGetIdpUserInfo.handler
def mock_get_idp_user_info(ctx: Context, op: MockGetIdpUserInfo) -> IdpUserInfo:
    scheme, _, token = (op.authorization or "").partition(" ")
    found = ctx.store.idp_tokens.get(token) if scheme.lower() == "bearer" else None
    if found is None or found.expires_at <= ctx.now:
        raise ApiError(INVALID_TOKEN)
    return IdpUserInfo(**_about(found))
