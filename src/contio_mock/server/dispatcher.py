"""The sending half of webhooks: takes what is due from the outboxes and posts it.

Works beside the requests and never makes one wait. Posts to this machine and its private network
only, unless a host is allowed: a mock must not call somebody's production.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from contio_mock.contract.wire import Fetch, Response
from contio_mock.fake.clock import stopwatch
from contio_mock.fake.deliveries import Attempt, Delivery
from contio_mock.fake.engine import Engine
from contio_mock.fake.outbox import Outgoing
from contio_mock.fake.rules.targets import is_private, is_this_machine
from contio_mock.fake.sandbox import Sandbox

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("contio_mock.webhooks")

CONCURRENCY = 32
ANSWER_BYTES_READ = 65_536
FETCHED_BYTES = 1_048_576
FETCH_SECONDS = 10.0
MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)


class NotAllowedError(Exception):
    """The URL leads to a machine that a mock does not call."""


class Dispatcher:
    """Sends the deliveries of every sandbox of one engine."""

    def __init__(self, engine: Engine, *, allowed_hosts: Iterable[str] = ()) -> None:
        self._engine = engine
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._client: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._tasks: dict[Sandbox, set[asyncio.Task[None]]] = {}
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
            sandbox.on_work, sandbox.delivers = None, False
        running = [task for tasks in self._tasks.values() for task in tasks]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        waiting = sum(sandbox.outbox.waiting() for sandbox in self._engine.sandboxes.values())
        if waiting:
            log.warning("%d webhook deliveries were not delivered", waiting)

    def _adopt(self, sandbox: Sandbox) -> None:
        sandbox.delivers = True
        sandbox.on_work = self._wake
        self._wake(sandbox)

    def _wake(self, sandbox: Sandbox) -> None:
        """Something may be due; may be called from another thread."""
        assert self._loop is not None  # noqa: S101 - sandboxes are adopted after the start
        self._loop.call_soon_threadsafe(self._pump, sandbox)

    def _pump(self, sandbox: Sandbox) -> None:
        """Run the jobs and send the deliveries that are due, and come back when the next is."""
        with sandbox.lock:
            sandbox.clock.run_due()
            now = sandbox.clock.now()
            self._launch(sandbox, sandbox.outbox.take_due(now))
            due = sandbox.next_work()
        timer = self._timers.pop(sandbox, None)
        if timer is not None:
            timer.cancel()
        rate = sandbox.clock.rate
        if due is not None and rate > 0 and self._loop is not None:
            delay = max(0.001, (due - now).total_seconds() / rate)
            self._timers[sandbox] = self._loop.call_later(min(delay, 3600.0), self._pump, sandbox)

    def _launch(self, sandbox: Sandbox, deliveries: list[Delivery]) -> None:
        tasks = self._tasks.setdefault(sandbox, set())
        for delivery in deliveries:
            task = asyncio.ensure_future(self._deliver(sandbox, delivery))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def carry_out(self, response: Response) -> None:
        """Do what an answer waits for: each batch on its moment of the clock, each question to others."""
        assert response.work is not None  # noqa: S101 - the caller asked
        for step in response.work.steps:
            if isinstance(step, Fetch):
                await self._fetch(step)
            else:
                self._launch(step.sandbox, step.deliveries)
                await self._idle(step.sandbox)
        response.work.finish(response)

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
        while tasks := self._tasks.get(sandbox):
            await asyncio.wait(set(tasks))

    async def _deliver(self, sandbox: Sandbox, delivery: Delivery) -> None:
        outbox = sandbox.outbox  # a reset in between must not see this delivery
        async with self._slots:
            outgoing = outbox.outgoing(delivery)
            begun = stopwatch()
            status, error = await self._attempt(sandbox, outgoing)
            with sandbox.lock:
                attempt = Attempt(sandbox.clock.now(), status, error, stopwatch() - begun)
                outbox.record(delivery, attempt)
        if error or delivery.status != "delivered":
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
            connector = aiohttp.TCPConnector(limit=CONCURRENCY, force_close=False)
            self._client = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._client

    async def _post(self, sandbox: Sandbox, outgoing: Outgoing) -> int:
        hops = MOST_REDIRECTS if sandbox.profile.webhook_redirects == "follow" else 0
        async with asyncio.timeout(sandbox.profile.webhook_timeout_seconds):
            return await self._post_on(self._session(), outgoing, outgoing.url, hops)

    async def _post_on(self, client: aiohttp.ClientSession, outgoing: Outgoing, url: str, hops: int) -> int:
        """Post, and follow as many redirects as allowed; each target is checked before it is called."""
        await self._check_target(url)
        async with client.post(
            url, data=outgoing.body, headers=outgoing.headers, allow_redirects=False
        ) as answer:
            location = answer.headers.get("location")
            if not hops or location is None or answer.status not in _REDIRECTS:
                await answer.content.read(ANSWER_BYTES_READ)
                return int(answer.status)
        return await self._post_on(client, outgoing, urljoin(url, location), hops - 1)

    async def _check_target(self, url: str) -> None:
        """Raise NotAllowedError unless the URL leads to this machine or its private network."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            raise NotAllowedError(f"{url!r} is no http or https URL")
        if host in self._allowed or is_this_machine(host):
            return
        if not await self._is_private(host):
            raise NotAllowedError(
                f"{host} is not on this machine or its network; use --allow-webhook-host {host}"
            )

    async def _is_private(self, host: str) -> bool:
        try:
            return is_private(host)
        except ValueError:
            pass
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
