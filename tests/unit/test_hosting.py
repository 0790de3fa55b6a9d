"""Event loops and lifespans of async receivers."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from contio_mock.hosting import Host, OwnLoop, with_its_tasks

App = Callable[..., Any]


async def loop_of_this() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


# ---------------------------------------------------------------- a loop of one's own


def test_all_calls_have_one_loop_until_it_is_closed() -> None:
    own = OwnLoop()
    first = own.run(loop_of_this())
    assert own.run(loop_of_this()) is first
    assert not first.is_closed()
    own.close()
    assert first.is_closed()
    own.close()
    again = own.run(loop_of_this())
    assert again is not first
    own.close()


def test_it_is_one_loop_wherever_it_is_asked_from() -> None:
    own, loops = OwnLoop(), []

    async def inside() -> None:
        loops.append(own.run(loop_of_this()))

    loops.append(own.run(loop_of_this()))
    asyncio.run(inside())
    thread = threading.Thread(target=lambda: loops.append(own.run(loop_of_this())))
    thread.start()
    thread.join()
    assert len(set(loops)) == 1
    asyncio.run(closing(own))
    assert loops[0].is_closed()


async def closing(own: OwnLoop) -> None:
    own.close()


def test_a_call_within_a_call_has_a_loop_for_itself() -> None:
    own = OwnLoop()

    async def outer() -> list[Any]:
        return [asyncio.get_running_loop(), own.run(loop_of_this()), own.run(loop_of_this())]

    loops = own.run(outer())
    assert len(set(loops)) == 3
    assert [loop.is_closed() for loop in loops] == [False, True, True]
    own.close()


def test_what_is_raised_is_raised_from_anywhere() -> None:
    async def fails() -> None:
        raise KeyError("lost")

    async def inside(own: OwnLoop) -> None:
        own.run(fails())

    own = OwnLoop()
    with pytest.raises(KeyError, match="lost"):
        own.run(fails())
    with pytest.raises(KeyError, match="lost"):
        asyncio.run(inside(own))
    own.close()


def test_what_is_left_running_is_cancelled_when_it_is_closed() -> None:
    own, ended = OwnLoop(), []
    tasks = set()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def begin() -> None:
        tasks.add(asyncio.create_task(forever()))
        await asyncio.sleep(0)

    own.run(begin())
    assert ended == []
    own.close()
    assert ended == ["cancelled"]


def test_a_loop_that_nobody_closes_is_closed_with_its_owner() -> None:
    own = OwnLoop()
    loop = own.run(loop_of_this())
    gone = weakref.ref(own)
    del own
    gc.collect()
    assert gone() is None
    assert loop.is_closed()


# ---------------------------------------------------------------- tasks of a request


def test_tasks_that_take_too_long_are_left_and_named(caplog: pytest.LogCaptureFixture) -> None:
    tasks: list[Any] = []

    async def test() -> str:
        never = asyncio.Event()

        async def begins() -> str:
            tasks.append(asyncio.create_task(never.wait(), name="a poller"))
            return "answered"

        try:
            return await with_its_tasks(begins(), patience=0.01)
        finally:
            never.set()

    with caplog.at_level(logging.WARNING, "contio_mock.webhooks"):
        assert asyncio.run(test()) == "answered"
    assert "still run 0.01 s after its answer: a poller" in caplog.text


def test_who_raises_is_not_waited_for() -> None:
    async def test() -> None:
        async def begins() -> None:
            tasks.append(asyncio.create_task(asyncio.Event().wait()))
            raise KeyError("lost")

        await with_its_tasks(begins())

    tasks: list[Any] = []
    with pytest.raises(KeyError, match="lost"):
        asyncio.run(test())


# ---------------------------------------------------------------- lifespans


def lifespan(*words: str, raises: Exception | None = None, message: str = "") -> App:
    """An app that says these words, one after each message, and then raises or returns."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        for word in words:
            await receive()
            await send({"type": f"lifespan.{word}", "message": message})
        if raises is not None:
            raise raises

    return app


def live(app: App) -> None:
    """Begin and end an app."""
    host = Host(OwnLoop(), app)
    try:
        host.begin()
        host.begin()
    finally:
        host.close()
        host.close()


WITHOUT = {
    "raises": lifespan(raises=ValueError("http only")),
    "asserts": lifespan(raises=AssertionError("http only")),
    "returns": lifespan(),
    "leaves": lifespan("startup.complete"),
    "is complete": lifespan("startup.complete", "shutdown.complete"),
}


@pytest.mark.parametrize("app", WITHOUT.values(), ids=WITHOUT)
def test_an_app_that_has_no_lifespan_or_leaves_it_goes_without(app: App) -> None:
    live(app)


FAILING = {
    "failed startup": (lifespan("startup.failed", message="no database"), RuntimeError, "startup failed: no data"),
    "raised startup": (lifespan("startup.failed", raises=LookupError("no pool")), LookupError, "no pool"),
    "died": (lifespan("startup.complete", raises=LookupError("lost it")), LookupError, "lost it"),
    "failed shutdown": (
        lifespan("startup.complete", "shutdown.failed", message="stuck"), RuntimeError, "shutdown failed: stuck",
    ),
    "raised shutdown": (
        lifespan("startup.complete", "shutdown.failed", raises=LookupError("gone")), LookupError, "gone",
    ),
    "raised at the end": (
        lifespan("startup.complete", "shutdown.complete", raises=LookupError("late")), LookupError, "late",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("app", "error", "said"), FAILING.values(), ids=FAILING)
def test_an_app_that_fails_in_its_lifespan_says_so(app: App, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        live(app)


def test_an_app_can_be_started_again_after_it_was_stopped() -> None:
    told: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(2):
            message = await receive()
            told.append(message["type"])
            await send({"type": f"{message['type']}.complete"})

    host = Host(OwnLoop(), app)
    for _ in range(2):
        host.begin()
        host.close()
    assert told == ["lifespan.startup", "lifespan.shutdown"] * 2


def test_who_closes_nothing_hears_no_complaint() -> None:
    """Neither when a Contio is forgotten nor when the program ends."""
    program = """
import gc
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from contio_mock import FakeContio
from contio_mock.contract.meetings import MeetingCreate

@asynccontextmanager
async def lifespan(app):
    try:
        yield
    finally:
        print("stopped")

def begin():
    contio = FakeContio(webhook_url="http://localhost:3000/webhooks")
    contio.receiver = Starlette(lifespan=lifespan)
    contio.client().user.meetings.create(MeetingCreate(title="Review"))
    contio.clock.advance("1s")
    return contio

begin()
gc.collect()
print("forgotten")
contio = begin()
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["stopped", "forgotten", "stopped"]
    assert (
        done.stderr.splitlines()
        == ["the app answered 404 to POST /webhooks: has it a route for this path?"] * 2
    )
