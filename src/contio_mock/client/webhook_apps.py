"""`WebhookHandlers` as something that web servers and frameworks call. None of them is imported."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from contio_mock.client.webhook_handlers import WebhookAnswer
from contio_mock.contract.signature import SIGNATURE_HEADER

if TYPE_CHECKING:
    from contio_mock.client.webhook_handlers import WebhookHandlers
    from contio_mock.client.webhooks import Secret

LARGEST_BODY = 1_048_576
"""Bytes; webhooks are small, and a stranger may send anything."""

_TOO_LARGE = WebhookAnswer(413, "too_large", f"A webhook has at most {LARGEST_BODY} bytes.")
_NOT_POST = WebhookAnswer(405, "method_not_allowed", "Webhooks are posted.")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    500: "Internal Server Error",
}

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


def _headers(answer: WebhookAnswer) -> list[tuple[str, str]]:
    allow = [("Allow", "POST")] if answer is _NOT_POST else []
    return [("Content-Type", "application/json"), ("Content-Length", str(len(answer.body))), *allow]


class WsgiWebhooks:
    """A WSGI app that receives webhooks at whatever path it stands."""

    def __init__(self, handlers: WebhookHandlers, secret: Secret) -> None:
        self._handlers = handlers
        self._secret = secret

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        answer = self._answer(environ)
        start_response(f"{answer.status} {_REASONS[answer.status]}", _headers(answer))
        return [answer.body]

    def _answer(self, environ: dict[str, Any]) -> WebhookAnswer:
        if environ["REQUEST_METHOD"] != "POST":
            return _NOT_POST
        body = _wsgi_body(environ)
        if body is None:
            return _TOO_LARGE
        return self._handlers.receive(body, environ.get("HTTP_X_CONTIO_SIGNATURE"), self._secret)


def _wsgi_body(environ: dict[str, Any]) -> bytes | None:
    """The raw body; None when it is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            return None
        most = int(length)
    else:
        most = LARGEST_BODY + 1 if environ.get("wsgi.input_terminated") else 0
    body: bytes = environ["wsgi.input"].read(most)
    return body if len(body) <= LARGEST_BODY else None


class AsgiWebhooks:
    """An ASGI app that receives webhooks at whatever path it stands."""

    def __init__(self, handlers: WebhookHandlers, secret: Secret) -> None:
        self._handlers = handlers
        self._secret = secret

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request, and take part in the server's lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            if answer is not None:
                await _answered(answer, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Any, receive: Receive) -> WebhookAnswer | None:
        """What to answer; None when the sender has gone."""
        if scope["method"] != "POST":
            return _NOT_POST
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > LARGEST_BODY:
                return _TOO_LARGE
            if not message.get("more_body", False):
                break
        return await self._handlers.receive_async(bytes(body), _asgi_signature(scope), self._secret)


def _asgi_signature(scope: Any) -> str | None:
    wanted = SIGNATURE_HEADER.lower().encode()
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return ", ".join(found) if found else None


async def _answered(answer: WebhookAnswer, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in _headers(answer)]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _live(receive: Receive, send: Send) -> None:
    """Nothing begins or ends with the server."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def flask_view(handlers: WebhookHandlers, secret: Secret) -> Callable[[], Any]:
    """A view that reads the request that Flask is handling."""

    def contio_webhooks() -> Any:
        flask: Any = import_module("flask")
        request = flask.request
        if (request.content_length or 0) > LARGEST_BODY:
            answer = _TOO_LARGE
        else:
            answer = handlers.receive(request.get_data(), request.headers.get(SIGNATURE_HEADER), secret)
        return flask.Response(answer.body, answer.status, content_type="application/json")

    return contio_webhooks


def django_view(handlers: WebhookHandlers, secret: Secret) -> Callable[[Any], Any]:
    """A view that needs no CSRF token: Contio has none."""

    def contio_webhooks(request: Any) -> Any:
        http: Any = import_module("django.http")
        answer = _django_answer(handlers, secret, request)
        headers = dict(_headers(answer))
        return http.HttpResponse(answer.body, status=answer.status, headers=headers)

    contio_webhooks.csrf_exempt = True  # type: ignore[attr-defined]
    return contio_webhooks


def _django_answer(handlers: WebhookHandlers, secret: Secret, request: Any) -> WebhookAnswer:
    if request.method != "POST":
        return _NOT_POST
    if len(request.body) > LARGEST_BODY:
        return _TOO_LARGE
    return handlers.receive(request.body, request.headers.get(SIGNATURE_HEADER), secret)
