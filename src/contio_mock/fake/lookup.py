"""Get what an operation names, or raise the 404 that it declares."""

from __future__ import annotations

from contio_mock.contract.admin_action_buttons import APP_BUTTON_NOT_FOUND
from contio_mock.contract.admin_next_steps import APP_NEXT_STEP_NOT_FOUND
from contio_mock.contract.errors import FORBIDDEN, ErrorCode
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import ActionButtonRecord, MeetingRecord, NextStepRecord
from contio_mock.fake.records.meetings import guest_key, workspace_key
from contio_mock.fake.sandbox import Context


def meeting_keys(ctx: Context) -> tuple[str, ...]:
    """The keys under which the caller's meetings stand, each under one of them."""
    if ctx.profile.meeting_visibility == "workspace":
        return workspace_key(ctx.user.workspace_id), guest_key(ctx.user.id)
    return (ctx.user.id,)


def meeting(ctx: Context, meeting_id: str) -> MeetingRecord:
    """The meeting, if the caller can see it; raises ApiError."""
    found = seen_meeting(ctx, meeting_id)
    if found is None:
        raise ApiError(MEETING_NOT_FOUND)
    return found


def seen_meeting(ctx: Context, meeting_id: str) -> MeetingRecord | None:
    """The meeting, if the caller can see it."""
    found = ctx.store.meetings.get(meeting_id)
    return found if found is not None and sees(ctx, found) else None


def editable_meeting(ctx: Context, meeting_id: str, forbidden: ErrorCode = FORBIDDEN) -> MeetingRecord:
    """The meeting, if the caller may change what belongs to it; raises ApiError."""
    found = meeting(ctx, meeting_id)
    if ctx.user.id not in found.editor_ids:
        raise ApiError(forbidden, "Only the meeting's owner and its editors may do this.")
    return found


def joined_meeting(ctx: Context, meeting_id: str, forbidden: ErrorCode = FORBIDDEN) -> MeetingRecord:
    """The meeting, if the caller takes part in it; raises ApiError."""
    found = meeting(ctx, meeting_id)
    if ctx.user.id not in found.viewer_ids:
        raise ApiError(forbidden, "Only the meeting's participants may do this.")
    return found


def has_toolkit(ctx: Context, toolkit_id: str) -> bool:
    """Whether the calling app owns that toolkit."""
    found = ctx.store.toolkits.get(toolkit_id)
    return found is not None and found.partner_app_id == ctx.app.id


def changeable_meeting(ctx: Context, meeting_id: str) -> MeetingRecord:
    """The meeting, if the caller may change it by the profile's rule; raises ApiError."""
    if ctx.profile.meeting_update_by == "editors":
        return editable_meeting(ctx, meeting_id)
    return meeting(ctx, meeting_id)


def redirected(ctx: Context, meeting_id: str) -> str | None:
    """The id of the meeting's copy in the caller's workspace, if they can see it (smart redirect)."""
    found = ctx.store.meetings.get(meeting_id)
    if found is None or not found.copies or not ctx.sandbox.smart_redirect:
        return None
    for copy in found.copies:
        if copy.workspace_id == ctx.user.workspace_id:
            twin = ctx.store.meetings.get(copy.meeting_id)
            return twin.id if twin is not None and sees(ctx, twin) else None
    return None


def sees(ctx: Context, found: MeetingRecord) -> bool:
    """Whether the caller can see a meeting."""
    if ctx.user.id in found.viewer_ids:
        return True
    shared = ctx.profile.meeting_visibility == "workspace"
    return shared and found.workspace_id == ctx.user.workspace_id


def app_next_step(ctx: Context, step_id: str) -> NextStepRecord:
    """The next step, if it is the calling app's own and no installed copy; raises ApiError."""
    found = ctx.store.next_steps.get(step_id)
    if found is None or found.app_id != ctx.app.id or found.installation_id is not None:
        raise ApiError(APP_NEXT_STEP_NOT_FOUND)
    return found


def app_action_button(ctx: Context, button_id: str) -> ActionButtonRecord:
    """The action button, if it is the calling app's own and no installed copy; raises ApiError."""
    found = ctx.store.action_buttons.get(button_id)
    if found is None or found.app_id != ctx.app.id or found.installation_id is not None:
        raise ApiError(APP_BUTTON_NOT_FOUND)
    return found
