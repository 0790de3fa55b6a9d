"""The targets of the contract tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contio_mock import FakeContio
from contio_mock.contract.release import LATEST, Release

from .world import World


@pytest.fixture
def world_of() -> Callable[[Release], World]:
    """A fresh target that speaks a release."""
    return lambda release: World(FakeContio(release=release, check_answers=True).handle, release)


@pytest.fixture
def world(world_of: Callable[[Release], World]) -> World:
    return world_of(LATEST)
