"""What happens to agenda items in Contio's own app and has no operation in the partner API."""

from typing import Literal

from contio_mock.contract.agenda_items import AGENDA_ITEM_NOT_FOUND
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.backlog_items import BacklogItem
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import FORBIDDEN
from contio_mock.contract.meeting_events import AgendaItemCreated, AgendaItemDeleted, AgendaItemUpdated
from contio_mock.contract.meetings import MEETING_NOT_FOUND
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input

TAG = "Control"


class AgendaItemDeferral(Input):
    """Who moves which agenda item to their backlog."""

    email: Email
    """The e-mail address of a participant of the meeting."""
    meeting_id: Id
    agenda_item_id: Id
    origin: Literal["MEETING", "SMS"] = "MEETING"
    """Whether they do it in the meeting or by a text message."""


@endpoint(
    "POST",
    "/_mock/simulate/agenda-item-deferred",
    auth=PUBLIC,
    success=201,
    raises=(UNKNOWN_USER, FORBIDDEN, MEETING_NOT_FOUND, AGENDA_ITEM_NOT_FOUND),
    emits=(AgendaItemUpdated, AgendaItemDeleted, AgendaItemCreated),
    tag=TAG,
)
class MockSimulateAgendaItemDeferred(Operation[BacklogItem]):
    """Let a participant move an agenda item from a meeting to their own backlog."""

    body: AgendaItemDeferral
