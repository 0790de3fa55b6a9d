"""Connections: how they begin, move, end and begin again, and who hears of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, NotFound, Refused
from contio_mock.contract.connections import UserConnection
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate
from contio_mock.contract.oauth import ConsentCheck, TokenRequest, TokenResponse
from contio_mock.contract.wire import Request

TWO_APPS = str(Path(__file__).parents[1] / "oauth" / "data" / "two_apps.json")
PATH = "/v1/partner/admin/connections"
CALLBACK = "http://localhost:3000/callback"
ADA, GRACE, NEW = "ada@example.com", "grace@example.com", "new@example.com"
NOBODY = "00000000-0000-4000-8000-000000000000"
ROTATIONS = ["rotate", "overlap", "keep"]


@dataclass
class Partner:
    """A partner app whose users approve at once: `auto_approve` plays the browser."""

    contio: FakeContio
    client_id: str = "partner_demo"
    secret: str = "cs_demo_secret"
    api_key: str = "ctio_demo_key"

    @property
    def client(self) -> Contio:
        return Contio(
            base_url=self.contio.control.base_url,
            client_id=self.client_id,
            client_secret=self.secret,
            redirect_uri=CALLBACK,
            api_key=self.api_key,
            transport=self.contio.handle,
        )

    def code(self, email: str = NEW, scope: str = "openid profile") -> str:
        wish = {"client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code"}
        query = urlencode({**wish, "scope": scope, "login_hint": email}, quote_via=quote)
        answer = self.contio.handle(Request("GET", "/oauth2/authorize", query))
        return parse_qs(urlsplit(answer.header("location") or "").query)["code"][0]

    def connect(self, email: str = NEW, scope: str = "openid profile") -> TokenResponse:
        return self.client.exchange_code(self.code(email, scope))

    def refresh(self, tokens: TokenResponse) -> TokenResponse:
        form = TokenRequest(grant_type="refresh_token", refresh_token=tokens.refresh_token)
        return self.client.oauth.token(form)

    def works(self, tokens: TokenResponse) -> bool:
        headers = {"authorization": f"Bearer {tokens.access_token}"}
        return self.contio.handle(Request("GET", "/v1/partner/user/profile", "", headers)).status == 200

    def list(self, email: str | None = None, **filters: Any) -> list[UserConnection]:
        found = self.client.admin.connections.list(**filters).items
        return [c for c in found if email in (None, c.user_email)]

    def newest(self, email: str = NEW) -> UserConnection:
        return self.list(email)[0]

    def revoke(self, email: str = NEW) -> str:
        connection = self.newest(email)
        self.client.admin.connections.revoke(connection.id)
        return connection.id

    def has_consent(self, email: str = NEW, scope: str = "openid profile") -> bool:
        body = ConsentCheck(client_id=self.client_id, email=email, scope=scope)
        return self.client.oauth.check_consent(body).has_consent


@pytest.fixture
def make() -> Any:
    """A partner of a fresh Contio of these keywords."""

    def made(*names: str, **keywords: Any) -> Partner:
        contio = FakeContio(**{"check_answers": True, "auto_approve": ADA, **keywords})
        return Partner(contio, *names)

    return made


@pytest.fixture
def partner(make: Any) -> Partner:
    made: Partner = make()
    return made


def two_partners(contio: FakeContio) -> tuple[Partner, Partner]:
    return (
        Partner(contio, "partner_first", "cs_first", "ctio_first"),
        Partner(contio, "partner_second", "cs second/é+%", "ctio_second"),
    )


def revocations(contio: FakeContio) -> list[dict[str, Any]]:
    return [event.data for event in contio.events if event.type == "user.connection.revoked"]


def later(moment: datetime | None, **by: float) -> datetime:
    assert moment is not None
    return moment + timedelta(**by)


# ---------------------------------------------------------------- the beginning


def test_a_connection_is_made_at_the_first_completed_authorization(partner: Partner) -> None:
    code = partner.code(scope="openid profile")
    assert partner.list(NEW) == []
    partner.client.exchange_code(code)
    (made,) = partner.list(NEW)
    now = partner.contio.clock.now
    user = partner.contio.sandbox.store.users.first("email", NEW)
    assert user is not None
    assert made == partner.client.admin.connections.get(made.id)
    assert made.model_dump() == {
        "id": made.id,
        "user_id": user.id,
        "user_email": NEW,
        "user_name": "New",
        "status": "active",
        "oauth_scopes": ["openid", "profile"],
        "created_at": now,
        "updated_at": now,
        "oauth_expires_at": now + timedelta(days=30),
        "last_used_at": None,
        "feature_activated_at": now,
    }


def test_refused_and_failed_authorizations_connect_nobody(partner: Partner) -> None:
    code = partner.code()
    partner.contio.clock.advance("5m")
    with pytest.raises(BadRequest):
        partner.client.exchange_code(code)
    assert partner.list(NEW) == []


def test_a_token_of_the_app_itself_connects_nobody(partner: Partner) -> None:
    before = partner.list()
    partner.client.oauth.token(TokenRequest(grant_type="client_credentials"))
    assert partner.list() == before


def test_a_further_authorization_adds_its_scopes_to_the_same_connection(partner: Partner) -> None:
    partner.connect(scope="openid profile")
    first = partner.newest()
    partner.contio.clock.advance("1h")
    partner.connect(scope="meetings:read profile")
    (merged,) = partner.list(NEW)
    now = partner.contio.clock.now
    assert merged == first.model_copy(
        update={
            "oauth_scopes": ["openid", "profile", "meetings:read"],
            "updated_at": now,
            "oauth_expires_at": now + timedelta(days=30),
        }
    )


def test_merged_scopes_widen_no_token_that_is_out_already(partner: Partner) -> None:
    narrow = partner.connect(scope="openid")
    partner.connect(scope="profile")
    assert not partner.works(narrow)
    assert partner.refresh(narrow).scope == "openid"
    assert partner.connect(scope="openid").scope == "openid"


# ---------------------------------------------------------------- while it lasts


def test_last_used_moves_with_every_call_of_the_user(partner: Partner) -> None:
    tokens = partner.connect()
    assert partner.newest().last_used_at is None
    for _ in range(2):
        partner.contio.clock.advance("7m")
        assert partner.works(tokens)
        assert partner.newest().last_used_at == partner.contio.clock.now
    used = partner.contio.clock.now
    partner.contio.clock.advance("7m")
    partner.refresh(tokens)
    assert partner.newest().last_used_at == used


def test_last_used_moves_for_that_user_and_app_only(make: Any) -> None:
    contio = make(scenario=TWO_APPS).contio
    first, second = two_partners(contio)
    tokens = first.connect()
    first.connect("mary@example.com")
    second.connect()
    assert first.works(tokens)
    assert first.newest().last_used_at == contio.clock.now
    assert first.newest("mary@example.com").last_used_at is None
    assert second.newest().last_used_at is None


def test_a_refused_token_uses_nothing(partner: Partner) -> None:
    tokens = partner.connect()
    partner.contio.clock.advance("24h")
    assert not partner.works(tokens)
    assert partner.newest().last_used_at is None


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_connection_is_active_as_long_as_its_tokens_can_be_refreshed(make: Any, rotation: str) -> None:
    partner = make(profile={"refresh_token_rotation": rotation})
    tokens = partner.connect()
    partner.contio.clock.advance("20d")
    renewed = partner.refresh(tokens)
    told = partner.newest().oauth_expires_at
    partner.contio.clock.set(told - timedelta(seconds=1))
    assert partner.newest().status == "active"
    last = partner.contio.control.oauth.introspect({"token": renewed.refresh_token})
    assert last.active
    assert last.exp == int(told.timestamp())


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_refreshing_an_old_token_does_not_shorten_what_a_newer_one_gave(make: Any, rotation: str) -> None:
    partner = make(profile={"refresh_token_rotation": rotation})
    old = partner.connect()
    partner.contio.clock.advance("20d")
    newer = partner.connect()
    partner.contio.clock.advance("5d")
    partner.refresh(old)
    assert partner.newest().oauth_expires_at >= partner.contio.clock.now + timedelta(days=25)
    partner.contio.clock.advance("6d")
    assert partner.newest().status == "active"
    assert partner.refresh(newer).access_token


@pytest.mark.parametrize("rotation", ["rotate", "overlap"])
def test_every_refresh_moves_the_end_by_30_days_from_now(make: Any, rotation: str) -> None:
    partner = make(profile={"refresh_token_rotation": rotation})
    tokens = partner.connect()
    for _ in range(3):
        partner.contio.clock.advance("29d")
        tokens = partner.refresh(tokens)
        assert partner.newest().status == "active"
        assert partner.newest().oauth_expires_at == later(partner.contio.clock.now, days=30)
        assert partner.newest().oauth_scopes == ["openid", "profile"]


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_connection_expires_after_30_days_without_a_refresh(make: Any, rotation: str) -> None:
    partner = make(profile={"refresh_token_rotation": rotation})
    tokens = partner.connect()
    partner.contio.clock.advance(30 * 86_400 - 1)
    assert partner.newest().status == "active"
    assert partner.has_consent()
    partner.contio.clock.advance(1)
    (expired,) = partner.list(NEW)
    assert expired.status == "expired"
    assert not partner.has_consent()
    assert [c.id for c in partner.list(status="expired")] == [expired.id]
    assert expired.id not in {c.id for c in partner.list(status="active")}
    with pytest.raises(BadRequest):
        partner.refresh(tokens)
    assert revocations(partner.contio) == []


# ---------------------------------------------------------------- revoked by the app


def test_revoking_ends_every_token_of_that_user_for_that_app_only(make: Any) -> None:
    contio = make(scenario=TWO_APPS).contio
    first, second = two_partners(contio)
    mine, again, others = first.connect(), first.connect(), first.connect("mary@example.com")
    elsewhere = second.connect()
    first.revoke()
    for tokens in (mine, again):
        assert not first.works(tokens)
        with pytest.raises(BadRequest) as refused:
            first.refresh(tokens)
        assert refused.value.code == "invalid_grant"
        for value in (tokens.access_token, tokens.refresh_token):
            assert not contio.control.oauth.introspect({"token": value}).active
    for owner, tokens in ((first, others), (second, elsewhere)):
        assert owner.works(tokens)
        assert owner.works(owner.refresh(tokens))
    assert second.newest().status == "active"


def test_a_revoked_connection_stays_in_the_list_as_revoked(partner: Partner) -> None:
    tokens = partner.connect()
    partner.contio.clock.advance("1m")
    partner.works(tokens)
    before = partner.newest()
    partner.contio.clock.advance("1m")
    id_ = partner.revoke()
    changed = {"status": "revoked", "updated_at": partner.contio.clock.now}
    assert partner.client.admin.connections.get(id_) == before.model_copy(update=changed)
    assert partner.newest().id == id_
    partner.contio.clock.advance("40d")
    assert partner.newest().status == "revoked", "what was revoked does not expire"


def test_a_code_from_before_the_revocation_is_dead_too(partner: Partner) -> None:
    partner.connect()
    code = partner.code()
    partner.revoke()
    with pytest.raises(BadRequest) as refused:
        partner.client.exchange_code(code)
    assert refused.value.code == "invalid_grant"
    assert partner.newest().status == "revoked"


def test_after_a_revocation_the_user_must_consent_again(partner: Partner) -> None:
    partner.connect()
    assert partner.has_consent()
    partner.revoke()
    assert not partner.has_consent()
    partner.connect()
    assert partner.has_consent()


def test_a_signed_in_browser_sees_the_consent_page_again_after_a_revocation(make: Any) -> None:
    partner = make(auto_approve=None)
    contio = partner.contio
    contio.client(NEW, scope="openid")
    begun = contio.control.oauth.initiate({"client_id": "partner_demo", "email": NEW})
    signed_in = contio.control.oauth.verify(
        {
            "client_id": "partner_demo",
            "email": NEW,
            "session": begun.session,
            "code": contio.inbox(NEW)[0].code,
        }
    )

    def place() -> str:
        wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code"}
        headers = {"cookie": f"contio_session={signed_in.session_id}"}
        answer = contio.handle(
            Request("GET", "/oauth2/authorize", urlencode({**wish, "scope": "openid"}), headers)
        )
        return (answer.header("location") or "").partition("?")[0]

    assert place() == CALLBACK
    partner.revoke()
    assert place() == "http://contio.localhost/login"
    body = ConsentCheck(client_id="partner_demo", email=NEW, scope="openid", redirect_uri=CALLBACK)
    checked = contio.control.oauth.check_consent(body)
    assert (checked.session_valid, checked.requires_consent) == (True, True)
    assert "/consent?" in (checked.redirect_url or "")


@pytest.mark.parametrize(("setting", "count"), [("yes", 1), ("no", 0)])
def test_the_profile_says_whether_the_app_hears_of_its_own_revocation(
    make: Any, setting: str, count: int
) -> None:
    partner = make(profile={"admin_revoke_event": setting}, webhook_url="http://localhost:9/hook")
    got: list[dict[str, Any]] = []
    partner.contio.receiver = lambda outgoing: got.append(json.loads(outgoing.body)) or 200
    tokens = partner.connect()
    id_ = partner.revoke()
    partner.contio.control.mock.settle()
    assert not partner.works(tokens)
    assert len(revocations(partner.contio)) == len(got) == count
    for envelope in got:
        assert envelope["event_type"] == "user.connection.revoked"
        assert envelope["for_user"] == {"id": partner.newest().user_id, "email": NEW}
        assert "actor_user_id" not in envelope
        moment = partner.contio.clock.now.isoformat().replace("+00:00", "Z")
        assert envelope["data"] == {"connection_id": id_, "revoked_at": moment}


def test_only_the_app_of_the_connection_hears_of_its_end(make: Any) -> None:
    contio = make(scenario=TWO_APPS).contio
    first, second = two_partners(contio)
    for partner in (first, second):
        partner.connect()
        partner.client.admin.app.update({"webhook_url": f"http://localhost:9/{partner.client_id}"})
    got: list[str] = []
    contio.receiver = lambda outgoing: got.append(outgoing.url) or 200
    first.revoke()
    contio.control.mock.settle()
    assert got == ["http://localhost:9/partner_first"]


def test_revoking_twice_changes_and_says_nothing_the_second_time(partner: Partner) -> None:
    partner.connect()
    id_ = partner.revoke()
    before = partner.newest()
    partner.contio.clock.advance("1h")
    partner.client.admin.connections.revoke(id_)
    assert partner.newest() == before
    assert len(revocations(partner.contio)) == 1


def test_an_expired_connection_can_be_revoked(partner: Partner) -> None:
    partner.connect()
    partner.contio.clock.advance("31d")
    partner.revoke()
    assert partner.newest().status == "revoked"


def test_a_repeated_revocation_with_its_key_is_a_replay(partner: Partner) -> None:
    partner.connect()
    id_ = partner.newest().id
    keyed = partner.client.with_options(idempotency_key="once").admin.connections
    keyed.revoke(id_)
    assert partner.contio.requests[-1].status == 204
    tokens = partner.connect()
    keyed.revoke(id_)
    replay = partner.contio.requests[-1]
    assert (replay.status, dict(replay.answer_headers)["idempotent-replayed"]) == (204, "true")
    assert partner.works(tokens), "a replay revokes nothing again"
    assert len(revocations(partner.contio)) == 1


def test_a_key_of_one_connection_does_not_revoke_another(partner: Partner) -> None:
    partner.connect()
    keyed = partner.client.with_options(idempotency_key="once").admin.connections
    keyed.revoke(partner.newest().id)
    with pytest.raises(Refused) as refused:
        keyed.revoke(partner.newest(ADA).id)
    assert refused.value.code == "idempotency_conflict"
    assert partner.newest(ADA).status == "active"


@pytest.mark.parametrize("key", ["", "é", "x" * 256])
def test_a_bad_key_revokes_nothing(partner: Partner, raw_of: Any, key: str) -> None:
    admin = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
    id_ = partner.newest(ADA).id
    headers = {**admin, "idempotency-key": key}
    answer = raw_of(partner.contio)("DELETE", f"{PATH}/{id_}", anonymous=True, headers=headers)
    assert answer.status == 400
    assert partner.newest(ADA).status == "active"


# ---------------------------------------------------------------- revoked with its refresh token


@pytest.mark.parametrize(
    ("cascade", "status", "events"),
    [("connection", "revoked", 1), ("grant", "active", 0), ("token", "active", 0)],
)
def test_the_profile_says_whether_a_connection_ends_with_its_refresh_token(
    make: Any, cascade: str, status: str, events: int
) -> None:
    partner = make(profile={"revoke_refresh_cascade": cascade})
    tokens, other, elsewhere = partner.connect(), partner.connect(), partner.connect(GRACE)
    partner.client.oauth.revoke({"token": tokens.refresh_token})
    assert partner.newest().status == status
    assert partner.works(tokens) is (cascade == "token")
    assert partner.works(other) is (cascade != "connection")
    assert partner.works(elsewhere)
    assert partner.newest(GRACE).status == "active"
    assert len(revocations(partner.contio)) == events
    assert partner.has_consent() is (cascade != "connection")


@pytest.mark.parametrize("setting", ["yes", "no"])
def test_a_revocation_by_token_is_told_whatever_the_setting_for_the_admin_api(
    make: Any, setting: str
) -> None:
    partner = make(profile={"revoke_refresh_cascade": "connection", "admin_revoke_event": setting})
    tokens = partner.connect()
    for _ in range(2):
        partner.client.oauth.revoke({"token": tokens.refresh_token})
    (told,) = revocations(partner.contio)
    assert told["connection_id"] == partner.newest().id


def test_revoking_an_access_token_leaves_the_connection(make: Any) -> None:
    partner = make(profile={"revoke_refresh_cascade": "connection", "revoke_access_cascade": "grant"})
    tokens = partner.connect()
    partner.client.oauth.revoke({"token": tokens.access_token})
    assert partner.newest().status == "active"
    with pytest.raises(BadRequest):
        partner.refresh(tokens)


# ---------------------------------------------------------------- and again

ENDINGS = ["revoked", "expired"]


def end(partner: Partner, how: str) -> None:
    if how == "revoked":
        partner.revoke()
    else:
        partner.contio.clock.advance("31d")


@pytest.mark.parametrize("how", ENDINGS)
def test_reauthorization_reactivates_the_connection_with_the_new_scopes(make: Any, how: str) -> None:
    partner = make(profile={"reauthorization": "reactivate"})
    partner.connect(scope="openid profile meetings:read")
    first = partner.newest()
    partner.contio.clock.advance("1h")
    partner.connect("later@example.com")
    end(partner, how)
    partner.contio.clock.advance("1h")
    tokens = partner.connect(scope="profile")
    (again,) = partner.list(NEW)
    assert (again.id, again.status, again.oauth_scopes) == (first.id, "active", ["profile"])
    assert again.created_at == first.created_at
    assert again.updated_at == partner.contio.clock.now
    assert again.oauth_expires_at == later(partner.contio.clock.now, days=30)
    assert partner.works(tokens)
    assert [c.user_email for c in partner.list()][:2] == ["later@example.com", NEW], "it keeps its place"


@pytest.mark.parametrize("how", ENDINGS)
def test_reauthorization_may_make_a_new_connection_and_keep_the_old_one(make: Any, how: str) -> None:
    partner = make(profile={"reauthorization": "create"})
    partner.connect(scope="openid profile meetings:read")
    partner.contio.clock.advance("1h")
    partner.connect("later@example.com")
    end(partner, how)
    old = partner.newest()
    partner.contio.clock.advance("1h")
    tokens = partner.connect(scope="profile")
    new, still = partner.list(NEW)
    assert still == old
    assert (still.status, new.status) == (how, "active")
    assert new.id != old.id
    assert (new.oauth_scopes, new.created_at) == (["profile"], partner.contio.clock.now)
    assert partner.works(tokens)
    assert [c.user_email for c in partner.list()][:3] == [NEW, "later@example.com", NEW]
    assert [c.id for c in partner.list(user_id=old.user_id)] == [new.id, old.id]
    assert [c.id for c in partner.list(user_id=old.user_id, status="active")] == [new.id]


@pytest.mark.parametrize("setting", ["reactivate", "create"])
def test_an_active_connection_is_neither_reactivated_nor_made_anew(make: Any, setting: str) -> None:
    partner = make(profile={"reauthorization": setting})
    partner.connect()
    partner.connect()
    assert len(partner.list(NEW)) == 1


@pytest.mark.parametrize("setting", ["reactivate", "create"])
def test_tokens_from_before_a_revocation_stay_dead_after_a_new_authorization(make: Any, setting: str) -> None:
    partner = make(profile={"reauthorization": setting})
    old = partner.connect()
    partner.revoke()
    partner.connect()
    assert not partner.works(old)
    with pytest.raises(BadRequest):
        partner.refresh(old)


def test_ending_an_old_connection_takes_nothing_from_the_new_one(make: Any) -> None:
    partner = make(profile={"reauthorization": "create"})
    partner.connect()
    old = partner.newest().id
    partner.contio.clock.advance("31d")
    tokens = partner.connect()
    code = partner.code()
    partner.client.admin.connections.revoke(old)
    assert [c.status for c in partner.list(NEW)] == ["active", "revoked"]
    assert partner.works(partner.client.exchange_code(code))
    assert partner.works(tokens)
    assert partner.works(partner.refresh(tokens))


@pytest.mark.parametrize("how", ENDINGS)
def test_using_a_new_connection_does_not_use_the_old_one(make: Any, how: str) -> None:
    partner = make(profile={"reauthorization": "create"})
    partner.works(partner.connect())
    used = partner.contio.clock.now
    end(partner, how)
    partner.contio.clock.advance("1h")
    partner.works(partner.connect())
    new, old = partner.list(NEW)
    assert (new.last_used_at, old.last_used_at) == (partner.contio.clock.now, used)


@pytest.mark.parametrize("setting", ["reactivate", "create"])
def test_a_new_connection_can_be_revoked_like_the_first(make: Any, setting: str) -> None:
    partner = make(profile={"reauthorization": setting})
    for n in range(1, 4):
        tokens = partner.connect()
        id_ = partner.revoke()
        assert not partner.works(tokens)
        told = revocations(partner.contio)
        assert len(told) == n
        assert told[-1]["connection_id"] == id_


# ---------------------------------------------------------------- events of users who left


def meeting_of(contio: FakeContio) -> str:
    """A meeting in which Ada and Grace take part."""
    ids = {user.email: user.id for user in contio.sandbox.store.users}
    both = {ids[ADA], ids[GRACE]}
    return next(m.id for m in contio.sandbox.store.meetings if both <= m.viewer_ids)


@pytest.mark.parametrize("how", ENDINGS)
@pytest.mark.parametrize("setting", ["reactivate", "create"])
def test_events_are_for_connected_users_only(make: Any, how: str, setting: str) -> None:
    partner = make(
        webhook_url="http://localhost:9/hook",
        profile={"admin_revoke_event": "no", "reauthorization": setting},
    )
    contio = partner.contio
    readers: list[str] = []
    contio.receiver = lambda outgoing: readers.append(json.loads(outgoing.body)["for_user"]["email"]) or 200
    meeting = meeting_of(contio)

    def told(title: str) -> set[str]:
        readers.clear()
        contio.client(ADA).user.meetings.update(meeting, MeetingUpdate(title=title))
        contio.control.mock.settle()
        assert len(readers) == len(set(readers))
        return set(readers)

    partner.connect(GRACE)
    assert told("first") == {ADA, GRACE}
    if how == "revoked":
        partner.revoke(GRACE)
    else:
        contio.clock.advance("31d")
    assert told("second") == {ADA}
    partner.connect(GRACE)
    assert told("third") == {ADA, GRACE}


def test_an_app_hears_nothing_once_its_last_reader_has_left(make: Any) -> None:
    contio = make(scenario=TWO_APPS).contio
    first, second = two_partners(contio)
    for partner in (first, second):
        partner.connect("mary@example.com", "meetings:write")
        partner.client.admin.app.update({"webhook_url": f"http://localhost:9/{partner.client_id}"})
    tokens = second.connect("mary@example.com", "meetings:write")
    first.revoke("mary@example.com")
    got: list[str] = []
    contio.receiver = lambda outgoing: got.append(outgoing.url) or 200
    contio.control.mock.settle()
    got.clear()
    mary = Contio(tokens=tokens, transport=contio.handle)
    mary.user.meetings.create(MeetingCreate(title="x"))
    contio.control.mock.settle()
    assert got == ["http://localhost:9/partner_second"]


# ---------------------------------------------------------------- lists


@pytest.fixture
def crowd(make: Any) -> Partner:
    """Seven users n0…n6, connected an hour apart; n1 and n4 are revoked."""
    made: Partner = make(scenario="empty")
    for n in range(7):
        made.connect(f"n{n}@example.com")
        made.contio.clock.advance("1h")
    for n in (1, 4):
        made.revoke(f"n{n}@example.com")
    return made


def test_lists_are_newest_first_and_page_without_gap_or_repetition(crowd: Partner) -> None:
    wanted = [f"n{n}@example.com" for n in reversed(range(7))]
    for limit in (1, 2, 3, 7, 100):
        found: list[str] = []
        while len(found) < 7:
            page = crowd.client.admin.connections.list(limit=limit, offset=len(found))
            assert (page.total, page.limit, page.offset) == (7, limit, len(found))
            assert 0 < len(page.items) <= limit
            found += [c.user_email for c in page.items]
        assert found == wanted


def test_the_default_page_holds_50(crowd: Partner) -> None:
    page = crowd.client.admin.connections.list()
    assert (page.total, page.limit, page.offset, len(page.items)) == (7, 50, 0, 7)


def test_a_page_beyond_the_end_is_empty_and_knows_the_total(crowd: Partner) -> None:
    page = crowd.client.admin.connections.list(offset=7)
    assert (page.items, page.total) == ([], 7)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("active", [6, 5, 3, 2, 0]), ("revoked", [4, 1]), ("expired", []), (None, [6, 5, 4, 3, 2, 1, 0])],
)
def test_the_status_filter_counts_and_pages_what_it_lets_through(
    crowd: Partner, status: Any, wanted: list[int]
) -> None:
    names = [f"n{n}@example.com" for n in wanted]
    page = crowd.client.admin.connections.list(status=status)
    assert ([c.user_email for c in page.items], page.total) == (names, len(names))
    second = crowd.client.admin.connections.list(status=status, limit=1, offset=1)
    assert ([c.user_email for c in second.items], second.total) == (names[1:2], len(names))


def test_the_user_filter_finds_one_user_in_any_case_of_the_id(crowd: Partner) -> None:
    wanted = crowd.newest("n3@example.com")
    assert crowd.list(user_id=wanted.user_id) == [wanted]
    assert crowd.list(user_id=wanted.user_id.upper()) == [wanted]
    assert crowd.list(user_id=wanted.user_id, status="revoked") == []
    assert crowd.list(user_id=NOBODY) == []


@pytest.mark.parametrize(
    "query",
    ["status=inactive", "status=", "status=ACTIVE", "user_id=me", "user_id=", "limit=x", "offset=1.5"],
)
def test_a_filter_that_cannot_match_is_refused(crowd: Partner, raw_of: Any, query: str) -> None:
    admin = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
    refused = raw_of(crowd.contio).code("GET", PATH, anonymous=True, query=query, headers=admin)
    assert refused == (400, "invalid_query_parameters")


@pytest.mark.parametrize(
    ("option", "query", "clamped"),
    [
        ("limit_above_maximum", "limit=101", (100, 0)),
        ("limit_below_minimum", "limit=0", (1, 0)),
        ("limit_below_minimum", "offset=-1", (50, 0)),
    ],
)
def test_the_profile_says_what_a_limit_out_of_range_does(
    make: Any, raw_of: Any, option: str, query: str, clamped: tuple[int, int]
) -> None:
    admin = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
    for setting in ("clamp", "reject"):
        raw = raw_of(make(profile={option: setting}).contio)
        answer = raw("GET", PATH, anonymous=True, query=query, headers=admin)
        if setting == "reject":
            assert (answer.status, json.loads(answer.body)["code"]) == (400, "invalid_query_parameters")
        else:
            page = json.loads(answer.body)
            assert (page["limit"], page["offset"]) == clamped


def test_an_app_lists_its_own_connections_only(make: Any) -> None:
    first, second = two_partners(make(scenario=TWO_APPS).contio)
    first.connect()
    second.connect("mary@example.com")
    assert {c.user_email for c in first.list()} == {NEW, "owner@example.com"}
    assert {c.user_email for c in second.list()} == {"mary@example.com"}
    assert second.list(user_id=first.newest().user_id) == []


# ---------------------------------------------------------------- ids that lead nowhere


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    ("setting", "refused"), [("bad_request", (400, "bad_request")), ("not_found", (404, "not_found"))]
)
@pytest.mark.parametrize(
    "id_", ["mine", "123", NOBODY[:-1], NOBODY + "0", "%20", "..", NOBODY.replace("-", "")]
)
def test_a_malformed_id_is_answered_by_the_profile(
    make: Any, raw_of: Any, method: str, setting: str, refused: tuple[int, str], id_: str
) -> None:
    admin = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
    raw = raw_of(make(profile={"malformed_id": setting}).contio)
    assert raw.code(method, f"{PATH}/{id_}", anonymous=True, headers=admin) == refused


@pytest.mark.parametrize("call", ["get", "revoke"])
def test_an_unknown_or_foreign_id_is_not_found_and_nothing_ends(make: Any, call: str) -> None:
    first, second = two_partners(make(scenario=TWO_APPS).contio)
    tokens = first.connect()
    for id_ in (NOBODY, first.newest().id):
        with pytest.raises(NotFound) as refused:
            getattr(second.client.admin.connections, call)(id_)
        assert refused.value.code == "not_found"
    assert first.works(tokens)
    assert first.newest().status == "active"


@pytest.mark.parametrize("call", ["get", "revoke"])
def test_an_id_is_found_in_any_case(partner: Partner, call: str) -> None:
    partner.connect()
    getattr(partner.client.admin.connections, call)(partner.newest().id.upper())


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", f"/{NOBODY}"), ("DELETE", f"/{NOBODY}")])
def test_a_users_token_administers_nothing(raw: Any, method: str, path: str) -> None:
    assert raw.code(method, PATH + path) == (401, "unauthorized")


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_connections_are_served_in_every_release(make: Any, release: str) -> None:
    partner = make(release=release)
    tokens = partner.connect()
    partner.revoke()
    assert partner.newest().status == "revoked"
    assert not partner.works(tokens)
    assert len(revocations(partner.contio)) == 1
