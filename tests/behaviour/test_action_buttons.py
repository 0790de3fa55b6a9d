"""Action buttons: pressed by users, with the text as it is or as they left it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Forbidden
from contio_mock.contract.next_steps import ActionButtonTrigger, ExecutedNextStep
from contio_mock.fake.records import ActionButtonRecord

from .test_next_steps import CUSTOMER, MEETINGS, UNKNOWN_ID, events, meeting_of, step_named

PRESSED = "action_button.triggered"


def button_named(contio: FakeContio, name: str = "Send to CRM") -> ActionButtonRecord:
    return next(button for button in contio.sandbox.store.action_buttons if button.name == name)


def path_of(contio: FakeContio, name: str = "Send to CRM") -> str:
    return f"{MEETINGS}/{meeting_of(contio).id}/action-buttons/{button_named(contio, name).id}/trigger"


def press(contio: FakeContio, name: str = "Send to CRM", **given: Any) -> Any:
    client = contio.client("grace@example.com")
    body = ActionButtonTrigger(**given) if given else None
    return client.user.next_steps.trigger(meeting_of(contio).id, button_named(contio, name).id, body)


def written(contio: FakeContio, step: str = "Follow-up e-mail") -> ExecutedNextStep:
    client = contio.client("grace@example.com")
    return client.user.next_steps.execute(meeting_of(contio).id, step_named(contio, step).id)


def me(contio: FakeContio) -> str:
    return contio.client("grace@example.com").user.profile.get().id


# ---------------------------------------------------------------- pressed


def test_a_button_is_pressed_without_a_body(contio: FakeContio) -> None:
    meeting, button = meeting_of(contio), button_named(contio)
    done = press(contio)
    assert (done.status, done.result_id, done.redirect_url) == ("completed", None, None)
    assert "Send to CRM" in done.message
    (event,) = events(contio, PRESSED)
    assert event.data == {
        "action_button_id": button.id,
        "action_button_name": "Send to CRM",
        "context_id": meeting.id,
        "context_type": "meeting",
        "invocation_id": done.invocation_id,
        "meeting_id": meeting.id,
        "next_step_id": None,
        "result_id": None,
        "trigger_mode": "MANUAL",
        "triggered_at": "2026-01-15T09:00:00Z",
        "triggered_by": me(contio),
    }
    (kept,) = contio.sandbox.store.invocations
    assert kept.id == done.invocation_id


def test_the_sdks_parameters_and_an_empty_body_are_taken(contio: FakeContio, raw_of: Any) -> None:
    raw = raw_of(contio, "grace@example.com")
    for body in ({}, {"parameters": {"a": 1}}):
        assert raw("POST", path_of(contio), body).status == 200
    assert raw("POST", path_of(contio)).status == 200


def test_a_button_is_pressed_beneath_a_result(contio: FakeContio) -> None:
    result = written(contio)
    done = press(contio, result_id=result.result_id)
    assert done.result_id == result.result_id
    (event,) = events(contio, PRESSED)
    assert event.data["result_id"] == result.result_id
    assert event.data["next_step_id"] == step_named(contio, "Follow-up e-mail").id


def test_a_button_is_pressed_beneath_a_step(contio: FakeContio) -> None:
    step = step_named(contio, "Task list")
    assert press(contio, next_step_id=step.id).result_id is None
    assert events(contio, PRESSED)[0].data["next_step_id"] == step.id


def test_what_was_entered_is_kept_as_it_is(contio: FakeContio) -> None:
    values = {"object_type": "Account", "ünïcode 🎉": "", "long": "x" * 10_000}
    press(contio, addressing_values=values)
    assert [i.addressing_values for i in contio.sandbox.store.invocations] == [values]


@pytest.mark.parametrize("values", [{"a": 1}, {"a": None}, [], "x"])
def test_what_was_entered_must_be_texts(contio: FakeContio, raw_of: Any, values: Any) -> None:
    answer = raw_of(contio, "grace@example.com").code("POST", path_of(contio), {"addressing_values": values})
    assert answer == (400, "invalid_request")
    assert list(contio.sandbox.store.invocations) == []


def test_a_button_that_redirects_says_where_to(contio: FakeContio) -> None:
    button = button_named(contio)
    contio.sandbox.store.action_buttons.replace(
        button, delivery_mechanism="redirect", redirect_url="https://crm.example.com/new"
    )
    target = press(contio).redirect_url
    assert target == f"https://crm.example.com/new?meeting_id={meeting_of(contio).id}"


# ---------------------------------------------------------------- with a changed text


@pytest.mark.parametrize(("given", "kept"), [(None, "markdown"), ("html", "html"), ("", "markdown")])
def test_a_changed_text_becomes_a_result_first(contio: FakeContio, given: str | None, kept: str) -> None:
    before = written(contio)
    done = press(contio, result_id=before.result_id, content="Mine", content_format=given)
    assert done.result_id not in (None, before.result_id)
    client = contio.client("grace@example.com")
    edited = client.user.next_steps.result(done.result_id)
    assert (edited.generated_text, edited.content_format, edited.status) == ("Mine", kept, "completed")
    assert edited.execution_log_id != before.execution_log_id
    assert edited.next_step_id == step_named(contio, "Follow-up e-mail").id
    assert before.result_id is not None
    assert client.user.next_steps.result(before.result_id).generated_text == before.generated_text
    assert [e.type for e in contio.events][-2:] == ["next_step.completed", PRESSED]
    _, edit = events(contio)
    assert (edit.data["execution_mode"], edit.data["executed_by"]) == ("MANUAL_EDIT", me(contio))
    assert edit.data["result_id"] == events(contio, PRESSED)[0].data["result_id"] == done.result_id


def test_the_same_text_is_no_change(contio: FakeContio) -> None:
    before = written(contio)
    done = press(contio, result_id=before.result_id, content=before.generated_text, content_format="html")
    assert done.result_id == before.result_id
    assert len(events(contio)) == 1


def test_an_empty_text_is_a_change(contio: FakeContio) -> None:
    before = written(contio)
    assert press(contio, result_id=before.result_id, content="").result_id != before.result_id


def test_a_text_without_a_result_is_kept_with_the_press_only(contio: FakeContio) -> None:
    assert press(contio, content="Mine").result_id is None
    assert events(contio) == []
    (kept,) = contio.sandbox.store.invocations
    assert (kept.content, kept.content_format) == ("Mine", "markdown")


def test_a_changed_text_can_be_changed_again(contio: FakeContio) -> None:
    first = press(contio, result_id=written(contio).result_id, content="One")
    second = press(contio, result_id=first.result_id, content="Two")
    assert len({first.result_id, second.result_id}) == 2
    assert len(events(contio)) == 3


@pytest.mark.parametrize("release", ["1.5", "1.6"])
def test_old_releases_know_no_changed_text(raw_of: Any, release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    before = written(contio)
    body = {"result_id": before.result_id, "content": "Mine"}
    answer = json.loads(raw_of(contio, "grace@example.com")("POST", path_of(contio), body).body)
    assert "invocation_id" not in answer
    assert answer["result_id"] == before.result_id
    assert len(events(contio)) == 1


# ---------------------------------------------------------------- refused


def test_what_does_not_belong_together_is_refused(contio: FakeContio, raw_of: Any) -> None:
    raw, result = raw_of(contio, "grace@example.com"), written(contio).result_id
    foreign = step_named(contio, "Summary").id
    tasks = step_named(contio, "Task list").id
    visit = meeting_of(contio, "Visit to the Observatory")
    elsewhere = contio.client("grace@example.com").user.next_steps.execute(visit.id, tasks).result_id
    happened = len(contio.events)
    for body in (
        {"next_step_id": foreign},
        {"next_step_id": UNKNOWN_ID},
        {"next_step_id": "x"},
        {"result_id": UNKNOWN_ID},
        {"result_id": "x"},
        {"result_id": elsewhere},
        {"result_id": result, "next_step_id": tasks},
        {"content": 1},
        [],
    ):
        assert raw("POST", path_of(contio), body).status == 400
    contio.clock.advance("168h")
    raw = raw_of(contio, "grace@example.com")
    assert raw.code("POST", path_of(contio), {"result_id": result}) == (400, "bad_request")
    assert len(contio.events) == happened
    assert list(contio.sandbox.store.invocations) == []


def test_an_unfinished_result_is_no_result(raw_of: Any) -> None:
    contio = FakeContio(check_answers=True, profile={"next_step_execution": "async"})
    begun = written(contio)
    answer = raw_of(contio, "grace@example.com").code("POST", path_of(contio), {"result_id": begun.result_id})
    assert answer == (400, "bad_request")


def test_buttons_that_the_meeting_has_not(contio: FakeContio, raw_of: Any) -> None:
    meeting = meeting_of(contio).id
    raw = raw_of(contio, "grace@example.com")
    base = f"{MEETINGS}/{meeting}/action-buttons"
    assert raw.code("POST", path_of(contio, "Download")) == (404, "not_found")
    assert raw.code("POST", f"{base}/{UNKNOWN_ID}/trigger") == (404, "not_found")
    assert raw.code("POST", f"{base}/x/trigger") == (400, "bad_request")
    assert raw.code("POST", f"{MEETINGS}/x/action-buttons/{UNKNOWN_ID}/trigger") == (
        400,
        "invalid_meeting_id",
    )
    assert raw_of(contio, "linus@example.net").code("POST", path_of(contio)) == (404, "not_found")
    assert contio.events == []


def test_pressing_needs_the_scope_to_write(contio: FakeContio) -> None:
    reader = contio.client("grace@example.com", scope="meetings:read")
    with pytest.raises(Forbidden):
        reader.user.next_steps.trigger(meeting_of(contio).id, button_named(contio).id)


def test_a_repeated_request_with_a_key_presses_once(contio: FakeContio, raw_of: Any) -> None:
    raw = raw_of(contio, "grace@example.com")
    first, again = (raw("POST", path_of(contio), headers={"idempotency-key": "k"}) for _ in range(2))
    assert first.body == again.body
    assert len(events(contio, PRESSED)) == 1


# ---------------------------------------------------------------- who hears


@pytest.fixture
def two_apps(tmp_path: Path) -> FakeContio:
    apps = [
        {"client_id": n, "client_secret": f"s{n}", "api_key": f"k{n}", "webhook_secret": f"w{n}",
         "name": n, "company_name": n, "webhook_url": f"https://{n}.example/hook"}
        for n in ("first", "second")
    ]  # fmt: skip
    scenario = {
        "apps": apps,
        "workspaces": [{"name": "W"}],
        "users": [
            {
                "email": "grace@example.com",
                "name": "G",
                "workspace": "W",
                "connected_to": ["first", "second"],
            },
            {"email": "ada@example.com", "name": "A", "workspace": "W", "connected_to": ["first"]},
        ],
        "meetings": [{"title": CUSTOMER, "owner": "grace@example.com", "participants": ["ada@example.com"]}],
        "templates": {
            "action_buttons": [
                {"name": "Send to CRM", "delivery_mechanism": "webhook", "app": "second", "workspace": "W"},
                {"name": "Contio's", "delivery_mechanism": "clipboard"},
            ],
            "next_steps": [{"name": "Step", "type": "ai", "action_buttons": ["Send to CRM", "Contio's"]}],
            "templates": [
                {"name": "T", "ownership_type": "SYSTEM", "next_steps": ["Step"], "applied_to": [CUSTOMER]}
            ],
        },
    }
    file = tmp_path / "two.json"
    file.write_text(json.dumps(scenario), "utf-8")
    return FakeContio(scenario=str(file), check_answers=True)


def test_only_the_app_whose_button_it_is_hears_of_it(two_apps: FakeContio) -> None:
    written(two_apps, "Step")
    press(two_apps)
    (completed,), (pressed,) = events(two_apps), events(two_apps, PRESSED)
    assert [(d.app_id, d.for_user) for d in pressed.deliveries] == [
        (two_apps.sandbox.store.apps.first("client_id", "second").id, "grace@example.com")  # type: ignore[union-attr]
    ]
    assert len(completed.deliveries) == 3


def test_nobody_hears_of_contios_own_buttons(two_apps: FakeContio) -> None:
    assert press(two_apps, "Contio's").invocation_id
    assert events(two_apps, PRESSED) == []


def test_clients_speak_of_next_steps_with_types(contio: FakeContio) -> None:
    client: Contio = contio.client("grace@example.com")
    assert client.user.next_steps.buttons(meeting_of(contio).id).items[0].name == "Copy"
