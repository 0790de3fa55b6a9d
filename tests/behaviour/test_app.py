"""The partner app, and who may read and change it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Contio, NotFound, Refused
from contio_mock.contract.app import AppUpdate

APP = "/v1/partner/admin/app"
KEY, CLIENT = {"x-api-key": "ctio_demo_key"}, {"x-client-id": "partner_demo"}


def test_the_key_finds_its_app_and_shows_no_secret(contio: FakeContio) -> None:
    app = contio.admin().admin.app.get()
    given = contio.credentials
    assert (app.name, app.client_id, app.id) == ("Demo Integration", given.client_id, given.partner_app_id)
    assert app.status == "active"
    assert app.webhook_enabled is True
    answer = contio.requests[-1].answer_body.decode()
    for secret in (given.client_secret, given.api_key, given.webhook_secret, "redirect_uris"):
        assert secret not in answer


@pytest.mark.parametrize("method", ["update", "replace"])
def test_only_what_is_sent_changes(contio: FakeContio, method: str) -> None:
    admin = contio.admin().admin.app
    before = admin.get()
    contio.clock.advance("1m")
    changed = getattr(admin, method)(AppUpdate(name="Renamed", description=""))
    wanted = {"name": "Renamed", "description": "", "updated_at": contio.clock.now}
    assert changed == before.model_copy(update=wanted)
    assert admin.get() == changed


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.contio(webhook_url="http://localhost:9/hooks")
def test_null_clears_the_webhook_url_and_nothing_else(contio: FakeContio, raw: Any, method: str) -> None:
    before = contio.admin().admin.app.get()
    assert before.webhook_url == "http://localhost:9/hooks"
    answer = raw(method, APP, dict.fromkeys(AppUpdate.model_fields), headers=KEY | CLIENT)
    assert answer.status == 200
    after = contio.admin().admin.app.get()
    assert after.model_dump() == {**before.model_dump(), "webhook_url": None, "updated_at": contio.clock.now}


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"name": "x" * 256}, {"description": "x" * 1001}, {"slug": "ab"}, {"slug": "x" * 64},
        {"webhook_url": "h" * 2001}, {"default_toolkit_id": "mine"}, {"name": 1}, {"webhook_url": ["x"]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_what_does_not_fit_is_refused(
    contio: FakeContio, raw: Any, method: str, body: dict[str, Any]
) -> None:
    before = contio.admin().admin.app.get()
    assert raw.code(method, APP, body, headers=KEY | CLIENT) == (400, "validation_error")
    assert contio.admin().admin.app.get() == before


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9"])
def test_patch_is_younger_than_release_1_9_and_put_is_not(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    with pytest.raises(Refused) as refused:
        contio.admin().admin.app.update(AppUpdate(name="New"))
    assert refused.value.status == 405
    assert contio.admin().admin.app.replace(AppUpdate(name="New")).name == "New"


def test_both_are_served_in_release_1_10(contio: FakeContio) -> None:
    assert contio.admin().admin.app.update(AppUpdate(name="A")).name == "A"
    assert contio.admin().admin.app.replace(AppUpdate(name="B")).name == "B"


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    "headers",
    [
        {},
        CLIENT,
        {"x-api-key": ""} | CLIENT,
        {"x-api-key": "wrong"} | CLIENT,
        KEY | {"x-client-id": "partner_other"},
        KEY | {"x-client-id": ""},
        KEY | {"x-client-id": "é"},
        {"x-api-key": "é"} | CLIENT,
    ],
    ids=[
        "nothing",
        "no key",
        "empty key",
        "wrong key",
        "other client",
        "empty client",
        "odd client",
        "odd key",
    ],
)
@pytest.mark.parametrize("setting", ["by_release", "required", "optional"])
def test_wrong_credentials_are_401_under_every_setting(
    headers: dict[str, str], setting: str, raw_of: Any
) -> None:
    contio = FakeContio(check_answers=True, profile={"client_id_header": setting})
    assert raw_of(contio).code("GET", APP, anonymous=True, headers=headers) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("setting", "release", "status"),
    [
        ("by_release", "1.5", 200),
        ("by_release", "1.6", 200),
        ("by_release", "1.9", 401),
        ("by_release", "1.10", 401),
        ("required", "1.5", 401),
        ("required", "1.10", 401),
        ("optional", "1.5", 200),
        ("optional", "1.10", 200),
    ],
)
def test_the_key_alone_is_enough_by_setting_and_release(
    setting: str, release: str, status: int, raw_of: Any
) -> None:
    contio = FakeContio(check_answers=True, release=release, profile={"client_id_header": setting})
    raw = raw_of(contio)
    assert raw("GET", APP, anonymous=True, headers=KEY).status == status
    assert raw("GET", APP, anonymous=True, headers=KEY | CLIENT).status == 200


def test_a_users_token_is_no_api_key(contio: FakeContio, raw: Any) -> None:
    assert raw("GET", APP).status == 401


def test_an_api_key_is_no_users_token(raw: Any) -> None:
    assert raw("GET", "/v1/partner/user/profile", anonymous=True, headers=KEY | CLIENT).status == 401


def test_the_client_sends_what_it_was_given(contio: FakeContio) -> None:
    keyless = Contio(api_key="ctio_demo_key", transport=contio.handle)
    with pytest.raises(Refused) as refused:
        keyless.admin.app.get()
    assert refused.value.status == 401
    assert "X-Client-ID" in refused.value.message


def test_a_refusal_names_member_and_rule(contio: FakeContio, raw: Any) -> None:
    answer = raw("PATCH", APP, {"slug": "ab"}, headers=KEY | CLIENT)
    message = json.loads(answer.body)["message"]
    assert message.startswith("slug: ")
    assert "at least 3 characters" in message


def test_errors_are_exceptions_of_the_client(contio: FakeContio) -> None:
    with pytest.raises(BadRequest):
        contio.control.mock.create_sandbox({"scenario": "none"})
    with pytest.raises(NotFound):
        contio.control.mock.delete_sandbox("none")
