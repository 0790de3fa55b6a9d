"""What the fake stores: the contract's models with the members that no caller sees.

One file per area; here is what they share, and the collections of a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contio_mock.contract.credentials import CredentialEvent
from contio_mock.contract.shared import Model
from contio_mock.fake.records.action_items import ActionItemRecord, item_keys
from contio_mock.fake.records.agenda import (
    AgendaItemRecord,
    BacklogItemRecord,
    ParticipantRecord,
    backlog_history,
    backlog_key,
    guest_address,
    open_backlog,
    participant_addresses,
    participant_key,
    place,
)
from contio_mock.fake.records.automations import (
    AssignmentRecord,
    AutomationRecord,
    assignment_keys,
    automation_keys,
)
from contio_mock.fake.records.calendar import CalendarEventRecord, calendar_keys
from contio_mock.fake.records.chat import SessionRecord, TurnRecord, session_keys, turn_keys
from contio_mock.fake.records.credentials import history_keys
from contio_mock.fake.records.files import AttachmentRecord, ContextRecord, context_keys, sharing
from contio_mock.fake.records.idp import DomainRecord, ForeignClaim, IdpConfigRecord, TxtRecord
from contio_mock.fake.records.meetings import MeetingCopy, MeetingRecord, audience, workspace_key
from contio_mock.fake.records.next_steps import (
    ExecutionRecord,
    InvocationRecord,
    NextStepResultRecord,
    TemplateApplicationRecord,
)
from contio_mock.fake.records.people import (
    AppRecord,
    ConnectionRecord,
    UserRecord,
    WorkspaceRecord,
    api_keys,
    connection_keys,
)
from contio_mock.fake.records.sso import IdpGrant, SsoSessionRecord
from contio_mock.fake.records.templates import (
    ActionButtonRecord,
    NextStepRecord,
    ShortcutRecord,
    TemplateRecord,
    default_of,
    owners,
)
from contio_mock.fake.records.toolkits import (
    AppWorkspaceRecord,
    InstallationRecord,
    ToolkitRecord,
    VersionRecord,
    installation_keys,
    toolkit_keys,
    version_keys,
)
from contio_mock.fake.records.transcripts import Segment, TranscriptRecord
from contio_mock.fake.records.workflows import (
    RunRecord,
    TaskRecord,
    WorkflowTemplateRecord,
    run_keys,
    task_keys,
    template_keys,
)
from contio_mock.fake.store import Collection, Index

__all__ = [
    "ActionButtonRecord",
    "ActionItemRecord",
    "AgendaItemRecord",
    "AppRecord",
    "AppWorkspaceRecord",
    "AssignmentRecord",
    "AttachmentRecord",
    "AutomationRecord",
    "BacklogItemRecord",
    "CalendarEventRecord",
    "ConnectionRecord",
    "ContextRecord",
    "DomainRecord",
    "ExecutionRecord",
    "ForeignClaim",
    "IdpConfigRecord",
    "IdpGrant",
    "InstallationRecord",
    "InvocationRecord",
    "MeetingCopy",
    "MeetingRecord",
    "NextStepRecord",
    "NextStepResultRecord",
    "ParticipantRecord",
    "RunRecord",
    "Segment",
    "SessionRecord",
    "ShortcutRecord",
    "SsoSessionRecord",
    "Store",
    "TaskRecord",
    "TemplateApplicationRecord",
    "TemplateRecord",
    "ToolkitRecord",
    "TranscriptRecord",
    "TurnRecord",
    "TxtRecord",
    "UserRecord",
    "VersionRecord",
    "WorkflowTemplateRecord",
    "WorkspaceRecord",
    "backlog_key",
    "changes",
    "participant_key",
    "workspace_key",
]


_INDEXES: dict[str, dict[str, Index]] = {
    "apps": {
        "client_id": Index(lambda app: (app.client_id,)),
        "api_key": Index(api_keys),
        "slug": Index(lambda app: (app.slug.lower(),) if app.slug else ()),
    },
    "workspaces": {},
    "users": {
        "email": Index(lambda user: (user.email.lower(),)),
        "workspace": Index(lambda user: (user.workspace_id,)),
    },
    "connections": {
        "app": Index(connection_keys),
        "end": Index(lambda c: (c.app_id,), lambda c: c.ends_at),
        "app_user": Index(lambda c: (f"{c.app_id}/{c.user_id}",)),
    },
    "meetings": {"audience": Index(audience), "start": Index(audience, lambda m: m.start_time)},
    "idp_configs": {
        "app": Index(lambda idp: (idp.partner_app_id,)),
        "client": Index(lambda idp: (idp.idp_client_id,)),
        "domain": Index(lambda idp: idp.allowed_email_domains or ()),
    },
    "domains": {
        "app_domain": Index(lambda d: (f"{d.app_id}/{d.domain}",)),
        "app_status": Index(lambda d: (f"{d.app_id}/{d.status}",)),
        "domain": Index(lambda d: (d.domain,)),
    },
    "txt_records": {"name": Index(lambda txt: (txt.name,))},
    "foreign_claims": {"domain": Index(lambda c: (c.domain,))},
    "sso_sessions": {"state": Index(lambda s: (s.state,))},
    "idp_codes": {},
    "idp_tokens": {},
    "participants": {
        "meeting": Index(lambda p: (p.meeting_id,)),
        "address": Index(participant_addresses),
        "guest": Index(guest_address),
    },
    "agenda_items": {"meeting": Index(lambda item: (item.meeting_id,), place)},
    "backlog_items": {
        "open": Index(open_backlog, lambda item: item.deferred_at),
        "left": Index(backlog_history, lambda item: item.left_at),
    },
    "action_items": {
        "filter": Index(item_keys, lambda item: item.created_at),
        "due": Index(item_keys, lambda item: item.due_date),
        "meeting": Index(lambda item: (item.meeting_id,)),
    },
    "calendar_events": {
        "calendar": Index(calendar_keys, lambda event: event.start_time),
        "uid": Index(lambda event: (event.uid,)),
    },
    "templates": {"owner": Index(owners)},
    "next_steps": {"owner": Index(owners)},
    "action_buttons": {"owner": Index(owners), "default": Index(default_of)},
    "shortcuts": {"owner": Index(owners)},
    "chat_sessions": {"user": Index(session_keys)},
    "chat_turns": {
        "session": Index(turn_keys, lambda turn: turn.sequence_number),
        "number": Index(lambda turn: (f"{turn.session_id}/{turn.sequence_number}",)),
    },
    "workflow_templates": {"owner": Index(template_keys)},
    "workflow_runs": {"workspace": Index(run_keys)},
    "workflow_tasks": {"open": Index(task_keys)},
    "template_applications": {"meeting": Index(lambda application: (application.meeting_id,))},
    "executions": {"meeting": Index(lambda execution: (execution.meeting_id,))},
    "next_step_results": {},
    "invocations": {"meeting": Index(lambda invocation: (invocation.meeting_id,))},
    "attachments": {"shared": Index(sharing)},
    "contexts": {"meeting_app": Index(context_keys)},
    "transcripts": {"meeting": Index(lambda transcript: (transcript.meeting_id,))},
    "toolkits": {"key": Index(toolkit_keys)},
    "toolkit_versions": {"key": Index(version_keys, lambda version: version.version_number)},
    "installations": {"key": Index(installation_keys)},
    "app_workspaces": {"app": Index(lambda joined: (joined.app_id,))},
    "credential_events": {"history": Index(history_keys)},
    "automations": {"key": Index(automation_keys)},
    "assignments": {"key": Index(assignment_keys)},
}
"""How the records of each collection are found and ordered."""


class Store:
    """The collections of a sandbox."""

    apps: Collection[AppRecord]
    workspaces: Collection[WorkspaceRecord]
    users: Collection[UserRecord]
    connections: Collection[ConnectionRecord]
    meetings: Collection[MeetingRecord]
    idp_configs: Collection[IdpConfigRecord]
    domains: Collection[DomainRecord]
    txt_records: Collection[TxtRecord]
    foreign_claims: Collection[ForeignClaim]
    sso_sessions: Collection[SsoSessionRecord]
    idp_codes: Collection[IdpGrant]
    idp_tokens: Collection[IdpGrant]
    participants: Collection[ParticipantRecord]
    agenda_items: Collection[AgendaItemRecord]
    backlog_items: Collection[BacklogItemRecord]
    action_items: Collection[ActionItemRecord]
    calendar_events: Collection[CalendarEventRecord]
    templates: Collection[TemplateRecord]
    next_steps: Collection[NextStepRecord]
    action_buttons: Collection[ActionButtonRecord]
    shortcuts: Collection[ShortcutRecord]
    chat_sessions: Collection[SessionRecord]
    chat_turns: Collection[TurnRecord]
    workflow_templates: Collection[WorkflowTemplateRecord]
    workflow_runs: Collection[RunRecord]
    workflow_tasks: Collection[TaskRecord]
    template_applications: Collection[TemplateApplicationRecord]
    executions: Collection[ExecutionRecord]
    next_step_results: Collection[NextStepResultRecord]
    invocations: Collection[InvocationRecord]
    attachments: Collection[AttachmentRecord]
    contexts: Collection[ContextRecord]
    transcripts: Collection[TranscriptRecord]
    toolkits: Collection[ToolkitRecord]
    toolkit_versions: Collection[VersionRecord]
    installations: Collection[InstallationRecord]
    app_workspaces: Collection[AppWorkspaceRecord]
    credential_events: Collection[CredentialEvent]
    automations: Collection[AutomationRecord]
    assignments: Collection[AssignmentRecord]

    _source: Store | None = None
    """The store that it was made from; None for one that was made empty."""

    def __init__(self) -> None:
        for name, indexes in _INDEXES.items():
            setattr(self, name, Collection(indexes))

    def fresh(self) -> Store:
        """A store with the same records, made in no time: each collection is copied at its first use.

        Nobody may write to this store afterwards.
        """
        twin = Store.__new__(Store)
        twin._source = self  # noqa: SLF001 - its own
        return twin

    if not TYPE_CHECKING:  # a type checker knows the members, and would let every other name pass

        def __getattr__(self, name: str) -> Any:
            known = {} if self._source is None else vars(self._source)
            if name not in known:
                raise AttributeError(f"a store has no {name}")
            collection = known[name].copy()
            setattr(self, name, collection)
            return collection

    def members(self) -> dict[str, Any]:
        """Everything that it holds, by name."""
        return {name: getattr(self, name) for name in vars(self._source or self)}

    def connection(self, app_id: str, user_id: str) -> ConnectionRecord | None:
        """The newest connection of a user to an app."""
        return self.connections.last("app_user", f"{app_id}/{user_id}")

    def is_connected(self, app_id: str, user_id: str, now: datetime) -> bool:
        """Whether a user's newest connection to an app is active at that moment."""
        connection = self.connection(app_id, user_id)
        return connection is not None and connection.status_at(now) == "active"

    def has_connected_member(self, app_id: str, workspace_id: str, now: datetime) -> bool:
        """Whether somebody in a workspace lets an app act for them at that moment."""
        members = self.users.under("workspace", workspace_id)
        return any(self.is_connected(app_id, member.id, now) for member in members)


def changes(given: Model | Any, *, nullable: Iterable[str] = ()) -> dict[str, Any]:
    """The members that a PATCH or PUT body sends; null means absent, but for the nullable ones."""
    kept = set(nullable)
    return {
        name: getattr(given, name)
        for name in type(given).model_fields
        if name in given.model_fields_set and (getattr(given, name) is not None or name in kept)
    }
