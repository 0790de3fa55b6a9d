"""The versions of a toolkit."""

from __future__ import annotations

from typing import Any, cast

from contio_mock.contract.operation import Reply
from contio_mock.contract.toolkit_versions import (
    DRAFT_EXISTS,
    NOT_A_DRAFT,
    NOT_DEPRECATED,
    VERSION_NOT_FOUND,
    AdminCreateToolkitVersion,
    AdminDiscardToolkitVersion,
    AdminGetToolkitVersion,
    AdminListToolkitVersions,
    AdminPublishToolkitVersion,
    AdminRepublishToolkitVersion,
    AdminUpdateToolkitVersion,
    MergedVersionCreated,
    ToolkitVersion,
    VersionCreated,
)
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import toolkit_manifests as manifests
from contio_mock.fake.processes import toolkits as process
from contio_mock.fake.records import ToolkitRecord, VersionRecord, changes
from contio_mock.fake.rules.manifests import normalized
from contio_mock.fake.sandbox import Context


@AdminListToolkitVersions.handler
def admin_list_toolkit_versions(ctx: Context, op: AdminListToolkitVersions) -> list[ToolkitVersion]:
    toolkit = manifests.own_toolkit(ctx, op.toolkit_id)
    return cast(list[ToolkitVersion], ctx.store.toolkit_versions.under("key", toolkit.id))


@AdminCreateToolkitVersion.handler
def admin_create_toolkit_version(
    ctx: Context, op: AdminCreateToolkitVersion
) -> VersionCreated | Reply[VersionCreated]:
    toolkit, wish = manifests.own_toolkit(ctx, op.toolkit_id), op.body
    told = manifests.told(ctx, wish.manifest, dry_run=bool(wish.dry_run))
    if ctx.store.toolkit_versions.count("key", f"{toolkit.id}/DRAFT"):
        raise ApiError(DRAFT_EXISTS)
    if wish.dry_run:
        return Reply(VersionCreated(**told), 200)
    version = manifests.next_version(ctx, toolkit, wish.version_label, wish.manifest, wish.changelog)
    if ctx.profile.created_toolkit_members == "merged":
        return MergedVersionCreated(**version.model_dump(exclude_none=True), version=version, **told)
    return VersionCreated(version=version, **told)


@AdminGetToolkitVersion.handler
def admin_get_toolkit_version(ctx: Context, op: AdminGetToolkitVersion) -> ToolkitVersion:
    return _version(ctx, op)[1]


@AdminDiscardToolkitVersion.handler
def admin_discard_toolkit_version(ctx: Context, op: AdminDiscardToolkitVersion) -> None:
    toolkit, version = _draft(ctx, op)
    if version.id == toolkit.version_id:
        raise ApiError(NOT_A_DRAFT, "A toolkit's only version cannot be discarded; delete the toolkit.")
    ctx.store.toolkit_versions.remove(version)


@AdminUpdateToolkitVersion.handler
def admin_update_toolkit_version(ctx: Context, op: AdminUpdateToolkitVersion) -> ToolkitVersion:
    toolkit, version = _draft(ctx, op)
    changed: dict[str, Any] = changes(op.body)
    if "manifest" in changed:
        manifests.told(ctx, changed["manifest"])
        changed["manifest"] = normalized(changed["manifest"])
    version = ctx.store.toolkit_versions.replace(version, **changed, updated_at=ctx.now)
    if version.id == toolkit.version_id:  # nothing is published yet: the toolkit shows its first draft
        shown: dict[str, Any] = {"version": version.version_label, "manifest": version.manifest}
        ctx.store.toolkits.replace(toolkit, **shown, updated_at=ctx.now)
    return version


@AdminPublishToolkitVersion.handler
def admin_publish_toolkit_version(ctx: Context, op: AdminPublishToolkitVersion) -> None:
    toolkit, version = _draft(ctx, op)
    wish = op.body.propagation if op.body is not None else None
    toolkit, version = process.publish(ctx, toolkit, version)
    process.propagate(ctx, toolkit, version, wish or ("normal" if toolkit.auto_propagate else "none"))


@AdminRepublishToolkitVersion.handler
def admin_republish_toolkit_version(ctx: Context, op: AdminRepublishToolkitVersion) -> None:
    toolkit, version = _version(ctx, op)
    if version.status != "DEPRECATED":
        raise ApiError(NOT_DEPRECATED)
    toolkit, version = process.publish(ctx, toolkit, version)
    if ctx.profile.republish_propagation == "auto_propagate" and toolkit.auto_propagate:
        process.propagate(ctx, toolkit, version, "normal")


Named = (
    AdminGetToolkitVersion
    | AdminDiscardToolkitVersion
    | AdminUpdateToolkitVersion
    | AdminPublishToolkitVersion
    | AdminRepublishToolkitVersion
)


def _version(ctx: Context, op: Named) -> tuple[ToolkitRecord, VersionRecord]:
    toolkit = manifests.own_toolkit(ctx, op.toolkit_id)
    version = ctx.store.toolkit_versions.get(op.version_id)
    if version is None or version.toolkit_id != toolkit.id:
        raise ApiError(VERSION_NOT_FOUND)
    return toolkit, version


def _draft(ctx: Context, op: Named) -> tuple[ToolkitRecord, VersionRecord]:
    toolkit, version = _version(ctx, op)
    if version.status != "DRAFT":
        raise ApiError(NOT_A_DRAFT)
    return toolkit, version
