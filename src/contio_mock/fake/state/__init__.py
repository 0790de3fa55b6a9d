"""A sandbox's whole state as one JSON document, and back: all of it or nothing.

A part of a sandbox that is not in its store says here how it is written and read. No part of it are the
journal, what can be made again, the ids of the control plane's own answers, and what the sandbox was
made from, which a reset restores.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from contio_mock.contract.control_state import STATE_VERSION, ClockReading, State, WaitingJob
from contio_mock.contract.release import Release
from contio_mock.contract.shared import Model
from contio_mock.contract.wire import Request
from contio_mock.fake.clock import Clock
from contio_mock.fake.faults import Faults
from contio_mock.fake.idempotency import Idempotency
from contio_mock.fake.ids import Ids
from contio_mock.fake.jobs import JOBS, Scheduled
from contio_mock.fake.profile import Profile, register, with_options
from contio_mock.fake.sandbox import EARLIEST, LATEST_START, Context, Sandbox
from contio_mock.fake.state import collections, credentials, traffic
from contio_mock.fake.state.values import InvalidState, plain, valid
from contio_mock.version import VERSION

__all__ = ["InvalidState", "exported", "read"]


class _Settings(Model):
    """What `/_mock/settings` changes; the plans of workspaces stand with the workspaces."""

    release: Release
    strict: bool
    smart_redirect: bool
    profile: dict[str, Any]


def exported(sandbox: Sandbox) -> State:
    """Everything that a sandbox holds."""
    return State(
        format="contio-mock-state",
        version=STATE_VERSION,
        made_by=VERSION,
        settings={
            "release": sandbox.release.value,
            "strict": sandbox.strict,
            "smart_redirect": sandbox.smart_redirect,
            "profile": {name: plain(value) for name, value, *_ in register(sandbox.profile)},
        },
        clock=ClockReading(now=sandbox.clock.now(), rate=sandbox.clock.rate),
        ids=sandbox.ids.state(),
        collections=collections.exported(sandbox.store),
        credentials=credentials.exported(sandbox),
        traffic=traffic.exported(sandbox),
        jobs=[
            WaitingJob(at=when, name=waiting.job.name, arguments=list(waiting.arguments))
            for when, waiting in sandbox.clock.waiting()
            if isinstance(waiting, Scheduled)
        ],
    )


def read(sandbox: Sandbox, document: State) -> Callable[[], None]:
    """What puts the document in the place of a sandbox's state; raises InvalidState, and has changed nothing."""
    if document.version != STATE_VERSION:
        problem = f"is {document.version}; this contio-mock reads version {STATE_VERSION}"
        raise InvalidState("version", problem)
    settings, profile = _settings(document)
    ids = _ids(document)
    store = collections.read(document.collections)
    tokens, sign_ins, uses = credentials.read(document.credentials, sandbox.ids, store)
    outbox, idempotency, faults = traffic.read(
        document.traffic,
        sandbox.new_outbox(store, profile),
        Idempotency(),
        Faults(sandbox.ids),
    )
    clock = _clock(document, sandbox)

    def put() -> None:
        sandbox.store, sandbox.clock = store, clock
        sandbox.tokens, sandbox.sign_ins, sandbox.credential_uses = tokens, sign_ins, uses
        sandbox.outbox, sandbox.idempotency, sandbox.faults = outbox, idempotency, faults
        sandbox.profiles = {}
        sandbox.ids.go_to(ids)
        sandbox.configure(
            release=settings.release,
            profile=profile,
            strict=settings.strict,
            smart_redirect=settings.smart_redirect,
        )
        sandbox.wake()

    return put


def _settings(document: State) -> tuple[_Settings, Profile]:
    settings: _Settings = valid(_Settings, document.settings, "settings")
    try:
        return settings, with_options(settings.profile)
    except ValueError as error:
        raise InvalidState("settings.profile", str(error)) from None


def _ids(document: State) -> Any:
    try:
        return Ids.read(document.ids)
    except ValueError as error:
        raise InvalidState("ids", str(error)) from None


def _clock(document: State, sandbox: Sandbox) -> Clock:
    now = document.clock.now
    if not EARLIEST <= now <= LATEST_START:
        raise InvalidState("clock.now", "must be in the years 1970 to 9000")
    clock = Clock(now, document.clock.rate)
    probe = Context(sandbox, Request("", ""), "", "")
    for position, waiting in enumerate(document.jobs):
        place, known = f"jobs.{position}", JOBS.get(waiting.name)
        if known is None:
            raise InvalidState(f"{place}.name", f"there is no job {waiting.name[:80]!r}")
        try:
            inspect.signature(known.function).bind(probe, *waiting.arguments)
        except TypeError as error:
            raise InvalidState(f"{place}.arguments", str(error)) from None
        clock.call_at(waiting.at, Scheduled(sandbox, known, tuple(waiting.arguments)))
    return clock
