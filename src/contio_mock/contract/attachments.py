"""Attachments: files of a meeting, kept byte for byte, and links that are only read."""

from typing import Annotated, Literal

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    BODY_TOO_LARGE,
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, MeetingId
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp
from contio_mock.contract.wire import Binary, Upload

TAG = "Attachments"
PATH = "/v1/partner/user/meetings/{id}/attachments"

INVALID_ATTACHMENT_ID = ErrorCode(400, "bad_request", "The attachment id is not a UUID.")
ATTACHMENT_NOT_FOUND = ErrorCode(404, "not_found", "There is no such attachment that you can see.")
LINK_HAS_NO_CONTENT = ErrorCode(
    400, "bad_request", "The attachment is a link; read external_content_url instead."
)

AccessLevel = Literal["just_me", "meeting", "workspace"]
AttachmentId = Annotated[Id, Invalid(INVALID_ATTACHMENT_ID)]


class Attachment(Model):
    """A file or link of a meeting."""

    id: Id
    meeting_id: Id
    workspace_id: Id
    created_by_user_id: Id
    kind: Literal["file", "link"]
    access_level: AccessLevel
    """Who sees it: its creator, the meeting's participants, or the whole workspace."""
    file_name: str
    mime_type: str
    """As the upload said; nobody looks whether it is true."""
    size_bytes: int
    """0 for a link."""
    external_content_url: str | None = None
    """Where a link leads; files have none."""
    created_at: Timestamp
    updated_at: Timestamp


class AttachmentCreate(Input):
    """A file to be attached."""

    file: Upload
    kind: Literal["file"] = "file"
    access_level: AccessLevel = "just_me"


@endpoint(
    "GET",
    PATH,
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND),
    invalid=INVALID_QUERY_PARAMETERS,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingAttachments(Operation[Page[Attachment]]):
    """List the attachments of a meeting that the user can see, newest first."""

    id: MeetingId
    limit: Limit = 25
    offset: Offset = 0


@endpoint(
    "POST",
    PATH,
    auth=user("meetings:write"),
    success=201,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_MEETING_ID, FORBIDDEN, MEETING_NOT_FOUND, BODY_TOO_LARGE),
    invalid=INVALID_REQUEST,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class CreateMeetingAttachment(Operation[Attachment]):
    """Attach a file to a meeting."""

    id: MeetingId
    upload: AttachmentCreate


@endpoint(
    "GET",
    PATH + "/{attachment_id}",
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    raises=(INVALID_MEETING_ID, INVALID_ATTACHMENT_ID, ATTACHMENT_NOT_FOUND),
    not_found=ATTACHMENT_NOT_FOUND,
    tag=TAG,
)
class GetMeetingAttachment(Operation[Attachment]):
    """Read what is known of an attachment; its bytes are downloaded."""

    id: MeetingId
    attachment_id: AttachmentId


@endpoint(
    "DELETE",
    PATH + "/{attachment_id}",
    auth=user("meetings:write"),
    success=204,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_MEETING_ID, INVALID_ATTACHMENT_ID, FORBIDDEN, ATTACHMENT_NOT_FOUND),
    not_found=ATTACHMENT_NOT_FOUND,
    tag=TAG,
)
class DeleteMeetingAttachment(Operation[None]):
    """Delete an attachment: for its creator, the meeting's editors and the workspace's owners."""

    id: MeetingId
    attachment_id: AttachmentId


@endpoint(
    "GET",
    PATH + "/{attachment_id}/download",
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    raises=(INVALID_MEETING_ID, INVALID_ATTACHMENT_ID, LINK_HAS_NO_CONTENT, ATTACHMENT_NOT_FOUND),
    not_found=ATTACHMENT_NOT_FOUND,
    tag=TAG,
)
class DownloadMeetingAttachment(Operation[Binary]):
    """Download the bytes of an attached file, as they were uploaded."""

    id: MeetingId
    attachment_id: AttachmentId


class Attachments(Resource[S_co]):
    """Attachments of meetings, as a client calls them."""

    list = call(ListMeetingAttachments)
    create = call(CreateMeetingAttachment)
    get = call(GetMeetingAttachment)
    delete = call(DeleteMeetingAttachment)
    download = call(DownloadMeetingAttachment)
