"""A partner app's webhooks: its deliveries, its event filter, and the switch."""

from typing import Annotated, Literal

from pydantic import Field

from contio_mock.contract.app import PartnerApp
from contio_mock.contract.auth import ADMIN
from contio_mock.contract.errors import (
    INVALID_QUERY_PARAMETERS,
    INVALID_REQUEST_BODY,
    VALIDATION_ERROR,
    ErrorCode,
    Shape,
)
from contio_mock.contract.operation import Alias, Operation, endpoint
from contio_mock.contract.release import R1_9, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Input, Limit, Model, Offset, Timestamp

TAG = "Webhook Management"

DELIVERY_NOT_FOUND = ErrorCode(404, "not_found", "This app has no such webhook delivery.")
UNKNOWN_EVENT_TYPES = ErrorCode(
    400, "validation_error", "The filter names events that do not exist.", Shape.EVENT_TYPES
)
_MOVED = "Its first document published it below /app, and every official SDK still calls it there."


class WebhookDelivery(Model):
    """One copy of an event on its way to the app."""

    id: Id
    partner_app_id: Id
    event_id: Id
    event_type: str
    delivery_status: str
    """`pending`, `delivered`, `failed` (will be tried again) or `abandoned`."""
    retry_count: int
    error_message: str
    """What went wrong at the last attempt; empty when nothing did."""
    created_at: Timestamp
    http_status_code: int | None = None
    """What the receiver answered last; absent when it did not answer."""
    delivered_at: Timestamp | None = None
    next_retry_at: Timestamp | None = None


class WebhookDeliveries(Model):
    """A page of deliveries, newest first."""

    deliveries: list[WebhookDelivery]
    total: int
    """How many there are in all, not on this page."""
    limit: int
    offset: int


class WebhookRetry(Model):
    """Whether a delivery will be tried again, and when."""

    delivery_id: Id
    message: str
    retry_count: int
    retry_scheduled: bool
    next_retry_at: Timestamp | None = None


class WebhookFilterUpdate(Input):
    """The new filter."""

    type: Literal["include", "exclude"]
    events: Annotated[list[str], Field(min_length=1)]


class WebhookStatusUpdate(Input):
    """Whether webhooks are to be sent."""

    enabled: bool
    pending_disposition: Literal["deliver", "abandon"] | None = None
    """What becomes of what waits; needed when webhooks are enabled again."""


@endpoint(
    "GET",
    "/v1/partner/admin/webhook-deliveries",
    auth=ADMIN,
    raises=(INVALID_QUERY_PARAMETERS,),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListWebhookDeliveries(Operation[WebhookDeliveries]):
    """List the app's webhook deliveries, newest first; a status or event that does not exist finds none."""

    status: str | None = None
    event_type: str | None = None
    limit: Limit = 50
    offset: Offset = 0


@endpoint(
    "GET",
    "/v1/partner/admin/webhook-deliveries/{deliveryId}",
    auth=ADMIN,
    raises=(DELIVERY_NOT_FOUND,),
    not_found=DELIVERY_NOT_FOUND,
    tag=TAG,
)
class GetWebhookDelivery(Operation[WebhookDelivery]):
    """Read one webhook delivery."""

    delivery_id: Id


@endpoint(
    "POST",
    "/v1/partner/admin/webhook-deliveries/{deliveryId}/retry",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(DELIVERY_NOT_FOUND,),
    not_found=DELIVERY_NOT_FOUND,
    tag=TAG,
)
class RetryWebhookDelivery(Operation[WebhookRetry]):
    """Try a failed or abandoned delivery again now; others are left as they are."""

    delivery_id: Id


@endpoint(
    "PUT",
    "/v1/partner/admin/webhook-filter",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(UNKNOWN_EVENT_TYPES, INVALID_REQUEST_BODY),
    aliases=(Alias("/v1/partner/admin/app/webhook-filter", _MOVED),),
    tag=TAG,
)
class ReplaceWebhookFilter(Operation[PartnerApp]):
    """Say which events are delivered."""

    body: WebhookFilterUpdate


@endpoint(
    "DELETE",
    "/v1/partner/admin/webhook-filter",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    aliases=(Alias("/v1/partner/admin/app/webhook-filter", _MOVED),),
    tag=TAG,
)
class DeleteWebhookFilter(Operation[PartnerApp]):
    """Let every event be delivered again."""


@endpoint(
    "PUT",
    "/v1/partner/admin/webhook-status",
    auth=ADMIN,
    idempotency_key=since(R1_9),
    raises=(VALIDATION_ERROR, INVALID_REQUEST_BODY),
    aliases=(Alias("/v1/partner/admin/app/webhook-status", _MOVED),),
    tag=TAG,
)
class ReplaceWebhookStatus(Operation[PartnerApp]):
    """Stop webhooks, or start them again and say what becomes of those that wait."""

    body: WebhookStatusUpdate


class Webhooks(Resource[S_co]):
    """Webhooks of the app, as a client calls them."""

    list_deliveries = call(ListWebhookDeliveries)
    get_delivery = call(GetWebhookDelivery)
    retry = call(RetryWebhookDelivery)
    set_filter = call(ReplaceWebhookFilter)
    remove_filter = call(DeleteWebhookFilter)
    set_status = call(ReplaceWebhookStatus)
