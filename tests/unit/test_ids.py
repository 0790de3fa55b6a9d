"""Ids come from a seed, and look like what they stand for."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from contio_mock.fake.ids import Ids, stable_uuid, unguessable


def drawn(seed: int) -> list[object]:
    ids = Ids(seed)
    return [
        make()
        for _ in range(20)
        for make in (
            ids.uuid,
            ids.request_id,
            lambda: ids.opaque("x_"),
            ids.one_time_code,
            ids.chance,
            ids.number,
        )
    ]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**200])
def test_the_same_seed_gives_the_same_ids(seed: int) -> None:
    assert drawn(seed) == drawn(seed)
    assert drawn(seed) != drawn(seed + 1)


def test_a_uuid_is_one_of_version_4() -> None:
    ids = Ids(1)
    made = {ids.uuid() for _ in range(500)}
    assert len(made) == 500
    assert all(UUID(text).version == 4 and str(UUID(text)) == text for text in made)


def test_the_other_forms() -> None:
    ids = Ids(1)
    assert all(re.fullmatch(r"req_[0-9a-f]{20}", ids.request_id()) for _ in range(100))
    assert all(re.fullmatch(r"\d{6}", ids.one_time_code()) for _ in range(100))
    assert all(0 <= ids.chance() < 1 for _ in range(100))
    assert all(0 <= ids.number() < 2**32 for _ in range(100))


@pytest.mark.parametrize(("prefix", "length"), [("cto_at_v1_", 43), ("s_", 32), ("", 1), ("p", 0)])
def test_an_opaque_token_has_its_prefix_and_length(prefix: str, length: int) -> None:
    token = Ids(1).opaque(prefix, length)
    assert token.startswith(prefix)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{{length}}}", token[len(prefix) :])


def test_every_character_is_used() -> None:
    ids = Ids(1)
    assert len(set("".join(ids.opaque("") for _ in range(50)))) == 64


def test_the_ids_of_fixtures_are_the_same_everywhere() -> None:
    assert stable_uuid("demo", "user", "a") == stable_uuid("demo", "user", "a")
    assert stable_uuid("demo", "user", "a") != stable_uuid("demo", "user", "b")
    assert UUID(stable_uuid("x")).version == 5


def test_what_no_seed_gives_is_new_each_time() -> None:
    made = {unguessable("ctio_") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"ctio_[A-Za-z0-9_-]{32}", text) for text in made)


def test_a_seed_gives_what_it_has_always_given() -> None:
    ids = Ids(1)
    given = [ids.uuid(), ids.opaque("cto_at_v1_"), ids.request_id(), ids.opaque("s_", 32), ids.uuid()]
    assert given == [
        "cd613e30-d8f1-4adf-91b7-584a2265b1f5",
        "cto_at_v1_EvrhDHNxnABP0wUQJu-LesX1U7HRv5swjidEzFGEljn",
        "req_35bfc9e9c616612e7696",
        "s_M6yBYIILkzHqHH0BmzGskL7s0XdjCq8Y",
        "c4647159-c324-4985-9b81-0e766ec9d286",
    ]
