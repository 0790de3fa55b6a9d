"""Scenarios: what they seed, and one sentence for each way they can be wrong."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contio_mock.fake.records import Store
from contio_mock.fake.scenario import BUILT_IN, ScenarioError, read_scenario, seeded_store
from contio_mock.fake.scenarios.toolkits import manifest_problem

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
APP = {
    "name": "A", "company_name": "A", "client_id": "a", "client_secret": "s", "api_key": "k", "webhook_secret": "w",
}  # fmt: skip
GOOD: dict[str, Any] = {
    "apps": [APP],
    "workspaces": [{"name": "W"}],
    "users": [{"email": "u@example.com", "name": "U", "workspace": "W", "connected_to": ["a"]}],
    "meetings": [{"title": "M", "owner": "u@example.com"}],
}


def store_of(tmp_path: Path, content: Any, start: datetime = START) -> Store:
    file = tmp_path / "scenario.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return seeded_store(str(file), start)


def changed(path: str, value: Any) -> dict[str, Any]:
    scenario = copy.deepcopy(GOOD)
    target: Any = scenario
    *parts, last = path.split(".")
    for part in parts:
        target = target[int(part) if part.isdecimal() else part]
    target[last] = value
    return scenario


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_scenarios_are_good(name: str) -> None:
    assert read_scenario(name).description
    assert len(seeded_store(name, START).apps) == 1
    assert not any(manifest_problem(toolkit.manifest) for toolkit in read_scenario(name).toolkits)


TOOLKIT: dict[str, Any] = {"name": "K", "slug": "k", "app": "a", "manifest": {}}


@pytest.mark.parametrize(
    ("toolkits", "sentence"),
    [
        ([{**TOOLKIT, "app": "nobody"}], "unknown app 'nobody'"),
        ([TOOLKIT, TOOLKIT], "'a/k' twice"),
        ([{**TOOLKIT, "manifest": {"templates": [{}]}}], "templates\\[0\\] needs an id or a spec"),
        ([{**TOOLKIT, "slug": ""}], "toolkits.0.slug"),
    ],
)
def test_a_wrong_toolkit_is_told(tmp_path: Path, toolkits: Any, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        store_of(tmp_path, changed("toolkits", toolkits))


def test_a_file_is_good_and_its_ids_are_stable(tmp_path: Path) -> None:
    store = store_of(tmp_path, GOOD)
    again = store_of(tmp_path, GOOD, START + timedelta(days=1))
    assert [m.id for m in store.meetings] == [m.id for m in again.meetings]
    (meeting,) = store.meetings
    assert meeting.status == "draft"
    assert meeting.start_time is None


@pytest.mark.parametrize(
    ("seed", "status"),
    [
        ({}, "draft"),
        ({"day": 1}, "scheduled"),
        ({"day": -1}, "completed"),
        ({"day": 0, "at": "08:45"}, "in_progress"),
        ({"day": 0, "at": "09:00"}, "in_progress"),
        ({"day": 0, "at": "08:30", "minutes": 30}, "completed"),
        ({"day": -1, "status": "ended"}, "ended"),
    ],
)
def test_a_meetings_status_follows_from_its_times(tmp_path: Path, seed: dict[str, Any], status: str) -> None:
    scenario = changed("meetings", [{"title": "M", "owner": "u@example.com", **seed}])
    (meeting,) = store_of(tmp_path, scenario).meetings
    assert meeting.status == status
    assert meeting.created_at < START
    assert meeting.updated_at <= START
    assert meeting.created_at <= meeting.updated_at


def test_times_are_relative_to_the_day_it_begins(tmp_path: Path) -> None:
    scenario = changed(
        "meetings", [{"title": "M", "owner": "u@example.com", "day": 2, "at": "13:30", "minutes": 45}]
    )
    (meeting,) = store_of(tmp_path, scenario).meetings
    assert meeting.start_time == datetime(2026, 1, 17, 13, 30, tzinfo=UTC)
    assert meeting.end_time == datetime(2026, 1, 17, 14, 15, tzinfo=UTC)


def test_meetings_are_inserted_in_the_order_they_were_made() -> None:
    made = [meeting.created_at for meeting in seeded_store("demo", START).meetings]
    assert made == sorted(made)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Invalid JSON"),
        (b"{", "Invalid JSON"),
        (b"[" * 5000, "Invalid JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[]", "is wrong"),
        (b"{}", "at apps"),
        ({**GOOD, "apps": []}, "at apps"),
        ({**GOOD, "extra": 1}, "at extra"),
        (changed("apps.0.api_key", None), "at apps.0.api_key"),
        (changed("apps.0.status", "broken"), "at apps.0.status"),
        (changed("workspaces.0.plan", "GOLD"), "at workspaces.0.plan"),
        (changed("users.0.email", "nobody"), "at users.0.email"),
        (changed("users.0.role", "KING"), "at users.0.role"),
        (changed("users.0.scopes", ["openid", "admin"]), "unknown scope 'admin'"),
        (changed("users.0.workspace", "X"), "u@example.com names an unknown workspace 'X'"),
        (changed("users.0.connected_to", ["b"]), "u@example.com is connected to an unknown app 'b'"),
        (changed("meetings.0.owner", "x@example.com"), "a meeting names an unknown user 'x@example.com'"),
        (
            changed("meetings.0.participants", ["y@example.com"]),
            "a meeting names an unknown user 'y@example.com'",
        ),
        (changed("meetings.0.at", "25:00"), "at meetings.0.at"),
        (changed("meetings.0.minutes", 0), "at meetings.0.minutes"),
        (changed("meetings.0.title", ""), "at meetings.0.title"),
        (changed("meetings.0.day", 10**9), "day"),
        (changed("meetings.0.planned_days_ahead", 10**9), "planned_days_ahead"),
        ({**GOOD, "users": GOOD["users"] * 2}, "u@example.com"),
        ({**GOOD, "apps": [APP, APP]}, "a"),
        ({**GOOD, "workspaces": GOOD["workspaces"] * 2}, "W"),
    ],
    ids=[
        "empty",
        "half",
        "deep",
        "not utf-8",
        "array",
        "no apps",
        "empty apps",
        "extra",
        "api_key",
        "status",
        "plan",
        "email",
        "role",
        "scope",
        "workspace",
        "app",
        "owner",
        "participant",
        "at",
        "minutes",
        "title",
        "day",
        "planned_days_ahead",
        "user twice",
        "app twice",
        "workspace twice",
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        store_of(tmp_path, content)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none", "built in are demo, empty"),
        ("none.json", "No such file"),
        ("/", "cannot read the scenario /"),
        ("x" * 5000, "cannot read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        read_scenario(name)
