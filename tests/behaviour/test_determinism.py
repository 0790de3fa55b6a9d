"""Same seed, same requests, same answers, byte for byte."""

from __future__ import annotations

from typing import Any

from contio_mock import FakeContio
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate
from contio_mock.contract.oauth import AuthInitiate, AuthVerify, Consent, TokenRequest
from contio_mock.contract.wire import Request, Response
from contio_mock.fake.deliveries import Outgoing

Transcript = list[tuple[Any, ...]]


def recorded(contio: FakeContio) -> Transcript:
    """About forty requests through every part of the fake, and every webhook on the way."""
    lines: Transcript = []

    def handle(request: Request) -> Response:
        answer = contio.handle(request)
        lines.append((request.method, request.path, answer.status, tuple(answer.headers), answer.body))
        return answer

    def receive(outgoing: Outgoing) -> int:
        lines.append((outgoing.url, tuple(outgoing.headers.items()), outgoing.body))
        return 200 if len(outgoing.body) % 2 else 500

    contio.receiver = receive
    client, control = contio.client(), contio.control
    client.transport = control.transport = handle
    for number in range(6):
        meeting = client.user.meetings.create(MeetingCreate(title=f"Meeting {number}"))
        client.with_options(idempotency_key="k").user.meetings.create(MeetingCreate(title="Once"))
        client.user.meetings.update(meeting.id, MeetingUpdate(title=f"Renamed {number}"))
    for email in ("ada@example.com", "new@example.com"):
        session = control.oauth.initiate(AuthInitiate(client_id="partner_demo", email=email)).session
        code = control.mock.inbox(email).items[0].code
        control.oauth.verify(AuthVerify(client_id="partner_demo", email=email, code=code, session=session))
        common = {"client_id": "partner_demo", "redirect_uri": "http://localhost:3000/callback"}
        given = control.oauth.consent(
            Consent(consent=True, email=email, response_type="code", scope="openid email", **common)
        )
        control.oauth.token(
            TokenRequest(
                grant_type="authorization_code", code=given.code, client_secret="cs_demo_secret", **common
            )
        )
    control.mock.create_fault({"operation": "getProfile", "probability": 0.5, "status": 503})
    for _ in range(8):
        handle(Request("GET", "/v1/partner/user/profile"))
    handle(Request("GET", "/nothing"))
    control.mock.emit({"type": "meeting.updated"})
    control.mock.move_clock({"advance": "2h"})
    control.mock.events()
    control.mock.create_sandbox({})
    return lines


def made(seed: int) -> FakeContio:
    return FakeContio(seed=seed, webhook_url="http://localhost:9/hooks", check_answers=True)


def test_the_same_seed_gives_the_same_transcript() -> None:
    first, second = recorded(made(7)), recorded(made(7))
    assert len(first) > 60
    assert first == second


def test_another_seed_gives_another() -> None:
    first, second = recorded(made(7)), recorded(made(8))
    assert first != second
    bodies = [line[-1] for line in first if line[0].startswith("http")]
    assert bodies
    assert not set(bodies) & {line[-1] for line in second if line[0].startswith("http")}


def test_a_reset_gives_the_same_as_a_fresh_one() -> None:
    contio = made(7)
    recorded(contio)
    contio.control.transport = contio.handle
    contio.control.mock.delete_sandbox("sandbox-1")
    fresh = recorded(made(7))
    again = recorded(contio.reset())
    assert again[:-1] == fresh[:-1]  # the last names a new sandbox
