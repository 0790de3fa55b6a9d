"""Sandboxes: made, listed, deleted, and apart from one another."""

from __future__ import annotations

import gc
import json
from typing import Any
from weakref import ref

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, NotFound, Unauthorized
from contio_mock.contract.control import SandboxCreate
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.wire import Request, Response


def client_of(contio: FakeContio, name: str, token: str | None = None) -> Contio:
    """A client whose base URL is a sandbox's."""

    def send(request: Request) -> Response:
        path = f"/~{name}{request.path}"
        return contio.handle(Request(request.method, path, request.query, request.headers, request.body))

    return Contio(
        base_url=f"http://contio.localhost/~{name}",
        client_id="partner_demo",
        client_secret="cs_demo_secret",
        redirect_uri="http://localhost:3000/callback",
        api_key="ctio_demo_key",
        tokens=token,
        transport=send,
    )


def user_of(contio: FakeContio, name: str, email: str = "ada@example.com") -> Contio:
    minted = client_of(contio, name).mock.create_token({"email": email})
    return client_of(contio, name, minted.access_token)


def test_a_sandbox_answers_with_its_base_url_and_credentials(contio: FakeContio) -> None:
    made = contio.control.mock.create_sandbox(
        SandboxCreate(name="mine", seed=9, release="1.6", scenario="empty")
    )
    assert made.base_url == made.credentials.base_url == "http://contio.localhost/~mine"
    assert (made.name, made.seed, made.release, made.scenario) == ("mine", 9, "1.6", "empty")
    assert client_of(contio, "mine").mock.credentials() == made.credentials
    assert client_of(contio, "mine").mock.health().release == "1.6"


def test_sandboxes_are_listed_and_counted(contio: FakeContio) -> None:
    first = contio.control.mock.create_sandbox(SandboxCreate())
    second = contio.control.mock.create_sandbox(SandboxCreate())
    assert first.name != second.name
    names = [info.name for info in contio.control.mock.sandboxes().items]
    assert names == ["default", first.name, second.name]
    assert contio.control.mock.health().sandboxes == 3
    assert client_of(contio, first.name).mock.sandboxes() == contio.control.mock.sandboxes()


def test_a_made_up_name_avoids_those_taken(contio: FakeContio) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="sandbox-1"))
    assert contio.control.mock.create_sandbox(SandboxCreate()).name == "sandbox-2"


def test_data_clocks_tokens_and_journals_are_apart(contio: FakeContio) -> None:
    for name in ("a", "b"):
        contio.control.mock.create_sandbox(SandboxCreate(name=name))
    ada, other = user_of(contio, "a"), user_of(contio, "b")
    made = ada.user.meetings.create(MeetingCreate(title="Only here"))
    with pytest.raises(NotFound):
        other.user.meetings.get(made.id)
    total = contio.client().user.meetings.list().total
    assert ada.user.meetings.list().total == total + 1
    client_of(contio, "a").mock.move_clock({"advance": "3d"})
    assert client_of(contio, "b").mock.clock().now == contio.clock.now
    assert other.user.profile.get().display_name == "Ada Lovelace"
    with pytest.raises(Unauthorized):
        ada.user.profile.get()
    assert contio.sandbox.journal.seen == 1
    assert client_of(contio, "b").mock.requests().total == 2
    assert client_of(contio, "a").mock.events().total == 1
    assert client_of(contio, "b").mock.events().total == 0


def test_a_token_of_one_is_unknown_in_another(contio: FakeContio) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="a", seed=2))
    tokens = contio.client().tokens
    assert tokens is not None
    with pytest.raises(Unauthorized):
        client_of(contio, "a", tokens.access_token).user.profile.get()


def test_changing_an_app_changes_no_other_sandboxs(contio: FakeContio) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="a"))
    client_of(contio, "a").admin.app.replace({"name": "Changed"})
    assert contio.admin().admin.app.get().name == "Demo Integration"
    contio.control.mock.create_sandbox(SandboxCreate(name="b"))
    assert client_of(contio, "b").admin.app.get().name == "Demo Integration"


