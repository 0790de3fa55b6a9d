"""The receiving side of webhooks: is it from Contio, and what does it say?

    webhook = parse_webhook(body, request.headers.get(SIGNATURE_HEADER), secret)
    if isinstance(webhook.data, MeetingCreated):
        print(webhook.data.title)

The body must be the raw bytes: a body that was parsed and printed again has another signature.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from contio_mock.client.errors import BadSignature, NotConfigured, UnreadableWebhook
from contio_mock.contract import app_events, meeting_events  # noqa: F401 - they declare the events
from contio_mock.contract.events import EVENTS, Event
from contio_mock.contract.operation import adapter, lifetime_of
from contio_mock.contract.release import Lifetime
from contio_mock.contract.shared import Timestamp
from contio_mock.contract.signature import SIGNATURE_HEADER, signature_problem

__all__ = [
    "SIGNATURE_HEADER",
    "Secret",
    "UnknownEvent",
    "User",
    "Webhook",
    "parse_webhook",
    "read_webhook",
    "verify_signature",
]

E_co = TypeVar("E_co", bound=Event, covariant=True)

Secret = str | Sequence[str] | Callable[[], str | Sequence[str]]
"""A webhook secret; several while one is being rotated; or what returns them when it is asked."""


class UnknownEvent(Event):
    """The data of an event that this client does not know; `values` holds it as it came."""

    type: ClassVar[str] = ""
    summary: ClassVar[str] = "An event that this client does not know."
    lifetime: ClassVar[Lifetime] = Lifetime.ALWAYS
    per_user: ClassVar[bool] = True

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """The user that a webhook is for."""

    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Webhook(Generic[E_co]):
    """One delivery of an event."""

    event_type: str
    event_id: str
    """Unique per delivery; the same when Contio sends it again."""
    timestamp: datetime
    partner_app_id: str
    data: E_co
    """The declared event, such as MeetingCreated, or an UnknownEvent."""
    for_user: User | None = None
    """Absent for what concerns the app as a whole."""
    actor_user_id: str | None = None
    """Who acted; absent when the system did."""
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The whole body, also with members that this client does not know."""


def verify_signature(body: bytes | str, signature: str | bytes | None, secret: Secret) -> bool:
    """Whether the X-Contio-Signature header is that of this body, with one of the secrets.

    The comparison takes the same time wherever the signatures differ. Raises NotConfigured when there
    is no secret, and TypeError for a body that was parsed already.
    """
    return _refusal(body, signature, secret) is None


def parse_webhook(body: bytes | str, signature: str | bytes | None, secret: Secret) -> Webhook[Event]:
    """Check a webhook's signature, the value of its X-Contio-Signature header, and read it.

    Raises BadSignature, UnreadableWebhook when the body is no webhook, NotConfigured when there is no
    secret, or TypeError for a body that was parsed already. Events and members that this client does
    not know are no error.
    """
    problem = _refusal(body, signature, secret)
    if problem is not None:
        raise BadSignature(problem)
    return read_webhook(body)


def read_webhook(body: bytes | str) -> Webhook[Event]:
    """Read a webhook whose signature was checked already; raises UnreadableWebhook."""
    try:
        raw = json.loads(bytes(body) if isinstance(body, memoryview) else body)
    except (ValueError, RecursionError) as error:
        raise UnreadableWebhook(f"the body is no JSON: {error}") from error
    if not isinstance(raw, dict):
        raise UnreadableWebhook("the body is no JSON object")
    event_type = _text(raw, "event_type")
    return Webhook(
        event_type=event_type,
        event_id=_text(raw, "event_id"),
        timestamp=_moment(raw),
        partner_app_id=_text(raw, "partner_app_id"),
        data=_data(event_type, raw.get("data")),
        for_user=_user(raw.get("for_user")),
        actor_user_id=_text(raw, "actor_user_id") if raw.get("actor_user_id") else None,
        raw=raw,
    )


def _refusal(body: bytes | str, signature: str | bytes | None, secret: Secret) -> str | None:
    """Why a signature is refused; every secret is tried, whichever fits."""
    if not isinstance(body, (bytes, bytearray, memoryview, str)):
        raise TypeError(f"the body must be the raw bytes of the request, not {type(body).__name__}")
    if not isinstance(signature, (str, bytes, type(None))):
        given = type(signature).__name__
        raise TypeError(f"the signature must be the value of the {SIGNATURE_HEADER} header, not {given}")
    content = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    value = signature.decode("latin-1") if isinstance(signature, bytes) else signature
    problems = [signature_problem(content, value, one) for one in secrets_of(secret)]
    return None if None in problems else problems[0]


def secrets_of(secret: Secret) -> list[str]:
    """The secrets that a signature may be made with now; raises NotConfigured when there is none."""
    given = secret() if callable(secret) else secret
    found = [one for one in ([given] if isinstance(given, (str, bytes)) else given or ()) if one]
    if not found:
        raise NotConfigured("Webhooks need the app's webhook secret (CONTIO_WEBHOOK_SECRET).")
    if not all(isinstance(one, str) for one in found):
        raise TypeError("a webhook secret is text")
    return found


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableWebhook(f"{name} is missing or no text")
    return value


def _moment(raw: dict[str, Any]) -> datetime:
    try:
        moment: datetime = adapter(Timestamp).validate_python(_text(raw, "timestamp"))
    except ValidationError as error:
        raise UnreadableWebhook(f"timestamp {error.errors()[0]['msg']}") from error
    return moment


def _user(value: Any) -> User | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise UnreadableWebhook("for_user is no JSON object")
    return User(_text(value, "id"), _text(value, "email"))


def _data(event_type: str, data: Any) -> Event:
    if not isinstance(data, dict):
        raise UnreadableWebhook("data is missing or no JSON object")
    kind = EVENTS.get(event_type)
    if kind is None:
        return UnknownEvent(values=data)
    try:
        return _lenient(kind).model_validate(data, extra="ignore")
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in ("data", *problem["loc"]))
        raise UnreadableWebhook(f"{event_type}: {where}: {problem['msg']}") from error


@cache
def _lenient(kind: type[Event]) -> type[Event]:
    """The event as any release sends it: a required member that some do not have may be absent (None)."""
    members: dict[str, Any] = {
        name: (_or_none(info.annotation), None)
        for name, info in kind.model_fields.items()
        if info.is_required() and lifetime_of(tuple(info.metadata)) != Lifetime.ALWAYS
    }
    if not members:
        return kind
    relaxed: type[BaseModel] = create_model(kind.__name__, __base__=kind, **members)
    return relaxed


def _or_none(annotation: Any) -> Any:
    return annotation | None
