"""Who takes part in a meeting: the participants, and with them who sees and who may change it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from contio_mock.contract.meeting_events import ParticipantAdded, ParticipantInfo, ParticipantRemoved
from contio_mock.contract.participants import PARTICIPANT_EXISTS, ParticipantRole
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes.action_items import follow_participants
from contio_mock.fake.records import MeetingRecord, ParticipantRecord, UserRecord, participant_key

if TYPE_CHECKING:
    from contio_mock.fake.sandbox import Context


def add_owner(ctx: Context, meeting: MeetingRecord, owner: UserRecord) -> ParticipantRecord:
    """Make the user who created a meeting its first participant; the meeting names them already."""
    participant = ctx.store.participants.insert(
        trusted(
            ParticipantRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            user_id=owner.id,
            name=owner.display_name,
            email=owner.email,
            role="EDITOR",
            is_attended=False,
            created_at=ctx.now,
            updated_at=ctx.now,
            is_owner=True,
        )
    )
    if ctx.profile.owner_added_event == "yes":
        tell_added(ctx, meeting, [participant])
    return participant


def add_participant(
    ctx: Context, meeting: MeetingRecord, email: str, name: str, role: ParticipantRole
) -> ParticipantRecord:
    """Let a user or a guest take part and tell everybody in the meeting; raises ApiError."""
    if ctx.store.participants.count("address", participant_key(meeting.id, email)):
        raise ApiError(PARTICIPANT_EXISTS)
    meeting, added = admit(ctx, meeting, [(email, name, role)])
    tell_added(ctx, meeting, added)
    return added[0]


def admit(
    ctx: Context, meeting: MeetingRecord, people: Iterable[tuple[str, str, ParticipantRole]]
) -> tuple[MeetingRecord, list[ParticipantRecord]]:
    """Let those of (address, name, role) take part who do not yet; the meeting, and who is new. Tells nobody."""
    added = []
    for email, name, role in people:
        if ctx.store.participants.count("address", participant_key(meeting.id, email)):
            continue
        participant = _participant(ctx, meeting, email, name, role)
        meeting = _let_in(ctx, meeting, participant)
        added.append(participant)
    return meeting, added


def _participant(
    ctx: Context, meeting: MeetingRecord, email: str, name: str, role: ParticipantRole
) -> ParticipantRecord:
    user = ctx.store.users.first("email", email.lower())
    return ctx.store.participants.insert(
        trusted(
            ParticipantRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            user_id=user.id if user else None,
            name=name,
            email=email,
            role=role,
            is_attended=False,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )


def remove_participant(ctx: Context, meeting: MeetingRecord, participant: ParticipantRecord) -> None:
    """Let somebody take part no longer, and tell those who do."""
    ctx.store.participants.remove(participant)
    told = meeting_readers(ctx, meeting)
    if participant.user_id is not None:
        gone = frozenset({participant.user_id})
        meeting = ctx.store.meetings.replace(
            meeting,
            viewer_ids=meeting.viewer_ids - gone,
            editor_ids=meeting.editor_ids - gone,
            guest_ids=meeting.guest_ids - gone,
        )
        follow_participants(ctx, meeting)
    if ctx.profile.removed_participant_hears == "no":
        told = meeting_readers(ctx, meeting)
    event = ParticipantRemoved(
        meeting_id=meeting.id,
        participant_id=participant.id,
        user_id=participant.user_id,
        guest_email=_guest_email(participant),
        removed_at=ctx.now,
        workspace_id=meeting.workspace_id,
    )
    ctx.emit(event, audience=told)


def join_as_user(ctx: Context, user: UserRecord) -> None:
    """Give a new user the meetings to which their address was invited as a guest."""
    if ctx.profile.guest_gets_account == "stays_guest":
        return
    for guest in ctx.store.participants.under("guest", user.email.lower()):
        known = ctx.store.participants.replace(guest, user_id=user.id, updated_at=ctx.now)
        meeting = ctx.store.meetings.get(guest.meeting_id)
        if meeting is not None:
            _let_in(ctx, meeting, known)


def attend(ctx: Context, meeting: MeetingRecord, at: datetime) -> None:
    """Note that everybody with an account was there, as when a meeting has ended."""
    for participant in ctx.store.participants.under("meeting", meeting.id):
        if participant.user_id is not None and not participant.is_attended:
            ctx.store.participants.replace(participant, is_attended=True, updated_at=at)


def _let_in(ctx: Context, meeting: MeetingRecord, participant: ParticipantRecord) -> MeetingRecord:
    if participant.user_id is None:
        return meeting
    user, newcomer = ctx.store.users.get(participant.user_id), {participant.user_id}
    is_guest = user is not None and user.workspace_id != meeting.workspace_id
    meeting = ctx.store.meetings.replace(
        meeting,
        viewer_ids=meeting.viewer_ids | newcomer,
        editor_ids=meeting.editor_ids | (newcomer if participant.role == "EDITOR" else set()),
        guest_ids=meeting.guest_ids | (newcomer if is_guest else set()),
    )
    follow_participants(ctx, meeting)
    return meeting


def tell_added(ctx: Context, meeting: MeetingRecord, added: list[ParticipantRecord]) -> None:
    """Tell everybody in a meeting who is new, if anybody is."""
    if not added:
        return
    newcomers = [
        ParticipantInfo(
            participant_id=participant.id,
            user_id=participant.user_id,
            guest_email=_guest_email(participant),
            role=shown_role(ctx, participant),
        )
        for participant in added
    ]
    event = ParticipantAdded(
        meeting_id=meeting.id, participants=newcomers, added_at=ctx.now, workspace_id=meeting.workspace_id
    )
    ctx.emit(event, audience=meeting_readers(ctx, meeting))


def shown_role(ctx: Context, participant: ParticipantRecord) -> str:
    """The role's word on the wire."""
    return ctx.profile.owner_role if participant.is_owner else participant.role


def _guest_email(participant: ParticipantRecord) -> str | None:
    return participant.email if participant.user_id is None else None
