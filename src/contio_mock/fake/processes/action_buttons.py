"""Pressing action buttons: what is kept of it, and who is told."""

from __future__ import annotations

from dataclasses import dataclass

from contio_mock.contract.meeting_events import ActionButtonTriggered
from contio_mock.contract.next_steps import ActionButtonTrigger
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.processes import next_steps
from contio_mock.fake.records import (
    ActionButtonRecord,
    InvocationRecord,
    MeetingRecord,
    NextStepResultRecord,
)
from contio_mock.fake.records.next_steps import SYSTEM
from contio_mock.fake.sandbox import Context


@dataclass(frozen=True, slots=True)
class Place:
    """Where a button was pressed: beneath which step and which of its results."""

    next_step_id: str | None = None
    result: NextStepResultRecord | None = None


def trigger(
    ctx: Context,
    meeting: MeetingRecord,
    button: ActionButtonRecord,
    place: Place,
    given: ActionButtonTrigger | None = None,
) -> InvocationRecord:
    """Keep that a button was pressed, and tell the app whose button it is.

    `given` is what the user sent; without it the button was pressed by the system.
    """
    invocation = ctx.store.invocations.insert(
        trusted(
            InvocationRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            action_button_id=button.id,
            next_step_id=place.next_step_id,
            result_id=place.result.id if place.result else None,
            trigger_mode="MANUAL" if given else "AUTOPILOT",
            triggered_by=ctx.user.id if given else SYSTEM,
            triggered_at=ctx.now,
            content=given.content if given else None,
            content_format=format_of(given) if given and given.content is not None else None,
            addressing_values=given.addressing_values if given else None,
        )
    )
    app = ctx.store.apps.get(button.app_id) if button.app_id else None
    if app is not None:  # nobody is told of Contio's own buttons
        event = _triggered(invocation, button)
        ctx.emit(event, audience=meeting_readers(ctx, meeting), app=app, by_system=given is None)
    return invocation


def format_of(given: ActionButtonTrigger) -> str:
    """The format of what a user sent."""
    return given.content_format or next_steps.FORMAT


def _triggered(invocation: InvocationRecord, button: ActionButtonRecord) -> ActionButtonTriggered:
    return trusted(
        ActionButtonTriggered,
        action_button_id=button.id,
        action_button_name=button.name,
        context_id=invocation.meeting_id,
        context_type="meeting",
        invocation_id=invocation.id,
        meeting_id=invocation.meeting_id,
        next_step_id=invocation.next_step_id,
        result_id=invocation.result_id,
        trigger_mode=invocation.trigger_mode,
        triggered_at=invocation.triggered_at,
        triggered_by=invocation.triggered_by,
    )
