"""Next steps of meetings: which there are, and carrying one out, at once or later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contio_mock.contract.meeting_events import NextStepCompleted
from contio_mock.contract.next_steps import NO_MEETING_CONTENT, PROMPT_REJECTED
from contio_mock.contract.release import R1_9
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.jobs import job, schedule
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import templates
from contio_mock.fake.records import (
    ActionButtonRecord,
    ExecutionRecord,
    MeetingRecord,
    NextStepRecord,
    NextStepResultRecord,
)
from contio_mock.fake.records.next_steps import SYSTEM, ExecutionMode
from contio_mock.fake.records.templates import ActionButtonLink, NextStepLink
from contio_mock.fake.rules import next_steps as rules
from contio_mock.fake.sandbox import Context

KEPT = timedelta(days=7)
"""How long a result can be read."""
FORMAT = "markdown"
"""What every generated text is written in."""

# ---------------------------------------------------------------- which there are


@dataclass(frozen=True, slots=True)
class Offered:
    """A next step of a meeting, and how its template brings it."""

    step: NextStepRecord
    sort_order: int
    autopilot: bool


def of_meeting(ctx: Context, meeting: MeetingRecord) -> list[Offered]:
    """The active next steps of a meeting's applied templates, each once, in their order."""
    found: dict[str, Offered] = {}
    for link in sorted(_links(ctx, meeting), key=lambda link: link.sort_order):
        step = ctx.store.next_steps.get(link.next_step_id)
        if step is None or not step.is_active:
            continue
        known = found.get(step.id)
        if known is None:
            found[step.id] = Offered(step, link.sort_order, link.autopilot)
        elif link.autopilot and not known.autopilot:
            found[step.id] = Offered(step, known.sort_order, autopilot=True)
    return list(found.values())


def _links(ctx: Context, meeting: MeetingRecord) -> Iterator[NextStepLink]:
    seen: set[str] = set()
    for application in ctx.store.template_applications.under("meeting", meeting.id):
        if application.template_id in seen:
            continue
        seen.add(application.template_id)
        template = ctx.store.templates.get(application.template_id)
        if template is not None:
            yield from template.next_steps
        elif ctx.profile.deleted_template_next_steps == "stay":
            yield from application.next_steps


def buttons_of(ctx: Context, step: NextStepRecord) -> list[tuple[ActionButtonRecord, ActionButtonLink]]:
    """The action buttons that a step offers, in their order."""
    ordered = sorted(step.action_buttons, key=lambda link: link.sort_order)
    found = ((ctx.store.action_buttons.get(link.action_button_id), link) for link in ordered)
    return [(button, link) for button, link in found if button is not None]


def is_default(step: NextStepRecord, button: ActionButtonRecord) -> bool:
    """Whether a button is the default of a step: the one it names, else one that always is."""
    if step.default_action_button_id is None:
        return button.is_default_for_next_step
    return button.id == step.default_action_button_id


# ---------------------------------------------------------------- carrying one out


def check(ctx: Context, meeting: MeetingRecord, step: NextStepRecord) -> None:
    """Refuse an ai step that has nothing to write from; raises ApiError."""
    if ctx.profile.next_step_without_prompt == "reject" and not (step.ai_prompt or "").strip():
        raise ApiError(PROMPT_REJECTED)
    if ctx.profile.next_step_without_content == "reject" and not (meeting.summary_notes or "").strip():
        raise ApiError(NO_MEETING_CONTENT)


def redirect(ctx: Context, meeting: MeetingRecord, step: NextStepRecord) -> ExecutionRecord:
    """Log that a redirect was followed, and tell."""
    execution = _logged(ctx, meeting, step.id, "MANUAL")
    if ctx.profile.redirect_completes == "yes" and ctx.sandbox.release >= R1_9:
        event = _completed(execution, step.name, ctx.now)
        ctx.emit(event, audience=meeting_readers(ctx, meeting))
    return execution


def write(
    ctx: Context,
    meeting: MeetingRecord,
    step: NextStepRecord,
    mode: ExecutionMode = "MANUAL",
    button_id: str | None = None,
) -> NextStepResultRecord:
    """Let the assistant write a step's text: at once and tell, or later; returns the result so far."""
    result_id = ctx.ids.uuid()
    execution = _logged(ctx, meeting, step.id, mode, result_id, button_id)
    result = ctx.store.next_step_results.insert(_begun(execution, step.name, result_id))
    if ctx.profile.next_step_execution == "async" and mode == "MANUAL":
        due = ctx.now + timedelta(seconds=ctx.profile.next_step_seconds)
        schedule(ctx, due, finish_next_step, result.id)
        return result
    return _finished(ctx, meeting, step, result)


