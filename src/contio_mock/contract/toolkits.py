"""Toolkits, as a workspace sees them: what may be installed, and what is."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    BAD_REQUEST,
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_6, R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Toolkits"

TOOLKIT_NOT_FOUND = ErrorCode(404, "not_found", "There is no such toolkit.")
INVALID_TOOLKIT_ID = ErrorCode(400, "bad_request", "The toolkit id is not a UUID.")
INVALID_WORKSPACE_ID = ErrorCode(400, "bad_request", "The workspace id is not a UUID.")
WORKSPACE_NOT_YOURS = ErrorCode(404, "not_found", "You are in no such workspace.")
NOT_INSTALLED = ErrorCode(404, "not_found", "The toolkit is not installed in this workspace.")
ALREADY_INSTALLED = ErrorCode(
    409, "resource_already_exists", "The toolkit is installed in this workspace already."
)

ToolkitOwnership = Literal["SYSTEM", "PARTNER"]
ToolkitId = Annotated[Id, Invalid(INVALID_TOOLKIT_ID)]
WorkspaceId = Annotated[Id, Invalid(INVALID_WORKSPACE_ID)]
RefMap = dict[str, Id]
"""What each `$id` of a manifest became."""


class Toolkit(Model):
    """A toolkit, as users see it."""

    id: Id
    name: str
    slug: str
    version: str
    """The label of the published version."""
    description: str | None = None
    ownership_type: ToolkitOwnership
    is_active: bool
    templates_count: int
    next_steps_count: int
    action_buttons_count: int
    created_at: Timestamp
    updated_at: Timestamp


class EntityMap(Model):
    """What an installation made, by kind: the `$id` of the manifest and the id in the workspace."""

    templates: RefMap = Field(default_factory=dict)
    next_steps: RefMap = Field(default_factory=dict)
    action_buttons: RefMap = Field(default_factory=dict)
    shortcuts: RefMap = Field(default_factory=dict)


class Installation(Model):
    """That a workspace has a toolkit."""

    id: Id
    toolkit_id: Id
    workspace_id: Id
    installed_at: Timestamp
    installed_by: Id
    """The user who installed it."""
    installed_by_user_id: Id
    """`installed_by`, under the name that the official SDK gives it."""
    entities: Annotated[EntityMap, since(R1_6)] = Field(default_factory=EntityMap)


class ToolkitWithInstallation(Model):
    """A toolkit, and its installation in the caller's workspace if it has one."""

    toolkit: Toolkit
    installation: Installation | None = None


class InstallableToolkit(Toolkit):
    """A toolkit that the caller may install: flat, as documented, and as the pair that the SDK reads."""

    toolkit: Toolkit
    installation: Installation | None = None


class InstallOptions(Input):
    """What the official SDK and the guide send along with an installation."""

    dry_run: bool | None = None
    """Check only; the answer shows what would be installed."""
    workspace_id: Id | None = None
    """The caller's workspace, where it is named at all."""


@endpoint(
    "GET",
    "/v1/partner/user/toolkits",
    auth=user("toolkits:read"),
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListToolkits(Operation[Page[InstallableToolkit]]):
    """List the published toolkits that the user's workspace may install, and those it has."""

    limit: Annotated[Limit, Field(json_schema_extra={"minimum": 1, "maximum": 100})] = 25
    offset: Annotated[Offset, Field(json_schema_extra={"minimum": 0})] = 0


@endpoint(
    "GET",
    "/v1/partner/user/toolkits/{toolkitId}",
    auth=user("toolkits:read"),
    undocumented="The official SDKs' getToolkit calls it; no document has it.",
    raises=(INVALID_TOOLKIT_ID, TOOLKIT_NOT_FOUND),
    not_found=TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class GetToolkit(Operation[ToolkitWithInstallation]):
    """Read one toolkit that the user's workspace may install or has."""

    toolkit_id: ToolkitId


@endpoint(
    "POST",
    "/v1/partner/user/toolkits/{toolkitId}/install",
    auth=user("toolkits:write"),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_TOOLKIT_ID,
        VALIDATION_ERROR,
        TOOLKIT_NOT_FOUND,
        WORKSPACE_NOT_YOURS,
        FORBIDDEN,
        ALREADY_INSTALLED,
    ),
    not_found=TOOLKIT_NOT_FOUND,
    tag=TAG,
)
class InstallToolkit(Operation[Installation]):
    """Install a toolkit in the user's workspace: all that its manifest specifies, or nothing."""

    toolkit_id: ToolkitId
    body: InstallOptions | None = None


@endpoint(
    "GET",
    "/v1/partner/user/workspaces/{workspace_id}/toolkits",
    auth=user("toolkits:read"),
    raises=(INVALID_WORKSPACE_ID, WORKSPACE_NOT_YOURS),
    not_found=WORKSPACE_NOT_YOURS,
    tag=TAG,
)
class ListInstalledToolkits(Operation[Page[ToolkitWithInstallation]]):
    """List the toolkits of the user's workspace with what each installation made."""

    workspace_id: WorkspaceId


@endpoint(
    "DELETE",
    "/v1/partner/user/workspaces/{workspace_id}/toolkits/{toolkit_id}",
    auth=user("toolkits:write"),
    success=204,
    idempotency_key=since(R1_9),
    raises=(
        INVALID_WORKSPACE_ID,
        INVALID_TOOLKIT_ID,
        BAD_REQUEST,
        WORKSPACE_NOT_YOURS,
        NOT_INSTALLED,
        FORBIDDEN,
    ),
    not_found=NOT_INSTALLED,
    tag=TAG,
)
class UninstallToolkit(Operation[None]):
    """Remove a toolkit from the user's workspace, which opts out of it."""

    workspace_id: WorkspaceId
    toolkit_id: ToolkitId


@endpoint(
    "DELETE",
    "/v1/partner/user/toolkits/{toolkitId}/uninstall",
    auth=user("toolkits:write"),
    success=204,
    idempotency_key=since(R1_9),
    undocumented="The official SDKs' uninstallToolkit calls it; documents name the workspace in the path.",
    raises=(INVALID_TOOLKIT_ID, NOT_INSTALLED, FORBIDDEN),
    not_found=NOT_INSTALLED,
    tag=TAG,
)
class UninstallOwnToolkit(Operation[None]):
    """Remove a toolkit from the user's workspace, which opts out of it."""

    toolkit_id: ToolkitId


class Toolkits(Resource[S_co]):
    """Toolkits, as a user's client calls them."""

    list = call(ListToolkits)
    get = call(GetToolkit)
    install = call(InstallToolkit)
    installed = call(ListInstalledToolkits)
    uninstall = call(UninstallToolkit)
