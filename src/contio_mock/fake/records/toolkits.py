"""Toolkits, their versions, their installations, and the workspaces that they can be installed in."""

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from contio_mock.contract.shared import Model, Timestamp
from contio_mock.contract.toolkit_management import InstallationStatus, PartnerToolkit
from contio_mock.contract.toolkit_versions import ToolkitVersion
from contio_mock.contract.toolkits import Installation

SYSTEM = "system"
"""What stands for the app in the keys of Contio's own toolkits."""


class ToolkitRecord(PartnerToolkit):
    """A toolkit; one of no app is Contio's own. Its manifest is that of `version_id`."""

    version_id: str = Field(exclude=True)
    """The published version, or the first one while none is published."""
    is_published: bool = Field(default=True, exclude=True)


class VersionRecord(ToolkitVersion):
    """A version of a toolkit."""


class InstalledWorkflow(Model):
    """A workflow that an installation brought to its workspace."""

    id: str
    ref: str | None = None
    """Its `$id` in the manifest."""
    name: str
    description: str | None = None
    is_active: bool = True
    spec: dict[str, Any]


class InstallationRecord(Installation):
    """What a workspace has of a toolkit, or had: there is one for each pair of them."""

    version_id: str = Field(exclude=True)
    version_label: str = Field(exclude=True)
    status: InstallationStatus = Field(default="active", exclude=True)
    uninstalled_at: Timestamp | None = Field(default=None, exclude=True)
    copies: dict[str, str] = Field(default_factory=dict, exclude=True)
    """What each entity of the app that the manifest only names became in the workspace."""
    workflows: tuple[InstalledWorkflow, ...] = Field(default=(), exclude=True)


class AppWorkspaceRecord(Model):
    """That a workspace has users who are connected to an app."""

    id: str
    app_id: str
    workspace_id: str
    provisioned_at: Timestamp


def app_key(toolkit: ToolkitRecord) -> str:
    """The app of a toolkit, as its keys name it."""
    return toolkit.partner_app_id or SYSTEM


def toolkit_keys(toolkit: ToolkitRecord) -> Iterable[str]:
    """The keys of a toolkit: its app, its slug there, and whether it can be installed, by whom."""
    app = app_key(toolkit)
    yield f"app:{app}"
    yield f"slug:{app}/{toolkit.slug}"
    if toolkit.is_active and toolkit.is_published:
        yield f"installable:{app}"
        if toolkit.auto_install_on_new_workspaces:
            yield f"auto:{app}"


def version_keys(version: VersionRecord) -> Iterable[str]:
    """The keys of a version: its toolkit, alone and with the version's status."""
    yield version.toolkit_id
    yield f"{version.toolkit_id}/{version.status}"


def installation_keys(installation: InstallationRecord) -> Iterable[str]:
    """The keys of an installation: its toolkit and workspace, each alone and with its status."""
    toolkit, workspace, status = installation.toolkit_id, installation.workspace_id, installation.status
    yield f"toolkit:{toolkit}"
    yield f"toolkit:{toolkit}/{status}"
    yield f"workspace:{workspace}/{status}"
    yield f"pair:{workspace}/{toolkit}"
