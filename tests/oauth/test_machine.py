"""Codes, tokens, revocations and the clock in any order, against a small model of what must be."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from contio_mock import FakeContio
from contio_mock.contract.wire import Request, Response

from .conftest import CALLBACK, TWO_APPS, VERIFIER, basic, s256

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "200"))
APPS = {"partner_first": ("cs_first", "ctio_first"), "partner_second": ("cs second/é+%", "ctio_second")}
USERS = ("mary@example.com", "owner@example.com")
SCOPES = ("profile", "profile email meetings:read", "meetings:read")
CODE_LIFE, ACCESS_LIFE, REFRESH_LIFE = timedelta(minutes=5), timedelta(days=1), timedelta(days=30)
INVALID_GRANT, INVALID_REQUEST = (400, "invalid_grant"), (400, "invalid_request")

APP, USER, SCOPE = st.sampled_from(sorted(APPS)), st.sampled_from(USERS), st.sampled_from(SCOPES)
SELDOM = st.sampled_from([False, False, False, True])
LITTLE = st.sampled_from([1, 20, 59, 60, 61, 240, 299, 300])
MUCH = st.one_of(
    st.sampled_from([3599, 3600, 86_399, 86_400, 29 * 86_400, 30 * 86_400 - 1, 30 * 86_400]),
    st.integers(1, 40 * 86_400),
)


@dataclass(eq=False)
class Token:
    """`ends` is when it expires or, for a refresh token, stops working because it was used."""

    value: str
    grant: Grant
    scope: str
    ends: datetime
    is_access: bool
    is_revoked: bool = False


@dataclass(eq=False)
class Grant:
    """What one code gave."""

    app: str
    user: str
    scope: str
    tokens: list[Token] = field(default_factory=list)


@dataclass(eq=False)
class Code:
    value: str
    app: str
    user: str
    scope: str
    ends: datetime
    has_challenge: bool
    grant: Grant | None = None
    is_revoked: bool = False


Pair = tuple[Token, Token]
"""An access token and the refresh token that came with it."""


def other_than(app: str) -> str:
    return next(name for name in APPS if name != app)


class Credentials(RuleBasedStateMachine):
    """Every credential is accepted exactly as long as the model says that it lives."""

    rotation = "overlap"
    codes = Bundle("codes")
    pairs = Bundle("pairs")

    @initialize(
        target=pairs,
        overlap=st.sampled_from([0, 60, 3600]),
        code_reuse=st.sampled_from(["revoke_grant", "reject"]),
        revoke_refresh_cascade=st.sampled_from(["grant", "token", "connection"]),
        revoke_access_cascade=st.sampled_from(["token", "grant"]),
        reauthorization=st.sampled_from(["reactivate", "create"]),
    )
    def begin(self, overlap: int, **profile: str) -> Any:
        self.profile, self.overlap = profile, timedelta(seconds=overlap)
        self.given: list[Code] = []
        self.tokens: dict[str, Token] = {}
        rotation = {"refresh_token_rotation": self.rotation, "refresh_token_overlap_seconds": overlap}
        self.contio = FakeContio(
            scenario=TWO_APPS, auto_approve=USERS[0], check_answers=True, profile=profile | rotation
        )
        return multiple(*(self.redeem(self.authorize(app, USERS[0], SCOPES[1], True)) for app in APPS))

    # ------------------------------------------------------------ what partners and users do

    @rule(target=codes, app=APP, user=USER, scope=SCOPE, has_challenge=st.booleans())
    def authorize(self, app: str, user: str, scope: str, has_challenge: bool) -> Code:
        wish = {"client_id": app, "redirect_uri": CALLBACK, "response_type": "code", "scope": scope}
        wish["login_hint"] = user
        if has_challenge:
            wish |= {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
        answer = self.contio.handle(Request("GET", "/oauth2/authorize", urlencode(wish, quote_via=quote)))
        value = parse_qs(urlsplit(answer.header("location") or "").query)["code"][0]
        self.given.append(Code(value, app, user, scope, self.now + CODE_LIFE, has_challenge))
        return self.given[-1]

    @rule(target=pairs, code=codes, foreign=SELDOM, wrong_uri=SELDOM, wrong_verifier=SELDOM)
    def exchange(self, code: Code, foreign: bool, wrong_uri: bool, wrong_verifier: bool) -> Any:
        app = other_than(code.app) if foreign else code.app
        form = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": CALLBACK}
        if wrong_uri:
            form["redirect_uri"] += "/"
        if code.has_challenge is not wrong_verifier:
            form["code_verifier"] = VERIFIER
        answer = self.post("/oauth2/token", app, **form)
        if foreign or code.is_revoked:
            return self.refused(answer, INVALID_GRANT)
        if code.grant is not None:
            if self.profile["code_reuse"] == "revoke_grant":
                self.kill_grant(code.grant)
            self.agree_about_all(code.grant)
            return self.refused(answer, INVALID_GRANT)
        if self.now >= code.ends:
            return self.refused(answer, INVALID_GRANT)
        if wrong_uri:
            return self.refused(answer, INVALID_REQUEST)
        if wrong_verifier:
            return self.refused(answer, INVALID_GRANT)
        code.grant = Grant(code.app, code.user, code.scope)
        return self.received(answer, code.grant, code.scope)

    @rule(target=pairs, code=codes)
    def redeem(self, code: Code) -> Any:
        return self.exchange(code, foreign=False, wrong_uri=False, wrong_verifier=False)

    @rule(target=pairs, pair=pairs)
    def renew(self, pair: Pair) -> Any:
        return self.refresh(pair, foreign=False, with_access=False, scope=None)

    @rule(target=pairs, pair=pairs, pause=LITTLE)
    def renew_twice(self, pair: Pair, pause: int) -> Any:
        """As a client does that does not guard concurrent refreshes."""
        self.renew(pair)
        self.wait(pause)
        return self.renew(pair)

    @rule(target=pairs, code=codes, pause=LITTLE)
    def redeem_twice(self, code: Code, pause: int) -> Any:
        first = self.redeem(code)
        self.wait(pause)
        self.redeem(code)
        return first

    @rule(target=pairs, app=APP, user=USER, scope=SCOPE, has_challenge=st.booleans())
    def sign_in(self, app: str, user: str, scope: str, has_challenge: bool) -> Any:
        return self.redeem(self.authorize(app, user, scope, has_challenge))

    @rule(target=pairs, email=USER, scope=SCOPE)
    def mint(self, email: str, scope: str) -> Any:
        """The control plane's tokens are like any other."""
        body = json.dumps({"email": email, "scope": scope}).encode()
        answer = self.contio.handle(
            Request("POST", "/_mock/tokens", "", {"content-type": "application/json"}, body)
        )
        return self.received(answer, Grant("partner_first", email, scope), scope)

    @rule(
        target=pairs, pair=pairs, foreign=SELDOM, with_access=SELDOM, scope=st.sampled_from([None, *SCOPES])
    )
    def refresh(self, pair: Pair, foreign: bool, with_access: bool, scope: str | None) -> Any:
        old = pair[0] if with_access else pair[1]
        grant = old.grant
        form = {"grant_type": "refresh_token", "refresh_token": old.value}
        if scope is not None:
            form["scope"] = scope
        answer = self.post("/oauth2/token", other_than(grant.app) if foreign else grant.app, **form)
        if foreign or old.is_access or not self.lives(old):
            return self.refused(answer, INVALID_GRANT)
        wanted = scope or grant.scope
        if not set(wanted.split()) <= set(grant.scope.split()):
            return self.refused(answer, (400, "invalid_scope"))
        if self.rotation == "keep":
            return self.received(answer, grant, wanted, kept=old)
        old.ends = min(old.ends, self.now + (self.overlap if self.rotation == "overlap" else timedelta()))
        return self.received(answer, grant, wanted)

    @rule(
        pair=pairs, take_access=st.booleans(), caller=st.sampled_from(["owner", "owner", "nobody", "other"])
    )
    def revoke(self, pair: Pair, take_access: bool, caller: str) -> None:
        token = pair[0] if take_access else pair[1]
        if self.now >= token.ends and not token.is_revoked:
            return  # dead by itself: what else its revocation does is nobody's promise
        app = {"owner": token.grant.app, "nobody": None, "other": other_than(token.grant.app)}[caller]
        answer = self.post("/oauth2/revoke", app, token=token.value)
        assert (answer.status, answer.body) == (200, b"")
        if caller == "other" or token.is_revoked:
            return
        token.is_revoked = True
        cascade = self.profile["revoke_access_cascade" if take_access else "revoke_refresh_cascade"]
        if cascade != "token":
            self.kill_grant(token.grant)
        if cascade == "connection":
            self.kill_person(token.grant.app, token.grant.user)
        self.agree_about_all()

    @rule(code=codes, which=st.sampled_from([0, 0, 1]))
    def revoke_connection(self, code: Code, which: int) -> None:
        """Ending an older connection, which a new one has replaced, takes nothing from the new one."""
        app, user = code.app, code.user
        found = [c for c in self.connections(app) if c["user_email"] == user]
        if not found:
            return
        chosen = found[min(which, len(found) - 1)]
        answer = self.admin("DELETE", app, f"/{chosen['id']}")
        assert answer.status == 204
        if chosen is found[0] and chosen["status"] != "revoked":
            self.kill_person(app, user)
        assert [c["status"] for c in self.connections(app) if c["id"] == chosen["id"]] == ["revoked"]
        self.agree_about_all()

    @rule(seconds=LITTLE)
    def wait_a_little(self, seconds: int) -> None:
        self.contio.clock.advance(seconds)

    @rule(seconds=MUCH)
    def wait(self, seconds: int) -> None:
        self.contio.clock.advance(seconds)

    # ------------------------------------------------------------ what must hold

    @rule(pair=pairs)
    def agree_about(self, pair: Pair) -> None:
        for token in pair:
            self.agree(token)

    @rule(code=codes)
    def a_code_is_no_token(self, code: Code) -> None:
        assert self.introspected(code.value, None) == {"active": False}
        assert self.profile_status(code.value) == 401

    def agree_about_all(self, grant: Grant | None = None) -> None:
        for token in self.tokens.values() if grant is None else grant.tokens:
            self.agree(token)

    def agree(self, token: Token) -> None:
        """Introspection and a request with the token say the same as the model, to each caller."""
        lives, owner = self.lives(token), token.grant.app
        status = self.profile_status(token.value)
        if token.is_access and lives:
            assert status == (200 if "profile" in token.scope.split() else 403)
        else:
            assert status == 401
        assert self.introspected(token.value, other_than(owner)) == {"active": False}
        for app in (owner, None):
            found = self.introspected(token.value, app)
            assert found["active"] is lives
            if lives:
                assert found["exp"] == int(token.ends.timestamp())
                assert (found["client_id"], found["username"]) == (owner, token.grant.user)
                assert found["scope"] == token.scope if token.is_access else token.grant.scope
            else:
                assert found == {"active": False}

    def teardown(self) -> None:
        if not hasattr(self, "contio"):
            return
        self.agree_about_all()
        for app in APPS:
            newest: dict[str, str] = {}
            for connection in self.connections(app):
                newest.setdefault(connection["user_email"], connection["status"])
            for token in self.tokens.values():
                if token.grant.app == app and self.lives(token):
                    assert newest[token.grant.user] == "active"

    # ------------------------------------------------------------ the model

    @property
    def now(self) -> datetime:
        return self.contio.clock.now

    def lives(self, token: Token) -> bool:
        return not token.is_revoked and self.now < token.ends

    def received(self, answer: Response, grant: Grant, scope: str, kept: Token | None = None) -> Pair:
        assert answer.status == 200, answer.body
        body = json.loads(answer.body)
        assert body["scope"] == scope
        access = Token(body["access_token"], grant, scope, self.now + ACCESS_LIFE, is_access=True)
        fresh = Token(body["refresh_token"], grant, grant.scope, self.now + REFRESH_LIFE, is_access=False)
        refresh = kept or fresh
        assert access.value not in self.tokens
        assert refresh.value == fresh.value
        assert (refresh.value in self.tokens) is (kept is not None)
        self.tokens |= {access.value: access, refresh.value: refresh}
        grant.tokens += [access] if kept else [access, refresh]
        return access, refresh

    def refused(self, answer: Response, expected: tuple[int, str]) -> Any:
        assert (answer.status, json.loads(answer.body)["error"]) == expected
        return multiple()

    def kill_grant(self, grant: Grant) -> None:
        for token in grant.tokens:
            token.is_revoked = True

    def kill_person(self, app: str, user: str) -> None:
        for token in self.tokens.values():
            if (token.grant.app, token.grant.user) == (app, user):
                token.is_revoked = True
        for code in self.given:
            if (code.app, code.user) == (app, user):
                code.is_revoked = True

    # ------------------------------------------------------------ requests

    def post(self, path: str, app: str | None, **form: str) -> Response:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if app is not None:
            headers["authorization"] = basic(app, APPS[app][0])
        return self.contio.handle(Request("POST", path, "", headers, urlencode(form).encode()))

    def introspected(self, token: str, app: str | None) -> dict[str, Any]:
        answer = self.post("/oauth2/introspect", app, token=token)
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def profile_status(self, token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return self.contio.handle(Request("GET", "/v1/partner/user/profile", "", headers)).status

    def admin(self, method: str, app: str, path: str = "") -> Response:
        headers = {"x-api-key": APPS[app][1], "x-client-id": app}
        return self.contio.handle(Request(method, f"/v1/partner/admin/connections{path}", "", headers))

    def connections(self, app: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = json.loads(self.admin("GET", app).body)["items"]
        return items


class WithRotation(Credentials):
    rotation = "rotate"


class WithKeptTokens(Credentials):
    rotation = "keep"


@pytest.mark.parametrize("machine", [Credentials, WithRotation, WithKeptTokens], ids=lambda m: m.rotation)
def test_no_dead_or_foreign_credential_is_ever_accepted_and_introspection_agrees(
    machine: type[Credentials],
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings.get_profile("machine"),
            max_examples=max(10, EXAMPLES // 3),
            stateful_step_count=40,
        ),
    )