@job(emits=(NextStepCompleted,))
def finish_next_step(ctx: Context, result_id: str) -> None:
    """Write the text of a result that waits for it; without its meeting or step it fails."""
    result = ctx.store.next_step_results.get(result_id)
    if result is None or result.status != "pending":
        return
    meeting, step = ctx.store.meetings.get(result.meeting_id), ctx.store.next_steps.get(result.next_step_id)
    if meeting is None or step is None:
        ctx.store.next_step_results.replace(result, status="failed", updated_at=ctx.now)
        return
    _finished(ctx, meeting, step, result)


def keep_edit(
    ctx: Context, meeting: MeetingRecord, result: NextStepResultRecord, text: str, content_format: str
) -> NextStepResultRecord:
    """Store a user's changed copy of a result as a result of its own, and tell."""
    result_id = ctx.ids.uuid()
    execution = _logged(ctx, meeting, result.next_step_id, "MANUAL_EDIT", result_id)
    edited = _begun(execution, result.next_step_name, result_id)
    ctx.store.next_step_results.insert(edited)
    return _completed_result(ctx, meeting, edited, text, content_format)


def _logged(  # noqa: PLR0913 - what a log entry says
    ctx: Context,
    meeting: MeetingRecord,
    step_id: str,
    mode: ExecutionMode,
    result_id: str | None = None,
    button_id: str | None = None,
) -> ExecutionRecord:
    return ctx.store.executions.insert(
        trusted(
            ExecutionRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            next_step_id=step_id,
            mode=mode,
            executed_by=SYSTEM if mode == "AUTOPILOT" or ctx.user is None else ctx.user.id,
            executed_at=ctx.now,
            result_id=result_id,
            action_button_id=button_id,
        )
    )


def _begun(execution: ExecutionRecord, step_name: str, result_id: str) -> NextStepResultRecord:
    return trusted(
        NextStepResultRecord,
        id=result_id,
        execution_log_id=execution.id,
        next_step_id=execution.next_step_id,
        meeting_id=execution.meeting_id,
        status="pending",
        created_at=execution.executed_at,
        updated_at=execution.executed_at,
        expires_at=execution.executed_at + KEPT,
        next_step_name=step_name,
        execution_mode=execution.mode,
        executed_by=execution.executed_by,
    )


def _finished(
    ctx: Context, meeting: MeetingRecord, step: NextStepRecord, result: NextStepResultRecord
) -> NextStepResultRecord:
    material = rules.Material(
        title=meeting.title,
        start=meeting.start_time,
        people=tuple(person.name for person in templates.participants_of(ctx, meeting)),
        agenda=tuple(item.title for item in templates.agenda_of(ctx, meeting)),
        notes=meeting.summary_notes,
    )
    text = rules.written(step.name, step.ai_prompt, material)
    return _completed_result(ctx, meeting, result, text, FORMAT)


def _completed_result(
    ctx: Context, meeting: MeetingRecord, result: NextStepResultRecord, text: str, content_format: str
) -> NextStepResultRecord:
    done = ctx.store.next_step_results.replace(
        result,
        status="completed",
        updated_at=ctx.now,
        content_format=content_format,
        generated_text=text,
        content=text,
    )
    execution = ctx.store.executions.get(done.execution_log_id)
    if execution is not None:
        event = _completed(execution, done.next_step_name, ctx.now)
        automatic = done.execution_mode == "AUTOPILOT"
        ctx.emit(event, audience=meeting_readers(ctx, meeting), by_system=automatic)
    return done


def _completed(execution: ExecutionRecord, step_name: str, now: datetime) -> NextStepCompleted:
    found = {"result_id": execution.result_id} if execution.result_id else {}  # absent, never null
    return trusted(
        NextStepCompleted,
        context_id=execution.meeting_id,
        context_type="meeting",
        executed_at=now,
        executed_by=execution.executed_by,
        execution_mode=execution.mode,
        meeting_id=execution.meeting_id,
        next_step_id=execution.next_step_id,
        next_step_name=step_name,
        **found,
    )
