"""Requests per second, latency, cold start and memory of the real server, beside bare Starlette."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import servers
from load import Load, Outcome, offer
from servers import Cpus, Server
from table import Row, Target

JSON_HEADERS = {"content-type": "application/json"}
FORM_HEADERS = {"content-type": "application/x-www-form-urlencoded"}
EMAIL = "ada@example.com"
SCOPE = "profile meetings:read meetings:write"
MEETING = {
    "title": "A meeting of the benchmark",
    "start_time": "2099-03-01T09:00:00Z",
    "end_time": "2099-03-01T09:30:00Z",
}
ROUNDS = 3
TRIES = 4
DISTURBED = 0.15
LIMIT = 0.97
TARGETS = {
    "page": Target(0.7, 1.0, at_least=True),
    "profile": Target(0.7, 1.0, at_least=True),
    "token": Target(0.5, 0.9, at_least=True),
    "created": Target(0.5, 1.0, at_least=True),
}
NAMES = {
    "page": "GET a page of 25 meetings",
    "profile": "GET the profile",
    "token": "POST /oauth2/token, client_credentials",
    "created": "POST a meeting",
}
Offer = Callable[[Load], Outcome]


@dataclass(frozen=True, slots=True)
class Side:
    """What one server came to in one round."""

    rate: float
    p50: float
    p99: float
    busy: float
    """How much of its CPU the load generator used."""
    work: float
    """Microseconds of the server's CPU for each request: what neighbours disturb least."""
    others: float
    """How much of the machine somebody else used."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One measure in one round."""

    mock: Side
    bare: Side


def loads(server: Server) -> dict[str, Load]:
    """Each measure's request; the one that fills the store stands last."""
    minted = json.loads(
        server.ask("POST", "/_mock/tokens", JSON_HEADERS, json.dumps({"email": EMAIL, "scope": SCOPE}))
    )
    app = json.loads(server.ask("GET", "/_mock/credentials"))
    basic = b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    bearer = {"authorization": f"Bearer {minted['access_token']}"}
    meetings, url = "/v1/partner/user/meetings", server.url
    return {
        "page": Load(url=url, path=meetings, headers=bearer),
        "profile": Load(url=url, path="/v1/partner/user/profile", headers=bearer),
        "token": Load(
            url=url,
            method="POST",
            path="/oauth2/token",
            headers={"authorization": f"Basic {basic}", **FORM_HEADERS},
            body="grant_type=client_credentials",
        ),
        "created": Load(
            url=url,
            method="POST",
            path=meetings,
            headers={**bearer, **JSON_HEADERS},
            body=json.dumps(MEETING),
            status=201,
        ),
    }


def answer(server: Server, load: Load) -> bytes:
    """The body that a load's request gets; of two, as a moment on a whole second is written shorter."""
    return max((server.ask(load.method, load.path, load.headers, load.body) for _ in range(2)), key=len)


@contextmanager
def mock(cpus: Cpus) -> Iterator[Server]:
    """A running `contio-mock serve`."""
    port = servers.free_port()
    with servers.running(servers.mock_command(port), port, cpus.server) as server:
        yield server


@contextmanager
def bare(cpus: Cpus, bodies: Path) -> Iterator[Server]:
    """A running yardstick."""
    port = servers.free_port()
    with servers.running(servers.bare_command(port, bodies), port, cpus.server) as server:
        yield server


@contextmanager
def both(cpus: Cpus) -> Iterator[tuple[Server, Server]]:
    """Both servers, new, with the same bodies."""
    with mock(cpus) as mocked:
        bodies = {name: answer(mocked, load) for name, load in loads(mocked).items() if name != "token"}
    with servers.written(bodies) as path, mock(cpus) as mocked, bare(cpus, path) as yardstick:
        yield mocked, yardstick


def check_sizes(mocked: Server, yardstick: Server, wanted: dict[str, Load]) -> None:
    """The two servers must answer as many bytes; what creates is asked last, for it changes the page."""
    for name, load in wanted.items():
        sizes = len(answer(mocked, load)), len(answer(yardstick, load))
        assert sizes[0] == sizes[1], f"{name}: {sizes[0]} bytes beside {sizes[1]}"


def one_round(cpus: Cpus, press: Offer, turn: int, *, quick: bool, patient: bool) -> dict[str, Pair]:
    """Every measure on both servers, one after the other; who begins changes with the round."""
    seconds, warmup = (1.0, 0.5) if quick else (5.0, 1.5)
    pairs = {}
    with both(cpus) as (mocked, yardstick):
        for name, given in loads(mocked).items():
            check_sizes(mocked, yardstick, {name: given})
            load = replace(given, seconds=seconds, warmup=warmup, cpu=cpus.load)
            order = (mocked, yardstick) if turn % 2 else (yardstick, mocked)
            found = {server.url: pressed(server, load, press, patient=patient) for server in order}
            pairs[name] = Pair(found[mocked.url], found[yardstick.url])
    return pairs


