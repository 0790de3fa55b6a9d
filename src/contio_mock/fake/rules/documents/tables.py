"""Tables: CSV and TSV, and what other formats hold in rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from contio_mock.fake.rules.documents.findings import FORMULA, DocumentError, Findings, secret_kind
from contio_mock.fake.rules.documents.text import decoded, one_line

_NUMBER = re.compile(r"[+-][\d\s().,%/-]*+", re.ASCII)
MOST_COLUMNS = 10_000


def from_csv(raw: bytes, findings: Findings) -> str:
    """A Markdown table of comma-separated values."""
    return _from_rows(raw, ",", findings)


def from_tsv(raw: bytes, findings: Findings) -> str:
    """A Markdown table of tab-separated values."""
    return _from_rows(raw, "\t", findings)


def _from_rows(raw: bytes, delimiter: str, findings: Findings) -> str:
    lines = io.StringIO(decoded(raw), newline="")
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        raise DocumentError(f"its rows cannot be read ({error})") from None
    return table(rows, findings)


def table(rows: Sequence[Sequence[str]], findings: Findings) -> str:
    """Rows as a Markdown table whose first row is the head. Short rows stay short, as Markdown allows."""
    if not rows:
        return ""
    width = max(map(len, rows))
    if width > MOST_COLUMNS:
        raise DocumentError(f"it has more than {MOST_COLUMNS} columns")
    head = [*rows[0], *[""] * (width - len(rows[0]))]
    kinds = [secret_kind(name) for name in head]
    lines = [_line(_cell(name, findings) for name in head), _line("---" for _ in head)]
    for row in rows[1:]:
        cells = (
            findings.redact(kind) if kind and cell.strip() else _cell(cell, findings)
            for kind, cell in zip(kinds, row, strict=False)
        )
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str, findings: Findings) -> str:
    """A cell on one line, which no spreadsheet takes for a formula."""
    if not text.isalnum():
        text = one_line(text).replace("|", "\\|")
    if text[:1] in ("=", "@", "+", "-") and not _NUMBER.fullmatch(text):
        findings.counts[FORMULA] += 1
        return "'" + text
    return text
