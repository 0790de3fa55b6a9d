"""Items come onto an agenda from callers, backlogs, templates and assistants alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contio_mock.contract.agenda_items import AgendaItem, UserRef
from contio_mock.contract.meeting_events import AgendaItemCreated
from contio_mock.contract.release import R1_10
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import agenda_item_readers
from contio_mock.fake.records import AgendaItemRecord, MeetingRecord
from contio_mock.fake.rules import agenda as rules
from contio_mock.fake.sandbox import Context


def add_agenda_item(  # noqa: PLR0913 - an item is all of this
    ctx: Context,
    meeting: MeetingRecord,
    *,
    title: str,
    item_type: str,
    description: str | None = None,
    time_allocation_minutes: float | None = None,
    presenters: Sequence[str] = (),
    sequence: str | None = None,
    restricted_to_leads: bool = False,
    notes: Mapping[str, str] | None = None,
) -> AgendaItemRecord:
    """Put an item on a meeting's agenda, after the last one unless `sequence` says where; tells of it.

    `notes` are talking points by user id.
    """
    item = ctx.store.agenda_items.insert(
        trusted(
            AgendaItemRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            title=title,
            description=description,
            item_type=item_type,
            status="pending",
            sequence=sequence if sequence is not None else _last_place(ctx, meeting),
            time_allocation_minutes=time_allocation_minutes,
            presenters=list(presenters),
            presenter_details=[],
            restricted_to_leads=restricted_to_leads,
            created_at=ctx.now,
            updated_at=ctx.now,
            notes={user: points for user, points in (notes or {}).items() if points},
        )
    )
    event = AgendaItemCreated(
        agenda_item_id=item.id,
        meeting_id=meeting.id,
        title=item.title,
        item_type=item.item_type,
        created_at=item.created_at,
    )
    ctx.emit(event, audience=agenda_item_readers(ctx, meeting, item))
    return item


def _last_place(ctx: Context, meeting: MeetingRecord) -> str:
    last = ctx.store.agenda_items.last("meeting", meeting.id)
    return rules.sequence_after(last.sequence if last else None)


def shown_to_caller(ctx: Context, item: AgendaItemRecord) -> AgendaItem:
    """An agenda item with the caller's own talking points, and the presenters whom they may know."""
    seen: dict[str, object] = {}
    if ctx.user.id in item.notes:
        seen["talking_points"] = item.notes[ctx.user.id]
    if item.presenters and ctx.sandbox.release >= R1_10:
        seen["presenter_details"] = [_presenter(ctx, user_id) for user_id in item.presenters]
    return item.model_copy(update=seen) if seen else item


def _presenter(ctx: Context, user_id: str) -> UserRef:
    user = ctx.store.users.get(user_id)
    if user is None or user.workspace_id != ctx.user.workspace_id:
        return UserRef(user_id=user_id)
    return UserRef(user_id=user.id, name=user.display_name, email=user.email)
