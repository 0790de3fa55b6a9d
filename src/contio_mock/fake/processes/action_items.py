"""Action items: made and changed in one place, whoever does it, so that everybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from pydantic_core import to_json

from contio_mock.contract.meeting_events import (
    ActionItemCompleted,
    ActionItemCreated,
    ActionItemStatus,
    ActionItemUpdated,
)
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import action_item_readers
from contio_mock.fake.processes import automations
from contio_mock.fake.records import ActionItemRecord, MeetingRecord
from contio_mock.fake.rules import action_items as rules
from contio_mock.fake.sandbox import Context

Happening = Literal["created", "updated", "completed"]


def create_action_item(  # noqa: PLR0913 - what is known about an item, by keyword
    ctx: Context,
    meeting: MeetingRecord,
    *,
    title: str,
    description: str | None = None,
    due_date: date | None = None,
    assigned_to_user_id: str | None = None,
    status: ActionItemStatus = "needs_review",
    partner_context: dict[str, Any] | None = None,
    by_system: bool = False,
) -> ActionItemRecord:
    """Store a new action item of a meeting and tell of it; what is given is valid already."""
    completed = status == "completed"
    item = ctx.store.action_items.insert(
        trusted(
            ActionItemRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            title=title,
            description=description,
            status=status,
            is_completed=completed,
            completed_at=ctx.now if completed else None,
            has_partner_assignment=False,
            due_date=due_date,
            assigned_to_user_id=assigned_to_user_id,
            partner_context=partner_context,
            contexts={} if partner_context is None else {context_key(ctx): partner_context},
            created_at=ctx.now,
            updated_at=ctx.now,
            workspace_id=meeting.workspace_id,
            meeting_owner_id=meeting.created_by_user_id,
            viewer_ids=meeting.viewer_ids,
            guest_ids=meeting.guest_ids,
            created_by_user_id=None if by_system or ctx.user is None else ctx.user.id,
            open_status="needs_review" if completed else status,
        )
    )
    item = _tell(ctx, item, "created", by_system=by_system)
    if completed and ctx.profile.created_as_completed == "created_and_completed":
        item = _tell(ctx, item, "completed", by_system=by_system)
    return item


def change_action_item(
    ctx: Context, item: ActionItemRecord, *, by_system: bool = False, **changes: Any
) -> ActionItemRecord:
    """Change members of an item and tell of it; completion follows from `status`.

    Every change to an item goes through here but that of its meeting's participants. Changes that
    change nothing are told only where the profile says so.
    """
    was_completed = item.is_completed
    changes |= rules.with_status(item, changes.pop("status", item.status), ctx.now)
    kept = _kept_context(ctx, item, changes.pop("partner_context", None))
    if kept or any(getattr(item, name) != value for name, value in changes.items()):
        item = ctx.store.action_items.replace(item, **changes, **kept, updated_at=ctx.now)
    elif ctx.profile.update_event_without_change == "no":
        return item
    completed = item.is_completed and not was_completed
    item = _tell(ctx, item, "updated", by_system=by_system)
    return _tell(ctx, item, "completed", by_system=by_system) if completed else item


def follow_participants(ctx: Context, meeting: MeetingRecord) -> None:
    """Let those who take part in a meeting now, and nobody else, see its items; tells nobody."""
    items = ctx.store.action_items
    for item in items.under("meeting", meeting.id):
        if item.viewer_ids != meeting.viewer_ids:
            items.replace(item, viewer_ids=meeting.viewer_ids, guest_ids=meeting.guest_ids)


# ---------------------------------------------------------------- what apps keep with an item


def context_key(ctx: Context) -> str:
    """Under which key of `contexts` the caller's app keeps its own."""
    private = ctx.profile.partner_context_readers == "app" and ctx.app is not None
    return ctx.app.id if private else ""


def shown(ctx: Context, item: ActionItemRecord) -> ActionItemRecord:
    """The item as the caller's app sees it: with its own partner_context, not another app's."""
    if not item.contexts:
        return item
    mine = item.contexts.get(context_key(ctx), item.contexts.get(""))
    return item if mine is item.partner_context else item.model_copy(update={"partner_context": mine})


def _kept_context(ctx: Context, item: ActionItemRecord, given: dict[str, Any] | None) -> dict[str, Any]:
    """The members that keep a partner_context beside those of other apps; none when it is the same JSON."""
    if given is None:
        return {}
    mine = shown(ctx, item).partner_context
    if ctx.profile.partner_context_update == "merge":
        given = {**(mine or {}), **given}
    if mine is not None and to_json(mine) == to_json(given):  # to Python alone, true and 1 are the same
        return {}
    return {"partner_context": given, "contexts": {**item.contexts, context_key(ctx): given}}


# ---------------------------------------------------------------- who hears of it


def _tell(ctx: Context, item: ActionItemRecord, what: Happening, *, by_system: bool) -> ActionItemRecord:
    """Tell what happened, and return the item as it is after the automations have looked at it."""
    event = _EVENTS[what](ctx, item, by_system)
    ctx.emit(event, audience=action_item_readers(ctx, item), by_system=by_system)
    return _assigned(ctx, item) if automations.match_action_item(ctx, item, what) else item


def _assigned(ctx: Context, item: ActionItemRecord) -> ActionItemRecord:
    """The item with the mark that an app has it; the assignment's event tells of that."""
    if item.has_partner_assignment:
        return item
    return ctx.store.action_items.replace(item, has_partner_assignment=True)


def offer_to_automations(ctx: Context, meeting: MeetingRecord, moment: automations.MeetingMoment) -> None:
    """Let the automations that wait for a moment of a meeting have its action items."""
    items = ctx.store.action_items.under("meeting", meeting.id)
    for assignment in automations.match_meeting(ctx, items, moment):
        item = ctx.store.action_items.get(assignment.action_item_id)
        if item is not None:
            _assigned(ctx, item)


def _created(_: Context, item: ActionItemRecord, __: bool) -> ActionItemCreated:
    return trusted(
        ActionItemCreated,
        action_item_id=item.id,
        assignee_id=item.assigned_to_user_id,
        created_at=item.created_at,
        meeting_id=item.meeting_id,
        title=item.title,
        workspace_id=item.workspace_id,
    )


def _updated(_: Context, item: ActionItemRecord, __: bool) -> ActionItemUpdated:
    return trusted(
        ActionItemUpdated,
        action_item_id=item.id,
        assignee_id=item.assigned_to_user_id,
        is_completed=item.is_completed,
        meeting_id=item.meeting_id,
        status=item.status,
        updated_at=item.updated_at,
        workspace_id=item.workspace_id,
    )


def _completed(ctx: Context, item: ActionItemRecord, by_system: bool) -> ActionItemCompleted:
    return trusted(
        ActionItemCompleted,
        action_item_id=item.id,
        assignee_id=item.assigned_to_user_id,
        completed_at=item.completed_at or ctx.now,
        completed_by_user_id=_completer(ctx, item, by_system),
        meeting_id=item.meeting_id,
        title=item.title,
        workspace_id=item.workspace_id,
    )


def _completer(ctx: Context, item: ActionItemRecord, by_system: bool) -> str:
    """Who completed the item; the event names a person also when the system did it."""
    if ctx.user is not None and not by_system:
        return ctx.user.id
    return item.assigned_to_user_id or item.meeting_owner_id


_EVENTS: dict[Happening, Callable[[Context, ActionItemRecord, bool], Any]] = {
    "created": _created,
    "updated": _updated,
    "completed": _completed,
}
