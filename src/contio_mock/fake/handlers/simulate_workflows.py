"""Workflow runs, at somebody's command."""

from __future__ import annotations

from contio_mock.contract.control_traffic import UNKNOWN_USER
from contio_mock.contract.simulate_workflows import (
    RUN_NOT_FOUND,
    RUN_OVER,
    STEP_IS_TASK,
    STEP_NOT_FOUND,
    TASK_NOT_FOUND,
    MockSimulateWorkflowStep,
    MockSimulateWorkflowTask,
    WorkflowStepEnd,
    WorkflowTaskEnd,
)
from contio_mock.contract.workflows import WorkflowRun
from contio_mock.fake.oauth import people
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import workflows
from contio_mock.fake.records import RunRecord, TaskRecord, UserRecord
from contio_mock.fake.sandbox import Context

OVER = ("completed", "failed", "cancelled")


@MockSimulateWorkflowStep.handler
def mock_simulate_workflow_step(ctx: Context, op: MockSimulateWorkflowStep) -> WorkflowRun:
    wish = op.body
    run = _run(ctx, wish.run_id)
    if run.status == "pending":
        if wish.step_id is not None or wish.node_id is not None:
            raise ApiError(STEP_NOT_FOUND, "The run has not begun; name no step, and it does.")
        return workflows.start(ctx, run)
    step_id, node_id = _step(run, wish)
    if wish.outcome == "failed":
        return workflows.fail(ctx, run, wish.error_message, step_id, node_id)
    if run.begun.graph.nodes[node_id].is_task:
        raise ApiError(STEP_IS_TASK)
    return workflows.complete_step(ctx, run, step_id, wish.branch, wish.output)


def _run(ctx: Context, run_id: str) -> RunRecord:
    run = ctx.store.workflow_runs.get(run_id)
    if run is None:
        raise ApiError(RUN_NOT_FOUND)
    if run.status in OVER:
        raise ApiError(RUN_OVER, f"The workflow run is {run.status} already.")
    return run


def _step(run: RunRecord, wish: WorkflowStepEnd) -> tuple[str, str]:
    """The id and the node of the current step that is meant; raises ApiError."""
    nodes = run.begun.graph.nodes
    if wish.step_id is None and wish.node_id is None:
        automatic = [step for step in run.steps.items() if not nodes[step[1]].is_task]
        return (automatic or list(run.steps.items()))[0]
    for step_id, node_id in run.steps.items():
        if wish.step_id in (None, step_id) and wish.node_id in (None, node_id):
            return step_id, node_id
    raise ApiError(STEP_NOT_FOUND)


@MockSimulateWorkflowTask.handler
def mock_simulate_workflow_task(ctx: Context, op: MockSimulateWorkflowTask) -> WorkflowRun:
    wish = op.body
    run = _run(ctx, wish.run_id)
    task = _task(ctx, wish)
    ctx.user = _decider(ctx, task, wish)  # what follows is their doing
    return workflows.resolve_task(ctx, run, task, wish.decision, ctx.user.id, wish.reason)


def _decider(ctx: Context, task: TaskRecord, wish: WorkflowTaskEnd) -> UserRecord:
    """The user who is named, or whom the task was given to; raises ApiError."""
    if wish.email is not None:
        user = people.user_by_email(ctx, wish.email)
    else:
        user = ctx.store.users.get(task.assignee_user_id)
    if user is None:
        raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {wish.email}.")
    return user


def _task(ctx: Context, wish: WorkflowTaskEnd) -> TaskRecord:
    for task in ctx.store.workflow_tasks.under("open", wish.run_id):
        if wish.task_id in (None, task.id):
            return task
    raise ApiError(TASK_NOT_FOUND)
