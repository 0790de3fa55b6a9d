"""What the fake stores: the contract's models with the members that no caller sees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from contio_mock.contract.app import PartnerApp
from contio_mock.contract.connections import ConnectionStatus
from contio_mock.contract.meetings import DetailLevel, Meeting
from contio_mock.contract.profile import PlanType, WorkspaceRole
from contio_mock.contract.shared import Model, Timestamp
from contio_mock.fake.store import Collection, Index


class AppRecord(PartnerApp):
    """A partner app with its credentials."""

    client_secret: str = Field(exclude=True)
    api_key: str = Field(exclude=True)
    webhook_secret: str = Field(exclude=True)
    redirect_uris: tuple[str, ...] = Field(default=(), exclude=True)
    co_brand_name: str | None = Field(default=None, exclude=True)


class WorkspaceRecord(Model):
    """A workspace; `app_id` is the partner app whose user it was made for."""

    id: str
    name: str
    plan: PlanType
    created_at: Timestamp
    app_id: str | None = None


class UserRecord(Model):
    """A person, and the workspace they work in."""

    id: str
    email: str
    display_name: str
    created_at: Timestamp
    workspace_id: str
    workspace_role: WorkspaceRole
    timezone: str | None = None


class ConnectionRecord(Model):
    """That a user lets a partner app act for them."""

    id: str
    app_id: str
    user_id: str
    scopes: tuple[str, ...]
    status: ConnectionStatus
    created_at: Timestamp
    updated_at: Timestamp
    oauth_expires_at: Timestamp | None = None

    def status_at(self, now: datetime) -> ConnectionStatus:
        """The status at that moment: an active one whose tokens have all died has expired."""
        ended = self.oauth_expires_at is not None and self.oauth_expires_at <= now
        return "expired" if self.status == "active" and ended else self.status


class MeetingRecord(Meeting):
    """A meeting with what its answers do not show."""

    viewer_ids: frozenset[str] = Field(exclude=True)
    """The users who take part."""
    detail_level: DetailLevel | None = Field(default=None, exclude=True)
    template_id: str | None = Field(default=None, exclude=True)


def workspace_key(workspace_id: str) -> str:
    """The key of a whole workspace in an index whose other keys are user ids."""
    return f"workspace:{workspace_id}"


def _audience(meeting: MeetingRecord) -> Iterable[str]:
    return (*meeting.viewer_ids, workspace_key(meeting.workspace_id))


class Store:
    """The collections of a sandbox."""

    def __init__(self) -> None:
        self.apps: Collection[AppRecord] = Collection(
            {
                "client_id": Index(lambda app: (app.client_id,)),
                "api_key": Index(lambda app: (app.api_key,)),
            }
        )
        self.workspaces: Collection[WorkspaceRecord] = Collection({})
        self.users: Collection[UserRecord] = Collection(
            {
                "email": Index(lambda user: (user.email.lower(),)),
                "workspace": Index(lambda user: (user.workspace_id,)),
            }
        )
        self.connections: Collection[ConnectionRecord] = Collection(
            {
                "app": Index(lambda c: (c.app_id,)),
                "app_user": Index(lambda c: (f"{c.app_id}/{c.user_id}",)),
            }
        )
        self.meetings: Collection[MeetingRecord] = Collection(
            {"audience": Index(_audience), "start": Index(_audience, lambda m: m.start_time)}
        )

    def copy(self) -> Store:
        """A store with the same records, at the cost of one reference per collection."""
        twin = Store.__new__(Store)
        for name, collection in vars(self).items():
            setattr(twin, name, collection.copy())
        return twin

    def connection(self, app_id: str, user_id: str) -> ConnectionRecord | None:
        """The newest connection of a user to an app."""
        return self.connections.last("app_user", f"{app_id}/{user_id}")


def changes(given: Model | Any, *, nullable: Iterable[str] = ()) -> dict[str, Any]:
    """The members that a PATCH or PUT body sends; null means absent, but for the nullable ones."""
    kept = set(nullable)
    return {
        name: getattr(given, name)
        for name in type(given).model_fields
        if name in given.model_fields_set and (getattr(given, name) is not None or name in kept)
    }
