"""What happens to agenda items in Contio's own app."""

from __future__ import annotations

from contio_mock.contract.agenda_items import AGENDA_ITEM_NOT_FOUND
from contio_mock.contract.backlog_items import BacklogItem
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.simulate_backlog import MockSimulateAgendaItemDeferred
from contio_mock.fake import lookup
from contio_mock.fake.audience import agenda_item_readers
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import deferral
from contio_mock.fake.sandbox import Context


@MockSimulateAgendaItemDeferred.handler
def mock_simulate_agenda_item_deferred(ctx: Context, op: MockSimulateAgendaItemDeferred) -> BacklogItem:
    wish = op.body
    user = ctx.store.users.first("email", wish.email.lower())
    if user is None:
        raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {wish.email}.")
    ctx.user = user  # what follows is their doing
    meeting = lookup.joined_meeting(ctx, wish.meeting_id)
    item = ctx.store.agenda_items.get(wish.agenda_item_id)
    if (
        item is None
        or item.meeting_id != meeting.id
        or user.id not in agenda_item_readers(ctx, meeting, item)
    ):
        raise ApiError(AGENDA_ITEM_NOT_FOUND)
    return deferral.defer_agenda_item(ctx, item, user, wish.origin)
