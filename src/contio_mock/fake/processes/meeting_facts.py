"""What the assistant may know: a meeting that a user takes part in, and documents that an app added.

Agendas and documents are kept elsewhere; who keeps them adds a source here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contio_mock.fake.rules.chat import MeetingFacts, facts_of
from contio_mock.fake.sandbox import Context


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A context document, and where it was added."""

    id: str
    app_id: str
    workspace_id: str
    meeting_id: str | None = None


DOCUMENT_SOURCES: list[Callable[[Context, str], KnownDocument | None]] = []
"""Functions that find a context document by its id: `(ctx, document_id)`."""


def meeting_facts(ctx: Context, meeting_id: str | None, user_id: str) -> MeetingFacts | None:
    """What is known of a meeting; None unless that user takes part in it at this moment."""
    meeting = ctx.store.meetings.get(meeting_id or "")
    if meeting is None or user_id not in meeting.viewer_ids:
        return None
    people = (ctx.store.users.get(id_) for id_ in meeting.viewer_ids)
    agenda = [item.title for item in ctx.store.agenda_items.under("meeting", meeting.id)]
    return facts_of(meeting, people, agenda)


def unknown_documents(ctx: Context, ids: Iterable[str], meeting_id: str | None) -> list[str]:
    """Those ids that are no document of the calling app, of this meeting or of the caller's workspace."""
    return [id_ for id_ in ids if not _may_read(ctx, _document(ctx, id_), meeting_id)]


def _document(ctx: Context, document_id: str) -> KnownDocument | None:
    return next((found for source in DOCUMENT_SOURCES if (found := source(ctx, document_id))), None)


def _may_read(ctx: Context, document: KnownDocument | None, meeting_id: str | None) -> bool:
    if document is None or document.app_id != ctx.app.id:
        return False
    if meeting_id is not None and document.meeting_id == meeting_id:
        return True
    return document.meeting_id is None and document.workspace_id == ctx.user.workspace_id
