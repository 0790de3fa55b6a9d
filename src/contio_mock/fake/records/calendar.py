"""Calendar events."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pydantic import Field

from contio_mock.contract.calendar import CalendarEvent

LENGTHS = 40
"""Classes of length; the longest event, of ten thousand years, is in class 33."""
_FIRST = datetime.min.replace(tzinfo=UTC)


class CalendarEventRecord(CalendarEvent):
    """A calendar event with what its answers do not show."""

    owner_id: str = Field(exclude=True)
    """The user whose calendar it is in."""
    uid: str = Field(exclude=True)
    """Which event it is outside: copies in several calendars share it."""
    is_all_day: bool = Field(default=False, exclude=True)


def calendar_keys(event: CalendarEventRecord) -> Iterable[str]:
    """The keys of an event: its owner's, and its owner's with the class of its length.

    Events that are running at a moment began before it, within their length: a class at a time, they
    are found without a look at all the others.
    """
    minutes = int((event.end_time - event.start_time) / timedelta(minutes=1))
    return (event.owner_id, length_key(event.owner_id, minutes.bit_length()))


def length_key(owner_id: str, length: int) -> str:
    """The key of a user's events that last less than 2 to the power of `length` minutes."""
    return f"{owner_id}/{length}"


def earliest_start(moment: datetime, length: int) -> datetime:
    """Before which no event of that class can have begun that is still running at the moment."""
    longest = timedelta(minutes=2**length)
    return moment - longest if moment - _FIRST > longest else _FIRST
