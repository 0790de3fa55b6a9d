"""Automations: which action items a partner app wants to be told of. Workflows, before release 1.6."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.app_events import AutomationAssignmentCreated, WorkflowAssignmentCreated
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import (
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST_BODY,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.operation import Alias, Operation, endpoint
from contio_mock.contract.release import R1_6, R1_9, R1_10, since, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Automation Management"
OLD_TAG = "Workflow Management"

INVALID_AUTOMATION_ID = ErrorCode(400, "invalid_automation_id", "The automation id is not a UUID.")
AUTOMATION_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such automation.")
INVALID_WORKFLOW_ID = ErrorCode(400, "invalid_workflow_id", "The workflow id is not a UUID.")
WORKFLOW_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such workflow.")
ASSIGNMENT_EVENTS = (AutomationAssignmentCreated, WorkflowAssignmentCreated)
"""What an operation or job emits that lets automations match."""

_PLURAL = "Every official SDK since 1.6 calls it in the plural."

TriggerType = Literal[
    "action_item_created",
    "action_item_updated",
    "action_item_completed",
    "action_item_match",
    "meeting_ended",
    "meeting_summary_ready",
]
"""The published values and `action_item_match`, the only one that the guide uses."""
AutomationStatus = Literal["active", "inactive"]
AutomationId = Annotated[Id, Invalid(INVALID_AUTOMATION_ID)]
WorkflowId = Annotated[Id, Invalid(INVALID_WORKFLOW_ID)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Description = Annotated[str, Field(max_length=1000)]


class AutomationAction(Model):
    """What an automation does; `config` is the app's own, but that its `phrases` decide what matches."""

    type: str
    config: dict[str, Any] | None = None


class AutomationActionInput(Input):
    """What an automation is to do."""

    type: str
    config: dict[str, Any] | None = None
    """`phrases`, a list or a text with commas, says which action items match; every one without it."""


Actions = Annotated[list[AutomationActionInput], Field(min_length=1)]


class _Automation(Model):
    id: Id
    partner_app_id: Id
    name: str
    trigger_type: TriggerType
    actions: list[AutomationAction]
    status: AutomationStatus
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None


class Automation(_Automation):
    """A rule that assigns action items to the app."""


class PartnerWorkflow(_Automation):
    """An automation, as it was called before release 1.6."""


class AutomationCreate(Input):
    """An automation to be created; it is active at once."""

    name: Name
    trigger_type: TriggerType
    actions: Actions
    description: Description | None = None


class PartnerWorkflowCreate(AutomationCreate):
    """A workflow to be created; it is active at once."""


class AutomationUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    name: Name | None = None
    trigger_type: TriggerType | None = None
    actions: Actions | None = None
    description: Description | None = None
    status: AutomationStatus | None = None
    is_active: bool | None = None
    """The same as `status`, as a truth value."""


class PartnerWorkflowUpdate(AutomationUpdate):
    """What is to change; members that are absent or null stay as they are."""


