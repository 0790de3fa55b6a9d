"""The reference client: `Contio` and `AsyncContio`, typed by the contract's declarations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from contio_mock.client.errors import NotConfigured
from contio_mock.client.session import Credentials, Session, Tokens
from contio_mock.client.transports import (
    AsyncSocketTransport,
    AsyncTransport,
    SocketTransport,
    Transport,
)
from contio_mock.contract.auth import DEFAULT_SCOPE
from contio_mock.contract.facade import AdminCalls, Control, OAuthCalls, UserCalls
from contio_mock.contract.oauth import ExchangeOauthToken, TokenRequest, TokenResponse
from contio_mock.contract.operation import Operation
from contio_mock.contract.resource import AsyncSender, Sender
from contio_mock.contract.shared import Page
from contio_mock.contract.sso import SsoCalls

R = TypeVar("R")
T = TypeVar("T")

PRODUCTION = "https://api.contio.ai"


@dataclass(frozen=True, slots=True)
class _Given:
    base_url: str
    session: Session


def _given(  # noqa: PLR0913 - the constructor's keywords
    base_url: str,
    client_id: str | None,
    client_secret: str | None,
    redirect_uri: str | None,
    api_key: str | None,
    tokens: TokenResponse | str | None,
    timezone: str | None,
    on_tokens: Callable[[TokenResponse], None] | None,
) -> _Given:
    held = tokens
    if isinstance(tokens, str):
        held = TokenResponse(access_token=tokens, token_type="Bearer", expires_in=0)
    assert held is None or isinstance(held, TokenResponse)  # noqa: S101 - for the type checker
    session = Session(Credentials(client_id, client_secret, redirect_uri, api_key), Tokens(held, on_tokens))
    return _Given(base_url.rstrip("/"), session.with_options(None, timezone))


class _Common:
    base_url: str
    session: Session

    @property
    def tokens(self) -> TokenResponse | None:
        """The tokens that the client holds."""
        return self.session.tokens.current

    def authorization_url(
        self,
        state: str | None = None,
        *,
        scope: str = DEFAULT_SCOPE,
        login_hint: str | None = None,
        code_challenge: str | None = None,
        nonce: str | None = None,
    ) -> str:
        """Where to send the user's browser; raises NotConfigured."""
        given = self.session.credentials
        if given.client_id is None or given.redirect_uri is None:
            raise NotConfigured("An authorization URL needs client_id= and redirect_uri=.")
        parameters = {
            "response_type": "code",
            "client_id": given.client_id,
            "redirect_uri": given.redirect_uri,
            "scope": scope,
            "state": state,
            "login_hint": login_hint,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256" if code_challenge else None,
            "nonce": nonce,
        }
        query = urlencode({name: value for name, value in parameters.items() if value is not None})
        return f"{self.base_url}/oauth2/authorize?{query}"

    def _exchange(self, code: str, code_verifier: str | None) -> ExchangeOauthToken:
        given = self.session.credentials
        return ExchangeOauthToken(
            TokenRequest(
                grant_type="authorization_code",
                code=code,
                redirect_uri=given.redirect_uri,
                client_id=given.client_id if given.client_secret is None else None,
                code_verifier=code_verifier,
            )
        )


