"""OpenID Connect Discovery: a provider's endpoints from its document, read or made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from contio_mock.contract.idp import DISCOVERY_FETCH_FAILED, INVALID_IDP
from contio_mock.contract.wire import Fetch
from contio_mock.fake.inquiry import Asking
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.rules.domains import is_public_issuer
from contio_mock.fake.rules.targets import is_near
from contio_mock.fake.sandbox import Context

SUFFIX = "/.well-known/openid-configuration"
DEFAULT_SCOPES = ["openid", "email", "profile"]
DEFAULT_CLAIMS = {"email": "email", "name": "name"}
LONGEST_URL = 2000
_PLAIN = re.compile(r"[!$-;=?-\[\]_a-z~]+", re.ASCII)
"""The characters of a URL without a fragment (RFC 3986)."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Provider:
    """What a discovery document says (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    token_endpoint_auth_methods: tuple[str, ...]


def check_discovery_url(ctx: Context, url: str) -> None:
    """Raise ApiError for a URL that cannot be a partner's provider."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        well_formed = bool(host) and parts.port != 0 and url.isascii() and url.isprintable()
    except ValueError:
        parts, host, well_formed = urlsplit(""), "", False
    if not well_formed or not url.endswith(SUFFIX) or parts.query or parts.fragment:
        raise ApiError(INVALID_IDP, f"discovery_url must be an https URL that ends with {SUFFIX}.")
    insecure = ctx.profile.idp_https == "except_loopback" and is_near(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and insecure):
        raise ApiError(INVALID_IDP, "discovery_url must be https.")
    if is_public_issuer(host, parts.path):
        raise ApiError(INVALID_IDP, f"Anybody can have an account at {host}; name your own provider.")


def discovered(ctx: Context, url: str) -> Asking:
    """The provider behind a discovery URL; asks for its document where the profile says so.

    Raises ApiError when the document cannot be had or does not say what it must.
    """
    host = (urlsplit(url).hostname or "").lower()
    if ctx.profile.idp_discovery == "loopback" and not is_near(host):
        return _made_up(url.removesuffix(SUFFIX))
    reply = yield Fetch("GET", url, {"accept": "application/json"})
    if reply.reply is None:
        raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} gave no answer: {reply.error}.")
    if reply.reply.status != _OK:
        raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} answered with status {reply.reply.status}.")
    return _read(url, bytes(reply.reply.body))


def _made_up(issuer: str) -> Provider:
    return Provider(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/jwks",
        userinfo_endpoint=f"{issuer}/userinfo",
        token_endpoint_auth_methods=("client_secret_basic",),
    )


def _is_endpoint(value: Any) -> bool:
    """Whether a document's member is a URL that a browser can be sent to (RFC 6749 3.1)."""
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        return False
    try:
        parts = urlsplit(value)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return sound and len(value) <= LONGEST_URL and _PLAIN.fullmatch(value) is not None


def _read(url: str, body: bytes) -> Provider:
    try:
        said = from_json(body)
    except ValueError:
        raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} is no JSON document.") from None
    if not isinstance(said, dict):
        raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} is no JSON object.")
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not _is_endpoint(said.get(name)):
            raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} has no {name}, or none that is a URL.")
    if said["issuer"].rstrip("/") != url.removesuffix(SUFFIX).rstrip("/"):
        issuer = brief(said["issuer"])
        raise ApiError(DISCOVERY_FETCH_FAILED, f"{url} names the issuer {issuer}, which is another one.")
    methods = said.get("token_endpoint_auth_methods_supported")
    listed = [m for m in methods if isinstance(m, str)] if isinstance(methods, list) else []
    userinfo = said.get("userinfo_endpoint")
    return Provider(
        issuer=said["issuer"],
        authorization_endpoint=said["authorization_endpoint"],
        token_endpoint=said["token_endpoint"],
        jwks_uri=said["jwks_uri"],
        userinfo_endpoint=userinfo if _is_endpoint(userinfo) else None,
        token_endpoint_auth_methods=tuple(listed) or ("client_secret_basic",),
    )
