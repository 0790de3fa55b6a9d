"""Sign-ins through a partner's identity provider, and what the built-in one has granted."""

from datetime import datetime

from pydantic import Field

from contio_mock.contract.shared import Model, Timestamp
from contio_mock.contract.sso import SsoSession, SsoStatus


class SsoSessionRecord(SsoSession):
    """A sign-in on its way, with what the identity provider must give back."""

    id: str = Field(exclude=True)
    app_id: str = Field(exclude=True)
    state: str = Field(exclude=True)
    redirect_uri: str = Field(exclude=True)
    nonce: str = Field(exclude=True)
    code_verifier: str = Field(exclude=True)
    created_at: Timestamp = Field(exclude=True)
    expires_at: Timestamp = Field(exclude=True)

    def status_at(self, now: datetime) -> SsoStatus:
        """The status at that moment: one that nobody finished in time has expired."""
        return "expired" if self.status == "pending" and self.expires_at <= now else self.status


class IdpGrant(Model):
    """A code or an access token of the built-in identity provider, and the person behind it."""

    id: str
    email: str
    email_verified: bool
    name: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None = None
    code_challenge: str | None = None
    expires_at: Timestamp
