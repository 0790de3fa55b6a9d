"""The authorization endpoint as an ordered list of checks.

Until client and redirect URI are known to be right, errors are answered; from there on they go back
to the redirect URI (RFC 6749 4.1.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from contio_mock.contract.auth import DEFAULT_SCOPE, SCOPES
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.oauth import (
    INVALID_REDIRECT_URI,
    INVALID_REQUEST,
    INVALID_SCOPE,
    UNKNOWN_CLIENT,
    UNSUPPORTED_RESPONSE_TYPE,
)
from contio_mock.fake.oauth import clients
from contio_mock.fake.oauth.login import Session
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.sandbox import Context

_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


class Redirected(Exception):  # noqa: N818 - says where the browser goes
    """An error that goes back to the redirect URI."""

    def __init__(self, error: ErrorCode, message: str | None = None) -> None:
        super().__init__(error.code)
        self.error = error
        self.message = message or error.message


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization request that has passed every check."""

    app: AppRecord
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str | None
    nonce: str | None = None


def checked_app(ctx: Context, client_id: str, redirect_uri: str) -> AppRecord:
    """The client, if it is known and has registered exactly this redirect URI; raises ApiError."""
    app = clients.app_of(ctx, client_id)
    if app is None:
        raise ApiError(UNKNOWN_CLIENT, f"No partner app has the client_id {brief(client_id)}.")
    clients.refuse_stopped(ctx, app)
    if redirect_uri not in app.redirect_uris:
        registered = ", ".join(app.redirect_uris) or "none"
        raise ApiError(
            INVALID_REDIRECT_URI,
            f"The redirect_uri {brief(redirect_uri)} is not registered for {client_id!r}. Registered: {registered}.",
        )
    return app


def checked(ctx: Context, app: AppRecord, request: Any) -> Authorization:
    """The rest of the checks; raises Redirected."""
    if request.response_type is None:
        raise Redirected(INVALID_REQUEST, "response_type is required and must be code.")
    if request.response_type != "code":
        raise Redirected(UNSUPPORTED_RESPONSE_TYPE)
    scopes = checked_scopes(ctx, request.scope)
    check_challenge(request.code_challenge, request.code_challenge_method)
    return Authorization(
        app=app,
        redirect_uri=request.redirect_uri,
        scopes=scopes,
        state=request.state,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
    )


def checked_scopes(ctx: Context, scope: str | None) -> tuple[str, ...]:
    """The scopes that a request asks for, each once; raises Redirected for an unknown one."""
    if not scope or not scope.strip():
        if ctx.profile.missing_scope == "reject":
            raise Redirected(INVALID_SCOPE, "scope is required.")
        scope = DEFAULT_SCOPE
    scopes = tuple(dict.fromkeys(scope.split()))
    unknown = [name for name in scopes if name not in SCOPES]
    if unknown:
        raise Redirected(INVALID_SCOPE, f"There is no scope {brief(unknown[0])}.")
    return scopes


def check_challenge(challenge: str | None, method: str | None) -> None:
    """PKCE as far as the request goes (RFC 7636 4.3): only S256; raises Redirected."""
    if challenge is None:
        if method is not None:
            raise Redirected(INVALID_REQUEST, "code_challenge_method came without code_challenge.")
        return
    if method != "S256":
        raise Redirected(INVALID_REQUEST, "code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise Redirected(INVALID_REQUEST, "code_challenge must be 43 to 128 unreserved characters.")


def with_query(uri: str, parameters: Mapping[str, str | None]) -> str:
    """The URI with parameters added to its query; None is left out."""
    query = urlencode({k: v for k, v in parameters.items() if v is not None}, quote_via=quote)
    head, hash_, fragment = _ascii(uri).partition("#")
    separator = "&" if "?" in head else "?"
    return f"{head}{separator}{query}{hash_}{fragment}" if query else uri


def refusal_uri(redirect_uri: str, refused: Redirected, state: str | None) -> str:
    """Where the browser goes with an error."""
    parameters = {
        "error": refused.error.code,
        "error_description": refused.message,
        "state": state,
    }
    return with_query(redirect_uri, parameters)


def grant_code(ctx: Context, authorization: Authorization, user: UserRecord) -> tuple[str, str]:
    """A code for the user, and where the browser goes with it."""
    code = ctx.sandbox.tokens.issue_code(
        app_id=authorization.app.id,
        user_id=user.id,
        redirect_uri=authorization.redirect_uri,
        scopes=authorization.scopes,
        code_challenge=authorization.code_challenge,
        nonce=authorization.nonce,
        now=ctx.now,
    )
    parameters = {"code": code.value, "state": authorization.state}
    return code.value, with_query(authorization.redirect_uri, parameters)


def session_of(ctx: Context, app: AppRecord, cookie: str | None, user: UserRecord | None) -> Session | None:
    """The live session that a cookie or, by the profile, a user's address stands for."""
    named = _cookie_value(cookie, ctx.profile.session_cookie)
    session = ctx.sandbox.sign_ins.session(named, app.id, ctx.now)
    if session is None and user is not None and ctx.profile.session_lookup == "cookie_or_email":
        session = ctx.sandbox.sign_ins.newest(app.id, user.id, ctx.now)
    if session is not None and user is not None and session.user_id != user.id:
        return None
    return session


def _cookie_value(header: str | None, name: str) -> str | None:
    """The first cookie of that name: the browser sends the one of the longest path first (RFC 6265 5.4)."""
    for pair in (header or "").split(";"):
        key, equals, value = pair.strip().partition("=")
        if equals and key == name:
            return value.strip('"')
    return None


def _ascii(uri: str) -> str:
    """A URI of any script as a header can carry it (RFC 3987 3.1, host by IDNA)."""
    if uri.isascii():
        return uri
    parts = urlsplit(uri)
    try:
        host = parts.netloc.encode("idna").decode("ascii")
    except UnicodeError:
        host = quote(parts.netloc, safe=":@[]")
    path, query = (quote(part, safe="%/:=&?~+!$,;'@()*") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, quote(parts.fragment, safe="%/=&?")))
