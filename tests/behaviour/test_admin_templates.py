"""Templates of a partner app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound
from contio_mock.contract.admin_templates import (
    ListTemplates,
    Template,
    TemplateCreate,
    TemplateNextStepAdd,
    TemplateNextStepUpdate,
    TemplateUpdate,
)
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.templates import TemplateApply
from contio_mock.contract.wire import Response

TEMPLATES = "/v1/partner/admin/templates"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
EVERY_RELEASE = ["1.5", "1.6", "1.9", "1.10"]


def create(contio: FakeContio, name: str = "Invoice", **given: Any) -> Template:
    return contio.admin().admin.templates.create(TemplateCreate(name=name, **given))


def step_id(contio: FakeContio, name: str = "Task list") -> str:
    return next(step.id for step in contio.sandbox.store.next_steps if step.name == name)


@pytest.fixture
def key(contio: FakeContio) -> dict[str, str]:
    given = contio.credentials
    return {"x-api-key": given.api_key, "x-client-id": given.client_id}


# ---------------------------------------------------------------- templates


@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_a_template_is_created_read_changed_and_deleted(release: str) -> None:
    contio = FakeContio(check_answers=True, release=release)
    templates = contio.admin().admin.templates
    made = create(contio, description="For clients")
    assert (made.name, made.description, made.backing_meeting_id) == ("Invoice", "For clients", None)
    assert made.created_at == made.updated_at == contio.clock.now
    assert templates.get(made.id) == made
    contio.clock.advance("1h")
    changed = templates.replace(made.id, TemplateUpdate(description="Changed"))
    assert (changed.name, changed.description) == ("Invoice", "Changed")
    assert (changed.created_at, changed.updated_at) == (made.created_at, contio.clock.now)
    assert templates.delete(made.id) is None
    with pytest.raises(NotFound):
        templates.get(made.id)


def test_a_change_with_patch_is_there_since_1_10() -> None:
    contio = FakeContio(check_answers=True)
    made = create(contio)
    assert contio.admin().admin.templates.update(made.id, TemplateUpdate(name="New")).name == "New"
    old = FakeContio(check_answers=True, release="1.9")
    with pytest.raises(Exception, match="405"):
        old.admin().admin.templates.update(create(old).id, TemplateUpdate(name="New"))


def test_templates_are_listed_newest_first_page_by_page(contio: FakeContio) -> None:
    made = [create(contio, f"T{n}").id for n in range(60)]
    admin = contio.admin()
    first = admin.admin.templates.list()
    assert (len(first.items), first.total, first.limit) == (50, 61, 50)
    assert [t.id for t in first.items[:3]] == made[:-4:-1]
    assert admin.admin.templates.list(limit=7, offset=60).items[0].name == "Customer meeting"
    assert len(list(admin.every(ListTemplates()))) == 61


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 256},
        {"name": None},
        {"name": 1},
        {"name": "x", "description": "x" * 1001},
        {"name": "x", "backing_meeting_id": "x"},
        {"name": "x\0"},
        [],
        b"{",
        b"",
    ],
)
def test_a_template_that_does_not_fit_is_refused(
    contio: FakeContio, raw: Any, key: dict[str, str], body: Any
) -> None:
    assert raw("POST", TEMPLATES, body, headers=key, anonymous=True).status == 400
    assert contio.admin().admin.templates.list().total == 1


@pytest.mark.parametrize("name", ["x", "x" * 255, "Ünïcode 🎉"])
def test_a_name_is_kept_as_it_is(contio: FakeContio, name: str) -> None:
    assert create(contio, name, description="d" * 1000).name == name


def test_an_unknown_member_is_ignored(contio: FakeContio, raw: Any, key: dict[str, str]) -> None:
    answer = raw("POST", TEMPLATES, {"name": "x", "color": "red"}, headers=key, anonymous=True)
    assert answer.status == 201


def test_admin_templates_need_the_apps_key(contio: FakeContio, raw: Any) -> None:
    for method in ("GET", "POST"):
        assert raw.code(method, TEMPLATES) == (401, "unauthorized")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_templates_that_there_are_not(raw: Any, key: dict[str, str], method: str) -> None:
    body = {} if method in ("GET", "DELETE") else {"body": {"name": "x"}}
    for id_, answer in ((UNKNOWN_ID, (404, "not_found")), ("x", (400, "bad_request"))):
        assert raw.code(method, f"{TEMPLATES}/{id_}", **body, headers=key, anonymous=True) == answer


def test_a_key_makes_a_repeated_creation_one(contio: FakeContio, raw: Any, key: dict[str, str]) -> None:
    sent = {**key, "idempotency-key": "k"}
    first, again = (raw("POST", TEMPLATES, {"name": "x"}, headers=sent, anonymous=True) for _ in range(2))
    assert first.body == again.body
    assert contio.admin().admin.templates.list().total == 2


def test_deleting_leaves_what_was_applied(contio: FakeContio) -> None:
    (template,) = contio.admin().admin.templates.list().items
    contio.admin().admin.templates.delete(template.id)
    with pytest.raises(NotFound):
        contio.client().user.meeting_templates.get(template.id)
    assert len(contio.sandbox.store.template_applications) == 2


# ---------------------------------------------------------------- from a meeting


def test_a_template_is_made_from_a_meeting_and_is_its_own_from_then_on(contio: FakeContio) -> None:
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="Source"))
    review = next(t for t in client.user.meeting_templates.list().items if t.name == "Engine review")
    client.user.meeting_templates.apply(review.id, TemplateApply(meeting_id=meeting.id))
    made = create(contio, backing_meeting_id=meeting.id)
    assert made.backing_meeting_id == meeting.id
    record = contio.sandbox.store.templates.get(made.id)
    assert record is not None
    assert [item.title for item in record.agenda_items] == ["The mill", "The store"]
    assert [(p.email, p.role) for p in record.participants] == [
        ("ada@example.com", "EDITOR"),
        ("alan@example.com", "EDITOR"),
        ("hedy@example.com", "VIEWER"),
    ]
    client.user.meeting_templates.apply(review.id, TemplateApply(meeting_id=meeting.id))
    assert contio.sandbox.store.templates.get(made.id) == record


def test_an_unknown_meeting_backs_nothing(contio: FakeContio) -> None:
    with pytest.raises(BadRequest) as refused:
        create(contio, backing_meeting_id=UNKNOWN_ID)
    assert refused.value.code == "validation_error"
    assert contio.admin().admin.templates.list().total == 1


def test_a_meeting_of_a_workspace_without_a_connected_user_is_forbidden(contio: FakeContio) -> None:
    client = contio.client("linus@example.net")
    meeting = client.user.meetings.create(MeetingCreate(title="Source"))
    assert create(contio, backing_meeting_id=meeting.id).backing_meeting_id == meeting.id
    linus = client.user.profile.get().id
    (connection,) = contio.admin().admin.connections.list(user_id=linus).items
    contio.admin().admin.connections.revoke(connection.id)
    with pytest.raises(Forbidden):
        create(contio, backing_meeting_id=meeting.id)


# ---------------------------------------------------------------- next steps


def test_next_steps_are_added_changed_listed_and_removed(contio: FakeContio) -> None:
    templates, made = contio.admin().admin.templates, create(contio)
    mail, tasks = step_id(contio, "Follow-up e-mail"), step_id(contio)
    assert templates.add_next_step(made.id, TemplateNextStepAdd(next_step_id=mail, sort_order=2)) is None
    templates.add_next_step(made.id, TemplateNextStepAdd(next_step_id=tasks))
    page = templates.next_steps(made.id)
    assert [(s.name, s.sort_order, s.autopilot) for s in page.items] == [
        ("Task list", 0, False),
        ("Follow-up e-mail", 2, False),
    ]
    assert (page.total, page.limit, page.offset) == (2, 2, 0)
    templates.update_next_step(made.id, mail, TemplateNextStepUpdate(autopilot=True))
    templates.update_next_step(made.id, tasks, TemplateNextStepUpdate())
    assert [(s.autopilot, s.sort_order) for s in templates.next_steps(made.id).items] == [
        (False, 0),
        (True, 2),
    ]
    assert templates.remove_next_step(made.id, tasks) is None
    assert [s.id for s in templates.next_steps(made.id).items] == [mail]


def test_answers_without_a_body_have_none(raw: Any, contio: FakeContio, key: dict[str, str]) -> None:
    base = f"{TEMPLATES}/{create(contio).id}/next-steps"
    step = step_id(contio)

    def send(method: str, path: str, *body: Any) -> Response:
        answer: Response = raw(method, path, *body, headers=key, anonymous=True)
        return answer

    for answer in (
        send("POST", base, {"next_step_id": step}),
        send("PUT", f"{base}/{step}", {"autopilot": True}),
        send("DELETE", f"{base}/{step}"),
    ):
        assert (answer.status, answer.body) == (204, b"")


def test_adding_a_next_step_twice_is_a_profile_option() -> None:
    updating = FakeContio(check_answers=True)
    made, templates = create(updating), updating.admin().admin.templates
    for order in (1, 5):
        body = TemplateNextStepAdd(next_step_id=step_id(updating), sort_order=order, autopilot=order > 1)
        templates.add_next_step(made.id, body)
    assert [(s.sort_order, s.autopilot) for s in templates.next_steps(made.id).items] == [(5, True)]
    refusing = FakeContio(check_answers=True, profile={"duplicate_template_next_step": "reject"})
    made, templates = create(refusing), refusing.admin().admin.templates
    templates.add_next_step(made.id, TemplateNextStepAdd(next_step_id=step_id(refusing), sort_order=1))
    with pytest.raises(BadRequest):
        templates.add_next_step(made.id, TemplateNextStepAdd(next_step_id=step_id(refusing)))
    assert [s.sort_order for s in templates.next_steps(made.id).items] == [1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"next_step_id": "x"}, 400),
        ({"next_step_id": UNKNOWN_ID}, 404),
        ({"next_step_id": UNKNOWN_ID, "sort_order": 1.5}, 400),
        ({"next_step_id": UNKNOWN_ID, "autopilot": "yes"}, 400),
        ([], 400),
    ],
)
def test_next_steps_that_cannot_be_added(
    contio: FakeContio, raw: Any, key: dict[str, str], body: Any, status: int
) -> None:
    template = create(contio).id
    answer = raw("POST", f"{TEMPLATES}/{template}/next-steps", body, headers=key, anonymous=True)
    assert answer.status == status
    assert contio.admin().admin.templates.next_steps(template).items == []


def test_contios_own_next_steps_cannot_be_added(contio: FakeContio) -> None:
    with pytest.raises(NotFound):
        contio.admin().admin.templates.add_next_step(
            create(contio).id, TemplateNextStepAdd(next_step_id=step_id(contio, "Summary"))
        )


def test_a_huge_sort_order_is_an_order(contio: FakeContio, raw: Any, key: dict[str, str]) -> None:
    base = f"{TEMPLATES}/{create(contio).id}/next-steps"
    body = {"next_step_id": step_id(contio), "sort_order": 10**30}
    assert raw("POST", base, body, headers=key, anonymous=True).status == 204
    answer = raw("GET", base, headers=key, anonymous=True)
    assert json.loads(answer.body)["items"][0]["sort_order"] == 10**30


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_next_steps_that_the_template_has_not(
    contio: FakeContio, raw: Any, key: dict[str, str], method: str
) -> None:
    made, body = create(contio).id, {"body": {"autopilot": True}} if method == "PUT" else {}
    for path, answer in (
        (f"{made}/next-steps/{step_id(contio)}", (404, "not_found")),
        (f"{UNKNOWN_ID}/next-steps/{step_id(contio)}", (404, "not_found")),
        (f"{made}/next-steps/x", (400, "bad_request")),
        (f"x/next-steps/{UNKNOWN_ID}", (400, "bad_request")),
    ):
        assert raw.code(method, f"{TEMPLATES}/{path}", **body, headers=key, anonymous=True) == answer


def test_the_meetings_of_a_template_follow_its_next_steps(contio: FakeContio) -> None:
    (template,) = contio.admin().admin.templates.list().items
    contio.admin().admin.templates.remove_next_step(template.id, step_id(contio))
    meeting = next(m for m in contio.sandbox.store.meetings if m.title.startswith("Customer interview"))
    found = contio.client("grace@example.com").user.next_steps.list(meeting.id).items
    assert [s.name for s in found] == ["Follow-up e-mail", "Open the customer record"]


# ---------------------------------------------------------------- two apps


@pytest.fixture
def two_apps(tmp_path: Path) -> FakeContio:
    apps = [
        {"client_id": n, "client_secret": f"s{n}", "api_key": f"k{n}", "webhook_secret": f"w{n}",
         "name": n, "company_name": n}
        for n in ("first", "second")
    ]  # fmt: skip
    steps = [{"name": f"Step of {n}", "type": "ai", "app": n} for n in ("first", "second")]
    file = tmp_path / "two.json"
    file.write_text(json.dumps({"apps": apps, "templates": {"next_steps": steps}}), "utf-8")
    return FakeContio(scenario=str(file), check_answers=True)


def test_one_apps_templates_are_not_the_others(two_apps: FakeContio) -> None:
    first, second = (
        Contio(api_key=f"k{n}", client_id=n, transport=two_apps.handle).admin.templates
        for n in ("first", "second")
    )
    made = first.create(TemplateCreate(name="Mine"))
    own = step_id(two_apps, "Step of first")
    first.add_next_step(made.id, TemplateNextStepAdd(next_step_id=own))
    assert second.list().items == []
    for attempt in (
        lambda: second.get(made.id),
        lambda: second.replace(made.id, TemplateUpdate(name="Yours")),
        lambda: second.update(made.id, TemplateUpdate(name="Yours")),
        lambda: second.delete(made.id),
        lambda: second.next_steps(made.id),
        lambda: second.add_next_step(made.id, TemplateNextStepAdd(next_step_id=own)),
        lambda: second.update_next_step(made.id, own, TemplateNextStepUpdate(autopilot=True)),
        lambda: second.remove_next_step(made.id, own),
        lambda: first.add_next_step(
            made.id, TemplateNextStepAdd(next_step_id=step_id(two_apps, "Step of second"))
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert first.get(made.id) == made
    assert [s.autopilot for s in first.next_steps(made.id).items] == [False]


def test_an_installed_copy_is_not_the_apps_own(contio: FakeContio) -> None:
    store = contio.sandbox.store
    (template,) = contio.admin().admin.templates.list().items
    record = store.templates.get(template.id)
    assert record is not None
    store.templates.insert(record.model_copy(update={"id": UNKNOWN_ID, "installation_id": UNKNOWN_ID}))
    assert contio.admin().admin.templates.list().total == 1
    with pytest.raises(NotFound):
        contio.admin().admin.templates.get(UNKNOWN_ID)
    assert contio.client().user.meeting_templates.get(UNKNOWN_ID).ownership_type == "PARTNER"
