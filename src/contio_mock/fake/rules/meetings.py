"""The life of a meeting: which status its times give it, and which times fit together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.meetings import (
    INVALID_END_TIME,
    INVALID_TIME_RANGE,
    Meeting,
    MeetingStatus,
)
from contio_mock.fake.profile import Profile


def times_problem(start: datetime | None, end: datetime | None, profile: Profile) -> ErrorCode | None:
    """What is wrong with a pair of times; None when they fit."""
    if end is None:
        return None
    if start is None:
        return INVALID_END_TIME if profile.end_without_start == "reject" else None
    if end < start or (end == start and profile.equal_times == "reject"):
        return INVALID_TIME_RANGE
    return None


def first_status(start: datetime | None, *, is_instant: bool) -> MeetingStatus:
    """The status of a new meeting."""
    if is_instant:
        return "in_progress"
    return "scheduled" if start is not None else "draft"


def status_after_update(meeting: Meeting, start: datetime | None) -> MeetingStatus:
    """The status after new times: a draft that gets a start is scheduled, the rest stays."""
    if meeting.status == "draft" and start is not None:
        return "scheduled"
    return meeting.status


FROM: dict[MeetingStatus, tuple[MeetingStatus, ...]] = {
    "in_progress": ("draft", "scheduled"),
    "ended": ("in_progress",),
    "completed": ("ended",),
}
"""Which statuses a meeting may come from."""


def transition_problem(meeting: Meeting, to: MeetingStatus) -> str | None:
    """Why a meeting cannot go on to a status; None when it can."""
    if meeting.status in FROM[to]:
        return None
    needed = " or ".join(FROM[to])
    return f"The meeting is {meeting.status}; only one that is {needed} can become {to}."


def started(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """What changes when a meeting starts: one that starts early or unplanned starts now."""
    start = min(meeting.start_time or now, now)
    return {"status": "in_progress", "start_time": start, "started_at": now}


def ended(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """What changes when a meeting ends; one without a planned end ended now."""
    end = meeting.end_time or max(now, meeting.start_time or now)
    return {"status": "ended", "end_time": end, "ended_at": now}
