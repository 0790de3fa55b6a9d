"""Next steps and action buttons of meetings."""

from __future__ import annotations

from contio_mock.contract.errors import BAD_REQUEST, INVALID_REQUEST
from contio_mock.contract.next_steps import (
    ACTION_BUTTON_NOT_FOUND,
    NEXT_STEP_NOT_FOUND,
    RESULT_NOT_FOUND,
    ActionButtonTrigger,
    ExecutedNextStep,
    ExecuteMeetingNextStep,
    GetNextStepResult,
    ListMeetingActionButtons,
    ListMeetingNextSteps,
    MeetingActionButton,
    MeetingNextStep,
    NextStepResult,
    NextStepRun,
    TriggeredActionButton,
    TriggerMeetingActionButton,
)
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import action_buttons, next_steps
from contio_mock.fake.processes.action_buttons import Place
from contio_mock.fake.records import (
    ActionButtonRecord,
    MeetingRecord,
    NextStepRecord,
    NextStepResultRecord,
)
from contio_mock.fake.rules import next_steps as rules
from contio_mock.fake.sandbox import Context


@ListMeetingNextSteps.handler
def list_meeting_next_steps(ctx: Context, op: ListMeetingNextSteps) -> Page[MeetingNextStep]:
    meeting = lookup.meeting(ctx, op.id)
    found = next_steps.of_meeting(ctx, meeting)
    return paging.unpaged(ctx, [_shown(ctx, offered) for offered in found])


@ExecuteMeetingNextStep.handler
def execute_meeting_next_step(ctx: Context, op: ExecuteMeetingNextStep) -> ExecutedNextStep:
    meeting = lookup.meeting(ctx, op.id)
    step = _step(ctx, meeting, op.next_step_id)
    if step is None:
        raise ApiError(NEXT_STEP_NOT_FOUND)
    button_id = (op.body or NextStepRun()).action_button_id
    if button_id is not None and button_id not in {button.id for button in _buttons(ctx, step)}:
        raise ApiError(INVALID_REQUEST, "action_button_id is not an action button of this next step.")
    if step.type == "redirect":
        return _followed(ctx, meeting, step)
    next_steps.check(ctx, meeting, step)
    result = next_steps.write(ctx, meeting, step, button_id=button_id)
    return ExecutedNextStep(
        execution_log_id=result.execution_log_id,
        status=result.status,
        result_id=result.id,
        generated_text=result.generated_text,
        content_format=result.content_format,
    )


@GetNextStepResult.handler
def get_next_step_result(ctx: Context, op: GetNextStepResult) -> NextStepResult:
    result = _readable(ctx, op.result_id)
    if result is None or lookup.seen_meeting(ctx, result.meeting_id) is None:
        raise ApiError(RESULT_NOT_FOUND)
    if result.status != "completed" and ctx.profile.unfinished_result == "not_found":
        raise ApiError(RESULT_NOT_FOUND, "The result is not ready yet.")
    return result


@ListMeetingActionButtons.handler
def list_meeting_action_buttons(ctx: Context, op: ListMeetingActionButtons) -> Page[MeetingActionButton]:
    meeting = lookup.meeting(ctx, op.id)
    return paging.unpaged(ctx, list(_meeting_buttons(ctx, meeting).values()))


@TriggerMeetingActionButton.handler
def trigger_meeting_action_button(ctx: Context, op: TriggerMeetingActionButton) -> TriggeredActionButton:
    meeting = lookup.meeting(ctx, op.id)
    button = ctx.store.action_buttons.get(op.button_id)
    if button is None or button.id not in _meeting_buttons(ctx, meeting):
        raise ApiError(ACTION_BUTTON_NOT_FOUND)
    given = op.body or ActionButtonTrigger()
    place = _after_edit(ctx, meeting, _place(ctx, meeting, given), given)
    invocation = action_buttons.trigger(ctx, meeting, button, place, given)
    redirecting = button.delivery_mechanism == "redirect" and button.redirect_url
    return TriggeredActionButton(
        message=f"The action button {button.name} was triggered.",
        status="completed",
        invocation_id=invocation.id,
        result_id=invocation.result_id,
        redirect_url=_target(ctx, button.redirect_url or "", meeting) if redirecting else None,
    )


