"""A request's whole life, top to bottom: `Engine.handle(request) -> response`.

Synchronous and atomic: nothing awaits between reading a request and storing what it changed, and a
request that fails changes nothing and emits nothing.
"""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache, partial
from types import GeneratorType
from typing import Any

from contio_mock.contract import results
from contio_mock.contract.auth import Caller
from contio_mock.contract.codec import Malformed
from contio_mock.contract.errors import (
    BAD_REQUEST,
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    UNKNOWN_PATH,
    VALIDATION_ERROR,
    ErrorCode,
    Shape,
)
from contio_mock.contract.operation import OPERATIONS, Reply
from contio_mock.contract.registry import CONTROL_PREFIX
from contio_mock.contract.release import Release
from contio_mock.contract.results import Projection
from contio_mock.contract.wire import Request, Response
from contio_mock.fake import answers, handlers, problem
from contio_mock.fake.authenticate import authenticate
from contio_mock.fake.clock import stopwatch
from contio_mock.fake.inquiry import Inquiry
from contio_mock.fake.journal import Entry
from contio_mock.fake.problem import ApiError
from contio_mock.fake.publication import publish
from contio_mock.fake.received import CONTROL_BYTES, most_upload, read_body
from contio_mock.fake.routes import Found, Route, Routes
from contio_mock.fake.sandbox import Context, Sandbox, Settings
from contio_mock.fake.timezones import zone

log = logging.getLogger("contio_mock")

DEFAULT_ORIGIN = "http://contio.localhost"
_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)
_OAUTH_PATHS = ("/oauth2/", "/auth/", "/.well-known/")
_IDP_PATHS, _SSO_CALLBACK = "/v1/partner/admin/idp", "/v1/partner/sso/callback"
"""Where an identity provider may have to be asked first."""
_API_PATHS = ("/v1/", CONTROL_PREFIX, *_OAUTH_PATHS)

_PROVIDER_PAGE = f"{CONTROL_PREFIX}idp/authorize"
"""The page of the built-in identity provider, which is among the control plane's paths."""

handlers.load()


@cache
def routes_of(release: Release) -> Routes:
    """The routes of a release; the same for every engine."""
    return Routes(OPERATIONS, release)


