"""Automations at work: action items that match are assigned to apps.

Whoever calls this declares `ASSIGNMENT_EVENTS` among what it emits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from contio_mock.contract.app_events import AutomationAssignmentCreated, WorkflowAssignmentCreated
from contio_mock.contract.automations import TriggerType
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import action_item_readers
from contio_mock.fake.records import ActionItemRecord, AppRecord, AssignmentRecord, AutomationRecord
from contio_mock.fake.records.automations import trigger_key
from contio_mock.fake.rules import automations as rules
from contio_mock.fake.sandbox import Context

ItemMoment = Literal["created", "updated", "completed"]
MeetingMoment = Literal["ended", "summary_ready"]

_ITEM_TRIGGERS: dict[ItemMoment, tuple[TriggerType, ...]] = {
    "created": ("action_item_created", "action_item_match"),
    "updated": ("action_item_updated", "action_item_match"),
    "completed": ("action_item_completed",),
}
_MEETING_TRIGGERS: dict[MeetingMoment, tuple[TriggerType, ...]] = {
    "ended": ("meeting_ended",),
    "summary_ready": ("meeting_summary_ready",),
}


def match_action_item(ctx: Context, item: ActionItemRecord, moment: ItemMoment) -> list[AssignmentRecord]:
    """Assign an action item to the automations that it matches at that moment."""
    return _assigned(ctx, item, _ITEM_TRIGGERS[moment])


def match_meeting(
    ctx: Context, items: Iterable[ActionItemRecord], moment: MeetingMoment
) -> list[AssignmentRecord]:
    """Assign a meeting's action items to the automations that wait for that moment of the meeting."""
    return [made for item in items for made in _assigned(ctx, item, _MEETING_TRIGGERS[moment])]


def has_assignment(ctx: Context, item_id: str) -> bool:
    """Whether an action item was ever assigned to an app."""
    return ctx.store.assignments.count("key", item_id) > 0


def _assigned(
    ctx: Context, item: ActionItemRecord, triggers: tuple[TriggerType, ...]
) -> list[AssignmentRecord]:
    made = []
    connected: dict[str, bool] = {}
    for automation in _active(ctx, triggers):
        app = ctx.store.apps.get(automation.partner_app_id)
        if app is None or _has(ctx, automation, item):
            continue
        if app.id not in connected:
            connected[app.id] = ctx.store.has_connected_member(app.id, item.workspace_id, ctx.now)
        score = rules.confidence(
            rules.phrases_of(automation.actions), f"{item.title}\n{item.description or ''}"
        )
        if connected[app.id] and score is not None:
            made.append(_assign(ctx, app, automation, item, score))
    return made


def _active(ctx: Context, triggers: tuple[TriggerType, ...]) -> list[AutomationRecord]:
    automations = ctx.store.automations
    return [found for trigger in triggers for found in automations.under("key", trigger_key(trigger))]


def _has(ctx: Context, automation: AutomationRecord, item: ActionItemRecord) -> bool:
    key = f"{automation.id}/{item.id}"
    return ctx.profile.repeated_assignment == "once" and ctx.store.assignments.count("key", key) > 0


def _assign(
    ctx: Context, app: AppRecord, automation: AutomationRecord, item: ActionItemRecord, score: float
) -> AssignmentRecord:
    assignment = ctx.store.assignments.insert(
        AssignmentRecord(
            id=ctx.ids.uuid(),
            automation_id=automation.id,
            app_id=app.id,
            action_item_id=item.id,
            meeting_id=item.meeting_id,
            workspace_id=item.workspace_id,
            status="assigned",
            confidence_score=score,
            created_at=ctx.now,
        )
    )
    for event in _events(assignment, automation):
        if event.lifetime.lives_in(ctx.sandbox.release):
            ctx.emit(event, app=app, audience=action_item_readers(ctx, item), by_system=True)
    return assignment


def _events(
    assignment: AssignmentRecord, automation: AutomationRecord
) -> tuple[AutomationAssignmentCreated, WorkflowAssignmentCreated]:
    """The event by its name since release 1.6, and by the one before."""
    payload = {"trigger_type": automation.trigger_type}
    return (
        trusted(
            AutomationAssignmentCreated,
            action_item_id=assignment.action_item_id,
            assignment_id=assignment.id,
            automation_data_payload=payload,
            automation_id=automation.id,
            automation_name=automation.name,
            confidence_score=assignment.confidence_score,
            created_at=assignment.created_at,
            meeting_id=assignment.meeting_id,
            status=assignment.status,
            workspace_id=assignment.workspace_id,
        ),
        trusted(
            WorkflowAssignmentCreated,
            action_item_id=assignment.action_item_id,
            assignment_id=assignment.id,
            confidence_score=assignment.confidence_score,
            created_at=assignment.created_at,
            meeting_id=assignment.meeting_id,
            status=assignment.status,
            workflow_data_payload=payload,
            workflow_id=automation.id,
            workflow_name=automation.name,
            workspace_id=assignment.workspace_id,
        ),
    )
