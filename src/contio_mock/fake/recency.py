"""The newest of the records in a range: ordered one way, and listed by their age.

A range of one order is a slice, but a page of it in another order is not: neither sorting the whole
slice nor walking from the newest record on is cheap among a hundred thousand. Here neighbours in age
share a block, in blocks of several sizes, and each block is ordered as the range is. So a block says at
once how many of its records are in the range and which; those before the page are skipped by the
block, and the page is taken from a few small blocks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any

SIZES = (15, 12, 9, 6)
"""Sequence numbers that agree but for so many bits share a block."""
SORTED_AT_ONCE = 96
"""Taking so many matches out of a block costs less than looking into smaller blocks."""

Entry = tuple[Any, int, str]
"""What an index holds of a record: its order, its sequence number, its id."""


class _Block:
    """The orders of some neighbours, ascending, and their ids beside them."""

    __slots__ = ("ids", "orders")

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.ids: list[str] = []

    def add(self, order: Any, id_: str) -> None:
        at = bisect_right(self.orders, order)
        self.orders.insert(at, order)
        self.ids.insert(at, id_)

    def remove(self, order: Any, id_: str) -> None:
        at = self.ids.index(id_, bisect_left(self.orders, order))
        del self.orders[at], self.ids[at]


class Recency:
    """The records of one bucket by age; made at the first question, and kept up to date at the next."""

    __slots__ = ("_changes", "_levels")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._levels: list[dict[int, _Block]] = [{} for _ in SIZES]
        self._changes: list[tuple[Entry, bool]] = []
        for order, sequence, id_ in entries:
            for size, blocks in zip(SIZES, self._levels, strict=True):
                block = blocks.get(sequence >> size)
                if block is None:
                    block = blocks[sequence >> size] = _Block()
                block.orders.append(order)  # the entries come in order
                block.ids.append(id_)

    def note(self, entry: Entry, *, added: bool) -> None:
        """Remember that an entry came or went, until the next question."""
        self._changes.append((entry, added))

    @property
    def behind(self) -> int:
        """How many changes were noted since the last question."""
        return len(self._changes)

    def newest(
        self, bounds: tuple[Any, Any], limit: int, offset: int, age: Callable[[str], int]
    ) -> list[str]:
        """The ids of a page, newest first, of the records whose order is within bounds; None is open."""
        self._catch_up()
        question = _Question(self._levels, bounds, limit, offset, age)
        question.ask(0, sorted(self._levels[0], reverse=True))
        return question.found

    def _catch_up(self) -> None:
        for (order, sequence, id_), added in self._changes:
            for size, blocks in zip(SIZES, self._levels, strict=True):
                block = blocks.setdefault(sequence >> size, _Block())
                if added:
                    block.add(order, id_)
                else:
                    block.remove(order, id_)
        self._changes.clear()


class _Question:
    """A walk through the blocks, the newest first, until the page is full."""

    __slots__ = ("age", "found", "high", "levels", "low", "missing", "skipped")

    def __init__(
        self,
        levels: list[dict[int, _Block]],
        bounds: tuple[Any, Any],
        limit: int,
        offset: int,
        age: Callable[[str], int],
    ) -> None:
        self.levels = levels
        self.low, self.high = bounds
        self.missing = limit
        self.skipped = offset
        self.age = age
        self.found: list[str] = []

    def ask(self, level: int, numbers: Iterable[int]) -> None:
        """Look into the blocks of a level that have these numbers."""
        blocks, low, high = self.levels[level], self.low, self.high
        for number in numbers:
            block = blocks.get(number)
            if block is None:
                continue
            orders = block.orders
            start = 0 if low is None else bisect_left(orders, low)
            end = len(orders) if high is None else bisect_right(orders, high, start)
            count = end - start
            if count <= self.skipped:
                self.skipped -= max(0, count)
            elif count <= SORTED_AT_ONCE or level == len(SIZES) - 1:
                self._take(block.ids[start:end])
            else:
                width = SIZES[level] - SIZES[level + 1]
                first = number << width
                self.ask(level + 1, range(first + (1 << width) - 1, first - 1, -1))
            if not self.missing:
                return

    def _take(self, ids: list[str]) -> None:
        ids.sort(key=self.age, reverse=True)
        taken = ids[self.skipped : self.skipped + self.missing]
        self.found += taken
        self.missing -= len(taken)
        self.skipped = 0
