"""Automations of a partner app, and workflows, as they were called before release 1.6."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.automations import (
    AUTOMATION_NOT_FOUND,
    WORKFLOW_NOT_FOUND,
    Automation,
    AutomationAction,
    AutomationCreate,
    AutomationUpdate,
    CreateAutomation,
    CreateWorkflow,
    DeleteAutomation,
    DeleteWorkflow,
    GetAutomation,
    GetWorkflow,
    ListAutomations,
    ListWorkflows,
    PartnerWorkflow,
    ReplaceAutomation,
    ReplaceWorkflow,
    UpdateAutomation,
)
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import AutomationRecord, changes
from contio_mock.fake.sandbox import Context


@ListAutomations.handler
def list_automations(ctx: Context, op: ListAutomations) -> Page[Automation]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    return paging.listed(ctx.store.automations, "key", ctx.app.id, limit, offset)


@ListWorkflows.handler
def list_workflows(ctx: Context, op: ListWorkflows) -> Page[PartnerWorkflow]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    return paging.listed(ctx.store.automations, "key", ctx.app.id, limit, offset)


@CreateAutomation.handler
def create_automation(ctx: Context, op: CreateAutomation) -> Automation:
    return _created(ctx, op.body)


@CreateWorkflow.handler
def create_workflow(ctx: Context, op: CreateWorkflow) -> PartnerWorkflow:
    return _created(ctx, op.body)


def _created(ctx: Context, wish: AutomationCreate) -> AutomationRecord:
    return ctx.store.automations.insert(
        trusted(
            AutomationRecord,
            id=ctx.ids.uuid(),
            partner_app_id=ctx.app.id,
            name=wish.name,
            description=wish.description,
            trigger_type=wish.trigger_type,
            actions=[AutomationAction(**dict(action)) for action in wish.actions],
            status="active",
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )


@GetAutomation.handler
def get_automation(ctx: Context, op: GetAutomation) -> Automation:
    return _own(ctx, op.automation_id)


@GetWorkflow.handler
def get_workflow(ctx: Context, op: GetWorkflow) -> PartnerWorkflow:
    return _own(ctx, op.workflow_id, WORKFLOW_NOT_FOUND)


@UpdateAutomation.handler
def update_automation(ctx: Context, op: UpdateAutomation) -> Automation:
    return _changed(ctx, _own(ctx, op.automation_id), op.body)


@ReplaceAutomation.handler
def replace_automation(ctx: Context, op: ReplaceAutomation) -> Automation:
    return _changed(ctx, _own(ctx, op.automation_id), op.body)


@ReplaceWorkflow.handler
def replace_workflow(ctx: Context, op: ReplaceWorkflow) -> PartnerWorkflow:
    return _changed(ctx, _own(ctx, op.workflow_id, WORKFLOW_NOT_FOUND), op.body)


def _changed(ctx: Context, automation: AutomationRecord, body: AutomationUpdate) -> AutomationRecord:
    wish: dict[str, Any] = changes(body)
    if "actions" in wish:
        wish["actions"] = [AutomationAction(**dict(action)) for action in wish["actions"]]
    is_active = wish.pop("is_active", None)
    if is_active is not None and not (
        "status" in wish and ctx.profile.automation_status_precedence == "status"
    ):
        wish["status"] = "active" if is_active else "inactive"
    return ctx.store.automations.replace(automation, **wish, updated_at=ctx.now)


@DeleteAutomation.handler
def delete_automation(ctx: Context, op: DeleteAutomation) -> None:
    ctx.store.automations.remove(_own(ctx, op.automation_id))


@DeleteWorkflow.handler
def delete_workflow(ctx: Context, op: DeleteWorkflow) -> None:
    ctx.store.automations.remove(_own(ctx, op.workflow_id, WORKFLOW_NOT_FOUND))


def _own(ctx: Context, automation_id: str, not_found: ErrorCode = AUTOMATION_NOT_FOUND) -> AutomationRecord:
    automation = ctx.store.automations.get(automation_id)
    if automation is None or automation.partner_app_id != ctx.app.id:
        raise ApiError(not_found)
    return automation
