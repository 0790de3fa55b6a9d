"""Flask and Django apps as partners write them, with the mistakes that are made in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from contio_mock import FakeContio, parse_webhook
from contio_mock.client import SIGNATURE_HEADER, BadSignature, WebhookHandlers

from .partner import DEV, SECRET, URL, create

pytestmark = pytest.mark.contio(webhook_url=URL)


def statuses(deliveries: list[Any]) -> list[int | None]:
    return [one.attempts[-1].status for one in deliveries]


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING):
        yield caplog


# ---------------------------------------------------------------- Flask


class FlaskPartner:
    """A Flask app with views of its own."""

    def __init__(self) -> None:
        flask = pytest.importorskip("flask", reason=DEV)
        self.app = flask.Flask("partner")
        self.heard: list[str] = []

        @self.app.errorhandler(BadSignature)
        def refused(error: BadSignature) -> Any:
            return {"error": str(error)}, 401

        @self.app.post("/webhooks")
        def webhooks() -> Any:
            signature = flask.request.headers.get(SIGNATURE_HEADER)
            webhook = parse_webhook(flask.request.get_data(), signature, SECRET)
            self.heard.append(webhook.data.title)
            return "", 204

        @self.app.post("/printed-again")
        def printed_again() -> Any:
            body = json.dumps(flask.request.get_json())
            parse_webhook(body, flask.request.headers.get(SIGNATURE_HEADER), SECRET)

        @self.app.post("/broken")
        def broken() -> Any:
            raise OSError("the database is down")

        @self.app.post("/slash/")
        def slash() -> Any:
            return "", 204

        @self.app.get("/get-only")
        def get_only() -> Any: ...


@pytest.fixture
def flask_partner() -> FlaskPartner:
    return FlaskPartner()


def test_a_flask_view_of_its_own_is_delivered_to(contio: FakeContio, flask_partner: FlaskPartner) -> None:
    create(contio, "first")
    create(contio, "Ünïcode 🎉")
    assert statuses(contio.outbox.deliver(flask_partner.app)) == [204, 204]
    assert flask_partner.heard == ["first", "Ünïcode 🎉"]


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [
        ("/printed-again", 401, "webhook secret"),
        ("/broken", 500, "OSError: the database is down"),
        ("/slash", 308, "a slash too many or too few"),
        ("/get-only", 405, "does the route take POST?"),
        ("/none", 404, "a route for this path"),
    ],
)
@pytest.mark.parametrize("testing", [False, True])
def test_a_flask_view_that_fails_is_in_the_log(
    contio: FakeContio, flask_partner: FlaskPartner, warned: Any, path: str, status: int, hint: str, testing: bool
) -> None:  # fmt: skip
    flask_partner.app.testing = testing
    create(contio)
    (failed,) = contio.outbox.deliver(flask_partner.app, path)
    assert (failed.status, failed.attempts[0].status) == ("failed", status)
    assert hint in warned.text


# ---------------------------------------------------------------- Django


@pytest.fixture
def project() -> Any:
    """The partner's Django project, with the URLs of its file."""
    pytest.importorskip("django", reason=DEV)
    from . import django_project

    django_project.serve(*django_project.patterns())
    django_project.heard.clear()
    return django_project


@pytest.fixture(params=["wsgi", "asgi"])
def django_app(project: Any, request: pytest.FixtureRequest) -> Any:
    return getattr(project, request.param)


@pytest.mark.parametrize(
    ("path", "status"), [(None, 204), ("/webhooks/async", 200), ("/webhooks/slash/", 204)]
)
def test_a_django_view_of_its_own_is_delivered_to(
    contio: FakeContio, project: Any, django_app: Any, path: str | None, status: int
) -> None:
    create(contio, "first")
    create(contio, "Ünïcode 🎉")
    assert statuses(contio.outbox.deliver(django_app, path)) == [status, status]
    assert project.heard == ["first", "Ünïcode 🎉"]


def test_a_django_view_that_asks_for_a_csrf_token_refuses_and_the_log_says_why(
    contio: FakeContio, project: Any, django_app: Any, warned: Any
) -> None:
    create(contio)
    (failed,) = contio.outbox.deliver(django_app, "/guarded")
    assert (failed.status, failed.attempts[0].status) == ("failed", 403)
    assert "answered 403 to POST /guarded: does the view ask for a CSRF token?" in warned.text
    assert project.heard == []


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [
        ("/broken", 500, "OSError: the database is down"),
        ("/webhooks/slash", 301, "a slash too many or too few"),
        ("/none", 404, "a route for this path"),
    ],
)
def test_a_django_view_that_fails_is_in_the_log(
    contio: FakeContio, django_app: Any, warned: Any, path: str, status: int, hint: str
) -> None:
    create(contio)
    assert statuses(contio.outbox.deliver(django_app, path)) == [status]
    assert hint in warned.text


def test_a_django_view_answers_a_wrong_signature_in_its_own_way(contio: FakeContio, django_app: Any) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_secret="whs_rotated")
    create(contio)
    assert statuses(contio.outbox.deliver(django_app)) == [401]


def test_the_django_view_takes_what_is_posted_and_nothing_else(project: Any) -> None:
    from django.test import RequestFactory

    view = WebhookHandlers().django(SECRET)
    refused = view(RequestFactory().get("/webhooks"))
    assert (refused.status_code, refused["Allow"]) == (405, "POST")
    assert json.loads(refused.content)["error"] == "method_not_allowed"
    unsigned = view(RequestFactory().post("/webhooks", b"{}", content_type="application/json"))
    assert (unsigned.status_code, unsigned["Content-Type"]) == (401, "application/json")
