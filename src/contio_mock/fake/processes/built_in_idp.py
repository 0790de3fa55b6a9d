"""The built-in identity provider: where it is, and which apps use it."""

from __future__ import annotations

from contio_mock.fake.processes.discovery import SUFFIX, Provider
from contio_mock.fake.records import IdpConfigRecord
from contio_mock.fake.sandbox import Context

PATH = "/_mock/idp"
AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def provider(ctx: Context) -> Provider:
    """The built-in provider, as its discovery document describes it to this caller."""
    issuer = ctx.base_url + PATH
    return Provider(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/jwks.json",
        userinfo_endpoint=f"{issuer}/userinfo",
        token_endpoint_auth_methods=AUTH_METHODS,
    )


def discovery_url(ctx: Context) -> str:
    """Where that document is."""
    return ctx.base_url + PATH + SUFFIX


def clients(ctx: Context, client_id: str) -> list[IdpConfigRecord]:
    """The configurations that use the built-in provider under a client id."""
    issuer = ctx.base_url + PATH
    return [idp for idp in ctx.store.idp_configs.under("client", client_id) if idp.issuer == issuer]
