"""What is found in a document while it is converted and scrubbed."""

from __future__ import annotations

import re
from collections import Counter

PII = frozenset({"email", "phone"})
FORMULA = "formula"
_LONGEST_NAME = 100
_PASSWORD = re.compile(r"(?:password|passwd|passphrase|pwd)$", re.IGNORECASE)
_KEY = re.compile(
    r"(?:secret|api[_ -]?key|access[_ -]?key|private[_ -]?key|token|credentials?)$", re.IGNORECASE
)


class DocumentError(ValueError):
    """A document that is not of its format; the message says why, without a full stop."""


class Findings:
    """How often each kind of confidential text was taken out, and formulas made harmless."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def redact(self, kind: str) -> str:
        """Count one finding; returns what stands in its place."""
        self.counts[kind] += 1
        return f"[REDACTED:{kind}]"

    def named(self, name: str, value: str) -> str:
        """A value as it may be shown beside its name: not at all, when that is a secret's."""
        kind = secret_kind(name)
        return self.redact(kind) if kind is not None and value.strip() else value

    @property
    def pii(self) -> bool:
        """Whether there was something about a person."""
        return any(self.counts[kind] for kind in PII)

    @property
    def secrets(self) -> bool:
        """Whether there was a secret."""
        return any(count for kind, count in self.counts.items() if kind not in PII and kind != FORMULA)

    @property
    def formulas(self) -> int:
        """How many formulas there were."""
        return self.counts[FORMULA]


def secret_kind(name: str) -> str | None:
    """The kind of secret that a member, column or element of that name holds; None for none."""
    name = name[-_LONGEST_NAME:].strip()
    if _PASSWORD.search(name):
        return "password"
    return "api_key" if _KEY.search(name) else None
