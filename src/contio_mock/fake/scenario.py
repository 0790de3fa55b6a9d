"""Seed data of a sandbox, read from a JSON file whose times are relative to the day it begins."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from contio_mock.contract.app import AppStatus
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.automations import AutomationAction, TriggerType
from contio_mock.contract.meetings import DetailLevel, MeetingStatus, Title
from contio_mock.contract.profile import PlanType, WorkspaceRole
from contio_mock.contract.shared import Email
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

BUILT_IN = ("demo", "empty")


class ScenarioError(ValueError):
    """A scenario that cannot be read; the message is one sentence that says why."""


def _known_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope!r}")
    return scope


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class AppSeed(_Part):
    """A partner app."""

    name: str
    company_name: str
    client_id: str
    client_secret: str
    api_key: str
    webhook_secret: str
    redirect_uris: tuple[str, ...] = ()
    webhook_url: str | None = None
    slug: str | None = None
    description: str | None = None
    primary_contact_email: str | None = None
    co_brand_name: str | None = None
    status: AppStatus = "active"


class WorkspaceSeed(_Part):
    """A workspace."""

    name: str
    plan: PlanType = "ENT"
    app: str | None = None
    """The client id of the app whose user it was made for."""


class UserSeed(_Part):
    """A person; `connected_to` lists the client ids of apps they let in."""

    email: Email
    name: str
    workspace: str
    role: WorkspaceRole = "WORKSPACE_MEMBER"
    timezone: str | None = None
    connected_to: tuple[str, ...] = ()
    scopes: tuple[Annotated[str, AfterValidator(_known_scope)], ...] = tuple(SCOPES)


class MeetingSeed(_Part):
    """A meeting, planned in days from the scenario's first day."""

    title: Title
    owner: str
    """The e-mail address of the user who created it."""
    participants: tuple[str, ...] = ()
    day: Annotated[int | None, Field(ge=-20_000, le=20_000)] = None
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    """UTC."""
    minutes: Annotated[int, Field(gt=0, le=100_000)] = 30
    status: MeetingStatus | None = None
    """Made from the times when absent."""
    summary_notes: str | None = None
    detail_level: DetailLevel | None = None
    planned_days_ahead: Annotated[int, Field(ge=0, le=20_000)] = 5


class AutomationSeed(_Part):
    """A rule that assigns action items to an app."""

    app: str
    """The app's client id."""
    name: str
    description: str | None = None
    trigger_type: TriggerType = "action_item_match"
    phrases: tuple[str, ...] = ()


class Scenario(_Part):
    """Everything that a new sandbox holds."""

    description: str = ""
    apps: Annotated[tuple[AppSeed, ...], Field(min_length=1)]
    workspaces: tuple[WorkspaceSeed, ...] = ()
    users: tuple[UserSeed, ...] = ()
    meetings: tuple[MeetingSeed, ...] = ()
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
        problem = failure.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        place = f" at {where}" if where else ""
        raise ScenarioError(f"the scenario {name} is wrong{place}: {problem['msg']}") from None


def seeded_store(name: str, start: datetime) -> Store:
    """The store of a scenario that begins at that moment; shared, so copy it. Raises ScenarioError."""
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
        for app in scenario.apps:
            self.made.apps.insert(self._app(app))
        for workspace in scenario.workspaces:
            self.made.workspaces.insert(self._workspace(workspace))
        for user in scenario.users:
            self._user(user)
        try:
            meetings = [self._meeting(seed, n) for n, seed in enumerate(scenario.meetings)]
        except OverflowError:
            raise ScenarioError("a meeting leaves the calendar") from None
        for meeting in sorted(meetings, key=lambda m: m.created_at):
            self.made.meetings.insert(meeting)
        for number, automation in enumerate(scenario.automations):
            self.made.automations.insert(self._automation(automation, number))
        return self.made

    def _id(self, *parts: str) -> str:
        return stable_uuid(self.key, *parts)

    def _app(self, seed: AppSeed) -> AppRecord:
        created = self.midnight - timedelta(days=200)
        return AppRecord(
            id=self._id("app", seed.client_id),
            webhook_enabled=True,
            created_at=created,
            updated_at=created,
            **seed.model_dump(),
        )

    def _automation(self, seed: AutomationSeed, number: int) -> AutomationRecord:
        app = self.made.apps.first("client_id", seed.app)
        if app is None:
            raise ScenarioError(f"an automation names an unknown app {seed.app!r}")
        created = self.midnight - timedelta(days=100)
        return AutomationRecord(
            id=self._id("automation", str(number), seed.name),
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
        return WorkspaceRecord(
            id=self._id("workspace", seed.name),
            name=seed.name,
            plan=seed.plan,
            created_at=self.midnight - timedelta(days=180),
            app_id=self._id("app", seed.app) if seed.app else None,
        )

    def _user(self, seed: UserSeed) -> None:
        workspace = self.made.workspaces.get(self._id("workspace", seed.workspace))
        if workspace is None:
            raise ScenarioError(f"the user {seed.email} names an unknown workspace {seed.workspace!r}")
        created = self.midnight - timedelta(days=170)
        user = UserRecord(
            id=self._id("user", seed.email),
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
            ConnectionRecord(
                id=self._id("connection", client_id, user.email),
                app_id=app.id,
                user_id=user.id,
                scopes=scopes,
                status="active",
                created_at=at,
                updated_at=at,
            )
        )

    def _known_user(self, email: str) -> UserRecord:
        user = self.made.users.first("email", email.lower())
        if user is None:
            raise ScenarioError(f"a meeting names an unknown user {email!r}")
        return user

    def _meeting(self, seed: MeetingSeed, number: int) -> MeetingRecord:
        owner = self._known_user(seed.owner)
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
        return MeetingRecord(
            id=self._id("meeting", str(number), seed.title),
            title=seed.title,
            status=status,
            workspace_id=owner.workspace_id,
            created_by_user_id=owner.id,
            created_at=created,
            updated_at=min(updated, self.start),
            summary_notes=seed.summary_notes,
            detail_level=seed.detail_level,
            editor_ids=frozenset({owner.id}),
            viewer_ids=frozenset({owner.id, *(self._known_user(e).id for e in seed.participants)}),
            **times,
        )

    def _status(self, times: dict[str, Any]) -> MeetingStatus:
        if not times:
            return "draft"
        if times["end_time"] <= self.start:
            return "completed"
        return "in_progress" if times["start_time"] <= self.start else "scheduled"
