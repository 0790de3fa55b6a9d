"""Credentials: how they stand, how they are rotated and brought back, and what is written down."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.contract.signature import signature_problem
from contio_mock.contract.wire import Request

BASE = "/v1/partner/admin/credentials"
HISTORY = f"{BASE}/history"
PATHS = {"api_key": "api-key", "client_secret": "client-secret", "webhook_secret": "webhook-secret"}
OLD = {"api_key": "ctio_demo_key", "client_secret": "cs_demo_secret", "webhook_secret": "whs_demo_secret"}
PREFIXES = {"api_key": "ctio_", "client_secret": "cs_", "webhook_secret": "whs_"}
GO = {"confirmation_token": "yes"}
kinds = pytest.mark.parametrize("kind", ["api_key", "client_secret"])


class App:
    """A partner app's requests, always with a valid API key unless one is given."""

    def __init__(self, contio: FakeContio, raw_of: Any) -> None:
        self.contio, self.raw = contio, raw_of(contio)

    def send(self, method: str, path: str, body: Any = None, query: str = "", **headers: str) -> Any:
        given = self.contio.credentials
        sent = {"x-api-key": given.api_key, "x-client-id": given.client_id, "user-agent": "tests/1"} | headers
        args = (method, path) if body is None else (method, path, body)
        return self.raw(*args, query=query, headers=sent, anonymous=True)

    def answer(self, *args: Any, **more: Any) -> Any:
        response = self.send(*args, **more)
        assert response.status == 200, response.body
        return json.loads(response.body) if response.body else None

    def error(self, *args: Any, **more: Any) -> tuple[int, str]:
        response = self.send(*args, **more)
        return response.status, json.loads(response.body)["code"]

    def rotate(self, kind: str, **wish: Any) -> Any:
        return self.answer("POST", f"{BASE}/{PATHS[kind]}/rotate", GO | wish)

    def roll_back(self, kind: str, token: str, **wish: Any) -> None:
        body = {"rollback_token": token} | wish
        assert self.answer("POST", f"{BASE}/{PATHS[kind]}/rollback", body) is None

    def status(self, kind: str) -> Any:
        return self.answer("GET", BASE)[kind]

    def works(self, kind: str, value: str) -> bool:
        if kind == "api_key":
            headers = {"x-api-key": value, "x-client-id": "partner_demo"}
            answer = self.raw("GET", "/v1/partner/admin/app", headers=headers, anonymous=True)
        else:
            form = f"grant_type=client_credentials&client_id=partner_demo&client_secret={value}".encode()
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = self.raw("POST", "/oauth2/token", form, headers=headers, anonymous=True)
        assert answer.status in (200, 401)
        return bool(answer.status == 200)


@pytest.fixture
def app(contio: FakeContio, raw_of: Any) -> App:
    return App(contio, raw_of)


@pytest.fixture
def app_with(raw_of: Any) -> Any:
    def make(release: str = "1.10", **profile: Any) -> App:
        return App(FakeContio(check_answers=True, release=release, profile=profile), raw_of)

    return make


# ---------------------------------------------------------------- status


def test_the_status_of_fresh_credentials(app: App) -> None:
    status = app.answer("GET", BASE)
    assert status.keys() == PATHS.keys()
    for kind, shown in status.items():
        used = shown.pop("last_used_at", None)
        assert used == ("2026-01-15T09:00:00Z" if kind == "api_key" else None)
        assert shown == {
            "credential_type": kind,
            "status": "active",
            "age_days": 200,
            "created_at": "2025-06-29T00:00:00Z",
            "recommended_action": "rotate_now",
        }


@kinds
def test_the_status_while_two_are_valid(app: App, kind: str) -> None:
    app.rotate(kind, grace_period_hours=2)
    shown = app.status(kind)
    assert shown["status"] == "pending_rotation"
    assert shown["age_days"] == 0
    assert shown["created_at"] == shown["last_rotated_at"] == "2026-01-15T09:00:00Z"
    assert shown["grace_period_ends_at"] == "2026-01-15T11:00:00Z"
    app.contio.clock.advance("2h")
    shown = app.status(kind)
    assert shown["status"] == "active"
    assert "grace_period_ends_at" not in shown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {0: "ok", 74: "ok", 75: "rotate_soon", 89: "rotate_soon", 90: "rotate_now"}),
        ({"credential_rotate_soon_days": 1, "credential_rotate_now_days": 2},
         {0: "ok", 1: "rotate_soon", 2: "rotate_now"}),
        ({"credential_rotate_now_days": 0}, {0: "rotate_now"}),
        ({"credential_words": "sdk"}, {0: "ok", 75: "rotate_soon", 90: "rotate_recommended"}),
    ],
)  # fmt: skip
def test_what_is_recommended_by_age(app_with: Any, options: Any, expected: dict[int, str]) -> None:
    app = app_with(**options)
    app.rotate("webhook_secret")
    for days, action in expected.items():
        now = app.contio.clock.now
        app.contio.clock.advance((days - app.status("webhook_secret")["age_days"]) * 86_400)
        assert app.contio.clock.now >= now
        shown = app.status("webhook_secret")
        assert (shown["age_days"], shown["recommended_action"]) == (days, action)