@endpoint(
    "GET",
    "/v1/partner/admin/automation",
    auth=ADMIN,
    lifetime=since(R1_6),
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    aliases=(Alias("/v1/partner/admin/automations", _PLURAL),),
    tag=TAG,
)
class ListAutomations(Operation[Page[Automation]]):
    """List the app's automations, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/automation",
    auth=ADMIN,
    success=201,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(INVALID_REQUEST_BODY, VALIDATION_ERROR),
    aliases=(Alias("/v1/partner/admin/automations", _PLURAL),),
    tag=TAG,
)
class CreateAutomation(Operation[Automation]):
    """Create an automation."""

    body: AutomationCreate


@endpoint(
    "GET",
    "/v1/partner/admin/automation/{automationId}",
    auth=ADMIN,
    lifetime=since(R1_6),
    raises=(INVALID_AUTOMATION_ID, AUTOMATION_NOT_FOUND),
    not_found=AUTOMATION_NOT_FOUND,
    aliases=(Alias("/v1/partner/admin/automations/{automationId}", _PLURAL),),
    tag=TAG,
)
class GetAutomation(Operation[Automation]):
    """Read one automation."""

    automation_id: AutomationId


@endpoint(
    "PATCH",
    "/v1/partner/admin/automation/{automationId}",
    auth=ADMIN,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_AUTOMATION_ID, INVALID_REQUEST_BODY, VALIDATION_ERROR, AUTOMATION_NOT_FOUND),
    not_found=AUTOMATION_NOT_FOUND,
    tag=TAG,
)
class UpdateAutomation(Operation[Automation]):
    """Change an automation; only the members that are sent change."""

    automation_id: AutomationId
    body: AutomationUpdate


@endpoint(
    "PUT",
    "/v1/partner/admin/automation/{automationId}",
    auth=ADMIN,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    deprecated=R1_10,
    raises=(INVALID_AUTOMATION_ID, INVALID_REQUEST_BODY, VALIDATION_ERROR, AUTOMATION_NOT_FOUND),
    not_found=AUTOMATION_NOT_FOUND,
    aliases=(Alias("/v1/partner/admin/automations/{automationId}", _PLURAL),),
    tag=TAG,
)
class ReplaceAutomation(Operation[Automation]):
    """Change an automation, as every official SDK does; only the members that are sent change."""

    automation_id: AutomationId
    body: AutomationUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/automation/{automationId}",
    auth=ADMIN,
    success=204,
    lifetime=since(R1_6),
    idempotency_key=since(R1_9),
    raises=(AUTOMATION_NOT_FOUND,),
    not_found=AUTOMATION_NOT_FOUND,
    aliases=(Alias("/v1/partner/admin/automations/{automationId}", _PLURAL),),
    tag=TAG,
)
class DeleteAutomation(Operation[None]):
    """Delete an automation; what it has assigned stays assigned."""

    automation_id: Id


@endpoint(
    "GET",
    "/v1/partner/admin/workflows",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=OLD_TAG,
)
class ListWorkflows(Operation[Page[PartnerWorkflow]]):
    """List the app's workflows, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/workflows",
    auth=ADMIN,
    success=201,
    lifetime=until(R1_6),
    raises=(INVALID_REQUEST_BODY, VALIDATION_ERROR),
    tag=OLD_TAG,
)
class CreateWorkflow(Operation[PartnerWorkflow]):
    """Create a workflow."""

    body: PartnerWorkflowCreate


@endpoint(
    "GET",
    "/v1/partner/admin/workflows/{workflowId}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_WORKFLOW_ID, WORKFLOW_NOT_FOUND),
    not_found=WORKFLOW_NOT_FOUND,
    tag=OLD_TAG,
)
class GetWorkflow(Operation[PartnerWorkflow]):
    """Read one workflow."""

    workflow_id: WorkflowId


@endpoint(
    "PUT",
    "/v1/partner/admin/workflows/{workflowId}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_WORKFLOW_ID, INVALID_REQUEST_BODY, VALIDATION_ERROR, WORKFLOW_NOT_FOUND),
    not_found=WORKFLOW_NOT_FOUND,
    tag=OLD_TAG,
)
class ReplaceWorkflow(Operation[PartnerWorkflow]):
    """Change a workflow; only the members that are sent change."""

    workflow_id: WorkflowId
    body: PartnerWorkflowUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/workflows/{workflowId}",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(WORKFLOW_NOT_FOUND,),
    not_found=WORKFLOW_NOT_FOUND,
    tag=OLD_TAG,
)
class DeleteWorkflow(Operation[None]):
    """Delete a workflow; what it has assigned stays assigned."""

    workflow_id: Id


class Automations(Resource[S_co]):
    """Automations of the app, as a client calls them."""

    list = call(ListAutomations)
    create = call(CreateAutomation)
    get = call(GetAutomation)
    update = call(UpdateAutomation)
    replace = call(ReplaceAutomation)
    delete = call(DeleteAutomation)


class Workflows(Resource[S_co]):
    """Automations before release 1.6, as a client calls them."""

    list = call(ListWorkflows)
    create = call(CreateWorkflow)
    get = call(GetWorkflow)
    replace = call(ReplaceWorkflow)
    delete = call(DeleteWorkflow)
