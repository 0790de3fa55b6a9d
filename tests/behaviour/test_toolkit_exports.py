"""Exports: portable manifests, and exporting what was imported gives the same again."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contio_mock import FakeContio
from contio_mock.client import BadRequest
from contio_mock.fake.records.templates import (
    ActionButtonLink,
    ActionButtonRecord,
    NextStepLink,
    NextStepRecord,
    ShortcutRecord,
    ShortcutSurface,
    TemplateAgendaItem,
    TemplateParticipant,
    TemplateRecord,
)

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "60"))
ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
NOBODY = "00000000-0000-4000-8000-000000000000"
KINDS = ("templates", "next_steps", "action_buttons", "shortcuts")


class Library:
    """Entities of the demo app that manifests may name."""

    def __init__(self, contio: FakeContio) -> None:
        self.contio, self.store = contio, contio.sandbox.store
        self.app = contio.admin().admin.app.get().id
        self.button = self.store.action_buttons.insert(
            ActionButtonRecord(
                **self.owned("Mail it"), content_format="html", delivery_mechanism="email", sort_order=3
            )
        )
        self.step = self.store.next_steps.insert(
            NextStepRecord(
                **self.owned("Follow up"),
                type="ai",
                ai_prompt="Write.",
                action_buttons=(ActionButtonLink(action_button_id=self.button.id, sort_order=2),),
                default_action_button_id=self.button.id,
            )
        )
        self.template = self.store.templates.insert(
            TemplateRecord(
                **self.owned("Weekly"),
                ownership_type="PARTNER",
                title="Weekly",
                start_time_offset_seconds=0,
                agenda_items=(TemplateAgendaItem(title="T", item_type="BREAK", time_allocation_minutes=5),),
                participants=(TemplateParticipant(email="a@example.com", name="A", role="VIEWER"),),
                next_steps=(NextStepLink(next_step_id=self.step.id, autopilot=True),),
            )
        )
        surface = ShortcutSurface(surface="HOME", position=1)
        self.shortcut = self.store.shortcuts.insert(
            ShortcutRecord(**self.owned("Risks"), prompt="Which?", surfaces=(surface,))
        )

    def owned(self, name: str, app_id: str | None = "own") -> dict[str, Any]:
        now = self.contio.clock.now
        app = self.app if app_id == "own" else app_id
        return {"id": self.contio.sandbox.ids.uuid(), "name": name, "app_id": app,
                "created_at": now, "updated_at": now}  # fmt: skip

    def ids(self) -> dict[str, str]:
        return {"templates": self.template.id, "next_steps": self.step.id,
                "action_buttons": self.button.id, "shortcuts": self.shortcut.id}  # fmt: skip

    def create(self, manifest: Any, slug: str = "kit") -> Any:
        body = {"name": "Kit", "slug": slug, "version": "1", "description": "D", "manifest": manifest}
        return self.contio.admin().admin.toolkits.create(body).toolkit

    def export(self, manifest: Any, slug: str = "kit") -> Any:
        return self.contio.admin().admin.toolkits.export(self.create(manifest, slug).id)


@pytest.fixture
def library(contio: FakeContio) -> Library:
    return Library(contio)


# ---------------------------------------------------------------- toolkits


def test_named_entities_become_part_of_the_manifest_with_what_they_need(library: Library) -> None:
    done = library.export({"templates": [{"id": library.template.id}]})
    assert done.warnings == []
    assert done.metadata.model_dump() == {"name": "Kit", "slug": "kit", "description": "D", "version": "1"}
    assert done.manifest == {
        "templates": [
            {
                "spec": {
                    "$id": "weekly",
                    "name": "Weekly",
                    "title": "Weekly",
                    "start_time_offset_seconds": 0,
                    "agenda_items": [{"title": "T", "item_type": "BREAK", "time_allocation_minutes": 5}],
                    "participants": [{"email": "a@example.com", "name": "A", "role": "VIEWER"}],
                },
                "next_steps": [{"next_step": {"$ref": "follow-up"}, "sort_order": 0, "autopilot": True}],
            }
        ],
        "next_steps": [
            {
                "spec": {
                    "$id": "follow-up", "name": "Follow up", "type": "ai", "ai_prompt": "Write.",
                    "sort_order": 0,
                },
                "action_buttons": [{"action_button": {"$ref": "mail-it"}, "sort_order": 2}],
                "default_action_button": {"$ref": "mail-it"},
            }
        ],
        "action_buttons": [
            {
                "spec": {
                    "$id": "mail-it", "name": "Mail it", "content_format": "html",
                    "delivery_mechanism": "email", "sort_order": 3,
                }
            }
        ],
        "shortcuts": [],
    }  # fmt: skip
    assert done.summary.model_dump() == {
        "templates": 1, "next_steps": 1, "action_buttons": 1, "shortcuts": 0,
        "workflows": 0, "canvas_templates": 0,
    }  # fmt: skip


def test_an_entity_is_pulled_in_once(library: Library) -> None:
    step = {"$id": library.step.id}
    done = library.export(
        {"next_steps": [{"id": library.step.id.upper()}],
         "templates": [{"spec": {"name": n}, "next_steps": [{"next_step": step}]} for n in "xy"]}
    )  # fmt: skip
    assert [e["spec"]["$id"] for e in done.manifest["next_steps"]] == ["follow-up"]
    assert [e["spec"]["$id"] for e in done.manifest["templates"]] == ["x", "y"]


def test_given_ids_are_kept_and_new_ones_avoid_them(library: Library) -> None:
    specs = [{"name": "Follow up"}, {"$id": "follow-up", "name": "Mine"}, {"$id": "", "name": "会議"},
             {"name": "x" * 255}]  # fmt: skip
    entries = [{"spec": {"type": "ai", **spec}} for spec in specs]
    done = library.export({"next_steps": [{"id": library.step.id}, *entries]})
    assert [e["spec"]["$id"] for e in done.manifest["next_steps"]] == [
        "follow-up-2", "follow-up-3", "follow-up", "next_step", "x" * 90,
    ]  # fmt: skip


def test_what_is_gone_is_left_out_with_a_warning(library: Library) -> None:
    toolkit = library.create(
        {"next_steps": [{"id": library.step.id}],
         "templates": [{"spec": {"name": "T"}, "next_steps": [{"next_step": {"$id": library.step.id}}]}]}
    )  # fmt: skip
    library.store.next_steps.remove(library.step)
    done = library.contio.admin().admin.toolkits.export(toolkit.id)
    assert done.manifest["next_steps"] == []
    assert done.manifest["templates"][0]["next_steps"] == []
    assert {(w.entity_type, w.entity_name, w.code) for w in done.warnings} == {
        ("next_step", library.step.id, "ENTITY_NOT_FOUND")
    }
    library.contio.client().user.toolkits.install(toolkit.id)


def test_a_backing_meeting_is_written_into_the_template(library: Library) -> None:
    meeting = library.contio.client().user.meetings.list().items[0]
    done = library.export({"templates": [{"spec": {"name": "T", "backing_meeting_id": meeting.id}}]})
    spec = done.manifest["templates"][0]["spec"]
    assert "backing_meeting_id" not in spec
    assert spec["title"] == meeting.title
    assert [w.code for w in done.warnings] == ["BACKING_MEETING_NOT_PORTABLE"]


def test_further_members_travel_but_what_is_only_named_cannot(library: Library) -> None:
    flow = {"spec": {"name": "W", "spec": {}}}
    manifest = {"workflows": [flow, {"id": "w"}], "canvas_templates": [flow], "toolkit_prompt": "P", "x": [1]}
    done = library.export(manifest)
    assert done.manifest["workflows"] == done.manifest["canvas_templates"] == [flow]
    assert (done.manifest["toolkit_prompt"], done.manifest["x"]) == ("P", [1])
    assert [(w.entity_type, w.entity_name, w.code) for w in done.warnings] == [
        ("workflow", "w", "NOT_PORTABLE")
    ]
    assert (done.summary.workflows, done.summary.canvas_templates) == (1, 1)


# ---------------------------------------------------------------- single entities


@pytest.mark.parametrize(
    ("kind", "brought"),
    [("templates", (1, 1, 1, 0)), ("next_steps", (0, 1, 1, 0)), ("action_buttons", (0, 0, 1, 0)),
     ("shortcuts", (0, 0, 0, 1))],
)  # fmt: skip
def test_entities_bring_what_they_need(library: Library, kind: str, brought: tuple[int, ...]) -> None:
    wish = {f"{kind[:-1]}_ids": [library.ids()[kind]] * 2, "name": "N", "description": "D"}
    done = library.contio.admin().admin.toolkits.export_entities(wish)
    assert tuple(getattr(done.summary, k) for k in KINDS) == brought
    assert done.metadata.model_dump(exclude_none=True) == {"name": "N", "description": "D"}
    assert library.create(done.manifest).manifest == done.manifest


@pytest.mark.parametrize("wish", [{}, {"template_ids": []}, {"name": "N"}, {"workflow_ids": []}])
def test_something_must_be_named(library: Library, wish: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        library.contio.admin().admin.toolkits.export_entities(wish)
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_foreign_and_malformed_ids_are_refused(library: Library, raw: Any, kind: str) -> None:
    foreign = library.store.next_steps.insert(NextStepRecord(**library.owned("F", NOBODY), type="ai"))
    for id_ in (NOBODY, foreign.id, "x"):
        body = {f"{kind[:-1]}_ids": [id_]}
        answer = raw.code("POST", "/v1/partner/admin/toolkits/export", body, headers=ADMIN)
        assert answer == (400, "validation_error")


def test_the_sdks_further_kinds_are_warned_about(library: Library) -> None:
    wish = {"workflow_ids": ["w"], "canvas_template_ids": ["c"]}
    done = library.contio.admin().admin.toolkits.export_entities(wish)
    assert [(w.entity_type, w.entity_name) for w in done.warnings] == [
        ("workflow", "w"), ("canvas_template", "c"),
    ]  # fmt: skip
    assert (done.summary.workflows, done.summary.canvas_templates) == (0, 0)


# ---------------------------------------------------------------- a fixed point

NAME = st.one_of(st.sampled_from(["A", "a", "Ä", "follow up", "Follow-up", "x" * 255, "会議", "mail it"]),
                 st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1,
                         max_size=30))  # fmt: skip
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
URL = st.sampled_from(["https://x.example/a", "", "https://x.example/" + "b" * 1900])
ORDER = st.integers(-5, 100)


def some(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


STEP = some({"name": NAME, "type": st.sampled_from(["ai", "redirect", "AI"])}, ai_prompt=WORDS,
            redirect_url=URL, color=WORDS, description=WORDS, sort_order=ORDER, made_up=WORDS)  # fmt: skip
BUTTON = some(
    {"name": NAME, "content_format": st.sampled_from(["html", "markdown"]),
     "delivery_mechanism": st.sampled_from(["email", "webhook"])},
    icon_name=WORDS, icon_url=URL, is_default_for_next_step=st.booleans(), webhook_url=URL, sort_order=ORDER,
)  # fmt: skip
SHOWN = st.sampled_from(["HOME", "CANVAS", "MEETING_RUN"])
SHORTCUT = some(
    {"name": NAME, "prompt": WORDS},
    surfaces=st.lists(st.builds(lambda s, p: {"surface": s, "position": p}, SHOWN, st.integers(1, 10)),
                      unique_by=lambda s: s["surface"], max_size=3),
)  # fmt: skip
ITEM = some({"title": NAME, "item_type": st.sampled_from(["BREAK", "DISCUSSION"])}, content=WORDS,
            time_allocation_minutes=st.integers(0, 90))  # fmt: skip
TEMPLATE = some({"name": NAME}, title=WORDS, meeting_duration_seconds=st.integers(0, 9000),
                agenda_items=st.lists(ITEM, max_size=2))  # fmt: skip
SPECS = {"templates": TEMPLATE, "next_steps": STEP, "action_buttons": BUTTON, "shortcuts": SHORTCUT}


def entries(draw: Any, kind: str, existing: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for spec in draw(st.lists(SPECS[kind], max_size=3)):
        named = draw(st.sampled_from(["", "own", None]))
        if named is not None:
            spec["$id"] = f"{kind}-{len(found)}" if named else draw(st.sampled_from(["", f"x{len(found)}"]))
        found.append({"spec": spec})
    if draw(st.booleans()):
        found.insert(draw(st.integers(0, len(found))), {"id": existing})
    return found


def reference(draw: Any, found: list[dict[str, Any]], existing: str) -> dict[str, str]:
    known = [e["spec"]["$id"] for e in found if e.get("spec", {}).get("$id")]
    return draw(st.sampled_from([{"$id": existing}, *({"$ref": ref} for ref in known)]))


@st.composite
def manifests(draw: Any, ids: dict[str, str], meeting: str) -> dict[str, Any]:
    made = {kind: entries(draw, kind, ids[kind]) for kind in KINDS}
    for template in made["templates"]:
        if "spec" in template and draw(st.booleans()):
            links = draw(st.lists(ORDER, max_size=2))
            template["next_steps"] = [
                {"next_step": reference(draw, made["next_steps"], ids["next_steps"]), "sort_order": order}
                for order in links
            ]
        if template.get("spec", {}).keys() <= {"name", "$id"} and "spec" in template and draw(st.booleans()):
            template["spec"]["backing_meeting_id"] = meeting
    for step in made["next_steps"]:
        if "spec" in step and draw(st.booleans()):
            button = reference(draw, made["action_buttons"], ids["action_buttons"])
            step["action_buttons"] = [{"action_button": button}]
        if "spec" in step and draw(st.booleans()):
            step["default_action_button"] = reference(draw, made["action_buttons"], ids["action_buttons"])
    if draw(st.booleans()):
        made["workflows"] = draw(st.sampled_from([[], [{"id": "w"}], [{"spec": {"name": "W"}}]]))
    return made


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_exporting_what_was_imported_from_an_export_gives_the_same(data: st.DataObject) -> None:
    library = Library(FakeContio(check_answers=True))
    client = library.contio.client()
    meeting = client.user.meetings.list().items[0].id
    manifest = data.draw(manifests(library.ids(), meeting))
    first = library.export(manifest, "first")
    second = library.export(first.manifest, "second")
    assert second.manifest == first.manifest
    assert second.warnings == []
    assert second.summary == first.summary
    texts = str(first.manifest)
    assert not any(id_ in texts for id_ in (*library.ids().values(), meeting)), "nothing names the database"
    toolkits = [t for t in client.user.toolkits.list().items if t.slug in ("first", "second")]
    brought = [installed(library, t.id) for t in toolkits]
    assert brought[0] == brought[1], "and both make the same entities"


def installed(library: Library, toolkit_id: str) -> dict[str, list[Any]]:
    made = library.contio.client().user.toolkits.install(toolkit_id)
    found = {}
    for kind in KINDS:
        records = getattr(library.store, kind).under("owner", f"installation:{made.id}")
        found[kind] = sorted(record.name for record in records)
    return found