def test_the_sdks_word_for_a_pending_rotation(app_with: Any) -> None:
    app = app_with(credential_words="sdk")
    app.rotate("api_key")
    assert app.status("api_key")["status"] == "transitioning"


def test_when_each_was_used_last(contio: FakeContio, app: App) -> None:
    contio.admin().admin.app.update({"webhook_url": "http://localhost:9/"})
    contio.receiver = lambda _: 200
    contio.clock.advance("1m")
    assert app.works("client_secret", OLD["client_secret"])
    assert not app.works("client_secret", "wrong")
    contio.clock.advance("1m")
    contio.control.mock.emit({"type": "meeting.created", "user": "ada@example.com"})
    contio.control.mock.settle()
    contio.clock.advance("1m")
    used = {kind: shown["last_used_at"] for kind, shown in app.answer("GET", BASE).items()}
    assert used == {
        "api_key": "2026-01-15T09:03:00Z",
        "client_secret": "2026-01-15T09:01:00Z",
        "webhook_secret": "2026-01-15T09:02:00Z",
    }


# ---------------------------------------------------------------- rotation


@kinds
def test_old_and_new_are_valid_until_the_grace_period_ends(app: App, kind: str) -> None:
    rotated = app.rotate(kind)
    new = rotated.pop("new_credential")
    assert new.startswith(PREFIXES[kind])
    assert rotated.pop("rollback_token").startswith("rb_")
    assert rotated == {
        "credential_type": kind,
        "grace_period_ends_at": "2026-01-16T09:00:00Z",
        "rollback_expires_at": "2026-01-15T10:00:00Z",
    }
    assert getattr(app.contio.credentials, kind) == new
    app.contio.clock.advance("23h59m59s")
    assert app.works(kind, OLD[kind])
    assert app.works(kind, new)
    app.contio.clock.advance("1s")
    assert not app.works(kind, OLD[kind])
    assert app.works(kind, new)


@kinds
@pytest.mark.parametrize("hours", [0, 1, 168])
def test_the_grace_period_is_as_long_as_asked(app: App, kind: str, hours: int) -> None:
    rotated = app.rotate(kind, grace_period_hours=hours)
    assert app.works(kind, OLD[kind]) is (hours > 0)
    app.contio.clock.advance(timedelta(hours=hours).total_seconds())
    assert not app.works(kind, OLD[kind])
    assert app.works(kind, rotated["new_credential"])


@kinds
@pytest.mark.parametrize(("hours", "clamped"), [(-1, 0), (169, 168), (10**30, 168), (-(10**30), 0)])
def test_a_grace_period_out_of_range(app_with: Any, kind: str, hours: int, clamped: int) -> None:
    strict, lenient = app_with(), app_with(grace_period_out_of_range="clamp")
    path = f"{BASE}/{PATHS[kind]}/rotate"
    assert strict.error("POST", path, GO | {"grace_period_hours": hours}) == (400, "bad_request")
    assert strict.contio.credentials.api_key == OLD["api_key"]
    ends = lenient.rotate(kind, grace_period_hours=hours)["grace_period_ends_at"]
    assert ends == f"{lenient.contio.clock.now + timedelta(hours=clamped):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("hours", [None, 0, 24, -1, 10**30])
def test_the_webhook_secret_changes_at_once(contio: FakeContio, app: App, hours: Any) -> None:
    contio.admin().admin.app.update({"webhook_url": "http://localhost:9/"})
    got: list[Any] = []
    contio.control.mock.emit({"type": "meeting.created", "user": "ada@example.com"})
    rotated = app.rotate("webhook_secret", grace_period_hours=hours)
    new = rotated.pop("new_credential")
    assert new.startswith("whs_")
    assert rotated == {"credential_type": "webhook_secret"}
    assert app.status("webhook_secret")["status"] == "active"
    contio.receiver = lambda outgoing: got.append(outgoing) or 200  # type: ignore[func-returns-value]
    contio.control.mock.settle()
    (outgoing,) = got
    signature = outgoing.headers["X-Contio-Signature"]
    assert signature_problem(outgoing.body, signature, new) is None
    assert signature_problem(outgoing.body, signature, OLD["webhook_secret"]) is not None


