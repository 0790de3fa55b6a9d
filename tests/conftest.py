"""Every Contio of these tests is held against its own contract."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def contio_defaults() -> dict[str, Any]:
    return {"check_answers": True}
