"""`deliver_async`: webhooks to an app that shares the event loop, and what is bound to it, with its test."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient as HttpClient
from aiohttp.test_utils import TestServer as HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contio_mock import FakeContio, WebhookHandlers
from contio_mock.fake.deliveries import Outgoing

from .partner import PARTNERS, SECRET, URL, Kind, Partner, create, every_kind

pytestmark = [pytest.mark.contio(webhook_url=URL), pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Pool:
    """Connections of one event loop; a loan blocks until another is given back."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.free: asyncio.Queue[str] = asyncio.Queue()
        self.wanted = asyncio.Event()
        self.rows: list[str] = []

    async def insert(self, row: str) -> None:
        assert asyncio.get_running_loop() is self.loop
        self.wanted.set()
        connection = await self.free.get()
        self.rows.append(row)
        self.free.put_nowait(connection)


def app_with(pool: Pool) -> Starlette:
    handlers = WebhookHandlers()

    @handlers.on("meeting.created")
    async def created(webhook: Any) -> None:
        await pool.insert(webhook.data.title)

    return Starlette(routes=[Route("/webhooks", handlers.asgi(SECRET), methods=["POST"])])


@every_kind
@pytest.mark.parametrize("partner_class", PARTNERS)
async def test_every_kind_of_app_is_delivered_to(
    contio: FakeContio, kind: Kind, partner_class: type[Partner]
) -> None:
    partner = partner_class()
    create(contio, "Ünïcode 🎉")
    (delivery,) = await contio.outbox.deliver_async(kind(partner))
    assert (delivery.status, partner.titles) == ("delivered", ["Ünïcode 🎉"])
    assert await contio.outbox.deliver_async(kind(partner)) == []


async def test_the_app_uses_what_the_test_has_opened(contio: FakeContio) -> None:
    pool = Pool()
    app = app_with(pool)
    create(contio, "first")
    create(contio, "second")
    asyncio.get_running_loop().call_soon(pool.free.put_nowait, "connection")
    deliveries = await contio.outbox.deliver_async(app)
    assert [one.attempts[0].status for one in deliveries] == [200, 200]
    assert pool.rows == ["first", "second"]


async def test_the_tests_own_tasks_go_on_meanwhile(contio: FakeContio) -> None:
    pool = Pool()
    create(contio)

    async def give() -> None:
        await pool.wanted.wait()
        pool.free.put_nowait("connection")

    (delivery,), _ = await asyncio.gather(contio.outbox.deliver_async(app_with(pool)), give())
    assert delivery.status == "delivered"


async def test_a_coroutine_function_runs_in_the_tests_loop_and_a_plain_one_in_a_thread(
    contio: FakeContio,
) -> None:
    tenant: ContextVar[str] = ContextVar("tenant")
    tenant.set("Analytical Engines")
    seen: list[Any] = []

    async def awaited(outgoing: Outgoing) -> int:
        seen.append((asyncio.get_running_loop(), tenant.get()))
        return 503

    def plain(outgoing: Outgoing) -> None:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        seen.append((None, tenant.get()))

    create(contio)
    (delivery,) = await contio.outbox.deliver_async(awaited)
    contio.clock.advance("30s")
    assert await contio.outbox.deliver_async(plain) == [delivery]
    assert [attempt.status for attempt in delivery.attempts] == [503, 200]
    assert seen == [(asyncio.get_running_loop(), "Analytical Engines"), (None, "Analytical Engines")]


async def test_the_lifespan_runs_in_the_tests_loop_and_can_be_left_out(contio: FakeContio) -> None:
    lives: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        lives.append("up")
        yield {"loop": asyncio.get_running_loop()}
        lives.append("down")

    async def endpoint(request: Request) -> Response:
        lives.append("request")
        assert getattr(request.state, "loop", loop) is loop
        return Response()

    loop = asyncio.get_running_loop()
    app = Starlette(routes=[Route("/webhooks", endpoint, methods=["POST"])], lifespan=lifespan)
    create(contio)
    await contio.outbox.deliver_async(app)
    assert lives == ["up", "request", "down"]
    create(contio)
    await contio.outbox.deliver_async(app, lifespan=False)
    assert lives[3:] == ["request"]
    before = asyncio.all_tasks()
    await contio.outbox.deliver_async(app)
    assert asyncio.all_tasks() == before, "nothing is left behind in the test's loop"


