"""Single sign-on in a browser: the welcome page, a partner's landing page, the built-in provider, and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from .conftest import Visit
from .journey import Journey

ADA, ALAN = "Ada Lovelace", "Alan Turing"
BUILT_IN = "Continue with Built-in IdP"
MEETING = "meeting:7d4c3e8a-1111-4222-8333-444455556666"


def landing(journey: Journey, **query: str) -> None:
    journey.page.goto(f"{journey.url}/p/demo-integration?{urlencode(query)}")


def to_provider(journey: Journey, **query: str) -> None:
    landing(journey)
    if journey.page.get_by_role("button", name="Use the built-in IdP").count():
        journey.press("Use the built-in IdP")
    landing(journey, **query)
    if "auto" not in query:
        journey.follow(BUILT_IN)
    assert journey.heading == "Who are you?"


def query_of(journey: Journey) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(journey.page.url).query).items()}


def status(journey: Journey) -> dict[str, Any]:
    answer = journey.page.request.get(
        f"{journey.url}/v1/partner/sso/session/{query_of(journey)['session_id']}"
    )
    return dict(answer.json())


def test_from_the_welcome_page_it_takes_two_clicks_and_a_person(journey: Journey) -> None:
    journey.page.goto(journey.url)
    journey.press("Try single sign-on")
    assert journey.heading == "Sign in with Demo Integration"
    journey.follow(BUILT_IN)
    journey.click_person(ADA)
    assert journey.heading == "You are signed in"
    assert ADA in journey.page.get_by_role("main").inner_text()
    ada = journey.contio.sandbox.store.users.first("email", "ada@example.com")
    assert ada is not None
    assert status(journey) == {"status": "completed", "target": "web", "user_id": ada.id}
    journey.page.goto(journey.url)
    journey.follow("Try single sign-on")
    assert journey.heading == "Sign in with Demo Integration"


def test_the_whole_way_works_without_javascript(visit: Visit) -> None:
    journey = visit(java_script_enabled=False)
    to_provider(journey, target="backlog", login_hint="grace@example.com")
    journey.press("Continue")
    assert status(journey)["status"] == "completed"
    assert "Grace Hopper" in journey.page.get_by_role("main").inner_text()


def test_an_entry_of_the_official_sdk_goes_on_at_once_with_its_hint_and_target(journey: Journey) -> None:
    to_provider(journey, target=MEETING, login_hint="grace@example.com", auto="true")
    first = journey.page.locator("button.person").first
    assert "Grace Hopper" in first.inner_text()
    assert journey.page.get_by_label("E-mail address").input_value() == "grace@example.com"
    journey.click_person("Grace Hopper")
    assert status(journey)["target"] == MEETING
    assert MEETING in journey.page.get_by_role("main").inner_text()


def test_declining_is_told_and_can_be_tried_again(journey: Journey) -> None:
    to_provider(journey, target="desktop")
    journey.press("Decline")
    assert journey.heading == "You could not be signed in"
    assert query_of(journey)["error"] == "access_denied"
    assert journey.page.locator("#error").inner_text() == "access_denied"
    assert "declined" in journey.alert
    assert status(journey)["status"] == "failed"
    journey.follow("Try again")
    assert query_of(journey) == {"target": "desktop"}
    journey.follow(BUILT_IN)
    journey.click_person(ADA)
    assert status(journey)["status"] == "completed"


@pytest.mark.parametrize(("email", "name"), [("nobody@example.org", "No Body"), ("alan@example.com", "")])
def test_somebody_who_never_connected_is_refused(journey: Journey, email: str, name: str) -> None:
    to_provider(journey)
    journey.page.get_by_label("E-mail address").fill(email)
    journey.page.get_by_label("Name, if you like").fill(name)
    journey.press("Continue")
    assert query_of(journey)["error"] == "user_not_connected"
    assert f"{email} has not connected" in journey.alert
    assert "sso_provisioning" in journey.page.get_by_role("main").inner_text()


@pytest.mark.contio(profile={"sso_provisioning": "provision"})
def test_somebody_new_is_made_where_that_is_allowed(journey: Journey) -> None:
    to_provider(journey)
    journey.page.get_by_label("E-mail address").fill("nobody@example.org")
    journey.page.get_by_label("Name, if you like").fill("Zoë <b>Body</b>")
    journey.press("Continue")
    assert "Zoë <b>Body</b>" in journey.page.get_by_role("main").inner_text()


def test_what_is_no_address_is_said_beside_the_field(journey: Journey) -> None:
    to_provider(journey)
    journey.page.get_by_label("E-mail address").fill("ada@example")  # a browser takes it
    journey.press("Continue")
    assert journey.alert == "Enter an e-mail address such as ada@example.com."
    assert journey.page.get_by_label("E-mail address").input_value() == "ada@example"


def test_a_sign_in_that_took_too_long_has_expired(journey: Journey) -> None:
    to_provider(journey)
    journey.contio.clock.advance("11m")
    journey.click_person(ADA)
    assert "took too long" in journey.alert
    assert status(journey)["status"] == "expired"
    landing(journey, session_id=query_of(journey)["session_id"])
    assert journey.heading == "You could not be signed in"


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "another"}, {"redirect_uri": "https://evil.test/cb"}, {"response_type": "token"}],
)
def test_a_request_that_is_not_ours_is_never_sent_on(journey: Journey, changed: dict[str, str]) -> None:
    to_provider(journey)
    address = journey.page.url.partition("?")[0]
    journey.page.goto(f"{address}?{urlencode({**query_of(journey), **changed})}")
    assert journey.heading == "This sign-in cannot go on"
    assert journey.page.url.startswith(address)
    assert journey.page.get_by_role("button").count() == 0


@pytest.mark.parametrize("page", ["provider", "landing"])
def test_a_form_of_another_site_does_nothing(journey: Journey, page: str) -> None:
    if page == "provider":
        to_provider(journey)
    else:
        landing(journey)
    journey.partner.forge(journey.page.url, one_click="ada@example.com")
    journey.page.goto(journey.partner.url)
    journey.press("Win")
    assert journey.heading == "Not from here"
    idps = journey.contio.sandbox.store.idp_configs
    assert len(list(idps)) == (1 if page == "provider" else 0)


def test_an_unknown_partner_is_told_who_there_is(journey: Journey) -> None:
    journey.page.goto(f"{journey.url}/p/nobody%20<i>here")
    assert journey.heading == "There is no such partner"
    assert "nobody <i>here" in journey.alert
    journey.follow("Demo Integration")
    assert journey.heading == "Sign in with Demo Integration"


def test_in_a_sandbox_of_its_own_it_works_the_same(journey: Journey) -> None:
    made = journey.page.request.post(f"{journey.url}/_mock/sandboxes", data={"name": "mine"})
    assert made.ok
    journey.page.goto(f"{journey.url}/~mine/")
    journey.press("Try single sign-on")
    journey.follow(BUILT_IN)
    assert "/~mine/_mock/idp/authorize" in journey.page.url
    journey.click_person(ADA)
    assert journey.page.url.startswith(f"{journey.url}/~mine/p/demo-integration?")
    assert journey.heading == "You are signed in"


def test_another_name_of_this_machine_is_the_same_contio(journey: Journey, visit: Visit) -> None:
    landing(journey)
    journey.press("Use the built-in IdP")  # at 127.0.0.1
    other = visit(at=journey.url.replace("127.0.0.1", "localhost"))
    landing(other)
    other.follow(BUILT_IN)
    other.click_person(ADA)
    assert other.heading == "You are signed in"
