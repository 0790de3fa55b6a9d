"""A manifest made portable: every entity specified, every reference within the manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contio_mock.contract.shared import Model
from contio_mock.fake.records.templates import (
    ActionButtonRecord,
    NextStepRecord,
    Owned,
    ShortcutRecord,
    TemplateRecord,
)
from contio_mock.fake.rules.manifests import KINDS, Kind, singular

Json = dict[str, Any]
Find = Callable[[Kind, str], Owned | None]
"""The entity of a kind with that id, if it may be exported."""
Content = Callable[[str], Json | None]
"""The content of a meeting as members of a template's spec; None when there is no such meeting."""

_UNPORTABLE: dict[str, str] = {"workflows": "workflow", "canvas_templates": "canvas_template"}
"""What may be exported when it is specified, but cannot be looked up."""
_WORD = re.compile(r"[^a-z0-9]+")
LONGEST_REF = 90


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that could not be exported."""

    entity_type: str
    entity_name: str
    code: str
    message: str


class Export:
    """Makes one manifest portable; `manifest` and `warnings` are the outcome."""

    def __init__(self, manifest: Json, find: Find, content: Content) -> None:
        self.find, self.content = find, content
        self.manifest: Json = {**manifest, **{kind: [] for kind in KINDS}}
        self.warnings: list[Warned] = []
        self._taken: dict[Kind, set[str]] = {kind: set(_refs(manifest, kind)) for kind in KINDS}
        self._pulled: dict[tuple[Kind, str], str] = {}
        for kind in KINDS:
            for entry in manifest.get(kind) or []:
                self._entry(kind, entry)
        for member, word in _UNPORTABLE.items():
            self._keep_specified(member, word)

    def _entry(self, kind: Kind, entry: Json) -> None:
        spec = entry.get("spec")
        if spec is None:
            self._pull(kind, entry["id"])
            return
        written = {name: value for name, value in entry.items() if name != "id"}
        written["spec"] = {**spec, "$id": spec.get("$id") or self._new_ref(kind, spec["name"])}
        if spec.get("backing_meeting_id") is not None:
            written["spec"] = self._without_meeting(written["spec"])
        self.manifest[kind].append(written)
        if kind == "templates" and entry.get("next_steps"):
            links = entry["next_steps"]
            written["next_steps"] = list(self._links(links, "next_step", "next_steps", spec["name"]))
        if kind == "next_steps":
            self._buttons(entry, written, spec["name"])

    def _buttons(self, entry: Json, written: Json, name: str) -> None:
        if entry.get("action_buttons"):
            offers = entry["action_buttons"]
            written["action_buttons"] = list(self._links(offers, "action_button", "action_buttons", name))
        if entry.get("default_action_button") is not None:
            ref = self._portable(entry["default_action_button"], "action_buttons", name)
            written["default_action_button"] = ref
            if ref is None:
                del written["default_action_button"]

    def _links(self, links: list[Json], member: str, kind: Kind, owner: str) -> Iterator[Json]:
        for link in links:
            ref = self._portable(link[member], kind, owner)
            if ref is not None:
                yield {**link, member: ref}

    def _portable(self, ref: Json, kind: Kind, owner: str) -> Json | None:
        if ref.get("$ref") is not None:
            return {"$ref": ref["$ref"]}
        named = self._pull(kind, ref["$id"], owner)
        return {"$ref": named} if named is not None else None

    def _pull(self, kind: Kind, id_: str, owner: str = "") -> str | None:
        """Put an entity that exists into the manifest, once; returns its `$id` there."""
        id_ = id_.lower()
        known = self._pulled.get((kind, id_))
        if known is not None:
            return known
        found = self.find(kind, id_)
        if found is None:
            where = f"; {owner!r} refers to it" if owner else ""
            words = f"The {singular(kind)} {id_} does not exist any more{where}."
            self.warnings.append(Warned(singular(kind), id_, "ENTITY_NOT_FOUND", words))
            return None
        named = self._pulled[kind, id_] = self._new_ref(kind, found.name)
        self._entry(kind, _entry_of(found, named))
        return named

    def _new_ref(self, kind: Kind, name: str) -> str:
        """A `$id` made from a name, one that no other entity of the kind has."""
        base = _WORD.sub("-", name.lower()).strip("-")[:LONGEST_REF] or singular(kind)
        ref, number = base, 1
        while ref in self._taken[kind]:
            number += 1
            ref = f"{base}-{number}"
        self._taken[kind].add(ref)
        return ref

    def _without_meeting(self, spec: Json) -> Json:
        """A spec with the content of its backing meeting instead of the meeting's id."""
        content = self.content(spec["backing_meeting_id"])
        words = "The backing meeting's content was written into the template."
        if content is None:
            words = "The backing meeting does not exist any more; the template has no content."
        self.warnings.append(Warned("template", spec["name"], "BACKING_MEETING_NOT_PORTABLE", words))
        kept = {name: value for name, value in spec.items() if name != "backing_meeting_id"}
        return {**kept, **(content or {})}

    def _keep_specified(self, member: str, word: str) -> None:
        listed = self.manifest.get(member)
        if not isinstance(listed, list):
            return
        self.manifest[member] = [e for e in listed if not (isinstance(e, dict) and "id" in e)]
        for entry in listed:
            if isinstance(entry, dict) and "id" in entry:
                words = f"A {word.replace('_', ' ')} that is only named cannot be exported."
                self.warnings.append(Warned(word, str(entry["id"])[:100], "NOT_PORTABLE", words))


