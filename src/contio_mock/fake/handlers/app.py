"""The partner app."""

from __future__ import annotations

from contio_mock.contract.app import (
    APP_NOT_FOUND,
    GetApp,
    GetPublicPartnerInfo,
    PartnerApp,
    PublicPartnerInfo,
    ReplaceApp,
    UpdateApp,
)
from contio_mock.fake.problem import ApiError
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


@GetPublicPartnerInfo.handler
def get_public_partner_info(ctx: Context, op: GetPublicPartnerInfo) -> PublicPartnerInfo:
    app = ctx.store.apps.first("client_id", op.client_id)
    if app is None:
        raise ApiError(APP_NOT_FOUND)
    return PublicPartnerInfo(
        client_id=app.client_id,
        name=app.name,
        company_name=app.company_name,
        co_brand_name=app.co_brand_name,
    )


def _change(ctx: Context, op: UpdateApp | ReplaceApp) -> PartnerApp:
    changed = changes(op.body, nullable=("webhook_url",))
    return ctx.store.apps.replace(ctx.app, **changed, updated_at=ctx.now)
