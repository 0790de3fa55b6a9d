"""What is wrong with a manifest, said by path; and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import ValidationError

from contio_mock.contract.manifests import (
    SURFACES,
    Manifest,
    ManifestActionButton,
    ManifestNextStep,
    ManifestRef,
    ManifestShortcut,
    ManifestTemplate,
)

Kind = Literal["templates", "next_steps", "action_buttons", "shortcuts"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The entities that a manifest brings, by the member that lists them."""
Entry = ManifestTemplate | ManifestNextStep | ManifestActionButton | ManifestShortcut
Exists = Callable[[str, str], bool]
"""Whether a kind ("meetings" included) has an entity of that id which the manifest may name."""

INLINE = (
    "title",
    "detail_level",
    "meeting_duration_seconds",
    "start_time_offset_seconds",
    "agenda_items",
    "participants",
)
"""The content of a template's own, which excludes a backing meeting."""

_SINGULAR: dict[Kind, str] = {
    "templates": "template",
    "next_steps": "next_step",
    "action_buttons": "action_button",
    "shortcuts": "shortcut",
}
_CODES = {
    "missing": "MISSING_REQUIRED",
    "string_too_long": "TOO_LONG",
    "string_too_short": "TOO_SHORT",
    "too_long": "TOO_MANY",
    "literal_error": "INVALID_VALUE",
    "greater_than_equal": "OUT_OF_RANGE",
    "less_than_equal": "OUT_OF_RANGE",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a path of a manifest, such as `next_steps[0].spec.name`."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the validation of a manifest found."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    broken_schema: bool = False
    """Whether the errors are about types, limits and missing members."""


def singular(kind: Kind) -> str:
    """What one entity of a kind is called."""
    return _SINGULAR[kind]


def parsed(manifest: dict[str, Any]) -> Manifest:
    """A manifest as a model; raises pydantic's ValidationError."""
    return Manifest.model_validate(manifest, strict=True, by_alias=True, by_name=False)


def normalized(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest as it is stored: as it was sent, with an empty list for each kind that it lacks."""
    return {**manifest, **{kind: manifest.get(kind) or [] for kind in KINDS}}


def entries(manifest: Manifest, kind: Kind) -> list[Entry]:
    """The entries of a kind."""
    return getattr(manifest, kind) or []


def counts(manifest: dict[str, Any]) -> dict[Kind, int]:
    """How many entries each kind has, of a manifest that may be broken."""
    listed = {kind: manifest.get(kind) for kind in KINDS}
    return {kind: len(found) if isinstance(found, list) else 0 for kind, found in listed.items()}


def findings(manifest: dict[str, Any], exists: Exists) -> Findings:
    """Everything that is wrong with a manifest."""
    try:
        read = parsed(manifest)
    except ValidationError as failure:
        broken = tuple(_schema_problem(error) for error in failure.errors(include_url=False))
        return Findings(broken, broken_schema=True)
    errors = [*_identities(read, exists), *_references(read, exists), *_contents(read, exists)]
    return Findings(tuple(errors), tuple(_doubts(read)))


def _schema_problem(error: Any) -> Problem:
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    missing = error["type"] == "missing" or error["input"] is None
    code = "MISSING_REQUIRED" if missing else _CODES.get(error["type"], "INVALID_TYPE")
    return Problem(_path(error["loc"]), code, "is required" if missing else message)


def _path(location: tuple[int | str, ...]) -> str:
    written = ""
    for part in location:
        written += f"[{part}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")


def _identities(manifest: Manifest, exists: Exists) -> Iterator[Problem]:
    """Each entry names or specifies one entity, and no two have the same `$id`."""
    for kind in KINDS:
        seen: set[str] = set()
        for position, entry in enumerate(entries(manifest, kind)):
            path = f"{kind}[{position}]"
            if entry.id is None and entry.spec is None:
                yield Problem(path, "MISSING_REQUIRED", "needs an id or a spec")
            elif entry.id is not None and entry.spec is not None:
                yield Problem(
                    path, "MUTUALLY_EXCLUSIVE", "has an id and a spec; only one of them may be given"
                )
            elif entry.id is not None and not exists(kind, entry.id):
                yield _unknown(f"{path}.id", singular(kind), entry.id)
            named = (entry.spec and entry.spec.ref_id) or (entry.id and f"id {entry.id.lower()}")
            if named and named in seen:
                where = f"{path}.spec.$id" if entry.spec else f"{path}.id"
                yield Problem(where, "DUPLICATE_ID", f"another {singular(kind)} has it already")
            seen.add(named or "")


def _unknown(path: str, kind: str, id_: str) -> Problem:
    return Problem(path, "UNKNOWN_ENTITY", f"there is no {kind.replace('_', ' ')} {id_[:64]!r} for this app")


def references(manifest: Manifest) -> Iterator[tuple[str, Kind, ManifestRef]]:
    """Every reference with its path and the kind that it refers to."""
    for at, template in enumerate(manifest.templates or []):
        for n, link in enumerate(template.next_steps or []):
            yield f"templates[{at}].next_steps[{n}].next_step", "next_steps", link.next_step
    for at, step in enumerate(manifest.next_steps or []):
        for n, offer in enumerate(step.action_buttons or []):
            path = f"next_steps[{at}].action_buttons[{n}].action_button"
            yield path, "action_buttons", offer.action_button
        if step.default_action_button is not None:
            path = f"next_steps[{at}].default_action_button"
            yield path, "action_buttons", step.default_action_button


def _references(manifest: Manifest, exists: Exists) -> Iterator[Problem]:
    """Each reference leads to an entity of its kind, here (`$ref`) or in the database (`$id`)."""
    defined = {kind: {entry.spec.ref_id for entry in entries(manifest, kind) if entry.spec} for kind in KINDS}
    for path, kind, ref in references(manifest):
        if ref.ref is None and ref.id is None:
            yield Problem(path, "MISSING_REQUIRED", "needs a $ref or an $id")
        elif ref.ref is not None and ref.id is not None:
            yield Problem(path, "MUTUALLY_EXCLUSIVE", "has a $ref and an $id; only one of them may be given")
        elif ref.ref is not None and (not ref.ref or ref.ref not in defined[kind]):
            words = f"no {singular(kind)} of this manifest has the $id {ref.ref[:100]!r}"
            yield Problem(f"{path}.$ref", "UNRESOLVED_REF", words)
        elif ref.id is not None and not exists(kind, ref.id):
            yield _unknown(f"{path}.$id", singular(kind), ref.id)


def _contents(manifest: Manifest, exists: Exists) -> Iterator[Problem]:
    """A backing meeting stands alone; a shortcut stands once on each surface that there is."""
    for at, template in enumerate(manifest.templates or []):
        spec = template.spec
        if spec is None or spec.backing_meeting_id is None:
            continue
        path = f"templates[{at}].spec.backing_meeting_id"
        own = [name for name in INLINE if getattr(spec, name) is not None]
        if own:
            yield Problem(path, "MUTUALLY_EXCLUSIVE", f"may not be given together with {', '.join(own)}")
        if not exists("meetings", spec.backing_meeting_id):
            yield _unknown(path, "meeting", spec.backing_meeting_id)
    for at, shortcut in enumerate(manifest.shortcuts or []):
        surfaces = (shortcut.spec and shortcut.spec.surfaces) or []
        twice = {name for name, times in Counter(s.surface for s in surfaces).items() if times > 1}
        for n, shown in enumerate(surfaces):
            path = f"shortcuts[{at}].spec.surfaces[{n}].surface"
            if shown.surface not in SURFACES:
                yield Problem(path, "INVALID_VALUE", f"must be one of {', '.join(sorted(SURFACES))}")
            elif shown.surface in twice:
                yield Problem(path, "DUPLICATE_SURFACE", f"{shown.surface} is named more than once")


def _doubts(manifest: Manifest) -> Iterator[Problem]:
    """What is allowed and yet probably not meant."""
    for at, step in enumerate(manifest.next_steps or []):
        if step.spec is not None:
            needed = "ai_prompt" if step.spec.type == "ai" else "redirect_url"
            if not getattr(step.spec, needed):
                yield Problem(
                    f"next_steps[{at}].spec.{needed}", "MISSING_RECOMMENDED", "does nothing without"
                )
        elif step.action_buttons or step.default_action_button:
            yield _ignored(f"next_steps[{at}]")
    for at, template in enumerate(manifest.templates or []):
        if template.spec is None and template.next_steps:
            yield _ignored(f"templates[{at}].next_steps")


def _ignored(path: str) -> Problem:
    return Problem(path, "RELATIONS_IGNORED", "an entity that exists keeps the relations that it has")