class Contio(_Common):
    """A Contio Partner API client; talks to the fake and to the real API alike.

    Raises the exceptions of `contio_mock.client.errors`. Refreshes tokens once after a 401.
    """

    def __init__(  # noqa: PLR0913 - all by keyword
        self,
        *,
        base_url: str = PRODUCTION,
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_uri: str | None = None,
        api_key: str | None = None,
        tokens: TokenResponse | str | None = None,
        timezone: str | None = None,
        on_tokens: Callable[[TokenResponse], None] | None = None,
        timeout: float = 30.0,
        transport: Transport | None = None,
    ) -> None:
        given = _given(base_url, client_id, client_secret, redirect_uri, api_key, tokens, timezone, on_tokens)
        self._begin(given, transport or SocketTransport(given.base_url, timeout))

    def _begin(self, given: _Given, transport: Transport) -> None:
        self.base_url, self.session, self.transport = given.base_url, given.session, transport

    @cached_property
    def user(self) -> UserCalls[Sender]:
        """What a user's token may call."""
        return UserCalls(self)

    @cached_property
    def admin(self) -> AdminCalls[Sender]:
        """What a partner app's API key may call."""
        return AdminCalls(self)

    @cached_property
    def oauth(self) -> OAuthCalls[Sender]:
        """The OAuth operations."""
        return OAuthCalls(self)

    @cached_property
    def sso(self) -> SsoCalls[Sender]:
        """Signing in through a partner's identity provider."""
        return SsoCalls(self)

    @cached_property
    def mock(self) -> Control[Sender]:
        """The mock's own control plane."""
        return Control(self)

    def send(self, operation: Operation[R], /) -> R:
        """Send any operation and return what it answers."""
        flow = self.session.flow(operation)
        request = next(flow)
        while True:
            try:
                request = flow.send(self.transport(request))
            except StopIteration as done:
                result: R = done.value
                return result

    def with_options(self, *, idempotency_key: str | None = None, timezone: str | None = None) -> Self:
        """The same client, sending an idempotency key or a time zone with every call."""
        twin = object.__new__(type(self))
        session = self.session.with_options(idempotency_key, timezone)
        twin._begin(_Given(self.base_url, session), self.transport)
        return twin

    def exchange_code(self, code: str, code_verifier: str | None = None) -> TokenResponse:
        """Exchange an authorization code, and hold the tokens."""
        tokens = self.send(self._exchange(code, code_verifier))
        self.session.tokens.set(tokens)
        return tokens

    def refresh(self) -> TokenResponse:
        """Renew the tokens; raises NotConfigured without a refresh token."""
        tokens = self.send(self.session.refreshing())
        self.session.tokens.set(tokens)
        return tokens

    def every(self, operation: Operation[Page[T]], page_size: int = 100) -> Iterator[T]:
        """Every item of a list operation, page after page."""
        offset = 0
        while True:
            page = self.send(_at(operation, page_size, offset))
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def close(self) -> None:
        """Close the connections."""
        close = getattr(self.transport, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncContio(_Common):
    """`Contio` for an event loop: the same calls, awaited."""

    def __init__(  # noqa: PLR0913 - all by keyword
        self,
        *,
        base_url: str = PRODUCTION,
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_uri: str | None = None,
        api_key: str | None = None,
        tokens: TokenResponse | str | None = None,
        timezone: str | None = None,
        on_tokens: Callable[[TokenResponse], None] | None = None,
        timeout: float = 30.0,
        transport: AsyncTransport | None = None,
    ) -> None:
        given = _given(base_url, client_id, client_secret, redirect_uri, api_key, tokens, timezone, on_tokens)
        self._begin(given, transport or AsyncSocketTransport(given.base_url, timeout))

    def _begin(self, given: _Given, transport: AsyncTransport) -> None:
        self.base_url, self.session, self.transport = given.base_url, given.session, transport

    @cached_property
    def user(self) -> UserCalls[AsyncSender]:
        """What a user's token may call."""
        return UserCalls(self)

    @cached_property
    def admin(self) -> AdminCalls[AsyncSender]:
        """What a partner app's API key may call."""
        return AdminCalls(self)

    @cached_property
    def oauth(self) -> OAuthCalls[AsyncSender]:
        """The OAuth operations."""
        return OAuthCalls(self)

    @cached_property
    def sso(self) -> SsoCalls[AsyncSender]:
        """Signing in through a partner's identity provider."""
        return SsoCalls(self)

    @cached_property
    def mock(self) -> Control[AsyncSender]:
        """The mock's own control plane."""
        return Control(self)

    async def send(self, operation: Operation[R], /) -> R:
        """Send any operation and return what it answers."""
        flow = self.session.flow(operation)
        request = next(flow)
        while True:
            answer = await self.transport(request)
            try:
                request = flow.send(answer)
            except StopIteration as done:
                result: R = done.value
                return result

    def with_options(self, *, idempotency_key: str | None = None, timezone: str | None = None) -> Self:
        """The same client, sending an idempotency key or a time zone with every call."""
        twin = object.__new__(type(self))
        session = self.session.with_options(idempotency_key, timezone)
        twin._begin(_Given(self.base_url, session), self.transport)
        return twin

    async def exchange_code(self, code: str, code_verifier: str | None = None) -> TokenResponse:
        """Exchange an authorization code, and hold the tokens."""
        tokens = await self.send(self._exchange(code, code_verifier))
        self.session.tokens.set(tokens)
        return tokens

    async def refresh(self) -> TokenResponse:
        """Renew the tokens; raises NotConfigured without a refresh token."""
        tokens = await self.send(self.session.refreshing())
        self.session.tokens.set(tokens)
        return tokens

    async def every(self, operation: Operation[Page[T]], page_size: int = 100) -> AsyncIterator[T]:
        """Every item of a list operation, page after page."""
        offset = 0
        while True:
            page = await self.send(_at(operation, page_size, offset))
            for item in page.items:
                yield item
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    async def aclose(self) -> None:
        """Close the connections."""
        close = getattr(self.transport, "aclose", None)
        if close is not None:
            await close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _at(operation: Operation[Any], limit: int, offset: int) -> Any:
    """The same list operation at another page."""
    given = {name: getattr(operation, name) for name in operation.fields()}
    return type(operation)(**{**given, "limit": limit, "offset": offset})
