"""Webhooks to a partner's app in this process: plain functions, WSGI, ASGI, Flask and Starlette."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from contio_mock import FakeContio
from contio_mock.client.webhook_apps import LARGEST_BODY
from contio_mock.contract.meeting_events import MeetingCreated
from contio_mock.contract.meetings import MeetingUpdate
from contio_mock.contract.signature import sign, signature_problem
from contio_mock.fake.deliveries import Outgoing
from contio_mock.receivers import NotDelivered, receiver_of

from .partner import (
    SECRET,
    URL,
    Kind,
    Partner,
    as_asgi,
    as_django_asgi,
    as_django_wsgi,
    as_fastapi_added,
    as_flask,
    as_starlette_route,
    as_wsgi,
    create,
    every_kind,
    every_partner,
)

pytestmark = pytest.mark.contio(webhook_url=URL)


@every_kind
@every_partner
def test_an_app_is_delivered_to_without_a_socket(
    contio: FakeContio, kind: Kind, partner_class: type[Partner]
) -> None:
    partner = partner_class()
    create(contio, "Ünïcode 🎉")
    (delivery,) = contio.outbox.deliver(kind(partner))
    assert partner.titles == ["Ünïcode 🎉"]
    assert (delivery.status, delivery.attempts[0].status) == ("delivered", 200)
    assert contio.outbox.pending == []
    assert contio.outbox.deliver(kind(partner)) == []


@every_kind
@every_partner
def test_an_app_that_fails_is_delivered_to_again(
    contio: FakeContio, kind: Kind, partner_class: type[Partner]
) -> None:
    partner = partner_class(remember=10)
    app = kind(partner)
    create(contio)
    partner.broken = True
    (failed,) = contio.outbox.deliver(app)
    assert (failed.status, failed.attempts[0].status) == ("failed", 500)
    assert contio.outbox.pending == [failed]
    assert contio.outbox.deliver(app) == [], "the retry is not due yet"
    partner.broken = False
    contio.clock.advance("30s")
    (delivered,) = contio.outbox.deliver(app)
    assert delivered is failed
    assert [attempt.status for attempt in delivered.attempts] == [500, 200]
    assert partner.titles == ["Review"]


@every_kind
def test_an_app_with_another_secret_refuses(contio: FakeContio, kind: Kind) -> None:
    partner = Partner()
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_secret="whs_rotated")
    create(contio)
    (refused,) = contio.outbox.deliver(kind(partner))
    assert refused.attempts[0].status == 401
    assert partner.titles == []


@pytest.mark.parametrize(
    "kind", [as_starlette_route, as_fastapi_added, as_flask, as_django_wsgi, as_django_asgi]
)
@pytest.mark.parametrize(("path", "status"), [("/elsewhere", 404), ("/webhooks?tenant=1", 200), ("", 404)])
def test_an_app_is_called_at_another_path_on_demand(
    contio: FakeContio, kind: Kind, path: str, status: int
) -> None:
    create(contio)
    (delivery,) = contio.outbox.deliver(kind(Partner()), path)
    assert delivery.attempts[0].status == status


@every_kind
@every_partner
def test_an_app_may_stay_the_receiver(contio: FakeContio, kind: Kind, partner_class: type[Partner]) -> None:
    partner = partner_class()
    contio.receiver = kind(partner)
    create(contio)
    contio.clock.advance("1s")
    assert partner.titles == ["Review"]
    contio.receiver = None
    create(contio)
    contio.clock.advance("1s")
    assert len(contio.outbox.pending) == 1


def test_another_receiver_for_a_while_leaves_the_first_in_its_place(contio: FakeContio) -> None:
    first: list[Outgoing] = []
    second: list[Outgoing] = []
    contio.receiver = first.append
    with contio.receiving(second.append):
        create(contio)
        contio.clock.advance("1s")
    create(contio)
    contio.clock.advance("1s")
    assert (len(first), len(second)) == (1, 1)


@every_kind
@every_partner
def test_inside_an_event_loop_an_app_is_delivered_to_as_well(
    contio: FakeContio, kind: Kind, partner_class: type[Partner]
) -> None:
    partner = partner_class()

    async def test() -> int | None:
        create(contio)
        return contio.outbox.deliver(kind(partner))[0].attempts[0].status

    assert asyncio.run(test()) == 200
    assert partner.titles == ["Review"]


# ---------------------------------------------------------------- functions


def test_a_function_gets_the_signed_request(contio: FakeContio) -> None:
    got: list[Outgoing] = []
    create(contio)
    (delivery,) = contio.outbox.deliver(got.append)
    assert delivery.status == "delivered", "a function that returns nothing is content"
    assert got[0].url == URL
    assert signature_problem(got[0].body, got[0].headers["X-Contio-Signature"], SECRET) is None
    assert got[0].body == delivery.body


@pytest.mark.parametrize(("answer", "status"), [(204, "delivered"), (404, "failed"), (0, "failed")])
def test_a_functions_status_counts(contio: FakeContio, answer: int, status: str) -> None:
    async def receive(outgoing: Outgoing) -> int:
        return answer

    create(contio)
    (awaited,) = contio.outbox.deliver(receive)
    assert (awaited.status, awaited.attempts[0].status) == (status, answer)


def test_what_a_function_raises_reaches_the_test_and_is_an_attempt(contio: FakeContio) -> None:
    def receive(outgoing: Outgoing) -> int:
        raise AssertionError("not what the test expected")

    create(contio)
    with pytest.raises(AssertionError, match="expected"):
        contio.outbox.deliver(receive)
    (failed,) = contio.outbox.deliveries
    assert (failed.status, failed.attempts[0].status) == ("failed", None)
    assert failed.attempts[0].error == "the receiver raised"
    contio.clock.advance("30s")
    assert contio.outbox.deliver(lambda outgoing: 200) == [failed], "it is not lost"


def test_what_a_function_raises_keeps_the_others_for_later(contio: FakeContio) -> None:
    def receive(outgoing: Outgoing) -> int:
        raise AssertionError("not what the test expected")

    for title in ("first", "second", "third"):
        create(contio, title)
    with pytest.raises(AssertionError):
        contio.outbox.deliver(receive)
    assert [len(one.attempts) for one in contio.outbox.deliveries] == [1, 0, 0]
    rest = contio.outbox.deliver(lambda outgoing: 200)
    assert [json.loads(one.body)["data"]["title"] for one in rest] == ["second", "third"]


def test_a_function_may_say_that_there_was_no_answer(contio: FakeContio) -> None:
    def receive(outgoing: Outgoing) -> int:
        raise NotDelivered("connection reset")

    create(contio)
    (failed,) = contio.outbox.deliver(receive)
    assert (failed.attempts[0].status, failed.attempts[0].error) == (None, "connection reset")


NO_RECEIVERS = {
    "a number": 3,
    "too few arguments": lambda: 200,
    "too many arguments": lambda a, b, c, d: 200,
    "a URL": "http://localhost",
}


@pytest.mark.parametrize("wrong", NO_RECEIVERS.values(), ids=NO_RECEIVERS)
def test_what_receives_nothing_is_the_callers_mistake(contio: FakeContio, wrong: Any) -> None:
    create(contio)
    with pytest.raises(TypeError, match="no WSGI app and no ASGI app"):
        contio.outbox.deliver(wrong)
    assert [one.attempts for one in contio.outbox.deliveries] == [[]]


def test_a_function_that_returns_no_status_is_the_callers_mistake(contio: FakeContio) -> None:
    create(contio)
    with pytest.raises(TypeError, match="a status such as 200, not 'ok'"):
        contio.outbox.deliver(lambda outgoing: "ok")


def test_a_mock_is_a_function(contio: FakeContio) -> None:
    create(contio)
    for receiver, status in ((Mock(return_value=503), "failed"), (AsyncMock(return_value=204), "delivered")):
        (delivery,) = contio.outbox.deliver(receiver)
        assert delivery.status == status
        (outgoing,) = receiver.call_args.args
        assert outgoing.body == delivery.body
        contio.clock.advance("30s")


def test_delivering_to_nobody_is_the_callers_mistake(contio: FakeContio) -> None:
    create(contio)
    with pytest.raises(ValueError, match=r"set contio\.receiver"):
        contio.outbox.deliver()
    assert [one.attempts for one in contio.outbox.deliveries] == [[]]
    contio.receiver = lambda outgoing: 202
    assert contio.outbox.deliver()[0].attempts[0].status == 202


@pytest.mark.contio(webhook_url=None)
def test_without_a_webhook_url_a_test_is_told_what_to_do(contio: FakeContio) -> None:
    with pytest.raises(ValueError, match="webhook_url="):
        contio.outbox.deliver(lambda outgoing: 200)


# ---------------------------------------------------------------- apps at their edges


def request(body: bytes = b"{}", url: str = URL, **headers: str) -> Outgoing:
    return Outgoing(url, {"X-Contio-Signature": sign(body, SECRET), **headers}, body)


@every_kind
def test_what_is_no_webhook_is_refused(kind: Kind) -> None:
    receive = receiver_of(kind(Partner()))
    assert receive(request(b"{}")).status == 400
    assert receive(Outgoing(URL, {}, b"{}")).status == 401


@pytest.mark.parametrize("kind", [as_asgi, as_wsgi, as_flask, as_django_wsgi, as_django_asgi])
def test_a_huge_body_is_refused_before_it_is_looked_at(kind: Kind) -> None:
    assert receiver_of(kind(Partner()))(request(b" " * (LARGEST_BODY + 1))).status == 413


@pytest.mark.parametrize("length", ["nine", "-1", "²", "9" * 5000])
def test_a_senseless_length_harms_nobody(length: str) -> None:
    partner = Partner()
    statuses: list[str] = []
    app = partner.handlers.wsgi(SECRET)
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": None}
    answer = app(
        {**environ, "wsgi.input": io.BytesIO(b"{}")}, lambda status, headers: statuses.append(status)
    )
    assert json.loads(b"".join(answer))["error"] in ("invalid_signature", "too_large")
    assert statuses[0][:3] in ("401", "413")


def test_webhooks_are_posted_and_nothing_else() -> None:
    handlers = Partner().handlers
    told: list[Any] = []
    handlers.wsgi(SECRET)({"REQUEST_METHOD": "GET"}, lambda status, headers: told.append((status, headers)))
    assert told[0][0] == "405 Method Not Allowed"
    assert ("Allow", "POST") in told[0][1]

    async def ask() -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "headers": []}
        await handlers.asgi(SECRET)(scope, None, send)  # type: ignore[arg-type]
        return sent

    start, body = asyncio.run(ask())
    assert start["status"] == 405
    assert (b"allow", b"POST") in start["headers"]
    assert json.loads(body["body"])["error"] == "method_not_allowed"


def drive(app: Any, scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What an ASGI app sends when it receives these messages."""
    waiting, sent = list(messages), []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def test_a_body_in_pieces_is_one_body(contio: FakeContio) -> None:
    got: list[Outgoing] = []
    create(contio)
    contio.outbox.deliver(got.append)
    body, signature = got[0].body, got[0].headers["X-Contio-Signature"].encode()
    partner = Partner()
    scope = {"type": "http", "method": "POST", "headers": [(b"x-contio-signature", signature)]}
    pieces = [
        {"type": "http.request", "body": body[:10], "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": body[10:]},
    ]
    assert drive(as_asgi(partner), scope, *pieces)[0]["status"] == 200
    assert partner.titles == ["Review"]
    cut = [pieces[0], {"type": "http.disconnect"}]
    assert drive(as_asgi(partner), scope, *cut) == [], "nobody is there to answer"
    assert partner.titles == ["Review"]


