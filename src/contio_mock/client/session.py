"""The client without its transport: which headers a call needs, and when tokens are refreshed.

`flow` yields requests and is sent their answers, so that the sync and the async client share it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from contio_mock.client.errors import NotConfigured, Unreadable, refusal
from contio_mock.contract.auth import Caller
from contio_mock.contract.codec import encode
from contio_mock.contract.oauth import ExchangeOauthToken, TokenRequest, TokenResponse
from contio_mock.contract.operation import Operation
from contio_mock.contract.results import decode_result
from contio_mock.contract.wire import Request, Response

R = TypeVar("R")
UNAUTHORIZED = 401
IDEMPOTENCY_HEADER = "idempotency-key"
TIMEZONE_HEADER = "x-client-timezone"


@dataclass(slots=True)
class Tokens:
    """The tokens that a client holds; shared by every copy of it."""

    current: TokenResponse | None = None
    on_change: Callable[[TokenResponse], None] | None = None
    """Called with new tokens, so that they can be kept."""

    def set(self, tokens: TokenResponse) -> None:
        """Use these tokens from now on."""
        self.current = tokens
        if self.on_change is not None:
            self.on_change(tokens)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client was given."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uri: str | None = None
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials, tokens and the options of one client."""

    credentials: Credentials
    tokens: Tokens
    headers: dict[str, str] = field(default_factory=dict)

    def with_options(self, idempotency_key: str | None, timezone: str | None) -> Self:
        """A session that sends further headers; tokens stay shared."""
        given = {IDEMPOTENCY_HEADER: idempotency_key, TIMEZONE_HEADER: timezone}
        further = {name: value for name, value in given.items() if value is not None}
        return replace(self, headers={**self.headers, **further})

    def prepare(self, operation: Operation[Any]) -> Request:
        """The request of an operation with what its caller must show; raises NotConfigured."""
        request = encode(operation)
        headers = {**request.headers, **self.headers}
        caller = operation.endpoint.auth.caller
        if caller in (Caller.USER, Caller.TOKEN):
            headers["authorization"] = f"Bearer {self._access_token(operation)}"
        elif caller is Caller.ADMIN:
            headers |= self._api_key(operation)
        elif "authorization" in operation.fields() and "authorization" not in headers:
            headers |= self._basic()
        request.headers = headers
        return request

    def flow(self, operation: Operation[R]) -> Generator[Request, Response, R]:
        """Send, refresh once after a 401, and read the answer."""
        response = yield self.prepare(operation)
        if response.status == UNAUTHORIZED and self._may_refresh(operation):
            renewed = yield self.prepare(self.refreshing())
            if renewed.status < 300:  # noqa: PLR2004
                self.tokens.set(decode_result(ExchangeOauthToken, renewed))
                response = yield self.prepare(operation)
        return self.read(operation, response)

    def refreshing(self) -> ExchangeOauthToken:
        """The operation that renews the tokens; raises NotConfigured."""
        current = self.tokens.current
        if current is None or current.refresh_token is None:
            raise NotConfigured("There is no refresh token.")
        return ExchangeOauthToken(
            TokenRequest(grant_type="refresh_token", refresh_token=current.refresh_token)
        )

    def read(self, operation: Operation[R], response: Response) -> R:
        """What an answer holds; raises Refused or Unreadable."""
        expected = (operation.endpoint.success, *operation.endpoint.also)
        if response.status not in expected and not 200 <= response.status < 300:  # noqa: PLR2004
            raise refusal(operation, response)
        try:
            return decode_result(type(operation), response)
        except (ValidationError, UnicodeDecodeError) as problem:
            raise Unreadable(operation, response, problem) from problem

    def _may_refresh(self, operation: Operation[Any]) -> bool:
        current = self.tokens.current
        renewable = current is not None and current.refresh_token is not None
        can_authenticate = self.credentials.client_secret is not None
        bearer = operation.endpoint.auth.caller in (Caller.USER, Caller.TOKEN)
        return bearer and renewable and can_authenticate

    def _access_token(self, operation: Operation[Any]) -> str:
        if self.tokens.current is None:
            raise NotConfigured(f"{operation.operation_id()} needs tokens: exchange a code or pass tokens=.")
        return self.tokens.current.access_token

    def _api_key(self, operation: Operation[Any]) -> dict[str, str]:
        given = self.credentials
        if given.api_key is None:
            raise NotConfigured(f"{operation.operation_id()} needs api_key=.")
        named = {} if given.client_id is None else {"x-client-id": given.client_id}
        return {"x-api-key": given.api_key, **named}

    def _basic(self) -> dict[str, str]:
        given = self.credentials
        if given.client_id is None or given.client_secret is None:
            return {}
        pair = f"{given.client_id}:{given.client_secret}".encode()
        return {"authorization": f"Basic {b64encode(pair).decode()}"}
