"""OpenID Connect beside OAuth: who the user is, the keys, the discovery document, the scopes."""

from typing import Any

from contio_mock.contract.auth import PUBLIC, TOKEN
from contio_mock.contract.oauth import INSUFFICIENT_SCOPE, INVALID_REQUEST, INVALID_TOKEN, OAUTH, TAG
from contio_mock.contract.operation import Alias, Operation, endpoint
from contio_mock.contract.shared import Id, Model


class UserInfo(Model):
    """Claims about the token's user (OpenID Connect Core 5.3), as far as its scopes allow."""

    sub: Id
    email: str | None = None
    email_verified: bool | None = None
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    locale: str | None = None
    phone_number: str | None = None
    phone_number_verified: bool | None = None
    picture: str | None = None


class Discovery(Model):
    """Where everything is (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    introspection_endpoint: str
    revocation_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    claims_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]


class Jwk(Model):
    """A public key (RFC 7517)."""

    kty: str
    kid: str
    use: str
    alg: str
    n: str | None = None
    e: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None


class Jwks(Model):
    """The public keys that ID tokens are signed with."""

    keys: list[Jwk]


class Health(Model):
    """Whether the OAuth service is up."""

    status: str
    service: str
    timestamp: str
    checks: dict[str, Any]


class Scopes(Model):
    """Every scope that can be asked for."""

    scopes: list[str]


@endpoint(
    "GET",
    "/oauth2/userInfo",
    auth=TOKEN,
    shape=OAUTH,
    unauthorized=INVALID_TOKEN,
    raises=(INVALID_REQUEST, INSUFFICIENT_SCOPE),
    tag=TAG,
)
class GetOauthUserInfo(Operation[UserInfo]):
    """Read the claims that the token's scopes allow."""


@endpoint("GET", "/.well-known/jwks.json", auth=PUBLIC, shape=OAUTH, tag=TAG)
class GetOauthJwks(Operation[Jwks]):
    """Read the keys that ID tokens are signed with."""


@endpoint(
    "GET",
    "/.well-known/openid_configuration",
    auth=PUBLIC,
    shape=OAUTH,
    aliases=(
        Alias(
            "/.well-known/openid-configuration",
            "The standard's path (OpenID Connect Discovery 4); the document has an underscore.",
        ),
    ),
    tag=TAG,
)
class GetOpenidConfiguration(Operation[Discovery]):
    """Read the discovery document."""


@endpoint("GET", "/oauth2/scopes", auth=PUBLIC, shape=OAUTH, tag=TAG)
class ListOauthScopes(Operation[Scopes]):
    """List every scope."""


@endpoint("GET", "/oauth2/health", auth=PUBLIC, shape=OAUTH, tag=TAG)
class GetOauthHealth(Operation[Health]):
    """Ask whether the OAuth service is up."""
