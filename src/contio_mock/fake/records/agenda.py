"""Participants, agenda items and backlog items."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from contio_mock.contract.agenda_items import AgendaItem
from contio_mock.contract.backlog_items import BacklogItem
from contio_mock.contract.participants import Participant


class ParticipantRecord(Participant):
    """Somebody who takes part in a meeting."""

    is_owner: bool = Field(default=False, exclude=True)
    """Whether they take part because they created the meeting."""


class AgendaItemRecord(AgendaItem):
    """An agenda item with everybody's private notes; what a caller sees is made from it."""

    notes: Mapping[str, str] = Field(exclude=True)
    """Talking points by user id."""


class BacklogItemRecord(BacklogItem):
    """An item of a user's backlog in a workspace; only that user sees it."""

    workspace_id: str = Field(exclude=True)

    @property
    def left_at(self) -> datetime | None:
        """When it left the backlog; None while it is open."""
        return self.assigned_at or self.deleted_at


def participant_key(meeting_id: str, email: str) -> str:
    """The key of an address among a meeting's participants, whatever its case."""
    return f"{meeting_id}/{email.lower()}"


def participant_addresses(participant: ParticipantRecord) -> Iterable[str]:
    """The one key of a participant among those of its meeting."""
    return (participant_key(participant.meeting_id, participant.email),)


def guest_address(participant: ParticipantRecord) -> Iterable[str]:
    """The key of a participant without an account."""
    return () if participant.user_id is not None else (participant.email.lower(),)


def place(item: AgendaItemRecord) -> Decimal:
    """What an agenda is ordered by."""
    return Decimal(item.sequence)


def backlog_key(user_id: str, workspace_id: str) -> str:
    """The key of a user's backlog."""
    return f"{user_id}/{workspace_id}"


def open_backlog(item: BacklogItemRecord) -> Iterable[str]:
    """The backlog that an item is on, none once it has left."""
    return () if item.left_at else (backlog_key(item.deferrer_user_id, item.workspace_id),)


def backlog_history(item: BacklogItemRecord) -> Iterable[str]:
    """The backlog that an item has left, none while it is on it."""
    return (backlog_key(item.deferrer_user_id, item.workspace_id),) if item.left_at else ()
