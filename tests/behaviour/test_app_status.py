"""An app's status, slug, webhook URL and default toolkit, and what they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Contio
from contio_mock.contract.meetings import MeetingCreate

ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
APP, STATUS = "/v1/partner/admin/app", "/v1/partner/admin/app/status"
PROFILE, USER_INFO = "/v1/partner/user/profile", "/oauth2/userInfo"
URL = "http://localhost:9/hooks"
TOOLKIT = "00000000-0000-4000-8000-000000000000"
TOKEN_BODY = b"grant_type=client_credentials&client_id=partner_demo&client_secret=cs_demo_secret"
FORM = {"content-type": "application/x-www-form-urlencoded"}

Make = Callable[..., tuple[FakeContio, Any]]


@pytest.fixture
def made(raw_of: Any) -> Make:
    def make(release: str = "1.10", **profile: Any) -> tuple[FakeContio, Any]:
        contio = FakeContio(check_answers=True, release=release, profile=profile, webhook_url=URL)
        raw = raw_of(contio)
        raw("GET", PROFILE)  # the token is made while the app is active
        return contio, raw

    return make


def set_status(raw: Any, status: str) -> None:
    assert raw("PUT", STATUS, {"status": status}, headers=ADMIN).status == 200


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
@pytest.mark.parametrize("status", ["suspended", "inactive", "active"])
def test_the_status_is_set_in_every_release(made: Make, release: str, status: str) -> None:
    contio, raw = made(release)
    before = contio.admin().admin.app.get()
    contio.clock.advance("1m")
    answer = raw("PUT", STATUS, {"status": status}, headers=ADMIN)
    wanted = before.model_copy(update={"status": status, "updated_at": contio.clock.now})
    assert contio.admin().admin.app.get() == wanted
    assert json.loads(answer.body)["status"] == status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "maintenance"}, "invalid_status"),
        ({"status": "Active"}, "invalid_status"),
        ({"status": ""}, "invalid_status"),
        ({"status": None}, "invalid_status"),
        ({"status": 1}, "invalid_status"),
        ({"status": "a\u0000"}, "invalid_request_body"),
        ({}, "invalid_status"),
        ([], "invalid_request_body"),
        (b"{", "invalid_request_body"),
        (b"", "invalid_request_body"),
    ],
    ids=repr,
)
def test_another_status_is_refused(contio: FakeContio, raw: Any, body: Any, code: str) -> None:
    before = contio.admin().admin.app.get()
    assert raw.code("PUT", STATUS, body, headers=ADMIN) == (400, code)
    assert contio.admin().admin.app.get() == before


@pytest.mark.parametrize("status", ["suspended", "inactive"])
@pytest.mark.parametrize(
    ("may", "admin", "user", "token"),
    [("admin", 200, 403, 401), ("everything", 200, 200, 200), ("nothing", 401, 403, 401)],
)
def test_what_a_stopped_app_may_call(
    made: Make, status: str, may: str, admin: int, user: int, token: int
) -> None:
    _, raw = made(stopped_app_may_call=may)
    set_status(raw, status)
    assert raw("GET", APP, headers=ADMIN).status == admin
    assert raw("GET", PROFILE).status == user
    assert raw("GET", USER_INFO).status == user
    assert raw("POST", "/oauth2/token", TOKEN_BODY, headers=FORM, anonymous=True).status == token


def test_a_stopped_app_signs_nobody_in(made: Make) -> None:
    _, raw = made()
    set_status(raw, "suspended")
    wish = {"client_id": "partner_demo", "email": "ada@example.com"}
    answer = raw("POST", "/auth/initiate", wish, anonymous=True)
    assert answer.status == 400
    assert "suspended" in json.loads(answer.body)["message"]
    query = "client_id=partner_demo&response_type=code&redirect_uri=http://localhost:3000/callback"
    assert raw("GET", "/oauth2/authorize", query=query, anonymous=True).status == 400


def test_an_app_that_is_active_again_works_as_before(made: Make) -> None:
    _, raw = made()
    set_status(raw, "inactive")
    assert raw.code("GET", PROFILE) == (403, "forbidden")
    set_status(raw, "active")
    assert raw("GET", PROFILE).status == 200


@pytest.mark.parametrize(("setting", "held"), [("hold", True), ("send", False)])
def test_webhooks_of_a_stopped_app_are_held_by_setting(made: Make, setting: str, held: bool) -> None:
    contio, raw = made(stopped_app_webhooks=setting, stopped_app_may_call="everything")
    got: list[Any] = []
    contio.receiver = lambda outgoing: got.append(outgoing) or 200  # type: ignore[func-returns-value]
    set_status(raw, "suspended")
    contio.client().user.meetings.create(MeetingCreate(title="x"))
    contio.control.mock.settle()
    assert len(got) == (0 if held else 1)
    set_status(raw, "active")
    contio.control.mock.settle()
    assert len(got) == 1


def test_webhooks_of_a_stopped_app_follow_the_setting_when_it_changes(made: Make) -> None:
    contio, raw = made(stopped_app_webhooks="hold", stopped_app_may_call="everything")
    got: list[Any] = []
    contio.receiver = lambda outgoing: got.append(outgoing) or 200  # type: ignore[func-returns-value]
    for setting, heard in (("hold", 0), ("send", 2), ("hold", 2)):
        set_status(raw, "suspended")
        contio.settings(profile={"stopped_app_webhooks": setting})
        contio.client().user.meetings.create(MeetingCreate(title="x"))
        contio.clock.advance("1h")
        assert len(got) == heard
    set_status(raw, "active")
    contio.control.mock.settle()
    assert len(got) == 3


# ---------------------------------------------------------------- slugs


@pytest.mark.parametrize("slug", ["abc", "a-b", "a1-2-z", "123", "x" * 63])
def test_a_url_friendly_slug_is_taken(contio: FakeContio, slug: str) -> None:
    assert contio.admin().admin.app.update({"slug": slug}).slug == slug


@pytest.mark.parametrize("slug", ["Abc", "a b", "-ab", "ab-", "a--b", "a_b", "äöü", "a/b", "abc\n"])
@pytest.mark.parametrize(("setting", "status"), [("url_safe", 400), ("any", 200)])
def test_other_slugs_are_refused_by_setting(made: Make, slug: str, setting: str, status: int) -> None:
    contio, raw = made(slug_format=setting)
    before = contio.admin().admin.app.get()
    answer = raw("PUT", APP, {"slug": slug}, headers=ADMIN)
    assert answer.status == status
    if status == 400:
        assert json.loads(answer.body)["code"] == "validation_error"
        assert contio.admin().admin.app.get() == before


@pytest.mark.parametrize(("setting", "status"), [("reject", 400), ("accept", 200)])
def test_a_slug_belongs_to_one_app_by_setting(tmp_path: Path, setting: str, status: int, raw_of: Any) -> None:
    apps = [
        {"client_id": f"c_{n}", "client_secret": f"s_{n}", "api_key": f"k_{n}", "webhook_secret": "w",
         "name": n, "company_name": n, "slug": f"slug-{n}"}
        for n in ("a", "b")
    ]  # fmt: skip
    file = tmp_path / "two.json"
    file.write_text(json.dumps({"apps": apps}), "utf-8")
    contio = FakeContio(scenario=str(file), check_answers=True, profile={"slug_taken": setting})
    raw = raw_of(contio)
    headers = {"x-api-key": "k_a", "x-client-id": "c_a"}
    assert raw("PATCH", APP, {"slug": "slug-b"}, headers=headers, anonymous=True).status == status
    assert raw("PATCH", APP, {"slug": "slug-a"}, headers=headers, anonymous=True).status == 200


# ---------------------------------------------------------------- webhook URLs and toolkits


@pytest.mark.parametrize(
    ("url", "http", "https_or_loopback", "https"),
    [
        ("https://hooks.example.com/x", True, True, True),
        ("HTTPS://hooks.example.com/x", True, True, True),
        ("http://localhost:3000/hooks", True, True, False),
        ("http://app.localhost/", True, True, False),
        ("http://127.0.0.1:3000", True, True, False),
        ("http://[::1]:3000/x", True, True, False),
        ("http://app:3000/hooks", True, False, False),
        ("http://hooks.example.com", True, False, False),
        ("ftp://hooks.example.com", False, False, False),
        ("hooks.example.com", False, False, False),
        ("http://", False, False, False),
        ("http://[", False, False, False),
        ("http://x:port/", False, False, False),
        ("http://x:99999/", False, False, False),
        ("http://x y/", False, False, False),
        (" http://x/", False, False, False),
        ("http://x/\n", False, False, False),
        ("javascript:alert(1)", False, False, False),
    ],
)
@pytest.mark.parametrize("setting", ["http", "https_or_loopback", "https"])
def test_which_webhook_urls_are_taken(
    made: Make, url: str, http: bool, https_or_loopback: bool, https: bool, setting: str
) -> None:
    contio, raw = made(webhook_url_scheme=setting)
    fine = {"http": http, "https_or_loopback": https_or_loopback, "https": https}[setting]
    answer = raw("PATCH", APP, {"webhook_url": url}, headers=ADMIN)
    assert answer.status == (200 if fine else 400)
    assert contio.admin().admin.app.get().webhook_url == (url if fine else URL)


def test_an_empty_webhook_url_is_none(made: Make) -> None:
    contio, raw = made()
    answer = raw("PATCH", APP, {"webhook_url": ""}, headers=ADMIN)
    assert "webhook_url" not in json.loads(answer.body)
    contio.client().user.meetings.create(MeetingCreate(title="x"))
    assert contio.events[-1].deliveries == []


@pytest.mark.parametrize(("setting", "status"), [("any", 200), ("known", 400)])
def test_an_unknown_default_toolkit_is_refused_by_setting(made: Make, setting: str, status: int) -> None:
    contio, raw = made(default_toolkit=setting)
    assert raw("PATCH", APP, {"default_toolkit_id": TOOLKIT}, headers=ADMIN).status == status
    assert contio.admin().admin.app.get().default_toolkit_id == (TOOLKIT if status == 200 else None)


def test_the_client_sets_the_status(contio: FakeContio) -> None:
    admin: Contio = contio.admin()
    assert admin.admin.app.set_status({"status": "inactive"}).status == "inactive"
    assert admin.admin.app.set_status({"status": "active"}).status == "active"


# ---------------------------------------------------------------- what Contio does


@pytest.mark.parametrize("client_id", [None, "partner_demo"])
def test_contio_suspends_an_app_and_brings_it_back(made: Make, client_id: str | None) -> None:
    contio, raw = made(stopped_app_may_call="nothing")
    wish = {"client_id": client_id} if client_id else {}
    for status, answered in (("suspended", 401), ("active", 200)):
        assert contio.control.mock.simulate.app_status(wish | {"status": status}).status == status
        assert raw("GET", APP, headers=ADMIN).status == answered


def test_contio_suspends_no_unknown_app(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        contio.control.mock.simulate.app_status({"status": "suspended", "client_id": "nobody"})
    assert refused.value.code == "unknown_app"
    assert contio.admin().admin.app.get().status == "active"


@pytest.mark.parametrize(("may", "active"), [("admin", False), ("everything", True)])
def test_introspection_agrees_with_what_a_token_may_do(made: Make, may: str, active: bool) -> None:
    contio, raw = made(stopped_app_may_call=may)
    form = f"token={raw.token}".encode()
    for status, expected in (("active", True), ("inactive", active)):
        contio.control.mock.simulate.app_status({"status": status})
        answer = raw("POST", "/oauth2/introspect", form, headers=FORM, anonymous=True)
        assert json.loads(answer.body)["active"] is expected
