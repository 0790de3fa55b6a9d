"""An entry of a manifest's `workflows`, which no document describes: what it is called and its graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_NAME = 255
UNNAMED = "Workflow"
_NAMING = ("id", "$id", "name", "description", "is_active")
_GRAPHS = ("spec", "dag", "graph", "definition")


@dataclass(frozen=True, slots=True)
class WorkflowEntry:
    """A workflow as a manifest brings it."""

    name: str
    description: str | None
    is_active: bool
    spec: dict[str, Any]


def entry_of(written: Mapping[str, Any]) -> WorkflowEntry:
    """Read `{spec: {name, …graph…}}`, `{name, spec: {…graph…}}` and `{name, …graph…}` alike."""
    inner = written.get("spec")
    if isinstance(inner, dict) and "name" not in written:
        written = {**{name: written[name] for name in _NAMING if name in written}, **inner}
    name, description = written.get("name"), written.get("description")
    return WorkflowEntry(
        name=name[:LONGEST_NAME] if isinstance(name, str) and name else UNNAMED,
        description=description if isinstance(description, str) else None,
        is_active=written.get("is_active") is not False,
        spec=_graph(written),
    )


def _graph(written: Mapping[str, Any]) -> dict[str, Any]:
    for name in _GRAPHS:
        if isinstance(written.get(name), dict):
            return dict(written[name])
    return {name: value for name, value in written.items() if name not in _NAMING}


def entries_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str | None, WorkflowEntry]]:
    """The `$id` and the entry of each workflow that a manifest specifies.

    Workflows stand in no API document, so a manifest's are not validated: what has no name is skipped, and
    the second of two with the same `$id` has none.
    """
    listed = manifest.get("workflows")
    seen: set[str | None] = set()
    for written in listed if isinstance(listed, list) else ():
        if _member(written, "name") is None:
            continue
        ref = _member(written, "$id")
        yield None if ref in seen else ref, entry_of(written)
        seen.add(ref)


def _member(written: Any, name: str) -> str | None:
    """A text of an entry or of its `spec`."""
    inner = written.get("spec") if isinstance(written, dict) else None
    for place in (written, inner):
        found = place.get(name) if isinstance(place, dict) else None
        if isinstance(found, str) and found:
            return found
    return None
