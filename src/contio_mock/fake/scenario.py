"""Seed data of a sandbox, read from a JSON file whose times are relative to the day it begins."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from contio_mock.contract.automations import AutomationAction
from contio_mock.contract.meetings import MeetingStatus
from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.records import (
    AppRecord,
    AutomationRecord,
    ConnectionRecord,
    MeetingRecord,
    Store,
    UserRecord,
    WorkspaceRecord,
)
from contio_mock.fake.scenarios import Seed, agendas
from contio_mock.fake.scenarios.agendas import AgendaSeed, BacklogItemSeed
from contio_mock.fake.scenarios.conversations import (
    ChatSeed,
    WorkflowSeed,
    seed_chats,
    seed_workflows,
)
from contio_mock.fake.scenarios.files import AttachmentSeed, ContextSeed, attachment_of, context_of
from contio_mock.fake.scenarios.people import (
    AppSeed,
    AutomationSeed,
    MeetingSeed,
    UserSeed,
    WorkspaceSeed,
)
from contio_mock.fake.scenarios.templates import TemplateSeeds, seed_templates
from contio_mock.fake.scenarios.toolkits import (
    ToolkitSeed,
    manifest_problem,
    seed_toolkit,
    seed_workspaces,
)
from contio_mock.fake.scenarios.transcripts import TranscriptSeed, seed_transcripts
from contio_mock.fake.scenarios.work import (
    ActionItemSeed,
    CalendarEventSeed,
    seed_action_items,
    seed_calendar,
)

BUILT_IN = ("demo", "empty")


class ScenarioError(ValueError):
    """A scenario that cannot be read; the message is one sentence that says why."""


class Scenario(Seed):
    """Everything that a new sandbox holds."""

    description: str = ""
    apps: Annotated[tuple[AppSeed, ...], Field(min_length=1)]
    workspaces: tuple[WorkspaceSeed, ...] = ()
    users: tuple[UserSeed, ...] = ()
    meetings: tuple[MeetingSeed, ...] = ()
    agendas: tuple[AgendaSeed, ...] = ()
    backlog_items: tuple[BacklogItemSeed, ...] = ()
    calendar_events: tuple[CalendarEventSeed, ...] = ()
    action_items: tuple[ActionItemSeed, ...] = ()
    workflows: tuple[WorkflowSeed, ...] = ()
    chats: tuple[ChatSeed, ...] = ()
    templates: Annotated[TemplateSeeds, Field(default_factory=TemplateSeeds)]
    attachments: tuple[AttachmentSeed, ...] = ()
    contexts: tuple[ContextSeed, ...] = ()
    transcripts: tuple[TranscriptSeed, ...] = ()
    toolkits: tuple[ToolkitSeed, ...] = ()
    automations: tuple[AutomationSeed, ...] = ()


def read_scenario(name: str) -> Scenario:
    """The scenario of a built-in name or a file; raises ScenarioError."""
    try:
        if name in BUILT_IN:
            text = resources.files("contio_mock.fixtures").joinpath(f"{name}.json").read_text("utf-8")
        else:
            text = Path(name).read_text("utf-8")
        return Scenario.model_validate_json(text)
    except OSError as error:
        hint = f"; built in are {', '.join(BUILT_IN)}" if "/" not in name and "." not in name else ""
        raise ScenarioError(f"cannot read the scenario {name}: {error.strerror}{hint}") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"the scenario {name} is not UTF-8 text") from None
    except ValidationError as failure:
        raise ScenarioError(f"the scenario {name} is wrong{_first(failure)}") from None


def _first(failure: ValidationError) -> str:
    """The first thing that is wrong: ` at <place>: <what>`."""
    problem = failure.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f" at {where}: {problem['msg']}" if where else f": {problem['msg']}"


def seeded_store(name: str, start: datetime) -> Store:
    """The store of a scenario that begins at that moment; shared, so take a fresh one. Raises ScenarioError."""
    return _seeded_store(name, start, _stamp(name))


def _stamp(name: str) -> int:
    """What changes when a scenario's file does."""
    try:
        return 0 if name in BUILT_IN else Path(name).stat().st_mtime_ns
    except OSError:
        return 0  # reading it says what is wrong


@lru_cache(maxsize=32)
def _seeded_store(name: str, start: datetime, stamp: int) -> Store:
    return _Seeding(name, read_scenario(name), start).store()


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ScenarioError(f"the scenario has the {what} {twice[0]!r} twice")


