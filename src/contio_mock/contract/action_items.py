"""Action items: what a meeting leaves to be done, and how a user's token reads and changes them."""

import math
import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from contio_mock.contract.app_events import AutomationAssignmentCreated, WorkflowAssignmentCreated
from contio_mock.contract.auth import user
from contio_mock.contract.errors import INVALID_QUERY_PARAMETERS, INVALID_REQUEST, ErrorCode, Invalid
from contio_mock.contract.meeting_events import (
    ActionItemCompleted,
    ActionItemCreated,
    ActionItemStatus,
    ActionItemUpdated,
)
from contio_mock.contract.meetings import INVALID_END_DATE, INVALID_START_DATE, MEETING_NOT_FOUND
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import (
    DateFilter,
    Id,
    Input,
    Limit,
    Local,
    Model,
    Offset,
    Page,
    Timestamp,
)

TAG = "Action Items"

INVALID_ACTION_ITEM_ID = ErrorCode(400, "invalid_action_item_id", "The action item id is not a UUID.")
INVALID_DUE_DATE = ErrorCode(400, "invalid_due_date", "due_date must be a date, such as 2026-01-31.")
ACTION_ITEM_NOT_FOUND = ErrorCode(404, "not_found", "There is no such action item that you can see.")

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value.lower() not in _FLAGS:
            raise ValueError("must be true or false")
        return _FLAGS[value.lower()]
    return value


def _due_date(value: Any) -> Any:
    """A date, or the date-time that was written instead; both exactly as the sender means them."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and _DATE_TIME.fullmatch(value):
        return datetime.fromisoformat(value.upper().replace(" ", "T"))
    if isinstance(value, date):
        return value
    raise ValueError("must be a date, such as 2026-01-31")


Flag = Annotated[bool, BeforeValidator(_flag)]
"""A truth value in a query: true or false."""

DueDate = Annotated[
    datetime | date, BeforeValidator(_due_date), WithJsonSchema({"type": "string", "format": "date"})
]
"""A day; whether a date-time may stand for its day is a profile option."""

Words = Annotated[str, Field(min_length=1, max_length=1000)]
ActionItemId = Annotated[Id, Invalid(INVALID_ACTION_ITEM_ID)]


def _has_infinity(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_infinity, value.values()))
    if isinstance(value, list):
        return any(map(_has_infinity, value))
    return isinstance(value, float) and math.isinf(value)


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    if _has_infinity(value):
        raise ValueError("has a number that is too large")
    return value


PartnerContext = Annotated[dict[str, Any], AfterValidator(_storable)]
"""Whatever JSON object a partner app keeps with an item."""


class ActionItem(Model):
    """Something that a meeting left to be done."""

    id: Id
    meeting_id: Id
    title: str
    status: ActionItemStatus
    is_completed: bool
    has_partner_assignment: bool
    """Whether an automation of a partner app was given the item."""
    created_at: Timestamp
    updated_at: Timestamp
    description: str | None = None
    due_date: date | None = None
    """The day it is due, as YYYY-MM-DD."""
    assigned_to_user_id: Id | None = None
    completed_at: Annotated[Timestamp | None, Local()] = None
    """When it was completed, in the caller's time zone; absent while it is not."""
    partner_context: PartnerContext | None = None


class ActionItemCreate(Input):
    """An action item to be created; the meeting and a title are needed."""

    meeting_id: Id
    title: Words
    description: Words | None = None
    due_date: Annotated[DueDate | None, Invalid(INVALID_DUE_DATE)] = None
    status: ActionItemStatus | None = None
    """needs_review unless said."""
    partner_context: PartnerContext | None = None


class ActionItemUpdate(Input):
    """What is to change; members that are absent or null stay as they are."""

    title: Words | None = None
    description: Words | None = None
    due_date: Annotated[DueDate | None, Invalid(INVALID_DUE_DATE)] = None
    status: ActionItemStatus | None = None
    is_completed: bool | None = None
    """Completes or reopens the item; the status follows."""
    partner_context: PartnerContext | None = None


