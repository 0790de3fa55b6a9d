"""What an attacker would try at the OAuth endpoints."""

from __future__ import annotations

import json
import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlencode, urljoin, urlsplit

import httpx2
import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Refused
from contio_mock.contract.wire import Request, Response

from .conftest import CALLBACK, TWO_APPS, VERIFIER, Flow, basic, landed, s256

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
DEMO = basic("partner_demo", "cs_demo_secret")
PROFILE = "/v1/partner/user/profile"
LONG = "x" * 100_000


def post(contio: FakeContio, path: str, form: Any, authorization: str | None = None) -> Response:
    headers = FORM if authorization is None else {**FORM, "authorization": authorization}
    return contio.handle(Request("POST", path, "", headers, urlencode(form).encode()))


def error_of(answer: Response) -> tuple[int, str]:
    body = json.loads(answer.body)
    return answer.status, body.get("code")


def profile_status(contio: FakeContio, authorization: str, query: str = "") -> int:
    return contio.handle(Request("GET", PROFILE, query, {"authorization": authorization})).status


def two(contio: FakeContio) -> tuple[Flow, Flow]:
    return (
        Flow(contio, "partner_first", "cs_first", email="mary@example.com"),
        Flow(contio, "partner_second", "cs second/é+%", email="mary@example.com"),
    )


def assert_clean(answer: Response) -> None:
    """No header can be split, and every header can be sent."""
    for name, value in answer.headers:
        assert not re.search(r"[\r\n\0]", name + value), value
        assert value.isascii(), value


# ---------------------------------------------------------------- redirect URIs

TRICKS = {
    "userinfo before": "http://localhost:3000@evil.example/callback",
    "userinfo after": "http://evil.example@localhost:3000/callback",
    "user and password": "http://user:password@localhost:3000/callback",
    "empty userinfo": "http://@localhost:3000/callback",
    "empty fragment": CALLBACK + "#",
    "fragment": CALLBACK + "#@evil.example/",
    "encoded fragment": CALLBACK + "%23",
    "encoded slash": "http://localhost:3000%2Fcallback",
    "encoded slash at the end": CALLBACK + "%2F",
    "encoded letter": "http://localhost:3000/%63allback",
    "encoded dots": CALLBACK + "/%2e%2e/evil",
    "dots": CALLBACK + "/../evil",
    "dots that lead back": "http://localhost:3000/evil/../callback",
    "one dot": "http://localhost:3000/./callback",
    "two slashes": "http://localhost:3000//callback",
    "slash": CALLBACK + "/",
    "semicolon": CALLBACK + ";a=b",
    "longer": CALLBACK + "s",
    "shorter": CALLBACK[:-1],
    "origin only": "http://localhost:3000",
    "case of the scheme": "HTTP://localhost:3000/callback",
    "case of the host": "http://LOCALHOST:3000/callback",
    "case of the path": "http://localhost:3000/CALLBACK",
    "other port": "http://localhost:3001/callback",
    "no port": "http://localhost/callback",
    "port with a zero": "http://localhost:03000/callback",
    "longer port": "http://localhost:30000/callback",
    "loopback address": "http://127.0.0.1:3000/callback",
    "loopback address 6": "http://[::1]:3000/callback",
    "https": "https://localhost:3000/callback",
    "other scheme": "myapp://localhost:3000/callback",
    "javascript": "javascript:alert(1)//localhost:3000/callback",
    "data": "data:text/html,<script>alert(1)</script>",
    "no scheme": "//localhost:3000/callback",
    "host only": "localhost:3000/callback",
    "path only": "/callback",
    "backslashes": "http:\\\\localhost:3000\\callback",
    "backslash userinfo": "http://evil.example\\@localhost:3000/callback",
    "backslash at the end": CALLBACK + "\\",
    "empty query": CALLBACK + "?",
    "query": CALLBACK + "?next=http://evil.example/",
    "subdomain": "http://localhost.evil.example:3000/callback",
    "domain behind the port": "http://localhost:3000.evil.example/callback",
    "trailing dot": "http://localhost.:3000/callback",
    "cyrillic letter": "http://loc\u0430lhost:3000/callback",
    "fullwidth letter": "http://\uff4cocalhost:3000/callback",
    "ideographic stop": "http://localhost\u3002:3000/callback",
    "punycode": "http://xn--loclhost-9fg:3000/callback",
    "zero width space": CALLBACK + "\u200b",
    "right to left": CALLBACK + "\u202e",
    "composed": "http://localhost:3000/callba\u0063\u0327k",
    "space before": " " + CALLBACK,
    "space after": CALLBACK + " ",
    "tab": "\t" + CALLBACK,
    "tab inside": "http://local\thost:3000/callback",
    "newline": CALLBACK + "\n",
    "header": CALLBACK + "\r\nLocation: http://evil.example/",
    "nul": CALLBACK + "\0",
    "two by space": CALLBACK + " http://evil.example/",
    "two by comma": CALLBACK + ",http://evil.example/",
    "wildcard": "http://localhost:3000/*",
}  # fmt: skip
trick = pytest.mark.parametrize("uri", TRICKS.values(), ids=TRICKS.keys())


@pytest.mark.parametrize("auto_approve", [None, "ada@example.com"], ids=["pages", "auto approve"])
@trick
def test_a_browser_is_never_sent_to_what_is_not_registered(auto_approve: str | None, uri: str) -> None:
    flow = Flow(FakeContio(check_answers=True, auto_approve=auto_approve))
    cookie = f"contio_session={flow.sign_in().session_id}"
    for wish in ({"scope": "openid"}, {"scope": "nonsense"}, {"response_type": "token"}):
        answer = flow.get_authorize(cookie, redirect_uri=uri, state="s", **wish)
        assert error_of(answer) == (400, "invalid_request")
        assert answer.header("location") is None
        assert_clean(answer)


