"""Raw requests, for what no client would send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.contract.wire import Request, Response

UNSAID = object()


@dataclass
class Raw:
    """Sends requests as they stand, with a token of a user unless headers say otherwise."""

    contio: FakeContio
    email: str = "ada@example.com"
    token: str | None = None

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = UNSAID,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
        anonymous: bool = False,
    ) -> Response:
        sent = {} if anonymous else {"authorization": f"Bearer {self._token()}"}
        content = b""
        if body is not UNSAID:
            sent["content-type"] = "application/json"
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent |= headers or {}
        return self.contio.handle(Request(method, path, query, sent, content))

    def _token(self) -> str:
        if self.token is None:
            tokens = self.contio.client(self.email).tokens
            assert tokens is not None
            self.token = tokens.access_token
        return self.token

    def code(self, *args: Any, **kwargs: Any) -> tuple[int, str]:
        answer = self(*args, **kwargs)
        return answer.status, json.loads(answer.body)["code"]


@pytest.fixture
def raw(contio: FakeContio) -> Raw:
    return Raw(contio)


@pytest.fixture
def raw_of() -> type[Raw]:
    return Raw
