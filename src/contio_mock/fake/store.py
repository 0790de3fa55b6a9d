"""Collections of frozen records with ordered indexes; copied on the first write, page by page read.

A list costs the same among a hundred records and among a hundred thousand: an index holds the ids
under each key in order, so a page is a slice and a total is a length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any, Generic, TypeVar

from contio_mock.contract.shared import Model

T = TypeVar("T", bound=Model)
Keys = Callable[[Any], Iterable[str]]
Order = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Index:
    """Which keys a record stands under, and by what it is ordered there (None: by insertion).

    A record whose order is None is left out.
    """

    keys: Keys
    order: Order | None = None


class Bucket:
    """The records under one key of an index, in ascending order."""

    __slots__ = ("entries",)

    def __init__(self, entries: list[tuple[Any, int, str]] | None = None) -> None:
        self.entries = entries if entries is not None else []

    def __len__(self) -> int:
        return len(self.entries)

    def between(self, low: Any, high: Any) -> tuple[int, int]:
        """The positions of the entries whose order is in [low, high]; None is open."""
        start = 0 if low is None else bisect_left(self.entries, (low, -1, ""))
        end = len(self.entries)
        if high is not None:
            end = bisect_right(self.entries, (high, 1 << 62, ""))
        return start, max(start, end)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring entries of a bucket, in ascending order."""

    entries: list[tuple[Any, int, str]]
    start: int
    end: int

    def after(self, offset: int, runs: list[Run]) -> int:
        """Where this run ends without those of its entries that are among the last `offset` of all runs."""
        low, high = self.start, self.end
        while low < high:
            middle = (low + high) // 2
            if sum(run.since(self.entries[middle]) for run in runs) <= offset:
                high = middle
            else:
                low = middle + 1
        return low

    def since(self, entry: tuple[Any, int, str]) -> int:
        """How many entries are that one or come after it."""
        return self.end - bisect_left(self.entries, entry, self.start, self.end)


