"""Tokens, codes, sign-ins and mails as JSON and back."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from contio_mock.contract.credentials import CredentialType
from contio_mock.contract.shared import Model, Timestamp
from contio_mock.fake.ids import Ids
from contio_mock.fake.oauth.login import INBOX_KEPT, Challenge, Mail, Session, SignIns
from contio_mock.fake.oauth.tokens import AccessToken, AuthorizationCode, Grant, RefreshToken, Tokens
from contio_mock.fake.records import Store
from contio_mock.fake.sandbox import Sandbox
from contio_mock.fake.state.values import InvalidState, plain, section

PLACE = "credentials"


class _Grant(Model):
    """A grant without its tokens, which name it."""

    id: str
    app_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    begun_at: Timestamp
    connection_id: str | None
    last_used_at: Timestamp | None


class _Access(Model):
    value: str
    grant: str
    scope: str
    issued_at: Timestamp
    expires_at: Timestamp


class _Refresh(Model):
    value: str
    grant: str
    issued_at: Timestamp
    dies_at: Timestamp


class _Code(Model):
    value: str
    app_id: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    expires_at: Timestamp
    code_challenge: str | None
    nonce: str | None
    grant: str | None


class _Use(Model):
    """When an app last showed a credential of a type."""

    app_id: str
    credential: CredentialType
    at: Timestamp


def exported(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that opens a door, and the mails."""
    tokens, sign_ins = sandbox.tokens, sandbox.sign_ins
    return {
        "grants": [_without_tokens(grant) for grant in tokens.grants()],
        "access_tokens": [_naming_grant(token, leave_out="scopes") for token in tokens.access.values()],
        "refresh_tokens": [_naming_grant(token) for token in tokens.refresh.values()],
        "codes": [_naming_grant(code) for code in tokens.codes.values()],
        "challenges": plain(list(sign_ins.challenges.values())),
        "sessions": plain(list(sign_ins.sessions.values())),
        "mails": plain(list(sign_ins.mails)),
        "uses": [
            {"app_id": app_id, "credential": kind, "at": plain(at)}
            for (app_id, kind), at in sandbox.credential_uses.items()
        ],
    }


def _without_tokens(grant: Grant) -> dict[str, Any]:
    return {name: plain(getattr(grant, name)) for name in _Grant.model_fields}


def _naming_grant(token: Any, leave_out: str = "") -> dict[str, Any]:
    """A token or code with its grant's id in the place of the grant."""
    written = {
        part.name: plain(getattr(token, part.name))
        for part in fields(token)
        if part.name not in ("grant", leave_out)
    }
    return {**written, "grant": token.grant.id if token.grant is not None else None}


def read(
    document: Mapping[str, Any], ids: Ids, store: Store
) -> tuple[Tokens, SignIns, dict[tuple[str, str], datetime]]:
    """The tokens, the sign-ins and the last uses of credentials of a document; raises InvalidState."""
    uses = section(document, "uses", PLACE, list[_Use])
    return (
        _tokens(document, Tokens(ids), store),
        _sign_ins(document, SignIns(ids), store),
        {(use.app_id, use.credential): use.at for use in uses},
    )


def _tokens(document: Mapping[str, Any], tokens: Tokens, store: Store) -> Tokens:
    grants: dict[str, Grant] = {}
    for position, row in enumerate(section(document, "grants", PLACE, list[_Grant])):
        _check_people(store, row, f"{PLACE}.grants.{position}")
        grants[row.id] = grant = Grant(**row.__dict__)
        tokens.adopt(grant)
    for position, access in enumerate(section(document, "access_tokens", PLACE, list[_Access])):
        grant = _known(grants, access.grant, f"{PLACE}.access_tokens.{position}.grant")
        scopes = frozenset(access.scope.split())
        values = {**access.__dict__, "grant": grant, "scopes": scopes}
        tokens.access[access.value] = AccessToken(**values)
        grant.access.add(access.value)
    for position, refresh in enumerate(section(document, "refresh_tokens", PLACE, list[_Refresh])):
        grant = _known(grants, refresh.grant, f"{PLACE}.refresh_tokens.{position}.grant")
        tokens.refresh[refresh.value] = RefreshToken(**{**refresh.__dict__, "grant": grant})
        grant.refresh.add(refresh.value)
    for position, code in enumerate(section(document, "codes", PLACE, list[_Code])):
        place = f"{PLACE}.codes.{position}"
        _check_people(store, code, place)
        used = _known(grants, code.grant, f"{place}.grant") if code.grant is not None else None
        tokens.codes[code.value] = AuthorizationCode(**{**code.__dict__, "grant": used})
    return tokens


def _known(grants: Mapping[str, Grant], id_: str, place: str) -> Grant:
    if id_ not in grants:
        raise InvalidState(place, "names no grant of the state")
    return grants[id_]


def _check_people(store: Store, row: Any, place: str) -> None:
    if store.apps.get(row.app_id) is None:
        raise InvalidState(f"{place}.app_id", "names no app of the state")
    if row.user_id is not None and store.users.get(row.user_id) is None:
        raise InvalidState(f"{place}.user_id", "names no user of the state")


def _sign_ins(document: Mapping[str, Any], sign_ins: SignIns, store: Store) -> SignIns:
    for position, challenge in enumerate(section(document, "challenges", PLACE, list[Challenge])):
        _check_people(store, challenge, f"{PLACE}.challenges.{position}")
        sign_ins.challenges[challenge.session] = challenge
    for position, session in enumerate(section(document, "sessions", PLACE, list[Session])):
        _check_people(store, session, f"{PLACE}.sessions.{position}")
        sign_ins.keep(session)
    sign_ins.mails = deque(section(document, "mails", PLACE, list[Mail]), maxlen=INBOX_KEPT)
    return sign_ins
