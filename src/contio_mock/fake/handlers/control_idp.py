"""The built-in identity provider: a small OpenID provider for everybody it is told of."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from urllib.parse import unquote, urlencode

from contio_mock.contract.control_idp import (
    INVALID_CLIENT,
    INVALID_GRANT,
    INVALID_REQUEST,
    INVALID_TOKEN,
    IdpDiscovery,
    IdpKeys,
    IdpSignedIn,
    IdpTokens,
    IdpUserInfo,
    MockExchangeIdpCode,
    MockGetIdpDiscovery,
    MockGetIdpKeys,
    MockGetIdpUserInfo,
    MockSignInAtIdp,
)
from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.oauth.keys import public_jwk, sign_id_token
from contio_mock.fake.oauth.people import spoken_name, user_by_email
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import IdpCode
from contio_mock.fake.sandbox import Context

CODE_LIFE = timedelta(minutes=5)
TOKEN_SECONDS = 3600
ACCESS_PREFIX = "idp_at_"


def _issuer(ctx: Context) -> str:
    return f"{ctx.base_url}/_mock/idp"


@MockGetIdpDiscovery.handler
def mock_get_idp_discovery(ctx: Context, _: MockGetIdpDiscovery) -> IdpDiscovery:
    issuer = _issuer(ctx)
    return IdpDiscovery(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        userinfo_endpoint=f"{issuer}/userinfo",
        jwks_uri=f"{issuer}/jwks.json",
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        scopes_supported=["openid", "email", "profile"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported=["S256"],
        claims_supported=["sub", "iss", "aud", "exp", "iat", "nonce", "email", "email_verified", "name"],
    )


@MockGetIdpKeys.handler
def mock_get_idp_keys(ctx: Context, _: MockGetIdpKeys) -> IdpKeys:
    return IdpKeys(keys=[public_jwk()])


@MockSignInAtIdp.handler
def mock_sign_in_at_idp(ctx: Context, op: MockSignInAtIdp) -> IdpSignedIn:
    wish = op.body
    if wish.client_id not in {idp.idp_client_id for idp in ctx.store.idp_configs}:
        raise ApiError(INVALID_CLIENT, f"No app of this sandbox has the idp_client_id {wish.client_id!r}.")
    if not wish.redirect_uri.startswith(ctx.base_url + "/"):
        raise ApiError(INVALID_REQUEST, "redirect_uri must be this sandbox's own SSO callback.")
    if wish.error is not None:
        said = {"error": wish.error, "error_description": "The user did not sign in."}
    elif wish.email is not None:
        said = {"code": _code(ctx, op, wish.email).id}
    else:
        raise ApiError(INVALID_REQUEST, "Say who signs in (email), or what went wrong (error).")
    if wish.state is not None:
        said["state"] = wish.state
    return IdpSignedIn(redirect_url=f"{wish.redirect_uri}?{urlencode(said)}")


def _code(ctx: Context, op: MockSignInAtIdp, email: str) -> IdpCode:
    wish, known = op.body, user_by_email(ctx, email)
    return ctx.store.idp_codes.insert(
        trusted(
            IdpCode,
            id=ctx.ids.opaque("idp_code_", 32),
            email=email,
            name=wish.name or (known.display_name if known else spoken_name(email)),
            client_id=wish.client_id,
            redirect_uri=wish.redirect_uri,
            scope=wish.scope,
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
    kept = ctx.store.idp_codes.insert(code.model_copy(update={"id": ctx.ids.opaque(ACCESS_PREFIX, 32)}))
    return IdpTokens(
        access_token=kept.id,
        token_type="Bearer",
        expires_in=TOKEN_SECONDS,
        id_token=_id_token(ctx, code),
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
    for idp in ctx.store.idp_configs:
        if (idp.idp_client_id, idp.idp_client_secret) == given:
            return idp.idp_client_id
    raise ApiError(INVALID_CLIENT)


def _proves(code: IdpCode, verifier: str | None) -> bool:
    """Whether a verifier fits the code's challenge (RFC 7636 4.6)."""
    if code.code_challenge is None:
        return True
    digest = sha256((verifier or "").encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == code.code_challenge


def _subject(code: IdpCode) -> str:
    return stable_uuid("idp", code.email.lower())


def _id_token(ctx: Context, code: IdpCode) -> str:
    now = int(ctx.now.timestamp())
    claims = {
        "iss": _issuer(ctx),
        "sub": _subject(code),
        "aud": code.client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "email": code.email,
        "email_verified": True,
        "name": code.name,
    }
    return sign_id_token(claims if code.nonce is None else {**claims, "nonce": code.nonce})


@MockGetIdpUserInfo.handler
def mock_get_idp_user_info(ctx: Context, op: MockGetIdpUserInfo) -> IdpUserInfo:
    _, _, token = (op.authorization or "").partition(" ")
    found = ctx.store.idp_codes.get(token) if token.startswith(ACCESS_PREFIX) else None
    if found is None:
        raise ApiError(INVALID_TOKEN)
    return IdpUserInfo(sub=_subject(found), email=found.email, email_verified=True, name=found.name)
