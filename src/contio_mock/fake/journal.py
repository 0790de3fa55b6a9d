"""What came in and what went out: a bounded ring of requests."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import datetime

from contio_mock.contract.blobs import start_of
from contio_mock.contract.wire import Request, Response

CAPACITY = 1000
BODY_KEPT = 65_536
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})
_SHOWN = 12


class Entry:
    """One request and its answer."""

    __slots__ = (
        "answer_body",
        "answer_headers",
        "at",
        "body",
        "body_bytes",
        "headers",
        "method",
        "operation",
        "path",
        "query",
        "replayed",
        "request_id",
        "seconds",
        "status",
        "undocumented",
    )

    def __init__(self, request: Request, request_id: str, at: datetime) -> None:
        self.request_id = request_id
        self.at = at
        self.method = request.method
        self.path = request.path
        self.query = request.query
        self.headers = request.headers
        self.body = start_of(request.body, BODY_KEPT)
        self.body_bytes = len(request.body)
        self.operation: str | None = None
        self.undocumented: list[str] | None = None
        self.replayed = False
        self.status = 0
        self.answer_body = b""
        self.answer_headers: list[tuple[str, str]] = []
        self.seconds = 0.0

    def close(self, response: Response, seconds: float) -> None:
        """Note the answer and how long it took."""
        self.status = response.status
        self.answer_body = start_of(response.body, BODY_KEPT)
        self.answer_headers = response.headers
        self.seconds = seconds


class Journal:
    """The last requests of a sandbox, oldest let go first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self.seen = 0

    def append(self, entry: Entry) -> None:
        """Keep an entry."""
        self._entries.append(entry)
        self.seen += 1

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.seen = 0

    def newest(self) -> Iterator[Entry]:
        """The entries, newest first."""
        return reversed(self._entries)


_SECRETS = (
    re.compile(r"\b(cto_[a-z]{2}_v1_)[\w-]+"),
    re.compile(r"\b(eyJ[\w-]{3})[\w-]*\.[\w-]+\.[\w-]+"),
    re.compile(r"\b((?:ses|sign_in|cs|ctio|whs|rb)_)[\w-]{8,}"),
    re.compile(r'("(?:client_secret|api_key|webhook_secret|new_credential|rollback_token)"\s*:\s*")[^"]+'),
    re.compile(r"\b(client_secret=)[^&\s]+"),
)
"""What a secret looks like in a body or query: tokens, ID tokens, sessions, credentials."""


def masked_text(text: str) -> str:
    """A body or query with its secrets cut short."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1…", text)
    return text


def masked(name: str, value: str) -> str:
    """A header's value with a secret cut short."""
    if name not in SECRET_HEADERS:
        return value
    kind, space, secret = value.partition(" ")
    shown, rest = (f"{kind} ", secret) if space else ("", value)
    return f"{shown}{rest[: min(_SHOWN, len(rest) // 3)]}…"
