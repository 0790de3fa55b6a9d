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


Bucket = list[Entry]
"""The records under one key of an index, in ascending order."""


def between(bucket: Bucket, low: Any, high: Any) -> tuple[int, int]:
    """The positions of the entries whose order is in [low, high]; None is open."""
    start = 0 if low is None else bisect_left(bucket, (low, -1, ""))
    end = len(bucket)
    if high is not None:
        end = bisect_right(bucket, (high, 1 << 62, ""))
    return start, max(start, end)


@dataclass(slots=True)
class Run:
    """Neighbouring entries of a bucket, in ascending order."""

    entries: Bucket
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

    def since(self, entry: Entry) -> int:
        """How many entries are that one or come after it."""
        return self.end - bisect_left(self.entries, entry, self.start, self.end)


class Collection(Generic[T]):
    """Records by id. `get` and `page` read; `insert`, `replace` and `remove` write."""

    def __init__(self, indexes: Mapping[str, Index]) -> None:
        self._definitions = indexes
        self._plan = _plan(indexes)
        self._rows: dict[str, T] = {}
        self._sequence: dict[str, int] = {}
        self._buckets: dict[str, dict[str, Bucket]] = {name: {} for name in indexes}
        self._by_age: dict[tuple[str, str], Recency] = {}
        """The records under a key of an index by age, once a page of a large range was asked for."""
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
        return self._rows[bucket[0][2]] if bucket else None

    def last(self, index: str, key: str) -> T | None:
        """The newest record under a key."""
        bucket = self._buckets[index].get(key)
        return self._rows[bucket[-1][2]] if bucket else None

    def under(self, index: str, key: str) -> list[T]:
        """Every record under a key, in the index's order."""
        bucket = self._buckets[index].get(key)
        return [self._rows[entry[2]] for entry in bucket] if bucket else []

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
        total = len(bucket)
        if newest_first:
            stop = total - offset
            piece = bucket[max(0, stop - limit) : stop][::-1] if stop > 0 else []
        else:
            piece = bucket[offset : offset + limit]
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
            return self._page_by_age(buckets, limit, offset)
        runs = [Run(bucket, *between(bucket, low, high)) for bucket in buckets]
        candidates: list[Entry] = []
        for run in runs:
            stop = run.end - offset if len(runs) == 1 else run.after(offset, runs)
            candidates += run.entries[max(run.start, stop - limit) : max(run.start, stop)]
        candidates.sort(reverse=True)
        total = sum(run.end - run.start for run in runs)
        return [self._rows[entry[2]] for entry in candidates[:limit]], total

    def _page_by_age(self, buckets: list[Bucket], limit: int, offset: int) -> tuple[list[T], int]:
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

    def _before(self, buckets: list[Bucket], total: int, offset: int, near: int) -> tuple[int, int]:
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
        of_index = self._buckets[index]
        buckets = {key: of_index[key] for key in keys if key in of_index}
        runs = [between(bucket, low, high) for bucket in buckets.values()]
        total = sum(end - start for start, end in runs)
        age = self._sequence.__getitem__
        if total <= _SORTED_AT_ONCE:
            inside = zip(buckets.values(), runs, strict=True)
            chosen = [entry[2] for bucket, (start, end) in inside for entry in bucket[start:end]]
            chosen.sort(key=age, reverse=True)
            ids = chosen[offset : offset + limit]
        elif len(buckets) == 1:
            (key,) = buckets
            ids = self._recency(index, key).newest((low, high), limit, offset, age)
        else:  # what each has to give to the page, at most
            most = offset + limit
            recencies = [self._recency(index, key) for key in buckets]
            chosen = [id_ for recency in recencies for id_ in recency.newest((low, high), most, 0, age)]
            chosen.sort(key=age, reverse=True)
            ids = chosen[offset:most]
        return [self._rows[id_] for id_ in ids], total

    def _recency(self, index: str, key: str) -> Recency:
        """The records under a key by age."""
        recency = self._by_age.get((index, key))
        if recency is None:
            recency = self._by_age[index, key] = Recency(self._buckets[index][key])
        return recency

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
        start, end = between(bucket, low, high)
        if newest_first:
            stop = max(start, end - offset)
            piece = bucket[max(start, stop - limit) : stop][::-1]
        else:
            piece = bucket[start + offset : min(end, start + offset + limit)]
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
                name: {key: bucket.copy() for key, bucket in buckets.items()}
                for name, buckets in self._buckets.items()
            }
            self._by_age = {}
            self._shared = False

    def _places(self, record: T) -> Iterator[tuple[str, tuple[str, ...], Entry]]:
        """Where a record stands: the index, the keys there, and the entry under each of them."""
        id_ = record.id  # type: ignore[attr-defined] # every record has one
        sequence = self._sequence[id_]
        by_insertion = (sequence, sequence, id_)
        for keys_of, indexes in self._plan:
            keys = tuple(keys_of(record))
            for name, order_of in indexes:
                if order_of is None:
                    yield name, keys, by_insertion
                elif (order := order_of(record)) is not None:
                    yield name, keys, (order, sequence, id_)

    def _index(self, record: T) -> None:
        for name, keys, entry in self._places(record):
            buckets = self._buckets[name]
            for key in keys:
                bucket = buckets.get(key)
                if bucket is None:
                    buckets[key] = [entry]
                elif bucket[-1] < entry:  # nearly always: the newest is the last
                    bucket.append(entry)
                else:
                    insort(bucket, entry)
                if self._by_age:
                    self._note(name, key, entry, added=True)

    def _unindex(self, record: T) -> None:
        for name, keys, entry in self._places(record):
            buckets = self._buckets[name]
            for key in keys:
                bucket = buckets[key]
                del bucket[bisect_left(bucket, entry)]
                if not bucket:
                    del buckets[key]
                if self._by_age:
                    self._note(name, key, entry, added=False)

    def _note(self, index: str, key: str, entry: Entry, *, added: bool) -> None:
        """Keep what is known by age up to date."""
        recency = self._by_age.get((index, key))
        if recency is None:
            return
        if recency.behind <= self.count(index, key):
            recency.note(entry, added=added)
        else:  # making it anew costs no more than catching up
            del self._by_age[index, key]


def _plan(indexes: Mapping[str, Index]) -> list[tuple[Keys, list[tuple[str, Order | None]]]]:
    """The indexes by the function of their keys, which several may share: it is asked once for a record."""
    plan: dict[Keys, list[tuple[str, Order | None]]] = {}
    for name, index in indexes.items():
        plan.setdefault(index.keys, []).append((name, index.order))
    return list(plan.items())
