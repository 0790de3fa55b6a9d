"""The order of an agenda, and what may stand in its items."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import get_args

from contio_mock.contract.backlog_items import BacklogItemType
from contio_mock.contract.shared import UUID_PATTERN
from contio_mock.fake.profile import Profile

STEP = 100
"""What lies between two items that were appended: room for those that somebody puts between."""

_UUID = re.compile(UUID_PATTERN)


def sequence_after(last: str | None) -> str:
    """The place after the last item: the next multiple of the step; exact for any number of digits."""
    return str((int(Decimal(last)) // STEP + 1) * STEP) if last is not None else str(STEP)


def malformed_presenter(presenters: Iterable[str], profile: Profile) -> str | None:
    """The first presenter that cannot be a user's id; None when all can."""
    if profile.malformed_presenter == "keep":
        return None
    return next((given for given in presenters if not _UUID.fullmatch(given)), None)


def backlog_type(item_type: str) -> BacklogItemType:
    """The type that an agenda item has on a backlog: its own, or DISCUSSION where a backlog has none."""
    return next((known for known in get_args(BacklogItemType) if known == item_type), "DISCUSSION")
