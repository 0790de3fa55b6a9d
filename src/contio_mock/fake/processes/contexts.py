"""How a context document becomes clean Markdown, some time after its upload."""

from __future__ import annotations

from datetime import timedelta

from contio_mock.contract.context import FileStatus
from contio_mock.contract.meeting_events import MeetingContextProcessed, Redaction, SanitizationReport
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.jobs import job, schedule
from contio_mock.fake.records import ContextRecord
from contio_mock.fake.rules.documents import DocumentError, Sanitized, sanitize
from contio_mock.fake.sandbox import Context


@job()
def begin_processing(ctx: Context, context_id: str) -> None:
    """Say that a new document is being converted, and let that take its time."""
    document = _waiting(ctx, context_id, "pending")
    if document is None:
        return
    ctx.store.contexts.replace(document, file_status="processing", updated_at=ctx.now)
    wait = timedelta(seconds=ctx.profile.context_processing_seconds)
    schedule(ctx, ctx.now + wait, finish_processing, context_id)


@job(emits=(MeetingContextProcessed,))
def finish_processing(ctx: Context, context_id: str) -> None:
    """Convert and scrub a document; one that is not what it says to be ends as an error."""
    document = _waiting(ctx, context_id, "processing")
    if document is None or document.original is None:
        return
    try:
        made = sanitize(document.original.read(), document.source_format)
    except DocumentError:
        ctx.store.contexts.replace(document, file_status="error", updated_at=ctx.now)
        return
    ctx.store.contexts.replace(document, file_status="complete", updated_at=ctx.now, sanitized=made.text)
    meeting = ctx.store.meetings.get(document.meeting_id)
    app = ctx.store.apps.get(document.partner_app_id)
    if meeting is not None and app is not None:
        event = _processed(ctx, document, made)
        ctx.emit(event, audience=meeting_readers(ctx, meeting), app=app, by_system=True)


def _waiting(ctx: Context, context_id: str, status: FileStatus) -> ContextRecord | None:
    """The document, if it is still there and in that state."""
    document = ctx.store.contexts.get(context_id)
    if document is None or document.deleted_at is not None or document.file_status != status:
        return None
    return document


def _processed(ctx: Context, document: ContextRecord, made: Sanitized) -> MeetingContextProcessed:
    return trusted(
        MeetingContextProcessed,
        context_id=document.id,
        meeting_id=document.meeting_id,
        processed_at=ctx.now,
        sanitization_report=SanitizationReport(
            formula_escaped=made.formulas > 0,
            pii_detected=made.pii,
            redactions=[Redaction(type=kind, count=count) for kind, count in sorted(made.counts.items())],
            secrets_detected=made.secrets,
        ),
        workspace_id=document.workspace_id,
    )
