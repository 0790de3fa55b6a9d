"""Seeds of participants, agendas and backlogs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from contio_mock.contract.agenda_items import AgendaItemStatus, Description, Minutes, TalkingPoints
from contio_mock.contract.backlog_items import BacklogItemType
from contio_mock.contract.meetings import Title
from contio_mock.contract.participants import ParticipantRole
from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.records import (
    AgendaItemRecord,
    BacklogItemRecord,
    MeetingRecord,
    ParticipantRecord,
    Store,
    UserRecord,
    participant_key,
)
from contio_mock.fake.rules.agenda import sequence_after
from contio_mock.fake.scenarios import Seed

OVER = ("ended", "completed")


class AgendaItemSeed(Seed):
    """An item of an agenda; users stand as e-mail addresses."""

    title: Title
    item_type: BacklogItemType = "DISCUSSION"
    description: Description | None = None
    minutes: Minutes | None = None
    presenters: tuple[str, ...] = ()
    talking_points: Mapping[str, TalkingPoints] = {}
    """Private notes by the e-mail address of who wrote them."""


class AgendaSeed(Seed):
    """The agenda of every meeting with that title."""

    meeting: Title
    items: tuple[AgendaItemSeed, ...]


class BacklogItemSeed(AgendaItemSeed):
    """An item of somebody's backlog."""

    owner: str
    """The e-mail address of the user whose backlog it is."""
    days_ago: Annotated[int, Field(ge=0, le=20_000)] = 0
    """When it got there."""


def seed_participants(
    store: Store, meeting: MeetingRecord, guests: Iterable[tuple[str, str, ParticipantRole]]
) -> None:
    """Let everybody whom a meeting names take part: the owner, the users, then (email, name, role).

    Raises ValueError for a guest who has an account or stands there twice.
    """
    known = [user for id_ in meeting.viewer_ids if (user := store.users.get(id_))]
    for user in sorted(known, key=lambda user: (user.id != meeting.created_by_user_id, user.email)):
        role: ParticipantRole = "EDITOR" if user.id in meeting.editor_ids else "VIEWER"
        _participant(store, meeting, user.email, user.display_name, role, user)
    for email, name, role in guests:
        if store.users.count("email", email.lower()):
            raise ValueError(f"a meeting has the user {email} as a guest")
        if store.participants.count("address", participant_key(meeting.id, email)):
            raise ValueError(f"a meeting has the guest {email} twice")
        _participant(store, meeting, email, name, role, None)


def _participant(  # noqa: PLR0913 - a participant is all of this
    store: Store,
    meeting: MeetingRecord,
    email: str,
    name: str,
    role: ParticipantRole,
    user: UserRecord | None,
) -> None:
    store.participants.insert(
        trusted(
            ParticipantRecord,
            id=stable_uuid("participant", meeting.id, email),
            meeting_id=meeting.id,
            user_id=user.id if user else None,
            name=name,
            email=email,
            role=role,
            is_attended=meeting.status in OVER,
            created_at=meeting.created_at,
            updated_at=meeting.updated_at,
            is_owner=user is not None and user.id == meeting.created_by_user_id,
        )
    )


def seed_agendas(store: Store, seeds: Iterable[AgendaSeed]) -> None:
    """Give meetings their agendas; raises ValueError for a meeting or a user that there is not."""
    for seed in seeds:
        meetings = [meeting for meeting in store.meetings if meeting.title == seed.meeting]
        if not meetings:
            raise ValueError(f"an agenda names an unknown meeting {seed.meeting!r}")
        for meeting in meetings:
            for item in seed.items:
                last = store.agenda_items.last("meeting", meeting.id)
                sequence = sequence_after(last.sequence if last else None)
                store.agenda_items.insert(_agenda_item(store, meeting, item, sequence))


def _agenda_item(
    store: Store, meeting: MeetingRecord, seed: AgendaItemSeed, sequence: str
) -> AgendaItemRecord:
    status: AgendaItemStatus = "completed" if meeting.status in OVER else "pending"
    return trusted(
        AgendaItemRecord,
        id=stable_uuid("agenda_item", meeting.id, sequence),
        meeting_id=meeting.id,
        title=seed.title,
        description=seed.description,
        item_type=seed.item_type,
        status=status,
        sequence=sequence,
        time_allocation_minutes=seed.minutes,
        presenters=[_user(store, email).id for email in seed.presenters],
        presenter_details=[],
        restricted_to_leads=False,
        created_at=meeting.created_at,
        updated_at=meeting.updated_at,
        notes=_notes(store, seed),
    )


def seed_backlog(store: Store, key: str, seeds: Iterable[BacklogItemSeed], start: datetime) -> None:
    """Fill backlogs; raises ValueError for a user that there is not."""
    for number, seed in enumerate(seeds):
        owner = _user(store, seed.owner)
        store.backlog_items.insert(
            trusted(
                BacklogItemRecord,
                id=stable_uuid(key, "backlog_item", str(number)),
                agenda_item_id=stable_uuid(key, "backlog_content", str(number)),
                title=seed.title,
                description=seed.description or "",
                item_type=seed.item_type,
                time_allocation_minutes=seed.minutes,
                presenters=[_user(store, email).id for email in seed.presenters],
                talking_points=_notes(store, seed).get(owner.id),
                origin_type="MANUAL",
                deferrer_user_id=owner.id,
                deferred_at=start - timedelta(days=seed.days_ago),
                workspace_id=owner.workspace_id,
            )
        )


def _notes(store: Store, seed: AgendaItemSeed) -> dict[str, str]:
    """Talking points by user id."""
    return {_user(store, email).id: text for email, text in seed.talking_points.items() if text}


def _user(store: Store, email: str) -> UserRecord:
    user = store.users.first("email", email.lower())
    if user is None:
        raise ValueError(f"an agenda or a backlog names an unknown user {email!r}")
    return user
