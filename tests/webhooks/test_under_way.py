"""What happens while a webhook is at its receiver: resets, switches, receivers that come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import pytest

from contio_mock import FakeContio
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


def go_away(contio: FakeContio) -> None:
    contio.receiver = None


def come_back(contio: FakeContio) -> None:
    contio.import_state(contio.export_state())


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize(
    "deed", [FakeContio.reset, come_back, go_away], ids=["reset", "import", "no receiver"]
)
def test_a_moving_clock_gets_to_an_end_whatever_a_receiver_does(
    contio: FakeContio, deed: Callable[[FakeContio], object]
) -> None:
    """The walk is taken in steps, so that one without an end fails and does not hang."""
    contio.receiver = lambda _: 500
    create(contio)
    contio.control.mock.settle()
    outbox = contio.sandbox.outbox
    walk = contio.sandbox.walk(contio.clock.now + timedelta(days=1))
    assert [len(batch.deliveries) for batch in islice(walk, 2)] == [0, 1]
    outbox.put_back(outbox.deliveries.page(contio.sandbox.app.id, None, None, 1, 0)[0][0])
    deed(contio)
    assert len(list(islice(walk, 50))) < 50
    assert next(walk, None) is None
