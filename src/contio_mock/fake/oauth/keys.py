"""The key that ID tokens are signed with: fixed and public knowledge, for this is a mock."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey


@lru_cache(maxsize=1)
def signing_key() -> RSAKey:
    """The RSA key of every sandbox; read at its first use, because cryptography is slow to import."""
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    text = resources.files("contio_mock.fixtures").joinpath("signing_key.json").read_text("utf-8")
    return RSAKey.import_key(json.loads(text))


@lru_cache(maxsize=1)
def public_jwk() -> dict[str, Any]:
    """The public half, as the JWKS publishes it."""
    return dict(signing_key().as_dict(private=False))


def sign_id_token(claims: dict[str, Any]) -> str:
    """A JWT over the claims, RS256 (OpenID Connect Core 2)."""
    from joserfc import jwt  # noqa: PLC0415

    key = signing_key()
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, claims, key)
