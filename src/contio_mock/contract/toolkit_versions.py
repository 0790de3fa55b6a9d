"""The versions of a toolkit: drafted, published, deprecated, published again."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode, Invalid
from contio_mock.contract.manifests import ManifestJson
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_6, R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Model, Timestamp
from contio_mock.contract.toolkit_exports import AdminExportEntities, AdminExportToolkit
from contio_mock.contract.toolkit_management import (
    APP_TOOLKIT_NOT_FOUND,
    INVALID_APP_TOOLKIT_ID,
    MANIFEST_INVALID,
    TAG,
    AdminCreateToolkit,
    AdminDeleteToolkit,
    AdminGetToolkit,
    AdminListToolkitInstallations,
    AdminListToolkits,
    AdminUpdateToolkit,
    AppToolkitId,
    ManifestConflict,
    ManifestSummary,
    ManifestValidation,
)

VERSION_NOT_FOUND = ErrorCode(404, "not_found", "The toolkit has no such version.")
INVALID_VERSION_ID = ErrorCode(400, "bad_request", "The version id is not a UUID.")
NOT_A_DRAFT = ErrorCode(400, "bad_request", "The version is not a draft.")
NOT_DEPRECATED = ErrorCode(400, "bad_request", "The version is not deprecated.")
DRAFT_EXISTS = ErrorCode(409, "conflict", "The toolkit has a draft already; publish or discard it first.")

VersionStatus = Literal["DRAFT", "PUBLISHED", "DEPRECATED"]
Propagation = Literal["none", "normal", "force"]
VersionId = Annotated[Id, Invalid(INVALID_VERSION_ID)]
Label = Annotated[str, Field(min_length=1, max_length=50)]
Changelog = Annotated[str | None, Field(max_length=5000)]


class ToolkitVersion(Model):
    """One version of a toolkit."""

    id: Id
    toolkit_id: Id
    version_number: int
    version_label: str
    status: VersionStatus
    manifest: ManifestJson
    changelog: str | None = None
    created_by: str | None = None
    created_at: Timestamp
    updated_at: Timestamp
    published_at: Timestamp | None = None
    deprecated_at: Timestamp | None = None


class VersionCreated(Model):
    """A draft that was created, or would be, and what its manifest's validation found."""

    version: ToolkitVersion | None = None
    """Absent after a dry run."""
    validation: ManifestValidation
    conflicts: list[ManifestConflict]
    summary: ManifestSummary


class MergedVersionCreated(VersionCreated, ToolkitVersion):
    """The same with the version's members at the top as well, where SDKs before 1.7 look for them."""


class VersionCreate(Input):
    """A version to be drafted."""

    version_label: Label
    manifest: ManifestJson
    changelog: Changelog = None
    dry_run: bool | None = None
    """Validate only."""


class VersionUpdate(Input):
    """What is to change of a draft; members that are absent or null stay as they are."""

    version_label: Annotated[Label | None, Field()] = None
    manifest: ManifestJson | None = None
    changelog: Changelog = None


class Publication(Input):
    """How a version is published."""

    propagation: Propagation | None = None
    """Whether installations are upgraded: not at all, where the workspace did not opt out, or everywhere
    it ever was. Without it, the toolkit's `auto_propagate` decides."""


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits/{toolkitId}/versions",
    auth=ADMIN,
    lifetime=since(R1_6),
    raises=(INVALID_APP_TOOLKIT_ID, APP_TOOLKIT_NOT_FOUND),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminListToolkitVersions(Operation[list[ToolkitVersion]]):
    """List every version of a toolkit by its number, without pages."""

    toolkit_id: AppToolkitId


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits/{toolkitId}/versions",
    auth=ADMIN,
    success=201,
    also=(200,),
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        VALIDATION_ERROR,
        MANIFEST_INVALID,
        APP_TOOLKIT_NOT_FOUND,
        DRAFT_EXISTS,
    ),
    not_found=APP_TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class AdminCreateToolkitVersion(Operation[VersionCreated]):
    """Draft a version, the only draft of its toolkit, or only validate it (`dry_run`, 200)."""

    toolkit_id: AppToolkitId
    body: VersionCreate


