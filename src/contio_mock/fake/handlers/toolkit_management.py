"""Toolkits, as the app that makes them manages them."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.operation import Reply
from contio_mock.contract.release import R1_6
from contio_mock.contract.shared import Page
from contio_mock.contract.toolkit_exports import (
    NOTHING_TO_EXPORT,
    AdminExportEntities,
    AdminExportToolkit,
    ExportMetadata,
    ToolkitExport,
)
from contio_mock.contract.toolkit_management import (
    SLUG_COLLISION,
    SLUG_COLLISION_400,
    VERSIONS_NEEDED,
    AdminCreatePlainToolkit,
    AdminCreateToolkit,
    AdminDeleteToolkit,
    AdminGetToolkit,
    AdminListToolkitInstallations,
    AdminListToolkits,
    AdminListWorkspaces,
    AdminReplaceToolkit,
    AdminUpdateToolkit,
    InstallationItem,
    InstallationPage,
    InstallationSummary,
    MergedToolkitCreated,
    PartnerToolkit,
    PartnerWorkspace,
    ToolkitCreate,
    ToolkitCreated,
    ToolkitUpdate,
)
from contio_mock.fake import paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import toolkit_manifests as manifests
from contio_mock.fake.processes import toolkits as process
from contio_mock.fake.records import AppWorkspaceRecord, InstallationRecord, ToolkitRecord, changes
from contio_mock.fake.rules.manifests import normalized
from contio_mock.fake.sandbox import Context


@AdminListToolkits.handler
def admin_list_toolkits(ctx: Context, op: AdminListToolkits) -> Page[PartnerToolkit]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    return paging.listed(ctx.store.toolkits, "key", f"app:{ctx.app.id}", limit, offset)


@AdminCreateToolkit.handler
def admin_create_toolkit(ctx: Context, op: AdminCreateToolkit) -> ToolkitCreated | Reply[ToolkitCreated]:
    wish = op.body
    if wish.dry_run:
        told = manifests.told(ctx, wish.manifest, dry_run=True)
        _check_slug(ctx, wish.slug)
        return Reply(ToolkitCreated(**told), 200)
    told = manifests.told(ctx, wish.manifest)
    toolkit = _create(ctx, wish)
    if ctx.profile.created_toolkit_members == "merged":
        return MergedToolkitCreated(**toolkit.model_dump(exclude_none=True), toolkit=toolkit, **told)
    return ToolkitCreated(toolkit=toolkit, **told)


@AdminCreatePlainToolkit.handler
def admin_create_plain_toolkit(ctx: Context, op: AdminCreatePlainToolkit) -> PartnerToolkit:
    manifests.told(ctx, op.body.manifest)
    return _create(ctx, op.body)


def _create(ctx: Context, wish: ToolkitCreate) -> ToolkitRecord:
    _check_slug(ctx, wish.slug)
    status = ctx.profile.new_toolkit_version
    toolkit = ToolkitRecord(
        id=ctx.ids.uuid(),
        name=wish.name,
        slug=wish.slug,
        version=wish.version,
        description=wish.description,
        is_active=True,
        ownership_type="PARTNER",
        partner_app_id=ctx.app.id,
        manifest=normalized(wish.manifest),
        auto_propagate=False,
        auto_install_on_new_workspaces=False,
        created_at=ctx.now,
        updated_at=ctx.now,
        version_id=ctx.ids.uuid(),
        is_published=status == "PUBLISHED",
    )
    ctx.store.toolkit_versions.insert(manifests.first_version(toolkit, status, ctx.app.id))
    return ctx.store.toolkits.insert(toolkit)


def _check_slug(ctx: Context, slug: str) -> None:
    if ctx.store.toolkits.count("key", f"slug:{ctx.app.id}/{slug}"):
        conflict = ctx.profile.slug_collision_status == "409"
        raise ApiError(SLUG_COLLISION if conflict else SLUG_COLLISION_400)


@AdminGetToolkit.handler
def admin_get_toolkit(ctx: Context, op: AdminGetToolkit) -> PartnerToolkit:
    return manifests.own_toolkit(ctx, op.toolkit_id)


@AdminDeleteToolkit.handler
def admin_delete_toolkit(ctx: Context, op: AdminDeleteToolkit) -> None:
    process.delete(ctx, manifests.own_toolkit(ctx, op.toolkit_id))


@AdminUpdateToolkit.handler
def admin_update_toolkit(ctx: Context, op: AdminUpdateToolkit) -> PartnerToolkit:
    return _update(ctx, manifests.own_toolkit(ctx, op.toolkit_id), op.body)


@AdminReplaceToolkit.handler
def admin_replace_toolkit(ctx: Context, op: AdminReplaceToolkit) -> PartnerToolkit:
    toolkit = manifests.own_toolkit(ctx, op.toolkit_id)
    if ctx.sandbox.release >= R1_6:
        return _update(ctx, toolkit, op.body)
    if op.body.manifest is not None:
        manifests.told(ctx, op.body.manifest)
    toolkit = _update(ctx, toolkit, op.body.model_copy(update={"manifest": None, "version": None}))
    if op.body.manifest is None and op.body.version is None:
        return toolkit
    version = manifests.superseding(ctx, toolkit, op.body.version, op.body.manifest)
    return process.publish(ctx, toolkit, version)[0]


def _update(ctx: Context, toolkit: ToolkitRecord, wish: ToolkitUpdate) -> ToolkitRecord:
    changed: dict[str, Any] = changes(wish)
    if "manifest" in changed or "version" in changed:
        raise ApiError(VERSIONS_NEEDED)
    return ctx.store.toolkits.replace(toolkit, **changed, updated_at=ctx.now)


@AdminExportToolkit.handler
def admin_export_toolkit(ctx: Context, op: AdminExportToolkit) -> ToolkitExport:
    toolkit = manifests.own_toolkit(ctx, op.toolkit_id)
    named = ExportMetadata(
        name=toolkit.name, slug=toolkit.slug, description=toolkit.description, version=toolkit.version
    )
    return manifests.exported(ctx, toolkit.manifest, named)


@AdminExportEntities.handler
def admin_export_entities(ctx: Context, op: AdminExportEntities) -> ToolkitExport:
    manifest = manifests.naming(ctx, op.body)
    if not any(manifest.values()):
        raise ApiError(NOTHING_TO_EXPORT)
    return manifests.exported(
        ctx, manifest, ExportMetadata(name=op.body.name, description=op.body.description)
    )


@AdminListToolkitInstallations.handler
def admin_list_toolkit_installations(ctx: Context, op: AdminListToolkitInstallations) -> InstallationPage:
    toolkit = manifests.own_toolkit(ctx, op.toolkit_id)
    limit, offset = paging.window(ctx, op.limit, op.offset)
    key, stored = f"toolkit:{toolkit.id}", ctx.store.installations
    items, total = stored.page("key", key, limit=limit, offset=offset)
    connected = ctx.store.app_workspaces.count("app", ctx.app.id)
    return InstallationPage(
        items=[_item(ctx, installation) for installation in items],
        summary=InstallationSummary(
            active=stored.count("key", f"{key}/active"),
            opted_out=stored.count("key", f"{key}/opted_out"),
            never_installed=max(0, connected - total),
        ),
        total_connected_workspaces=connected,
        limit=limit,
        offset=offset,
    )


def _item(ctx: Context, installation: InstallationRecord) -> InstallationItem:
    active = installation.status == "active"
    return InstallationItem(
        workspace_id=installation.workspace_id,
        workspace_name=_name(ctx, installation.workspace_id),
        status=installation.status,
        version_label=installation.version_label if active else None,
        installed_at=installation.installed_at if active else None,
        uninstalled_at=installation.uninstalled_at,
    )


@AdminListWorkspaces.handler
def admin_list_workspaces(ctx: Context, op: AdminListWorkspaces) -> Page[PartnerWorkspace]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    joined, total = ctx.store.app_workspaces.page("app", ctx.app.id, limit=limit, offset=offset)
    return paging.page([_workspace(ctx, one) for one in joined], total, limit, offset)


def _workspace(ctx: Context, joined: AppWorkspaceRecord) -> PartnerWorkspace:
    return PartnerWorkspace(
        workspace_id=joined.workspace_id,
        workspace_name=_name(ctx, joined.workspace_id),
        provisioned_at=joined.provisioned_at,
        user_count=ctx.store.users.count("workspace", joined.workspace_id),
    )


def _name(ctx: Context, workspace_id: str) -> str:
    workspace = ctx.store.workspaces.get(workspace_id)
    return workspace.name if workspace is not None else ""
