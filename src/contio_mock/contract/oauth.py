"""OAuth 2.0 and OpenID Connect: the authorization code flow, tokens, and what describes them."""

from typing import Annotated, Any, Literal

from contio_mock.contract.app_events import UserConnectionRevoked
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode, Invalid, Shape
from contio_mock.contract.operation import Header, Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input, Model
from contio_mock.contract.wire import Redirect

TAG = "OAuth 2.0"
OAUTH = Shape.OAUTH


def _oauth(status: int, code: str, message: str) -> ErrorCode:
    return ErrorCode(status, code, message, OAUTH)


INVALID_REQUEST = _oauth(400, "invalid_request", "A parameter is missing, repeated or malformed.")
INVALID_CLIENT = _oauth(401, "invalid_client", "The client is unknown or its secret is wrong.")
INVALID_GRANT = _oauth(400, "invalid_grant", "The code or token is invalid, expired or used.")
INVALID_SCOPE = _oauth(400, "invalid_scope", "A scope is unknown or was not granted.")
UNAUTHORIZED_CLIENT = _oauth(400, "unauthorized_client", "This client may not use this grant type.")
UNSUPPORTED_GRANT_TYPE = _oauth(
    400,
    "unsupported_grant_type",
    "grant_type must be authorization_code, refresh_token or client_credentials.",
)
UNSUPPORTED_RESPONSE_TYPE = _oauth(400, "unsupported_response_type", "response_type must be code.")
INVALID_REDIRECT_URI = _oauth(400, "invalid_request", "redirect_uri is not registered for this client.")
UNKNOWN_CLIENT = _oauth(400, "invalid_client", "No partner app has this client_id.")
LOGIN_REQUIRED = _oauth(400, "login_required", "The user is not signed in.")
CONSENT_REQUIRED = _oauth(400, "consent_required", "The user has not consented to these scopes.")
INVALID_CODE = _oauth(400, "invalid_code", "The one-time code is wrong, expired or used.")
SESSION_EXPIRED = _oauth(401, "session_expired", "The sign-in expired; start again.")
INVALID_TOKEN = _oauth(401, "unauthorized", "A valid access token is required.")
INSUFFICIENT_SCOPE = ErrorCode(403, "forbidden", "The token lacks the scope.", OAUTH)
INVALID_WORKSPACE_ID = _oauth(400, "invalid_request", "workspace_id is not a UUID.")

AUTHORIZE_REQUEST = ErrorCode(400, "invalid_request", "The authorization request is invalid.")
AUTHORIZE_CLIENT = ErrorCode(400, "invalid_client", "No partner app has this client_id.")
AUTHORIZE_REDIRECT = ErrorCode(400, "invalid_request", "redirect_uri is not registered for this client.")
AUTHORIZE_SESSION = ErrorCode(400, "session_expired", "The sign-in expired; start again.")
AUTHORIZE_SCOPE = ErrorCode(400, "invalid_scope", "A scope is unknown.")

WORKSPACE_NOT_FOUND = ErrorCode(404, "workspace_not_found", "There is no such workspace.")
WORKSPACE_NOT_FOUND_400 = ErrorCode(400, "workspace_not_found", "There is no such workspace.")
WORKSPACE_NOT_AUTHORIZED = ErrorCode(
    403, "workspace_not_authorized", "No user of this partner app owns that workspace."
)
WORKSPACE_CONFLICT = ErrorCode(
    409, "workspace_conflict", "The user already belongs to another workspace.", Shape.CONFLICT
)

BasicAuthorization = Annotated[str | None, Header("Authorization")]
"""HTTP Basic with client id and secret, which the official SDK sends on every OAuth call."""


class AuthInitiate(Input):
    """Who signs in, to which app, and where a new user is to work."""

    client_id: str
    email: Email
    name: str | None = None
    workspace_id: Annotated[Id | None, Invalid(INVALID_WORKSPACE_ID)] = None
    """Join this workspace instead of getting a personal one."""
    is_admin: bool | None = None
    """Join as WORKSPACE_ADMIN; ignored without `workspace_id`."""


class AuthInitiated(Model):
    """A one-time code is on its way."""

    session: str
    challenge_name: Literal["CUSTOM_CHALLENGE"]
    challenge_params: dict[str, str]
    user_provisioned: bool
    """Whether the account was created by this call."""


class AuthVerify(Input):
    """The one-time code that the user got by mail."""

    client_id: str
    email: Email
    code: str
    session: str


class AuthVerified(Model):
    """The user is signed in; the session cookie travels beside it."""

    success: bool
    message: str
    session_id: str
    """The session, as the published Postman flow reads it."""
    redirect: str | None = None
    access_token: str | None = None
    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: int | None = None


class ConsentCheck(Input):
    """Can the consent page be skipped for this user?"""

    client_id: str
    email: Email
    redirect_uri: str | None = None
    response_type: str | None = None
    scopes: list[str] | None = None
    scope: str | None = None
    """Space-separated, as the official SDK sends it."""
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None


class ConsentChecked(Model):
    """What the browser has to do next."""

    has_consent: bool
    requires_consent: bool
    session_valid: bool
    redirect_url: str | None = None


