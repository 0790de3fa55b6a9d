"""Meeting templates: who sees which, and what applying one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound
from contio_mock.contract.meetings import Meeting, MeetingCreate, MeetingUpdate
from contio_mock.contract.templates import ListMeetingTemplates, TemplateApply
from contio_mock.fake.records import TemplateRecord
from contio_mock.fake.records.templates import TemplateAgendaItem, TemplateParticipant

TEMPLATES = "/v1/partner/user/meeting-templates"
MEETINGS = "/v1/partner/user/meetings"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def named(contio: FakeContio, name: str) -> TemplateRecord:
    return next(template for template in contio.sandbox.store.templates if template.name == name)


def made(contio: FakeContio, n: int = 1, **members: Any) -> TemplateRecord:
    given = {"name": f"Made {n}", "ownership_type": "SYSTEM", "created_at": THEN, "updated_at": THEN}
    record = TemplateRecord(id=f"00000000-0000-4000-9000-{n:012d}", **(given | members))
    return contio.sandbox.store.templates.insert(record)


def create(client: Contio, title: str = "Review", **given: Any) -> Meeting:
    return client.user.meetings.create(MeetingCreate(title=title, **given))


def apply(client: Contio, template: TemplateRecord, meeting: Meeting) -> Any:
    return client.user.meeting_templates.apply(template.id, TemplateApply(meeting_id=meeting.id))


def names(client: Contio) -> list[str]:
    return [template.name for template in client.every(ListMeetingTemplates())]


def events(contio: FakeContio, kind: str = "meeting_template.applied") -> list[Any]:
    return [e.event for e in contio.events if e.event.type == kind]


# ---------------------------------------------------------------- who sees which


def test_everybody_sees_everybodys_the_workspaces_and_their_own(contio: FakeContio) -> None:
    shared = ["Project kick-off", "Retrospective", "One-on-one"]
    assert names(contio.client("ada@example.com")) == [
        "Customer meeting",
        "Ada's notes",
        "Engine review",
        *shared,
    ]
    assert names(contio.client("grace@example.com")) == ["Customer meeting", "Engine review", *shared]
    assert names(contio.client("linus@example.net")) == shared


def test_a_list_shows_whose_a_template_is(contio: FakeContio) -> None:
    shown = {t.name: t.ownership_type for t in contio.client().user.meeting_templates.list().items}
    assert shown == {
        "Customer meeting": "PARTNER",
        "Ada's notes": "USER",
        "Engine review": "WORKSPACE",
        "Project kick-off": "VERTICAL",
        "Retrospective": "SYSTEM",
        "One-on-one": "SYSTEM",
    }


def test_pages_of_several_owners_hold_every_template_once_and_newest_first(contio: FakeContio) -> None:
    client = contio.client()
    me = client.user.profile.get()
    owners: Iterator[dict[str, Any]] = iter(
        [{}, {"workspace_id": me.workspace_id}, {"user_id": me.id}, {"workspace_id": UNKNOWN_ID}] * 20
    )
    for n, owner in enumerate(owners):
        made(contio, n, **owner)
    expected = [t.name for t in contio.sandbox.store.templates if t.workspace_id != UNKNOWN_ID][::-1]
    assert len(expected) == 66
    for size in (1, 7, 25, 66, 100):
        found: list[str] = []
        for offset in range(0, 66, size):
            page = client.user.meeting_templates.list(limit=size, offset=offset)
            assert (page.total, page.limit, page.offset) == (66, size, offset)
            found += [template.name for template in page.items]
        assert found == expected
    assert client.user.meeting_templates.list(offset=66).items == []
    assert client.user.meeting_templates.list(offset=10**9).total == 66


@pytest.mark.parametrize(("query", "shown"), [("limit=0", 1), ("limit=1000", 100), ("limit=-5", 1)])
def test_a_limit_out_of_bounds_is_brought_within(
    contio: FakeContio, raw: Any, query: str, shown: int
) -> None:
    assert json.loads(raw("GET", TEMPLATES, query=query).body)["limit"] == shown


@pytest.mark.contio(profile={"limit_above_maximum": "reject", "limit_below_minimum": "reject"})
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1"])
def test_a_profile_may_refuse_such_limits(contio: FakeContio, raw: Any, query: str) -> None:
    assert raw.code("GET", TEMPLATES, query=query) == (400, "invalid_query_parameters")


def test_a_template_says_how_much_it_brings(contio: FakeContio) -> None:
    shown = contio.client().user.meeting_templates.get(named(contio, "Customer meeting").id)
    assert (shown.agenda_item_count, shown.participant_count, shown.document_count) == (2, 1, 0)
    assert shown.description == "A talk with a customer, and what comes after it."
    assert shown.is_active


@pytest.mark.parametrize(
    ("name", "email", "editable"),
    [
        ("One-on-one", "ada@example.com", False),
        ("Customer meeting", "ada@example.com", False),
        ("Engine review", "ada@example.com", True),
        ("Engine review", "grace@example.com", True),
        ("Engine review", "alan@example.com", False),
        ("Ada's notes", "ada@example.com", True),
    ],
)
def test_who_may_edit_a_template(contio: FakeContio, name: str, email: str, editable: bool) -> None:
    assert contio.client(email).user.meeting_templates.get(named(contio, name).id).can_edit is editable


@pytest.mark.contio(profile={"workspace_template_editors": "members"})
def test_a_profile_lets_every_member_edit_a_workspaces_templates(contio: FakeContio) -> None:
    found = contio.client("alan@example.com").user.meeting_templates.get(named(contio, "Engine review").id)
    assert found.can_edit


def test_others_templates_are_forbidden_and_unknown_ones_not_found(contio: FakeContio, raw_of: Any) -> None:
    raw = raw_of(contio, "grace@example.com")
    own, theirs = named(contio, "Ada's notes").id, create(contio.client("grace@example.com")).id
    assert raw.code("GET", f"{TEMPLATES}/{own}") == (403, "forbidden")
    assert raw.code("POST", f"{TEMPLATES}/{own}/apply", {"meeting_id": theirs}) == (403, "forbidden")
    assert raw.code("GET", f"{TEMPLATES}/{own}/next-steps") == (404, "not_found")
    for id_ in (UNKNOWN_ID, "mine", "%F0%9F%8E%89"):
        assert raw.code("GET", f"{TEMPLATES}/{id_}") == (404, "not_found")
        assert raw.code("GET", f"{TEMPLATES}/{id_}/next-steps") == (404, "not_found")
    assert raw.code("POST", f"{TEMPLATES}/{UNKNOWN_ID}/apply", {"meeting_id": theirs}) == (404, "not_found")
    assert events(contio) == []


@pytest.mark.contio(profile={"foreign_template": "not_found"})
def test_a_profile_may_hide_others_templates(contio: FakeContio) -> None:
    with pytest.raises(NotFound):
        contio.client("grace@example.com").user.meeting_templates.get(named(contio, "Ada's notes").id)


def test_what_an_app_made_is_seen_once_installed_or_where_a_profile_says_so(contio: FakeContio) -> None:
    app = contio.sandbox.app.id
    made(contio, 1, ownership_type="PARTNER", app_id=app, name="Plain")
    assert "Plain" not in names(contio.client())
    sharing = FakeContio(check_answers=True, profile={"partner_templates": "connected"})
    made(sharing, 1, ownership_type="PARTNER", app_id=app, name="Plain")
    made(sharing, 2, ownership_type="PARTNER", app_id=UNKNOWN_ID, name="Of another app")
    seen = names(sharing.client())
    assert seen.count("Plain") == seen.count("Customer meeting") == 1
    assert "Of another app" not in seen


def test_a_release_that_knows_no_partner_templates_still_lists_them() -> None:
    contio = FakeContio(check_answers=True, release="1.6")
    assert contio.client().user.meeting_templates.list().total == 6


# ---------------------------------------------------------------- next steps of a template


def test_a_template_lists_its_next_steps_in_their_order(contio: FakeContio) -> None:
    page = contio.client().user.meeting_templates.next_steps(named(contio, "Customer meeting").id)
    assert [(s.name, s.sort_order, s.autopilot) for s in page.items] == [
        ("Follow-up e-mail", 0, False),
        ("Task list", 1, False),
        ("Open the customer record", 2, False),
    ]
    assert (page.total, page.limit, page.offset) == (3, 3, 0)
    (summary,) = contio.client().user.meeting_templates.next_steps(named(contio, "Retrospective").id).items
    assert summary.autopilot


# ---------------------------------------------------------------- applying


def test_applying_adds_and_tells(contio: FakeContio) -> None:
    client, template = contio.client(), named(contio, "Engine review")
    meeting = create(client)
    done = apply(client, template, meeting)
    assert done.success
    assert done.applied_items.model_dump() == {"agenda_items": 2, "documents": 0, "participants": 2}
    (event,) = events(contio)
    assert event.model_dump() == {
        "applied_at": contio.clock.now,
        "applied_by_user_id": client.user.profile.get().id,
        "applied_items": {"agenda_items": 2, "documents": 0, "participants": 2},
        "meeting_id": meeting.id,
        "template_id": template.id,
        "template_name": "Engine review",
    }


def test_the_connected_people_in_the_meeting_hear_of_it_and_nobody_else() -> None:
    contio = FakeContio(check_answers=True, webhook_url="https://app.example.com/hook")
    client, template = contio.client("grace@example.com"), named(contio, "One-on-one")
    meeting = next(m for m in client.user.meetings.list(limit=100).items if m.title == "Daily stand-up")
    apply(client, template, meeting)
    (emitted,) = [e for e in contio.events if e.type == "meeting_template.applied"]
    assert {d.for_user for d in emitted.deliveries} == {"ada@example.com", "grace@example.com"}


def test_applying_again_adds_the_agenda_again_and_nobody_twice(contio: FakeContio) -> None:
    client, template = contio.client(), named(contio, "Engine review")
    meeting = create(client)
    first, second = apply(client, template, meeting), apply(client, template, meeting)
    assert first.application_id != second.application_id
    assert (second.applied_items.agenda_items, second.applied_items.participants) == (2, 0)
    assert len(events(contio)) == 2


def test_who_takes_part_already_is_not_added(contio: FakeContio) -> None:
    client = contio.client()
    people = [
        TemplateParticipant(email=email, name="Somebody", role="VIEWER")
        for email in ("ADA@example.com", "new@example.com", "New@Example.com")
    ]
    template = made(contio, participants=tuple(people))
    assert apply(client, template, create(client)).applied_items.participants == 1


def test_the_documents_of_a_template_are_counted(contio: FakeContio) -> None:
    client, template = contio.client(), made(contio, documents=("Agenda.pdf", "Plan.pdf"))
    assert apply(client, template, create(client)).applied_items.documents == 2


def test_a_title_and_a_detail_level_only_fill_what_is_missing(contio: FakeContio) -> None:
    client, template = contio.client(), made(contio, title="From a template", detail_level="VERBATIM")
    empty, full = create(client), create(client, detail_level="STANDARD")
    apply(client, template, empty)
    apply(client, template, full)
    meetings = contio.sandbox.store.meetings
    assert meetings.get(empty.id).detail_level == "VERBATIM"  # type: ignore[union-attr]
    assert meetings.get(full.id).detail_level == "STANDARD"  # type: ignore[union-attr]
    assert client.user.meetings.get(empty.id) == empty
    assert events(contio, "meeting.updated") == []


@pytest.mark.contio(profile={"template_properties": "replace"})
def test_a_profile_lets_a_template_replace_them(contio: FakeContio) -> None:
    client, template = contio.client(), made(contio, title="From a template", detail_level="VERBATIM")
    meeting = create(client, detail_level="STANDARD")
    contio.clock.advance("1h")
    apply(client, template, meeting)
    changed = client.user.meetings.get(meeting.id)
    assert (changed.title, changed.updated_at) == ("From a template", contio.clock.now)
    assert contio.sandbox.store.meetings.get(meeting.id).detail_level == "VERBATIM"  # type: ignore[union-attr]
    assert [event.title for event in events(contio, "meeting.updated")] == ["From a template"]
    apply(client, template, changed)
    assert len(events(contio, "meeting.updated")) == 1


def test_only_owner_and_editors_may_apply(contio: FakeContio) -> None:
    viewer, template = contio.client("ada@example.com"), named(contio, "One-on-one")
    meeting = next(m for m in viewer.user.meetings.list(limit=100).items if m.title == "Daily stand-up")
    with pytest.raises(Forbidden):
        apply(viewer, template, meeting)
    with pytest.raises(NotFound):
        apply(contio.client("stranger@example.org"), template, meeting)
    assert events(contio) == []
    apply(contio.client("grace@example.com"), template, meeting)


def test_the_free_plan_cannot_apply(contio: FakeContio, raw_of: Any) -> None:
    client = contio.client("linus@example.net")
    meeting = create(client)
    raw = raw_of(contio, "linus@example.net")
    path = f"{TEMPLATES}/{named(contio, 'One-on-one').id}/apply"
    answer = raw("POST", path, {"meeting_id": meeting.id})
    assert answer.status == 402
    body = json.loads(answer.body)
    assert (body["code"], body["current_plan"], body["required_plan"]) == (
        "feature_not_available",
        "FREE",
        "PRO",
    )
    assert events(contio) == []


@pytest.mark.parametrize(
    "body", [{}, {"meeting_id": None}, {"meeting_id": "x"}, {"meeting_id": 1}, [], b"{", b""]
)
def test_a_body_that_does_not_fit_is_refused(contio: FakeContio, raw: Any, body: Any) -> None:
    assert raw.code("POST", f"{TEMPLATES}/{named(contio, 'One-on-one').id}/apply", body)[0] == 400


def test_a_template_that_is_inactive_cannot_be_applied_unless_the_profile_says_so() -> None:
    refusing = FakeContio(check_answers=True)
    with pytest.raises(BadRequest):
        apply(refusing.client(), made(refusing, is_active=False), create(refusing.client()))
    with pytest.raises(BadRequest):
        create(refusing.client(), template_id=named(refusing, "Made 1").id)
    accepting = FakeContio(check_answers=True, profile={"inactive_template": "apply"})
    assert apply(accepting.client(), made(accepting, is_active=False), create(accepting.client())).success


def test_a_fault_makes_applying_unavailable_and_changes_nothing(contio: FakeContio, raw: Any) -> None:
    contio.faults.add(operation="applyMeetingTemplate", status=503, code="service_unavailable")
    meeting = create(contio.client())
    path = f"{TEMPLATES}/{named(contio, 'One-on-one').id}/apply"
    assert raw.code("POST", path, {"meeting_id": meeting.id}) == (503, "service_unavailable")
    assert events(contio) == []


def test_a_repeated_request_with_a_key_applies_once(contio: FakeContio, raw: Any) -> None:
    meeting = create(contio.client())
    path = f"{TEMPLATES}/{named(contio, 'One-on-one').id}/apply"
    key = {"idempotency-key": "once"}
    first = raw("POST", path, {"meeting_id": meeting.id}, headers=key)
    again = raw("POST", path, {"meeting_id": meeting.id}, headers=key)
    assert first.body == again.body
    assert dict(again.headers)["idempotent-replayed"] == "true"
    assert len(events(contio)) == 1


def test_applying_needs_the_scope_to_write(contio: FakeContio) -> None:
    reader = contio.client(scope="meetings:read")
    meeting = create(contio.client())
    with pytest.raises(Forbidden):
        apply(reader, named(contio, "One-on-one"), meeting)


# ---------------------------------------------------------------- with a new or changed meeting


def test_a_meeting_created_with_a_template_has_it_applied(contio: FakeContio) -> None:
    client, template = contio.client(), named(contio, "Engine review")
    meeting = create(client, template_id=template.id)
    (event,) = events(contio)
    assert (event.meeting_id, event.template_id) == (meeting.id, template.id)
    kinds = [e.event.type for e in contio.events]
    assert kinds.index("meeting.created") < kinds.index("meeting_template.applied")


def test_a_meeting_that_gets_another_template_has_it_applied_once(contio: FakeContio) -> None:
    client, template = contio.client(), named(contio, "Engine review")
    meeting = create(client)
    for _ in range(2):
        client.user.meetings.update(meeting.id, MeetingUpdate(template_id=template.id))
    assert [event.template_id for event in events(contio)] == [template.id]


@pytest.mark.contio(profile={"meeting_template_id": "remember"})
def test_a_profile_only_remembers_the_template(contio: FakeContio) -> None:
    client, template = contio.client(), named(contio, "Customer meeting")
    meeting = create(client, template_id=template.id)
    client.user.meetings.update(meeting.id, MeetingUpdate(template_id=named(contio, "One-on-one").id))
    assert events(contio) == []
    assert client.user.next_steps.list(meeting.id).items == []


def test_without_the_plan_a_new_meetings_template_is_only_remembered(contio: FakeContio) -> None:
    client = contio.client("linus@example.net")
    assert create(client, template_id=named(contio, "One-on-one").id).title == "Review"
    assert events(contio) == []


@pytest.mark.parametrize("foreign", [True, False])
def test_a_template_id_that_means_nothing_is_refused_and_no_meeting_made(
    contio: FakeContio,
    raw_of: Any,
    foreign: bool,
) -> None:
    raw = raw_of(contio, "grace@example.com")
    id_ = named(contio, "Ada's notes").id if foreign else UNKNOWN_ID
    meeting = create(contio.client("grace@example.com"))
    count = len(contio.sandbox.store.meetings)
    assert raw.code("POST", MEETINGS, {"title": "x", "template_id": id_}) == (400, "invalid_request")
    assert raw.code("PATCH", f"{MEETINGS}/{meeting.id}", {"template_id": id_}) == (400, "invalid_request")
    assert len(contio.sandbox.store.meetings) == count
    assert contio.client("grace@example.com").user.meetings.get(meeting.id) == meeting


@pytest.mark.contio(profile={"unknown_template_id": "ignore"})
def test_a_profile_ignores_a_template_id_that_means_nothing(contio: FakeContio) -> None:
    client = contio.client()
    meeting = create(client, template_id=UNKNOWN_ID)
    client.user.meetings.update(meeting.id, MeetingUpdate(template_id=named(contio, "Ada's notes").id))
    assert [event.template_name for event in events(contio)] == ["Ada's notes"]


def test_a_templates_items_keep_their_content(contio: FakeContio) -> None:
    item = TemplateAgendaItem(title="Ünïcode 🎉", item_type="DISCUSSION", talking_points="secret")
    client, template = contio.client(), made(contio, agenda_items=(item,))
    apply(client, template, create(client))
    (application,) = list(contio.sandbox.store.template_applications)[-1:]
    assert application.agenda_items == (item,)
