"""What happened with templates, next steps and action buttons in meetings."""

from typing import Literal

from pydantic import Field

from contio_mock.contract.meeting_events import AppliedItems
from contio_mock.contract.next_steps import NextStepResult
from contio_mock.contract.shared import Model, Timestamp
from contio_mock.fake.records.templates import NextStepLink, TemplateAgendaItem, TemplateParticipant

ExecutionMode = Literal["MANUAL", "AUTOPILOT", "MANUAL_EDIT"]
"""Only the last is known from the document; the others are in its manner."""
SYSTEM = "system"
"""Who executes and triggers what happens by itself."""


class TemplateApplicationRecord(Model):
    """That a template was applied to a meeting, and what came of it."""

    id: str
    meeting_id: str
    template_id: str
    applied_by_user_id: str
    applied_at: Timestamp
    agenda_items: tuple[TemplateAgendaItem, ...] = ()
    participants: tuple[TemplateParticipant, ...] = ()
    documents: tuple[str, ...] = ()
    next_steps: tuple[NextStepLink, ...] = ()
    """What the template brought then; the template itself says what it brings now."""

    @property
    def counts(self) -> AppliedItems:
        """How much was added."""
        return AppliedItems(
            agenda_items=len(self.agenda_items),
            documents=len(self.documents),
            participants=len(self.participants),
        )


class ExecutionRecord(Model):
    """The log entry of carrying out a next step once."""

    id: str
    meeting_id: str
    next_step_id: str
    mode: ExecutionMode
    executed_by: str
    """A user's id, or `system`."""
    executed_at: Timestamp
    result_id: str | None = None
    action_button_id: str | None = None


class NextStepResultRecord(NextStepResult):
    """A result with what its answer does not show."""

    next_step_name: str = Field(exclude=True)
    execution_mode: ExecutionMode = Field(exclude=True)
    executed_by: str = Field(exclude=True)


class InvocationRecord(Model):
    """That an action button was triggered, and with what."""

    id: str
    meeting_id: str
    action_button_id: str
    next_step_id: str | None
    result_id: str | None
    trigger_mode: str
    triggered_by: str
    triggered_at: Timestamp
    content: str | None
    content_format: str | None
    addressing_values: dict[str, str] | None
