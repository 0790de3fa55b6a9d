"""Context documents."""

from __future__ import annotations

from contio_mock.contract.context import (
    CONTEXT_NOT_FOUND,
    DeleteMeetingContext,
    DownloadMeetingContextContent,
    GetMeetingContext,
    ListMeetingContexts,
    MeetingContext,
    UploadMeetingContext,
)
from contio_mock.contract.errors import BODY_TOO_LARGE, INVALID_REQUEST
from contio_mock.contract.meeting_events import MeetingContextCreated, MeetingContextDeleted
from contio_mock.contract.shared import Page, trusted
from contio_mock.contract.wire import Binary, Upload
from contio_mock.fake import lookup, paging
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.jobs import schedule
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes.contexts import begin_processing
from contio_mock.fake.records import ContextRecord
from contio_mock.fake.records.files import context_key
from contio_mock.fake.rules.documents import DocumentError, check, sanitized_name, sanitized_type
from contio_mock.fake.rules.files import stored_name, stored_type
from contio_mock.fake.sandbox import Context


@ListMeetingContexts.handler
def list_meeting_contexts(ctx: Context, op: ListMeetingContexts) -> Page[MeetingContext]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    try:
        meeting = lookup.meeting(ctx, op.id)
    except ApiError:
        if ctx.profile.context_list_of_unknown_meeting == "not_found":
            raise
        return paging.page([], 0, limit, offset)
    key = context_key(meeting.id, ctx.app.id)
    return paging.listed(ctx.store.contexts, "meeting_app", key, limit, offset)


@UploadMeetingContext.handler
def upload_meeting_context(ctx: Context, op: UploadMeetingContext) -> MeetingContext:
    meeting, wish = lookup.meeting(ctx, op.id), op.upload
    _check_file(ctx, wish.file, wish.source_format)
    id_, name = ctx.ids.uuid(), stored_name(wish.file)
    document = ctx.store.contexts.insert(
        trusted(
            ContextRecord,
            id=id_,
            document_id=id_,
            model_id=id_,
            meeting_id=meeting.id,
            workspace_id=meeting.workspace_id,
            partner_app_id=ctx.app.id,
            source_id=ctx.app.id,
            source_name=ctx.app.name,
            platform_name=ctx.app.name,
            title=wish.title or name,
            context_type=wish.context_type or None,
            source_format=wish.source_format,
            file_status="pending",
            created_by_user_id=ctx.user.id,
            created_at=ctx.now,
            updated_at=ctx.now,
            file_name=name,
            mime_type=stored_type(wish.file),
            original=wish.file.content,
        )
    )
    schedule(ctx, ctx.now, begin_processing, document.id)
    ctx.emit(_created(document), audience=meeting_readers(ctx, meeting), app=ctx.app)
    return document


@GetMeetingContext.handler
def get_meeting_context(ctx: Context, op: GetMeetingContext) -> MeetingContext:
    return _document(ctx, op.id, op.context_id)


@DeleteMeetingContext.handler
def delete_meeting_context(ctx: Context, op: DeleteMeetingContext) -> None:
    document = _document(ctx, op.id, op.context_id)
    audience = meeting_readers(ctx, lookup.meeting(ctx, op.id))
    ctx.store.contexts.replace(
        document, deleted_at=ctx.now, updated_at=ctx.now, original=None, sanitized=None
    )
    ctx.emit(
        trusted(
            MeetingContextDeleted,
            context_id=document.id,
            deleted_at=ctx.now,
            meeting_id=document.meeting_id,
            workspace_id=document.workspace_id,
        ),
        audience=audience,
        app=ctx.app,
    )


@DownloadMeetingContextContent.handler
def download_meeting_context_content(ctx: Context, op: DownloadMeetingContextContent) -> Binary:
    document = _document(ctx, op.id, op.context_id)
    if document.sanitized is None:
        assert document.original is not None  # noqa: S101 - only deleted ones have lost it
        return Binary(document.original, document.mime_type, document.file_name)
    name = sanitized_name(document.file_name, document.source_format)
    return Binary(document.sanitized.encode(), sanitized_type(document.source_format), name)


def _document(ctx: Context, meeting_id: str, context_id: str) -> ContextRecord:
    """The document, if the caller sees its meeting and the calling app uploaded it; raises ApiError."""
    found = ctx.store.contexts.get(context_id)
    if found is None or found.meeting_id != meeting_id or found.deleted_at is not None:
        raise ApiError(CONTEXT_NOT_FOUND)
    if found.partner_app_id != ctx.app.id:
        raise ApiError(CONTEXT_NOT_FOUND)
    try:
        lookup.meeting(ctx, meeting_id)
    except ApiError:
        raise ApiError(CONTEXT_NOT_FOUND) from None
    return found


def _check_file(ctx: Context, file: Upload, source_format: str) -> None:
    size, most = file.content.size, ctx.profile.max_context_bytes
    if size > most:
        raise ApiError(BODY_TOO_LARGE, f"The file has {size} bytes; at most {most} are taken.")
    if ctx.profile.context_format_check == "in_processing":
        return
    try:
        check(file.content.read(), source_format)
    except DocumentError as error:
        raise ApiError(INVALID_REQUEST, f"file: is no {source_format}: {error}.") from None


def _created(document: ContextRecord) -> MeetingContextCreated:
    return trusted(
        MeetingContextCreated,
        context_id=document.id,
        created_at=document.created_at,
        meeting_id=document.meeting_id,
        title=document.title,
        workspace_id=document.workspace_id,
    )
