"""What a request or a job has noted becomes deliveries: who hears of an event."""

from __future__ import annotations

from contio_mock.fake.outbox import wanted
from contio_mock.fake.records import AppRecord, UserRecord
from contio_mock.fake.sandbox import Context, Noted


def publish(ctx: Context) -> None:
    """Hand the noted events to the outbox: one copy for each connected user who sees the subject."""
    if not ctx.events:
        return
    sandbox, sent = ctx.sandbox, False
    for noted in ctx.events:
        if not noted.event.lifetime.lives_in(sandbox.release):
            continue
        emitted = sandbox.outbox.emit(noted.event, ctx.now)
        for told in (noted.app,) if noted.app is not None else tuple(sandbox.store.apps):
            if wanted(told, noted.event.type):
                sandbox.outbox.send(
                    emitted, told, _readers(ctx, told, noted), noted.actor, sandbox.projection
                )
                sent = True
    if sent:
        sandbox.wake()


def _readers(ctx: Context, app: AppRecord, noted: Noted) -> list[UserRecord]:
    """The users of an event's audience whose copies an app gets."""
    store = ctx.sandbox.store
    users = [user for id_ in sorted(noted.audience) if (user := store.users.get(id_))]
    if noted.even_unconnected:
        return users
    return [user for user in users if store.is_connected(app.id, user.id, ctx.now)]
