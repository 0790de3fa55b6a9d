"""Every id, token and code of a sandbox from one seeded source. Nothing else draws randomness."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode, urlsafe_b64encode
from random import Random, SystemRandom
from typing import Any
from uuid import UUID, uuid5

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

_FREE_BITS = ~(0xF << 76 | 0b11 << 62)
_VERSION_4 = 4 << 76 | 0b10 << 62
"""What a UUID says of itself: its version, and its variant."""

_STATE = struct.Struct("<625I")
"""Where a Mersenne Twister stands: its 624 words, and how many of them were used."""

_FIXTURES = UUID("c0411000-0000-4000-8000-000000000000")


def stable_uuid(*parts: str) -> str:
    """The same UUID for the same words, on every machine: the ids of fixture records."""
    return str(uuid5(_FIXTURES, "/".join(parts)))


class Ids:
    """A seeded source: the same seed gives the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a mock's ids must be repeatable
        self._bits = self._random.getrandbits

    def uuid(self) -> str:
        """A version 4 UUID as text."""
        h = (self._bits(128) & _FREE_BITS | _VERSION_4).to_bytes(16, "big").hex()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def request_id(self) -> str:
        """The id of one request."""
        return f"req_{self._bits(80):020x}"

    def opaque(self, prefix: str, length: int = 43) -> str:
        """An opaque token: the prefix and `length` URL-safe characters (43 are 256 bits)."""
        bits = self._bits(6 * length)
        written = urlsafe_b64encode(bits.to_bytes(-(-length // 4) * 3, "big"))
        return prefix + written[: -length - 1 : -1].decode()

    def one_time_code(self) -> str:
        """Six digits."""
        return f"{self._random.randrange(1_000_000):06d}"

    def chance(self) -> float:
        """A number in [0, 1), for faults with a probability."""
        return self._random.random()

    def number(self) -> int:
        """A number to seed another source with, such as a Faker."""
        return self._bits(32)

    def state(self) -> str:
        """Where the source stands, as text."""
        return b64encode(_STATE.pack(*self._random.getstate()[1])).decode()

    @staticmethod
    def read(text: str) -> Any:
        """What `state` has written, for `go_to`; raises ValueError."""
        try:
            place = (3, _STATE.unpack(b64decode(text, validate=True)), None)
            Random().setstate(place)  # noqa: S311 - only to hear whether it is one
        except (ValueError, TypeError, struct.error):
            raise ValueError("is not the state of a source of ids") from None
        return place

    def go_to(self, place: Any) -> None:
        """Stand where another source stood; the next ids are the ones that it would have given."""
        self._random.setstate(place)


def unguessable(prefix: str) -> str:
    """A secret that no seed gives, for a server that other machines reach."""
    source = SystemRandom()
    return prefix + "".join(source.choice(_ALPHABET) for _ in range(32))
