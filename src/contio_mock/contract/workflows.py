"""Workflows: templates that toolkits bring, and their runs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.auth import ADMIN, user
from contio_mock.contract.errors import (
    BAD_REQUEST,
    INVALID_QUERY_PARAMETERS,
    PLAN_REQUIRED,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

WORKFLOW_TEMPLATE_NOT_FOUND = ErrorCode(404, "not_found", "There is no such workflow template.")
WORKFLOW_RUN_NOT_FOUND = ErrorCode(404, "not_found", "Your workspace has no such workflow run.")
MEETING_OF_RUN_NOT_FOUND = ErrorCode(404, "not_found", "There is no such meeting that you can see.")

RunStatus = Literal["pending", "active", "completed", "failed", "cancelled", "frozen"]
OriginatingType = Literal["meeting", "canvas"]
TriggerType = Literal["manual", "autopilot"]


class WorkflowTemplateSummary(Model):
    """A workflow that a workspace can run."""

    id: Id
    name: str
    is_active: bool
    """Whether it may be run."""
    workspace_id: Id
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None


class WorkflowTemplate(WorkflowTemplateSummary):
    """A workflow with its steps."""

    spec: dict[str, Any]
    """The directed graph of its steps, as its author wrote it."""


class WorkflowRun(Model):
    """One run of a workflow."""

    id: Id
    workflow_template_id: Id
    workspace_id: Id
    name: str
    status: RunStatus
    originating_id: Id
    """The meeting or canvas that it is about."""
    originating_type: OriginatingType
    trigger_type: TriggerType
    triggered_by: Id | None = None
    """The user who started it."""
    owner_user_id: Id
    context_json: dict[str, Any]
    """What its steps know: where it began, and what each finished step gave."""
    current_step_ids: list[str]
    """The steps that are being carried out, or wait for a decision."""
    created_at: Timestamp
    updated_at: Timestamp
    started_at: Timestamp | None = None
    completed_at: Timestamp | None = None


class WorkflowRunCreate(Input):
    """Which workflow is to run, and what about."""

    workflow_template_id: Id
    originating_id: Id
    originating_type: OriginatingType
    trigger_type: Annotated[str | None, Field(json_schema_extra={"enum": ["manual", None]})] = None
    """Only `manual`; the document speaks of it without naming the member."""


@endpoint(
    "GET",
    "/v1/partner/admin/workflow-templates",
    auth=ADMIN,
    lifetime=since(R1_9),
    invalid=INVALID_QUERY_PARAMETERS,
    tag="Workflow Management",
)
class ListWorkflowTemplates(Operation[Page[WorkflowTemplateSummary]]):
    """List the app's workflow templates in all workspaces, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "GET",
    "/v1/partner/admin/workflow-templates/{id}",
    auth=ADMIN,
    lifetime=since(R1_9),
    raises=(BAD_REQUEST, WORKFLOW_TEMPLATE_NOT_FOUND),
    not_found=WORKFLOW_TEMPLATE_NOT_FOUND,
    tag="Workflow Management",
)
class GetWorkflowTemplate(Operation[WorkflowTemplate]):
    """Read one of the app's workflow templates with its graph."""

    id: Annotated[Id, Invalid(BAD_REQUEST)]


@endpoint(
    "GET",
    "/v1/partner/user/workflow-runs",
    auth=user("workflows:read"),
    lifetime=since(R1_9),
    invalid=INVALID_QUERY_PARAMETERS,
    tag="Workflow Runs",
)
class ListWorkflowRuns(Operation[Page[WorkflowRun]]):
    """List the workflow runs of the user's workspace, newest first."""

    limit: Limit = 25
    offset: Offset = 0
    status: RunStatus | None = None
    workflow_template_id: str | None = None
    originating_type: OriginatingType | None = None


@endpoint(
    "POST",
    "/v1/partner/user/workflow-runs",
    auth=user("workflows:write"),
    success=201,
    lifetime=since(R1_9),
    idempotency_key=since(R1_9),
    raises=(PLAN_REQUIRED, WORKFLOW_TEMPLATE_NOT_FOUND, MEETING_OF_RUN_NOT_FOUND, VALIDATION_ERROR),
    not_found=WORKFLOW_TEMPLATE_NOT_FOUND,
    tag="Workflow Runs",
)
class CreateWorkflowRun(Operation[WorkflowRun]):
    """Start a workflow of the user's workspace; its steps are carried out later."""

    body: WorkflowRunCreate


@endpoint(
    "GET",
    "/v1/partner/user/workflow-runs/{id}",
    auth=user("workflows:read"),
    lifetime=since(R1_9),
    raises=(BAD_REQUEST, WORKFLOW_RUN_NOT_FOUND),
    not_found=WORKFLOW_RUN_NOT_FOUND,
    tag="Workflow Runs",
)
class GetWorkflowRun(Operation[WorkflowRun]):
    """Read one workflow run of the user's workspace."""

    id: Annotated[Id, Invalid(BAD_REQUEST)]


class WorkflowTemplates(Resource[S_co]):
    """Workflow templates, as a client calls them."""

    list = call(ListWorkflowTemplates)
    get = call(GetWorkflowTemplate)


class WorkflowRuns(Resource[S_co]):
    """Workflow runs, as a client calls them."""

    list = call(ListWorkflowRuns)
    create = call(CreateWorkflowRun)
    get = call(GetWorkflowRun)
