"""How credentials age and change hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contio_mock.fake.profile import Profile

DEFAULT_GRACE_HOURS = 24
LONGEST_GRACE_HOURS = 168
ROLLBACK_LIFE = timedelta(hours=1)
LIMIT_WINDOW = timedelta(hours=24)

_SDK_WORDS = {"pending_rotation": "transitioning", "rotate_now": "rotate_recommended"}


def worded(word: str, profile: Profile) -> str:
    """A status or recommendation in the profile's words."""
    return _SDK_WORDS.get(word, word) if profile.credential_words == "sdk" else word


def recommendation(age_days: int, profile: Profile) -> str:
    """What is to be done with a credential of that age, in the document's words."""
    if age_days >= profile.credential_rotate_now_days:
        return "rotate_now"
    return "rotate_soon" if age_days >= profile.credential_rotate_soon_days else "ok"


def grace(hours: int | None, profile: Profile) -> timedelta | None:
    """The grace period that was asked for; None when it cannot be granted."""
    wanted = DEFAULT_GRACE_HOURS if hours is None else hours
    if profile.grace_period_out_of_range == "clamp":
        wanted = max(0, min(wanted, LONGEST_GRACE_HOURS))
    return timedelta(hours=wanted) if 0 <= wanted <= LONGEST_GRACE_HOURS else None


def recent(rotations: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """The rotations that still count against the limit."""
    return tuple(moment for moment in rotations if now < moment + LIMIT_WINDOW)


def free_again(rotations: Sequence[datetime], now: datetime, profile: Profile) -> datetime | None:
    """When another rotation is allowed; None when it is now."""
    counted, limit = recent(rotations, now), profile.credential_rotation_limit
    if not limit or len(counted) < limit:
        return None
    return counted[-limit] + LIMIT_WINDOW
