"""The journal's ring and its masks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contio_mock.contract.wire import Request, Response
from contio_mock.fake.journal import BODY_KEPT, Entry, Journal, masked

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def test_the_ring_keeps_the_newest_and_counts_all() -> None:
    journal = Journal(capacity=3)
    for number in range(5):
        journal.append(Entry(Request("GET", f"/{number}"), str(number), NOW))
    assert [entry.request_id for entry in journal.newest()] == ["4", "3", "2"]
    assert journal.seen == 5
    journal.clear()
    assert list(journal.newest()) == []
    assert journal.seen == 0


def test_an_entry_keeps_the_beginning_of_long_bodies() -> None:
    entry = Entry(Request("POST", "/", "", {}, b"x" * (BODY_KEPT + 1)), "1", NOW)
    entry.close(Response(200, [("a", "b")], b"y" * (BODY_KEPT + 1)), 0.5)
    assert entry.body_bytes == BODY_KEPT + 1
    assert len(entry.body) == len(entry.answer_body) == BODY_KEPT
    assert (entry.status, entry.answer_headers, entry.seconds) == (200, [("a", "b")], 0.5)


SECRET = "cto_at_v1_abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "cookie", "set-cookie"])
@pytest.mark.parametrize("value", [SECRET, f"Bearer {SECRET}", f"Basic {SECRET}", f"contio_session={SECRET}"])
def test_a_secret_is_cut_short(name: str, value: str) -> None:
    shown = masked(name, value)
    assert "abcdefghijklmnop" not in shown
    assert shown.endswith("…")


@pytest.mark.parametrize("secret", ["ctio_demo_key", "short", "x", "cs_demo_secret"])
def test_more_than_half_of_a_secret_stays_hidden(secret: str) -> None:
    shown = masked("x-api-key", secret).removesuffix("…")
    assert shown == "" or (secret.startswith(shown) and len(shown) <= len(secret) / 2)


@pytest.mark.parametrize("name", ["accept", "x-client-id", "content-type", "x-contio-signature"])
def test_other_headers_are_shown_whole(name: str) -> None:
    assert masked(name, SECRET) == SECRET
