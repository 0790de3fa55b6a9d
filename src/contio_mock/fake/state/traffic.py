"""Events, deliveries, idempotency keys, fault rules and rate counters as JSON and back."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from contio_mock.contract.auth import Caller
from contio_mock.contract.control_traffic import FaultRule
from contio_mock.contract.events import EVENTS
from contio_mock.contract.shared import Model, Timestamp
from contio_mock.contract.wire import Response
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.faults import Fault, Faults
from contio_mock.fake.idempotency import Idempotency, Slot
from contio_mock.fake.outbox import EVENTS_KEPT, Emitted, Health, Outbox
from contio_mock.fake.rules.faults import fault_problem
from contio_mock.fake.sandbox import Sandbox
from contio_mock.fake.state.values import InvalidState, plain, section, valid

PLACE = "traffic"
_OF_THE_MOMENT = ("in_flight", "number", "place")
"""What a delivery is only in this process; the order of the lists says the rest."""


_HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$")]


class _Emitted(Model):
    """An event; its deliveries by their ids."""

    type: str
    at: Timestamp
    data: dict[str, Any]
    deliveries: list[str]


class _Slot(Model):
    """An idempotency key with the answer that it gives."""

    caller: str
    key: str
    fingerprint: bytes
    status: Annotated[int, Field(ge=200, le=599)]
    headers: list[tuple[_HeaderText, _HeaderText]]
    body: bytes
    begun_at: Timestamp
    ready_at: Timestamp


class _Counted(Model):
    """How many attempts and events there were."""

    emitted: int
    succeeded: int
    failed: int


def exported(sandbox: Sandbox) -> dict[str, Any]:
    """What happened and what is still on its way."""
    outbox, faults = sandbox.outbox, sandbox.faults
    return {
        "events": [_event(outbox, emitted) for emitted in outbox.events],
        "deliveries": [
            {name: value for name, value in plain(delivery).items() if name not in _OF_THE_MOMENT}
            for delivery in outbox.deliveries
        ],
        "queue": [delivery.id for delivery in outbox.queue()],
        "counted": {"emitted": outbox.emitted, "succeeded": outbox.succeeded, "failed": outbox.failed},
        "receivers": plain(outbox.health),
        "last_signed": plain(outbox.last_signed),
        "idempotency_keys": [_slot(*item) for item in sandbox.idempotency.slots.items()],
        "fault_rules": plain(faults.rules),
        "rate_counters": {caller.value: plain(list(calls)) for caller, calls in faults.calls.items()},
    }


def _event(outbox: Outbox, emitted: Emitted) -> dict[str, Any]:
    kept = [delivery.id for delivery in emitted.deliveries if delivery.id in outbox.deliveries]
    return {
        "type": emitted.type,
        "at": plain(emitted.at),
        "data": plain(emitted.event),
        "deliveries": kept,
    }


def _slot(name: tuple[str, str], slot: Slot) -> dict[str, Any]:
    caller, key = name
    answer = slot.answer
    return {
        "caller": caller,
        "key": key,
        "fingerprint": plain(slot.fingerprint),
        "status": answer.status,
        "headers": plain(answer.headers),
        "body": plain(answer.body),
        "begun_at": plain(slot.begun_at),
        "ready_at": plain(slot.ready_at),
    }


def read(
    document: Mapping[str, Any], outbox: Outbox, idempotency: Idempotency, faults: Faults
) -> tuple[Outbox, Idempotency, Faults]:
    """Fill new ones from a document; raises InvalidState."""
    _fill_outbox(document, outbox)
    for slot in section(document, "idempotency_keys", PLACE, list[_Slot]):
        answer = Response(slot.status, slot.headers, slot.body)
        kept = Slot(slot.fingerprint, answer, slot.begun_at, slot.ready_at)
        idempotency.slots[slot.caller, slot.key] = kept
    faults.rules += [
        _fault(rule, f"{PLACE}.fault_rules.{position}")
        for position, rule in enumerate(section(document, "fault_rules", PLACE, list[Fault]))
    ]
    counters = section(document, "rate_counters", PLACE, dict[Caller, list[Timestamp]])
    faults.calls.update({caller: deque(calls) for caller, calls in counters.items()})
    return outbox, idempotency, faults


def _fault(rule: Fault, place: str) -> Fault:
    """The rule, if it is one that the control plane would have taken; raises InvalidState."""
    said = {name: plain(getattr(rule, name)) for name in FaultRule.model_fields}
    problem = fault_problem(valid(FaultRule, said, place), EVENTS)
    if problem is not None:
        raise InvalidState(place, problem)
    return rule


def _fill_outbox(document: Mapping[str, Any], outbox: Outbox) -> None:
    for delivery in section(document, "deliveries", PLACE, list[Delivery]):
        delivery.in_flight = False
        outbox.deliveries.add(delivery)
        outbox.watch(delivery)
    queue = section(document, "queue", PLACE, list[str])
    waiting = {delivery.id: delivery for delivery in outbox.deliveries if delivery.due_at is not None}
    if len(queue) != len(waiting) or set(queue) != waiting.keys():
        raise InvalidState(f"{PLACE}.queue", "must name each delivery that has a due_at, once")
    for id_ in queue:
        outbox.enqueue(waiting[id_])
    rows = section(document, "events", PLACE, list[_Emitted])
    emitted = [_emitted(outbox, row, f"{PLACE}.events.{n}") for n, row in enumerate(rows)]
    outbox.events = deque(emitted, maxlen=EVENTS_KEPT)
    counted = section(document, "counted", PLACE, _Counted)
    outbox.emitted, outbox.succeeded, outbox.failed = counted.emitted, counted.succeeded, counted.failed
    outbox.health.update(section(document, "receivers", PLACE, dict[str, Health]))
    outbox.last_signed.update(section(document, "last_signed", PLACE, dict[str, Timestamp]))


def _emitted(outbox: Outbox, row: _Emitted, place: str) -> Emitted:
    kind = EVENTS.get(row.type)
    if kind is None:
        raise InvalidState(f"{place}.type", "is no event")
    found = [outbox.deliveries.get(id_) for id_ in row.deliveries]
    known = [delivery for delivery in found if delivery is not None]
    if len(known) != len(found):
        raise InvalidState(f"{place}.deliveries", "names a delivery that is not in the state")
    return Emitted(valid(kind, row.data, f"{place}.data"), row.at, known)
