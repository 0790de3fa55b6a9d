"""Backlog items."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.backlog_items import (
    ALREADY_ASSIGNED,
    BACKLOG_ITEM_NOT_FOUND,
    AssignBacklogItem,
    BacklogItem,
    BacklogItemAssigned,
    CreateBacklogItem,
    DeleteBacklogItem,
    GetBacklogItem,
    ListBacklogItemHistory,
    ListBacklogItems,
    SortOrder,
    UpdateBacklogItem,
)
from contio_mock.contract.errors import INVALID_REQUEST
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import agenda, deferral
from contio_mock.fake.records import BacklogItemRecord, backlog_key, changes
from contio_mock.fake.rules import agenda as rules
from contio_mock.fake.sandbox import Context


@ListBacklogItems.handler
def list_backlog_items(ctx: Context, op: ListBacklogItems) -> Page[BacklogItem]:
    return _listed(ctx, "open", op.limit, op.offset, op.sort_order)


@ListBacklogItemHistory.handler
def list_backlog_item_history(ctx: Context, op: ListBacklogItemHistory) -> Page[BacklogItem]:
    return _listed(ctx, "left", op.limit, op.offset, op.sort_order)


@CreateBacklogItem.handler
def create_backlog_item(ctx: Context, op: CreateBacklogItem) -> BacklogItem:
    wish = op.body
    _check_presenters(ctx, wish.presenters)
    item = ctx.store.backlog_items.insert(
        trusted(
            BacklogItemRecord,
            id=ctx.ids.uuid(),
            agenda_item_id=ctx.ids.uuid(),
            title=wish.title,
            description=wish.description or "",
            item_type=wish.item_type,
            time_allocation_minutes=wish.time_allocation_minutes,
            presenters=wish.presenters or [],
            talking_points=wish.talking_points or None,
            origin_type="MANUAL",
            deferrer_user_id=ctx.user.id,
            deferred_at=ctx.now,
            workspace_id=ctx.user.workspace_id,
        )
    )
    ctx.emit(deferral.created(item), audience=(ctx.user.id,))
    return item


@GetBacklogItem.handler
def get_backlog_item(ctx: Context, op: GetBacklogItem) -> BacklogItem:
    return _open(ctx, op.id)


@UpdateBacklogItem.handler
def update_backlog_item(ctx: Context, op: UpdateBacklogItem) -> BacklogItem:
    item = _open(ctx, op.id)
    _check_presenters(ctx, op.body.presenters)
    wish: dict[str, Any] = changes(op.body)
    if "talking_points" in wish:
        wish["talking_points"] = wish["talking_points"] or None
    changed = any(getattr(item, name) != value for name, value in wish.items())
    if not changed and ctx.profile.update_event_without_change == "no":
        return item
    item = ctx.store.backlog_items.replace(item, **wish)
    ctx.emit(deferral.updated(ctx, item), audience=(ctx.user.id,))
    return item


@DeleteBacklogItem.handler
def delete_backlog_item(ctx: Context, op: DeleteBacklogItem) -> None:
    item = _open(ctx, op.id)
    ctx.store.backlog_items.replace(item, deleted_at=ctx.now)
    ctx.emit(deferral.deleted(ctx, item), audience=(ctx.user.id,))


@AssignBacklogItem.handler
def assign_backlog_item(ctx: Context, op: AssignBacklogItem) -> BacklogItemAssigned:
    item = _own(ctx, op.id)
    if item.assigned_at is not None:
        raise ApiError(ALREADY_ASSIGNED)
    if item.deleted_at is not None:
        raise ApiError(BACKLOG_ITEM_NOT_FOUND)
    meeting = lookup.joined_meeting(ctx, op.body.meeting_id, MEETING_NOT_FOUND)
    made = agenda.add_agenda_item(
        ctx,
        meeting,
        title=item.title,
        item_type=item.item_type,
        description=item.description or None,
        time_allocation_minutes=item.time_allocation_minutes,
        presenters=item.presenters,
        notes={ctx.user.id: item.talking_points or ""},
    )
    ctx.store.backlog_items.replace(
        item, assigned_at=ctx.now, destination_meeting_id=meeting.id, destination_agenda_item_id=made.id
    )
    if ctx.profile.assign_event == "created_and_deleted":
        ctx.emit(deferral.deleted(ctx, item), audience=(ctx.user.id,))
    return BacklogItemAssigned(backlog_item_id=item.id, agenda_item_id=made.id, meeting_id=meeting.id)


def _listed(ctx: Context, index: str, limit: int, offset: int, order: SortOrder) -> Page[BacklogItem]:
    limit, offset = paging.window(ctx, limit, offset)
    items, key = ctx.store.backlog_items, backlog_key(ctx.user.id, ctx.user.workspace_id)
    if order == "desc":
        return paging.listed(items, index, key, limit, offset)
    found, total = items.page(index, key, limit=limit, offset=offset, newest_first=False)
    return paging.page(found, total, limit, offset)


def _own(ctx: Context, item_id: str) -> BacklogItemRecord:
    """The caller's item, open or not; raises ApiError."""
    item, user = ctx.store.backlog_items.get(item_id), ctx.user
    if item is None or (item.deferrer_user_id, item.workspace_id) != (user.id, user.workspace_id):
        raise ApiError(BACKLOG_ITEM_NOT_FOUND)
    return item


def _open(ctx: Context, item_id: str) -> BacklogItemRecord:
    item = _own(ctx, item_id)
    if item.left_at is not None:
        raise ApiError(BACKLOG_ITEM_NOT_FOUND)
    return item


def _check_presenters(ctx: Context, presenters: list[str] | None) -> None:
    wrong = rules.malformed_presenter(presenters or (), ctx.profile)
    if wrong is not None:
        raise ApiError(INVALID_REQUEST, f"presenters must be user ids (UUIDs), not {brief(wrong)}.")
