"""A connection is kept while somebody speaks on it, and closed when it was idle for long enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.server import ServerState

from contio_mock import FakeContio
from contio_mock.server.app import ContioApp
from contio_mock.server.protocol import DirectProtocol
from contio_mock.server.runner import server_for

REQUEST = b"GET /v1/partner/user/profile HTTP/1.1\r\nHost: here\r\n\r\n"


class Timer:
    """A call that an event loop owes."""

    def __init__(self, when: float, work: Callable[[], None]) -> None:
        self.when, self.work = when, work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """An event loop as far as a connection asks for one; its time passes when told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, work: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, work))
        return self.timers[-1]

    def waiting(self) -> list[Timer]:
        return [timer for timer in self.timers if not timer.cancelled]

    def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        while due := sorted((t for t in self.waiting() if t.when <= end), key=lambda timer: timer.when):
            self.timers.remove(due[0])
            self.now = due[0].when
            due[0].work()
        self.now = end


class Transport(asyncio.Transport):
    """A transport that keeps what is written, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


class Connection:
    """A connection to a fake that stands on a loop of its own."""

    def __init__(self, contio: FakeContio) -> None:
        self.loop, self.transport = Loop(), Transport()
        config = server_for(ContioApp(contio.engine)).config
        config.load()
        self.limit: float = config.timeout_keep_alive
        loop: Any = self.loop
        self.protocol = DirectProtocol(config, ServerState(), {}, loop)
        self.protocol.connection_made(self.transport)

    def ask(self) -> None:
        before = len(self.transport.written)
        self.protocol.data_received(REQUEST)
        assert len(self.transport.written) == before + 1


@pytest.fixture
def connection(contio: FakeContio) -> Connection:
    return Connection(contio)


def test_a_connection_is_closed_after_its_idle_time_and_not_before(connection: Connection) -> None:
    connection.ask()
    connection.loop.pass_(connection.limit - 1)
    assert not connection.transport.closed
    connection.loop.pass_(1)
    assert connection.transport.closed


def test_idle_time_begins_again_with_every_answer(connection: Connection) -> None:
    for _ in range(5):
        connection.ask()
        connection.loop.pass_(connection.limit - 1)
    assert not connection.transport.closed
    connection.loop.pass_(1)
    assert connection.transport.closed


def test_a_request_that_is_still_arriving_is_not_idle(connection: Connection) -> None:
    connection.ask()
    connection.protocol.data_received(REQUEST[:20])
    connection.loop.pass_(3 * connection.limit)
    assert not connection.transport.closed
    connection.protocol.data_received(REQUEST[20:])
    connection.loop.pass_(connection.limit)
    assert connection.transport.closed


def test_however_many_requests_a_connection_has_one_timer(connection: Connection) -> None:
    for _ in range(5):
        connection.ask()
    assert len(connection.loop.waiting()) == 1


def test_a_lost_connection_leaves_no_timer(connection: Connection) -> None:
    connection.ask()
    connection.protocol.connection_lost(ConnectionResetError())
    assert connection.loop.waiting() == []
