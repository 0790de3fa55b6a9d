"""What the assistant may know: a meeting that a user takes part in, and documents that an app added."""

from __future__ import annotations

from collections.abc import Iterable

from contio_mock.fake.records import ContextRecord
from contio_mock.fake.rules.chat import MeetingFacts, facts_of
from contio_mock.fake.sandbox import Context


def meeting_facts(ctx: Context, meeting_id: str | None, user_id: str) -> MeetingFacts | None:
    """What is known of a meeting; None unless that user takes part in it at this moment."""
    meeting = ctx.store.meetings.get(meeting_id or "")
    if meeting is None or user_id not in meeting.viewer_ids:
        return None
    people = (ctx.store.users.get(id_) for id_ in meeting.viewer_ids)
    agenda = [item.title for item in ctx.store.agenda_items.under("meeting", meeting.id)]
    return facts_of(meeting, people, agenda)


def unknown_documents(ctx: Context, ids: Iterable[str], meeting_id: str | None) -> list[str]:
    """Those ids that are no document of the calling app in this meeting, or in one of the caller's."""
    return [id_ for id_ in ids if not _may_read(ctx, ctx.store.contexts.get(id_), meeting_id)]


def _may_read(ctx: Context, document: ContextRecord | None, meeting_id: str | None) -> bool:
    if document is None or document.deleted_at is not None or document.partner_app_id != ctx.app.id:
        return False
    if meeting_id is not None:
        return document.meeting_id == meeting_id
    meeting = ctx.store.meetings.get(document.meeting_id)
    return meeting is not None and ctx.user.id in meeting.viewer_ids
