"""The clock: it moves forward only, and what falls due on the way happens in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from contio_mock.fake.clock import Clock, parse_duration, real_now, stopwatch

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
END = datetime(9000, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def advance(clock: Clock, seconds: float) -> list[datetime]:
    return list(clock.stops(clock.now() + timedelta(seconds=seconds), lambda: None))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("15m", 900), ("25h", 90_000), ("7d", 604_800), ("2w", 1_209_600), ("1d12h", 129_600),
        ("7d 12h", 648_000), (" 1 h ", 3600), ("1.5h", 5400), ("250ms", 0.25), ("0s", 0), ("1m1m", 120),
        (90, 90), (0, 0), (0.5, 0.5), ("1.000000001s", 1),
    ],
)  # fmt: skip
def test_a_duration_is_read(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "90",
        "s",
        "1x",
        "-1s",
        "+1s",
        "1s-",
        "1,5h",
        "1e3s",
        "٣s",
        "1h30",
        "0x1s",
        "1.s",
        ".5s",
        "1.0000000001s",
        "9999999999999s",
    ],
)
def test_what_is_no_duration_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write 90s"):
        parse_duration(text)


@pytest.mark.parametrize(
    "seconds", [-1, -0.001, float("nan"), float("inf"), -float("inf"), 1e300, "999999999999w", "20000000w"]
)
def test_a_clock_does_not_move_back_nor_beyond_every_calendar(seconds: float | str) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        parse_duration(seconds)


def test_a_standing_clock_stands() -> None:
    clock = Clock(START)
    assert clock.now() == clock.now() == START
    assert clock.rate == 0


def test_jobs_run_in_the_order_of_time_and_of_arrival_each_at_its_moment() -> None:
    clock, ran = Clock(START), []
    for seconds, name in [(30, "c"), (10, "a"), (20, "b1"), (20, "b2"), (99, "late")]:
        clock.call_at(after(seconds), lambda name=name: ran.append((name, clock.now())))
    stops = advance(clock, 30)
    assert ran == [("a", after(10)), ("b1", after(20)), ("b2", after(20)), ("c", after(30))]
    assert stops == [after(10), after(20), after(30), after(30)]
    assert clock.next_job() == after(99)


def test_a_job_may_schedule_jobs_and_those_on_the_way_run_too() -> None:
    clock, ran = Clock(START), []

    def tick() -> None:
        ran.append(clock.now())
        clock.call_at(clock.now() + timedelta(seconds=10), tick)

    clock.call_at(after(10), tick)
    advance(clock, 35)
    assert ran == [after(10), after(20), after(30)]
    assert clock.now() == after(35)


def test_a_job_for_the_past_runs_at_once_and_moves_nothing_back() -> None:
    clock, ran = Clock(START), []
    clock.call_at(after(-60), lambda: ran.append(clock.now()))
    assert clock.run_due() == 1
    assert ran == [START]
    assert clock.run_due() == 0
    assert clock.next_job() is None


def test_a_clock_also_stops_where_others_have_work() -> None:
    clock, waiting = Clock(START), [after(5), after(15)]

    def further() -> datetime | None:
        return waiting[0] if waiting else None

    stops = []
    for moment in clock.stops(after(20), further):
        stops.append(moment)
        if waiting and waiting[0] == moment:
            waiting.pop(0)
    assert stops == [after(5), after(15), after(20)]


def test_a_clock_refuses_to_go_back() -> None:
    clock = Clock(START)
    clock.jump(after(-1))
    assert clock.now() == START
    clock.jump(after(1))
    assert clock.now() == after(1)
    assert list(clock.stops(START, lambda: None)) == [after(1)]


def test_the_calendar_ends_and_the_clock_stands_there() -> None:
    clock = Clock(START)
    clock.jump(datetime.max.replace(tzinfo=UTC))
    assert clock.now() == END


def test_a_job_beyond_the_end_of_the_calendar_does_not_hold_the_clock_up() -> None:
    clock = Clock(END - timedelta(seconds=5))
    clock.call_at(END + timedelta(seconds=5), lambda: None)
    stops = list(islice(clock.stops(END + timedelta(days=1), lambda: None), 10))
    assert len(stops) < 10


def test_work_beyond_the_end_of_the_calendar_does_not_hold_the_clock_up() -> None:
    clock = Clock(END)
    stops = list(islice(clock.stops(END + timedelta(days=1), lambda: END + timedelta(seconds=30)), 10))
    assert len(stops) < 10


def test_a_running_clock_runs_forward_as_fast_as_its_rate() -> None:
    clock = Clock(START, rate=1000.0)
    moments = [clock.now() for _ in range(1000)]
    assert moments == sorted(moments)
    while clock.now() == START:
        pass
    clock.rate = 0
    stopped = clock.now()
    assert stopped > START
    assert clock.now() == stopped
    clock.rate = 1e9
    while clock.now() - stopped < timedelta(days=1):
        pass
    assert clock.rate == 1e9


@pytest.mark.parametrize("rate", [1e14, 1e30])
def test_the_fastest_clock_ends_with_the_calendar(rate: float) -> None:
    clock = Clock(START, rate=rate)
    while clock.now() < END:
        pass
    assert clock.now() == END


def test_a_running_clock_may_be_moved() -> None:
    clock = Clock(START, rate=1.0)
    clock.jump(after(3600))
    assert after(3600) <= clock.now() < after(3660)


def test_real_time_is_aware_and_a_stopwatch_runs_forward() -> None:
    assert real_now().tzinfo is UTC
    assert stopwatch() <= stopwatch()
