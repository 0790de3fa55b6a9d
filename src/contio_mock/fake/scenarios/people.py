"""Seeds of partner apps with their automations, workspaces, users and meetings."""

from typing import Annotated

from pydantic import AfterValidator, Field

from contio_mock.contract.app import AppStatus
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.automations import TriggerType
from contio_mock.contract.meetings import DetailLevel, MeetingStatus, Title
from contio_mock.contract.participants import ParticipantRole
from contio_mock.contract.profile import PlanType, WorkspaceRole
from contio_mock.contract.shared import Email
from contio_mock.fake.scenarios import Seed


def _known_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope!r}")
    return scope


class AppSeed(Seed):
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


class WorkspaceSeed(Seed):
    """A workspace."""

    name: str
    plan: PlanType = "ENT"
    app: str | None = None
    """The client id of the app whose user it was made for."""


class UserSeed(Seed):
    """A person; `connected_to` lists the client ids of apps they let in."""

    email: Email
    name: str
    workspace: str
    role: WorkspaceRole = "WORKSPACE_MEMBER"
    timezone: str | None = None
    connected_to: tuple[str, ...] = ()
    scopes: tuple[Annotated[str, AfterValidator(_known_scope)], ...] = tuple(SCOPES)


class GuestSeed(Seed):
    """Somebody without an account who takes part in a meeting."""

    email: Email
    name: str
    role: ParticipantRole = "VIEWER"


class MeetingSeed(Seed):
    """A meeting, planned in days from the scenario's first day."""

    title: Title
    owner: str
    """The e-mail address of the user who created it."""
    participants: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    """Those of the participants who may change what belongs to the meeting."""
    guests: tuple[GuestSeed, ...] = ()
    day: Annotated[int | None, Field(ge=-20_000, le=20_000)] = None
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    """UTC."""
    minutes: Annotated[int, Field(gt=0, le=100_000)] = 30
    status: MeetingStatus | None = None
    """Made from the times when absent."""
    summary_notes: str | None = None
    detail_level: DetailLevel | None = None
    planned_days_ahead: Annotated[int, Field(ge=0, le=20_000)] = 5


class AutomationSeed(Seed):
    """A rule that assigns action items to an app."""

    app: str
    """The app's client id."""
    name: str
    description: str | None = None
    trigger_type: TriggerType = "action_item_match"
    phrases: tuple[str, ...] = ()
