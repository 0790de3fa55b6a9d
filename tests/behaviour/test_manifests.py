"""Manifests: what is wrong with them is told by path, and refused or reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from contio_mock import FakeContio
from contio_mock.client import BadRequest
from contio_mock.contract.manifests import Manifest, ManifestNextStep, ManifestNextStepSpec
from contio_mock.contract.toolkit_management import ToolkitCreate
from contio_mock.fake.records.templates import NextStepRecord

ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
TOOLKITS = "/v1/partner/admin/toolkits"
NOBODY = "00000000-0000-4000-8000-000000000000"
AI = {"name": "A", "type": "ai", "ai_prompt": "Write."}
BUTTON = {"name": "B", "content_format": "html", "delivery_mechanism": "email"}
SHORTCUT = {"name": "S", "prompt": "What?"}


def body(manifest: Any, slug: str = "kit", **more: Any) -> dict[str, Any]:
    return {"name": "Kit", "slug": slug, "version": "1", "manifest": manifest, **more}


def steps(**entry: Any) -> dict[str, Any]:
    return {"next_steps": [entry]}


def surfaces(*shown: Any) -> dict[str, Any]:
    return {"shortcuts": [{"spec": {**SHORTCUT, "surfaces": list(shown)}}]}


def template(**spec: Any) -> dict[str, Any]:
    return {"templates": [{"spec": {"name": "T", **spec}}]}


HOME = {"surface": "HOME", "position": 1}

BROKEN_SCHEMAS = [
    ({"next_steps": {}}, "next_steps", "INVALID_TYPE"),
    ({"next_steps": ["x"]}, "next_steps[0]", "INVALID_TYPE"),
    (steps(spec={"type": "ai"}), "next_steps[0].spec.name", "MISSING_REQUIRED"),
    (steps(spec={**AI, "name": None}), "next_steps[0].spec.name", "MISSING_REQUIRED"),
    (steps(spec={**AI, "name": ""}), "next_steps[0].spec.name", "TOO_SHORT"),
    (steps(spec={**AI, "name": "x" * 256}), "next_steps[0].spec.name", "TOO_LONG"),
    (steps(spec={**AI, "name": 1}), "next_steps[0].spec.name", "INVALID_TYPE"),
    (steps(spec={**AI, "$id": "x" * 101}), "next_steps[0].spec.$id", "TOO_LONG"),
    (steps(spec={**AI, "type": "magic"}), "next_steps[0].spec.type", "INVALID_VALUE"),
    (steps(spec={**AI, "type": "STANDARD"}), "next_steps[0].spec.type", "INVALID_VALUE"),
    (steps(spec={"name": "A"}), "next_steps[0].spec.type", "MISSING_REQUIRED"),
    (steps(spec=AI, action_buttons=[{}]), "next_steps[0].action_buttons[0].action_button", "MISSING_REQUIRED"),
    ({"action_buttons": [{"spec": {**BUTTON, "content_format": "pdf"}}]},
     "action_buttons[0].spec.content_format", "INVALID_VALUE"),
    ({"action_buttons": [{"spec": {**BUTTON, "webhook_url": "x" * 2001}}]},
     "action_buttons[0].spec.webhook_url", "TOO_LONG"),
    ({"action_buttons": [{"spec": {**BUTTON, "sort_order": 1.5}}]},
     "action_buttons[0].spec.sort_order", "INVALID_TYPE"),
    (surfaces({"surface": "HOME"}), "shortcuts[0].spec.surfaces[0].position", "MISSING_REQUIRED"),
    (surfaces({"surface": "HOME", "position": 11}), "shortcuts[0].spec.surfaces[0].position", "OUT_OF_RANGE"),
    (surfaces({"surface": "HOME", "position": 0}), "shortcuts[0].spec.surfaces[0].position", "OUT_OF_RANGE"),
    (surfaces(*[HOME] * 6), "shortcuts[0].spec.surfaces", "TOO_MANY"),
    (template(detail_level="LOUD"), "templates[0].spec.detail_level", "INVALID_VALUE"),
    (template(agenda_items=[{"title": "x"}]), "templates[0].spec.agenda_items[0].item_type", "MISSING_REQUIRED"),
    (template(participants=[{"email": "a@b.c", "name": "N", "role": "OWNER"}]),
     "templates[0].spec.participants[0].role", "INVALID_VALUE"),
]  # fmt: skip

BROKEN_SENSE = [
    (steps(), "next_steps[0]", "MISSING_REQUIRED"),
    ({"templates": [{}]}, "templates[0]", "MISSING_REQUIRED"),
    (steps(id=NOBODY, spec=AI), "next_steps[0]", "MUTUALLY_EXCLUSIVE"),
    (steps(id=NOBODY), "next_steps[0].id", "UNKNOWN_ENTITY"),
    (steps(id="not a uuid"), "next_steps[0].id", "UNKNOWN_ENTITY"),
    ({"next_steps": [{"spec": {**AI, "$id": "a"}}, {"spec": {**AI, "$id": "a"}}]},
     "next_steps[1].spec.$id", "DUPLICATE_ID"),
    (steps(spec=AI, default_action_button={}), "next_steps[0].default_action_button", "MISSING_REQUIRED"),
    (steps(spec=AI, default_action_button={"$ref": "a", "$id": NOBODY}),
     "next_steps[0].default_action_button", "MUTUALLY_EXCLUSIVE"),
    (steps(spec=AI, default_action_button={"$ref": "nobody"}),
     "next_steps[0].default_action_button.$ref", "UNRESOLVED_REF"),
    (steps(spec=AI, default_action_button={"$ref": ""}),
     "next_steps[0].default_action_button.$ref", "UNRESOLVED_REF"),
    (steps(spec={**AI, "$id": "a"}, action_buttons=[{"action_button": {"$ref": "a"}}]),
     "next_steps[0].action_buttons[0].action_button.$ref", "UNRESOLVED_REF"),
    (steps(spec=AI, default_action_button={"$id": NOBODY}),
     "next_steps[0].default_action_button.$id", "UNKNOWN_ENTITY"),
    ({"templates": [{"spec": {"name": "T"}, "next_steps": [{"next_step": {"$ref": "x"}}]}]},
     "templates[0].next_steps[0].next_step.$ref", "UNRESOLVED_REF"),
    (surfaces({"surface": "MOON", "position": 1}), "shortcuts[0].spec.surfaces[0].surface", "INVALID_VALUE"),
    (surfaces(HOME, {**HOME, "position": 2}), "shortcuts[0].spec.surfaces[0].surface", "DUPLICATE_SURFACE"),
    (template(backing_meeting_id=NOBODY), "templates[0].spec.backing_meeting_id", "UNKNOWN_ENTITY"),
]  # fmt: skip


@pytest.mark.parametrize(("manifest", "path", "code"), [*BROKEN_SCHEMAS, *BROKEN_SENSE])
def test_a_dry_run_reports_what_is_wrong_and_stores_nothing(
    raw: Any, contio: FakeContio, manifest: Any, path: str, code: str
) -> None:
    before = len(contio.sandbox.store.toolkits)
    answer = raw("POST", TOOLKITS, body(manifest, dry_run=True), headers=ADMIN)
    assert answer.status == 200
    told = json.loads(answer.body)
    assert told["validation"]["valid"] is False
    assert (path, code) in {(e["path"], e["code"]) for e in told["validation"]["errors"]}
    assert all(e["message"] for e in told["validation"]["errors"])
    assert "toolkit" not in told
    assert len(contio.sandbox.store.toolkits) == before


@pytest.mark.parametrize(("manifest", "path", "code"), [*BROKEN_SCHEMAS, *BROKEN_SENSE])
def test_an_invalid_manifest_is_refused(
    raw: Any, contio: FakeContio, manifest: Any, path: str, code: str
) -> None:
    before = len(contio.sandbox.store.toolkits)
    answer = raw("POST", TOOLKITS, body(manifest), headers=ADMIN)
    told = json.loads(answer.body)
    assert (answer.status, told["code"]) == (400, "manifest_validation_failed")
    assert "manifest." in told["error"]
    assert len(contio.sandbox.store.toolkits) == before


@pytest.mark.contio(profile={"manifest_schema_errors": "refused"})
@pytest.mark.parametrize("dry_run", [True, False])
def test_broken_schemas_may_be_refused_even_in_a_dry_run(raw: Any, dry_run: bool) -> None:
    for manifest, _, _ in BROKEN_SCHEMAS:
        answer = raw.code("POST", TOOLKITS, body(manifest, dry_run=dry_run), headers=ADMIN)
        assert answer == (400, "validation_error")
    for manifest, _, _ in BROKEN_SENSE:
        answer = raw("POST", TOOLKITS, body(manifest, dry_run=dry_run), headers=ADMIN)
        assert answer.status == (200 if dry_run else 400)


@pytest.mark.parametrize("manifest", [None, [], "x", 1])
def test_what_is_no_object_is_no_manifest(raw: Any, manifest: Any) -> None:
    assert raw.code("POST", TOOLKITS, body(manifest), headers=ADMIN) == (400, "validation_error")


@pytest.mark.parametrize(
    ("given", "kept"),
    [({"type": "AI"}, "ai"), ({"type": "Redirect"}, "redirect"),
     ({"type": "STANDARD", "redirect_url": "https://x.example"}, "redirect")],
)  # fmt: skip
def test_the_sdks_words_for_types_are_understood(contio: FakeContio, given: Any, kept: str) -> None:
    made = contio.admin().admin.toolkits.create(body(steps(spec={"$id": "a", "name": "A", **given})))
    assert made.toolkit is not None
    assert made.toolkit.manifest["next_steps"][0]["spec"]["type"] == given["type"], "kept as it was sent"
    installed = contio.client().user.toolkits.install(made.toolkit.id)
    step = contio.sandbox.store.next_steps.get(installed.entities.next_steps["a"])
    assert step is not None
    assert step.type == kept


def test_a_manifest_is_given_back_as_it_was_sent_with_every_list(contio: FakeContio) -> None:
    sent = {
        "toolkit_prompt": "Be kind.",
        "schema_version": "1",
        "workflows": [{"spec": {"name": "W", "spec": {"nodes": [1, None, {"a": 1.5}]}}}],
        "canvas_templates": [{"spec": {"name": "C"}}],
        "action_buttons": [{"spec": {**BUTTON, "icon_url": "https://x.example/i.png", "made_up": [None]}}],
        "shortcuts": [{"spec": {**SHORTCUT, "icon": "faBolt"}}],
        "unheard of": {"𝄞": "\u2028"},
    }
    admin = contio.admin()
    made = admin.admin.toolkits.create(body(sent)).toolkit
    assert made is not None
    assert made.manifest == {**sent, "templates": [], "next_steps": []}
    assert admin.admin.toolkits.get(made.id).manifest == made.manifest


def test_icons_of_every_release_end_in_the_same_place(contio: FakeContio) -> None:
    old = {"action_buttons": [{"spec": {**BUTTON, "$id": "b", "icon_url": "https://x.example/i"}}],
           "shortcuts": [{"spec": {**SHORTCUT, "$id": "s", "icon": "faBolt"}}]}  # fmt: skip
    made = contio.admin().admin.toolkits.create(body(old)).toolkit
    assert made is not None
    ids = contio.client().user.toolkits.install(made.id).entities
    store = contio.sandbox.store
    assert store.action_buttons.get(ids.action_buttons["b"]).icon_name == "https://x.example/i"
    assert store.shortcuts.get(ids.shortcuts["s"]).icon_name == "faBolt"


def test_doubts_are_warnings(contio: FakeContio) -> None:
    app_id = contio.admin().admin.app.get().id
    own = own_step(contio, app_id)
    manifest = {
        "next_steps": [
            {"spec": {"name": "A", "type": "ai"}},
            {"id": own.id, "default_action_button": {"$ref": "b"}},
        ],
        "action_buttons": [{"spec": {**BUTTON, "$id": "b"}}],
    }
    told = contio.admin().admin.toolkits.create(body(manifest, dry_run=True))
    assert told.validation.valid
    assert [(w.path, w.code) for w in told.validation.warnings] == [
        ("next_steps[0].spec.ai_prompt", "MISSING_RECOMMENDED"),
        ("next_steps[1]", "RELATIONS_IGNORED"),
    ]


def test_conflicts_are_informational(contio: FakeContio) -> None:
    admin = contio.admin()
    own = own_step(contio, admin.admin.app.get().id, "A")
    own_step(contio, NOBODY, "A")
    told = admin.admin.toolkits.create(body(steps(spec=AI)))
    assert told.toolkit is not None
    (conflict,) = told.conflicts
    assert conflict.model_dump(exclude={"message"}) == {
        "entity_type": "next_step",
        "entity_name": "A",
        "conflict_type": "name_collision",
        "existing_entity_id": own.id,
        "resolution": "informational",
    }


def test_the_summary_counts_entries(contio: FakeContio) -> None:
    manifest = {"next_steps": [{"spec": AI}] * 2, "shortcuts": [{"spec": SHORTCUT}]}
    told = contio.admin().admin.toolkits.create(body(manifest, dry_run=True))
    assert told.summary.model_dump() == {
        "templates": 0, "next_steps": 2, "action_buttons": 0, "shortcuts": 1,
    }  # fmt: skip


def test_only_the_apps_own_entities_may_be_named(contio: FakeContio) -> None:
    admin = contio.admin()
    own, foreign = own_step(contio, admin.admin.app.get().id), own_step(contio, NOBODY)
    everybodys = own_step(contio, None)
    for step in (own, everybodys):
        assert admin.admin.toolkits.create(body(steps(id=step.id), dry_run=True)).validation.valid
    assert not admin.admin.toolkits.create(body(steps(id=foreign.id), dry_run=True)).validation.valid


def test_a_named_entity_of_the_app_is_copied_into_the_workspace(contio: FakeContio) -> None:
    admin, client = contio.admin(), contio.client()
    own, everybodys = own_step(contio, admin.admin.app.get().id), own_step(contio, None)
    manifest = {
        "next_steps": [{"id": own.id.upper()}, {"id": everybodys.id}],
        "templates": [
            {"spec": {"$id": "t", "name": "T"},
             "next_steps": [{"next_step": {"$id": own.id}}, {"next_step": {"$id": everybodys.id}}]}
        ],
    }  # fmt: skip
    made = admin.admin.toolkits.create(body(manifest)).toolkit
    assert made is not None
    installation = client.user.toolkits.install(made.id)
    assert installation.entities.next_steps == {}, "the map is of specified entities only"
    store = contio.sandbox.store
    (copy,) = store.next_steps.under("owner", f"installation:{installation.id}")
    assert (copy.name, copy.workspace_id) == (own.name, installation.workspace_id)
    template = store.templates.get(installation.entities.templates["t"])
    assert template is not None
    assert [link.next_step_id for link in template.next_steps] == [copy.id, everybodys.id]


@pytest.mark.parametrize("inline", [{"title": "x"}, {"agenda_items": []}, {"meeting_duration_seconds": 0}])
def test_a_backing_meeting_excludes_content_of_its_own(contio: FakeContio, inline: dict[str, Any]) -> None:
    meeting = contio.client().user.meetings.list().items[0]
    admin = contio.admin()
    fine = admin.admin.toolkits.create(body(template(backing_meeting_id=meeting.id), dry_run=True))
    assert fine.validation.valid
    both = admin.admin.toolkits.create(body(template(backing_meeting_id=meeting.id, **inline), dry_run=True))
    assert [(e.path, e.code) for e in both.validation.errors] == [
        ("templates[0].spec.backing_meeting_id", "MUTUALLY_EXCLUSIVE")
    ]


def test_a_backing_meetings_content_is_copied_when_it_is_installed(contio: FakeContio) -> None:
    client = contio.client()
    meeting = next(m for m in client.user.meetings.list().items if m.end_time)
    made = contio.admin().admin.toolkits.create(body(template(**{"$id": "t"}, backing_meeting_id=meeting.id)))
    assert made.toolkit is not None
    ids = client.user.toolkits.install(made.toolkit.id).entities
    copied = contio.sandbox.store.templates.get(ids.templates["t"])
    assert copied is not None
    assert (copied.title, copied.backing_meeting_id) == (meeting.title, meeting.id)
    assert copied.meeting_duration_seconds == (meeting.end_time - meeting.start_time).total_seconds()  # type: ignore[operator]
    assert "ada@example.com" in {person.email for person in copied.participants}


def test_a_manifest_may_be_written_as_a_model(contio: FakeContio) -> None:
    spec = ManifestNextStepSpec(ref_id="a", name="A", type="ai", ai_prompt="Write.")
    wish = ToolkitCreate(
        name="Kit", slug="kit", version="1", manifest=Manifest(next_steps=[ManifestNextStep(spec=spec)])
    )
    made = contio.admin().admin.toolkits.create(wish).toolkit
    assert made is not None
    assert made.manifest["next_steps"] == [{"spec": {"$id": "a", **AI}}]
    with pytest.raises(ValidationError):
        ManifestNextStepSpec(name="", type="ai")


@pytest.mark.parametrize(
    "manifest",
    [
        {"workflows": "x", "canvas_templates": 7},
        {"workflows": [{"spec": {"name": "W", "$id": ["x"], "spec": 7}}]},
        {"toolkit_prompt": "x" * 10_000},
        {"templates": None},
        steps(spec={**AI, "sort_order": 10**30}),
        template(time_allocation_minutes=1e308, start_time_offset_seconds=-1),
        {"x": json.loads("[" * 60 + "]" * 60)},
        steps(spec={**AI, "type": "ai", "redirect_url": ""}, action_buttons=[]),
    ],
)
def test_odd_manifests_are_stored_installed_and_exported(contio: FakeContio, manifest: Any) -> None:
    admin, client = contio.admin(), contio.client()
    made = admin.admin.toolkits.create(body(manifest)).toolkit
    assert made is not None
    client.user.toolkits.install(made.id)
    admin.admin.toolkits.export(made.id)
    client.user.toolkits.uninstall(client.user.profile.get().workspace_id, made.id)


def test_ref_and_id_without_a_dollar_are_not_references(contio: FakeContio) -> None:
    manifest = {
        **steps(spec=AI, default_action_button={"ref": "b", "id": NOBODY}),
        "action_buttons": [{"spec": {**BUTTON, "ref_id": "b"}}],
    }
    with pytest.raises(BadRequest) as refused:
        contio.admin().admin.toolkits.create(body(manifest))
    assert refused.value.code == "manifest_validation_failed"


def own_step(contio: FakeContio, app_id: str | None, name: str = "Own") -> NextStepRecord:
    ids, now = contio.sandbox.ids, contio.clock.now
    made = {"id": ids.uuid(), "created_at": now, "updated_at": now}
    return contio.sandbox.store.next_steps.insert(
        NextStepRecord(**made, name=name, app_id=app_id, type="ai", ai_prompt="Write.")
    )
