"""Workflows at work: installed with toolkits, and run step by step on the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from contio_mock.contract.app_events import (
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunStarted,
    WorkflowStepCompleted,
    WorkflowTaskCreated,
    WorkflowTaskResolved,
)
from contio_mock.contract.events import Event
from contio_mock.contract.shared import trusted
from contio_mock.fake.jobs import Job, job, schedule
from contio_mock.fake.processes.meeting_facts import meeting_facts
from contio_mock.fake.records import RunRecord, TaskRecord, UserRecord, WorkflowTemplateRecord
from contio_mock.fake.rules import workflows as rules
from contio_mock.fake.rules.chat import described
from contio_mock.fake.rules.workflow_manifest import entry_of
from contio_mock.fake.rules.workflow_specs import Node, SpecProblem, read_spec
from contio_mock.fake.sandbox import Context

STEP_EVENTS = (WorkflowStepCompleted, WorkflowTaskCreated, WorkflowRunCompleted)
"""What may follow from the end of a step."""


def install_workflow(
    ctx: Context,
    workspace_id: str,
    workflow_json: Mapping[str, Any],
    *,
    app_id: str | None = None,
    installation_id: str | None = None,
) -> WorkflowTemplateRecord:
    """Make a workflow template of an entry of a manifest's `workflows`, whatever its shape.

    A graph that cannot be run is found out by the run. `app_id` is the app that sees the template.
    """
    entry = entry_of(workflow_json)
    return ctx.store.workflow_templates.insert(
        trusted(
            WorkflowTemplateRecord,
            id=ctx.ids.uuid(),
            name=entry.name,
            description=entry.description,
            is_active=entry.is_active,
            workspace_id=workspace_id,
            created_at=ctx.now,
            updated_at=ctx.now,
            spec=entry.spec,
            app_id=app_id,
            installation_id=installation_id,
        )
    )


def enqueue(ctx: Context, run: RunRecord) -> None:
    """Let a pending run begin soon."""
    _later(ctx, ctx.profile.workflow_queue_seconds, start_run, run.id)


def _later(ctx: Context, seconds: float, what: Job, *arguments: str) -> None:
    schedule(ctx, ctx.now + timedelta(seconds=seconds), what, *arguments)


@job(emits=(WorkflowRunStarted, WorkflowTaskCreated, WorkflowRunFailed))
def start_run(ctx: Context, run_id: str) -> None:
    """Begin a run that is still pending."""
    run = ctx.store.workflow_runs.get(run_id)
    if run is not None and run.status == "pending":
        start(ctx, run)


def start(ctx: Context, run: RunRecord) -> RunRecord:
    """Begin a run: read its graph, and begin the steps that nothing comes before."""
    run = ctx.store.workflow_runs.replace(run, status="active", started_at=ctx.now, updated_at=ctx.now)
    _tell(
        ctx,
        run,
        trusted(
            WorkflowRunStarted,
            originating_id=run.originating_id,
            originating_type=run.originating_type,
            run_id=run.id,
            started_at=ctx.now,
            template_id=run.workflow_template_id,
            trigger_type=run.trigger_type,
            triggered_by=run.triggered_by,
            workspace_id=run.workspace_id,
        ),
    )
    try:
        walk, ready = rules.begin(read_spec(run.spec))
    except SpecProblem as problem:
        return fail(ctx, run, str(problem), node_id=problem.node_id)
    return _go_on(ctx, run, walk, ready)


# ---------------------------------------------------------------- steps


def _go_on(ctx: Context, run: RunRecord, walk: rules.Walk, ready: Iterable[Node]) -> RunRecord:
    """Begin the steps of these nodes; a run without any step left is complete."""
    begun = {ctx.ids.uuid(): node for node in ready}
    steps = {**run.steps, **{step_id: node.id for step_id, node in begun.items()}}
    if not steps:
        return _complete(ctx, run)
    only_tasks = all(walk.graph.nodes[node_id].is_task for node_id in steps.values())
    run = ctx.store.workflow_runs.replace(
        run,
        walk=walk,
        steps=steps,
        current_step_ids=list(steps),
        status=ctx.profile.workflow_waiting_status if only_tasks else "active",
        updated_at=ctx.now,
    )
    for step_id, node in begun.items():
        if node.is_task:
            _create_task(ctx, run, step_id, node)
        else:
            _later(ctx, ctx.profile.workflow_step_seconds, finish_step, run.id, step_id)
    return run


@job(emits=STEP_EVENTS)
def finish_step(ctx: Context, run_id: str, step_id: str) -> None:
    """Finish a step, if it is still current."""
    run = ctx.store.workflow_runs.get(run_id)
    if run is not None and step_id in run.steps:
        complete_step(ctx, run, step_id)


def complete_step(
    ctx: Context, run: RunRecord, step_id: str, outcome: str | None = None, output: Any = None
) -> RunRecord:
    """Finish a current step with that outcome and output, or the usual ones, and go on."""
    walk = run.begun
    node = walk.graph.nodes[run.steps[step_id]]
    outcome = outcome or rules.usual_outcome(walk.graph, node)
    output = output if output is not None else _output(ctx, run, node, outcome)
    known = {**run.context_json, "steps": {**run.context_json["steps"], node.id: output}}
    run = ctx.store.workflow_runs.replace(
        run,
        steps={id_: node_id for id_, node_id in run.steps.items() if id_ != step_id},
        finished_steps=run.finished_steps + 1,
        context_json=known,
    )
    _tell(
        ctx,
        run,
        trusted(
            WorkflowStepCompleted,
            completed_at=ctx.now,
            node_id=node.id,
            node_type=node.type,
            output_summary=output,
            run_id=run.id,
            status="completed",
            step_id=step_id,
        ),
    )
    walk, ready = walk.after(node.id, outcome)
    return _go_on(ctx, run, walk, ready)


def _output(ctx: Context, run: RunRecord, node: Node, outcome: str) -> dict[str, Any]:
    """What a step gives that nobody gave an output."""
    if outcome != rules.DONE:
        return {"status": rules.DONE, "outcome": outcome}
    if not node.writes:
        return {"status": rules.DONE}
    facts = meeting_facts(ctx, run.originating_id, run.owner_user_id)
    text = (
        described(facts) if facts is not None else f"{node.title}: nothing is known of {run.originating_id}."
    )
    return {"status": rules.DONE, "text": text}


# ---------------------------------------------------------------- tasks


def _create_task(ctx: Context, run: RunRecord, step_id: str, node: Node) -> None:
    task = ctx.store.workflow_tasks.insert(
        trusted(
            TaskRecord,
            id=ctx.ids.uuid(),
            run_id=run.id,
            step_id=step_id,
            node_id=node.id,
            assignee_user_id=_assignee(ctx, run, node),
            task_type=node.type,
            title=node.title,
            created_at=ctx.now,
        )
    )
    _tell(
        ctx,
        run,
        trusted(
            WorkflowTaskCreated,
            assignee_user_id=task.assignee_user_id,
            created_at=task.created_at,
            run_id=run.id,
            task_id=task.id,
            task_type=task.task_type,
            title=task.title,
            workspace_id=run.workspace_id,
        ),
    )
    if ctx.profile.workflow_task_seconds:
        _later(ctx, ctx.profile.workflow_task_seconds, approve_task, task.id)


def _assignee(ctx: Context, run: RunRecord, node: Node) -> str:
    """Whom the node names, if they work in the workspace; else the run's owner."""
    named = (node.assignee or "").lower()
    user: UserRecord | None = ctx.store.users.get(named) or ctx.store.users.first("email", named)
    return user.id if user is not None and user.workspace_id == run.workspace_id else run.owner_user_id


