"""The identity provider that is built in, so that single sign-on can be tried without another."""

from typing import Annotated, Any

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode, Shape
from contio_mock.contract.operation import Header, Operation, endpoint
from contio_mock.contract.shared import Email, Input, Model

TAG = "Control"

INVALID_REQUEST = ErrorCode(400, "invalid_request", "The request is invalid.", Shape.OAUTH)
INVALID_GRANT = ErrorCode(
    400, "invalid_grant", "The code is unknown, used, expired or not for this request.", Shape.OAUTH
)
INVALID_CLIENT = ErrorCode(401, "invalid_client", "No app of this sandbox uses that client.", Shape.OAUTH)
INVALID_TOKEN = ErrorCode(401, "invalid_token", "The access token is unknown or has expired.", Shape.OAUTH)


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


class IdpRequest(Model):
    """Who asks for a sign-in."""

    client_id: str
    app_name: str
    """The partner app whose users sign in."""
    provider_name: str
    """What the app calls the identity provider."""


class IdpSignIn(Input):
    """Somebody signs in, or declines to."""

    client_id: str
    redirect_uri: str
    """The sandbox's SSO callback, as the authorization request names it."""
    email: Email | None = None
    """Who signs in; anybody can, whether Contio knows them or not."""
    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    """Their display name; that of the user with this address, or made from the address, when absent."""
    email_verified: bool = True
    """What the ID token says of the address."""
    scope: str = "openid"
    """Decides which claims are told: `email` and `profile`."""
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    """S256 (RFC 7636)."""
    error: str | None = None
    """What is told instead of a code, such as `access_denied`."""
    error_description: str | None = None
    """Why, in words."""


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
    """Seconds."""
    id_token: str | None = None
    """RS256; only with the scope `openid`."""
    scope: str


class IdpUserInfo(Model):
    """Who signed in."""

    sub: str
    email: str | None = None
    """Only with the scope `email`."""
    email_verified: bool | None = None
    name: str | None = None
    """Only with the scope `profile`."""


@endpoint("GET", "/_mock/idp/.well-known/openid-configuration", auth=PUBLIC, tag=TAG)
class MockGetIdpDiscovery(Operation[IdpDiscovery]):
    """Read the discovery document of the built-in identity provider."""


@endpoint("GET", "/_mock/idp/jwks.json", auth=PUBLIC, tag=TAG)
class MockGetIdpKeys(Operation[IdpKeys]):
    """Read the key that its ID tokens are signed with."""


@endpoint(
    "GET",
    "/_mock/idp/sign-in",
    auth=PUBLIC,
    raises=(INVALID_REQUEST, INVALID_CLIENT),
    invalid=INVALID_REQUEST,
    shape=Shape.OAUTH,
    tag=TAG,
)
class MockGetIdpRequest(Operation[IdpRequest]):
    """Read who asks for a sign-in, and whether the request is one that can be answered."""

    client_id: str
    redirect_uri: str
    state: str | None = None
    response_type: str = "code"
    code_challenge_method: str = "S256"


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
