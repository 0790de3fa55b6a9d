"""ID tokens of identity providers: whose signature they bear, and whether they are meant for us."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Only those whose public key is no secret to sign with: neither none nor HS256."""
LEEWAY_SECONDS = 60
MOST_KEYS = 100


class UnbelievableError(Exception):
    """An ID token that is not to be believed, and why."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say of itself."""

    issuer: str
    client_id: str
    nonce: str
    now: float
    """Seconds since 1970 by the clock that its times are held against."""


def believed(id_token: str, key_set: Mapping[str, Any], expected: Expected) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 3.1.3.7); raises UnbelievableError."""
    claims = _signed(id_token, key_set)
    wrong = _problem(claims, expected)
    if wrong is not None:
        raise UnbelievableError(wrong)
    return claims


def _signed(id_token: str, key_set: Mapping[str, Any]) -> dict[str, Any]:
    """The claims, if one of the issuer's keys has signed them."""
    from joserfc import jwt  # noqa: PLC0415 - cryptography is slow to import, and few sandboxes sign in so
    from joserfc.errors import JoseError  # noqa: PLC0415

    kid, reason = _kid(id_token), "its issuer publishes no such key"
    for key in _keys(key_set, kid):
        try:
            return dict(jwt.decode(id_token, key, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"its signature cannot be verified ({str(error) or type(error).__name__})"
    raise UnbelievableError(reason)


def _kid(id_token: str) -> str | None:
    """The id of the key that its header names."""
    packed = id_token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (ValueError, RecursionError):
        raise UnbelievableError("it is no JWT") from None
    if not isinstance(header, dict):
        raise UnbelievableError("it is no JWT")
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def _keys(key_set: Mapping[str, Any], kid: str | None) -> list[Any]:
    """The keys that may have signed; what cannot be read is no key for us (RFC 7517 5)."""
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import import_key  # noqa: PLC0415

    published = key_set.get("keys")
    found = []
    for jwk in published[:MOST_KEYS] if isinstance(published, list) else ():
        fits = isinstance(jwk, dict) and jwk.get("kty") != "oct" and jwk.get("use", "sig") == "sig"
        if not fits or (kid is not None and jwk.get("kid", kid) != kid):
            continue
        try:
            found.append(import_key(jwk))
        except (JoseError, ValueError, KeyError, TypeError, OverflowError):
            continue
    return found


def _problem(claims: Mapping[str, Any], expected: Expected) -> str | None:
    """What is wrong with the claims of a token whose signature is right."""
    audience, subject = claims.get("aud"), claims.get("sub")
    named = audience if isinstance(audience, list) else [audience]
    issued, ends, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    problems = {
        "it has another issuer": claims.get("iss") != expected.issuer,
        "it is for another client": expected.client_id not in named,
        "it was given to another client": claims.get("azp", expected.client_id) != expected.client_id,
        "its nonce is another": claims.get("nonce") != expected.nonce,
        "it has no subject": not isinstance(subject, str) or not subject,
        "it has expired": not _is_later(ends, expected.now - LEEWAY_SECONDS),
        "it is not issued yet": _is_later(issued, expected.now + LEEWAY_SECONDS, unless_said=True),
        "it is not valid yet": _is_later(begins, expected.now + LEEWAY_SECONDS),
    }
    return next((problem for problem, present in problems.items() if present), None)


def _is_later(claim: Any, moment: float, *, unless_said: bool = False) -> bool:
    """Whether a claim is a time after that moment; what is no time is as `unless_said` says."""
    if isinstance(claim, bool) or not isinstance(claim, (int, float)) or claim != claim:  # noqa: PLR0124
        return unless_said
    return claim > moment
