"""Names of time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contio_mock.fake.timezones import ABBREVIATIONS, zone

WINTER, SUMMER = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", ABBREVIATIONS)
def test_every_abbreviation_is_a_zone_in_any_case(name: str) -> None:
    assert zone(name) is not None
    assert zone(name.lower()) == zone(name)


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [("PST", -8, -7), ("PDT", -8, -7), ("Europe/Vienna", 1, 2), ("UTC", 0, 0), ("Asia/Kolkata", 5.5, 5.5)],
)
def test_a_zone_has_its_offsets(name: str, winter: float, summer: float) -> None:
    found = zone(name)
    assert WINTER.astimezone(found).utcoffset() == timedelta(hours=winter)
    assert SUMMER.astimezone(found).utcoffset() == timedelta(hours=summer)


@pytest.mark.parametrize(
    "name", ["", "Nowhere", "Europe", "Europe/", "/etc/localtime", "../UTC", "a\0b", "x" * 10_000, "\udc80"]
)
def test_anything_else_is_none(name: str) -> None:
    assert zone(name) is None
