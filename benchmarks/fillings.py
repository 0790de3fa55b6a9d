"""Very many records of each kind, copied from those of the demo scenario straight into the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from over_socket import EMAIL

from contio_mock import FakeContio
from contio_mock.contract.credentials import CredentialEvent
from contio_mock.contract.shared import trusted
from contio_mock.contract.toolkits import EntityMap
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.records import ConnectionRecord, InstallationRecord, RunRecord
from contio_mock.fake.store import Collection

MINUTE = timedelta(minutes=1)


class World:
    """A fake of the demo scenario, and what requests name."""

    def __init__(self, release: str = "latest") -> None:
        self.fake = FakeContio() if release == "latest" else FakeContio(release=release)
        self.store = self.fake.sandbox.store
        self.start = self.fake.sandbox.clock.now() + timedelta(days=400)
        """When the first of the copies is: out of the way of the scenario's own."""
        user = self.store.users.first("email", EMAIL)
        assert user is not None
        self.user, self.app = user, self.fake.sandbox.app
        tokens = self.fake.client(EMAIL).session.tokens.current
        assert tokens is not None
        self._token = tokens.access_token
        self.meeting = next(m for m in self.store.meetings if user.id in m.editor_ids)
        self.workflow = next(iter(self.store.workflow_templates)).id
        self.session = next(s for s in self.store.chat_sessions if s.user_id == user.id)
        self.toolkit = next(t for t in self.store.toolkits if t.partner_app_id == self.app.id)

    def named(self, path: str) -> str:
        """A path with the ids of this world."""
        return path.format(
            meeting=self.meeting.id,
            workspace=self.user.workspace_id,
            session=self.session.id,
            toolkit=self.toolkit.id,
        )

    def headers(self, path: str) -> dict[str, str]:
        """What authorises a call of a path."""
        if "/admin/" in path:
            return {"x-api-key": self.app.api_key, "x-client-id": self.app.client_id}
        return {"authorization": f"Bearer {self._token}"}

    def id(self) -> str:
        """A new id."""
        return self.fake.sandbox.ids.uuid()

    def copies(
        self, collection: Collection[Any], record: Any, count: int, change: Callable[[int], dict[str, Any]]
    ) -> None:
        """Insert so many copies of a record, each with its own id and changes."""
        for n in range(count):
            collection.insert(record.model_copy(update={"id": self.id(), **change(n)}))


def _shuffled(n: int, count: int) -> int:
    return n * 7919 % count


def meetings(world: World, count: int) -> None:
    def change(n: int) -> dict[str, Any]:
        begins = world.start + MINUTE * _shuffled(n, count)
        return {"start_time": begins, "end_time": begins + MINUTE}

    world.copies(world.store.meetings, world.meeting, count, change)


def action_items(world: World, count: int) -> None:
    record = next(iter(world.store.action_items)).model_copy(
        update={"meeting_id": world.meeting.id, "viewer_ids": frozenset({world.user.id}), "contexts": {}}
    )

    def change(n: int) -> dict[str, Any]:
        made = world.start + MINUTE * n
        due = (world.start + MINUTE * _shuffled(n, count)).date()
        done, assigned = n % 2 == 0, n % 3 == 0
        return {
            "created_at": made,
            "due_date": due,
            "is_completed": done,
            "has_partner_assignment": assigned,
        }

    world.copies(world.store.action_items, record, count, change)


def backlog(world: World, count: int) -> None:
    record = next(item for item in world.store.backlog_items if item.deferrer_user_id == world.user.id)

    def change(n: int) -> dict[str, Any]:
        moment = world.start + MINUTE * n
        return {"deferred_at": moment, "assigned_at": moment if n % 2 else None, "deleted_at": None}

    world.copies(world.store.backlog_items, record, count, change)


def calendar(world: World, count: int) -> None:
    record = next(e for e in world.store.calendar_events if e.owner_id == world.user.id)

    def change(n: int) -> dict[str, Any]:
        begins = world.start + MINUTE * _shuffled(n, count)
        return {"start_time": begins, "end_time": begins + MINUTE * 30, "uid": str(n), "linked_meetings": []}

    world.copies(world.store.calendar_events, record, count, change)


def attachments(world: World, count: int) -> None:
    record, levels = next(iter(world.store.attachments)), ("just_me", "meeting", "workspace")
    mine = {"meeting_id": world.meeting.id, "created_by_user_id": world.id()}
    world.copies(world.store.attachments, record, count, lambda n: {**mine, "access_level": levels[n % 3]})


def contexts(world: World, count: int) -> None:
    record = next(iter(world.store.contexts))
    mine = {"meeting_id": world.meeting.id, "partner_app_id": world.app.id}
    world.copies(world.store.contexts, record, count, lambda _: mine)


def templates(world: World, count: int) -> None:
    record = next(iter(world.store.templates))
    owners = (
        {"app_id": None, "workspace_id": None, "user_id": None},
        {"app_id": None, "workspace_id": world.user.workspace_id, "user_id": None},
        {"app_id": None, "workspace_id": None, "user_id": world.user.id},
        {"app_id": world.app.id, "workspace_id": None, "user_id": None},
    )
    world.copies(world.store.templates, record, count, lambda n: dict(owners[n % 4]))


