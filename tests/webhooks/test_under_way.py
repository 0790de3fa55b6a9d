"""What happens while a webhook is at its receiver: resets, switches, receivers that come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from contio_mock import FakeContio
from contio_mock.contract.control_state import State
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.fake.outbox import Outgoing

URL = "http://localhost:9/hooks"
pytestmark = pytest.mark.contio(webhook_url=URL)


def create(contio: FakeContio, count: int = 1) -> None:
    client = contio.client()
    for number in range(count):
        client.user.meetings.create(MeetingCreate(title=f"M{number}"))


class Receiver:
    """Answers with a status, and does something at its first webhook."""

    def __init__(self, contio: FakeContio, status: int, deed: Callable[[], object] = lambda: None) -> None:
        self.contio, self.status, self.deed = contio, status, deed
        self.got: list[Outgoing] = []
        contio.receiver = self

    def __call__(self, outgoing: Outgoing) -> int:
        self.got.append(outgoing)
        if len(self.got) == 1:
            self.deed()
        return self.status


def switch(contio: FakeContio, disposition: str | None = None) -> None:
    """Stop webhooks, and start them again when it is said what becomes of what waits."""
    webhooks = contio.admin().admin.webhooks
    webhooks.set_status({"enabled": False})
    if disposition is not None:
        webhooks.set_status({"enabled": True, "pending_disposition": disposition})


def statuses(contio: FakeContio) -> list[str]:
    return [delivery.status for delivery in contio.outbox.deliveries]


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize("waiting", [1, 3])
def test_a_reset_ends_the_clocks_way_and_leaves_nothing_of_what_was_before(
    contio: FakeContio, waiting: int
) -> None:
    begun = contio.clock.now
    create(contio, waiting)
    receiver = Receiver(contio, 500, contio.reset)
    assert contio.clock.advance("1d") == begun
    assert len(receiver.got) == 1
    assert contio.outbox.deliveries == []
    create(contio)
    contio.control.mock.settle()
    assert (len(receiver.got), statuses(contio)) == (2, ["failed"])


def test_an_import_ends_the_clocks_way_and_leaves_what_the_state_says(contio: FakeContio) -> None:
    create(contio, 2)
    begun = contio.clock.now
    receiver = Receiver(contio, 500, lambda: contio.import_state(contio.export_state()))
    assert contio.clock.advance("1d") == begun
    assert [(d.status, d.attempts) for d in contio.outbox.deliveries] == [("pending", [])] * 2
    contio.control.mock.settle()
    assert len(receiver.got) == 3


def test_a_state_that_is_taken_while_webhooks_go_out_keeps_their_order(contio: FakeContio) -> None:
    create(contio, 2)
    taken: list[State] = []

    def take_a_state() -> None:
        create(contio)
        taken.append(contio.export_state())

    receiver = Receiver(contio, 200, take_a_state)
    contio.control.mock.settle()
    before = [outgoing.body for outgoing in receiver.got]
    contio.import_state(taken[0]).control.mock.settle()
    assert len(before) == 3
    assert [outgoing.body for outgoing in receiver.got] == before * 2


def test_a_receiver_that_goes_away_leaves_the_others_waiting(contio: FakeContio) -> None:
    create(contio, 2)
    begun = contio.clock.now

    def go_away() -> None:
        contio.receiver = None

    Receiver(contio, 500, go_away)
    assert contio.clock.advance("1d") == begun + timedelta(days=1)
    assert [len(delivery.attempts) for delivery in contio.outbox.deliveries] == [1, 0]
    assert contio.control.mock.settle().pending == 2
    assert len(contio.outbox.deliver(lambda _: 200)) == 2


# ---------------------------------------------------------------- the switch


@pytest.mark.parametrize(
    ("disposition", "after"),
    [
        (None, ["delivered", "pending", "pending"]),
        ("deliver", ["delivered"] * 3),
        ("abandon", ["delivered", "abandoned", "abandoned"]),
    ],
)
def test_a_switch_under_way_holds_for_all_that_has_not_gone_out(
    contio: FakeContio, disposition: str | None, after: list[str]
) -> None:
    create(contio, 3)
    receiver = Receiver(contio, 200, lambda: switch(contio, disposition))
    contio.control.mock.settle()
    assert statuses(contio) == after
    assert len(receiver.got) == after.count("delivered")


@pytest.mark.contio(
    webhook_url=URL, profile={"webhook_retry_schedule": [], "webhook_disable_after_abandoned": 2}
)
def test_nothing_goes_out_after_the_failure_that_disables_webhooks(contio: FakeContio) -> None:
    create(contio, 5)
    receiver = Receiver(contio, 500)
    contio.control.mock.settle()
    assert statuses(contio) == ["abandoned"] * 2 + ["pending"] * 3
    assert len(receiver.got) == 2
    receiver.status = 200
    contio.admin().admin.webhooks.set_status({"enabled": True, "pending_disposition": "deliver"})
    contio.control.mock.settle()
    assert statuses(contio) == ["abandoned"] * 2 + ["delivered"] * 3


@pytest.mark.parametrize(("status", "after"), [(200, "delivered"), (500, "failed")])
def test_what_is_at_its_receiver_when_webhooks_are_abandoned_ends_by_its_answer(
    contio: FakeContio, status: int, after: str
) -> None:
    create(contio)
    Receiver(contio, status, lambda: switch(contio, "abandon"))
    contio.control.mock.settle()
    assert statuses(contio) == [after]


def test_a_delivery_that_nobody_answered_waits_although_webhooks_were_switched_meanwhile(
    contio: FakeContio,
) -> None:
    """As when a server stops while a request is at its receiver."""
    create(contio)
    outbox = contio.sandbox.outbox
    (delivery,) = outbox.take_due(contio.clock.now)
    assert outbox.begin(delivery, contio.clock.now)
    switch(contio, "deliver")
    outbox.put_back(delivery)
    assert contio.outbox.deliver(lambda _: 200) == [delivery]


def test_a_retry_of_what_is_about_to_go_out_is_one_attempt(contio: FakeContio) -> None:
    create(contio, 2)
    receiver = Receiver(contio, 500)
    contio.control.mock.settle()
    second = contio.outbox.deliveries[1]
    receiver.got.clear()
    receiver.deed = lambda: contio.admin().admin.webhooks.retry(second.id)
    contio.clock.advance("30s")
    assert [len(delivery.attempts) for delivery in contio.outbox.deliveries] == [2, 2]
    assert len(receiver.got) == 2


@pytest.mark.contio(webhook_url=URL, profile={"webhook_retry_schedule": [30, 30]})
def test_of_those_that_wait_for_the_same_moment_the_oldest_goes_first(contio: FakeContio) -> None:
    create(contio, 3)
    receiver = Receiver(contio, 500)
    contio.control.mock.settle()
    first, second, third = contio.outbox.deliveries
    contio.admin().admin.webhooks.retry(second.id)
    contio.control.mock.settle()
    receiver.got.clear()
    contio.clock.advance("30s")
    assert [outgoing.body for outgoing in receiver.got] == [first.body, second.body, third.body]
