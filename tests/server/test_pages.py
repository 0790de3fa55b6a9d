"""The sign-in pages, as a browser without scripts goes through them."""

from __future__ import annotations

import html

import pytest

from contio_mock import FakeContio

from .conftest import Serve, browser
from .signing_in import (
    REDIRECT,
    authorization,
    form,
    onward,
    returned,
    shown_code,
    submit,
    to_code_page,
    to_consent_page,
)

SCRIPT = "<script>alert(1)</script>"


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


def test_a_mail_without_a_code_hides_no_code(served: Serve) -> None:
    profile = {"webhook_disable_after_abandoned": 1, "webhook_retry_schedule": []}
    contio, client = served(webhook_url="http://localhost:9/", profile=profile)
    page = to_code_page(client, "partners@example.com")
    right = shown_code(page)
    client.post("/_mock/events", json={"type": "meeting.created", "user": "ada@example.com"})
    client.post("/_mock/webhooks/settle")
    assert contio.inbox("partners@example.com")[0].code == ""
    wrong = submit(client, page, code="000000" if right != "000000" else "111111")
    assert shown_code(wrong) == right


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


def test_one_click_signs_in_and_needs_no_code(served: Serve) -> None:
    contio, client = served()
    login = onward(client, client.get(authorization()))
    consent = onward(client, submit(client, login, one_click="alan@example.com"))
    assert "asks for access" in consent.text
    assert len(contio.inbox("alan@example.com")) == 1
    assert "code" in returned(submit(client, consent, decision="allow"))


@pytest.mark.parametrize("fields", [{"email": "ada@example.com"}, {"one_click": "ada@example.com"}, {}])
def test_a_locked_address_refuses_every_other_one(served: Serve, fields: dict[str, str]) -> None:
    contio, client = served()
    login = onward(client, client.get(authorization(login_hint="grace@example.com")))
    refused = submit(client, login, **fields)
    assert refused.status_code == 400
    assert "The app asks for grace@example.com" in refused.text
    assert contio.inbox() == []


@pytest.mark.parametrize("path", ["/login/code", "/consent"])
def test_a_locked_address_stays_locked_on_later_pages(served: Serve, path: str) -> None:
    _, client = served()
    query = authorization(login_hint="grace@example.com").partition("?")[2]
    page = client.get(f"{path}?{query}&email=ada%40example.com")
    assert page.status_code == 400
    assert "asks for grace@example.com, not for ada@example.com" in page.text


def test_the_case_of_a_locked_address_does_not_matter(served: Serve) -> None:
    _, client = served()
    assert (
        "asks for access" in to_consent_page(client, "alan@example.com", login_hint="Alan@Example.com").text
    )


def test_a_login_hint_that_is_no_address_locks_nobody_out(served: Serve) -> None:
    _, client = served()
    login = onward(client, client.get(authorization(login_hint="ada")))
    assert "readonly" not in login.text
    assert "asks for access" in to_consent_page(client, "alan@example.com", login_hint="ada").text


def test_a_code_may_be_typed_with_spaces(served: Serve) -> None:
    _, client = served()
    page = to_code_page(client, "new.person@example.org")
    code = shown_code(page)
    assert submit(client, page, code=f" {code[:3]} {code[3:]} ").status_code == 303


@pytest.mark.parametrize("path", ["/login", "/login/code", "/consent"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_without_a_known_client_or_redirect_uri_says_so_at_once(
    served: Serve, method: str, path: str
) -> None:
    contio, client = served()
    for changed in ({"client_id": "nobody"}, {"redirect_uri": "http://localhost:3000/Callback"}):
        query = authorization(**changed).partition("?")[2]
        page = client.request(method, f"{path}?{query}&email=ada%40example.com")
        assert page.status_code == 400
        assert "What is registered" in page.text
    assert "differs in path" in page.text
    assert contio.inbox() == []


def test_the_page_of_an_error_tells_how_to_register_a_redirect_uri(served: Serve) -> None:
    _, client = served()
    sent = authorization(redirect_uri="https://localhost:4000/callback/?a=b")
    page = html.unescape(client.get(sent, headers={"accept": "text/html"}).text)
    assert "differs in scheme, port, trailing slash, query" in page
    assert "contio-mock serve --redirect-uri 'https://localhost:4000/callback/?a=b'" in page


@pytest.mark.parametrize("operation", ["initiatePartnerAuth", "verifyPartnerAuth"])
@pytest.mark.parametrize("fault", [{"status": 503}, {"malformed": True}])
def test_a_fault_in_the_sign_in_is_told_on_the_page(
    served: Serve, operation: str, fault: dict[str, object]
) -> None:
    contio, client = served()
    login = onward(client, client.get(authorization()))
    contio.faults.add(operation=operation, **fault)
    page = submit(client, login, one_click="alan@example.com")
    assert page.status_code in (502, 503)
    assert 'role="alert"' in page.text


def test_the_consent_page_needs_a_sign_in(served: Serve) -> None:
    _, client = served()
    page = client.get(f"/consent?{authorization().partition('?')[2]}&email=ada%40example.com")
    assert page.status_code == 400
    assert "Sign in again" in page.text


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


def test_the_welcome_page_of_an_empty_sandbox_is_of_use_too(served: Serve) -> None:
    contio, client = served(scenario="empty")
    contio.sandbox.store.apps.replace(contio.sandbox.app, redirect_uris=())
    page = client.get("/").text
    assert "none; add one with <code>--redirect-uri</code>" in page
    assert "contio-mock token ada@example.com" in page
