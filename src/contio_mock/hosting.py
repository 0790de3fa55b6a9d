"""What an async receiver lives in: one event loop for all its requests, and the lifespan of an ASGI app."""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

log = logging.getLogger("contio_mock.webhooks")

PATIENCE = 1.0
"""Seconds that a request's tasks may take after its answer, and a lifespan after its last word."""


class Loop(Protocol):
    """Where coroutines run."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run to its end; returns and raises what it does."""

    def close(self) -> None:
        """Run nothing any more."""


class OwnLoop:
    """An event loop that runs while it has something to do, in the thread of whoever asks.

    Where a loop runs already it takes a thread of its own. It is one loop for all calls, so what is
    bound to it (locks, pools, sessions) can be used again; a call within a call gets a loop for itself.
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._abandoned: weakref.finalize[..., OwnLoop] | None = None
        self._busy = threading.Lock()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run to its end, in a copy of the caller's context."""
        if not self._busy.acquire(blocking=False):
            return outside_of_loops(partial(asyncio.run, coroutine))
        try:
            if self._runner is None:
                self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
                self._abandoned = weakref.finalize(self, _abandon, self._runner)
            run = partial(self._runner.run, coroutine, context=copy_context())
            return outside_of_loops(run)
        finally:
            self._busy.release()

    def close(self) -> None:
        """Cancel what is left, and end the loop; another call begins a new one."""
        runner, self._runner = self._runner, None
        if runner is not None and self._abandoned is not None:
            self._abandoned.detach()
            outside_of_loops(runner.close)


class RunningLoop:
    """The event loop that runs already, for a thread that it waits for."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[Any] | None = None
        self._stopping = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it there, and return when it has ended."""
        try:
            return asyncio.run_coroutine_threadsafe(self._here(coroutine), self._loop).result()
        except CancelledError:  # an Exception, which somebody might take for the app's own
            raise asyncio.CancelledError from None

    async def _here(self, coroutine: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        if self._stopping and self._task is not None:
            self._stopping = not self._task.cancel()
        try:
            return await coroutine
        finally:
            self._task = None

    def close(self) -> None:
        """It is not this one's to end."""

    async def wait_for(self, work: Callable[[], T]) -> T:
        """Do the work in a thread; when that is cancelled, so is what it runs here, now or next."""
        task = asyncio.create_task(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if self._task is not None:
                self._task.cancel()
            else:
                self._stopping = True
            await asyncio.wait({task})
            raise


def outside_of_loops(work: Callable[[], T]) -> T:
    """Do it here, or in a thread of its own when an event loop runs in this one; in the caller's context."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def elsewhere() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=copy_context().run, args=(elsewhere,))
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def _abandon(runner: asyncio.Runner) -> None:
    """End the loop of a receiver that nobody closed; its tasks are cancelled."""
    with suppress(RuntimeError):  # when the interpreter ends there are no new threads
        outside_of_loops(runner.close)


async def with_its_tasks(coroutine: Coroutine[Any, Any, T], patience: float = PATIENCE) -> T:
    """Await it, and then the tasks that it began; those that take longer go on while the loop runs."""
    before = asyncio.all_tasks()
    result = await coroutine
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while begun := asyncio.all_tasks() - before:
                await asyncio.wait(begun)
    left = asyncio.all_tasks() - before
    if left:
        names = ", ".join(sorted(task.get_name() for task in left))
        log.warning("tasks that the app began still run %g s after its answer: %s", patience, names)
    return result


_LIVES: set[asyncio.Task[None]] = set()
"""Of the apps that run; an event loop keeps no task from being collected before it is cancelled."""


class Lifespan:
    """Begins and ends an ASGI app as its server does; an app that has no lifespan goes without."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._told: asyncio.Queue[str] = asyncio.Queue()
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.state: dict[str, Any] = {}
        """What the app keeps for its requests; each gets a copy."""

    async def begin(self) -> None:
        """Return when the app has started; raises what keeps it from that."""
        self._told, self._said = asyncio.Queue(), asyncio.Queue()
        task = asyncio.create_task(self._live(), name="the lifespan of the app")
        _LIVES.add(task)
        task.add_done_callback(_LIVES.discard)
        try:
            started = await self._answer(task, "startup")
        except BaseException:
            task.cancel()
            raise
        if started:
            self._task = task
        else:
            log.debug("the app has no lifespan", exc_info=_failure(task))

    async def end(self) -> None:
        """Return when the app has stopped; raises what went wrong since it began."""
        task, self._task = self._task, None
        if task is None:
            return
        try:
            await self._answer(task, "shutdown")
        finally:
            task.cancel()
        failure = _failure(task)
        if failure is not None:
            raise failure

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._receive, self._said.put)
        finally:
            self._said.put_nowait({"type": "over"})

    async def _receive(self) -> dict[str, str]:
        return {"type": f"lifespan.{await self._told.get()}"}

    async def _answer(self, task: asyncio.Task[None], phase: str) -> bool:
        """Whether the app says that it has done it; raises what it says went wrong."""
        self._told.put_nowait(phase)
        message = await self._said.get()
        complete: bool = message["type"] == f"lifespan.{phase}.complete"
        if not complete or phase == "shutdown":
            await asyncio.wait({task}, timeout=PATIENCE)
        if message["type"] == f"lifespan.{phase}.failed":
            raise _failure(task) or RuntimeError(f"the app's {phase} failed: {message.get('message', '')}")
        return complete


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


class Host:
    """The loop of an async receiver, and with it the lifespan of an app."""

    def __init__(self, loop: Loop, app: Callable[..., Any] | None = None) -> None:
        self._loop = loop
        self._lifespan = None if app is None else Lifespan(app)
        self._begun = False

    @property
    def state(self) -> dict[str, Any]:
        """What the app keeps for its requests."""
        return {} if self._lifespan is None else dict(self._lifespan.state)

    def begin(self) -> None:
        """Have the app started; once is enough."""
        if self._lifespan is not None and not self._begun:
            self._loop.run(self._lifespan.begin())
            self._begun = True

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, when the tasks that it began have ended, too."""
        return self._loop.run(with_its_tasks(coroutine))

    def close(self) -> None:
        """Stop the app and end its loop."""
        try:
            if self._lifespan is not None and self._begun:
                self._begun = False
                self._loop.run(self._lifespan.end())
        finally:
            self._loop.close()
