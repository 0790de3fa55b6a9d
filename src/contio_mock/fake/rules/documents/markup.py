"""XML: its elements as nested lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from contio_mock.fake.rules.documents.findings import DocumentError, Findings
from contio_mock.fake.rules.documents.text import one_line

MOST_DEPTH = 100
_DEEPEST_INDENT = 8


def from_xml(raw: bytes, findings: Findings) -> str:
    """Markdown of an XML document. Entities cannot be declared, so none can explode."""
    reader = _Reader(findings)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise DocumentError(f"it cannot be parsed ({error})") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError("its encoding is unknown") from None
    return "\n".join(reader.lines) + "\n"


def _refuse_entity(*_: object) -> None:
    raise DocumentError("it declares entities, which are not taken")


@dataclass(slots=True)
class _Element:
    name: str
    line: int
    """Where its own line stands."""
    pieces: list[str] = field(default_factory=list)
    has_more: bool = False
    """Whether something stands below its line."""


class _Reader:
    """Writes elements down as they come."""

    def __init__(self, findings: Findings) -> None:
        self.lines: list[str] = []
        self._findings = findings
        self._open: list[_Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MOST_DEPTH:
            raise DocumentError(f"it is nested more than {MOST_DEPTH} deep")
        if self._open:
            self._flush(self._open[-1])
            self._open[-1].has_more = True
        shown = "".join(
            f" {key}={self._findings.named(key, one_line(value))}" for key, value in attributes.items()
        )
        self.lines.append(f"{self._indent()}- **{name}**{f' ({shown[1:]})' if shown else ''}")
        self._open.append(_Element(name, len(self.lines) - 1))

    def text(self, piece: str) -> None:
        self._open[-1].pieces.append(piece)

    def end(self, _: str) -> None:
        self._flush(self._open.pop())

    def _flush(self, element: _Element) -> None:
        said = one_line("".join(element.pieces))
        element.pieces.clear()
        if not said:
            return
        said = self._findings.named(element.name, said)
        if element.has_more:
            self.lines.append(f"{self._indent()}  {said}")
        else:
            self.lines[element.line] += f": {said}"
            element.has_more = True

    def _indent(self) -> str:
        return "  " * min(len(self._open), _DEEPEST_INDENT)
