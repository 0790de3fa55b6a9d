"""A live server for a test session, and a fresh sandbox on it for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from contio_mock.client import Contio
from contio_mock.contract.control import Credentials, TokenMint
from contio_mock.contract.facade import Control
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.resource import Sender
from contio_mock.fake.clock import real_now
from contio_mock.fake.engine import Engine
from contio_mock.fake.sandbox import Sandbox, Settings
from contio_mock.fake_contio import settings_from
from contio_mock.server.runner import running


class LiveContio:
    """One sandbox of a live server, reached over HTTP."""

    def __init__(self, server: LiveServer, sandbox: Sandbox) -> None:
        self._server = server
        self.sandbox = sandbox
        self.url = server.url + sandbox.prefix
        """What an SDK is given as base URL."""
        self._control = Contio(base_url=self.url)
        self.mock: Control[Sender] = self._control.mock
        """The control plane."""

    @property
    def credentials(self) -> Credentials:
        """What a partner's code needs to use this sandbox."""
        return self.mock.credentials()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a partner's code is configured with."""
        from contio_mock.server.command import environment  # noqa: PLC0415

        return environment(self.sandbox, self.url)

    def token(self, email: str = "ada@example.com", scope: str | None = None) -> TokenResponse:
        """Tokens of a user, who is created and connected if new."""
        return self.mock.create_token(TokenMint(email=email, scope=scope))

    def client(self, email: str = "ada@example.com", scope: str | None = None) -> Contio:
        """A client with tokens of that user; close it, or let the test end."""
        given = self.credentials
        return Contio(
            base_url=self.url,
            client_id=given.client_id,
            client_secret=given.client_secret,
            redirect_uri=given.redirect_uris[0] if given.redirect_uris else None,
            api_key=given.api_key,
            tokens=self.token(email, scope),
            transport=self._control.transport,
        )

    def delete(self) -> None:
        """Remove the sandbox."""
        self._control.close()
        self._server.engine.sandboxes.pop(self.sandbox.name, None)


class LiveServer:
    """A server with many sandboxes."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        self.url = url

    def sandbox(self, options: Mapping[str, Any]) -> LiveContio:
        """A fresh sandbox, made by the keywords of FakeContio; starts at the real time."""
        settings = settings_from(**{"now": real_now().replace(microsecond=0), **options})
        return LiveContio(self, self.engine.add_sandbox(self.engine.new_name(), settings))


@contextmanager
def live_server() -> Iterator[LiveServer]:
    """Serve on a free port of this machine until the block ends."""
    engine = Engine(Settings(scenario="empty"))
    with running(engine) as url:
        yield LiveServer(engine, url)
