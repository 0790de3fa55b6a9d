"""The lists of deliveries agree with a plain list, whatever happens to them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock.fake.deliveries import Deliveries, Delivery

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
APPS, TYPES = ("a", "b"), ("x", "y")
STATUSES = ("pending", "delivered", "failed", "abandoned")

STEPS = st.lists(
    st.tuples(st.sampled_from(APPS), st.sampled_from(TYPES))
    | st.tuples(st.integers(0, 30), st.sampled_from(STATUSES)),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS, st.integers(0, 5), st.integers(0, 5))
def test_every_filter_finds_what_a_scan_finds(steps: list[tuple], limit: int, offset: int) -> None:
    box, plain = Deliveries(), []
    for first, second in steps:
        if isinstance(first, str):
            number = len(plain)
            plain.append(Delivery(f"d{number}", f"e{number}", second, first, b"", NOW))
            box.add(plain[-1])
        elif plain:
            box.mark(plain[first % len(plain)], second)
    for app in APPS:
        for status in (None, *STATUSES, "none"):
            for kind in (None, *TYPES, "none"):
                fit = [
                    delivery
                    for delivery in reversed(plain)
                    if delivery.app_id == app
                    and status in (None, delivery.status)
                    and kind in (None, delivery.event_type)
                ]
                found = box.page(app, status, kind, limit, offset)
                assert found == (fit[offset : offset + limit], len(fit))
        waiting = [d for d in plain if d.app_id == app and d.status in ("pending", "failed")]
        assert box.waiting(app) == waiting


def test_a_delivery_of_another_box_is_only_marked() -> None:
    box = Deliveries()
    delivery = Delivery("d", "e", "x", "a", b"", NOW)
    box.mark(delivery, "delivered")
    assert delivery.status == "delivered"
    assert box.page("a", None, None, 10, 0) == ([], 0)
