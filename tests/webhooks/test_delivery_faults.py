"""Faults on the way of a delivery: sent twice, out of order, late, lost, badly signed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from contio_mock import FakeContio, parse_webhook
from contio_mock.client.errors import BadRequest, BadSignature, ServerFailed, WebhookRefused
from contio_mock.contract.credentials import CredentialRotation
from contio_mock.contract.meeting_events import MeetingCreated, MeetingUpdated
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate
from contio_mock.fake.deliveries import ANSWER_KEPT, Answer, Outgoing
from contio_mock.receivers import NotDelivered

URL = "http://localhost:9/webhooks"
SECRET = "whs_demo_secret"


class Receiver:
    """Keeps what comes and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[Outgoing] = []
        self.answers: list[int] = []

    def __call__(self, outgoing: Outgoing) -> int:
        self.got.append(outgoing)
        return self.answers.pop(0) if self.answers else 200

    @property
    def webhooks(self) -> list[Any]:
        return [parse_webhook(one.body, one.headers["X-Contio-Signature"], SECRET) for one in self.got]

    @property
    def types(self) -> list[str]:
        return [webhook.event_type for webhook in self.webhooks]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def contio(receiver: Receiver) -> FakeContio:
    contio = FakeContio(check_answers=True, webhook_url=URL)
    contio.receiver = receiver
    return contio


def create(contio: FakeContio, title: str = "Review") -> str:
    return contio.client().user.meetings.create(MeetingCreate(title=title)).id


def rename(contio: FakeContio, meeting: str, title: str = "Renamed") -> None:
    contio.client().user.meetings.update(meeting, MeetingUpdate(title=title))


def attempts(contio: FakeContio, place: int = 0) -> list[tuple[int | None, str | None]]:
    return [(one.status, one.error) for one in contio.outbox.deliveries[place].attempts]


# ---------------------------------------------------------------- sent twice


@pytest.mark.parametrize("copies", [2, 3, 10])
def test_a_delivery_is_sent_as_often_as_the_rule_says_with_the_same_event_id(
    contio: FakeContio, receiver: Receiver, copies: int
) -> None:
    contio.faults.add(event=MeetingCreated, copies=copies)
    create(contio)
    contio.control.mock.settle()
    assert len(receiver.got) == copies
    assert len({webhook.event_id for webhook in receiver.webhooks}) == 1
    (delivery,) = contio.outbox.deliveries
    assert (delivery.status, delivery.retry_count) == ("delivered", 0)
    assert [one.repeated for one in delivery.attempts] == [True] * (copies - 1) + [False]


def test_of_several_copies_the_last_answer_counts(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", copies=2, times=1)
    receiver.answers = [200, 500]
    create(contio)
    contio.control.mock.settle()
    (delivery,) = contio.outbox.deliveries
    assert attempts(contio) == [(200, None), (500, None)]
    assert (delivery.status, delivery.retry_count) == ("failed", 0)
    contio.clock.advance("30s")
    assert (delivery.status, delivery.retry_count) == ("delivered", 1)
    assert len(receiver.got) == 3


def test_copies_use_up_no_step_of_the_schedule(receiver: Receiver) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"webhook_retry_schedule": [30, 300]})
    contio.receiver = receiver
    contio.faults.add(event="*", copies=2)
    receiver.answers = [500] * 6
    create(contio)
    contio.clock.advance("1h")
    (delivery,) = contio.outbox.deliveries
    times = [(one.at - delivery.created_at).total_seconds() for one in delivery.attempts]
    assert times == [0, 0, 30, 30, 330, 330]
    assert (delivery.status, delivery.retry_count) == ("abandoned", 2)


def test_copies_for_a_receiver_that_has_gone_away_wait_for_the_next(contio: FakeContio) -> None:
    contio.faults.add(event="*", copies=3, times=1)

    def leaves(_: Outgoing) -> int:
        contio.receiver = None
        return 200

    contio.receiver = leaves
    create(contio)
    contio.control.mock.settle()
    (delivery,) = contio.outbox.deliveries
    assert ([one.status for one in delivery.attempts], delivery.status) == ([200], "pending")
    contio.receiver = lambda _: 204
    contio.control.mock.settle()
    assert ([one.status for one in delivery.attempts], delivery.status) == ([200, 204], "delivered")


