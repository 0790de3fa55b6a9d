"""The sign-in pages, as a browser without scripts goes through them."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from contio_mock import FakeContio

from .conftest import Serve, browser

REDIRECT = "http://localhost:3000/callback"
SCRIPT = "<script>alert(1)</script>"


def authorization(**changed: str) -> str:
    wish = {
        "response_type": "code",
        "client_id": "partner_demo",
        "redirect_uri": REDIRECT,
        "scope": "openid profile",
        "state": "a state & more",
    }
    return "/oauth2/authorize?" + urlencode({**wish, **changed})


def onward(client: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Follow one redirect within the mock, as a browser does."""
    assert answer.status_code in (302, 303), answer.text
    target = urlsplit(answer.headers["location"])
    assert target.netloc in ("", urlsplit(str(client.base_url)).netloc)
    return client.get(str(httpx2.URL(str(client.base_url)).join(f"{target.path}?{target.query}")))


def form(page: httpx2.Response) -> str:
    """Where the page's first form goes."""
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found, page.text
    return str(httpx2.URL(str(page.url)).join(html.unescape(found[1])))


def submit(client: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    headers = {"origin": origin(client), "sec-fetch-site": "same-origin"}
    return client.post(form(page), data=fields, headers=headers)


def origin(client: httpx2.Client) -> str:
    parts = urlsplit(str(client.base_url))
    return f"{parts.scheme}://{parts.netloc}"


def shown_code(page: httpx2.Response) -> str:
    found = re.search(r'id="mock-code">(\d{6})<', page.text)
    assert found, page.text
    return found[1]


def to_code_page(client: httpx2.Client, email: str, **wish: str) -> httpx2.Response:
    login = onward(client, client.get(authorization(**wish)))
    assert login.status_code == 200
    return onward(client, submit(client, login, email=email))


def to_consent_page(client: httpx2.Client, email: str, **wish: str) -> httpx2.Response:
    code = to_code_page(client, email, **wish)
    return onward(client, submit(client, code, code=shown_code(code)))


def returned(answer: httpx2.Response) -> dict[str, str]:
    """What the redirect URI gets."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT + "?")
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}


def test_a_new_user_signs_in_consents_and_comes_back_with_a_code_that_works(served: Serve) -> None:
    _, client = served()
    consent = to_consent_page(client, "new.person@example.org")
    assert "Demo Integration asks for access" in consent.text
    assert "Read your profile" in consent.text
    back = returned(submit(client, consent, decision="allow"))
    assert back["state"] == "a state & more"
    grant = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT}
    tokens = client.post("/oauth2/token", data=grant, auth=("partner_demo", "cs_demo_secret")).json()
    assert tokens["scope"] == "openid profile"
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/oauth2/userInfo", headers=headers).json()["name"] == "New Person"


def test_refusing_goes_back_with_access_denied_and_the_state(served: Serve) -> None:
    _, client = served()
    back = returned(submit(client, to_consent_page(client, "alan@example.com"), decision="deny"))
    assert back["error"] == "access_denied"
    assert back["state"] == "a state & more"
    assert "code" not in back


def test_a_form_without_a_decision_refuses(served: Serve) -> None:
    _, client = served()
    back = returned(submit(client, to_consent_page(client, "alan@example.com")))
    assert back["error"] == "access_denied"


def test_who_has_consented_before_is_not_asked_again(served: Serve) -> None:
    _, client = served()
    code = to_code_page(client, "ada@example.com")
    assert "code" in returned(submit(client, code, code=shown_code(code)))
    again = client.get(authorization())  # signed in by the cookie
    assert again.status_code == 302
    assert again.headers["location"].startswith(f"{REDIRECT}?code=")


def test_prompt_consent_asks_again(served: Serve) -> None:
    _, client = served()
    assert "asks for access" in to_consent_page(client, "ada@example.com", prompt="consent").text


def test_a_login_hint_fills_in_the_address_and_locks_it(served: Serve) -> None:
    _, client = served()
    login = onward(client, client.get(authorization(login_hint="grace@example.com")))
    assert 'value="grace@example.com" readonly' in login.text
    assert "ada@example.com" not in login.text


def test_the_sign_in_page_offers_the_people_of_the_sandbox(served: Serve) -> None:
    _, client = served()
    assert "Ada Lovelace" in onward(client, client.get(authorization())).text


def test_a_wrong_code_is_said_and_the_right_one_still_works(served: Serve) -> None:
    _, client = served()
    page = to_code_page(client, "new.person@example.org")
    right = shown_code(page)
    wrong = submit(client, page, code="000000" if right != "000000" else "111111")
    assert wrong.status_code == 400
    assert "wrong" in wrong.text
    assert "asks for access" in onward(client, submit(client, page, code=right)).text


def test_too_many_wrong_codes_end_the_sign_in(served: Serve) -> None:
    _, client = served(profile={"one_time_code_attempts": 2})
    page = to_code_page(client, "new.person@example.org")
    right = shown_code(page)
    for _ in range(2):
        submit(client, page, code=f"{(int(right) + 1) % 1_000_000:06d}")
    ended = submit(client, page, code=right)
    assert ended.status_code == 400
    assert "ask for a new one" in ended.text


def test_a_code_expires_after_three_minutes(served: Serve) -> None:
    contio, client = served()
    page = to_code_page(client, "new.person@example.org")
    contio.clock.advance("181s")
    late = submit(client, page, code=shown_code(page))
    assert late.status_code == 400
    assert "expired" in late.text


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@example.com", SCRIPT])
def test_what_is_no_address_is_said_on_the_page(served: Serve, email: str) -> None:
    _, client = served()
    page = submit(client, onward(client, client.get(authorization())), email=email)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert SCRIPT not in page.text


@pytest.mark.parametrize(
    "changed", [{"client_id": "nobody"}, {"redirect_uri": "http://evil.example/"}, {"client_id": SCRIPT}]
)
def test_a_browser_that_cannot_be_sent_back_gets_a_page(served: Serve, changed: dict[str, str]) -> None:
    _, client = served()
    page = client.get(authorization(**changed), headers={"accept": "text/html"})
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")
    assert "This sign-in cannot go on" in page.text
    assert SCRIPT not in page.text
    assert client.get(authorization(**changed)).json()["code"], "a program gets JSON"


def test_other_mistakes_go_back_to_the_app(served: Serve) -> None:
    _, client = served()
    answer = client.get(authorization(scope="everything"), headers={"accept": "text/html"})
    assert answer.status_code == 302
    assert "error=invalid_scope" in answer.headers["location"]


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
        page = client.get(f"{path}?{urlencode(dict.fromkeys(names, text))}")
        assert page.status_code == 200
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


PAGES = (
    "/",
    "/login",
    "/login/code?email=ada%40example.com",
    "/consent?email=ada%40example.com",
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


@pytest.mark.parametrize("path", PAGES[:4])
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
    for path in ("/", "/login", "/login/code", "/consent"):
        assert client.get(httpx2.URL(origin(client) + path + "?" + query)).status_code < 500


def test_a_sandbox_has_its_own_sign_in(served: Serve) -> None:
    contio, client = served()
    made = client.post("/_mock/sandboxes", json={"name": "blue"}).json()
    with browser(made["base_url"]) as blue:
        login = onward(blue, blue.get(authorization()))
        assert "/~blue/static/contio-mock.css" in login.text
        assert form(login).startswith(made["base_url"])
        code = onward(blue, submit(blue, login, email="new.person@example.org"))
        assert code.url.path == "/~blue/login/code"
        consent = onward(blue, submit(blue, code, code=shown_code(code)))
        back = returned(submit(blue, consent, decision="allow"))
        grant = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT}
        demo = ("partner_demo", "cs_demo_secret")
        assert client.post("/oauth2/token", data=grant, auth=demo).status_code == 400
        assert blue.post("/oauth2/token", data=grant, auth=demo).status_code == 200
        assert "Contio is running" in blue.get("/").text
    assert isinstance(contio, FakeContio)
    assert contio.inbox() == []


def test_the_welcome_page_shows_what_a_developer_needs(served: Serve) -> None:
    _, client = served()
    page = client.get("/").text
    for word in ("Contio is running", "partner_demo", "cs_demo_secret", str(client.base_url).rstrip("/")):
        assert word in page
