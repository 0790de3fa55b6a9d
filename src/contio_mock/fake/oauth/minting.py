"""Tokens without the sign-in: what the control plane and FakeContio hand out."""

from __future__ import annotations

from contio_mock.contract.auth import SCOPES
from contio_mock.contract.control import UNKNOWN_SCOPE, TokenMint
from contio_mock.contract.oauth import TokenResponse
from contio_mock.fake.oauth import grants, people
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.sandbox import Context


def mint(ctx: Context, wish: TokenMint, *, id_token: bool = True) -> TokenResponse:
    """Tokens of a user, who is made and connected if new; raises ApiError for an unknown scope."""
    app = ctx.sandbox.app
    scopes = tuple(SCOPES) if wish.scope is None else tuple(dict.fromkeys(wish.scope.split()))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise ApiError(
            UNKNOWN_SCOPE, f"There is no scope {brief(unknown[0])}; there are {', '.join(SCOPES)}."
        )
    user = people.known_or_new(ctx, app, wish.email, wish.name)
    return grants.complete(ctx, app, user, scopes, id_token=id_token)
