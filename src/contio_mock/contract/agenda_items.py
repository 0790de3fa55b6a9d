"""Agenda items: what a meeting is to talk about, in which order, and who presents it."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contio_mock.contract.auth import user
from contio_mock.contract.errors import FORBIDDEN, INVALID_REQUEST, ErrorCode, Invalid
from contio_mock.contract.meeting_events import AgendaItemCreated, AgendaItemDeleted, AgendaItemUpdated
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, MeetingId, Title
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, ValueLifetimes, since, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Model, Number, Page, Timestamp

TAG = "Agenda Items"

INVALID_AGENDA_ITEM_ID = ErrorCode(400, "bad_request", "The agenda item id is not a UUID.")
AGENDA_ITEM_NOT_FOUND = ErrorCode(404, "not_found", "The meeting has no such agenda item.")

AgendaItemStatus = Literal["pending", "in_progress", "completed"]
AgendaItemType = Annotated[
    Literal[
        "DISCUSSION", "QUESTIONS_TO_ANSWER", "BREAK", "ADJOURN", "DECISION", "ACTION_ITEM", "INFORMATION"
    ],
    ValueLifetimes(
        {
            "QUESTIONS_TO_ANSWER": since(R1_10),
            "BREAK": since(R1_10),
            "ADJOURN": since(R1_10),
            "DECISION": until(R1_10),
            "ACTION_ITEM": until(R1_10),
            "INFORMATION": until(R1_10),
        }
    ),
]
"""What a caller may send: release 1.10 replaced all types but DISCUSSION."""
Description = Annotated[str, Field(max_length=5000)]
TalkingPoints = Annotated[str, Field(max_length=10_000)]
Minutes = Annotated[float, Field(ge=0, le=1440)]
Sequence = Annotated[str, StringConstraints(max_length=255, pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
"""A decimal number as text; the agenda is in the order of these numbers."""


class UserRef(Model):
    """A user by id, with name and address when they belong to the caller's workspace."""

    user_id: str
    name: str | None = None
    email: str | None = None


class AgendaItem(Model):
    """An item of a meeting's agenda, as the caller sees it."""

    id: Id
    meeting_id: Id
    title: str
    description: str | None = None
    item_type: str
    """A value of the release's own list, or what a template brought."""
    status: AgendaItemStatus
    sequence: str
    """The item's place: a decimal number."""
    time_allocation_minutes: Number | None = None
    presenters: list[str]
    """The presenters' user ids."""
    presenter_details: Annotated[list[UserRef] | None, since(R1_10)] = None
    restricted_to_leads: Annotated[bool | None, until(R1_10)] = None
    """Whether only the meeting's editors see it."""
    talking_points: Annotated[str | None, since(R1_9)] = None
    """The caller's own notes; nobody else sees them."""
    created_at: Timestamp
    updated_at: Timestamp


class AgendaItemCreate(Input):
    """An agenda item to be created."""

    item_type: AgendaItemType
    title: Title
    description: Description | None = None
    time_allocation_minutes: Minutes | None = None
    presenters: list[str] | None = None
    """User ids."""
    sequence: Annotated[Sequence | None, since(R1_10)] = None
    """Its place; after the last item when absent."""
    restricted_to_leads: Annotated[bool | None, until(R1_10)] = None
    talking_points: Annotated[TalkingPoints | None, since(R1_9)] = None


class AgendaItemUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    item_type: AgendaItemType | None = None
    title: Title | None = None
    description: Description | None = None
    status: AgendaItemStatus | None = None
    time_allocation_minutes: Minutes | None = None
    presenters: list[str] | None = None
    sequence: Annotated[Sequence | None, since(R1_10)] = None
    restricted_to_leads: Annotated[bool | None, until(R1_10)] = None
    talking_points: Annotated[TalkingPoints | None, since(R1_9)] = None
    """An empty text removes the caller's notes."""


AgendaItemId = Annotated[Id, Invalid(INVALID_AGENDA_ITEM_ID)]
_ITEM_ERRORS = (
    INVALID_MEETING_ID,
    INVALID_AGENDA_ITEM_ID,
    INVALID_REQUEST,
    FORBIDDEN,
    MEETING_NOT_FOUND,
    AGENDA_ITEM_NOT_FOUND,
)


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}/agenda-items",
    auth=user("meetings:read"),
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND),
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingAgendaItems(Operation[Page[AgendaItem]]):
    """List a meeting's agenda, in its order."""

    id: MeetingId


@endpoint(
    "POST",
    "/v1/partner/user/meetings/{id}/agenda-items",
    auth=user("meetings:write"),
    success=201,
    idempotency_key=since(R1_9),
    raises=(INVALID_MEETING_ID, INVALID_REQUEST, FORBIDDEN, MEETING_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=MEETING_NOT_FOUND,
    emits=(AgendaItemCreated,),
    tag=TAG,
)
class CreateMeetingAgendaItem(Operation[AgendaItem]):
    """Add an item to a meeting's agenda; only its participants may."""

    id: MeetingId
    body: AgendaItemCreate


@endpoint(
    "PUT",
    "/v1/partner/user/meetings/{id}/agenda-items/{item_id}",
    auth=user("meetings:write"),
    deprecated=R1_10,
    idempotency_key=since(R1_9),
    raises=_ITEM_ERRORS,
    invalid=INVALID_REQUEST,
    not_found=AGENDA_ITEM_NOT_FOUND,
    emits=(AgendaItemUpdated,),
    tag=TAG,
)
class UpdateMeetingAgendaItem(Operation[AgendaItem]):
    """Change an agenda item; only the members that are sent change. Newer callers use PATCH."""

    id: MeetingId
    item_id: AgendaItemId
    body: AgendaItemUpdate


@endpoint(
    "DELETE",
    "/v1/partner/user/meetings/{id}/agenda-items/{item_id}",
    auth=user("meetings:write"),
    success=204,
    idempotency_key=since(R1_9),
    raises=_ITEM_ERRORS,
    not_found=AGENDA_ITEM_NOT_FOUND,
    emits=(AgendaItemDeleted,),
    tag=TAG,
)
class DeleteMeetingAgendaItem(Operation[None]):
    """Take an item off a meeting's agenda; only its participants may."""

    id: MeetingId
    item_id: AgendaItemId


@endpoint(
    "PATCH",
    "/v1/partner/user/meetings/{id}/agenda-items/{item_id}",
    auth=user("meetings:write"),
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=_ITEM_ERRORS,
    invalid=INVALID_REQUEST,
    not_found=AGENDA_ITEM_NOT_FOUND,
    emits=(AgendaItemUpdated,),
    tag=TAG,
)
class PatchMeetingAgendaItem(Operation[AgendaItem]):
    """Change an agenda item; only the members that are sent change."""

    id: MeetingId
    item_id: AgendaItemId
    body: AgendaItemUpdate


class AgendaItems(Resource[S_co]):
    """Agenda items, as a client calls them."""

    list = call(ListMeetingAgendaItems)
    create = call(CreateMeetingAgendaItem)
    replace = call(UpdateMeetingAgendaItem)
    update = call(PatchMeetingAgendaItem)
    delete = call(DeleteMeetingAgendaItem)
