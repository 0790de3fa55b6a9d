"""One file per slice: short functions (ctx, op) -> result, bound to their operations."""

from __future__ import annotations


def load() -> None:
    """Bind every handler to its operation."""
    from contio_mock.fake.handlers import (  # noqa: F401, PLC0415
        app,
        automations,
        connections,
        control,
        control_traffic,
        credentials,
        meetings,
        oauth,
        openid,
        profile,
        simulate_apps,
        webhooks,
    )