@trick
def test_consent_gives_no_code_for_what_is_not_registered(flow: Flow, uri: str) -> None:
    flow.sign_in()
    for consent in (True, False):
        with pytest.raises(BadRequest) as refused:
            flow.consent(consent=consent, redirect_uri=uri, scope="openid")
        assert refused.value.code == "invalid_request"


@trick
def test_a_code_is_redeemed_with_its_very_redirect_uri_only(contio: FakeContio, flow: Flow, uri: str) -> None:
    form = {"grant_type": "authorization_code", "code": flow.code(), "redirect_uri": uri}
    assert error_of(post(contio, "/oauth2/token", form, DEMO)) == (400, "invalid_request")
    assert flow.exchange(form["code"]).access_token


@pytest.mark.parametrize(
    "uri",
    [
        "http://\u65e5\u672c.example/callback",
        "http://localhost/\u65e5\u672c",
        "http://localhost/caf\u00e9?a=\u00e9",
    ],
)
@pytest.mark.parametrize("scope", ["openid", "nonsense"])
def test_a_registered_uri_of_any_script_makes_a_header_that_can_be_sent(uri: str, scope: str) -> None:
    contio = FakeContio(check_answers=True, auto_approve="ada@example.com", redirect_uris=[uri])
    answer = Flow(contio, redirect_uri=uri).get_authorize(scope=scope)
    assert answer.status == 302
    assert_clean(answer)


EVIL = ["http://evil.example/", "//evil.example/", "javascript:alert(1)", CALLBACK + "@evil.example"]


@pytest.fixture
def browser(contio_live: Any) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=contio_live.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.mark.parametrize("uri", EVIL)
def test_the_consent_check_redirects_nowhere_else(contio_live: Any, browser: httpx2.Client, uri: str) -> None:
    """Whatever page it names is ours, and the way through it ends there."""
    contio_live.mock.create_token({"email": "new@example.com", "scope": "openid"})
    wish = {"client_id": "partner_demo", "email": "new@example.com", "redirect_uri": uri, "scope": "profile"}
    for signed_in in (False, True):
        if signed_in:
            sign_in(contio_live, browser, "new@example.com")
        answer = browser.post("/oauth2/check-consent", json=wish)
        assert answer.status_code in (200, 400)
        page = answer.json().get("redirect_url")
        if page is None:
            continue
        assert page.startswith(contio_live.url + "/")
        shown = browser.get(page)
        assert shown.status_code in (200, 400)
        assert "location" not in shown.headers
        if signed_in:
            ended = browser.post(page, data={"decision": "allow"})
            assert ended.status_code == 400
            assert "location" not in ended.headers


def sign_in(contio_live: Any, browser: httpx2.Client, email: str) -> str:
    body = {"client_id": "partner_demo", "email": email}
    begun = browser.post("/auth/initiate", json=body).json()
    code = contio_live.mock.inbox(email).items[0].code
    answer = browser.post("/auth/verify", json={**body, "session": begun["session"], "code": code})
    assert answer.status_code == 200
    session: str = answer.json()["session_id"]
    return session


# ---------------------------------------------------------------- parameters that come back

INJECTIONS = {
    "crlf": "s\r\nSet-Cookie: contio_session=evil",
    "lf": "s\nLocation: http://evil.example/",
    "cr": "s\rx: y",
    "encoded crlf": "s%0d%0aSet-Cookie: a=b",
    "another parameter": "s&code=evil&state=other",
    "fragment": "s#code=evil",
    "markup": "\"'><script>alert(1)</script>",
    "separators": "a=b;c d+e/f?g",
    "tab": "\t",
    "unicode": "\u2028\u00e9\u65e5\U0001f600",
    "backslash": "\\\\evil.example",
}
injection = pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS.keys())


