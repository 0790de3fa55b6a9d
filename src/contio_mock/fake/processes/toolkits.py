"""Toolkits in workspaces: installed, upgraded, uninstalled, by people and by Contio itself."""

from __future__ import annotations

from typing import Any, Literal

from contio_mock.contract.shared import trusted
from contio_mock.contract.toolkits import EntityMap
from contio_mock.fake.processes import toolkit_entities
from contio_mock.fake.records import (
    AppRecord,
    AppWorkspaceRecord,
    InstallationRecord,
    ToolkitRecord,
    UserRecord,
    VersionRecord,
    WorkflowTemplateRecord,
)
from contio_mock.fake.records.toolkits import SYSTEM
from contio_mock.fake.sandbox import Context


def installation_of(ctx: Context, toolkit_id: str, workspace_id: str) -> InstallationRecord | None:
    """What a workspace has of a toolkit, or had."""
    return ctx.store.installations.first("key", f"pair:{workspace_id}/{toolkit_id}")


def active_installation(ctx: Context, toolkit_id: str, workspace_id: str) -> InstallationRecord | None:
    """The installation of a toolkit in a workspace, unless it was uninstalled."""
    found = installation_of(ctx, toolkit_id, workspace_id)
    return found if found is not None and found.status == "active" else None


def current_version(ctx: Context, toolkit: ToolkitRecord) -> VersionRecord:
    """The published version, or the first one while none is published."""
    found = ctx.store.toolkit_versions.get(toolkit.version_id)
    assert found is not None  # noqa: S101 - a toolkit never loses its version
    return found


def install(ctx: Context, toolkit: ToolkitRecord, workspace_id: str, user_id: str) -> InstallationRecord:
    """Install the published version in a workspace that does not have the toolkit."""
    version, before = current_version(ctx, toolkit), installation_of(ctx, toolkit.id, workspace_id)
    made = toolkit_entities.place(
        ctx, toolkit, version.manifest, _blank(ctx, toolkit, version, workspace_id, user_id)
    )
    if before is not None:
        ctx.store.installations.remove(before)
    _carry_workflows(ctx, toolkit, made)
    return ctx.store.installations.insert(made)


def _carry_workflows(ctx: Context, toolkit: ToolkitRecord, installation: InstallationRecord) -> None:
    """Let a workspace have exactly the workflow templates that an installation brings; ids stay."""
    templates = ctx.store.workflow_templates
    wanted = {workflow.id: workflow for workflow in installation.workflows}
    for known in templates.under("owner", f"installation:{installation.id}"):
        if known.id not in wanted:
            templates.remove(known)
    for workflow in wanted.values():
        before = templates.get(workflow.id)
        record = trusted(
            WorkflowTemplateRecord,
            id=workflow.id,
            name=workflow.name,
            description=workflow.description,
            is_active=workflow.is_active,
            workspace_id=installation.workspace_id,
            created_at=before.created_at if before else ctx.now,
            updated_at=ctx.now,
            spec=workflow.spec,
            app_id=toolkit.partner_app_id,
            installation_id=installation.id,
        )
        if before is None:
            templates.insert(record)
        elif before.model_copy(update={"updated_at": ctx.now}) != record:
            templates.put(record)


def _drop_workflows(ctx: Context, installation: InstallationRecord, *, keep: bool) -> None:
    for workflow in ctx.store.workflow_templates.under("owner", f"installation:{installation.id}"):
        if keep:
            ctx.store.workflow_templates.replace(workflow, installation_id=None)
        else:
            ctx.store.workflow_templates.remove(workflow)


def imagined(ctx: Context, toolkit: ToolkitRecord, workspace_id: str, user_id: str) -> InstallationRecord:
    """What installing would answer, without doing it: a dry run makes no entities."""
    return _blank(ctx, toolkit, current_version(ctx, toolkit), workspace_id, user_id)


def _blank(
    ctx: Context, toolkit: ToolkitRecord, version: VersionRecord, workspace_id: str, user_id: str
) -> InstallationRecord:
    return InstallationRecord(
        id=ctx.ids.uuid(),
        toolkit_id=toolkit.id,
        workspace_id=workspace_id,
        installed_at=ctx.now,
        installed_by=user_id,
        installed_by_user_id=user_id,
        entities=EntityMap(),
        version_id=version.id,
        version_label=version.version_label,
    )


