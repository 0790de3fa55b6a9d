"""Every list of the API: a page of 25 among very many records, beside the same page among a hundred."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from fillings import FILLINGS, MINUTE, RELEASES, World
from table import Row, Target

from contio_mock.contract.wire import Request
from contio_mock.fake.store import Collection

FEW, MANY, QUICK = 100, 100_000, 10_000
PAGE = 25
ASKED = 150
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class List:
    """A list operation with its filters; the query may depend on how many records there are."""

    filling: str
    path: str
    query: Callable[[World, int], str] = lambda *_: ""
    note: str = ""
    unpaged: bool = False
    """It always answers with everything; here, 25 among so many of others."""
    share: float = 1.0
    """How much of what was filled in the filters let through: where the last page begins."""


def fixed(query: str) -> Callable[[World, int], str]:
    """A query that is the same for every size."""
    return lambda *_: query


def between(low: float, high: float, also: str = "") -> Callable[[World, int], str]:
    """A range of time from one share of the records to another, where there is a record each minute."""

    def query(world: World, count: int) -> str:
        ends = (world.start + MINUTE * int(count * share) for share in (low, high))
        start, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in ends)
        return f"start_date={start}&end_date={end}{also}"

    return query


LISTS = (
    List("meetings", "/user/meetings"),
    List("meetings", "/user/meetings", between(0.25, 0.75), "dates", share=0.5),
    List("action_items", "/user/action-items"),
    List("action_items", "/user/action-items", fixed("is_completed=false"), share=0.5),
    List("action_items", "/user/action-items", fixed("has_partner_assignment=true"), share=0.33),
    List(
        "action_items",
        "/user/action-items",
        lambda world, _: f"meeting_id={world.meeting.id}&is_completed=true",
        "meeting_id, is_completed",
        share=0.5,
    ),
    List(
        "action_items",
        "/user/action-items",
        between(0.25, 0.75),
        "dates",
        share=0.5,
    ),
    List("backlog", "/user/backlog-items", share=0.5),
    List("backlog", "/user/backlog-items", fixed("sort_order=asc"), share=0.5),
    List("backlog", "/user/backlog-items/history", share=0.5),
    List(
        "calendar",
        "/user/calendar/events",
        between(0.1, 0.9),
        "ascending",
        share=0.8,
    ),
    List(
        "calendar",
        "/user/calendar/events",
        between(0.1, 0.9, "&direction=desc"),
        "descending",
        share=0.8,
    ),
    List("attachments", "/user/meetings/{meeting}/attachments", share=0.66),
    List("contexts", "/user/meetings/{meeting}/context"),
    List("templates", "/user/meeting-templates"),
    List("templates", "/admin/templates", share=0.25),
    List("next_steps", "/admin/next-steps"),
    List("action_buttons", "/admin/action-buttons"),
    List("toolkits", "/user/toolkits"),
    List("toolkits", "/admin/toolkits"),
    List("installations", "/admin/toolkits/{toolkit}/installations"),
    List(
        "installations",
        "/user/workspaces/{workspace}/toolkits",
        note="one of all installations",
        unpaged=True,
    ),
    List("workspaces", "/admin/workspaces"),
    List("sessions", "/user/sessions"),
    List("sessions", "/user/sessions", fixed("status=expired"), share=0.5),
    List(
        "sessions",
        "/user/sessions",
        lambda world, _: f"meeting_id={world.meeting.id}",
        "meeting_id",
        share=0.5,
    ),
    List("turns", "/user/sessions/{session}", fixed("include=all_turns"), "its turns"),
    List("turns", "/user/sessions/{session}", note="the new turns, of which there are none", share=0.0),
    List("runs", "/user/workflow-runs"),
    List("runs", "/user/workflow-runs", fixed("status=completed&originating_type=meeting"), share=0.33),
    List(
        "runs",
        "/user/workflow-runs",
        lambda world, _: f"workflow_template_id={world.workflow}",
        "workflow_template_id",
    ),
    List("workflows", "/admin/workflow-templates"),
    List("connections", "/admin/connections"),
    List("connections", "/admin/connections", fixed("status=active"), share=0.33),
    List("connections", "/admin/connections", fixed("status=expired"), share=0.33),
    List("connections", "/admin/connections", fixed("status=revoked"), share=0.33),
    List(
        "connections", "/admin/connections", lambda world, _: f"user_id={world.user.id}", "user_id", share=0.0
    ),
    List("deliveries", "/admin/webhook-deliveries"),
    List("deliveries", "/admin/webhook-deliveries", fixed("status=pending&event_type=meeting.created")),
    List("history", "/admin/credentials/history"),
    List("history", "/admin/credentials/history", fixed("credential_type=api_key&action=rotated")),
    List("automations", "/admin/automation"),
    List("partner_workflows", "/admin/workflows"),
    List("people", "/user/meetings/{meeting}/participants", note="25 of all participants", unpaged=True),
    List("people", "/user/meetings/{meeting}/agenda-items", note="25 of all items", unpaged=True),
)


def measure_lists(*, quick: bool) -> Iterator[Row]:
    """The first page and a deep one of every list; a fresh answer each time, no page is kept."""
    many = QUICK if quick else MANY
    for name in dict.fromkeys(one.filling for one in LISTS):
        few, large = (World(RELEASES.get(name, "latest")) for _ in range(2))
        FILLINGS[name](few, FEW)
        FILLINGS[name](large, many)
        for one in LISTS:
            if one.filling == name:
                yield from _rows(one, few, large, many)


def _rows(one: List, few: World, large: World, many: int) -> Iterator[Row]:
    last = {few: int(FEW * one.share), large: int(many * one.share)}
    yield _row(one, "first page", dict.fromkeys((few, large), 0), (few, FEW), (large, many))
    if last[few] > PAGE and not one.unpaged:
        deep = {world: count * 3 // 4 - PAGE for world, count in last.items()}
        yield _row(one, "deep", deep, (few, FEW), (large, many))


def _row(
    one: List, page: str, offsets: dict[World, int], few: tuple[World, int], large: tuple[World, int]
) -> Row:
    rounds = [[_asked(one, *which, offsets[which[0]]) for which in (few, large)] for _ in range(ROUNDS)]
    here, there = median(r[1] for r in rounds), median(r[0] for r in rounds)
    ratio = median(r[1] / r[0] for r in rounds)
    note = one.note or one.query(*few)
    name = f"{one.path.lstrip('/')} {note} · {page}".replace("  ", " ")
    return Row(name, here, "µs", there, ratio, Target(1.5, 1.1))


def _asked(one: List, world: World, count: int, offset: int) -> float:
    """Microseconds of the median answer."""
    prefix = "turn_" if one.filling == "turns" else ""
    page = "" if one.unpaged else f"{prefix}limit={PAGE}&{prefix}offset={offset}"
    path = "/v1/partner" + world.named(one.path)
    request = Request(
        "GET", path, "&".join(filter(None, (one.query(world, count), page))), world.headers(path)
    )
    taken = []
    kept = [member for member in world.store.members().values() if isinstance(member, Collection)]
    for _ in range(ASKED):
        for collection in kept:
            collection.windows.clear()  # a page that was shown before is no measure of finding it
        begun = time.perf_counter_ns()
        response: Any = world.fake.engine.handle(request)
        taken.append(time.perf_counter_ns() - begun)
        if response.status != 200:
            raise RuntimeError(f"{path}?{request.query}: {response.status} {response.body!r}")
    world.fake.sandbox.journal.clear()
    return median(taken[ASKED // 10 :]) / 1000
