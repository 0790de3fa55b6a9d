"""Toolkits, as the partner app that makes them manages them."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import (
    INVALID_QUERY_PARAMETERS,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.manifests import ManifestJson
from contio_mock.contract.operation import Alias, Operation, endpoint
from contio_mock.contract.release import R1_6, R1_9, since, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp
from contio_mock.contract.toolkits import ToolkitOwnership

TAG = "Toolkit Management"

APP_TOOLKIT_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such toolkit.")
INVALID_APP_TOOLKIT_ID = ErrorCode(400, "bad_request", "The toolkit id is not a UUID.")
MANIFEST_INVALID = ErrorCode(400, "manifest_validation_failed", "The manifest is invalid.")
SLUG_COLLISION = ErrorCode(409, "toolkit_slug_collision", "This app has a toolkit with that slug already.")
SLUG_COLLISION_400 = ErrorCode(400, SLUG_COLLISION.code, SLUG_COLLISION.message)
VERSIONS_NEEDED = ErrorCode(
    409, "conflict", "manifest and version are not accepted here any more; create and publish a version."
)

AppToolkitId = Annotated[Id, Invalid(INVALID_APP_TOOLKIT_ID)]
ToolkitName = Annotated[str, Field(min_length=1, max_length=255)]
ToolkitDescription = Annotated[str | None, Field(max_length=1000)]
InstallationStatus = Literal["active", "opted_out"]


class PartnerToolkit(Model):
    """A toolkit of the app, with the manifest of its published version."""

    id: Id
    name: str
    slug: str
    version: str
    """The label of the published version."""
    description: str | None = None
    is_active: bool
    """Whether it is listed and can be installed."""
    ownership_type: ToolkitOwnership
    partner_app_id: Id | None = None
    manifest: ManifestJson
    auto_propagate: Annotated[bool, since(R1_9)] = False
    """Whether a published version reaches the active installations unless its publication says otherwise."""
    auto_install_on_new_workspaces: Annotated[bool, since(R1_9)] = False
    created_at: Timestamp
    updated_at: Timestamp


class ManifestProblem(Model):
    """What is wrong with a manifest, or may be."""

    path: str
    """Where, such as `next_steps[0].spec.name`."""
    code: str
    message: str


class ManifestValidation(Model):
    """What a manifest's validation found."""

    valid: bool
    errors: list[ManifestProblem]
    warnings: list[ManifestProblem]


class ManifestConflict(Model):
    """An entity of the app that a manifest's entity resembles."""

    entity_type: str
    entity_name: str
    conflict_type: str
    existing_entity_id: Id
    resolution: str
    message: str


class ManifestSummary(Model):
    """How many entities of each kind a manifest has."""

    templates: int
    next_steps: int
    action_buttons: int
    shortcuts: int


class ToolkitCreated(Model):
    """A toolkit that was created, or would be, and what its manifest's validation found."""

    toolkit: PartnerToolkit | None = None
    """Absent after a dry run."""
    validation: ManifestValidation
    conflicts: list[ManifestConflict]
    summary: ManifestSummary


class MergedToolkitCreated(ToolkitCreated, PartnerToolkit):
    """The same with the toolkit's members at the top as well, where SDKs before 1.7 look for them."""


class ToolkitCreate(Input):
    """A toolkit to be created."""

    name: ToolkitName
    slug: Annotated[str, Field(min_length=1, max_length=100)]
    version: str
    """The label of its first version."""
    description: ToolkitDescription = None
    manifest: ManifestJson
    dry_run: Annotated[bool | None, since(R1_6)] = None
    """Validate only."""


class ToolkitUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    name: Annotated[ToolkitName | None, Field()] = None
    description: ToolkitDescription = None
    is_active: bool | None = None
    auto_propagate: Annotated[bool | None, since(R1_9)] = None
    auto_install_on_new_workspaces: Annotated[bool | None, since(R1_9)] = None
    manifest: ManifestJson | None = None
    """Accepted up to release 1.5; later a 409."""
    version: str | None = None
    """Accepted up to release 1.5; later a 409."""


class InstallationItem(Model):
    """A workspace that has the toolkit or opted out of it."""

    workspace_id: Id
    workspace_name: str
    status: InstallationStatus
    version_label: str | None = None
    """The installed version's label, while active."""
    installed_at: Timestamp | None = None
    """Since when, while active."""
    uninstalled_at: Timestamp | None = None
    """Since when not, once opted out."""


class InstallationSummary(Model):
    """How many workspaces have the toolkit, had it, and never did."""

    active: int
    opted_out: int
    never_installed: int


