"""What lets the events of workflow runs happen."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.release import R1_9, since

from .causes import ADA_ALONE, IN_THE_WORKSPACE, Told, cause, done_by
from .stage import ADA, GRACE, Stage

runs = since(R1_9)


def _run(s: Stage, template: str, email: str = ADA) -> Any:
    return s.user(email).workflow_runs.create(
        {
            "workflow_template_id": s.the("workflow_templates", template).id,
            "originating_id": s.meeting("Retrospective"),
            "originating_type": "meeting",
        }
    )


def _started(s: Stage, run: Any) -> None:
    s.told(
        "workflow.run.started",
        originating_id=s.meeting("Retrospective"),
        originating_type="meeting",
        run_id=run.id,
        started_at=s.now,
        template_id=run.workflow_template_id,
        trigger_type="manual",
        triggered_by=s.id_of(ADA),
        workspace_id=s.workspace,
    )


def _step(s: Stage, run: Any, node: str, kind: str) -> None:
    s.told(
        "workflow.step.completed",
        completed_at=s.now,
        node_id=node,
        node_type=kind,
        run_id=run.id,
        status="completed",
    )


def _task(s: Stage, run: Any, title: str, assignee: str = ADA) -> None:
    s.told(
        "workflow.task.created",
        assignee_user_id=s.id_of(assignee),
        created_at=s.now,
        run_id=run.id,
        task_type="approval_task",
        title=title,
        workspace_id=s.workspace,
    )


def _over(s: Stage, run: Any, steps: int) -> None:
    s.told(
        "workflow.run.completed",
        completed_at=s.now,
        final_status="completed",
        run_id=run.id,
        template_id=run.workflow_template_id,
        total_steps=steps,
        workspace_id=s.workspace,
    )


def _failed(s: Stage, run: Any, node: str | None, **further: Any) -> None:
    s.told(
        "workflow.run.failed",
        failed_at=s.now,
        final_status="failed",
        node_id=node,
        run_id=run.id,
        template_id=run.workflow_template_id,
        workspace_id=s.workspace,
        **further,
    )


def _resolved(s: Stage, run: Any, decision: str, by: str = ADA, **further: Any) -> None:
    s.told(
        "workflow.task.resolved",
        decision=decision,
        resolved_at=s.now,
        resolved_by=s.id_of(by),
        run_id=run.id,
        workspace_id=s.workspace,
        **further,
    )


STARTED = Told("workflow.run.started", IN_THE_WORKSPACE)
STEP = Told("workflow.step.completed", IN_THE_WORKSPACE)
TASK = Told("workflow.task.created", IN_THE_WORKSPACE)
RESOLVED = Told("workflow.task.resolved", IN_THE_WORKSPACE)
COMPLETED = Told("workflow.run.completed", IN_THE_WORKSPACE)
FAILED = Told("workflow.run.failed", IN_THE_WORKSPACE)


@cause("start_run", STARTED, lives=runs)
def a_run_begins(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.ready()
    s.pass_time(1)
    _started(s, run)


@cause(
    "start_run", Told("workflow.run.started", ADA_ALONE), lives=runs, profile={"workflow_audience": "owner"}
)
def a_run_that_only_its_owner_hears_of_begins(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.ready()
    s.pass_time(1)
    _started(s, run)


@cause("start_run", STARTED, TASK, lives=runs)
def a_run_begins_with_a_task(s: Stage) -> None:
    run = _run(s, "Ask at once")
    s.ready()
    s.pass_time(1)
    _started(s, run)
    _task(s, run, "Send it?", GRACE)


@cause("start_run", STARTED, FAILED, lives=runs)
def a_run_without_anything_to_do_fails(s: Stage) -> None:
    run = _run(s, "Nothing to do")
    s.ready()
    s.pass_time(1)
    _started(s, run)
    _failed(s, run, None, step_id=None)


@cause("mockSimulateWorkflowStep", STARTED, TASK, lives=runs)
def a_run_is_made_to_begin_with_a_task(s: Stage) -> None:
    run = _run(s, "Ask at once")
    s.ready()
    s.simulate.workflow_step({"run_id": run.id})
    _started(s, run)
    _task(s, run, "Send it?", GRACE)


@cause("mockSimulateWorkflowStep", STARTED, FAILED, lives=runs)
def a_run_that_leads_in_circles_is_made_to_begin(s: Stage) -> None:
    run = _run(s, "Round and round")
    s.ready()
    s.simulate.workflow_step({"run_id": run.id})
    _started(s, run)
    _failed(s, run, "chicken", step_id=None)


@cause("finish_step", STEP, lives=runs)
def a_step_is_finished(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.pass_time(1)
    s.ready()
    s.pass_time(1)
    _step(s, run, "draft", "ai")


@cause("finish_step", STEP, TASK, lives=runs)
def a_step_leads_to_a_task(s: Stage) -> None:
    run = _run(s, "Ask later")
    s.pass_time(1)
    s.ready()
    s.pass_time(1)
    _step(s, run, "draft", "ai")
    _task(s, run, "Send it?")


@cause("finish_step", STEP, COMPLETED, lives=runs)
def the_last_step_completes_a_run(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.pass_time(2)
    s.ready()
    s.pass_time(1)
    _step(s, run, "send", "notify")
    _over(s, run, 2)
    s.known["workflow.run.completed"] |= {"duration_ms": 2000}


@cause("mockSimulateWorkflowStep", STEP, TASK, lives=runs)
def a_step_is_made_to_lead_to_a_task(s: Stage) -> None:
    run = _run(s, "Ask later")
    s.pass_time(1)
    s.ready()
    s.simulate.workflow_step({"run_id": run.id, "output": {"text": "Minutes"}})
    _step(s, run, "draft", "ai")
    s.known["workflow.step.completed"] |= {"output_summary": {"text": "Minutes"}}
    _task(s, run, "Send it?")


@cause("mockSimulateWorkflowStep", STEP, COMPLETED, lives=runs)
def the_last_step_is_made_to_complete_a_run(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.pass_time(2)
    s.ready()
    s.simulate.workflow_step({"run_id": run.id})
    _step(s, run, "send", "notify")
    _over(s, run, 2)


@cause("mockSimulateWorkflowStep", FAILED, lives=runs)
def a_step_is_made_to_fail(s: Stage) -> None:
    run = _run(s, "Two steps")
    s.pass_time(1)
    (step,) = s.user(ADA).workflow_runs.get(run.id).current_step_ids
    s.ready()
    s.simulate.workflow_step({"run_id": run.id, "outcome": "failed", "error_message": "No ink."})
    _failed(s, run, "draft", step_id=step, error_message="No ink.")


def _asked(s: Stage, template: str) -> Any:
    """A run that waits for a decision."""
    run = _run(s, template)
    s.pass_time(1)
    s.ready()
    return run


@cause("mockSimulateWorkflowTask", *done_by(GRACE, RESOLVED, STEP), lives=runs)
def a_task_is_approved(s: Stage) -> None:
    run = _asked(s, "Ask at once")
    s.simulate.workflow_task({"run_id": run.id, "decision": "approved", "email": GRACE})
    _resolved(s, run, "approved", GRACE, reason=None)
    _step(s, run, "ask", "approval_task")


@cause("mockSimulateWorkflowTask", *done_by(ADA, RESOLVED, STEP, TASK), lives=runs)
def a_task_leads_to_another(s: Stage) -> None:
    run = _asked(s, "Ask twice")
    s.simulate.workflow_task({"run_id": run.id, "decision": "approved"})
    _resolved(s, run, "approved")
    _step(s, run, "ask", "approval_task")
    _task(s, run, "Are you sure?")


@cause("mockSimulateWorkflowTask", *done_by(ADA, RESOLVED, STEP, COMPLETED), lives=runs)
def a_task_completes_a_run(s: Stage) -> None:
    run = _asked(s, "Ask and be done")
    s.simulate.workflow_task({"run_id": run.id, "decision": "approved"})
    _resolved(s, run, "approved")
    _step(s, run, "ask", "approval_task")
    _over(s, run, 1)


@cause("mockSimulateWorkflowTask", *done_by(GRACE, RESOLVED, FAILED), lives=runs)
def a_task_is_rejected(s: Stage) -> None:
    run = _asked(s, "Ask at once")
    s.simulate.workflow_task({"run_id": run.id, "decision": "rejected", "reason": "Too long."})
    _resolved(s, run, "rejected", GRACE, reason="Too long.")
    _failed(s, run, "ask")


_SOON = {"workflow_task_seconds": 60.0}


@cause("approve_task", RESOLVED, STEP, lives=runs, profile=_SOON)
def a_task_is_approved_by_itself(s: Stage) -> None:
    run = _asked(s, "Ask at once")
    s.pass_time(60)
    _resolved(s, run, "approved", GRACE)
    _step(s, run, "ask", "approval_task")


@cause("approve_task", RESOLVED, STEP, TASK, lives=runs, profile=_SOON)
def a_task_that_is_approved_by_itself_leads_to_another(s: Stage) -> None:
    run = _asked(s, "Ask twice")
    s.pass_time(60)
    _resolved(s, run, "approved")
    _step(s, run, "ask", "approval_task")
    _task(s, run, "Are you sure?")


@cause("approve_task", RESOLVED, STEP, COMPLETED, lives=runs, profile=_SOON)
def a_task_that_is_approved_by_itself_completes_a_run(s: Stage) -> None:
    run = _asked(s, "Ask and be done")
    s.pass_time(60)
    _resolved(s, run, "approved")
    _step(s, run, "ask", "approval_task")
    _over(s, run, 1)
