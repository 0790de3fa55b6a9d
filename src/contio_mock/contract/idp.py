"""The app's identity provider for single sign-on, and the domains that the app has shown to be its own."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.app_events import DomainVerificationFailed, DomainVerified
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import INVALID_REQUEST_BODY, ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Model, Timestamp

TAG = "IdP Management"

INVALID_IDP_CREDENTIALS = ErrorCode(
    400,
    "invalid_idp_credentials",
    "idp_client_id and idp_client_secret are those of an application at your identity provider.",
)
INVALID_IDP = ErrorCode(400, "invalid_idp", "This identity provider cannot be used.")
INVALID_DOMAIN = ErrorCode(400, "invalid_domain", "This is not a domain name, such as acme.com.")
DOMAIN_IS_GENERIC = ErrorCode(400, "domain_is_generic", "Anybody can have an address in this domain.")
DOMAIN_RESERVED = ErrorCode(400, "domain_reserved", "This domain cannot be anybody's.")
DOMAIN_NOT_VERIFIED = ErrorCode(400, "domain_not_verified", "Show first that this domain is yours.")
STRICT_MODE_REQUIRES_DOMAINS = ErrorCode(
    400, "strict_mode_requires_domains", "The mode strict needs allowed_email_domains."
)
DISCOVERY_FETCH_FAILED = ErrorCode(
    400, "discovery_fetch_failed", "The discovery document could not be fetched or read."
)
DOMAIN_ALREADY_CLAIMED = ErrorCode(409, "domain_already_claimed", "Another partner uses this domain.")
IDP_CONFIG_EXISTS = ErrorCode(409, "idp_config_exists", "The app has an identity provider; change that one.")
IDP_NOT_FOUND = ErrorCode(404, "not_found", "The app has no identity provider.")
DOMAIN_NOT_FOUND = ErrorCode(404, "not_found", "No verification of this domain was begun.")
TOO_MANY_PENDING = ErrorCode(429, "rate_limit_exceeded", "Too many domains wait for their verification.")

IdpMode = Literal["strict", "partner_managed"]
DomainStatus = Literal["pending", "verified", "expired"]


DiscoveryUrl = Annotated[
    str, Field(json_schema_extra={"pattern": r"^https?://[^?#]+/\.well-known/openid-configuration$"})
]
"""Checked by the handler, which has a code of its own for it."""

ScopeName = Annotated[str, Field(pattern=r"[^ \t\r\n]")]
"""A scope of OpenID Connect; a blank name is none."""


class IdpConfig(Model):
    """The app's OpenID Connect provider; its secret is never shown."""

    id: Id
    partner_app_id: Id
    name: str
    type: Literal["oidc"] = "oidc"
    mode: IdpMode
    is_active: bool
    discovery_url: str
    idp_client_id: str
    scopes: list[str]
    claim_mappings: dict[str, str]
    """Which claim of the provider fills which member of a user."""
    allowed_email_domains: list[str] | None = None
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    discovery_last_fetched_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp


class IdpConfigCreate(Input):
    """An identity provider to be used for single sign-on."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    mode: IdpMode
    """`strict` lets in the addresses of verified domains only; `partner_managed` trusts the provider."""
    discovery_url: DiscoveryUrl
    """The provider's `/.well-known/openid-configuration`."""
    idp_client_id: Annotated[str, Field(min_length=1)]
    idp_client_secret: Annotated[str, Field(min_length=1)]
    scopes: list[ScopeName] | None = None
    """`openid email profile` when absent."""
    claim_mappings: dict[str, str] | None = None
    """`{"email": "email", "name": "name"}` when absent."""
    allowed_email_domains: list[str] | None = None


class IdpConfigUpdate(Input):
    """What is to change; absent members stay."""

    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    mode: IdpMode | None = None
    discovery_url: DiscoveryUrl | None = None
    idp_client_id: Annotated[str | None, Field(min_length=1)] = None
    idp_client_secret: Annotated[str | None, Field(min_length=1)] = None
    scopes: list[ScopeName] | None = None
    claim_mappings: dict[str, str] | None = None
    allowed_email_domains: list[str] | None = None
    is_active: bool | None = None


class DomainVerification(Model):
    """How far the app is in showing that a domain is its own."""

    domain: str
    """Lower case, international names in punycode."""
    status: DomainStatus
    dns_record_name: str
    """The TXT record that must exist."""
    dns_record_value: str
    """What it must say."""
    expires_at: Timestamp | None = None
    """Until when the challenge can be met; absent once verified."""
    verified_at: Timestamp | None = None


