"""Seeds of templates, next steps and action buttons."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from contio_mock.contract.admin_action_buttons import ContentFormat, DeliveryMechanism
from contio_mock.contract.meetings import DetailLevel, Title
from contio_mock.contract.next_steps import NextStepKind
from contio_mock.contract.shared import Model, trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.records import (
    ActionButtonRecord,
    NextStepRecord,
    Store,
    TemplateApplicationRecord,
    TemplateRecord,
)
from contio_mock.fake.records.templates import (
    ActionButtonLink,
    NextStepLink,
    OwnershipType,
    TemplateAgendaItem,
    TemplateParticipant,
)
from contio_mock.fake.scenarios import Seed
from contio_mock.fake.store import Collection

MADE_BEFORE = timedelta(days=150)
"""How old what is seeded is."""


class _OwnedSeed(Seed):
    """Something with an owner; without app, workspace and user it is everybody's."""

    name: Title
    description: str | None = None
    app: str | None = None
    """The client id of the partner app that made it."""
    workspace: str | None = None
    """The name of the workspace that it is for."""
    user: str | None = None
    """The e-mail address of the only user who sees it."""
    is_active: bool = True


class ActionButtonSeed(_OwnedSeed):
    """An action button."""

    content_format: ContentFormat = "markdown"
    delivery_mechanism: DeliveryMechanism
    icon_name: str | None = None
    icon_url: str | None = None
    redirect_url: str | None = None
    webhook_url: str | None = None


class NextStepSeed(_OwnedSeed):
    """A next step, with the names of its action buttons in their order; the first is its default."""

    type: NextStepKind
    ai_prompt: str | None = None
    redirect_url: str | None = None
    color: str | None = None
    icon_name: str | None = None
    action_buttons: tuple[str, ...] = ()


class TemplateSeed(_OwnedSeed):
    """A template, with the names of its next steps in their order."""

    ownership_type: OwnershipType
    title: str | None = None
    detail_level: DetailLevel | None = None
    meeting_duration_seconds: Annotated[int, Field(gt=0)] | None = None
    agenda_items: tuple[TemplateAgendaItem, ...] = ()
    participants: tuple[TemplateParticipant, ...] = ()
    next_steps: tuple[str, ...] = ()
    autopilot: tuple[str, ...] = ()
    """Those of the next steps that run by themselves."""
    applied_to: tuple[str, ...] = ()
    """The titles of meetings that were made with it."""


class TemplateSeeds(Seed):
    """Everything about templates that a new sandbox holds."""

    action_buttons: tuple[ActionButtonSeed, ...] = ()
    next_steps: tuple[NextStepSeed, ...] = ()
    templates: tuple[TemplateSeed, ...] = ()


def seed_templates(store: Store, key: str, seeds: TemplateSeeds, midnight: datetime) -> None:
    """Make the records; raises ValueError with a sentence about a name that there is not."""
    _Templates(store, key, midnight).make(seeds)


def _own(seed: _OwnedSeed, *other: str) -> dict[str, Any]:
    """The members of a seed that its record has under the same names, but for those of every owner."""
    return {name: value for name, value in seed if name not in {*_OwnedSeed.model_fields, *other}}


class _Templates:
    """Turns the seeds of one scenario into records."""

    def __init__(self, store: Store, key: str, midnight: datetime) -> None:
        self.store = store
        self.key = key
        self.created = midnight - MADE_BEFORE

    def make(self, seeds: TemplateSeeds) -> None:
        """Insert every record, those first that others name; raises ValueError."""
        for button in seeds.action_buttons:
            self._insert(self.store.action_buttons, self._button(button))
        for step in seeds.next_steps:
            self._insert(self.store.next_steps, self._step(step))
        for template in seeds.templates:
            record = self._template(template)
            self._insert(self.store.templates, record)
            for title in template.applied_to:
                self._apply(record, title)

    def _insert(self, collection: Collection[Any], record: Any) -> None:
        if collection.get(record.id) is not None:
            raise ValueError(f"the scenario has two templates, steps or buttons named {record.name!r}")
        collection.insert(record)

    def _owned(self, kind: str, seed: _OwnedSeed) -> dict[str, Any]:
        """The members that everything with an owner has."""
        apps, users = self.store.apps, self.store.users
        owner = users.first("email", seed.user.lower()) if seed.user else None
        return {
            "id": self._id(kind, seed.name),
            "name": seed.name,
            "description": seed.description,
            "app_id": self._known(apps.first("client_id", seed.app), seed.app) if seed.app else None,
            "workspace_id": self._workspace_id(seed.workspace) if seed.workspace else None,
            "user_id": self._known(owner, seed.user) if seed.user else None,
            "is_active": seed.is_active,
            "created_at": self.created,
            "updated_at": self.created,
        }

    def _button(self, seed: ActionButtonSeed) -> ActionButtonRecord:
        own = _own(seed)
        return trusted(ActionButtonRecord, **self._owned("action_button", seed), **own)

    def _step(self, seed: NextStepSeed) -> NextStepRecord:
        ids = [self._named("action_button", self.store.action_buttons, n) for n in seed.action_buttons]
        links = [ActionButtonLink(action_button_id=id_, sort_order=n) for n, id_ in enumerate(ids)]
        own = _own(seed, "action_buttons")
        return trusted(
            NextStepRecord,
            **self._owned("next_step", seed),
            **own,
            action_buttons=tuple(links),
            default_action_button_id=ids[0] if ids else None,
        )

    def _template(self, seed: TemplateSeed) -> TemplateRecord:
        links = [
            NextStepLink(
                next_step_id=self._named("next_step", self.store.next_steps, name),
                sort_order=number,
                autopilot=name in seed.autopilot,
            )
            for number, name in enumerate(seed.next_steps)
        ]
        own = _own(seed, "next_steps", "autopilot", "applied_to")
        return trusted(TemplateRecord, **self._owned("template", seed), **own, next_steps=tuple(links))

    def _apply(self, template: TemplateRecord, title: str) -> None:
        """Say that every meeting of that title was made with the template; its content is its own."""
        meetings = [meeting for meeting in self.store.meetings if meeting.title == title]
        if not meetings:
            raise ValueError(f"the template {template.name!r} was applied to an unknown meeting {title!r}")
        for meeting in meetings:
            self.store.template_applications.insert(
                trusted(
                    TemplateApplicationRecord,
                    id=self._id("application", template.name, meeting.id),
                    meeting_id=meeting.id,
                    template_id=template.id,
                    applied_by_user_id=meeting.created_by_user_id,
                    applied_at=meeting.created_at,
                    next_steps=template.next_steps,
                )
            )

    def _id(self, *parts: str) -> str:
        return stable_uuid(self.key, *parts)

    def _named(self, kind: str, collection: Collection[Any], name: str) -> str:
        return self._known(collection.get(self._id(kind, name)), name)

    def _workspace_id(self, name: str) -> str:
        return self._known(self.store.workspaces.get(self._id("workspace", name)), name)

    def _known(self, record: Model | None, name: str | None) -> str:
        if record is None:
            raise ValueError(f"the scenario's templates name an unknown {name!r}")
        id_: str = record.id  # type: ignore[attr-defined] # every record has one
        return id_
