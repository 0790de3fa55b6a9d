"""A local Contio: a fake of the Contio Partner API, a client for it, and contract checks.

from contio_mock import FakeContio, Contio, AsyncContio
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contio_mock.version import VERSION

if TYPE_CHECKING:
    from contio_mock.client import (
        AsyncContio,
        Contio,
        Webhook,
        WebhookHandlers,
        parse_webhook,
        verify_signature,
    )
    from contio_mock.fake_contio import FakeContio


__version__ = VERSION

__all__ = [
    "AsyncContio",
    "Contio",
    "FakeContio",
    "Webhook",
    "WebhookHandlers",
    "__version__",
    "parse_webhook",
    "verify_signature",
]


def __getattr__(name: str) -> Any:
    """Import the public names at their first use: the server needs no client, and a plugin nothing."""
    if name == "FakeContio":
        from contio_mock.fake_contio import FakeContio  # noqa: PLC0415

        return FakeContio
    if name in __all__:
        from contio_mock import client  # noqa: PLC0415

        return getattr(client, name)
    raise AttributeError(f"module 'contio_mock' has no attribute {name!r}")
