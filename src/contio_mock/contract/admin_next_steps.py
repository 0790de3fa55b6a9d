"""Next steps of a partner app, as releases before 1.6 managed them; later they come with toolkits."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from contio_mock.contract.admin_action_buttons import INVALID_ACTION_BUTTON_ID, DeliveryMechanism
from contio_mock.contract.admin_templates import INVALID_NEXT_STEP_ID, Description, Name
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import (
    BAD_REQUEST,
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST,
    ErrorCode,
    Invalid,
)
from contio_mock.contract.next_steps import NextStepKind
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_6, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Partner Admin - Next Steps"
LINK_TAG = "Template Management"

APP_NEXT_STEP_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such next step.")
STEP_BUTTON_NOT_FOUND = ErrorCode(404, "not_found", "The next step has no such action button.")

NextStepId = Annotated[Id, Invalid(INVALID_NEXT_STEP_ID)]
ButtonId = Annotated[Id, Invalid(INVALID_ACTION_BUTTON_ID)]
Url = Annotated[str | None, Field(max_length=2000)]


class NextStep(Model):
    """A next step of the app."""

    id: Id
    name: str
    type: NextStepKind
    is_active: bool
    sort_order: int
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None
    ai_prompt: str | None = None
    redirect_url: str | None = None
    color: str | None = None
    icon_name: str | None = None


class NextStepActionButton(Model):
    """That a next step offers an action button."""

    id: Id
    name: str
    delivery_mechanism: DeliveryMechanism
    is_default: bool
    sort_order: int
    icon_url: str | None = None


class _Kinded(Input):
    @model_validator(mode="before")
    @classmethod
    def _kind(cls, given: Any) -> Any:
        """Read the official SDK's words for the type: AI, and STANDARD for a step with a URL."""
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            return given
        kind = given["type"].lower()
        if kind == "standard" and given.get("redirect_url"):
            kind = "redirect"
        return {**given, "type": kind}


class NextStepCreate(_Kinded):
    """A next step to be created."""

    name: Name
    type: NextStepKind
    description: Description = None
    ai_prompt: str | None = None
    redirect_url: Url = None
    color: Annotated[str | None, Field(max_length=50)] = None
    icon_name: Annotated[str | None, Field(max_length=100)] = None


class NextStepUpdate(_Kinded):
    """What is to change; absent members stay."""

    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    type: NextStepKind | None = None
    description: Description = None
    ai_prompt: str | None = None
    redirect_url: Url = None
    color: Annotated[str | None, Field(max_length=50)] = None
    icon_name: Annotated[str | None, Field(max_length=100)] = None
    is_active: bool | None = None


class NextStepActionButtonAdd(Input):
    """An action button that a next step is to offer."""

    action_button_id: Id
    sort_order: int | None = None
    """0 unless said otherwise."""


class DefaultActionButton(Input):
    """The action button that is to be the next step's default; the step must offer it already."""

    action_button_id: Id


class NextStepActionButtonUpdate(Input):
    """What is to change about a next step's action button."""

    sort_order: int | None = None
    is_default: bool | None = None


@endpoint(
    "GET",
    "/v1/partner/admin/next-steps",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListNextSteps(Operation[Page[NextStep]]):
    """List the next steps of the app, newest first."""

    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/next-steps",
    auth=ADMIN,
    success=201,
    lifetime=until(R1_6),
    raises=(INVALID_REQUEST,),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class CreateNextStep(Operation[NextStep]):
    """Create a next step."""

    body: NextStepCreate


@endpoint(
    "GET",
    "/v1/partner/admin/next-steps/{nextStepId}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, APP_NEXT_STEP_NOT_FOUND),
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=TAG,
)
class GetNextStep(Operation[NextStep]):
    """Read one next step."""

    next_step_id: NextStepId


@endpoint(
    "PUT",
    "/v1/partner/admin/next-steps/{nextStepId}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, INVALID_REQUEST, APP_NEXT_STEP_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=TAG,
)
class ReplaceNextStep(Operation[NextStep]):
    """Change a next step; only the members that are sent change."""

    next_step_id: NextStepId
    body: NextStepUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/next-steps/{nextStepId}",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, APP_NEXT_STEP_NOT_FOUND),
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=TAG,
)
class DeleteNextStep(Operation[None]):
    """Delete a next step; templates bring it no more."""

    next_step_id: NextStepId


@endpoint(
    "GET",
    "/v1/partner/admin/next-steps/{nextStepId}/action-buttons",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, APP_NEXT_STEP_NOT_FOUND),
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=LINK_TAG,
)
class ListNextStepActionButtons(Operation[Page[NextStepActionButton]]):
    """List the action buttons that a next step offers, in their order."""

    next_step_id: NextStepId


@endpoint(
    "POST",
    "/v1/partner/admin/next-steps/{nextStepId}/action-buttons",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, INVALID_REQUEST, APP_NEXT_STEP_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=LINK_TAG,
)
class AddNextStepActionButton(Operation[None]):
    """Let a next step offer one more of the app's action buttons."""

    next_step_id: NextStepId
    body: NextStepActionButtonAdd


@endpoint(
    "PUT",
    "/v1/partner/admin/next-steps/{next_step_id}/action-buttons/{action_button_id}",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, INVALID_ACTION_BUTTON_ID, INVALID_REQUEST, APP_NEXT_STEP_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=STEP_BUTTON_NOT_FOUND,
    tag=LINK_TAG,
)
class UpdateNextStepActionButton(Operation[None]):
    """Change a next step's action button, as the official SDK 1.5 does; no document has this path."""

    next_step_id: NextStepId
    action_button_id: ButtonId
    body: NextStepActionButtonUpdate | None = None


@endpoint(
    "DELETE",
    "/v1/partner/admin/next-steps/{next_step_id}/action-buttons/{action_button_id}",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, INVALID_ACTION_BUTTON_ID, APP_NEXT_STEP_NOT_FOUND, BAD_REQUEST),
    not_found=STEP_BUTTON_NOT_FOUND,
    tag=LINK_TAG,
)
class RemoveNextStepActionButton(Operation[None]):
    """Let a next step offer an action button no more."""

    next_step_id: NextStepId
    action_button_id: ButtonId


@endpoint(
    "PUT",
    "/v1/partner/admin/next-steps/{next_step_id}/default-action-button",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_NEXT_STEP_ID, INVALID_REQUEST, APP_NEXT_STEP_NOT_FOUND, STEP_BUTTON_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=APP_NEXT_STEP_NOT_FOUND,
    tag=LINK_TAG,
)
class SetDefaultActionButton(Operation[None]):
    """Make one of a next step's action buttons its default."""

    next_step_id: NextStepId
    body: DefaultActionButton


class AppNextSteps(Resource[S_co]):
    """Next steps of the app, as a client of releases before 1.6 calls them."""

    list = call(ListNextSteps)
    create = call(CreateNextStep)
    get = call(GetNextStep)
    replace = call(ReplaceNextStep)
    delete = call(DeleteNextStep)
    buttons = call(ListNextStepActionButtons)
    add_button = call(AddNextStepActionButton)
    update_button = call(UpdateNextStepActionButton)
    remove_button = call(RemoveNextStepActionButton)
    set_default_button = call(SetDefaultActionButton)
