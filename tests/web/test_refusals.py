"""What the pages say when something is wrong, and how a person gets on from there."""

from __future__ import annotations

import pytest

from .conftest import Visit
from .journey import Journey


def test_after_three_wrong_codes_the_right_one_still_works(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("new.person@example.org")
    for left in (4, 3, 2):
        journey.type_wrong_code()
        assert f"{left} more attempts" in journey.alert
    assert journey.page.get_by_label("One-time code").get_attribute("aria-invalid") == "true"
    journey.type_code()
    assert journey.heading == "Demo Integration asks for access"


@pytest.mark.contio(profile={"one_time_code_attempts": 3})
def test_after_too_many_wrong_codes_a_new_one_is_offered(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("new.person@example.org")
    for _ in range(3):
        journey.type_wrong_code()
    assert "Too many wrong one-time codes" in journey.alert
    assert journey.page.get_by_label("One-time code").count() == 0
    journey.press("Send a new code")
    journey.type_code()
    journey.press("Allow")
    assert "code" in journey.handed()


def test_after_an_expired_code_a_new_one_is_offered(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("new.person@example.org")
    journey.contio.clock.advance("4m")
    journey.type_code()
    assert "expired after 3 minutes" in journey.alert
    journey.press("Send a new code")
    journey.type_code()
    assert journey.heading == "Demo Integration asks for access"


@pytest.mark.parametrize("step", ["Allow", "reload"])
def test_a_sign_in_that_expired_before_the_consent_begins_again(journey: Journey, step: str) -> None:
    journey.to_consent()
    journey.contio.clock.advance("31m")
    if step == "reload":
        journey.page.reload()
    else:
        journey.press(step)
    assert journey.heading == "Your sign-in has expired"
    assert "30 minutes" in journey.alert
    journey.follow("Sign in again")
    journey.ask_for_code("new.person@example.org")
    journey.type_code()
    journey.press("Allow")
    assert journey.handed()["state"] == "a state & more"


def test_an_unregistered_redirect_uri_is_set_beside_the_registered_ones(journey: Journey) -> None:
    sent = journey.partner.callback + "/"
    journey.open(redirect_uri=sent)
    text = journey.page.get_by_role("main").inner_text()
    assert "Demo Integration has not registered the redirect URI" in journey.alert
    for expected in (
        sent,
        journey.partner.callback,
        "differs in trailing slash",
        "http://localhost:3000/callback",
    ):
        assert expected in text
    assert f"contio-mock serve --redirect-uri '{sent}'" in text
    assert journey.page.url.startswith(journey.url)


@pytest.mark.parametrize("client_id", ["somebody-else", None])
def test_an_unknown_client_is_told_which_there_are(journey: Journey, client_id: str | None) -> None:
    journey.open(client_id=client_id)
    text = journey.page.get_by_role("main").inner_text()
    assert journey.heading == "This sign-in cannot go on"
    assert client_id or "no client_id" in text
    assert "partner_demo" in text


def test_what_is_no_address_is_said_beside_the_field(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("ada@example")  # a browser takes it
    assert journey.alert == "Enter an e-mail address such as ada@example.com."
    address = journey.page.get_by_label("E-mail address")
    assert address.get_attribute("aria-invalid") == "true"
    assert address.input_value() == "ada@example"


@pytest.mark.parametrize("host", ["127.0.0.1", "contio.test"])
def test_a_form_of_another_site_does_nothing(journey: Journey, visit: Visit, host: str) -> None:
    victim = visit(at=journey.url.replace("127.0.0.1", host))
    victim.to_consent("alan@example.com")
    victim.partner.forge(victim.page.url, decision="allow")
    victim.page.goto(victim.partner.url)
    victim.press("Win")
    assert victim.heading == "Not from here"
    assert "another site" in victim.alert
