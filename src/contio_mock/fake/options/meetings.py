"""What no source says about meetings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contio_mock.fake.options import option


@dataclass(frozen=True, kw_only=True)
class MeetingOptions:
    """Which meetings are seen, and which times they may have."""

    meeting_visibility: Literal["participants", "workspace"] = option(
        "participants",
        "Which meetings can a user see?",
        "Meetings belong to the people in them.",
        "C",
    )
    end_without_start: Literal["accept", "reject"] = option(
        "accept",
        "May a meeting have an end time and no start time?",
        "No declared code fits.",
        "C",
    )
    equal_times: Literal["reject", "accept"] = option(
        "reject",
        "May a meeting end when it starts?",
        "The declared code speaks of an end before the start; nobody plans a meeting of no length.",
        "C",
    )
    update_event_without_change: Literal["no", "yes"] = option(
        "no",
        "Is meeting.updated or action_item.updated sent when an update changed nothing?",
        "The event says that properties changed.",
        "D.3",
    )
