"""Reads the graph of a workflow, which is free JSON, in the shapes that people write.

Nodes are a list of objects with an `id` or an object by id; edges are a list of pairs or of objects with
two ends, or stand in the nodes as `next` or `depends_on`. A list called `steps` that nothing connects
runs from top to bottom.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contio_mock.fake.problem import brief

MOST_NODES = 1000
MOST_EDGES = 5000
LONGEST_TITLE = 255
LONGEST_ID = 200
DEEPEST = 3

_WRAPPERS = ("dag", "graph", "workflow", "definition", "spec")
_NODES = ("nodes", "steps", "tasks")
_EDGES = ("edges", "connections", "links", "transitions")
_DETAILS = ("config", "data", "params", "settings")
_SOURCE, _TARGET = ("source", "from", "source_id", "from_node"), ("target", "to", "target_id", "to_node")
_LABEL = ("when", "condition", "on", "outcome", "label", "branch")
_NEXT, _BEFORE = ("next", "next_steps", "then"), ("depends_on", "dependsOn", "needs")
_TASKS = {"task", "approval", "approve", "human", "review", "manual"}
_WRITERS = {"ai", "llm", "agent", "prompt", "generate", "summarize", "summary"}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class SpecProblem(ValueError):  # noqa: N818 - says what the spec has
    """A graph that cannot be run; the message is one sentence that says why."""

    def __init__(self, message: str, node_id: str | None = None) -> None:
        super().__init__(message)
        self.node_id = node_id
        """The node that is wrong, if it is one."""


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a workflow."""

    id: str
    type: str
    title: str
    assignee: str | None = None
    """An e-mail address or a user's id."""
    outcome: str | None = None
    """What a branch decides, if its author says so."""

    @property
    def is_task(self) -> bool:
        """Whether a person has to decide."""
        return bool(_words(self.type) & _TASKS)

    @property
    def writes(self) -> bool:
        """Whether the assistant writes a text."""
        return bool(_words(self.type) & _WRITERS)


@dataclass(frozen=True, slots=True)
class Edge:
    """That one node follows another, perhaps only after one outcome."""

    source: str
    target: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A workflow that can be run: every edge has two ends, and none leads back."""

    nodes: Mapping[str, Node]
    leaving: Mapping[str, tuple[Edge, ...]]
    """The edges of each node that has any."""
    entering: Mapping[str, int]
    """How many edges lead to each node."""


def read_spec(spec: Mapping[str, Any]) -> Graph:
    """The graph of a spec; raises SpecProblem."""
    spec = _unwrapped(spec)
    raw = _raw_nodes(spec)
    edges = list(_edges(spec, raw))
    if len(edges) > MOST_EDGES:
        raise SpecProblem(f"The workflow has {len(edges)} edges; at most {MOST_EDGES} are followed.")
    nodes = {id_: _node(id_, node) for id_, node in raw.items()}
    if not edges and len(nodes) > 1:
        raise SpecProblem(f"Nothing connects the workflow's {len(nodes)} nodes; give it edges.")
    graph = _graph(nodes, edges)
    _refuse_cycles(graph)
    return graph


def _unwrapped(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(DEEPEST):
        inner = next((spec[name] for name in _WRAPPERS if isinstance(spec.get(name), dict)), None)
        if inner is None or any(name in spec for name in _NODES):
            break
        spec = inner
    return spec


def _raw_nodes(spec: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The nodes as they were written, by id."""
    written = _first(spec, _NODES)
    if isinstance(written, dict):
        written = [{"id": id_, **node} if isinstance(node, dict) else node for id_, node in written.items()]
    if not isinstance(written, list) or not written:
        raise SpecProblem("The workflow has no nodes; its spec needs a list called nodes.")
    if len(written) > MOST_NODES:
        raise SpecProblem(f"The workflow has {len(written)} nodes; at most {MOST_NODES} are run.")
    found: dict[str, Mapping[str, Any]] = {}
    for position, node in enumerate(written):
        id_ = _id(node.get("id", node.get("$id", node.get("key")))) if isinstance(node, dict) else None
        if id_ is None:
            raise SpecProblem(f"The workflow's node number {position + 1} is no object with an id.")
        if id_ in found:
            raise SpecProblem(f"The workflow has the node {brief(id_)} twice.", id_)
        found[id_] = node
    return found


