"""Agenda items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contio_mock.contract.agenda_items import (
    AGENDA_ITEM_NOT_FOUND,
    AgendaItem,
    AgendaItemUpdate,
    CreateMeetingAgendaItem,
    DeleteMeetingAgendaItem,
    ListMeetingAgendaItems,
    PatchMeetingAgendaItem,
    UpdateMeetingAgendaItem,
)
from contio_mock.contract.errors import INVALID_REQUEST
from contio_mock.contract.meeting_events import AgendaItemDeleted, AgendaItemUpdated
from contio_mock.contract.shared import Page
from contio_mock.fake import lookup, paging
from contio_mock.fake.audience import agenda_item_readers
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import agenda
from contio_mock.fake.records import AgendaItemRecord, MeetingRecord, changes
from contio_mock.fake.rules import agenda as rules
from contio_mock.fake.sandbox import Context


@ListMeetingAgendaItems.handler
def list_meeting_agenda_items(ctx: Context, op: ListMeetingAgendaItems) -> Page[AgendaItem]:
    meeting = lookup.meeting(ctx, op.id)
    items = ctx.store.agenda_items.under("meeting", meeting.id)
    return paging.unpaged(
        ctx, [agenda.shown_to_caller(ctx, item) for item in items if _sees(ctx, meeting, item)]
    )


@CreateMeetingAgendaItem.handler
def create_meeting_agenda_item(ctx: Context, op: CreateMeetingAgendaItem) -> AgendaItem:
    meeting = lookup.joined_meeting(ctx, op.id)
    wish = op.body
    _check_presenters(ctx, wish.presenters or ())
    item = agenda.add_agenda_item(
        ctx,
        meeting,
        title=wish.title,
        item_type=wish.item_type,
        description=wish.description,
        time_allocation_minutes=wish.time_allocation_minutes,
        presenters=wish.presenters or (),
        sequence=wish.sequence,
        restricted_to_leads=bool(wish.restricted_to_leads),
        notes={ctx.user.id: wish.talking_points or ""},
    )
    return agenda.shown_to_caller(ctx, item)


@UpdateMeetingAgendaItem.handler
def update_meeting_agenda_item(ctx: Context, op: UpdateMeetingAgendaItem) -> AgendaItem:
    return _change(ctx, op.id, op.item_id, op.body)


@PatchMeetingAgendaItem.handler
def patch_meeting_agenda_item(ctx: Context, op: PatchMeetingAgendaItem) -> AgendaItem:
    return _change(ctx, op.id, op.item_id, op.body)


@DeleteMeetingAgendaItem.handler
def delete_meeting_agenda_item(ctx: Context, op: DeleteMeetingAgendaItem) -> None:
    meeting = lookup.joined_meeting(ctx, op.id)
    item = _item(ctx, meeting, op.item_id)
    ctx.store.agenda_items.remove(item)
    event = AgendaItemDeleted(agenda_item_id=item.id, meeting_id=meeting.id, deleted_at=ctx.now)
    ctx.emit(event, audience=agenda_item_readers(ctx, meeting, item))


def _change(ctx: Context, meeting_id: str, item_id: str, body: AgendaItemUpdate) -> AgendaItem:
    meeting = lookup.joined_meeting(ctx, meeting_id)
    item = _item(ctx, meeting, item_id)
    _check_presenters(ctx, body.presenters or ())
    wish: dict[str, Any] = changes(body)
    noted = _noted(ctx, item, wish.pop("talking_points", None))
    tells = _tells(ctx, item, wish, noted=noted is not None)
    if noted is not None:
        wish["notes"] = noted
    if tells:
        wish["updated_at"] = ctx.now
    if wish:
        item = ctx.store.agenda_items.replace(item, **wish)
    if tells:
        ctx.emit(_updated(item), audience=agenda_item_readers(ctx, meeting, item))
    return agenda.shown_to_caller(ctx, item)


def _noted(ctx: Context, item: AgendaItemRecord, points: str | None) -> dict[str, str] | None:
    """Everybody's notes with the caller's changed; None when they do not change."""
    if points is None or points == item.notes.get(ctx.user.id, ""):
        return None
    others = {user: text for user, text in item.notes.items() if user != ctx.user.id}
    return {**others, ctx.user.id: points} if points else others


def _tells(ctx: Context, item: AgendaItemRecord, wish: dict[str, Any], *, noted: bool) -> bool:
    """Whether the update is one for everybody who sees the item."""
    if any(getattr(item, name) != value for name, value in wish.items()):
        return True
    option = ctx.profile.talking_points_event if noted else ctx.profile.update_event_without_change
    return option == "yes"


def _check_presenters(ctx: Context, presenters: Sequence[str]) -> None:
    wrong = rules.malformed_presenter(presenters, ctx.profile)
    if wrong is not None:
        raise ApiError(INVALID_REQUEST, f"presenters must be user ids (UUIDs), not {brief(wrong)}.")


def _updated(item: AgendaItemRecord) -> AgendaItemUpdated:
    return AgendaItemUpdated(
        agenda_item_id=item.id,
        meeting_id=item.meeting_id,
        title=item.title,
        item_type=item.item_type,
        status=item.status,
        updated_at=item.updated_at,
    )


def _item(ctx: Context, meeting: MeetingRecord, item_id: str) -> AgendaItemRecord:
    item = ctx.store.agenda_items.get(item_id)
    if item is None or item.meeting_id != meeting.id or not _sees(ctx, meeting, item):
        raise ApiError(AGENDA_ITEM_NOT_FOUND)
    return item


def _sees(ctx: Context, meeting: MeetingRecord, item: AgendaItemRecord) -> bool:
    return not item.restricted_to_leads or ctx.user.id in meeting.editor_ids
