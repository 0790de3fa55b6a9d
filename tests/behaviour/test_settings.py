"""What a sandbox is like, changed while it runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.client import BadRequest
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.fake.deliveries import Outgoing

SETTINGS = "/_mock/settings"


def test_settings_say_how_the_sandbox_is(contio: FakeContio) -> None:
    settings = contio.settings()
    assert (settings.release, settings.strict, settings.features.smart_redirect) == ("1.10", False, True)
    assert settings.profile["limit_above_maximum"] == "clamp"
    assert {workspace.name: workspace.plan for workspace in settings.workspaces} == {
        "Analytical Engines": "ENT",
        "Pauling Research": "FREE",
    }


def test_a_change_touches_nothing_else(contio: FakeContio) -> None:
    before = contio.settings()
    changed = contio.settings(profile={"limit_above_maximum": "reject"})
    assert changed.profile == {**before.profile, "limit_above_maximum": "reject"}
    assert changed.model_dump(exclude={"profile"}) == before.model_dump(exclude={"profile"})
    assert contio.settings() == changed


def test_an_empty_change_changes_nothing(contio: FakeContio, raw: Any) -> None:
    before = contio.settings()
    assert raw("PATCH", SETTINGS, {}).status == 200
    nothing = {"release": None, "profile": None, "features": {"smart_redirect": None}, "workspaces": {}}
    assert raw("PATCH", SETTINGS, nothing).status == 200
    assert contio.settings() == before


def test_a_profile_option_has_its_effect_at_once(contio: FakeContio) -> None:
    client = contio.client()
    client.user.meetings.list(limit=1000)
    contio.settings(profile={"limit_above_maximum": "reject"})
    with pytest.raises(BadRequest):
        client.user.meetings.list(limit=1000)


def test_deliveries_follow_the_new_schedule(contio: FakeContio) -> None:
    contio.sandbox.store.apps.replace(contio.sandbox.app, webhook_url="http://localhost:9/hook")
    tried: list[Any] = []

    def receive(_: Outgoing) -> int:
        tried.append(contio.clock.now)
        return 500

    contio.receiver = receive
    begun = contio.clock.now
    contio.settings(profile={"webhook_retry_schedule": [7]})
    contio.client().user.meetings.create(MeetingCreate(title="x"))
    contio.clock.advance("1d")
    assert [(at - begun).total_seconds() for at in tried] == [0, 7]


def test_the_release_changes_what_is_known_and_what_is_shown(contio: FakeContio, raw: Any) -> None:
    profile = "/v1/partner/user/profile"
    assert "plan_type" in json.loads(raw("GET", profile).body)
    contio.settings(release="1.6")
    answer = raw("GET", profile)
    assert "plan_type" not in json.loads(answer.body)
    assert answer.header("x-api-version") == "1.6"
    contio.settings(release="1.10")
    assert "plan_type" in json.loads(raw("GET", profile).body)


def test_strictness_begins_and_ends(contio: FakeContio, raw: Any) -> None:
    body = {"title": "x", "colour": "red"}
    contio.settings(strict=True)
    assert raw("POST", "/v1/partner/user/meetings", body).status == 400
    contio.settings(strict=False)
    assert raw("POST", "/v1/partner/user/meetings", body).status == 201


def test_plans_change_by_name_by_id_and_by_person(contio: FakeContio) -> None:
    client = contio.client()
    workspace = client.user.profile.get().workspace_id
    for whose, plan in (("Analytical Engines", "FREE"), (workspace, "PRO"), ("ADA@example.com", "ELITE")):
        contio.set_plan(whose, plan)  # type: ignore[arg-type]
        assert client.user.profile.get().plan_type == plan


def test_a_name_that_two_workspaces_have_is_refused(contio: FakeContio) -> None:
    linus = contio.client("linus@example.net").user.profile.get()
    workspace = contio.sandbox.store.workspaces.get(linus.workspace_id)
    assert workspace is not None
    contio.sandbox.store.workspaces.replace(workspace, name="Analytical Engines")
    with pytest.raises(BadRequest, match="say the id"):
        contio.set_plan("Analytical Engines", "FREE")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"release": "2.0"}, "unknown_release"),
        ({"release": "x" * 10_000}, "unknown_release"),
        ({"profile": {"nothing": "yes"}}, "unknown_profile_option"),
        ({"profile": {"limit_above_maximum": "perhaps"}}, "unknown_profile_option"),
        ({"profile": {"limit_above_maximum": ["clamp"]}}, "unknown_profile_option"),
        ({"profile": {"max_body_bytes": -1}}, "unknown_profile_option"),
        ({"profile": {"max_body_bytes": {}}}, "unknown_profile_option"),
        ({"workspaces": {"Nowhere": "FREE"}}, "unknown_workspace"),
        ({"workspaces": {"Analytical Engines": "GOLD"}}, "validation_error"),
        ({"features": {"smart_redirect": "on"}}, "validation_error"),
        ({"strict": "no"}, "validation_error"),
        ([], "validation_error"),
    ],
)
def test_a_change_that_cannot_be_is_refused_as_a_whole(
    contio: FakeContio, raw: Any, wrong: Any, code: str
) -> None:
    before = contio.settings()
    fine = {"release": "1.5", "strict": True, "features": {"smart_redirect": False}}
    sent = {**fine, **wrong} if isinstance(wrong, dict) else wrong
    status, said = raw.code("PATCH", SETTINGS, sent)
    assert status == 400
    assert said in (code, "invalid_request_body")
    assert contio.settings() == before


def test_a_reset_restores_every_setting(contio: FakeContio) -> None:
    before = contio.settings()
    contio.settings(
        release="1.5",
        strict=True,
        profile={"limit_above_maximum": "reject", "webhook_retry_schedule": [1]},
        features={"smart_redirect": False},
        workspaces={"Pauling Research": "ELITE"},
    )
    assert contio.settings() != before
    contio.reset()
    assert contio.settings() == before


def test_settings_of_one_sandbox_are_nobody_elses(contio: FakeContio, raw: Any) -> None:
    contio.control.mock.create_sandbox({"name": "other"})
    assert raw("PATCH", "/~other/_mock/settings", {"release": "1.5"}).status == 200
    assert contio.settings().release == "1.10"
    assert json.loads(raw("GET", "/~other/_mock/settings").body)["release"] == "1.5"
