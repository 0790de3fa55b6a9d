"""What a webhook endpoint got, which of it a test asks for, and what the mock knows beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contio_mock.client.webhooks import Webhook
from contio_mock.contract.events import EVENTS
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Received:
    """One request to the endpoint, and what it was answered."""

    body: bytes
    """The raw bytes."""
    headers: dict[str, str]
    """By lower-case name."""
    webhook: Webhook[Any] | None
    """None when it was refused."""
    problem: str | None
    """Why it was refused."""
    status: int | None
    """The answer; None when the connection was dropped."""
    attempt: int
    """1, or more when the same event id came before: a retry or a duplicate."""

    def __str__(self) -> str:
        answered = "dropped" if self.status is None else f"answered {self.status}"
        if self.webhook is None:
            return f"refused: {self.problem} ({answered})"
        reader = f" for {self.webhook.for_user.email}" if self.webhook.for_user else ""
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.webhook.event_type}{reader} ({answered}{again})"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which webhooks are meant."""

    name: str | None
    user: str | None
    where: Callable[[Webhook[Any]], bool] | None
    data: dict[str, Any]

    def fits(self, one: Received) -> bool:
        """Whether a request is meant; one that was refused is, when no event is named."""
        webhook = one.webhook
        if webhook is None:
            return self.name is None
        if self.name not in (None, webhook.event_type) or not self._is_for_the_user(webhook):
            return False
        if any(value != webhook.raw["data"].get(key) for key, value in self.data.items()):
            return False
        return self.where is None or self.where(webhook)

    def _is_for_the_user(self, webhook: Webhook[Any]) -> bool:
        return self.user is None or (webhook.for_user is not None and webhook.for_user.email == self.user)

    def __str__(self) -> str:
        known = "" if self.name is None or self.name in EVENTS else " (no event has this name)"
        reader = f" for {self.user}" if self.user else ""
        data = (
            f" with {', '.join(f'{key}={value!r}' for key, value in self.data.items())}" if self.data else ""
        )
        return f"{self.name or 'webhook'}{known}{reader}{data}{' that fits `where`' if self.where else ''}"

    def compared(self, one: Received) -> str:
        """A request in words, with those members of its data that matter here."""
        if one.webhook is None or not self.data or one.webhook.event_type != self.name:
            return str(one)
        given = one.webhook.raw["data"]
        members = (f"{key}={given[key]!r}" if key in given else f"no {key}" for key in self.data)
        return f"{one}: {', '.join(members)}"


def told(sandbox: Sandbox, name: str) -> Iterator[str]:
    """What became of an event in a mock, as far as a receiver cannot know it."""
    with sandbox.lock:
        happened = [emitted for emitted in sandbox.outbox.events if emitted.type == name]
        deliveries = [delivery for emitted in happened for delivery in emitted.deliveries]
    if not happened:
        yield f"the mock: {name} did not happen"
    elif not deliveries:
        yield f"the mock: {name} happened, and nobody was told: a filter, or no connected user who may see it"
    for delivery in deliveries:
        if delivery.status != "delivered":
            yield f"the mock: {name} for {delivery.for_user or 'the app'} {_plight(delivery)}"


def _plight(delivery: Delivery) -> str:
    """Why a delivery is not delivered, and whether it will be."""
    when = f"{delivery.due_at:%H:%M:%S} by the clock" if delivery.due_at else None
    if not delivery.attempts:
        return f"waits until {when}" if when else "is kept, since webhooks are switched off"
    last = delivery.attempts[-1]
    then = (
        "was given up"
        if delivery.status == "abandoned"
        else f"is tried again at {when}"
        if when
        else "is kept"
    )
    return f"failed: {last.error or f'status {last.status}'}; it {then}"