def test_what_is_left_out_is_as_in_the_default_sandbox() -> None:
    contio = FakeContio(
        release="1.9", seed=5, profile={"malformed_id": "not_found"}, strict=True, check_answers=True
    )
    made = contio.control.mock.create_sandbox(
        SandboxCreate(name="a", profile={"limit_above_maximum": "reject"})
    )
    assert (made.release, made.seed) == ("1.9", 5)
    sandbox = contio.engine.sandboxes["a"]
    assert sandbox.strict
    assert sandbox.profile.malformed_id == "not_found"
    assert sandbox.profile.limit_above_maximum == "reject"


def test_every_keyword_counts(contio: FakeContio) -> None:
    made = contio.control.mock.create_sandbox(
        SandboxCreate(
            name="a",
            now="2031-05-01T12:00:00Z",
            rate=0,
            webhook_url="http://localhost:9/hooks",
            redirect_uris=["app://back", "http://localhost:3000/callback"],
            auto_approve="grace@example.com",
            strict=True,
        )
    )
    assert made.credentials.redirect_uris == ["http://localhost:3000/callback", "app://back"]
    inside = client_of(contio, "a")
    assert inside.mock.clock().now.isoformat() == "2031-05-01T12:00:00+00:00"
    assert inside.admin.app.get().webhook_url == "http://localhost:9/hooks"
    query = "client_id=partner_demo&redirect_uri=app://back&response_type=code&scope=openid"
    answer = contio.handle(Request("GET", "/~a/oauth2/authorize", query))
    assert (answer.header("location") or "").startswith("app://back?code=")


def test_a_sandbox_knows_its_own_address(contio: FakeContio) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="a"))
    inside = client_of(contio, "a")
    assert inside.oauth.discovery().token_endpoint == "http://contio.localhost/~a/oauth2/token"
    assert inside.authorization_url().startswith("http://contio.localhost/~a/oauth2/authorize?")
    body = b'{"client_id":"partner_demo","email":"ada@example.com"}'
    begun = json.loads(contio.handle(Request("POST", "/~a/auth/initiate", "", {}, body)).body)
    code = inside.mock.inbox().items[0].code
    verify = {
        "client_id": "partner_demo",
        "email": "ada@example.com",
        "session": begun["session"],
        "code": code,
    }
    answer = contio.handle(Request("POST", "/~a/auth/verify", "", {}, json.dumps(verify).encode()))
    assert "Path=/~a/;" in (answer.header("set-cookie") or "")


@pytest.mark.parametrize(
    "name", ["", "A", "ä", "a b", "a/b", "-a", ".a", "_a", "a" * 64, "~a", "a\n", "a%20", "..", "😀"]
)
def test_a_name_that_does_not_fit_a_path_is_refused(raw: Any, name: str) -> None:
    assert raw.code("POST", "/_mock/sandboxes", {"name": name}) == (400, "validation_error")


@pytest.mark.parametrize("name", ["a", "0", "a-b.c_d", "a" * 63])
def test_a_fitting_name_is_taken(contio: FakeContio, name: str) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name=name))
    assert client_of(contio, name).mock.health().status == "ok"


