"""JSON and YAML: nested lists, and tables where records are alike."""

from __future__ import annotations

from typing import Any

from contio_mock.fake.rules.documents.findings import DocumentError, Findings
from contio_mock.fake.rules.documents.tables import table
from contio_mock.fake.rules.documents.text import decoded, one_line

MOST_DEPTH = 100
MOST_NODES = 1_000_000
MOST_CHARACTERS = 50_000_000
"""How many values a document may have, and how long they may be, once its aliases are followed."""
_DEEPEST_INDENT = 8


def from_json(raw: bytes, findings: Findings) -> str:
    """Markdown of a JSON document."""
    from pydantic_core import from_json as parsed  # noqa: PLC0415 - shares its name with this function

    try:
        value = parsed(decoded(raw), allow_inf_nan=False)
    except ValueError as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(f"it cannot be parsed ({error})") from None
    return _Writer(findings).document(value)


def from_yaml(raw: bytes, findings: Findings) -> str:
    """Markdown of a YAML document; of several, one after the other."""
    return _Writer(findings).document(_yaml(decoded(raw)))


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 - slow to import, and few fakes get YAML

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(type(event).__name__, event)
    except yaml.YAMLError as error:
        raise DocumentError(f"it cannot be parsed ({one_line(str(error))[:200]})") from None
    documents = builder.documents
    return documents[0] if len(documents) == 1 else documents


class _Builder:
    """Puts the events of a YAML parser together. Aliases share what they name: nothing is copied."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self._open: list[tuple[Any, list[Any], str | None]] = []
        """The containers that are being read, each with the key that waits for its value, and its anchor."""
        self._anchors: dict[str, Any] = {}

    def take(self, kind: str, event: Any) -> None:
        """Take one event."""
        if kind == "ScalarEvent":
            self._add(event.value, event.anchor)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            if len(self._open) >= MOST_DEPTH:
                raise DocumentError(f"it is nested more than {MOST_DEPTH} deep")
            container: Any = {} if kind == "MappingStartEvent" else []
            self._open.append((container, [], event.anchor))
            if event.anchor:
                self._anchors[event.anchor] = f"*{event.anchor}"  # what it is inside of itself
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            container, _, anchor = self._open.pop()
            self._add(container, anchor)
        elif kind == "AliasEvent":
            if event.anchor not in self._anchors:
                raise DocumentError(f"it names an unknown anchor {event.anchor[:50]!r}")
            self._add(self._anchors[event.anchor], None)
        elif kind == "DocumentStartEvent":
            self._anchors = {}

    def _add(self, value: Any, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = value
        if not self._open:
            self.documents.append(value)
            return
        container, waiting, _ = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif waiting:
            container[waiting.pop()] = value
        else:
            waiting.append(value if isinstance(value, str) else "?")


class _Writer:
    """Writes values as Markdown, each once for each place where it stands."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.lines: list[str] = []
        self._nodes = self._characters = 0

    def document(self, value: Any) -> str:
        """The Markdown of a whole document."""
        if isinstance(value, dict):
            self._sections(value)
        elif (rows := _rows(value)) is not None:
            self._table(rows)
        else:
            self._value("", value, 0)
        return "\n".join(self.lines).strip() + "\n"

    def _sections(self, members: dict[str, Any]) -> None:
        for name, value in members.items():
            rows = _rows(value)
            if rows is None:
                self._value(one_line(name), value, 0)
            else:
                self.lines += ["", f"## {one_line(name)}", ""]
                self._table(rows)

    def _table(self, rows: list[list[str]]) -> None:
        for row in rows:
            for cell in row:
                self._count(cell)
        self.lines += [table(rows, self.findings)]

    def _count(self, shown: str) -> None:
        self._nodes += 1
        self._characters += len(shown)
        if self._nodes > MOST_NODES:
            raise DocumentError(f"it has more than {MOST_NODES} values")
        if self._characters > MOST_CHARACTERS:
            raise DocumentError("it is too long once its aliases are followed")

    def _value(self, name: str, value: Any, depth: int) -> None:
        nested = isinstance(value, (dict, list))
        shown = "" if nested else _shown(value)
        self._count(shown or name)
        bullet = "  " * min(depth, _DEEPEST_INDENT) + "-"
        label = f" **{name}**:" if name else ""
        if not nested:
            self.lines.append(f"{bullet}{label} {self.findings.named(name, one_line(shown))}")
            return
        if label:
            self.lines.append(bullet + label)
            depth += 1
        members = value.items() if isinstance(value, dict) else (("", item) for item in value)
        for key, item in members:
            self._value(one_line(key), item, depth)


def _rows(value: Any) -> list[list[str]] | None:
    """A list of flat records with the same members as rows, their names first; None for anything else."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict) or not value[0]:
        return None
    names = list(value[0])
    if len(names) * len(value) > MOST_NODES:
        return None  # too much, as will be said when the values are counted
    for record in value:
        if not isinstance(record, dict) or record.keys() != value[0].keys():
            return None
        if any(isinstance(member, (dict, list)) for member in record.values()):
            return None
    return [names, *([_shown(record[name]) for name in names] for record in value)]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
