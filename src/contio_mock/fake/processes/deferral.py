"""A participant moves an agenda item from a meeting to their own backlog."""

from __future__ import annotations

from typing import Literal

from contio_mock.contract.meeting_events import AgendaItemCreated, AgendaItemDeleted, AgendaItemUpdated
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import agenda_item_readers
from contio_mock.fake.records import AgendaItemRecord, BacklogItemRecord, MeetingRecord, UserRecord
from contio_mock.fake.rules.agenda import backlog_type
from contio_mock.fake.sandbox import Context


def defer_agenda_item(
    ctx: Context,
    item: AgendaItemRecord,
    by_user: UserRecord,
    origin: Literal["MEETING", "SMS"] = "MEETING",
) -> BacklogItemRecord:
    """Take an item off its meeting's agenda and put it on that user's backlog, with their notes only.

    Emits agenda_item.updated or, where the profile says so, agenda_item.deleted and agenda_item.created.
    """
    meeting = ctx.store.meetings.get(item.meeting_id)
    ctx.store.agenda_items.remove(item)
    deferred = ctx.store.backlog_items.insert(
        trusted(
            BacklogItemRecord,
            id=ctx.ids.uuid(),
            agenda_item_id=item.id,
            title=item.title,
            description=item.description or "",
            item_type=backlog_type(item.item_type),
            time_allocation_minutes=item.time_allocation_minutes,
            presenters=item.presenters,
            talking_points=item.notes.get(by_user.id),
            origin_type=origin,
            origin_meeting_id=item.meeting_id,
            origin_meeting_title=meeting.title if meeting else None,
            deferrer_user_id=by_user.id,
            deferred_at=ctx.now,
            workspace_id=by_user.workspace_id,
        )
    )
    if meeting is not None:
        _tell(ctx, meeting, item, deferred)
    return deferred


def _tell(ctx: Context, meeting: MeetingRecord, item: AgendaItemRecord, deferred: BacklogItemRecord) -> None:
    readers = agenda_item_readers(ctx, meeting, item)
    if ctx.profile.deferral_event == "updated":
        ctx.emit(updated(ctx, deferred, item.status), audience=readers | {deferred.deferrer_user_id})
        return
    gone = AgendaItemDeleted(agenda_item_id=item.id, meeting_id=meeting.id, deleted_at=ctx.now)
    ctx.emit(gone, audience=readers)
    ctx.emit(created(deferred), audience=(deferred.deferrer_user_id,))


def created(item: BacklogItemRecord) -> AgendaItemCreated:
    """That the content of a backlog item exists, in no meeting."""
    return AgendaItemCreated(
        agenda_item_id=item.agenda_item_id,
        meeting_id=None,
        title=item.title,
        item_type=item.item_type,
        created_at=item.deferred_at,
    )


def updated(ctx: Context, item: BacklogItemRecord, status: str = "pending") -> AgendaItemUpdated:
    """That the content of a backlog item changed."""
    return AgendaItemUpdated(
        agenda_item_id=item.agenda_item_id,
        meeting_id=None,
        title=item.title,
        item_type=item.item_type,
        status=status,
        updated_at=ctx.now,
    )


def deleted(ctx: Context, item: BacklogItemRecord) -> AgendaItemDeleted:
    """That the content of a backlog item is gone."""
    return AgendaItemDeleted(agenda_item_id=item.agenda_item_id, meeting_id=None, deleted_at=ctx.now)
