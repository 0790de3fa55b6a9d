"""Seeds of workflows and chats: what they become, and what is said of wrong ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contio_mock.fake.records import Store
from contio_mock.fake.scenario import ScenarioError, seeded_store

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
KEYS = ("client_id", "client_secret", "api_key", "webhook_secret", "name", "company_name")
GOOD: dict[str, Any] = {
    "apps": [dict.fromkeys(KEYS, "a")],
    "workspaces": [{"name": "W"}],
    "users": [{"email": "u@example.com", "name": "U", "workspace": "W"}],
    "meetings": [{"title": "M", "owner": "u@example.com"}],
}
WORKFLOW = {"name": "Flow", "workspace": "W", "app": "a", "spec": {"nodes": []}}
CHAT = {"user": "u@example.com", "app": "a", "messages": ["Hello", "Again"]}


def store_of(folder: Path, **more: Any) -> Store:
    file = folder / "scenario.json"
    file.write_text(json.dumps({**GOOD, **more}), "utf-8")
    return seeded_store(str(file), START)


def test_workflows_of_one_name_are_several(tmp_path: Path) -> None:
    store = store_of(tmp_path, workflows=[WORKFLOW, WORKFLOW])
    assert [template.name for template in store.workflow_templates] == ["Flow", "Flow"]


@pytest.mark.parametrize("meeting", [None, "M"])
def test_a_chat_is_a_whole_conversation_of_the_past(tmp_path: Path, meeting: str | None) -> None:
    store = store_of(tmp_path, chats=[{**CHAT, "meeting": meeting}])
    (session,) = store.chat_sessions
    turns = store.chat_turns.under("session", session.id)
    assert [(t.sequence_number, t.role) for t in turns] == [
        (1, "user"),
        (2, "agent"),
        (3, "user"),
        (4, "agent"),
    ]
    assert session.turn_count == 4
    assert all(turn.completed_at and turn.completed_at <= session.last_activity_at for turn in turns)
    assert session.last_activity_at < session.updated_at < START
    assert ("“M”" in turns[1].content) is (meeting is not None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"workflows": [{**WORKFLOW, "workspace": "X"}]}, "unknown workspace 'X'"),
        ({"workflows": [{**WORKFLOW, "app": "b"}]}, "unknown app 'b'"),
        ({"workflows": [{**WORKFLOW, "spec": []}]}, "at workflows.0.spec"),
        ({"chats": [{**CHAT, "app": "b"}]}, "unknown app 'b'"),
        ({"chats": [{**CHAT, "user": "x@example.com"}]}, "unknown user 'x@example.com'"),
        ({"chats": [{**CHAT, "meeting": "N"}]}, "the meeting 'N', in which u@example.com does not take part"),
        ({"chats": [{**CHAT, "messages": []}]}, "at chats.0.messages"),
        ({"chats": [{**CHAT, "messages": [""]}]}, "at chats.0.messages.0"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        store_of(tmp_path, **more)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
