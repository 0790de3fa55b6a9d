"""The rows of a run: what was measured, beside what, and how that stands to the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

HEADINGS = ("measure", "value", "unit", "reference", "ratio", "target", "")
WIDTHS = (42, 14, 5, 15, 6, 16, 5)


@dataclass(frozen=True, slots=True)
class Target:
    """The first target, and the goal behind it; a ratio or a value is at least or at most that."""

    first: float
    goal: float | None = None
    at_least: bool = False

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.first:g}" + (f", goal {self.goal:g}" if self.goal is not None else "")

    def verdict(self, measured: float) -> str:
        """`goal`, `met` or `short`; a word for the reader, never a failure."""
        if self._reaches(measured, self.goal):
            return "goal"
        return "met" if self._reaches(measured, self.first) else "short"

    def _reaches(self, measured: float, wanted: float | None) -> bool:
        if wanted is None:
            return False
        return measured >= wanted if self.at_least else measured <= wanted


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; the target is about the ratio where there is one, else about the value."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    target: Target | None = None
    p99: float | None = None
    reference_p99: float | None = None
    absolute: bool = False
    """The target is about the value although there is a ratio."""
    details: dict[str, Any] = field(default_factory=dict)
    """Further figures, for the results file only."""

    @property
    def verdict(self) -> str:
        """How the row stands to its target."""
        if self.target is None:
            return ""
        judged = self.value if self.ratio is None or self.absolute else self.ratio
        return self.target.verdict(judged)

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        return (
            self.name,
            _pair(self.value, self.p99),
            self.unit,
            "" if self.reference is None else _pair(self.reference, self.reference_p99),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.target is None else str(self.target),
            self.verdict,
        )

    def record(self) -> dict[str, Any]:
        """The row for the results file."""
        return {**asdict(self), "verdict": self.verdict}


def _pair(value: float, p99: float | None) -> str:
    return number(value) if p99 is None else f"{number(value)} / {number(p99)}"


def number(value: float) -> str:
    """Three significant digits, or thousands."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def heading(title: str) -> str:
    """The lines above a group of rows."""
    return f"\n{title}\n{_line(HEADINGS)}\n{'-' * (sum(WIDTHS) + len(WIDTHS) - 1)}"


def lines(rows: Iterable[Row]) -> str:
    """Rows as lines."""
    return "\n".join(_line(row.cells()) for row in rows)


def _line(cells: tuple[str, ...]) -> str:
    right = (1, 3, 4)
    padded = [
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ]
    return " ".join(padded).rstrip()
