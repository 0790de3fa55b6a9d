"""A delivery's life to its end, and a receiver's: the whole schedule, fifty abandoned, three days without success.

All of it on the virtual clock: weeks pass in milliseconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contio_mock import FakeContio
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.webhooks import WebhookDelivery
from contio_mock.fake.deliveries import Outgoing

CONTACT = "partners@example.com"
MILLISECOND, DAY = timedelta(milliseconds=1), timedelta(days=1)
STEPS = [timedelta(seconds=seconds) for seconds in (30, 300, 1800, 7200)]
"""What the profile says about retries when nobody says otherwise."""
pytestmark = pytest.mark.contio(webhook_url="http://localhost:9/hooks")


class Receiver:
    """Answers as it is told, and remembers when it was asked."""

    def __init__(self, contio: FakeContio, status: int = 500) -> None:
        self.contio, self.status = contio, status
        self.times: list[datetime] = []
        contio.receiver = self

    def __call__(self, _: Outgoing) -> int:
        self.times.append(self.contio.clock.now)
        return self.status


def happen(contio: FakeContio, times: int = 1) -> None:
    client = contio.client()
    for _ in range(times):
        client.user.meetings.create(MeetingCreate(title="Unheard"))
    contio.control.mock.settle()


def listed(contio: FakeContio, status: str | None = None) -> list[WebhookDelivery]:
    return contio.admin().admin.webhooks.list_deliveries(status=status, limit=100).deliveries


def is_enabled(contio: FakeContio) -> bool:
    return contio.admin().admin.app.get().webhook_enabled


def enable(contio: FakeContio, disposition: str) -> None:
    contio.admin().admin.webhooks.set_status({"enabled": True, "pending_disposition": disposition})
    contio.control.mock.settle()


# ---------------------------------------------------------------- a delivery


def test_a_partner_can_follow_a_delivery_through_its_whole_schedule(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    happen(contio)
    moments = [contio.clock.now]
    for retries, step in enumerate(STEPS):
        (shown,) = listed(contio)
        assert (shown.delivery_status, shown.retry_count, shown.http_status_code) == ("failed", retries, 500)
        assert shown.next_retry_at == moments[-1] + step
        contio.clock.set(shown.next_retry_at - MILLISECOND)
        assert listed(contio) == [shown]
        contio.clock.set(shown.next_retry_at)
        moments.append(shown.next_retry_at)
        assert receiver.times == moments
    (shown,) = listed(contio)
    assert (shown.delivery_status, shown.retry_count, shown.next_retry_at) == ("abandoned", len(STEPS), None)
    contio.clock.advance("365d")
    assert (listed(contio), receiver.times) == ([shown], moments)


def test_a_delivery_that_is_taken_at_the_last_attempt_is_delivered(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    happen(contio)
    for step in STEPS[:-1]:
        contio.clock.advance(step.total_seconds())
    receiver.status = 204
    contio.clock.advance(STEPS[-1].total_seconds())
    (shown,) = listed(contio)
    assert (shown.delivery_status, shown.retry_count) == ("delivered", len(STEPS))
    assert shown.delivered_at == contio.clock.now == receiver.times[-1]


# ---------------------------------------------------------------- a receiver


def give_up_by_number(contio: FakeContio) -> None:
    """Fifty abandoned deliveries, a run of attempts after another; two more have not had their last."""
    Receiver(contio)
    happen(contio, 52)
    contio.clock.advance("1d")


def give_up_by_time(contio: FakeContio) -> None:
    """A failure more than three days after the last success; one delivery waits for its retry."""
    receiver = Receiver(contio, 200)
    happen(contio)
    contio.clock.set(contio.clock.now + 3 * DAY + MILLISECOND)
    receiver.status = 500
    happen(contio)


def test_the_fiftieth_abandoned_delivery_is_the_last_that_goes_out(contio: FakeContio) -> None:
    begun = contio.clock.now
    give_up_by_number(contio)
    assert not is_enabled(contio)
    assert [len(listed(contio, status)) for status in ("abandoned", "failed", "pending")] == [50, 2, 0]
    assert {waiting.next_retry_at for waiting in listed(contio, "failed")} == {None}
    (mail,) = contio.inbox(CONTACT)
    assert mail.sent_at == begun + sum(STEPS, timedelta())
    assert "50 deliveries were abandoned" in (mail.text or "")


@pytest.mark.parametrize(("late", "enabled"), [(timedelta(0), True), (MILLISECOND, False)])
def test_a_failure_disables_webhooks_only_after_more_than_72_hours(
    contio: FakeContio, late: timedelta, enabled: bool
) -> None:
    receiver = Receiver(contio, 200)
    happen(contio)
    receiver.status = 500
    contio.clock.set(contio.clock.now + timedelta(hours=72) + late)
    assert is_enabled(contio), "nothing has failed"
    happen(contio)
    assert is_enabled(contio) is enabled
    assert len(contio.inbox(CONTACT)) == (0 if enabled else 1)


def test_a_retry_that_falls_behind_the_72_hours_disables_webhooks(contio: FakeContio) -> None:
    receiver = Receiver(contio, 200)
    happen(contio)
    last = contio.clock.now + timedelta(hours=72)
    contio.clock.set(last - STEPS[0])
    receiver.status = 500
    happen(contio)
    contio.clock.set(last)
    assert is_enabled(contio)
    contio.clock.advance("1d")
    assert not is_enabled(contio)
    assert contio.inbox(CONTACT)[0].sent_at == last + STEPS[1]


@pytest.mark.parametrize("give_up", [give_up_by_number, give_up_by_time])
@pytest.mark.parametrize(("disposition", "after"), [("deliver", "delivered"), ("abandon", "abandoned")])
def test_what_waited_for_a_receiver_that_was_given_up_follows_the_disposition(
    contio: FakeContio, give_up, disposition: str, after: str
) -> None:
    give_up(contio)
    held = {waiting.id for waiting in listed(contio, "failed")}
    happen(contio, 3)
    receiver = Receiver(contio, 200)
    contio.clock.advance("30d")
    assert receiver.times == []
    stored = listed(contio, "pending")
    assert (len(stored), len(contio.inbox(CONTACT))) == (3, 1)
    waited = held | {new.id for new in stored}
    enable(contio, disposition)
    assert {d.delivery_status for d in listed(contio) if d.id in waited} == {after}
    assert len(receiver.times) == (len(waited) if disposition == "deliver" else 0)
    happen(contio)
    assert listed(contio)[0].delivery_status == "delivered"


@pytest.mark.parametrize("give_up", [give_up_by_number, give_up_by_time])
def test_a_receiver_that_was_given_up_and_still_fails_has_as_long_again(contio: FakeContio, give_up) -> None:
    give_up(contio)
    enable(contio, "abandon")
    Receiver(contio)
    happen(contio, 49)
    contio.clock.advance("2d")
    assert is_enabled(contio)
    assert len(contio.inbox(CONTACT)) == 1
    happen(contio)
    contio.clock.advance("1d")
    assert not is_enabled(contio)
    assert len(contio.inbox(CONTACT)) == 2
