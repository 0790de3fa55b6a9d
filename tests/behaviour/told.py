"""Who was told of what: the newest events of a fake that has a webhook URL."""

from __future__ import annotations

import json
from typing import Any

from contio_mock import FakeContio

URL = "http://localhost:9/hooks"
ADA, GRACE, KATHERINE, LINUS = (
    "ada@example.com", "grace@example.com", "katherine@example.com", "linus@example.net",
)  # fmt: skip


def user_id(contio: FakeContio, email: str) -> str:
    user = contio.sandbox.store.users.first("email", email)
    assert user is not None
    return user.id


def types(contio: FakeContio) -> list[str]:
    return [event.type for event in contio.events]


def told(contio: FakeContio, position: int = -1) -> tuple[str, dict[str, Any], set[str]]:
    """The type and data of an event, and the addresses of those who got a copy."""
    event = contio.events[position]
    copies = [json.loads(delivery.body) for delivery in event.deliveries]
    assert all(copy["data"] == event.data for copy in copies)
    readers = [copy["for_user"]["email"] for copy in copies]
    assert len(readers) == len(set(readers))
    return event.type, event.data, set(readers)


def actor(contio: FakeContio, position: int = -1) -> Any:
    return json.loads(contio.events[position].deliveries[0].body).get("actor_user_id")