# ---------------------------------------------------------------- out of order and late


def test_a_later_event_overtakes(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event=MeetingCreated, overtaken_by=1)
    meeting = create(contio)
    rename(contio, meeting, "First")
    rename(contio, meeting, "Second")
    contio.control.mock.settle()
    assert receiver.types == ["meeting.updated", "meeting.created", "meeting.updated"]
    assert [w.data.title for w in receiver.webhooks] == ["First", "Review", "Second"]


@pytest.mark.parametrize("others", [1, 2, 3, 4])
def test_as_many_overtake_as_the_rule_says(contio: FakeContio, receiver: Receiver, others: int) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=others)
    meeting = create(contio)
    for number in range(5):
        rename(contio, meeting, str(number))
    contio.control.mock.settle()
    assert receiver.types.index("meeting.created") == others


def test_a_delivery_that_nothing_overtakes_goes_out_within_a_minute(
    contio: FakeContio, receiver: Receiver
) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=2)
    create(contio)
    contio.clock.advance("59s")
    assert receiver.got == []
    contio.clock.advance("1s")
    assert receiver.types == ["meeting.created"]
    assert contio.outbox.deliveries[0].status == "delivered"


def test_a_rule_may_say_how_long_it_waits_to_be_overtaken(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=2, delay=5)
    create(contio)
    contio.clock.advance("5s")
    assert receiver.types == ["meeting.created"]


def test_two_that_are_held_back_come_in_their_order(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=1)
    create(contio, "A")
    meeting = create(contio, "B")
    contio.control.mock.settle()
    assert receiver.got == []
    rename(contio, meeting, "C")
    contio.control.mock.settle()
    assert [w.data.title for w in receiver.webhooks] == ["C", "A", "B"]


def test_a_retry_overtakes_once(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=2, delay=3600)
    meeting = create(contio)
    receiver.answers = [500, 500]
    rename(contio, meeting, "C")
    contio.clock.advance("20m")
    assert receiver.types == ["meeting.updated"] * 3
    rename(contio, meeting, "D")
    contio.control.mock.settle()
    assert receiver.types[3:] == ["meeting.updated", "meeting.created"]


def test_a_late_delivery_goes_out_at_its_moment(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", delay=90)
    begun = contio.clock.now
    meeting = create(contio)
    rename(contio, meeting)
    contio.clock.advance("89s")
    assert receiver.types == ["meeting.updated"]
    contio.clock.advance("1s")
    assert receiver.types == ["meeting.updated", "meeting.created"]
    (attempt,) = contio.outbox.deliveries[0].attempts
    assert attempt.at == begun + timedelta(seconds=90)
    assert contio.outbox.deliveries[0].retry_count == 0


def test_a_disabled_webhook_holds_what_was_to_be_overtaken_too(
    contio: FakeContio, receiver: Receiver
) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=1)
    meeting = create(contio)
    admin = contio.admin().admin.webhooks
    admin.set_status({"enabled": False})
    rename(contio, meeting)
    contio.clock.advance("1h")
    assert receiver.got == []
    admin.set_status({"enabled": True, "pending_disposition": "deliver"})
    contio.control.mock.settle()
    assert sorted(receiver.types) == ["meeting.created", "meeting.updated"]


def test_a_delivery_that_is_held_back_travels_with_the_state(contio: FakeContio) -> None:
    contio.faults.add(event="meeting.created", overtaken_by=1)
    meeting = create(contio)
    other, receiver = FakeContio(check_answers=True).import_state(contio.export_state()), Receiver()
    other.receiver = receiver
    rename(other, meeting)
    other.control.mock.settle()
    assert receiver.types == ["meeting.updated", "meeting.created"]


# ---------------------------------------------------------------- lost


