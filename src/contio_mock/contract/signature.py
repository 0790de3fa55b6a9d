"""The signature of a webhook: `X-Contio-Signature: sha256=<hex HMAC-SHA256 of the raw body>`."""

from __future__ import annotations

import hmac
from functools import lru_cache

SIGNATURE_HEADER = "X-Contio-Signature"
_DIGITS = 64


def sign(body: bytes, secret: str) -> str:
    """The header's value for these exact bytes."""
    mac = _keyed(secret).copy()
    mac.update(body)
    return "sha256=" + mac.hexdigest()


@lru_cache(maxsize=64)
def _keyed(secret: str) -> hmac.HMAC:
    """A MAC that has taken in its key, which costs more than a webhook's body."""
    return hmac.new(secret.encode(), digestmod="sha256")


def signature_problem(body: bytes, signature: str | None, secret: str) -> str | None:
    """Why a signature is refused, or None when it is right.

    Accepts what the official SDK accepts: exactly one `=`, a lower-case `sha256`, hex in any case.
    """
    if not signature:
        return f"the {SIGNATURE_HEADER} header is missing"
    if "," in signature:
        return f"there is more than one {SIGNATURE_HEADER} header"
    algorithm, _, digest = signature.partition("=")
    if algorithm != "sha256" or not digest or "=" in digest:
        return f"the {SIGNATURE_HEADER} header must look like sha256=<64 hex digits>"
    if len(digest) != _DIGITS or not digest.isascii():
        return f"the digest has {len(digest)} characters, not {_DIGITS} hex digits"
    if not hmac.compare_digest(sign(body, secret), f"sha256={digest.lower()}"):
        return "the digest is not that of this body with this secret: was the body parsed and printed again?"
    return None
