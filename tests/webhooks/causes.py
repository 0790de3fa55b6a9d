"""How the table of causes is written: what lets which events happen, who hears of them, and who acted.

    @cause("updateMeeting", Told("meeting.updated", IN_THE_MEETING, by=ADA))
    def a_meeting_is_renamed(s: Stage) -> None:
        ...

lets the events happen through the public API; what is needed before comes before `s.ready()`, and what
is known of an event's data is said with `s.told`. Nothing else than what is listed may happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contio_mock.contract import registry
from contio_mock.contract.events import EVENTS
from contio_mock.contract.operation import Operation
from contio_mock.contract.release import Lifetime, Release
from contio_mock.fake.jobs import JOBS

from .stage import ADA, FIRST, GRACE, HEDY, SECOND, Stage

Copies = frozenset[tuple[str, str | None]]
"""Who gets a copy: an app's client id and the address of its reader, None for the app itself."""

ADA_ALONE: Copies = frozenset({(FIRST, ADA)})
GRACE_ALONE: Copies = frozenset({(FIRST, GRACE), (SECOND, GRACE)})
IN_THE_MEETING: Copies = frozenset({(FIRST, ADA), (FIRST, GRACE), (SECOND, GRACE)})
"""Katherine takes part as well, but is connected to no app."""
IN_THE_MEETING_BY_FIRST: Copies = frozenset({(FIRST, ADA), (FIRST, GRACE)})
"""The same people, of what concerns the first app only."""
IN_THE_WORKSPACE: Copies = IN_THE_MEETING | {(FIRST, HEDY)}
THE_FIRST_APP: Copies = frozenset({(FIRST, None)})
NOBODY: Copies = frozenset()


@dataclass(frozen=True)
class Told:
    """One row's event: who gets a copy, and who acted."""

    event: str
    copies: Copies
    by: str | None = None
    """The address of whom `actor_user_id` names; None for the system and for an app."""
    times: int | None = 1
    """How often it happens; None for any number but none."""


@dataclass(frozen=True, eq=False)
class Cause:
    """A way in which events come about."""

    name: str
    source: str
    """The operation (its operationId) or the job that causes them."""
    tells: tuple[Told, ...]
    act: Callable[[Stage], None]
    profile: Mapping[str, Any] = field(default_factory=dict)
    lives: Lifetime = Lifetime.ALWAYS

    @property
    def operation(self) -> type[Operation[Any]] | None:
        """The operation; None for a job."""
        return None if self.source in JOBS else registry.by_id(self.source)

    def lives_in(self, release: Release) -> bool:
        """Whether it can come about in a release."""
        operation = self.operation
        served = operation is None or operation.endpoint.lifetime.lives_in(release)
        return served and self.lives.lives_in(release)

    def told_in(self, release: Release) -> list[Told]:
        """What it tells in a release."""
        return [told for told in self.tells if EVENTS[told.event].lifetime.lives_in(release)]


def done_by(who: str, *tells: Told) -> tuple[Told, ...]:
    """The same rows, but for who acted."""
    return tuple(replace(told, by=who) for told in tells)


CAUSES: list[Cause] = []
"""The table. The modules `causes_*` fill it."""


def cause(
    source: str, *tells: Told, profile: Mapping[str, Any] | None = None, lives: Lifetime = Lifetime.ALWAYS
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Add the function below to the table."""

    def bind(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
        CAUSES.append(Cause(act.__name__.strip("_"), source, tells, act, profile or {}, lives))
        return act

    return bind
