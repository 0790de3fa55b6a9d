"""The partner app."""

from __future__ import annotations

from contio_mock.contract.app import GetApp, PartnerApp, ReplaceApp, UpdateApp
from contio_mock.fake.records import changes
from contio_mock.fake.sandbox import Context


@GetApp.handler
def get_app(ctx: Context, _: GetApp) -> PartnerApp:
    return ctx.app


@UpdateApp.handler
def update_app(ctx: Context, op: UpdateApp) -> PartnerApp:
    return _change(ctx, op)


@ReplaceApp.handler
def replace_app(ctx: Context, op: ReplaceApp) -> PartnerApp:
    return _change(ctx, op)


def _change(ctx: Context, op: UpdateApp | ReplaceApp) -> PartnerApp:
    changed = changes(op.body, nullable=("webhook_url",))
    return ctx.store.apps.replace(ctx.app, **changed, updated_at=ctx.now)
