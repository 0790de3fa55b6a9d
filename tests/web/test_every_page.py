"""What holds of every page, in light and dark, on a desk and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from contio_mock.contract.auth import SCOPES

from .conftest import Visit
from .journey import Journey

CO_BRAND = "Analytical Meetings"

LOOKS: dict[str, tuple[Literal["light", "dark"], int, int]] = {
    "light": ("light", 1100, 760),
    "dark": ("dark", 1100, 760),
    "mobile": ("light", 320, 640),
}
SOUND = {
    "lang": "en",
    "headings": 1,
    "landmarks": ["header", "main", "footer"],
    "unlabelled": 0,
    "dangling": [],
    "twice": [],
    "small": 0,
}


def welcome(journey: Journey) -> None:
    journey.page.goto(journey.url)


def login(journey: Journey) -> None:
    journey.open()


def login_problem(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("ada@example")


def login_locked(journey: Journey) -> None:
    journey.open(login_hint="grace@example.com")


def code(journey: Journey) -> None:
    journey.open()
    journey.ask_for_code("new.person@example.org")


def code_wrong(journey: Journey) -> None:
    code(journey)
    journey.type_wrong_code()


def code_over(journey: Journey) -> None:
    code(journey)
    journey.contio.clock.advance("4m")
    journey.type_code()


def consent(journey: Journey) -> None:
    journey.to_consent()


def consent_everything(journey: Journey) -> None:
    app = journey.contio.sandbox.app
    journey.contio.sandbox.store.apps.replace(app, co_brand_name=CO_BRAND)
    journey.to_consent("a.person.with.a.rather.long.address@subdomain.example.org", scope=" ".join(SCOPES))


def expired(journey: Journey) -> None:
    journey.to_consent()
    journey.contio.clock.advance("31m")
    journey.press("Allow")


def unregistered(journey: Journey) -> None:
    journey.open(redirect_uri="http://127.0.0.1:4000/callback/")


def unknown_client(journey: Journey) -> None:
    journey.open(client_id="somebody-else")


def landing(journey: Journey, query: str = "") -> None:
    journey.page.goto(f"{journey.url}/p/demo-integration{query}")


def landing_ready(journey: Journey) -> None:
    landing(journey, "?target=backlog&login_hint=ada@example.com")
    journey.press("Use the built-in IdP")


def provider(journey: Journey) -> None:
    landing_ready(journey)
    journey.follow("Continue with Built-in IdP")


def provider_problem(journey: Journey) -> None:
    provider(journey)
    journey.page.get_by_label("E-mail address").fill("ada@example")
    journey.press("Continue")


def landed(journey: Journey) -> None:
    provider(journey)
    journey.click_person("Ada Lovelace")


def not_landed(journey: Journey) -> None:
    provider(journey)
    journey.click_person("Alan Turing")


def no_partner(journey: Journey) -> None:
    journey.page.goto(f"{journey.url}/p/nobody")


PAGES: tuple[Callable[[Journey], None], ...] = (
    welcome, login, login_problem, login_locked, code, code_wrong, code_over, consent, consent_everything,
    expired, unregistered, unknown_client, landing, landing_ready, provider, provider_problem, landed,
    not_landed, no_partner,
)  # fmt: skip

FAINT_TEXT = """() => {
  const channels = color => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = channels(getComputedStyle(element).backgroundColor);
      if (color[3] !== 0) return color;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim(), element = texts.currentNode.parentElement;
    if (!text) continue;
    const pair = [light(channels(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) faint.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
"""Text whose contrast is below what WCAG AA asks for."""

STRUCTURE = """() => ({
  lang: document.documentElement.lang,
  title: document.title,
  headings: document.querySelectorAll("h1").length,
  landmarks: ["header", "main", "footer"].filter(name => document.querySelectorAll(name).length === 1),
  unlabelled: [...document.querySelectorAll("input:not([type=hidden])")].filter(i => !i.labels.length).length,
  dangling: [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")]
    .flatMap(e => `${e.getAttribute("aria-describedby") ?? ""} ${e.getAttribute("aria-labelledby") ?? ""}`.split(" "))
    .filter(id => id && !document.getElementById(id)),
  twice: [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i),
  small: [...document.querySelectorAll("button, .button, input:not([type=hidden])")]
    .filter(e => e.getBoundingClientRect().height < 44).length,
  width: document.documentElement.scrollWidth,
})"""


@pytest.mark.parametrize("go_to", PAGES, ids=lambda page: page.__name__)
def test_every_page_can_be_read_by_everybody(journey: Journey, go_to: Callable[[Journey], None]) -> None:
    go_to(journey)
    for look, (scheme, width, height) in LOOKS.items():
        journey.page.emulate_media(color_scheme=scheme)
        journey.page.set_viewport_size({"width": width, "height": height})
        journey.screenshot(f"{go_to.__name__}-{look}")
        found = journey.page.evaluate(STRUCTURE)
        title = found.pop("title")
        assert title.endswith(" · contio-mock")
        assert title.startswith("Error: ") == bool(journey.page.get_by_role("alert").count())
        assert found.pop("width") <= width, f"it scrolls sideways ({look})"
        assert found == SOUND, look
        assert journey.page.evaluate(FAINT_TEXT) == [], look


def test_dark_is_dark(visit: Visit) -> None:
    grounds = []
    for look in ("light", "dark"):
        journey = visit(color_scheme=look)
        login(journey)
        grounds.append(journey.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = (sum(map(int, ground[4:-1].split(","))) for ground in grounds)
    assert light > 600
    assert dark < 150


def test_the_consent_page_says_each_scope_in_words_and_whose_app_it_is(journey: Journey) -> None:
    consent_everything(journey)
    text = journey.page.get_by_role("main").inner_text()
    for scope, words in SCOPES.items():
        assert scope in text
        assert words in text
    assert "Analytical Engines Ltd" in text
    assert CO_BRAND in journey.page.get_by_role("banner").inner_text()


def test_the_welcome_page_leads_into_the_sign_in(journey: Journey) -> None:
    welcome(journey)
    journey.follow("Try the sign-in")
    assert journey.heading == "Sign in"


def test_every_link_of_the_welcome_page_leads_somewhere(journey: Journey) -> None:
    welcome(journey)
    links = journey.page.get_by_role("navigation").get_by_role("link").all()
    targets = [str(link.get_attribute("href")) for link in links]
    assert len(targets) > 5
    for target in targets:
        answer = journey.page.request.get(journey.url + target)
        assert answer.status == 200, target
