"""Every declared operation and event, by id and by release."""

from __future__ import annotations

from typing import Any

from contio_mock.contract import (
    action_items,
    admin_action_buttons,
    admin_next_steps,
    admin_templates,
    agenda_items,
    app,
    app_events,
    attachments,
    automations,
    backlog_items,
    calendar,
    chat,
    connections,
    context,
    control,
    control_idp,
    control_state,
    control_traffic,
    credentials,
    idp,
    meeting_events,
    meetings,
    next_steps,
    oauth,
    openid,
    participants,
    profile,
    simulate_apps,
    simulate_backlog,
    simulate_calendar,
    simulate_chat,
    simulate_idp,
    simulate_meetings,
    simulate_workflows,
    sso,
    templates,
    toolkit_exports,
    toolkit_management,
    toolkit_versions,
    toolkits,
    webhooks,
    workflows,
)
from contio_mock.contract.auth import Caller
from contio_mock.contract.errors import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    IDEMPOTENCY_UNPROCESSABLE,
    INTERNAL_ERROR,
    INVALID_IDEMPOTENCY_KEY,
    RATE_LIMIT_EXCEEDED,
    ErrorCode,
    Shape,
)
from contio_mock.contract.events import EVENTS, Event
from contio_mock.contract.operation import OPERATIONS, Endpoint, Operation, takes_key
from contio_mock.contract.release import Release

SLICES = (
    oauth,
    openid,
    app,
    webhooks,
    credentials,
    automations,
    connections,
    idp,
    admin_templates,
    admin_next_steps,
    admin_action_buttons,
    toolkit_management,
    toolkit_versions,
    toolkit_exports,
    workflows,
    sso,
    profile,
    meetings,
    participants,
    agenda_items,
    backlog_items,
    action_items,
    calendar,
    attachments,
    context,
    templates,
    next_steps,
    toolkits,
    chat,
    control,
    control_traffic,
    control_state,
    control_idp,
    simulate_apps,
    simulate_backlog,
    simulate_calendar,
    simulate_chat,
    simulate_idp,
    simulate_meetings,
    simulate_workflows,
)
"""The modules of the contract that declare operations; importing them fills the registry."""

EVENT_MODULES = (meeting_events, app_events)
"""The modules that declare events."""

CONTROL_PREFIX = "/_mock/"


def operations() -> list[type[Operation[Any]]]:
    """Every declared operation: slice by slice, in the order of declaration, whoever imported first."""
    order = {module.__name__: position for position, module in enumerate(SLICES)}
    return sorted(OPERATIONS, key=lambda operation: order.get(operation.__module__, len(order)))


def is_control(operation: type[Operation[Any]]) -> bool:
    """Whether the operation belongs to the mock and not to the partner API."""
    return operation.endpoint.path.startswith(CONTROL_PREFIX)


def partner_operations(release: Release) -> list[type[Operation[Any]]]:
    """The operations that the partner API has in that release."""
    return [
        operation
        for operation in operations()
        if not is_control(operation) and operation.endpoint.lifetime.lives_in(release)
    ]


def published_operations(release: Release) -> list[type[Operation[Any]]]:
    """The operations that the partner API has in that release and its document names."""
    return [operation for operation in partner_operations(release) if operation.endpoint.undocumented is None]


def control_operations() -> list[type[Operation[Any]]]:
    """The operations of the mock's own control plane."""
    return [operation for operation in operations() if is_control(operation)]


def events(release: Release) -> dict[str, type[Event]]:
    """The events that exist in that release, by name: module by module, whoever imported first."""
    ordered = sorted(EVENTS.items(), key=lambda event: event[1].__module__)
    return {name: kind for name, kind in ordered if kind.lifetime.lives_in(release)}


def by_id(operation_id: str) -> type[Operation[Any]]:
    """The operation of that operationId; raises KeyError."""
    return {operation.operation_id(): operation for operation in OPERATIONS}[operation_id]


def declared_errors(operation: type[Operation[Any]], release: Release) -> list[ErrorCode]:
    """Every error an operation may answer with: its own, its caller's, its fields' and everybody's."""
    endpoint, plans = operation.endpoint, list(operation.fields().values())
    errors = [*endpoint.raises, *_callers_errors(endpoint), *_everybodys_errors(endpoint)]
    errors.append(endpoint.invalid)  # a query can be broken also where none is read
    errors += [plan.invalid for plan in plans if plan.invalid is not None]
    if endpoint.parameters:
        errors.append(endpoint.not_found)
    if any(plan.travels in ("body", "form", "upload") for plan in plans):
        errors += [endpoint.invalid_body, BODY_TOO_LARGE.with_shape(endpoint.shape)]
    if takes_key(operation, release):
        errors += [INVALID_IDEMPOTENCY_KEY, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_UNPROCESSABLE]
    return list(dict.fromkeys(errors))


def _callers_errors(endpoint: Endpoint) -> list[ErrorCode]:
    caller = endpoint.auth.caller
    errors = [] if caller is Caller.PUBLIC else [endpoint.unauthorized]
    if caller in (Caller.USER, Caller.TOKEN):
        errors.append(FORBIDDEN.with_shape(endpoint.shape))
    if caller is Caller.USER:
        errors.append(BAD_REQUEST)  # a refused X-Client-Timezone
    return errors


def _everybodys_errors(endpoint: Endpoint) -> list[ErrorCode]:
    failed = INTERNAL_ERROR.with_shape(endpoint.shape)
    return [RATE_LIMIT_EXCEEDED.with_shape(Shape.OAUTH), failed]
