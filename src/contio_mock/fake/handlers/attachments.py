"""Attachments."""

from __future__ import annotations

from contio_mock.contract.attachments import (
    ATTACHMENT_NOT_FOUND,
    LINK_HAS_NO_CONTENT,
    Attachment,
    CreateMeetingAttachment,
    DeleteMeetingAttachment,
    DownloadMeetingAttachment,
    GetMeetingAttachment,
    ListMeetingAttachments,
)
from contio_mock.contract.errors import BODY_TOO_LARGE, FORBIDDEN
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.contract.shared import Page, trusted
from contio_mock.contract.wire import Binary
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import AttachmentRecord, MeetingRecord
from contio_mock.fake.records.files import shared_key
from contio_mock.fake.rules.files import stored_name, stored_type
from contio_mock.fake.sandbox import Context


@ListMeetingAttachments.handler
def list_meeting_attachments(ctx: Context, op: ListMeetingAttachments) -> Page[Attachment]:
    levels = _levels(ctx, op.id)
    if not levels:
        raise ApiError(MEETING_NOT_FOUND)
    limit, offset = paging.window(ctx, op.limit, op.offset)
    keys = [shared_key(op.id, level) for level in levels]
    items, total = ctx.store.attachments.page_across("shared", keys, limit=limit, offset=offset)
    return paging.page(items, total, limit, offset)


@CreateMeetingAttachment.handler
def create_meeting_attachment(ctx: Context, op: CreateMeetingAttachment) -> Attachment:
    meeting = _attachable_meeting(ctx, op.id)
    wish = op.upload
    size, most = wish.file.content.size, ctx.profile.max_attachment_bytes
    if size > most:
        raise ApiError(BODY_TOO_LARGE, f"The file has {size} bytes; at most {most} are taken.")
    return ctx.store.attachments.insert(
        trusted(
            AttachmentRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            workspace_id=meeting.workspace_id,
            created_by_user_id=ctx.user.id,
            kind=wish.kind,
            access_level=wish.access_level,
            file_name=stored_name(wish.file),
            mime_type=stored_type(wish.file),
            size_bytes=size,
            created_at=ctx.now,
            updated_at=ctx.now,
            content=wish.file.content,
        )
    )


@GetMeetingAttachment.handler
def get_meeting_attachment(ctx: Context, op: GetMeetingAttachment) -> Attachment:
    return _attachment(ctx, op.id, op.attachment_id)


@DeleteMeetingAttachment.handler
def delete_meeting_attachment(ctx: Context, op: DeleteMeetingAttachment) -> None:
    attachment = _attachment(ctx, op.id, op.attachment_id)
    if not _may_delete(ctx, attachment):
        raise ApiError(
            FORBIDDEN, "Only its creator, the meeting's editors and the workspace's owners may delete it."
        )
    ctx.store.attachments.remove(attachment)


@DownloadMeetingAttachment.handler
def download_meeting_attachment(ctx: Context, op: DownloadMeetingAttachment) -> Binary:
    attachment = _attachment(ctx, op.id, op.attachment_id)
    if attachment.content is None:
        raise ApiError(LINK_HAS_NO_CONTENT)
    return Binary(attachment.content, attachment.mime_type, attachment.file_name)


def _levels(ctx: Context, meeting_id: str) -> tuple[str, ...]:
    """What the caller sees of a meeting's attachments: access levels, and the own id; empty for nothing."""
    meeting = ctx.store.meetings.get(meeting_id)
    if meeting is None:
        return ()
    if ctx.user.id in meeting.viewer_ids:
        return (ctx.user.id, "meeting", "workspace")
    if ctx.user.workspace_id != meeting.workspace_id:
        return ()
    if ctx.profile.meeting_visibility == "workspace":
        return (ctx.user.id, "workspace")
    shown = ctx.profile.workspace_attachments == "to_members"
    some = ctx.store.attachments.count("shared", shared_key(meeting_id, "workspace"))
    return ("workspace",) if shown and some else ()


def _attachment(ctx: Context, meeting_id: str, attachment_id: str) -> AttachmentRecord:
    found = ctx.store.attachments.get(attachment_id)
    if found is None or found.meeting_id != meeting_id:
        raise ApiError(ATTACHMENT_NOT_FOUND)
    private = found.access_level == "just_me"
    level = found.created_by_user_id if private else found.access_level
    if level not in _levels(ctx, meeting_id):
        raise ApiError(ATTACHMENT_NOT_FOUND)
    return found


def _attachable_meeting(ctx: Context, meeting_id: str) -> MeetingRecord:
    if ctx.profile.attachment_creators == "editors":
        return lookup.editable_meeting(ctx, meeting_id)
    return lookup.joined_meeting(ctx, meeting_id)


def _may_delete(ctx: Context, attachment: AttachmentRecord) -> bool:
    if attachment.created_by_user_id == ctx.user.id:
        return True
    meeting = ctx.store.meetings.get(attachment.meeting_id)
    if meeting is not None and ctx.user.id in meeting.editor_ids:
        return True
    owner = ctx.user.workspace_role == "WORKSPACE_OWNER"
    return owner and ctx.user.workspace_id == attachment.workspace_id
