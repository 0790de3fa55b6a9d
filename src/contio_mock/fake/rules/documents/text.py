"""Bytes to text; Markdown and plain text need no more."""

from __future__ import annotations

import codecs

from contio_mock.fake.rules.documents.findings import DocumentError, Findings

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark; raises DocumentError."""
    encoding = "utf-16" if raw.startswith(_WIDE) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise DocumentError("it is not UTF-8 text") from None
    if "\0" in text:
        raise DocumentError("it has a NUL character, so it is no text")
    return text


def one_line(text: str) -> str:
    """A text with its white space as single spaces."""
    return " ".join(text.split())


def from_text(raw: bytes, findings: Findings) -> str:
    """Plain text and Markdown pass through as they are."""
    return decoded(raw)
