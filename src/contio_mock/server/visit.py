"""A browser's visit to a page: whose sandbox, which authorization request, and what it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import jinja2
from starlette.requests import Request as PageRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contio_mock.contract.shared import is_email
from contio_mock.contract.wire import Request
from contio_mock.contract.wire import Response as Answer
from contio_mock.fake.engine import Engine
from contio_mock.fake.records import AppRecord, Store

AUTHORIZATION = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
    "code_challenge_method", "login_hint", "nonce", "prompt",
)  # fmt: skip
"""The parameters of an authorization request, as the pages carry them along."""

OWN_PAGE = "contio_mock_page"
"""A cookie that no form of another site brings along."""

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http: https:{scheme}; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_FORM_BYTES = 16_384

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("contio_mock.server"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of an operation, as far as a page cares."""

    status: int
    data: dict[str, Any]
    set_cookie: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the operation did what it was asked for."""
        return self.status == 200  # noqa: PLR2004

    @property
    def page_status(self) -> int:
        """The status of a page that tells what went wrong: the fault is the form's or the server's."""
        return max(self.status, 400) if self.status >= 500 else 400  # noqa: PLR2004

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.data.get("code") or self.data.get("error") or "")

    @property
    def message(self) -> str:
        """What went wrong, in words."""
        return str(self.data.get("message") or self.code)

    @classmethod
    def of(cls, answer: Answer) -> Reply:
        """Read an answer; a fault rule may have spoiled it."""
        try:
            data = json.loads(answer.read())
        except ValueError:
            data = None
        if not isinstance(data, dict):
            return cls(502, {"message": "Contio's answer was not JSON; a fault rule may say so."})
        return cls(answer.status, data, answer.header("set-cookie"))


class Visit:
    """One request for a page. The sandbox is None when the address names none that exists."""

    def __init__(self, engine: Engine, request: PageRequest, *, told: bool) -> None:
        self.engine = engine
        self.request = request
        self.told = told
        """Whether this browser may see credentials and one-time codes."""
        name = request.path_params.get("sandbox")
        self.prefix = f"/~{quote(name)}" if name else ""
        self.sandbox = engine.sandboxes.get(name or "default")
        query = request.query_params
        self.wish = {name: query[name] for name in AUTHORIZATION if name in query}
        self.email = query.get("email", "")

    @property
    def store(self) -> Store:
        """The sandbox's records; a page for a sandbox that does not exist never asks."""
        assert self.sandbox is not None  # noqa: S101 - the caller asked
        return self.sandbox.store

    @property
    def now(self) -> datetime:
        """This moment of the sandbox's clock."""
        assert self.sandbox is not None  # noqa: S101 - the caller asked
        return self.sandbox.clock.now()

    @property
    def app(self) -> AppRecord | None:
        """The partner app that the authorization request names."""
        if self.sandbox is None:
            return None
        return self.sandbox.store.apps.first("client_id", self.wish.get("client_id", ""))

    @property
    def is_welcome_back(self) -> bool:
        """Whether the app is known and has registered the redirect URI."""
        app = self.app
        return app is not None and self.wish.get("redirect_uri") in app.redirect_uris

    @property
    def hint(self) -> str | None:
        """The address that the app insists on; a login_hint of another kind says nothing here."""
        hint = self.wish.get("login_hint", "")
        return hint if is_email(hint) else None

    def fits_hint(self, email: str) -> bool:
        """Whether somebody with that address may sign in here."""
        return self.hint is None or email.lower() == self.hint.lower()

    @property
    def cookie(self) -> str:
        """The cookies that the browser sent."""
        return self.request.headers.get("cookie", "")

    def is_foreign(self) -> bool:
        """Whether another site sent this form.

        Browsers tell by Sec-Fetch-Site, or else by Origin. Where there is no Sec-Fetch-Site (plain
        HTTP to another machine), no-referrer makes the Origin null: a SameSite cookie tells then.
        """
        headers = self.request.headers
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site is not None and site not in ("same-origin", "none"):
            return True
        if origin == "null":
            return site is None and OWN_PAGE not in self.request.cookies
        return origin is not None and origin.partition("://")[2] != headers.get("host")

    async def form(self) -> dict[str, str]:
        """The fields of a small form; anything else is no form of ours."""
        body = b""
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > _FORM_BYTES:
                return {}
        try:
            fields = parse_qsl(body.decode("ascii"), max_num_fields=50)
        except ValueError:
            return {}
        return {name: value.strip() for name, value in fields}

    def call(self, method: str, target: str, body: Any = None, cookie: str = "") -> Reply:
        """Call an operation of the sandbox, as the hosted sign-in does."""
        path, _, query = target.partition("?")
        headers = {"host": self.request.headers.get("host", "")}
        if cookie:
            headers["cookie"] = cookie
        raw = b""
        if body is not None:
            headers["content-type"], raw = "application/json", json.dumps(body).encode()
        return Reply.of(self.engine.handle(Request(method, self.prefix + path, query, headers, raw)))

    def address(self, path: str, **more: str) -> str:
        """A page that carries the authorization request on."""
        return f"{self.prefix}{path}?{urlencode({**self.wish, **more})}"

    def onward(self, path: str, **more: str) -> Response:
        """Send the browser to the next page."""
        return self.leave(self.address(path, **more))

    def leave(self, address: str) -> Response:
        """Send the browser somewhere."""
        return RedirectResponse(address, 303, headers=self._headers())

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page, with everything that every page shows."""
        known: Mapping[str, Any] = {
            "prefix": self.prefix if self.sandbox else "",
            "told": self.told,
            "app": self.app,
            "wish": self.wish,
            "locked": self.hint is not None,
            "login_address": self.address("/login"),
            **values,
        }
        html = _templates.get_template(template).render(known)
        response = HTMLResponse(html, status, headers=self._headers())
        if self.sandbox is not None:
            response.set_cookie(OWN_PAGE, "1", path=self.prefix + "/", httponly=True, samesite="strict")
        return response

    def _headers(self) -> dict[str, str]:
        """The headers of every page; a form may lead to an app that has a URI scheme of its own."""
        scheme = _SCHEME.match(self.wish["redirect_uri"]) if self.is_welcome_back else None
        own = f" {scheme[0]}" if scheme else ""
        return {"content-security-policy": _POLICY.format(scheme=own), **_HEADERS}