def test_there_is_no_rollback_of_the_webhook_secret(app: App) -> None:
    body = {"rollback_token": "rb_x"}
    assert app.error("POST", f"{BASE}/webhook-secret/rollback", body) == (404, "not_found")


@pytest.mark.parametrize("kind", list(PATHS))
@pytest.mark.parametrize(
    "body",
    [
        {}, {"confirmation_token": ""}, {"confirmation_token": None}, {"confirmation_token": 1}, [], b"", b"{",
        GO | {"grace_period_hours": "24"}, GO | {"grace_period_hours": 1.5}, GO | {"grace_period_hours": True},
        GO | {"reason": 1}, b'{"confirmation_token": "\\ud800"}', b'{"confirmation_token": "\\u0000"}',
    ],
    ids=repr,
)  # fmt: skip
def test_a_rotation_that_does_not_fit_changes_nothing(app: App, kind: str, body: Any) -> None:
    before = app.contio.credentials
    assert app.error("POST", f"{BASE}/{PATHS[kind]}/rotate", body) == (400, "bad_request")
    assert app.contio.credentials == before
    assert app.answer("GET", HISTORY)["events"] == []


@kinds
@pytest.mark.parametrize(
    ("setting", "oldest", "status"), [("replace", False, 200), ("keep", True, 200), ("reject", True, 400)]
)
def test_a_second_rotation_while_one_is_pending(
    app_with: Any, kind: str, setting: str, oldest: bool, status: int
) -> None:
    app = app_with(rotation_while_pending=setting)
    first = app.rotate(kind, grace_period_hours=2)
    answer = app.send("POST", f"{BASE}/{PATHS[kind]}/rotate", GO | {"grace_period_hours": 4})
    assert answer.status == status
    assert app.works(kind, OLD[kind]) is oldest
    assert app.works(kind, first["new_credential"])
    app.contio.clock.advance("2h")
    assert not app.works(kind, OLD[kind])
    assert app.works(kind, first["new_credential"])
    assert app.send("POST", f"{BASE}/{PATHS[kind]}/rotate", GO).status == 200


@pytest.mark.parametrize("kind", list(PATHS))
def test_three_rotations_a_day(app: App, kind: str) -> None:
    path = f"{BASE}/{PATHS[kind]}/rotate"
    for hours in (0, 1, 2):
        app.contio.clock.set(app.contio.clock.now + timedelta(hours=1 if hours else 0))
        app.rotate(kind)
    before = app.contio.credentials
    refused = app.send("POST", path, GO)
    assert refused.status == 429
    assert json.loads(refused.body)["code"] == "rate_limit_exceeded"
    assert refused.header("retry-after") == str(22 * 3600)
    assert app.contio.credentials == before
    others = [other for other in PATHS if other != kind]
    for other in others:
        app.rotate(other)
    app.contio.clock.advance("21h59m59s")
    assert app.send("POST", path, GO).header("retry-after") == "1"
    app.contio.clock.advance("1s")
    app.rotate(kind)
    assert app.send("POST", path, GO).status == 429


@pytest.mark.parametrize(("limit", "fine"), [(1, 1), (2, 2), (0, 9)])
def test_the_limit_is_an_option(app_with: Any, limit: int, fine: int) -> None:
    app = app_with(credential_rotation_limit=limit)
    for _ in range(fine):
        app.rotate("api_key")
    assert app.send("POST", f"{BASE}/api-key/rotate", GO).status == (429 if limit else 200)


@pytest.mark.parametrize(
    ("kind", "status"), [("api_key", 400), ("client_secret", 400), ("webhook_secret", 429)]
)
def test_the_limit_may_be_told_with_400(app_with: Any, kind: str, status: int) -> None:
    app = app_with(credential_rotation_limit=1, credential_rotation_limit_status="400")
    app.rotate(kind)
    assert app.error("POST", f"{BASE}/{PATHS[kind]}/rotate", GO) == (status, "rate_limit_exceeded")


