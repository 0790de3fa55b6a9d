"""What a test pays: a request without a socket, a fresh fake, and a page among many meetings."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import psutil
from over_socket import EMAIL, JSON_HEADERS, MEETING
from table import Row, Target

from contio_mock import FakeContio
from contio_mock.contract.wire import Request
from contio_mock.fake.records import MeetingRecord
from contio_mock.fake.sandbox import FIXED_START, Sandbox

MEETINGS = "/v1/partner/user/meetings"
SIZES = (100, 10_000, 100_000)
PAGE = 25
REQUEST = Target(100, 60)
FEW, MANY = 300, 5000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds of one piece of work, done many times."""

    p50: float
    p99: float


def timed(work: Callable[[], object], count: int) -> Times:
    """How long some work takes, one by one."""
    clock = time.perf_counter_ns
    for _ in range(max(10, count // 10)):
        work()
    taken = []
    for _ in range(count):
        begun = clock()
        work()
        taken.append(clock() - begun)
    taken.sort()
    return Times(median(taken) / 1000, taken[int(count * 0.99)] / 1000)


def row(name: str, times: Times, target: Target | None = None) -> Row:
    """A row of median and p99."""
    return Row(name, times.p50, "µs", p99=times.p99, target=target)


def bearer(fake: FakeContio) -> dict[str, str]:
    """The headers of the demo user."""
    tokens = fake.client(EMAIL).session.tokens.current
    assert tokens is not None
    return {"authorization": f"Bearer {tokens.access_token}"}


def measure_requests(*, quick: bool) -> Iterator[Row]:
    """One request at a time, through the engine and through the client."""
    count = FEW if quick else MANY
    fake = FakeContio()
    headers, handle = bearer(fake), fake.engine.handle
    wish = json.dumps(MEETING).encode()
    yield row(
        "engine: GET a page of 25, p50 / p99",
        timed(lambda: handle(Request("GET", MEETINGS, "", headers)), count),
        REQUEST,
    )
    yield row(
        "engine: GET the profile",
        timed(lambda: handle(Request("GET", "/v1/partner/user/profile", "", headers)), count),
        REQUEST,
    )
    posting = {**headers, **JSON_HEADERS}
    yield row(
        "engine: POST a meeting",
        timed(lambda: handle(Request("POST", MEETINGS, "", posting, wish)), count),
        REQUEST,
    )
    client = FakeContio().client()
    yield row("client: user.meetings.list()", timed(client.user.meetings.list, count))


def measure_sandbox(*, quick: bool) -> Iterator[Row]:
    """A fresh world for a test."""
    count = FEW if quick else MANY
    engine = FakeContio().engine
    fresh = timed(lambda: Sandbox("fresh", engine.settings, engine), count)
    yield row("a fresh demo sandbox, p50 / p99", fresh, Target(1000, 200))
    yield row("FakeContio()", timed(FakeContio, count), Target(1000, 200))
    yield row("FakeContio().client()", timed(lambda: FakeContio().client(), count // 5))


def filled(count: int) -> FakeContio:
    """A fake whose demo user sees that many meetings, a minute apart, in a shuffled order."""
    fake = FakeContio(scenario="empty")
    fake.client(EMAIL)
    store = fake.sandbox.store
    user = store.users.first("email", EMAIL)
    assert user is not None
    audience = frozenset({user.id})
    for n in range(count):
        begins = FIXED_START + timedelta(minutes=n * 7919 % count)
        store.meetings.insert(
            MeetingRecord(
                id=fake.sandbox.ids.uuid(),
                title=f"Meeting number {n}",
                status="scheduled",
                workspace_id=user.workspace_id,
                created_by_user_id=user.id,
                created_at=FIXED_START,
                updated_at=FIXED_START,
                start_time=begins,
                end_time=begins + timedelta(minutes=30),
                viewer_ids=audience,
                editor_ids=audience,
            )
        )
    return fake


def queries(count: int) -> dict[str, str]:
    """The pages that are measured: the query of each, by its name."""
    middle = count // 2

    def between(first: int, many: float) -> str:
        low = FIXED_START + timedelta(minutes=first)
        high = low + timedelta(minutes=int(many) - 1)
        return f"start_date={low:%Y-%m-%dT%H:%M:%SZ}&end_date={high:%Y-%m-%dT%H:%M:%SZ}"

    return {
        "newest first": "",
        "deep offset": f"offset={count - PAGE}",
        "dates, narrow: 25 match": between(middle, PAGE),
        "dates, wide: half match": between(count // 4, middle),
        "dates, the dearest: √(25·n) match": between(middle // 2, (PAGE * count) ** 0.5),
    }


def measure_pages(*, quick: bool) -> Iterator[Row]:
    """A page of 25 and a new meeting among few and many, and what a stored meeting weighs."""
    fakes: dict[int, FakeContio] = {}
    weight = before = 0
    for size in SIZES[:2] if quick else SIZES:
        before = _resident()
        fakes[size] = filled(size)
        weight = _resident() - before
    largest = max(fakes)
    for name in queries(largest):
        rounds = [_page_round(fakes, name) for _ in range(ROUNDS)]
        for size in fakes:
            yield _page_row(name, size, [(found[size], found[SIZES[0]]) for found in rounds])
    created = [{size: _creation_times(fake) for size, fake in fakes.items()} for _ in range(ROUNDS)]
    for size in fakes:
        yield _page_row("POST a meeting", size, [(found[size], found[SIZES[0]]) for found in created])
    yield Row("a stored meeting", weight / largest, "bytes")
    _list_everything(fakes[largest], largest)
    yield Row("  when it was listed", (_resident() - before) / largest, "bytes")


def _page_round(fakes: dict[int, FakeContio], name: str) -> dict[int, Times]:
    """One page's times at every size, one after the other."""
    return {size: _page_times(fake, bearer(fake), queries(size)[name]) for size, fake in fakes.items()}


def _page_times(fake: FakeContio, headers: dict[str, str], query: str) -> Times:
    def ask() -> None:
        response = fake.engine.handle(Request("GET", MEETINGS, query, headers))
        assert response.status == 200, response.body

    return timed(ask, FEW)


def _creation_times(fake: FakeContio) -> Times:
    headers, wish = {**bearer(fake), **JSON_HEADERS}, json.dumps(MEETING).encode()

    def create() -> None:
        response = fake.engine.handle(Request("POST", MEETINGS, "", headers, wish))
        assert response.status == 201, response.body

    return timed(create, FEW)


def _page_row(name: str, size: int, rounds: list[tuple[Times, Times]]) -> Row:
    """A row beside the same page among the fewest."""
    fewest = size == SIZES[0]
    ratio = median(here.p50 / few.p50 for here, few in rounds)
    return Row(
        f"{name} · {size:_}".replace("_", " "),
        median(here.p50 for here, _ in rounds),
        "µs",
        None if fewest else median(few.p50 for _, few in rounds),
        None if fewest else ratio,
        None if fewest else Target(1.5, 1.1),
        p99=median(here.p99 for here, _ in rounds),
        reference_p99=median(few.p99 for _, few in rounds),
    )


def _list_everything(fake: FakeContio, size: int) -> None:
    headers = bearer(fake)
    for offset in range(0, size, 100):
        fake.engine.handle(Request("GET", MEETINGS, f"limit=100&offset={offset}", headers))
    fake.sandbox.journal.clear()


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
