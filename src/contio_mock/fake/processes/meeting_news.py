"""What is told when a meeting is made or changed, whoever did it."""

from __future__ import annotations

from contio_mock.contract.meeting_events import MeetingCreated, MeetingUpdated
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.records import MeetingRecord
from contio_mock.fake.sandbox import Context


def created(ctx: Context, meeting: MeetingRecord, *, by_system: bool = False) -> None:
    """Tell those who take part that there is a meeting."""
    event = trusted(
        MeetingCreated,
        created_at=meeting.created_at,
        created_by_user_id=meeting.created_by_user_id,
        meeting_id=meeting.id,
        title=meeting.title,
        workspace_id=meeting.workspace_id,
    )
    ctx.emit(event, audience=meeting_readers(ctx, meeting), by_system=by_system)


def updated(ctx: Context, meeting: MeetingRecord, *, by_system: bool = False) -> None:
    """Tell those who take part that the meeting's properties changed."""
    event = trusted(
        MeetingUpdated,
        meeting_id=meeting.id,
        scheduled_start=meeting.start_time,
        title=meeting.title,
        updated_at=meeting.updated_at,
        workspace_id=meeting.workspace_id,
    )
    ctx.emit(event, audience=meeting_readers(ctx, meeting), by_system=by_system)
