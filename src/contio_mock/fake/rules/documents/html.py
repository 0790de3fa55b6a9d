"""HTML: the text of a page as Markdown, without its scripts and styles.

Every character is looked at a fixed number of times, whatever is left open or unbalanced; the parsers
of the usual libraries take minutes for pages that are built to hurt them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from contio_mock.fake.rules.documents.findings import DocumentError, Findings
from contio_mock.fake.rules.documents.tables import table
from contio_mock.fake.rules.documents.text import decoded, one_line

_TAG = re.compile(r"""</?([A-Za-z][A-Za-z0-9-]*+)((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])(href|src|alt)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE
)
_OPENING = re.compile(r"<[A-Za-z/!?]")
_LONGEST_TAG = 65_536
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "main",
        "nav",
        "p",
        "section",
        "ul",
        "ol",
        "head",
        "title",
        "caption",
        "thead",
        "tbody",
        "tfoot",
    ]
)
_INLINE = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "del": "~~", "s": "~~"}
_DEEPEST_INDENT = 8


def from_html(raw: bytes, findings: Findings) -> str:
    """Markdown of an HTML page; what has no tag at all is none."""
    writer, tags = _Writer(findings), 0
    for token in _tokens(decoded(raw)):
        if isinstance(token, str):
            writer.text(unescape(token))
        else:
            tags += 1
            (writer.end if token.closes else writer.start)(token)
    if not tags:
        raise DocumentError("it has no tag")
    return writer.finished()


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closes: bool
    rest: str

    def attribute(self, wanted: str) -> str:
        for found in _ATTRIBUTE.finditer(self.rest):
            if found[1].lower() == wanted:
                return one_line(unescape(found[2] or found[3] or found[4] or ""))
        return ""


def _tokens(page: str) -> Iterator[str | _Tag]:
    """Text and tags, in order; comments, declarations and what is never seen are left out."""
    at, lower = 0, page.lower() if len(page.lower()) == len(page) else page
    while opening := _OPENING.search(page, at):
        begin = opening.start()
        yield page[at:begin]
        if page.startswith(("<!", "<?"), begin):
            comment = page.startswith("<!--", begin)
            end = page.find("-->" if comment else ">", begin + (4 if comment else 2))
            if end < 0:
                return
            at = end + (3 if comment else 1)
            continue
        found = _TAG.match(page, begin, begin + _LONGEST_TAG)
        if found is None:
            at = begin + _LONGEST_TAG  # all of it was looked at in vain
            yield page[begin:at]
            continue
        tag = _Tag(found[1].lower(), page[begin + 1] == "/", found[2])
        at = found.end()
        if tag.name in _UNSEEN and not tag.closes:
            at = lower.find(f"</{tag.name}", at)
            if at < 0:
                return
        else:
            yield tag
    yield page[at:]


class _Writer:
    """Collects blocks of Markdown."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._blocks: list[str] = []
        self._inline: list[str] = []
        self._prefix = ""
        self._lists: list[int | None] = []
        self._quotes = 0
        self._pre = 0
        self._links: list[str] = []
        self._tables = 0
        self._rows: list[list[str]] = []
        self._in_cell = False

    def text(self, text: str) -> None:
        if self._pre:
            self._inline.append(text)
        elif text:
            self._inline.append(re.sub(r"\s+", " ", text))

    def start(self, tag: _Tag) -> None:
        name = tag.name
        if name in _INLINE:
            self._mark(name)
        elif name == "a":
            self._links.append(tag.attribute("href"))
            self._inline.append("[" if self._links[-1] else "")
        elif name == "img":
            self._inline.append(f"![{tag.attribute('alt')}]({tag.attribute('src')})")
        elif name == "br":
            self._inline.append("\n" if self._pre else " ")
        elif self._tables:
            self._start_in_table(name)
        else:
            self._start_block(name)

    def _mark(self, name: str) -> None:
        if not self._pre:
            self._inline.append(_INLINE[name])

    def _start_block(self, name: str) -> None:
        if name in _BLOCKS or name in ("li", "hr", "pre", "blockquote", "table") or _level(name):
            self._close()
        if _level(name):
            self._prefix = "#" * _level(name) + " "
        elif name in ("ul", "ol"):
            self._lists.append(0 if name == "ol" else None)
        elif name == "li":
            self._prefix = self._bullet()
        elif name == "hr":
            self._blocks.append("---")
        elif name == "pre":
            self._pre += 1
        elif name == "blockquote":
            self._quotes = min(self._quotes + 1, _DEEPEST_INDENT)
        elif name == "table":
            self._tables, self._rows = 1, []

    def _bullet(self) -> str:
        indent = "  " * min(max(len(self._lists) - 1, 0), _DEEPEST_INDENT)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return indent + "- "
        self._lists[-1] = number + 1
        return f"{indent}{number + 1}. "

    def _start_in_table(self, name: str) -> None:
        if name == "table":
            self._tables += 1
        elif self._tables > 1:
            self._inline.append(" ")
        elif name == "tr":
            self._end_cell()
            self._rows.append([])
        elif name in ("td", "th"):
            self._end_cell()
            self._in_cell = True
        elif name in _BLOCKS or name == "li":
            self._inline.append(" ")

    def end(self, tag: _Tag) -> None:
        name = tag.name
        if name in _INLINE:
            self._mark(name)
        elif name == "a" and self._links:
            target = self._links.pop()
            self._inline.append(f"]({target})" if target else "")
        elif self._tables:
            self._end_in_table(name)
        elif name == "pre" and self._pre:
            self._fence()
        elif name in _BLOCKS or _level(name) or name in ("li", "blockquote"):
            self._end_block(name)

    def _end_block(self, name: str) -> None:
        self._close()
        self._prefix = ""
        if name in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif name == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def _end_in_table(self, name: str) -> None:
        if name == "table":
            self._tables -= 1
            if not self._tables:
                self._end_cell()
                self._blocks.append(table([row for row in self._rows if row], self._findings).strip())
        elif name in ("td", "th", "tr") and self._tables == 1:
            self._end_cell()

    def _end_cell(self) -> None:
        said = one_line("".join(self._inline))
        self._inline = []
        if self._in_cell:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append(said)
        elif said:
            self._blocks.append(said)
        self._in_cell = False

    def _fence(self) -> None:
        self._pre -= 1
        code = "".join(self._inline).strip("\n")
        self._inline = []
        if code:
            self._blocks.append(f"```\n{code}\n```")

    def _close(self) -> None:
        """End the block that is being written."""
        if self._pre:
            return
        said = one_line("".join(self._inline))
        self._inline = []
        if said:
            self._blocks.append("> " * self._quotes + self._prefix + said)
            self._prefix = ""

    def finished(self) -> str:
        while self._tables:
            self.end(_Tag("table", True, ""))
        if self._pre:
            self._pre = 1
            self._fence()
        self._close()
        return "\n\n".join(block for block in self._blocks if block) + "\n"


def _level(name: str) -> int:
    """1 to 6 for a heading, else 0."""
    return int(name[1]) if len(name) == 2 and name[0] == "h" and name[1] in "123456" else 0  # noqa: PLR2004
