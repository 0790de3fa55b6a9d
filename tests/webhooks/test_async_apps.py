"""ASGI apps as partners write them: one event loop, a lifespan, tasks in the background, contexts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from contio_mock import FakeContio, Webhook, WebhookHandlers, parse_webhook
from contio_mock.client import SIGNATURE_HEADER
from contio_mock.contract.meetings import MeetingUpdate
from contio_mock.receivers import NotDelivered

from .partner import SECRET, URL, create

pytestmark = pytest.mark.contio(webhook_url=URL)
Endpoint = Callable[[Request], Any]


def statuses(deliveries: list[Any]) -> list[int | None]:
    return [one.attempts[-1].status for one in deliveries]


async def read(request: Request) -> Webhook[Any]:
    return parse_webhook(await request.body(), request.headers.get(SIGNATURE_HEADER), SECRET)


def serving(endpoint: Endpoint, **keywords: Any) -> Starlette:
    return Starlette(routes=[Route("/webhooks", endpoint, methods=["POST"])], **keywords)


class Connection:
    """A resource that belongs to the event loop that opened it, and is used by one request at a time."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.waiters: asyncio.Queue[str] = asyncio.Queue(1)
        self.rows: list[str] = []
        self.open = True

    async def insert(self, row: str) -> None:
        assert self.open
        assert asyncio.get_running_loop() is self.loop
        await self.waiters.put(row)
        self.rows.append(await self.waiters.get())


