"""The events of partner apps, chat sessions, workflow runs and canvases."""

from typing import Any

from contio_mock.contract.events import Event, event
from contio_mock.contract.release import R1_6, R1_9, since, until
from contio_mock.contract.shared import Id, Model, Number, Timestamp

# ---------------------------------------------------------------- the app


@event("user.connection.revoked")
class UserConnectionRevoked(Event):
    """A user's connection to the app was revoked."""

    connection_id: Id
    revoked_at: Timestamp


@event("automation.assignment.created", lifetime=since(R1_6))
class AutomationAssignmentCreated(Event):
    """An action item matched one of the app's automations and was assigned to it."""

    action_item_id: Id
    assignment_id: Id
    automation_data_payload: dict[str, Any] | None = None
    automation_id: Id
    automation_name: str
    confidence_score: Number | None = None
    created_at: Timestamp
    meeting_id: Id
    status: str
    workspace_id: Id


@event("workflow.assignment.created", lifetime=until(R1_6))
class WorkflowAssignmentCreated(Event):
    """An action item matched one of the app's workflows, as automations were called before 1.6."""

    action_item_id: Id
    assignment_id: Id
    confidence_score: Number | None = None
    created_at: Timestamp
    meeting_id: Id
    status: str
    workflow_data_payload: dict[str, Any] | None = None
    workflow_id: Id
    workflow_name: str
    workspace_id: Id


@event("partner.idp.domain_verified", lifetime=since(R1_9), per_user=False)
class DomainVerified(Event):
    """The app has shown that an SSO domain is its own."""

    domain: str
    status: str
    verified_at: Timestamp


@event("partner.idp.domain_verification_failed", lifetime=since(R1_9), per_user=False)
class DomainVerificationFailed(Event):
    """An SSO domain could not be verified."""

    domain: str
    failed_at: Timestamp
    reason: str
    status: str


@event("partner.idp.domain_revoked", lifetime=since(R1_9), per_user=False)
class DomainRevoked(Event):
    """An SSO domain that was verified is so no longer."""

    domain: str
    revoked_at: Timestamp
    status: str


# ---------------------------------------------------------------- chat sessions


@event("session.turn.completed")
class SessionTurnCompleted(Event):
    """The agent finished a turn of a chat session."""

    completed_at: Timestamp
    meeting_id: Id | None = None
    sequence_number: int
    session_id: Id
    turn_id: Id


@event("session.turn.failed")
class SessionTurnFailed(Event):
    """The agent failed at a turn of a chat session."""

    error_code: str
    error_message: str
    failed_at: Timestamp
    meeting_id: Id | None = None
    sequence_number: int
    session_id: Id
    turn_id: Id


@event("session.expired")
class SessionExpired(Event):
    """A chat session ended because nobody said anything."""

    expired_at: Timestamp
    last_activity_at: Timestamp
    meeting_id: Id | None = None
    session_id: Id
    turn_count: int


# ---------------------------------------------------------------- workflow runs


@event("workflow.run.started", lifetime=since(R1_9))
class WorkflowRunStarted(Event):
    """A workflow run began."""

    originating_id: Id
    originating_type: str
    run_id: Id
    started_at: Timestamp
    template_id: Id
    trigger_type: str
    triggered_by: str | None = None
    workspace_id: Id


@event("workflow.run.completed", lifetime=since(R1_9))
class WorkflowRunCompleted(Event):
    """A workflow run came to its end."""

    completed_at: Timestamp
    duration_ms: int
    final_status: str
    run_id: Id
    template_id: Id
    total_steps: int
    workspace_id: Id


@event("workflow.run.failed", lifetime=since(R1_9))
class WorkflowRunFailed(Event):
    """A workflow run failed."""

    error_message: str
    failed_at: Timestamp
    final_status: str
    node_id: str | None = None
    run_id: Id
    step_id: Id | None = None
    template_id: Id
    workspace_id: Id


@event("workflow.step.completed", lifetime=since(R1_9))
class WorkflowStepCompleted(Event):
    """A step of a workflow run was finished."""

    completed_at: Timestamp
    node_id: str
    node_type: str
    output_summary: Any = None
    run_id: Id
    status: str
    step_id: Id


@event("workflow.task.created", lifetime=since(R1_9))
class WorkflowTaskCreated(Event):
    """A workflow run waits for somebody's decision."""

    assignee_user_id: Id
    created_at: Timestamp
    run_id: Id
    task_id: Id
    task_type: str
    title: str
    workspace_id: Id


@event("workflow.task.resolved", lifetime=since(R1_9))
class WorkflowTaskResolved(Event):
    """Somebody decided what a workflow run waited for."""

    decision: str
    reason: str | None = None
    resolved_at: Timestamp
    resolved_by: str
    run_id: Id
    task_id: Id
    workspace_id: Id


# ---------------------------------------------------------------- canvases


class AppliedToCanvas(Model):
    """How much a template added to a canvas."""

    collaborators: int


@event("canvas_template.applied", lifetime=since(R1_9))
class CanvasTemplateApplied(Event):
    """A template was applied to a canvas."""

    applied_at: Timestamp
    applied_by_user_id: Id
    applied_items: AppliedToCanvas
    canvas_id: Id
    template_id: Id
    template_name: str