@injection
@pytest.mark.parametrize("scope", ["openid", "nonsense"], ids=["code", "error"])
def test_a_state_comes_back_as_it_was_and_as_nothing_else(flow: Flow, text: str, scope: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    answer = flow.get_authorize(cookie, scope=scope, state=text)
    assert_clean(answer)
    place, query = landed(answer)
    assert place == CALLBACK
    assert query["state"] == text
    assert set(query) == ({"code", "state"} if scope == "openid" else {"error", "error_description", "state"})
    assert urlsplit(answer.header("location") or "").fragment == ""


@injection
@pytest.mark.parametrize("consent", [True, False])
def test_a_state_comes_back_from_the_consent_page_as_it_was(flow: Flow, text: str, consent: bool) -> None:
    flow.sign_in()
    given = flow.consent(consent=consent, scope="openid", state=text)
    parts = urlsplit(given.redirect_url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    assert parse_qs(parts.query, keep_blank_values=True)["state"] == [text]
    assert parts.fragment == ""
    assert given.redirect_url.isascii()
    assert not re.search(r"[\s\0]", given.redirect_url)


@injection
@pytest.mark.parametrize("name", ["state", "login_hint", "nonce", "prompt", "unheard_of"])
def test_what_the_sign_in_page_gets_is_what_was_sent(flow: Flow, text: str, name: str) -> None:
    answer = flow.get_authorize(scope="openid", **{name: text})
    assert_clean(answer)
    place, query = landed(answer)
    assert place == "http://contio.localhost/login"
    assert query.pop(name) == text
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    assert query == wish


@injection
def test_an_unknown_scope_is_named_in_an_error_that_cannot_be_split(flow: Flow, text: str) -> None:
    answer = flow.get_authorize(scope=f"openid x{text}x")
    assert_clean(answer)
    place, query = landed(answer)
    assert place == CALLBACK
    assert query["error"] == "invalid_scope"
    assert set(query) == {"error", "error_description"}


@injection
@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_an_error_repeats_is_json_and_no_markup(flow: Flow, text: str, name: str) -> None:
    answer = flow.get_authorize(**{name: text})
    assert answer.status == 400
    assert answer.header("content-type") == "application/json"
    assert_clean(answer)


@injection
def test_a_page_shows_what_it_repeats_escaped(contio_live: Any, browser: httpx2.Client, text: str) -> None:
    wish = {"client_id": text, "redirect_uri": text, "response_type": text, "scope": text, "state": text}
    answer = browser.get("/oauth2/authorize", params=wish, headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in answer.text
    assert "contio_session" not in answer.headers.get("set-cookie", "")


def test_a_login_hint_in_another_case_is_the_same_person(flow: Flow) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    assert landed(flow.get_authorize(cookie, scope="openid", login_hint="ADA@Example.com"))[0] == CALLBACK


@pytest.mark.parametrize(
    "hint", ["grace@example.com", "ada@example.com,grace@example.com", "*", "ada@example.com\n"]
)
def test_a_login_hint_at_anybody_else_lets_nobody_through(flow: Flow, hint: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    assert landed(flow.get_authorize(cookie, scope="openid", login_hint=hint))[0].endswith("/login")


# ---------------------------------------------------------------- empty parameters

EMPTY_AT_TOKEN = [
    {"code_verifier": ""}, {"client_secret": ""}, {"client_id": ""}, {"scope": ""}, {"refresh_token": ""},
]  # fmt: skip


@pytest.mark.parametrize("empty", EMPTY_AT_TOKEN, ids=lambda empty: next(iter(empty)))
def test_an_empty_parameter_of_a_token_request_counts_as_left_out(
    contio: FakeContio, flow: Flow, empty: dict[str, str]
) -> None:
    """RFC 6749 3.2."""
    form = {"grant_type": "authorization_code", "code": flow.code(), "redirect_uri": CALLBACK}
    assert post(contio, "/oauth2/token", form | empty, DEMO).status == 200


@pytest.mark.parametrize(
    "names",
    [("code_challenge", "code_challenge_method"), ("login_hint",), ("nonce",), ("prompt",), ("scope",)],
)
def test_an_empty_parameter_of_an_authorization_request_counts_as_left_out(
    flow: Flow, names: tuple[str, ...]
) -> None:
    """RFC 6749 3.1."""
    cookie = f"contio_session={flow.sign_in().session_id}"
    place, query = landed(flow.get_authorize(cookie, **dict.fromkeys(names, "")))
    assert (place, set(query)) == (CALLBACK, {"code"})


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_empty_credentials_in_the_body_count_as_left_out_beside_basic(contio: FakeContio, path: str) -> None:
    assert post(contio, path, {"token": "x", "client_id": "", "client_secret": ""}, DEMO).status == 200


# ---------------------------------------------------------------- PKCE


@pytest.mark.parametrize("method", ["plain", "s256", "S512", "none", "", None, "S256 plain"])
def test_no_other_challenge_method_and_no_lack_of_one_gives_a_code(flow: Flow, method: str | None) -> None:
    pkce = {"code_challenge": s256(VERIFIER), "code_challenge_method": method}
    cookie = f"contio_session={flow.sign_in().session_id}"
    _, query = landed(flow.get_authorize(cookie, scope="openid", **pkce))
    assert query["error"] == "invalid_request"
    with pytest.raises(BadRequest):
        flow.consent(scope="openid", **{name: value for name, value in pkce.items() if value is not None})


@pytest.mark.parametrize("length", [1, 42, 129, 10_000])
def test_a_challenge_of_the_wrong_length_gives_no_code(flow: Flow, length: int) -> None:
    pkce = {"code_challenge": "a" * length, "code_challenge_method": "S256"}
    cookie = f"contio_session={flow.sign_in().session_id}"
    assert landed(flow.get_authorize(cookie, scope="openid", **pkce))[1]["error"] == "invalid_request"
    with pytest.raises(BadRequest):
        flow.consent(scope="openid", **pkce)


@pytest.mark.parametrize("character", ["=", "+", "/", " ", "\n", "\u00e9", "\u0661", '"', "<"])
def test_a_challenge_of_other_characters_gives_no_code(flow: Flow, character: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    for challenge in ("a" * 43 + character, character + "a" * 43):
        pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
        assert landed(flow.get_authorize(cookie, scope="openid", **pkce))[1]["error"] == "invalid_request"


@pytest.mark.parametrize(
    "pkce", [{}, {"code_challenge": ""}, {"code_challenge": "", "code_challenge_method": ""}]
)
def test_a_challenge_that_was_stripped_on_the_way_is_noticed(flow: Flow, pkce: dict[str, str]) -> None:
    """RFC 9700 2.1.1: the client's verifier betrays the downgrade."""
    cookie = f"contio_session={flow.sign_in().session_id}"
    _, query = landed(flow.get_authorize(cookie, scope="openid", **pkce))
    if "code" in query:
        with pytest.raises(BadRequest) as refused:
            flow.exchange(query["code"], code_verifier=VERIFIER)
        assert refused.value.code == "invalid_grant"
    else:
        assert query["error"] == "invalid_request"


def test_a_code_injected_into_another_sign_in_is_refused(flow: Flow) -> None:
    other = "another-" + VERIFIER
    stolen = flow.code(code_challenge=s256(VERIFIER), code_challenge_method="S256")
    flow.code(code_challenge=s256(other), code_challenge_method="S256")
    with pytest.raises(BadRequest) as refused:
        flow.exchange(stolen, code_verifier=other)
    assert refused.value.code == "invalid_grant"
    assert flow.exchange(stolen, code_verifier=VERIFIER).access_token


@pytest.mark.parametrize("pattern", ["{}x", "{}\n", " {}", "{0}{0}", "\ufeff{}"], ids=ascii)
def test_a_verifier_must_be_the_very_one(flow: Flow, pattern: str) -> None:
    code = flow.code(code_challenge=s256(VERIFIER), code_challenge_method="S256")
    for wrong in (pattern.format(VERIFIER), VERIFIER.upper(), VERIFIER[:-1]):
        with pytest.raises(BadRequest):
            flow.exchange(code, code_verifier=wrong)


# ---------------------------------------------------------------- codes and tokens of others


@pytest.mark.contio(scenario=TWO_APPS)
def test_another_client_cannot_end_a_grant_by_using_its_code_again(contio: FakeContio) -> None:
    first, second = two(contio)
    code = first.code("openid")
    tokens = first.exchange(code)
    with pytest.raises(BadRequest):
        second.exchange(code)
    assert first.is_active(tokens.access_token)
    assert first.refresh(tokens).access_token


@pytest.mark.parametrize("authorization", [None, basic("partner_demo", "wrong")], ids=["none", "wrong"])
def test_nobody_ends_a_grant_without_the_clients_secret(
    contio: FakeContio, flow: Flow, authorization: str | None
) -> None:
    code = flow.code()
    tokens = flow.exchange(code)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "partner_demo",
    }
    assert error_of(post(contio, "/oauth2/token", form, authorization)) == (401, "invalid_client")
    assert flow.is_active(tokens.access_token)


@pytest.mark.contio(scenario=TWO_APPS)
def test_another_app_learns_and_changes_nothing_about_a_refresh_token(contio: FakeContio) -> None:
    first, second = two(contio)
    tokens = first.tokens("openid")
    form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
    assert post(contio, "/oauth2/introspect", form, second.basic).body == b'{"active":false}'
    assert post(contio, "/oauth2/revoke", form, second.basic).status == 200
    assert first.refresh(tokens).access_token


@pytest.mark.parametrize("kind", ["code", "id_token", "session", "sign-in"])
def test_what_is_no_token_is_not_active_and_opens_nothing(contio: FakeContio, flow: Flow, kind: str) -> None:
    value = {
        "code": flow.code,
        "id_token": lambda: flow.tokens("openid").id_token,
        "session": lambda: flow.sign_in().session_id,
        "sign-in": lambda: flow.initiate().session,
    }[kind]()
    assert post(contio, "/oauth2/introspect", {"token": value}, DEMO).body == b'{"active":false}'
    assert profile_status(contio, f"Bearer {value}") == 401
    form = {"grant_type": "refresh_token", "refresh_token": value}
    assert error_of(post(contio, "/oauth2/token", form, DEMO)) == (400, "invalid_grant")


AROUND = ["{} ", " {}", "{}\n", "\r\n{}", "{}\t", "{}\u00a0", "{}\u200b", "{}%20", "{}=", "{0}{0}", "{0} {0}"]


@pytest.mark.parametrize("pattern", AROUND, ids=ascii)
def test_a_form_takes_a_token_to_the_letter(contio: FakeContio, flow: Flow, pattern: str) -> None:
    tokens, code = flow.tokens(), flow.code()
    for token in (tokens.access_token, tokens.refresh_token):
        changed = {"token": pattern.format(token)}
        assert post(contio, "/oauth2/introspect", changed).body == b'{"active":false}'
        assert post(contio, "/oauth2/revoke", changed).status == 200
    form = {"grant_type": "refresh_token", "refresh_token": pattern.format(tokens.refresh_token)}
    assert error_of(post(contio, "/oauth2/token", form, DEMO)) == (400, "invalid_grant")
    form = {"grant_type": "authorization_code", "code": pattern.format(code), "redirect_uri": CALLBACK}
    assert error_of(post(contio, "/oauth2/token", form, DEMO)) == (400, "invalid_grant")
    assert flow.is_active(tokens.access_token)
    assert flow.refresh(tokens).access_token
    assert flow.exchange(code).access_token


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("space", [" ", "  ", "   "])
def test_the_bearer_scheme_has_no_case(contio: FakeContio, flow: Flow, scheme: str, space: str) -> None:
    assert profile_status(contio, f"{scheme}{space}{flow.tokens().access_token}") == 200


@pytest.mark.parametrize(
    "pattern",
    [
        "{}", "Bearer{}", "Bearer:{}", "Bearer={}", "Bearer\t{}", "Token {}", "Basic {}", "DPoP {}", "Bearer Bearer {}",
        "Bearer {0} {0}", "Bearer {0},{0}", "Bearer {0}, Bearer {0}", 'Bearer "{}"', "Bearer {}\u00a0", "Bearer {}\x85",
        "Bearer {}\x0b", "Bearer {}\x1f", "Bearer {}\x00", "Bearer \u00a0{}", "Bearer {}=", "Bearer {}\u00e9",
    ],
    ids=ascii,
)  # fmt: skip
def test_nothing_but_bearer_and_the_very_token_is_accepted(
    contio: FakeContio, flow: Flow, pattern: str
) -> None:
    assert profile_status(contio, pattern.format(flow.tokens().access_token)) == 401


@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "Authorization"])
@pytest.mark.parametrize("path", [PROFILE, "/oauth2/userInfo"])
def test_a_token_in_the_query_string_opens_nothing(
    contio: FakeContio, flow: Flow, name: str, path: str
) -> None:
    token = flow.tokens().access_token
    for value in (token, f"Bearer {token}"):
        assert contio.handle(Request("GET", path, urlencode({name: value}))).status == 401


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])
def test_what_stands_in_the_query_string_is_no_form(contio: FakeContio, flow: Flow, path: str) -> None:
    token = flow.tokens().access_token
    form = {"grant_type": "client_credentials", "token": token}
    secret = {"client_id": "partner_demo", "client_secret": "cs_demo_secret"}
    for query, body in ((form | secret, {}), (secret, form), (form, secret)):
        answer = contio.handle(Request("POST", path, urlencode(query), FORM, urlencode(body).encode()))
        if path == "/oauth2/token" or "token" not in body:
            assert answer.status in (400, 401)
    assert flow.is_active(token) is (path != "/oauth2/revoke")


