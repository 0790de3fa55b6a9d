"""What next steps do by themselves when a meeting is completed."""

from __future__ import annotations

from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import action_buttons, next_steps
from contio_mock.fake.records import MeetingRecord, NextStepRecord, NextStepResultRecord
from contio_mock.fake.sandbox import Context

UNATTENDED = ("webhook", "integration", "email")
"""The deliveries that need nobody present."""


def run_autopilot(ctx: Context, meeting: MeetingRecord) -> list[NextStepResultRecord]:
    """Write the texts of a completed meeting's autopilot steps, and press their default buttons.

    Emits next_step.completed and action_button.triggered, as the system. A step that has nothing to
    write from is left out, and so is a redirect: nobody is there to follow it.
    """
    results = []
    for offered in next_steps.of_meeting(ctx, meeting):
        step = offered.step
        if offered.autopilot and step.type == "ai" and _may_run(ctx, meeting, step):
            result = next_steps.write(ctx, meeting, step, "AUTOPILOT")
            _press(ctx, meeting, step, result)
            results.append(result)
    return results


def _may_run(ctx: Context, meeting: MeetingRecord, step: NextStepRecord) -> bool:
    try:
        next_steps.check(ctx, meeting, step)
    except ApiError:
        return False
    return True


def _press(ctx: Context, meeting: MeetingRecord, step: NextStepRecord, result: NextStepResultRecord) -> None:
    if ctx.profile.autopilot_button == "none":
        return
    for button, _ in next_steps.buttons_of(ctx, step):
        if (
            button.is_active
            and button.delivery_mechanism in UNATTENDED
            and next_steps.is_default(step, button)
        ):
            action_buttons.trigger(ctx, meeting, button, action_buttons.Place(step.id, result))
            return
