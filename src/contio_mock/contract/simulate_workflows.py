"""The control plane's simulations of workflow runs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.app_events import (
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunStarted,
    WorkflowStepCompleted,
    WorkflowTaskCreated,
    WorkflowTaskResolved,
)
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.control import TAG
from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Email, Id, Input
from contio_mock.contract.workflows import WorkflowRun

RUN_NOT_FOUND = ErrorCode(404, "not_found", "There is no such workflow run.")
STEP_NOT_FOUND = ErrorCode(404, "step_not_found", "The run has no such current step.")
TASK_NOT_FOUND = ErrorCode(404, "task_not_found", "The run waits for no such task.")
RUN_OVER = ErrorCode(409, "run_over", "The workflow run is over.")
STEP_IS_TASK = ErrorCode(
    409, "step_is_task", "The step waits for a decision; POST /_mock/simulate/workflow-task gives one."
)


class WorkflowStepEnd(Input):
    """How a current step of a run ends; a pending run only begins."""

    run_id: Id
    step_id: str | None = None
    """Without an id and a node, the oldest step that waits for nobody is meant."""
    node_id: str | None = None
    outcome: Literal["completed", "failed"] = "completed"
    branch: str | None = None
    """Which of the labelled ways behind the step is taken."""
    output: dict[str, Any] | None = None
    error_message: str = "The step failed."


class WorkflowTaskEnd(Input):
    """What somebody decided."""

    run_id: Id
    task_id: Id | None = None
    """The oldest open task when absent."""
    decision: Annotated[str, Field(min_length=1, max_length=255)]
    """Such as `approved` or `rejected`, or the label of a way behind the task."""
    reason: str | None = None
    email: Email | None = None
    """Who decided; whom the task was given to when absent."""


@endpoint(
    "POST",
    "/_mock/simulate/workflow-step",
    auth=PUBLIC,
    raises=(RUN_NOT_FOUND, STEP_NOT_FOUND, RUN_OVER, STEP_IS_TASK),
    emits=(
        WorkflowRunStarted,
        WorkflowStepCompleted,
        WorkflowTaskCreated,
        WorkflowRunCompleted,
        WorkflowRunFailed,
    ),
    tag=TAG,
)
class MockSimulateWorkflowStep(Operation[WorkflowRun]):
    """Let a step of a workflow run end now."""

    body: WorkflowStepEnd


@endpoint(
    "POST",
    "/_mock/simulate/workflow-task",
    auth=PUBLIC,
    raises=(RUN_NOT_FOUND, TASK_NOT_FOUND, RUN_OVER, UNKNOWN_USER),
    emits=(
        WorkflowTaskResolved,
        WorkflowStepCompleted,
        WorkflowTaskCreated,
        WorkflowRunCompleted,
        WorkflowRunFailed,
    ),
    tag=TAG,
)
class MockSimulateWorkflowTask(Operation[WorkflowRun]):
    """Let somebody decide what a workflow run waits for."""

    body: WorkflowTaskEnd