@job(emits=(WorkflowTaskResolved, *STEP_EVENTS))
def approve_task(ctx: Context, task_id: str) -> None:
    """Approve a task that is still open, in the name of whom it was given to."""
    task = ctx.store.workflow_tasks.get(task_id)
    run = ctx.store.workflow_runs.get(task.run_id) if task else None
    if task is not None and run is not None and task.decision is None and task.step_id in run.steps:
        resolve_task(ctx, run, task, "approved", task.assignee_user_id)


def resolve_task(  # noqa: PLR0913 - a decision is all of this
    ctx: Context, run: RunRecord, task: TaskRecord, decision: str, by: str, reason: str | None = None
) -> RunRecord:
    """Take somebody's decision, and go on with the run that waited for it."""
    ctx.store.workflow_tasks.replace(task, decision=decision)
    _tell(
        ctx,
        run,
        trusted(
            WorkflowTaskResolved,
            decision=decision,
            reason=reason,
            resolved_at=ctx.now,
            resolved_by=by,
            run_id=run.id,
            task_id=task.id,
            workspace_id=run.workspace_id,
        ),
    )
    leaving = run.begun.graph.leaving.get(task.node_id, ())
    no_way = rules.is_rejection(decision) and not rules.has_branch(leaving, decision)
    if no_way and ctx.profile.workflow_rejection == "fail":
        return fail(ctx, run, f"The task {task.title!r} was rejected.", task.step_id, task.node_id)
    output = {"status": rules.DONE, "decision": decision, "resolved_by": by}
    if reason is not None:
        output["reason"] = reason
    return complete_step(ctx, run, task.step_id, decision, output)


# ---------------------------------------------------------------- ends


def _complete(ctx: Context, run: RunRecord) -> RunRecord:
    run = _over(ctx, run, "completed")
    started = run.started_at or ctx.now
    _tell(
        ctx,
        run,
        trusted(
            WorkflowRunCompleted,
            completed_at=ctx.now,
            duration_ms=(ctx.now - started) // timedelta(milliseconds=1),
            final_status=run.status,
            run_id=run.id,
            template_id=run.workflow_template_id,
            total_steps=run.finished_steps,
            workspace_id=run.workspace_id,
        ),
    )
    return run


def fail(
    ctx: Context, run: RunRecord, message: str, step_id: str | None = None, node_id: str | None = None
) -> RunRecord:
    """End a run that cannot go on."""
    run = _over(ctx, run, "failed")
    _tell(
        ctx,
        run,
        trusted(
            WorkflowRunFailed,
            error_message=message,
            failed_at=ctx.now,
            final_status=run.status,
            node_id=node_id,
            run_id=run.id,
            step_id=step_id,
            template_id=run.workflow_template_id,
            workspace_id=run.workspace_id,
        ),
    )
    return run


def _over(ctx: Context, run: RunRecord, status: str) -> RunRecord:
    return ctx.store.workflow_runs.replace(
        run,
        status=status,
        completed_at=ctx.now,
        updated_at=ctx.now,
        steps={},
        current_step_ids=[],
        walk=None,
    )


def _tell(ctx: Context, run: RunRecord, event: Event) -> None:
    audience = [run.owner_user_id]
    if ctx.profile.workflow_audience == "workspace":
        audience = [user.id for user in ctx.store.users.under("workspace", run.workspace_id)]
    ctx.emit(event, audience=audience)
