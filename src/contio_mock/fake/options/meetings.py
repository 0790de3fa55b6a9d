"""What no source says about meetings."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class MeetingOptions:
    """Which meetings are seen, and which times they may have."""

    meeting_visibility: Literal["participants", "workspace"] = option(
        "participants",
        "Which meetings can a user see, and is told of?",
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
    meeting_update_by: Literal["participants", "editors"] = option(
        "participants",
        "Who may change a meeting?",
        "The operation declares no refusal for somebody who sees it.",
        "C",
    )
    meeting_lifecycle: Literal["simulate", "clock"] = option(
        "simulate",
        "Does a meeting start, end and complete by itself?",
        "Nobody talks in a mock's meetings: only the control plane lets them happen.",
        "N.34",
    )
    meeting_completion_seconds: int = option(
        60,
        "How long after its end is a meeting completed, where the clock does it?",
        "The assistant needs a moment for its notes.",
        "N.34",
    )
    update_event_of_status: Literal["yes", "no"] = option(
        "yes",
        "Is meeting.updated sent when a meeting starts or ends?",
        "Its status is one of its properties, and no other event tells.",
        "D.3",
    )
    default_detail_level: Literal["STANDARD", "BULLET_POINTS", "VERBATIM"] = option(
        "STANDARD",
        "How detailed are the notes of a meeting whose creator and template said nothing?",
        "The middle one, by its name the usual.",
        "C",
    )
    transcript_speakers: Literal["named", "unnamed"] = option(
        "named",
        "Do the cues of an exported transcript begin with the speaker's name?",
        "SubRip has no place for a speaker, and a transcript without speakers helps nobody.",
        "K",
    )
