"""`X-Client-Timezone`: an IANA name or an abbreviation to a time zone."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ABBREVIATIONS = {
    "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
    "CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver",
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "AKST": "America/Anchorage",
    "HST": "Pacific/Honolulu", "GMT": "Etc/GMT", "BST": "Europe/London", "CET": "Europe/Paris",
    "CEST": "Europe/Paris", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney",
    "UTC": "Etc/UTC", "Z": "Etc/UTC",
}  # fmt: skip
"""What the documents call abbreviations such as EST and PST: the region's zone, daylight saving included."""


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo | None:
    """The zone of a name, None when nobody knows it."""
    try:
        return ZoneInfo(ABBREVIATIONS.get(name.upper(), name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
