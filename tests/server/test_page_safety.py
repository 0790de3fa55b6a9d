"""What the pages let nobody do: markup in the query, forms of other sites, codes for other machines, junk."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import httpx2
import pytest

from contio_mock import FakeContio
from contio_mock.server.app import ContioApp

from .conftest import Serve
from .signing_in import REDIRECT, authorization, onward, origin, to_consent_page
from .test_asgi import THERE, call

SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("path", ["/login", "/login/code", "/consent"])
def test_nothing_of_the_query_becomes_markup(served: Serve, path: str) -> None:
    _, client = served()
    names = (
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "login_hint",
        "email",
        "session",
        "nonce",
        "unheard_of",
    )
    for text in (SCRIPT, '"><img src=x onerror=alert(1)>', "' onfocus=alert(1) '", "{{ 7 * 7 }}"):
        sent = dict.fromkeys(names, text)
        page = client.get(f"{path}?{urlencode(sent)}")
        assert page.status_code == 400
        assert_plain(page)
        page = client.get(
            f"{path}?{urlencode({**sent, 'client_id': 'partner_demo', 'redirect_uri': REDIRECT})}"
        )
        assert page.status_code == (400 if path == "/consent" else 200)
        assert_plain(page)


def assert_plain(page: httpx2.Response) -> None:
    for raw in ("<script", "<img", "' onfocus", ">49<"):
        assert raw not in page.text


def test_names_of_apps_and_people_do_not_become_markup(served: Serve) -> None:
    contio, client = served()
    store = contio.sandbox.store
    store.apps.replace(contio.sandbox.app, name=SCRIPT)
    store.users.replace(next(iter(store.users)), display_name=SCRIPT)
    login = onward(client, client.get(authorization()))
    consent = to_consent_page(client, "new.person@example.org")
    for page in (login, consent):
        assert SCRIPT not in page.text
        assert html.escape(SCRIPT) in page.text


WISH = authorization().partition("?")[2]
PAGES = (
    "/",
    f"/login?{WISH}",
    f"/login/code?{WISH}&email=ada%40example.com",
    f"/consent?{WISH}&email=ada%40example.com",
    "/login",
    "/~nobody/",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_security_headers(served: Serve, path: str) -> None:
    _, client = served()
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES[:-1])
def test_a_page_needs_no_script_and_nothing_from_elsewhere(served: Serve, path: str) -> None:
    _, client = served()
    page = client.get(path).text
    assert "<script" not in page
    assert " style=" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert style
    assert client.get(style[1]).headers["content-type"].startswith("text/css")


FOREIGN = (
    {"origin": "http://evil.example"},
    {"origin": "http://evil.example", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/login", "/login/code", "/consent"])
def test_a_form_that_another_site_sent_is_refused(served: Serve, path: str, headers: dict[str, str]) -> None:
    contio, client = served()
    query = authorization(scope="openid").partition("?")[2]
    fields = {"email": "ada@example.com", "code": "000000", "decision": "allow"}
    answer = client.post(f"{path}?{query}&email=ada%40example.com", data=fields, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert contio.inbox() == []


def test_where_no_sec_fetch_site_is_sent_a_form_needs_the_cookie_of_a_page_of_ours(served: Serve) -> None:
    """Plain HTTP to another machine: no-referrer makes the Origin null, whoever sends the form."""
    contio, client = served()
    query = authorization().partition("?")[2]
    fields, headers = {"email": "ada@example.com"}, {"origin": "null"}
    assert client.post(f"/login?{query}", data=fields, headers=headers).status_code == 403
    assert contio.inbox() == []
    page = client.get(f"/login?{query}")
    assert "SameSite=strict" in page.headers["set-cookie"]
    assert client.post(f"/login?{query}", data=fields, headers=headers).status_code == 303


def test_an_origin_that_is_none_is_no_server_error(served: Serve) -> None:
    _, client = served()
    query = authorization().partition("?")[2]
    for junk in ("http://[", "", "x", "http://"):
        assert client.post(f"/login?{query}", headers={"origin": junk}).status_code == 403


def test_other_machines_get_no_code_and_no_one_click_unless_the_mock_is_exposed(contio: FakeContio) -> None:
    app, query = ContioApp(contio.engine, exposed=False), authorization().partition("?")[2]
    form = {"content-type": "application/x-www-form-urlencoded"}
    _, _, login = call(app, "GET", f"/login?{query}", client=THERE)
    assert b"one_click" not in login
    body = b"one_click=ada%40example.com"
    status, _, refused = call(app, "POST", f"/login?{query}", client=THERE, headers=form, body=body)
    assert status == 400
    assert b"one click works on the machine of the mock only" in refused
    assert contio.inbox() == []
    status, headers, _ = call(
        app, "POST", f"/login?{query}", client=THERE, headers=form, body=b"email=ada%40example.com"
    )
    assert status == 303
    _, _, page = call(app, "GET", headers["location"], client=THERE)
    assert contio.inbox()[0].code.encode() not in page
    assert b"mock-code" not in page
    _, _, welcome = call(app, "GET", "/", client=THERE)
    assert b"cs_demo_secret" not in welcome


def test_a_redirect_uri_that_cannot_be_read_is_no_server_error(served: Serve) -> None:
    _, client = served()
    for uri in ("http://[", "http://localhost:x/callback", "\x00", "//", ""):
        page = client.get(authorization(redirect_uri=uri), headers={"accept": "text/html"})
        assert page.status_code == 400
        assert "What is registered" in page.text


def test_a_form_may_lead_to_an_app_with_a_uri_scheme_of_its_own(served: Serve) -> None:
    contio, client = served()
    own = "com.example.app:/callback"
    contio.sandbox.store.apps.replace(contio.sandbox.app, redirect_uris=(own, REDIRECT))
    policies = [
        onward(client, client.get(authorization(redirect_uri=uri))).headers["content-security-policy"]
        for uri in (own, REDIRECT)
    ]
    assert ["com.example.app:" in policy for policy in policies] == [True, False]


def test_consent_needs_a_sign_in(served: Serve) -> None:
    _, client = served()
    query = authorization().partition("?")[2]
    answer = client.post(f"/consent?{query}&email=ada%40example.com", data={"decision": "allow"})
    assert answer.status_code == 400
    assert "expired" in answer.text


def test_consent_belongs_to_who_signed_in(served: Serve) -> None:
    """A browser signed in as one person cannot consent for another."""
    _, client = served(profile={"session_lookup": "cookie"})
    to_consent_page(client, "alan@example.com")
    query = authorization().partition("?")[2]
    answer = client.post(f"/consent?{query}&email=ada%40example.com", data={"decision": "allow"})
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"&" * 100, b"x" * 20_000, b"a=b&" * 60, b"code=%ff"])
def test_junk_in_a_form_is_no_server_error(served: Serve, body: bytes) -> None:
    _, client = served()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    query = authorization().partition("?")[2]
    for path in ("/login", "/login/code", "/consent"):
        assert client.post(f"{path}?{query}", content=body, headers=headers).status_code in (303, 400)


@pytest.mark.parametrize("query", ["%", "%ff", "a=%00", "email=%00", "scope=%00", "&&=", "email=%ED%A0%80"])
def test_junk_in_the_query_of_a_page_is_no_server_error(served: Serve, query: str) -> None:
    _, client = served()
    valid = "response_type=code&client_id=partner_demo&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback"
    for path in ("/", "/login", "/login/code", "/consent"):
        for sent in (query, f"{query}&{valid}"):
            assert client.get(httpx2.URL(f"{origin(client)}{path}?{sent}")).status_code < 500
