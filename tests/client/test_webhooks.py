"""The receiving side: signatures, typed events, and functions that hear of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import (
    BadSignature,
    NotConfigured,
    UnknownEvent,
    UnreadableWebhook,
    Webhook,
    WebhookHandlers,
    WebhookInProgress,
    parse_webhook,
    read_webhook,
    verify_signature,
)
from contio_mock.contract.events import EVENTS
from contio_mock.contract.meeting_events import MeetingCreated, NextStepCompleted, ParticipantAdded
from contio_mock.contract.signature import sign
from contio_mock.fake.deliveries import Outgoing

SECRET = "whs_one"
ID = "0192f0c8-0000-7000-8000-00000000000{}"
DATA = {
    "created_at": "2026-01-15T09:00:00Z",
    "created_by_user_id": ID.format(1),
    "meeting_id": ID.format(2),
    "title": "Café, 会議",
    "workspace_id": ID.format(3),
}


def payload(**changed: Any) -> dict[str, Any]:
    """A webhook; None takes a member away."""
    whole = {
        "event_type": "meeting.created",
        "event_id": ID.format(4),
        "timestamp": "2026-01-15T10:00:00+01:00",
        "partner_app_id": ID.format(5),
        "for_user": {"id": ID.format(1), "email": "ada@example.com"},
        "actor_user_id": ID.format(1),
        "data": DATA,
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def body_of(**changed: Any) -> bytes:
    return json.dumps(payload(**changed), ensure_ascii=False).encode()


def parsed(**changed: Any) -> Webhook[Any]:
    body = body_of(**changed)
    return parse_webhook(body, sign(body, SECRET), SECRET)


# ---------------------------------------------------------------- signatures


def test_the_signature_is_the_hmac_that_anybody_would_compute() -> None:
    body = body_of()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert verify_signature(body, f"sha256={digest}", SECRET)
    assert verify_signature(body.decode(), f"sha256={digest}", SECRET)
    assert verify_signature(body, f"sha256={digest.upper()}", SECRET)


@pytest.mark.parametrize(
    "spoilt",
    [
        None,
        "",
        "{}",
        "sha256=",
        "SHA256={}",
        "sha1={}",
        " sha256={}",
        "sha256={}=",
        "sha256={}=x",
        "sha256 = {}",
        "v1=sha256={}",
        "sha256={}0",
        "sha256=é",
        "sha256=" + "é" * 64,
        "sha256=" + "g" * 64,
        "sha256=" + "0" * 64,
    ],
)
def test_any_other_signature_is_refused_with_a_reason(spoilt: str | None) -> None:
    body = body_of()
    digest = sign(body, SECRET).removeprefix("sha256=")
    signature = spoilt and spoilt.format(digest)
    assert not verify_signature(body, signature, SECRET)
    with pytest.raises(BadSignature, match=r"header|digest"):
        parse_webhook(body, signature, SECRET)


def test_a_body_that_was_printed_again_has_another_signature() -> None:
    body = body_of()
    assert not verify_signature(json.dumps(json.loads(body)).encode(), sign(body, SECRET), SECRET)


@pytest.mark.parametrize("order", [("whs_new", "whs_old"), ("whs_old", "whs_new")])
def test_while_a_secret_is_rotated_both_are_right(order: tuple[str, str]) -> None:
    body = body_of()
    for secret in order:
        assert parse_webhook(body, sign(body, secret), order).event_id == ID.format(4)
        assert verify_signature(body, sign(body, secret), lambda: list(order))
    assert not verify_signature(body, sign(body, "whs_third"), order)


NOTHING: dict[str, Any] = {
    "empty": "",
    "no secrets": (),
    "empty secrets": [""],
    "an absent variable": None,
    "a function of nothing": lambda: "",
    "a function of an absent variable": lambda: None,
    "no bytes": b"",
}


@pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING)
def test_without_a_secret_nothing_is_right(nothing: Any) -> None:
    body = body_of()
    with pytest.raises(NotConfigured, match="CONTIO_WEBHOOK_SECRET"):
        verify_signature(body, sign(body, ""), nothing)


def test_a_secret_that_is_no_text_is_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="a webhook secret is text"):
        verify_signature(body_of(), "sha256=", SECRET.encode())
    with pytest.raises(TypeError, match="a webhook secret is text"):
        verify_signature(body_of(), "sha256=", [SECRET, 7])  # type: ignore[list-item]


@pytest.mark.parametrize("body", [payload(), [payload()], None, 7], ids=["dict", "list", "nothing", "number"])
def test_a_body_that_was_parsed_already_is_the_callers_mistake(body: Any) -> None:
    with pytest.raises(TypeError, match=f"raw bytes of the request, not {type(body).__name__}"):
        verify_signature(body, "sha256=", SECRET)
    with pytest.raises(TypeError, match="raw bytes"):
        parse_webhook(body, "sha256=", SECRET)


def test_a_body_is_bytes_of_any_kind_or_their_text() -> None:
    body = body_of()
    for given in (body, bytearray(body), memoryview(body), body.decode()):
        assert parse_webhook(given, sign(body, SECRET), SECRET).event_id == ID.format(4)  # type: ignore[arg-type]
    assert not verify_signature(body.decode("latin-1"), sign(body, SECRET), SECRET), (
        "read in a wrong encoding"
    )
    assert not verify_signature("half a letter: \ud83c", sign(body, SECRET), SECRET)


def test_a_header_is_text_or_the_bytes_of_an_asgi_scope() -> None:
    body = body_of()
    assert verify_signature(body, sign(body, SECRET).encode(), SECRET)
    assert not verify_signature(body, b"sha256=\xff", SECRET)
    assert not verify_signature(body, b"", SECRET)
    for wrong in ({"X-Contio-Signature": sign(body, SECRET)}, [sign(body, SECRET)], 7):
        with pytest.raises(TypeError, match="the value of the X-Contio-Signature header, not"):
            verify_signature(body, wrong, SECRET)  # type: ignore[arg-type]


def test_several_signatures_are_none() -> None:
    """As servers hand on a header that was sent twice; the official SDK refuses it too."""
    body = body_of()
    right = sign(body, SECRET)
    for both in (f"{right}, {right}", f"{right},sha256={'0' * 64}"):
        with pytest.raises(BadSignature, match="more than one X-Contio-Signature header"):
            parse_webhook(body, both, SECRET)


# ---------------------------------------------------------------- reading


def test_a_webhook_is_read_with_its_declared_event() -> None:
    webhook = parsed()
    assert webhook == Webhook(
        event_type="meeting.created",
        event_id=ID.format(4),
        timestamp=datetime(2026, 1, 15, 9, tzinfo=UTC),
        partner_app_id=ID.format(5),
        data=MeetingCreated.model_validate(DATA),
        for_user=webhook.for_user,
        actor_user_id=ID.format(1),
    )
    assert isinstance(webhook.data, MeetingCreated)
    assert webhook.data.title == "Café, 会議"
    assert webhook.for_user is not None
    assert (webhook.for_user.id, webhook.for_user.email) == (ID.format(1), "ada@example.com")
    assert webhook.raw == payload()


def test_what_may_be_absent_is_none() -> None:
    webhook = parsed(for_user=None, actor_user_id=None)
    assert (webhook.for_user, webhook.actor_user_id) == (None, None)


def test_members_that_nobody_declared_are_kept_and_do_no_harm() -> None:
    webhook = parsed(data={**DATA, "mood": "sunny"}, further=[1], for_user={"id": "x", "email": "y", "z": 1})
    assert isinstance(webhook.data, MeetingCreated)
    assert webhook.raw["data"]["mood"] == "sunny"
    assert webhook.raw["further"] == [1]
    inner = {"participant_id": ID.format(6), "role": "participant", "shoe_size": 43}
    data = {"added_at": "2026-01-15T09:00:00Z", "meeting_id": ID.format(2), "workspace_id": ID.format(3)}
    added = parsed(event_type="participant.added", data={**data, "participants": [inner]}).data
    assert isinstance(added, ParticipantAdded)
    assert added.participants[0].role == "participant"


def test_an_event_of_a_later_release_keeps_its_data() -> None:
    webhook = parsed(event_type="meeting.exploded", data={"loudness": 11})
    assert webhook.data == UnknownEvent(values={"loudness": 11})
    assert webhook.event_type == "meeting.exploded"


def test_an_event_of_an_early_release_may_lack_what_came_later() -> None:
    data = {
        "executed_at": "2026-01-15T09:00:00Z",
        "executed_by": "ada",
        "execution_mode": "MANUAL_EDIT",
        "next_step_id": ID.format(2),
        "next_step_name": "Mail it",
    }
    step = parsed(event_type="next_step.completed", data=data).data
    assert isinstance(step, NextStepCompleted)
    assert step.context_id is None
    assert EVENTS["next_step.completed"] is NextStepCompleted


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"event_type": None}, "event_type is missing"),
        ({"event_type": 7}, "event_type is missing"),
        ({"event_id": ""}, "event_id is missing"),
        ({"timestamp": "yesterday"}, "timestamp must be an RFC 3339"),
        ({"timestamp": 1768467600}, "timestamp is missing"),
        ({"partner_app_id": None}, "partner_app_id is missing"),
        ({"data": None}, "data is missing"),
        ({"data": [DATA]}, "data is missing"),
        ({"data": {**DATA, "meeting_id": "x"}}, "meeting.created: data.meeting_id"),
        ({"data": {"title": "x"}}, "data.created_at: Field required"),
        ({"for_user": "ada"}, "for_user is no JSON object"),
        ({"for_user": {"id": "x"}}, "email is missing"),
        ({"actor_user_id": 3}, "actor_user_id is missing"),
    ],
)
def test_a_signed_body_that_is_no_webhook_is_refused_with_a_reason(
    changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(UnreadableWebhook) as refused:
        parsed(**changed)
    assert said in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"1e999", b"[" * 100_000])
def test_a_signed_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook, match="JSON"):
        parse_webhook(body, sign(body, SECRET), SECRET)


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_every_event_that_the_fake_sends_is_read_as_declared(release: str) -> None:
    contio = FakeContio(webhook_url="http://localhost:9/hooks", release=release)
    seen: list[Webhook[Any]] = []

    def receive(outgoing: Outgoing) -> int:
        signature = outgoing.headers["X-Contio-Signature"]
        seen.append(parse_webhook(outgoing.body, signature, contio.credentials.webhook_secret))
        return 200

    contio.receiver = receive
    from contio_mock.contract import registry
    from contio_mock.contract.release import Release

    known = registry.events(Release.parse(release))
    for name in known:
        contio.control.mock.emit({"type": name, "user": "ada@example.com"})
    contio.control.mock.settle()
    assert [webhook.event_type for webhook in seen] == list(known)
    for webhook in seen:
        assert isinstance(webhook.data, EVENTS[webhook.event_type])


# ---------------------------------------------------------------- handlers


def webhook(event_id: str = "one", **changed: Any) -> Webhook[Any]:
    return read_webhook(body_of(event_id=event_id, **changed))


def test_handlers_hear_of_their_events_in_order_and_those_for_all_first() -> None:
    handlers, heard = WebhookHandlers(), []

    @handlers.on(MeetingCreated)
    def first(webhook: Webhook[MeetingCreated]) -> None:
        heard.append(f"first {webhook.data.title}")

    @handlers.on("meeting.created")
    async def second(webhook: Webhook[Any]) -> None:
        await asyncio.sleep(0)
        heard.append("second")

    @handlers.on("meeting.updated")
    def never(webhook: Webhook[Any]) -> None:
        heard.append("never")

    @handlers.on_any
    def always(webhook: Webhook[Any]) -> None:
        heard.append(f"any {webhook.event_type}")

    expected = ["any meeting.created", "first Café, 会議", "second"]
    assert handlers.handle(webhook()) is True
    assert heard == expected
    heard.clear()
    assert asyncio.run(handlers.handle_async(webhook())) is True
    assert heard == expected
    heard.clear()
    assert handlers.handle(webhook(event_type="meeting.exploded")) is True
    assert heard == ["any meeting.exploded"]
    assert callable(first), "a handler stays the function it was"


@pytest.mark.parametrize(
    ("name", "said"), [("meeting.creatd", "did you mean meeting.created"), ("zzz", "on_any"), ("", "on_any")]
)
def test_a_misspelt_event_is_told_at_once(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        WebhookHandlers().on(name)


def test_inside_an_event_loop_a_coroutine_must_be_awaited() -> None:
    handlers = WebhookHandlers()

    @handlers.on_any
    async def handler(webhook: Webhook[Any]) -> None: ...

    async def wrong() -> None:
        handlers.handle(webhook())

    with pytest.raises(RuntimeError, match="handle_async"):
        asyncio.run(wrong())


def test_what_a_handler_raises_is_raised_and_ends_the_turn() -> None:
    handlers, heard = WebhookHandlers(), []

    @handlers.on_any
    def broken(webhook: Webhook[Any]) -> None:
        raise KeyError("broken")

    handlers.on("meeting.created")(heard.append)
    with pytest.raises(KeyError, match="broken"):
        handlers.handle(webhook())
    with pytest.raises(KeyError, match="broken"):
        asyncio.run(handlers.handle_async(webhook()))
    assert heard == []


@pytest.mark.parametrize(
    "run", [lambda h, w: h.handle(w), lambda h, w: asyncio.run(h.handle_async(w))], ids=["plain", "awaited"]
)
def test_a_duplicate_is_handled_once_and_a_failure_is_tried_again(run: Any) -> None:
    handlers, calls = WebhookHandlers(remember=2), []

    @handlers.on_any
    def handler(webhook: Webhook[Any]) -> None:
        calls.append(webhook.event_id)
        if calls == ["one"]:
            raise OSError("the first time fails")

    with pytest.raises(OSError, match="first"):
        run(handlers, webhook("one"))
    assert run(handlers, webhook("one")) is True
    assert run(handlers, webhook("one")) is False
    assert calls == ["one", "one"]
    for other in ("two", "three"):
        assert run(handlers, webhook(other)) is True
    assert run(handlers, webhook("three")) is False
    assert run(handlers, webhook("one")) is True, "the oldest is forgotten"


def test_without_a_memory_each_copy_is_handled() -> None:
    handlers, calls = WebhookHandlers(), []
    handlers.on_any(calls.append)
    assert handlers.handle(webhook()) is handlers.handle(webhook()) is True
    assert len(calls) == 2


def test_a_copy_that_comes_while_the_first_is_handled_is_put_off() -> None:
    handlers, begun, go_on = WebhookHandlers(remember=10), threading.Event(), threading.Event()

    @handlers.on_any
    def slow(webhook: Webhook[Any]) -> None:
        begun.set()
        assert go_on.wait(20)

    first = threading.Thread(target=handlers.handle, args=(webhook(),))
    first.start()
    assert begun.wait(20)
    with pytest.raises(WebhookInProgress):
        handlers.handle(webhook())
    body = body_of(event_id="one")
    assert handlers.receive(body, sign(body, SECRET), SECRET).status == 409
    go_on.set()
    first.join()
    assert handlers.handle(webhook()) is False


# ---------------------------------------------------------------- answers


def answers(handlers: WebhookHandlers, body: bytes, signature: str | None) -> list[tuple[int, str]]:
    """What a sender is answered, by both ways in."""
    sync = handlers.receive(body, signature, SECRET)
    awaited = asyncio.run(handlers.receive_async(body, signature, SECRET))
    assert sync == awaited
    return [(sync.status, sync.outcome)]


def test_each_outcome_has_its_answer(caplog: pytest.LogCaptureFixture) -> None:
    handlers = WebhookHandlers()
    body = body_of()
    assert answers(handlers, body, sign(body, SECRET)) == [(200, "handled")]
    assert answers(handlers, body, sign(body, "other")) == [(401, "invalid_signature")]
    assert answers(handlers, body, None) == [(401, "invalid_signature")]
    assert answers(handlers, b"{}", sign(b"{}", SECRET)) == [(400, "invalid_webhook")]

    @handlers.on_any
    def broken(webhook: Webhook[Any]) -> None:
        raise OSError("the database's password is 1234")

    with caplog.at_level(logging.ERROR, "contio_mock.webhooks.receiver"):
        assert answers(handlers, body, sign(body, SECRET)) == [(500, "handler_failed")]
    assert "1234" in caplog.text
    told = json.loads(handlers.receive(body, sign(body, SECRET), SECRET).body)
    assert told["error"] == "handler_failed"
    assert "1234" not in told["message"], "a stranger learns nothing"


def test_a_duplicate_is_answered_as_a_success() -> None:
    handlers, body = WebhookHandlers(remember=1), body_of()
    handlers.receive(body, sign(body, SECRET), SECRET)
    again = handlers.receive(body, sign(body, SECRET), SECRET)
    assert (again.status, json.loads(again.body)) == (200, {"status": "duplicate"})


def test_the_receiving_side_imports_no_framework_and_no_http_library() -> None:
    ask = (
        "import sys\nfrom contio_mock import WebhookHandlers, parse_webhook\n"
        "h = WebhookHandlers()\nh.asgi('x'), h.wsgi('x'), h.flask('x'), h.django('x')\n"
        "print([m for m in ('flask', 'django', 'starlette', 'httpx2', 'aiohttp', 'uvicorn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
