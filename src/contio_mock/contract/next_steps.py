"""Next steps of a meeting: what they are, carrying one out, its result, and the buttons beneath."""

from typing import Annotated, Any, Literal

from contio_mock.contract.auth import user
from contio_mock.contract.errors import BAD_REQUEST, INVALID_REQUEST, ErrorCode, Invalid
from contio_mock.contract.meeting_events import ActionButtonTriggered, NextStepCompleted
from contio_mock.contract.meetings import INVALID_MEETING_ID, MEETING_NOT_FOUND, TAG, MeetingId
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, since, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Model, Page, Timestamp

NEXT_STEP_NOT_FOUND = ErrorCode(404, "not_found", "The meeting has no such next step.")
ACTION_BUTTON_NOT_FOUND = ErrorCode(404, "not_found", "The meeting has no such action button.")
RESULT_NOT_FOUND = ErrorCode(404, "not_found", "There is no such result, or it has expired.")
PROMPT_REJECTED = ErrorCode(400, "next_step_prompt_rejected", "The next step has no prompt to write from.")
NO_MEETING_CONTENT = ErrorCode(
    400, "next_step_no_meeting_content", "The meeting has no notes to write from yet."
)
INVALID_STEP_ID = ErrorCode(400, "bad_request", "The next step id is not a UUID.")
INVALID_BUTTON_ID = ErrorCode(400, "bad_request", "The action button id is not a UUID.")

ExecutionStatus = Literal["pending", "processing", "completed", "failed"]
"""The document leaves it open; these are the official SDK's."""
NextStepKind = Literal["ai", "redirect"]


class MeetingActionButton(Model):
    """A button beneath the result of a next step."""

    id: Id
    name: str
    is_default: bool
    icon_name: Annotated[str | None, since(R1_9)] = None
    icon_url: Annotated[str | None, until(R1_9)] = None


class MeetingNextStep(Model):
    """A next step of a meeting: a text that the assistant writes, or a place to go to."""

    id: Id
    name: str
    type: NextStepKind
    sort_order: int
    autopilot: bool
    """Whether it runs by itself when the meeting is completed."""
    action_buttons: list[MeetingActionButton]
    description: str | None = None
    color: str | None = None
    icon_name: str | None = None
    redirect_url: str | None = None


class NextStepRun(Input):
    """How a next step is carried out; nothing is needed."""

    action_button_id: Id | None = None
    """The action button that it is carried out for."""


class ExecutedNextStep(Model):
    """What carrying out a next step gave, as far as it is known."""

    execution_log_id: Id
    status: ExecutionStatus
    result_id: Id | None = None
    """Where the text is read, for 7 days; absent for a redirect."""
    generated_text: str | None = None
    """The text, when it is ready already."""
    content_format: str | None = None
    redirect_url: str | None = None
    """Where to go; for a redirect only."""


class NextStepResult(Model):
    """A text that a next step wrote, or a user's changed copy of one."""

    id: Id
    execution_log_id: Id
    next_step_id: Id
    meeting_id: Id
    status: ExecutionStatus
    created_at: Timestamp
    updated_at: Timestamp
    expires_at: Timestamp
    content_format: str | None = None
    generated_text: str | None = None
    content: str | None = None
    """The same text, under the name that the official SDK has for it."""


class ActionButtonTrigger(Input):
    """What an action button is triggered with; nothing is needed."""

    next_step_id: Id | None = None
    """The next step beneath which the button was pressed."""
    result_id: Id | None = None
    """The result beneath which the button was pressed."""
    content: Annotated[str | None, since(R1_9)] = None
    """The text as the user left it; when it differs from the result's, it becomes a new result."""
    content_format: Annotated[str | None, since(R1_9)] = None
    """The format of `content`, markdown unless said otherwise."""
    addressing_values: Annotated[dict[str, str] | None, since(R1_9)] = None
    """What the user entered in the form of an integration, kept as it is."""


class TriggeredActionButton(Model):
    """What triggering an action button did."""

    message: str
    status: ExecutionStatus
    invocation_id: Annotated[Id | None, since(R1_9)] = None
    result_id: Id | None = None
    """The result that was delivered: a new one when the user had changed the text."""
    redirect_url: str | None = None
    """Where to go, for a button that redirects."""


_STEP_RAISES: Any = (INVALID_MEETING_ID, MEETING_NOT_FOUND)


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}/next-steps",
    auth=user("meetings:read"),
    raises=_STEP_RAISES,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingNextSteps(Operation[Page[MeetingNextStep]]):
    """List what can be done next with a meeting, by the templates that were applied to it."""

    id: MeetingId


@endpoint(
    "POST",
    "/v1/partner/user/meetings/{id}/next-steps/{next_step_id}/execute",
    auth=user("meetings:write"),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_MEETING_ID,
        INVALID_STEP_ID,
        INVALID_REQUEST,
        PROMPT_REJECTED,
        NO_MEETING_CONTENT,
        MEETING_NOT_FOUND,
        NEXT_STEP_NOT_FOUND,
    ),
    invalid=INVALID_REQUEST,
    not_found=NEXT_STEP_NOT_FOUND,
    emits=(NextStepCompleted,),
    tag=TAG,
)
class ExecuteMeetingNextStep(Operation[ExecutedNextStep]):
    """Let the assistant write a next step's text, or ask where a redirect leads."""

    id: MeetingId
    next_step_id: Annotated[Id, Invalid(INVALID_STEP_ID)]
    body: NextStepRun | None = None


@endpoint(
    "GET",
    "/v1/partner/user/next-step-results/{result_id}",
    auth=user("meetings:read"),
    raises=(RESULT_NOT_FOUND,),
    not_found=RESULT_NOT_FOUND,
    tag=TAG,
)
class GetNextStepResult(Operation[NextStepResult]):
    """Read what a next step wrote; it can be read for 7 days."""

    result_id: Id


@endpoint(
    "GET",
    "/v1/partner/user/meetings/{id}/action-buttons",
    auth=user("meetings:read"),
    raises=_STEP_RAISES,
    not_found=MEETING_NOT_FOUND,
    tag=TAG,
)
class ListMeetingActionButtons(Operation[Page[MeetingActionButton]]):
    """List the action buttons of a meeting's next steps, each once."""

    id: MeetingId


@endpoint(
    "POST",
    "/v1/partner/user/meetings/{id}/action-buttons/{button_id}/trigger",
    auth=user("meetings:write"),
    idempotency_key=since(R1_9),
    raises=(
        INVALID_MEETING_ID,
        INVALID_BUTTON_ID,
        INVALID_REQUEST,
        BAD_REQUEST,
        MEETING_NOT_FOUND,
        ACTION_BUTTON_NOT_FOUND,
    ),
    invalid=INVALID_REQUEST,
    not_found=ACTION_BUTTON_NOT_FOUND,
    emits=(NextStepCompleted, ActionButtonTriggered),
    tag=TAG,
)
class TriggerMeetingActionButton(Operation[TriggeredActionButton]):
    """Press an action button of a meeting: the app whose button it is hears of it by webhook."""

    id: MeetingId
    button_id: Annotated[Id, Invalid(INVALID_BUTTON_ID)]
    body: ActionButtonTrigger | None = None


class NextSteps(Resource[S_co]):
    """Next steps and action buttons of meetings, as a client calls them."""

    list = call(ListMeetingNextSteps)
    execute = call(ExecuteMeetingNextStep)
    result = call(GetNextStepResult)
    buttons = call(ListMeetingActionButtons)
    trigger = call(TriggerMeetingActionButton)
