"""Identity providers of partner apps, their domains, and what the DNS says."""

from pydantic import Field

from contio_mock.contract.idp import DomainVerification, IdpConfig
from contio_mock.contract.shared import Model, Timestamp


class IdpConfigRecord(IdpConfig):
    """An app's identity provider with its secret."""

    idp_client_secret: str = Field(exclude=True)
    token_endpoint_auth_methods: tuple[str, ...] = Field(default=("client_secret_basic",), exclude=True)


class DomainRecord(DomainVerification):
    """A domain that an app claims."""

    id: str = Field(exclude=True)
    app_id: str = Field(exclude=True)
    challenge_ends_at: Timestamp = Field(exclude=True)


class TxtRecord(Model):
    """A TXT record of the sandbox's DNS."""

    id: str
    name: str
    value: str


class ForeignClaim(Model):
    """That a partner outside the sandbox uses a domain."""

    id: str
    domain: str