def uninstall(ctx: Context, installation: InstallationRecord) -> None:
    """Take a toolkit out of a workspace, which has opted out of it from now on."""
    keep = ctx.profile.uninstalled_entities == "kept"
    toolkit_entities.take_away(ctx, installation, keep=keep)
    _drop_workflows(ctx, installation, keep=keep)
    gone: dict[str, Any] = {"entities": EntityMap(), "copies": {}, "workflows": ()}
    ctx.store.installations.replace(installation, status="opted_out", uninstalled_at=ctx.now, **gone)


def propagate(
    ctx: Context, toolkit: ToolkitRecord, version: VersionRecord, mode: Literal["none", "normal", "force"]
) -> None:
    """Bring a published version to the installations: not at all, to the active ones, or to all ever made."""
    if mode == "none":
        return
    for installation in ctx.store.installations.under("key", f"toolkit:{toolkit.id}/active"):
        moved = installation.model_copy(
            update={"version_id": version.id, "version_label": version.version_label}
        )
        placed = toolkit_entities.place(ctx, toolkit, version.manifest, moved)
        _carry_workflows(ctx, toolkit, placed)
        ctx.store.installations.put(placed)
    if mode == "force":
        for opted_out in ctx.store.installations.under("key", f"toolkit:{toolkit.id}/opted_out"):
            install(ctx, toolkit, opted_out.workspace_id, opted_out.installed_by)


def publish(
    ctx: Context, toolkit: ToolkitRecord, version: VersionRecord
) -> tuple[ToolkitRecord, VersionRecord]:
    """Make a version the published one; the one before becomes deprecated."""
    versions = ctx.store.toolkit_versions
    for published in versions.under("key", f"{toolkit.id}/PUBLISHED"):
        versions.replace(published, status="DEPRECATED", deprecated_at=ctx.now, updated_at=ctx.now)
    changed: dict[str, Any] = {"status": "PUBLISHED", "published_at": ctx.now, "deprecated_at": None}
    version = versions.replace(version, **changed, updated_at=ctx.now)
    toolkit = ctx.store.toolkits.replace(
        toolkit,
        version=version.version_label,
        manifest=version.manifest,
        version_id=version.id,
        is_published=True,
        updated_at=ctx.now,
    )
    return toolkit, version


def delete(ctx: Context, toolkit: ToolkitRecord) -> None:
    """Delete a toolkit with its versions; the profile says what becomes of its installations."""
    keep = ctx.profile.deleted_toolkit_installations == "kept"
    for installation in ctx.store.installations.under("key", f"toolkit:{toolkit.id}"):
        toolkit_entities.take_away(ctx, installation, keep=keep)
        _drop_workflows(ctx, installation, keep=keep)
        ctx.store.installations.remove(installation)
    for version in ctx.store.toolkit_versions.under("key", toolkit.id):
        ctx.store.toolkit_versions.remove(version)
    ctx.store.toolkits.remove(toolkit)


def user_connected(ctx: Context, app: AppRecord, user: UserRecord) -> None:
    """Note the workspace of a user who has just connected; a new one gets the app's toolkits.

    Once an app's, a workspace stays it, so that an opt-out is not forgotten.
    """
    joined = ctx.store.app_workspaces
    id_ = f"{app.id}/{user.workspace_id}"
    if joined.get(id_) is not None:
        return
    joined.insert(
        AppWorkspaceRecord(id=id_, app_id=app.id, workspace_id=user.workspace_id, provisioned_at=ctx.now)
    )
    wanted = ctx.store.toolkits.under("key", f"auto:{app.id}")
    default = ctx.store.toolkits.get(app.default_toolkit_id or "")
    if default is not None and default.is_active and default.is_published and default not in wanted:
        wanted.append(default)
    for toolkit in wanted:
        ours = (toolkit.partner_app_id or SYSTEM) in (app.id, SYSTEM)
        if ours and installation_of(ctx, toolkit.id, user.workspace_id) is None:
            install(ctx, toolkit, user.workspace_id, user.id)
