"""What a test asks a `FakeContio` about events and webhooks."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from contio_mock.contract.events import Event
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.outbox import Emitted
from contio_mock.receivers import Receiving

if TYPE_CHECKING:
    from contio_mock.fake_contio import FakeContio
    from contio_mock.hosting import Loop

EventName = str | type[Event]


def name_of(event: EventName) -> str:
    """The name of an event that is given by its name or its class."""
    return event if isinstance(event, str) else event.type


class EventLog(list[Emitted]):
    """Events, oldest first: a list that can be asked."""

    @property
    def types(self) -> list[str]:
        """The events' names."""
        return [emitted.type for emitted in self]

    def of(self, event: EventName, **data: Any) -> EventLog:
        """The events of one kind, and with these members in their data."""
        name = name_of(event)
        return EventLog(
            emitted
            for emitted in self
            if emitted.type == name and all(emitted.data.get(key) == value for key, value in data.items())
        )

    def last(self, event: EventName | None = None, **data: Any) -> Emitted:
        """The newest event, of that kind and with that data; raises LookupError that says what there is."""
        found = self if event is None else self.of(event, **data)
        if not found:
            wanted = "event" if event is None else f"{name_of(event)}{f' with {data}' if data else ''}"
            raise LookupError(f"there was no {wanted}; there were {', '.join(self.types) or 'none at all'}")
        return found[-1]


class OutboxControl:
    """The webhooks of a fake: what waits, what was tried, and a way to have them delivered."""

    def __init__(self, contio: FakeContio) -> None:
        self._contio = contio

    @property
    def deliveries(self) -> list[Delivery]:
        """Every delivery with its attempts, oldest first."""
        return list(self._contio.sandbox.outbox.deliveries)

    @property
    def pending(self) -> list[Delivery]:
        """Those that were neither delivered nor given up."""
        return [one for one in self.deliveries if one.status in ("pending", "failed")]

    def deliver(
        self, to: Receiving | None = None, path: str | None = None, *, lifespan: bool = True
    ) -> list[Delivery]:
        """Deliver what is due now, and return what was tried, in order; each holds its attempts.

        `to` is a function of the signed request that returns a status, or a WSGI or ASGI app; left out it
        is the receiver that there is. An app is called at the path of the app's webhook URL, or at `path`.
        An ASGI app is started before and stopped after, unless `lifespan` is False. Raises ValueError when
        there is no webhook URL or no receiver, and what starting and stopping raise.
        """
        return self._deliver(to, path, lifespan, None)

    async def deliver_async(
        self, to: Receiving, path: str | None = None, *, lifespan: bool = True
    ) -> list[Delivery]:
        """`deliver` for an event loop: an ASGI app or a coroutine function runs in this one.

        So it can share what is bound to the loop with the test, such as a pool of connections. What is not
        async is called in a thread.
        """
        from contio_mock.hosting import RunningLoop  # noqa: PLC0415 - asyncio is slow to import

        loop = RunningLoop()
        return await loop.wait_for(lambda: self._deliver(to, path, lifespan, loop))

    def _deliver(
        self, to: Receiving | None, path: str | None, lifespan: bool, loop: Loop | None
    ) -> list[Delivery]:
        if not any(app.webhook_url for app in self._contio.sandbox.store.apps):
            raise ValueError(
                "no app has a webhook URL: make the Contio with webhook_url='http://localhost/webhooks'"
            )
        before = {one.id: len(one.attempts) for one in self.deliveries}
        with self._receiving(to, path, lifespan, loop):
            self._contio.control.mock.settle()
        return [one for one in self.deliveries if len(one.attempts) > before.get(one.id, 0)]

    def _receiving(
        self, to: Receiving | None, path: str | None, lifespan: bool, loop: Loop | None
    ) -> AbstractContextManager[None]:
        if to is not None:
            return self._contio.receiving(to, path, lifespan=lifespan, loop=loop)
        if self._contio.receiver is None:
            raise ValueError("there is no receiver: name the app, or set contio.receiver to it")
        return nullcontext()
