"""The walk through a workflow's graph: which nodes come after a node, and which never will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contio_mock.fake.rules.workflow_specs import Edge, Graph, Node

_APPROVED = {"approved", "approve", "accepted", "accept", "yes", "true", "ok"}
_REJECTED = {"rejected", "reject", "denied", "deny", "declined", "decline", "no", "false"}
_OTHERWISE = {"default", "else", "otherwise", "*"}
DONE = "completed"


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a run has come."""

    graph: Graph
    undecided: Mapping[str, int]
    """How many edges to each node are neither taken nor given up."""
    reached: frozenset[str]
    """The nodes to which an edge was taken."""

    def after(self, node_id: str, outcome: str) -> tuple[Walk, list[Node]]:
        """The walk after a node ended so, and the nodes that may begin now."""
        undecided, reached, ready = dict(self.undecided), set(self.reached), []
        closing = [(node_id, chosen(self.graph.leaving.get(node_id, ()), outcome))]
        while closing:
            source, taken = closing.pop()
            reached.update(edge.target for edge in taken)
            for edge in self.graph.leaving.get(source, ()):
                undecided[edge.target] -= 1
                if undecided[edge.target]:
                    continue
                if edge.target in reached:
                    ready.append(self.graph.nodes[edge.target])
                else:
                    closing.append((edge.target, ()))
        return Walk(self.graph, undecided, frozenset(reached)), ready


def begin(graph: Graph) -> tuple[Walk, list[Node]]:
    """The walk before its first step, and the nodes that nothing comes before."""
    first = [node for node in graph.nodes.values() if not graph.entering.get(node.id)]
    return Walk(graph, graph.entering, frozenset()), first


def chosen(leaving: tuple[Edge, ...], outcome: str) -> tuple[Edge, ...]:
    """The edges that are taken after an outcome: those for it, and those for any."""
    fitting = _fitting(leaving, outcome)
    return tuple(edge for edge in leaving if edge.label is None or edge in fitting)


def has_branch(leaving: tuple[Edge, ...], outcome: str) -> bool:
    """Whether an edge is meant for that outcome."""
    return bool(_fitting(leaving, outcome))


def _fitting(leaving: tuple[Edge, ...], outcome: str) -> tuple[Edge, ...]:
    named = tuple(edge for edge in leaving if edge.label is not None and _word(edge.label) == _word(outcome))
    return named or tuple(
        edge for edge in leaving if edge.label is not None and _word(edge.label) in _OTHERWISE
    )


def _word(text: str) -> str:
    """One word for all that mean the same."""
    word = text.strip().casefold()
    if word in _APPROVED:
        return "approved"
    return "rejected" if word in _REJECTED else word


def is_rejection(decision: str) -> bool:
    """Whether a decision says no."""
    return _word(decision) == "rejected"


def usual_outcome(graph: Graph, node: Node) -> str:
    """How a node ends when nobody says otherwise: at a branch, with its author's or its first way."""
    labels = [edge.label for edge in graph.leaving.get(node.id, ()) if edge.label is not None]
    if not labels:
        return DONE
    return node.outcome or labels[0]
