"""The fake's own records as the control plane shows them."""

from __future__ import annotations

from contio_mock.contract.control_traffic import (
    FaultRule,
    FaultState,
    RecordedAttempt,
    RecordedDelivery,
    RecordedEvent,
    RecordedRequest,
)
from contio_mock.contract.signature import SIGNATURE_HEADER
from contio_mock.fake.deliveries import Attempt, Delivery
from contio_mock.fake.faults import Fault
from contio_mock.fake.journal import Entry, masked, masked_text
from contio_mock.fake.outbox import Emitted, Outbox


def request(entry: Entry) -> RecordedRequest:
    """A journal entry; its secrets are cut short."""
    return RecordedRequest(
        id=entry.request_id,
        at=entry.at,
        method=entry.method,
        path=entry.path,
        query=masked_text(entry.query),
        headers={name: masked(name, value) for name, value in entry.headers.items()},
        body=masked_text(entry.body.decode("utf-8", "replace")),
        body_bytes=entry.body_bytes,
        operation=entry.operation,
        status=entry.status,
        answer=masked_text(entry.answer_body.decode("utf-8", "replace")),
        answer_headers={name: masked(name, value) for name, value in entry.answer_headers},
        undocumented=entry.undocumented or [],
        replayed=entry.replayed,
        milliseconds=round(entry.seconds * 1000, 3),
    )


def event(outbox: Outbox, emitted: Emitted) -> RecordedEvent:
    """An event with its deliveries, signed as they would be now."""
    return RecordedEvent(
        type=emitted.type,
        at=emitted.at,
        data=emitted.data,
        deliveries=[_delivery(outbox, delivery) for delivery in emitted.deliveries],
    )


def _delivery(outbox: Outbox, delivery: Delivery) -> RecordedDelivery:
    outgoing = outbox.outgoing(delivery)
    return RecordedDelivery(
        id=delivery.id,
        event_id=delivery.event_id,
        url=outgoing.url if outgoing else "",
        status=delivery.status,
        for_user=delivery.for_user,
        body=delivery.body.decode(),
        signature=outgoing.headers[SIGNATURE_HEADER] if outgoing else "",
        retry_count=delivery.retry_count,
        due_at=delivery.due_at,
        next_retry_at=delivery.next_retry_at,
        attempts=[_attempt(attempt) for attempt in delivery.attempts],
    )


def _attempt(attempt: Attempt) -> RecordedAttempt:
    answer = attempt.answer
    return RecordedAttempt(
        at=attempt.at,
        status=attempt.status,
        error=attempt.error,
        milliseconds=None if attempt.seconds is None else round(attempt.seconds * 1000, 3),
        url=attempt.url,
        headers=attempt.headers,
        answer_status=None if answer is None else answer.status,
        answer_headers=None if answer is None else answer.headers,
        answer=None if answer is None else answer.body.decode("utf-8", "replace"),
        fault=attempt.fault,
        repeated=attempt.repeated or None,
    )


def fault(rule: Fault) -> FaultState:
    """A fault rule and how often it struck."""
    said = {name: getattr(rule, name) for name in FaultRule.model_fields}
    return FaultState(id=rule.id, rule=FaultRule(**said), seen=rule.seen, struck=rule.struck)
