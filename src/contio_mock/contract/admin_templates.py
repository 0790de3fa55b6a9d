"""Templates of a partner app, and the next steps that they bring."""

from typing import Annotated

from pydantic import Field

from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import (
    BAD_REQUEST,
    FORBIDDEN,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Template Management"

APP_TEMPLATE_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such template.")
TEMPLATE_STEP_NOT_FOUND = ErrorCode(404, "not_found", "The template has no such next step.")
INVALID_TEMPLATE_ID = ErrorCode(400, "bad_request", "The template id is not a UUID.")
INVALID_NEXT_STEP_ID = ErrorCode(400, "bad_request", "The next step id is not a UUID.")
BACKING_MEETING_INVALID = ErrorCode(
    400, "validation_error", "backing_meeting_id must be the id of a meeting that exists."
)

TemplateId = Annotated[Id, Invalid(INVALID_TEMPLATE_ID)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Description = Annotated[str | None, Field(max_length=1000)]


class Template(Model):
    """A template of the app."""

    id: Id
    name: str
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None
    backing_meeting_id: Id | None = None
    """The meeting that its content was copied from."""


class TemplateNextStep(Model):
    """That a template brings a next step."""

    id: Id
    name: str
    sort_order: int
    autopilot: bool
    """Whether it runs by itself when a meeting of the template is completed."""
    created_at: Timestamp
    updated_at: Timestamp


class TemplateCreate(Input):
    """A template to be created."""

    name: Name
    description: Description = None
    backing_meeting_id: Id | None = None
    """A meeting whose agenda, participants and talking points are copied, once and for all."""


class TemplateUpdate(Input):
    """What is to change; absent members stay."""

    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    description: Description = None


class TemplateNextStepAdd(Input):
    """A next step that a template is to bring."""

    next_step_id: Id
    sort_order: int | None = None
    """0 unless said otherwise."""
    autopilot: bool | None = None


class TemplateNextStepUpdate(Input):
    """What is to change about a template's next step."""

    autopilot: bool | None = None


@endpoint(
    "GET",
    "/v1/partner/admin/templates",
    auth=ADMIN,
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListTemplates(Operation[Page[Template]]):
    """List the templates of the app, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/templates",
    auth=ADMIN,
    success=201,
    idempotency_key=since(R1_9),
    raises=(INVALID_REQUEST, BACKING_MEETING_INVALID, FORBIDDEN),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class CreateTemplate(Operation[Template]):
    """Create a template, empty or with a meeting's content."""

    body: TemplateCreate


@endpoint(
    "GET",
    "/v1/partner/admin/templates/{templateId}",
    auth=ADMIN,
    raises=(INVALID_TEMPLATE_ID, APP_TEMPLATE_NOT_FOUND),
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class GetTemplate(Operation[Template]):
    """Read one template."""

    template_id: TemplateId


@endpoint(
    "PUT",
    "/v1/partner/admin/templates/{templateId}",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    deprecated=R1_10,
    raises=(INVALID_TEMPLATE_ID, INVALID_REQUEST, APP_TEMPLATE_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class ReplaceTemplate(Operation[Template]):
    """Change a template's name or description; only the members that are sent change."""

    template_id: TemplateId
    body: TemplateUpdate


@endpoint(
    "PATCH",
    "/v1/partner/admin/templates/{templateId}",
    auth=ADMIN,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_TEMPLATE_ID, INVALID_REQUEST, APP_TEMPLATE_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class UpdateTemplate(Operation[Template]):
    """Change a template's name or description; only the members that are sent change."""

    template_id: TemplateId
    body: TemplateUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/templates/{templateId}",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_TEMPLATE_ID, APP_TEMPLATE_NOT_FOUND, BAD_REQUEST),
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class DeleteTemplate(Operation[None]):
    """Delete a template; what it added to meetings stays there."""

    template_id: TemplateId


@endpoint(
    "GET",
    "/v1/partner/admin/templates/{templateId}/next-steps",
    auth=ADMIN,
    raises=(INVALID_TEMPLATE_ID, APP_TEMPLATE_NOT_FOUND),
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class ListTemplateNextSteps(Operation[Page[TemplateNextStep]]):
    """List the next steps that a template brings, in their order."""

    template_id: TemplateId


@endpoint(
    "POST",
    "/v1/partner/admin/templates/{templateId}/next-steps",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_TEMPLATE_ID, INVALID_REQUEST, APP_TEMPLATE_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_TEMPLATE_NOT_FOUND,
    tag=TAG,
)
class AddTemplateNextStep(Operation[None]):
    """Let a template bring one more of the app's next steps."""

    template_id: TemplateId
    body: TemplateNextStepAdd


@endpoint(
    "PUT",
    "/v1/partner/admin/templates/{templateId}/next-steps/{nextStepId}",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_TEMPLATE_ID, INVALID_NEXT_STEP_ID, INVALID_REQUEST, APP_TEMPLATE_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=TEMPLATE_STEP_NOT_FOUND,
    tag=TAG,
)
class ReplaceTemplateNextStep(Operation[None]):
    """Say whether a template's next step runs by itself."""

    template_id: TemplateId
    next_step_id: Annotated[Id, Invalid(INVALID_NEXT_STEP_ID)]
    body: TemplateNextStepUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/templates/{templateId}/next-steps/{nextStepId}",
    auth=ADMIN,
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_TEMPLATE_ID, INVALID_NEXT_STEP_ID, APP_TEMPLATE_NOT_FOUND, BAD_REQUEST),
    not_found=TEMPLATE_STEP_NOT_FOUND,
    tag=TAG,
)
class RemoveTemplateNextStep(Operation[None]):
    """Let a template bring a next step no more."""

    template_id: TemplateId
    next_step_id: Annotated[Id, Invalid(INVALID_NEXT_STEP_ID)]


class Templates(Resource[S_co]):
    """Templates of the app, as a client calls them."""

    list = call(ListTemplates)
    create = call(CreateTemplate)
    get = call(GetTemplate)
    replace = call(ReplaceTemplate)
    update = call(UpdateTemplate)
    delete = call(DeleteTemplate)
    next_steps = call(ListTemplateNextSteps)
    add_next_step = call(AddTemplateNextStep)
    update_next_step = call(ReplaceTemplateNextStep)
    remove_next_step = call(RemoveTemplateNextStep)
