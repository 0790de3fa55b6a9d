"""Deliveries of events, and the order in which they are listed.

A list costs the same among ten and among ten thousand: each combination of app, status and event type
has a shelf with the numbers of its deliveries in order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Literal

from contio_mock.contract.shared import Timestamp
from contio_mock.contract.signature import SIGNATURE_HEADER

DeliveryStatus = Literal["pending", "delivered", "failed", "abandoned"]

DELIVERIES_KEPT = 10_000
MOST_EMPTY = 64
"""How many empty places a shelf has at least before it moves up; as many as it has full ones, if that is more."""
ANSWER_KEPT = 1024
"""How many bytes of an answer's body are kept, and about as many of its headers."""
WAITING = ("pending", "failed")
"""The statuses that are not final."""

Key = tuple[str, str | None, str | None]
"""App, status and event type; None stands for any."""


def request_headers(signature: str | None) -> dict[str, str]:
    """The headers of a delivery that is signed so, or not at all."""
    headers = {"Content-Type": "application/json", "User-Agent": "contio-mock"}
    if signature is not None:
        headers[SIGNATURE_HEADER] = signature
    return headers


@dataclass(slots=True)  # not frozen: making a frozen one costs several times as much
class Outgoing:
    """A delivery as an HTTP request, signed over the exact bytes with the secret of this moment."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered, as much of it as is kept."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """By their names in small letters."""
    body: bytes = b""
    """The first bytes."""

    @classmethod
    def excerpt(
        cls,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        before: Answer | None = None,
    ) -> Answer:
        """An answer cut to what is kept: a receiver may send anything.

        The one before when nothing differs: receivers repeat themselves, and thousands of answers are kept.
        """
        kept: dict[str, str] = {}
        room = ANSWER_KEPT
        for name, value in headers:
            room -= len(name) + len(value)
            if room < 0:
                break
            kept[_text(name.lower())] = _text(value)
        body = bytes(body[:ANSWER_KEPT])
        if before is not None and (before.status, before.headers, before.body) == (status, kept, body):
            return before
        return cls(status, kept, body)


def _text(value: str) -> str:
    """Text that every document can hold; a header's odd bytes come as half characters."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


@dataclass(slots=True)
class Attempt:
    """One try to deliver: the status that counts, or what went wrong."""

    at: Timestamp
    """When it ended, by the sandbox's clock."""
    status: int | None = None
    error: str | None = None
    seconds: float | None = None
    """How long the receiver took, in real time; None where it is called in this process."""
    url: str | None = None
    """Where the request went; its body is the delivery's. None when none was sent."""
    signature: str | None = None
    """What it was signed with; None when it was not."""
    answer: Answer | None = None
    """What came back."""
    fault: str | None = None
    """The id of the fault rule that struck it."""
    repeated: bool = False
    """Whether the request was sent again without regard to the answer, by a fault rule."""

    @property
    def headers(self) -> dict[str, str] | None:
        """The request's headers; None when none was sent."""
        return None if self.url is None else request_headers(self.signature)


@dataclass(slots=True)
class Delivery:
    """One copy of an event on its way to an app's webhook URL."""

    id: str
    event_id: str
    event_type: str
    app_id: str
    body: bytes
    created_at: Timestamp
    for_user: str | None = None
    status: DeliveryStatus = "pending"
    """`pending`, `delivered`, `failed` (will be tried again) or `abandoned`."""
    due_at: Timestamp | None = None
    """When it is to be tried; None while it is held, and when it is final."""
    in_flight: bool = False
    """Whether its request is at the receiver."""
    overtaken_by: int = 0
    """How many later deliveries to the app are to go out before it, by a fault rule."""
    attempts: list[Attempt] = field(default_factory=list)
    number: int = 0
    """Its place among all deliveries of the sandbox."""
    place: int = 0
    """Its place among those that wait, since it last began to."""

    @property
    def retry_count(self) -> int:
        """How many attempts followed the first; what a fault rule repeated is no retry."""
        return max(0, self.tries - 1)

    @property
    def tries(self) -> int:
        """How many attempts counted."""
        return sum(not attempt.repeated for attempt in self.attempts)

    @property
    def next_retry_at(self) -> datetime | None:
        """When it is tried again after a failure."""
        return self.due_at if self.status == "failed" else None


