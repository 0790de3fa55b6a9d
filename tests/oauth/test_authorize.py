"""The authorization endpoint, for browsers (GET) and for the consent page (POST)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest
from contio_mock.contract.oauth import AuthInitiate, AuthVerify
from contio_mock.contract.wire import Request

TWO_APPS = str(Path(__file__).parent / "data" / "two_apps.json")
S256 = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
CALLBACK = "http://localhost:3000/callback"


def test_a_browser_without_a_session_goes_to_the_sign_in_page_with_its_request(flow: Any, tools: Any) -> None:
    page, query = tools.landed(flow.get_authorize(scope="openid", state="xyz", login_hint="ada@example.com"))
    assert page == "http://contio.localhost/login"
    assert query["state"] == "xyz"
    assert query["login_hint"] == "ada@example.com"
    assert query["client_id"] == "partner_demo"


def test_a_signed_in_user_who_consented_before_goes_straight_back_with_a_code(flow: Any, tools: Any) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    place, query = tools.landed(flow.get_authorize(cookie, scope="openid profile", state="a b&c=d"))
    assert place == CALLBACK
    assert query["state"] == "a b&c=d"
    assert flow.is_active(flow.exchange(query["code"]).access_token)


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account"])
def test_prompt_asks_again(flow: Any, tools: Any, prompt: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    assert tools.landed(flow.get_authorize(cookie, scope="openid", prompt=prompt))[0].endswith("/login")


def test_a_hint_at_another_user_asks_again(flow: Any, tools: Any) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    place, _ = tools.landed(flow.get_authorize(cookie, scope="openid", login_hint="grace@example.com"))
    assert place.endswith("/login")
    place, _ = tools.landed(flow.get_authorize(cookie, scope="openid", login_hint="ada@example.com"))
    assert place == CALLBACK


def test_a_session_without_consent_asks_for_it(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, email="new@example.com")
    cookie = f"contio_session={newcomer.sign_in().session_id}"
    assert tools.landed(newcomer.get_authorize(cookie, scope="openid"))[0].endswith("/login")


# ---------------------------------------------------------------- errors that are answered


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_id": "partner_nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "http://evil.example/callback"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/callback/"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/callback?x=1"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/Callback"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/callback#f"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
    ids=[
        "unknown client",
        "no client",
        "no uri",
        "other host",
        "slash",
        "query",
        "case",
        "fragment",
        "empty",
    ],
)
def test_a_wrong_client_or_redirect_uri_is_answered_and_never_redirected(
    flow: Any, wrong: dict[str, Any], code: str
) -> None:
    answer = flow.get_authorize(**{"scope": "openid", "state": "s", **wrong})
    assert answer.status == 400
    assert answer.header("location") is None
    assert f'"error":"{code}"'.encode() in answer.body
    assert f'"code":"{code}"'.encode() in answer.body


def test_the_refusal_of_a_redirect_uri_lists_the_registered_ones(flow: Any) -> None:
    assert CALLBACK.encode() in flow.get_authorize(redirect_uri="http://localhost:3000/x").body


def test_a_repeated_parameter_is_refused(contio: FakeContio) -> None:
    query = f"client_id=partner_demo&client_id=partner_demo&redirect_uri={CALLBACK}&response_type=code"
    answer = contio.handle(Request("GET", "/oauth2/authorize", query))
    assert answer.status == 400
    assert b"client_id was sent more than once" in answer.body


# ---------------------------------------------------------------- errors that go back


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "openid nonsense"}, "invalid_scope"),
        ({"code_challenge": S256, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": S256}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "x" * 129, "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "é" * 43, "code_challenge_method": "S256"}, "invalid_request"),
    ],
    ids=[
        "no type",
        "implicit",
        "hybrid",
        "scope",
        "plain",
        "no method",
        "no challenge",
        "short",
        "long",
        "bytes",
    ],
)
def test_any_other_error_goes_back_to_the_partner_with_the_state(
    flow: Any, tools: Any, wrong: dict[str, Any], error: str
) -> None:
    place, query = tools.landed(flow.get_authorize(**{"scope": "openid", "state": "é=1&2", **wrong}))
    assert place == CALLBACK
    assert query["error"] == error
    assert query["error_description"]
    assert query["state"] == "é=1&2"
    assert "code" not in query


def test_without_a_state_none_comes_back(flow: Any, tools: Any) -> None:
    _, query = tools.landed(flow.get_authorize(scope="nonsense"))
    assert "state" not in query


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_registered_query_is_kept(contio: FakeContio, tools: Any) -> None:
    flow = tools.Flow(
        contio, "partner_first", "cs_first", "http://localhost:3000/other?kept=1", "mary@example.com"
    )
    flow.sign_in()
    location = flow.consent(scope="openid", state="s").redirect_url
    assert location.startswith("http://localhost:3000/other?kept=1&code=")
    assert location.endswith("&state=s")


# ---------------------------------------------------------------- scopes


def test_no_scope_means_what_the_official_sdk_asks_for(flow: Any) -> None:
    flow.sign_in()
    tokens = flow.exchange(flow.consent().code)
    assert tokens.scope == "openid profile meetings:read meetings:write"


@pytest.mark.contio(profile={"missing_scope": "reject"})
@pytest.mark.parametrize("scope", [None, "", "  "])
def test_a_profile_may_demand_a_scope(flow: Any, tools: Any, scope: str | None) -> None:
    _, query = tools.landed(flow.get_authorize(scope=scope))
    assert query["error"] == "invalid_scope"


def test_a_scope_named_twice_is_granted_once(flow: Any) -> None:
    assert flow.tokens("profile openid profile").scope == "profile openid"


# ---------------------------------------------------------------- the consent page's POST


def test_consent_gives_a_code_and_says_where_to_go(flow: Any) -> None:
    flow.sign_in()
    given = flow.consent(scope="openid", state="st")
    assert given.state == "st"
    assert given.code
    assert given.redirect_url == f"{CALLBACK}?code={given.code}&state=st"


def test_refusal_goes_back_as_access_denied_without_a_code(flow: Any) -> None:
    flow.sign_in()
    given = flow.consent(consent=False, scope="openid", state="st")
    assert given.code is None
    assert "error=access_denied" in given.redirect_url
    assert "state=st" in given.redirect_url


def test_refusal_connects_nobody(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, email="new@example.com")
    newcomer.sign_in()
    newcomer.consent(consent=False, scope="openid")
    assert (
        newcomer.get_authorize(scope="openid")
        .header(
            "location",
        )
        .startswith("http://contio.localhost/login")
    )
    checked = contio.control.oauth.check_consent(
        {"client_id": "partner_demo", "email": "new@example.com", "scope": "openid"}
    )
    assert checked.requires_consent


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_id": "partner_nobody"}, "invalid_client"),
        ({"redirect_uri": "http://evil.example/"}, "invalid_request"),
        ({"response_type": "token"}, "invalid_request"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"code_challenge": S256, "code_challenge_method": "plain"}, "invalid_request"),
    ],
    ids=["client", "uri", "type", "scope", "plain"],
)
def test_the_consent_pages_errors_are_partner_errors(flow: Any, wrong: dict[str, Any], code: str) -> None:
    flow.sign_in()
    with pytest.raises(BadRequest) as refused:
        flow.consent(**{"scope": "openid", **wrong})
    assert refused.value.code == code
    assert set(refused.value.body) == {"code", "error", "message", "request_id"}
    assert refused.value.body["error"] == refused.value.body["message"]


def test_an_unknown_user_has_no_session(contio: FakeContio, tools: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        tools.Flow(contio, email="nobody@example.com").consent(scope="openid")
    assert refused.value.code == "session_expired"


# ---------------------------------------------------------------- without pages


@pytest.mark.contio(auto_approve="ada@example.com")
def test_auto_approve_grants_at_once(flow: Any, tools: Any) -> None:
    place, query = tools.landed(flow.get_authorize(scope="openid email", state="s"))
    assert place == CALLBACK
    assert query["state"] == "s"
    tokens = flow.exchange(query["code"])
    assert flow.user_client(tokens).oauth.user_info().email == "ada@example.com"


@pytest.mark.contio(auto_approve="ada@example.com")
@pytest.mark.parametrize("hint", ["grace@example.com", "new.person@example.com"])
def test_auto_approve_follows_the_login_hint(flow: Any, tools: Any, hint: str) -> None:
    _, query = tools.landed(flow.get_authorize(scope="openid email", login_hint=hint))
    assert flow.user_client(flow.exchange(query["code"])).oauth.user_info().email == hint


@pytest.mark.contio(auto_approve="ada@example.com")
@pytest.mark.parametrize("hint", ["nonsense", "a@b", "@"])
def test_auto_approve_makes_no_user_of_a_hint_that_is_no_address(flow: Any, tools: Any, hint: str) -> None:
    _, query = tools.landed(flow.get_authorize(scope="openid email", login_hint=hint))
    if "code" in query:
        assert flow.user_client(flow.exchange(query["code"])).oauth.user_info().email == "ada@example.com"
    else:
        assert query["error"] == "invalid_request"


@pytest.mark.contio(auto_approve="ada@example.com")
def test_auto_approve_still_checks_the_request(flow: Any, tools: Any) -> None:
    assert flow.get_authorize(client_id="partner_nobody").status == 400
    assert tools.landed(flow.get_authorize(scope="nonsense"))[1]["error"] == "invalid_scope"


@pytest.mark.parametrize(("signed_in", "error"), [(False, "login_required"), (True, "consent_required")])
def test_prompt_none_shows_no_page(contio: FakeContio, signed_in: bool, error: str) -> None:
    headers = {}
    if signed_in:
        wish = AuthInitiate(client_id="partner_demo", email="katherine@example.com")
        begun = contio.control.oauth.initiate(wish)
        code = contio.inbox("katherine@example.com")[0].code
        verified = contio.control.oauth.verify(
            AuthVerify(
                client_id="partner_demo", email="katherine@example.com", code=code, session=begun.session
            )
        )
        headers = {"cookie": f"contio_session={verified.session_id}"}
    query = "response_type=code&client_id=partner_demo&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback"
    answer = contio.handle(Request("GET", "/oauth2/authorize", f"{query}&prompt=none&state=s", headers))
    location = answer.header("location") or ""
    assert location.startswith("http://localhost:3000/callback?error=" + error)
    assert location.endswith("state=s")
