"""Deliveries follow what an app's webhooks are set to."""

from __future__ import annotations

from contio_mock.fake.records import AppRecord
from contio_mock.fake.rules.apps import holds_webhooks
from contio_mock.fake.sandbox import Context


def follow(ctx: Context, app: AppRecord) -> None:
    """Hold an app's deliveries, or let those go out that were held."""
    if holds_webhooks(app, ctx.profile):
        ctx.sandbox.outbox.hold(app.id)
    else:
        ctx.sandbox.outbox.release(app.id, ctx.now)
    ctx.sandbox.wake()
