"""Toolkits that a scenario begins with, and the workspaces of its connections."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contio_mock.contract.shared import trusted
from contio_mock.fake.records import AppWorkspaceRecord, Store, ToolkitRecord, VersionRecord
from contio_mock.fake.rules import manifests


def manifest_problem(manifest: dict[str, Any]) -> str | None:
    """What is wrong with a seeded manifest, if anything; it may name no entity that exists."""
    found = manifests.findings(manifest, _names_nothing)
    return f"{found.errors[0].path} {found.errors[0].message}" if found.errors else None


def _names_nothing(kind: str, id_: str) -> bool:
    return False


class ToolkitSeed(BaseModel):
    """A published toolkit, installable and not installed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Annotated[str, Field(min_length=1, max_length=255)]
    slug: Annotated[str, Field(min_length=1, max_length=100)]
    version: str = "1.0.0"
    description: str | None = None
    app: str | None = None
    """The client id of the app that made it; Contio itself when absent."""
    manifest: dict[str, Any]


def seed_toolkit(
    store: Store, seed: ToolkitSeed, app_id: str | None, id_of: Callable[..., str], at: datetime
) -> None:
    """Store a toolkit with its only version."""
    owner = seed.app or "system"
    made = {"created_at": at, "updated_at": at}
    toolkit = trusted(
        ToolkitRecord,
        id=id_of("toolkit", owner, seed.slug),
        name=seed.name,
        slug=seed.slug,
        version=seed.version,
        description=seed.description,
        is_active=True,
        ownership_type="PARTNER" if app_id else "SYSTEM",
        partner_app_id=app_id,
        manifest=manifests.normalized(seed.manifest),
        auto_propagate=False,
        auto_install_on_new_workspaces=False,
        version_id=id_of("toolkit-version", owner, seed.slug),
        **made,
    )
    store.toolkits.insert(toolkit)
    store.toolkit_versions.insert(
        trusted(
            VersionRecord,
            id=toolkit.version_id,
            toolkit_id=toolkit.id,
            version_number=1,
            version_label=seed.version,
            status="PUBLISHED",
            manifest=manifests.normalized(seed.manifest),
            published_at=at,
            **made,
        )
    )


def seed_workspaces(store: Store) -> None:
    """Note which workspaces have users who are connected to an app."""
    for connection in store.connections:
        user = store.users.get(connection.user_id)
        id_ = f"{connection.app_id}/{user.workspace_id}" if user is not None else ""
        if user is not None and store.app_workspaces.get(id_) is None:
            store.app_workspaces.insert(
                trusted(
                    AppWorkspaceRecord,
                    id=id_,
                    app_id=connection.app_id,
                    workspace_id=user.workspace_id,
                    provisioned_at=connection.created_at,
                )
            )
