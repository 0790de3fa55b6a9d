"""What each event's data holds, written down by hand from the published descriptions of the events.

Nothing here is taken from the declarations in `src`, so that a mistake in one of the two is seen.
A member's type is `uuid`, `time` (RFC 3339), `str`, `email`, `int`, `num`, `bool`, `object` or `any`,
with `|null` where null is allowed; a set lists words; a `Payload` is an object, in a list an array.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contio_mock.contract.release import R1_6, R1_9, Lifetime, Release, since, until


@dataclass(frozen=True)
class Payload:
    """The members of an object: those that are always there, and those that may be missing."""

    required: dict[str, Any]
    optional: dict[str, Any] = field(default_factory=dict)


def members(text: str = "", **further: Any) -> dict[str, Any]:
    """Members as `name:type name:type`; those whose type is no word are keywords."""
    return dict(pair.split(":") for pair in text.split()) | further


APPLIED = Payload(members("agenda_items:int documents:int participants:int"))
APPLIED_TO_CANVAS = Payload(members("collaborators:int"))
NEWCOMER = Payload(
    members("participant_id:uuid role:str"), members("guest_email:email|null user_id:uuid|null")
)
REPORT = Payload(
    members("formula_escaped:bool pii_detected:bool secrets_detected:bool"),
    members(redactions=[Payload(members("count:int type:str"))]),
)
STATUSES = frozenset({"needs_review", "accepted", "in_progress", "blocked", "completed", "cancelled"})
CALENDAR = Payload(
    members(
        "attendee_count:int calendar_event_id:uuid end_time:time is_all_day:bool start_time:time title:str"
    )
)
ASSIGNED = (
    "action_item_id:uuid assignment_id:uuid created_at:time meeting_id:uuid status:str workspace_id:uuid"
)

PAYLOADS: dict[str, Payload] = {
    "action_button.triggered": Payload(
        members(
            "action_button_id:uuid action_button_name:str trigger_mode:str triggered_at:time triggered_by:str"
        ),
        members(
            "context_id:uuid|null context_type:str|null invocation_id:uuid|null meeting_id:uuid "
            "next_step_id:uuid|null result_id:uuid|null"
        ),
    ),
    "action_item.completed": Payload(
        members(
            "action_item_id:uuid completed_at:time completed_by_user_id:uuid meeting_id:uuid title:str "
            "workspace_id:uuid"
        ),
        members("assignee_id:uuid|null"),
    ),
    "action_item.created": Payload(
        members("action_item_id:uuid created_at:time meeting_id:uuid title:str workspace_id:uuid"),
        members("assignee_id:uuid|null"),
    ),
    "action_item.updated": Payload(
        members(
            "action_item_id:uuid is_completed:bool meeting_id:uuid updated_at:time workspace_id:uuid",
            status=STATUSES,
        ),
        members("assignee_id:uuid|null"),
    ),
    "agenda_item.created": Payload(
        members("agenda_item_id:uuid created_at:time item_type:str title:str"),
        members("meeting_id:uuid|null"),
    ),
    "agenda_item.deleted": Payload(
        members("agenda_item_id:uuid deleted_at:time"), members("meeting_id:uuid|null")
    ),
    "agenda_item.updated": Payload(
        members("agenda_item_id:uuid item_type:str status:str title:str updated_at:time"),
        members("meeting_id:uuid|null"),
    ),
    "automation.assignment.created": Payload(
        members(f"{ASSIGNED} automation_id:uuid automation_name:str"),
        members("automation_data_payload:object confidence_score:num"),
    ),
    "calendar_event.created": CALENDAR,
    "calendar_event.deleted": Payload(members("calendar_event_id:uuid")),
    "calendar_event.updated": CALENDAR,
    "canvas_template.applied": Payload(
        members(
            "applied_at:time applied_by_user_id:uuid canvas_id:uuid template_id:uuid template_name:str",
            applied_items=APPLIED_TO_CANVAS,
        )
    ),
    "meeting.completed": Payload(
        members("completed_at:time meeting_id:uuid title:str workspace_id:uuid"),
    ),
    "meeting.context.created": Payload(
        members("context_id:uuid created_at:time meeting_id:uuid workspace_id:uuid"), members("title:str")
    ),
    "meeting.context.deleted": Payload(
        members("context_id:uuid deleted_at:time meeting_id:uuid workspace_id:uuid")
    ),
    "meeting.context.processed": Payload(
        members(
            "context_id:uuid meeting_id:uuid processed_at:time workspace_id:uuid", sanitization_report=REPORT
        )
    ),
    "meeting.created": Payload(
        members("created_at:time created_by_user_id:uuid meeting_id:uuid title:str workspace_id:uuid")
    ),
    "meeting.updated": Payload(
        members("meeting_id:uuid title:str updated_at:time workspace_id:uuid"),
        members("scheduled_start:time|null"),
    ),
    "meeting_template.applied": Payload(
        members(
            "applied_at:time applied_by_user_id:uuid meeting_id:uuid template_id:uuid template_name:str",
            applied_items=APPLIED,
        )
    ),
    "next_step.completed": Payload(
        members(
            "context_id:uuid context_type:str executed_at:time executed_by:str execution_mode:str "
            "next_step_id:uuid next_step_name:str"
        ),
        members("meeting_id:str result_id:str"),
    ),
    "participant.added": Payload(
        members("added_at:time meeting_id:uuid workspace_id:uuid", participants=[NEWCOMER])
    ),
    "participant.removed": Payload(
        members("meeting_id:uuid participant_id:uuid removed_at:time workspace_id:uuid"),
        members("guest_email:email|null user_id:uuid|null"),
    ),
    "partner.idp.domain_revoked": Payload(members("domain:str revoked_at:time status:str")),
    "partner.idp.domain_verification_failed": Payload(
        members("domain:str failed_at:time reason:str status:str")
    ),
    "partner.idp.domain_verified": Payload(members("domain:str status:str verified_at:time")),
    "session.expired": Payload(
        members("expired_at:time last_activity_at:time session_id:uuid turn_count:int"),
        members("meeting_id:uuid|null"),
    ),
    "session.turn.completed": Payload(
        members("completed_at:time sequence_number:int session_id:uuid turn_id:uuid"),
        members("meeting_id:uuid|null"),
    ),
    "session.turn.failed": Payload(
        members(
            "error_code:str error_message:str failed_at:time sequence_number:int session_id:uuid turn_id:uuid"
        ),
        members("meeting_id:uuid|null"),
    ),
    "user.connection.revoked": Payload(members("connection_id:uuid revoked_at:time")),
    "workflow.assignment.created": Payload(
        members(f"{ASSIGNED} workflow_id:uuid workflow_name:str"),
        members("workflow_data_payload:object confidence_score:num"),
    ),
    "workflow.run.completed": Payload(
        members(
            "completed_at:time duration_ms:int final_status:str run_id:uuid template_id:uuid "
            "total_steps:int workspace_id:uuid"
        )
    ),
    "workflow.run.failed": Payload(
        members(
            "error_message:str failed_at:time final_status:str run_id:uuid template_id:uuid workspace_id:uuid"
        ),
        members("node_id:str|null step_id:uuid|null"),
    ),
    "workflow.run.started": Payload(
        members(
            "originating_id:uuid originating_type:str run_id:uuid started_at:time template_id:uuid "
            "trigger_type:str workspace_id:uuid"
        ),
        members("triggered_by:str|null"),
    ),
    "workflow.step.completed": Payload(
        members("completed_at:time node_id:str node_type:str run_id:uuid status:str step_id:uuid"),
        members("output_summary:any"),
    ),
    "workflow.task.created": Payload(
        members(
            "assignee_user_id:uuid created_at:time run_id:uuid task_id:uuid task_type:str title:str "
            "workspace_id:uuid"
        )
    ),
    "workflow.task.resolved": Payload(
        members("decision:str resolved_at:time resolved_by:str run_id:uuid task_id:uuid workspace_id:uuid"),
        members("reason:str|null"),
    ),
}

BEFORE_1_9: dict[str, Payload] = {
    "action_button.triggered": Payload(
        members(
            "action_button_id:uuid action_button_name:str meeting_id:uuid trigger_mode:str triggered_at:time "
            "triggered_by:str"
        ),
        members("next_step_id:uuid|null result_id:uuid|null"),
    ),
    "next_step.completed": Payload(
        members(
            "executed_at:time executed_by:str execution_mode:str meeting_id:uuid next_step_id:uuid "
            "next_step_name:str result_id:uuid"
        )
    ),
}
"""What was different in the older releases."""

READER = Payload(members("id:uuid email:email"))
ENVELOPE = members("event_type:str event_id:uuid timestamp:time partner_app_id:uuid data:object")
"""What is around the data of every event."""

LIFETIMES: dict[str, Lifetime] = {
    "automation.assignment.created": since(R1_6),
    "workflow.assignment.created": until(R1_6),
    "canvas_template.applied": since(R1_9),
    "partner.idp.domain_revoked": since(R1_9),
    "partner.idp.domain_verification_failed": since(R1_9),
    "partner.idp.domain_verified": since(R1_9),
    "workflow.run.completed": since(R1_9),
    "workflow.run.failed": since(R1_9),
    "workflow.run.started": since(R1_9),
    "workflow.step.completed": since(R1_9),
    "workflow.task.created": since(R1_9),
    "workflow.task.resolved": since(R1_9),
}
"""The releases of the events that not every release has."""


def payloads(release: Release) -> dict[str, Payload]:
    """What the data of each event of a release holds."""
    known = PAYLOADS | (BEFORE_1_9 if release < R1_9 else {})
    return {
        name: one for name, one in known.items() if LIFETIMES.get(name, Lifetime.ALWAYS).lives_in(release)
    }


def envelope(release: Release) -> Payload:
    """The members of an envelope; who acted is told since 1.9."""
    acted = members("actor_user_id:uuid") if release >= R1_9 else {}
    return Payload(ENVELOPE, members(for_user=READER) | acted)


# ---------------------------------------------------------------- does it hold?

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    return datetime.fromisoformat(value) is not None


_FITS: dict[str, Any] = {
    "uuid": lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value)),
    "time": _is_time,
    "str": lambda value: isinstance(value, str) and value != "",
    "email": lambda value: isinstance(value, str) and bool(_EMAIL.fullmatch(value)),
    "int": lambda value: type(value) is int,
    "num": lambda value: type(value) in (int, float),
    "bool": lambda value: type(value) is bool,
    "object": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


def problems(kind: Any, value: Any, at: str = "data") -> Iterator[str]:
    """What is wrong with a value of that type, one line for each."""
    if isinstance(kind, Payload):
        yield from _object_problems(kind, value, at)
    elif isinstance(kind, list):
        items = value if isinstance(value, list) else [None]
        for position, item in enumerate(items):
            yield from problems(kind[0], item, f"{at}[{position}]")
    elif isinstance(kind, frozenset):
        if value not in kind:
            yield f"{at} is {value!r}, none of {sorted(kind)}"
    elif not (value is None and kind.endswith("|null")) and not _FITS[kind.removesuffix("|null")](value):
        yield f"{at} is {value!r}, no {kind}"


def _object_problems(kind: Payload, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is {value!r}, no object"
        return
    known = kind.required | kind.optional
    yield from (f"{at}.{name} is missing" for name in sorted(kind.required.keys() - value.keys()))
    yield from (f"{at}.{name} is not described" for name in sorted(value.keys() - known.keys()))
    for name in sorted(known.keys() & value.keys()):
        yield from problems(known[name], value[name], f"{at}.{name}")


# ---------------------------------------------------------------- the published documents


def published(document: dict[str, Any]) -> dict[str, Payload]:
    """The same table, read from a published AsyncAPI document."""
    reader = _Reader(document["components"]["schemas"])
    return {
        name: reader.data_of(channel["subscribe"]["message"]["payload"])
        for name, channel in document["channels"].items()
    }


def published_envelope(document: dict[str, Any]) -> Payload:
    """The members of an envelope, read from a published AsyncAPI document."""
    made = _Reader(document["components"]["schemas"]).kind({"$ref": "#/WebhookPayloadBase"})
    assert isinstance(made, Payload)
    return made


class _Reader:
    """Follows the references of one document."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        return schema

    def data_of(self, payload: dict[str, Any]) -> Payload:
        for part in self.resolved(payload)["allOf"]:
            data = self.resolved(part).get("properties", {}).get("data", {})
            if "$ref" in data:
                made = self.kind(data)
                assert isinstance(made, Payload)
                return made
        raise AssertionError("a payload describes no data")

    def kind(self, schema: dict[str, Any]) -> Any:
        schema = self.resolved(schema)
        types = schema.get("type", "any")
        if isinstance(types, list):
            (plain,) = (one for one in types if one != "null")
            return f"{self.kind({**schema, 'type': plain})}|null"
        if "enum" in schema:
            return frozenset(schema["enum"])
        if types == "array":
            return [self.kind(schema["items"])]
        if types == "object" and "properties" in schema:
            made = {name: self.kind(one) for name, one in schema["properties"].items()}
            needed = schema.get("required", ())
            return Payload(
                {name: one for name, one in made.items() if name in needed},
                {name: one for name, one in made.items() if name not in needed},
            )
        return _words(types, schema.get("format"))


def _words(kind: str, format_: str | None) -> str:
    if kind == "string":
        return {"uuid": "uuid", "date-time": "time", "email": "email", None: "str"}[format_]
    return {"integer": "int", "number": "num", "boolean": "bool", "object": "object", "any": "any"}[kind]
