"""The partner app."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.app import (
    APP_NOT_FOUND,
    GetApp,
    GetPublicPartnerInfo,
    PartnerApp,
    PublicPartnerInfo,
    ReplaceApp,
    ReplaceAppStatus,
    UpdateApp,
)
from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.fake import lookup
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import apps
from contio_mock.fake.records import changes
from contio_mock.fake.rules import apps as rules
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


@ReplaceAppStatus.handler
def replace_app_status(ctx: Context, op: ReplaceAppStatus) -> PartnerApp:
    return apps.changed(ctx, ctx.app, status=op.body.status)


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
    changed |= {"webhook_url": None} if changed.get("webhook_url") == "" else {}
    problem = _problem(ctx, changed)
    if problem is not None:
        raise ApiError(VALIDATION_ERROR, problem)
    return ctx.store.apps.replace(ctx.app, **changed, updated_at=ctx.now)


def _problem(ctx: Context, changed: dict[str, Any]) -> str | None:
    """What is wrong with a wish, beyond what its schema says."""
    slug, url, toolkit_id = (changed.get(name) for name in ("slug", "webhook_url", "default_toolkit_id"))
    if slug and (problem := rules.slug_problem(slug, ctx.profile)):
        return problem
    if slug and _is_taken(ctx, slug):
        return f"slug: another partner app has {brief(slug)}."
    if url and (problem := rules.webhook_url_problem(url, ctx.profile)):
        return problem
    if toolkit_id and ctx.profile.default_toolkit == "known" and not lookup.has_toolkit(ctx, toolkit_id):
        return "default_toolkit_id: this app has no such toolkit."
    return None


def _is_taken(ctx: Context, slug: str) -> bool:
    others = (app for app in ctx.store.apps.under("slug", slug.lower()) if app.id != ctx.app.id)
    return ctx.profile.slug_taken == "reject" and any(others)