def pressed(server: Server, load: Load, press: Offer, *, patient: bool = False) -> Side:
    """What a server makes of a load; with patience, tried again when others disturbed it."""
    for _ in range(TRIES if patient else 1):
        if patient:
            servers.wait_until_quiet()
        side = _pressed(server, replace(load, url=server.url), press)
        if side.others < DISTURBED:
            break
    return side


def _pressed(server: Server, load: Load, press: Offer) -> Side:
    neighbours, begun, begun_load = servers.Neighbours(), server.cpu_seconds(), servers.ended_seconds()
    outcome = press(load)
    spent = server.cpu_seconds() - begun
    others = neighbours.share(spent + servers.ended_seconds() - begun_load)
    work = 1e6 * spent / outcome.total
    return Side(outcome.rate, outcome.p50, outcome.p99, outcome.busy, work, others)


def measure_load(cpus: Cpus, press: Offer, *, quick: bool, patient: bool) -> Iterator[Row]:
    """Requests per second and latency of every measure."""
    rounds = [one_round(cpus, press, turn, quick=quick, patient=patient) for turn in range(ROUNDS)]
    for name in NAMES:
        yield from _load_rows(name, [pairs[name] for pairs in rounds])


def _load_rows(name: str, pairs: list[Pair]) -> Iterator[Row]:
    ratios = [pair.mock.rate / pair.bare.rate for pair in pairs]
    sides = [side for pair in pairs for side in (pair.mock, pair.bare)]
    busy, others = max(side.busy for side in sides), max(side.others for side in sides)
    yield Row(
        NAMES[name],
        median(pair.mock.rate for pair in pairs),
        "/s",
        median(pair.bare.rate for pair in pairs),
        median(ratios),
        TARGETS[name],
        details={"ratios": ratios, "rounds": [asdict(pair) for pair in pairs]},
    )
    yield Row(
        "  p50 / p99",
        median(pair.mock.p50 for pair in pairs),
        "ms",
        median(pair.bare.p50 for pair in pairs),
        median(pair.mock.p50 / pair.bare.p50 for pair in pairs),
        p99=median(pair.mock.p99 for pair in pairs),
        reference_p99=median(pair.bare.p99 for pair in pairs),
    )
    yield Row(
        "  server CPU per request",
        median(pair.mock.work for pair in pairs),
        "µs",
        median(pair.bare.work for pair in pairs),
        median(pair.mock.work / pair.bare.work for pair in pairs),
    )
    if busy > LIMIT:
        yield Row("  the load generator was the limit", 100 * busy, "%")
    if others > DISTURBED:
        yield Row("  disturbed: others used of the machine", 100 * others, "%")


def measure_cold_start(*, quick: bool) -> Iterator[Row]:
    """Process start to the first 200."""
    nothing = {"page": b"", "profile": b"", "created": b""}
    mocks, bares = [], []
    with servers.written(nothing) as path:
        for _ in range(3 if quick else 7):
            mocks.append(_started_within(servers.mock_command))
            bares.append(_started_within(lambda port: servers.bare_command(port, path)))
    ratios = [mine / theirs for mine, theirs in zip(mocks, bares, strict=True)]
    yield Row(
        "cold start, process to first 200",
        median(mocks),
        "s",
        median(bares),
        median(ratios),
        Target(0.6),
        absolute=True,
        details={"seconds": mocks, "reference_seconds": bares},
    )


def _started_within(command: Callable[[int], list[str]]) -> float:
    port = servers.free_port()
    begun = time.perf_counter()
    with servers.started(command(port)) as process:
        servers.wait_until_up(f"http://127.0.0.1:{port}", process)
        return time.perf_counter() - begun


def measure_memory(cpus: Cpus, *, quick: bool) -> Iterator[Row]:
    """Resident memory at the start, and after many requests."""
    count = 10_000 if quick else 100_000
    with both(cpus) as (mocked, yardstick):
        begin, reference = mocked.rss(), yardstick.rss()
        yield Row(
            "memory after start", begin, "MB", reference, begin / reference, Target(80, 50), absolute=True
        )
        load = replace(loads(mocked)["page"], requests=count, cpu=cpus.load)
        offer(load)
        offer(replace(load, url=yardstick.url))
        end, reference = mocked.rss(), yardstick.rss()
        name = f"memory after {count:_} GET requests".replace("_", " ")
        yield Row(name, end, "MB", reference, end / reference, Target(80), absolute=True)
        offer(load)
        yield Row("  growth by as many again", mocked.rss() - end, "MB")