@pytest.mark.contio(profile={"introspect_requires_client": "yes"})
@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_credentials_in_the_query_string_are_none(contio: FakeContio, path: str) -> None:
    query = urlencode({"client_id": "partner_demo", "client_secret": "cs_demo_secret"})
    answer = contio.handle(Request("POST", path, query, FORM, b"token=x"))
    assert error_of(answer) == (401, "invalid_client")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])
def test_only_post_reaches_the_endpoints_that_take_secrets(
    contio: FakeContio, flow: Flow, method: str, path: str
) -> None:
    query = urlencode({"grant_type": "client_credentials", "token": "x"})
    answer = contio.handle(
        Request(method, path, query, {**FORM, "authorization": flow.basic}, query.encode())
    )
    assert (answer.status, answer.header("allow")) == (405, "POST")


# ---------------------------------------------------------------- scopes


def test_exchanging_a_code_cannot_widen_its_scope(flow: Flow) -> None:
    tokens = flow.exchange(flow.code("openid"), scope="openid profile meetings:write")
    assert tokens.scope == "openid"


def test_the_scopes_of_a_narrowed_token_are_its_own(contio: FakeContio, flow: Flow) -> None:
    tokens = flow.tokens("profile meetings:read")
    narrow = flow.refresh(tokens, "meetings:read")
    assert profile_status(contio, f"Bearer {narrow.access_token}") == 403
    found = contio.control.oauth.introspect({"token": narrow.access_token})
    assert found.scope == "meetings:read"
    assert profile_status(contio, f"Bearer {tokens.access_token}") == 200


