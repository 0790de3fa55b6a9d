"""Automations, and the action items that they assigned."""

from collections.abc import Iterable

from contio_mock.contract.automations import Automation, PartnerWorkflow
from contio_mock.contract.shared import Model, Timestamp


class AutomationRecord(Automation, PartnerWorkflow):
    """An automation; before release 1.6 it is shown as a workflow."""


class AssignmentRecord(Model):
    """That an action item matched an automation and was assigned to its app."""

    id: str
    automation_id: str
    app_id: str
    action_item_id: str
    meeting_id: str
    workspace_id: str
    status: str
    confidence_score: float
    created_at: Timestamp


def automation_keys(automation: AutomationRecord) -> Iterable[str]:
    """The keys of an automation: its app and, while it is active, its trigger."""
    yield automation.partner_app_id
    if automation.status == "active":
        yield trigger_key(automation.trigger_type)


def trigger_key(trigger_type: str) -> str:
    """The key of the active automations with that trigger."""
    return f"trigger:{trigger_type}"


def assignment_keys(assignment: AssignmentRecord) -> Iterable[str]:
    """The keys of an assignment: its action item, alone and with the automation."""
    yield assignment.action_item_id
    yield f"{assignment.automation_id}/{assignment.action_item_id}"
