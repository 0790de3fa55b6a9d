"""The official SDK takes every event of every release, over a socket, and nothing that was tampered with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock.contract import registry
from contio_mock.contract.release import Release
from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk

MISMATCH = "Signature mismatch"
FORMAT = 'Invalid signature format (expected "sha256=<hex>")'
REFUSALS = {
    "body": MISMATCH,
    "signature": MISMATCH,
    "short": "Signature length mismatch",
    "prefix": FORMAT,
    "otherPrefix": FORMAT,
    "none": "Missing signature",
    "secret": MISMATCH,
}
OLD_NAMES = {"1.6.0": {"automation.assignment.created": "workflow.assignment.created"}}
"""What a version's WEBHOOK_EVENTS still calls by the name before; its WEBHOOK_EVENT_TYPES know better."""
ITS_RELEASE = {"1.6.0": Release.R1_6, "1.9.0": Release.R1_9}


@pytest.mark.parametrize(
    "release",
    [pytest.param(one, marks=pytest.mark.contio(release=one.value), id=one.value) for one in Release],
)
def test_takes_every_event_of_the_release(
    sdk: OfficialSdk, contio_live: LiveContio, release: Release
) -> None:
    types = sorted(registry.events(release))
    assert len(types) > 20
    seen = sdk.run("webhooks", "every", types=types)
    emitted = {event.type: event for event in contio_live.mock.events().items}
    assert sorted(one["type"] for one in seen["taken"]) == types
    for one in seen["taken"]:
        taken_whole(one)
        (delivery,) = emitted[one["type"]].deliveries
        assert (delivery.event_id, delivery.status) == (one["event"]["event_id"], "delivered")
        assert json.loads(delivery.body) == one["event"]
    assert seen["refused"] == {type_: {what: refused(what) for what in REFUSALS} for type_ in types}


def refused(what: str) -> dict[str, str]:
    """What the SDK's three ways say of something that was tampered with."""
    said = f"Webhook verification failed: {REFUSALS[what]}"
    absent = "Missing x-contio-signature header"
    return {"parse": said, "handler": said, "middleware": absent if what == "none" else said}


def test_refuses_what_a_fault_rule_signs_wrongly(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    """Its receiver knows the first secret only; it was replaced twice, so that none of these is right."""
    kinds = ["wrong", "missing", "previous_secret"]
    sdk.run("webhooks", "struck", signatures=kinds)
    attempts = [
        delivery.attempts[0]
        for event in reversed(contio_live.mock.events().items)
        for delivery in event.deliveries
    ]
    assert [attempt.status for attempt in attempts] == [200, 401, 401, 401]
    said = [json.loads(attempt.answer or "{}").get("message") for attempt in attempts[1:]]
    mismatch = f"Webhook verification failed: {MISMATCH}"
    assert said == [mismatch, "Missing x-contio-signature header", mismatch]


def taken_whole(one: dict[str, Any]) -> None:
    """Middleware, verifier and handler took the same event."""
    assert one["accepted"]
    assert one["valid"]
    assert one["parsed"] == one["asText"] == one["asJson"] == one["event"]
    assert one["handlers"] == [True, False]
    assert one["heard"] == [["any", one["event"]["event_id"]], ["typed", one["event"]["event_id"]]]
    assert one["event"]["partner_app_id"]
    assert one["event"]["timestamp"].endswith("Z")


def test_has_a_name_for_every_event_of_its_own_release(sdk: OfficialSdk) -> None:
    seen = sdk.run("exports", "events")
    events = set(registry.events(ITS_RELEASE[sdk.version]))
    old = OLD_NAMES.get(sdk.version, {})
    assert set(seen["types"]) == events
    assert set(seen["known"]) == {old.get(name, name) for name in events}


def test_takes_what_a_new_secret_signs(sdk: OfficialSdk) -> None:
    seen = sdk.run("webhooks", "rotated")
    assert (seen["count"], seen["accepted"], seen["byTheOld"]) == (1, True, False)
