"""What no source says about calendars."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class CalendarOptions:
    """Which events a range holds, who reads them, and how they are linked to meetings."""

    calendar_range: Literal["overlap", "start"] = option(
        "overlap",
        "Is an event in a range when some of it is, or only when it starts there?",
        "An event that is running when the day begins belongs to that day's calendar.",
        "C",
    )
    reversed_calendar_range: Literal["empty", "reject"] = option(
        "empty",
        "What does a range give that ends before it starts?",
        "The declared codes speak of missing and unreadable dates, none of their order.",
        "C",
    )
    foreign_calendar_event: Literal["forbidden", "not_found"] = option(
        "forbidden",
        "How is the reading of an event in somebody else's calendar refused?",
        "The document declares 403 for a user without access, beside 404.",
        "N.37",
    )
    linked_event_status: Literal["409", "400"] = option(
        "409",
        "How is linking an event refused that another meeting is linked to?",
        "409 is declared for just that, though the code stands in the list of 400.",
        "N.42",
    )
    relinking: Literal["success", "reject"] = option(
        "success",
        "What does linking a meeting to the event give that it is linked to already?",
        "What was asked for is so.",
        "N.42",
    )
    unlink_without_link: Literal["success", "not_found"] = option(
        "success",
        "What does unlinking a meeting give that no event is linked to?",
        "The document declares 404 for the meeting only; what was asked for is so.",
        "C",
    )
    meeting_of_event: Literal["any_copy", "own_copy"] = option(
        "any_copy",
        "Is a meeting found that was made of the same event in another participant's calendar?",
        "One event is one meeting, whoever's calendar it is looked at in.",
        "C",
    )
    event_attendees: Literal["join", "ignore"] = option(
        "join",
        "Do an event's attendees take part in the meeting that is made of it?",
        "The meeting copies the details of the event.",
        "C",
    )
    linked_meeting_follows: Literal["no", "yes"] = option(
        "no",
        "Does a meeting that is still to come take over title and times when its calendar event changes?",
        "No source says that a link does anything by itself.",
        "C",
    )
