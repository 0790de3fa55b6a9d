"""Action items."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import Field

from contio_mock.contract.action_items import ActionItem
from contio_mock.contract.meeting_events import ActionItemStatus
from contio_mock.fake.records.meetings import guest_key, workspace_key


class ActionItemRecord(ActionItem):
    """An action item with what its answers do not show."""

    workspace_id: str = Field(exclude=True)
    """Its meeting's workspace."""
    meeting_owner_id: str = Field(exclude=True)
    """Who created its meeting."""
    viewer_ids: frozenset[str] = Field(exclude=True)
    """The users who take part in its meeting; kept in step by `action_items.follow_participants`."""
    guest_ids: frozenset[str] = Field(default=frozenset(), exclude=True)
    """Those of them who work in another workspace."""
    created_by_user_id: str | None = Field(default=None, exclude=True)
    """None when the system made it."""
    open_status: ActionItemStatus = Field(default="needs_review", exclude=True)
    """Its latest status that was not completed."""
    contexts: dict[str, dict[str, Any]] = Field(default_factory=dict, exclude=True)
    """What partner apps keep with it, by app id; under "" stands what belongs to every app."""

    @property
    def own_ids(self) -> frozenset[str]:
        """The users whose item it is: who made it, and who is to do it."""
        return frozenset(id_ for id_ in (self.created_by_user_id, self.assigned_to_user_id) if id_)


def filter_key(reader: str, *, completed: bool | None, assigned: bool | None) -> str:
    """The key of a reader's items of which the flags are true, false or (None) either."""
    return (
        f"{reader}?{'' if completed is None else int(completed)}&{'' if assigned is None else int(assigned)}"
    )


def in_meeting(meeting_id: str) -> str:
    """The reader's part of a key: the items of a meeting, for whoever sees all of them."""
    return f"meeting:{meeting_id}"


def own(user_id: str, meeting_id: str | None = None) -> str:
    """The reader's part of a key: the items that a user made or is to do, in a meeting or anywhere."""
    return f"own:{user_id}/{meeting_id or ''}"


def item_keys(item: ActionItemRecord) -> Iterable[str]:
    """Every key of an item, one for each reader and combination of filters, so that no list is filtered."""
    return [
        filter_key(reader, completed=completed, assigned=assigned)
        for reader in _readers(item)
        for completed in (None, item.is_completed)
        for assigned in (None, item.has_partner_assignment)
    ]


def _readers(item: ActionItemRecord) -> Iterator[str]:
    yield from item.viewer_ids
    yield workspace_key(item.workspace_id)
    yield from map(guest_key, item.guest_ids)
    yield in_meeting(item.meeting_id)
    for user_id in item.own_ids:
        yield own(user_id)
        yield own(user_id, item.meeting_id)