@pytest.mark.parametrize(
    "scope",
    ["*", "OPENID", "openid,profile", "openid+meetings:write", "admin", "openid\u00a0x", "read", "a:b:c"],
)
def test_a_scope_that_does_not_exist_is_refused_everywhere(
    contio: FakeContio, flow: Flow, scope: str
) -> None:
    tokens = flow.tokens("openid profile")
    assert landed(flow.get_authorize(scope=scope))[1]["error"] == "invalid_scope"
    for form in (
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token},
    ):
        answer = post(contio, "/oauth2/token", {**form, "scope": scope}, DEMO)
        assert error_of(answer) == (400, "invalid_scope")
    with pytest.raises(BadRequest) as refused:
        flow.consent(scope=scope)
    assert refused.value.code == "invalid_scope"


# ---------------------------------------------------------------- grant types


@pytest.mark.parametrize(
    "grant_type",
    [
        "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "AUTHORIZATION_CODE", "authorization_code ", "refresh_token\n", "client-credentials", "code", "\u00e9", LONG,
    ],
    ids=lambda value: ascii(value[:60]),
)  # fmt: skip
def test_a_grant_type_that_is_not_offered_is_refused_after_the_client_is_known(
    contio: FakeContio, flow: Flow, grant_type: str
) -> None:
    form = {"grant_type": grant_type, "code": "x", "refresh_token": "x"}
    assert error_of(post(contio, "/oauth2/token", form, DEMO)) == (400, "unsupported_grant_type")
    wrong = basic("partner_demo", "wrong")
    assert error_of(post(contio, "/oauth2/token", form, wrong)) == (401, "invalid_client")


# ---------------------------------------------------------------- who the client is

WITH_SECRETS = ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"]
BY_NAME = {
    "/auth/initiate": {"email": "ada@example.com"},
    "/auth/verify": {"email": "ada@example.com", "session": "x", "code": "000000"},
    "/oauth2/check-consent": {"email": "ada@example.com"},
}
HALF = {"grant_type": "client_credentials", "token": "x"}


def encoded(text: str | bytes) -> str:
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


MALFORMED = {
    "empty": "",
    "no credentials": "Basic",
    "a space": "Basic ",
    "not base64": "Basic !!!",
    "not ascii": "Basic \u00e9",
    "half base64": "Basic " + encoded("partner_demo:cs_demo_secret")[:-1],
    "two words": "Basic cGFydG5lcl9kZW1v OmNzX2RlbW9fc2VjcmV0",
    "no colon": "Basic " + encoded("partner_demo"),
    "only a colon": "Basic " + encoded(":"),
    "no secret": "Basic " + encoded("partner_demo:"),
    "no id": "Basic " + encoded(":cs_demo_secret"),
    "not utf-8": "Basic " + encoded(b"partner_demo:\xff\xfe"),
    "id not utf-8": "Basic " + encoded(b"\xff:cs_demo_secret"),
    "nul": "Basic " + encoded("partner_demo:cs_demo_secret\0"),
    "newline": "Basic " + encoded("partner_demo:cs_demo_secret\n"),
    "case of the secret": "Basic " + encoded("partner_demo:CS_DEMO_SECRET"),
    "case of the id": "Basic " + encoded("PARTNER_DEMO:cs_demo_secret"),
    "broken escape": "Basic " + encoded("partner_demo:cs_demo_secret%"),
    "another colon": "Basic " + encoded("partner_demo:cs_demo_secret:"),
    "twice": f"{DEMO}, {DEMO}",
    "long": "Basic " + encoded("partner_demo:" + LONG),
    "another scheme": "Bearer cs_demo_secret",
    "digest": 'Digest username="partner_demo"',
    "no space": DEMO.replace(" ", ""),
    "colon": DEMO.replace(" ", ": "),
    "only credentials": DEMO.removeprefix("Basic "),
}
malformed = pytest.mark.parametrize("authorization", MALFORMED.values(), ids=MALFORMED.keys())


