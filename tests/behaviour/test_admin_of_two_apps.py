"""Two partner apps in one sandbox: whatever one does to its webhooks, keys and automations is its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.contract.meetings import MeetingCreate

GO = {"confirmation_token": "yes"}
RULE: dict[str, Any] = {"name": "A", "trigger_type": "action_item_match", "actions": [{"type": "x"}]}
BASE = "/v1/partner/admin"


@pytest.fixture
def contio(tmp_path: Path) -> FakeContio:
    apps = [
        {"client_id": f"c_{n}", "client_secret": f"s_{n}", "api_key": f"k_{n}", "webhook_secret": f"w_{n}",
         "name": n, "company_name": n, "webhook_url": f"http://localhost:9/{n}",
         "primary_contact_email": f"{n}@example.com", "redirect_uris": ["http://localhost:3000/callback"]}
        for n in ("a", "b")
    ]  # fmt: skip
    scenario = {
        "apps": apps,
        "workspaces": [{"name": "W"}],
        "users": [
            {"email": "u@example.com", "name": "U", "workspace": "W", "connected_to": ["c_a", "c_b"]},
        ],
    }
    file = tmp_path / "two.json"
    file.write_text(json.dumps(scenario), "utf-8")
    profile = {"webhook_disable_after_abandoned": 1, "webhook_retry_schedule": []}
    return FakeContio(scenario=str(file), check_answers=True, profile=profile)


def admin(contio: FakeContio, name: str) -> Any:
    return Contio(api_key=f"k_{name}", client_id=f"c_{name}", transport=contio.handle).admin


def headers(name: str) -> dict[str, str]:
    return {"x-api-key": f"k_{name}", "x-client-id": f"c_{name}"}


def happen(contio: FakeContio, failing: str = "") -> None:
    contio.receiver = lambda outgoing: 500 if failing and outgoing.url.endswith(failing) else 200
    contio.client("u@example.com").user.meetings.create(MeetingCreate(title="x"))
    contio.control.mock.settle()


def test_deliveries_are_each_apps_own(contio: FakeContio, raw: Any) -> None:
    happen(contio)
    (mine,) = admin(contio, "a").webhooks.list_deliveries().deliveries
    (other,) = admin(contio, "b").webhooks.list_deliveries().deliveries
    assert mine.partner_app_id != other.partner_app_id
    for method, tail in (("GET", ""), ("POST", "/retry")):
        path = f"{BASE}/webhook-deliveries/{other.id}{tail}"
        assert raw.code(method, path, headers=headers("a"), anonymous=True) == (404, "not_found")


def test_status_filter_and_disposition_are_each_apps_own(contio: FakeContio) -> None:
    first, second = admin(contio, "a"), admin(contio, "b")
    before = second.app.get()
    first.webhooks.set_filter({"type": "include", "events": ["meeting.created"]})
    first.webhooks.set_status({"enabled": False})
    first.app.set_status({"status": "active"})
    assert second.app.get() == before
    second.webhooks.set_status({"enabled": False})
    happen(contio)
    first.webhooks.set_status({"enabled": True, "pending_disposition": "abandon"})
    assert [d.delivery_status for d in first.webhooks.list_deliveries().deliveries] == ["abandoned"]
    assert [d.delivery_status for d in second.webhooks.list_deliveries().deliveries] == ["pending"]


def test_a_failing_receiver_disables_only_its_app(contio: FakeContio) -> None:
    happen(contio, failing="/a")
    assert admin(contio, "a").app.get().webhook_enabled is False
    assert admin(contio, "b").app.get().webhook_enabled is True
    assert [mail.to for mail in contio.inbox()] == ["a@example.com"]


def test_a_suspended_app_stops_no_other(contio: FakeContio) -> None:
    admin(contio, "b").app.set_status({"status": "suspended"})
    happen(contio)
    assert [d.delivery_status for d in admin(contio, "a").webhooks.list_deliveries().deliveries] == [
        "delivered"
    ]
    assert [d.delivery_status for d in admin(contio, "b").webhooks.list_deliveries().deliveries] == [
        "pending"
    ]


def test_credentials_are_each_apps_own(contio: FakeContio, raw: Any) -> None:
    first, second = admin(contio, "a"), admin(contio, "b")
    before = second.credentials.status()
    token = first.credentials.rotate_api_key(GO).rollback_token
    new = first.credentials.rotate_client_secret(GO).new_credential
    first.credentials.rotate_webhook_secret(GO)
    contio.clock.advance("0s")
    assert second.credentials.status() == before
    assert second.credentials.history().events == []
    assert first.credentials.history().pagination.count == 3
    body = {"rollback_token": token}
    path = f"{BASE}/credentials/api-key/rollback"
    assert raw.code("POST", path, body, headers=headers("b"), anonymous=True) == (400, "bad_request")
    form = f"grant_type=client_credentials&client_id=c_b&client_secret={new}".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert raw("POST", "/oauth2/token", form, headers=kind, anonymous=True).status == 401


@pytest.mark.parametrize("value", ["old", "new"])
def test_a_key_of_one_with_the_client_id_of_the_other_is_refused(
    contio: FakeContio, raw: Any, value: str
) -> None:
    new = admin(contio, "a").credentials.rotate_api_key(GO).new_credential
    mixed = {"x-api-key": new if value == "new" else "k_a", "x-client-id": "c_b"}
    assert raw("GET", f"{BASE}/app", headers=mixed, anonymous=True).status == 401


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [("GET", "", None), ("PATCH", "", {"name": "x"}), ("PUT", "", {}), ("DELETE", "", None)],
)
def test_automations_are_each_apps_own(
    contio: FakeContio, raw: Any, method: str, tail: str, body: Any
) -> None:
    first, second = admin(contio, "a"), admin(contio, "b")
    theirs = second.automations.create(RULE)
    assert first.automations.list().items == []
    sent = () if body is None else (body,)
    path = f"{BASE}/automation/{theirs.id}{tail}"
    assert raw.code(method, path, *sent, headers=headers("a"), anonymous=True) == (404, "not_found")
    assert second.automations.get(theirs.id) == theirs


def test_an_idempotency_key_is_each_apps_own(contio: FakeContio, raw: Any) -> None:
    made = [
        json.loads(
            raw("POST", f"{BASE}/automation", RULE, headers=headers(n) | {"idempotency-key": "k"}, anonymous=True).body
        )["id"]
        for n in ("a", "b")
    ]  # fmt: skip
    assert made[0] != made[1]
