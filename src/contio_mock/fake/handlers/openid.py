"""OpenID Connect: claims, keys, discovery."""

from __future__ import annotations

from contio_mock.contract.auth import SCOPES
from contio_mock.contract.openid import (
    Discovery,
    GetOauthHealth,
    GetOauthJwks,
    GetOauthUserInfo,
    GetOpenidConfiguration,
    Health,
    Jwk,
    Jwks,
    ListOauthScopes,
    Scopes,
    UserInfo,
)
from contio_mock.fake.authenticate import insufficient_scope
from contio_mock.fake.oauth import claims, grants, keys
from contio_mock.fake.sandbox import Context


@GetOauthUserInfo.handler
def get_oauth_user_info(ctx: Context, op: GetOauthUserInfo) -> UserInfo:
    if "openid" not in ctx.token.scopes:
        raise insufficient_scope(ctx, op.endpoint, "openid")
    return claims.user_info(ctx.user, ctx.token.scopes)


@GetOauthJwks.handler
def get_oauth_jwks(_: Context, op: GetOauthJwks) -> Jwks:
    return Jwks(keys=[Jwk(**keys.public_jwk())])


@GetOpenidConfiguration.handler
def get_openid_configuration(ctx: Context, _: GetOpenidConfiguration) -> Discovery:
    base = ctx.base_url
    return Discovery(
        issuer=base,
        authorization_endpoint=f"{base}/oauth2/authorize",
        token_endpoint=f"{base}/oauth2/token",
        userinfo_endpoint=f"{base}/oauth2/userInfo",
        jwks_uri=f"{base}/.well-known/jwks.json",
        introspection_endpoint=f"{base}/oauth2/introspect",
        revocation_endpoint=f"{base}/oauth2/revoke",
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        claims_supported=list(claims.CLAIMS),
        grant_types_supported=list(grants.GRANTS),
        code_challenge_methods_supported=["S256"],
    )


@ListOauthScopes.handler
def list_oauth_scopes(_: Context, op: ListOauthScopes) -> Scopes:
    return Scopes(scopes=list(SCOPES))


@GetOauthHealth.handler
def get_oauth_health(ctx: Context, _: GetOauthHealth) -> Health:
    moment = ctx.now.isoformat().replace("+00:00", "Z")
    return Health(status="healthy", service="partner-oauth", timestamp=moment, checks={})