def _id(written: Any) -> str | None:
    if isinstance(written, int) and not isinstance(written, bool) and abs(written) < 10**LONGEST_ID:
        return str(written)
    return written if isinstance(written, str) and 0 < len(written) <= LONGEST_ID else None


def _first(members: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((members[name] for name in names if members.get(name) is not None), None)


def _detail(node: Mapping[str, Any], *names: str) -> str | None:
    """The first text of these names, in the node or in its configuration."""
    inner = _first(node, _DETAILS)
    for members in (node, inner if isinstance(inner, dict) else {}):
        for name in names:
            if isinstance(members.get(name), str) and members[name]:
                return str(members[name])
    return None


def _node(id_: str, node: Mapping[str, Any]) -> Node:
    return Node(
        id=id_,
        type=(_detail(node, "type", "kind", "node_type") or "step")[:LONGEST_ID],
        title=(_detail(node, "title", "name", "label") or id_)[:LONGEST_TITLE],
        assignee=_detail(node, "assignee", "assignee_email", "assignee_user_id"),
        outcome=_detail(node, "outcome", "default"),
    )


def _edges(spec: Mapping[str, Any], raw: Mapping[str, Mapping[str, Any]]) -> Iterator[Edge]:
    written = _first(spec, _EDGES)
    if written is not None and not isinstance(written, list):
        raise SpecProblem("The workflow's edges are no list.")
    for position, edge in enumerate(written or ()):
        yield _edge(edge, position)
    inside = [edge for id_, node in raw.items() for edge in _edges_of(id_, node)]
    yield from inside
    if not inside and not written and "nodes" not in spec:
        ids = list(raw)
        yield from (Edge(*pair) for pair in pairwise(ids))


def _edge(edge: Any, position: int) -> Edge:
    if isinstance(edge, list) and len(edge) == 2:  # noqa: PLR2004 - a pair
        source, target, label = _id(edge[0]), _id(edge[1]), None
    elif isinstance(edge, dict):
        source, target = _id(_first(edge, _SOURCE)), _id(_first(edge, _TARGET))
        label = _label(_first(edge, _LABEL))
    else:
        source = target = label = None
    if source is None or target is None:
        raise SpecProblem(f"The workflow's edge number {position + 1} does not name two nodes.")
    return Edge(source, target, label)


def _edges_of(id_: str, node: Mapping[str, Any]) -> Iterator[Edge]:
    following = _first(node, _NEXT)
    if isinstance(following, dict):
        yield from (Edge(id_, _end(id_, target), label) for label, target in following.items())
    elif following is not None:
        yield from (Edge(id_, _end(id_, target)) for target in _several(following))
    before = _first(node, _BEFORE)
    if before is not None:
        yield from (Edge(_end(id_, source), id_) for source in _several(before))


def _several(written: Any) -> list[Any]:
    return written if isinstance(written, list) else [written]


def _end(id_: str, written: Any) -> str:
    found = _id(written)
    if found is None:
        raise SpecProblem(f"The node {brief(id_)} is connected to something that is no node.", id_)
    return found


def _label(written: Any) -> str | None:
    """The outcome that an edge is for."""
    if isinstance(written, dict):
        written = _first(written, ("equals", "value", *_LABEL))
    if isinstance(written, bool):
        return "true" if written else "false"
    if isinstance(written, (str, int, float)):
        return str(written)[:LONGEST_ID] or None
    return None


def _graph(nodes: dict[str, Node], edges: list[Edge]) -> Graph:
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        for end in (edge.source, edge.target):
            if end not in nodes:
                raise SpecProblem(f"An edge of the workflow names {brief(end)}, which is no node of it.")
        leaving[edge.source].append(edge)
    return Graph(
        nodes, {id_: tuple(found) for id_, found in leaving.items()}, Counter(edge.target for edge in edges)
    )


def _refuse_cycles(graph: Graph) -> None:
    waiting = dict(graph.entering)
    free = [id_ for id_ in graph.nodes if not waiting.get(id_)]
    seen = 0
    while free:
        seen += 1
        for edge in graph.leaving.get(free.pop(), ()):
            waiting[edge.target] -= 1
            if not waiting[edge.target]:
                free.append(edge.target)
    if seen < len(graph.nodes):
        stuck = next(id_ for id_ in graph.nodes if waiting.get(id_))
        raise SpecProblem(f"The workflow leads back to its node {brief(stuck)}; it would never end.", stuck)


def _words(type_: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(type_)}
