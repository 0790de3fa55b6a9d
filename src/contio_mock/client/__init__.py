"""A reference client for the Contio Partner API; knows the contract and an HTTP library only."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from contio_mock.client.contio import AsyncContio, Contio
from contio_mock.client.errors import (
    BadRequest,
    BadSignature,
    Conflict,
    ContioError,
    Forbidden,
    NoAnswer,
    NotConfigured,
    NotFound,
    PlanRequired,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unprocessable,
    Unreadable,
    UnreadableWebhook,
    WebhookInProgress,
    WebhookRefused,
)

if TYPE_CHECKING:
    from contio_mock.client.webhook_handlers import WebhookAnswer, WebhookHandlers
    from contio_mock.client.webhooks import (
        SIGNATURE_HEADER,
        UnknownEvent,
        User,
        Webhook,
        parse_webhook,
        read_webhook,
        verify_signature,
    )

_LATER = {
    "SIGNATURE_HEADER": "webhooks",
    "UnknownEvent": "webhooks",
    "User": "webhooks",
    "Webhook": "webhooks",
    "WebhookAnswer": "webhook_handlers",
    "WebhookHandlers": "webhook_handlers",
    "parse_webhook": "webhooks",
    "read_webhook": "webhooks",
    "verify_signature": "webhooks",
}
"""What most clients never need, by the module that has it."""

__all__ = [
    "SIGNATURE_HEADER",
    "AsyncContio",
    "BadRequest",
    "BadSignature",
    "Conflict",
    "Contio",
    "ContioError",
    "Forbidden",
    "NoAnswer",
    "NotConfigured",
    "NotFound",
    "PlanRequired",
    "RateLimited",
    "Refused",
    "ServerFailed",
    "TimedOut",
    "TooLarge",
    "Unauthorized",
    "UnknownEvent",
    "Unprocessable",
    "Unreadable",
    "UnreadableWebhook",
    "User",
    "Webhook",
    "WebhookAnswer",
    "WebhookHandlers",
    "WebhookInProgress",
    "WebhookRefused",
    "parse_webhook",
    "read_webhook",
    "verify_signature",
]


def __getattr__(name: str) -> Any:
    """Import the receiving side at its first use."""
    if name in _LATER:
        return getattr(import_module(f"contio_mock.client.{_LATER[name]}"), name)
    raise AttributeError(f"module 'contio_mock.client' has no attribute {name!r}")
