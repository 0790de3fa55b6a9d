"""Next steps of a partner app, before 1.6."""

from __future__ import annotations

from contio_mock.contract.admin_next_steps import (
    STEP_BUTTON_NOT_FOUND,
    AddNextStepActionButton,
    CreateNextStep,
    DeleteNextStep,
    GetNextStep,
    ListNextStepActionButtons,
    ListNextSteps,
    NextStep,
    NextStepActionButton,
    RemoveNextStepActionButton,
    ReplaceNextStep,
    SetDefaultActionButton,
    UpdateNextStepActionButton,
)
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import next_steps as process
from contio_mock.fake.records import ActionButtonRecord, NextStepRecord, changes
from contio_mock.fake.records.templates import ActionButtonLink
from contio_mock.fake.sandbox import Context


@ListNextSteps.handler
def list_next_steps(ctx: Context, op: ListNextSteps) -> Page[NextStep]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    found, total = ctx.store.next_steps.page("owner", f"app:{ctx.app.id}", limit=limit, offset=offset)
    return paging.page([_shown(step) for step in found], total, limit, offset)


@CreateNextStep.handler
def create_next_step(ctx: Context, op: CreateNextStep) -> NextStep:
    wish = op.body
    step = ctx.store.next_steps.insert(
        trusted(
            NextStepRecord,
            id=ctx.ids.uuid(),
            name=wish.name,
            type=wish.type,
            description=wish.description,
            ai_prompt=wish.ai_prompt,
            redirect_url=wish.redirect_url,
            color=wish.color,
            icon_name=wish.icon_name,
            app_id=ctx.app.id,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )
    return _shown(step)


@GetNextStep.handler
def get_next_step(ctx: Context, op: GetNextStep) -> NextStep:
    return _shown(lookup.app_next_step(ctx, op.next_step_id))


@ReplaceNextStep.handler
def replace_next_step(ctx: Context, op: ReplaceNextStep) -> NextStep:
    step = lookup.app_next_step(ctx, op.next_step_id)
    return _shown(ctx.store.next_steps.replace(step, **changes(op.body), updated_at=ctx.now))


@DeleteNextStep.handler
def delete_next_step(ctx: Context, op: DeleteNextStep) -> None:
    ctx.store.next_steps.remove(lookup.app_next_step(ctx, op.next_step_id))


@ListNextStepActionButtons.handler
def list_next_step_action_buttons(ctx: Context, op: ListNextStepActionButtons) -> Page[NextStepActionButton]:
    step = lookup.app_next_step(ctx, op.next_step_id)
    found = process.buttons_of(ctx, step)
    return paging.unpaged(ctx, [_button(step, *pair) for pair in found], default_limit=50)


@AddNextStepActionButton.handler
def add_next_step_action_button(ctx: Context, op: AddNextStepActionButton) -> None:
    step = lookup.app_next_step(ctx, op.next_step_id)
    button = lookup.app_action_button(ctx, op.body.action_button_id)
    links = {link.action_button_id: link for link in step.action_buttons}
    links[button.id] = ActionButtonLink(action_button_id=button.id, sort_order=op.body.sort_order or 0)
    ctx.store.next_steps.replace(step, action_buttons=tuple(links.values()))


@UpdateNextStepActionButton.handler
def update_next_step_action_button(ctx: Context, op: UpdateNextStepActionButton) -> None:
    step = lookup.app_next_step(ctx, op.next_step_id)
    link = _link(step, op.action_button_id)
    if op.body is None:
        return
    order = link.sort_order if op.body.sort_order is None else op.body.sort_order
    changed = link.model_copy(update={"sort_order": order})
    links = (changed if other is link else other for other in step.action_buttons)
    default = _default_after(step, link.action_button_id, op.body.is_default)
    ctx.store.next_steps.replace(step, action_buttons=tuple(links), default_action_button_id=default)


@RemoveNextStepActionButton.handler
def remove_next_step_action_button(ctx: Context, op: RemoveNextStepActionButton) -> None:
    step = lookup.app_next_step(ctx, op.next_step_id)
    link = _link(step, op.action_button_id)
    links = (other for other in step.action_buttons if other is not link)
    default = _default_after(step, link.action_button_id, wanted=False)
    ctx.store.next_steps.replace(step, action_buttons=tuple(links), default_action_button_id=default)


@SetDefaultActionButton.handler
def set_default_action_button(ctx: Context, op: SetDefaultActionButton) -> None:
    step = lookup.app_next_step(ctx, op.next_step_id)
    link = _link(step, op.body.action_button_id)
    ctx.store.next_steps.replace(step, default_action_button_id=link.action_button_id)


def _link(step: NextStepRecord, button_id: str) -> ActionButtonLink:
    for link in step.action_buttons:
        if link.action_button_id == button_id:
            return link
    raise ApiError(STEP_BUTTON_NOT_FOUND)


def _default_after(step: NextStepRecord, button_id: str, wanted: bool | None) -> str | None:
    """The step's default button once one of its buttons is to be it, or not, or as it was (None)."""
    if wanted:
        return button_id
    was = step.default_action_button_id
    return None if wanted is False and was == button_id else was


def _shown(step: NextStepRecord) -> NextStep:
    return trusted(
        NextStep,
        id=step.id,
        name=step.name,
        type=step.type,
        is_active=step.is_active,
        sort_order=step.sort_order,
        created_at=step.created_at,
        updated_at=step.updated_at,
        description=step.description,
        ai_prompt=step.ai_prompt,
        redirect_url=step.redirect_url,
        color=step.color,
        icon_name=step.icon_name,
    )


def _button(step: NextStepRecord, button: ActionButtonRecord, link: ActionButtonLink) -> NextStepActionButton:
    return trusted(
        NextStepActionButton,
        id=button.id,
        name=button.name,
        delivery_mechanism=button.delivery_mechanism,
        is_default=process.is_default(step, button),
        sort_order=link.sort_order,
        icon_url=button.icon_url,
    )
