"""The user's profile."""

from __future__ import annotations

import pytest

from contio_mock import FakeContio


def test_says_who_the_user_is_and_where_they_work(contio: FakeContio) -> None:
    profile = contio.client("ada@example.com").user.profile.get()
    assert profile.display_name == "Ada Lovelace"
    assert profile.workspace_name == "Analytical Engines"
    assert profile.workspace_role == "WORKSPACE_OWNER"
    assert profile.plan_type == "ENT"
    assert profile.timezone == "Europe/London"


@pytest.mark.contio(release="1.6")
def test_plan_and_time_zone_are_younger_than_release_1_6(contio: FakeContio) -> None:
    profile = contio.client().user.profile.get()
    assert profile.plan_type is None
    assert profile.timezone is None


@pytest.mark.contio(release="1.9")
def test_the_time_zone_is_younger_than_release_1_9(contio: FakeContio) -> None:
    profile = contio.client().user.profile.get()
    assert profile.plan_type == "ENT"
    assert profile.timezone is None
