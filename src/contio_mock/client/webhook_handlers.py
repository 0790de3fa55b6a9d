"""`WebhookHandlers`: which function is called for which event, and how that is answered.

handlers = WebhookHandlers(remember=10_000)

@handlers.on(MeetingCreated)
def book_a_room(webhook: Webhook[MeetingCreated]) -> None: ...

app.add_route("/webhooks", handlers.asgi(secret), methods=["POST"])  # Starlette, FastAPI
app.post("/webhooks")(handlers.flask(secret))                        # Flask
urlpatterns = [path("webhooks", handlers.django(secret))]            # Django

`handlers.asgi(secret)` and `handlers.wsgi(secret)` are apps, which any server serves at any path. Mounted in
Starlette at /webhooks, one is found at /webhooks/ only: a webhook URL without that slash is redirected.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, overload

from contio_mock.client.errors import BadSignature, UnreadableWebhook, WebhookInProgress
from contio_mock.client.webhooks import Secret, Webhook, parse_webhook
from contio_mock.contract.events import EVENTS, Event

if TYPE_CHECKING:
    from contio_mock.client.webhook_apps import AsgiWebhooks, WsgiWebhooks

E = TypeVar("E", bound=Event)
T = TypeVar("T")
Handler = Callable[[Webhook[Any]], object]
"""Called with a webhook; may be a coroutine function. What it returns is not looked at."""

log = logging.getLogger("contio_mock.webhooks.receiver")


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What Contio is to be answered: 2xx says that the event is done with, anything else sends it again."""

    status: int
    outcome: str
    """`handled`, `duplicate`, or the name of the error."""
    message: str | None = None

    @property
    def body(self) -> bytes:
        """The answer as JSON."""
        if self.message is None:
            return json.dumps({"status": self.outcome}).encode()
        return json.dumps({"error": self.outcome, "message": self.message}).encode()