def _own(kind: str) -> Callable[[World, int], None]:
    def fill(world: World, count: int) -> None:
        collection = getattr(world.store, kind)
        own = {"app_id": world.app.id, "workspace_id": None, "user_id": None, "installation_id": None}
        world.copies(collection, next(iter(collection)), count, lambda _: own)

    return fill


def toolkits(world: World, count: int) -> None:
    world.copies(world.store.toolkits, world.toolkit, count, lambda n: {"slug": f"slug-{n}"})


def _installation(world: World, workspace_id: str, n: int) -> InstallationRecord:
    return trusted(
        InstallationRecord,
        id=world.id(),
        toolkit_id=world.toolkit.id,
        workspace_id=workspace_id,
        installed_at=world.start + MINUTE * n,
        installed_by=world.user.id,
        installed_by_user_id=world.user.id,
        entities=EntityMap(),
        version_id=world.toolkit.version_id,
        version_label=world.toolkit.version,
    )


def installations(world: World, count: int) -> None:
    world.store.installations.insert(_installation(world, world.user.workspace_id, 0))
    for n in range(count):
        world.store.installations.insert(_installation(world, world.id(), n))


def workspaces(world: World, count: int) -> None:
    world.copies(world.store.app_workspaces, next(iter(world.store.app_workspaces)), count, lambda _: {})


def sessions(world: World, count: int) -> None:
    def change(n: int) -> dict[str, Any]:
        meeting = world.meeting.id if n % 2 else None
        return {"status": ("active", "expired")[n // 2 % 2], "meeting_id": meeting}

    world.copies(world.store.chat_sessions, world.session, count, change)


def turns(world: World, count: int) -> None:
    def change(n: int) -> dict[str, Any]:
        return {"sequence_number": 1000 + n, "session_id": world.session.id, "delivered": True}

    world.copies(world.store.chat_turns, next(iter(world.store.chat_turns)), count, change)


def runs(world: World, count: int) -> None:
    statuses = ("pending", "running", "completed")
    for n in range(count):
        world.store.workflow_runs.insert(
            trusted(
                RunRecord,
                id=world.id(),
                workflow_template_id=world.workflow,
                workspace_id=world.user.workspace_id,
                name="A run",
                status=statuses[n % 3],
                originating_id=world.meeting.id,
                originating_type="meeting",
                trigger_type="manual",
                owner_user_id=world.user.id,
                context_json={},
                current_step_ids=[],
                created_at=world.start,
                updated_at=world.start,
                spec={},
            )
        )


def workflows(world: World, count: int) -> None:
    collection = world.store.workflow_templates
    world.copies(collection, next(iter(collection)), count, lambda _: {"app_id": world.app.id})


def connections(world: World, count: int) -> None:
    now = world.fake.sandbox.clock.now()

    def change(n: int) -> dict[str, Any]:
        ends = now + MINUTE * (_shuffled(n, count) + 1) * (1 if n % 3 == 1 else -1)
        return {
            "user_id": world.id(),
            "status": "revoked" if n % 3 == 0 else "active",
            "oauth_expires_at": ends,
        }

    record: ConnectionRecord = next(c for c in world.store.connections if c.app_id == world.app.id)
    world.copies(world.store.connections, record, count, change)


def deliveries(world: World, count: int) -> None:
    for n in range(count):
        moment = world.start + MINUTE * n
        delivery = Delivery(world.id(), world.id(), "meeting.created", world.app.id, b"{}", moment)
        world.fake.sandbox.outbox.deliveries.add(delivery)


def history(world: World, count: int) -> None:
    for n in range(count):
        world.store.credential_events.insert(
            trusted(
                CredentialEvent,
                id=world.id(),
                partner_app_id=world.app.id,
                credential_type="api_key",
                action="rotated",
                initiated_by="partner",
                created_at=world.start + MINUTE * n,
            )
        )


def automations(world: World, count: int) -> None:
    world.copies(world.store.automations, next(iter(world.store.automations)), count, lambda _: {})


def people(world: World, count: int) -> None:
    """Of the participants and agenda items, 25 belong to the meeting and the rest to others."""
    here, others = world.meeting.id, world.id()
    store = world.store
    person, item = next(iter(store.participants)), next(iter(store.agenda_items))
    for meeting_id, many in ((here, 25), (others, count)):
        world.copies(
            store.participants,
            person,
            many,
            lambda n, meeting=meeting_id: {"meeting_id": meeting, "email": f"p{n}@example.com"},
        )
        world.copies(
            store.agenda_items,
            item,
            many,
            lambda n, meeting=meeting_id: {"meeting_id": meeting, "sequence": str(1000 + n)},
        )


FILLINGS: dict[str, Callable[[World, int], None]] = {
    "meetings": meetings,
    "action_items": action_items,
    "backlog": backlog,
    "calendar": calendar,
    "attachments": attachments,
    "contexts": contexts,
    "templates": templates,
    "next_steps": _own("next_steps"),
    "action_buttons": _own("action_buttons"),
    "toolkits": toolkits,
    "installations": installations,
    "workspaces": workspaces,
    "sessions": sessions,
    "turns": turns,
    "runs": runs,
    "workflows": workflows,
    "connections": connections,
    "deliveries": deliveries,
    "history": history,
    "automations": automations,
    "partner_workflows": automations,
    "people": people,
}
"""What puts so many records of a kind into a world."""

RELEASES = {"next_steps": "1.5", "action_buttons": "1.5", "partner_workflows": "1.5"}
"""The release of the lists that the latest one does not have."""