@endpoint(
    "GET",
    "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}",
    auth=ADMIN,
    lifetime=since(R1_6),
    raises=(INVALID_APP_TOOLKIT_ID, INVALID_VERSION_ID, APP_TOOLKIT_NOT_FOUND, VERSION_NOT_FOUND),
    not_found=VERSION_NOT_FOUND,
    tag=TAG,
)
class AdminGetToolkitVersion(Operation[ToolkitVersion]):
    """Read one version."""

    toolkit_id: AppToolkitId
    version_id: VersionId


@endpoint(
    "DELETE",
    "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}",
    auth=ADMIN,
    success=204,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        INVALID_VERSION_ID,
        NOT_A_DRAFT,
        APP_TOOLKIT_NOT_FOUND,
        VERSION_NOT_FOUND,
    ),
    not_found=VERSION_NOT_FOUND,
    tag=TAG,
)
class AdminDiscardToolkitVersion(Operation[None]):
    """Delete a draft for good."""

    toolkit_id: AppToolkitId
    version_id: VersionId


@endpoint(
    "PATCH",
    "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}",
    auth=ADMIN,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        INVALID_VERSION_ID,
        VALIDATION_ERROR,
        MANIFEST_INVALID,
        NOT_A_DRAFT,
        APP_TOOLKIT_NOT_FOUND,
        VERSION_NOT_FOUND,
    ),
    not_found=VERSION_NOT_FOUND,
    tag=TAG,
)
class AdminUpdateToolkitVersion(Operation[ToolkitVersion]):
    """Change a draft; only the members that are sent change."""

    toolkit_id: AppToolkitId
    version_id: VersionId
    body: VersionUpdate


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}/publish",
    auth=ADMIN,
    success=204,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        INVALID_VERSION_ID,
        VALIDATION_ERROR,
        NOT_A_DRAFT,
        APP_TOOLKIT_NOT_FOUND,
        VERSION_NOT_FOUND,
    ),
    not_found=VERSION_NOT_FOUND,
    tag=TAG,
)
class AdminPublishToolkitVersion(Operation[None]):
    """Publish a draft; the version that was published before becomes deprecated."""

    toolkit_id: AppToolkitId
    version_id: VersionId
    body: Publication | None = None


@endpoint(
    "POST",
    "/v1/partner/admin/toolkits/{toolkitId}/versions/{versionId}/republish",
    auth=ADMIN,
    success=204,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_APP_TOOLKIT_ID,
        INVALID_VERSION_ID,
        NOT_DEPRECATED,
        APP_TOOLKIT_NOT_FOUND,
        VERSION_NOT_FOUND,
    ),
    not_found=VERSION_NOT_FOUND,
    tag=TAG,
)
class AdminRepublishToolkitVersion(Operation[None]):
    """Publish a deprecated version again; the version that was published becomes deprecated."""

    toolkit_id: AppToolkitId
    version_id: VersionId


class ToolkitVersions(Resource[S_co]):
    """The versions of a toolkit, as a client calls them."""

    list = call(AdminListToolkitVersions)
    create = call(AdminCreateToolkitVersion)
    get = call(AdminGetToolkitVersion)
    update = call(AdminUpdateToolkitVersion)
    publish = call(AdminPublishToolkitVersion)
    republish = call(AdminRepublishToolkitVersion)
    discard = call(AdminDiscardToolkitVersion)


class AppToolkits(Resource[S_co]):
    """The app's toolkits, as a client calls them."""

    list = call(AdminListToolkits)
    create = call(AdminCreateToolkit)
    get = call(AdminGetToolkit)
    update = call(AdminUpdateToolkit)
    delete = call(AdminDeleteToolkit)
    export = call(AdminExportToolkit)
    export_entities = call(AdminExportEntities)
    installations = call(AdminListToolkitInstallations)

    @property
    def versions(self) -> ToolkitVersions[S_co]:
        """The versions of a toolkit."""
        return ToolkitVersions(self.sender)
