"""The ASGI app: API requests go straight to the engine, anything else to the pages.

A web framework's router would look at 140 routes in turn; the engine's segment tree is asked first,
and Starlette is not even imported until somebody opens a page.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Any

from contio_mock.contract.blobs import IN_MEMORY, Body, Oversize, Spool, cut, pieces
from contio_mock.contract.errors import FORBIDDEN, UNKNOWN_PATH
from contio_mock.contract.registry import CONTROL_PREFIX
from contio_mock.contract.wire import LOCAL, Headers, Request, Response, header_dict, header_list
from contio_mock.fake.engine import Engine
from contio_mock.server.dispatcher import Dispatcher
from contio_mock.server.protocol import ANSWER, abort

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

_BODILESS = (204, 304)


class ContioApp:
    """An engine as an ASGI app, with its webhook dispatcher.

    `exposed` says that the control plane is served to other machines too.
    """

    def __init__(self, engine: Engine, *, exposed: bool = True, webhook_hosts: tuple[str, ...] = ()) -> None:
        self.engine = engine
        self.exposed = exposed
        self.dispatcher = Dispatcher(engine, allowed_hosts=webhook_hosts)
        self._pages: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the server's life."""
        if scope["type"] == "http":
            path = scope.get("raw_path", b"").decode("latin-1") or scope["path"]
            if self.engine.serves(path):
                await self._api(scope, receive, send, path)
            else:
                await self._page_app()(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def answers_directly(self, method: str, path: str, headers: Headers) -> bool:
        """Whether the engine's answer is all there is to a request: no page, no fault, no waiting."""
        return self.engine.answers_at_once(path) and not _wants_page(method, path, headers)

    def answer(self, request: Request) -> Response:
        """The engine's answer."""
        return self.engine.handle(request)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.dispatcher.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.dispatcher.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _tells_secrets(self, client: Any) -> bool:
        """Whether a page may show credentials and one-time codes to that machine."""
        return self.exposed or is_local(client)

    def _page_app(self) -> Starlette:
        if self._pages is None:
            from contio_mock.server.pages import page_app  # noqa: PLC0415 - pages are opened rarely

            self._pages = page_app(self.engine, tells_secrets=self._tells_secrets)
        return self._pages

    async def _api(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        known: Response | None = scope.get("extensions", {}).get(ANSWER)
        if known is not None:
            await _send(known, send)
            return
        headers = header_dict(scope["headers"])
        body = await _body(receive, headers, self.engine.most_bytes(path))
        if body is None:
            return
        query = scope["query_string"].decode("latin-1")
        client = scope.get("client") or (LOCAL,)
        request = Request(scope["method"], path, query, headers, body, client[0])
        refused = self._guard(scope, request) if CONTROL_PREFIX in path else None
        response = refused or self.engine.handle(request)
        if response.status >= 400 and _wants_page(request.method, path, headers):  # noqa: PLR2004
            await self._error_page(scope, receive, send, response)
            return
        if response.work is not None:
            await self.dispatcher.carry_out(response)
        if response.transmission is not None and await _spoiled(scope, response, receive, send):
            return
        await _send(response, send)

    async def _error_page(self, scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
        """A browser that cannot be sent back to the app gets a page instead of JSON."""
        from starlette.requests import Request as PageRequest  # noqa: PLC0415

        name = scope["path"].partition("/oauth2/")[0].removeprefix("/~")
        known = {**scope, "path_params": {"sandbox": name} if name else {}}
        page = self._page_app().state.pages.error(PageRequest(known, receive), answer)
        await page(scope, receive, send)

    def _guard(self, scope: Scope, request: Request) -> Response | None:
        """The control plane is for this machine, and not for pages of other sites."""
        if request.method not in ("GET", "HEAD") and _from_another_site(request):
            return self.engine.refuse(FORBIDDEN, "The control plane takes no orders from web pages.")
        if not self.exposed and not is_local(scope.get("client")):
            message = "The control plane is off for other machines; serve with --expose."
            return self.engine.refuse(UNKNOWN_PATH, message)
        return None


def _from_another_site(request: Request) -> bool:
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


async def _body(receive: Receive, headers: Headers, most: int) -> Body | None:
    """The whole body, bytes while it is small; None when the caller hung up before its end.

    Of what is larger than anything the API takes, only the size is told.
    """
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        return Oversize(int(announced))
    with Spool() as spool:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            if not more and not spool.size:
                return piece if len(piece) <= most else Oversize(len(piece))
            spool.write(piece)
            if spool.size > most:
                return Oversize(spool.size)
            if not more:
                whole = spool.blob()
                return whole.read() if whole.size <= IN_MEMORY else whole


async def _send(response: Response, send: Send) -> None:
    headers = header_list(response.headers)
    if response.status not in _BODILESS:
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if isinstance(response.body, bytes):
        await send({"type": "http.response.body", "body": response.body})
        return
    await _send_pieces(response.body, send)
    await send({"type": "http.response.body", "body": b""})


async def _send_pieces(body: Body, send: Send) -> None:
    """Send a body piece by piece, as fast as the caller takes it; more may follow."""
    for piece in pieces(body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _spoiled(scope: Scope, response: Response, receive: Receive, send: Send) -> bool:
    """Do what a fault says; True when nothing more is to be sent."""
    fault = response.transmission
    assert fault is not None  # noqa: S101 - the caller asked
    if fault.delay and await _has_gone(receive, fault.delay):
        return True
    if fault.drop:
        return await abort(scope)
    if fault.truncate is None or fault.truncate >= len(response.body):
        return False
    headers = [*header_list(response.headers), (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await _send_pieces(cut(response.body, fault.truncate), send)
    await abort(scope)
    return True


def _wants_page(method: str, path: str, headers: Headers) -> bool:
    at_authorize = method == "GET" and path.endswith("/oauth2/authorize")
    return at_authorize and "text/html" in headers.get("accept", "")


async def _has_gone(receive: Receive, seconds: float) -> bool:
    """Wait; True when the caller hangs up or the server stops before the time is over."""
    hung_up = asyncio.ensure_future(receive())
    try:
        done, _ = await asyncio.wait({hung_up}, timeout=seconds)
    except asyncio.CancelledError:
        return True
    finally:
        hung_up.cancel()
    return bool(done)


def is_local(client: Any) -> bool:
    """Whether a request comes from this machine."""
    if not client:
        return True  # a Unix socket, or a test in process
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
