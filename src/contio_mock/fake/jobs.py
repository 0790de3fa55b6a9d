"""What happens by itself, later: functions that the clock calls when their moment has come.

A job is named and takes only strings, so that a waiting one can be written down with the state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contio_mock.contract.events import Event
from contio_mock.contract.wire import Request
from contio_mock.fake.answers import Undeclared
from contio_mock.fake.publication import publish
from contio_mock.fake.sandbox import Context, Sandbox

log = logging.getLogger("contio_mock")

Function = Callable[..., None]
"""`(ctx, *strings) -> None`."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that Contio does by itself, and the events that it may cause."""

    name: str
    function: Function
    emits: tuple[type[Event], ...]


JOBS: dict[str, Job] = {}
"""Every declared job by its name."""


def job(*, emits: tuple[type[Event], ...] = ()) -> Callable[[Function], Job]:
    """Declare the function below as a job; its name is the function's."""

    def declare(function: Function) -> Job:
        declared = Job(function.__name__, function, emits)
        JOBS[declared.name] = declared
        return declared

    return declare


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that waits on a sandbox's clock, with what it is about."""

    sandbox: Sandbox
    job: Job
    arguments: tuple[str, ...]

    def __call__(self) -> None:
        """Carry it out as the system, and publish what it caused."""
        sandbox = self.sandbox
        ctx = Context(sandbox, Request("", ""), "", "")
        try:
            self.job.function(ctx, *self.arguments)
        except Exception:
            if sandbox.settings.check_answers:
                raise
            log.exception("the job %s failed", self.job.name)
            return
        for noted in ctx.events if sandbox.settings.check_answers else ():
            if type(noted.event) not in self.job.emits:
                raise Undeclared(f"{self.job.name} emitted {noted.event.type}, which it does not declare")
        publish(ctx)


def schedule(ctx: Context, when: datetime, what: Job, *arguments: str) -> None:
    """Let a job happen at that moment."""
    ctx.sandbox.clock.call_at(when, Scheduled(ctx.sandbox, what, arguments))
    ctx.sandbox.wake()
