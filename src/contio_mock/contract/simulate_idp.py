"""What happens around single sign-on, made to happen now: a provider to try it with, domains of the DNS."""

from contio_mock.contract.app_events import DomainRevoked, DomainVerified
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.idp import (
    DOMAIN_ALREADY_CLAIMED,
    DOMAIN_IS_GENERIC,
    DOMAIN_RESERVED,
    INVALID_DOMAIN,
    STRICT_MODE_REQUIRES_DOMAINS,
    DomainVerification,
    IdpMode,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Input, Model

TAG = "Control"

NO_CHALLENGE = ErrorCode(
    400, "no_challenge", "No verification of this domain is pending; say the record's value yourself."
)
NO_SLUG = ErrorCode(404, "not_found", "No partner app of this sandbox has this slug.")
DOMAIN_NOT_VERIFIED = ErrorCode(409, "domain_not_verified", "No app has verified this domain.")


class DomainRecordPublish(Input):
    """A TXT record at `_contio-challenge.<domain>`."""

    domain: str
    value: str | None = None
    """What it says; what the newest pending challenge asks for when absent."""
    remove: bool = False
    """Take the domain's records out of the DNS instead."""


class DomainNamed(Input):
    """The domain that is meant."""

    domain: str


class SsoSetUp(Input):
    """How the built-in identity provider is to be used."""

    slug: str | None = None
    """Whose app it is for; the sandbox's first when absent."""
    mode: IdpMode = "partner_managed"
    domains: list[str] | None = None
    """Whose addresses may sign in with the mode `strict`; they are verified at once."""


class SsoReady(Model):
    """A single sign-on that works as it stands."""

    landing_url: str
    """Where a browser begins."""
    slug: str
    mode: IdpMode
    discovery_url: str
    """Of the built-in identity provider."""
    idp_client_id: str
    idp_client_secret: str
    domains: list[str] | None = None


class DomainRecords(Model):
    """What the sandbox's DNS says about a domain."""

    name: str
    values: list[str]


@endpoint(
    "POST",
    "/_mock/simulate/domain-record",
    auth=PUBLIC,
    raises=(INVALID_DOMAIN, NO_CHALLENGE),
    tag=TAG,
)
class MockPublishDomainRecord(Operation[DomainRecords]):
    """Publish or remove the TXT record that verifies a domain."""

    body: DomainRecordPublish


@endpoint(
    "POST",
    "/_mock/simulate/domain-revoked",
    auth=PUBLIC,
    raises=(INVALID_DOMAIN, DOMAIN_NOT_VERIFIED),
    emits=(DomainRevoked,),
    tag=TAG,
)
class MockRevokeDomain(Operation[DomainVerification]):
    """Take a verified domain away from the app that has it."""

    body: DomainNamed


@endpoint("POST", "/_mock/simulate/domain-claimed", auth=PUBLIC, raises=(INVALID_DOMAIN,), tag=TAG)
class MockClaimDomain(Operation[DomainRecords]):
    """Let a partner outside this sandbox use a domain, so that nobody in it can."""

    body: DomainNamed


@endpoint(
    "POST",
    "/_mock/simulate/sso-ready",
    auth=PUBLIC,
    raises=(
        NO_SLUG,
        STRICT_MODE_REQUIRES_DOMAINS,
        INVALID_DOMAIN,
        DOMAIN_IS_GENERIC,
        DOMAIN_RESERVED,
        DOMAIN_ALREADY_CLAIMED,
    ),
    emits=(DomainVerified,),
    tag=TAG,
)
class MockSetUpSso(Operation[SsoReady]):
    """Let an app use the built-in identity provider, in the place of any other, as its administrator would."""

    body: SsoSetUp