def test_an_asgi_app_lives_and_ends_with_its_server() -> None:
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = drive(as_asgi(Partner()), {"type": "lifespan"}, *messages)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert drive(as_asgi(Partner()), {"type": "websocket"})[0]["type"] == "websocket.close"


def test_an_app_that_raises_after_its_answer_has_answered() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 202, "headers": []})
        raise OSError("too late")

    assert receiver_of(app)(request()).status == 202


def test_an_app_that_never_answers_is_no_delivery() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None: ...

    def mute(environ: Any, start_response: Any) -> list[bytes]:
        return []

    for app in (silent, mute):
        with pytest.raises(NotDelivered):
            receiver_of(app)(request())


# ---------------------------------------------------------------- the log of events


def test_events_can_be_asked(contio: FakeContio) -> None:
    meeting = create(contio, "first")
    create(contio, "second")
    contio.client().user.meetings.update(meeting, MeetingUpdate(title="third"))
    events = contio.events
    assert events.types == ["meeting.created", "meeting.created", "meeting.updated"]
    assert [one.data["title"] for one in events.of("meeting.created")] == ["first", "second"]
    assert events.of(MeetingCreated) == events.of("meeting.created")
    assert events.of("meeting.created", title="second") == events[1:2]
    assert events.last().type == "meeting.updated"
    assert events.last(MeetingCreated).data["title"] == "second"
    assert events.last("meeting.created", meeting_id=meeting).data["title"] == "first"
    assert events.of("meeting.completed") == []


def test_an_event_that_did_not_happen_is_told_with_those_that_did(contio: FakeContio) -> None:
    with pytest.raises(LookupError, match=r"no meeting\.completed; there were none at all"):
        contio.events.last("meeting.completed")
    create(contio)
    with pytest.raises(LookupError, match=r"no meeting\.updated with .*; there were meeting\.created"):
        contio.events.last("meeting.updated", title="x")
