"""Who sees a meeting and what belongs to it, and so who is told of it."""

from __future__ import annotations

from contio_mock.fake.records import ActionItemRecord, AgendaItemRecord, MeetingRecord
from contio_mock.fake.sandbox import Context


def meeting_readers(ctx: Context, meeting: MeetingRecord) -> frozenset[str]:
    """The ids of the users who see a meeting."""
    return meeting.viewer_ids | _colleagues(ctx, meeting.workspace_id)


def agenda_item_readers(ctx: Context, meeting: MeetingRecord, item: AgendaItemRecord) -> frozenset[str]:
    """The ids of the users who see an item of the meeting's agenda."""
    return meeting.editor_ids if item.restricted_to_leads else meeting_readers(ctx, meeting)


def action_item_readers(ctx: Context, item: ActionItemRecord) -> frozenset[str]:
    """The ids of the users who see an action item."""
    if ctx.profile.action_item_visibility == "own":
        return item.own_ids
    return item.viewer_ids | _colleagues(ctx, item.workspace_id)


def _colleagues(ctx: Context, workspace_id: str) -> frozenset[str]:
    """The ids of the users who see every meeting of a workspace."""
    if ctx.profile.meeting_visibility == "participants":
        return frozenset()
    return frozenset(user.id for user in ctx.store.users.under("workspace", workspace_id))
