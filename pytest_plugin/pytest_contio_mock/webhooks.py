"""A webhook endpoint on this machine for a test: a real socket, checked signatures, answers on demand."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar, overload
from urllib.parse import urlsplit

import pytest

from contio_mock import FakeContio
from contio_mock.client.errors import WebhookRefused
from contio_mock.client.webhooks import SIGNATURE_HEADER, Webhook, parse_webhook
from contio_mock.contract.events import EVENTS, Event
from contio_mock.fake.deliveries import Answer, Outgoing
from contio_mock.fake.sandbox import Sandbox
from contio_mock.happenings import name_of
from contio_mock.receivers import NotDelivered
from pytest_contio_mock.live import LiveContio

E = TypeVar("E", bound=Event)

UNAUTHORIZED, GONE = 401, 410
NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Received:
    """One request to the endpoint, and what it was answered."""

    body: bytes
    """The raw bytes."""
    headers: dict[str, str]
    """By lower-case name."""
    webhook: Webhook[Any] | None
    """None when it was refused."""
    problem: str | None
    """Why it was refused."""
    status: int | None
    """The answer; None when the connection was dropped."""
    attempt: int
    """1, or more when the same event id came before: a retry or a duplicate."""

    def __str__(self) -> str:
        answered = "dropped" if self.status is None else f"answered {self.status}"
        if self.webhook is None:
            return f"refused: {self.problem} ({answered})"
        reader = f" for {self.webhook.for_user.email}" if self.webhook.for_user else ""
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.webhook.event_type}{reader} ({answered}{again})"


@dataclass(frozen=True, slots=True)
class _Plan:
    status: int = 200
    delay: float = 0.0
    drop: bool = False
    times: int | None = None


class WebhookReceiver:
    """The webhook endpoint of one test; what comes is checked, read, kept and answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        """Where it is reached; the webhook URL of the test's Contio."""
        self._sandboxes: list[Sandbox] = []
        self._settlers: list[Callable[[], object]] = []
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self._handed_out: set[int] = set()
        self._plan = _Plan()
        self._over = threading.Event()

    @property
    def received(self) -> list[Received]:
        """Every request since the beginning or the last `clear`, oldest first, also the refused ones."""
        with self._changed:
            return list(self._received)

    def clear(self) -> None:
        """Forget what came."""
        with self._changed:
            self._received.clear()
            self._handed_out.clear()

    def answer(
        self, status: int = 200, *, times: int | None = None, delay: float = 0.0, drop: bool = False
    ) -> None:
        """Answer the next `times` requests, or all, like this; after them 200 again.

        `delay` are seconds before the answer, `drop` closes the connection without one. What is not signed
        rightly is answered 401 all the same. Raises ValueError for a status that is no answer.
        """
        if not 200 <= status <= 599:  # noqa: PLR2004 - what HTTP calls a final answer
            raise ValueError(f"an answer's status lies between 200 and 599; {status} does not")
        with self._changed:
            self._plan = _Plan(status, delay, drop, times)

    def settle(self) -> None:
        """Return when everything that is due has been delivered."""
        for settle in self._settlers:
            settle()

    @overload
    def wait_for(
        self, event: type[E], *, timeout: float = ..., where: Callable[[Webhook[E]], bool] | None = ...
    ) -> Webhook[E]: ...

    @overload
    def wait_for(
        self, event: str, *, timeout: float = ..., where: Callable[[Webhook[Any]], bool] | None = ...
    ) -> Webhook[Any]: ...

    def wait_for(
        self,
        event: str | type[Event],
        *,
        timeout: float = 5.0,
        where: Callable[[Webhook[Any]], bool] | None = None,
    ) -> Webhook[Any]:
        """The next webhook of that event that was not handed out yet; fails the test when none comes.

        Has an in-process Contio deliver what is due first; `timeout` seconds are waited only for what
        comes from elsewhere. The failure lists what did come.
        """
        name, found = name_of(event), None
        self._deliver_in_process()
        with self._changed:
            self._changed.wait_for(
                lambda: self._next(name, where) is not None, timeout=self._patience(timeout)
            )
            found = self._next(name, where)
            if found is not None:
                self._handed_out.add(found)
                webhook = self._received[found].webhook
                assert webhook is not None  # noqa: S101 - only read ones are found
                return webhook
        pytest.fail(self._missing(name, where is not None), pytrace=False)

    def _next(self, name: str, where: Callable[[Webhook[Any]], bool] | None) -> int | None:
        for place, one in enumerate(self._received):
            if place in self._handed_out or one.webhook is None or one.webhook.event_type != name:
                continue
            if where is None or where(one.webhook):
                return place
        return None

    def _deliver_in_process(self) -> None:
        for sandbox, settle in zip(self._sandboxes, self._settlers, strict=True):
            if sandbox.on_work is None:
                settle()

    def _patience(self, timeout: float) -> float:
        """How long it makes sense to wait: where nothing delivers by itself, nothing more comes."""
        return timeout if any(sandbox.on_work is not None for sandbox in self._sandboxes) else 0.0

    def _missing(self, name: str, chosen: bool) -> str:
        came = "".join(f"\n  {place}. {one}" for place, one in enumerate(self.received, 1))
        known = "" if name in EVENTS else " (no event has this name)"
        which = " that fits `where`" if chosen else ""
        return f"no {name}{known}{which} came, or none that was not handed out yet; what came:{came or ' nothing'}"

    # ------------------------------------------------------------ wiring

    def attach(self, contio: FakeContio | LiveContio) -> None:
        """Make this the webhook URL of a Contio, also after its reset."""
        sandbox = contio.sandbox
        with sandbox.lock:
            sandbox.settings = replace(sandbox.settings, webhook_url=self.url)
            sandbox.store.apps.replace(sandbox.app, webhook_url=self.url)
        self._sandboxes.append(sandbox)
        if isinstance(contio, FakeContio):
            contio.receiver = lambda outgoing: post(outgoing, sandbox.profile.webhook_timeout_seconds)
            self._settlers.append(contio.control.mock.settle)
        else:
            self._settlers.append(contio.mock.settle)

    def take(self, body: bytes, headers: dict[str, str]) -> int | None:
        """Keep a request; returns the status to answer, or None to drop the connection."""
        secrets = [app.webhook_secret for sandbox in self._sandboxes for app in sandbox.store.apps]
        webhook, problem = None, None
        try:
            webhook = parse_webhook(body, headers.get(SIGNATURE_HEADER.lower()), secrets)
        except WebhookRefused as error:
            problem = str(error)
        with self._changed:
            plan = self._next_plan() if webhook is not None else _Plan(UNAUTHORIZED)
        self._over.wait(plan.delay)
        status = None if plan.drop else plan.status
        with self._changed:
            attempt = 1 + sum(1 for one in self._received if webhook and _same(one.webhook, webhook))
            self._received.append(Received(body, headers, webhook, problem, status, attempt))
            self._changed.notify_all()
        return status

    def _next_plan(self) -> _Plan:
        plan = self._plan
        if plan.times is not None:
            left = plan.times - 1
            self._plan = replace(plan, times=left) if left > 0 else _Plan()
        return plan

    def close(self) -> None:
        """Answer at once whoever still waits."""
        self._over.set()