class Engine:
    """Every sandbox of one server, and the way a request takes through one of them."""

    def __init__(self, settings: Settings, origin: str | None = None) -> None:
        self.settings = settings
        self.origin = origin
        """Where the server is reached; the request's Host when None."""
        self.sandboxes: dict[str, Sandbox] = {}
        self.on_sandbox: Any = None
        """Called with each new sandbox; set by whoever sends webhooks."""
        self._made = 0
        self.add_sandbox("default", settings)

    @property
    def default(self) -> Sandbox:
        """The sandbox at `/`."""
        return self.sandboxes["default"]

    def add_sandbox(self, name: str, settings: Settings) -> Sandbox:
        """Make a sandbox; the name is new."""
        sandbox = Sandbox(name, settings, self)
        self.sandboxes[name] = sandbox
        if self.on_sandbox is not None:
            self.on_sandbox(sandbox)
        return sandbox

    def new_name(self) -> str:
        """A name that no sandbox has."""
        while True:
            self._made += 1
            if f"sandbox-{self._made}" not in self.sandboxes:
                return f"sandbox-{self._made}"

    def base_url(self, sandbox: Sandbox, request: Request) -> str:
        """Where the caller reaches the sandbox."""
        origin = self.origin if self.origin is not None else _origin(request.headers.get("host", ""))
        return origin + sandbox.prefix

    def serves(self, path: str) -> bool:
        """Whether a path belongs to the API or the control plane, and not to the pages."""
        if path.startswith("/~"):
            _, _, rest = path[1:].partition("/")
            path = "/" + rest
        return path.startswith(_API_PATHS) and path != _PROVIDER_PAGE

    def answers_at_once(self, path: str) -> bool:
        """Whether only the engine has to do with a path: no page or guard, no fault, no other server."""
        name, within = _sandbox_name(path)
        if not within.startswith(_API_PATHS) or CONTROL_PREFIX in path:
            return False
        if _IDP_PATHS in path or _SSO_CALLBACK in path:
            return False
        sandbox = self.sandboxes.get(name)
        return sandbox is None or not sandbox.faults.rules

    def most_bytes(self, path: str) -> int:
        """How large a body may be in the sandbox of a path; a larger one need not be kept."""
        if CONTROL_PREFIX in path:
            return CONTROL_BYTES
        sandbox = self.sandboxes.get(_sandbox_name(path)[0], self.default)
        return max(most_upload(sandbox.profile), sandbox.profile.max_body_bytes)

    def handle(self, request: Request) -> Response:
        """Answer a request. Never raises, but for the fake's own faults in its own tests."""
        started = stopwatch()
        name, path = _sandbox_name(request.path)
        sandbox = self.sandboxes.get(name)
        if sandbox is None:
            return self.refuse(
                UNKNOWN_PATH, f"There is no sandbox {name!r}; POST /_mock/sandboxes makes one."
            )
        with sandbox.lock:
            control = path.startswith(CONTROL_PREFIX)
            ids = sandbox.control_ids if control else sandbox.ids
            entry = Entry(request, ids.request_id(), sandbox.clock.now())
            response = _labelled(self._answer(sandbox, request, path, entry), sandbox, entry.request_id)
            entry.close(response, stopwatch() - started)
            if not control:  # the journal is about what a partner's code did
                sandbox.journal.append(entry)
        return response

    def _answer(self, sandbox: Sandbox, request: Request, path: str, entry: Entry) -> Response:
        route: Route | None = None
        try:
            sandbox.clock.run_due()
            found = self._find(sandbox, request.method, path)
            route = found.route
            if route is None:
                raise self._unrouted(sandbox, request, path, found)
            entry.operation = route.operation_id
            ctx = Context(sandbox, request, entry.request_id, self.base_url(sandbox, request), entry.at)
            if not sandbox.faults.rules or path.startswith(CONTROL_PREFIX):
                return self._perform(ctx, route, found.parameters, entry)
            return self._perform_with_faults(ctx, route, found.parameters, entry)
        except ApiError as error:
            if route is not None:
                _check_refusal(sandbox, route, error)
            if path.startswith(_OAUTH_PATHS):
                error.headers.setdefault("cache-control", "no-store")  # RFC 6749 5.2
            return problem.answer(error, entry.request_id)
        except Exception as error:
            if sandbox.settings.check_answers:
                raise
            log.exception("%s %s failed", request.method, request.path)
            shape = route.endpoint.shape if route is not None else _shape_of(path)
            failure = ApiError(INTERNAL_ERROR.with_shape(shape), f"The mock itself failed: {error!r}.")
            return problem.answer(failure, entry.request_id)

    def _find(self, sandbox: Sandbox, method: str, path: str) -> Found:
        routes = routes_of(sandbox.release)
        try:
            found = routes.find(method, path)
            if found.route is None and method == "HEAD" and "GET" in found.allowed:
                found = routes.find("GET", path)  # RFC 9110 9.3.2; the server drops the body
        except ValueError as error:
            raise ApiError(UNKNOWN_PATH.with_shape(_shape_of(path)), f"The path {error}.") from None
        if found.route is not None and found.route.alias and sandbox.strict:
            return Found(None, {}, ())
        return found

    def _unrouted(self, sandbox: Sandbox, request: Request, path: str, found: Found) -> ApiError:
        shape = _shape_of(path)
        if found.allowed:
            allowed = ", ".join(found.allowed)
            return ApiError(
                METHOD_NOT_ALLOWED.with_shape(shape),
                f"{path} has no {request.method}; it has {allowed}.",
                headers={"allow": allowed},
            )
        near = routes_of(sandbox.release).suggestion(request.method, path)
        hint = f" Did you mean {near}?" if near else ""
        release = sandbox.release.value
        return ApiError(
            UNKNOWN_PATH.with_shape(shape),
            f"Release {release} has no operation {request.method} {path[:200]}.{hint}",
        )

    def _perform_with_faults(
        self, ctx: Context, route: Route, parameters: dict[str, str], entry: Entry
    ) -> Response:
        """Perform, struck before or after by a fault rule."""
        faults, shape = ctx.sandbox.faults, route.endpoint.shape
        struck = faults.strike("before", entry, shape)
        if struck is not None:
            return struck
        response = self._perform(ctx, route, parameters, entry)
        response = faults.strike("after", entry, shape, response) or response
        if ctx.slot is not None and response.transmission is not None:
            ctx.slot.delay(response.transmission.delay)
        return response

    def _perform(self, ctx: Context, route: Route, parameters: dict[str, str], entry: Entry) -> Response:
        """Authenticate, replay, decode, handle, encode, remember, publish."""
        sandbox, endpoint = ctx.sandbox, route.endpoint
        if ctx.profile.rate_limits == "documented" and not endpoint.path.startswith(CONTROL_PREFIX):
            sandbox.faults.limit(endpoint, ctx.now)
        authenticate(ctx, endpoint)
        key = self._idempotency_key(ctx, route)
        if key is None:
            return _carried_out(ctx, route, parameters, entry)
        keys, caller = sandbox.idempotency, _caller(ctx)
        response = keys.replay(caller, key, ctx.request, ctx.now, ctx.profile)
        if response is not None:
            entry.replayed = True
            return response
        try:
            response = _carried_out(ctx, route, parameters, entry)
        except ApiError as error:
            refused = problem.answer(error, ctx.request_id)
            keys.keep(caller, key, ctx.request, refused, ctx.now, ctx.profile)
            raise
        if ctx.inquiry is not None and response.work is not None:
            ctx.inquiry.then(lambda final: keys.keep(caller, key, ctx.request, final, ctx.now, ctx.profile))
            return response
        ctx.slot = keys.keep(caller, key, ctx.request, response, ctx.now, ctx.profile)
        return response

    def _idempotency_key(self, ctx: Context, route: Route) -> str | None:
        key = ctx.request.headers.get("idempotency-key")
        declared = key is not None and route.endpoint.idempotency_key.lives_in(ctx.sandbox.release)
        return key if declared else None

    def refuse(self, error: ErrorCode, message: str | None = None) -> Response:
        """The answer to a request that reaches no sandbox."""
        sandbox = self.default
        with sandbox.lock:
            request_id = sandbox.ids.request_id()
        return _labelled(problem.answer(ApiError(error, message), request_id), sandbox, request_id)


