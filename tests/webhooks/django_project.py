"""A partner's whole Django project in one file; needs no database."""

from __future__ import annotations

import asyncio
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, clear_url_caches, path
from django.views.decorators.csrf import csrf_exempt

from contio_mock import parse_webhook
from contio_mock.client import SIGNATURE_HEADER, BadSignature

SECRET = "whs_demo_secret"

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="for tests",
    ALLOWED_HOSTS=["localhost"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
)
django.setup(set_prefix=False)

heard: list[str] = []
"""The titles of the meetings that this project has been told about."""


@csrf_exempt
def webhooks(request: HttpRequest) -> HttpResponse:
    try:
        webhook = parse_webhook(request.body, request.META.get("HTTP_X_CONTIO_SIGNATURE"), SECRET)
    except BadSignature as error:
        return JsonResponse({"error": str(error)}, status=401)
    heard.append(webhook.data.title)
    return HttpResponse(status=204)


@csrf_exempt
async def webhooks_async(request: HttpRequest) -> HttpResponse:
    webhook = parse_webhook(request.body, request.headers.get(SIGNATURE_HEADER), SECRET)
    await asyncio.sleep(0)
    heard.append(webhook.data.title)
    return JsonResponse({"heard": len(heard)})


def guarded(request: HttpRequest) -> HttpResponse:
    heard.append("without a token")
    return HttpResponse()


@csrf_exempt
def broken(request: HttpRequest) -> HttpResponse:
    raise OSError("the database is down")


def patterns() -> list[URLPattern]:
    """The URLs of these views."""
    return [
        path("webhooks", webhooks),
        path("webhooks/async", webhooks_async),
        path("webhooks/slash/", webhooks),
        path("guarded", guarded),
        path("broken", broken),
    ]


urlpatterns = patterns()
wsgi: Any = get_wsgi_application()
asgi: Any = get_asgi_application()


def serve(*wanted: URLPattern) -> None:
    """Have these URLs and no others."""
    urlpatterns[:] = wanted
    clear_url_caches()
