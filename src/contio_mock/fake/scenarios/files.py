"""Attachments and context documents that are there from the beginning."""

from contio_mock.contract.attachments import AccessLevel
from contio_mock.contract.blobs import Blob
from contio_mock.contract.context import SourceFormat
from contio_mock.contract.shared import trusted
from contio_mock.fake.records import AttachmentRecord, ContextRecord, MeetingRecord, Store, UserRecord
from contio_mock.fake.scenarios import Seed, SeedError


class AttachmentSeed(Seed):
    """A file with a text, or a link, which no upload can make."""

    meeting: str
    """The title of its meeting."""
    owner: str
    """The e-mail address of the user who created it."""
    file_name: str
    mime_type: str = "text/plain"
    access_level: AccessLevel = "meeting"
    text: str = ""
    url: str | None = None
    """Where it leads, for a link."""


class ContextSeed(Seed):
    """A document that an app gave to a meeting, scrubbed already."""

    meeting: str
    """The title of its meeting."""
    owner: str
    """The e-mail address of the user for whom it was uploaded."""
    app: str
    """The client id of the app."""
    file_name: str
    title: str | None = None
    context_type: str | None = None
    source_format: SourceFormat = "md"
    text: str


def attachment_of(seed: AttachmentSeed, id_: str, store: Store) -> AttachmentRecord:
    """The record of a seed; raises SeedError."""
    meeting, owner = _placed(seed, store)
    content = None if seed.url is not None else Blob(seed.text.encode())
    return trusted(
        AttachmentRecord,
        id=id_,
        meeting_id=meeting.id,
        workspace_id=meeting.workspace_id,
        created_by_user_id=owner.id,
        kind="file" if content is not None else "link",
        access_level=seed.access_level,
        file_name=seed.file_name,
        mime_type=seed.mime_type,
        size_bytes=content.size if content is not None else 0,
        external_content_url=seed.url,
        created_at=meeting.created_at,
        updated_at=meeting.created_at,
        content=content,
    )


def context_of(seed: ContextSeed, id_: str, store: Store) -> ContextRecord:
    """The record of a seed; raises SeedError."""
    meeting, owner = _placed(seed, store)
    app = store.apps.first("client_id", seed.app)
    if app is None:
        raise SeedError(f"the context document {seed.file_name!r} names an unknown app {seed.app!r}")
    return trusted(
        ContextRecord,
        id=id_,
        document_id=id_,
        model_id=id_,
        meeting_id=meeting.id,
        workspace_id=meeting.workspace_id,
        partner_app_id=app.id,
        source_id=app.id,
        source_name=app.name,
        platform_name=app.name,
        title=seed.title or seed.file_name,
        context_type=seed.context_type,
        source_format=seed.source_format,
        file_status="complete",
        created_by_user_id=owner.id,
        created_at=meeting.created_at,
        updated_at=meeting.created_at,
        file_name=seed.file_name,
        mime_type="text/plain",
        original=Blob(seed.text.encode()),
        sanitized=seed.text,
    )


def _placed(seed: AttachmentSeed | ContextSeed, store: Store) -> tuple[MeetingRecord, UserRecord]:
    """The meeting and the user that a seed names."""
    meeting = next((found for found in store.meetings if found.title == seed.meeting), None)
    if meeting is None:
        raise SeedError(f"the file {seed.file_name!r} names an unknown meeting {seed.meeting!r}")
    owner = store.users.first("email", seed.owner.lower())
    if owner is None or owner.id not in meeting.viewer_ids:
        raise SeedError(f"the file {seed.file_name!r} is of nobody in the meeting: {seed.owner!r}")
    return meeting, owner
