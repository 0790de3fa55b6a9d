"""Meeting templates, the next steps and action buttons that they bring, and shortcuts.

An entity belongs to a partner app (`app_id`), to one workspace (`workspace_id`), or, with neither, to
everybody. What a toolkit installed names the installation; the app's own copies name none.
"""

from collections.abc import Iterable
from typing import Literal

from contio_mock.contract.meetings import DetailLevel
from contio_mock.contract.shared import Model, Timestamp

OwnershipType = Literal["SYSTEM", "VERTICAL", "WORKSPACE", "USER", "PARTNER"]


class Owned(Model):
    """Whose an entity is, and since when."""

    id: str
    name: str
    description: str | None = None
    app_id: str | None = None
    """The partner app that made it."""
    workspace_id: str | None = None
    """The workspace that it was installed in or made for."""
    user_id: str | None = None
    """The only user who sees it."""
    installation_id: str | None = None
    """The toolkit installation that brought it."""
    is_active: bool = True
    created_at: Timestamp
    updated_at: Timestamp


class TemplateAgendaItem(Model):
    """An agenda item that a template adds."""

    title: str
    item_type: str
    description: str | None = None
    content: str | None = None
    talking_points: str | None = None
    sequence: str | None = None
    time_allocation_minutes: float | None = None


class TemplateParticipant(Model):
    """Somebody whom a template invites."""

    email: str
    name: str
    role: Literal["EDITOR", "VIEWER"]


class NextStepLink(Model):
    """That a template brings a next step."""

    next_step_id: str
    sort_order: int = 0
    autopilot: bool = False


class TemplateRecord(Owned):
    """A meeting template."""

    ownership_type: OwnershipType
    title: str | None = None
    """The title that meetings of it begin with."""
    detail_level: DetailLevel | None = None
    meeting_duration_seconds: int | None = None
    start_time_offset_seconds: int | None = None
    """-1 means without a time."""
    backing_meeting_id: str | None = None
    """The meeting that its content was copied from."""
    agenda_items: tuple[TemplateAgendaItem, ...] = ()
    participants: tuple[TemplateParticipant, ...] = ()
    documents: tuple[str, ...] = ()
    next_steps: tuple[NextStepLink, ...] = ()


class ActionButtonLink(Model):
    """That a next step offers an action button."""

    action_button_id: str
    sort_order: int = 0


class NextStepRecord(Owned):
    """A next step: a text that the assistant writes, or a place to go to."""

    type: Literal["ai", "redirect"]
    ai_prompt: str | None = None
    redirect_url: str | None = None
    color: str | None = None
    icon_name: str | None = None
    sort_order: int = 0
    action_buttons: tuple[ActionButtonLink, ...] = ()
    default_action_button_id: str | None = None


class ActionButtonRecord(Owned):
    """A button beneath the result of a next step."""

    content_format: Literal["rich_text", "markdown", "plain_text", "html"]
    delivery_mechanism: Literal[
        "clipboard", "email", "os_email_client", "file_download", "integration", "webhook", "redirect"
    ]
    file_format: str | None = None
    icon_name: str | None = None
    icon_url: str | None = None
    """What releases before 1.9 have for an icon."""
    integration_type: str | None = None
    is_default_for_next_step: bool = False
    redirect_url: str | None = None
    requires_connected_integration: bool = False
    sort_order: int = 0
    webhook_url: str | None = None


class ShortcutSurface(Model):
    """Where a shortcut is shown."""

    surface: str
    position: int


class ShortcutRecord(Owned):
    """A prompt that a workspace has at hand."""

    prompt: str
    color: str | None = None
    icon_name: str | None = None
    surfaces: tuple[ShortcutSurface, ...] = ()


def owners(entity: Owned) -> Iterable[str]:
    """The keys of an entity: its app while not installed, its installation, and who may see it.

    Of the keys that say who may see it, an entity has one.
    """
    if entity.installation_id is not None:
        yield f"installation:{entity.installation_id}"
    elif entity.app_id is not None:
        yield f"app:{entity.app_id}"
    if entity.user_id is not None:
        yield f"user:{entity.user_id}"
    elif entity.workspace_id is not None:
        yield f"workspace:{entity.workspace_id}"
    elif entity.app_id is None:
        yield "everybody"
    elif entity.installation_id is None:
        yield offered_by(entity.app_id)


def offered_by(app_id: str) -> str:
    """The key of what an app has made for no workspace in particular."""
    return f"offered:{app_id}"


def default_of(button: ActionButtonRecord) -> Iterable[str]:
    """The app whose default an action button is; the app's own one, not an installed copy."""
    if button.is_default_for_next_step and button.app_id and button.installation_id is None:
        yield button.app_id
