"""The pages that a browser gets: the welcome page and the hosted sign-in. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import Response
from starlette.routing import Route

from contio_mock.contract.auth import DEFAULT_SCOPE
from contio_mock.contract.operation import OPERATIONS
from contio_mock.contract.registry import CONTROL_PREFIX
from contio_mock.contract.wire import Request
from contio_mock.contract.wire import Response as Answer
from contio_mock.fake.engine import Engine
from contio_mock.fake.sandbox import Sandbox
from contio_mock.server import sign_in, sso
from contio_mock.server.visit import Reply, Visit
from contio_mock.version import VERSION

Page = Callable[[Visit], Awaitable[Response]]


class Pages:
    """The pages of one engine."""

    def __init__(self, engine: Engine, tells_secrets: Callable[[Any], bool]) -> None:
        self.engine = engine
        self._tells_secrets = tells_secrets

    def routes(self) -> list[Route]:
        """The pages at `/` and below each sandbox's prefix."""
        pages = [
            ("", self._shown(welcome), ["GET"]),
            ("/login", self._shown(_checked(sign_in.login)), ["GET", "POST"]),
            ("/login/code", self._shown(_checked(sign_in.code)), ["GET", "POST"]),
            ("/consent", self._shown(_checked(sign_in.consent)), ["GET", "POST"]),
            ("/p/{slug}", self._shown(sso.landing), ["GET", "POST"]),
            (sso.AUTHORIZE, self._shown(sso.authorize), ["GET", "POST"]),
            ("/static/contio-mock.css", style, ["GET"]),
        ]
        plain = [Route(path or "/", page, methods=methods) for path, page, methods in pages]
        prefixed = [Route("/~{sandbox}" + (path or "/"), page, methods=m) for path, page, m in pages]
        return [*plain, *prefixed]

    def _visit(self, request: PageRequest) -> Visit:
        return Visit(self.engine, request, told=self._tells_secrets(request.scope.get("client")))

    def _shown(self, page: Page) -> Callable[[PageRequest], Awaitable[Response]]:
        async def show(request: PageRequest) -> Response:
            visit = self._visit(request)
            if visit.sandbox is None:
                missing = visit.call("GET", "/_mock/health")
                return sign_in.problem_page(visit, 404, "There is no such sandbox", missing.message)
            return await page(visit)

        return show

    def error(self, request: PageRequest, answer: Answer) -> Response:
        """An error of the API as a page."""
        return sign_in.refusal(self._visit(request), Reply.of(answer))


def _checked(page: Page) -> Page:
    """A page of the sign-in: for a browser that can be sent back, and for forms of our own."""

    async def check(visit: Visit) -> Response:
        if not visit.is_welcome_back:
            return sign_in.stray(visit)
        if visit.request.method == "POST" and visit.is_foreign():
            message = "This form was sent by another site. Start again from your app."
            return sign_in.problem_page(visit, 403, "Not from here", message)
        if visit.email and not visit.fits_hint(visit.email):
            message = f"The app asks for {visit.hint}, not for {visit.email}."
            return sign_in.problem_page(visit, 400, "This sign-in cannot go on", message)
        return await page(visit)

    return check


async def welcome(visit: Visit) -> Response:
    """What this server is, and where a developer goes from here."""
    sandbox = visit.sandbox
    asked = visit.call("GET", "/_mock/credentials")
    if sandbox is None or not asked.ok:
        return sign_in.problem_page(visit, asked.page_status, "Contio does not answer", asked.message)
    told = asked.data if visit.told else None
    people = list(sandbox.store.users)
    return visit.page(
        "welcome.html",
        version=VERSION,
        sandbox=sandbox.name,
        release=sandbox.release.value,
        now=sandbox.clock.now(),
        credentials=told,
        people=people[: sign_in.PEOPLE_SHOWN],
        more=max(len(people) - sign_in.PEOPLE_SHOWN, 0),
        somebody=people[0].email if people else "ada@example.com",
        inside=_looks_inside(),
        try_it=_first_sign_in(visit, told) if told else None,
        **_single_sign_on(visit, sandbox),
    )


def _single_sign_on(visit: Visit, sandbox: Sandbox) -> dict[str, Any]:
    """Where single sign-on to the first app begins, and whether it is set up."""
    app = sandbox.app
    idp = sandbox.store.idp_configs.last("app", app.id)
    landing = f"{visit.prefix}/p/{quote(app.slug, safe='')}" if app.slug else None
    return {"landing": landing, "sso_ready": idp is not None and idp.is_active}


@cache
def _looks_inside() -> list[tuple[str, str, str]]:
    """What can be read of a sandbox with a plain GET: a title, the path, and what is there."""
    found = [("Discovery", "/.well-known/openid_configuration", "What OpenID Connect clients read first.")]
    for operation in OPERATIONS:
        method, path = operation.endpoint.method, operation.endpoint.path
        name = path.removeprefix(CONTROL_PREFIX)
        if method == "GET" and name != path and name.isalpha() and name != "credentials":
            found.append((name.capitalize(), path, (operation.__doc__ or "").partition("\n")[0]))
    return sorted(found)


def _first_sign_in(visit: Visit, credentials: dict[str, Any]) -> str | None:
    """An authorization request that works as it stands."""
    if not credentials["redirect_uris"]:
        return None
    wish = {
        "response_type": "code",
        "client_id": credentials["client_id"],
        "redirect_uri": credentials["redirect_uris"][0],
        "scope": DEFAULT_SCOPE,
        "state": "try-it",
        "prompt": "consent",
    }
    return f"{visit.prefix}/oauth2/authorize?{urlencode(wish)}"


async def style(_: PageRequest) -> Response:
    """The style sheet of every page."""
    css = resources.files("contio_mock.server").joinpath("templates/contio-mock.css").read_text("utf-8")
    headers = {"cache-control": "max-age=300", "x-content-type-options": "nosniff"}
    return Response(css, media_type="text/css", headers=headers)


def page_app(engine: Engine, tells_secrets: Callable[[Any], bool]) -> Starlette:
    """The pages as an app; what is no page is answered by the engine, which knows what is near."""
    pages = Pages(engine, tells_secrets)

    async def unknown(request: PageRequest, _: Exception) -> Response:
        answer = engine.handle(Request(request.method, request.url.path, request.url.query, request.headers))
        return Response(answer.read(), answer.status, headers=dict(answer.headers))

    app = Starlette(routes=pages.routes(), exception_handlers={404: unknown, 405: unknown})
    app.state.pages = pages
    return app
