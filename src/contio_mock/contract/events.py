"""Webhook events: how one is declared, and the envelope around its data.

The events themselves are declared in `meeting_events` and `app_events`.
"""

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import ConfigDict

from contio_mock.contract.release import R1_9, Lifetime, since
from contio_mock.contract.shared import Id, Model, Timestamp

E = TypeVar("E", bound="type[Event]")


class Event(Model):
    """The `data` member of one kind of webhook event."""

    model_config = ConfigDict(extra="forbid")

    type: ClassVar[str]
    """The event's name, as it stands in `event_type`."""
    summary: ClassVar[str]
    lifetime: ClassVar[Lifetime]
    per_user: ClassVar[bool]
    """Whether each connected user who sees the subject gets a copy (`for_user`)."""


EVENTS: dict[str, type[Event]] = {}
"""Every declared event by its name."""


def event(type_: str, *, lifetime: Lifetime = Lifetime.ALWAYS, per_user: bool = True) -> Any:
    """Declare the event below under its published name."""

    def declare(kind: E) -> E:
        kind.type = type_
        kind.summary = (kind.__doc__ or "").strip().splitlines()[0]
        kind.lifetime = lifetime
        kind.per_user = per_user
        EVENTS[type_] = kind
        return kind

    return declare


class ForUser(Model):
    """The user that a delivery is for."""

    id: Id
    email: str


class Envelope(Model):
    """The body of every webhook delivery."""

    event_type: str
    event_id: Id
    """Unique per delivery, so that a receiver's de-duplication keeps every user's copy."""
    timestamp: Timestamp
    partner_app_id: Id
    for_user: ForUser | None = None
    actor_user_id: Annotated[Id | None, since(R1_9)] = None
    """Who acted; absent when the system did."""
    data: dict[str, Any]
