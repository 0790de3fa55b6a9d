"""A partner's handlers, and the ways in which web frameworks serve them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from contio_mock import FakeContio, Webhook, WebhookHandlers
from contio_mock.client import SIGNATURE_HEADER
from contio_mock.contract.meeting_events import MeetingCreated
from contio_mock.contract.meetings import MeetingCreate

URL = "http://localhost:3000/webhooks"
SECRET = "whs_demo_secret"
DEV = "it is one of the dev extras"


def create(contio: FakeContio, title: str = "Review") -> str:
    """A new meeting, which is an event; its id."""
    return contio.client().user.meetings.create(MeetingCreate(title=title)).id


class Partner:
    """A partner's handlers, and what they heard."""

    def __init__(self, remember: int = 0) -> None:
        self.handlers = WebhookHandlers(remember=remember)
        self.titles: list[str] = []
        self.broken = False

        @self.handlers.on(MeetingCreated)
        def created(webhook: Webhook[MeetingCreated]) -> None:
            if self.broken:
                raise OSError("the database is down")
            self.titles.append(webhook.data.title)


class AsyncPartner(Partner):
    """The same with a coroutine function."""

    def __init__(self, remember: int = 0) -> None:
        super().__init__(remember)
        self.handlers = WebhookHandlers(remember=remember)

        @self.handlers.on(MeetingCreated)
        async def created(webhook: Webhook[MeetingCreated]) -> None:
            if self.broken:
                raise OSError("the database is down")
            self.titles.append(webhook.data.title)


def as_asgi(partner: Partner) -> Any:
    return partner.handlers.asgi(SECRET)


def as_wsgi(partner: Partner) -> Any:
    return partner.handlers.wsgi(SECRET)


def as_starlette_route(partner: Partner) -> Any:
    return Starlette(routes=[Route("/webhooks", partner.handlers.asgi(SECRET), methods=["POST"])])


def as_starlette_added(partner: Partner) -> Any:
    app = Starlette()
    app.add_route("/webhooks", partner.handlers.asgi(SECRET), methods=["POST"])
    return app


def as_starlette_mounted(partner: Partner) -> Any:
    """Behind a sub-app's own route."""
    inner = Starlette(routes=[Route("/webhooks", partner.handlers.asgi(SECRET), methods=["POST"])])
    return Starlette(routes=[Mount("/", inner)])


def as_starlette_endpoint(partner: Partner) -> Any:
    """The way of somebody who writes the endpoint by hand."""

    async def endpoint(request: Request) -> Response:
        signature = request.headers.get("x-contio-signature")
        answer = await partner.handlers.receive_async(await request.body(), signature, SECRET)
        return Response(answer.body, answer.status, media_type="application/json")

    return Starlette(routes=[Route("/webhooks", endpoint, methods=["POST"])])


def as_fastapi_added(partner: Partner) -> Any:
    fastapi = pytest.importorskip("fastapi", reason=DEV)
    app = fastapi.FastAPI()
    app.add_route("/webhooks", partner.handlers.asgi(SECRET), methods=["POST"])
    return app


def as_fastapi_endpoint(partner: Partner) -> Any:
    fastapi = pytest.importorskip("fastapi", reason=DEV)
    app = fastapi.FastAPI()

    @app.post("/webhooks")
    async def webhooks(request: Request) -> Response:
        signature = request.headers.get(SIGNATURE_HEADER)
        answer = await partner.handlers.receive_async(await request.body(), signature, SECRET)
        return Response(answer.body, answer.status)

    return app


def as_flask(partner: Partner) -> Any:
    flask = pytest.importorskip("flask", reason=DEV)
    app = flask.Flask("partner")
    app.post("/webhooks")(partner.handlers.flask(SECRET))
    return app


def _django(partner: Partner) -> Any:
    pytest.importorskip("django", reason=DEV)
    from django.urls import path

    from . import django_project

    django_project.serve(path("webhooks", partner.handlers.django(SECRET)))
    return django_project


def as_django_wsgi(partner: Partner) -> Any:
    return _django(partner).wsgi


def as_django_asgi(partner: Partner) -> Any:
    return _django(partner).asgi


KINDS = (
    as_asgi,
    as_wsgi,
    as_starlette_route,
    as_starlette_added,
    as_starlette_mounted,
    as_starlette_endpoint,
    as_fastapi_added,
    as_fastapi_endpoint,
    as_flask,
    as_django_wsgi,
    as_django_asgi,
)
PARTNERS = (Partner, AsyncPartner)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
every_partner = pytest.mark.parametrize("partner_class", PARTNERS, ids=["plain", "async"])
Kind = Callable[[Partner], Any]