class Collection(Generic[T]):
    """Records by id. `get` and `page` read; `insert`, `replace` and `remove` write."""

    def __init__(self, indexes: Mapping[str, Index]) -> None:
        self._definitions = indexes
        self._rows: dict[str, T] = {}
        self._sequence: dict[str, int] = {}
        self._buckets: dict[str, dict[str, Bucket]] = {name: {} for name in indexes}
        self._next = 0
        self._shared = False
        self.windows: dict[Any, Any] = {}
        """Pages that were shown since the last write; see paging.listed."""

    def copy(self) -> Collection[T]:
        """A collection with the same records; both copy what they share before they write."""
        twin: Collection[T] = Collection.__new__(Collection)
        twin.__dict__.update(self.__dict__)
        twin.windows = {}
        self._shared = twin._shared = True
        return twin

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows.values())

    def get(self, id_: str) -> T | None:
        """The record with that id."""
        return self._rows.get(id_)

    def first(self, index: str, key: str) -> T | None:
        """The oldest record under a key."""
        bucket = self._buckets[index].get(key)
        return self._rows[bucket.entries[0][2]] if bucket else None

    def last(self, index: str, key: str) -> T | None:
        """The newest record under a key."""
        bucket = self._buckets[index].get(key)
        return self._rows[bucket.entries[-1][2]] if bucket else None

    def under(self, index: str, key: str) -> list[T]:
        """Every record under a key, in the index's order."""
        bucket = self._buckets[index].get(key)
        return [self._rows[entry[2]] for entry in bucket.entries] if bucket else []

    def count(self, index: str, key: str) -> int:
        """How many records stand under a key."""
        return len(self._buckets[index].get(key, ()))

    def page(
        self, index: str, key: str, *, limit: int, offset: int, newest_first: bool = True
    ) -> tuple[list[T], int]:
        """The records of one page under a key, and how many there are in all."""
        bucket = self._buckets[index].get(key)
        if bucket is None:
            return [], 0
        entries, total = bucket.entries, len(bucket.entries)
        if newest_first:
            stop = total - offset
            piece = entries[max(0, stop - limit) : stop][::-1] if stop > 0 else []
        else:
            piece = entries[offset : offset + limit]
        rows = self._rows
        return [rows[entry[2]] for entry in piece], total

    def page_across(  # noqa: PLR0913 - the two ends of a range and of a page
        self,
        index: str,
        keys: Iterable[str],
        *,
        limit: int,
        offset: int,
        low: Any = None,
        high: Any = None,
    ) -> tuple[list[T], int]:
        """A page of the records under any of these keys, newest first, and how many there are in all.

        No record stands under two of the keys. Only those count whose order in this index is in
        [low, high]; None is open.
        """
        found = (self._buckets[index].get(key) for key in keys)
        runs = [Run(bucket.entries, *bucket.between(low, high)) for bucket in found if bucket]
        candidates: list[tuple[Any, int, str]] = []
        for run in runs:
            stop = run.end - offset if len(runs) == 1 else run.after(offset, runs)
            candidates += run.entries[max(run.start, stop - limit) : max(run.start, stop)]
        candidates.sort(reverse=True)
        total = sum(run.end - run.start for run in runs)
        return [self._rows[entry[2]] for entry in candidates[:limit]], total

    def page_between(  # noqa: PLR0913 - the two ends of a range and of a page
        self,
        index: str,
        range_index: str,
        keys: Iterable[str],
        *,
        low: Any,
        high: Any,
        limit: int,
        offset: int,
    ) -> tuple[list[T], int]:
        """A page in the order of `index`, newest first, of the records in a range of another index.

        It may be of several keys under which no record stands twice; both indexes have the same keys.
        """
        kept = [key for key in keys if key in self._buckets[range_index]]
        buckets = [self._buckets[range_index][key] for key in kept]
        runs = [Run(bucket.entries, *bucket.between(low, high)) for bucket in buckets]
        everything = [self._buckets[index][key].entries for key in kept]
        total = sum(run.end - run.start for run in runs)
        if total**2 <= (offset + limit) * sum(map(len, everything)):
            order = self._definitions[index]
            rows = [self._rows[entry[2]] for run in runs for entry in run.entries[run.start : run.end]]
            rows.sort(key=lambda row: self._entry(row, order) or (), reverse=True)
            return rows[offset : offset + limit], total
        in_range = self._definitions[range_index].order or (lambda _: None)
        newest = merge(*map(reversed, everything), reverse=True)
        ids = self._walk(newest, in_range, (low, high), (offset, limit))
        return [self._rows[id_] for id_ in ids], total

    def _walk(
        self,
        entries: Iterable[tuple[Any, int, str]],
        order: Order,
        bounds: tuple[Any, Any],
        window: tuple[int, int],
    ) -> list[str]:
        """The ids of a window of the entries, newest first, whose records' order is within bounds."""
        (low, high), (offset, limit), found = bounds, window, []
        for entry in entries:
            value = order(self._rows[entry[2]])
            if value is None or (low is not None and value < low) or (high is not None and value > high):
                continue
            if offset:
                offset -= 1
                continue
            found.append(entry[2])
            if len(found) == limit:
                break
        return found

    def page_within(  # noqa: PLR0913 - the two ends of a range and of a page
        self,
        index: str,
        key: str,
        *,
        low: Any,
        high: Any,
        limit: int,
        offset: int,
        newest_first: bool = True,
    ) -> tuple[list[T], int]:
        """A page of the records whose order in this very index is in [low, high], and how many there are."""
        bucket = self._buckets[index].get(key)
        if bucket is None:
            return [], 0
        start, end = bucket.between(low, high)
        if newest_first:
            stop = max(start, end - offset)
            piece = bucket.entries[max(start, stop - limit) : stop][::-1]
        else:
            piece = bucket.entries[start + offset : min(end, start + offset + limit)]
        return [self._rows[entry[2]] for entry in piece], end - start

    def insert(self, record: T) -> T:
        """Add a record; its `id` is new."""
        self._own()
        id_ = record.id  # type: ignore[attr-defined] # every record has one
        self._rows[id_] = record
        self._sequence[id_] = self._next
        self._next += 1
        self._index(record)
        return record

    def replace(self, record: T, **changes: Any) -> T:
        """Put a changed copy in the record's place and return it."""
        return self.put(record.model_copy(update=changes))

    def put(self, record: T) -> T:
        """Put a record in the place of the one with the same id."""
        self._own()
        id_ = record.id  # type: ignore[attr-defined] # every record has one
        self._unindex(self._rows[id_])
        self._rows[id_] = record
        self._index(record)
        return record

    def remove(self, record: T) -> None:
        """Take a record out."""
        self._own()
        id_ = record.id  # type: ignore[attr-defined] # every record has one
        self._unindex(self._rows.pop(id_))
        del self._sequence[id_]

    def _own(self) -> None:
        if self.windows:
            self.windows = {}
        if self._shared:
            self._rows = dict(self._rows)
            self._sequence = dict(self._sequence)
            self._buckets = {
                name: {key: Bucket(list(bucket.entries)) for key, bucket in buckets.items()}
                for name, buckets in self._buckets.items()
            }
            self._shared = False

    def _entry(self, record: T, definition: Index) -> tuple[Any, int, str] | None:
        id_ = record.id  # type: ignore[attr-defined] # every record has one
        sequence = self._sequence[id_]
        if definition.order is None:
            return (sequence, sequence, id_)
        order = definition.order(record)
        return None if order is None else (order, sequence, id_)

    def _index(self, record: T) -> None:
        for name, definition in self._definitions.items():
            entry = self._entry(record, definition)
            if entry is None:
                continue
            buckets = self._buckets[name]
            for key in definition.keys(record):
                bucket = buckets.get(key)
                if bucket is None:
                    bucket = buckets[key] = Bucket()
                insort(bucket.entries, entry)

    def _unindex(self, record: T) -> None:
        for name, definition in self._definitions.items():
            entry = self._entry(record, definition)
            if entry is None:
                continue
            buckets = self._buckets[name]
            for key in definition.keys(record):
                entries = buckets[key].entries
                del entries[bisect_left(entries, entry)]
                if not entries:
                    del buckets[key]
