"""The partner app that an API key belongs to."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.auth import ADMIN, PUBLIC
from contio_mock.contract.errors import (
    INVALID_REQUEST,
    INVALID_REQUEST_BODY,
    VALIDATION_ERROR,
    ErrorCode,
    Invalid,
    Shape,
)
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Model, Timestamp

TAG = "App Management"

APP_NOT_FOUND = ErrorCode(404, "not_found", "No partner app has this client id.", Shape.OAUTH)
INVALID_STATUS = ErrorCode(400, "invalid_status", "status must be active, suspended or inactive.")

AppStatus = Literal["active", "suspended", "inactive"]


class WebhookFilter(Model):
    """Which events are delivered: only those listed, or all but those."""

    type: Literal["include", "exclude"]
    events: list[str]


class PartnerApp(Model):
    """A partner app."""

    id: Id
    name: str
    company_name: str
    client_id: str
    status: AppStatus
    webhook_enabled: bool
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None
    slug: str | None = None
    primary_contact_email: str | None = None
    webhook_url: str | None = None
    webhook_filter: WebhookFilter | None = None
    default_toolkit_id: Id | None = None
    """The toolkit that a workspace gets when it is provisioned through this app."""


class PublicPartnerInfo(Model):
    """What anybody may know of a partner app, such as the user who is asked to consent."""

    client_id: str
    name: str
    company_name: str
    co_brand_name: str | None = None


class AppUpdate(Input):
    """What is to change; absent members stay, and a null `webhook_url` is cleared."""

    name: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    description: Annotated[str | None, Field(max_length=1000)] = None
    slug: Annotated[str | None, Field(min_length=3, max_length=63)] = None
    webhook_url: Annotated[str | None, Field(max_length=2000)] = None
    default_toolkit_id: Id | None = None


class AppStatusUpdate(Input):
    """The status that the app is to have."""

    status: Annotated[AppStatus, Invalid(INVALID_STATUS)]


@endpoint("GET", "/v1/partner/admin/app", auth=ADMIN, tag=TAG)
class GetApp(Operation[PartnerApp]):
    """Read the partner app that the API key belongs to."""


@endpoint(
    "PATCH",
    "/v1/partner/admin/app",
    auth=ADMIN,
    lifetime=since(R1_10),
    idempotency_key=since(R1_10),
    raises=(INVALID_REQUEST, VALIDATION_ERROR),
    tag=TAG,
)
class UpdateApp(Operation[PartnerApp]):
    """Change the partner app; only the members that are sent change."""

    body: AppUpdate


@endpoint(
    "PUT",
    "/v1/partner/admin/app",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    deprecated=R1_10,
    raises=(INVALID_REQUEST, VALIDATION_ERROR),
    tag=TAG,
)
class ReplaceApp(Operation[PartnerApp]):
    """Change the partner app, as every official SDK does; only the members that are sent change."""

    body: AppUpdate


@endpoint(
    "PUT",
    "/v1/partner/admin/app/status",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(INVALID_REQUEST_BODY, INVALID_STATUS),
    invalid=INVALID_REQUEST_BODY,
    tag=TAG,
)
class ReplaceAppStatus(Operation[PartnerApp]):
    """Suspend the partner app, take it out of use, or bring it back."""

    body: AppStatusUpdate


@endpoint(
    "GET",
    "/v1/partner/info/{client_id}/public",
    auth=PUBLIC,
    shape=Shape.OAUTH,
    raises=(APP_NOT_FOUND,),
    not_found=APP_NOT_FOUND,
    tag="OAuth 2.0",
)
class GetPublicPartnerInfo(Operation[PublicPartnerInfo]):
    """Read what anybody may know of a partner app."""

    client_id: str


class App(Resource[S_co]):
    """The partner app, as a client calls it."""

    get = call(GetApp)
    update = call(UpdateApp)
    replace = call(ReplaceApp)
    set_status = call(ReplaceAppStatus)
