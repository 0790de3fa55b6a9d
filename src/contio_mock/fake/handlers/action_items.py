"""Action items."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contio_mock.contract.action_items import (
    ACTION_ITEM_NOT_FOUND,
    INVALID_DUE_DATE,
    ActionItem,
    ActionItemUpdate,
    CreateActionItem,
    DeleteActionItem,
    GetActionItem,
    ListActionItems,
    PatchActionItem,
    UpdateActionItem,
)
from contio_mock.contract.errors import INVALID_REQUEST
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.contract.shared import Page
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import action_items as process
from contio_mock.fake.records import ActionItemRecord, MeetingRecord, changes
from contio_mock.fake.records.action_items import filter_key, in_meeting, own
from contio_mock.fake.rules import action_items as rules
from contio_mock.fake.sandbox import Context


@ListActionItems.handler
def list_action_items(ctx: Context, op: ListActionItems) -> Page[ActionItem]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    keys = tuple(
        filter_key(reader, completed=op.is_completed, assigned=op.has_partner_assignment)
        for reader in _readers(ctx, op.meeting_id)
    )
    if op.start_date is None and op.end_date is None:
        page = paging.listed_across(ctx.store.action_items, "filter", keys, limit, offset)
    else:
        page = _in_range(ctx, op, keys, (limit, offset))
    items = [process.shown(ctx, item) for item in page.items]
    if all(item is stored for item, stored in zip(items, page.items, strict=True)):
        return page
    return paging.page(items, page.total, limit, offset)


def _readers(ctx: Context, meeting_id: str | None) -> tuple[str, ...]:
    """Whose items are listed, as parts of their keys."""
    if ctx.profile.action_item_visibility == "own":
        return (own(ctx.user.id, meeting_id),)
    if meeting_id is None:
        return lookup.meeting_keys(ctx)
    return (in_meeting(meeting_id),) if _visible_meeting(ctx, meeting_id) else ()


def _visible_meeting(ctx: Context, meeting_id: str) -> MeetingRecord | None:
    meeting = ctx.store.meetings.get(meeting_id)
    return meeting if meeting is not None and lookup.sees(ctx, meeting) else None


def _in_range(ctx: Context, op: ListActionItems, keys: tuple[str, ...], window: tuple[int, int]) -> Page[Any]:
    items, (limit, offset) = ctx.store.action_items, window
    if ctx.profile.action_item_dates == "due_date":
        low, high = _day(op.start_date), _day(op.end_date)
        found = items.page_between("due", keys, low=low, high=high, limit=limit, offset=offset)
    else:
        first, last = paging.moments(ctx, op.start_date, op.end_date)
        found = items.page_across("filter", keys, low=first, high=last, limit=limit, offset=offset)
    return paging.page(*found, limit, offset)


def _day(moment: datetime | date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


@CreateActionItem.handler
def create_action_item(ctx: Context, op: CreateActionItem) -> ActionItem:
    wish = op.body
    meeting = _visible_meeting(ctx, wish.meeting_id)
    if meeting is None:
        hidden = ctx.profile.unknown_meeting == "invalid_request"
        raise ApiError(
            INVALID_REQUEST if hidden else MEETING_NOT_FOUND,
            "meeting_id: there is no such meeting that you can see.",
        )
    item = process.create_action_item(
        ctx,
        meeting,
        title=wish.title,
        description=wish.description,
        due_date=_due_day(ctx, wish.due_date),
        status=wish.status or "needs_review",
        partner_context=wish.partner_context,
    )
    return process.shown(ctx, item)


def _due_day(ctx: Context, given: datetime | date | None) -> date | None:
    day = None if given is None else rules.due_day(given, ctx.profile)
    if given is not None and day is None:
        raise ApiError(INVALID_DUE_DATE)
    return day


@GetActionItem.handler
def get_action_item(ctx: Context, op: GetActionItem) -> ActionItem:
    return process.shown(ctx, _seen(ctx, op.id))


@UpdateActionItem.handler
def update_action_item(ctx: Context, op: UpdateActionItem) -> ActionItem:
    return _changed(ctx, op.id, op.body)


@PatchActionItem.handler
def patch_action_item(ctx: Context, op: PatchActionItem) -> ActionItem:
    return _changed(ctx, op.id, op.body)


def _changed(ctx: Context, id_: str, body: ActionItemUpdate) -> ActionItem:
    item = _seen(ctx, id_)
    wish: dict[str, Any] = changes(body)
    if "due_date" in wish:
        wish["due_date"] = _due_day(ctx, wish["due_date"])
    completed = wish.pop("is_completed", None)
    status = rules.wanted_status(item, wish.get("status"), completed, ctx.profile)
    if status is None:
        raise ApiError(INVALID_REQUEST, "status and is_completed contradict each other; send one of them.")
    return process.shown(ctx, process.change_action_item(ctx, item, **{**wish, "status": status}))


@DeleteActionItem.handler
def delete_action_item(ctx: Context, op: DeleteActionItem) -> None:
    ctx.store.action_items.remove(_seen(ctx, op.id))


def _seen(ctx: Context, id_: str) -> ActionItemRecord:
    """The action item, if the caller can see it; raises ApiError."""
    item = ctx.store.action_items.get(id_)
    if item is None or not _sees(ctx, item):
        raise ApiError(ACTION_ITEM_NOT_FOUND)
    return item


def _sees(ctx: Context, item: ActionItemRecord) -> bool:
    if ctx.profile.action_item_visibility == "own":
        return ctx.user.id in item.own_ids
    return _visible_meeting(ctx, item.meeting_id) is not None
