"""Participants."""

from __future__ import annotations

from contio_mock.contract.errors import FORBIDDEN
from contio_mock.contract.participants import (
    PARTICIPANT_NOT_FOUND,
    AddMeetingParticipant,
    ListMeetingParticipants,
    Participant,
    RemoveMeetingParticipant,
)
from contio_mock.contract.shared import Page
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import participation
from contio_mock.fake.records import ParticipantRecord
from contio_mock.fake.sandbox import Context


@ListMeetingParticipants.handler
def list_meeting_participants(ctx: Context, op: ListMeetingParticipants) -> Page[Participant]:
    meeting = lookup.meeting(ctx, op.id)
    everybody = ctx.store.participants.under("meeting", meeting.id)
    return paging.unpaged(ctx, [_shown(ctx, participant) for participant in everybody])


@AddMeetingParticipant.handler
def add_meeting_participant(ctx: Context, op: AddMeetingParticipant) -> Participant:
    meeting = lookup.editable_meeting(ctx, op.id)
    wish = op.body
    return participation.add_participant(ctx, meeting, wish.email, wish.name, wish.role)


@RemoveMeetingParticipant.handler
def remove_meeting_participant(ctx: Context, op: RemoveMeetingParticipant) -> None:
    meeting = lookup.editable_meeting(ctx, op.id)
    participant = ctx.store.participants.get(op.participant_id)
    if participant is None or participant.meeting_id != meeting.id:
        raise ApiError(PARTICIPANT_NOT_FOUND)
    _check_removal(ctx, participant)
    participation.remove_participant(ctx, meeting, participant)


def _check_removal(ctx: Context, participant: ParticipantRecord) -> None:
    if participant.is_owner and ctx.profile.owner_removal == "forbid":
        raise ApiError(FORBIDDEN, "The owner of a meeting cannot be removed from it.")
    if participant.user_id == ctx.user.id and ctx.profile.self_removal == "forbid":
        raise ApiError(FORBIDDEN, "You cannot remove yourself from a meeting.")


def _shown(ctx: Context, participant: ParticipantRecord) -> Participant:
    role = participation.shown_role(ctx, participant)
    return participant if role == participant.role else participant.model_copy(update={"role": role})
