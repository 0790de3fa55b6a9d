"""Domain names: which text is one, and which nobody may claim."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LONGEST = 253
_FEWEST_LABELS = 2

GENERIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.co.uk",
        "ymail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "mail.com",
        "mail.ru",
        "yandex.com",
        "yandex.ru",
        "qq.com",
        "163.com",
        "126.com",
        "zoho.com",
        "fastmail.com",
        "hey.com",
        "tutanota.com",
        "t-online.de",
        "orange.fr",
        "free.fr",
        "libero.it",
        "comcast.net",
        "verizon.net",
        "att.net",
    ]
)
"""Providers of mailboxes for everybody."""

RESERVED_ENDINGS = ("localhost", "local", "internal", "invalid", "onion", "arpa", "contio.ai", "contio.io")
"""Names that are no organization's (RFC 6761, RFC 6762, RFC 7686), and Contio's own."""

PUBLIC_ISSUERS = (
    ("accounts.google.com", ""),
    ("login.microsoftonline.com", "/consumers"),
    ("login.microsoftonline.com", "/common"),
    ("login.live.com", ""),
    ("accounts.zoho.com", ""),
)
"""Issuers with whom anybody can have an account: host, and how the path begins."""


def normalized(domain: str) -> str | None:
    """The domain in lower case and punycode; None when it is no domain name."""
    name = domain.strip().rstrip(".").lower()
    try:
        ascii_name = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = ascii_name.split(".")
    fine = len(ascii_name) <= _LONGEST and len(labels) >= _FEWEST_LABELS and not labels[-1].isdigit()
    return ascii_name if fine and all(map(_LABEL.fullmatch, labels)) else None


def is_reserved(domain: str) -> bool:
    """Whether a normalized domain is one that nobody can have."""
    return any(domain == ending or domain.endswith("." + ending) for ending in RESERVED_ENDINGS)


def is_generic(domain: str) -> bool:
    """Whether anybody can have an address in a normalized domain."""
    return domain in GENERIC


def is_public_issuer(host: str, path: str) -> bool:
    """Whether a discovery URL belongs to an issuer with whom anybody can have an account."""
    return any(host == known and path.startswith(begin) for known, begin in PUBLIC_ISSUERS)
