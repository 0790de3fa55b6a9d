"""Signing in: one-time codes, sessions, and who is made on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Conflict, Forbidden, NotFound, Refused, Unauthorized
from contio_mock.contract.oauth import ConsentCheck
from contio_mock.contract.wire import Request

TWO_APPS = str(Path(__file__).parent / "data" / "two_apps.json")


def workspace_id(contio: FakeContio, email: str) -> str:
    return contio.client(email).user.profile.get().workspace_id


# ---------------------------------------------------------------- one-time codes


def test_the_mailed_code_signs_in_and_opens_a_session(contio: FakeContio, flow: Any) -> None:
    begun = flow.initiate()
    assert begun.challenge_name == "CUSTOM_CHALLENGE"
    assert begun.user_provisioned is False
    mail = contio.inbox("ada@example.com")[0]
    assert mail.to == "ada@example.com"
    assert len(mail.code) == 6
    assert mail.code.isdecimal()
    verified = flow.verify(begun.session)
    assert verified.success is True
    assert verified.session_id
    assert verified.access_token is None


def test_the_inbox_is_newest_first_and_filtered_by_address(contio: FakeContio, flow: Any, tools: Any) -> None:
    flow.initiate()
    contio.clock.advance("1m")
    tools.Flow(contio, email="grace@example.com").initiate()
    assert [mail.to for mail in contio.inbox()] == ["grace@example.com", "ada@example.com"]
    assert [mail.to for mail in contio.inbox("ADA@example.com")] == ["ada@example.com"]


def test_a_code_lives_three_minutes(contio: FakeContio, flow: Any) -> None:
    session = flow.initiate().session
    contio.clock.advance("179s")
    assert flow.verify(session).success


def test_a_code_is_refused_after_three_minutes(contio: FakeContio, flow: Any) -> None:
    session = flow.initiate().session
    contio.clock.advance("3m")
    with pytest.raises(BadRequest) as refused:
        flow.verify(session)
    assert refused.value.code == "invalid_code"


def test_a_code_works_once(flow: Any) -> None:
    session = flow.initiate().session
    code = flow.mailed_code()
    flow.verify(session, code)
    with pytest.raises(BadRequest) as refused:
        flow.verify(session, code)
    assert refused.value.code == "invalid_code"


@pytest.mark.parametrize("wrong", ["", "000000x", "12345", "abcdef", "١٢٣٤٥٦", " "])
def test_a_wrong_code_is_refused_and_says_how_many_attempts_are_left(flow: Any, wrong: str) -> None:
    session = flow.initiate().session
    with pytest.raises(BadRequest) as refused:
        flow.verify(session, wrong)
    assert refused.value.code == "invalid_code"
    assert "4 more attempts" in refused.value.message
    assert flow.verify(session).success


@pytest.mark.contio(profile={"one_time_code_attempts": 2})
def test_as_many_wrong_codes_as_the_profile_says_end_the_sign_in(flow: Any) -> None:
    session = flow.initiate().session
    right = flow.mailed_code()
    for _ in range(2):
        with pytest.raises(BadRequest) as refused:
            flow.verify(session, "wrong!")
        assert refused.value.code == "invalid_code"
    with pytest.raises(Refused):
        flow.verify(session, right)


def test_a_second_initiate_leaves_the_first_code_alone(contio: FakeContio, flow: Any) -> None:
    first = flow.initiate()
    first_code = flow.mailed_code()
    second = flow.initiate()
    assert flow.verify(second.session).success
    assert flow.verify(first.session, first_code).success


@pytest.mark.parametrize(
    "other", [{"email": "grace@example.com"}, {"email": "nobody@example.com"}], ids=["another", "unknown"]
)
def test_a_code_is_bound_to_its_user(
    contio: FakeContio, flow: Any, tools: Any, other: dict[str, str]
) -> None:
    session = flow.initiate().session
    code = flow.mailed_code()
    with pytest.raises(Unauthorized) as refused:
        tools.Flow(contio, **other).verify(session, code)
    assert refused.value.code == "session_expired"


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_code_is_bound_to_its_app(contio: FakeContio, tools: Any) -> None:
    first = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    second = tools.Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com")
    session = first.initiate().session
    with pytest.raises(Unauthorized):
        second.verify(session, first.mailed_code())


def test_an_unknown_session_is_refused(flow: Any) -> None:
    with pytest.raises(Unauthorized) as refused:
        flow.verify("sign_in_nobody_began_this", "123456")
    assert refused.value.code == "session_expired"


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "ada@localhost", "a da@example.com", "a" * 300]
)
def test_only_an_email_address_can_sign_in(contio: FakeContio, email: str) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.control.send(_initiate(email))
    assert refused.value.code == "invalid_request"
    assert contio.inbox() == []


def _initiate(email: str) -> Any:
    from contio_mock.contract.oauth import AuthInitiate, InitiatePartnerAuth

    body = AuthInitiate.model_construct(
        _fields_set={"client_id", "email"}, client_id="partner_demo", email=email
    )
    return InitiatePartnerAuth.made({"body": body, "authorization": None})


def test_an_unknown_client_cannot_begin_a_sign_in(contio: FakeContio, tools: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        tools.Flow(contio, "partner_nobody").initiate()
    assert refused.value.code == "invalid_client"


def test_credentials_are_not_needed_but_wrong_ones_are_refused(contio: FakeContio, tools: Any) -> None:
    body = {"client_id": "partner_demo", "email": "ada@example.com"}
    right = tools.basic("partner_demo", "cs_demo_secret")
    assert contio.control.oauth.initiate(body, authorization=right).session
    with pytest.raises(Unauthorized) as refused:
        contio.control.oauth.initiate(body, authorization=tools.basic("partner_demo", "wrong"))
    assert refused.value.code == "invalid_client"
    assert len(contio.inbox()) == 1


# ---------------------------------------------------------------- sessions


def test_the_session_cookie_is_http_only_and_for_the_whole_sandbox(contio: FakeContio, flow: Any) -> None:
    session = flow.initiate().session
    body = (
        f'{{"client_id":"partner_demo","email":"ada@example.com","session":"{session}","code":"{flow.mailed_code()}"}}'
    ).encode()
    answer = contio.handle(Request("POST", "/auth/verify", "", {"content-type": "application/json"}, body))
    cookie = answer.header("set-cookie") or ""
    assert cookie.startswith("contio_session=ses_")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Path=/",
        "Max-Age=1800",
        "HttpOnly",
        "SameSite=Lax",
    }
    assert answer.header("cache-control") == "no-store"


def test_a_session_lasts_thirty_minutes(contio: FakeContio, flow: Any) -> None:
    flow.sign_in()
    contio.clock.advance("1799s")
    assert flow.consent(scope="openid").code
    contio.clock.advance("1s")
    with pytest.raises(BadRequest) as refused:
        flow.consent(scope="openid")
    assert refused.value.code == "session_expired"


@pytest.mark.contio(profile={"session_cookie": "sid"})
def test_the_cookie_has_the_name_that_the_profile_gives_it(contio: FakeContio, flow: Any) -> None:
    session_id = flow.sign_in().session_id
    assert (
        flow.get_authorize(f"sid={session_id}", scope="openid")
        .header("location")
        .startswith(flow.redirect_uri)
    )
    assert "/login?" in flow.get_authorize(f"contio_session={session_id}", scope="openid").header("location")


@pytest.mark.contio(profile={"session_lookup": "cookie"})
def test_with_cookie_lookup_an_address_alone_is_no_session(flow: Any) -> None:
    session_id = flow.sign_in().session_id
    with pytest.raises(BadRequest) as refused:
        flow.consent(scope="openid")
    assert refused.value.code == "session_expired"
    assert flow.consent(scope="openid", cookie=f"other=1; contio_session={session_id}").code


def test_by_default_the_address_alone_finds_the_session(flow: Any) -> None:
    flow.sign_in()
    assert flow.consent(scope="openid").code


def test_nobody_consents_without_having_signed_in(flow: Any) -> None:
    flow.initiate()
    with pytest.raises(BadRequest) as refused:
        flow.consent(scope="openid")
    assert refused.value.code == "session_expired"


def test_a_session_is_not_another_users(contio: FakeContio, flow: Any, tools: Any) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    with pytest.raises(BadRequest):
        tools.Flow(contio, email="grace@example.com").consent(scope="openid", cookie=cookie)


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_session_is_not_another_apps(contio: FakeContio, tools: Any) -> None:
    first = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    second = tools.Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com")
    cookie = f"contio_session={first.sign_in().session_id}"
    with pytest.raises(BadRequest):
        second.consent(scope="openid", cookie=cookie)


@pytest.mark.parametrize(
    "cookie", ["", "contio_session", "contio_session=", "=;=;", 'contio_session="', "\x01=2", "é=1"]
)
def test_a_broken_cookie_is_no_session(contio: FakeContio, cookie: str) -> None:
    checked = contio.control.oauth.check_consent(
        ConsentCheck(client_id="partner_demo", email="ada@example.com"), cookie=cookie
    )
    assert checked.session_valid is False


# ---------------------------------------------------------------- consent check


def test_the_consent_check_sends_a_stranger_to_the_sign_in_and_a_known_user_nowhere(
    contio: FakeContio, flow: Any
) -> None:
    body = ConsentCheck(
        client_id="partner_demo", email="ada@example.com", scope="openid profile", state="s 1"
    )
    before = contio.control.oauth.check_consent(body)
    assert before.has_consent
    assert not before.requires_consent
    assert not before.session_valid
    assert "/login?" in (before.redirect_url or "")
    assert "state=s+1" in (before.redirect_url or "")
    flow.sign_in()
    after = contio.control.oauth.check_consent(body)
    assert after.session_valid
    assert after.redirect_url is None


@pytest.mark.parametrize("asked", [{"scopes": ["openid", "profile"]}, {"scope": "openid profile"}, {}])
def test_a_new_user_must_consent_however_the_scopes_are_sent(
    contio: FakeContio, tools: Any, asked: dict[str, Any]
) -> None:
    newcomer = tools.Flow(contio, email="new@example.com")
    newcomer.sign_in()
    checked = contio.control.oauth.check_consent(
        ConsentCheck(client_id="partner_demo", email="new@example.com", **asked)
    )
    assert checked.requires_consent
    assert not checked.has_consent
    assert checked.session_valid
    assert "/consent?" in (checked.redirect_url or "")


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_further_scope_needs_a_new_consent(contio: FakeContio) -> None:
    def check(scope: str) -> bool:
        body = ConsentCheck(client_id="partner_first", email="owner@example.com", scope=scope)
        return contio.control.oauth.check_consent(body).has_consent

    assert check("openid")
    assert check("profile openid")
    assert not check("openid meetings:read")


def test_the_consent_check_refuses_an_unknown_scope(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.control.oauth.check_consent(
            ConsentCheck(client_id="partner_demo", email="ada@example.com", scope="openid admin")
        )
    assert refused.value.code == "invalid_scope"


# ---------------------------------------------------------------- what verify returns


@pytest.mark.contio(profile={"verify_returns": "tokens"})
def test_verify_may_return_tokens(flow: Any) -> None:
    verified = flow.sign_in()
    assert verified.expires_in == 86400
    assert verified.id_token
    assert flow.is_active(verified.access_token)
    assert flow.is_active(verified.refresh_token)


@pytest.mark.contio(profile={"verify_returns": "tokens", "missing_scope": "reject"})
def test_verify_returns_tokens_also_where_an_authorization_needs_a_scope(flow: Any) -> None:
    assert flow.is_active(flow.sign_in().access_token)


# ---------------------------------------------------------------- provisioning


def test_a_new_address_becomes_a_user_with_a_workspace_of_their_own(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, email="grace.hopper+tag@example.org")
    assert newcomer.initiate(is_admin=False).user_provisioned is True
    assert newcomer.initiate().user_provisioned is False
    profile = contio.client("grace.hopper+tag@example.org").user.profile.get()
    assert profile.display_name == "Grace Hopper"
    assert profile.workspace_role == "WORKSPACE_OWNER"
    assert profile.workspace_name == "Grace Hopper's workspace"
    assert profile.plan_type == "ENT"


def test_a_new_user_has_the_name_that_the_partner_gives(contio: FakeContio, tools: Any) -> None:
    tools.Flow(contio, email="new@example.com").initiate(name="Émilie du Châtelet")
    assert contio.client("new@example.com").user.profile.get().display_name == "Émilie du Châtelet"


@pytest.mark.parametrize("plan", ["FREE", "PRO", "ELITE", "ENT"])
def test_a_personal_workspace_is_on_the_profiles_plan(plan: str) -> None:
    contio = FakeContio(check_answers=True, profile={"new_user_plan": plan})
    assert contio.client("new@example.com").user.profile.get().plan_type == plan


@pytest.mark.parametrize(
    ("is_admin", "role"),
    [(None, "WORKSPACE_MEMBER"), (False, "WORKSPACE_MEMBER"), (True, "WORKSPACE_ADMIN")],
)
def test_a_new_user_joins_the_named_workspace(
    contio: FakeContio, tools: Any, is_admin: bool | None, role: str
) -> None:
    wanted = workspace_id(contio, "ada@example.com")
    tools.Flow(contio, email="new@example.com").initiate(workspace_id=wanted.upper(), is_admin=is_admin)
    profile = contio.client("new@example.com").user.profile.get()
    assert profile.workspace_id == wanted
    assert profile.workspace_role == role


def test_is_admin_means_nothing_without_a_workspace(contio: FakeContio, tools: Any) -> None:
    tools.Flow(contio, email="new@example.com").initiate(is_admin=True)
    assert contio.client("new@example.com").user.profile.get().workspace_role == "WORKSPACE_OWNER"


def test_an_existing_member_of_the_named_workspace_signs_in_as_they_are(
    contio: FakeContio, flow: Any
) -> None:
    wanted = workspace_id(contio, "ada@example.com")
    assert flow.initiate(workspace_id=wanted, is_admin=False).user_provisioned is False
    assert contio.client().user.profile.get().workspace_role == "WORKSPACE_OWNER"


def test_an_address_is_the_same_in_any_case(contio: FakeContio, tools: Any) -> None:
    assert tools.Flow(contio, email="ADA@Example.com").initiate().user_provisioned is False


@pytest.mark.parametrize(("setting", "error"), [("404", NotFound), ("400", BadRequest)])
def test_an_unknown_workspace_is_refused_and_nobody_is_made(
    setting: str, error: type[Refused], tools: Any
) -> None:
    contio = FakeContio(check_answers=True, profile={"workspace_not_found_status": setting})
    newcomer = tools.Flow(contio, email="new@example.com")
    with pytest.raises(error) as refused:
        newcomer.initiate(workspace_id="00000000-0000-4000-8000-000000000000")
    assert refused.value.code == "workspace_not_found"
    assert contio.inbox() == []
    assert newcomer.initiate().user_provisioned is True


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_strangers_workspace_is_refused(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, "partner_first", "cs_first", email="new@example.com")
    theirs = contio.sandbox.store.users.first("email", "stranger@example.com")
    assert theirs is not None
    with pytest.raises(Forbidden) as refused:
        newcomer.initiate(workspace_id=theirs.workspace_id)
    assert refused.value.code == "workspace_not_authorized"
    assert set(refused.value.body) == {"code", "error", "message", "request_id"}
    assert newcomer.initiate().user_provisioned is True


@pytest.mark.contio(scenario=TWO_APPS)
def test_the_workspace_of_a_connected_owner_may_be_joined_through_their_app_only(
    contio: FakeContio, tools: Any
) -> None:
    owner = contio.sandbox.store.users.first("email", "owner@example.com")
    assert owner is not None
    other = tools.Flow(contio, "partner_second", "cs second/é+%", email="new@example.com")
    with pytest.raises(Forbidden):
        other.initiate(workspace_id=owner.workspace_id)
    newcomer = tools.Flow(contio, "partner_first", "cs_first", email="new@example.com")
    assert newcomer.initiate(workspace_id=owner.workspace_id).user_provisioned is True


def test_a_user_of_another_workspace_is_a_conflict_that_names_theirs(contio: FakeContio, tools: Any) -> None:
    linus = workspace_id(contio, "linus@example.net")
    wanted = workspace_id(contio, "ada@example.com")
    with pytest.raises(Conflict) as refused:
        tools.Flow(contio, email="linus@example.net").initiate(workspace_id=wanted)
    assert refused.value.code == "workspace_conflict"
    assert refused.value.body["workspace_id"] == linus
    assert contio.inbox() == []


def test_a_workspace_id_that_is_no_uuid_is_a_bad_request(contio: FakeContio) -> None:
    body = b'{"client_id":"partner_demo","email":"new@example.com","workspace_id":"ours"}'
    answer = contio.handle(Request("POST", "/auth/initiate", "", {"content-type": "application/json"}, body))
    assert answer.status == 400
    assert b'"code":"invalid_request"' in answer.body
    assert b"UUID" in answer.body
