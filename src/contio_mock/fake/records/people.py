"""Partner apps, workspaces, the people in them, and their connections."""

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import Field

from contio_mock.contract.app import PartnerApp
from contio_mock.contract.connections import ConnectionStatus
from contio_mock.contract.credentials import CredentialType
from contio_mock.contract.profile import PlanType, WorkspaceRole
from contio_mock.contract.shared import Model, Timestamp
from contio_mock.fake.records.credentials import NO_PAST, CredentialPast

_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class AppRecord(PartnerApp):
    """A partner app with its credentials."""

    client_secret: str = Field(exclude=True)
    api_key: str = Field(exclude=True)
    webhook_secret: str = Field(exclude=True)
    redirect_uris: tuple[str, ...] = Field(default=(), exclude=True)
    co_brand_name: str | None = Field(default=None, exclude=True)
    pasts: Mapping[CredentialType, CredentialPast] = Field(default={}, exclude=True)
    """The credentials that were ever rotated."""

    def present(self, kind: CredentialType) -> str:
        """The newest credential of that type."""
        value: str = getattr(self, kind)
        return value

    def past(self, kind: CredentialType) -> CredentialPast:
        """What happened to the credential of that type."""
        return self.pasts.get(kind, NO_PAST)

    def accepts(self, kind: CredentialType, shown: str, now: datetime) -> bool:
        """Whether a credential is valid: the newest, or an older one in its grace period."""
        valid = [self.present(kind), *(former.value for former in self.past(kind).valid_formers(now))]
        return any(hmac.compare_digest(value.encode(), shown.encode()) for value in valid)


def api_keys(app: AppRecord) -> Iterable[str]:
    """Every API key that ever led to the app and may still do so."""
    return {app.api_key, *(former.value for former in app.past("api_key").former)}


class WorkspaceRecord(Model):
    """A workspace; `app_id` is the partner app whose user it was made for."""

    id: str
    name: str
    plan: PlanType
    created_at: Timestamp
    app_id: str | None = None


class UserRecord(Model):
    """A person, and the workspace they work in."""

    id: str
    email: str
    display_name: str
    created_at: Timestamp
    workspace_id: str
    workspace_role: WorkspaceRole
    timezone: str | None = None


class ConnectionRecord(Model):
    """That a user lets a partner app act for them."""

    id: str
    app_id: str
    user_id: str
    scopes: tuple[str, ...]
    status: ConnectionStatus
    created_at: Timestamp
    updated_at: Timestamp
    oauth_expires_at: Timestamp | None = None

    def status_at(self, now: datetime) -> ConnectionStatus:
        """The status at that moment: an active one whose tokens have all died has expired."""
        ended = self.oauth_expires_at is not None and self.oauth_expires_at <= now
        return "expired" if self.status == "active" and ended else self.status

    @property
    def ends_at(self) -> datetime | None:
        """From when on it has expired, unless it is used; None for one that was revoked."""
        if self.status == "revoked":
            return None
        return _EVER if self.status == "expired" else self.oauth_expires_at or _NEVER


def connection_keys(connection: ConnectionRecord) -> Iterable[str]:
    """The keys of a connection: its app's, alone and with the status as far as it is stored."""
    yield connection.app_id
    yield f"{connection.app_id}/{connection.status}"
