"""Get what an operation names, or raise the 404 that it declares."""

from __future__ import annotations

from contio_mock.contract.errors import FORBIDDEN, ErrorCode
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import MeetingRecord, workspace_key
from contio_mock.fake.sandbox import Context


def meeting_key(ctx: Context) -> str:
    """The key under which the caller's meetings stand."""
    if ctx.profile.meeting_visibility == "workspace":
        return workspace_key(ctx.user.workspace_id)
    return ctx.user.id


def meeting(ctx: Context, meeting_id: str) -> MeetingRecord:
    """The meeting, if the caller can see it; raises ApiError."""
    found = ctx.store.meetings.get(meeting_id)
    if found is None or not _sees(ctx, found):
        raise ApiError(MEETING_NOT_FOUND)
    return found


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
    """Whether the calling app owns that toolkit. No slice stores toolkits yet, so it owns none."""
    return False


def _sees(ctx: Context, found: MeetingRecord) -> bool:
    if ctx.user.id in found.viewer_ids:
        return True
    shared = ctx.profile.meeting_visibility == "workspace"
    return shared and found.workspace_id == ctx.user.workspace_id
