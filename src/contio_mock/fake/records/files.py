"""Attachments and context documents."""

from collections.abc import Iterable

from pydantic import Field

from contio_mock.contract.attachments import Attachment
from contio_mock.contract.blobs import Blob
from contio_mock.contract.context import MeetingContext


class AttachmentRecord(Attachment):
    """An attachment with its bytes; a link has none."""

    content: Blob | None = Field(default=None, exclude=True)


class ContextRecord(MeetingContext):
    """A context document as it came, and as it was made of it."""

    file_name: str = Field(exclude=True)
    mime_type: str = Field(exclude=True)
    original: Blob | None = Field(exclude=True)
    """None once the document is deleted."""
    sanitized: str | None = Field(default=None, exclude=True)


def shared_key(meeting_id: str, with_whom: str) -> str:
    """The key of what a meeting shares: with `meeting`, with `workspace`, or with one user by id."""
    return f"{meeting_id}/{with_whom}"


def sharing(attachment: AttachmentRecord) -> Iterable[str]:
    """The key of an attachment: its meeting, and who sees it there."""
    private = attachment.access_level == "just_me"
    who = attachment.created_by_user_id if private else attachment.access_level
    yield shared_key(attachment.meeting_id, who)


def context_key(meeting_id: str, app_id: str) -> str:
    """The key of the documents that an app gave to a meeting."""
    return f"{meeting_id}/{app_id}"


def context_keys(document: ContextRecord) -> Iterable[str]:
    """The key of a document; none when it is deleted."""
    if document.deleted_at is None:
        yield context_key(document.meeting_id, document.partner_app_id)
