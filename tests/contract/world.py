"""A target of contract checks: any server that speaks the API, and ways to make things in it.

Nothing here knows the fake: requests go in as they travel, answers come out as they came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from contio_mock.contract import registry
from contio_mock.contract.auth import Caller
from contio_mock.contract.operation import Operation
from contio_mock.contract.release import Release
from contio_mock.contract.wire import Request, Response

UNSAID: Any = object()
ADA, GRACE, STRANGER = "ada@example.com", "grace@example.com", "mallory@example.org"
"""Two colleagues, and somebody whom nobody knows, with a workspace of their own."""

Send = Callable[[Request], Response]


@dataclass(frozen=True)
class Call:
    """One request of an operation, before anybody's credentials are on it."""

    operation: type[Operation[Any]]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = UNSAID
    """JSON; bytes travel as they are."""
    parts: tuple[tuple[str, str | None, bytes], ...] | None = None
    """The name, file name and content of each part of a multipart body."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def url_path(self) -> str:
        template = self.operation.endpoint.path
        for name, plan in self.operation.fields().items():
            if plan.travels == "path":
                template = template.replace("{" + plan.wire_name + "}", quote(self.path[name], safe=""))
        return template

    def but(self, **changed: Any) -> Call:
        return replace(self, **changed)

    def request(self, headers: Mapping[str, str]) -> Request:
        sent, content = {**headers, **self.headers}, b""
        if self.parts is not None:
            sent["content-type"], content = _multipart(self.parts)
        elif isinstance(self.body, bytes):
            content = self.body
            sent.setdefault("content-type", "application/json")
        elif self.body is not UNSAID:
            content = json.dumps(self.body).encode()
            sent["content-type"] = "application/json"
        return Request(self.operation.endpoint.method, self.url_path, urlencode(self.query), sent, content)


def _multipart(parts: tuple[tuple[str, str | None, bytes], ...]) -> tuple[str, bytes]:
    written = b""
    for name, file_name, content in parts:
        named = f'; filename="{file_name}"' if file_name is not None else ""
        written += f'--edge\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode()
        written += content + b"\r\n"
    return "multipart/form-data; boundary=edge", written + b"--edge--\r\n"


class World:
    """A target, with the credentials of its people and its partner app."""

    def __init__(self, send: Send, release: Release) -> None:
        self.send = send
        self.release = release
        self.tokens: dict[tuple[str, str | None], str] = {}
        self.app: dict[str, str] | None = None

    # ------------------------------------------------------------ credentials

    def token(self, email: str, scope: str | None = None) -> str:
        if (email, scope) not in self.tokens:
            wish = {"email": email} | ({"scope": scope} if scope is not None else {})
            request = Request("POST", "/_mock/tokens", "", {"content-type": "application/json"})
            request.body = json.dumps(wish).encode()
            answer = json.loads(self.send(request).body)
            self.tokens[email, scope] = answer["access_token"]
        return self.tokens[email, scope]

    def credentials(self, operation: type[Operation[Any]], email: str = ADA) -> dict[str, str]:
        caller = operation.endpoint.auth.caller
        if caller in (Caller.USER, Caller.TOKEN):
            return {"authorization": f"Bearer {self.token(email)}"}
        if caller is Caller.ADMIN:
            if self.app is None:
                self.app = json.loads(self.send(Request("GET", "/_mock/credentials")).body)
            return {"x-api-key": self.app["api_key"], "x-client-id": self.app["client_id"]}
        return {}

    # ------------------------------------------------------------ requests

    def call(
        self,
        operation_id: str,
        body: Any = UNSAID,
        *,
        query: Mapping[str, str] | None = None,
        parts: tuple[tuple[str, str | None, bytes], ...] | None = None,
        **path: str,
    ) -> Call:
        return Call(registry.by_id(operation_id), path, query or {}, body, parts)

    def answer(self, call: Call, email: str = ADA, **headers: str) -> Response:
        sent = {
            **self.credentials(call.operation, email),
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        return self.send(call.request(sent))

    def made(self, operation_id: str, body: Any = UNSAID, *, email: str = ADA, **given: Any) -> Any:
        """Carry an operation out; the answer's JSON."""
        answer = self.answer(self.call(operation_id, body, **given), email)
        assert answer.status < 300, f"{operation_id}: {answer.status} {bytes(answer.body)[:300]!r}"
        return json.loads(answer.body) if answer.body else None

    def happens(self, what: str, **given: Any) -> Any:
        """Let Contio do something by itself."""
        request = Request("POST", f"/_mock/simulate/{what}", "", {"content-type": "application/json"})
        request.body = json.dumps(given).encode()
        answer = self.send(request)
        assert answer.status < 300, f"{what}: {answer.status} {bytes(answer.body)[:300]!r}"
        return json.loads(answer.body) if answer.body else None

    def pass_time(self, advance: str) -> None:
        request = Request("POST", "/_mock/clock", "", {"content-type": "application/json"})
        request.body = json.dumps({"advance": advance}).encode()
        assert self.send(request).status == 200

    # ------------------------------------------------------------ things

    def meeting(self, title: str = "Review", *, email: str = ADA, **given: Any) -> str:
        return str(self.made("createMeeting", {"title": title, **given}, email=email)["id"])

    def agenda_item(self, meeting: str, title: str = "Budget") -> str:
        item = {"title": title, "item_type": "DISCUSSION"}
        return str(self.made("createMeetingAgendaItem", item, id=meeting)["id"])

    def participant(self, meeting: str, email: str = GRACE, role: str = "VIEWER") -> str:
        person = {"email": email, "name": "Somebody", "role": role}
        return str(self.made("addMeetingParticipant", person, id=meeting)["id"])

    def backlog_item(self, title: str = "Later") -> str:
        return str(self.made("createBacklogItem", {"title": title, "item_type": "DISCUSSION"})["id"])

    def action_item(self, title: str = "Do it", meeting: str | None = None) -> str:
        item = {"title": title, "meeting_id": meeting or self.meeting()}
        return str(self.made("createActionItem", item)["id"])

    def attachment(self, meeting: str, name: str = "notes.txt", content: bytes = b"notes") -> str:
        parts = (("file", name, content),)
        return str(self.made("createMeetingAttachment", parts=parts, id=meeting)["id"])

    def context(self, meeting: str, content: bytes = b"# Notes\n") -> str:
        parts = (("file", "notes.md", content), ("source_format", None, b"md"))
        return str(self.made("uploadMeetingContext", parts=parts, id=meeting)["id"])

    def calendar_event(self, title: str = "Planning", *, email: str = ADA, hour: int = 10) -> str:
        made = self.happens(
            "calendar-event-synced",
            email=email,
            title=title,
            start_time=f"2030-01-01T{hour:02d}:00:00Z",
            end_time=f"2030-01-01T{hour:02d}:30:00Z",
        )
        return str(made["id"])

    def session(self, message: str = "What is on today?") -> dict[str, Any]:
        return dict(self.made("createSession", {"message": message}))
