"""Every event of every release: what causes it, who gets which copy of it, and what it says.

The table of causes stands in `causes_*.py`: a row is an event, a way in which it comes about, and who
hears of it. Each is let happen for real, in every release that has both, on a fresh stage (`stage.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from pydantic import TypeAdapter

from contio_mock.client import ContioError, parse_webhook, verify_signature
from contio_mock.contract import openapi, registry
from contio_mock.contract.auth import Caller
from contio_mock.contract.events import EVENTS
from contio_mock.contract.operation import lifetime_of, takes_key
from contio_mock.contract.release import LATEST, R1_9, Release
from contio_mock.contract.wire import Request
from contio_mock.fake.jobs import JOBS

from . import causes_meetings, causes_services, causes_work, causes_workflows  # noqa: F401 - they fill the table
from .causes import CAUSES, IN_THE_MEETING, IN_THE_MEETING_BY_FIRST, IN_THE_WORKSPACE, Cause, Told
from .payloads import Payload, envelope, payloads, problems, published, published_envelope
from .stage import FIRST, HEDY, SECRETS, Happened, Received, Stage

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "contract" / "official"

EVERYBODY_THERE = (IN_THE_MEETING, IN_THE_MEETING_BY_FIRST)

every_release = pytest.mark.parametrize("release", Release, ids=lambda release: release.value)


@dataclass(frozen=True)
class Played:
    """What a cause led to."""

    happened: tuple[Happened, ...]
    received: tuple[Received, ...]
    known: Mapping[str, Mapping[str, Any]]
    ids: Mapping[str, str]
    """The ids of users by their addresses, and of apps by their client ids."""

    def copies(self, event: str) -> list[list[Received]]:
        """The copies of each event of a kind: those whose data are the same."""
        found = defaultdict(list)
        for received in self.received:
            if received.event == event:
                found[_key(received.body["data"])].append(received)
        return list(found.values())


def _each(events: list[list[Received]]) -> Iterator[Received]:
    return (copy for copies in events for copy in copies)


def _key(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)


@cache
def played(cause: Cause, release: Release) -> Played:
    """Let a cause happen, once for all tests."""
    stage = Stage(release, cause.profile, cause.source)
    cause.act(stage)
    received = stage.received()
    users = {user.email: user.id for user in stage.contio.sandbox.store.users}
    return Played(tuple(stage.happened), tuple(received), stage.known, users | stage.app_ids)


@dataclass(frozen=True)
class Row:
    """A row of the table in one release."""

    told: Told
    cause: Cause
    release: Release

    def __str__(self) -> str:
        return f"{self.told.event}-{self.cause.name}-{self.release.value}"

    @property
    def played(self) -> Played:
        return played(self.cause, self.release)

    @property
    def copies(self) -> list[list[Received]]:
        return self.played.copies(self.told.event)


SCENES = [(cause, release) for cause in CAUSES for release in Release if cause.lives_in(release)]
ROWS = [Row(told, cause, release) for cause, release in SCENES for told in cause.told_in(release)]
HEARD = [row for row in ROWS if row.told.copies]

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_row_that_somebody_hears_of = pytest.mark.parametrize("row", HEARD, ids=str)
every_scene = pytest.mark.parametrize(
    ("cause", "release"), SCENES, ids=[f"{cause.name}-{release.value}" for cause, release in SCENES]
)


# ---------------------------------------------------------------- what happens, and because of what


@every_scene
def test_a_cause_lets_happen_what_its_row_says_and_nothing_else(cause: Cause, release: Release) -> None:
    happened = Counter(one.event for one in played(cause, release).happened)
    rows = {told.event: told.times for told in cause.told_in(release)}
    assert happened.keys() == rows.keys()
    assert {name: times if times is None else happened[name] for name, times in rows.items()} == rows


@every_scene
def test_it_is_the_named_operation_or_job_that_lets_it_happen(cause: Cause, release: Release) -> None:
    assert {one.source for one in played(cause, release).happened} <= {cause.source}


@every_row_that_somebody_hears_of
def test_what_happened_is_what_the_apps_are_sent(row: Row) -> None:
    happened = [_key(one.data) for one in row.played.happened if one.event == row.told.event]
    sent = [_key(copies[0].body["data"]) for copies in row.copies]
    assert sorted(sent) == sorted(happened)


# ---------------------------------------------------------------- the audience


@every_row
def test_exactly_those_who_see_it_get_a_copy_each(row: Row) -> None:
    for copies in row.copies:
        got = sorted((one.app, one.reader or "") for one in copies)
        assert got == sorted((app, reader or "") for app, reader in row.told.copies)
    assert bool(row.copies) is bool(row.told.copies)


@every_row_that_somebody_hears_of
def test_a_copy_says_whom_it_is_for_and_one_for_the_app_names_nobody(row: Row) -> None:
    for copy in _each(row.copies):
        assert EVENTS[row.told.event].per_user is ("for_user" in copy.body)
        if copy.reader is not None:
            assert copy.body["for_user"] == {"id": row.played.ids[copy.reader], "email": copy.reader}


@every_scene
def test_every_copy_has_an_id_of_its_own(cause: Cause, release: Release) -> None:
    ids = [one.body["event_id"] for one in played(cause, release).received]
    assert len(set(ids)) == len(ids)
    assert {str(UUID(id_)) for id_ in ids} == set(ids)


SHARED = [cause for cause in CAUSES if any(told.copies in EVERYBODY_THERE for told in cause.told_in(LATEST))]


@pytest.mark.parametrize("cause", SHARED, ids=lambda cause: cause.name)
def test_where_colleagues_see_every_meeting_they_are_told_of_it_too(cause: Cause) -> None:
    wide = replace(cause, profile={**cause.profile, "meeting_visibility": "workspace"})
    for told in cause.told_in(LATEST):
        allowed = [told.copies | {(FIRST, HEDY)}]
        if told.copies not in EVERYBODY_THERE:  # of leads, of one person, or of those who join only now
            allowed = [told.copies, told.copies | IN_THE_WORKSPACE]
        for copies in played(wide, LATEST).copies(told.event):
            assert {(one.app, one.reader) for one in copies} in allowed


# ---------------------------------------------------------------- the envelope


@every_row_that_somebody_hears_of
def test_an_envelope_says_who_acted_and_which_app_it_is_for(row: Row) -> None:
    acted = {} if row.told.by is None else {"actor_user_id": row.played.ids[row.told.by]}
    for copy in _each(row.copies):
        assert {name: copy.body[name] for name in copy.body.keys() - ELSEWHERE} == {
            "event_type": row.told.event,
            "partner_app_id": row.played.ids[copy.app],
            **(acted if row.release >= R1_9 else {}),
        }


ELSEWHERE = {"event_id", "timestamp", "data", "for_user"}
"""Members of an envelope that other tests look at."""


@every_row_that_somebody_hears_of
def test_an_envelope_has_the_time_of_the_clock(row: Row) -> None:
    times = {_key(one.data): one.at for one in row.played.happened}
    for copy in _each(row.copies):
        assert copy.body["timestamp"] == times[_key(copy.body["data"])]


@every_scene
def test_every_copy_is_signed_with_the_secret_of_its_app(cause: Cause, release: Release) -> None:
    for copy in played(cause, release).received:
        secret = SECRETS[copy.app]
        digest = hmac.new(secret.encode(), copy.raw, hashlib.sha256).hexdigest()
        assert copy.signature == f"sha256={digest}"
        assert not any(
            verify_signature(copy.raw, copy.signature, other) for other in SECRETS.values() if other != secret
        )


@every_scene
def test_our_own_client_reads_every_copy(cause: Cause, release: Release) -> None:
    for copy in played(cause, release).received:
        webhook = parse_webhook(copy.raw, copy.signature, SECRETS[copy.app])
        assert isinstance(webhook.data, EVENTS[copy.event])
        assert webhook.data.model_dump(mode="json", exclude_unset=True) == copy.body["data"]
        assert (webhook.for_user and webhook.for_user.email) == copy.reader
        assert webhook.actor_user_id == copy.body.get("actor_user_id")


# ---------------------------------------------------------------- the data


@every_row_that_somebody_hears_of
def test_the_data_say_what_happened(row: Row) -> None:
    known = row.played.known[row.told.event]
    assert known
    for copies in row.copies:
        data = copies[0].body["data"]
        assert {name: data.get(name, "absent") for name in known} == known


@every_row_that_somebody_hears_of
def test_the_data_are_as_they_are_declared(row: Row) -> None:
    declared = {
        name: info
        for name, info in EVENTS[row.told.event].model_fields.items()
        if lifetime_of(tuple(info.metadata)).lives_in(row.release)
    }
    for copies in row.copies:
        data = copies[0].body["data"]
        assert data.keys() <= declared.keys()
        assert {name for name, info in declared.items() if info.is_required()} <= data.keys()
        for name, value in data.items():
            _checker(row.told.event, name).validate_json(json.dumps(value), strict=True)


@cache
def _checker(event: str, member: str) -> TypeAdapter[Any]:
    return TypeAdapter(EVENTS[event].model_fields[member].annotation)


@every_row_that_somebody_hears_of
def test_the_data_are_as_they_are_published(row: Row) -> None:
    described = payloads(row.release)[row.told.event]
    for copy in _each(row.copies):
        assert list(problems(described, copy.body["data"])) == []
        assert list(problems(envelope(row.release), copy.body, "body")) == []


@every_release
def test_the_table_of_payloads_is_what_the_documents_say(release: Release) -> None:
    file = PUBLISHED / f"webhooks-{release.document}.yaml"
    if not file.is_file():
        missing = "the published documents are not beside the repository (../shared/contract/official)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert payloads(release) == published(document)
    assert envelope(release) == published_envelope(document)


# ---------------------------------------------------------------- nothing is forgotten

NEVER_NULL = {
    "action_button.triggered": {
        "context_id": "a button of the mock is always pressed in a meeting",
        "context_type": "a button of the mock is always pressed in a meeting",
        "invocation_id": "every press is kept",
    },
    "workflow.run.started": {"triggered_by": "nothing but a user begins a run of the mock"},
}
"""Members that may be null, and why nothing makes them so."""


@every_release
def test_every_event_of_a_release_is_caused_in_it(release: Release) -> None:
    caused = {row.told.event for row in ROWS if row.release is release}
    assert caused == registry.events(release).keys() == payloads(release).keys()


def _declared() -> Iterator[tuple[str, str]]:
    """Every operation or job with each event that it says it may cause; those of other tests left out."""
    declaring = {module.__name__ for module in registry.SLICES}
    for operation in registry.operations():
        if operation.__module__ in declaring:
            yield from ((operation.operation_id(), kind.type) for kind in operation.endpoint.emits)
    for job in JOBS.values():
        if job.function.__module__.startswith("contio_mock."):
            yield from ((job.name, kind.type) for kind in job.emits)


def test_whatever_says_that_it_may_cause_an_event_does_so() -> None:
    """What a row claims here, `test_it_is_the_named_operation_or_job_that_lets_it_happen` has seen."""
    seen = {(row.cause.source, row.told.event) for row in ROWS}
    assert sorted(set(_declared()) - seen) == []
    assert sorted(seen - set(_declared())) == []


@every_release
def test_the_documents_of_a_release_name_its_events(release: Release) -> None:
    written = json.loads((ROOT / "openapi" / f"contio-partner-{release.value}.json").read_text("utf-8"))
    assert written["webhooks"].keys() == payloads(release).keys()
    assert openapi.document(release)["webhooks"].keys() == payloads(release).keys()


@pytest.mark.parametrize("event", {name: None for release in Release for name in payloads(release)})
def test_every_member_that_may_be_absent_or_null_is_seen_with_a_value_and_with_null(event: str) -> None:
    rows = [row for row in HEARD if row.told.event == event]
    seen: set[tuple[str, bool]] = set()
    wanted: set[tuple[str, bool]] = set()
    for row in rows:
        described = payloads(row.release)[event]
        wanted |= set(_choices(described))
        for copies in row.copies:
            seen |= set(_chosen(described, copies[0].body["data"]))
    excused = {(name, True) for name in NEVER_NULL.get(event, ())}
    assert sorted(wanted - seen - excused) == []
    assert sorted(excused & seen) == [], "delete it from NEVER_NULL"


def _choices(kind: Payload, at: str = "") -> Iterator[tuple[str, bool]]:
    """The members that a sender may leave out or give as null, with False for a value and True for null."""
    for name, inner in (kind.required | kind.optional).items():
        nullable = isinstance(inner, str) and inner.endswith("|null")
        if name in kind.optional or nullable:
            yield f"{at}{name}", False
        if nullable:
            yield f"{at}{name}", True
        within = inner[0] if isinstance(inner, list) else inner
        if isinstance(within, Payload):
            yield from _choices(within, f"{at}{name}.")


def _chosen(kind: Payload, data: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, bool]]:
    for name, value in data.items():
        yield f"{at}{name}", value is None
        inner = (kind.required | kind.optional)[name]
        for one in value if isinstance(inner, list) else [value]:
            within = inner[0] if isinstance(inner, list) else inner
            if isinstance(within, Payload):
                yield from _chosen(within, one, f"{at}{name}.")


# ---------------------------------------------------------------- what causes nothing

OPERATED = [
    (cause, release)
    for cause, release in SCENES
    if cause.operation is not None and not registry.is_control(cause.operation) and cause.told_in(release)
]
KEYED = [(c, r) for c, r in OPERATED if c.operation is not None and takes_key(c.operation, r)]
GUARDED = [
    (cause, release)
    for cause, release in dict(OPERATED).items()
    if cause.operation is not None and cause.operation.endpoint.auth.caller is not Caller.PUBLIC
]
"""In the newest release that each lives in."""


def _named(scenes: list[tuple[Cause, Release]]) -> list[str]:
    return [f"{cause.name}-{release.value}" for cause, release in scenes]


@pytest.mark.parametrize(("cause", "release"), KEYED, ids=_named(KEYED))
def test_a_replayed_request_causes_nothing(cause: Cause, release: Release) -> None:
    stage = Stage(release, cause.profile, cause.source, key="once")
    cause.act(stage)
    heard, happened = len(stage.received()), list(stage.happened)
    assert happened
    (request,) = stage.sent
    again = stage.contio.handle(request)
    assert again.header("idempotent-replayed") == "true"
    stage.pass_time(3600)
    assert stage.happened == happened
    assert len(stage.received()) == heard


def _without_credentials(stage: Stage) -> None:
    def alter(request: Request) -> Request:
        headers = {
            k: v for k, v in request.headers.items() if k.lower() not in ("authorization", "x-api-key")
        }
        return Request(request.method, request.path, request.query, headers, request.body)

    stage.alter = alter


def _with_half_a_query(stage: Stage) -> None:
    stage.alter = lambda request: Request(request.method, request.path, "%", request.headers, request.body)


def _struck_by_a_fault(stage: Stage) -> None:
    stage.contio.faults.add(operation=stage.source, status=503)


@pytest.mark.parametrize(
    "spoil",
    [_without_credentials, _with_half_a_query, _struck_by_a_fault],
    ids=lambda f: f.__name__.strip("_"),
)
@pytest.mark.parametrize(("cause", "release"), GUARDED, ids=_named(GUARDED))
def test_a_refused_request_causes_nothing(
    cause: Cause, release: Release, spoil: Callable[[Stage], None]
) -> None:
    stage = Stage(release, cause.profile, cause.source)
    spoil(stage)
    with pytest.raises(ContioError):
        cause.act(stage)
    stage.pass_time(3600)
    assert stage.happened == []
    assert stage.received() == []
