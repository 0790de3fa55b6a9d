"""A real Chromium, a partner's app on this machine, and a Contio for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from contio_mock import FakeContio

from .journey import Journey
from .partner_app import PartnerApp, partner_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
LONGEST_MS = 10_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-site-isolation-trials",  # a process for each site takes a third of the time
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,PaintHolding",
    "--renderer-process-limit=1",
    "--host-resolver-rules=MAP contio.test 127.0.0.1",  # a mock on another machine, as the browser sees it
)

Visit = Callable[..., Journey]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. Where it is missing, the tests are skipped, but in CI they fail."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _miss("playwright is not installed: pip install -e '.[dev]'")
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if shutil.which(program) is None:
        _miss(f"{program} is missing: apt-get install chromium, or name another with CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def _miss(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI must not skip this)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def screenshots() -> Path:
    """Where the pictures go."""
    folder = Path(os.environ.get("CONTIO_SCREENSHOTS", ROOT / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def partner() -> Iterator[PartnerApp]:
    with partner_app() as app:
        yield app


@pytest.fixture
def contio(partner: PartnerApp, contio_options: dict[str, Any]) -> FakeContio:
    """A Contio that knows the partner's app."""
    return FakeContio(**{"redirect_uris": [partner.callback], **contio_options})


@pytest.fixture
def visit(chromium: Browser, partner: PartnerApp, contio: FakeContio, screenshots: Path) -> Iterator[Visit]:
    """Open a window of a browser that has never been here; `at` is another base URL."""
    with ExitStack() as stack:
        url = stack.enter_context(contio.serve())
        journeys: list[Journey] = []

        def open_window(at: str = "{}", **looks: Any) -> Journey:
            context = chromium.new_context(**looks)
            stack.callback(context.close)
            context.set_default_timeout(LONGEST_MS)
            journey = Journey(context.new_page(), at.format(url), contio, partner, screenshots)
            journeys.append(journey)
            return journey

        yield open_window
        complaints = [complaint for journey in journeys for complaint in journey.complaints]
        assert complaints == [], "the browser complained"


@pytest.fixture
def journey(visit: Visit) -> Journey:
    return visit()
