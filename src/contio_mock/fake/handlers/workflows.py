"""Workflow templates and runs."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.contract.shared import Page, trusted
from contio_mock.contract.workflows import (
    MEETING_OF_RUN_NOT_FOUND,
    WORKFLOW_RUN_NOT_FOUND,
    WORKFLOW_TEMPLATE_NOT_FOUND,
    CreateWorkflowRun,
    GetWorkflowRun,
    GetWorkflowTemplate,
    ListWorkflowRuns,
    ListWorkflowTemplates,
    WorkflowRun,
    WorkflowRunCreate,
    WorkflowTemplate,
    WorkflowTemplateSummary,
)
from contio_mock.fake import lookup, paging
from contio_mock.fake.plans import require_plan
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import workflows
from contio_mock.fake.records import MeetingRecord, RunRecord, WorkflowTemplateRecord
from contio_mock.fake.records.workflows import run_key
from contio_mock.fake.sandbox import Context


@ListWorkflowTemplates.handler
def list_workflow_templates(ctx: Context, op: ListWorkflowTemplates) -> Page[WorkflowTemplateSummary]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    return paging.listed(ctx.store.workflow_templates, "owner", f"app:{ctx.app.id}", limit, offset)


@GetWorkflowTemplate.handler
def get_workflow_template(ctx: Context, op: GetWorkflowTemplate) -> WorkflowTemplate:
    template = ctx.store.workflow_templates.get(op.id)
    if template is None or template.app_id != ctx.app.id:
        raise ApiError(WORKFLOW_TEMPLATE_NOT_FOUND)
    return trusted(
        WorkflowTemplate, **{name: getattr(template, name) for name in WorkflowTemplate.model_fields}
    )


@ListWorkflowRuns.handler
def list_workflow_runs(ctx: Context, op: ListWorkflowRuns) -> Page[WorkflowRun]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    template_id = op.workflow_template_id.lower() if op.workflow_template_id is not None else None
    key = run_key(ctx.user.workspace_id, op.status, template_id, op.originating_type)
    return paging.listed(ctx.store.workflow_runs, "workspace", key, limit, offset)


@CreateWorkflowRun.handler
def create_workflow_run(ctx: Context, op: CreateWorkflowRun) -> WorkflowRun:
    wish = op.body
    require_plan(ctx, "ELITE", "workflows")
    template = _template(ctx, wish)
    origin = _origin(ctx, wish)
    run = ctx.store.workflow_runs.insert(
        trusted(
            RunRecord,
            id=ctx.ids.uuid(),
            workflow_template_id=template.id,
            workspace_id=template.workspace_id,
            name=template.name,
            status="pending",
            originating_id=wish.originating_id,
            originating_type=wish.originating_type,
            trigger_type="manual",
            triggered_by=ctx.user.id,
            owner_user_id=ctx.user.id,
            context_json={"originating": origin, "steps": {}},
            current_step_ids=[],
            created_at=ctx.now,
            updated_at=ctx.now,
            spec=template.spec,
        )
    )
    workflows.enqueue(ctx, run)
    return run


def _template(ctx: Context, wish: WorkflowRunCreate) -> WorkflowTemplateRecord:
    """The template, if it may be run here and by hand; raises ApiError."""
    if wish.trigger_type not in (None, "manual"):
        raise ApiError(VALIDATION_ERROR, "trigger_type: only manual runs can be created here.")
    template = ctx.store.workflow_templates.get(wish.workflow_template_id)
    if template is None or template.workspace_id != ctx.user.workspace_id:
        raise ApiError(WORKFLOW_TEMPLATE_NOT_FOUND, "Your workspace has no such workflow template.")
    if not template.is_active and ctx.profile.workflow_inactive_template == "reject":
        raise ApiError(VALIDATION_ERROR, "workflow_template_id: this workflow is not active.")
    return template


def _origin(ctx: Context, wish: WorkflowRunCreate) -> dict[str, Any]:
    """What a run knows of the object that it begins at; raises ApiError."""
    origin = {"type": wish.originating_type, "id": wish.originating_id}
    if wish.originating_type == "canvas":  # canvases have no API: any id will do
        return origin
    meeting = _meeting(ctx, wish.originating_id)
    return {**origin, "title": meeting.title} if meeting is not None else origin


def _meeting(ctx: Context, meeting_id: str) -> MeetingRecord | None:
    try:
        return lookup.meeting(ctx, meeting_id)
    except ApiError:
        if ctx.profile.workflow_unknown_meeting == "accept":
            return None
        if ctx.profile.workflow_unknown_meeting == "not_found":
            raise ApiError(MEETING_OF_RUN_NOT_FOUND) from None
        message = "originating_id: must be a meeting that you can see."
        raise ApiError(VALIDATION_ERROR, message) from None


@GetWorkflowRun.handler
def get_workflow_run(ctx: Context, op: GetWorkflowRun) -> WorkflowRun:
    run = ctx.store.workflow_runs.get(op.id)
    if run is None or run.workspace_id != ctx.user.workspace_id:
        raise ApiError(WORKFLOW_RUN_NOT_FOUND)
    return run
