"""The pages of single sign-on: for whom they are, and what they do not take."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest

from contio_mock import FakeContio
from contio_mock.contract.simulate_idp import SsoSetUp
from contio_mock.server.app import ContioApp

from .conftest import Serve
from .test_asgi import THERE, call

LANDING, PROVIDER = "/p/demo-integration", "/_mock/idp/authorize"
SCRIPT = "<script>alert(1)</script>"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def ready(client: httpx2.Client) -> str:
    """The address of the built-in provider's page, asked to sign somebody in."""
    assert client.post("/_mock/simulate/sso-ready", json={}).status_code == 200
    began = client.get("/v1/partner/sso/initiate", params={"slug": "demo-integration"}).json()
    return str(began["authorization_url"])


@pytest.fixture
def app(contio: FakeContio) -> ContioApp:
    return ContioApp(contio.engine, exposed=False)


def test_other_machines_may_land_but_not_set_up_or_be_anybody(contio: FakeContio, app: ContioApp) -> None:
    status, _, page = call(app, "GET", LANDING, client=THERE)
    assert (status, b"<form" in page) == (200, False)
    assert call(app, "POST", LANDING, client=THERE, headers=FORM)[0] == 404
    assert list(contio.sandbox.store.idp_configs) == []
    contio.control.mock.simulate.sso_ready(SsoSetUp())
    asked = contio.control.sso.initiate(slug="demo-integration")
    target = PROVIDER + "?" + urlsplit(asked.authorization_url).query
    for method in ("GET", "POST"):
        status, _, page = call(app, method, target, client=THERE, headers=FORM, body=b"email=ada@example.com")
        assert status == 404
        assert b"--expose" in page
    assert list(contio.sandbox.store.idp_codes) == []
    assert call(app, "GET", target)[0] == 200
    assert call(ContioApp(contio.engine, exposed=True), "GET", target, client=THERE)[0] == 200
    status, _, page = call(app, "GET", "/p/nobody", client=THERE)
    assert (status, b"demo-integration" in page) == (404, False)


@pytest.mark.parametrize("text", [SCRIPT, '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "x" * 900, "\0"])
def test_nothing_of_the_query_becomes_markup(served: Serve, text: str) -> None:
    _, client = served()
    address = ready(client)
    wish = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    names = ("error", "error_description", "session_id", "target", "login_hint", "auto")
    pages = [
        client.get(LANDING, params=dict.fromkeys(names, text)),
        client.get(LANDING, params={"target": text, "login_hint": text}),
        client.get("/p/" + quote(text.replace("/", ""), safe="")),
        client.get(PROVIDER, params=dict.fromkeys(wish, text)),
        client.get(PROVIDER, params={**wish, "scope": text, "login_hint": text, "nonce": text}),
    ]
    for page in pages:
        assert page.status_code in (200, 400, 404)
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for raw in ("<script", "<img", ">49<"):
            assert raw not in page.text


def test_names_do_not_become_markup(served: Serve) -> None:
    contio, client = served()
    address = ready(client)
    store = contio.sandbox.store
    store.apps.replace(contio.sandbox.app, name=SCRIPT)
    store.idp_configs.replace(next(iter(store.idp_configs)), name=SCRIPT)
    for page in (client.get(LANDING), client.get(address)):
        assert SCRIPT not in page.text
        assert html.escape(SCRIPT) in page.text


@pytest.mark.parametrize("path", [LANDING, f"{LANDING}?error=x", "/p/nobody", PROVIDER, "/~nobody/p/x"])
def test_every_page_has_security_headers(served: Serve, path: str) -> None:
    _, client = served()
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}, {"origin": "null"}]
)
def test_forms_of_other_sites_are_refused(served: Serve, headers: dict[str, str]) -> None:
    contio, client = served()
    assert client.post(LANDING, headers=headers).status_code == 403
    assert list(contio.sandbox.store.idp_configs) == []
    address = ready(client)
    client.cookies.clear()
    page = client.post(address, data={"one_click": "ada@example.com"}, headers=headers)
    assert page.status_code == 403
    assert list(contio.sandbox.store.idp_codes) == []


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"email=", b"email=%00", b"a" * 50_000, b"&&&=", b"one_click=%F0%9F%92%A5"]
)
def test_a_form_that_says_nobody_is_asked_again(served: Serve, body: bytes) -> None:
    _, client = served()
    page = client.post(ready(client), content=body, headers=FORM)
    assert page.status_code == 400
    assert "Who are you?" in page.text


def test_a_name_that_is_too_long_is_refused_in_words(served: Serve) -> None:
    _, client = served()
    page = client.post(ready(client), data={"email": "a@example.com", "name": "x" * 300})
    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.parametrize("target", ["mobile", "meeting:1", "https://evil.test", "meeting:" + "a" * 9000])
def test_a_target_that_is_none_is_said_and_goes_nowhere(served: Serve, target: str) -> None:
    _, client = served()
    ready(client)
    page = client.get(LANDING, params={"target": target, "auto": "true"})
    assert page.status_code == 400
    assert "target must be" in page.text


def test_auto_waits_where_there_is_no_provider_or_no_app(served: Serve) -> None:
    contio, client = served()
    page = client.get(LANDING, params={"auto": "true"})
    assert (page.status_code, "no active identity provider" in page.text) == (200, True)
    ready(client)
    assert client.get(LANDING, params={"auto": "true"}).status_code == 303
    contio.sandbox.store.apps.replace(contio.sandbox.app, status="suspended")
    page = client.get(LANDING, params={"auto": "true"})
    assert (page.status_code, "is suspended" in page.text) == (400, True)


def test_a_session_of_another_app_is_not_shown(served: Serve) -> None:
    contio, client = served()
    ready(client)
    app, sessions = contio.sandbox.app, contio.sandbox.store.sso_sessions
    session = sessions.replace(next(iter(sessions)), app_id="another", status="completed")
    assert "Sign in with" in client.get(LANDING, params={"session_id": session.id}).text
    sessions.replace(session, app_id=app.id)
    assert "You are signed in" in client.get(LANDING, params={"session_id": session.id}).text


def test_a_provider_that_is_configured_is_not_replaced_by_the_button(served: Serve) -> None:
    contio, client = served()
    ready(client)
    before = next(iter(contio.sandbox.store.idp_configs))
    page = client.post(LANDING + "?target=desktop")
    assert page.status_code == 303
    assert page.headers["location"] == f"{LANDING}?target=desktop"
    assert next(iter(contio.sandbox.store.idp_configs)) is before


def test_a_fault_is_told_on_a_page(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(operation="getSsoInfo", status=503)
    page = client.get(LANDING)
    assert page.status_code == 503
    assert "Contio does not answer" in page.text


def test_other_methods_are_no_pages(served: Serve) -> None:
    _, client = served()
    assert client.delete(PROVIDER).status_code == 404
    assert client.put(LANDING).status_code == 404
    assert client.head(LANDING).status_code == 200
