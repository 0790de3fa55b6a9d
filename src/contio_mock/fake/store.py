"""Collections of frozen records with ordered indexes; copied on the first write, page by page read.

A list costs the same among a hundred records and among a hundred thousand: an index holds the ids
under each key in order, so a page is a slice and a total is a length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contio_mock.contract.shared import Model
from contio_mock.fake.recency import Entry, Recency

T = TypeVar("T", bound=Model)
Keys = Callable[[Any], Iterable[str]]
Order = Callable[[Any], Any]

_SORTED_AT_ONCE = 128
"""So many records of a range are sorted by age in no time."""


@dataclass(frozen=True, slots=True)
class Index:
    """Which keys a record stands under, and by what it is ordered there (None: by insertion).

    A record whose order is None is left out.
    """

    keys: Keys
    order: Order | None = None


class Bucket:
    """The records under one key of an index, in ascending order."""

    __slots__ = ("entries", "recency")

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self.entries = entries if entries is not None else []
        self.recency: Recency | None = None
        """The same records by age, once a page of a large range was asked for."""

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: Entry) -> None:
        """Put a record in its place."""
        entries = self.entries
        if not entries or entries[-1] < entry:  # nearly always: the newest is the last
            entries.append(entry)
        else:
            insort(entries, entry)
        if self.recency is not None:
            self._note(entry, added=True)

    def remove(self, entry: Entry) -> None:
        """Take a record out."""
        del self.entries[bisect_left(self.entries, entry)]
        if self.recency is not None:
            self._note(entry, added=False)

    def _note(self, entry: Entry, *, added: bool) -> None:
        if self.recency is not None and self.recency.behind <= len(self.entries):
            self.recency.note(entry, added=added)
        else:  # making it anew costs no more than catching up
            self.recency = None

    def newest(
        self, bounds: tuple[Any, Any], limit: int, offset: int, age: Callable[[str], int]
    ) -> list[str]:
        """The ids of a page, newest first, of the records whose order is within bounds; None is open."""
        if self.recency is None:
            self.recency = Recency(self.entries)
        return self.recency.newest(bounds, limit, offset, age)

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
        buckets = [bucket for bucket in found if bucket]
        if low is None and high is None and len(buckets) > 1 and self._definitions[index].order is None:
            return self._page_by_age([bucket.entries for bucket in buckets], limit, offset)
        runs = [Run(bucket.entries, *bucket.between(low, high)) for bucket in buckets]
        candidates: list[Entry] = []
        for run in runs:
            stop = run.end - offset if len(runs) == 1 else run.after(offset, runs)
            candidates += run.entries[max(run.start, stop - limit) : max(run.start, stop)]
        candidates.sort(reverse=True)
        total = sum(run.end - run.start for run in runs)
        return [self._rows[entry[2]] for entry in candidates[:limit]], total

    def _page_by_age(self, buckets: list[list[Entry]], limit: int, offset: int) -> tuple[list[T], int]:
        """A page over several buckets that are ordered by insertion."""
        total = sum(map(len, buckets))
        if offset >= total:
            return [], total
        begin, newer = self._before(buckets, total, offset, limit)
        candidates: list[Entry] = []
        for entries in buckets:
            end = bisect_left(entries, (begin,))
            candidates += entries[max(0, end - (offset - newer) - limit) : end]
        candidates.sort(reverse=True)
        piece = candidates[offset - newer : offset - newer + limit]
        return [self._rows[entry[2]] for entry in piece], total

    def _before(self, buckets: list[list[Entry]], total: int, offset: int, near: int) -> tuple[int, int]:
        """A sequence number that `offset` entries or a few less have or exceed, and how many those are.

        Where the buckets grew side by side, the share of the entries nearly says it at once.
        """
        low, above_low, high, above_high, steps = 0, total, self._next, 0, 0
        while offset - above_high > near and high - low > 1:
            steps += 1
            share = (above_low - offset + near // 2) / (above_low - above_high)
            guess = low + int((high - low) * share) if steps % 3 else (low + high) // 2
            middle = min(max(guess, low + 1), high - 1)
            above = 0
            for entries in buckets:
                above += len(entries) - bisect_left(entries, (middle,))
            if above <= offset:
                high, above_high = middle, above
            else:
                low, above_low = middle, above
        return high, above_high

    def page_between(  # noqa: PLR0913 - the two ends of a range and of a page
        self, index: str, keys: Iterable[str], *, low: Any, high: Any, limit: int, offset: int
    ) -> tuple[list[T], int]:
        """A page, the newest insertion first, of the records whose order is in [low, high].

        It may be of several keys under which no record stands twice.
        """
        found = (self._buckets[index].get(key) for key in keys)
        buckets = [bucket for bucket in found if bucket]
        runs = [bucket.between(low, high) for bucket in buckets]
        total = sum(end - start for start, end in runs)
        age = self._sequence.__getitem__
        if total <= _SORTED_AT_ONCE:
            inside = zip(buckets, runs, strict=True)
            chosen = [entry[2] for bucket, (start, end) in inside for entry in bucket.entries[start:end]]
            chosen.sort(key=age, reverse=True)
            ids = chosen[offset : offset + limit]
        elif len(buckets) == 1:
            ids = buckets[0].newest((low, high), limit, offset, age)
        else:  # what each has to give to the page, at most
            most = offset + limit
            chosen = [id_ for bucket in buckets for id_ in bucket.newest((low, high), most, 0, age)]
            chosen.sort(key=age, reverse=True)
            ids = chosen[offset:most]
        return [self._rows[id_] for id_ in ids], total

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

    def _entry(self, record: T, definition: Index) -> Entry | None:
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
                bucket.add(entry)

    def _unindex(self, record: T) -> None:
        for name, definition in self._definitions.items():
            entry = self._entry(record, definition)
            if entry is None:
                continue
            buckets = self._buckets[name]
            for key in definition.keys(record):
                bucket = buckets[key]
                bucket.remove(entry)
                if not bucket.entries:
                    del buckets[key]