def _same(one: Webhook[Any] | None, other: Webhook[Any]) -> bool:
    return one is not None and one.event_id == other.event_id


def post(outgoing: Outgoing, timeout: float) -> Answer:
    """Send a webhook over a socket; raises NotDelivered."""
    target = urlsplit(outgoing.url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=timeout)
    try:
        connection.request("POST", target.path or "/", outgoing.body, outgoing.headers)
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        raise NotDelivered(f"no answer within {timeout:g} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(str(error) or type(error).__name__) from error
    else:
        return Answer.excerpt(answer.status, answer.getheaders(), body)
    finally:
        connection.close()


class WebhookServer(ThreadingHTTPServer):
    """One endpoint for each test, at paths of their own, on one port of this machine."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.receivers: dict[str, WebhookReceiver] = {}
        self._made = 0

    @contextmanager
    def receiver(self) -> Iterator[WebhookReceiver]:
        """A new endpoint; it is gone when the block ends."""
        self._made += 1
        path = f"/{self._made}/webhooks"
        made = WebhookReceiver(f"http://127.0.0.1:{self.server_address[1]}{path}")
        self.receivers[path] = made
        try:
            yield made
        finally:
            del self.receivers[path]
            made.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that has gone is no error."""


class _Endpoint(BaseHTTPRequestHandler):
    server: WebhookServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        receiver = self.server.receivers.get(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = GONE if receiver is None else receiver.take(body, headers)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        if status != NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing; the test has the requests."""


@contextmanager
def webhook_server() -> Iterator[WebhookServer]:
    """Serve endpoints on a free port of this machine until the block ends."""
    with WebhookServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