class Consent(Input):
    """The user's decision on the consent page."""

    client_id: str
    consent: bool
    email: Email
    redirect_uri: str
    response_type: str
    scope: str | None = None
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    nonce: str | None = None


class ConsentGiven(Model):
    """Where the browser goes now; `code` is absent when the user refused."""

    redirect_url: str
    code: str | None = None
    state: str | None = None


class TokenRequest(Input):
    """A token request; the client may be named here or by HTTP Basic."""

    grant_type: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


class TokenResponse(Model):
    """Tokens."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    """Seconds."""
    scope: str | None = None
    refresh_token: str | None = None
    id_token: str | None = None


class IntrospectionRequest(Input):
    """The token to look at."""

    token: str
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class Introspection(Model):
    """The truth about a token (RFC 7662); an inactive one says nothing else."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    username: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    nbf: int | None = None
    sub: str | None = None
    aud: list[str] | None = None
    iss: str | None = None
    ext: dict[str, Any] | None = None


class RevocationRequest(Input):
    """The token to revoke."""

    token: str
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


@endpoint(
    "POST",
    "/auth/initiate",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(
        INVALID_REQUEST,
        UNKNOWN_CLIENT,
        INVALID_CLIENT,
        WORKSPACE_NOT_FOUND,
        WORKSPACE_NOT_FOUND_400,
        WORKSPACE_NOT_AUTHORIZED,
        WORKSPACE_CONFLICT,
    ),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class InitiatePartnerAuth(Operation[AuthInitiated]):
    """Send a one-time code to a user, who is created if new."""

    body: AuthInitiate
    authorization: BasicAuthorization = None


@endpoint(
    "POST",
    "/auth/verify",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(INVALID_REQUEST, UNKNOWN_CLIENT, INVALID_CLIENT, INVALID_CODE, SESSION_EXPIRED),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class VerifyPartnerAuth(Operation[AuthVerified]):
    """Check a one-time code and open a session."""

    body: AuthVerify
    authorization: BasicAuthorization = None


@endpoint(
    "POST",
    "/oauth2/check-consent",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(INVALID_REQUEST, UNKNOWN_CLIENT, INVALID_CLIENT, INVALID_SCOPE),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class CheckOauthConsent(Operation[ConsentChecked]):
    """Tell whether the user still has to consent."""

    body: ConsentCheck
    authorization: BasicAuthorization = None
    cookie: Annotated[str | None, Header("Cookie")] = None


@endpoint(
    "GET",
    "/oauth2/authorize",
    auth=PUBLIC,
    success=302,
    shape=OAUTH,
    raises=(INVALID_REQUEST, UNKNOWN_CLIENT, INVALID_REDIRECT_URI),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class AuthorizeOauth(Operation[Redirect]):
    """Begin an authorization: the browser is sent to the sign-in page, or back with an error."""

    client_id: str
    redirect_uri: str
    response_type: str | None = None
    scope: str | None = None
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    login_hint: str | None = None
    """Fills in the e-mail address and locks it."""
    nonce: str | None = None
    """Returned in the ID token (OpenID Connect Core 3.1.2.1)."""
    prompt: str | None = None
    cookie: Annotated[str | None, Header("Cookie")] = None


@endpoint(
    "POST",
    "/oauth2/authorize",
    auth=PUBLIC,
    raises=(
        AUTHORIZE_REQUEST,
        AUTHORIZE_CLIENT,
        AUTHORIZE_REDIRECT,
        AUTHORIZE_SESSION,
        AUTHORIZE_SCOPE,
    ),
    invalid=AUTHORIZE_REQUEST,
    tag=TAG,
)
class CompleteOauthAuthorization(Operation[ConsentGiven]):
    """Complete an authorization after the user decided."""

    body: Consent
    cookie: Annotated[str | None, Header("Cookie")] = None


@endpoint(
    "POST",
    "/oauth2/token",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(
        INVALID_REQUEST,
        INVALID_CLIENT,
        INVALID_GRANT,
        INVALID_SCOPE,
        UNAUTHORIZED_CLIENT,
        UNSUPPORTED_GRANT_TYPE,
    ),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class ExchangeOauthToken(Operation[TokenResponse]):
    """Exchange a code, a refresh token or client credentials for tokens."""

    form: TokenRequest
    authorization: BasicAuthorization = None


@endpoint(
    "POST",
    "/oauth2/introspect",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(INVALID_REQUEST, INVALID_CLIENT),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class IntrospectOauthToken(Operation[Introspection]):
    """Tell the truth about a token."""

    form: IntrospectionRequest
    authorization: BasicAuthorization = None


@endpoint(
    "POST",
    "/oauth2/revoke",
    auth=PUBLIC,
    shape=OAUTH,
    raises=(INVALID_REQUEST, INVALID_CLIENT),
    invalid=INVALID_REQUEST,
    emits=(UserConnectionRevoked,),
    tag=TAG,
)
class RevokeOauthToken(Operation[None]):
    """Revoke a token; an unknown one is no error (RFC 7009)."""

    form: RevocationRequest
    authorization: BasicAuthorization = None
