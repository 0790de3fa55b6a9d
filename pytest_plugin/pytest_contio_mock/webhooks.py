"""A webhook endpoint on this machine for a test: a real socket, checked signatures, answers on demand."""

from __future__ import annotations

import asyncio
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
from contio_mock.happenings import EventName, name_of
from contio_mock.receivers import NotDelivered
from pytest_contio_mock.live import LiveContio
from pytest_contio_mock.received import Received, Wanted, told

E = TypeVar("E", bound=Event)

UNAUTHORIZED, GONE = 401, 410
NO_CONTENT = 204


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
        rightly is answered 401 all the same. Raises ValueError for a status that is no answer, and for
        fewer times than one.
        """
        if not 200 <= status <= 599:  # noqa: PLR2004 - what HTTP calls a final answer
            raise ValueError(f"an answer's status lies between 200 and 599; {status} does not")
        if (times is not None and times < 1) or delay < 0:
            raise ValueError("times is at least 1, and delay at least 0 seconds")
        with self._changed:
            self._plan = _Plan(status, delay, drop, times)

    def settle(self) -> None:
        """Return when everything that is due has been delivered."""
        for settle in self._settlers:
            settle()

    @overload
    def wait_for(
        self,
        event: type[E],
        *,
        timeout: float = ...,
        user: str | None = ...,
        where: Callable[[Webhook[E]], bool] | None = ...,
        **data: Any,
    ) -> Webhook[E]: ...

    @overload
    def wait_for(
        self,
        event: str,
        *,
        timeout: float = ...,
        user: str | None = ...,
        where: Callable[[Webhook[Any]], bool] | None = ...,
        **data: Any,
    ) -> Webhook[Any]: ...

    def wait_for(
        self,
        event: EventName,
        *,
        timeout: float = 5.0,
        user: str | None = None,
        where: Callable[[Webhook[Any]], bool] | None = None,
        **data: Any,
    ) -> Webhook[Any]:
        """The next webhook of that event that was not handed out yet; fails the test when none comes.

        `user` is whose copy it is to be, by e-mail address; `data` are members of its data as they stand in
        its JSON; `where` decides about the rest. Has an in-process Contio deliver what is due first;
        `timeout` seconds are waited only for what comes from elsewhere. The failure says what did come, and
        what became of the event.
        """
        wanted = Wanted(name_of(event), user, where, data)
        self._deliver_in_process()
        with self._changed:
            self._changed.wait_for(lambda: self._next(wanted) is not None, timeout=self._patience(timeout))
            found = self._next(wanted)
            if found is not None:
                self._handed_out.add(found)
                webhook = self._received[found].webhook
                assert webhook is not None  # noqa: S101 - only read ones are found
                return webhook
        pytest.fail(f"no {wanted} came{self._story(wanted)}", pytrace=False)

    @overload
    async def wait_for_async(self, event: type[E], **keywords: Any) -> Webhook[E]: ...

    @overload
    async def wait_for_async(self, event: str, **keywords: Any) -> Webhook[Any]: ...

    async def wait_for_async(self, event: EventName, **keywords: Any) -> Webhook[Any]:
        """`wait_for` in a thread: what runs in this event loop goes on meanwhile."""
        wait: Callable[..., Webhook[Any]] = self.wait_for
        return await asyncio.to_thread(wait, event, **keywords)

    def assert_none(
        self,
        event: EventName | None = None,
        *,
        user: str | None = None,
        where: Callable[[Webhook[Any]], bool] | None = None,
        **data: Any,
    ) -> None:
        """Fail the test when such a webhook came that was not handed out, or any when no event is named.

        Everything that is due by now is delivered first, so nobody has to wait for what does not come.
        """
        wanted = Wanted(None if event is None else name_of(event), user, where, data)
        self.settle()
        with self._changed:
            found = self._next(wanted)
        if found is not None:
            pytest.fail(f"there was to be no {wanted}{self._story(wanted)}", pytrace=False)

    def _next(self, wanted: Wanted) -> int | None:
        places = (place for place, one in enumerate(self._received) if wanted.fits(one))
        return next((place for place in places if place not in self._handed_out), None)

    def _deliver_in_process(self) -> None:
        for sandbox, settle in zip(self._sandboxes, self._settlers, strict=True):
            if sandbox.on_work is None:
                settle()

    def _patience(self, timeout: float) -> float:
        """How long it makes sense to wait: where nothing delivers by itself, nothing more comes."""
        return timeout if any(sandbox.on_work is not None for sandbox in self._sandboxes) else 0.0

    def _story(self, wanted: Wanted) -> str:
        """What came, and what the mock knows of the event."""
        lines = ["; what came:"]
        for place, one in enumerate(self.received):
            again = ", handed out" if place in self._handed_out else ""
            lines.append(f"  {place + 1}. {wanted.compared(one)}{again}")
        if len(lines) == 1:
            lines = ["; nothing came"]
        if wanted.name in EVENTS:
            lines += (f"  {line}" for sandbox in self._sandboxes for line in told(sandbox, wanted.name or ""))
        return "\n".join(lines)

    # ------------------------------------------------------------ wiring

    def attach(self, contio: FakeContio | LiveContio) -> None:
        """Make this the webhook URL of a Contio, also after its reset; once is enough."""
        sandbox = contio.sandbox
        if sandbox in self._sandboxes:
            return
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
