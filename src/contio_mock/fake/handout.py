"""A delivery that is due as the requests to send, and what is noted of each: where fault rules strike it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contio_mock.contract.signature import SIGNATURE_HEADER
from contio_mock.fake.deliveries import Answer, Attempt, Delivery, Outgoing
from contio_mock.fake.faults import Fault, Faults
from contio_mock.fake.outbox import Outbox


@dataclass(slots=True)  # not frozen: making a frozen one costs several times as much
class Handout:
    """One request for a receiver. Ask `unsent` before it is sent, and `noted` afterwards."""

    outgoing: Outgoing | None
    rule: Fault | None = None
    repeated: bool = False
    """Whether it is sent again at once, whatever comes back."""

    @property
    def request(self) -> Outgoing:
        """What to send, when nothing stands in the place of sending."""
        assert self.outgoing is not None  # noqa: S101 - `unsent` is asked first
        return self.outgoing

    def unsent(self, at: datetime) -> Attempt | None:
        """What is noted in the place of sending it; None when it is to be sent."""
        rule = self.rule
        if self.outgoing is None:
            return Attempt(at, error="the app has no webhook URL any more")
        if rule is None or rule.strikes_at != "before":
            return None
        error = "a fault rule lost the request" if rule.status is None else None
        return Attempt(at, rule.status, error, fault=rule.id)

    def noted(
        self, at: datetime, answer: Answer | None, error: str | None = None, seconds: float | None = None
    ) -> Attempt:
        """The attempt, by what came back or what went wrong."""
        rule, status = self.rule, None if answer is None else answer.status
        if rule is not None and rule.status is not None:
            status, error = rule.status, None
        elif rule is not None and rule.drop:
            status, error = None, "a fault rule lost the answer"
        url, signature = self.request.url, self.request.headers.get(SIGNATURE_HEADER)
        fault = None if rule is None else rule.id
        return Attempt(at, status, error, seconds, url, signature, answer, fault, self.repeated)


def handed_out(outbox: Outbox, faults: Faults, delivery: Delivery) -> list[Handout]:
    """The requests of one attempt, in order: one, unless a fault rule wants more."""
    rule = faults.spoiling(delivery.event_type) if faults.rules else None
    if rule is None:
        return [Handout(outbox.outgoing(delivery))]
    outgoing = outbox.outgoing(delivery, rule.signature)
    copies = 1 if outgoing is None else rule.copies
    return [Handout(outgoing, rule, repeated=number < copies) for number in range(1, copies + 1)]
