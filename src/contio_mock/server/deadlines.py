"""Time limits for many tasks, with one timer.

A timer for each costs as much as signing four webhooks, and nearly none of them ever fires. So the
limits stand in a table, and one timer looks at it when the next of them may be over.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadlines:
    """The time limits of the tasks of one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: dict[Deadline, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    def within(self, seconds: float) -> Deadline:
        """For a `with` block in a task: TimeoutError is raised out of it after so many seconds from now."""
        deadline = Deadline(self._running)
        end = self._loop.time() + seconds
        self._running[deadline] = end
        if self._timer is None or end < self._looks_at:
            self._look_at(end)
        return deadline

    def close(self) -> None:
        """Look at nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at(self, when: float) -> None:
        self.close()
        self._looks_at = when
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        """End what is over, and look again when the next may be."""
        self._timer = None
        now = self._loop.time()
        for deadline in [one for one, end in self._running.items() if end <= now]:
            del self._running[deadline]
            deadline.pass_by()
        if self._running:
            self._look_at(min(self._running.values()))


class Deadline:
    """The time limit of one `with` block of the running task."""

    __slots__ = ("_cancelling", "_running", "_task")

    def __init__(self, running: dict[Deadline, float]) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is for the inside of a task")
        self._running = running
        self._task = task
        self._cancelling = task.cancelling()

    def __enter__(self) -> None:
        """It runs already."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running.pop(self, None) is not None:
            return
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error  # nobody else wanted the task to end

    def pass_by(self) -> None:
        """The time is over: interrupt the task."""
        self._task.cancel()
