"""Fixtures with a Contio for every test.

The package is imported inside the fixtures only: an entry point is imported by every pytest run,
also by those that never ask for a Contio, and before coverage begins to measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contio_mock import AsyncContio, Contio, FakeContio
    from pytest_contio_mock.live import LiveContio, LiveServer
    from pytest_contio_mock.webhooks import WebhookReceiver, WebhookServer

MARKER = "contio"
_MARKER_LINE = (
    "contio(scenario=, seed=, release=, profile=, strict=, now=, rate=, webhook_url=, redirect_uris=, "
    "auto_approve=): how the Contio of this test is made"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER_LINE)


@pytest.fixture(scope="session")
def contio_defaults() -> dict[str, Any]:
    """Keywords for every Contio of the session; override this fixture to set your own."""
    return {}


@pytest.fixture
def contio_options(request: pytest.FixtureRequest, contio_defaults: dict[str, Any]) -> dict[str, Any]:
    """The keywords of this test's Contio: the defaults, then the markers, the nearest last."""
    options = dict(contio_defaults)
    for mark in reversed(list(request.node.iter_markers(MARKER))):
        if mark.args:
            raise pytest.UsageError("the contio marker takes keywords only, such as scenario='empty'")
        options |= mark.kwargs
    return options


@pytest.fixture
def contio(contio_options: dict[str, Any]) -> Iterator[FakeContio]:
    """A fresh Contio in this process: no socket, its clock standing still."""
    from contio_mock import FakeContio  # noqa: PLC0415

    contio = FakeContio(**contio_options)
    yield contio
    contio.receiver = None  # an app that is its receiver is stopped


@pytest.fixture
def contio_client(contio: FakeContio) -> Contio:
    """A client of the demo user on this test's Contio."""
    return contio.client()


@pytest.fixture
def contio_async_client(contio: FakeContio) -> AsyncContio:
    """A client of the demo user for an event loop."""
    return contio.async_client()


@pytest.fixture(scope="session")
def contio_server() -> Iterator[LiveServer]:
    """The session's live server, on a free port of this machine."""
    from pytest_contio_mock.live import live_server  # noqa: PLC0415

    with live_server() as server:
        yield server


@pytest.fixture
def contio_live(contio_server: LiveServer, contio_options: dict[str, Any]) -> Iterator[LiveContio]:
    """A fresh sandbox on the session's live server: real HTTP, its clock standing still at real now."""
    sandbox = contio_server.sandbox(contio_options)
    yield sandbox
    sandbox.delete()


@pytest.fixture(scope="session")
def contio_webhook_server() -> Iterator[WebhookServer]:
    """The session's server for webhook endpoints, on a free port of this machine."""
    from pytest_contio_mock.webhooks import webhook_server  # noqa: PLC0415

    with webhook_server() as server:
        yield server


@pytest.fixture
def contio_webhooks(
    request: pytest.FixtureRequest, contio_webhook_server: WebhookServer
) -> Iterator[WebhookReceiver]:
    """A webhook endpoint on this machine: the webhook URL of this test's `contio` and `contio_live`."""
    wanted = [name for name in ("contio", "contio_live") if name in request.fixturenames]
    contios = [request.getfixturevalue(name) for name in wanted or ["contio"]]
    with contio_webhook_server.receiver() as receiver:
        for contio in contios:
            receiver.attach(contio)
        yield receiver
