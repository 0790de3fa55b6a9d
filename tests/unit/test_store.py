"""A collection behaves like a plain list, however often it is copied."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from contio_mock.contract.shared import Model
from contio_mock.fake.store import Bucket, Collection, Index


class Row(Model):
    id: str
    groups: tuple[str, ...]
    weight: int | None = None


GROUPS = ("a", "b", "c")
groups = st.lists(st.sampled_from(GROUPS), unique=True).map(tuple)
weights = st.none() | st.integers(0, 5)
bounds = st.none() | st.integers(-1, 6)


def empty() -> Collection[Row]:
    return Collection(
        {
            "group": Index(lambda row: row.groups),
            "weight": Index(lambda row: row.groups, lambda row: row.weight),
            "one": Index(lambda row: (str(row.weight),)),
        }
    )


class CollectionModel(RuleBasedStateMachine):
    """Collections that share what they can, each beside the list it should be."""

    collections = Bundle("collections")

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Collection[Row], list[Row]]] = []
        self.made = 0

    @rule(target=collections)
    def begin(self) -> int:
        self.pairs.append((empty(), []))
        return len(self.pairs) - 1

    @rule(target=collections, which=collections)
    def copy(self, which: int) -> int:
        collection, rows = self.pairs[which]
        self.pairs.append((collection.copy(), list(rows)))
        return len(self.pairs) - 1

    @rule(which=collections, names=groups, weight=weights)
    def insert(self, which: int, names: tuple[str, ...], weight: int | None) -> None:
        collection, rows = self.pairs[which]
        self.made += 1
        row = Row(id=f"row-{self.made}", groups=names, weight=weight)
        assert collection.insert(row) is row
        rows.append(row)

    @rule(which=collections, data=st.data(), names=groups, weight=weights)
    def replace(self, which: int, data: Any, names: tuple[str, ...], weight: int | None) -> None:
        collection, rows = self.pairs[which]
        if rows:
            position = data.draw(st.integers(0, len(rows) - 1))
            rows[position] = collection.replace(rows[position], groups=names, weight=weight)
            assert rows[position].groups == names

    @rule(which=collections, data=st.data())
    def remove(self, which: int, data: Any) -> None:
        collection, rows = self.pairs[which]
        if rows:
            collection.remove(rows.pop(data.draw(st.integers(0, len(rows) - 1))))

    @rule(
        which=collections,
        group=st.sampled_from(GROUPS),
        limit=st.integers(1, 6),
        offset=st.integers(0, 8),
        newest=st.booleans(),
    )
    def page(self, which: int, group: str, limit: int, offset: int, newest: bool) -> None:
        collection, rows = self.pairs[which]
        under = [row for row in rows if group in row.groups]
        expected = under[::-1] if newest else under
        items, total = collection.page("group", group, limit=limit, offset=offset, newest_first=newest)
        assert (items, total) == (expected[offset : offset + limit], len(under))

    @rule(
        which=collections,
        wanted=st.sets(weights),
        limit=st.integers(1, 6),
        offset=st.integers(0, 8),
    )
    def page_across(self, which: int, wanted: set[int | None], limit: int, offset: int) -> None:
        collection, rows = self.pairs[which]
        chosen = [row for row in reversed(rows) if row.weight in wanted]
        keys = [str(weight) for weight in wanted]
        items, total = collection.page_across("one", keys, limit=limit, offset=offset)
        assert (items, total) == (chosen[offset : offset + limit], len(chosen))

    @rule(
        which=collections,
        group=st.sampled_from(GROUPS),
        low=bounds,
        high=bounds,
        limit=st.integers(1, 6),
        offset=st.integers(0, 8),
    )
    def page_between(
        self, which: int, group: str, low: int | None, high: int | None, limit: int, offset: int
    ) -> None:
        collection, rows = self.pairs[which]
        chosen = [
            row
            for row in reversed(rows)
            if group in row.groups
            and row.weight is not None
            and (low is None or row.weight >= low)
            and (high is None or row.weight <= high)
        ]
        items, total = collection.page_between(
            "weight", [group], low=low, high=high, limit=limit, offset=offset
        )
        assert (items, total) == (chosen[offset : offset + limit], len(chosen))

    @rule(
        which=collections,
        group=st.sampled_from(GROUPS),
        low=bounds,
        high=bounds,
        limit=st.integers(0, 6),
        offset=st.integers(0, 8),
        newest=st.booleans(),
    )
    def page_within(
        self,
        which: int,
        group: str,
        low: int | None,
        high: int | None,
        limit: int,
        offset: int,
        newest: bool,
    ) -> None:
        collection, _ = self.pairs[which]
        chosen = [
            row
            for row in collection.under("weight", group)
            if row.weight is not None
            and (low is None or row.weight >= low)
            and (high is None or row.weight <= high)
        ]
        if newest:
            chosen.reverse()
        items, total = collection.page_within(
            "weight", group, low=low, high=high, limit=limit, offset=offset, newest_first=newest
        )
        assert (items, total) == (chosen[offset : offset + limit], len(chosen))

    @invariant()
    def each_is_its_list(self) -> None:
        for collection, rows in self.pairs:
            assert len(collection) == len(rows)
            assert {row.id: row for row in collection} == {row.id: row for row in rows}
            for group in GROUPS:
                under = [row for row in rows if group in row.groups]
                assert collection.under("group", group) == under
                assert collection.count("group", group) == len(under)
                assert collection.first("group", group) == (under[0] if under else None)
                assert collection.last("group", group) == (under[-1] if under else None)
            for row in rows:
                assert collection.get(row.id) == row


TestCollections = CollectionModel.TestCase
TestCollections.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("size", [1, 10, 300, 3000])
def test_a_wide_and_a_narrow_range_find_the_same(size: int) -> None:
    collection = empty()
    for number in range(size):
        collection.insert(Row(id=str(number), groups=("a",), weight=number * 7 % 10))
    for low, high in ((None, None), (0, 9), (3, 4), (5, 5), (9, 0)):
        expected = [
            row
            for row in reversed(list(collection))
            if (low or 0) <= row.weight <= (9 if high is None else high)
        ]
        found: list[Row] = []
        while True:
            items, total = collection.page_between(
                "weight", ["a"], low=low, high=high, limit=7, offset=len(found)
            )
            assert total == len(expected)
            found += items
            if not items:
                break
        assert found == expected


def test_an_unknown_id_or_key_is_nothing() -> None:
    collection = empty()
    assert collection.get("x") is None
    assert collection.page("group", "x", limit=5, offset=0) == ([], 0)
    assert collection.page_between("weight", ["x"], low=None, high=None, limit=5, offset=0) == ([], 0)
    assert collection.page_within("weight", "x", low=None, high=None, limit=5, offset=0) == ([], 0)
    assert len(Bucket()) == 0


def test_a_write_to_a_copy_leaves_the_original_and_the_other_way_round() -> None:
    original = empty()
    kept = original.insert(Row(id="1", groups=("a",)))
    twin = original.copy()
    twin.replace(kept, groups=("b",))
    original.insert(Row(id="2", groups=("a",)))
    assert [row.id for row in original.under("group", "a")] == ["1", "2"]
    assert twin.under("group", "a") == []
    assert [row.id for row in twin] == ["1"]


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.sets(st.sampled_from("abce")), st.integers(0, 45))
def test_a_page_over_several_keys_is_the_page_of_their_union(
    keys: list[str], wanted: set[str], offset: int
) -> None:
    collection = empty()
    for number, key in enumerate(keys):
        collection.insert(Row(id=str(number), groups=(key,)))
    everything = [str(n) for n, key in reversed(list(enumerate(keys))) if key in wanted]
    for limit in (1, 3, 50):
        found, total = collection.page_across("group", wanted, limit=limit, offset=offset)
        assert [record.id for record in found] == everything[offset : offset + limit]
        assert total == len(everything)


def disjoint() -> Collection[Row]:
    """A collection whose second index has the keys of the first in the order of weight."""
    return Collection(
        {
            "group": Index(lambda row: row.groups),
            "weight": Index(lambda row: row.groups, lambda row: row.weight),
        }
    )


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 5)), max_size=40),
    st.sets(st.sampled_from("abcd")),
    st.none() | st.integers(-1, 6),
    st.none() | st.integers(-1, 6),
    st.integers(0, 45),
)
def test_a_range_of_several_keys_is_the_range_of_their_union(
    rows: list[tuple[str, int | None]], wanted: set[str], low: int | None, high: int | None, offset: int
) -> None:
    collection = disjoint()
    for number, (key, weight) in enumerate(rows):
        collection.insert(Row(id=str(number), groups=(key,), weight=weight))
    chosen = [
        row
        for row in reversed(list(collection))
        if set(row.groups) <= wanted
        and row.weight is not None
        and (low is None or row.weight >= low)
        and (high is None or row.weight <= high)
    ]
    by_weight = sorted(chosen, key=lambda row: (row.weight or 0, int(row.id)), reverse=True)
    for limit in (1, 3, 50):
        bounds = {"low": low, "high": high, "limit": limit, "offset": offset}
        window = slice(offset, offset + limit)
        between = collection.page_between("weight", wanted, **bounds)
        assert between == (chosen[window], len(chosen))
        assert collection.page_across("weight", wanted, **bounds) == (by_weight[window], len(chosen))
