"""Several partner apps in one sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.contract.meetings import MeetingCreate

APPS = [
    {"client_id": f"partner_{n}", "client_secret": f"cs_{n}", "api_key": f"ctio_{n}", "webhook_secret": f"whs_{n}",
     "name": n, "company_name": n, "webhook_url": f"http://localhost:9/{n}"}
    for n in ("first", "second")
]  # fmt: skip


@pytest.fixture
def two_apps(tmp_path: Path) -> FakeContio:
    scenario: dict[str, Any] = {
        "apps": APPS,
        "workspaces": [{"name": "W"}],
        "users": [
            {
                "email": "both@example.com",
                "name": "B",
                "workspace": "W",
                "connected_to": ["partner_first", "partner_second"],
            },
            {
                "email": "second@example.com",
                "name": "S",
                "workspace": "W",
                "connected_to": ["partner_second"],
            },
        ],
    }
    file = tmp_path / "two.json"
    file.write_text(json.dumps(scenario), "utf-8")
    return FakeContio(scenario=str(file), check_answers=True)


def test_every_app_that_a_reader_is_connected_to_is_told_and_signed_with_its_own_secret(
    two_apps: FakeContio,
) -> None:
    got = []
    two_apps.receiver = lambda outgoing: got.append(outgoing) or 200  # type: ignore[func-returns-value]
    client = two_apps.client("both@example.com")
    client.user.meetings.create(MeetingCreate(title="x"))
    two_apps.control.mock.settle()
    assert {outgoing.url for outgoing in got} == {"http://localhost:9/first", "http://localhost:9/second"}
    assert len({outgoing.headers["X-Contio-Signature"] for outgoing in got}) == 2
    assert len({json.loads(outgoing.body)["partner_app_id"] for outgoing in got}) == 2


def test_an_api_key_finds_its_own_app(two_apps: FakeContio) -> None:
    for app in APPS:
        client = Contio(api_key=app["api_key"], client_id=app["client_id"], transport=two_apps.handle)
        assert client.admin.app.get().client_id == app["client_id"]


def test_one_apps_change_is_not_the_others(two_apps: FakeContio) -> None:
    first = Contio(api_key="ctio_first", client_id="partner_first", transport=two_apps.handle)
    second = Contio(api_key="ctio_second", client_id="partner_second", transport=two_apps.handle)
    first.admin.app.update({"name": "Changed"})
    assert second.admin.app.get().name == "second"