ASSIGNMENTS = (AutomationAssignmentCreated, WorkflowAssignmentCreated)
"""What an automation that matches an item causes, in newer and older releases."""


@endpoint(
    "GET",
    "/v1/partner/user/action-items",
    auth=user("action-items:read"),
    raises=(INVALID_START_DATE, INVALID_END_DATE),
    invalid=INVALID_QUERY_PARAMETERS,
    tag=TAG,
)
class ListActionItems(Operation[Page[ActionItem]]):
    """List the action items that the user can see, newest first; filters combine."""

    limit: Limit = 25
    offset: Offset = 0
    meeting_id: Id | None = None
    is_completed: Flag | None = None
    has_partner_assignment: Flag | None = None
    start_date: Annotated[DateFilter | None, Invalid(INVALID_START_DATE)] = None
    end_date: Annotated[DateFilter | None, Invalid(INVALID_END_DATE)] = None
    """A plain date includes its day."""


@endpoint(
    "POST",
    "/v1/partner/user/action-items",
    auth=user("action-items:write"),
    success=201,
    idempotency_key=since(R1_9),
    raises=(INVALID_DUE_DATE, MEETING_NOT_FOUND),
    invalid=INVALID_REQUEST,
    emits=(ActionItemCreated, ActionItemCompleted, *ASSIGNMENTS),
    tag=TAG,
)
class CreateActionItem(Operation[ActionItem]):
    """Create an action item in a meeting that the user can see."""

    body: ActionItemCreate


@endpoint(
    "GET",
    "/v1/partner/user/action-items/{id}",
    auth=user("action-items:read"),
    raises=(INVALID_ACTION_ITEM_ID, ACTION_ITEM_NOT_FOUND),
    not_found=ACTION_ITEM_NOT_FOUND,
    tag=TAG,
)
class GetActionItem(Operation[ActionItem]):
    """Read one action item."""

    id: ActionItemId


@endpoint(
    "PUT",
    "/v1/partner/user/action-items/{id}",
    auth=user("action-items:write"),
    deprecated=R1_10,
    idempotency_key=since(R1_9),
    raises=(INVALID_ACTION_ITEM_ID, INVALID_DUE_DATE, ACTION_ITEM_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=ACTION_ITEM_NOT_FOUND,
    emits=(ActionItemUpdated, ActionItemCompleted, *ASSIGNMENTS),
    tag=TAG,
)
class UpdateActionItem(Operation[ActionItem]):
    """Change an action item; only the members that are sent change. PATCH since 1.10."""

    id: ActionItemId
    body: ActionItemUpdate


@endpoint(
    "PATCH",
    "/v1/partner/user/action-items/{id}",
    auth=user("action-items:write"),
    lifetime=since(R1_10),
    idempotency_key=since(R1_9),
    raises=(INVALID_ACTION_ITEM_ID, INVALID_DUE_DATE, ACTION_ITEM_NOT_FOUND),
    invalid=INVALID_REQUEST,
    not_found=ACTION_ITEM_NOT_FOUND,
    emits=(ActionItemUpdated, ActionItemCompleted, AutomationAssignmentCreated),
    tag=TAG,
)
class PatchActionItem(Operation[ActionItem]):
    """Change an action item; only the members that are sent change."""

    id: ActionItemId
    body: ActionItemUpdate


@endpoint(
    "DELETE",
    "/v1/partner/user/action-items/{id}",
    auth=user("action-items:write"),
    success=204,
    idempotency_key=since(R1_9),
    raises=(INVALID_ACTION_ITEM_ID, ACTION_ITEM_NOT_FOUND),
    not_found=ACTION_ITEM_NOT_FOUND,
    tag=TAG,
)
class DeleteActionItem(Operation[None]):
    """Delete an action item."""

    id: ActionItemId


class ActionItems(Resource[S_co]):
    """Action items, as a client calls them."""

    list = call(ListActionItems)
    create = call(CreateActionItem)
    get = call(GetActionItem)
    update = call(UpdateActionItem)
    patch = call(PatchActionItem)
    delete = call(DeleteActionItem)
