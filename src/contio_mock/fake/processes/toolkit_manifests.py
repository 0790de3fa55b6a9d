"""An app's toolkits and manifests: found, validated, versioned, exported."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.contract.toolkit_exports import (
    EntityExport,
    ExportMetadata,
    ExportSummary,
    ExportWarning,
    ToolkitExport,
)
from contio_mock.contract.toolkit_management import (
    APP_TOOLKIT_NOT_FOUND,
    MANIFEST_INVALID,
    ManifestConflict,
    ManifestProblem,
    ManifestSummary,
    ManifestValidation,
)
from contio_mock.contract.toolkit_versions import VersionStatus
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes.toolkit_entities import collection, content_of, nameable
from contio_mock.fake.records import MeetingRecord, ToolkitRecord, VersionRecord
from contio_mock.fake.rules import manifests as rules
from contio_mock.fake.rules.exports import Export
from contio_mock.fake.rules.manifests import KINDS, Findings, Kind
from contio_mock.fake.sandbox import Context


def own_toolkit(ctx: Context, toolkit_id: str) -> ToolkitRecord:
    """The toolkit, if it is the calling app's; raises ApiError."""
    found = ctx.store.toolkits.get(toolkit_id)
    if found is None or found.partner_app_id != ctx.app.id:
        raise ApiError(APP_TOOLKIT_NOT_FOUND)
    return found


def told(ctx: Context, manifest: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
    """The validation, conflicts and summary of a manifest; raises ApiError for an invalid one.

    After a dry run an invalid manifest is no error, unless the profile refuses broken schemas there too.
    """
    found = rules.findings(manifest, lambda kind, id_: _exists(ctx, kind, id_))
    refused = found.broken_schema and ctx.profile.manifest_schema_errors == "refused"
    if found.errors and (refused or not dry_run):
        raise ApiError(VALIDATION_ERROR if refused else MANIFEST_INVALID, _sentence(found))
    return {
        "validation": ManifestValidation(
            valid=not found.errors,
            errors=[_problem(problem) for problem in found.errors],
            warnings=[_problem(problem) for problem in found.warnings],
        ),
        "conflicts": [] if found.broken_schema else _conflicts(ctx, manifest),
        "summary": ManifestSummary(**rules.counts(manifest)),
    }


def _sentence(found: Findings) -> str:
    first, further = found.errors[0], len(found.errors) - 1
    place = f"manifest.{first.path}" if first.path else "manifest"
    more = f" {further} more: a dry run lists them all." if further else ""
    return f"{place}: {first.message} ({first.code}).{more}"


def _problem(problem: rules.Problem) -> ManifestProblem:
    return ManifestProblem(path=problem.path, code=problem.code, message=problem.message)


def _exists(ctx: Context, kind: str, id_: str) -> bool:
    if kind == "meetings":
        return _meeting(ctx, id_) is not None
    return any(kind == known and nameable(ctx, ctx.app.id)(known, id_) is not None for known in KINDS)


def _meeting(ctx: Context, id_: str) -> MeetingRecord | None:
    """The meeting, if it belongs to a workspace that the app knows."""
    found = ctx.store.meetings.get(id_.lower())
    known = found and ctx.store.app_workspaces.get(f"{ctx.app.id}/{found.workspace_id}")
    return found if known else None


def _conflicts(ctx: Context, manifest: dict[str, Any]) -> list[ManifestConflict]:
    """The app's own entities that have the same kind and name as one to be made."""
    found = []
    for kind in KINDS:
        names = {e["spec"]["name"] for e in manifest.get(kind) or [] if e.get("spec") is not None}
        own = collection(ctx, kind).under("owner", f"app:{ctx.app.id}") if names else []
        found += [_conflict(kind, entity.id, entity.name) for entity in own if entity.name in names]
    return found


def _conflict(kind: Kind, id_: str, name: str) -> ManifestConflict:
    what = rules.singular(kind)
    return ManifestConflict(
        entity_type=what,
        entity_name=name,
        conflict_type="name_collision",
        existing_entity_id=id_,
        resolution="informational",
        message=f"The app has a {what.replace('_', ' ')} of that name already; both will exist.",
    )


def first_version(toolkit: ToolkitRecord, status: VersionStatus, created_by: str) -> VersionRecord:
    """The version that a new toolkit begins with."""
    return VersionRecord(
        id=toolkit.version_id,
        toolkit_id=toolkit.id,
        version_number=1,
        version_label=toolkit.version,
        status=status,
        manifest=toolkit.manifest,
        created_by=created_by,
        created_at=toolkit.created_at,
        updated_at=toolkit.created_at,
        published_at=toolkit.created_at if status == "PUBLISHED" else None,
    )


def next_version(
    ctx: Context, toolkit: ToolkitRecord, label: str, manifest: dict[str, Any], changelog: str | None = None
) -> VersionRecord:
    """A new draft, stored; its number follows the highest that there is."""
    last = ctx.store.toolkit_versions.last("key", toolkit.id)
    return ctx.store.toolkit_versions.insert(
        VersionRecord(
            id=ctx.ids.uuid(),
            toolkit_id=toolkit.id,
            version_number=last.version_number + 1 if last is not None else 1,
            version_label=label,
            status="DRAFT",
            manifest=rules.normalized(manifest),
            changelog=changelog,
            created_by=ctx.app.id,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )


def superseding(
    ctx: Context, toolkit: ToolkitRecord, label: str | None, manifest: dict[str, Any] | None
) -> VersionRecord:
    """The draft that a release without versions makes of a changed label or manifest."""
    return next_version(ctx, toolkit, label or toolkit.version, manifest or toolkit.manifest)


def naming(ctx: Context, wish: EntityExport) -> dict[str, Any]:
    """The manifest that only names the entities of an export; raises ApiError for unknown ones."""
    manifest: dict[str, Any] = {}
    for kind in KINDS:
        ids = list(dict.fromkeys(getattr(wish, f"{rules.singular(kind)}_ids") or []))
        for id_ in ids:
            if not _exists(ctx, kind, id_):
                raise ApiError(VALIDATION_ERROR, f"This app has no {rules.singular(kind)} {id_}.")
        manifest[kind] = [{"id": id_} for id_ in ids]
    for member, given in (("workflows", wish.workflow_ids), ("canvas_templates", wish.canvas_template_ids)):
        if given:
            manifest[member] = [{"id": id_} for id_ in given]
    return manifest


def exported(ctx: Context, manifest: dict[str, Any], metadata: ExportMetadata) -> ToolkitExport:
    """A manifest made portable."""

    def content(meeting_id: str) -> dict[str, Any] | None:
        meeting = _meeting(ctx, meeting_id)
        return content_of(ctx, meeting) if meeting is not None else None

    done = Export(manifest, nameable(ctx, ctx.app.id), content)
    further = {
        member: len(listed) if isinstance(listed := done.manifest.get(member), list) else 0
        for member in ("workflows", "canvas_templates")
    }
    return ToolkitExport(
        metadata=metadata,
        manifest=done.manifest,
        summary=ExportSummary(**rules.counts(done.manifest), **further),
        warnings=[
            ExportWarning(
                entity_type=warned.entity_type,
                entity_name=warned.entity_name,
                code=warned.code,
                message=warned.message,
            )
            for warned in done.warnings
        ],
    )
