"""Webhooks of a partner app: deliveries, filter, switch."""

from __future__ import annotations

from contio_mock.contract import registry
from contio_mock.contract.app import PartnerApp, WebhookFilter
from contio_mock.contract.errors import VALIDATION_ERROR
from contio_mock.contract.webhooks import (
    DELIVERY_NOT_FOUND,
    UNKNOWN_EVENT_TYPES,
    DeleteWebhookFilter,
    GetWebhookDelivery,
    ListWebhookDeliveries,
    ReplaceWebhookFilter,
    ReplaceWebhookStatus,
    RetryWebhookDelivery,
    WebhookDeliveries,
    WebhookDelivery,
    WebhookRetry,
)
from contio_mock.fake import paging
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import apps
from contio_mock.fake.rules.apps import holds_webhooks
from contio_mock.fake.sandbox import Context


@ListWebhookDeliveries.handler
def list_webhook_deliveries(ctx: Context, op: ListWebhookDeliveries) -> WebhookDeliveries:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    deliveries = ctx.sandbox.outbox.deliveries
    found, total = deliveries.page(ctx.app.id, op.status, op.event_type, limit, offset)
    return WebhookDeliveries(
        deliveries=[_shown(delivery) for delivery in found], total=total, limit=limit, offset=offset
    )


@GetWebhookDelivery.handler
def get_webhook_delivery(ctx: Context, op: GetWebhookDelivery) -> WebhookDelivery:
    return _shown(_own(ctx, op.delivery_id))


@RetryWebhookDelivery.handler
def retry_webhook_delivery(ctx: Context, op: RetryWebhookDelivery) -> WebhookRetry:
    delivery = _own(ctx, op.delivery_id)
    refusal = _why_not(ctx, delivery)
    if refusal is None:
        ctx.sandbox.outbox.try_again(delivery, ctx.now)
        ctx.sandbox.wake()
    return WebhookRetry(
        delivery_id=delivery.id,
        message=refusal or "The delivery is tried again now.",
        retry_count=delivery.retry_count,
        retry_scheduled=refusal is None,
        next_retry_at=delivery.next_retry_at,
    )


def _why_not(ctx: Context, delivery: Delivery) -> str | None:
    """Why a delivery is not tried again now; None when it is."""
    if delivery.status == "delivered":
        return "The delivery was delivered before."
    if delivery.status == "pending" or delivery.in_flight:
        return "The delivery is on its way already."
    if not ctx.app.webhook_url:
        return "The app has no webhook URL."
    held = holds_webhooks(ctx.app, ctx.profile)
    if held and ctx.profile.manual_retry_while_disabled == "refuse":
        return "The app's webhooks are disabled; enable them first."
    return None


def _own(ctx: Context, delivery_id: str) -> Delivery:
    delivery = ctx.sandbox.outbox.deliveries.get(delivery_id)
    if delivery is None or delivery.app_id != ctx.app.id:
        raise ApiError(DELIVERY_NOT_FOUND)
    return delivery


def _shown(delivery: Delivery) -> WebhookDelivery:
    last = delivery.attempts[-1] if delivery.attempts else None
    delivered = delivery.status == "delivered"
    error = "" if last is None or delivered else last.error or f"The receiver answered {last.status}."
    return WebhookDelivery(
        id=delivery.id,
        partner_app_id=delivery.app_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        delivery_status=delivery.status,
        retry_count=delivery.retry_count,
        error_message=error,
        created_at=delivery.created_at,
        http_status_code=last.status if last else None,
        delivered_at=last.at if last and delivered else None,
        next_retry_at=delivery.next_retry_at,
    )


@ReplaceWebhookFilter.handler
def replace_webhook_filter(ctx: Context, op: ReplaceWebhookFilter) -> PartnerApp:
    known = registry.events(ctx.sandbox.release)
    unknown = [name for name in op.body.events if name not in known]
    if unknown:
        message = f"There is no event {brief(unknown[0])}; valid_event_types lists them."
        raise ApiError(UNKNOWN_EVENT_TYPES, message, valid_event_types=sorted(known))
    wish = WebhookFilter(type=op.body.type, events=op.body.events)
    return ctx.store.apps.replace(ctx.app, webhook_filter=wish, updated_at=ctx.now)


@DeleteWebhookFilter.handler
def delete_webhook_filter(ctx: Context, _: DeleteWebhookFilter) -> PartnerApp:
    return ctx.store.apps.replace(ctx.app, webhook_filter=None, updated_at=ctx.now)


@ReplaceWebhookStatus.handler
def replace_webhook_status(ctx: Context, op: ReplaceWebhookStatus) -> PartnerApp:
    wish, enables = op.body, op.body.enabled and not ctx.app.webhook_enabled
    if enables and wish.pending_disposition is None and _must_say(ctx):
        raise ApiError(
            VALIDATION_ERROR,
            "pending_disposition: say deliver or abandon when webhooks are enabled again.",
        )
    if enables and wish.pending_disposition == "abandon":
        ctx.sandbox.outbox.abandon(ctx.app.id)
    return apps.changed(ctx, ctx.app, webhook_enabled=wish.enabled)


def _must_say(ctx: Context) -> bool:
    if ctx.profile.pending_disposition == "required":
        return True
    return bool(ctx.sandbox.outbox.deliveries.waiting(ctx.app.id))
