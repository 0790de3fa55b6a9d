"""Webhook deliveries per second beside bare clients, and requests beside a receiver that hangs.

Run as a process by itself: `sink` receives, `sender` delivers with the dispatcher and with bare clients.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import servers
from load import Load, offer
from over_socket import EMAIL, JSON_HEADERS, loads
from servers import Cpus, Server
from table import Row, Target

CONCURRENCY = 32
ROUNDS = 5
DELIVERY_ROUNDS = 9
RATE = Target(0.7, 0.9, at_least=True)
PATIENCE = Target(1.3, 1.1)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


# ---------------------------------------------------------------- a process that receives


class Sink(asyncio.Protocol):
    """Answers every request at once, or none at all; does not look at what it says."""

    hangs = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is needed to answer."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.pending = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request when all of it is here."""
        if self.hangs:
            return
        self.pending += data
        while (end := self.pending.find(b"\r\n\r\n")) >= 0:
            head = self.pending[:end].lower()
            at = head.find(b"content-length: ") + 16
            whole = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
            if len(self.pending) < whole:
                return
            self.pending = self.pending[whole:]
            self.transport.write(ANSWER)


async def receive(hangs: bool) -> None:
    """Listen on a free port, say which, and receive until the end of time."""
    Sink.hangs = hangs
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def sink(cpu: int | None, *, hangs: bool = False) -> Iterator[str]:
    """A receiver in a process of its own; yields its URL."""
    command = [sys.executable, __file__, "sink", "hangs" if hangs else "answers"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        if cpu is not None:
            os.sched_setaffinity(process.pid, {cpu})
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# ---------------------------------------------------------------- a process that sends


def queued(url: str, count: int) -> Any:
    """A fake with that many deliveries that are due."""
    from contio_mock import FakeContio

    fake = FakeContio(webhook_url=url)
    for number in range(count):
        data = {"title": f"Meeting number {number}"}
        fake.control.mock.emit({"type": "meeting.created", "user": EMAIL, "data": data})
    return fake


async def dispatched(fake: Any) -> int:
    """Deliver everything with the dispatcher."""
    from contio_mock.server.dispatcher import Dispatcher

    dispatcher, outbox = Dispatcher(fake.engine), fake.sandbox.outbox
    wanted = len(outbox.deliveries)
    dispatcher.start()
    while outbox.succeeded + outbox.failed < wanted:  # noqa: ASYNC110 - nobody tells when it is done
        await asyncio.sleep(0.002)
    await dispatcher.stop()
    return int(outbox.succeeded)


async def shared(requests: list[Any], send: Callable[[Any], Awaitable[int]]) -> int:
    """Send everything, so many at a time; how many were answered 200."""
    waiting = iter(requests)

    async def work() -> list[int]:
        return [await send(request) for request in waiting]

    statuses = await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return sum(each.count(200) for each in statuses)


async def by_aiohttp(requests: list[Any]) -> int:
    """The same bodies and headers with nothing but aiohttp."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def send(request: Any) -> int:
            async with client.post(request.url, data=request.body, headers=request.headers) as answer:
                await answer.read()
                return int(answer.status)

        return await shared(requests, send)


async def by_httpx(requests: list[Any]) -> int:
    """The same bodies and headers with nothing but httpx2."""
    import httpx2

    limits = httpx2.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

        async def send(request: Any) -> int:
            answer = await client.post(request.url, content=request.body, headers=request.headers)
            return int(answer.status_code)

        return await shared(requests, send)


def send_all(url: str, count: int, turn: int) -> dict[str, float]:
    """Deliveries per second of each way, one after the other; who begins changes with the turn."""
    import uvloop

    from contio_mock.server.command import GC_THRESHOLDS

    gc.set_threshold(*GC_THRESHOLDS)  # as in every server, for all three ways
    fake = queued(url, count)
    outbox = fake.sandbox.outbox
    requests = [outbox.outgoing(delivery) for delivery in outbox.deliveries]
    ways: list[tuple[str, Callable[[], Any]]] = [
        ("dispatcher", lambda: dispatched(fake)),
        ("aiohttp", lambda: by_aiohttp(requests)),
        ("httpx2", lambda: by_httpx(requests[: count // 4])),
    ]
    for warm in (dispatched(queued(url, 50)), by_aiohttp(requests[:50]), by_httpx(requests[:50])):
        uvloop.run(warm)
    rates = {}
    for name, way in ways[turn % 3 :] + ways[: turn % 3]:
        begun = time.perf_counter()
        fine = uvloop.run(way())
        assert fine == (count // 4 if name == "httpx2" else count), f"{name}: {fine} of {count}"
        rates[name] = fine / (time.perf_counter() - begun)
    return rates


def sent(url: str, count: int, turn: int, cpu: int | None) -> dict[str, float]:
    """`send_all` in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "sender",
        url,
        str(count),
        str(turn),
        "" if cpu is None else str(cpu),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def measure_deliveries(cpus: Cpus, *, quick: bool) -> Iterator[Row]:
    """Signed deliveries to a sink, beside the same bodies with bare clients."""
    count = 2000 if quick else 8000
    with sink(cpus.load) as url:
        rounds = [sent(url, count, turn, cpus.server) for turn in range(3 if quick else DELIVERY_ROUNDS)]
    mine = median(one["dispatcher"] for one in rounds)
    for other, target in (("aiohttp", RATE), ("httpx2", None)):
        ratios = [one["dispatcher"] / one[other] for one in rounds]
        reference = median(one[other] for one in rounds)
        details = {"ratios": ratios, "rounds": rounds}
        name = f"deliveries, beside bare {other}"
        yield Row(name, mine, "/s", reference, median(ratios), target, details=details)


# ---------------------------------------------------------------- requests beside a receiver that hangs


@contextmanager
def serving(cpus: Cpus, *options: str) -> Iterator[Server]:
    """A running `contio-mock serve`."""
    port = servers.free_port()
    with servers.running([*servers.mock_command(port), *options], port, cpus.server) as server:
        yield server


def fill(server: Server, count: int) -> None:
    """Queue deliveries to a receiver that hangs."""
    body = json.dumps({"type": "meeting.created", "user": EMAIL})
    load = Load(
        url=server.url, method="POST", path="/_mock/events", headers=JSON_HEADERS, body=body, status=201
    )
    offer(replace(load, connections=8, requests=count))


def measure_patience(cpus: Cpus, *, quick: bool) -> Iterator[Row]:
    """The latency of a GET while deliveries to a receiver that hangs wait, and without any."""
    count, seconds = (2000, 2.0) if quick else (10_000, 6.0)
    with (
        sink(cpus.load, hangs=True) as url,
        serving(cpus, "--webhook-url", url, "--log-level", "error") as busy,
        serving(cpus, "--log-level", "error") as idle,
    ):
        fill(busy, count)
        rounds = []
        for turn in range(3 if quick else ROUNDS):
            order = (busy, idle) if turn % 2 else (idle, busy)
            found = {}
            for server in order:
                load = loads(server)["page"]
                found[server] = offer(
                    replace(load, seconds=seconds, warmup=1.0, connections=4, cpu=cpus.load)
                )
            rounds.append((found[busy], found[idle]))
        waiting = json.loads(busy.ask("GET", "/_mock/events"))["total"]
        assert waiting >= count
    ratios = [mine.p99 / theirs.p99 for mine, theirs in rounds]
    yield Row(
        f"GET while {count:_} deliveries hang: p99".replace("_", " "),
        median(mine.p99 for mine, _ in rounds),
        "ms",
        median(theirs.p99 for _, theirs in rounds),
        median(ratios),
        PATIENCE,
        details={"ratios": ratios},
    )
    rates = [mine.rate / theirs.rate for mine, theirs in rounds]
    yield Row(
        "  requests",
        median(mine.rate for mine, _ in rounds),
        "/s",
        median(theirs.rate for _, theirs in rounds),
        median(rates),
    )


def measure_webhooks(cpus: Cpus, *, quick: bool) -> Iterator[Row]:
    """Deliveries, and what they cost the requests."""
    yield from measure_deliveries(cpus, quick=quick)
    yield from measure_patience(cpus, quick=quick)


def main() -> None:
    """One of the processes."""
    import uvloop

    kind, *given = sys.argv[1:]
    if kind == "sink":
        uvloop.run(receive(given[0] == "hangs"))
    else:
        url, count, turn, cpu = given
        if cpu and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {int(cpu)})
        sys.path.insert(0, str(Path(__file__).parent))
        print(json.dumps(send_all(url, int(count), int(turn))))


if __name__ == "__main__":
    main()
