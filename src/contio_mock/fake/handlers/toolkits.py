"""Toolkits, as users see them."""

from __future__ import annotations

from contio_mock.contract.errors import FORBIDDEN
from contio_mock.contract.shared import Page
from contio_mock.contract.toolkits import (
    ALREADY_INSTALLED,
    NOT_INSTALLED,
    TOOLKIT_NOT_FOUND,
    WORKSPACE_NOT_YOURS,
    GetToolkit,
    InstallableToolkit,
    Installation,
    InstallToolkit,
    ListInstalledToolkits,
    ListToolkits,
    Toolkit,
    ToolkitWithInstallation,
    UninstallOwnToolkit,
    UninstallToolkit,
)
from contio_mock.fake import paging
from contio_mock.fake.oauth import people
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import toolkits as process
from contio_mock.fake.records import InstallationRecord, ToolkitRecord
from contio_mock.fake.records.toolkits import SYSTEM
from contio_mock.fake.rules import manifests as rules
from contio_mock.fake.sandbox import Context


@ListToolkits.handler
def list_toolkits(ctx: Context, op: ListToolkits) -> Page[InstallableToolkit]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    keys = [f"installable:{app}" for app in (*_apps(ctx), SYSTEM)]
    items, total = paging.chained(ctx.store.toolkits, "key", keys, limit, offset)
    return paging.page([_installable(ctx, toolkit) for toolkit in items], total, limit, offset)


@GetToolkit.handler
def get_toolkit(ctx: Context, op: GetToolkit) -> ToolkitWithInstallation:
    toolkit = ctx.store.toolkits.get(op.toolkit_id)
    installation = process.active_installation(ctx, op.toolkit_id, ctx.user.workspace_id)
    if toolkit is None or (installation is None and not _may_install(ctx, toolkit)):
        raise ApiError(TOOLKIT_NOT_FOUND)
    return ToolkitWithInstallation(toolkit=_shown(toolkit), installation=installation)


@InstallToolkit.handler
def install_toolkit(ctx: Context, op: InstallToolkit) -> Installation:
    toolkit, workspace_id = ctx.store.toolkits.get(op.toolkit_id), ctx.user.workspace_id
    if op.body is not None and op.body.workspace_id not in (None, workspace_id):
        raise ApiError(WORKSPACE_NOT_YOURS)
    if toolkit is None or not _may_install(ctx, toolkit):
        raise ApiError(TOOLKIT_NOT_FOUND)
    _check_role(ctx)
    if process.active_installation(ctx, toolkit.id, workspace_id) is not None:
        raise ApiError(ALREADY_INSTALLED)
    dry = op.body is not None and op.body.dry_run
    return (process.imagined if dry else process.install)(ctx, toolkit, workspace_id, ctx.user.id)


@ListInstalledToolkits.handler
def list_installed_toolkits(ctx: Context, op: ListInstalledToolkits) -> Page[ToolkitWithInstallation]:
    _check_workspace(ctx, op.workspace_id)
    active = ctx.store.installations.under("key", f"workspace:{op.workspace_id}/active")
    pairs = [
        ToolkitWithInstallation(toolkit=_shown(toolkit), installation=installation)
        for installation in reversed(active)
        if (toolkit := ctx.store.toolkits.get(installation.toolkit_id))
    ]
    return paging.unpaged(ctx, pairs)


@UninstallToolkit.handler
def uninstall_toolkit(ctx: Context, op: UninstallToolkit) -> None:
    _check_workspace(ctx, op.workspace_id)
    _uninstall(ctx, op.toolkit_id)


@UninstallOwnToolkit.handler
def uninstall_own_toolkit(ctx: Context, op: UninstallOwnToolkit) -> None:
    _uninstall(ctx, op.toolkit_id)


def _uninstall(ctx: Context, toolkit_id: str) -> None:
    installation = process.active_installation(ctx, toolkit_id, ctx.user.workspace_id)
    if installation is None:
        raise ApiError(NOT_INSTALLED)
    _check_role(ctx)
    process.uninstall(ctx, installation)


def _apps(ctx: Context) -> list[str]:
    """The ids of the apps that the user is connected to, the token's first."""
    others = (app for app in ctx.store.apps if app.id != ctx.app.id)
    return [ctx.app.id, *(app.id for app in others if people.is_connected(ctx, app, ctx.user))]


def _may_install(ctx: Context, toolkit: ToolkitRecord) -> bool:
    known = toolkit.partner_app_id is None or toolkit.partner_app_id in _apps(ctx)
    return known and toolkit.is_active and toolkit.is_published


def _check_role(ctx: Context) -> None:
    if ctx.profile.toolkit_install_role == "admin" and ctx.user.workspace_role == "WORKSPACE_MEMBER":
        raise ApiError(FORBIDDEN, "Only an owner or admin of the workspace may do this.")


def _check_workspace(ctx: Context, workspace_id: str) -> None:
    if workspace_id != ctx.user.workspace_id:
        raise ApiError(WORKSPACE_NOT_YOURS)


def _members(toolkit: ToolkitRecord) -> dict[str, object]:
    counts = rules.counts(toolkit.manifest)
    members = {name: getattr(toolkit, name) for name in Toolkit.model_fields if hasattr(toolkit, name)}
    counted = {f"{kind}_count": number for kind, number in counts.items() if kind != "shortcuts"}
    return members | counted


def _shown(toolkit: ToolkitRecord) -> Toolkit:
    return Toolkit.model_validate(_members(toolkit))


def _installable(ctx: Context, toolkit: ToolkitRecord) -> InstallableToolkit:
    installation: InstallationRecord | None = process.active_installation(
        ctx, toolkit.id, ctx.user.workspace_id
    )
    members = _members(toolkit)
    return InstallableToolkit.model_validate({**members, "toolkit": members, "installation": installation})
