"""Events that somebody asks for: what is not given is made up from the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from contio_mock.contract.codec import model_in
from contio_mock.contract.events import Event
from contio_mock.fake.records import MeetingRecord, UserRecord
from contio_mock.fake.sandbox import Context


def made_event(ctx: Context, kind: type[Event], data: dict[str, Any], user: UserRecord | None) -> Event:
    """An event of that kind; raises pydantic's ValidationError when the data does not fit."""
    filled = dict(data)
    meeting = _newest_meeting(ctx, data, user)
    for name, info in kind.model_fields.items():
        if name not in filled and info.is_required():
            filled[name] = _made(ctx, name, info.annotation, meeting, user)
    return kind.model_validate(filled)


def _newest_meeting(ctx: Context, data: dict[str, Any], user: UserRecord | None) -> MeetingRecord | None:
    given = ctx.store.meetings.get(str(data.get("meeting_id")))
    if given is not None or user is None:
        return given
    return ctx.store.meetings.last("audience", user.id)


def _made(
    ctx: Context, name: str, annotation: Any, meeting: MeetingRecord | None, user: UserRecord | None
) -> Any:
    """A believable value for a member."""
    by_name: dict[str, Callable[[], Any]] = {
        "meeting_id": lambda: meeting.id if meeting else ctx.ids.uuid(),
        "title": lambda: meeting.title if meeting else "An emitted event",
        "workspace_id": lambda: user.workspace_id if user else ctx.ids.uuid(),
        "domain": lambda: "example.com",
    }
    if name in by_name:
        return by_name[name]()
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    model = model_in(annotation)
    if model is not None:
        inner = {
            member: _made(ctx, member, info.annotation, meeting, user)
            for member, info in model.model_fields.items()
            if info.is_required()
        }
        return [inner] if get_origin(annotation) is list else inner
    if name.endswith("user_id"):
        return user.id if user else ctx.ids.uuid()
    if name.endswith("_id"):
        return ctx.ids.uuid()
    if name.endswith(("_at", "_time")):
        return ctx.now
    return {bool: False, int: 1, float: 1.0}.get(annotation, name)