_CHANGE_ERRORS = (
    INVALID_REQUEST_BODY,
    INVALID_IDP_CREDENTIALS,
    INVALID_IDP,
    INVALID_DOMAIN,
    DOMAIN_IS_GENERIC,
    DOMAIN_RESERVED,
    DOMAIN_NOT_VERIFIED,
    STRICT_MODE_REQUIRES_DOMAINS,
    DISCOVERY_FETCH_FAILED,
    DOMAIN_ALREADY_CLAIMED,
)
_DOMAIN_ERRORS = (INVALID_DOMAIN, DOMAIN_RESERVED, DOMAIN_IS_GENERIC)


@endpoint(
    "GET", "/v1/partner/admin/idp", auth=ADMIN, raises=(IDP_NOT_FOUND,), not_found=IDP_NOT_FOUND, tag=TAG
)
class GetIdpConfig(Operation[IdpConfig]):
    """Read the app's identity provider."""


@endpoint(
    "POST",
    "/v1/partner/admin/idp",
    auth=ADMIN,
    success=201,
    idempotency_key=since(R1_9),
    raises=(*_CHANGE_ERRORS, IDP_CONFIG_EXISTS),
    invalid=INVALID_REQUEST_BODY,
    tag=TAG,
)
class CreateIdpConfig(Operation[IdpConfig]):
    """Set the app's identity provider; its discovery document is read at once."""

    body: IdpConfigCreate


@endpoint(
    "PATCH",
    "/v1/partner/admin/idp",
    auth=ADMIN,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(*_CHANGE_ERRORS, IDP_NOT_FOUND),
    invalid=INVALID_REQUEST_BODY,
    not_found=IDP_NOT_FOUND,
    tag=TAG,
)
class UpdateIdpConfig(Operation[IdpConfig]):
    """Change the app's identity provider; only the members that are sent change."""

    body: IdpConfigUpdate


@endpoint(
    "PUT",
    "/v1/partner/admin/idp",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    deprecated=R1_10,
    raises=(*_CHANGE_ERRORS, IDP_NOT_FOUND),
    invalid=INVALID_REQUEST_BODY,
    not_found=IDP_NOT_FOUND,
    tag=TAG,
)
class ReplaceIdpConfig(Operation[IdpConfig]):
    """Change the app's identity provider, as every official SDK does; only what is sent changes."""

    body: IdpConfigUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/idp",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(IDP_NOT_FOUND,),
    not_found=IDP_NOT_FOUND,
    tag=TAG,
)
class DeleteIdpConfig(Operation[None]):
    """Take the app's identity provider away."""


@endpoint(
    "GET",
    "/v1/partner/admin/idp/domains/{domain}",
    auth=ADMIN,
    lifetime=since(R1_9),
    raises=(*_DOMAIN_ERRORS, DOMAIN_NOT_FOUND),
    not_found=DOMAIN_NOT_FOUND,
    tag=TAG,
)
class GetIdpDomainVerification(Operation[DomainVerification]):
    """Read how far a domain's verification is; asks no DNS."""

    domain: str


@endpoint(
    "POST",
    "/v1/partner/admin/idp/domains/{domain}/verify",
    auth=ADMIN,
    success=201,
    lifetime=since(R1_9),
    raises=(*_DOMAIN_ERRORS, TOO_MANY_PENDING),
    not_found=INVALID_DOMAIN,
    tag=TAG,
)
class InitiateIdpDomainVerification(Operation[DomainVerification]):
    """Begin to verify a domain, or begin again with another challenge; each subdomain by itself."""

    domain: str


@endpoint(
    "POST",
    "/v1/partner/admin/idp/domains/{domain}/check",
    auth=ADMIN,
    lifetime=since(R1_9),
    raises=(*_DOMAIN_ERRORS, DOMAIN_NOT_FOUND),
    not_found=DOMAIN_NOT_FOUND,
    emits=(DomainVerified, DomainVerificationFailed),
    tag=TAG,
)
class CheckIdpDomainVerification(Operation[DomainVerification]):
    """Look the challenge up in the DNS; a domain that is verified already stays so."""

    domain: str


class Idp(Resource[S_co]):
    """The app's identity provider, as a client calls it."""

    get = call(GetIdpConfig)
    create = call(CreateIdpConfig)
    update = call(UpdateIdpConfig)
    delete = call(DeleteIdpConfig)
    domain = call(GetIdpDomainVerification)
    verify_domain = call(InitiateIdpDomainVerification)
    check_domain = call(CheckIdpDomainVerification)
