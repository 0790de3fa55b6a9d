"""Seeds of workflow templates and chat sessions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from contio_mock.contract.chat import Message
from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.records import (
    AppRecord,
    MeetingRecord,
    SessionRecord,
    Store,
    TurnRecord,
    UserRecord,
    WorkflowTemplateRecord,
    WorkspaceRecord,
)
from contio_mock.fake.rules import chat as rules
from contio_mock.fake.scenarios import Seed

SECONDS_PER_TURN = 20


class WorkflowSeed(Seed):
    """A workflow template of a workspace; `app` is the client id of the app that brought it."""

    name: str
    workspace: str
    app: str
    description: str | None = None
    is_active: bool = True
    spec: dict[str, Any]


class ChatSeed(Seed):
    """A chat session that ended some time ago: what the user said; the agent answers as always."""

    user: str
    """An e-mail address."""
    app: str
    meeting: str | None = None
    """The title of the user's newest meeting of that name."""
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    hours_ago: Annotated[int, Field(ge=1, le=23)] = 3


def seed_workflows(store: Store, key: str, seeds: Iterable[WorkflowSeed], midnight: datetime) -> None:
    """Add workflow templates; raises LookupError with a sentence that says what is unknown."""
    created = midnight - timedelta(days=30)
    for number, seed in enumerate(seeds):
        store.workflow_templates.insert(
            trusted(
                WorkflowTemplateRecord,
                id=stable_uuid(key, "workflow", str(number), seed.name),
                name=seed.name,
                description=seed.description,
                is_active=seed.is_active,
                workspace_id=_workspace(store, seed.workspace).id,
                created_at=created,
                updated_at=created,
                spec=seed.spec,
                app_id=_app(store, seed.app).id,
            )
        )


def seed_chats(store: Store, key: str, seeds: Iterable[ChatSeed], start: datetime) -> None:
    """Add chat sessions that have expired; raises LookupError as above."""
    for number, seed in enumerate(seeds):
        user, meeting = _user(store, seed.user), None
        if seed.meeting is not None:
            meeting = _meeting(store, user, seed.meeting)
        begun = start - timedelta(days=2, hours=seed.hours_ago)
        ended = begun + timedelta(seconds=2 * SECONDS_PER_TURN * len(seed.messages))
        session = trusted(
            SessionRecord,
            id=stable_uuid(key, "chat", str(number)),
            status="expired",
            created_at=begun,
            updated_at=ended + timedelta(days=1),
            last_activity_at=ended,
            turn_count=2 * len(seed.messages),
            meeting_id=meeting.id if meeting else None,
            title=rules.title_of(seed.messages[0]),
            app_id=_app(store, seed.app).id,
            user_id=user.id,
        )
        store.chat_sessions.insert(session)
        for position, message in enumerate(seed.messages):
            _seed_turns(store, session, 2 * position + 1, message, _facts(store, meeting))


def _seed_turns(
    store: Store, session: SessionRecord, number: int, message: str, facts: rules.MeetingFacts | None
) -> None:
    """A message of the user and the agent's answer."""
    said = session.created_at + timedelta(seconds=SECONDS_PER_TURN * (number - 1))
    answered = said + timedelta(seconds=3)
    answer = rules.reply(message, facts)
    members: dict[str, Any] = {"session_id": session.id, "status": "completed", "completed_at": answered}
    for turn in (
        trusted(
            TurnRecord,
            id=stable_uuid(session.id, str(number)),
            sequence_number=number,
            role="user",
            content=message,
            created_at=said,
            **members,
        ),
        trusted(
            TurnRecord,
            id=stable_uuid(session.id, str(number + 1)),
            sequence_number=number + 1,
            role="agent",
            content=answer,
            created_at=said + timedelta(seconds=1),
            agent_metadata=rules.agent_metadata(message, answer, facts, ()),
            **members,
        ),
    ):
        store.chat_turns.insert(turn)


def _facts(store: Store, meeting: MeetingRecord | None) -> rules.MeetingFacts | None:
    if meeting is None:
        return None
    return rules.facts_of(meeting, (store.users.get(id_) for id_ in meeting.viewer_ids))


def _workspace(store: Store, name: str) -> WorkspaceRecord:
    for workspace in store.workspaces:
        if workspace.name == name:
            return workspace
    raise LookupError(f"a workflow names an unknown workspace {name!r}")


def _app(store: Store, client_id: str) -> AppRecord:
    app = store.apps.first("client_id", client_id)
    if app is None:
        raise LookupError(f"a workflow or chat names an unknown app {client_id!r}")
    return app


def _user(store: Store, email: str) -> UserRecord:
    user = store.users.first("email", email.lower())
    if user is None:
        raise LookupError(f"a chat names an unknown user {email!r}")
    return user


def _meeting(store: Store, user: UserRecord, title: str) -> MeetingRecord:
    for meeting in reversed(store.meetings.under("audience", user.id)):
        if meeting.title == title:
            return meeting
    raise LookupError(f"a chat names the meeting {title!r}, in which {user.email} does not take part")
