"""Meeting templates: what a user can choose from, and applying one to a meeting."""

from typing import Annotated, Literal

from contio_mock.contract.auth import user
from contio_mock.contract.errors import (
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    PLAN_REQUIRED,
    ErrorCode,
)
from contio_mock.contract.meeting_events import (
    AgendaItemCreated,
    AppliedItems,
    MeetingTemplateApplied,
    MeetingUpdated,
    ParticipantAdded,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, ValueLifetimes, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Templates"

TEMPLATE_NOT_FOUND = ErrorCode(404, "not_found", "There is no such template that you can see.")
NOT_FOUND_TO_APPLY = ErrorCode(404, "not_found", "There is no such template or meeting that you can see.")
APPLY_UNAVAILABLE = ErrorCode(503, "service_unavailable", "Templates cannot be applied now; try again later.")

OwnershipType = Annotated[
    Literal["SYSTEM", "VERTICAL", "WORKSPACE", "USER", "PARTNER"], ValueLifetimes({"PARTNER": since(R1_9)})
]


class MeetingTemplate(Model):
    """A meeting template, as it stands in lists."""

    id: Id
    name: str
    ownership_type: OwnershipType
    """Whose it is: everybody's, an industry's, the workspace's, the user's own, or a partner's."""
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None


class MeetingTemplateDetail(MeetingTemplate):
    """A meeting template with how much it brings to a meeting."""

    agenda_item_count: int
    participant_count: int
    document_count: int
    can_edit: bool
    """Whether the caller may change it."""


class MeetingTemplateNextStep(Model):
    """A next step that a template brings to a meeting."""

    id: Id
    name: str
    autopilot: bool
    """Whether it runs by itself when the meeting is completed."""
    sort_order: int
    description: str | None = None
    color: str | None = None
    icon_name: str | None = None


class TemplateApply(Input):
    """The meeting that a template is applied to."""

    meeting_id: Id


class AppliedTemplate(Model):
    """What applying a template did."""

    success: bool
    application_id: Id
    applied_items: AppliedItems
    """How much was added; what the meeting had already is not counted."""


@endpoint(
    "GET",
    "/v1/partner/user/meeting-templates",
    auth=user("meetings:read"),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListMeetingTemplates(Operation[Page[MeetingTemplate]]):
    """List the templates that the user can apply, newest first."""

    limit: Limit = 25
    offset: Offset = 0


@endpoint(
    "GET",
    "/v1/partner/user/meeting-templates/{id}",
    auth=user("meetings:read"),
    raises=(TEMPLATE_NOT_FOUND, FORBIDDEN),
    not_found=TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class GetMeetingTemplate(Operation[MeetingTemplateDetail]):
    """Read one template."""

    id: Id


@endpoint(
    "POST",
    "/v1/partner/user/meeting-templates/{id}/apply",
    auth=user("meetings:write"),
    idempotency_key=since(R1_9),
    raises=(INVALID_REQUEST, PLAN_REQUIRED, FORBIDDEN, NOT_FOUND_TO_APPLY, APPLY_UNAVAILABLE),
    invalid=INVALID_REQUEST,
    not_found=NOT_FOUND_TO_APPLY,
    emits=(MeetingTemplateApplied, MeetingUpdated, AgendaItemCreated, ParticipantAdded),
    tag=TAG,
)
class ApplyMeetingTemplate(Operation[AppliedTemplate]):
    """Add what a template has to a meeting; what the meeting has already stays."""

    id: Id
    body: TemplateApply


@endpoint(
    "GET",
    "/v1/partner/user/meeting-templates/{id}/next-steps",
    auth=user("meetings:read"),
    raises=(TEMPLATE_NOT_FOUND,),
    not_found=TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class ListMeetingTemplateNextSteps(Operation[Page[MeetingTemplateNextStep]]):
    """List the next steps that a template brings, in their order."""

    id: Id


class MeetingTemplates(Resource[S_co]):
    """Meeting templates, as a client calls them."""

    list = call(ListMeetingTemplates)
    get = call(GetMeetingTemplate)
    apply = call(ApplyMeetingTemplate)
    next_steps = call(ListMeetingTemplateNextSteps)