@malformed
@pytest.mark.parametrize("path", [*WITH_SECRETS, *BY_NAME])
def test_a_broken_or_wrong_authorization_header_is_refused(
    contio: FakeContio, path: str, authorization: str
) -> None:
    if path in WITH_SECRETS:
        answer = post(contio, path, HALF, authorization)
    else:
        body = json.dumps({"client_id": "partner_demo", **BY_NAME[path]}).encode()
        answer = contio.handle(Request("POST", path, "", {**JSON, "authorization": authorization}, body))
    if path in BY_NAME and answer.status == 400:
        assert b"client_id differs" in answer.body
    else:
        assert error_of(answer) == (401, "invalid_client")
        assert (answer.header("www-authenticate") or "").startswith("Basic ")
    assert b"cs_demo_secret" not in answer.body
    assert contio.inbox() == []


@pytest.mark.parametrize(
    "authorization", [DEMO, DEMO.replace("Basic", "basic"), DEMO.replace("Basic", "BASIC")]
)
@pytest.mark.parametrize("path", WITH_SECRETS)
def test_the_basic_scheme_has_no_case(contio: FakeContio, path: str, authorization: str) -> None:
    assert post(contio, path, HALF, authorization).status == 200


@pytest.mark.parametrize("path", WITH_SECRETS)
@pytest.mark.parametrize(
    ("authorization", "form"),
    [
        (DEMO, {"client_secret": "cs_demo_secret"}),
        (DEMO, {"client_secret": "wrong"}),
        (DEMO, {"client_id": "partner_demo", "client_secret": "wrong"}),
        (DEMO, {"client_id": "partner_other"}),
        (basic("partner_demo", "wrong"), {"client_id": "partner_demo", "client_secret": "cs_demo_secret"}),
        (basic("nobody", "wrong"), {"client_id": "partner_demo", "client_secret": "cs_demo_secret"}),
    ],
)
def test_two_ways_to_show_oneself_do_not_mix(
    contio: FakeContio, path: str, authorization: str, form: dict[str, str]
) -> None:
    answer = post(contio, path, HALF | form, authorization)
    assert error_of(answer) in ((400, "invalid_request"), (401, "invalid_client"))


ODD = {"client_id": "partner: one/é&+%", "client_secret": "s:ecret +%2B/é"}


@pytest.fixture
def odd(tmp_path: Path) -> FakeContio:
    """An app whose id and secret need RFC 6749's form encoding within Basic."""
    app = {"name": "Odd", "company_name": "Odd", "api_key": "ctio_odd", "webhook_secret": "whs_odd", **ODD}
    file = tmp_path / "odd.json"
    file.write_text(json.dumps({"apps": [app]}), "utf-8")
    return FakeContio(scenario=str(file), check_answers=True)


def test_id_and_secret_work_form_encoded_in_basic(odd: FakeContio) -> None:
    """RFC 6749 2.3.1 and appendix B."""
    header = basic(quote_plus(ODD["client_id"]), quote_plus(ODD["client_secret"]))
    assert post(odd, "/oauth2/token", HALF, header).status == 200
    header = basic(quote(ODD["client_id"], safe=""), quote(ODD["client_secret"], safe=""))
    assert post(odd, "/oauth2/token", HALF, header).status == 200


def test_id_and_secret_work_in_the_body_as_they_are(odd: FakeContio) -> None:
    assert post(odd, "/oauth2/token", HALF | ODD).status == 200
    twice = {name: quote_plus(value) for name, value in ODD.items()}
    assert post(odd, "/oauth2/token", HALF | twice).status == 401


# ---------------------------------------------------------------- sizes and repetitions

QUERY = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
    "login_hint", "nonce", "prompt",
)  # fmt: skip
TOKEN_FORM = (
    "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "scope",
)  # fmt: skip
LOOK_FORM = ("token", "token_type_hint", "client_id", "client_secret")
FORM_NAMES = [
    *(("/oauth2/token", name) for name in TOKEN_FORM),
    *((path, name) for path in ("/oauth2/introspect", "/oauth2/revoke") for name in LOOK_FORM),
]


