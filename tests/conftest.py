"""Every Contio of these tests is held against its own contract."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "machine",
    derandomize="CONTIO_FUZZ" not in os.environ,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
"""How a state machine runs: always the same way, unless somebody looks for faults for a long time."""


@pytest.fixture(scope="session")
def contio_defaults() -> dict[str, Any]:
    return {"check_answers": True}
