"""Method and path to operation: a tree of segments, not a list of patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from contio_mock.contract.codec import Decoder, unquote
from contio_mock.contract.operation import HANDLERS, Operation, field_name
from contio_mock.contract.release import Release


class Route:
    """One operation at one path, as far as it is the same for every request in a release."""

    __slots__ = ("_decoder", "alias", "endpoint", "handler", "operation", "operation_id", "path", "release")

    def __init__(
        self, operation: type[Operation[Any]], path: str, release: Release, alias: str | None = None
    ) -> None:
        self.operation = operation
        self.endpoint = operation.endpoint
        self.path = path
        self.release = release
        self.alias = alias
        """Why the path is served though no document has it."""
        self.operation_id = operation.operation_id()
        self.handler: Callable[[Any, Any], Any] = HANDLERS[operation]
        self._decoder: Decoder | None = None

    @property
    def decoder(self) -> Decoder:
        """What reads this operation's requests; made at the first one."""
        if self._decoder is None:
            self._decoder = Decoder(self.operation, self.release)
        return self._decoder


class _Node:
    __slots__ = ("children", "methods", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.methods: dict[str, tuple[Route, tuple[str, ...]]] = {}


class Found:
    """What a path led to: a route with its path parameters, or the methods that the path has."""

    __slots__ = ("allowed", "parameters", "route")

    def __init__(self, route: Route | None, parameters: dict[str, str], allowed: tuple[str, ...]) -> None:
        self.route = route
        self.parameters = parameters
        self.allowed = allowed


_NOTHING = Found(None, {}, ())


class Routes:
    """The routes of one release, aliases included."""

    def __init__(self, operations: Iterable[type[Operation[Any]]], release: Release) -> None:
        self._root = _Node()
        self._static: dict[str, _Node] = {}
        self.known: dict[str, type[Operation[Any]]] = {}
        """`METHOD /path` of every published operation, for suggestions."""
        for operation in operations:
            endpoint = operation.endpoint
            if not endpoint.lifetime.lives_in(release):
                continue
            main = Route(operation, endpoint.path, release, endpoint.undocumented)
            self._add(endpoint.method, endpoint.path, main)
            if endpoint.undocumented is None:
                self.known[f"{endpoint.method} {endpoint.path}"] = operation
            for alias in endpoint.aliases:
                route = Route(operation, alias.path, release, alias.why)
                self._add(alias.method or endpoint.method, alias.path, route)

    def _add(self, method: str, path: str, route: Route) -> None:
        node, names = self._root, []
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(field_name(segment[1:-1]))
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        node.methods.setdefault(method, (route, tuple(names)))
        if not names:
            self._static[path] = node

    def find(self, method: str, path: str) -> Found:
        """The route of a raw path; raises ValueError for a broken percent escape in a parameter."""
        node = self._static.get(path)
        values: list[str] = []
        if node is None:
            node = self._descend(path, values)
            if node is None:
                return _NOTHING
        entry = node.methods.get(method)
        if entry is None:
            return Found(None, {}, tuple(sorted(node.methods)))
        route, names = entry
        return Found(route, dict(zip(names, values, strict=True)) if names else {}, ())

    def _descend(self, path: str, values: list[str]) -> _Node | None:
        node = self._root
        for segment in path.split("/")[1:]:
            child = node.children.get(segment)
            if child is None:
                child = node.parameter
                if child is None or not segment:
                    return None
                values.append(unquote(segment))
            node = child
        return node if node.methods else None

    def suggestion(self, method: str, path: str) -> str | None:
        """The published operation nearest to a path that has none."""
        from difflib import get_close_matches  # noqa: PLC0415 - only a wrong path needs it

        asked = f"{method} {path}"[:300]
        near = get_close_matches(asked, self.known, n=1, cutoff=0.6)
        return near[0] if near else None
