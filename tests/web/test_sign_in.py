"""From the partner's app through e-mail address, code and consent, and back."""

from __future__ import annotations

import httpx2
import pytest

from .conftest import Visit
from .journey import STATE, Journey
from .partner_app import PartnerApp

ADA, ALAN = "Ada Lovelace", "Alan Turing"


def tokens(journey: Journey, code: str) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": journey.partner.callback}
    url, demo = f"{journey.url}/oauth2/token", ("partner_demo", "cs_demo_secret")
    with httpx2.Client(trust_env=False) as client:
        return client.post(url, data=form, auth=demo)


def test_a_typed_address_and_code_lead_to_consent_and_back_with_a_code_that_works(journey: Journey) -> None:
    journey.start()
    journey.ask_for_code("new.person@example.org")
    assert journey.shown_code() == journey.contio.inbox()[0].code
    journey.type_code()
    assert journey.heading == "Demo Integration asks for access"
    journey.press("Allow")
    handed = journey.handed()
    assert handed["state"] == STATE
    granted = tokens(journey, handed["code"]).json()
    assert granted["scope"] == "openid profile meetings:read meetings:write"


def test_the_whole_sign_in_works_without_javascript(visit: Visit) -> None:
    journey = visit(java_script_enabled=False)
    journey.to_consent()
    journey.press("Allow")
    assert tokens(journey, journey.handed()["code"]).status_code == 200


def test_one_click_signs_in_and_goes_straight_on(journey: Journey) -> None:
    journey.start()
    journey.click_person(ALAN)
    assert journey.heading == "Demo Integration asks for access"
    assert journey.page.get_by_text("alan@example.com").is_visible()
    journey.press("Allow")
    assert set(journey.handed()) == {"code", "state"}


def test_one_click_of_somebody_who_has_consented_leads_straight_back(journey: Journey) -> None:
    journey.open()
    journey.click_person(ADA)
    assert set(journey.handed()) == {"code", "state"}


def test_nobody_is_asked_for_consent_twice(journey: Journey, visit: Visit) -> None:
    journey.to_consent()
    journey.press("Allow")
    first = journey.handed()["code"]
    assert tokens(journey, first).status_code == 200
    journey.start()  # signed in by the cookie
    assert journey.handed()["code"] != first
    elsewhere = visit()
    elsewhere.to_consent()
    assert set(elsewhere.handed()) == {"code", "state"}


def test_refusing_leads_back_with_access_denied_and_the_state(journey: Journey) -> None:
    journey.to_consent()
    journey.press("Refuse")
    handed = journey.handed()
    assert handed["error"] == "access_denied"
    assert handed["state"] == STATE
    assert "code" not in handed


def test_another_account_can_be_used_until_the_last_step(journey: Journey) -> None:
    journey.to_consent()
    journey.follow("Use another account")
    journey.click_person(ALAN)
    assert "alan@example.com" in journey.page.get_by_role("main").inner_text()
    journey.press("Allow")
    grant = tokens(journey, journey.handed()["code"]).json()
    with httpx2.Client(trust_env=False) as client:
        headers = {"authorization": f"Bearer {grant['access_token']}"}
        told = client.get(f"{journey.url}/oauth2/userInfo", headers=headers).json()
    assert told["name"] == ALAN


def test_a_login_hint_locks_the_address(journey: Journey) -> None:
    journey.open(login_hint="alan@example.com")
    address = journey.page.get_by_label("E-mail address")
    assert address.input_value() == "alan@example.com"
    assert not address.is_editable()
    assert journey.page.get_by_role("button", name=ADA).count() == 0
    journey.press("Send me a code")
    journey.type_code()
    assert journey.page.get_by_role("link", name="Use another account").count() == 0
    journey.press("Allow")
    assert "code" in journey.handed()


def test_a_locked_address_cannot_be_changed_by_force(journey: Journey) -> None:
    journey.open(login_hint="alan@example.com")
    journey.page.eval_on_selector("#email", "field => { field.readOnly = false }")
    journey.ask_for_code("ada@example.com")
    assert "asks for alan@example.com" in journey.alert
    assert journey.contio.inbox() == []


def test_the_keyboard_alone_is_enough(journey: Journey) -> None:
    page, keyboard = journey.page, journey.page.keyboard
    journey.partner.offer(journey.authorization())
    page.goto(journey.partner.url)
    keyboard.press("Tab")
    keyboard.press("Enter")
    page.wait_for_url("**/login?*")
    keyboard.type("new.person@example.org")  # the field has the focus
    keyboard.press("Tab")
    keyboard.press("Enter")
    page.wait_for_url("**/login/code?*")
    keyboard.type(journey.shown_code())
    keyboard.press("Enter")
    page.wait_for_url("**/consent?*")
    tab_to(journey, "Allow")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keyboard.press("Enter")
    page.wait_for_url("**/callback?*")
    assert set(journey.handed()) == {"code", "state"}


def tab_to(journey: Journey, text: str) -> None:
    """Press Tab until the focus is on what says so; few stops lie before it."""
    for _ in range(4):
        journey.page.keyboard.press("Tab")
        if journey.page.evaluate("document.activeElement.innerText") == text:
            return
    pytest.fail(f"{text} is not reached by Tab")


def test_a_sandbox_below_a_prefix_has_a_sign_in_of_its_own(visit: Visit, partner: PartnerApp) -> None:
    journey = visit(at="{}/~blue")
    make = {"name": "blue", "redirect_uris": [partner.callback]}
    with httpx2.Client(trust_env=False) as client:
        assert client.post(f"{journey.url}/../_mock/sandboxes", json=make).status_code == 201
    journey.open()
    journey.click_person(ALAN)
    assert "/~blue/consent?" in journey.page.url
    assert journey.cookie_path == "/~blue/"
    journey.press("Allow")
    assert tokens(journey, journey.handed()["code"]).status_code == 200
    assert journey.contio.inbox() == []


def test_a_mock_on_another_machine_works_over_plain_http(journey: Journey, visit: Visit) -> None:
    """Browsers send no Sec-Fetch-Site there, and an Origin of null."""
    remote = visit(at=journey.url.replace("127.0.0.1", "contio.test"))
    remote.to_consent()
    remote.press("Allow")
    assert set(remote.handed()) == {"code", "state"}


def test_an_app_with_a_uri_scheme_of_its_own_is_reached(journey: Journey) -> None:
    own, store = "com.example.partner:/callback", journey.contio.sandbox.store
    store.apps.replace(journey.contio.sandbox.app, redirect_uris=(own,))
    journey.page.goto(journey.authorization(redirect_uri=own))
    journey.click_person(ADA)
    assert journey.asked[-1].startswith(f"{own}?code=")
