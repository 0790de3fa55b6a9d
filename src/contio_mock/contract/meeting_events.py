"""The events of meetings and of what belongs to them."""

from typing import Annotated, Literal

from contio_mock.contract.events import Event, event
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.shared import Id, Model, Timestamp

ActionItemStatus = Literal["needs_review", "accepted", "in_progress", "blocked", "completed", "cancelled"]


# ---------------------------------------------------------------- meetings


@event("meeting.created")
class MeetingCreated(Event):
    """A meeting was created."""

    created_at: Timestamp
    created_by_user_id: Id
    meeting_id: Id
    title: str
    workspace_id: Id


@event("meeting.updated")
class MeetingUpdated(Event):
    """A meeting's properties changed."""

    meeting_id: Id
    scheduled_start: Timestamp | None = None
    title: str
    updated_at: Timestamp
    workspace_id: Id


@event("meeting.completed")
class MeetingCompleted(Event):
    """A meeting is over, and its notes and summary can be read."""

    completed_at: Timestamp
    meeting_id: Id
    title: str
    workspace_id: Id


# ---------------------------------------------------------------- participants


class ParticipantInfo(Model):
    """Somebody who was added to a meeting: a user, or a guest by address."""

    guest_email: str | None = None
    participant_id: Id
    role: str
    user_id: Id | None = None


@event("participant.added")
class ParticipantAdded(Event):
    """People were added to a meeting."""

    added_at: Timestamp
    meeting_id: Id
    participants: list[ParticipantInfo]
    workspace_id: Id


@event("participant.removed")
class ParticipantRemoved(Event):
    """Somebody was removed from a meeting."""

    guest_email: str | None = None
    meeting_id: Id
    participant_id: Id
    removed_at: Timestamp
    user_id: Id | None = None
    workspace_id: Id


# ---------------------------------------------------------------- agenda


@event("agenda_item.created")
class AgendaItemCreated(Event):
    """An agenda item was created, in a meeting or in a backlog."""

    agenda_item_id: Id
    created_at: Timestamp
    item_type: str
    meeting_id: Id | None = None
    """Null for an item of a backlog."""
    title: str


@event("agenda_item.updated")
class AgendaItemUpdated(Event):
    """An agenda item changed."""

    agenda_item_id: Id
    item_type: str
    meeting_id: Id | None = None
    status: str
    title: str
    updated_at: Timestamp


@event("agenda_item.deleted")
class AgendaItemDeleted(Event):
    """An agenda item was deleted."""

    agenda_item_id: Id
    deleted_at: Timestamp
    meeting_id: Id | None = None


# ---------------------------------------------------------------- action items


@event("action_item.created")
class ActionItemCreated(Event):
    """An action item was created."""

    action_item_id: Id
    assignee_id: Id | None = None
    created_at: Timestamp
    meeting_id: Id
    title: str
    workspace_id: Id


@event("action_item.updated")
class ActionItemUpdated(Event):
    """An action item's status or details changed."""

    action_item_id: Id
    assignee_id: Id | None = None
    is_completed: bool
    meeting_id: Id
    status: ActionItemStatus
    updated_at: Timestamp
    workspace_id: Id


@event("action_item.completed")
class ActionItemCompleted(Event):
    """An action item was marked as completed."""

    action_item_id: Id
    assignee_id: Id | None = None
    completed_at: Timestamp
    completed_by_user_id: Id
    meeting_id: Id
    title: str
    workspace_id: Id


# ---------------------------------------------------------------- context documents


@event("meeting.context.created")
class MeetingContextCreated(Event):
    """A partner app added a document to a meeting."""

    context_id: Id
    created_at: Timestamp
    meeting_id: Id
    title: str | None = None
    workspace_id: Id


@event("meeting.context.deleted")
class MeetingContextDeleted(Event):
    """A partner app took a document back."""

    context_id: Id
    deleted_at: Timestamp
    meeting_id: Id
    workspace_id: Id


class Redaction(Model):
    """How often one kind of confidential text was taken out."""

    count: int
    type: str


class SanitizationReport(Model):
    """What was found in a document and made harmless."""

    formula_escaped: bool
    pii_detected: bool
    redactions: list[Redaction] | None = None
    secrets_detected: bool


@event("meeting.context.processed")
class MeetingContextProcessed(Event):
    """A document has been converted and scrubbed."""

    context_id: Id
    meeting_id: Id
    processed_at: Timestamp
    sanitization_report: SanitizationReport
    workspace_id: Id


# ---------------------------------------------------------------- calendar


@event("calendar_event.created")
class CalendarEventCreated(Event):
    """An event came in from the user's external calendar."""

    attendee_count: int
    calendar_event_id: Id
    end_time: Timestamp
    is_all_day: bool
    start_time: Timestamp
    title: str


@event("calendar_event.updated")
class CalendarEventUpdated(Event):
    """An event changed in the user's external calendar."""

    attendee_count: int
    calendar_event_id: Id
    end_time: Timestamp
    is_all_day: bool
    start_time: Timestamp
    title: str


@event("calendar_event.deleted")
class CalendarEventDeleted(Event):
    """An event was cancelled or deleted in the user's external calendar."""

    calendar_event_id: Id


# ---------------------------------------------------------------- templates, next steps, buttons


class AppliedItems(Model):
    """How much a template added to a meeting."""

    agenda_items: int
    documents: int
    participants: int


@event("meeting_template.applied")
class MeetingTemplateApplied(Event):
    """A template was applied to a meeting."""

    applied_at: Timestamp
    applied_by_user_id: Id
    applied_items: AppliedItems
    meeting_id: Id
    template_id: Id
    template_name: str


@event("next_step.completed")
class NextStepCompleted(Event):
    """A next step was carried out."""

    context_id: Annotated[Id, since(R1_9)]
    context_type: Annotated[str, since(R1_9)]
    executed_at: Timestamp
    executed_by: str
    execution_mode: str
    meeting_id: str | None = None
    next_step_id: Id
    next_step_name: str
    result_id: str | None = None


@event("action_button.triggered")
class ActionButtonTriggered(Event):
    """One of the app's action buttons was triggered."""

    action_button_id: Id
    action_button_name: str
    context_id: Annotated[Id | None, since(R1_9)] = None
    context_type: Annotated[str | None, since(R1_9)] = None
    invocation_id: Annotated[Id | None, since(R1_9)] = None
    meeting_id: Id | None = None
    next_step_id: Id | None = None
    result_id: Id | None = None
    trigger_mode: str
    triggered_at: Timestamp
    triggered_by: str
