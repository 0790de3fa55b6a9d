"""Opaque tokens and codes: issued, looked up, refreshed and revoked; expiry is read, never timed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contio_mock.fake.ids import Ids
from contio_mock.fake.profile import Profile

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(hours=24)
REFRESH_LIFE = timedelta(days=30)
ID_TOKEN_LIFE = timedelta(hours=24)
ACCESS_PREFIX = "cto_at_v1_"
REFRESH_PREFIX = "cto_rt_v1_"
CODE_PREFIX = "cto_ac_v1_"


@dataclass(slots=True)
class Grant:
    """One consent turned into tokens: everything that dies together."""

    id: str
    app_id: str
    user_id: str | None
    """None for a client's own tokens (client_credentials)."""
    scopes: tuple[str, ...]
    begun_at: datetime
    connection_id: str | None = None
    """The connection that it belongs to; None for a client's own tokens."""
    last_used_at: datetime | None = None
    """When an access token of it was last used."""
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)


@dataclass(slots=True)
class AccessToken:
    """An access token."""

    value: str
    grant: Grant
    scopes: frozenset[str]
    scope: str
    issued_at: datetime
    expires_at: datetime


@dataclass(slots=True)
class RefreshToken:
    """A refresh token; `dies_at` comes forward when it is used up."""

    value: str
    grant: Grant
    issued_at: datetime
    dies_at: datetime


@dataclass(slots=True)
class AuthorizationCode:
    """A code on its way through the browser, bound to client, redirect URI and PKCE challenge."""

    value: str
    app_id: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    expires_at: datetime
    code_challenge: str | None = None
    nonce: str | None = None
    grant: Grant | None = None
    """What it was exchanged for; a code works once."""


class Tokens:
    """Every code and token of a sandbox."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self._by_connection: dict[str, list[Grant]] = {}

    def grant(
        self,
        app_id: str,
        user_id: str | None,
        scopes: tuple[str, ...],
        now: datetime,
        connection_id: str | None = None,
    ) -> Grant:
        """Begin a grant."""
        grant = Grant(self._ids.uuid(), app_id, user_id, scopes, now, connection_id)
        self.adopt(grant)
        return grant

    def adopt(self, grant: Grant) -> None:
        """Remember a grant with its connection."""
        if grant.connection_id is not None:
            self._by_connection.setdefault(grant.connection_id, []).append(grant)

    def grants(self) -> list[Grant]:
        """Every grant that is known: of connections, of tokens and of codes that were exchanged."""
        known = [grant for grants in self._by_connection.values() for grant in grants]
        known += [token.grant for token in self.access.values()]
        known += [token.grant for token in self.refresh.values()]
        known += [code.grant for code in self.codes.values() if code.grant is not None]
        return list({grant.id: grant for grant in known}.values())

    def issue_access(self, grant: Grant, scopes: tuple[str, ...], now: datetime) -> AccessToken:
        """A new access token under a grant."""
        value = self._ids.opaque(ACCESS_PREFIX)
        token = AccessToken(value, grant, frozenset(scopes), " ".join(scopes), now, now + ACCESS_LIFE)
        self.access[value] = token
        grant.access.add(value)
        return token

    def issue_refresh(self, grant: Grant, now: datetime) -> RefreshToken:
        """A new refresh token under a grant."""
        token = RefreshToken(self._ids.opaque(REFRESH_PREFIX), grant, now, now + REFRESH_LIFE)
        self.refresh[token.value] = token
        grant.refresh.add(token.value)
        return token

    def issue_code(  # noqa: PLR0913 - everything that a code is bound to
        self,
        *,
        app_id: str,
        user_id: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
        code_challenge: str | None,
        nonce: str | None,
        now: datetime,
    ) -> AuthorizationCode:
        """A new authorization code."""
        code = AuthorizationCode(
            value=self._ids.opaque(CODE_PREFIX),
            app_id=app_id,
            user_id=user_id,
            redirect_uri=redirect_uri,
            scopes=scopes,
            expires_at=now + CODE_LIFE,
            code_challenge=code_challenge,
            nonce=nonce,
        )
        self.codes[code.value] = code
        return code

    def live_access(self, value: str, now: datetime) -> AccessToken | None:
        """The access token if it is known and has not expired."""
        token = self.access.get(value)
        return token if token is not None and now < token.expires_at else None

    def live_refresh(self, value: str, now: datetime) -> RefreshToken | None:
        """The refresh token if it is known and has not expired or been used up."""
        token = self.refresh.get(value)
        return token if token is not None and now < token.dies_at else None

    def use_up(self, token: RefreshToken, now: datetime, profile: Profile) -> None:
        """What using a refresh token does to it."""
        if profile.refresh_token_rotation == "rotate":
            token.dies_at = now
        elif profile.refresh_token_rotation == "overlap":
            overlap = timedelta(seconds=profile.refresh_token_overlap_seconds)
            token.dies_at = min(token.dies_at, now + overlap)

    def revoke_grant(self, grant: Grant) -> None:
        """Kill everything under a grant."""
        for value in grant.access:
            self.access.pop(value, None)
        for value in grant.refresh:
            self.refresh.pop(value, None)
        grant.access.clear()
        grant.refresh.clear()

    def last_used(self, connection_id: str) -> datetime | None:
        """When an app last called by a connection."""
        used = [grant.last_used_at for grant in self._by_connection.get(connection_id, ())]
        return max((moment for moment in used if moment is not None), default=None)

    def revoke_connection(self, connection_id: str) -> None:
        """Kill every token of a connection."""
        for grant in self._by_connection.get(connection_id, ()):
            self.revoke_grant(grant)

    def drop_codes(self, app_id: str, user_id: str) -> None:
        """Kill the codes that a user has given an app and that were not exchanged yet."""
        for value, code in list(self.codes.items()):
            if (code.app_id, code.user_id) == (app_id, user_id) and code.grant is None:
                del self.codes[value]

    def revoke(self, value: str, profile: Profile) -> None:
        """Kill one token and what the profile says dies with it; an unknown one is no error."""
        access, refresh = self.access.pop(value, None), self.refresh.pop(value, None)
        if access is not None:
            access.grant.access.discard(value)
            if profile.revoke_access_cascade == "grant":
                self.revoke_grant(access.grant)
        if refresh is not None:
            refresh.grant.refresh.discard(value)
            if profile.revoke_refresh_cascade != "token":
                self.revoke_grant(refresh.grant)