class Shelf:
    """The numbers of some deliveries in order.

    Nearly all come at the end and leave at the beginning: there a place is left empty, so that thousands
    need not move up for each.
    """

    __slots__ = ("_begin", "_numbers")

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._begin = 0
        """How many empty places there are."""

    def __len__(self) -> int:
        return len(self._numbers) - self._begin

    def __iter__(self) -> Iterator[int]:
        return islice(self._numbers, self._begin, None)

    def put(self, number: int) -> None:
        """Add one."""
        numbers = self._numbers
        if not numbers or number > numbers[-1]:
            numbers.append(number)
        else:
            insort(numbers, number, self._begin)

    def take(self, number: int) -> None:
        """Remove one."""
        numbers, begin = self._numbers, self._begin
        if numbers[begin] != number:
            place = bisect_left(numbers, number, begin)
            if place - begin > len(numbers) - place:
                del numbers[place]
                return
            numbers[begin + 1 : place + 1] = numbers[begin:place]
        self._begin = begin + 1
        if self._begin > MOST_EMPTY and self._begin * 2 > len(numbers):
            del numbers[: self._begin]
            self._begin = 0

    def newest(self, limit: int, offset: int) -> list[int]:
        """A page of them, newest first."""
        stop = len(self._numbers) - offset
        start = max(self._begin, stop - limit)
        return self._numbers[start:stop][::-1] if stop > start else []


class Deliveries:
    """The deliveries of a sandbox by id; the oldest final ones are let go."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Delivery] = OrderedDict()
        self._by_number: dict[int, Delivery] = {}
        self._shelves: dict[Key, Shelf] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._by_id.values())

    def __contains__(self, id_: str) -> bool:
        return id_ in self._by_id

    def get(self, id_: str) -> Delivery | None:
        """The delivery with that id."""
        return self._by_id.get(id_)

    def add(self, delivery: Delivery) -> None:
        """Keep a new delivery, and let final ones go when there are too many."""
        delivery.number, self._next = self._next, self._next + 1
        self._by_id[delivery.id] = self._by_number[delivery.number] = delivery
        self._put(delivery, None)
        self._put(delivery, delivery.status)
        while len(self._by_id) > DELIVERIES_KEPT:
            oldest = next(iter(self._by_id.values()))
            if oldest.status in WAITING:
                break
            self._forget(oldest)

    def _forget(self, delivery: Delivery) -> None:
        del self._by_id[delivery.id], self._by_number[delivery.number]
        self._take(delivery, None)
        self._take(delivery, delivery.status)

    def _put(self, delivery: Delivery, status: str | None) -> None:
        for key in _keys(delivery, status):
            shelf = self._shelves.get(key)
            if shelf is None:
                shelf = self._shelves[key] = Shelf()
            shelf.put(delivery.number)

    def _take(self, delivery: Delivery, status: str | None) -> None:
        for key in _keys(delivery, status):
            self._shelves[key].take(delivery.number)

    def mark(self, delivery: Delivery, status: DeliveryStatus) -> None:
        """Give a delivery another status."""
        if status == delivery.status:
            return
        if delivery.id not in self._by_id:  # let go, or of a time before a reset
            delivery.status = status
            return
        self._take(delivery, delivery.status)
        delivery.status = status
        self._put(delivery, status)

    def page(
        self, app_id: str, status: str | None, event_type: str | None, limit: int, offset: int
    ) -> tuple[list[Delivery], int]:
        """An app's deliveries, newest first, and how many there are in all; None filters nothing."""
        shelf = self._shelves.get((app_id, status, event_type))
        if shelf is None:
            return [], 0
        return [self._by_number[number] for number in shelf.newest(limit, offset)], len(shelf)

    def waiting(self, app_id: str) -> list[Delivery]:
        """An app's deliveries that are not final, oldest first."""
        shelves = [self._shelves.get((app_id, status, None), ()) for status in WAITING]
        return [self._by_number[number] for number in sorted(chain.from_iterable(shelves))]


def _keys(delivery: Delivery, status: str | None) -> tuple[Key, Key]:
    """Where a delivery stands under a status."""
    return (delivery.app_id, status, None), (delivery.app_id, status, delivery.event_type)
