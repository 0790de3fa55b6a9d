"""What is said about a user: in the ID token, at userInfo, and by introspection."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from contio_mock.contract.oauth import Introspection
from contio_mock.contract.openid import UserInfo
from contio_mock.fake.oauth.keys import sign_id_token
from contio_mock.fake.oauth.tokens import ID_TOKEN_LIFE, AccessToken, RefreshToken
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.sandbox import Context

CLAIMS = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "email", "email_verified",
    "name", "given_name", "family_name", "locale",
)  # fmt: skip


def about(user: UserRecord, scopes: frozenset[str]) -> dict[str, Any]:
    """The claims that the scopes `profile` and `email` allow (OpenID Connect Core 5.4)."""
    claims: dict[str, Any] = {"sub": user.id}
    if "profile" in scopes:
        given, _, family = user.display_name.rpartition(" ")
        claims |= {"name": user.display_name, "given_name": given or family, "locale": "en-US"}
        if given:
            claims["family_name"] = family
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": True}
    return claims


def id_token(ctx: Context, app: AppRecord, user: UserRecord, access: AccessToken, nonce: str | None) -> str:
    """A signed ID token (OpenID Connect Core 2 and 3.1.3.6)."""
    now = int(ctx.now.timestamp())
    half = sha256(access.value.encode()).digest()[:16]
    claims = {
        "iss": ctx.base_url,
        "aud": app.client_id,
        "iat": now,
        "exp": now + int(ID_TOKEN_LIFE.total_seconds()),
        "auth_time": int(access.grant.begun_at.timestamp()),
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        **about(user, access.scopes),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return sign_id_token(claims)


def user_info(user: UserRecord, scopes: frozenset[str]) -> UserInfo:
    """The answer of userInfo."""
    return UserInfo(**about(user, scopes))


def introspection(ctx: Context, token: AccessToken | RefreshToken) -> Introspection:
    """The truth about a live token (RFC 7662 2.2)."""
    app = ctx.store.apps.get(token.grant.app_id)
    user = ctx.store.users.get(token.grant.user_id or "")
    client_id = app.client_id if app else ""
    is_access = isinstance(token, AccessToken)
    ends = token.expires_at if isinstance(token, AccessToken) else token.dies_at
    issued = int(token.issued_at.timestamp())
    return Introspection(
        active=True,
        scope=token.scope if isinstance(token, AccessToken) else " ".join(token.grant.scopes),
        client_id=client_id,
        username=user.email if user else None,
        token_type="Bearer" if is_access else "refresh_token",
        exp=int(ends.timestamp()),
        iat=issued,
        nbf=issued,
        sub=user.id if user else client_id,
        aud=[client_id],
        iss=ctx.base_url,
        ext={},
    )
