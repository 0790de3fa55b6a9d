"""Portable manifests of toolkits and of single entities."""

from typing import Annotated

from pydantic import Field

from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode
from contio_mock.contract.manifests import ManifestJson
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_6, R1_9, since
from contio_mock.contract.shared import Id, Input, Model
from contio_mock.contract.toolkit_management import APP_TOOLKIT_NOT_FOUND, TAG, ToolkitDescription

NOTHING_TO_EXPORT = ErrorCode(400, "bad_request", "Name at least one entity to export.")


class EntityExport(Input):
    """The entities to put into a manifest; what they need comes along."""

    template_ids: list[Id] | None = None
    next_step_ids: list[Id] | None = None
    action_button_ids: list[Id] | None = None
    shortcut_ids: list[Id] | None = None
    workflow_ids: list[str] | None = None
    """Sent by the official SDK; a warning says that they were left out."""
    canvas_template_ids: list[str] | None = None
    """Sent by the official SDK; a warning says that they were left out."""
    name: Annotated[str | None, Field(max_length=255)] = None
    description: ToolkitDescription = None


class ExportMetadata(Model):
    """What an exported manifest is called."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    version: str | None = None


class ExportSummary(Model):
    """How many entities of each kind were exported."""

    templates: int
    next_steps: int
    action_buttons: int
    shortcuts: int
    workflows: int
    canvas_templates: int


class ExportWarning(Model):
    """Something that could not be exported."""

    entity_type: str
    entity_name: str
    code: str
    message: str


class ToolkitExport(Model):
    """A portable manifest: `$id` and `$ref` instead of ids."""

    metadata: ExportMetadata
    manifest: ManifestJson
    summary: ExportSummary
    warnings: list[ExportWarning]


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits/export",
    auth=ADMIN,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(VALIDATION_ERROR, NOTHING_TO_EXPORT),
    tag=TAG,
)
class AdminExportEntities(Operation[ToolkitExport]):
    """Make a portable manifest of entities; templates bring their next steps, these their buttons."""

    body: EntityExport


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits/{toolkitId}/export",
    auth=ADMIN,
    lifetime=since(R1_6),
    raises=(APP_TOOLKIT_NOT_FOUND,),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminExportToolkit(Operation[ToolkitExport]):
    """Make the toolkit's manifest portable: entities that it only names become part of it."""

    toolkit_id: Id
