"""The newest of a range, beside a list that is filtered and sorted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock.contract.shared import Model
from contio_mock.fake.recency import Recency
from contio_mock.fake.store import Collection, Index


class Row(Model):
    """A record with an order."""

    id: str
    weight: int


def weighed() -> Collection[Row]:
    return Collection({"weight": Index(lambda row: ("all",), lambda row: row.weight)})


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=True))
def test_a_large_range_follows_every_change(chance: Any) -> None:
    collection = weighed()
    rows = [collection.insert(Row(id=str(n), weight=chance.randrange(50))) for n in range(600)]
    for step in range(150):
        what = chance.random()
        if what < 0.3:
            rows.append(collection.insert(Row(id=f"new-{step}", weight=chance.randrange(50))))
        elif what < 0.6:
            at = chance.randrange(len(rows))
            rows[at] = collection.replace(rows[at], weight=chance.randrange(50))
        elif what < 0.8:
            collection.remove(rows.pop(chance.randrange(len(rows))))
        low, high = chance.randrange(25), chance.randrange(25, 50)
        expected = [row for row in reversed(rows) if low <= row.weight <= high]
        offset, limit = chance.randrange(len(expected) + 5), chance.randrange(1, 120)
        found = collection.page_between("weight", ["all"], low=low, high=high, limit=limit, offset=offset)
        assert found == (expected[offset : offset + limit], len(expected))


def test_more_changes_than_records_are_followed_too() -> None:
    collection = weighed()
    rows = [collection.insert(Row(id=str(n), weight=n)) for n in range(300)]
    assert collection.page_between("weight", ["all"], low=0, high=299, limit=1, offset=0) == ([rows[-1]], 300)
    for weight in range(400):
        rows[7] = collection.replace(rows[7], weight=weight)
    found = collection.page_between("weight", ["all"], low=300, high=None, limit=5, offset=0)
    assert found == ([rows[7]], 1)
    newest = collection.page_between("weight", ["all"], low=100, high=None, limit=300, offset=0)
    assert newest == ([row for row in reversed(rows) if row.weight >= 100], 201)


@pytest.mark.parametrize("share", [1, 7, 60, 1000])
def test_any_page_among_very_many_is_found(share: int) -> None:
    many = 100_000
    orders = [sequence * 48_271 % 100_003 for sequence in range(many)]
    entries = sorted((order, sequence, str(sequence)) for sequence, order in enumerate(orders))
    recency = Recency(entries)
    low, high = 5000, 5000 + many // share
    expected = [str(n) for n in reversed(range(many)) if low <= orders[n] <= high]
    for offset in (0, 1, 24, len(expected) // 2, max(0, len(expected) - 25), len(expected), many):
        assert recency.newest((low, high), 25, offset, int) == expected[offset : offset + 25]


def test_open_and_empty_ranges() -> None:
    recency = Recency((n, n, str(n)) for n in range(200))
    assert recency.newest((None, None), 3, 0, int) == ["199", "198", "197"]
    assert recency.newest((None, 100), 2, 0, int) == ["100", "99"]
    assert recency.newest((198, None), 9, 1, int) == ["198"]
    assert recency.newest((100, 50), 9, 0, int) == []