@pytest.mark.parametrize("name", QUERY)
@pytest.mark.parametrize("second", ["same", "other"])
def test_no_parameter_of_an_authorization_comes_twice(flow: Flow, name: str, second: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    wish = {
        "client_id": "partner_demo",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    }
    first = wish.get(name, "x")
    pairs = [*wish.items(), *([] if name in wish else [(name, first)])]
    query = urlencode([*pairs, (name, first if second == "same" else "http://evil.example/")])
    answer = flow.contio.handle(Request("GET", "/oauth2/authorize", query, {"cookie": cookie}))
    assert error_of(answer) == (400, "invalid_request")
    assert f"{name} was sent more than once".encode() in answer.body


@pytest.mark.parametrize(("path", "name"), FORM_NAMES)
@pytest.mark.parametrize("second", ["", "x"])
def test_no_parameter_of_a_form_comes_twice(
    contio: FakeContio, flow: Flow, path: str, name: str, second: str
) -> None:
    token = flow.tokens().access_token
    form = [("grant_type", "client_credentials"), ("token", token)]
    pairs = [*(pair for pair in form if pair[0] != name), (name, dict(form).get(name, "x")), (name, second)]
    assert error_of(post(contio, path, pairs, DEMO)) == (400, "invalid_request")
    assert flow.is_active(token)


@pytest.mark.parametrize("name", QUERY)
def test_an_oversized_parameter_of_an_authorization_is_answered(flow: Flow, name: str) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    answer = flow.get_authorize(cookie, **{"scope": "openid", name: LONG})
    assert answer.status in (302, 400)
    if name == "state" and answer.status == 302:
        assert landed(answer)[1]["state"] == LONG


@pytest.mark.parametrize(("path", "name"), FORM_NAMES)
def test_an_oversized_parameter_of_a_form_is_answered_and_not_repeated(
    contio: FakeContio, path: str, name: str
) -> None:
    answer = post(contio, path, {**HALF, name: LONG}, None if name.startswith("client_") else DEMO)
    assert answer.status in (200, 400, 401)
    if answer.status >= 400:
        assert len(answer.body) < 2000
    else:
        assert name not in ("client_secret", "grant_type", "scope")


@pytest.mark.parametrize("path", WITH_SECRETS)
def test_a_form_that_is_far_too_large_is_refused(contio: FakeContio, path: str) -> None:
    answer = post(contio, path, {**HALF, "scope": "x" * 1_100_000}, DEMO)
    assert error_of(answer) == (413, "payload_too_large")


def test_an_oversized_state_does_not_hurt_a_live_server(contio_live: Any, browser: httpx2.Client) -> None:
    parts = urlsplit(contio_live.url)
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code", "state": LONG}
    target = f"{parts.path}/oauth2/authorize?{urlencode(wish)}"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as connection:
        head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        with connection.makefile("rb") as stream:
            status = int(stream.read().split(b" ", 2)[1])
    assert status in (302, 400, 414, 431)
    assert browser.get("/oauth2/health").status_code == 200


# ---------------------------------------------------------------- sessions


def test_a_session_id_that_somebody_else_chose_is_never_adopted(flow: Flow) -> None:
    begun = flow.initiate()
    for chosen in ("ses_chosen", begun.session):
        fixed = f"contio_session={chosen}"
        assert landed(flow.get_authorize(fixed, scope="openid"))[0].endswith("/login")
    verified = flow.verify(begun.session)
    assert verified.session_id not in ("ses_chosen", begun.session)
    for chosen in ("ses_chosen", begun.session):
        fixed = f"contio_session={chosen}"
        assert landed(flow.get_authorize(fixed, scope="openid"))[0].endswith("/login")


def test_each_sign_in_opens_a_session_of_its_own(flow: Flow) -> None:
    assert flow.sign_in().session_id != flow.sign_in().session_id


@pytest.mark.contio(profile={"session_lookup": "cookie"})
def test_the_sign_in_handle_is_no_session_cookie(flow: Flow) -> None:
    begun = flow.initiate()
    flow.verify(begun.session)
    with pytest.raises(BadRequest) as refused:
        flow.consent(scope="openid", cookie=f"contio_session={begun.session}")
    assert refused.value.code == "session_expired"


@pytest.mark.contio(profile={"session_lookup": "cookie"})
def test_a_session_of_one_person_completes_no_consent_of_another(contio: FakeContio, flow: Flow) -> None:
    mine = f"contio_session={flow.sign_in().session_id}"
    grace = Flow(contio, email="grace@example.com")
    theirs = f"contio_session={grace.sign_in().session_id}"
    for who, cookie in ((flow, theirs), (grace, mine)):
        with pytest.raises(BadRequest) as refused:
            who.consent(scope="openid", cookie=cookie)
        assert refused.value.code == "session_expired"
    assert flow.consent(scope="openid", cookie=mine).code


@pytest.mark.contio(scenario=TWO_APPS)
@pytest.mark.parametrize("lookup", ["cookie", "cookie_or_email"])
def test_a_session_for_one_app_completes_no_consent_for_another(lookup: str) -> None:
    contio = FakeContio(scenario=TWO_APPS, check_answers=True, profile={"session_lookup": lookup})
    first, second = two(contio)
    cookie = f"contio_session={first.sign_in().session_id}"
    with pytest.raises(BadRequest) as refused:
        second.consent(scope="openid", cookie=cookie)
    assert refused.value.code == "session_expired"
    assert landed(second.get_authorize(cookie, scope="openid"))[0].endswith("/login")


def in_sandbox(contio: FakeContio, name: str, cookie: str) -> Response:
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    return contio.handle(Request("GET", f"/~{name}/oauth2/authorize", urlencode(wish), {"cookie": cookie}))


def test_a_session_of_one_sandbox_is_none_in_another(contio: FakeContio, flow: Flow) -> None:
    contio.control.mock.create_sandbox({"name": "blue"})
    cookie = f"contio_session={flow.sign_in().session_id}"
    assert landed(flow.get_authorize(cookie, scope="openid"))[0] == CALLBACK
    assert landed(in_sandbox(contio, "blue", cookie))[0] == "http://contio.localhost/~blue/login"


def test_the_cookie_of_the_nearer_path_counts(contio: FakeContio, flow: Flow) -> None:
    """A browser sends the cookies of a sandbox and of the server together, the nearer first (RFC 6265 5.4)."""
    contio.control.mock.create_sandbox({"name": "blue", "seed": 7})
    outer = flow.sign_in().session_id
    blue = contio.engine.sandboxes["blue"]
    user = blue.store.users.first("email", "ada@example.com")
    assert user is not None
    inner = blue.sign_ins.begin(blue.app.id, user.id, blue.clock.now()).id
    both = f"contio_session={inner}; contio_session={outer}"
    assert landed(in_sandbox(contio, "blue", f"contio_session={inner}"))[0] == CALLBACK
    assert landed(in_sandbox(contio, "blue", both))[0] == CALLBACK


def test_a_cookie_among_others_is_found(flow: Flow) -> None:
    """Other programs of the same host set cookies too, and not all of them by the book."""
    cookie = f"contio_session={flow.sign_in().session_id}"
    for jar in (
        f"a=b; {cookie}; c=d",
        f'theme={{"dark":true}}; {cookie}',
        f"weird[name]=1; {cookie}",
        f"a b=1; {cookie}",
    ):
        assert landed(flow.get_authorize(jar, scope="openid"))[0] == CALLBACK, jar


# ---------------------------------------------------------------- headers of answers


@pytest.mark.parametrize(
    "what",
    [
        "code", "refresh", "client", "token error", "authorize", "authorize error", "back with an error", "consent",
        "verify", "introspect", "initiate",
    ],
)  # fmt: skip
def test_answers_with_codes_and_tokens_are_not_to_be_stored(
    contio: FakeContio, flow: Flow, what: str
) -> None:
    tokens, code = flow.tokens("profile"), flow.code("profile")
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    calls: dict[str, Any] = {
        "code": lambda: post(contio, "/oauth2/token", grant, DEMO),
        "refresh": lambda: post(contio, "/oauth2/token", refresh, DEMO),
        "client": lambda: post(contio, "/oauth2/token", HALF, DEMO),
        "token error": lambda: post(contio, "/oauth2/token", {**grant, "code": "x"}, DEMO),
        "authorize": lambda: flow.get_authorize(scope="openid"),
        "authorize error": lambda: flow.get_authorize(client_id="nobody"),
        "back with an error": lambda: flow.get_authorize(scope="nonsense"),
        "consent": lambda: _last(contio, lambda: flow.consent(scope="openid")),
        "verify": lambda: _last(contio, flow.sign_in),
        "introspect": lambda: post(contio, "/oauth2/introspect", {"token": tokens.access_token}),
        "initiate": lambda: _last(contio, flow.initiate),
    }
    assert calls[what]().header("cache-control") == "no-store"


def _last(contio: FakeContio, call: Any) -> Response:
    call()
    entry = next(e for e in reversed(contio.requests) if e.operation)
    return Response(entry.status, list(entry.answer_headers), entry.answer_body)


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, "Bearer"),
        ("Basic abc", "Bearer"),
        ("Bearer", "Bearer"),
        ("Bearer nonsense", 'Bearer error="invalid_token"'),
    ],
)
@pytest.mark.parametrize("path", [PROFILE, "/oauth2/userInfo", "/v1/partner/user/meetings"])
def test_a_401_names_the_scheme_and_what_is_wrong(
    contio: FakeContio, path: str, header: str | None, challenge: str
) -> None:
    """RFC 6750 3.1: without credentials no error is named."""
    headers = {} if header is None else {"authorization": header}
    answer = contio.handle(Request("GET", path, "", headers))
    assert (answer.status, answer.header("www-authenticate")) == (401, challenge)


