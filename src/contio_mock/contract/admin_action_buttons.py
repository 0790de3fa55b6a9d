"""Action buttons of a partner app, as releases before 1.6 managed them; later they come with toolkits."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.admin_templates import Name
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import INVALID_QUERY_PARAMETERS, INVALID_REQUEST, ErrorCode, Invalid
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_6, until
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Page, Timestamp

TAG = "Partner Admin - Action Buttons"

APP_BUTTON_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such action button.")
INVALID_ACTION_BUTTON_ID = ErrorCode(400, "bad_request", "The action button id is not a UUID.")
DEFAULT_EXISTS = ErrorCode(
    409, "conflict", "Another action button is the default already; make it an ordinary one first."
)

ActionButtonId = Annotated[Id, Invalid(INVALID_ACTION_BUTTON_ID)]
ContentFormat = Literal["rich_text", "markdown", "plain_text", "html"]
DeliveryMechanism = Literal[
    "webhook", "redirect", "email", "clipboard", "file_download", "integration", "os_email_client"
]
Url = Annotated[str | None, Field(max_length=2000)]


class ActionButton(Model):
    """An action button of the app."""

    id: Id
    name: str
    content_format: ContentFormat
    delivery_mechanism: DeliveryMechanism
    is_active: bool
    is_default_for_next_step: bool
    requires_connected_integration: bool
    sort_order: int
    created_at: Timestamp
    updated_at: Timestamp
    file_format: str | None = None
    icon_url: str | None = None
    integration_type: str | None = None
    redirect_url: str | None = None
    webhook_url: str | None = None


class _Members(Input):
    file_format: Annotated[str | None, Field(max_length=50)] = None
    """For `file_download`."""
    icon_url: Url = None
    integration_type: Annotated[str | None, Field(max_length=100)] = None
    """For `integration`."""
    is_default_for_next_step: bool | None = None
    redirect_url: Url = None
    """For `redirect`."""
    requires_connected_integration: bool | None = None
    sort_order: int | None = None
    webhook_url: Url = None
    """For `webhook`."""


class ActionButtonCreate(_Members):
    """An action button to be created."""

    name: Name
    content_format: ContentFormat
    delivery_mechanism: DeliveryMechanism


class ActionButtonUpdate(_Members):
    """What is to change; absent members stay."""

    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    content_format: ContentFormat | None = None
    delivery_mechanism: DeliveryMechanism | None = None
    is_active: bool | None = None


@endpoint(
    "GET",
    "/v1/partner/admin/action-buttons",
    auth=ADMIN,
    lifetime=until(R1_6),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListActionButtons(Operation[Page[ActionButton]]):
    """List the action buttons of the app, newest first."""

    limit: Limit = 25
    offset: Offset = 0


@endpoint(
    "POST",
    "/v1/partner/admin/action-buttons",
    auth=ADMIN,
    success=201,
    lifetime=until(R1_6),
    raises=(INVALID_REQUEST, DEFAULT_EXISTS),
    invalid=INVALID_REQUEST,
    tag=TAG,
)
class CreateActionButton(Operation[ActionButton]):
    """Create an action button."""

    body: ActionButtonCreate


@endpoint(
    "GET",
    "/v1/partner/admin/action-buttons/{id}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_ACTION_BUTTON_ID, APP_BUTTON_NOT_FOUND),
    not_found=APP_BUTTON_NOT_FOUND,
    tag=TAG,
)
class GetActionButton(Operation[ActionButton]):
    """Read one action button."""

    id: ActionButtonId


@endpoint(
    "PUT",
    "/v1/partner/admin/action-buttons/{id}",
    auth=ADMIN,
    lifetime=until(R1_6),
    raises=(INVALID_ACTION_BUTTON_ID, INVALID_REQUEST, APP_BUTTON_NOT_FOUND, DEFAULT_EXISTS),
    invalid=INVALID_REQUEST,
    not_found=APP_BUTTON_NOT_FOUND,
    tag=TAG,
)
class ReplaceActionButton(Operation[ActionButton]):
    """Change an action button; only the members that are sent change."""

    id: ActionButtonId
    body: ActionButtonUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/action-buttons/{id}",
    auth=ADMIN,
    success=204,
    lifetime=until(R1_6),
    raises=(INVALID_ACTION_BUTTON_ID, APP_BUTTON_NOT_FOUND),
    not_found=APP_BUTTON_NOT_FOUND,
    tag=TAG,
)
class DeleteActionButton(Operation[None]):
    """Delete an action button; next steps offer it no more."""

    id: ActionButtonId


class AppActionButtons(Resource[S_co]):
    """Action buttons of the app, as a client of releases before 1.6 calls them."""

    list = call(ListActionButtons)
    create = call(CreateActionButton)
    get = call(GetActionButton)
    replace = call(ReplaceActionButton)
    delete = call(DeleteActionButton)
