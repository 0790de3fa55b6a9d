"""Changes of a partner app that its deliveries follow."""

from __future__ import annotations

from typing import Any

from contio_mock.fake.records import AppRecord
from contio_mock.fake.rules.apps import holds_webhooks
from contio_mock.fake.sandbox import Context


def changed(ctx: Context, app: AppRecord, **changes: Any) -> AppRecord:
    """Change an app; its deliveries are held back from now on, or go out, if that makes them."""
    after = ctx.store.apps.replace(app, **changes, updated_at=ctx.now)
    held, holds = holds_webhooks(app, ctx.profile), holds_webhooks(after, ctx.profile)
    if holds and not held:
        ctx.sandbox.outbox.hold(app.id)
    if held and not holds:
        ctx.sandbox.outbox.release(app.id, ctx.now)
        ctx.sandbox.wake()
    return after