async def test_what_starting_raises_reaches_the_test(contio: FakeContio) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        raise LookupError("DATABASE_URL is not set")
        yield

    create(contio)
    with pytest.raises(LookupError, match="DATABASE_URL"):
        await contio.outbox.deliver_async(Starlette(lifespan=lifespan))
    assert len(contio.outbox.pending) == 1


async def test_what_the_app_raises_is_a_500_and_what_a_function_raises_reaches_the_test(
    contio: FakeContio, caplog: pytest.LogCaptureFixture
) -> None:
    async def endpoint(request: Request) -> Response:
        raise OSError("the database is down")

    async def receive(outgoing: Outgoing) -> int:
        raise AssertionError("not what the test expected")

    create(contio)
    with caplog.at_level(logging.ERROR, "contio_mock.webhooks"):
        app = Starlette(routes=[Route("/webhooks", endpoint, methods=["POST"])])
        (failed,) = await contio.outbox.deliver_async(app)
    assert failed.attempts[0].status == 500
    assert "the database is down" in caplog.text
    contio.clock.advance("30s")
    with pytest.raises(AssertionError, match="expected"):
        await contio.outbox.deliver_async(receive)
    assert failed.attempts[1].error == "the receiver raised"


async def test_a_task_that_a_handler_began_has_ended_when_the_delivery_has(contio: FakeContio) -> None:
    done: list[str] = []
    tasks: list[asyncio.Task[None]] = []

    async def work() -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        done.append("all")

    async def receive(outgoing: Outgoing) -> None:
        tasks.append(asyncio.create_task(work()))

    create(contio)
    await contio.outbox.deliver_async(receive)
    assert done == ["all"]


async def test_who_stops_waiting_stops_the_app_and_can_deliver_again(contio: FakeContio) -> None:
    reached = asyncio.Event()
    ended: list[str] = []

    async def hangs(outgoing: Outgoing) -> None:
        reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    for title in ("first", "second"):
        create(contio, title)
    waiting = asyncio.create_task(contio.outbox.deliver_async(hangs))
    await reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended == ["cancelled"]
    assert contio.receiver is None
    assert [len(one.attempts) for one in contio.outbox.deliveries] == [1, 0]
    contio.clock.advance("30s")
    delivered = await contio.outbox.deliver_async(lambda outgoing: 200)
    assert {one.status for one in delivered} == {"delivered"}
    assert len(delivered) == 2


async def test_who_stops_waiting_for_a_start_leaves_nothing_behind(contio: FakeContio) -> None:
    reached = asyncio.Event()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        reached.set()
        await asyncio.Event().wait()
        yield

    create(contio)
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(contio.outbox.deliver_async(Starlette(lifespan=lifespan)))
    await reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_who_stops_waiting_between_two_requests_stops_the_next(contio: FakeContio) -> None:
    in_thread, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def hangs() -> None:
        await asyncio.Event().wait()

    def receive(outgoing: Outgoing) -> Any:
        if in_thread.is_set():
            return hangs()
        loop.call_soon_threadsafe(in_thread.set)
        assert go_on.wait(20)
        return 200

    for title in ("first", "second", "third"):
        create(contio, title)
    waiting = asyncio.create_task(contio.outbox.deliver_async(receive))
    await in_thread.wait()
    waiting.cancel()
    loop.call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [len(one.attempts) for one in contio.outbox.deliveries] == [1, 1, 0]


async def test_an_aiohttp_app_is_delivered_to_by_its_own_test_client(contio: FakeContio) -> None:
    """aiohttp speaks neither WSGI nor ASGI; a function of the request is all that is needed."""
    partner = Partner()

    async def webhooks(request: web.Request) -> web.Response:
        signature = request.headers.get("X-Contio-Signature")
        answer = await partner.handlers.receive_async(await request.read(), signature, SECRET)
        return web.Response(body=answer.body, status=answer.status)

    app = web.Application()
    app.router.add_post("/webhooks", webhooks)
    create(contio)
    async with HttpClient(HttpServer(app)) as client:

        async def receive(outgoing: Outgoing) -> int:
            async with client.post("/webhooks", data=outgoing.body, headers=outgoing.headers) as answer:
                return answer.status

        (delivery,) = await contio.outbox.deliver_async(receive)
    assert (delivery.status, partner.titles) == ("delivered", ["Review"])


async def test_delivering_in_the_old_way_works_beside_it(contio: FakeContio) -> None:
    partner = Partner()
    create(contio, "first")
    contio.outbox.deliver(partner.handlers.asgi(SECRET))
    create(contio, "second")
    await contio.outbox.deliver_async(partner.handlers.asgi(SECRET))
    assert partner.titles == ["first", "second"]