@pytest.mark.parametrize("setting", ["403", "401"])
def test_a_missing_scope_is_named_in_the_challenge(setting: str) -> None:
    contio = FakeContio(check_answers=True, profile={"missing_scope_status": setting})
    with pytest.raises(Refused) as refused:
        contio.client(scope="openid").user.profile.get()
    assert refused.value.status == int(setting)
    challenge = refused.value.response.header("www-authenticate")
    assert challenge == 'Bearer error="insufficient_scope", scope="profile"'


# ---------------------------------------------------------------- the Host header

WRONG_HOSTS = [
    "", " ", "evil.example/path", "evil.example?x", "evil.example#", "user@evil.example", "a b", "a,b", "é", "a\r\nb: c",
    "evil.example:port", "evil.example:", ":80", "[::1", "http://evil.example", "evil.example\\", '"', "<script>", "%65vil",
]  # fmt: skip
DISCOVERY = "/.well-known/openid_configuration"


@pytest.mark.parametrize("host", WRONG_HOSTS, ids=ascii)
def test_a_host_that_is_none_reaches_no_url(flow: Flow, host: str) -> None:
    contio = flow.contio
    told = contio.handle(Request("GET", DISCOVERY, "", {"host": host}))
    assert {urlsplit(u).netloc for u in json.loads(told.body).values() if isinstance(u, str)} == {
        "contio.localhost"
    }
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code"}
    answer = contio.handle(Request("GET", "/oauth2/authorize", urlencode(wish), {"host": host}))
    assert landed(answer)[0] == "http://contio.localhost/login"
    assert_clean(answer)


@pytest.mark.parametrize(
    "host", ["localhost:8787", "127.0.0.1:1", "[::1]:8787", "contio.test", "my_service", "a-b.c"]
)
def test_a_browser_stays_on_the_host_that_it_called(flow: Flow, host: str) -> None:
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code"}
    answer = flow.contio.handle(Request("GET", "/oauth2/authorize", urlencode(wish), {"host": host}))
    assert landed(answer)[0] == f"http://{host}/login"
    told = json.loads(flow.contio.handle(Request("GET", DISCOVERY, "", {"host": host})).body)
    assert told["issuer"] == f"http://{host}"
    assert all(
        told[name].startswith(f"http://{host}/") for name in told if name.endswith(("_endpoint", "_uri"))
    )


@pytest.mark.parametrize(
    "header",
    ["x-forwarded-host", "forwarded", "x-host", "x-forwarded-server", "x-original-host", "x-forwarded-proto"],
)
def test_no_other_header_moves_the_issuer(flow: Flow, header: str) -> None:
    headers = {
        "host": "localhost:8787",
        header: "host=evil.example" if header == "forwarded" else "evil.example",
    }
    told = json.loads(flow.contio.handle(Request("GET", DISCOVERY, "", headers)).body)
    assert told["issuer"] == "http://localhost:8787"
    wish = {"client_id": "partner_demo", "redirect_uri": CALLBACK, "response_type": "code"}
    answer = flow.contio.handle(Request("GET", "/oauth2/authorize", urlencode(wish), headers))
    assert landed(answer)[0] == "http://localhost:8787/login"


@pytest.mark.parametrize("host", ["evil.example/x", "user@evil.example", 'a"><script>', "evil.example//x"])
def test_the_forms_of_a_page_stay_on_their_server_whatever_the_host_says(
    contio_live: Any, browser: httpx2.Client, host: str
) -> None:
    prefix = urlsplit(contio_live.url).path
    for path in ("/login", "/login/code", "/consent"):
        page = browser.get(path, headers={"host": host})
        assert page.status_code in (200, 400)
        for action in re.findall(r'action="([^"]*)"', page.text):
            at = urlsplit(urljoin("http://here" + prefix + path, unescape(action)))
            assert (at.netloc, at.path) == ("here", prefix + path)
        assert "evil.example" not in page.text
