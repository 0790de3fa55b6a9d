"""The control plane of one sandbox, and of the sandboxes of a server."""

from __future__ import annotations

from contio_mock.contract.control import (
    DEFAULT_SANDBOX,
    INVALID_CLOCK,
    SANDBOX_EXISTS,
    SANDBOX_NOT_FOUND,
    UNKNOWN_PROFILE_OPTION,
    UNKNOWN_RELEASE,
    UNKNOWN_SCENARIO,
    ClockState,
    Credentials,
    Inbox,
    InboxMessage,
    MockCreateSandbox,
    MockCreateToken,
    MockDeleteSandbox,
    MockGetClock,
    MockGetCredentials,
    MockGetHealth,
    MockHealth,
    MockListInbox,
    MockListSandboxes,
    MockMoveClock,
    MockReset,
    SandboxInfo,
    SandboxList,
)
from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.release import Release
from contio_mock.fake.clock import parse_duration
from contio_mock.fake.oauth.minting import mint
from contio_mock.fake.problem import ApiError
from contio_mock.fake.profile import with_options
from contio_mock.fake.sandbox import Context, Sandbox, Settings, variant
from contio_mock.fake.scenario import ScenarioError
from contio_mock.fake.walking import walk
from contio_mock.version import VERSION


@MockGetHealth.handler
def mock_get_health(ctx: Context, _: MockGetHealth) -> MockHealth:
    sandbox = ctx.sandbox
    return MockHealth(
        status="ok",
        version=VERSION,
        release=sandbox.release.value,
        sandboxes=len(sandbox.host.sandboxes),
    )


@MockGetCredentials.handler
def mock_get_credentials(ctx: Context, _: MockGetCredentials) -> Credentials:
    return _credentials(ctx.sandbox, ctx.base_url)


def _credentials(sandbox: Sandbox, base_url: str) -> Credentials:
    app = sandbox.app
    return Credentials(
        base_url=base_url,
        client_id=app.client_id,
        client_secret=app.client_secret,
        api_key=app.api_key,
        webhook_secret=app.webhook_secret,
        redirect_uris=list(app.redirect_uris),
        partner_app_id=app.id,
    )


@MockCreateToken.handler
def mock_create_token(ctx: Context, op: MockCreateToken) -> TokenResponse:
    return mint(ctx, op.body)


@MockListInbox.handler
def mock_list_inbox(ctx: Context, op: MockListInbox) -> Inbox:
    wanted = op.email.lower() if op.email else None
    return Inbox(
        items=[
            InboxMessage(
                to=mail.to, subject=mail.subject, code=mail.code, sent_at=mail.sent_at, text=mail.text
            )
            for mail in reversed(ctx.sandbox.sign_ins.mails)
            if wanted is None or mail.to.lower() == wanted
        ]
    )


@MockGetClock.handler
def mock_get_clock(ctx: Context, _: MockGetClock) -> ClockState:
    return _clock_state(ctx.sandbox)


def _clock_state(sandbox: Sandbox) -> ClockState:
    return ClockState(now=sandbox.clock.now(), rate=sandbox.clock.rate)


@MockMoveClock.handler
def mock_move_clock(ctx: Context, op: MockMoveClock) -> ClockState:
    move, sandbox = op.body, ctx.sandbox
    if sum(value is not None for value in (move.advance, move.set, move.rate)) != 1:
        raise ApiError(INVALID_CLOCK)
    if move.rate is not None:
        sandbox.clock.rate = move.rate
        sandbox.wake()
        return _clock_state(sandbox)
    target = move.set
    if move.advance is not None:
        try:
            target = ctx.now + parse_duration(move.advance)
        except (ValueError, OverflowError) as error:
            raise ApiError(INVALID_CLOCK, f"{error}.") from None
    if target is None or target < ctx.now:
        raise ApiError(INVALID_CLOCK, "A clock only moves forward; POST /_mock/reset starts again.")
    ctx.work = walk(ctx, target, lambda: _clock_state(sandbox))
    return _clock_state(sandbox)


@MockReset.handler
def mock_reset(ctx: Context, _: MockReset) -> None:
    ctx.sandbox.reset()


@MockListSandboxes.handler
def mock_list_sandboxes(ctx: Context, _: MockListSandboxes) -> SandboxList:
    return SandboxList(items=[_info(ctx, s) for s in ctx.sandbox.host.sandboxes.values()])


@MockCreateSandbox.handler
def mock_create_sandbox(ctx: Context, op: MockCreateSandbox) -> SandboxInfo:
    host = ctx.sandbox.host
    name = op.body.name or host.new_name()
    if name in host.sandboxes:
        raise ApiError(SANDBOX_EXISTS, f"There is a sandbox {name!r} already.")
    try:
        settings = _settings(op, host.settings)
    except ValueError as error:
        raise ApiError(VALIDATION_ERROR, f"{error}.") from None
    try:
        return _info(ctx, host.add_sandbox(name, settings))
    except ScenarioError as error:
        raise ApiError(UNKNOWN_SCENARIO, f"{error}.") from None


def _settings(op: MockCreateSandbox, base: Settings) -> Settings:
    wish = op.body
    try:
        release = Release.parse(wish.release) if wish.release is not None else None
    except ValueError as error:
        raise ApiError(UNKNOWN_RELEASE, f"{error}.") from None
    try:
        profile = with_options(wish.profile, base.profile) if wish.profile is not None else None
    except ValueError as error:
        raise ApiError(UNKNOWN_PROFILE_OPTION, f"{error}.") from None
    return variant(
        base,
        scenario=wish.scenario,
        seed=wish.seed,
        release=release,
        profile=profile,
        strict=wish.strict,
        start=wish.now,
        rate=wish.rate,
        webhook_url=wish.webhook_url,
        redirect_uris=tuple(wish.redirect_uris) if wish.redirect_uris is not None else None,
        auto_approve=wish.auto_approve,
    )


def _info(ctx: Context, sandbox: Sandbox) -> SandboxInfo:
    origin = ctx.base_url.removesuffix(ctx.sandbox.prefix)
    base_url = origin + sandbox.prefix
    return SandboxInfo(
        name=sandbox.name,
        base_url=base_url,
        release=sandbox.release.value,
        scenario=sandbox.settings.scenario,
        seed=sandbox.settings.seed,
        credentials=_credentials(sandbox, base_url),
    )


@MockDeleteSandbox.handler
def mock_delete_sandbox(ctx: Context, op: MockDeleteSandbox) -> None:
    host = ctx.sandbox.host
    if op.name == "default":
        raise ApiError(DEFAULT_SANDBOX)
    if op.name not in host.sandboxes:
        raise ApiError(SANDBOX_NOT_FOUND, f"There is no sandbox {op.name!r}.")
    gone = host.sandboxes.pop(op.name)
    gone.on_work, gone.delivers = None, False  # what still waits there is for nobody
    gone.clock.forget_jobs()
