"""Idempotency keys: the first answer is kept for a day and given again to every repeat."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from contio_mock.contract.blobs import pieces
from contio_mock.contract.codec import MULTIPART_TYPE
from contio_mock.contract.errors import (
    IDEMPOTENCY_CONFLICT,
    IDEMPOTENCY_MISMATCH,
    IDEMPOTENCY_UNPROCESSABLE,
    INVALID_IDEMPOTENCY_KEY,
)
from contio_mock.contract.wire import Request, Response, Upload
from contio_mock.fake.bodies import media_type, read_parts
from contio_mock.fake.problem import ApiError
from contio_mock.fake.profile import Profile

LIFE = timedelta(hours=24)
LONGEST_KEY = 255
REPLAYED_HEADER = ("idempotent-replayed", "true")


@dataclass(slots=True)
class Slot:
    """What is known of one key."""

    fingerprint: bytes
    answer: Response
    begun_at: datetime
    ready_at: datetime
    """When the first answer has left; later than its beginning only when a fault delays it."""

    def delay(self, seconds: float) -> None:
        """Say that the first answer takes its time."""
        self.ready_at = self.begun_at + timedelta(seconds=seconds)


class Idempotency:
    """The keys of one sandbox, each bound to the caller who used it."""

    def __init__(self) -> None:
        self.slots: OrderedDict[tuple[str, str], Slot] = OrderedDict()

    def replay(
        self, caller: str, key: str, request: Request, now: datetime, profile: Profile
    ) -> Response | None:
        """The stored answer of a repeat, None for a new key; raises ApiError for a conflict."""
        if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise ApiError(INVALID_IDEMPOTENCY_KEY)
        self._forget(now)
        slot = self.slots.get((caller, key))
        if slot is None:
            return None
        if slot.fingerprint != fingerprint(request) and profile.idempotency_mismatch != "replay":
            mismatch = profile.idempotency_mismatch == "conflict"
            raise ApiError(IDEMPOTENCY_MISMATCH if mismatch else IDEMPOTENCY_UNPROCESSABLE)
        if now < slot.ready_at:
            wait = max(1, math.ceil((slot.ready_at - now).total_seconds()))
            raise ApiError(IDEMPOTENCY_CONFLICT, headers={"retry-after": str(wait)})
        return Response(slot.answer.status, [*slot.answer.headers, REPLAYED_HEADER], slot.answer.body)

    def keep(  # noqa: PLR0913 - a key, its request and its answer
        self, caller: str, key: str, request: Request, answer: Response, now: datetime, profile: Profile
    ) -> Slot | None:
        """Remember the first answer to a key; None when the profile does not keep such answers."""
        if answer.status >= 300 and profile.idempotency_stored_answers == "success":  # noqa: PLR2004
            return None
        kept = Response(answer.status, answer.headers, answer.body)
        slot = self.slots[(caller, key)] = Slot(fingerprint(request), kept, now, now)
        return slot

    def _forget(self, now: datetime) -> None:
        """Let go of keys that are a day old; the oldest stand first."""
        while self.slots:
            oldest = next(iter(self.slots))
            if now - self.slots[oldest].begun_at < LIFE:
                break
            del self.slots[oldest]


def fingerprint(request: Request) -> bytes:
    """What makes two requests the same: method, path, query and body.

    Of a multipart body its fields count, for every retry may draw another boundary.
    """
    head = f"{request.method} {request.path}?{request.query}\n".encode()
    hashed = blake2b(head, digest_size=16)
    for piece in _told(request):
        hashed.update(piece)
    return hashed.digest()


def _told(request: Request) -> Iterator[bytes]:
    if media_type(request) != MULTIPART_TYPE:
        return pieces(request.body)
    try:
        parts = read_parts(request, MULTIPART_TYPE)
    except ValueError:
        return pieces(request.body)
    return (
        repr((name, *_identity(value))).encode("utf-8", "surrogateescape")
        for name, values in sorted(parts.items())
        for value in values
    )


def _identity(value: str | Upload) -> tuple[object, ...]:
    if isinstance(value, str):
        return (value,)
    return (value.file_name, value.content_type, value.content.digest)
