"""Settings and state of a sandbox."""

from __future__ import annotations

from contio_mock.contract.control import UNKNOWN_PROFILE_OPTION, UNKNOWN_RELEASE
from contio_mock.contract.control_state import (
    INVALID_STATE,
    Features,
    MockExportState,
    MockGetSettings,
    MockImportState,
    MockUpdateSettings,
    SandboxSettings,
    State,
    WorkspaceSettings,
)
from contio_mock.contract.release import Release
from contio_mock.fake import workspaces
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import apps
from contio_mock.fake.processes import meetings as life
from contio_mock.fake.profile import Profile, register, with_options
from contio_mock.fake.sandbox import Context


@MockGetSettings.handler
def mock_get_settings(ctx: Context, _: MockGetSettings) -> SandboxSettings:
    return _settings(ctx)


def _settings(ctx: Context) -> SandboxSettings:
    sandbox = ctx.sandbox
    return SandboxSettings(
        release=sandbox.release.value,
        strict=sandbox.strict,
        profile={name: value for name, value, *_ in register(sandbox.profile)},
        features=Features(smart_redirect=sandbox.smart_redirect),
        workspaces=[WorkspaceSettings(id=w.id, name=w.name, plan=w.plan) for w in ctx.store.workspaces],
    )


@MockUpdateSettings.handler
def mock_update_settings(ctx: Context, op: MockUpdateSettings) -> SandboxSettings:
    wish, sandbox = op.body, ctx.sandbox
    release = _release(wish.release) if wish.release is not None else None
    profile = _profile(ctx, wish.profile) if wish.profile is not None else None
    plans = {workspaces.named(ctx, name).id: plan for name, plan in (wish.workspaces or {}).items()}
    before = sandbox.profile
    sandbox.configure(
        release=release,
        profile=profile,
        strict=wish.strict,
        smart_redirect=wish.features.smart_redirect if wish.features else None,
    )
    for workspace_id, plan in plans.items():
        workspace = ctx.store.workspaces.get(workspace_id)
        if workspace is not None:
            ctx.store.workspaces.replace(workspace, plan=plan)
    apps.judged_anew(ctx, before)
    if before.meeting_lifecycle != "clock":
        life.plan_all(sandbox)
    return _settings(ctx)


def _release(label: str) -> Release:
    try:
        return Release.parse(label)
    except ValueError:
        known = ", ".join(release.value for release in Release)
        raise ApiError(UNKNOWN_RELEASE, f"There is no release {brief(label)}; there are {known}.") from None


def _profile(ctx: Context, options: dict[str, object]) -> Profile:
    try:
        return with_options(options, ctx.profile)
    except ValueError as error:
        raise ApiError(UNKNOWN_PROFILE_OPTION, f"{error}.") from None


@MockExportState.handler
def mock_export_state(ctx: Context, _: MockExportState) -> State:
    from contio_mock.fake import state  # noqa: PLC0415 - hardly ever needed

    return state.exported(ctx.sandbox)


@MockImportState.handler
def mock_import_state(ctx: Context, op: MockImportState) -> None:
    from contio_mock.fake import state  # noqa: PLC0415 - hardly ever needed

    try:
        put = state.read(ctx.sandbox, op.body)
    except state.InvalidState as wrong:
        raise ApiError(INVALID_STATE, f"{wrong}.") from None
    put()