def test_a_rotation_is_replayed_with_its_key_even_by_the_new_one(app: App) -> None:
    path = f"{BASE}/api-key/rotate"
    first = app.send("POST", path, GO, **{"idempotency-key": "k"})
    second = app.send("POST", path, GO, **{"idempotency-key": "k"})
    assert first.body == second.body
    assert len(app.answer("GET", HISTORY)["events"]) == 1


@pytest.mark.parametrize("release", ["1.5", "1.6"])
def test_old_releases_know_no_idempotency_key(app_with: Any, release: str) -> None:
    app = app_with(release)
    path = f"{BASE}/client-secret/rotate"
    first = app.send("POST", path, GO, **{"idempotency-key": "k"})
    assert first.body != app.send("POST", path, GO, **{"idempotency-key": "k"}).body


# ---------------------------------------------------------------- rollback


@kinds
def test_a_rollback_brings_the_old_one_back(app: App, kind: str) -> None:
    before = app.status(kind)
    rotated = app.rotate(kind, grace_period_hours=0)
    assert not app.works(kind, OLD[kind])
    app.contio.clock.advance("59m59s")
    app.roll_back(kind, rotated["rollback_token"], reason="too early")
    assert app.works(kind, OLD[kind])
    assert not app.works(kind, rotated["new_credential"])
    assert getattr(app.contio.credentials, kind) == OLD[kind]
    app.contio.clock.advance("30d")
    assert app.works(kind, OLD[kind])
    after = app.status(kind)
    assert {**after, "age_days": 200, "last_used_at": None} == {**before, "last_used_at": None}


@kinds
def test_a_rollback_token_works_once_and_for_an_hour(app: App, kind: str) -> None:
    path = f"{BASE}/{PATHS[kind]}/rollback"
    token = app.rotate(kind)["rollback_token"]
    app.roll_back(kind, token)
    assert app.error("POST", path, {"rollback_token": token}) == (400, "bad_request")
    token = app.rotate(kind)["rollback_token"]
    app.contio.clock.advance("1h")
    before = app.contio.credentials
    assert app.error("POST", path, {"rollback_token": token}) == (400, "bad_request")
    assert app.contio.credentials == before


@kinds
def test_only_the_newest_rotation_can_be_undone(app: App, kind: str) -> None:
    first, second = app.rotate(kind), app.rotate(kind)
    path = f"{BASE}/{PATHS[kind]}/rollback"
    assert app.error("POST", path, {"rollback_token": first["rollback_token"]}) == (400, "bad_request")
    app.roll_back(kind, second["rollback_token"])
    assert app.works(kind, first["new_credential"])
    assert not app.works(kind, second["new_credential"])


