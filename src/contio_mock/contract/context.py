"""Context documents: text that a partner app gives to a meeting for the assistant to read."""

from typing import Annotated, Literal

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    BODY_TOO_LARGE,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.meeting_events import MeetingContextCreated, MeetingContextDeleted
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, MeetingId
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp
from contio_mock.contract.wire import Binary, Upload

TAG = "Context"
PATH = "/v1/partner/user/meetings/{id}/context"

INVALID_CONTEXT_ID = ErrorCode(400, "bad_request", "The context id is not a UUID.")
CONTEXT_NOT_FOUND = ErrorCode(404, "not_found", "Your app has no such document in this meeting.")

SourceFormat = Literal["json", "csv", "tsv", "xml", "html", "yaml", "md", "txt"]
FileStatus = Literal["pending", "processing", "complete", "error"]
ContextId = Annotated[Id, Invalid(INVALID_CONTEXT_ID)]


class MeetingContext(Model):
    """A context document, without its content."""

    id: Id
    document_id: Id
    """The same as `id`; what the official SDK's types call it."""
    model_id: Id
    """The same as `id`."""
    meeting_id: Id
    workspace_id: Id
    partner_app_id: Id
    """The app that uploaded it; an older name of `source_id`."""
    source_id: Annotated[Id | None, since(R1_10)] = None
    """The app that uploaded it."""
    source_name: Annotated[str | None, since(R1_10)] = None
    platform_name: str
    """The name of the app that uploaded it."""
    title: str
    """The file's name, where the upload gave no title."""
    context_type: str | None = None
    """What kind of document it is, in the app's own words."""
    source_format: SourceFormat
    file_status: FileStatus
    """How far converting and scrubbing it has got."""
    created_by_user_id: Id
    created_at: Timestamp
    updated_at: Timestamp
    deleted_at: Timestamp | None = None


class MeetingContextUpload(Input):
    """A document to be given to a meeting."""

    file: Upload
    title: str | None = None
    """The file's name when absent."""
    context_type: str | None = None
    source_format: SourceFormat
    """What the file's content must be."""


@endpoint(
    "GET",
    PATH,
    auth=user("context:read"),
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND),
    invalid=INVALID_QUERY_PARAMETERS,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingContexts(Operation[Page[MeetingContext]]):
    """List the documents that the calling app gave to a meeting, newest first."""

    id: MeetingId
    limit: Limit = 25
    offset: Offset = 0


@endpoint(
    "POST",
    PATH,
    auth=user("context:write"),
    success=201,
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND, BODY_TOO_LARGE),
    invalid=INVALID_REQUEST,
    not_found=MEETING_NOT_FOUND,
    emits=(MeetingContextCreated,),
    tag=TAG,
)
class UploadMeetingContext(Operation[MeetingContext]):
    """Give a document to a meeting; it is converted to Markdown and scrubbed afterwards."""

    id: MeetingId
    upload: MeetingContextUpload


@endpoint(
    "GET",
    PATH + "/{context_id}",
    auth=user("context:read"),
    raises=(INVALID_MEETING_ID, INVALID_CONTEXT_ID, CONTEXT_NOT_FOUND),
    not_found=CONTEXT_NOT_FOUND,
    tag=TAG,
)
class GetMeetingContext(Operation[MeetingContext]):
    """Read what is known of a document."""

    id: MeetingId
    context_id: ContextId


@endpoint(
    "DELETE",
    PATH + "/{context_id}",
    auth=user("context:write"),
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_MEETING_ID, INVALID_CONTEXT_ID, CONTEXT_NOT_FOUND),
    not_found=CONTEXT_NOT_FOUND,
    emits=(MeetingContextDeleted,),
    tag=TAG,
)
class DeleteMeetingContext(Operation[None]):
    """Take a document back; the assistant reads it no more."""

    id: MeetingId
    context_id: ContextId


@endpoint(
    "GET",
    PATH + "/{context_id}/content",
    auth=user("context:read"),
    raises=(INVALID_MEETING_ID, INVALID_CONTEXT_ID, CONTEXT_NOT_FOUND),
    not_found=CONTEXT_NOT_FOUND,
    tag=TAG,
)
class DownloadMeetingContextContent(Operation[Binary]):
    """Download a document: the scrubbed Markdown once there is one, until then what was uploaded."""

    id: MeetingId
    context_id: ContextId


class ContextDocuments(Resource[S_co]):
    """Context documents of meetings, as a client calls them."""

    list = call(ListMeetingContexts)
    upload = call(UploadMeetingContext)
    get = call(GetMeetingContext)
    delete = call(DeleteMeetingContext)
    content = call(DownloadMeetingContextContent)