@pytest.mark.parametrize("name", ["default", "mine"])
def test_a_name_is_used_once(contio: FakeContio, name: str) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="mine"))
    with pytest.raises(Conflict) as refused:
        contio.control.mock.create_sandbox(SandboxCreate(name=name))
    assert refused.value.code == "sandbox_exists"


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        ({"scenario": "none"}, "unknown_scenario", "built in are demo, empty"),
        ({"scenario": "./none.json"}, "unknown_scenario", "No such file"),
        ({"scenario": ""}, "unknown_scenario", "cannot read"),
        ({"release": "2.0"}, "unknown_release", "1.5, 1.6, 1.9, 1.10"),
        ({"profile": {"nonsense": 1}}, "unknown_profile_option", "'nonsense'"),
        ({"profile": {"malformed_id": "teapot"}}, "unknown_profile_option", "malformed_id must be one of"),
        ({"profile": {"webhook_timeout_seconds": -1}}, "unknown_profile_option", "webhook_timeout_seconds"),
        ({"profile": "x"}, "validation_error", "profile"),
        ({"rate": -1}, "validation_error", "rate"),
        ({"auto_approve": "x"}, "validation_error", "auto_approve"),
        ({"now": "today"}, "validation_error", "now"),
        ({"seed": "x"}, "validation_error", "seed"),
    ],
)
def test_a_wrong_wish_is_named_and_nothing_is_made(
    contio: FakeContio, raw: Any, wish: dict[str, Any], code: str, said: str
) -> None:
    answer = raw("POST", "/_mock/sandboxes", {"name": "a", **wish})
    body = json.loads(answer.body)
    assert (answer.status, body["code"]) == (400, code)
    assert said in body["message"]
    assert "\n" not in body["message"]
    assert list(contio.engine.sandboxes) == ["default"]


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00Z", "0001-06-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_beginning_at_the_end_of_the_calendar_is_made_or_refused(raw: Any, now: str) -> None:
    answer = raw("POST", "/_mock/sandboxes", {"name": "a", "now": now})
    assert answer.status in (201, 400)
    if answer.status == 201:
        assert raw("POST", "/~a/_mock/tokens", {"email": "ada@example.com"}).status == 200


def test_a_deleted_sandbox_is_gone(contio: FakeContio, raw: Any) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="a"))
    contio.control.mock.delete_sandbox("a")
    answer = raw("GET", "/~a/_mock/health")
    assert answer.status == 404
    assert "There is no sandbox 'a'" in json.loads(answer.body)["message"]
    with pytest.raises(NotFound):
        contio.control.mock.delete_sandbox("a")
    assert contio.control.mock.create_sandbox(SandboxCreate(name="a")).name == "a"


def test_a_deleted_sandbox_needs_no_garbage_collector(contio: FakeContio) -> None:
    """A server looks through old objects so rarely that whatever waits for it stays."""
    lifecycle = {"meeting_lifecycle": "clock"}
    gc.disable()
    try:
        contio.control.mock.create_sandbox(SandboxCreate(name="short-lived", profile=lifecycle))
        user_of(contio, "short-lived").user.meetings.create(MeetingCreate(title="x", is_instant=True))
        sandbox = ref(contio.engine.sandboxes["short-lived"])
        assert sandbox() is not None
        contio.control.mock.delete_sandbox("short-lived")
        assert sandbox() is None
    finally:
        gc.enable()


def test_a_sandbox_may_delete_itself(contio: FakeContio) -> None:
    contio.control.mock.create_sandbox(SandboxCreate(name="a"))
    client_of(contio, "a").mock.delete_sandbox("a")
    assert list(contio.engine.sandboxes) == ["default"]


def test_the_default_sandbox_stays(contio: FakeContio) -> None:
    with pytest.raises(Conflict) as refused:
        contio.control.mock.delete_sandbox("default")
    assert refused.value.code == "default_sandbox"
    assert contio.control.mock.health().status == "ok"


def test_the_default_sandbox_also_answers_to_its_name(contio: FakeContio) -> None:
    assert client_of(contio, "default").mock.health().status == "ok"


@pytest.mark.parametrize(
    "path", ["/~", "/~/", "/~nobody", "/~nobody/v1/partner/user/meetings", "/~a~b/x", "/~%00/x"]
)
def test_an_unknown_sandbox_is_not_found(raw: Any, path: str) -> None:
    assert raw.code("GET", path) == (404, "not_found")


# ---------------------------------------------------------------- reset


