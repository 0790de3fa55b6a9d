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
        ({**GOOD, "transcripts": [{"meeting": "M", "lines": [["Ada", "Hi"]]}]}, "a transcript names 'M'"),
        ({**GOOD, "transcripts": [{"meeting": "M", "lines": []}]}, "at transcripts.0.lines"),
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
        (
            {**GOOD, "calendar_events": [{"title": "E", "calendars": ["z@example.com"], "day": 0}]},
            "a calendar event names an unknown user 'z@example.com'",
        ),
        (
            {
                **GOOD,
                "calendar_events": [{"title": "E", "calendars": ["u@example.com"], "day": 0, "linked": True}],
            },
            "a calendar event names an unknown meeting 'E'",
        ),
        ({**GOOD, "calendar_events": [{"title": "E", "calendars": [], "day": 0}]}, "calendars"),
        (
            {**GOOD, "action_items": [{"title": "A", "meeting": "Other"}]},
            "an action item names an unknown meeting 'Other'",
        ),
        (
            {**GOOD, "action_items": [{"title": "A", "meeting": "M", "assigned_to": "z@example.com"}]},
            "an action item names an unknown user 'z@example.com'",
        ),
        ({**GOOD, "action_items": [{"title": "A", "meeting": "M", "status": "done"}]}, "status"),
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
        "transcript of nothing",
        "empty transcript",
        "owner",
        "participant",
        "at",
        "minutes",
        "title",
        "day",
        "planned_days_ahead",
        "event of nobody",
        "event without its meeting",
        "event in no calendar",
        "item of no meeting",
        "item for nobody",
        "item status",
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
    ("templates", "said"),
    [
        ({"templates": [{"name": "T"}]}, "at templates.templates.0.ownership_type"),
        ({"action_buttons": [{"name": "B", "delivery_mechanism": "fax"}]}, "delivery_mechanism"),
        ({"next_steps": [{"name": "S", "type": "ai", "app": "x"}]}, "templates name an unknown 'x'"),
        ({"next_steps": [{"name": "S", "type": "ai", "workspace": "x"}]}, "templates name an unknown 'x'"),
        ({"next_steps": [{"name": "S", "type": "ai", "user": "x"}]}, "templates name an unknown 'x'"),
        ({"next_steps": [{"name": "S", "type": "ai", "action_buttons": ["x"]}]}, "name an unknown 'x'"),
        ({"next_steps": [{"name": "S", "type": "ai"}] * 2}, "two templates, steps or buttons named 'S'"),
        (
            {"templates": [{"name": "T", "ownership_type": "SYSTEM", "next_steps": ["x"]}]},
            "name an unknown 'x'",
        ),
        (
            {"templates": [{"name": "T", "ownership_type": "SYSTEM", "applied_to": ["x"]}]},
            "the template 'T' was applied to an unknown meeting 'x'",
        ),
    ],
)
def test_what_is_wrong_about_templates_is_said_too(
    tmp_path: Path, templates: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said) as refused:
        store_of(tmp_path, {**GOOD, "templates": templates})
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


ITEM = {"title": "I"}


