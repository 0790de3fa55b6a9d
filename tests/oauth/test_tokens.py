"""The token endpoint, and the life and death of tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Forbidden, Refused, Unauthorized
from contio_mock.contract.wire import Request, Response

TWO_APPS = str(Path(__file__).parent / "data" / "two_apps.json")
FORM = {"content-type": "application/x-www-form-urlencoded"}


def post(contio: FakeContio, path: str, form: Any, authorization: str | None = None) -> Response:
    headers = FORM if authorization is None else {**FORM, "authorization": authorization}
    return contio.handle(Request("POST", path, "", headers, urlencode(form).encode()))


def refused_code(call: Any, *args: Any, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    assert refused.value.body["error"] == refused.value.code
    assert refused.value.body["error_description"] == refused.value.message
    return refused.value.status, refused.value.code


# ---------------------------------------------------------------- codes


def test_a_code_becomes_tokens(flow: Any) -> None:
    tokens = flow.tokens("openid profile meetings:read")
    assert tokens.access_token.startswith("cto_at_v1_")
    assert tokens.refresh_token.startswith("cto_rt_v1_")
    assert tokens.token_type == "Bearer"
    assert tokens.expires_in == 86400
    assert tokens.scope == "openid profile meetings:read"
    assert flow.user_client(tokens).user.profile.get().display_name == "Ada Lovelace"


def test_token_answers_are_not_to_be_stored(contio: FakeContio, flow: Any) -> None:
    form = {"grant_type": "client_credentials"}
    answer = post(contio, "/oauth2/token", form, flow.basic)
    assert answer.header("cache-control") == "no-store"
    assert answer.header("pragma") == "no-cache"


def test_a_code_connects_a_new_user_to_the_app(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, email="new@example.com")
    newcomer.tokens("openid")
    body = {"client_id": "partner_demo", "email": "new@example.com", "scope": "openid"}
    assert contio.control.oauth.check_consent(body).has_consent


def test_a_code_works_once(flow: Any) -> None:
    code = flow.code()
    flow.exchange(code)
    assert refused_code(flow.exchange, code) == (400, "invalid_grant")


def test_a_second_use_of_a_code_kills_what_it_gave(flow: Any) -> None:
    code = flow.code()
    tokens = flow.exchange(code)
    renewed = flow.refresh(tokens)
    refused_code(flow.exchange, code)
    for value in (tokens.access_token, tokens.refresh_token, renewed.access_token, renewed.refresh_token):
        assert not flow.is_active(value)
    assert refused_code(flow.refresh, renewed) == (400, "invalid_grant")


@pytest.mark.contio(profile={"code_reuse": "reject"})
def test_a_profile_may_only_refuse_the_second_use(flow: Any) -> None:
    code = flow.code()
    tokens = flow.exchange(code)
    assert refused_code(flow.exchange, code) == (400, "invalid_grant")
    assert flow.is_active(tokens.access_token)


def test_a_code_lives_five_minutes(contio: FakeContio, flow: Any) -> None:
    first = flow.code()
    contio.clock.advance("299s")
    second = flow.code()
    assert flow.exchange(first).access_token
    contio.clock.advance("5m")
    assert refused_code(flow.exchange, second) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "other",
    [
        "http://localhost:3000/callback/",
        "http://localhost:3000/callback?x=1",
        "http://localhost:3001/callback",
    ],
)
def test_a_code_is_bound_to_its_exact_redirect_uri(flow: Any, other: str) -> None:
    code = flow.code()
    assert refused_code(flow.exchange, code, redirect_uri=other) == (400, "invalid_request")
    assert flow.exchange(code).access_token


@pytest.mark.contio(scenario=TWO_APPS)
def test_another_registered_redirect_uri_does_not_redeem_a_code(contio: FakeContio, tools: Any) -> None:
    flow = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    code = flow.code("openid")
    other = "http://localhost:3000/slash/"
    assert refused_code(flow.exchange, code, redirect_uri=other) == (400, "invalid_request")


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_code_is_bound_to_its_client(contio: FakeContio, tools: Any) -> None:
    first = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    second = tools.Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com")
    code = first.code("openid")
    assert refused_code(second.exchange, code) == (400, "invalid_grant")
    assert first.exchange(code).access_token


@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_code_and_redirect_uri_are_required(flow: Any, missing: str, value: str | None) -> None:
    code = flow.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": flow.redirect_uri}
    assert refused_code(flow.token, **{**form, missing: value}) == (400, "invalid_request")


def test_an_unknown_code_is_an_invalid_grant(flow: Any) -> None:
    assert refused_code(flow.exchange, "cto_ac_v1_nobody") == (400, "invalid_grant")


# ---------------------------------------------------------------- PKCE


def test_the_right_verifier_redeems_a_code(flow: Any, tools: Any) -> None:
    code = flow.code(code_challenge=tools.s256(tools.VERIFIER), code_challenge_method="S256")
    assert flow.exchange(code, code_verifier=tools.VERIFIER).access_token


@pytest.mark.parametrize("verifier", [None, "", "x" * 43, "A-verifier-that-is-longer-than-43-characters-~._"])
def test_a_wrong_or_missing_verifier_does_not(flow: Any, tools: Any, verifier: str | None) -> None:
    code = flow.code(code_challenge=tools.s256(tools.VERIFIER), code_challenge_method="S256")
    assert refused_code(flow.exchange, code, code_verifier=verifier) == (400, "invalid_grant")


def test_the_challenge_itself_is_no_verifier(flow: Any, tools: Any) -> None:
    challenge = tools.s256(tools.VERIFIER)
    code = flow.code(code_challenge=challenge, code_challenge_method="S256")
    assert refused_code(flow.exchange, code, code_verifier=challenge) == (400, "invalid_grant")


def test_a_verifier_for_a_code_without_a_challenge_is_a_downgrade_and_refused(flow: Any, tools: Any) -> None:
    assert refused_code(flow.exchange, flow.code(), code_verifier=tools.VERIFIER) == (400, "invalid_grant")


def test_pkce_also_works_through_the_browser(flow: Any, tools: Any) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    pkce = {"code_challenge": tools.s256(tools.VERIFIER), "code_challenge_method": "S256"}
    _, query = tools.landed(flow.get_authorize(cookie, scope="openid", **pkce))
    refused_code(flow.exchange, query["code"])
    assert flow.exchange(query["code"], code_verifier=tools.VERIFIER).access_token


# ---------------------------------------------------------------- who the client is


def test_credentials_may_come_in_the_body(contio: FakeContio) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "partner_demo",
        "client_secret": "cs_demo_secret",
    }
    assert post(contio, "/oauth2/token", form).status == 200


@pytest.mark.parametrize(
    ("form", "authorization"),
    [
        ({}, None),
        ({"client_id": "partner_demo"}, None),
        ({"client_secret": "cs_demo_secret"}, None),
        ({"client_id": "partner_demo", "client_secret": ""}, None),
        ({"client_id": "partner_demo", "client_secret": "wrong"}, None),
        ({"client_id": "partner_demo", "client_secret": "%zz"}, None),
        ({"client_id": "nobody", "client_secret": "cs_demo_secret"}, None),
        ({}, "Bearer cs_demo_secret"),
        ({}, "Basic"),
        ({}, "Basic !!!"),
        ({}, "Basic cGFydG5lcl9kZW1v"),  # no colon
        ({}, "Basic /////w=="),  # no UTF-8
        ({}, "Basic cGFydG5lcl9kZW1vOndyb25n"),  # wrong secret
    ],
)
def test_a_client_that_cannot_show_itself_is_refused(
    contio: FakeContio, form: dict[str, str], authorization: str | None
) -> None:
    answer = post(contio, "/oauth2/token", {"grant_type": "client_credentials", **form}, authorization)
    assert answer.status == 401
    assert b'"error":"invalid_client"' in answer.body
    assert (answer.header("www-authenticate") or "").startswith("Basic realm=")


def test_both_ways_at_once_are_refused(contio: FakeContio, flow: Any) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "partner_demo",
        "client_secret": "cs_demo_secret",
    }
    answer = post(contio, "/oauth2/token", form, flow.basic)
    assert answer.status == 400
    assert b'"error":"invalid_request"' in answer.body


def test_the_client_id_in_the_body_must_be_the_one_of_the_header(contio: FakeContio, flow: Any) -> None:
    form = {"grant_type": "client_credentials", "client_id": "partner_demo"}
    assert post(contio, "/oauth2/token", form, flow.basic).status == 200
    other = post(contio, "/oauth2/token", {**form, "client_id": "other"}, flow.basic)
    assert other.status == 400
    assert b'"error":"invalid_request"' in other.body


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_secret_works_plain_and_form_encoded(contio: FakeContio, tools: Any) -> None:
    secret = "cs second/é+%"
    form = {"grant_type": "client_credentials"}
    for sent in (secret, "cs+second%2F%C3%A9%2B%25"):
        assert post(contio, "/oauth2/token", form, tools.basic("partner_second", sent)).status == 200
    assert post(contio, "/oauth2/token", form, tools.basic("partner_second", "cs+second")).status == 401


@pytest.mark.parametrize("name", ["grant_type", "scope", "nonsense"])
def test_no_parameter_may_be_sent_twice(contio: FakeContio, flow: Any, name: str) -> None:
    form = [("grant_type", "client_credentials"), (name, "openid"), (name, "openid")]
    answer = post(contio, "/oauth2/token", form, flow.basic)
    assert answer.status == 400
    assert b'"error":"invalid_request"' in answer.body
    assert f"{name} was sent more than once".encode() in answer.body


@pytest.mark.parametrize(
    ("grant_type", "code"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("password", "unsupported_grant_type"),
        ("implicit", "unsupported_grant_type"),
    ],
)
def test_other_grant_types_are_refused(flow: Any, grant_type: str | None, code: str) -> None:
    assert refused_code(flow.token, grant_type=grant_type) == (400, code)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "", "text/plain"])
def test_the_token_endpoint_reads_forms_only(contio: FakeContio, flow: Any, kind: str) -> None:
    headers = {"authorization": flow.basic, **({"content-type": kind} if kind else {})}
    answer = contio.handle(
        Request("POST", "/oauth2/token", "", headers, b'{"grant_type":"client_credentials"}')
    )
    assert answer.status == 400
    assert b'"error":"invalid_request"' in answer.body
    assert b"application/x-www-form-urlencoded" in answer.body


@pytest.mark.parametrize(
    "body",
    [b"grant_type=%zz", b"grant_type=%ff", b"grant_type=a%00b", b"grant_type=\xc3\xa9", b"a=1&" * 201],
    ids=["escape", "not utf-8", "nul", "raw bytes", "too many"],
)
def test_a_broken_form_is_refused(contio: FakeContio, flow: Any, body: bytes) -> None:
    answer = contio.handle(Request("POST", "/oauth2/token", "", {**FORM, "authorization": flow.basic}, body))
    assert answer.status == 400
    assert b'"error":"invalid_request"' in answer.body


# ---------------------------------------------------------------- client credentials


def test_client_credentials_give_a_token_of_the_app_without_a_refresh_token(
    contio: FakeContio, flow: Any
) -> None:
    tokens = flow.token(grant_type="client_credentials", scope="profile")
    assert tokens.refresh_token is None
    assert tokens.id_token is None
    found = contio.control.oauth.introspect({"token": tokens.access_token})
    assert found.active
    assert found.sub == "partner_demo"
    assert found.username is None
    with pytest.raises(Unauthorized):
        flow.user_client(tokens).user.profile.get()


def test_client_credentials_know_the_scopes(flow: Any) -> None:
    assert refused_code(flow.token, grant_type="client_credentials", scope="admin") == (400, "invalid_scope")


# ---------------------------------------------------------------- refreshing


def test_refreshing_gives_new_tokens_with_the_same_scope(flow: Any) -> None:
    tokens = flow.tokens("openid profile")
    renewed = flow.refresh(tokens)
    assert renewed.access_token != tokens.access_token
    assert renewed.refresh_token != tokens.refresh_token
    assert renewed.scope == "openid profile"
    assert renewed.id_token
    assert flow.is_active(tokens.access_token)


@pytest.mark.contio(profile={"refresh_token_rotation": "rotate"})
def test_rotation_kills_the_used_refresh_token_at_once(flow: Any) -> None:
    tokens = flow.tokens()
    renewed = flow.refresh(tokens)
    assert refused_code(flow.refresh, tokens) == (400, "invalid_grant")
    assert flow.refresh(renewed).access_token


def test_overlap_lets_the_used_refresh_token_live_a_minute(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    flow.refresh(tokens)
    contio.clock.advance("59s")
    assert flow.refresh(tokens).access_token
    contio.clock.advance("1s")
    assert refused_code(flow.refresh, tokens) == (400, "invalid_grant")


@pytest.mark.contio(profile={"refresh_token_overlap_seconds": 5})
def test_the_profile_says_how_long_the_overlap_is(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    flow.refresh(tokens)
    contio.clock.advance("5s")
    assert refused_code(flow.refresh, tokens) == (400, "invalid_grant")


@pytest.mark.contio(profile={"refresh_token_rotation": "keep"})
def test_keep_returns_the_same_refresh_token(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    contio.clock.advance("2d")
    assert flow.refresh(tokens).refresh_token == tokens.refresh_token
    assert flow.refresh(tokens).refresh_token == tokens.refresh_token


def test_refreshing_may_narrow_the_scope_and_later_take_it_back(flow: Any) -> None:
    tokens = flow.tokens("openid profile meetings:read")
    narrow = flow.refresh(tokens, "meetings:read")
    assert narrow.scope == "meetings:read"
    assert narrow.id_token is None
    with pytest.raises(Forbidden):
        flow.user_client(narrow).user.profile.get()
    assert flow.refresh(narrow).scope == "openid profile meetings:read"


@pytest.mark.parametrize("scope", ["openid meetings:write", "nonsense"])
def test_refreshing_never_widens_the_scope(flow: Any, scope: str) -> None:
    tokens = flow.tokens("openid profile")
    assert refused_code(flow.refresh, tokens, scope) == (400, "invalid_scope")
    assert flow.refresh(tokens).access_token


@pytest.mark.parametrize("value", [None, ""])
def test_refreshing_needs_a_token(flow: Any, value: str | None) -> None:
    assert refused_code(flow.token, grant_type="refresh_token", refresh_token=value) == (
        400,
        "invalid_request",
    )


def test_an_access_token_does_not_refresh(flow: Any) -> None:
    assert refused_code(flow.refresh, flow.tokens().access_token) == (400, "invalid_grant")


def test_a_refresh_token_is_no_access_token(flow: Any) -> None:
    tokens = flow.tokens()
    wrong = tokens.model_copy(update={"access_token": tokens.refresh_token})
    with pytest.raises(Unauthorized) as refused:
        flow.user_client(wrong).user.profile.get()
    assert "refresh token" in refused.value.message


@pytest.mark.contio(scenario=TWO_APPS)
def test_a_refresh_token_is_bound_to_its_client(contio: FakeContio, tools: Any) -> None:
    first = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    second = tools.Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com")
    tokens = first.tokens("openid")
    assert refused_code(second.refresh, tokens) == (400, "invalid_grant")
    assert first.refresh(tokens).access_token


# ---------------------------------------------------------------- lifetimes


def test_an_access_token_lives_24_hours_and_introspection_agrees(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens("openid profile")
    client = flow.user_client(tokens)
    contio.clock.advance("86399s")
    assert client.user.profile.get().display_name == "Ada Lovelace"
    assert flow.is_active(tokens.access_token)
    contio.clock.advance("1s")
    assert not flow.is_active(tokens.access_token)
    with pytest.raises(Unauthorized) as refused:
        client.user.profile.get()
    assert "expired" in refused.value.message
    assert refused.value.response.header("www-authenticate") == 'Bearer error="invalid_token"'


def test_a_refresh_token_lives_30_days_and_introspection_agrees(contio: FakeContio, flow: Any) -> None:
    early, late = flow.tokens(), flow.tokens()
    contio.clock.advance("30d")
    assert not flow.is_active(early.refresh_token)
    assert refused_code(flow.refresh, late) == (400, "invalid_grant")


def test_a_refresh_token_works_in_the_last_second_of_its_30_days(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    contio.clock.advance(30 * 86400 - 1)
    assert flow.is_active(tokens.refresh_token)
    renewed = flow.refresh(tokens)
    contio.clock.advance("29d")
    assert flow.refresh(renewed).access_token


# ---------------------------------------------------------------- introspection


def test_introspection_tells_the_truth_about_an_access_token(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens("openid profile")
    found = contio.control.oauth.introspect({"token": tokens.access_token})
    now = int(contio.clock.now.timestamp())
    assert found.scope == "openid profile"
    assert found.client_id == "partner_demo"
    assert found.username == "ada@example.com"
    assert found.token_type == "Bearer"
    assert (found.iat, found.nbf, found.exp) == (now, now, now + 86400)
    assert found.aud == ["partner_demo"]
    assert found.iss == contio.control.oauth.discovery().issuer
    assert found.sub == flow.user_client(tokens).user.profile.get().id


@pytest.mark.contio(profile={"introspect_refresh_tokens": "no"})
def test_a_profile_may_keep_refresh_tokens_from_introspection(flow: Any) -> None:
    tokens = flow.tokens()
    assert not flow.is_active(tokens.refresh_token)
    assert flow.is_active(tokens.access_token)


@pytest.mark.parametrize("token", ["x", "cto_at_v1_unknown", "é" * 100])
def test_an_unknown_token_is_inactive_and_nothing_else_is_said(contio: FakeContio, token: str) -> None:
    answer = post(contio, "/oauth2/introspect", {"token": token})
    assert answer.status == 200
    assert answer.body == b'{"active":false}'


def test_introspection_needs_a_token(contio: FakeContio) -> None:
    assert post(contio, "/oauth2/introspect", {"token_type_hint": "access_token"}).status == 400


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_wrong_credentials_are_refused_where_none_are_needed(
    contio: FakeContio, flow: Any, tools: Any, path: str
) -> None:
    token = flow.tokens().access_token
    assert post(contio, path, {"token": token}, tools.basic("partner_demo", "wrong")).status == 401
    assert (
        post(contio, path, {"token": token, "client_id": "partner_demo", "client_secret": "no"}).status == 401
    )
    assert flow.is_active(token)


@pytest.mark.contio(profile={"introspect_requires_client": "yes"})
@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_a_profile_may_demand_credentials(contio: FakeContio, flow: Any, path: str) -> None:
    token = flow.tokens().access_token
    assert post(contio, path, {"token": token}).status == 401
    body = {"token": token, "client_id": "partner_demo", "client_secret": "cs_demo_secret"}
    assert post(contio, path, body).status == 200
    assert post(contio, path, {"token": token}, flow.basic).status == 200


@pytest.mark.contio(scenario=TWO_APPS)
def test_another_app_learns_and_changes_nothing_about_a_token(contio: FakeContio, tools: Any) -> None:
    first = tools.Flow(contio, "partner_first", "cs_first", email="mary@example.com")
    second = tools.Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com")
    token = {"token": first.tokens("openid").access_token}
    assert post(contio, "/oauth2/introspect", token, second.basic).body == b'{"active":false}'
    assert post(contio, "/oauth2/revoke", token, second.basic).status == 200
    assert first.is_active(token["token"])


# ---------------------------------------------------------------- revocation


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_a_revoked_access_token_is_dead_and_its_refresh_token_lives(
    contio: FakeContio, flow: Any, hint: str | None
) -> None:
    tokens = flow.tokens()
    contio.control.oauth.revoke({"token": tokens.access_token, "token_type_hint": hint})
    assert not flow.is_active(tokens.access_token)
    with pytest.raises(Unauthorized):
        flow.user_client(tokens).user.profile.get()
    assert flow.refresh(tokens).access_token


@pytest.mark.contio(profile={"revoke_access_cascade": "grant"})
def test_a_profile_may_kill_the_whole_grant_with_an_access_token(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    contio.control.oauth.revoke({"token": tokens.access_token})
    assert refused_code(flow.refresh, tokens) == (400, "invalid_grant")


def test_a_revoked_refresh_token_takes_its_grant_along_and_no_other(contio: FakeContio, flow: Any) -> None:
    tokens, other = flow.tokens(), flow.tokens()
    renewed = flow.refresh(tokens)
    contio.control.oauth.revoke({"token": tokens.refresh_token})
    for value in (tokens.access_token, renewed.access_token, renewed.refresh_token):
        assert not flow.is_active(value)
    assert flow.is_active(other.access_token)
    assert flow.is_active(other.refresh_token)


@pytest.mark.contio(profile={"revoke_refresh_cascade": "token"})
def test_a_profile_may_kill_the_refresh_token_alone(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens()
    contio.control.oauth.revoke({"token": tokens.refresh_token})
    assert not flow.is_active(tokens.refresh_token)
    assert flow.is_active(tokens.access_token)


def test_revoking_an_unknown_token_is_no_error_and_has_no_body(contio: FakeContio, flow: Any) -> None:
    for _ in range(2):
        answer = post(contio, "/oauth2/revoke", {"token": "nobody-knows"}, flow.basic)
        assert (answer.status, answer.body) == (200, b"")


# ---------------------------------------------------------------- minted tokens


def test_the_control_plane_mints_tokens_that_are_like_any_other(contio: FakeContio, flow: Any) -> None:
    minted = contio.control.mock.create_token(
        {"email": "new@example.com", "scope": "openid profile", "name": "N N"}
    )
    assert minted.id_token
    assert minted.scope == "openid profile"
    assert flow.user_client(minted).user.profile.get().display_name == "N N"
    assert flow.refresh(minted).access_token


def test_minting_refuses_an_unknown_scope_and_makes_nobody(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.control.mock.create_token({"email": "new@example.com", "scope": "openid admin"})
    assert refused.value.code == "invalid_scope"
    assert contio.sandbox.store.users.first("email", "new@example.com") is None
    with pytest.raises(ValueError, match="no scope 'admin'"):
        contio.client(scope="admin")


# ---------------------------------------------------------------- people who are gone


def test_nobody_acts_for_a_user_who_is_gone(contio: FakeContio, tools: Any) -> None:
    newcomer = tools.Flow(contio, email="new@example.com")
    tokens, code = newcomer.tokens(), newcomer.code()
    user = contio.sandbox.store.users.first("email", "new@example.com")
    assert user is not None
    contio.sandbox.store.users.remove(user)
    assert refused_code(newcomer.exchange, code) == (400, "invalid_grant")
    assert refused_code(newcomer.refresh, tokens) == (400, "invalid_grant")
    with pytest.raises(Unauthorized):
        newcomer.user_client(tokens).user.profile.get()


def test_every_token_that_an_app_holds_for_a_person_can_die_at_once(
    contio: FakeContio, flow: Any, tools: Any
) -> None:
    mine, again, others = flow.tokens(), flow.tokens(), tools.Flow(contio, email="grace@example.com").tokens()
    user = contio.sandbox.store.users.first("email", "ada@example.com")
    assert user is not None
    connection = contio.sandbox.store.connection(contio.sandbox.app.id, user.id)
    assert connection is not None
    contio.sandbox.tokens.revoke_connection(connection.id)
    for tokens in (mine, again):
        assert not flow.is_active(tokens.access_token)
        assert not flow.is_active(tokens.refresh_token)
    assert flow.is_active(others.access_token)
