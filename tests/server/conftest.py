"""A receiver of webhooks on this machine, live servers, and the command line as a process."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from contio_mock import FakeContio

LONGEST = 20.0
"""Seconds after which a wait has failed; no test waits that long unless it fails."""


class Sink:
    """A webhook receiver over plain sockets, so that it can misbehave in every way.

    `behave` is how it answers: a status, or bytes to send as they are, or one of "hang", "reset" and
    "gush" (an answer that never ends).
    """

    def __init__(self) -> None:
        self.behave: int | bytes | str = 200
        self.received: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.targets: list[str] = []
        self.released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def next(self) -> tuple[dict[str, str], bytes]:
        """The next delivery: its headers and its body."""
        return self.received.get(timeout=LONGEST)

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(LONGEST)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                first = stream.readline().decode("latin-1")
                lines = iter(lambda: stream.readline().decode("latin-1").strip(), "")
                headers = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
                }
                body = stream.read(int(headers.get("content-length", "0")))
                self.targets.append(first.split(" ")[1])
                behave = self.behave
                self.received.put((headers, body))
                self._answer(connection, behave)
            except (OSError, IndexError):
                return  # the sender gave up

    def _answer(self, connection: socket.socket, behave: int | bytes | str) -> None:
        if behave == "hang":
            self.released.wait(LONGEST)
        elif behave == "reset":
            linger = b"\x01\0\0\0\0\0\0\0"  # an RST instead of a FIN
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif behave == "gush":
            connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while not self.released.is_set():
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        elif isinstance(behave, bytes):
            connection.sendall(behave)
        else:
            connection.sendall(
                f"HTTP/1.1 {behave} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


Serve = Callable[..., tuple[FakeContio, httpx2.Client]]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serve a FakeContio of these keywords; returns it and a client that follows no redirect."""
    with ExitStack() as stack:

        def serve(**keywords: Any) -> tuple[FakeContio, httpx2.Client]:
            contio = FakeContio(**{"check_answers": True, **keywords})
            url = stack.enter_context(contio.serve())
            return contio, stack.enter_context(browser(url))

        yield serve


def browser(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, trust_env=False, timeout=LONGEST)


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command line as a process of its own, ended with the block."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error"}
    started = subprocess.Popen(
        [sys.executable, "-m", "contio_mock", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    with started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """The command line, run to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "contio_mock", *arguments],
        input=stdin,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`contio-mock serve --json` on a free port, and the line it prints when it is ready."""
    with process("serve", "--port", "0", "--json", *arguments) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, server.stderr.read() if server.stderr else "it said nothing"
        yield server, json.loads(line)


def stop(server: subprocess.Popen[str], with_signal: int = signal.SIGINT) -> tuple[str, str]:
    """End a process as a person or a supervisor does; returns what it still printed."""
    server.send_signal(with_signal)
    return server.communicate(timeout=LONGEST)


@pytest.fixture(scope="session")
def live() -> Iterator[str]:
    """The URL of one `contio-mock serve` for every test that only talks to it."""
    with serving("--log-level", "error") as (server, ready):
        yield ready["url"]
        stop(server)


def assert_one_sentence(done: object, *words: str) -> None:
    code, out, err = done.returncode, done.stdout, done.stderr  # type: ignore[attr-defined]
    assert code == 2
    assert out == ""
    assert err.startswith("contio-mock: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for word in words:
        assert word in err