def test_participants_agendas_and_backlogs_are_seeded(tmp_path: Path) -> None:
    scenario = changed("meetings", [{"title": "M", "owner": "u@example.com", "day": -1, "editors": ["v@example.com"],
                                     "guests": [{"email": "g@example.com", "name": "G"}]}])  # fmt: skip
    scenario["users"] = [{**GOOD["users"][0], "email": f"{name}@example.com"} for name in "uv"]
    scenario["agendas"] = [
        {"meeting": "M", "items": [{**ITEM, "talking_points": {"v@example.com": "mine"}}]},
        {"meeting": "M", "items": [ITEM]},
    ]
    scenario["backlog_items"] = [{**ITEM, "owner": "u@example.com", "days_ago": 3}]
    store = store_of(tmp_path, scenario)
    (meeting,) = store.meetings
    people = store.participants.under("meeting", meeting.id)
    assert [(p.email, p.role, p.is_owner, p.is_attended, p.user_id is None) for p in people] == [
        ("u@example.com", "EDITOR", True, True, False),
        ("v@example.com", "EDITOR", False, True, False),
        ("g@example.com", "VIEWER", False, True, True),
    ]
    assert meeting.editor_ids == meeting.viewer_ids == {people[0].user_id, people[1].user_id}
    items = store.agenda_items.under("meeting", meeting.id)
    assert [(item.sequence, item.status) for item in items] == [("100", "completed"), ("200", "completed")]
    assert items[0].notes == {people[1].user_id: "mine"}
    (open_item,) = store.backlog_items
    assert open_item.deferred_at == START - timedelta(days=3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (changed("meetings.0.editors", ["x@example.com"]), "a meeting names an unknown user 'x@example.com'"),
        (
            changed("meetings.0.guests", [{"email": "U@example.com", "name": "U"}]),
            "a meeting has the user U@example.com as a guest",
        ),
        (
            changed("meetings.0.guests", [{"email": "g@example.com", "name": "G"}] * 2),
            "a meeting has the guest g@example.com twice",
        ),
        ({**GOOD, "agendas": [{"meeting": "X", "items": []}]}, "an agenda names an unknown meeting 'X'"),
        (
            {**GOOD, "agendas": [{"meeting": "M", "items": [{**ITEM, "presenters": ["x@example.com"]}]}]},
            "unknown user 'x@example.com'",
        ),
        ({**GOOD, "backlog_items": [{**ITEM, "owner": "x@example.com"}]}, "unknown user 'x@example.com'"),
        ({**GOOD, "backlog_items": [{**ITEM, "owner": "u@example.com", "days_ago": -1}]}, "days_ago"),
    ],
)
def test_what_is_wrong_with_agendas_is_said_too(tmp_path: Path, content: Any, said: str) -> None:
    test_what_is_wrong_is_said_in_one_sentence(tmp_path, content, said)


def test_a_backlog_begins_after_the_calendar_does(tmp_path: Path) -> None:
    content = {**GOOD, "backlog_items": [{**ITEM, "owner": "u@example.com", "days_ago": 20_000}]}
    assert next(iter(store_of(tmp_path, content).backlog_items)).deferred_at.year == 1971


FILE = {"meeting": "M", "owner": "u@example.com", "file_name": "f.txt"}


def test_files_are_seeded_and_a_link_among_them(tmp_path: Path) -> None:
    attachments = [{**FILE, "text": "hello"}, {**FILE, "url": "https://example.com/x"}]
    contexts = [{**FILE, "app": "a", "text": "# Notes\n"}]
    store = store_of(tmp_path, {**GOOD, "attachments": attachments, "contexts": contexts})
    assert [(a.kind, a.size_bytes) for a in store.attachments] == [("file", 5), ("link", 0)]
    assert [(c.title, c.file_status, c.sanitized) for c in store.contexts] == [
        ("f.txt", "complete", "# Notes\n")
    ]


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ({"attachments": [{**FILE, "meeting": "N"}]}, "unknown meeting 'N'"),
        ({"attachments": [{**FILE, "owner": "x@example.com"}]}, "of nobody in the meeting"),
        ({"contexts": [{**FILE, "app": "b", "text": ""}]}, "unknown app 'b'"),
    ],
)
def test_a_file_that_fits_nothing_is_refused(tmp_path: Path, seeds: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        store_of(tmp_path, {**GOOD, **seeds})


def test_every_record_of_the_demo_is_what_its_validation_would_make_of_it() -> None:
    for collection in seeded_store("demo", START).members().values():
        for record in collection:
            valid = type(record).model_validate(vars(record))
            assert vars(record) == vars(valid)
            assert [type(value) for value in vars(record).values()] == [
                type(value) for value in vars(valid).values()
            ]
