"""The load generator: keep-alive connections that send one request over and over, in its own process.

Run by `offer`, which hands it a `Load` as JSON on standard input and reads an `Outcome` from its
standard output. A process of its own shares no interpreter lock with what it measures.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from array import array
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One request, and how long or how often it is sent."""

    url: str
    method: str = "GET"
    path: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200
    """What every answer must have."""
    connections: int = CONNECTIONS
    warmup: float = 1.0
    seconds: float = 4.0
    requests: int = 0
    """Stop after that many answers instead of after a time."""
    cpu: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to; `busy` near 1 says that the load generator itself was the limit."""

    rate: float
    p50: float
    """Milliseconds."""
    p99: float
    count: int
    failed: int
    busy: float
    total: int
    """How many answers there were, those of the warm-up included."""


def offer(load: Load) -> Outcome:
    """Run a load in a process of its own; raises RuntimeError when an answer was not the expected one."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{load.method} {load.path}: {done.stderr.strip().splitlines()[-1]}")
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.failed or not outcome.count:
        raise RuntimeError(f"{load.method} {load.path}: {outcome.failed} of {outcome.count} answers failed")
    return outcome


def message(load: Load) -> bytes:
    """The bytes of the request."""
    body = load.body.encode()
    headers = {"host": urlsplit(load.url).netloc, **load.headers}
    if body:
        headers["content-length"] = str(len(body))
    lines = [f"{load.method} {load.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Tally:
    """What all connections have counted since the warm-up."""

    def __init__(self, load: Load) -> None:
        self.message = message(load)
        self.status = str(load.status).encode()
        self.most = load.requests
        self.full = asyncio.Event()
        self.earlier = 0
        self.latencies = array("d")
        self.restart()

    def restart(self) -> None:
        """Forget what was counted."""
        self.earlier += len(self.latencies)
        self.latencies = array("d")
        self.failed = 0
        self.begun = time.perf_counter()
        self.begun_cpu = time.process_time()

    def outcome(self) -> Outcome:
        """What was counted until now."""
        elapsed = time.perf_counter() - self.begun
        busy = (time.process_time() - self.begun_cpu) / elapsed
        ordered = sorted(self.latencies)
        if not ordered:
            return Outcome(0, 0, 0, 0, self.failed, busy, self.earlier)
        count = len(ordered)
        p50, p99 = (1000 * ordered[int(count * part)] for part in (0.5, 0.99))
        return Outcome(count / elapsed, p50, p99, count, self.failed, busy, self.earlier + count)


class Connection(asyncio.Protocol):
    """Sends, waits for the whole answer, counts it, and sends again."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.pending = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send(time.perf_counter())

    def _send(self, now: float) -> None:
        self.sent = now
        self.transport.write(self.tally.message)

    def data_received(self, data: bytes) -> None:
        """Count an answer when all of it is here."""
        if self.pending:
            data = self.pending + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _content_length(data, end):
            self.pending = data
            return
        self.pending = b""
        tally, now = self.tally, time.perf_counter()
        tally.latencies.append(now - self.sent)
        if data[9:12] != tally.status:
            tally.failed += 1
        if tally.most and len(tally.latencies) >= tally.most:
            tally.full.set()
            return
        self._send(now)

    def connection_lost(self, error: Exception | None) -> None:
        """An answer that never came has failed."""
        if not self.transport.is_closing() or error is not None:
            self.tally.failed += 1


def _content_length(data: bytes, end: int) -> int:
    at = data.find(b"content-length: ", 0, end)
    if at < 0:
        at = data.lower().find(b"content-length: ", 0, end)
    return int(data[at + 16 : data.find(b"\r\n", at)]) if at >= 0 else 0


async def run(load: Load) -> Outcome:
    """Send a load."""
    loop, target = asyncio.get_running_loop(), urlsplit(load.url)
    tally = Tally(load)
    opened = [
        await loop.create_connection(lambda: Connection(tally), target.hostname, target.port)
        for _ in range(load.connections)
    ]
    if load.requests:
        await tally.full.wait()
    else:
        await asyncio.sleep(load.warmup)
        tally.restart()
        await asyncio.sleep(load.seconds)
    outcome = tally.outcome()
    for transport, _ in opened:
        transport.abort()
    return outcome


def main() -> None:
    """Read a load, run it, print its outcome."""
    import uvloop

    load = Load(**json.load(sys.stdin))
    if load.cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {load.cpu})
    print(json.dumps(asdict(uvloop.run(run(load)))))


if __name__ == "__main__":
    main()
