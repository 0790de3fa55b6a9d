"""A person with a browser, step by step from the partner's app through the sign-in and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from contio_mock import FakeContio

from .partner_app import PartnerApp

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page, Request

LOOPBACK = ("127.0.0.1", "localhost", "contio.test")
STATE = "a state & more"


class Journey:
    """One browser window, watched: it must not complain, and must ask nobody but this machine."""

    def __init__(
        self, page: Page, url: str, contio: FakeContio, partner: PartnerApp, screenshots: Path
    ) -> None:
        self.page = page
        self.url = url
        self.contio = contio
        self.partner = partner
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self._screenshots = screenshots
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def _heard(self, message: ConsoleMessage) -> None:
        refused_form = message.text.startswith("Failed to load resource: the server responded with")
        if message.type in ("error", "warning") and not refused_form:
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname not in LOOPBACK:
            self.complaints.append(f"asked {request.url}")
        self.asked.append(request.url)

    def authorization(self, **changed: str | None) -> str:
        """The address of an authorization request."""
        wish = {
            "response_type": "code",
            "client_id": "partner_demo",
            "redirect_uri": self.partner.callback,
            "scope": "openid profile meetings:read meetings:write",
            "state": STATE,
        }
        sent = {name: value for name, value in {**wish, **changed}.items() if value is not None}
        return f"{self.url}/oauth2/authorize?{urlencode(sent)}"

    def start(self, **changed: str | None) -> None:
        """Follow the link in the partner's app."""
        self.partner.offer(self.authorization(**changed))
        self.page.goto(self.partner.url)
        self.follow("Connect with Contio")

    def open(self, **changed: str | None) -> None:
        """Be sent here by a partner's app, without a look at it."""
        self.page.goto(self.authorization(**changed))

    def follow(self, name: str) -> None:
        """Follow the link that says so."""
        self._click(self.page.get_by_role("link", name=name, exact=True))

    def press(self, name: str) -> None:
        """Press the button that says so."""
        self._click(self.page.get_by_role("button", name=name, exact=True))

    def ask_for_code(self, email: str) -> None:
        """Type an address."""
        self.page.get_by_label("E-mail address").fill(email)
        self.press("Send me a code")

    def shown_code(self) -> str:
        """The one-time code on the page."""
        return self.page.locator("#mock-code").inner_text()

    def type_code(self, code: str | None = None) -> None:
        """Type a code; the one on the page unless another is given."""
        self.page.get_by_label("One-time code").fill(code or self.shown_code())
        self.press("Continue")

    def type_wrong_code(self) -> None:
        """Type a code that is certainly wrong."""
        newest = self.contio.inbox()[0].code
        self.type_code(f"{(int(newest) + 1) % 1_000_000:06d}")

    def to_consent(self, email: str = "new.person@example.org", **changed: str | None) -> None:
        """Everything up to the question what the app may do."""
        self.open(**changed)
        self.ask_for_code(email)
        self.type_code()

    def click_person(self, name: str) -> None:
        """Sign in with one click."""
        self._click(self.page.get_by_role("button", name=name))

    def _click(self, target: Locator) -> None:
        target.click()
        self.page.wait_for_load_state()

    @property
    def heading(self) -> str:
        """What the page is about."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def alert(self) -> str:
        """What the page says went wrong."""
        return self.page.get_by_role("alert").inner_text()

    @property
    def cookie_path(self) -> str:
        """Where the session's cookie goes."""
        cookies = self.page.context.cookies()
        (path,) = (cookie["path"] for cookie in cookies if cookie["name"] == "contio_session")
        return path

    def handed(self) -> dict[str, str]:
        """What the partner's app was handed at last."""
        assert self.page.url.startswith(self.partner.callback + "?"), self.page.url
        shown = self.page.locator("code").all()
        return {str(code.get_attribute("id")): code.inner_text() for code in shown}

    def screenshot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        self.page.screenshot(path=self._screenshots / f"{name}.png", full_page=True)
