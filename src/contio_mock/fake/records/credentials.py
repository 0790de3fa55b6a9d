"""What a sandbox knows of credentials beside their present values."""

from collections.abc import Iterable
from datetime import datetime

from contio_mock.contract.credentials import CredentialEvent
from contio_mock.contract.shared import Model, Timestamp, trusted


class FormerCredential(Model):
    """A credential that was replaced, and until when it is valid all the same."""

    value: str
    ends_at: Timestamp


class Rollback(Model):
    """What the newest rotation replaced, and the token that brings it back."""

    token: str
    expires_at: Timestamp
    value: str
    created_at: Timestamp | None
    last_rotated_at: Timestamp | None


class CredentialPast(Model):
    """The past of one credential of one app."""

    created_at: Timestamp | None = None
    """When the present value was made; None: with the app."""
    last_rotated_at: Timestamp | None = None
    former: tuple[FormerCredential, ...] = ()
    rollback: Rollback | None = None
    replaced: str | None = None
    """The webhook secret that the newest rotation replaced: valid no more, and good for a fault rule."""
    rotations: tuple[Timestamp, ...] = ()
    """When it was rotated, as far back as the limit counts."""

    def valid_formers(self, now: datetime) -> tuple[FormerCredential, ...]:
        """The replaced credentials that are valid at that moment."""
        return tuple(former for former in self.former if now < former.ends_at)


NO_PAST = trusted(CredentialPast)


def history_keys(entry: CredentialEvent) -> Iterable[str]:
    """The keys of an entry: its app's, with and without its type and action."""
    for kind in ("", entry.credential_type):
        for action in ("", entry.action):
            yield history_key(entry.partner_app_id, kind, action)


def history_key(app_id: str, credential_type: str | None, action: str | None) -> str:
    """The key of the entries that two filters let through; None or "" filters nothing."""
    return f"{app_id}/{credential_type or ''}/{action or ''}"
