"""Single sign-on: users of a partner come in through the partner's own identity provider."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import BAD_REQUEST, ErrorCode, Invalid, Shape
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import UUID_PATTERN, Email, Id, Model
from contio_mock.contract.wire import Redirect

TAG = "Single Sign-On"

PARTNER_NOT_FOUND = ErrorCode(404, "not_found", "No partner app has this slug.", Shape.SSO)
SLUG_NOT_FOUND = ErrorCode(404, "not_found", "No active partner app has this slug.")
IDP_NOT_CONFIGURED = ErrorCode(404, "idp_not_configured", "The partner has no active identity provider.")
INVALID_TARGET = ErrorCode(
    400, "invalid_request", "target must be web, desktop, backlog or meeting: and the meeting's id."
)
INVALID_SESSION_ID = ErrorCode(400, "invalid_request", "This is not the id of an SSO session.")
SESSION_NOT_FOUND = ErrorCode(404, "not_found", "There is no such SSO session.")
TOO_MANY = ErrorCode(429, "rate_limit_exceeded", "Too many requests; wait and retry.", Shape.SSO)

SsoStatus = Literal["pending", "completed", "failed", "expired"]

_MEETING = re.compile("meeting:" + UUID_PATTERN.strip("^$"), re.ASCII)


def is_target(value: str) -> bool:
    """Whether users can want to go there."""
    return value in ("web", "desktop", "backlog") or _MEETING.fullmatch(value) is not None


def _target(value: str) -> str:
    if not is_target(value):
        raise ValueError("must be web, desktop, backlog or meeting: and the meeting's id")
    return value


Target = Annotated[
    str,
    AfterValidator(_target),
    Field(json_schema_extra={"pattern": f"^(web|desktop|backlog|meeting:{UUID_PATTERN.strip('^$')})$"}),
]
"""Where the user wants to go: `web`, `desktop`, `backlog` or `meeting:<id>`."""

SsoSessionId = Annotated[str, Field(pattern=r"^sess_[A-Za-z0-9_-]{1,64}$"), Invalid(INVALID_SESSION_ID)]


class PartnerSsoInfo(Model):
    """What a landing page shows of a partner."""

    slug: str
    name: str
    co_brand_name: str | None = None
    co_brand_logo_url: str | None = None
    has_idp_config: bool
    is_active: bool


class SsoInitiation(Model):
    """Where the user signs in, and the session to ask about it."""

    authorization_url: str
    session_id: str


class SsoSession(Model):
    """How far a sign-in is."""

    status: SsoStatus
    target: str
    user_id: Id | None = None
    """Who signed in; only when completed."""
    error: str | None = None
    """What went wrong; only when failed or expired."""


@endpoint(
    "GET",
    "/v1/partner/sso/info/{slug}",
    auth=PUBLIC,
    raises=(PARTNER_NOT_FOUND, TOO_MANY),
    not_found=PARTNER_NOT_FOUND,
    tag=TAG,
)
class GetSsoInfo(Operation[PartnerSsoInfo]):
    """Read what a landing page shows of a partner."""

    slug: str


@endpoint(
    "GET",
    "/v1/partner/sso/initiate",
    auth=PUBLIC,
    also=(302,),
    raises=(INVALID_TARGET, SLUG_NOT_FOUND, IDP_NOT_CONFIGURED),
    invalid=BAD_REQUEST,
    tag=TAG,
)
class InitiateSso(Operation[SsoInitiation | Redirect]):
    """Begin a sign-in at the partner's identity provider; with `auto`, the browser goes there at once."""

    slug: str
    target: Annotated[Target, Invalid(INVALID_TARGET)] = "web"
    auto: bool = False
    login_hint: Email | None = None
    """The address that the identity provider shall begin with; a landing page hands it on."""


@endpoint("GET", "/v1/partner/sso/callback", auth=PUBLIC, success=302, tag=TAG)
class VerifySsoCallback(Operation[Redirect]):
    """Come back from the identity provider; what went wrong stands in the address that follows."""

    state: str | None = None
    code: str | None = None
    error: str | None = None
    error_description: str | None = None
    iss: str | None = None
    """The provider that answers (RFC 9207)."""
    session_state: str | None = None
    """What some providers add (OpenID Connect Session Management 2); nothing is done with it."""


@endpoint(
    "GET",
    "/v1/partner/sso/session/{session_id}",
    auth=PUBLIC,
    raises=(INVALID_SESSION_ID, SESSION_NOT_FOUND),
    not_found=SESSION_NOT_FOUND,
    tag=TAG,
)
class GetSsoSession(Operation[SsoSession]):
    """Ask how far a sign-in is."""

    session_id: SsoSessionId


class SsoCalls(Resource[S_co]):
    """Single sign-on, as a client calls it."""

    info = call(GetSsoInfo)
    initiate = call(InitiateSso)
    callback = call(VerifySsoCallback)
    session = call(GetSsoSession)
