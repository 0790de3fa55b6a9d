"""The hosted sign-in: e-mail address, one-time code, consent. Plain HTML that needs no script.

The pages hold no state of their own. They call the same JSON operations that Contio's own sign-in
calls, in the same process, and carry the authorization request along in their query.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from contio_mock.contract.auth import DEFAULT_SCOPE, SCOPES
from contio_mock.contract.wire import Request
from contio_mock.contract.wire import Response as Answer
from contio_mock.fake.engine import Engine

AUTHORIZATION = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
    "code_challenge_method", "login_hint", "nonce", "prompt",
)  # fmt: skip
"""The parameters of an authorization request, as the pages carry them along."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("contio_mock.server"), autoescape=True, undefined=jinja2.StrictUndefined
)


class Pages:
    """The sign-in pages of one engine."""

    def __init__(self, engine: Engine, tells_secrets: Callable[[Any], bool]) -> None:
        self.engine = engine
        self._tells_secrets = tells_secrets

    def routes(self) -> list[Route]:
        """The pages at `/` and below each sandbox's prefix."""
        pages = [
            ("", self.welcome, ["GET"]),
            ("/login", self.login, ["GET", "POST"]),
            ("/login/code", self.code, ["GET", "POST"]),
            ("/consent", self.consent, ["GET", "POST"]),
            ("/static/contio-mock.css", self.style, ["GET"]),
        ]
        plain = [Route(path or "/", page, methods=methods) for path, page, methods in pages]
        prefixed = [Route("/~{sandbox}" + (path or "/"), page, methods=m) for path, page, m in pages]
        return [*plain, *prefixed]

    async def welcome(self, request: PageRequest) -> Response:
        """What this server is, and where a developer goes from here."""
        answer = self._call(request, "GET", "/_mock/credentials")
        if answer.status != 200:  # noqa: PLR2004
            return self.error(request, answer)
        told = json.loads(answer.body) if self._is_told(request) else None
        return self._page(request, "welcome.html", credentials=told)

    def _is_told(self, request: PageRequest) -> bool:
        return self._tells_secrets(request.scope.get("client"))

    async def style(self, _: PageRequest) -> Response:
        """The style sheet of every page."""
        css = resources.files("contio_mock.server").joinpath("templates/contio-mock.css").read_text("utf-8")
        return Response(css, media_type="text/css", headers={"cache-control": "max-age=300"})

    async def login(self, request: PageRequest) -> Response:
        """Ask for the e-mail address, and send the one-time code."""
        wish = _authorization(request)
        if request.method == "GET":
            return self._login_page(request, wish)
        foreign = self._foreign(request)
        if foreign is not None:
            return foreign
        form = await _form(request)
        email = form.get("email", "").strip()
        body = {"client_id": wish.get("client_id", ""), "email": email}
        answer = self._call(request, "POST", "/auth/initiate", body)
        if answer.status != 200:  # noqa: PLR2004
            return self._login_page(request, wish, problem=_message(answer), email=email)
        session = json.loads(answer.body)["session"]
        return self._onward(request, "/login/code", {**wish, "email": email, "session": session})

    def _login_page(
        self, request: PageRequest, wish: Mapping[str, str], problem: str | None = None, email: str = ""
    ) -> Response:
        sandbox = self._sandbox(request)
        users = [] if sandbox is None else list(sandbox.store.users)[:8]
        return self._page(
            request,
            "login.html",
            status=200 if problem is None else 400,
            app_name=self._app_name(request, wish.get("client_id", "")),
            users=users,
            email=wish.get("login_hint") or email,
            locked=bool(wish.get("login_hint")),
            problem=problem,
        )

    async def code(self, request: PageRequest) -> Response:
        """Ask for the one-time code, and open the session."""
        wish, email = _authorization(request), request.query_params.get("email", "")
        if request.method == "GET":
            return self._code_page(request, email)
        foreign = self._foreign(request)
        if foreign is not None:
            return foreign
        form = await _form(request)
        body = {
            "client_id": wish.get("client_id", ""),
            "email": email,
            "code": form.get("code", "").strip(),
            "session": request.query_params.get("session", ""),
        }
        answer = self._call(request, "POST", "/auth/verify", body)
        if answer.status != 200:  # noqa: PLR2004
            return self._code_page(request, email, problem=_message(answer))
        cookie = answer.header("set-cookie") or ""
        return self._signed_in(request, wish, email, cookie)

    def _code_page(self, request: PageRequest, email: str, problem: str | None = None) -> Response:
        inbox = self._call(request, "GET", f"/_mock/inbox?{urlencode({'email': email})}")
        told = inbox.status == 200 and self._is_told(request)  # noqa: PLR2004
        mails = json.loads(inbox.body).get("items", []) if told else []
        return self._page(
            request,
            "code.html",
            status=200 if problem is None else 400,
            email=email,
            mail=mails[0] if mails else None,
            problem=problem,
        )

    def _signed_in(
        self, request: PageRequest, wish: Mapping[str, str], email: str, set_cookie: str
    ) -> Response:
        """Skip the consent page for somebody who has consented before."""
        cookie = set_cookie.partition(";")[0]
        body = {"client_id": wish.get("client_id", ""), "email": email, "scope": wish.get("scope", "")}
        checked = self._call(request, "POST", "/oauth2/check-consent", body, cookie=cookie)
        consented = checked.status == 200 and json.loads(checked.body)["has_consent"]  # noqa: PLR2004
        if consented and wish.get("prompt") != "consent":
            response = self._decide(request, wish, email, consent=True, cookie=cookie)
        else:
            response = self._onward(request, "/consent", {**wish, "email": email})
        response.headers.append("set-cookie", set_cookie)
        return response

    async def consent(self, request: PageRequest) -> Response:
        """Ask what the app may do."""
        wish, email = _authorization(request), request.query_params.get("email", "")
        if request.method == "GET":
            scopes = (wish.get("scope") or DEFAULT_SCOPE).split()
            return self._page(
                request,
                "consent.html",
                app_name=self._app_name(request, wish.get("client_id", "")),
                email=email,
                scopes=[(scope, SCOPES.get(scope, scope)) for scope in dict.fromkeys(scopes)],
            )
        foreign = self._foreign(request)
        if foreign is not None:
            return foreign
        allowed = (await _form(request)).get("decision") == "allow"
        cookie = request.headers.get("cookie", "")
        return self._decide(request, wish, email, consent=allowed, cookie=cookie)

    def _decide(
        self, request: PageRequest, wish: Mapping[str, str], email: str, *, consent: bool, cookie: str
    ) -> Response:
        known = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce")
        pkce = ("code_challenge", "code_challenge_method")
        body: dict[str, Any] = {name: wish[name] for name in (*known, *pkce) if name in wish}
        body |= {"email": email, "consent": consent}
        answer = self._call(request, "POST", "/oauth2/authorize", body, cookie=cookie)
        if answer.status != 200:  # noqa: PLR2004
            return self.error(request, answer)
        return RedirectResponse(json.loads(answer.body)["redirect_url"], 303, headers=_HEADERS)

    def _foreign(self, request: PageRequest) -> Response | None:
        """Refuse a form that another site sent (the browser tells)."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        same = origin in (None, "null") or urlsplit(origin or "").netloc == request.headers.get("host")
        if same and site in ("same-origin", "none"):
            return None
        message = "This form was sent by another site."
        return self._page(request, "error.html", status=403, title="Not from here", message=message)

    def error(self, request: PageRequest, answer: Answer) -> Response:
        """An error of the API as a page."""
        title = "This sign-in cannot go on"
        return self._page(request, "error.html", status=answer.status, title=title, message=_message(answer))

    def _app_name(self, request: PageRequest, client_id: str) -> str:
        sandbox = self._sandbox(request)
        app = sandbox.store.apps.first("client_id", client_id) if sandbox else None
        return app.name if app else client_id or "An unknown app"

    def _sandbox(self, request: PageRequest) -> Any:
        return self.engine.sandboxes.get(request.path_params.get("sandbox", "default"))

    def _prefix(self, request: PageRequest) -> str:
        name = request.path_params.get("sandbox")
        return f"/~{name}" if name else ""

    def _onward(self, request: PageRequest, path: str, query: Mapping[str, str]) -> Response:
        return RedirectResponse(f"{self._prefix(request)}{path}?{urlencode(query)}", 303, headers=_HEADERS)

    def _page(self, request: PageRequest, template: str, status: int = 200, **values: Any) -> Response:
        here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        page = _templates.get_template(template).render(here=here, prefix=self._prefix(request), **values)
        return HTMLResponse(page, status, headers=_HEADERS)

    def _call(
        self, request: PageRequest, method: str, target: str, body: Any = None, cookie: str = ""
    ) -> Answer:
        """Call an operation of the sandbox, as the hosted sign-in does."""
        path, _, query = target.partition("?")
        headers = {"host": request.headers.get("host", "")}
        if cookie:
            headers["cookie"] = cookie
        raw = b""
        if body is not None:
            headers["content-type"], raw = "application/json", json.dumps(body).encode()
        return self.engine.handle(Request(method, self._prefix(request) + path, query, headers, raw))


def page_app(engine: Engine, tells_secrets: Callable[[Any], bool]) -> Starlette:
    """The pages as an app; what is no page is answered by the engine, which knows what is near."""
    pages = Pages(engine, tells_secrets)

    async def unknown(request: PageRequest, _: Exception) -> Response:
        answer = engine.handle(Request(request.method, request.url.path, request.url.query, request.headers))
        return Response(answer.body, answer.status, headers=dict(answer.headers))

    app = Starlette(routes=pages.routes(), exception_handlers={404: unknown, 405: unknown})
    app.state.pages = pages
    return app


def _authorization(request: PageRequest) -> dict[str, str]:
    return {name: request.query_params[name] for name in AUTHORIZATION if name in request.query_params}


async def _form(request: PageRequest) -> dict[str, str]:
    """The fields of a small form; anything else is no form of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > 16_384:  # noqa: PLR2004
            return {}
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=50))
    except ValueError:
        return {}


def _message(answer: Answer) -> str:
    body = json.loads(answer.body)
    return str(body.get("message") or body.get("error"))
