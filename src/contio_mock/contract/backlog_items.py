"""Backlog items: agenda items of one user that no meeting has."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.agenda_items import Description, Minutes, TalkingPoints
from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.meeting_events import AgendaItemCreated, AgendaItemDeleted, AgendaItemUpdated
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, MeetingId, Title
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Number, Offset, Page, Timestamp

TAG = "Backlog Items"

INVALID_BACKLOG_ITEM_ID = ErrorCode(400, "bad_request", "The backlog item id is not a UUID.")
BACKLOG_ITEM_NOT_FOUND = ErrorCode(404, "not_found", "Your backlog has no such open item.")
ALREADY_ASSIGNED = ErrorCode(409, "conflict", "The backlog item was assigned to a meeting already.")

BacklogItemType = Literal["DISCUSSION", "QUESTIONS_TO_ANSWER", "BREAK", "ADJOURN"]
OriginType = Literal["MANUAL", "MEETING", "SMS"]
SortOrder = Literal["asc", "desc"]
BacklogItemId = Annotated[Id, Invalid(INVALID_BACKLOG_ITEM_ID)]
Presenters = Annotated[list[str], Field(max_length=50)]


class BacklogItem(Model):
    """An item of the caller's backlog; of the history, when it was assigned or deleted."""

    id: Id
    """The deferral's id."""
    agenda_item_id: Id
    """The id of the content."""
    title: str
    description: str = ""
    item_type: BacklogItemType
    time_allocation_minutes: Number | None = None
    presenters: list[str]
    """User ids."""
    talking_points: str | None = None
    origin_type: OriginType
    """`MANUAL` when made on the backlog, else how it was deferred."""
    origin_meeting_id: Id | None = None
    origin_meeting_title: str | None = None
    deferrer_user_id: Id
    deferred_at: Timestamp
    """When it reached the backlog."""
    assigned_at: Timestamp | None = None
    destination_meeting_id: Id | None = None
    destination_agenda_item_id: Id | None = None
    deleted_at: Timestamp | None = None


class BacklogItemCreate(Input):
    """A backlog item to be created."""

    item_type: BacklogItemType
    title: Title
    description: Description | None = None
    time_allocation_minutes: Minutes | None = None
    presenters: Presenters | None = None
    talking_points: TalkingPoints | None = None


class BacklogItemUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    item_type: BacklogItemType | None = None
    title: Title | None = None
    description: Description | None = None
    time_allocation_minutes: Minutes | None = None
    presenters: Presenters | None = None
    talking_points: TalkingPoints | None = None
    """An empty text removes the notes."""


class BacklogItemAssign(Input):
    """The meeting that a backlog item goes to."""

    meeting_id: MeetingId


class BacklogItemAssigned(Model):
    """What became of a backlog item."""

    backlog_item_id: Id
    """The item, closed now."""
    agenda_item_id: Id
    """The agenda item that was made of it."""
    meeting_id: Id


@endpoint(
    "GET",
    "/v1/partner/user/backlog-items",
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListBacklogItems(Operation[Page[BacklogItem]]):
    """List the open items of the user's backlog, by the time they reached it."""

    limit: Limit = 25
    offset: Offset = 0
    sort_order: SortOrder = "desc"


@endpoint(
    "POST",
    "/v1/partner/user/backlog-items",
    auth=user("meetings:write"),
    success=201,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_REQUEST,),
    invalid=INVALID_REQUEST,
    emits=(AgendaItemCreated,),
    tag=TAG,
)
class CreateBacklogItem(Operation[BacklogItem]):
    """Put an item on the user's backlog."""

    body: BacklogItemCreate


@endpoint(
    "GET",
    "/v1/partner/user/backlog-items/history",
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListBacklogItemHistory(Operation[Page[BacklogItem]]):
    """List what has left the user's backlog, by the time it left."""

    limit: Limit = 25
    offset: Offset = 0
    sort_order: SortOrder = "desc"


@endpoint(
    "GET",
    "/v1/partner/user/backlog-items/{id}",
    auth=user("meetings:read"),
    lifetime=since(R1_10),
    raises=(INVALID_BACKLOG_ITEM_ID, BACKLOG_ITEM_NOT_FOUND),
    not_found=BACKLOG_ITEM_NOT_FOUND,
    tag=TAG,
)
class GetBacklogItem(Operation[BacklogItem]):
    """Read one open item of the user's backlog."""

    id: BacklogItemId


@endpoint(
    "PUT",
    "/v1/partner/user/backlog-items/{id}",
    auth=user("meetings:write"),
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_BACKLOG_ITEM_ID, INVALID_REQUEST, BACKLOG_ITEM_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=BACKLOG_ITEM_NOT_FOUND,
    emits=(AgendaItemUpdated,),
    tag=TAG,
)
class UpdateBacklogItem(Operation[BacklogItem]):
    """Change an open item of the user's backlog; only the members that are sent change."""

    id: BacklogItemId
    body: BacklogItemUpdate


@endpoint(
    "DELETE",
    "/v1/partner/user/backlog-items/{id}",
    auth=user("meetings:write"),
    success=204,
    lifetime=since(R1_10),
    raises=(INVALID_BACKLOG_ITEM_ID, BACKLOG_ITEM_NOT_FOUND),
    not_found=BACKLOG_ITEM_NOT_FOUND,
    emits=(AgendaItemDeleted,),
    tag=TAG,
)
class DeleteBacklogItem(Operation[None]):
    """Take an item off the user's backlog; the history keeps it."""

    id: BacklogItemId


@endpoint(
    "POST",
    "/v1/partner/user/backlog-items/{id}/assign",
    auth=user("meetings:write"),
    success=201,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(
        INVALID_BACKLOG_ITEM_ID,
        INVALID_MEETING_ID,
        BACKLOG_ITEM_NOT_FOUND,
        MEETING_NOT_FOUND,
        ALREADY_ASSIGNED,
    ),
    invalid=INVALID_REQUEST,
    not_found=BACKLOG_ITEM_NOT_FOUND,
    emits=(AgendaItemCreated, AgendaItemDeleted),
    tag=TAG,
)
class AssignBacklogItem(Operation[BacklogItemAssigned]):
    """Put a backlog item on a meeting's agenda as a new agenda item, and close it."""

    id: BacklogItemId
    body: BacklogItemAssign


class BacklogItems(Resource[S_co]):
    """Backlog items, as a client calls them."""

    list = call(ListBacklogItems)
    create = call(CreateBacklogItem)
    history = call(ListBacklogItemHistory)
    get = call(GetBacklogItem)
    update = call(UpdateBacklogItem)
    delete = call(DeleteBacklogItem)
    assign = call(AssignBacklogItem)
