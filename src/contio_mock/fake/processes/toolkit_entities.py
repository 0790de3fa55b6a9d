"""The entities of an installation: made from a manifest, brought up to another one, taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from contio_mock.contract.manifests import (
    Manifest,
    ManifestActionButtonSpec,
    ManifestNextStep,
    ManifestRef,
    ManifestShortcutSpec,
    ManifestTemplate,
)
from contio_mock.contract.toolkits import EntityMap
from contio_mock.fake.records import AgendaItemRecord, InstallationRecord, MeetingRecord, ToolkitRecord
from contio_mock.fake.records.templates import (
    ActionButtonLink,
    ActionButtonRecord,
    NextStepLink,
    NextStepRecord,
    Owned,
    OwnershipType,
    ShortcutRecord,
    ShortcutSurface,
    TemplateAgendaItem,
    TemplateParticipant,
    TemplateRecord,
)
from contio_mock.fake.records.toolkits import InstalledWorkflow
from contio_mock.fake.rules import manifests as rules
from contio_mock.fake.rules.manifests import Kind
from contio_mock.fake.rules.workflow_manifest import entries_of
from contio_mock.fake.sandbox import Context
from contio_mock.fake.store import Collection

LONGEST_DESCRIPTION = 1000
"""Of an agenda item in a manifest; a meeting's may be longer."""

ORDER: tuple[Kind, ...] = ("action_buttons", "next_steps", "templates", "shortcuts")
"""Kinds in the order of their making: what is referred to comes first."""


def collection(ctx: Context, kind: Kind) -> Collection[Any]:
    """Where the entities of a kind are stored."""
    found: Collection[Any] = getattr(ctx.store, kind)
    return found


def nameable(ctx: Context, app_id: str | None) -> Callable[[Kind, str], Owned | None]:
    """Finds the entities that an app's manifests may name: its own and everybody's."""

    def find(kind: Kind, id_: str) -> Owned | None:
        found: Owned | None = collection(ctx, kind).get(id_.lower())
        if found is None or (found.app_id is None and found.workspace_id is not None):
            return None
        return found if found.app_id in (None, app_id) and found.user_id is None else None

    return find


def content_of(ctx: Context, meeting: MeetingRecord) -> dict[str, Any]:
    """A meeting's content as members of a template's spec."""
    content: dict[str, Any] = {"title": meeting.title}
    if meeting.detail_level is not None:
        content["detail_level"] = meeting.detail_level
    if meeting.start_time is not None and meeting.end_time is not None:
        seconds = (meeting.end_time - meeting.start_time).total_seconds()
        content["meeting_duration_seconds"] = int(seconds)
    agenda = ctx.store.agenda_items.under("meeting", meeting.id)
    if agenda:
        content["agenda_items"] = [_agenda_spec(item) for item in agenda]
    people = ctx.store.participants.under("meeting", meeting.id)
    if people:
        content["participants"] = [
            {"email": person.email, "name": person.name, "role": person.role} for person in people
        ]
    return content


def _agenda_spec(item: AgendaItemRecord) -> dict[str, Any]:
    spec = {"title": item.title, "item_type": item.item_type, "sequence": item.sequence}
    more = {
        "description": (item.description or "")[:LONGEST_DESCRIPTION] or None,
        "time_allocation_minutes": item.time_allocation_minutes,
    }
    return {**spec, **{name: value for name, value in more.items() if value is not None}}


def place(
    ctx: Context, toolkit: ToolkitRecord, manifest: dict[str, Any], installation: InstallationRecord
) -> InstallationRecord:
    """Make an installation's entities what a manifest says: those with a known `$id` keep their ids.

    Returns the installation with its new maps; the caller stores it.
    """
    return _Placement(ctx, toolkit, manifest, installation).done()


def take_away(ctx: Context, installation: InstallationRecord, *, keep: bool) -> None:
    """Remove an installation's entities, or leave them to the workspace as its own."""
    for kind in ORDER:
        found = collection(ctx, kind)
        for record in found.under("owner", f"installation:{installation.id}"):
            if not keep:
                found.remove(record)
                continue
            own: dict[str, Any] = {"installation_id": None, "app_id": None, "updated_at": ctx.now}
            if kind == "templates":
                own["ownership_type"] = "WORKSPACE"
            found.replace(record, **own)


