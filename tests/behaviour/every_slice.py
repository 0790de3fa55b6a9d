"""Something of everything that can be done to a Contio: each step is one request about what is there.

`{meetings}` in a path or a body stands for the id of one of the meetings in the store,
`{agenda_items.meeting_id}` for a member of a record; one number says which of them.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal

from contio_mock import FakeContio
from contio_mock.contract.wire import Request, Response

Who = Literal["user", "app", "nobody"]
BOUNDARY = "a-part"
V1, USER, ADMIN, MOCK = "/v1/partner", "/v1/partner/user", "/v1/partner/admin", "/_mock"
SIMULATE = f"{MOCK}/simulate"
MEETING = f"{USER}/meetings/{{meetings}}"
_PLACE = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_GO = {"confirmation_token": "yes"}
_FLOW = {
    "nodes": [{"id": "a", "type": "ai"}, {"id": "ask", "type": "approval_task"}, {"id": "z", "type": "notify"}],
    "edges": [["a", "ask"], {"from": "ask", "to": "z", "when": "approved"}],
}  # fmt: skip
_MANIFEST = {
    "next_steps": [{"spec": {"$id": "s", "name": "Write it up", "type": "ai"}}],
    "shortcuts": [{"spec": {"name": "Ask", "prompt": "What is open?"}}],
    "workflows": [{"$id": "w", "name": "Flow", "spec": _FLOW}],
}


@dataclass(frozen=True)
class File:
    """A multipart body with a file."""

    content: bytes
    fields: dict[str, str]

    def encoded(self) -> bytes:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in self.fields.items()
        ]
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="n.txt"\r\n'
            "Content-Type: text/plain\r\n\r\n"
        )
        return b"".join([*parts, head.encode(), self.content, f"\r\n--{BOUNDARY}--\r\n".encode()])


@dataclass(frozen=True)
class Call:
    """A request; what its places stand for is found when it is sent."""

    who: Who
    method: str
    path: str
    body: Any = None
    query: str = ""


def _simulate(what: str, **body: Any) -> Call:
    return Call("nobody", "POST", f"{SIMULATE}/{what}", body)


CALLS: dict[str, Call] = {
    "plan a meeting": Call(
        "user", "POST", f"{USER}/meetings", {"title": "Ünï 会議", "start_time": "{soon}", "end_time": "{later}"}
    ),
    "rename a meeting": Call("user", "PATCH", MEETING, {"title": "Renamed"}),
    "make a template": Call(
        "app", "POST", f"{ADMIN}/templates", {"name": "Mine", "backing_meeting_id": "{meetings}"}
    ),
    "give a template a next step": Call(
        "app", "POST", f"{ADMIN}/templates/{{templates}}/next-steps",
        {"next_step_id": "{ai_steps}", "autopilot": True},
    ),
    "apply a template": Call(
        "user", "POST", f"{USER}/meeting-templates/{{templates}}/apply", {"meeting_id": "{meetings}"}
    ),
    "start": _simulate("meeting-started", meeting_id="{meetings}"),
    "end": _simulate("meeting-ended", meeting_id="{meetings}"),
    "complete": _simulate("meeting-completed", meeting_id="{meetings}"),
    "copy": _simulate("meeting-copied", meeting_id="{meetings}", email="linus@example.net"),
    "invite a colleague": Call(
        "user", "POST", f"{MEETING}/participants", {"email": "Grace@example.com", "name": "G", "role": "EDITOR"}
    ),
    "invite a stranger": Call(
        "user", "POST", f"{MEETING}/participants", {"email": "new@example.org", "name": "N", "role": "VIEWER"}
    ),
    "disinvite": Call(
        "user", "DELETE", f"{USER}/meetings/{{participants.meeting_id}}/participants/{{participants}}"
    ),
    "add to an agenda": Call(
        "user", "POST", f"{MEETING}/agenda-items",
        {"item_type": "DISCUSSION", "title": "T", "talking_points": "mine", "time_allocation_minutes": 2.5},
    ),
    "change an agenda": Call(
        "user", "PATCH", f"{USER}/meetings/{{agenda_items.meeting_id}}/agenda-items/{{agenda_items}}",
        {"status": "completed", "sequence": "0.5"},
    ),
    "defer": _simulate(
        "agenda-item-deferred", email="ada@example.com", meeting_id="{agenda_items.meeting_id}",
        agenda_item_id="{agenda_items}",
    ),
    "put on the backlog": Call("user", "POST", f"{USER}/backlog-items", {"item_type": "BREAK", "title": "B"}),
    "assign from the backlog": Call(
        "user", "POST", f"{USER}/backlog-items/{{backlog_items}}/assign", {"meeting_id": "{meetings}"}
    ),
    "forget from the backlog": Call("user", "DELETE", f"{USER}/backlog-items/{{backlog_items}}"),
    "make an action item": Call(
        "user", "POST", f"{USER}/action-items",
        {"meeting_id": "{meetings}", "title": "Open a ticket", "due_date": "2026-02-01",
         "partner_context": {"$n": 1, "deep": [[{"x": 1.5, "y": None}]], "big": 10**30}},
    ),
    "complete an action item": Call(
        "user", "PATCH", f"{USER}/action-items/{{action_items}}", {"is_completed": True}
    ),
    "note on an action item": Call(
        "user", "PUT", f"{USER}/action-items/{{action_items}}", {"partner_context": {"n": 2.0}}
    ),
    "delete an action item": Call("user", "DELETE", f"{USER}/action-items/{{action_items}}"),
    "automate": Call(
        "app", "POST", f"{ADMIN}/automation",
        {"name": "A", "trigger_type": "action_item_match",
         "actions": [{"type": "phrase_match", "config": {"phrases": ["ticket"]}}]},
    ),
    "switch an automation off": Call(
        "app", "PATCH", f"{ADMIN}/automation/{{automations}}", {"is_active": False}
    ),
    "attach": Call("user", "POST", f"{MEETING}/attachments", File(b"\0\xff" * 40, {"access_level": "just_me"})),
    "attach a large file": Call("user", "POST", f"{MEETING}/attachments", File(b"0123456789abcdef" * 17_000, {})),
    "detach": Call(
        "user", "DELETE", f"{USER}/meetings/{{attachments.meeting_id}}/attachments/{{attachments}}"
    ),
    "give context": Call(
        "user", "POST", f"{MEETING}/context", File(b'{"a": [1, "ada@example.com"]}', {"source_format": "json"})
    ),
    "take context away": Call("user", "DELETE", f"{USER}/meetings/{{contexts.meeting_id}}/context/{{contexts}}"),
    "sync a calendar": _simulate(
        "calendar-event-synced", email="ada@example.com", title="Lunch", start_time="{soon}", end_time="{later}",
        attendees=[{"email": "grace@example.com"}],
    ),
    "move a calendar event": _simulate(
        "calendar-event-changed", calendar_event_id="{calendar_events}", title="Supper"
    ),
    "delete a calendar event": _simulate("calendar-event-deleted", calendar_event_id="{calendar_events}"),
    "meet from the calendar": Call("user", "POST", f"{USER}/calendar/events/{{calendar_events}}/meeting"),
    "link to the calendar": Call(
        "user", "POST", f"{USER}/meetings/{{meetings}}/calendar/link", {"calendar_event_id": "{calendar_events}"}
    ),
    "chat": Call(
        "user", "POST", f"{USER}/sessions",
        {"message": "What is next?", "meeting_id": "{meetings}", "metadata": {"$k": "v"}},
    ),
    "chat on": Call("user", "PUT", f"{USER}/sessions/{{chat_sessions}}", {"message": "And then?"}),
    "fail a turn": _simulate("chat-turn", turn_id="{chat_turns}", outcome="failed"),
    "end a session": _simulate("session-expired", session_id="{chat_sessions}"),
    "apply a canvas template": _simulate("canvas-template-applied", email="ada@example.com"),
    "carry out a next step": Call(
        "user", "POST", f"{USER}/meetings/{{template_applications.meeting_id}}/next-steps/{{ai_steps}}/execute", {}
    ),
    "press a button": Call(
        "user", "POST", f"{USER}/meetings/{{template_applications.meeting_id}}/action-buttons/{{action_buttons}}/trigger",
        {"content": "It went well.", "content_format": "plain_text", "addressing_values": {"to": "x"}},
    ),
    "run a workflow": Call(
        "user", "POST", f"{USER}/workflow-runs",
        {"workflow_template_id": "{workflow_templates}", "originating_id": "{meetings}",
         "originating_type": "meeting"},
    ),
    "end a step": _simulate("workflow-step", run_id="{workflow_runs}"),
    "decide a task": _simulate("workflow-task", run_id="{workflow_runs}", decision="approved"),
    "make a toolkit": Call(
        "app", "POST", f"{ADMIN}/toolkits", {"name": "K", "slug": "{new}", "version": "1", "manifest": _MANIFEST}
    ),
    "draft a version": Call(
        "app", "POST", f"{ADMIN}/toolkits/{{toolkits}}/versions", {"version_label": "2", "manifest": _MANIFEST}
    ),
    "publish a version": Call(
        "app", "POST",
        f"{ADMIN}/toolkits/{{toolkit_versions.toolkit_id}}/versions/{{toolkit_versions}}/publish",
        {"propagation": "force"},
    ),
    "install": Call("user", "POST", f"{USER}/toolkits/{{toolkits}}/install", {}),
    "uninstall": Call(
        "user", "DELETE",
        f"{USER}/workspaces/{{installations.workspace_id}}/toolkits/{{installations.toolkit_id}}",
    ),
    "install another": Call("user", "POST", f"{USER}/toolkits/{{toolkits}}/install", {}),
    "rotate the API key": Call("app", "POST", f"{ADMIN}/credentials/api-key/rotate", _GO),
    "rotate the webhook secret": Call("app", "POST", f"{ADMIN}/credentials/webhook-secret/rotate", _GO),
    "rotate the client secret": Call(
        "app", "POST", f"{ADMIN}/credentials/client-secret/rotate", {**_GO, "grace_period_hours": 1}
    ),
    "hold webhooks": Call("app", "PUT", f"{ADMIN}/webhook-status", {"enabled": False}),
    "release webhooks": Call("app", "PUT", f"{ADMIN}/webhook-status", {"enabled": True, "pending_disposition": "deliver"}),
    "filter webhooks": Call(
        "app", "PUT", f"{ADMIN}/webhook-filter", {"type": "exclude", "events": ["meeting.updated"]}
    ),
    "deactivate": _simulate("app-status", status="inactive"),
    "activate": _simulate("app-status", status="active"),
    "set a provider": Call(
        "app", "POST", f"{ADMIN}/idp",
        {"name": "Own", "mode": "partner_managed", "idp_client_id": "c", "idp_client_secret": "s",
         "discovery_url": "{origin}/_mock/idp/.well-known/openid-configuration"},
    ),
    "claim a domain": Call("app", "POST", f"{ADMIN}/idp/domains/engines.example/verify"),
    "publish a record": _simulate("domain-record", domain="engines.example"),
    "check a domain": Call("app", "POST", f"{ADMIN}/idp/domains/engines.example/check"),
    "let another claim a domain": _simulate("domain-claimed", domain="elsewhere.example"),
    "begin to sign in by SSO": Call("nobody", "GET", f"{V1}/sso/initiate", query="slug={slug}"),
    "sign in at the provider": Call(
        "nobody", "POST", f"{MOCK}/idp/sign-in",
        {"client_id": "c", "redirect_uri": "{origin}/v1/partner/sso/callback", "email": "sso@example.org",
         "state": "{sso_sessions.state}", "nonce": "{sso_sessions.nonce}", "code_challenge": "{challenge}"},
    ),
    "come back from the provider": Call(
        "nobody", "GET", f"{V1}/sso/callback", query="state={sso_sessions.state}&code={idp_codes}"
    ),
    "sign in at the provider again": Call(
        "nobody", "POST", f"{MOCK}/idp/sign-in",
        {"client_id": "c", "redirect_uri": "{origin}/v1/partner/sso/callback", "email": "sso@example.org"},
    ),
    "sign in by mail": Call(
        "nobody", "POST", "/auth/initiate", {"client_id": "partner_demo", "email": "ada@example.com"}
    ),
    "revoke a connection": Call("app", "DELETE", f"{ADMIN}/connections/{{connections}}"),
    "break something": Call(
        "nobody", "POST", f"{MOCK}/faults", {"operation": "getProfile", "probability": 0.5, "status": 503}
    ),
    "emit": Call("nobody", "POST", f"{MOCK}/events", {"type": "meeting.completed", "user": "ada@example.com"}),
    "change the plan": Call(
        "nobody", "PATCH", f"{MOCK}/settings", {"workspaces": {"Pauling Research": "ENT"}}
    ),
    "go back to release 1.5": Call("nobody", "PATCH", f"{MOCK}/settings", {"release": "1.5"}),
    "make a next step": Call("app", "POST", f"{ADMIN}/next-steps", {"name": "N", "type": "ai", "ai_prompt": "P"}),
    "make a button": Call(
        "app", "POST", f"{ADMIN}/action-buttons",
        {"name": "B", "content_format": "html", "delivery_mechanism": "webhook", "webhook_url": "http://localhost:9/b",
         "is_default_for_next_step": True},
    ),
    "offer a button": Call(
        "app", "POST", f"{ADMIN}/next-steps/{{next_steps}}/action-buttons", {"action_button_id": "{action_buttons}"}
    ),
    "go on to release 1.10": Call("nobody", "PATCH", f"{MOCK}/settings", {"release": "1.10"}),
    "let the clock rule": Call(
        "nobody", "PATCH", f"{MOCK}/settings", {"profile": {"meeting_lifecycle": "clock"}}
    ),
    "wait a moment": Call("nobody", "POST", f"{MOCK}/clock", {"advance": "2s"}),
    "wait": Call("nobody", "POST", f"{MOCK}/clock", {"advance": "45m"}),
    "wait a day": Call("nobody", "POST", f"{MOCK}/clock", {"advance": "1d"}),
}  # fmt: skip


def do(contio: FakeContio, name: str, pick: int, **headers: str) -> Response | None:
    """Send that request about the `pick`th of each thing; None when there is no such thing."""
    call = CALLS[name]
    try:
        path, query, body = (filled(contio, part, pick) for part in (call.path, call.query, call.body))
    except LookupError:
        return None
    sent = {**_headers(contio, call.who), **headers}
    content = b""
    if isinstance(body, File):
        sent["content-type"], content = f"multipart/form-data; boundary={BOUNDARY}", body.encoded()
    elif body is not None:
        sent["content-type"], content = "application/json", json.dumps(body).encode()
    return contio.handle(Request(call.method, path, query, sent, content))


def _headers(contio: FakeContio, who: Who) -> dict[str, str]:
    if who == "user":
        tokens = contio.client().tokens
        return {"authorization": f"Bearer {tokens.access_token if tokens else ''}"}
    app = contio.sandbox.app
    return {"x-api-key": app.api_key, "x-client-id": app.client_id} if who == "app" else {}


def filled(contio: FakeContio, given: Any, pick: int) -> Any:
    """The value with what its places stand for; raises LookupError where there is nothing."""
    if isinstance(given, str):
        return _PLACE.sub(lambda place: _named(contio, place[1], place[2] or "id", pick), given)
    if isinstance(given, list):
        return [filled(contio, item, pick) for item in given]
    if isinstance(given, dict):
        return {name: filled(contio, value, pick) for name, value in given.items()}
    return given


def _challenge(contio: FakeContio) -> str:
    """What the newest sign-in by SSO has to prove (RFC 7636)."""
    newest = list(contio.sandbox.store.sso_sessions)[-1:]
    digest = sha256("".join(session.code_verifier for session in newest).encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _named(contio: FakeContio, name: str, member: str, pick: int) -> str:
    now = contio.clock.now
    known = {
        "soon": (now + timedelta(hours=1)).isoformat(),
        "later": (now + timedelta(hours=2)).isoformat(),
        "new": f"kit-{len(contio.sandbox.store.toolkits)}",
        "origin": contio.control.base_url,
        "challenge": _challenge(contio),
        "slug": contio.sandbox.app.slug or "",
    }
    if name in known:
        return known[name]
    store = contio.sandbox.store
    records = (
        [step for step in store.next_steps if step.type == "ai"]
        if name == "ai_steps"
        else list(getattr(store, name))
    )
    if not records:
        raise LookupError(name)
    return str(getattr(records[-1 - pick % len(records)], member))
