"""The life of an action item: how its status and its completion stay in step, and what a due date is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contio_mock.contract.meeting_events import ActionItemStatus
from contio_mock.fake.profile import Profile
from contio_mock.fake.records import ActionItemRecord


def wanted_status(
    item: ActionItemRecord, status: ActionItemStatus | None, completed: bool | None, profile: Profile
) -> ActionItemStatus | None:
    """The status after an update that sends a status, a completion or both; None when they contradict."""
    if completed is None:
        return status or item.status
    if status is not None:
        agree = (status == "completed") == completed
        return status if agree or profile.contradicting_completion == "status_wins" else None
    if completed:
        return "completed"
    if item.status != "completed":
        return item.status
    return item.open_status if profile.reopened_status == "previous" else "needs_review"


def with_status(item: ActionItemRecord, status: ActionItemStatus, now: datetime) -> dict[str, Any]:
    """The members that follow from a status: none unless it is another one."""
    if status == item.status:
        return {}
    completed = status == "completed"
    return {
        "status": status,
        "is_completed": completed,
        "completed_at": now if completed else None,
        "open_status": item.open_status if completed else status,
    }


def due_day(given: datetime | date, profile: Profile) -> date | None:
    """The day that a due date means; None when it is none."""
    if not isinstance(given, datetime):
        return given
    return given.date() if profile.due_date_times == "truncate" else None