class _Placement:
    """One manifest on its way into one workspace."""

    def __init__(
        self,
        ctx: Context,
        toolkit: ToolkitRecord,
        manifest: dict[str, Any],
        installation: InstallationRecord,
    ) -> None:
        self.ctx, self.toolkit, self.json = ctx, toolkit, manifest
        self.manifest: Manifest = rules.parsed(manifest)
        self.installation = installation
        self.find = nameable(ctx, toolkit.partner_app_id)
        self.ids: dict[Kind, dict[str, str]] = {kind: {} for kind in ORDER}
        self.copies: dict[str, str] = {}
        self.placed: set[str] = set()

    def done(self) -> InstallationRecord:
        """Place everything, remove what the manifest has no more, and return the new installation."""
        for kind in ORDER:
            for entry in rules.entries(self.manifest, kind):
                self._entry(kind, entry)
        for kind in ORDER:
            found = collection(self.ctx, kind)
            for record in found.under("owner", f"installation:{self.installation.id}"):
                if record.id not in self.placed:
                    found.remove(record)
        changed = {"entities": EntityMap(**self.ids), "copies": self.copies, "workflows": self._workflows()}
        return self.installation.model_copy(update=changed)

    def _entry(self, kind: Kind, entry: Any) -> None:
        if entry.spec is None:
            self._copy(kind, entry.id)
            return
        before = getattr(self.installation.entities, kind).get(entry.spec.ref_id or "")
        common = self._common(before) | {"name": entry.spec.name}
        make: Callable[[Any, dict[str, Any]], Owned] = getattr(self, f"_make_{kind}")
        self._store(kind, make(entry, common))
        if entry.spec.ref_id:
            self.ids[kind][entry.spec.ref_id] = common["id"]

    def _copy(self, kind: Kind, id_: str) -> str | None:
        """Give the workspace a copy of an entity of the app, and of what it needs; returns the copy's id.

        Contio's own entities are there already. An entity that does not exist any more has no copy.
        """
        id_ = id_.lower()
        if id_ in self.copies:
            return self.copies[id_]
        found = self.find(kind, id_)
        if found is None or found.app_id is None:
            return found.id if found is not None else None
        common = self._common(self.installation.copies.get(id_))
        self.copies[id_] = common["id"]
        self._store(kind, found.model_copy(update=common | self._copied_links(found)))
        return self.copies[id_]

    def _copied_links(self, found: Owned) -> dict[str, Any]:
        if isinstance(found, TemplateRecord):
            steps = [(self._copy("next_steps", link.next_step_id), link) for link in found.next_steps]
            links = tuple(link.model_copy(update={"next_step_id": id_}) for id_, link in steps if id_)
            return {"next_steps": links}
        if isinstance(found, NextStepRecord):
            buttons = [(self._copy("action_buttons", o.action_button_id), o) for o in found.action_buttons]
            offers = tuple(o.model_copy(update={"action_button_id": id_}) for id_, o in buttons if id_)
            default = found.default_action_button_id
            return {
                "action_buttons": offers,
                "default_action_button_id": self._copy("action_buttons", default) if default else None,
            }
        return {}

    def _common(self, id_: str | None) -> dict[str, Any]:
        return {
            "id": id_ or self.ctx.ids.uuid(),
            "app_id": self.toolkit.partner_app_id,
            "workspace_id": self.installation.workspace_id,
            "installation_id": self.installation.id,
            "created_at": self.ctx.now,
            "updated_at": self.ctx.now,
        }

    def _store(self, kind: Kind, record: Owned) -> None:
        found = collection(self.ctx, kind)
        self.placed.add(record.id)
        before = found.get(record.id)
        if before is None:
            found.insert(record)
            return
        unchanged = {"created_at": before.created_at, "updated_at": before.updated_at}
        if record.model_copy(update=unchanged) != before:
            found.put(record.model_copy(update={"created_at": before.created_at}))

    def _id_of(self, kind: Kind, ref: ManifestRef) -> str | None:
        if ref.ref is not None:
            return self.ids[kind].get(ref.ref)
        return self._copy(kind, ref.id) if ref.id is not None else None

    def _make_action_buttons(self, entry: Any, common: dict[str, Any]) -> ActionButtonRecord:
        spec: ManifestActionButtonSpec = entry.spec
        return ActionButtonRecord(
            **common,
            content_format=spec.content_format,
            delivery_mechanism=spec.delivery_mechanism,
            file_format=spec.file_format,
            icon_name=spec.icon_name or spec.icon_url,
            integration_type=spec.integration_type,
            is_default_for_next_step=bool(spec.is_default_for_next_step),
            redirect_url=spec.redirect_url,
            requires_connected_integration=bool(spec.requires_connected_integration),
            sort_order=spec.sort_order or 0,
            webhook_url=spec.webhook_url,
        )

    def _make_next_steps(self, entry: ManifestNextStep, common: dict[str, Any]) -> NextStepRecord:
        spec, default = entry.spec, entry.default_action_button
        assert spec is not None  # noqa: S101 - the caller asked
        return NextStepRecord(
            **common,
            description=spec.description,
            type=spec.type,
            ai_prompt=spec.ai_prompt,
            redirect_url=spec.redirect_url,
            color=spec.color,
            icon_name=spec.icon_name,
            sort_order=spec.sort_order or 0,
            action_buttons=tuple(
                ActionButtonLink(action_button_id=id_, sort_order=offer.sort_order or 0)
                for offer in entry.action_buttons or []
                if (id_ := self._id_of("action_buttons", offer.action_button))
            ),
            default_action_button_id=self._id_of("action_buttons", default) if default else None,
        )

    def _make_templates(self, entry: ManifestTemplate, common: dict[str, Any]) -> TemplateRecord:
        spec = entry.spec
        assert spec is not None  # noqa: S101 - the caller asked
        ownership: OwnershipType = "PARTNER" if self.toolkit.partner_app_id else "SYSTEM"
        content = spec.model_dump(include=set(rules.INLINE), exclude_none=True)
        if spec.backing_meeting_id is not None:
            meeting = self.ctx.store.meetings.get(spec.backing_meeting_id.lower())
            content = content_of(self.ctx, meeting) if meeting is not None else {}
        items, people = content.pop("agenda_items", ()), content.pop("participants", ())
        return TemplateRecord(
            **common,
            **content,
            ownership_type=ownership,
            description=spec.description,
            backing_meeting_id=spec.backing_meeting_id,
            agenda_items=tuple(TemplateAgendaItem(**item) for item in items),
            participants=tuple(TemplateParticipant(**person) for person in people),
            next_steps=tuple(
                NextStepLink(
                    next_step_id=id_, sort_order=link.sort_order or 0, autopilot=bool(link.autopilot)
                )
                for link in entry.next_steps or []
                if (id_ := self._id_of("next_steps", link.next_step))
            ),
        )

    def _make_shortcuts(self, entry: Any, common: dict[str, Any]) -> ShortcutRecord:
        spec: ManifestShortcutSpec = entry.spec
        return ShortcutRecord(
            **common,
            description=spec.description,
            prompt=spec.prompt,
            color=spec.color,
            icon_name=spec.icon_name or spec.icon,
            surfaces=tuple(
                ShortcutSurface(surface=shown.surface, position=shown.position)
                for shown in spec.surfaces or []
            ),
        )

    def _workflows(self) -> tuple[InstalledWorkflow, ...]:
        before = {workflow.ref: workflow.id for workflow in self.installation.workflows if workflow.ref}
        made = []
        for ref, entry in entries_of(self.json):
            id_ = before.get(ref or "") or self.ctx.ids.uuid()
            made.append(InstalledWorkflow(id=id_, ref=ref, **asdict(entry)))
        return tuple(made)