class InstallationPage(Model):
    """One page of a toolkit's installations; it has a summary and no total."""

    items: list[InstallationItem]
    summary: InstallationSummary
    total_connected_workspaces: int
    limit: int
    offset: int


class PartnerWorkspace(Model):
    """A workspace with a user who is connected to the app."""

    workspace_id: Id
    workspace_name: str
    provisioned_at: Timestamp
    """When its first user connected."""
    user_count: int


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits",
    auth=ADMIN,
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class AdminListToolkits(Operation[Page[PartnerToolkit]]):
    """List the app's toolkits, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits",
    auth=ADMIN,
    success=201,
    also=(200,),
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(VALIDATION_ERROR, MANIFEST_INVALID, SLUG_COLLISION, SLUG_COLLISION_400),
    tag=TAG,
)
class AdminCreateToolkit(Operation[ToolkitCreated]):
    """Create a toolkit with its first version, or only validate it (`dry_run`, 200)."""

    body: ToolkitCreate


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits",
    auth=ADMIN,
    success=201,
    lifetime=until(R1_6),
    raises=(VALIDATION_ERROR, MANIFEST_INVALID, SLUG_COLLISION, SLUG_COLLISION_400),
    tag=TAG,
)
class AdminCreatePlainToolkit(Operation[PartnerToolkit]):
    """Create a toolkit, as releases before 1.6 do: the answer is the toolkit itself."""

    body: ToolkitCreate


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits/{toolkitId}",
    auth=ADMIN,
    raises=(INVALID_APP_TOOLKIT_ID, APP_TOOLKIT_NOT_FOUND),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminGetToolkit(Operation[PartnerToolkit]):
    """Read one of the app's toolkits."""

    toolkit_id: AppToolkitId


@endpoint(
    "DELETE",
    "/v1/partner/admin/toolkits/{toolkitId}",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_APP_TOOLKIT_ID, APP_TOOLKIT_NOT_FOUND),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminDeleteToolkit(Operation[None]):
    """Delete a toolkit with its versions."""

    toolkit_id: AppToolkitId


@endpoint(
    "PATCH",
    "/v1/partner/admin/toolkits/{toolkitId}",
    auth=ADMIN,
    lifetime=since(R1_9),
    idempotency_key=since(R1_9),
    raises=(INVALID_APP_TOOLKIT_ID, VALIDATION_ERROR, APP_TOOLKIT_NOT_FOUND, VERSIONS_NEEDED),
    not_found=APP_TOOLKIT_NOT_FOUND,
    aliases=(
        Alias("/v1/partner/admin/toolkits/{toolkitId}", "The official SDKs still send PUT.", method="PUT"),
    ),
    tag=TAG,
)
class AdminUpdateToolkit(Operation[PartnerToolkit]):
    """Change a toolkit; only the members that are sent change, its manifest by versions only."""

    toolkit_id: AppToolkitId
    body: ToolkitUpdate


@endpoint(
    "PUT",
    "/v1/partner/admin/toolkits/{toolkitId}",
    auth=ADMIN,
    lifetime=until(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        VALIDATION_ERROR,
        MANIFEST_INVALID,
        APP_TOOLKIT_NOT_FOUND,
        VERSIONS_NEEDED,
    ),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminReplaceToolkit(Operation[PartnerToolkit]):
    """Change a toolkit; only the members that are sent change. Release 1.5 takes a manifest here."""

    toolkit_id: AppToolkitId
    body: ToolkitUpdate


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits/{toolkitId}/installations",
    auth=ADMIN,
    lifetime=since(R1_9),
    raises=(INVALID_APP_TOOLKIT_ID, APP_TOOLKIT_NOT_FOUND, INVALID_QUERY_PARAMETERS),
    not_found=APP_TOOLKIT_NOT_FOUND,
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class AdminListToolkitInstallations(Operation[InstallationPage]):
    """List the workspaces that have the toolkit or opted out of it, newest first."""

    toolkit_id: AppToolkitId
    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "GET",
    "/v1/partner/admin/workspaces",
    auth=ADMIN,
    lifetime=since(R1_9),
    undocumented="The official SDKs' getWorkspaces calls it; release notes name it, no document has it.",
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class AdminListWorkspaces(Operation[Page[PartnerWorkspace]]):
    """List the workspaces with a user who is connected to the app, newest first."""

    limit: Limit = 50
    offset: Offset = 0


class Workspaces(Resource[S_co]):
    """The app's workspaces, as a client calls them."""

    list = call(AdminListWorkspaces)
