"""Participants: who takes part in a meeting, as users of Contio or as guests by address."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import user
from contio_mock.contract.errors import FORBIDDEN, INVALID_REQUEST, ErrorCode, Invalid
from contio_mock.contract.meeting_events import ParticipantAdded, ParticipantRemoved
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, MeetingId
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Email, Id, Input, Model, Page, Timestamp

TAG = "Participants"

INVALID_PARTICIPANT_ID = ErrorCode(400, "bad_request", "The participant id is not a UUID.")
PARTICIPANT_NOT_FOUND = ErrorCode(404, "not_found", "The meeting has no such participant.")
PARTICIPANT_EXISTS = ErrorCode(
    409, "resource_already_exists", "Somebody with this e-mail address takes part already."
)

ParticipantRole = Literal["EDITOR", "VIEWER"]


class Participant(Model):
    """Somebody who takes part in a meeting."""

    id: Id
    meeting_id: Id
    user_id: Id | None = None
    """The participant's account; absent for a guest."""
    name: str
    email: str
    role: str
    """`EDITOR` or `VIEWER`."""
    is_attended: bool
    """Whether they were there."""
    created_at: Timestamp
    updated_at: Timestamp


class ParticipantAdd(Input):
    """Somebody to be added to a meeting."""

    email: Email
    name: Annotated[str, Field(min_length=1, max_length=255)]
    role: ParticipantRole


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}/participants",
    auth=user("meetings:read"),
    raises=(INVALID_MEETING_ID, MEETING_NOT_FOUND),
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingParticipants(Operation[Page[Participant]]):
    """List everybody who takes part in a meeting, in the order in which they were added."""

    id: MeetingId


@endpoint(
    "POST",
    "/v1/partner/user/meetings/{id}/participants",
    auth=user("meetings:write"),
    success=201,
    idempotency_key=since(R1_9),
    raises=(INVALID_MEETING_ID, FORBIDDEN, MEETING_NOT_FOUND, PARTICIPANT_EXISTS),
    invalid=INVALID_REQUEST,
    not_found=MEETING_NOT_FOUND,
    emits=(ParticipantAdded,),
    tag=TAG,
)
class AddMeetingParticipant(Operation[Participant]):
    """Add somebody to a meeting; only its editors may."""

    id: MeetingId
    body: ParticipantAdd


@endpoint(
    "DELETE",
    "/v1/partner/user/meetings/{id}/participants/{participant_id}",
    auth=user("meetings:write"),
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_MEETING_ID, INVALID_PARTICIPANT_ID, FORBIDDEN, MEETING_NOT_FOUND, PARTICIPANT_NOT_FOUND),
    not_found=PARTICIPANT_NOT_FOUND,
    emits=(ParticipantRemoved,),
    tag=TAG,
)
class RemoveMeetingParticipant(Operation[None]):
    """Remove somebody from a meeting; only its editors may."""

    id: MeetingId
    participant_id: Annotated[Id, Invalid(INVALID_PARTICIPANT_ID)]


class Participants(Resource[S_co]):
    """Participants, as a client calls them."""

    list = call(ListMeetingParticipants)
    add = call(AddMeetingParticipant)
    remove = call(RemoveMeetingParticipant)
