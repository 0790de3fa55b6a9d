"""The two servers as real processes, each on a port of this machine and pinned to the same CPU."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

BARE = Path(__file__).with_name("bare.py")
START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Cpus:
    """Which CPU serves and which one loads; None where there is only one, or pinning is unknown."""

    server: int | None
    load: int | None

    @classmethod
    def chosen(cls) -> Cpus:
        """The first CPU for the server, the last for the load."""
        allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(allowed[0], allowed[-1]) if len(allowed) > 1 else cls(None, None)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    url: str
    process: psutil.Process

    def rss(self) -> float:
        """Resident memory in MB."""
        return self.process.memory_info().rss / 1e6

    def cpu_seconds(self) -> float:
        """How long it has worked."""
        times = self.process.cpu_times()
        return times.user + times.system

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: str = "") -> bytes:
        """The body of one answer; raises RuntimeError when it is no success."""
        status, answer = _asked(self.url, method, path, headers or {}, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path} answered {status}: {answer[:200]!r}")
        return answer


class Neighbours:
    """How much of the machine others used since this was made."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.busy = _busy_seconds()

    def share(self, own: float) -> float:
        """The part of all CPUs that was neither idle nor spent in the `own` seconds."""
        elapsed = time.perf_counter() - self.begun
        others = _busy_seconds() - self.busy - own
        return max(0.0, others / (elapsed * (psutil.cpu_count() or 1)))


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system)


def ended_seconds() -> float:
    """How long processes that we started, and that have ended, worked: the load generators."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def wait_until_quiet(most: float = 120.0) -> None:
    """Return when the machine has had two idle seconds, or after some time."""
    deadline = time.perf_counter() + most
    while psutil.cpu_percent(2.0) > 10 and time.perf_counter() < deadline:
        pass


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mock_command(port: int) -> list[str]:
    """`contio-mock serve`, as somebody types it."""
    script = Path(sys.executable).with_name("contio-mock")
    program = [str(script)] if script.exists() else [sys.executable, "-m", "contio_mock"]
    return [*program, "serve", "--port", str(port), "--json", "--log-level", "warning"]


def bare_command(port: int, bodies: Path) -> list[str]:
    """The yardstick."""
    return [sys.executable, str(BARE), str(port), str(bodies)]


@contextmanager
def written(bodies: dict[str, bytes]) -> Iterator[Path]:
    """The bodies in a file that `bare.py` reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bodies.json"
        path.write_text(json.dumps({name: body.decode() for name, body in bodies.items()}), "utf-8")
        yield path


@contextmanager
def running(command: list[str], port: int, cpu: int | None) -> Iterator[Server]:
    """Start a server, wait until it answers, stop it with the block."""
    with started(command, cpu) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(url, process)
        yield Server(url, psutil.Process(process.pid))


@contextmanager
def started(command: list[str], cpu: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server's process; ends it with the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        if cpu is not None:
            os.sched_setaffinity(process.pid, {cpu})
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    """Ask for its health, closely, until a server answers 200."""
    deadline = time.perf_counter() + START_SECONDS
    while True:
        try:
            status, _ = _asked(url, "GET", "/_mock/health", {}, "")
        except OSError:
            status = 0
        if status == 200:
            return
        if process.poll() is not None or time.perf_counter() > deadline:
            raise RuntimeError(f"no server at {url}")
        time.sleep(0.001)


def _asked(url: str, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
