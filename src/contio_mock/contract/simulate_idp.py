"""What happens outside Contio to the domains of single sign-on, made to happen now."""

from contio_mock.contract.app_events import DomainRevoked
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.idp import INVALID_DOMAIN, DomainVerification
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Input, Model

TAG = "Control"

NO_CHALLENGE = ErrorCode(
    400, "no_challenge", "No verification of this domain is pending; say the record's value yourself."
)
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
