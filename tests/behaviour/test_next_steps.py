"""Next steps of meetings: listed, carried out, their results read, and run by themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound
from contio_mock.contract.meetings import Meeting, MeetingCreate
from contio_mock.contract.next_steps import NextStepRun
from contio_mock.contract.templates import TemplateApply
from contio_mock.contract.wire import Request
from contio_mock.fake.processes.autopilot import run_autopilot
from contio_mock.fake.publication import publish
from contio_mock.fake.records import (
    ActionButtonRecord,
    MeetingRecord,
    NextStepRecord,
    TemplateRecord,
)
from contio_mock.fake.records.templates import ActionButtonLink, NextStepLink
from contio_mock.fake.rules.next_steps import Material, redirect, written
from contio_mock.fake.sandbox import Context

MEETINGS = "/v1/partner/user/meetings"
RESULTS = "/v1/partner/user/next-step-results"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
CUSTOMER = "Customer interview: Greenwich Observatory"
THEN = datetime(2026, 1, 1, tzinfo=UTC)
OWNED: dict[str, Any] = {"created_at": THEN, "updated_at": THEN}


def meeting_of(contio: FakeContio, title: str = CUSTOMER) -> MeetingRecord:
    return next(meeting for meeting in contio.sandbox.store.meetings if meeting.title == title)


def step_named(contio: FakeContio, name: str) -> NextStepRecord:
    return next(step for step in contio.sandbox.store.next_steps if step.name == name)


def template_with(contio: FakeContio, *links: NextStepLink, n: int = 1, **members: Any) -> TemplateRecord:
    given = {"id": f"00000000-0000-4000-9000-{n:012d}", "name": f"T{n}", "ownership_type": "SYSTEM", **OWNED}
    return contio.sandbox.store.templates.insert(TemplateRecord(**(given | members), next_steps=links))


def step_with(contio: FakeContio, n: int = 1, **members: Any) -> NextStepRecord:
    given = {"id": f"00000000-0000-4000-a000-{n:012d}", "name": f"S{n}", "type": "ai", **OWNED}
    return contio.sandbox.store.next_steps.insert(NextStepRecord(**(given | members)))


def link(step: NextStepRecord, sort_order: int = 0, *, autopilot: bool = False) -> NextStepLink:
    return NextStepLink(next_step_id=step.id, sort_order=sort_order, autopilot=autopilot)


def meeting_with(client: Contio, *templates: TemplateRecord, **given: Any) -> Meeting:
    meeting = client.user.meetings.create(MeetingCreate(title="Review", **given))
    for template in templates:
        client.user.meeting_templates.apply(template.id, TemplateApply(meeting_id=meeting.id))
    return meeting


def events(contio: FakeContio, kind: str = "next_step.completed") -> list[Any]:
    return [emitted for emitted in contio.events if emitted.type == kind]


# ---------------------------------------------------------------- which there are


def test_a_meeting_has_the_next_steps_of_its_templates(contio: FakeContio) -> None:
    client = contio.client("grace@example.com")
    page = client.user.next_steps.list(meeting_of(contio).id)
    assert [(s.name, s.type, s.sort_order) for s in page.items] == [
        ("Follow-up e-mail", "ai", 0),
        ("Task list", "ai", 1),
        ("Open the customer record", "redirect", 2),
    ]
    assert (page.total, page.limit, page.offset) == (3, 3, 0)
    mail, tasks, record = page.items
    assert [(b.name, b.is_default) for b in mail.action_buttons] == [("Copy", True), ("Send to CRM", False)]
    assert [b.icon_name for b in mail.action_buttons] == ["copy", "send"]
    assert [b.name for b in tasks.action_buttons] == ["Copy"]
    assert record.action_buttons == []
    assert record.redirect_url == "https://crm.example.com/customers?source=contio"


def test_a_meeting_without_templates_has_none(contio: FakeContio) -> None:
    client = contio.client()
    meeting = meeting_with(client)
    assert client.user.next_steps.list(meeting.id).items == []
    assert client.user.next_steps.buttons(meeting.id).items == []


def test_a_step_that_several_templates_bring_stands_once_by_its_lowest_order(contio: FakeContio) -> None:
    one, two = step_with(contio, 1), step_with(contio, 2)
    first = template_with(contio, link(one, 5), link(two, 3), n=1)
    second = template_with(contio, link(one, 4, autopilot=True), n=2)
    meeting = meeting_with(contio.client(), first, second, first)
    found = contio.client().user.next_steps.list(meeting.id).items
    assert [(s.name, s.sort_order, s.autopilot) for s in found] == [("S2", 3, False), ("S1", 4, True)]


def test_buttons_of_several_steps_stand_once(contio: FakeContio) -> None:
    client = contio.client("grace@example.com")
    page = client.user.next_steps.buttons(meeting_of(contio).id)
    assert [(b.name, b.is_default) for b in page.items] == [("Copy", True), ("Send to CRM", False)]
    assert page.total == 2


def test_what_is_inactive_is_not_offered(contio: FakeContio) -> None:
    store = contio.sandbox.store
    store.next_steps.replace(step_named(contio, "Task list"), is_active=False)
    button = next(b for b in store.action_buttons if b.name == "Copy")
    store.action_buttons.replace(button, is_active=False)
    client, meeting = contio.client("grace@example.com"), meeting_of(contio)
    found = client.user.next_steps.list(meeting.id).items
    assert [s.name for s in found] == ["Follow-up e-mail", "Open the customer record"]
    assert [b.name for b in client.user.next_steps.buttons(meeting.id).items] == ["Send to CRM"]
    with pytest.raises(NotFound):
        client.user.next_steps.execute(meeting.id, step_named(contio, "Task list").id)
    with pytest.raises(NotFound):
        client.user.next_steps.trigger(meeting.id, button.id)


@pytest.mark.parametrize(("choice", "left"), [("leave", []), ("stay", ["S1"])])
def test_what_a_deleted_template_leaves_is_a_profile_option(choice: str, left: list[str]) -> None:
    contio = FakeContio(check_answers=True, profile={"deleted_template_next_steps": choice})
    template = template_with(contio, link(step_with(contio)))
    meeting = meeting_with(contio.client(), template)
    contio.sandbox.store.templates.remove(template)
    assert [s.name for s in contio.client().user.next_steps.list(meeting.id).items] == left


@pytest.mark.parametrize(("release", "icon"), [("1.6", "icon_url"), ("1.9", "icon_name")])
def test_a_buttons_icon_is_called_as_in_its_release(raw_of: Any, release: str, icon: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    for button in list(contio.sandbox.store.action_buttons):
        contio.sandbox.store.action_buttons.replace(button, icon_url="https://example.com/i.png")
    raw = raw_of(contio, "grace@example.com")
    body = json.loads(raw("GET", f"{MEETINGS}/{meeting_of(contio).id}/action-buttons").body)
    assert {name for item in body["items"] for name in item if name.startswith("icon")} == {icon}


# ---------------------------------------------------------------- what cannot be reached


@pytest.mark.parametrize("what", ["next-steps", "action-buttons"])
def test_lists_of_meetings_that_one_cannot_see(contio: FakeContio, raw_of: Any, what: str) -> None:
    raw = raw_of(contio, "linus@example.net")
    for id_ in (meeting_of(contio).id, UNKNOWN_ID):
        assert raw.code("GET", f"{MEETINGS}/{id_}/{what}") == (404, "not_found")
    assert raw.code("GET", f"{MEETINGS}/mine/{what}") == (400, "invalid_meeting_id")


def test_executing_what_there_is_not(contio: FakeContio, raw_of: Any) -> None:
    meeting, step = meeting_of(contio).id, step_named(contio, "Follow-up e-mail").id
    other = step_named(contio, "Summary").id
    mine = raw_of(contio, "grace@example.com")
    assert mine.code("POST", f"{MEETINGS}/{meeting}/next-steps/{other}/execute") == (404, "not_found")
    assert mine.code("POST", f"{MEETINGS}/{meeting}/next-steps/{UNKNOWN_ID}/execute") == (404, "not_found")
    assert mine.code("POST", f"{MEETINGS}/{meeting}/next-steps/x/execute") == (400, "bad_request")
    assert mine.code("POST", f"{MEETINGS}/x/next-steps/{step}/execute") == (400, "invalid_meeting_id")
    theirs = raw_of(contio, "linus@example.net")
    assert theirs.code("POST", f"{MEETINGS}/{meeting}/next-steps/{step}/execute") == (404, "not_found")
    assert list(contio.sandbox.store.executions) == []
    assert contio.events == []


@pytest.mark.parametrize("body", [[], "x", {"action_button_id": "x"}, {"action_button_id": UNKNOWN_ID}, b"{"])
def test_a_body_that_does_not_fit_is_refused(contio: FakeContio, raw_of: Any, body: Any) -> None:
    meeting, step = meeting_of(contio).id, step_named(contio, "Follow-up e-mail").id
    answer = raw_of(contio, "grace@example.com")(
        "POST", f"{MEETINGS}/{meeting}/next-steps/{step}/execute", body
    )
    assert answer.status == 400
    assert list(contio.sandbox.store.next_step_results) == []


def test_executing_needs_the_scope_to_write(contio: FakeContio) -> None:
    reader = contio.client("grace@example.com", scope="meetings:read")
    with pytest.raises(Forbidden):
        reader.user.next_steps.execute(meeting_of(contio).id, step_named(contio, "Task list").id)


# ---------------------------------------------------------------- writing at once


def test_an_ai_step_writes_from_the_meeting_and_tells(contio: FakeContio) -> None:
    client, meeting = contio.client("grace@example.com"), meeting_of(contio)
    step = step_named(contio, "Follow-up e-mail")
    done = client.user.next_steps.execute(meeting.id, step.id)
    assert (done.status, done.content_format, done.redirect_url) == ("completed", "markdown", None)
    text = done.generated_text
    assert text is not None
    assert CUSTOMER in text
    assert "Grace Hopper" in text
    assert meeting.summary_notes is not None
    assert meeting.summary_notes.split(".")[0] in text
    assert text.startswith("**Subject:** Follow-up e-mail")
    assert done.result_id is not None
    result = client.user.next_steps.result(done.result_id)
    now = contio.clock.now
    assert result.model_dump(exclude_none=True) == {
        "id": done.result_id,
        "execution_log_id": done.execution_log_id,
        "next_step_id": step.id,
        "meeting_id": meeting.id,
        "status": "completed",
        "created_at": now,
        "updated_at": now,
        "expires_at": now + timedelta(days=7),
        "content_format": "markdown",
        "generated_text": text,
        "content": text,
    }
    (event,) = events(contio)
    assert event.data == {
        "context_id": meeting.id,
        "context_type": "meeting",
        "executed_at": "2026-01-15T09:00:00Z",
        "executed_by": client.user.profile.get().id,
        "execution_mode": "MANUAL",
        "meeting_id": meeting.id,
        "next_step_id": step.id,
        "next_step_name": "Follow-up e-mail",
        "result_id": done.result_id,
    }


def test_the_connected_people_in_the_meeting_hear_of_it() -> None:
    contio = FakeContio(check_answers=True, webhook_url="https://app.example.com/hook")
    meeting = meeting_of(contio)
    contio.client("grace@example.com").user.next_steps.execute(meeting.id, step_named(contio, "Task list").id)
    (event,) = events(contio)
    viewers = {contio.sandbox.store.users.get(id_).email for id_ in meeting.viewer_ids}  # type: ignore[union-attr]
    assert {d.for_user for d in event.deliveries} == viewers & {"ada@example.com", "grace@example.com"}


def test_each_execution_is_a_result_of_its_own_with_the_same_text(contio: FakeContio) -> None:
    client, meeting = contio.client("grace@example.com"), meeting_of(contio)
    step = step_named(contio, "Task list")
    first, second = (client.user.next_steps.execute(meeting.id, step.id) for _ in range(2))
    assert first.result_id != second.result_id
    assert first.generated_text == second.generated_text
    assert "- [ ] " in (first.generated_text or "")


def test_an_execution_may_name_one_of_the_steps_buttons_and_say_more(contio: FakeContio, raw_of: Any) -> None:
    client, meeting = contio.client("grace@example.com"), meeting_of(contio)
    step = step_named(contio, "Follow-up e-mail")
    button = step.action_buttons[1].action_button_id
    client.user.next_steps.execute(meeting.id, step.id, NextStepRun(action_button_id=button))
    assert [e.action_button_id for e in contio.sandbox.store.executions] == [button]
    raw = raw_of(contio, "grace@example.com")
    path = f"{MEETINGS}/{meeting.id}/next-steps/{step.id}/execute"
    assert raw("POST", path, {"parameters": {"tone": "warm"}}).status == 200
    assert raw("POST", path, {}).status == 200
    assert raw("POST", path).status == 200
    assert raw("POST", path, headers={"content-type": "application/json"}).status == 200


def test_a_repeated_request_with_a_key_executes_once(contio: FakeContio, raw_of: Any) -> None:
    raw = raw_of(contio, "grace@example.com")
    path = f"{MEETINGS}/{meeting_of(contio).id}/next-steps/{step_named(contio, 'Task list').id}/execute"
    first, again = (raw("POST", path, headers={"idempotency-key": "k"}) for _ in range(2))
    assert first.body == again.body
    assert len(events(contio)) == 1


@pytest.mark.parametrize(
    ("option", "code", "members"),
    [
        ("next_step_without_content", "next_step_no_meeting_content", {"ai_prompt": "Write"}),
        ("next_step_without_prompt", "next_step_prompt_rejected", {"ai_prompt": " "}),
    ],
)
def test_a_step_with_nothing_to_write_from(option: str, code: str, members: dict[str, Any]) -> None:
    generating = FakeContio(check_answers=True)
    step = step_with(generating, **members)
    meeting = meeting_with(generating.client(), template_with(generating, link(step)))
    done = generating.client().user.next_steps.execute(meeting.id, step.id)
    assert "Review" in (done.generated_text or "")
    refusing = FakeContio(check_answers=True, profile={option: "reject"})
    step = step_with(refusing, **members)
    meeting = meeting_with(refusing.client(), template_with(refusing, link(step)))
    with pytest.raises(BadRequest) as refused:
        refusing.client().user.next_steps.execute(meeting.id, step.id)
    assert refused.value.code == code
    assert events(refusing) == []
    assert list(refusing.sandbox.store.next_step_results) == []


# ---------------------------------------------------------------- results


def test_a_result_can_be_read_for_seven_days(contio: FakeContio) -> None:
    client = contio.client("grace@example.com")
    id_ = client.user.next_steps.execute(meeting_of(contio).id, step_named(contio, "Task list").id).result_id
    assert id_ is not None
    contio.clock.advance(7 * 24 * 3600 - 1)
    assert contio.client("grace@example.com").user.next_steps.result(id_).id == id_
    contio.clock.advance(1)
    with pytest.raises(NotFound):
        contio.client("grace@example.com").user.next_steps.result(id_)


def test_a_result_is_read_by_those_who_see_the_meeting(contio: FakeContio, raw_of: Any) -> None:
    client = contio.client("grace@example.com")
    id_ = client.user.next_steps.execute(meeting_of(contio).id, step_named(contio, "Task list").id).result_id
    assert raw_of(contio, "linus@example.net").code("GET", f"{RESULTS}/{id_}") == (404, "not_found")
    for unknown in (UNKNOWN_ID, "mine"):
        assert raw_of(contio, "grace@example.com").code("GET", f"{RESULTS}/{unknown}") == (404, "not_found")


# ---------------------------------------------------------------- writing later


def later(**profile: Any) -> tuple[FakeContio, Contio, Any]:
    contio = FakeContio(check_answers=True, profile={"next_step_execution": "async", **profile})
    client = contio.client("grace@example.com")
    return (
        contio,
        client,
        client.user.next_steps.execute(meeting_of(contio).id, step_named(contio, "Task list").id),
    )


def test_a_profile_lets_texts_be_written_later() -> None:
    contio, client, begun = later(next_step_seconds=30)
    assert (begun.status, begun.generated_text, begun.content_format) == ("pending", None, None)
    with pytest.raises(NotFound):
        client.user.next_steps.result(begun.result_id)
    contio.clock.advance(29)
    assert events(contio) == []
    contio.clock.advance(1)
    result = client.user.next_steps.result(begun.result_id)
    assert (result.status, result.execution_log_id) == ("completed", begun.execution_log_id)
    assert "- [ ] " in (result.generated_text or "")
    assert result.updated_at - result.created_at == timedelta(seconds=30)
    (event,) = events(contio)
    assert event.data["executed_by"] == client.user.profile.get().id
    assert event.data["executed_at"] == "2026-01-15T09:00:30Z"


def test_an_unfinished_result_may_be_shown_as_pending() -> None:
    contio, client, begun = later(unfinished_result="pending")
    waiting = client.user.next_steps.result(begun.result_id)
    assert (waiting.status, waiting.generated_text) == ("pending", None)
    contio.clock.advance(5)
    assert client.user.next_steps.result(begun.result_id).status == "completed"


def test_a_text_whose_step_has_gone_fails_quietly() -> None:
    contio, client, begun = later(unfinished_result="pending")
    contio.sandbox.store.next_steps.remove(step_named(contio, "Task list"))
    contio.clock.advance(5)
    assert client.user.next_steps.result(begun.result_id).status == "failed"
    assert events(contio) == []


# ---------------------------------------------------------------- redirects


def test_a_redirect_answers_where_to_go_and_has_no_result(contio: FakeContio) -> None:
    client, meeting = contio.client("grace@example.com"), meeting_of(contio)
    step = step_named(contio, "Open the customer record")
    done = client.user.next_steps.execute(meeting.id, step.id)
    assert done.redirect_url == f"https://crm.example.com/customers?source=contio&meeting_id={meeting.id}"
    assert (done.status, done.result_id, done.generated_text) == ("completed", None, None)
    (event,) = events(contio)
    assert "result_id" not in event.data
    assert event.data["next_step_id"] == step.id


@pytest.mark.parametrize(
    ("release", "profile"), [("1.10", {"redirect_completes": "no"}), ("1.6", {}), ("1.5", {})]
)
def test_a_redirect_that_is_not_told(release: str, profile: dict[str, str]) -> None:
    contio = FakeContio(check_answers=True, release=release, profile=profile)
    client = contio.client("grace@example.com")
    client.user.next_steps.execute(meeting_of(contio).id, step_named(contio, "Open the customer record").id)
    assert events(contio) == []


@pytest.mark.contio(profile={"redirect_meeting_id": "omit"})
def test_a_profile_leaves_the_url_as_it_is(contio: FakeContio) -> None:
    step = step_named(contio, "Open the customer record")
    done = contio.client("grace@example.com").user.next_steps.execute(meeting_of(contio).id, step.id)
    assert done.redirect_url == step.redirect_url


def test_a_redirect_without_a_url_is_refused(contio: FakeContio) -> None:
    step = step_with(contio, type="redirect")
    meeting = meeting_with(contio.client(), template_with(contio, link(step)))
    with pytest.raises(BadRequest):
        contio.client().user.next_steps.execute(meeting.id, step.id)
    assert list(contio.sandbox.store.executions) == []


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/x", "https://a.example/x?meeting_id=m"),
        ("https://a.example/x?y=1#top", "https://a.example/x?y=1&meeting_id=m#top"),
        ("not a url", "not a url?meeting_id=m"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_a_meeting_is_named_in_any_url(url: str, target: str) -> None:
    assert redirect(url, "m") == target


# ---------------------------------------------------------------- by themselves


def autopilot(contio: FakeContio, meeting_id: str) -> list[Any]:
    ctx = Context(contio.sandbox, Request("", ""), "", "")
    meeting = contio.sandbox.store.meetings.get(meeting_id)
    assert meeting is not None
    results = run_autopilot(ctx, meeting)
    publish(ctx)
    return results


def piloted(contio: FakeContio, **button: Any) -> tuple[Meeting, NextStepRecord]:
    given = {
        "id": "00000000-0000-4000-b000-000000000001", "name": "B", "app_id": contio.sandbox.app.id,
        "content_format": "markdown", "delivery_mechanism": "webhook", **OWNED,
    }  # fmt: skip
    made = contio.sandbox.store.action_buttons.insert(ActionButtonRecord(**(given | button)))
    links = (ActionButtonLink(action_button_id=made.id),)
    step = step_with(contio, 1, action_buttons=links, default_action_button_id=made.id)
    manual, away = (
        step_with(contio, 2),
        step_with(contio, 3, type="redirect", redirect_url="https://x.example"),
    )
    template = template_with(contio, link(step, autopilot=True), link(manual), link(away, autopilot=True))
    return meeting_with(contio.client(), template), step


@pytest.mark.parametrize("execution", ["sync", "async"])
def test_an_autopilot_writes_and_presses_the_default_button_as_the_system(execution: str) -> None:
    contio = FakeContio(check_answers=True, profile={"next_step_execution": execution})
    meeting, step = piloted(contio)
    (result,) = autopilot(contio, meeting.id)
    assert (result.next_step_id, result.status) == (step.id, "completed")
    (completed,), (triggered,) = events(contio), events(contio, "action_button.triggered")
    assert (completed.data["execution_mode"], completed.data["executed_by"]) == ("AUTOPILOT", "system")
    assert (triggered.data["trigger_mode"], triggered.data["triggered_by"]) == ("AUTOPILOT", "system")
    assert triggered.data["result_id"] == result.id
    assert contio.client().user.next_steps.result(result.id).generated_text


@pytest.mark.parametrize(
    ("profile", "button"),
    [
        ({"autopilot_button": "none"}, {}),
        ({}, {"delivery_mechanism": "clipboard"}),
        ({}, {"is_active": False}),
    ],
)
def test_an_autopilot_that_presses_nothing(profile: dict[str, str], button: dict[str, Any]) -> None:
    contio = FakeContio(check_answers=True, profile=profile)
    meeting, _ = piloted(contio, **button)
    assert len(autopilot(contio, meeting.id)) == 1
    assert events(contio, "action_button.triggered") == []


@pytest.mark.contio(profile={"next_step_without_content": "reject"})
def test_an_autopilot_leaves_out_what_cannot_be_written(contio: FakeContio) -> None:
    meeting, _ = piloted(contio)
    assert autopilot(contio, meeting.id) == []
    assert events(contio) == []


# ---------------------------------------------------------------- the text

MATERIAL = Material(
    title="Plan\n the run",
    start=datetime(2026, 3, 5, 9, tzinfo=UTC),
    people=("Ada", "Grace", "Hedy"),
    agenda=("The mill",),
    notes="Ada ships it. Grace reads the proofs!\n\nDone?",
)


def test_a_letter_greets_and_lists() -> None:
    assert written("Mail", None, MATERIAL) == (
        "**Subject:** Mail: Plan the run\n\n"
        "Hello Ada, Grace and Hedy,\n\n"
        "thank you for *Plan the run* on 5 March 2026. In short:\n\n"
        "- Ada ships it.\n- Grace reads the proofs!\n- Done?\n\n"
        "Best regards\n"
    )


def test_the_prompt_decides_on_the_manner_and_stands_below() -> None:
    asked = written("Anything", "  Make a\nCHECKLIST ", MATERIAL)
    assert "- [ ] Ada ships it." in asked
    assert asked.endswith("\n\n*Asked for: Make a CHECKLIST*\n")
    assert written("Anything", "Report", MATERIAL).startswith(
        "# Anything: Plan the run\n\n**When:** 5 March 2026"
    )


@pytest.mark.parametrize(("agenda", "line"), [(("The\nmill",), "- The mill"), ((), "- No notes were taken.")])
def test_without_notes_the_agenda_is_written_about(agenda: tuple[str, ...], line: str) -> None:
    bare = Material(title="T", start=None, people=(), agenda=agenda, notes=" \n ")
    text = written("Report", "x" * 10_000, bare)
    assert line in text
    assert "**Who:** everybody" in text
    assert len(text) < 1_000
