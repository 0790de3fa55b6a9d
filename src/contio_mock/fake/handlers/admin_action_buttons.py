"""Action buttons of a partner app, before 1.6."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.admin_action_buttons import (
    DEFAULT_EXISTS,
    ActionButton,
    CreateActionButton,
    DeleteActionButton,
    GetActionButton,
    ListActionButtons,
    ReplaceActionButton,
)
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import ActionButtonRecord, changes
from contio_mock.fake.sandbox import Context


@ListActionButtons.handler
def list_action_buttons(ctx: Context, op: ListActionButtons) -> Page[ActionButton]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    found, total = ctx.store.action_buttons.page("owner", f"app:{ctx.app.id}", limit=limit, offset=offset)
    return paging.page([_shown(button) for button in found], total, limit, offset)


@CreateActionButton.handler
def create_action_button(ctx: Context, op: CreateActionButton) -> ActionButton:
    wish: dict[str, Any] = changes(op.body)
    if wish.get("is_default_for_next_step"):
        _check_default(ctx, None)
    button = trusted(
        ActionButtonRecord,
        id=ctx.ids.uuid(),
        app_id=ctx.app.id,
        created_at=ctx.now,
        updated_at=ctx.now,
        **wish,
    )
    return _shown(ctx.store.action_buttons.insert(button))


@GetActionButton.handler
def get_action_button(ctx: Context, op: GetActionButton) -> ActionButton:
    return _shown(lookup.app_action_button(ctx, op.id))


@ReplaceActionButton.handler
def replace_action_button(ctx: Context, op: ReplaceActionButton) -> ActionButton:
    button = lookup.app_action_button(ctx, op.id)
    wish = changes(op.body)
    if wish.get("is_default_for_next_step"):
        _check_default(ctx, button)
    return _shown(ctx.store.action_buttons.replace(button, **wish, updated_at=ctx.now))


@DeleteActionButton.handler
def delete_action_button(ctx: Context, op: DeleteActionButton) -> None:
    button = lookup.app_action_button(ctx, op.id)
    if ctx.profile.deleted_action_button == "inactive":
        ended = {"is_active": False, "is_default_for_next_step": False}
        ctx.store.action_buttons.replace(button, **ended, updated_at=ctx.now)
    else:
        ctx.store.action_buttons.remove(button)


def _check_default(ctx: Context, button: ActionButtonRecord | None) -> None:
    """Refuse a second default; `button` is the one that is to be it, None when it is new."""
    default = ctx.store.action_buttons.first("default", ctx.app.id)
    if default is not None and (button is None or default.id != button.id):
        raise ApiError(DEFAULT_EXISTS)


def _shown(button: ActionButtonRecord) -> ActionButton:
    return trusted(
        ActionButton,
        id=button.id,
        name=button.name,
        content_format=button.content_format,
        delivery_mechanism=button.delivery_mechanism,
        is_active=button.is_active,
        is_default_for_next_step=button.is_default_for_next_step,
        requires_connected_integration=button.requires_connected_integration,
        sort_order=button.sort_order,
        created_at=button.created_at,
        updated_at=button.updated_at,
        file_format=button.file_format,
        icon_url=button.icon_url,
        integration_type=button.integration_type,
        redirect_url=button.redirect_url,
        webhook_url=button.webhook_url,
    )
