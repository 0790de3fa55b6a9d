"""What the fake stores: the contract's models with the members that no caller sees.

One file per area; here is what they share, and the collections of a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contio_mock.contract.credentials import CredentialEvent
from contio_mock.contract.shared import Model
from contio_mock.fake.records.automations import (
    AssignmentRecord,
    AutomationRecord,
    assignment_keys,
    automation_keys,
)
from contio_mock.fake.records.credentials import history_keys
from contio_mock.fake.records.meetings import MeetingRecord, audience, workspace_key
from contio_mock.fake.records.people import (
    AppRecord,
    ConnectionRecord,
    UserRecord,
    WorkspaceRecord,
    api_keys,
)
from contio_mock.fake.records.templates import (
    ActionButtonRecord,
    NextStepRecord,
    ShortcutRecord,
    TemplateRecord,
    owners,
)
from contio_mock.fake.store import Collection, Index

__all__ = [
    "ActionButtonRecord",
    "AppRecord",
    "AssignmentRecord",
    "AutomationRecord",
    "ConnectionRecord",
    "MeetingRecord",
    "NextStepRecord",
    "ShortcutRecord",
    "Store",
    "TemplateRecord",
    "UserRecord",
    "WorkspaceRecord",
    "changes",
    "workspace_key",
]


class Store:
    """The collections of a sandbox."""

    def __init__(self) -> None:
        self.apps: Collection[AppRecord] = Collection(
            {
                "client_id": Index(lambda app: (app.client_id,)),
                "api_key": Index(api_keys),
                "slug": Index(lambda app: (app.slug.lower(),) if app.slug else ()),
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
            {"audience": Index(audience), "start": Index(audience, lambda m: m.start_time)}
        )
        self.templates: Collection[TemplateRecord] = Collection({"owner": Index(owners)})
        self.next_steps: Collection[NextStepRecord] = Collection({"owner": Index(owners)})
        self.action_buttons: Collection[ActionButtonRecord] = Collection({"owner": Index(owners)})
        self.shortcuts: Collection[ShortcutRecord] = Collection({"owner": Index(owners)})
        self.credential_events: Collection[CredentialEvent] = Collection({"history": Index(history_keys)})
        self.automations: Collection[AutomationRecord] = Collection({"key": Index(automation_keys)})
        self.assignments: Collection[AssignmentRecord] = Collection({"key": Index(assignment_keys)})

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