@kinds
@pytest.mark.parametrize(
    "body",
    [
        {}, {"rollback_token": None}, {"rollback_token": 1}, {"rollback_token": ""}, {"rollback_token": "rb_no"},
        {"rollback_token": "ä" * 10_000}, b"", b"[]", b'{"rollback_token": "\\ud800"}',
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_wrong_rollback_changes_nothing(app: App, kind: str, body: Any) -> None:
    app.rotate(kind)
    before = app.contio.credentials
    assert app.error("POST", f"{BASE}/{PATHS[kind]}/rollback", body) == (400, "bad_request")
    assert app.contio.credentials == before


def test_a_token_of_one_credential_is_none_of_another(app: App) -> None:
    key, secret = app.rotate("api_key"), app.rotate("client_secret")
    for kind, token in (("api_key", secret["rollback_token"]), ("client_secret", key["rollback_token"])):
        path = f"{BASE}/{PATHS[kind]}/rollback"
        assert app.error("POST", path, {"rollback_token": token}) == (400, "bad_request")


def test_a_rollback_frees_no_rotation(app: App) -> None:
    for _ in range(3):
        app.roll_back("api_key", app.rotate("api_key")["rollback_token"])
    assert app.send("POST", f"{BASE}/api-key/rotate", GO).status == 429


# ---------------------------------------------------------------- history


def test_what_was_done_is_written_down(app: App) -> None:
    token = app.rotate("api_key", reason="leaked", grace_period_hours=5)["rollback_token"]
    app.contio.clock.advance("1m")
    app.roll_back("api_key", token, reason="not leaked")
    app.rotate("webhook_secret")
    history = app.answer("GET", HISTORY)
    assert history["pagination"] == {"count": 3, "limit": 20, "offset": 0}
    secret, undone, rotated = history["events"]
    assert rotated.pop("id").startswith("evt_")
    assert rotated == {
        "partner_app_id": app.contio.credentials.partner_app_id,
        "credential_type": "api_key",
        "action": "rotated",
        "initiated_by": "partner",
        "created_at": "2026-01-15T09:00:00Z",
        "user_agent": "tests/1",
        "ip_address": "127.0.0.1",
        "reason": "leaked",
        "metadata": {"grace_period_hours": 5},
    }
    assert (undone["action"], undone["reason"], undone["metadata"]) == ("rollback", "not leaked", {})
    assert (secret["credential_type"], "reason" in secret) == ("webhook_secret", False)


def test_the_address_of_the_caller_is_written_down(contio: FakeContio, app: App) -> None:
    headers = {"x-api-key": OLD["api_key"], "x-client-id": "partner_demo", "content-type": "application/json"}
    body = json.dumps(GO).encode()
    contio.handle(Request("POST", f"{BASE}/api-key/rotate", "", headers, body, "2001:db8::7"))
    (entry,) = app.answer("GET", HISTORY)["events"]
    assert entry["ip_address"] == "2001:db8::7"
    assert "user_agent" not in entry


@pytest.mark.contio(profile={"credential_rotation_limit": 0})
def test_the_history_is_filtered_and_paged(app: App) -> None:
    tokens = [app.rotate(kind).get("rollback_token") for _ in range(9) for kind in PATHS]
    app.roll_back("client_secret", tokens[-2])

    def found(query: str) -> list[tuple[str, str]]:
        events = app.answer("GET", HISTORY, query=query)["events"]
        return [(entry["credential_type"], entry["action"]) for entry in events]

    assert len(found("")) == 20
    assert found("")[0] == ("client_secret", "rollback")
    assert len(found("limit=100")) == 28
    assert found("offset=27") == [("api_key", "rotated")]
    assert found("offset=28") == []
    assert set(found("credential_type=client_secret&limit=100")) == {
        ("client_secret", "rotated"), ("client_secret", "rollback")
    }  # fmt: skip
    assert found("action=rollback") == [("client_secret", "rollback")]
    assert found("action=rollback&credential_type=api_key") == []
    assert len(found("action=rotated&credential_type=api_key&limit=5&offset=6")) == 3
    assert app.answer("GET", HISTORY, query="limit=5000")["pagination"]["limit"] == 100


@pytest.mark.parametrize(
    "query",
    ["limit=x", "offset=", "credential_type=password", "credential_type=", "action=stolen", "limit=1.0"],
)
def test_a_filter_that_does_not_exist_is_refused(app: App, query: str) -> None:
    assert app.error("GET", HISTORY, query=query) == (400, "invalid_query_parameters")


@pytest.mark.parametrize(("setting", "entries"), [("no", 0), ("yes", 3)])
def test_readings_are_written_down_by_setting(app_with: Any, setting: str, entries: int) -> None:
    app = app_with(credential_reads_audited=setting)
    app.answer("GET", BASE)
    events = app.answer("GET", HISTORY)["events"]
    assert [entry["action"] for entry in events] == ["viewed"] * entries


# ---------------------------------------------------------------- secrecy


def test_the_journal_shows_no_secret(contio: FakeContio, app: App) -> None:
    secrets = []
    for kind in PATHS:
        rotated = app.rotate(kind)
        secrets += [rotated["new_credential"], rotated.get("rollback_token") or "-none-"]
    app.roll_back("api_key", secrets[1])
    shown = json.dumps([entry.model_dump(mode="json") for entry in contio.control.mock.requests().items])
    for secret in secrets:
        assert secret not in shown


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
@kinds
def test_every_release_has_them(app_with: Any, release: str, kind: str) -> None:
    app = app_with(release)
    token = app.rotate(kind)["rollback_token"]
    app.roll_back(kind, token)
    app.rotate("webhook_secret")
    assert len(app.answer("GET", HISTORY)["events"]) == 3


def test_the_client_calls_them_all(contio: FakeContio) -> None:
    credentials = contio.admin().admin.credentials
    assert credentials.status()["api_key"].status == "active"
    secret = credentials.rotate_client_secret(GO)
    assert secret.rollback_token is not None
    assert credentials.rollback_client_secret({"rollback_token": secret.rollback_token}) is None
    key = credentials.rotate_api_key(GO)
    assert key.rollback_token is not None
    assert credentials.rollback_api_key({"rollback_token": key.rollback_token}) is None
    assert credentials.rotate_webhook_secret(GO).new_credential == contio.credentials.webhook_secret
    assert credentials.history(action="rollback").pagination.count == 2