def test_a_reset_starts_again(contio: FakeContio) -> None:
    client = contio.client("new@example.com")
    client.user.meetings.create(MeetingCreate(title="x"))
    contio.admin().admin.app.replace({"name": "Changed"})
    contio.faults.add(operation="getApp", status=500)
    contio.clock.advance("5d")
    started = FakeContio().clock.now
    contio.reset()
    assert contio.clock.now == started
    assert contio.requests == []
    assert contio.events == []
    assert contio.inbox() == []
    assert contio.control.mock.faults().items == []
    assert contio.admin().admin.app.get().name == "Demo Integration"
    with pytest.raises(Unauthorized):
        client.user.profile.get()
    assert contio.client("new@example.com").user.meetings.list().total == 0


@pytest.mark.contio(webhook_url="http://localhost:9/hooks", redirect_uris=["app://back"])
def test_a_reset_keeps_how_the_sandbox_was_made(contio: FakeContio) -> None:
    contio.admin().admin.app.replace({"webhook_url": "http://localhost:9/other"})
    contio.reset()
    assert contio.admin().admin.app.get().webhook_url == "http://localhost:9/hooks"
    assert contio.credentials.redirect_uris[-1] == "app://back"


def test_the_receiver_outlives_a_reset(contio: FakeContio) -> None:
    got = []
    contio.receiver = lambda outgoing: got.append(outgoing) or 200
    contio.reset()
    contio.admin().admin.app.replace({"webhook_url": "http://localhost:9/hooks"})
    contio.control.mock.emit({"type": "meeting.created", "user": "ada@example.com"})
    contio.control.mock.settle()
    assert len(got) == 1


# ---------------------------------------------------------------- keywords of FakeContio


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"release": "2.0"}, "unknown release '2.0'"),
        ({"scenario": "none"}, "cannot read the scenario none"),
        ({"profile": {"x": 1}}, "no profile option 'x'"),
        ({"now": "2026-01-15T09:00:00"}, "must have an offset"),
        ({"now": "yesterday"}, "yesterday"),
        ({"now": "0001-01-01T00:00:00+00:00"}, "must begin in the years"),
        ({"now": "9999-12-31T00:00:00+00:00"}, "must begin in the years"),
    ],
)
def test_a_wrong_keyword_is_a_value_error(keywords: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FakeContio(**keywords)


@pytest.mark.contio(now="2031-05-01T14:00:00+02:00")
def test_the_clock_begins_where_it_is_told(contio: FakeContio) -> None:
    assert contio.clock.now.isoformat() == "2031-05-01T12:00:00+00:00"


@pytest.mark.contio(now="real")
def test_the_clock_may_begin_now_and_stands_still(contio: FakeContio) -> None:
    assert contio.clock.now.year >= 2025
    assert contio.clock.now == contio.clock.now


def test_a_bad_request_names_the_exception(contio: FakeContio) -> None:
    with pytest.raises(BadRequest):
        contio.control.mock.create_sandbox(SandboxCreate(release="x"))


def test_the_engine_tells_its_own_paths_from_a_servers_pages(contio: FakeContio) -> None:
    ours = [
        "/v1/x",
        "/oauth2/token",
        "/auth/verify",
        "/.well-known/x",
        "/_mock/health",
        "/~a/v1/x",
        "/~a/_mock/x",
    ]
    assert all(map(contio.engine.serves, ours))
    assert not any(map(contio.engine.serves, ["/", "/login", "/v1", "/~a/login", "/~a", "/static/x"]))


def test_whoever_sends_webhooks_hears_of_new_sandboxes_and_of_work(contio: FakeContio) -> None:
    heard = []
    contio.engine.on_sandbox = lambda sandbox: heard.append(sandbox.name)
    contio.control.mock.create_sandbox(SandboxCreate(name="a", webhook_url="http://localhost:9/hooks"))
    assert heard == ["a"]
    contio.engine.sandboxes["a"].on_work = lambda sandbox: heard.append("work")
    user_of(contio, "a").user.meetings.create(MeetingCreate(title="x"))
    client_of(contio, "a").mock.emit({"type": "meeting.created"})
    assert heard == ["a", "work", "work"]
