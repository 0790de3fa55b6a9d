"""Changes of a partner app that its deliveries follow."""

from __future__ import annotations

from typing import Any

from contio_mock.fake.profile import Profile
from contio_mock.fake.records import AppRecord
from contio_mock.fake.rules.apps import holds_webhooks
from contio_mock.fake.sandbox import Context


def changed(ctx: Context, app: AppRecord, **changes: Any) -> AppRecord:
    """Change an app; its deliveries are held back from now on, or go out, if that makes them."""
    held = holds_webhooks(app, ctx.profile)
    after = ctx.store.apps.replace(app, **changes, updated_at=ctx.now)
    _follow(ctx, after, held)
    return after


def judged_anew(ctx: Context, before: Profile) -> None:
    """Let the deliveries of every app follow a profile that has taken another's place."""
    for app in ctx.store.apps:
        _follow(ctx, app, holds_webhooks(app, before))


def _follow(ctx: Context, app: AppRecord, held: bool) -> None:
    """Hold an app's deliveries back, or let them go, when that is no longer as it was."""
    holds = holds_webhooks(app, ctx.profile)
    if holds and not held:
        ctx.sandbox.outbox.hold(app.id)
    if held and not holds:
        ctx.sandbox.outbox.release(app.id, ctx.now)
        ctx.sandbox.wake()
