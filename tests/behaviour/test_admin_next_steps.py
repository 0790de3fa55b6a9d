"""Next steps and action buttons of a partner app, as releases before 1.6 manage them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Conflict, NotFound
from contio_mock.contract.admin_action_buttons import ActionButton, ActionButtonCreate, ActionButtonUpdate
from contio_mock.contract.admin_next_steps import (
    DefaultActionButton,
    NextStep,
    NextStepActionButtonAdd,
    NextStepActionButtonUpdate,
    NextStepCreate,
    NextStepUpdate,
)

STEPS = "/v1/partner/admin/next-steps"
BUTTONS = "/v1/partner/admin/action-buttons"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.contio(release="1.5")


def step(contio: FakeContio, name: str = "Invoice", **given: Any) -> NextStep:
    return contio.admin().admin.next_steps.create(NextStepCreate(name=name, **({"type": "ai"} | given)))


def button(contio: FakeContio, name: str = "Send", **given: Any) -> ActionButton:
    wanted = {"content_format": "markdown", "delivery_mechanism": "webhook", **given}
    return contio.admin().admin.action_buttons.create(ActionButtonCreate(name=name, **wanted))


def calls(contio: FakeContio) -> Any:
    return contio.admin().admin.next_steps


def offered(contio: FakeContio, step_id: str) -> list[tuple[str, int, bool]]:
    page = contio.admin().admin.next_steps.buttons(step_id)
    return [(b.name, b.sort_order, b.is_default) for b in page.items]


@pytest.fixture
def key(contio: FakeContio) -> dict[str, str]:
    given = contio.credentials
    return {"x-api-key": given.api_key, "x-client-id": given.client_id}


@pytest.mark.parametrize("release", ["1.6", "1.9", "1.10"])
def test_later_releases_know_none_of_this(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    with pytest.raises(NotFound):
        contio.admin().admin.next_steps.list()
    with pytest.raises(NotFound):
        contio.admin().admin.action_buttons.list()


# ---------------------------------------------------------------- next steps


def test_a_next_step_is_created_read_changed_and_deleted(contio: FakeContio) -> None:
    given = {
        "description": "d" * 1000, "ai_prompt": "p" * 10_000, "redirect_url": "https://x.example",
        "color": "#fff", "icon_name": "receipt",
    }  # fmt: skip
    made = step(contio, **given)
    assert made.model_dump(include=set(given)) == given
    assert (made.type, made.is_active, made.sort_order) == ("ai", True, 0)
    assert calls(contio).get(made.id) == made
    contio.clock.advance("1h")
    changed = calls(contio).replace(made.id, NextStepUpdate(name="New", is_active=False))
    assert (changed.name, changed.is_active, changed.ai_prompt) == ("New", False, "p" * 10_000)
    assert (changed.created_at, changed.updated_at) == (made.created_at, contio.clock.now)
    assert calls(contio).delete(made.id) is None
    with pytest.raises(NotFound):
        calls(contio).get(made.id)


def test_next_steps_are_listed_newest_first(contio: FakeContio) -> None:
    made = [step(contio, f"S{n}").id for n in range(3)]
    page = calls(contio).list(limit=2)
    assert ([s.id for s in page.items], page.total, page.limit) == (made[:0:-1], 6, 2)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"type": "AI"}, "ai"),
        ({"type": "Redirect"}, "redirect"),
        ({"type": "STANDARD", "redirect_url": "https://x.example"}, "redirect"),
        ({"type": "STANDARD"}, None),
        ({"type": "STANDARD", "redirect_url": ""}, None),
        ({"type": "manual"}, None),
        ({"type": 1}, None),
        ({"type": None}, None),
        ({}, None),
    ],
)
def test_the_sdks_words_for_a_type_are_understood(
    raw: Any, key: dict[str, str], sent: dict[str, Any], kind: str | None
) -> None:
    answer = raw("POST", STEPS, {"name": "x", **sent}, headers=key, anonymous=True)
    body = json.loads(answer.body)
    if kind is None:
        assert (answer.status, body["code"]) == (400, "invalid_request")
    else:
        assert (answer.status, body["type"]) == (201, kind)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "ai"},
        {"type": "ai", "name": ""},
        {"type": "ai", "name": "x", "color": "x" * 51},
        {"type": "ai", "name": "x", "icon_name": "x" * 101},
        {"type": "ai", "name": "x", "redirect_url": "x" * 2001},
        {"type": "ai", "name": "x", "description": "x" * 1001},
        [],
        [[]],
        "x",
        b"{",
    ],
)
def test_a_next_step_that_does_not_fit_is_refused(
    contio: FakeContio, raw: Any, key: dict[str, str], body: Any
) -> None:
    assert raw("POST", STEPS, body, headers=key, anonymous=True).status == 400
    assert calls(contio).list().total == 3


def test_a_deleted_step_is_brought_no_more(contio: FakeContio) -> None:
    meeting = next(m for m in contio.sandbox.store.meetings if m.title.startswith("Customer interview"))
    found = {s.name: s.id for s in calls(contio).list().items}
    calls(contio).delete(found["Task list"])
    (template,) = contio.admin().admin.templates.list().items
    left = ["Follow-up e-mail", "Open the customer record"]
    client = contio.client("grace@example.com")
    assert [s.name for s in client.user.next_steps.list(meeting.id).items] == left
    assert [s.name for s in contio.admin().admin.templates.next_steps(template.id).items] == left
    assert [s.name for s in client.user.meeting_templates.next_steps(template.id).items] == left


# ---------------------------------------------------------------- action buttons


def test_an_action_button_is_created_read_changed_and_deleted(contio: FakeContio) -> None:
    buttons = contio.admin().admin.action_buttons
    given = {
        "file_format": "pdf", "icon_url": "https://x.example/i.png", "integration_type": "slack",
        "redirect_url": "https://x.example", "webhook_url": "https://y.example", "sort_order": 3,
        "requires_connected_integration": True,
    }  # fmt: skip
    made = button(contio, **given)
    assert made.model_dump(include=set(given)) == given
    assert (made.is_active, made.is_default_for_next_step) == (True, False)
    assert buttons.get(made.id) == made
    contio.clock.advance("1h")
    changed = buttons.replace(made.id, ActionButtonUpdate(name="New", content_format="html", is_active=False))
    assert (changed.name, changed.content_format, changed.is_active) == ("New", "html", False)
    assert changed.updated_at == contio.clock.now
    buttons.delete(made.id)
    with pytest.raises(NotFound):
        buttons.get(made.id)
    assert made.id not in {b.id for b in buttons.list().items}


@pytest.mark.contio(release="1.5", profile={"deleted_action_button": "inactive"})
def test_a_deleted_button_may_stay_as_an_inactive_one(contio: FakeContio) -> None:
    made = button(contio, is_default_for_next_step=True)
    contio.admin().admin.action_buttons.delete(made.id)
    assert not contio.admin().admin.action_buttons.get(made.id).is_active
    assert button(contio, is_default_for_next_step=True).is_active


def test_action_buttons_are_listed_25_at_a_time(contio: FakeContio) -> None:
    for n in range(26):
        button(contio, f"B{n}")
    page = contio.admin().admin.action_buttons.list()
    assert (len(page.items), page.total, page.limit, page.items[0].name) == (25, 28, 25, "B25")


def test_there_is_one_default_button(contio: FakeContio) -> None:
    buttons = contio.admin().admin.action_buttons
    first, other = button(contio, is_default_for_next_step=True), button(contio)
    with pytest.raises(Conflict):
        button(contio, is_default_for_next_step=True)
    with pytest.raises(Conflict):
        buttons.replace(other.id, ActionButtonUpdate(name="New", is_default_for_next_step=True))
    assert buttons.get(other.id) == other
    assert buttons.list().total == 4
    assert buttons.replace(first.id, ActionButtonUpdate(is_default_for_next_step=True))
    buttons.replace(first.id, ActionButtonUpdate(is_default_for_next_step=False))
    assert buttons.replace(other.id, ActionButtonUpdate(is_default_for_next_step=True))
    buttons.delete(other.id)
    assert button(contio, is_default_for_next_step=True)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"content_format": "pdf"},
        {"delivery_mechanism": "fax"},
        {"file_format": "x" * 51},
        {"icon_url": "x" * 2001},
        {"integration_type": "x" * 101},
        {"sort_order": "1"},
        {"is_default_for_next_step": 1},
    ],
)
def test_an_action_button_that_does_not_fit_is_refused(
    contio: FakeContio, raw: Any, key: dict[str, str], change: dict[str, Any]
) -> None:
    made = button(contio)
    good = {"name": "x", "content_format": "html", "delivery_mechanism": "email"}
    assert raw.code("POST", BUTTONS, good | change, headers=key, anonymous=True) == (400, "invalid_request")
    changed = raw.code("PUT", f"{BUTTONS}/{made.id}", change, headers=key, anonymous=True)
    assert changed == (400, "invalid_request")
    assert contio.admin().admin.action_buttons.get(made.id) == made


# ---------------------------------------------------------------- buttons of steps


def test_a_step_offers_buttons_in_their_order(contio: FakeContio) -> None:
    made, one, two = step(contio), button(contio, "One"), button(contio, "Two")
    calls(contio).add_button(made.id, NextStepActionButtonAdd(action_button_id=one.id, sort_order=2))
    calls(contio).add_button(made.id, NextStepActionButtonAdd(action_button_id=two.id))
    assert offered(contio, made.id) == [("Two", 0, False), ("One", 2, False)]
    calls(contio).add_button(made.id, NextStepActionButtonAdd(action_button_id=two.id, sort_order=3))
    assert offered(contio, made.id) == [("One", 2, False), ("Two", 3, False)]
    calls(contio).remove_button(made.id, one.id)
    assert offered(contio, made.id) == [("Two", 3, False)]
    contio.admin().admin.action_buttons.delete(two.id)
    assert offered(contio, made.id) == []


def test_one_of_its_buttons_is_a_steps_default(contio: FakeContio) -> None:
    made, one, two = step(contio), button(contio, "One", is_default_for_next_step=True), button(contio, "Two")
    for n, added in enumerate((one, two)):
        calls(contio).add_button(made.id, NextStepActionButtonAdd(action_button_id=added.id, sort_order=n))
    assert offered(contio, made.id) == [("One", 0, True), ("Two", 1, False)]
    calls(contio).set_default_button(made.id, DefaultActionButton(action_button_id=two.id))
    assert offered(contio, made.id) == [("One", 0, False), ("Two", 1, True)]
    calls(contio).remove_button(made.id, two.id)
    assert offered(contio, made.id) == [("One", 0, True)]
    with pytest.raises(NotFound):
        calls(contio).set_default_button(made.id, DefaultActionButton(action_button_id=two.id))


def test_the_sdks_way_to_change_a_steps_button(contio: FakeContio) -> None:
    made, one, two = step(contio), button(contio, "One"), button(contio, "Two")
    for added in (one, two):
        calls(contio).add_button(made.id, NextStepActionButtonAdd(action_button_id=added.id))
    for change, after in (
        ({"sort_order": 5}, [("Two", 0, False), ("One", 5, False)]),
        ({"is_default": True}, [("Two", 0, False), ("One", 5, True)]),
        ({}, [("Two", 0, False), ("One", 5, True)]),
        ({"is_default": False, "sort_order": -1}, [("One", -1, False), ("Two", 0, False)]),
    ):
        calls(contio).update_button(made.id, one.id, NextStepActionButtonUpdate(**change))
        assert offered(contio, made.id) == after
    calls(contio).update_button(made.id, one.id)
    calls(contio).update_button(made.id, two.id, NextStepActionButtonUpdate(is_default=False))
    assert offered(contio, made.id) == [("One", -1, False), ("Two", 0, False)]


def test_what_there_is_not(contio: FakeContio, raw: Any, key: dict[str, str]) -> None:
    made, loose = step(contio).id, button(contio).id
    link = {"action_button_id": loose}
    gone = {"action_button_id": UNKNOWN_ID}
    for method, path, body, status in (
        ("GET", f"{STEPS}/{UNKNOWN_ID}", None, 404),
        ("GET", f"{STEPS}/x", None, 400),
        ("PUT", f"{STEPS}/{UNKNOWN_ID}", {}, 404),
        ("DELETE", f"{STEPS}/{UNKNOWN_ID}", None, 404),
        ("GET", f"{BUTTONS}/{UNKNOWN_ID}", None, 404),
        ("PUT", f"{BUTTONS}/x", {}, 400),
        ("DELETE", f"{BUTTONS}/{UNKNOWN_ID}", None, 404),
        ("GET", f"{STEPS}/{UNKNOWN_ID}/action-buttons", None, 404),
        ("POST", f"{STEPS}/{UNKNOWN_ID}/action-buttons", link, 404),
        ("POST", f"{STEPS}/{made}/action-buttons", gone, 404),
        ("POST", f"{STEPS}/{made}/action-buttons", {}, 400),
        ("PUT", f"{STEPS}/{made}/action-buttons/{loose}", {}, 404),
        ("PUT", f"{STEPS}/{made}/action-buttons/x", {}, 400),
        ("DELETE", f"{STEPS}/{made}/action-buttons/{loose}", None, 404),
        ("PUT", f"{STEPS}/{made}/default-action-button", link, 404),
        ("PUT", f"{STEPS}/{made}/default-action-button", {}, 400),
    ):
        sent = () if body is None else (body,)
        assert raw(method, path, *sent, headers=key, anonymous=True).status == status, (method, path)


def test_next_steps_need_the_apps_key(contio: FakeContio, raw: Any) -> None:
    for path in (STEPS, BUTTONS):
        assert raw.code("GET", path) == (401, "unauthorized")


def test_another_apps_are_not_found(contio: FakeContio) -> None:
    made, pressed = step(contio), button(contio)
    app = contio.sandbox.app
    contio.sandbox.store.apps.insert(
        app.model_copy(update={"id": UNKNOWN_ID, "client_id": "other", "api_key": "other"})
    )
    other: Contio = Contio(api_key="other", client_id="other", transport=contio.handle)
    assert other.admin.next_steps.list().total == other.admin.action_buttons.list().total == 0
    for attempt in (
        lambda: other.admin.next_steps.get(made.id),
        lambda: other.admin.next_steps.replace(made.id, NextStepUpdate(name="x")),
        lambda: other.admin.next_steps.delete(made.id),
        lambda: other.admin.next_steps.buttons(made.id),
        lambda: other.admin.action_buttons.get(pressed.id),
        lambda: other.admin.action_buttons.delete(pressed.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert calls(contio).get(made.id) == made
