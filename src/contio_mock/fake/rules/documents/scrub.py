"""Personal data and secrets, taken out of a text.

Every pattern begins where a run of characters does and never gives back what it has read, so that the
work grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from contio_mock.fake.rules.documents.findings import Findings, secret_kind

_BEGIN_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
_END_KEY = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+", re.ASCII)
_BEARER = re.compile(r"\b(bearer)[ \t]{1,4}([\w.~+/=-]{8,}+)", re.ASCII | re.IGNORECASE)
_AWS_KEY = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_API_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:sk|pk|rk)[_-](?:live|test|proj)?[_-]?[\w-]{16,}+"
    r"|(?<![A-Za-z0-9_-])(?:gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|AIza|ctio_|cto_|whs_|cs_)[\w-]{10,}+",
    re.ASCII,
)
_NAMES = ("passw", "passphrase", "pwd", "secret", "key", "token")
_ASSIGNED = re.compile(
    r"(password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|token)"
    r"([\"'`*]{0,4}[ \t]{0,4}(?::|=>?)[ \t]{0,4})"
    r"(?!\[REDACTED)(\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[\"']?[^\s\"'|,;&<>]++)",
    re.ASCII | re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.%+'-])[\w.%+'-]++@(?:[\w-]++\.)+[^\W\d_]{2,}+[\w-]*+")
_PHONE = re.compile(
    r"(?<![\w+])\+\d(?:[ .()-]{0,3}\d){6,14}(?!\d)"
    r"|(?<![\w.,:/+-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])"
    r"|(?<![\w.,:/+-])0\d{1,4}([ .-])\d{2,6}(?:\1\d{2,6}){1,3}(?![\w-])",
    re.ASCII,
)
_FEWEST_DIGITS = 9
"""A national number has more digits than a date."""


def scrub(text: str, findings: Findings) -> str:
    """The text with a mark in the place of every e-mail address, phone number and secret."""
    text = _without_private_keys(text, findings)
    lower = text.lower()
    if "eyJ" in text:
        text = _JWT.sub(lambda _: findings.redact("jwt"), text)
    if "bearer" in lower:
        text = _BEARER.sub(lambda found: f"{found[1]} {findings.redact('bearer_token')}", text)
    if "AKIA" in text or "ASIA" in text:
        text = _AWS_KEY.sub(lambda _: findings.redact("aws_access_key"), text)
    text = _API_KEY.sub(lambda _: findings.redact("api_key"), text)
    if any(name in lower for name in _NAMES):
        text = _ASSIGNED.sub(_assigned(findings), text)
    if "@" in text:
        text = _EMAIL.sub(lambda _: findings.redact("email"), text)
    return _PHONE.sub(_phone(findings), text)


def _without_private_keys(text: str, findings: Findings) -> str:
    """A key whose end is missing reaches to the end of the text."""
    kept, at = [], 0
    while begin := _BEGIN_KEY.search(text, at):
        kept += [text[at : begin.start()], findings.redact("private_key")]
        end = _END_KEY.search(text, begin.end())
        at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def _assigned(findings: Findings) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{findings.redact(secret_kind(found[1]) or 'password')}"

    return replaced


def _phone(findings: Findings) -> Callable[[re.Match[str]], str]:
    """Only what looks like a number that one can call: dates and amounts stay."""

    def replaced(found: re.Match[str]) -> str:
        number = found[0]
        enough = number.startswith("+") or sum(map(str.isdigit, number)) >= _FEWEST_DIGITS
        return findings.redact("phone") if enough else number

    return replaced
