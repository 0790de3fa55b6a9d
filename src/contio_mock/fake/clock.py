"""The clock of a sandbox, and the jobs that wait on it. Nothing else reads the real time."""

from __future__ import annotations

import heapq
import itertools
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

_DURATION_PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d|w)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_FURTHEST = datetime(9000, 1, 1, tzinfo=UTC)

Job = Callable[[], None]


def parse_duration(text: str | float) -> timedelta:
    """A duration such as `90s`, `25h` or `7d 12h`, or seconds; raises ValueError with the rule."""
    if isinstance(text, str):
        packed = text.replace(" ", "")
        parts = _DURATION_PART.findall(packed)
        if not parts or "".join(number + unit for number, unit in parts) != packed:
            raise ValueError(f"{text!r} is not a duration; write 90s, 15m, 25h, 7d or 1d12h")
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    else:
        seconds = float(text)
    if not 0 <= seconds <= 3.2e11:  # noqa: PLR2004 - ten thousand years, also refuses NaN
        raise ValueError("a clock only moves forward, by less than ten thousand years")
    return timedelta(seconds=seconds)


def real_now() -> datetime:
    """The real time in UTC, for whoever makes a clock that begins now."""
    return datetime.now(UTC)


stopwatch = time.perf_counter
"""Seconds on a counter that only runs forward, for measuring work."""


class Clock:
    """Virtual time: a base plus rate times the real time since; rate 0 stands still."""

    def __init__(self, start: datetime, rate: float = 0.0) -> None:
        self._base = start
        self._since = time.monotonic()
        self._rate = rate
        self._said = (0, start)
        """What `now` has said last, behind how many milliseconds after the base it was."""
        self._jobs: list[tuple[datetime, int, Job]] = []
        self._order = itertools.count()

    @property
    def rate(self) -> float:
        """Clock seconds per real second."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._stand(self.now())
        self._rate = rate

    def now(self) -> datetime:
        """This moment, in whole milliseconds."""
        if self._rate == 0:
            return self._base
        elapsed = int((time.monotonic() - self._since) * self._rate * 1000)
        before, moment = self._said
        if elapsed != before:
            moment = self._after(elapsed)
            self._said = elapsed, moment
        return moment

    def _after(self, milliseconds: int) -> datetime:
        """So long after the base."""
        try:
            return min(self._base + timedelta(milliseconds=milliseconds), _FURTHEST)
        except OverflowError:
            return _FURTHEST

    def _stand(self, moment: datetime) -> None:
        """Go on from that moment."""
        self._base, self._since = moment, time.monotonic()
        self._said = (0, moment)

    def call_at(self, when: datetime, job: Job) -> None:
        """Run the job when the clock gets there; jobs of one moment run in the order they came."""
        heapq.heappush(self._jobs, (when, next(self._order), job))

    def forget_jobs(self) -> None:
        """Let no job run that waits."""
        self._jobs.clear()

    def waiting(self) -> list[tuple[datetime, Job]]:
        """The jobs and their moments, in the order in which they will run."""
        return [(when, job) for when, _, job in sorted(self._jobs, key=lambda entry: entry[:2])]

    def next_job(self) -> datetime | None:
        """When the next job is due."""
        return self._jobs[0][0] if self._jobs else None

    def run_due(self) -> int:
        """Run every job that is due now; returns how many ran."""
        ran = 0
        while self._jobs and self._jobs[0][0] <= self.now():
            heapq.heappop(self._jobs)[2]()
            ran += 1
        return ran

    def jump(self, moment: datetime) -> None:
        """Stand at that moment if it is later than now; runs no job."""
        if moment > self.now():
            self._stand(min(moment, _FURTHEST))

    def stops(self, target: datetime, further: Callable[[], datetime | None]) -> Iterator[datetime]:
        """Walk to the target, standing still at each moment where a job or `further` has work.

        Jobs have run when a stop is yielded. The last stop is the target itself.
        """
        target = min(target, _FURTHEST)
        while True:
            moments = [m for m in (self.next_job(), further()) if m is not None and m <= target]
            if not moments:
                break
            self.jump(min(moments))
            self.run_due()
            yield self.now()
        self.jump(target)
        self.run_due()
        yield self.now()


def pause(seconds: float) -> None:
    """Let real time pass, for whoever must poll another process."""
    time.sleep(seconds)
