"""The sending half of webhooks: takes what is due from the outboxes and posts it.

Works beside the requests and never makes one wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from contio_mock.contract.wire import Fetch, Response
from contio_mock.fake.clock import stopwatch
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.engine import Engine
from contio_mock.fake.handout import Handout, handed_out
from contio_mock.fake.outbox import Outbox
from contio_mock.fake.sandbox import Batch, Sandbox

if TYPE_CHECKING:
    from contio_mock.server.outward import OutwardClient

log = logging.getLogger("contio_mock.webhooks")

CONCURRENCY = 32
"""How many deliveries of one sandbox are on their way at a time; a receiver that hangs delays its own only."""


class Line:
    """The deliveries of one sandbox that wait for their turn, and those who send them."""

    __slots__ = ("senders", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[tuple[Outbox, Delivery]] = deque()
        self.senders: set[asyncio.Task[None]] = set()

    @property
    def room(self) -> int:
        """How many more can be on their way now."""
        return CONCURRENCY - len(self.senders)


class Dispatcher:
    """Sends the deliveries of every sandbox of one engine."""

    def __init__(self, engine: Engine, *, allowed_hosts: Iterable[str] = ()) -> None:
        self._engine = engine
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._made_client: OutwardClient | None = None
        self._lines: dict[Sandbox, Line] = {}
        self._timers: dict[Sandbox, asyncio.TimerHandle] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to serve the sandboxes; called inside the event loop."""
        self._loop = asyncio.get_running_loop()
        self._engine.on_sandbox = self._adopt
        for sandbox in self._engine.sandboxes.values():
            self._adopt(sandbox)

    async def stop(self) -> None:
        """Stop sending; reports what is left behind."""
        self._engine.on_sandbox = None
        for timer in self._timers.values():
            timer.cancel()
        for sandbox in self._engine.sandboxes.values():
            sandbox.on_work, sandbox.send, sandbox.delivers = None, None, False
        running = [sender for line in self._lines.values() for sender in line.senders]
        for sender in running:
            sender.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for sandbox, line in self._lines.items():
            with sandbox.lock:
                for outbox, delivery in line.waiting:
                    outbox.put_back(delivery)
        self._lines.clear()
        if self._made_client is not None:
            await self._made_client.close()
        waiting = sum(sandbox.outbox.waiting() for sandbox in self._engine.sandboxes.values())
        if waiting:
            left = "delivery was" if waiting == 1 else "deliveries were"
            log.warning("%d webhook %s not delivered", waiting, left)

    def _adopt(self, sandbox: Sandbox) -> None:
        sandbox.delivers = True
        sandbox.on_work, sandbox.send = self._wake, self._send_for
        self._wake(sandbox)

    def _wake(self, sandbox: Sandbox) -> None:
        """Something may be due; may be called from another thread."""
        assert self._loop is not None  # noqa: S101 - sandboxes are adopted after the start
        self._loop.call_soon_threadsafe(self._pump, sandbox)

    def _pump(self, sandbox: Sandbox) -> None:
        """Run the jobs and send the deliveries that are due, and come back when the next is."""
        if sandbox.on_work is None:  # stopped or deleted since somebody woke us
            self._timers.pop(sandbox, None)
            return
        with sandbox.lock:
            sandbox.clock.run_due()
            now = sandbox.clock.now()
            line = self._lines.get(sandbox)
            room = CONCURRENCY if line is None else line.room
            if room > 0:
                self._launch(sandbox, sandbox.outbox.take_due(now, room))
            due = sandbox.next_work()
            if due is not None and due <= now and sandbox in self._lines:
                # A full line, or one that keeps an order, comes back by itself: no need to look all the time.
                due = sandbox.clock.next_job()
        timer = self._timers.pop(sandbox, None)
        if timer is not None:
            timer.cancel()
        rate = sandbox.clock.rate
        if due is not None and rate > 0 and self._loop is not None:
            delay = max(0.001, (due - now).total_seconds() / rate)
            self._timers[sandbox] = self._loop.call_later(min(delay, 3600.0), self._pump, sandbox)

    def _launch(self, sandbox: Sandbox, deliveries: list[Delivery]) -> None:
        """Put deliveries in the sandbox's line, and have enough senders for them."""
        if not deliveries:
            return
        line = self._lines.setdefault(sandbox, Line())
        line.waiting.extend((sandbox.outbox, delivery) for delivery in deliveries)
        for _ in range(min(line.room, len(line.waiting))):
            line.senders.add(asyncio.ensure_future(self._send(sandbox, line)))

    async def _send(self, sandbox: Sandbox, line: Line) -> None:
        """Send one delivery after the other until nothing is due."""
        try:
            while (taken := self._take(sandbox, line)) is not None:
                await self._deliver(sandbox, *taken)
        finally:
            task = asyncio.current_task()
            if task is not None:
                line.senders.discard(task)
            if not line.senders and not line.waiting and self._lines.get(sandbox) is line:
                del self._lines[sandbox]
        self._pump(sandbox)

    def _take(self, sandbox: Sandbox, line: Line) -> tuple[Outbox, Delivery, list[Handout]] | None:
        """The next delivery of a line that may still go out, and its requests; a reset leaves none of them."""
        while True:
            if not line.waiting:
                with sandbox.lock:
                    due = (
                        sandbox.outbox.take_due(sandbox.clock.now(), CONCURRENCY) if sandbox.delivers else []
                    )
                    line.waiting.extend((sandbox.outbox, delivery) for delivery in due)
            if not line.waiting:
                return None
            outbox, delivery = line.waiting.popleft()
            with sandbox.lock:
                if outbox is sandbox.outbox and outbox.begin(delivery, sandbox.clock.now()):
                    return outbox, delivery, handed_out(outbox, sandbox.faults, delivery)

    async def carry_out(self, response: Response) -> None:
        """Do what an answer waits for: each batch on its moment of the clock, each question to others."""
        assert response.work is not None  # noqa: S101 - the caller asked
        for step in response.work.steps:
            if isinstance(step, Fetch):
                await self._client.fetch(step)
            else:
                await self._carry(step)
        response.work.finish(response)

    async def _carry(self, batch: Batch) -> None:
        """Send a batch, and wait until nothing of its sandbox is on its way."""
        self._launch(batch.sandbox, batch.deliveries)
        await self._idle(batch.sandbox)

    def _send_for(self, batch: Batch) -> None:
        """Send a batch for somebody who moves the clock from another thread."""
        assert self._loop is not None  # noqa: S101 - sandboxes are adopted after the start
        asyncio.run_coroutine_threadsafe(self._carry(batch), self._loop).result()

    async def _idle(self, sandbox: Sandbox) -> None:
        while (line := self._lines.get(sandbox)) and line.senders:
            await asyncio.wait(set(line.senders))

    async def _deliver(
        self, sandbox: Sandbox, outbox: Outbox, delivery: Delivery, handouts: list[Handout]
    ) -> None:
        """Send the requests of a delivery, and note what came of each."""
        for handout in handouts:
            attempt = handout.unsent(sandbox.clock.now())
            if attempt is None:
                begun = stopwatch()
                try:
                    answer, error = await self._client.post(
                        handout.request,
                        seconds=sandbox.profile.webhook_timeout_seconds,
                        follows=sandbox.profile.webhook_redirects == "follow",
                    )
                except asyncio.CancelledError:
                    with sandbox.lock:
                        outbox.put_back(delivery)
                    raise
                attempt = handout.noted(sandbox.clock.now(), answer, error, stopwatch() - begun)
            with sandbox.lock:
                outbox.record(delivery, attempt)
        if delivery.status != "delivered":
            _tell(delivery)
            sandbox.wake()
        elif log.isEnabledFor(logging.INFO):
            _tell(delivery)

    @property
    def _client(self) -> OutwardClient:
        """Made at its first use: it is slow to import, and many fakes send no webhook and ask nobody."""
        if self._made_client is None:
            from contio_mock.server.outward import OutwardClient  # noqa: PLC0415

            self._made_client = OutwardClient(self._allowed)
        return self._made_client


def _tell(delivery: Delivery) -> None:
    """Say in the log what came of the last attempt."""
    last = delivery.attempts[-1]
    what = f"{delivery.event_type} for {delivery.for_user or 'the app'}"
    if delivery.status == "delivered":
        log.info("%s: %s in %.0f ms", what, last.status, (last.seconds or 0) * 1000)
        return
    retry = delivery.next_retry_at
    then = f"tried again at {retry:%H:%M:%S}" if retry else delivery.status
    log.warning("%s was not delivered: %s; %s", what, last.error or f"status {last.status}", then)
