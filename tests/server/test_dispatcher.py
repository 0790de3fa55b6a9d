"""Webhooks on the wire: signed, tried again by the clock, and never to a stranger."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from contio_mock import FakeContio
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.signature import signature_problem
from contio_mock.server.dispatcher import CONCURRENCY

from .conftest import LONGEST, Serve, Sink, browser, serving, stop

SECRET = "whs_demo_secret"


def create(contio: FakeContio, title: str = "Told to the receiver") -> None:
    contio.client().user.meetings.create(MeetingCreate(title=title))


@contextmanager
def healthy() -> Iterator[Sink]:
    """A second receiver, which answers."""
    second = Sink()
    try:
        yield second
    finally:
        second.close()


def settle(client: httpx2.Client) -> dict[str, int]:
    answer: dict[str, int] = client.post("/_mock/webhooks/settle").json()
    return answer


def advance(client: httpx2.Client, by: str) -> None:
    assert client.post("/_mock/clock", json={"advance": by}).status_code == 200


def delivery(client: httpx2.Client) -> dict[str, Any]:
    """The newest event's only delivery."""
    (found,) = client.get("/_mock/events").json()["items"][0]["deliveries"]
    return dict(found)


def test_a_delivery_is_signed_over_its_exact_bytes(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    create(contio)
    headers, body = sink.next()
    assert signature_problem(body, headers["x-contio-signature"], SECRET) is None
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["event_type"] == "meeting.created"
    assert told["data"]["title"] == "Told to the receiver"
    settle(client)
    assert delivery(client)["status"] == "delivered"
    assert delivery(client)["body"].encode() == body
    assert sink.targets == ["/hook"]


def test_settle_waits_for_what_is_due_and_counts(served: Serve, sink: Sink) -> None:
    contio, client = served()
    contio.client()
    assert settle(client) == {"delivered": 0, "failed": 0, "pending": 0}
    client.patch(
        "/v1/partner/admin/app",
        json={"webhook_url": sink.url},
        headers={"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"},
    )
    sink.behave = 503
    create(contio)
    sink.next()
    settled = settle(client)
    assert settled["pending"] == 1
    sink.behave = 200
    advance(client, "29s")
    assert settle(client) == {"delivered": 0, "failed": 0, "pending": 1}
    advance(client, "1s")
    assert delivery(client)["status"] == "delivered"
    assert settle(client) == {"delivered": 0, "failed": 0, "pending": 0}


def test_a_failed_delivery_is_tried_again_by_the_clock_until_it_is_abandoned(
    served: Serve, sink: Sink
) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_retry_schedule": (30, 300)})
    sink.behave = 500
    create(contio)
    settle(client)
    first = delivery(client)
    assert (first["status"], len(first["attempts"]), first["retry_count"]) == ("failed", 1, 0)
    advance(client, "1h")
    last = delivery(client)
    assert (last["status"], last["retry_count"]) == ("abandoned", 2)
    assert "next_retry_at" not in last
    moments = [attempt["at"][11:19] for attempt in last["attempts"]]
    assert moments == ["09:00:00", "09:00:30", "09:05:30"], "each retry falls on its exact moment"
    assert [attempt["status"] for attempt in last["attempts"]] == [500, 500, 500]
    bodies = {sink.next()[1] for _ in range(3)}
    assert len(bodies) == 1, "a retry sends the same bytes"


@pytest.mark.parametrize("schedule", [(), (5,)])
def test_the_schedule_is_the_profiles(served: Serve, sink: Sink, schedule: tuple[int, ...]) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_retry_schedule": schedule})
    sink.behave = 500
    create(contio)
    settle(client)
    advance(client, "1h")
    assert len(delivery(client)["attempts"]) == 1 + len(schedule)


MISBEHAVIOUR = {
    "hangs": ("hang", "0.2 s"),
    "resets the connection": ("reset", "was reset"),
    "closes without an answer": (b"", "closed without an answer"),
    "speaks no HTTP": (b"what?\r\n\r\n", "is no HTTP"),
    "stops in the middle of its header": (b"HTTP/1.1 200 OK\r\nx: y", "closed without an answer"),
    "stops in the middle of its body": (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", "broke off"),
    "has an endless header": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, "is no HTTP"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_receiver_that_misbehaves_is_an_attempt_with_its_reason(
    served: Serve, sink: Sink, name: str
) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_timeout_seconds": 0.2})
    sink.behave, word = MISBEHAVIOUR[name]
    create(contio)
    settle(client)
    failed = delivery(client)
    assert failed["status"] == "failed"
    (attempt,) = failed["attempts"]
    assert attempt["error"]
    assert word in attempt["error"]
    assert "status" not in attempt
    sink.behave = 200
    advance(client, "30s")
    assert delivery(client)["status"] == "delivered"


def test_a_hanging_receiver_makes_no_request_wait(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = "hang"
    for number in range(3):
        create(contio, f"Meeting {number}")
    assert client.get("/oauth2/health", timeout=2).status_code == 200
    sink.released.set()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(served: Serve, sink: Sink, status: int) -> None:
    contio, client = served(webhook_url=sink.url)
    elsewhere = sink.url.replace("/hook", "/elsewhere")
    sink.behave = f"HTTP/1.1 {status} X\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n".encode()
    create(contio)
    settle(client)
    assert delivery(client)["attempts"][0]["status"] == status
    assert sink.targets == ["/hook"]


def test_a_followed_redirect_does_not_lead_to_a_stranger(served: Serve, sink: Sink) -> None:
    contio, client = served(
        webhook_url=sink.url, profile={"webhook_redirects": "follow", "webhook_timeout_seconds": 0.5}
    )
    sink.behave = b"HTTP/1.1 307 X\r\nlocation: http://203.0.113.7/\r\ncontent-length: 0\r\n\r\n"
    create(contio)
    settle(client)
    (attempt,) = delivery(client)["attempts"]
    assert "203.0.113.7" in attempt["error"]
    assert "--allow-webhook-host" in attempt["error"], "refused before it was called"


def test_a_huge_answer_counts_by_its_status(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    size = 5_000_000
    sink.behave = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size
    create(contio)
    settle(client)
    assert delivery(client)["status"] == "delivered"


def test_an_endless_answer_counts_by_its_status(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = "gush"
    create(contio)
    settle(client)
    assert delivery(client)["status"] == "delivered"


def test_a_receiver_that_is_down_is_tried_again(served: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    contio, client = served(webhook_url=f"http://127.0.0.1:{port}/hook")
    create(contio)
    settle(client)
    assert delivery(client)["status"] == "failed"
    refused = f"cannot connect to 127.0.0.1:{port}: Connection refused"
    assert delivery(client)["attempts"][0]["error"] == refused


def test_a_hanging_receiver_delays_no_other_sandbox(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_timeout_seconds": 60.0})
    sink.behave = "hang"
    for number in range(2 * CONCURRENCY):
        create(contio, f"Meeting {number}")
    for _ in range(CONCURRENCY):
        sink.next()
    with healthy() as other:
        made = client.post("/_mock/sandboxes", json={"name": "blue", "webhook_url": other.url}).json()
        with browser(made["base_url"]) as blue:
            blue.post("/_mock/events", json={"type": "meeting.created", "user": "ada@example.com"})
            other.next()
            assert settle(blue)["pending"] == 0
    assert sink.received.empty(), "no more than its share is on its way"
    assert contio.sandbox.outbox.waiting() == 2 * CONCURRENCY


def test_more_than_a_line_holds_is_delivered_in_order(served: Serve, sink: Sink) -> None:
    contio, client = served(profile={"webhook_retry_schedule": ()})
    for number in range(5 * CONCURRENCY):
        create(contio, str(number))
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_url=sink.url)
    for number in range(5 * CONCURRENCY):
        create(contio, str(number))
    settle(client)
    titles = [int(json.loads(sink.next()[1])["data"]["title"]) for _ in range(5 * CONCURRENCY)]
    assert sorted(titles) == list(range(5 * CONCURRENCY))
    assert all(abs(title - place) < CONCURRENCY for place, title in enumerate(titles))
    assert contio.sandbox.outbox.waiting() == 0


def test_a_reset_sends_nothing_of_what_was_before(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_timeout_seconds": 60.0})
    sink.behave = "hang"
    for number in range(CONCURRENCY + 5):
        create(contio, f"before {number}")
    for _ in range(CONCURRENCY):
        sink.next()
    client.post("/_mock/reset")
    sink.behave = 200
    sink.released.set()
    create(contio, "after")
    settle(client)
    assert json.loads(sink.next()[1])["data"]["title"] == "after"
    assert sink.received.empty()


@pytest.mark.parametrize(
    ("status", "is_success"), [(200, True), (201, True), (204, True), (404, False), (410, False)]
)
def test_any_2xx_counts_as_delivered(served: Serve, sink: Sink, status: int, is_success: bool) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = status
    create(contio)
    settle(client)
    assert delivery(client)["status"] == ("delivered" if is_success else "failed")


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.7/",
        "http://203.0.113.7:8080/hook",
        "https://[2001:db8::1]/",
        "ftp://127.0.0.1/",
        "http:///hook",
        "mailto:ada@example.com",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:203.0.113.7]/",
    ],
)
def test_a_stranger_is_refused_without_a_packet(served: Serve, url: str) -> None:
    contio, client = served(webhook_url=url, profile={"webhook_timeout_seconds": 0.5})
    create(contio)
    settle(client)
    (attempt,) = delivery(client)["attempts"]
    assert "not on this machine" in attempt["error"] or "is no http or https URL" in attempt["error"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://[", "'http://[' is no URL: "),
        ("http://127.0.0.1:99999/", "'http://127.0.0.1:99999/' is no URL: "),
        ("ftp://127.0.0.1/", "'ftp://127.0.0.1/' is no http or https URL"),
        ("http:///hook", "'http:///hook' is no "),
    ],
)
def test_a_url_that_cannot_be_called_is_an_attempt_with_its_reason(
    served: Serve, url: str, reason: str
) -> None:
    contio, client = served(webhook_url=url)
    create(contio)
    settle(client)
    assert delivery(client)["attempts"][0]["error"].startswith(reason)


def test_a_clock_that_moves_while_a_delivery_is_on_its_way_waits_for_it(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url, profile={"webhook_retry_schedule": (30,)})
    sink.behave = 500
    create(contio)
    sink.next()
    advance(client, "1h")
    moments = [attempt["at"][11:19] for attempt in delivery(client)["attempts"]]
    assert moments == ["09:00:00", "09:00:30"]


def test_a_clock_that_is_moved_in_process_sends_over_the_wire(served: Serve, sink: Sink) -> None:
    """As in a test that holds the FakeContio which its program talks to over a socket."""
    contio, client = served(webhook_url=sink.url, profile={"webhook_retry_schedule": (0, 30)})
    sink.behave = 500
    create(contio)
    settle(client)
    contio.clock.advance("30s")
    contio.control.mock.settle()
    attempts = delivery(client)["attempts"]
    assert [(attempt["status"], attempt["at"][11:19]) for attempt in attempts] == [
        (500, "09:00:00"), (500, "09:00:00"), (500, "09:00:30"),
    ]  # fmt: skip


def test_a_receiver_that_is_taken_back_leaves_the_server_sending(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    contio.receiver = lambda _: 200
    contio.receiver = None
    create(contio)
    sink.next()
    assert settle(client)["pending"] == 0
    assert delivery(client)["attempts"][0]["status"] == 200


def test_a_reset_while_the_clock_moves_lets_the_server_go_on(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = 500
    create(contio)
    settle(client)
    sink.behave = "hang"
    sink.next()
    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(advance, client, "1d")
        sink.next()
        contio.reset()
        sink.released.set()
        moving.result()
    assert client.get("/_mock/clock").json()["now"] == "2026-01-15T09:00:00Z"


def test_a_webhook_url_that_is_taken_away_ends_the_retries_with_a_reason(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = 500
    create(contio)
    settle(client)
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_url=None)
    advance(client, "30s")
    assert "no webhook URL" in delivery(client)["attempts"][-1]["error"]


def test_a_sandbox_delivers_to_its_own_receiver(served: Serve, sink: Sink) -> None:
    _, client = served()
    made = client.post("/_mock/sandboxes", json={"name": "blue", "webhook_url": sink.url}).json()
    with browser(made["base_url"]) as blue:
        assert blue.post("/_mock/events", json={"type": "meeting.created"}).status_code == 201
        headers, body = sink.next()
        assert signature_problem(body, headers["x-contio-signature"], SECRET) is None
        settle(blue)
        event = blue.get("/_mock/events").json()["items"][0]
    assert {one["status"] for one in event["deliveries"]} <= {"delivered"}
    assert client.get("/_mock/events").json()["total"] == 0


def test_a_running_clock_delivers_by_itself(served: Serve, sink: Sink) -> None:
    contio, client = served(
        webhook_url=sink.url, rate=1000.0, profile={"webhook_retry_schedule": (30, 30, 30)}
    )
    sink.behave = 500
    create(contio)
    sink.next()
    sink.behave = 200
    sink.next()
    settle(client)
    assert delivery(client)["attempts"][-1]["status"] == 200


def test_a_server_stops_cleanly_while_a_delivery_is_on_its_way(sink: Sink) -> None:
    sink.behave = "hang"
    with serving("--webhook-url", sink.url) as (server, ready):
        with browser(ready["url"]) as client:
            assert client.post("/_mock/events", json={"type": "meeting.created"}).status_code == 201
        sink.received.get(timeout=LONGEST)
        out, err = stop(server)
    assert server.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert "not delivered" in err


def test_deliveries_go_on_in_process_when_the_server_has_stopped(sink: Sink) -> None:
    contio = FakeContio(webhook_url=sink.url, check_answers=True)
    with contio.serve():
        create(contio)
        sink.next()
    seen: list[bytes] = []
    contio.receiver = lambda outgoing: seen.append(outgoing.body) or 200
    create(contio, "After the server")
    contio.control.mock.settle()
    assert [json.loads(body)["data"]["title"] for body in seen] == ["After the server"]


def test_what_was_on_its_way_when_the_server_stopped_can_be_delivered_in_process(sink: Sink) -> None:
    contio = FakeContio(webhook_url=sink.url, profile={"webhook_timeout_seconds": 60.0}, check_answers=True)
    sink.behave = "hang"
    with contio.serve():
        for number in range(CONCURRENCY + 5):
            create(contio, str(number))
        for _ in range(CONCURRENCY):
            sink.next()
    assert len(contio.outbox.pending) == CONCURRENCY + 5
    delivered = contio.outbox.deliver(lambda _: 200)
    assert len(delivered) == CONCURRENCY + 5
    assert contio.outbox.pending == []


def test_a_server_that_stops_says_how_many_were_not_delivered(sink: Sink) -> None:
    sink.behave = "hang"
    with serving("--webhook-url", sink.url) as (server, ready):
        with browser(ready["url"]) as client:
            for _ in range(3):
                wish = {"type": "meeting.created", "user": "ada@example.com"}
                assert client.post("/_mock/events", json=wish).status_code == 201
        for _ in range(3):
            sink.next()
        _, err = stop(server)
    assert "3 webhook deliveries were not delivered" in err


# ---------------------------------------------------------------- fault rules, and what is recorded


def fault(client: httpx2.Client, **rule: Any) -> None:
    assert client.post("/_mock/faults", json=rule).status_code == 201


def told(sink: Sink, count: int) -> list[dict[str, Any]]:
    return [json.loads(sink.next()[1]) for _ in range(count)]


def test_a_delivery_is_sent_twice_on_demand(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    fault(client, event="meeting.*", copies=2)
    create(contio)
    assert settle(client)["pending"] == 0
    first, second = told(sink, 2)
    assert first == second
    assert [attempt.get("repeated") for attempt in delivery(client)["attempts"]] == [True, None]


def test_one_delivery_overtakes_another_on_demand(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    fault(client, event="*", overtaken_by=2, nth=1)
    for title in ("A", "B", "C", "D"):
        create(contio, title)
    assert settle(client)["pending"] == 0
    assert [one["data"]["title"] for one in told(sink, 4)] == ["B", "C", "A", "D"]


def test_a_running_clock_lets_go_what_was_overtaken(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url, rate=1)
    fault(client, event="*", overtaken_by=1, nth=1)
    for title in ("A", "B"):
        create(contio, title)
    assert [one["data"]["title"] for one in told(sink, 2)] == ["B", "A"]


@pytest.mark.parametrize(("point", "reached"), [("before", 1), ("after", 2)])
def test_a_request_or_its_answer_is_lost_on_demand(
    served: Serve, sink: Sink, point: str, reached: int
) -> None:
    contio, client = served(webhook_url=sink.url)
    fault(client, event="*", drop=True, point=point, times=1)
    create(contio)
    advance(client, "30s")
    assert [attempt.get("status") for attempt in delivery(client)["attempts"]] == [None, 200]
    assert len(sink.targets) == reached


def test_a_bad_signature_goes_out_on_demand(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    fault(client, event="*", signature="missing", nth=1)
    fault(client, event="*", signature="wrong", nth=1)
    for _ in range(3):
        create(contio)
        settle(client)
    (missing, _), (wrong, body), (right, whole) = sink.next(), sink.next(), sink.next()
    assert "x-contio-signature" not in missing
    assert signature_problem(body, wrong["x-contio-signature"], SECRET) is not None
    assert signature_problem(whole, right["x-contio-signature"], SECRET) is None


def test_an_attempt_shows_both_sides_and_how_long_it_took(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = b"HTTP/1.1 422 Nope\r\nX-Why: tired\r\nContent-Length: 3000\r\n\r\n" + b"no, " * 750
    create(contio)
    settle(client)
    found = delivery(client)
    (attempt,) = found["attempts"]
    assert (attempt["status"], attempt["answer_status"], attempt["url"]) == (422, 422, sink.url)
    assert attempt["headers"]["X-Contio-Signature"] == found["signature"]
    assert attempt["answer_headers"]["x-why"] == "tired"
    assert attempt["answer"] == ("no, " * 750)[:1024]
    assert attempt["milliseconds"] > 0


def test_a_stop_between_two_copies_leaves_the_delivery_for_later(sink: Sink) -> None:
    contio = FakeContio(webhook_url=sink.url, profile={"webhook_timeout_seconds": LONGEST})
    contio.faults.add(event="*", copies=2)
    sink.behave = "hang"
    with contio.serve():
        create(contio)
        sink.next()
    (left,) = contio.outbox.deliveries
    assert (left.status, left.in_flight, left.attempts) == ("pending", False, [])


def test_headers_of_odd_bytes_are_kept_as_text(served: Serve, sink: Sink) -> None:
    contio, client = served(webhook_url=sink.url)
    sink.behave = b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\xc3\xa9\r\nContent-Length: 2\r\n\r\n\xff\x00"
    create(contio)
    settle(client)
    (attempt,) = delivery(client)["attempts"]
    assert attempt["answer_headers"]["x-odd"].endswith("\u00e9")
    assert attempt["answer"] == "\ufffd\x00"
    assert client.get("/_mock/state").status_code == 200


def test_a_deleted_sandbox_delivers_nothing_more(served: Serve, sink: Sink) -> None:
    contio, client = served()
    wish = {"name": "short-lived", "webhook_url": sink.url, "rate": 1000}
    assert client.post("/_mock/sandboxes", json=wish).status_code == 201
    sink.behave = 500
    event = {"type": "meeting.created", "user": "ada@example.com"}
    assert client.post("/~short-lived/_mock/events", json=event).status_code == 201
    sink.next()
    assert client.delete("/_mock/sandboxes/short-lived").status_code == 204
    seen = len(sink.targets)
    sink.behave = 200
    client.post("/_mock/settings", json={})
    contio.control.mock.settle()
    create(contio)
    assert len(sink.targets) <= seen + 1, "at most what was on its way"


def test_a_receiver_without_tls_is_told_from_one_that_is_down(served: Serve) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        plain = threading.Thread(target=answer, args=(listener,), daemon=True)
        plain.start()
        contio, client = served(webhook_url=f"https://127.0.0.1:{listener.getsockname()[1]}/hook")
        create(contio)
        settle(client)
        plain.join(LONGEST)
    (attempt,) = delivery(client)["attempts"]
    assert attempt["error"].endswith("the TLS handshake failed")


def test_the_log_says_what_came_of_each_attempt(
    served: Serve, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "contio_mock.webhooks")
    contio, client = served(webhook_url=sink.url, profile={"webhook_retry_schedule": (30,)})
    sink.behave = 500
    create(contio)
    advance(client, "30s")
    sink.behave = 200
    create(contio)
    settle(client)
    failed, given_up, fine = [record.getMessage() for record in caplog.records]
    what = "meeting.created for ada@example.com"
    assert failed == f"{what} was not delivered: status 500; tried again at 09:00:30"
    assert given_up == f"{what} was not delivered: status 500; abandoned"
    assert fine.startswith(f"{what}: 200 in ")