# ---------------------------------------------------------------- what the caller names


def _step(ctx: Context, meeting: MeetingRecord, step_id: str) -> NextStepRecord | None:
    found = (offered.step for offered in next_steps.of_meeting(ctx, meeting))
    return next((step for step in found if step.id == step_id), None)


def _readable(ctx: Context, result_id: str) -> NextStepResultRecord | None:
    result = ctx.store.next_step_results.get(result_id)
    return result if result is not None and ctx.now < result.expires_at else None


def _place(ctx: Context, meeting: MeetingRecord, given: ActionButtonTrigger) -> Place:
    """Where the caller says the button was pressed; raises ApiError when that cannot be."""
    if given.next_step_id is not None and _step(ctx, meeting, given.next_step_id) is None:
        raise ApiError(BAD_REQUEST, "next_step_id is not a next step of this meeting.")
    if given.result_id is None:
        return Place(given.next_step_id)
    result = _readable(ctx, given.result_id)
    if result is None or result.meeting_id != meeting.id or result.status != "completed":
        raise ApiError(BAD_REQUEST, "result_id is not a finished result of this meeting.")
    if given.next_step_id not in (None, result.next_step_id):
        raise ApiError(BAD_REQUEST, "result_id is a result of another next step.")
    return Place(result.next_step_id, result)


def _after_edit(ctx: Context, meeting: MeetingRecord, place: Place, given: ActionButtonTrigger) -> Place:
    """The place with the user's changed text as its result, when the text is a changed one."""
    result, text = place.result, given.content
    if result is None or text is None or text == result.generated_text:
        return place
    edited = next_steps.keep_edit(ctx, meeting, result, text, action_buttons.format_of(given))
    return Place(place.next_step_id, edited)


# ---------------------------------------------------------------- what the caller is shown


def _shown(ctx: Context, offered: next_steps.Offered) -> MeetingNextStep:
    step = offered.step
    return trusted(
        MeetingNextStep,
        id=step.id,
        name=step.name,
        type=step.type,
        sort_order=offered.sort_order,
        autopilot=offered.autopilot,
        action_buttons=_buttons(ctx, step),
        description=step.description,
        color=step.color,
        icon_name=step.icon_name,
        redirect_url=step.redirect_url,
    )


def _buttons(ctx: Context, step: NextStepRecord) -> list[MeetingActionButton]:
    found = next_steps.buttons_of(ctx, step)
    return [_button(step, button) for button, _ in found if button.is_active]


def _button(step: NextStepRecord, button: ActionButtonRecord) -> MeetingActionButton:
    return trusted(
        MeetingActionButton,
        id=button.id,
        name=button.name,
        is_default=next_steps.is_default(step, button),
        icon_name=button.icon_name,
        icon_url=button.icon_url,
    )


def _meeting_buttons(ctx: Context, meeting: MeetingRecord) -> dict[str, MeetingActionButton]:
    """The buttons of a meeting's next steps by id; the default of one of them is shown as such."""
    found: dict[str, MeetingActionButton] = {}
    for offered in next_steps.of_meeting(ctx, meeting):
        for button in _buttons(ctx, offered.step):
            if button.id not in found or button.is_default:
                found[button.id] = button
    return found


def _followed(ctx: Context, meeting: MeetingRecord, step: NextStepRecord) -> ExecutedNextStep:
    if not step.redirect_url:
        raise ApiError(INVALID_REQUEST, "The next step is a redirect and has no URL.")
    execution = next_steps.redirect(ctx, meeting, step)
    target = _target(ctx, step.redirect_url, meeting)
    return ExecutedNextStep(execution_log_id=execution.id, status="completed", redirect_url=target)


def _target(ctx: Context, url: str, meeting: MeetingRecord) -> str:
    return rules.redirect(url, meeting.id) if ctx.profile.redirect_meeting_id == "append" else url