class WebhookHandlers:
    """Functions by the event that they want; `handle` calls them, `asgi`, `wsgi`, `flask` and `django` serve them.

    With `remember`, an event that was handled is not handled again when it is delivered twice; that many
    event ids are kept, the oldest is forgotten first. They are kept in this process only.
    """

    def __init__(self, *, remember: int = 0) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._for_all: list[Handler] = []
        self._handled = _Handled(remember)

    @overload
    def on(self, event: type[E]) -> Callable[[Callable[[Webhook[E]], T]], Callable[[Webhook[E]], T]]: ...

    @overload
    def on(self, event: str) -> Callable[[Callable[[Webhook[Any]], T]], Callable[[Webhook[Any]], T]]: ...

    def on(self, event: str | type[Event]) -> Callable[[Any], Any]:
        """Call the function below for an event, named by its type or its class; raises ValueError."""
        name = event if isinstance(event, str) else event.type
        if name not in EVENTS:
            near = get_close_matches(name, EVENTS, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "on_any hears of events of any name"
            raise ValueError(f"there is no event {name!r}; {hint}")

        def register(handler: T) -> T:
            self._handlers.setdefault(name, []).append(handler)  # type: ignore[arg-type]
            return handler

        return register

    def on_any(self, handler: Callable[[Webhook[Event]], T]) -> Callable[[Webhook[Event]], T]:
        """Call the function below for every event, before those that want this one."""
        self._for_all.append(handler)
        return handler

    def handle(self, webhook: Webhook[Event]) -> bool:
        """Call the handlers, one after the other; False when the event was handled before.

        What a handler raises ends the others' turn and is raised. Coroutine functions are run to their
        end, each in an event loop of its own; inside a loop, await `handle_async` instead.
        """
        with self._handled.once(webhook) as first:
            if first:
                for handler in self._wanted(webhook):
                    _finished(handler(webhook))
            return first

    async def handle_async(self, webhook: Webhook[Event]) -> bool:
        """`handle` for an event loop: awaits coroutine functions, and runs plain ones in a thread."""
        with self._handled.once(webhook) as first:
            if first:
                for handler in self._wanted(webhook):
                    if inspect.iscoroutinefunction(handler):
                        await handler(webhook)
                    else:
                        result = await asyncio.to_thread(handler, webhook)
                        if inspect.isawaitable(result):
                            await result
            return first

    def receive(self, body: bytes, signature: str | bytes | None, secret: Secret) -> WebhookAnswer:
        """Check, read and handle one request, and say how to answer it; raises nothing."""
        try:
            return _success(self.handle(parse_webhook(body, signature, secret)))
        except Exception as error:  # whatever it is, Contio must hear that it should try again
            return _failure(error)

    async def receive_async(
        self, body: bytes, signature: str | bytes | None, secret: Secret
    ) -> WebhookAnswer:
        """`receive` for an event loop."""
        try:
            return _success(await self.handle_async(parse_webhook(body, signature, secret)))
        except Exception as error:
            return _failure(error)

    def asgi(self, secret: Secret) -> AsgiWebhooks:
        """An ASGI app; Starlette and FastAPI take it as a route's endpoint."""
        from contio_mock.client.webhook_apps import AsgiWebhooks  # noqa: PLC0415

        return AsgiWebhooks(self, secret)

    def wsgi(self, secret: Secret) -> WsgiWebhooks:
        """A WSGI app."""
        from contio_mock.client.webhook_apps import WsgiWebhooks  # noqa: PLC0415

        return WsgiWebhooks(self, secret)

    def flask(self, secret: Secret) -> Callable[[], Any]:
        """A Flask view, to be routed with the method POST."""
        from contio_mock.client.webhook_apps import flask_view  # noqa: PLC0415

        return flask_view(self, secret)

    def django(self, secret: Secret) -> Callable[[Any], Any]:
        """A Django view, exempt from CSRF tokens."""
        from contio_mock.client.webhook_apps import django_view  # noqa: PLC0415

        return django_view(self, secret)

    def _wanted(self, webhook: Webhook[Event]) -> list[Handler]:
        return [*self._for_all, *self._handlers.get(webhook.event_type, ())]


class _Handled:
    """The ids of events that were handled, or are at this moment; the oldest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._done: OrderedDict[str, None] = OrderedDict()
        self._running: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def once(self, webhook: Webhook[Event]) -> Iterator[bool]:
        """Whether this is the first time; it counts when the block ends well. Raises WebhookInProgress."""
        if not self._most:
            yield True
            return
        id_ = webhook.event_id
        with self._lock:
            if id_ in self._running:
                raise WebhookInProgress(f"event {id_} is being handled at this moment")
            first = id_ not in self._done
            if first:
                self._running.add(id_)
        if not first:
            yield False
            return
        try:
            yield True
            self._keep(id_)
        finally:
            with self._lock:
                self._running.discard(id_)

    def _keep(self, id_: str) -> None:
        with self._lock:
            self._done[id_] = None
            while len(self._done) > self._most:
                self._done.popitem(last=False)


def _finished(result: object) -> None:
    """Run what a handler returned to its end, if it is to be awaited."""
    if not inspect.isawaitable(result):
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_awaited(result))
        return
    if inspect.iscoroutine(result):
        result.close()
    raise RuntimeError("a handler is a coroutine function: inside an event loop, await handle_async")


async def _awaited(result: Awaitable[Any]) -> None:
    await result


def _success(first: bool) -> WebhookAnswer:
    return WebhookAnswer(200, "handled" if first else "duplicate")


def _failure(error: Exception) -> WebhookAnswer:
    if isinstance(error, BadSignature):
        return WebhookAnswer(401, "invalid_signature", str(error))
    if isinstance(error, UnreadableWebhook):
        return WebhookAnswer(400, "invalid_webhook", str(error))
    if isinstance(error, WebhookInProgress):
        return WebhookAnswer(409, "in_progress", str(error))
    log.error("a webhook was not handled", exc_info=error)
    return WebhookAnswer(500, "handler_failed", "The webhook was not handled; the receiver's log says why.")