def _labelled(response: Response, sandbox: Sandbox, request_id: str) -> Response:
    """The answer with the headers that every answer has."""
    response.headers = [
        *response.headers,
        ("x-api-version", sandbox.release.value),
        (sandbox.profile.request_id_header.lower(), request_id),
    ]
    return response


@lru_cache(maxsize=64)
def _origin(host: str) -> str:
    """Where a Host header leads."""
    return f"http://{host}" if _HOST.fullmatch(host) else DEFAULT_ORIGIN


def _sandbox_name(path: str) -> tuple[str, str]:
    if not path.startswith("/~"):
        return "default", path
    name, slash, rest = path[2:].partition("/")
    return name, slash + rest


def _shape_of(path: str) -> Shape:
    return Shape.OAUTH if path.startswith(_OAUTH_PATHS) else Shape.PARTNER


def _caller(ctx: Context) -> str:
    user = ctx.user.id if ctx.user is not None else ""
    return f"{ctx.app.id}/{user}"


def _carried_out(ctx: Context, route: Route, parameters: dict[str, str], entry: Entry) -> Response:
    """Decode, handle, encode, publish."""
    operation = _decode(ctx, route, parameters, entry)
    result = route.handler(ctx, operation)
    if isinstance(result, GeneratorType):
        ctx.inquiry = Inquiry(
            ctx, result, partial(_completed, ctx, route), partial(_check_refusal, ctx.sandbox, route)
        )
        ctx.inquiry.then(lambda final: entry.close(final, entry.seconds))
        return ctx.inquiry.response()
    return _completed(ctx, route, result)


def _completed(ctx: Context, route: Route, result: Any) -> Response:
    """Encode a result and publish what happened."""
    response = _encode(ctx, route, result)
    if ctx.sandbox.settings.check_answers:
        answers.check(route, result, response, [noted.event for noted in ctx.events])
    publish(ctx)
    return response


def _check_refusal(sandbox: Sandbox, route: Route, error: ApiError) -> None:
    if sandbox.settings.check_answers:
        answers.check_error(route, error)


def _decode(ctx: Context, route: Route, parameters: dict[str, str], entry: Entry) -> Any:
    """The operation that a request is; raises ApiError with the declared error."""
    request, endpoint, decoder = ctx.request, route.endpoint, route.decoder
    if endpoint.auth.caller is Caller.USER:
        _set_zone(ctx)
    parts = None
    if decoder.body is not None:
        parts = read_body(ctx, route)
    try:
        operation, unknown = decoder.decode(request, parameters, parts)
    except Malformed as malformed:
        raise _refusal(ctx, route, malformed) from None
    if unknown:
        entry.undocumented = unknown
        if ctx.sandbox.strict:
            raise ApiError(endpoint.invalid, f"Strict: no document names {', '.join(unknown)}.")
    if route.alias:
        ctx.response_headers.append(("x-contio-mock-undocumented", route.alias))
    return operation


def _refusal(ctx: Context, route: Route, malformed: Malformed) -> ApiError:
    error = malformed.error
    if malformed.at in route.endpoint.parameters and (
        ctx.profile.malformed_id == "not_found" or not _declares(route, error)
    ):
        error = route.endpoint.not_found
        return ApiError(error)
    if error.status == 422 and ctx.profile.chat_validation_status == "400":  # noqa: PLR2004
        error = VALIDATION_ERROR
    if error.status == 400 and error.shape is not route.endpoint.shape:  # noqa: PLR2004
        error = error.with_shape(route.endpoint.shape)
    return ApiError(error, malformed.message)


def _declares(route: Route, error: ErrorCode) -> bool:
    return any(known.code == error.code for known in route.endpoint.raises)


def _set_zone(ctx: Context) -> None:
    name = ctx.request.headers.get("x-client-timezone")
    if name is None:
        return
    found = zone(name.strip())
    if found is not None:
        ctx.projection = Projection(ctx.sandbox.release, found)
    elif ctx.profile.invalid_timezone == "reject":
        raise ApiError(BAD_REQUEST, f"X-Client-Timezone {name!r} is no time zone.")


def _encode(ctx: Context, route: Route, result: Any) -> Response:
    status = route.endpoint.success
    if isinstance(result, Reply):
        status, result = result.status, result.value
    headers, body = results.encode_result(result, ctx.projection)
    return Response(status, [*headers, *ctx.response_headers], body, work=ctx.work)
