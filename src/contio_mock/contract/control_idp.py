"""The identity provider that is built in, so that single sign-on can be tried without another."""

from typing import Annotated, Any

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode, Shape
from contio_mock.contract.operation import Header, Operation, endpoint
from contio_mock.contract.shared import Email, Input, Model

TAG = "Control"

INVALID_REQUEST = ErrorCode(400, "invalid_request", "The request is invalid.", Shape.OAUTH)
INVALID_GRANT = ErrorCode(400, "invalid_grant", "The code is unknown, used or expired.", Shape.OAUTH)
INVALID_CLIENT = ErrorCode(401, "invalid_client", "No app of this sandbox uses that client.", Shape.OAUTH)
INVALID_TOKEN = ErrorCode(401, "invalid_token", "The access token is unknown.", Shape.OAUTH)


class IdpDiscovery(Model):
    """The discovery document of the built-in identity provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    claims_supported: list[str]


class IdpKeys(Model):
    """The public key of its ID tokens."""

    keys: list[dict[str, Any]]


class IdpSignIn(Input):
    """Somebody signs in, or declines to."""

    client_id: str
    redirect_uri: str
    email: Email | None = None
    """Who signs in."""
    name: str | None = None
    scope: str = "openid"
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    """S256 (RFC 7636)."""
    error: str | None = None
    """What is told instead of a code, such as `access_denied`."""


class IdpSignedIn(Model):
    """Where the browser goes now."""

    redirect_url: str


class IdpTokenRequest(Input):
    """A code to be exchanged."""

    grant_type: str
    code: str
    redirect_uri: str
    code_verifier: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class IdpTokens(Model):
    """What the exchange gives."""

    access_token: str
    token_type: str
    expires_in: int
    id_token: str
    scope: str


class IdpUserInfo(Model):
    """Who signed in."""

    sub: str
    email: str
    email_verified: bool
    name: str


@endpoint("GET", "/_mock/idp/.well-known/openid-configuration", auth=PUBLIC, tag=TAG)
class MockGetIdpDiscovery(Operation[IdpDiscovery]):
    """Read the discovery document of the built-in identity provider."""


@endpoint("GET", "/_mock/idp/jwks.json", auth=PUBLIC, tag=TAG)
class MockGetIdpKeys(Operation[IdpKeys]):
    """Read the key that its ID tokens are signed with."""


@endpoint(
    "POST",
    "/_mock/idp/sign-in",
    auth=PUBLIC,
    raises=(INVALID_REQUEST, INVALID_CLIENT),
    invalid=INVALID_REQUEST,
    shape=Shape.OAUTH,
    tag=TAG,
)
class MockSignInAtIdp(Operation[IdpSignedIn]):
    """Sign somebody in at the built-in identity provider, as its page does."""

    body: IdpSignIn


@endpoint(
    "POST",
    "/_mock/idp/token",
    auth=PUBLIC,
    raises=(INVALID_REQUEST, INVALID_GRANT, INVALID_CLIENT),
    invalid=INVALID_REQUEST,
    shape=Shape.OAUTH,
    tag=TAG,
)
class MockExchangeIdpCode(Operation[IdpTokens]):
    """Exchange a code of the built-in identity provider."""

    form: IdpTokenRequest
    authorization: Annotated[str | None, Header("Authorization")] = None


@endpoint("GET", "/_mock/idp/userinfo", auth=PUBLIC, raises=(INVALID_TOKEN,), shape=Shape.OAUTH, tag=TAG)
class MockGetIdpUserInfo(Operation[IdpUserInfo]):
    """Read who signed in at the built-in identity provider."""

    authorization: Annotated[str | None, Header("Authorization")] = None