class Database:
    """Its connections, and the life of an app that has one."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    @property
    def rows(self) -> list[list[str]]:
        """What each connection wrote."""
        return [connection.rows for connection in self.connections]

    @asynccontextmanager
    async def lifespan(self, app: Any) -> AsyncIterator[dict[str, Any]]:
        connection = Connection()
        self.connections.append(connection)
        yield {"connection": connection}
        connection.open = False

    async def endpoint(self, request: Request) -> Response:
        """Needs what the lifespan has opened."""
        webhook = await read(request)
        await request.state.connection.insert(webhook.data.title)
        return Response(status_code=204)


@pytest.fixture
def database() -> Database:
    return Database()


# ---------------------------------------------------------------- the lifespan


def test_an_app_is_started_before_its_first_request_and_stopped_after_its_last(
    contio: FakeContio, database: Database
) -> None:
    for title in ("first", "second"):
        create(contio, title)
    app = serving(database.endpoint, lifespan=database.lifespan)
    assert statuses(contio.outbox.deliver(app)) == [204, 204]
    assert database.rows == [["first", "second"]]
    assert not database.connections[0].open
    create(contio, "third")
    assert statuses(contio.outbox.deliver(app)) == [204]
    assert database.rows == [["first", "second"], ["third"]]


def test_an_app_that_stays_the_receiver_keeps_running(contio: FakeContio, database: Database) -> None:
    contio.receiver = serving(database.endpoint, lifespan=database.lifespan)
    assert database.rows == [], "it is started when it is needed"
    for title in ("first", "second"):
        create(contio, title)
        contio.clock.advance("1s")
        assert database.connections[0].open
    assert database.rows == [["first", "second"]]
    contio.receiver = None
    assert not database.connections[0].open


def test_an_app_runs_for_as_long_as_it_is_receiving(contio: FakeContio, database: Database) -> None:
    app = serving(database.endpoint, lifespan=database.lifespan)
    with contio.receiving(app):
        for title in ("first", "second"):
            create(contio, title)
            assert statuses(contio.outbox.deliver()) == [204]
    assert database.rows == [["first", "second"]]
    assert not database.connections[0].open


def test_without_anything_to_deliver_nothing_is_started(contio: FakeContio, database: Database) -> None:
    assert contio.outbox.deliver(serving(database.endpoint, lifespan=database.lifespan)) == []
    assert database.connections == []


def test_a_test_may_look_after_the_lifespan_itself(contio: FakeContio, database: Database) -> None:
    app = serving(database.endpoint, lifespan=database.lifespan)
    create(contio)
    (failed,) = contio.outbox.deliver(app, lifespan=False)
    assert failed.attempts[0].status == 500, "nobody opened the connection"
    assert database.connections == []


def test_an_app_that_cannot_start_says_why(contio: FakeContio) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        raise LookupError("DATABASE_URL is not set")
        yield

    async def never(request: Request) -> Response:
        raise AssertionError

    create(contio)
    with pytest.raises(LookupError, match="DATABASE_URL"):
        contio.outbox.deliver(serving(never, lifespan=lifespan))
    assert len(contio.outbox.pending) == 1


def test_an_app_that_cannot_stop_says_why(contio: FakeContio, database: Database) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        async with database.lifespan(app) as state:
            yield state
        raise LookupError("the pool was closed already")

    create(contio)
    with pytest.raises(LookupError, match="closed already"):
        contio.outbox.deliver(serving(database.endpoint, lifespan=lifespan))
    assert database.rows == [["Review"]]
    assert contio.outbox.pending == []


def test_requests_do_not_share_what_they_keep_in_their_state(contio: FakeContio) -> None:
    seen: list[Any] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        yield {"started": "yes"}

    async def endpoint(request: Request) -> Response:
        seen.append((request.state.started, getattr(request.state, "mine", None)))
        request.state.mine = "left behind"
        return Response()

    create(contio)
    create(contio)
    contio.outbox.deliver(serving(endpoint, lifespan=lifespan))
    assert seen == [("yes", None), ("yes", None)]


# ---------------------------------------------------------------- one event loop


def test_what_is_bound_to_the_loop_at_the_first_request_serves_the_next(contio: FakeContio) -> None:
    made: list[Connection] = []

    async def endpoint(request: Request) -> Response:
        if not made:
            made.append(Connection())
        await made[0].insert((await read(request)).event_type)
        return Response()

    app = serving(endpoint)
    create(contio)
    create(contio)
    assert statuses(contio.outbox.deliver(app)) == [200, 200]
    made.clear()
    contio.receiver = app
    for _ in range(3):
        create(contio)
        contio.clock.advance("1s")
    assert contio.outbox.pending == []
    assert made[0].rows == ["meeting.created"] * 3


def test_a_coroutine_function_keeps_its_loop_too(contio: FakeContio) -> None:
    loops: list[Any] = []

    async def receive(outgoing: Any) -> None:
        loops.append(asyncio.get_running_loop())

    create(contio)
    create(contio)
    contio.outbox.deliver(receive)
    assert len(loops) == 2
    assert loops[0] is loops[1]
    assert loops[0].is_closed()


def test_an_app_runs_in_the_tests_own_thread_and_sees_its_context(contio: FakeContio) -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
    seen: list[str] = []

    async def endpoint(request: Request) -> Response:
        seen.append(tenant.get())
        tenant.set("changed by a request")
        return Response()

    tenant.set("Analytical Engines")
    create(contio)
    create(contio)
    contio.outbox.deliver(serving(endpoint))
    assert seen == ["Analytical Engines", "Analytical Engines"]
    assert tenant.get() == "Analytical Engines"


def test_inside_a_running_loop_an_app_has_one_of_its_own(contio: FakeContio, database: Database) -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
    seen: list[str] = []

    async def endpoint(request: Request) -> Response:
        seen.append(tenant.get())
        return await database.endpoint(request)

    async def test() -> list[int | None]:
        tenant.set("Analytical Engines")
        contio.receiver = serving(endpoint, lifespan=database.lifespan)
        for title in ("first", "second"):
            create(contio, title)
            contio.clock.advance("1s")
        assert database.connections[0].loop is not asyncio.get_running_loop()
        contio.receiver = None
        return statuses(contio.outbox.deliveries)

    assert asyncio.run(test()) == [204, 204]
    assert database.rows == [["first", "second"]]
    assert seen == ["Analytical Engines"] * 2
    assert database.connections[0].loop.is_closed()


def test_a_handler_may_ask_the_api_about_what_it_was_told(contio: FakeContio) -> None:
    """Payloads are small, so most handlers fetch the rest; both kinds of client must get through."""
    handlers, places = WebhookHandlers(), []
    plain, awaited = contio.client(), contio.async_client()

    @handlers.on("meeting.created")
    def look(webhook: Webhook[Any]) -> None:
        meeting = plain.user.meetings.get(webhook.data.meeting_id)
        places.append(meeting.title)
        plain.user.meetings.update(meeting.id, MeetingUpdate(title="Seen"))

    @handlers.on("meeting.created")
    async def look_again(webhook: Webhook[Any]) -> None:
        places.append((await awaited.user.meetings.get(webhook.data.meeting_id)).title)

    create(contio, "first")
    app = serving(handlers.asgi(SECRET))
    contio.outbox.deliver(app)
    assert places == ["first", "Seen"]
    assert contio.events.types == ["meeting.created", "meeting.updated"]
    assert contio.outbox.pending == [], "what the handler caused is delivered as well"


def test_a_handler_may_move_the_clock(contio: FakeContio) -> None:
    told: list[str] = []

    async def endpoint(request: Request) -> Response:
        webhook = await read(request)
        told.append(webhook.data.title)
        if webhook.data.title == "first":
            create(contio, "second")
            contio.clock.advance("1m")
        return Response()

    create(contio, "first")
    contio.receiver = serving(endpoint)
    contio.clock.advance("1s")
    assert told == ["first", "second"]


# ---------------------------------------------------------------- in the background


def test_a_background_task_has_ended_when_the_delivery_has(contio: FakeContio) -> None:
    done: list[str] = []

    async def work(title: str) -> None:
        await asyncio.sleep(0)
        done.append(title)

    async def endpoint(request: Request) -> Response:
        title = (await read(request)).data.title
        return Response(status_code=202, background=BackgroundTask(work, title))

    create(contio)
    assert statuses(contio.outbox.deliver(serving(endpoint))) == [202]
    assert done == ["Review"]


def test_a_task_that_a_handler_began_has_ended_when_the_delivery_has(contio: FakeContio) -> None:
    done: list[str] = []
    tasks: set[asyncio.Task[None]] = set()

    async def work(title: str, steps: int) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        done.append(f"{title} {steps}")
        if steps:
            tasks.add(asyncio.create_task(work(title, steps - 1)))

    async def endpoint(request: Request) -> Response:
        tasks.add(asyncio.create_task(work((await read(request)).data.title, 2)))
        return Response(status_code=202)

    create(contio)
    assert statuses(contio.outbox.deliver(serving(endpoint))) == [202]
    assert done == ["Review 2", "Review 1", "Review 0"]


def test_a_worker_of_the_lifespan_is_not_waited_for(contio: FakeContio, caplog: Any) -> None:
    done: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        jobs: asyncio.Queue[str] = asyncio.Queue()

        async def work() -> None:
            while True:
                done.append(await jobs.get())
                jobs.task_done()

        worker = asyncio.create_task(work())
        yield {"jobs": jobs}
        await jobs.join()
        worker.cancel()

    async def endpoint(request: Request) -> Response:
        await request.state.jobs.put((await read(request)).data.title)
        return Response(status_code=202)

    create(contio)
    assert statuses(contio.outbox.deliver(serving(endpoint, lifespan=lifespan))) == [202]
    assert done == ["Review"]
    assert caplog.records == []


# ---------------------------------------------------------------- what goes wrong


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING, "contio_mock.webhooks"):
        yield caplog


def test_what_an_endpoint_raises_is_a_500_and_in_the_log(contio: FakeContio, warned: Any) -> None:
    async def endpoint(request: Request) -> Response:
        raise OSError("the database is down")

    create(contio)
    assert statuses(contio.outbox.deliver(serving(endpoint))) == [500]
    assert "OSError: the database is down" in warned.text
    assert "answered 500 to POST /webhooks" in warned.text


def test_a_check_of_the_test_that_fails_in_an_endpoint_fails_the_test(contio: FakeContio) -> None:
    async def endpoint(request: Request) -> Response:
        pytest.fail("not what the test expected")

    create(contio)
    with pytest.raises(pytest.fail.Exception, match="expected"):
        contio.outbox.deliver(serving(endpoint))
    assert contio.outbox.pending[0].attempts[0].error == "the receiver raised"


def test_middleware_that_wraps_the_request_changes_nothing(contio: FakeContio) -> None:
    class Timing(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["x-took"] = "no time"
            return response

    partner_heard: list[str] = []

    async def endpoint(request: Request) -> Response:
        partner_heard.append((await read(request)).data.title)
        return Response()

    create(contio)
    app = serving(endpoint, middleware=[Middleware(Timing), Middleware(Timing)])
    assert statuses(contio.outbox.deliver(app)) == [200]
    assert partner_heard == ["Review"]


def answer(status: int) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return Response(status_code=status)

    return endpoint


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "webhook secret"), (403, "csrf_exempt"), (302, "a login"), (422, "request: Request"), (503, "")],
)
def test_a_refusal_is_in_the_log_with_what_is_likely(
    contio: FakeContio, warned: Any, status: int, hint: str
) -> None:
    create(contio)
    assert statuses(contio.outbox.deliver(serving(answer(status)))) == [status]
    assert f"the app answered {status} to POST /webhooks" in warned.messages[-1]
    assert hint in warned.messages[-1]


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [("/webhooks/", 307, "a slash"), ("/hooks", 404, "a route for this path"), ("/get", 405, "take POST")],
)
def test_a_wrong_path_is_in_the_log_with_what_is_likely(
    contio: FakeContio, warned: Any, path: str, status: int, hint: str
) -> None:
    app = Starlette(routes=[Route("/webhooks", answer(200), methods=["POST"]), Route("/get", answer(200))])
    create(contio)
    assert statuses(contio.outbox.deliver(app, path)) == [status]
    assert f"answered {status} to POST {path}: " in warned.messages[-1]
    assert hint in warned.messages[-1]


def test_a_mounted_app_is_found_with_a_slash_only(contio: FakeContio, warned: Any) -> None:
    app = Starlette(routes=[Mount("/webhooks", WebhookHandlers().asgi(SECRET))])
    create(contio)
    assert statuses(contio.outbox.deliver(app)) == [307]
    assert "a slash too many or too few" in warned.text
    contio.clock.advance("30s")
    assert statuses(contio.outbox.deliver(app, "/webhooks/")) == [200]


def test_an_app_that_closes_the_connection_is_an_attempt_without_a_status(contio: FakeContio) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            raise NotDelivered("connection reset")
        raise ValueError("no lifespan here")

    create(contio)
    (failed,) = contio.outbox.deliver(app)
    assert (failed.attempts[0].status, failed.attempts[0].error) == (None, "connection reset")


# ---------------------------------------------------------------- FastAPI


@pytest.fixture
def partner() -> Any:
    """The partner's module; its app is at `app`."""
    pytest.importorskip("fastapi", reason="it is one of the dev extras")
    from . import fastapi_app

    fastapi_app.announced.clear()
    return fastapi_app


def test_a_fastapi_app_is_delivered_to_with_its_lifespan_and_background_tasks(
    contio: FakeContio, partner: Any
) -> None:
    create(contio, "first")
    create(contio, "second")
    assert statuses(contio.outbox.deliver(partner.app)) == [202, 202]
    assert partner.announced == ["first is row 1", "second is row 2"]


def test_a_plain_fastapi_endpoint_is_delivered_to(contio: FakeContio, partner: Any) -> None:
    with contio.receiving(partner.app, "/plain"):
        for title in ("first", "second"):
            create(contio, title)
            assert statuses(contio.outbox.deliver()) == [200]
    assert partner.announced == ["first", "second"]


def test_a_fastapi_app_answers_a_wrong_signature_in_its_own_way(contio: FakeContio, partner: Any) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_secret="whs_rotated")
    create(contio)
    assert statuses(contio.outbox.deliver(partner.app)) == [401]
    assert partner.announced == []


def test_a_fastapi_endpoint_that_takes_something_else_is_told_what_to_take(
    contio: FakeContio, partner: Any, warned: Any
) -> None:
    create(contio)
    assert statuses(contio.outbox.deliver(partner.app, "/parsed")) == [422]
    assert "request: Request in FastAPI" in warned.text
