"""The sending half of webhooks: takes what is due from the outboxes and posts it.

Works beside the requests and never makes one wait. Posts to this machine and its private network
only, unless a host is allowed: a mock must not call somebody's production.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from contio_mock.contract.wire import Fetch, Response
from contio_mock.fake.clock import stopwatch
from contio_mock.fake.deliveries import Attempt, Delivery
from contio_mock.fake.engine import Engine
from contio_mock.fake.outbox import Outbox, Outgoing
from contio_mock.fake.rules.targets import is_private, is_this_machine
from contio_mock.fake.sandbox import Batch, Sandbox

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("contio_mock.webhooks")

CONCURRENCY = 32
"""How many deliveries of one sandbox are on their way at a time; a receiver that hangs delays its own only."""
ANSWER_BYTES_READ = 65_536
FETCHED_BYTES = 1_048_576
FETCH_SECONDS = 10.0
MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)


class NotAllowedError(Exception):
    """The URL leads to a machine that a mock does not call."""


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
        self._client: aiohttp.ClientSession | None = None
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
        if self._client is not None:
            await self._client.close()
        waiting = sum(sandbox.outbox.waiting() for sandbox in self._engine.sandboxes.values())
        if waiting:
            log.warning("%d webhook deliveries were not delivered", waiting)

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
        if sandbox.on_work is None:
            return  # stopped since somebody woke us
        with sandbox.lock:
            sandbox.clock.run_due()
            now = sandbox.clock.now()
            line = self._lines.get(sandbox)
            room = CONCURRENCY if line is None else line.room
            if room > 0:
                self._launch(sandbox, sandbox.outbox.take_due(now, room))
            line = self._lines.get(sandbox)
            # A full line comes back by itself, so what is due already must not be waited for.
            full = line is not None and line.room <= 0
            due = sandbox.clock.next_job() if full else sandbox.next_work()
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

    def _take(self, sandbox: Sandbox, line: Line) -> tuple[Outbox, Delivery] | None:
        """The next delivery of a line that may still go out; a reset leaves none of them."""
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
                    return outbox, delivery

    async def carry_out(self, response: Response) -> None:
        """Do what an answer waits for: each batch on its moment of the clock, each question to others."""
        assert response.work is not None  # noqa: S101 - the caller asked
        for step in response.work.steps:
            if isinstance(step, Fetch):
                await self._fetch(step)
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

    async def _fetch(self, question: Fetch) -> None:
        """Ask another server; what goes wrong is written into the question."""
        import aiohttp  # noqa: PLC0415 - slow to import, and few fakes ask anybody

        try:
            await self._check_target(question.url)
            async with (
                asyncio.timeout(FETCH_SECONDS),
                self._session().request(
                    question.method,
                    question.url,
                    data=question.body or None,
                    headers={"accept-encoding": "identity", **question.headers},
                    allow_redirects=False,
                ) as answer,
            ):
                body = await _whole(answer.content)
                headers = [(name.lower(), value) for name, value in answer.headers.items()]
                question.reply = Response(int(answer.status), headers, body)
        except NotAllowedError as error:
            question.error = str(error)
        except TimeoutError:
            question.error = f"no answer within {FETCH_SECONDS:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            question.error = str(error) or type(error).__name__

    async def _idle(self, sandbox: Sandbox) -> None:
        while (line := self._lines.get(sandbox)) and line.senders:
            await asyncio.wait(set(line.senders))

    async def _deliver(self, sandbox: Sandbox, outbox: Outbox, delivery: Delivery) -> None:
        outgoing = outbox.outgoing(delivery)
        begun = stopwatch()
        try:
            status, error = await self._attempt(sandbox, outgoing)
        except asyncio.CancelledError:
            with sandbox.lock:
                outbox.put_back(delivery)
            raise
        with sandbox.lock:
            outbox.record(delivery, Attempt(sandbox.clock.now(), status, error, stopwatch() - begun))
        if delivery.status != "delivered":
            log.warning("%s was not delivered: %s", delivery.event_type, error or f"status {status}")
            sandbox.wake()

    async def _attempt(self, sandbox: Sandbox, outgoing: Outgoing | None) -> tuple[int | None, str | None]:
        """The receiver's status, or what went wrong."""
        import aiohttp  # noqa: PLC0415 - slow to import, and many fakes send no webhook

        if outgoing is None:
            return None, "the app has no webhook URL any more"
        try:
            return await self._post(sandbox, outgoing), None
        except NotAllowedError as error:
            return None, str(error)
        except TimeoutError:
            return None, f"no answer within {sandbox.profile.webhook_timeout_seconds:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, str(error) or type(error).__name__

    def _session(self) -> aiohttp.ClientSession:
        import aiohttp  # noqa: PLC0415

        if self._client is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._client = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._client

    async def _post(self, sandbox: Sandbox, outgoing: Outgoing) -> int:
        """The status of the answer; raises TimeoutError, NotAllowedError or what the client raises."""
        profile = sandbox.profile
        limit = _timeout(profile.webhook_timeout_seconds)
        hops = MOST_REDIRECTS if profile.webhook_redirects == "follow" else 0
        if not hops and _target(outgoing.url)[1]:  # one request to an address: the client's timer will do
            return (await self._post_once(outgoing, outgoing.url, limit))[0]
        async with asyncio.timeout(profile.webhook_timeout_seconds):
            return await self._post_on(outgoing, outgoing.url, hops, limit)

    async def _post_on(self, outgoing: Outgoing, url: str, hops: int, limit: aiohttp.ClientTimeout) -> int:
        """Post, and follow as many redirects as allowed; each target is checked before it is called."""
        await self._check_target(url)
        status, location = await self._post_once(outgoing, url, limit)
        if not hops or location is None or status not in _REDIRECTS:
            return status
        return await self._post_on(outgoing, urljoin(url, location), hops - 1, limit)

    async def _post_once(
        self, outgoing: Outgoing, url: str, limit: aiohttp.ClientTimeout
    ) -> tuple[int, str | None]:
        """The status of one answer, and where it leads; of its body no more than a little is read."""
        async with self._session().post(
            url, data=outgoing.body, headers=outgoing.headers, allow_redirects=False, timeout=limit
        ) as answer:
            await answer.content.read(ANSWER_BYTES_READ)
            return int(answer.status), answer.headers.get("location")

    async def _check_target(self, url: str) -> None:
        """Raise NotAllowedError unless the URL leads to this machine or its private network."""
        host, is_near = _target(url)
        if is_near or host in self._allowed:
            return
        if is_near is None and await self._resolves_near(host):
            return
        raise NotAllowedError(
            f"{host} is not on this machine or its network; use --allow-webhook-host {host}"
        )

    async def _resolves_near(self, host: str) -> bool:
        loop = asyncio.get_running_loop()
        found: list[Any] = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return bool(found) and all(is_private(entry[4][0]) for entry in found)


async def _whole(stream: aiohttp.StreamReader) -> bytes:
    """A body to its end; raises ValueError for one that is too large."""
    body = b""
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > FETCHED_BYTES:
            raise ValueError(f"more than {FETCHED_BYTES} bytes")
    return body


@lru_cache(maxsize=16)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientTimeout(total=seconds)


@lru_cache(maxsize=256)
def _target(url: str) -> tuple[str, bool | None]:
    """A URL's host, and whether it is near; None when a name must be looked up. Raises NotAllowedError."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise NotAllowedError(f"{url!r} is no http or https URL")
    if is_this_machine(host):
        return host, True
    try:
        return host, is_private(host)
    except ValueError:
        return host, None