def test_a_lost_request_never_reached_the_receiver(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", drop=True, times=1)
    create(contio)
    contio.control.mock.settle()
    assert receiver.got == []
    assert attempts(contio) == [(None, "a fault rule lost the request")]
    (attempt,) = contio.outbox.deliveries[0].attempts
    assert (attempt.url, attempt.headers, attempt.answer) == (None, None, None)
    contio.clock.advance("30s")
    assert receiver.types == ["meeting.created"]
    assert contio.outbox.deliveries[0].status == "delivered"


def test_a_lost_answer_brings_the_same_event_again(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", drop=True, point="after", nth=1)
    create(contio)
    contio.clock.advance("30s")
    first, second = receiver.webhooks
    assert first.event_id == second.event_id
    assert attempts(contio) == [(None, "a fault rule lost the answer"), (200, None)]
    assert contio.outbox.deliveries[0].attempts[0].answer == Answer(200)
    assert contio.outbox.deliveries[0].retry_count == 1


@pytest.mark.parametrize(("point", "reached"), [("before", 0), ("after", 1)])
def test_a_status_is_noted_in_the_place_of_the_receivers(
    contio: FakeContio, receiver: Receiver, point: str, reached: int
) -> None:
    contio.faults.add(event="meeting.created", status=503, point=point)
    create(contio)
    contio.control.mock.settle()
    assert len(receiver.got) == reached
    assert attempts(contio) == [(503, None)]
    assert contio.outbox.deliveries[0].status == "failed"


def test_a_receiver_that_seems_to_be_gone_is_given_up_without_one(receiver: Receiver) -> None:
    contio = FakeContio(check_answers=True, webhook_url=URL, profile={"webhook_disable_after_abandoned": 2})
    contio.receiver = receiver
    contio.faults.add(event="*", status=500)
    create(contio)
    create(contio)
    contio.clock.advance("1d")
    assert receiver.got == []
    assert not contio.sandbox.app.webhook_enabled


# ---------------------------------------------------------------- signatures


def test_a_wrong_signature_looks_right_and_is_not(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", signature="wrong")
    create(contio)
    contio.control.mock.settle()
    (outgoing,) = receiver.got
    assert len(outgoing.headers["X-Contio-Signature"]) == len("sha256=") + 64
    with pytest.raises(BadSignature):
        parse_webhook(outgoing.body, outgoing.headers["X-Contio-Signature"], SECRET)


def test_a_missing_signature_is_missing(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="meeting.created", signature="missing")
    create(contio)
    contio.control.mock.settle()
    (outgoing,) = receiver.got
    assert "X-Contio-Signature" not in outgoing.headers
    with pytest.raises(WebhookRefused):
        parse_webhook(outgoing.body, None, SECRET)


def test_a_replaced_secret_signs_again(contio: FakeContio, receiver: Receiver) -> None:
    new = (
        contio.admin()
        .admin.credentials.rotate_webhook_secret(CredentialRotation(confirmation_token="confirmed"))
        .new_credential
    )
    contio.faults.add(event="meeting.created", signature="previous_secret", times=1)
    create(contio)
    create(contio)
    contio.control.mock.settle()
    old, right = receiver.got
    parse_webhook(old.body, old.headers["X-Contio-Signature"], SECRET)
    with pytest.raises(BadSignature):
        parse_webhook(old.body, old.headers["X-Contio-Signature"], new)
    parse_webhook(right.body, right.headers["X-Contio-Signature"], new)


def test_after_two_rotations_the_previous_secret_is_the_second(
    contio: FakeContio, receiver: Receiver
) -> None:
    credentials = contio.admin().admin.credentials
    second = credentials.rotate_webhook_secret(
        CredentialRotation(confirmation_token="confirmed")
    ).new_credential
    credentials.rotate_webhook_secret(CredentialRotation(confirmation_token="confirmed"))
    contio.faults.add(event="meeting.created", signature="previous_secret")
    create(contio)
    contio.control.mock.settle()
    (outgoing,) = receiver.got
    assert parse_webhook(outgoing.body, outgoing.headers["X-Contio-Signature"], second)


def test_what_is_shown_is_signed_rightly_and_the_attempt_shows_what_was_sent(contio: FakeContio) -> None:
    rule = contio.faults.add(event="meeting.created", signature="wrong")
    create(contio)
    contio.control.mock.settle()
    (delivery,) = contio.control.mock.events().items[0].deliveries
    (attempt,) = delivery.attempts
    assert attempt.fault == rule
    assert attempt.headers is not None
    assert attempt.headers["X-Contio-Signature"] != delivery.signature
    assert parse_webhook(delivery.body.encode(), delivery.signature, SECRET)


# ---------------------------------------------------------------- which are struck


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        ({"event": "meeting.*"}, [0, 1, 2, 3]), ({"event": "meeting.created"}, [0, 2]),
        ({"event": MeetingUpdated}, [1, 3]), ({"event": "*", "nth": 2}, [1]),
        ({"event": "meeting.updated", "nth": 2}, [3]), ({"event": "*", "times": 3}, [0, 1, 2]),
        ({"event": "*", "probability": 1.0}, [0, 1, 2, 3]), ({"event": "*", "probability": 0.0}, []),
        ({"event": "agenda_item.*"}, []),
    ],
)  # fmt: skip
def test_a_rule_strikes_the_attempts_that_it_names(
    contio: FakeContio, rule: dict[str, Any], struck: list[int]
) -> None:
    contio.faults.add(**rule, status=500)
    for _ in range(2):
        rename(contio, create(contio))
    contio.control.mock.settle()
    statuses = [one.attempts[0].status for one in contio.outbox.deliveries]
    assert [place for place, status in enumerate(statuses) if status == 500] == struck


def test_a_rule_about_deliveries_strikes_no_request_and_the_other_way_round(contio: FakeContio) -> None:
    contio.faults.add(event="*", status=500)
    contio.faults.add(path="*", status=503, times=1)
    with pytest.raises(ServerFailed, match="fault rule"):
        create(contio)
    create(contio)
    contio.control.mock.settle()
    assert attempts(contio) == [(500, None)]
    assert [rule.struck for rule in contio.control.mock.faults().items] == [1, 1]


def test_the_first_rule_that_strikes_wins_and_holding_back_is_another_matter(
    contio: FakeContio, receiver: Receiver
) -> None:
    contio.faults.add(event="*", delay=10)
    contio.faults.add(event="*", status=500, times=1)
    contio.faults.add(event="*", status=503, times=1)
    create(contio)
    contio.clock.advance("9s")
    assert contio.outbox.deliveries[0].attempts == []
    contio.clock.advance("1s")
    contio.clock.advance("30s")
    contio.clock.advance("300s")
    assert [status for status, _ in attempts(contio)] == [500, 503, 200]


def test_chance_is_the_seeds(receiver: Receiver) -> None:
    def run(seed: int) -> list[int | None]:
        contio = FakeContio(webhook_url=URL, seed=seed)
        contio.receiver = receiver
        contio.faults.add(event="*", status=500, probability=0.5)
        for _ in range(40):
            create(contio)
        contio.control.mock.settle()
        return [one.attempts[0].status for one in contio.outbox.deliveries]

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {200, 500}


def test_without_rules_everything_is_as_before(contio: FakeContio, receiver: Receiver) -> None:
    contio.faults.add(event="*", copies=3)
    contio.faults.clear()
    create(contio)
    contio.control.mock.settle()
    assert len(receiver.got) == 1


# ---------------------------------------------------------------- rules that make no sense


@pytest.mark.parametrize(
    ("rule", "code", "said"),
    [
        ({"event": "meeting.created"}, "no_effect", "signature"),
        ({"event": "meeting.create", "drop": True}, "invalid_fault", "did you mean meeting.created"),
        ({"event": "x", "drop": True}, "invalid_fault", "user.connection.revoked"),
        ({"event": "*", "path": "/v1/*", "drop": True}, "invalid_fault", "path"),
        ({"event": "*", "operation": "x", "drop": True}, "invalid_fault", "operation"),
        ({"event": "*", "truncate": 0}, "invalid_fault", "truncate"),
        ({"event": "*", "malformed": True}, "invalid_fault", "malformed"),
        ({"event": "*", "status": 500, "retry_after": 3}, "invalid_fault", "retry_after"),
        ({"event": "*", "delay": 3, "signature": "wrong"}, "invalid_fault", "two rules"),
        ({"event": "*", "overtaken_by": 3, "copies": 2}, "invalid_fault", "two rules"),
        ({"event": "*", "copies": 2, "status": 500}, "invalid_fault", "two rules"),
        ({"event": "*", "copies": 2, "drop": True}, "invalid_fault", "two rules"),
        ({"copies": 2}, "invalid_fault", "event"),
        ({"overtaken_by": 2}, "invalid_fault", "event"),
        ({"signature": "missing", "path": "*"}, "invalid_fault", "event"),
        ({"event": "*", "signature": "previous_secret"}, "invalid_fault", "rotate"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_and_says_why(
    contio: FakeContio, rule: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(BadRequest, match=said) as refusal:
        contio.faults.add(**rule)
    assert refusal.value.code == code
    assert contio.control.mock.faults().items == []


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_only_events_of_the_release_can_be_struck(release: str) -> None:
    contio = FakeContio(release=release)
    if release in ("1.5", "1.6"):
        with pytest.raises(BadRequest, match=r"workflow\.run"):
            contio.faults.add(event="workflow.run.started", drop=True)
    else:
        assert contio.faults.add(event="workflow.run.started", drop=True)


# ---------------------------------------------------------------- what an attempt holds


def test_an_attempt_holds_the_request_and_the_answer(contio: FakeContio) -> None:
    def answer(outgoing: Outgoing) -> Answer:
        return Answer.excerpt(422, [("Content-Type", "text/plain"), ("X-Why", "no")], b"not today")

    contio.receiver = answer
    create(contio)
    contio.control.mock.settle()
    (delivery,) = contio.control.mock.events().items[0].deliveries
    (attempt,) = delivery.attempts
    assert (attempt.status, attempt.answer_status, attempt.answer) == (422, 422, "not today")
    assert attempt.answer_headers == {"content-type": "text/plain", "x-why": "no"}
    assert attempt.url == URL
    assert attempt.headers == {
        "Content-Type": "application/json",
        "User-Agent": "contio-mock",
        "X-Contio-Signature": delivery.signature,
    }


def test_an_attempt_remembers_where_it_went_when_the_url_has_changed(contio: FakeContio) -> None:
    contio.receiver = lambda _: 500
    create(contio)
    contio.control.mock.settle()
    contio.admin().admin.app.update({"webhook_url": "http://localhost:9/other"})
    contio.clock.advance("30s")
    assert [one.url for one in contio.outbox.deliveries[0].attempts] == [URL, "http://localhost:9/other"]


def test_of_a_long_answer_the_beginning_is_kept(contio: FakeContio) -> None:
    many = [(f"X-{number}", "v" * 100) for number in range(1000)]
    contio.receiver = lambda _: Answer.excerpt(200, many, b"x" * 100_000)
    create(contio)
    contio.control.mock.settle()
    answer = contio.outbox.deliveries[0].attempts[0].answer
    assert answer is not None
    assert len(answer.body) == ANSWER_KEPT
    assert 0 < sum(len(name) + len(value) for name, value in answer.headers.items()) <= ANSWER_KEPT


def test_an_attempt_without_an_answer_says_why(contio: FakeContio) -> None:
    def refuse(_: Outgoing) -> int:
        raise NotDelivered("connection reset")

    contio.receiver = refuse
    create(contio)
    contio.control.mock.settle()
    (attempt,) = contio.outbox.deliveries[0].attempts
    assert (attempt.url, attempt.answer, attempt.error) == (URL, None, "connection reset")


# ---------------------------------------------------------------- jitter


def waits(jitter: float, seed: int = 1) -> list[float]:
    contio = FakeContio(
        check_answers=True, seed=seed, webhook_url=URL, profile={"webhook_retry_jitter": jitter}
    )
    contio.receiver = lambda _: 500
    create(contio)
    contio.clock.advance("3d")
    times = [one.at for one in contio.outbox.deliveries[0].attempts]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


def test_without_jitter_each_wait_is_the_schedules() -> None:
    assert waits(0.0) == [30, 300, 1800, 7200]


@pytest.mark.parametrize("seed", range(5))
def test_jitter_varies_each_wait_by_its_share_and_the_seed(seed: int) -> None:
    varied = waits(0.2, seed)
    for wait, step in zip(varied, [30, 300, 1800, 7200], strict=True):
        assert 0.8 * step <= wait <= 1.2 * step
    assert varied == waits(0.2, seed)
    assert varied != waits(0.2, seed + 1)


def test_no_jitter_lets_a_retry_come_before_its_failure() -> None:
    assert all(wait >= 0 for wait in waits(3.0))