class _Seeding:
    """Turns the seeds of one scenario into records."""

    def __init__(self, name: str, scenario: Scenario, start: datetime) -> None:
        self.key = Path(name).stem
        self.is_built_in = name in BUILT_IN
        self.scenario = scenario
        self.start = start
        self.midnight = datetime.combine(start.astimezone(UTC).date(), time.min, UTC)
        self.made = Store()

    def store(self) -> Store:
        """The records of every seed; raises ScenarioError."""
        scenario = self.scenario
        _refuse_twice("app", [app.client_id for app in scenario.apps])
        _refuse_twice("workspace", [workspace.name for workspace in scenario.workspaces])
        _refuse_twice("user", [user.email.lower() for user in scenario.users])
        _refuse_twice(
            "toolkit", [f"{toolkit.app or 'Contio'}/{toolkit.slug}" for toolkit in scenario.toolkits]
        )
        for app in scenario.apps:
            self.made.apps.insert(self._app(app))
        for workspace in scenario.workspaces:
            self.made.workspaces.insert(self._workspace(workspace))
        for user in scenario.users:
            self._user(user)
        seed_workspaces(self.made)
        for toolkit in scenario.toolkits:
            self._toolkit(toolkit)
        try:
            self._meetings()
            self._surroundings()
            if not self.is_built_in:  # a test knows that ours are good
                self._check()
        except OverflowError:
            raise ScenarioError("a meeting or what belongs to it leaves the calendar") from None
        except ScenarioError:
            raise
        except ValidationError as failure:
            raise ScenarioError(f"the scenario makes a wrong {failure.title}{_first(failure)}") from None
        except (ValueError, LookupError) as problem:
            raise ScenarioError(str(problem.args[0])) from None
        return self.made

    def _check(self) -> None:
        """Validate every record; raises ValidationError."""
        for collection in self.made.members().values():
            for record in tuple(collection):
                collection.put(type(record).model_validate(vars(record)))

    def _meetings(self) -> None:
        meetings = [(self._meeting(seed, n), seed) for n, seed in enumerate(self.scenario.meetings)]
        for meeting, seed in sorted(meetings, key=lambda made: made[0].created_at):
            self.made.meetings.insert(meeting)
            guests = [(guest.email, guest.name, guest.role) for guest in seed.guests]
            agendas.seed_participants(self.made, meeting, guests)

    def _surroundings(self) -> None:
        """What belongs to meetings, people and workspaces."""
        scenario, made = self.scenario, self.made
        agendas.seed_agendas(made, scenario.agendas)
        agendas.seed_backlog(made, self.key, scenario.backlog_items, self.start)
        seed_calendar(self, scenario.calendar_events)
        seed_action_items(self, scenario.action_items)
        seed_workflows(made, self.key, scenario.workflows, self.midnight)
        seed_chats(made, self.key, scenario.chats, self.start)
        seed_templates(made, self.key, scenario.templates, self.midnight)
        self._files()
        for number, automation in enumerate(scenario.automations):
            made.automations.insert(self._automation(automation, number))
        unknown = seed_transcripts(made, scenario.transcripts)
        if unknown is not None:
            raise ScenarioError(f"a transcript names {unknown!r}, which is no completed meeting without one")

    def _files(self) -> None:
        for number, attachment in enumerate(self.scenario.attachments):
            id_ = self.record_id("attachment", str(number), attachment.file_name)
            self.made.attachments.insert(attachment_of(attachment, id_, self.made))
        for number, context in enumerate(self.scenario.contexts):
            id_ = self.record_id("context", str(number), context.file_name)
            self.made.contexts.insert(context_of(context, id_, self.made))

    def record_id(self, *parts: str) -> str:
        """The id of a record of that name, the same on every machine."""
        return stable_uuid(self.key, *parts)

    def _app(self, seed: AppSeed) -> AppRecord:
        created = self.midnight - timedelta(days=200)
        return trusted(
            AppRecord,
            id=self.record_id("app", seed.client_id),
            webhook_enabled=True,
            created_at=created,
            updated_at=created,
            **dict(seed),
        )

    def _automation(self, seed: AutomationSeed, number: int) -> AutomationRecord:
        app = self.made.apps.first("client_id", seed.app)
        if app is None:
            raise ScenarioError(f"an automation names an unknown app {seed.app!r}")
        created = self.midnight - timedelta(days=100)
        return trusted(
            AutomationRecord,
            id=self.record_id("automation", str(number), seed.name),
            partner_app_id=app.id,
            name=seed.name,
            description=seed.description,
            trigger_type=seed.trigger_type,
            actions=[AutomationAction(type="phrase_match", config={"phrases": list(seed.phrases)})],
            status="active",
            created_at=created,
            updated_at=created,
        )

    def _workspace(self, seed: WorkspaceSeed) -> WorkspaceRecord:
        return trusted(
            WorkspaceRecord,
            id=self.record_id("workspace", seed.name),
            name=seed.name,
            plan=seed.plan,
            created_at=self.midnight - timedelta(days=180),
            app_id=self.record_id("app", seed.app) if seed.app else None,
        )

    def _user(self, seed: UserSeed) -> None:
        workspace = self.made.workspaces.get(self.record_id("workspace", seed.workspace))
        if workspace is None:
            raise ScenarioError(f"the user {seed.email} names an unknown workspace {seed.workspace!r}")
        created = self.midnight - timedelta(days=170)
        user = trusted(
            UserRecord,
            id=self.record_id("user", seed.email),
            email=seed.email,
            display_name=seed.name,
            created_at=created,
            workspace_id=workspace.id,
            workspace_role=seed.role,
            timezone=seed.timezone,
        )
        self.made.users.insert(user)
        for client_id in seed.connected_to:
            self._connection(user, client_id, seed.scopes, created)

    def _connection(self, user: UserRecord, client_id: str, scopes: tuple[str, ...], at: datetime) -> None:
        app = self.made.apps.first("client_id", client_id)
        if app is None:
            raise ScenarioError(f"the user {user.email} is connected to an unknown app {client_id!r}")
        self.made.connections.insert(
            trusted(
                ConnectionRecord,
                id=self.record_id("connection", client_id, user.email),
                app_id=app.id,
                user_id=user.id,
                scopes=scopes,
                status="active",
                created_at=at,
                updated_at=at,
            )
        )

    def _toolkit(self, seed: ToolkitSeed) -> None:
        app = self.made.apps.first("client_id", seed.app) if seed.app else None
        if seed.app and app is None:
            raise ScenarioError(f"the toolkit {seed.slug} belongs to an unknown app {seed.app!r}")
        # Building what reads manifests takes a while, and a test knows that ours are good.
        problem = None if self.is_built_in else manifest_problem(seed.manifest)
        if problem:
            raise ScenarioError(f"the manifest of the toolkit {seed.slug} is wrong: {problem}")
        created = self.midnight - timedelta(days=60)
        seed_toolkit(self.made, seed, app.id if app else None, self.record_id, created)

    def known_user(self, email: str, what: str) -> UserRecord:
        """The user of that address; raises ScenarioError that says what names it."""
        user = self.made.users.first("email", email.lower())
        if user is None:
            raise ScenarioError(f"{what} names an unknown user {email!r}")
        return user

    def known_meeting(self, title: str, day: int | None, what: str) -> MeetingRecord:
        """The meeting of that title and day; raises ScenarioError that says what names it."""
        wanted = None if day is None else (self.midnight + timedelta(days=day)).date()
        for meeting in self.made.meetings:
            if meeting.title == title and (meeting.start_time and meeting.start_time.date()) == wanted:
                return meeting
        raise ScenarioError(f"{what} names an unknown meeting {title!r}")

    def _meeting(self, seed: MeetingSeed, number: int) -> MeetingRecord:
        owner = self.known_user(seed.owner, "a meeting")
        editors = [self.known_user(email, "a meeting") for email in seed.editors]
        people = [owner, *editors, *(self.known_user(email, "a meeting") for email in seed.participants)]
        times: dict[str, Any] = {}
        created = self.midnight - timedelta(days=seed.planned_days_ahead, minutes=number)
        if seed.day is not None:
            hour, minute = map(int, seed.at.split(":"))
            begins = self.midnight + timedelta(days=seed.day, hours=hour, minutes=minute)
            times = {"start_time": begins, "end_time": begins + timedelta(minutes=seed.minutes)}
            earliest = begins - timedelta(days=seed.planned_days_ahead, minutes=number)
            created = min(earliest, self.start - timedelta(hours=1, minutes=number))
        status = seed.status or self._status(times)
        updated = times["end_time"] if status in ("ended", "completed") and times else created
        return trusted(
            MeetingRecord,
            id=self.record_id("meeting", str(number), seed.title),
            title=seed.title,
            status=status,
            workspace_id=owner.workspace_id,
            created_by_user_id=owner.id,
            created_at=created,
            updated_at=min(updated, self.start),
            summary_notes=seed.summary_notes,
            detail_level=seed.detail_level,
            editor_ids=frozenset(user.id for user in (owner, *editors)),
            viewer_ids=frozenset(user.id for user in people),
            guest_ids=frozenset(user.id for user in people if user.workspace_id != owner.workspace_id),
            **times,
        )

    def _status(self, times: dict[str, Any]) -> MeetingStatus:
        if not times:
            return "draft"
        if times["end_time"] <= self.start:
            return "completed"
        return "in_progress" if times["start_time"] <= self.start else "scheduled"