def _refs(manifest: Json, kind: Kind) -> Iterator[str]:
    for entry in manifest.get(kind) or []:
        ref = (entry.get("spec") or {}).get("$id")
        if ref:
            yield ref


def _given(record: Model, *names: str) -> Json:
    """The members of a record that say something."""
    values = ((name, getattr(record, name)) for name in names)
    return {n: value for n, value in values if value is not None and value is not False and value != ()}


def _parts(parts: tuple[Model, ...], *left_out: str) -> list[Json]:
    return [part.model_dump(exclude=set(left_out), exclude_none=True) for part in parts]


def _entry_of(found: Owned, ref: str) -> Json:
    """The entry of an entity that exists; its relations name ids."""
    spec: Json = {"$id": ref, **_given(found, "name", "description")}
    match found:
        case TemplateRecord():
            spec |= _given(
                found, "title", "detail_level", "meeting_duration_seconds", "start_time_offset_seconds"
            )
            if found.agenda_items:
                spec["agenda_items"] = _parts(found.agenda_items, "talking_points")
            if found.participants:
                spec["participants"] = _parts(found.participants)
            links = [
                {"next_step": {"$id": link.next_step_id}, **link.model_dump(exclude={"next_step_id"})}
                for link in found.next_steps
            ]
            return {"spec": spec, **({"next_steps": links} if links else {})}
        case NextStepRecord():
            spec |= _given(found, "type", "ai_prompt", "redirect_url", "color", "icon_name")
            return {"spec": {**spec, "sort_order": found.sort_order}, **_offers(found)}
        case ActionButtonRecord():
            spec |= _given(found, "content_format", "delivery_mechanism", "file_format", "icon_name")
            spec |= _given(found, "integration_type", "is_default_for_next_step", "redirect_url")
            spec |= _given(found, "requires_connected_integration", "webhook_url")
            return {"spec": {**spec, "sort_order": found.sort_order}}
        case ShortcutRecord():
            spec |= _given(found, "prompt", "color", "icon_name")
            spec.setdefault("prompt", "")
            if found.surfaces:
                spec["surfaces"] = _parts(found.surfaces)
    return {"spec": spec}


def _offers(step: NextStepRecord) -> Json:
    written: Json = {}
    if step.action_buttons:
        written["action_buttons"] = [
            {"action_button": {"$id": offer.action_button_id}, "sort_order": offer.sort_order}
            for offer in step.action_buttons
        ]
    if step.default_action_button_id is not None:
        written["default_action_button"] = {"$id": step.default_action_button_id}
    return written
