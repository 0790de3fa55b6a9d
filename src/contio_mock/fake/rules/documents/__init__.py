"""Context documents: what their formats are, and how they become clean Markdown.

The work of every format grows with the size of the document and with nothing else: no document, however
it is built, keeps the fake busy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contio_mock.fake.rules.documents.findings import DocumentError, Findings

__all__ = ["DocumentError", "Sanitized", "check", "sanitize", "sanitized_name", "sanitized_type"]

Converter = Callable[[bytes, Findings], str]
_PLAIN = ("txt", "md")


@dataclass(frozen=True, slots=True)
class Sanitized:
    """A converted and scrubbed document, and what was found in it."""

    text: str
    counts: dict[str, int]
    """How often each kind of text was taken out or made harmless."""
    pii: bool
    secrets: bool
    formulas: int


def check(raw: bytes, source_format: str) -> None:
    """Raise DocumentError unless the content is of that format."""
    _converter(source_format)(raw, Findings())


def sanitize(raw: bytes, source_format: str) -> Sanitized:
    """Convert a document to Markdown and scrub it; raises DocumentError for another format."""
    from contio_mock.fake.rules.documents.scrub import scrub  # noqa: PLC0415 - few fakes get documents

    findings = Findings()
    text = scrub(_converter(source_format)(raw, findings), findings)
    return Sanitized(text, dict(findings.counts), findings.pii, findings.secrets, findings.formulas)


def sanitized_name(file_name: str, source_format: str) -> str:
    """The file name of the scrubbed copy: Markdown, but for plain text."""
    if source_format in _PLAIN:
        return file_name
    stem, dot, _ = file_name.rpartition(".")
    return f"{stem if dot and stem else file_name}.md"


def sanitized_type(source_format: str) -> str:
    """The media type of the scrubbed copy."""
    return f"text/{'plain' if source_format == 'txt' else 'markdown'}; charset=utf-8"


def _converter(source_format: str) -> Converter:  # one import per format, and only of what is needed
    from contio_mock.fake.rules.documents import data, html, markup, tables, text  # noqa: PLC0415

    converters: dict[str, Converter] = {
        "txt": text.from_text,
        "md": text.from_text,
        "csv": tables.from_csv,
        "tsv": tables.from_tsv,
        "json": data.from_json,
        "yaml": data.from_yaml,
        "xml": markup.from_xml,
        "html": html.from_html,
    }
    return converters[source_format]
