"""Time limits of many tasks with one timer: each its own, and none that takes somebody else's ending for its."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from contio_mock.server.deadlines import Deadlines

Work = Callable[[Deadlines], Awaitable[object]]


def run(work: Work) -> object:
    async def main() -> object:
        deadlines = Deadlines()
        try:
            return await asyncio.wait_for(asyncio.ensure_future(work(deadlines)), 10)
        finally:
            deadlines.close()

    return asyncio.run(main())


async def outcome(deadlines: Deadlines, limit: float, seconds: float) -> str:
    """What comes of sleeping so long within a limit."""
    try:
        with deadlines.within(limit):
            await asyncio.sleep(seconds)
    except TimeoutError:
        task = asyncio.current_task()
        assert task is not None
        return f"over, {task.cancelling()} cancellations left"
    return "in time"


def test_the_shorter_limit_is_over_first_whichever_began_first() -> None:
    async def work(deadlines: Deadlines) -> list[str]:
        done: list[str] = []

        async def one(name: str, limit: float) -> None:
            await outcome(deadlines, limit, 20)
            done.append(name)

        await asyncio.gather(one("long", 0.15), one("short", 0.02), one("middle", 0.08))
        return done

    assert run(work) == ["short", "middle", "long"]


def test_a_task_is_interrupted_and_can_go_on() -> None:
    async def work(deadlines: Deadlines) -> list[str]:
        return [await outcome(deadlines, *given) for given in ((0.01, 20), (9, 0.03), (0.01, 20), (9, 0))]

    over = "over, 0 cancellations left"
    assert run(work) == [over, "in time", over, "in time"]


def test_what_is_left_in_time_is_not_interrupted_later() -> None:
    async def work(deadlines: Deadlines) -> str:
        with deadlines.within(0.03):
            await asyncio.sleep(0)
        with deadlines.within(0.2):
            await asyncio.sleep(0.08)
        await asyncio.sleep(0.2)
        return "whole"

    assert run(work) == "whole"


def test_the_inner_of_two_limits_is_over_alone() -> None:
    async def work(deadlines: Deadlines) -> str:
        with deadlines.within(9):
            return await outcome(deadlines, 0.01, 20)

    assert run(work) == "over, 0 cancellations left"


def test_both_limits_over_at_once_end_the_outer_block() -> None:
    async def work(deadlines: Deadlines) -> None:
        with deadlines.within(0.01), deadlines.within(0.01):
            await asyncio.sleep(20)

    with pytest.raises(TimeoutError):
        run(work)


def test_whoever_cancels_the_task_gets_a_cancelled_task() -> None:
    async def work(deadlines: Deadlines) -> list[bool]:
        plain = asyncio.ensure_future(outcome(deadlines, 9, 20))
        late = asyncio.ensure_future(outcome(deadlines, 0.02, 20))
        await asyncio.sleep(0)
        plain.cancel()
        loop = asyncio.get_running_loop()
        loop.call_later(0.02, late.cancel)  # at the same moment as its limit
        await asyncio.wait([plain, late])
        return [plain.cancelled(), late.cancelled() or late.result().startswith("over")]

    assert run(work) == [True, True]


def test_an_error_of_the_block_stays_that_error() -> None:
    async def work(deadlines: Deadlines) -> None:
        with deadlines.within(0.01):
            try:
                await asyncio.sleep(20)
            except asyncio.CancelledError:
                raise LookupError("its own") from None

    with pytest.raises(LookupError, match="its own"):
        run(work)


def test_one_timer_serves_all_and_none_is_left() -> None:
    async def work(deadlines: Deadlines) -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []
        call_at = loop.call_at

        def counted(*given: object, **options: object) -> asyncio.TimerHandle:
            timers.append(call_at(*given, **options))  # type: ignore[arg-type]
            return timers[-1]

        loop.call_at = counted  # type: ignore[method-assign]
        for _ in range(100):
            with deadlines.within(0.05):
                await asyncio.sleep(0)
        made = len(timers)
        del loop.call_at
        await asyncio.sleep(0.12)
        return made, sum(not timer.cancelled() and timer.when() > loop.time() for timer in timers)

    assert run(work) == (1, 0)


def test_outside_of_a_task_there_is_nothing_to_interrupt() -> None:
    async def work(deadlines: Deadlines) -> str:
        said = asyncio.get_running_loop().create_future()

        def outside() -> None:
            try:
                deadlines.within(1)
            except RuntimeError as error:
                said.set_result(str(error))

        asyncio.get_running_loop().call_soon(outside)
        return str(await said)

    assert run(work) == "a deadline is for the inside of a task"
