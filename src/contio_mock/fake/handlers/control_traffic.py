"""Journal, events, webhooks and faults of a sandbox."""

from __future__ import annotations

from pydantic import ValidationError

from contio_mock.contract import registry
from contio_mock.contract.control_traffic import (
    FAULT_NOT_FOUND,
    INVALID_EVENT_DATA,
    INVALID_FAULT,
    NO_EFFECT,
    UNKNOWN_EVENT,
    UNKNOWN_USER,
    Events,
    FaultList,
    FaultState,
    MockCreateFault,
    MockDeleteFault,
    MockDeleteFaults,
    MockDeleteRequests,
    MockEmitEvent,
    MockListEvents,
    MockListFaults,
    MockListRequests,
    MockSettleWebhooks,
    RecordedEvent,
    Requests,
    Settled,
)
from contio_mock.fake import shown
from contio_mock.fake.emission import made_event
from contio_mock.fake.faults import Fault
from contio_mock.fake.oauth import people
from contio_mock.fake.outbox import wanted
from contio_mock.fake.problem import ApiError
from contio_mock.fake.rules.faults import fault_problem, has_effect
from contio_mock.fake.sandbox import Context, Sandbox
from contio_mock.fake.walking import walk


@MockListRequests.handler
def mock_list_requests(ctx: Context, op: MockListRequests) -> Requests:
    journal = ctx.sandbox.journal
    chosen = [e for e in journal.newest() if op.operation in (None, e.operation)]
    return Requests(items=[shown.request(e) for e in chosen[: max(op.limit, 0)]], total=journal.seen)


@MockDeleteRequests.handler
def mock_delete_requests(ctx: Context, _: MockDeleteRequests) -> None:
    ctx.sandbox.journal.clear()


@MockListEvents.handler
def mock_list_events(ctx: Context, op: MockListEvents) -> Events:
    outbox = ctx.sandbox.outbox
    chosen = [e for e in reversed(outbox.events) if op.type in (None, e.type)]
    return Events(items=[shown.event(outbox, e) for e in chosen[: max(op.limit, 0)]], total=outbox.emitted)


@MockEmitEvent.handler
def mock_emit_event(ctx: Context, op: MockEmitEvent) -> RecordedEvent:
    wish, sandbox = op.body, ctx.sandbox
    kind = registry.events(sandbox.release).get(wish.type)
    if kind is None:
        known = ", ".join(registry.events(sandbox.release))
        raise ApiError(UNKNOWN_EVENT, f"There is no event {wish.type!r}; there are {known}.")
    users = [user for user in ctx.store.users if people.is_connected(ctx, sandbox.app, user)]
    if wish.user is not None:
        users = [user for user in ctx.store.users if user.email.lower() == wish.user.lower()]
        if not users:
            raise ApiError(UNKNOWN_USER, f"No user has the e-mail address {wish.user}.")
    try:
        event = made_event(ctx, kind, wish.data or {}, users[0] if users else None)
    except ValidationError as failure:
        problem = failure.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ApiError(INVALID_EVENT_DATA, f"{where}: {problem['msg']}.") from None
    emitted = sandbox.outbox.emit(event, ctx.now)
    if wanted(sandbox.app, event.type):
        sandbox.outbox.send(emitted, sandbox.app, users, None, sandbox.projection)
    sandbox.wake()
    return shown.event(sandbox.outbox, emitted)


@MockSettleWebhooks.handler
def mock_settle_webhooks(ctx: Context, _: MockSettleWebhooks) -> Settled:
    outbox = ctx.sandbox.outbox
    before = _outcomes(ctx.sandbox)

    def settled() -> Settled:
        delivered, failed = (now - then for now, then in zip(_outcomes(ctx.sandbox), before, strict=True))
        return Settled(delivered=delivered, failed=failed, pending=outbox.waiting())

    ctx.work = walk(ctx, ctx.now, settled)
    return settled()


def _outcomes(sandbox: Sandbox) -> tuple[int, int]:
    outbox = sandbox.outbox
    return outbox.succeeded, outbox.failed


@MockListFaults.handler
def mock_list_faults(ctx: Context, _: MockListFaults) -> FaultList:
    return FaultList(items=[shown.fault(rule) for rule in ctx.sandbox.faults.rules])


@MockCreateFault.handler
def mock_create_fault(ctx: Context, op: MockCreateFault) -> FaultState:
    wish = op.body
    problem = fault_problem(wish, registry.events(ctx.sandbox.release))
    if problem is not None:
        raise ApiError(INVALID_FAULT, problem)
    if not has_effect(wish):
        raise ApiError(NO_EFFECT)
    if wish.signature == "previous_secret" and not _has_rotated(ctx):
        raise ApiError(INVALID_FAULT, "signature: no webhook secret was replaced yet; rotate one first.")
    rule = Fault(id=ctx.ids.uuid(), **wish.model_dump(include=set(type(wish).model_fields)))
    ctx.sandbox.faults.rules.append(rule)
    return shown.fault(rule)


def _has_rotated(ctx: Context) -> bool:
    return any(app.past("webhook_secret").replaced is not None for app in ctx.store.apps)


@MockDeleteFaults.handler
def mock_delete_faults(ctx: Context, _: MockDeleteFaults) -> None:
    ctx.sandbox.faults.rules.clear()


@MockDeleteFault.handler
def mock_delete_fault(ctx: Context, op: MockDeleteFault) -> None:
    rules = ctx.sandbox.faults.rules
    named = [rule for rule in rules if rule.id == op.id]
    if not named:
        raise ApiError(FAULT_NOT_FOUND)
    rules.remove(named[0])
