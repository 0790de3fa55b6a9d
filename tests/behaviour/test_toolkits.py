"""Toolkits, as users see them: listed, installed, uninstalled."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Conflict, Forbidden, NotFound
from contio_mock.contract.toolkits import InstallOptions, ListToolkits
from contio_mock.contract.wire import Request

TWO_APPS = str(Path(__file__).parents[1] / "oauth" / "data" / "two_apps.json")
CALLBACK = "http://localhost:3000/callback"
TOOLKITS = "/v1/partner/user/toolkits"
NOBODY = "00000000-0000-4000-8000-000000000000"
DEMO, BASICS = "engineering-rituals", "contio-basics"
KINDS = ("templates", "next_steps", "action_buttons", "shortcuts")


def by_slug(client: Contio, slug: str) -> Any:
    return next(t for t in client.every(ListToolkits()) if t.slug == slug)


def workspace(client: Contio) -> str:
    return client.user.profile.get().workspace_id


@cache
def seeded() -> frozenset[str]:
    """The ids of what the demo has before anything is installed."""
    store = FakeContio().sandbox.store
    return frozenset(entity.id for kind in KINDS for entity in getattr(store, kind))


def stored(contio: FakeContio) -> dict[str, list[Any]]:
    """What has been made since the demo began."""
    store = contio.sandbox.store
    return {kind: [one for one in getattr(store, kind) if one.id not in seeded()] for kind in KINDS}


def of_installation(contio: FakeContio, id_: str) -> dict[str, list[Any]]:
    store = contio.sandbox.store
    return {kind: getattr(store, kind).under("owner", f"installation:{id_}") for kind in KINDS}


# ---------------------------------------------------------------- listed


def test_the_apps_toolkits_come_first_then_contios_own(contio: FakeContio) -> None:
    page = contio.client().user.toolkits.list()
    assert [t.slug for t in page.items] == [DEMO, BASICS]
    assert (page.total, page.limit, page.offset) == (2, 25, 0)
    assert [t.ownership_type for t in page.items] == ["PARTNER", "SYSTEM"]
    demo = page.items[0]
    assert (demo.templates_count, demo.next_steps_count, demo.action_buttons_count) == (1, 2, 2)
    assert demo.is_active
    assert demo.version == "1.2.0"


def test_an_item_is_flat_and_a_pair(contio: FakeContio, raw: Any) -> None:
    client = contio.client()
    installation = client.user.toolkits.install(by_slug(client, DEMO).id)
    items = json.loads(raw("GET", TOOLKITS).body)["items"]
    flat = {k: v for k, v in items[0].items() if k not in ("toolkit", "installation")}
    assert items[0]["toolkit"] == flat
    assert items[0]["installation"]["id"] == installation.id
    assert "installation" not in items[1]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_go_from_app_to_app(contio: FakeContio, limit: int) -> None:
    admin = contio.admin()
    made = [create(admin, f"kit-{n}").id for n in range(4)]
    client = contio.client()
    listed = [t.id for t in client.every(ListToolkits(), limit)]
    assert listed[:4] == made[::-1]
    assert len(listed) == len(set(listed)) == 6
    assert client.user.toolkits.list(offset=6).items == []


@pytest.mark.contio(profile={"limit_above_maximum": "reject"})
def test_a_limit_above_100_may_be_refused(raw: Any) -> None:
    assert raw.code("GET", TOOLKITS, query="limit=101") == (400, "invalid_query_parameters")


def test_toolkits_of_apps_that_the_user_is_not_connected_to_do_not_exist() -> None:
    contio = FakeContio(scenario=TWO_APPS, check_answers=True)
    first, second = contio.admin(), second_admin(contio)
    ours, theirs = create(first, "ours"), create(second, "theirs")
    client = contio.client("new@example.com")
    assert [t.id for t in client.user.toolkits.list().items] == [ours.id]
    for call in (client.user.toolkits.get, client.user.toolkits.install):
        with pytest.raises(NotFound):
            call(theirs.id)


def test_toolkits_of_every_app_that_the_user_is_connected_to_are_listed() -> None:
    contio = FakeContio(scenario=TWO_APPS, auto_approve="new@example.com", check_answers=True)
    ours, theirs = create(contio.admin(), "ours"), create(second_admin(contio), "theirs")
    connect_second(contio)
    client = contio.client("new@example.com")
    assert [t.id for t in client.user.toolkits.list().items] == [ours.id, theirs.id]
    assert client.user.toolkits.install(theirs.id).toolkit_id == theirs.id


def test_what_is_inactive_or_not_published_cannot_be_installed() -> None:
    contio = FakeContio(check_answers=True, profile={"new_toolkit_version": "DRAFT"})
    admin, client = contio.admin(), contio.client()
    draft = create(admin, "draft")
    inactive = by_slug(client, DEMO)
    client.user.toolkits.install(inactive.id)
    admin.admin.toolkits.update(inactive.id, {"is_active": False})
    colleague = contio.client("linus@example.net")
    for id_ in (draft.id, inactive.id):
        assert id_ not in {t.id for t in client.user.toolkits.list().items}
        with pytest.raises(NotFound):
            colleague.user.toolkits.install(id_)
    assert client.user.toolkits.get(inactive.id).installation, "who has it still sees it"
    with pytest.raises(NotFound):
        colleague.user.toolkits.get(inactive.id)
    assert client.user.toolkits.installed(workspace(client)).total == 1


# ---------------------------------------------------------------- installed


def test_installing_makes_everything_that_the_manifest_specifies(contio: FakeContio) -> None:
    client = contio.client()
    toolkit, me = by_slug(client, DEMO), client.user.profile.get()
    made = client.user.toolkits.install(toolkit.id)
    assert made.installed_by == made.installed_by_user_id == me.id
    assert (made.toolkit_id, made.workspace_id) == (toolkit.id, me.workspace_id)
    assert made.installed_at == contio.clock.now
    ids = made.entities
    assert set(ids.templates) == {"weekly-review"}
    assert set(ids.next_steps) == {"follow-up", "open-board"}
    assert set(ids.action_buttons) == {"mail", "ticket"}
    assert set(ids.shortcuts) == {"risks"}
    store = contio.sandbox.store
    template = store.templates.get(ids.templates["weekly-review"])
    assert template is not None
    assert template.ownership_type == "PARTNER"
    assert template.workspace_id == me.workspace_id
    assert template.installation_id == made.id
    assert template.app_id == store.toolkits.get(toolkit.id).partner_app_id
    assert [i.title for i in template.agenda_items] == [
        "What moved",
        "What is in the way",
        "Done for this week",
    ]
    assert [(n.next_step_id, n.sort_order, n.autopilot) for n in template.next_steps] == [
        (ids.next_steps["follow-up"], 1, True),
        (ids.next_steps["open-board"], 2, False),
    ]
    step = store.next_steps.get(ids.next_steps["follow-up"])
    assert step is not None
    assert [b.action_button_id for b in step.action_buttons] == [
        ids.action_buttons["mail"],
        ids.action_buttons["ticket"],
    ]
    assert step.default_action_button_id == ids.action_buttons["mail"]
    assert store.shortcuts.get(ids.shortcuts["risks"]).surfaces[0].surface == "MEETING_REVIEW"
    assert contio.events == []


def test_contios_own_toolkit_makes_system_templates(contio: FakeContio) -> None:
    client = contio.client()
    made = client.user.toolkits.install(by_slug(client, BASICS).id)
    template = contio.sandbox.store.templates.get(made.entities.templates["one-on-one"])
    assert template is not None
    assert (template.ownership_type, template.app_id) == ("SYSTEM", None)


def test_a_workspace_has_a_toolkit_once(contio: FakeContio) -> None:
    client, colleague = contio.client(), contio.client("grace@example.com")
    toolkit = by_slug(client, DEMO)
    made = client.user.toolkits.install(toolkit.id)
    before = stored(contio)
    with pytest.raises(Conflict) as refused:
        colleague.user.toolkits.install(toolkit.id)
    assert refused.value.code == "resource_already_exists"
    assert stored(contio) == before
    assert colleague.user.toolkits.get(toolkit.id).installation == made
    elsewhere = contio.client("linus@example.net").user.toolkits.install(toolkit.id)
    assert elsewhere.entities.templates != made.entities.templates


def test_a_dry_run_installs_nothing(contio: FakeContio) -> None:
    client = contio.client()
    toolkit = by_slug(client, DEMO)
    shown = client.user.toolkits.install(toolkit.id, InstallOptions(dry_run=True))
    assert shown.toolkit_id == toolkit.id
    assert not any(stored(contio).values())
    assert client.user.toolkits.get(toolkit.id).installation is None
    client.user.toolkits.install(toolkit.id, InstallOptions(dry_run=False))
    with pytest.raises(Conflict):
        client.user.toolkits.install(toolkit.id, InstallOptions(dry_run=True))


def test_the_workspace_may_be_named_if_it_is_the_users_own(contio: FakeContio) -> None:
    client = contio.client()
    toolkit = by_slug(client, DEMO)
    foreign = workspace(contio.client("linus@example.net"))
    with pytest.raises(NotFound):
        client.user.toolkits.install(toolkit.id, InstallOptions(workspace_id=foreign))
    assert not any(stored(contio).values())
    assert client.user.toolkits.install(toolkit.id, InstallOptions(workspace_id=workspace(client)))


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}])
def test_no_body_is_needed(contio: FakeContio, raw: Any, headers: dict[str, str]) -> None:
    id_ = by_slug(contio.client(), DEMO).id
    assert raw("POST", f"{TOOLKITS}/{id_}/install", headers=headers).status == 200


def test_an_idempotent_installation_is_replayed(contio: FakeContio, raw: Any) -> None:
    path = f"{TOOLKITS}/{by_slug(contio.client(), DEMO).id}/install"
    first, again = (raw("POST", path, headers={"idempotency-key": "k"}) for _ in range(2))
    assert first.body == again.body
    assert again.header("idempotent-replayed") == "true"


@pytest.mark.parametrize(("role", "email", "fine"), [
    ("member", "hedy@example.com", True),
    ("admin", "hedy@example.com", False),
    ("admin", "ada@example.com", True),
])  # fmt: skip
def test_who_may_install_is_a_profile_option(role: str, email: str, fine: bool) -> None:
    contio = FakeContio(check_answers=True, profile={"toolkit_install_role": role})
    client, owner = contio.client(email), contio.client("ada@example.com")
    toolkit = by_slug(client, DEMO)
    if fine:
        client.user.toolkits.install(toolkit.id)
        client.user.toolkits.uninstall(workspace(client), toolkit.id)
        return
    with pytest.raises(Forbidden):
        client.user.toolkits.install(toolkit.id)
    owner.user.toolkits.install(toolkit.id)
    with pytest.raises(Forbidden):
        client.user.toolkits.uninstall(workspace(client), toolkit.id)
    assert client.user.toolkits.get(toolkit.id).installation is not None


# ---------------------------------------------------------------- the workspace's list


def test_a_workspace_lists_what_it_has_newest_first(contio: FakeContio) -> None:
    client = contio.client()
    made = [client.user.toolkits.install(by_slug(client, slug).id) for slug in (DEMO, BASICS)]
    page = client.user.toolkits.installed(workspace(client))
    assert [pair.installation for pair in page.items] == made[::-1]
    assert [pair.toolkit.slug for pair in page.items] == [BASICS, DEMO]
    assert (page.total, page.limit, page.offset) == (2, 2, 0)
    assert contio.client("linus@example.net").user.toolkits.list().items[0].installation is None


def test_another_workspace_is_not_found(contio: FakeContio) -> None:
    client = contio.client()
    toolkit = by_slug(client, DEMO)
    other = contio.client("linus@example.net")
    other.user.toolkits.install(toolkit.id)
    for id_ in (workspace(other), NOBODY):
        with pytest.raises(NotFound):
            client.user.toolkits.installed(id_)
        with pytest.raises(NotFound):
            client.user.toolkits.uninstall(id_, toolkit.id)
    assert other.user.toolkits.get(toolkit.id).installation is not None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{TOOLKITS}/x"),
        ("POST", f"{TOOLKITS}/x/install"),
        ("DELETE", f"{TOOLKITS}/x/uninstall"),
        ("GET", "/v1/partner/user/workspaces/x/toolkits"),
        ("DELETE", f"/v1/partner/user/workspaces/x/toolkits/{NOBODY}"),
    ],
)
def test_a_malformed_id_is_a_bad_request(raw: Any, method: str, path: str) -> None:
    assert raw.code(method, path) == (400, "bad_request")


@pytest.mark.parametrize("body", [[], "x", {"dry_run": "yes"}, {"workspace_id": "mine"}, b"{"])
def test_a_broken_body_installs_nothing(contio: FakeContio, raw: Any, body: Any) -> None:
    path = f"{TOOLKITS}/{by_slug(contio.client(), DEMO).id}/install"
    assert raw("POST", path, body).status == 400
    assert not any(stored(contio).values())


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", TOOLKITS, "toolkits:read"),
        ("GET", f"{TOOLKITS}/{NOBODY}", "toolkits:read"),
        ("POST", f"{TOOLKITS}/{NOBODY}/install", "toolkits:write"),
        ("DELETE", f"{TOOLKITS}/{NOBODY}/uninstall", "toolkits:write"),
        ("GET", f"/v1/partner/user/workspaces/{NOBODY}/toolkits", "toolkits:read"),
        ("DELETE", f"/v1/partner/user/workspaces/{NOBODY}/toolkits/{NOBODY}", "toolkits:write"),
    ],
)
def test_each_operation_needs_its_scope(
    contio: FakeContio, raw_of: Any, method: str, path: str, scope: str
) -> None:
    other = {"toolkits:read": "toolkits:write", "toolkits:write": "toolkits:read"}[scope]
    for given, statuses in ((other, (403,)), (scope, (200, 404))):
        tokens = contio.client(scope=given).tokens
        assert tokens is not None
        assert raw_of(contio, token=tokens.access_token)(method, path).status in statuses


# ---------------------------------------------------------------- uninstalled


@pytest.mark.parametrize("way", ["documented", "sdk"])
def test_uninstalling_takes_everything_away_again(contio: FakeContio, raw: Any, way: str) -> None:
    client = contio.client()
    toolkit = by_slug(client, DEMO)
    other = contio.client("linus@example.net").user.toolkits.install(toolkit.id)
    others = of_installation(contio, other.id)
    client.user.toolkits.install(toolkit.id)
    if way == "sdk":
        answer = raw("DELETE", f"{TOOLKITS}/{toolkit.id}/uninstall")
        assert (answer.status, answer.body) == (204, b"")
        assert answer.header("x-contio-mock-undocumented")
    else:
        client.user.toolkits.uninstall(workspace(client), toolkit.id)
    assert stored(contio) == others, "the other workspace keeps its own"
    assert client.user.toolkits.installed(workspace(client)).items == []
    assert client.user.toolkits.get(toolkit.id).installation is None
    assert raw.code("DELETE", f"{TOOLKITS}/{toolkit.id}/uninstall") == (404, "not_found")
    with pytest.raises(NotFound):
        client.user.toolkits.uninstall(workspace(client), toolkit.id)


def test_a_toolkit_can_be_installed_again(contio: FakeContio) -> None:
    client = contio.client()
    toolkit = by_slug(client, DEMO)
    first = client.user.toolkits.install(toolkit.id)
    client.user.toolkits.uninstall(workspace(client), toolkit.id)
    contio.clock.advance("1h")
    again = client.user.toolkits.install(toolkit.id)
    assert again.id != first.id
    assert again.installed_at == contio.clock.now
    assert len(contio.sandbox.store.installations) == 1


def test_entities_may_stay_as_the_workspaces_own() -> None:
    contio = FakeContio(check_answers=True, profile={"uninstalled_entities": "kept"})
    client = contio.client()
    toolkit, mine = by_slug(client, DEMO), workspace(client)
    made = client.user.toolkits.install(toolkit.id)
    client.user.toolkits.uninstall(mine, toolkit.id)
    store = contio.sandbox.store
    template = store.templates.get(made.entities.templates["weekly-review"])
    assert template is not None
    assert (template.ownership_type, template.installation_id, template.app_id) == ("WORKSPACE", None, None)
    assert template in store.templates.under("owner", f"workspace:{mine}")
    client.user.toolkits.install(toolkit.id)
    assert len(stored(contio)["templates"]) == 2


# ---------------------------------------------------------------- what the SDKs call and no document has


def test_a_single_toolkit_is_a_pair(contio: FakeContio, raw: Any) -> None:
    client = contio.client()
    item = by_slug(client, DEMO)
    answer = raw("GET", f"{TOOLKITS}/{item.id}")
    assert answer.header("x-contio-mock-undocumented")
    assert json.loads(answer.body) == {"toolkit": json.loads(item.toolkit.model_dump_json(exclude_none=True))}
    assert raw.code("GET", f"{TOOLKITS}/{NOBODY}") == (404, "not_found")


@pytest.mark.contio(strict=True)
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", "/uninstall")])
def test_a_strict_contio_has_no_such_operations(contio: FakeContio, raw: Any, method: str, path: str) -> None:
    id_ = by_slug(contio.client(), DEMO).id
    answer = raw(method, f"{TOOLKITS}/{id_}{path}")
    assert answer.status == 404
    assert b"has no operation" in answer.body


def test_a_release_before_1_6_shows_no_entities() -> None:
    contio = FakeContio(release="1.5", check_answers=True)
    client = contio.client()
    tokens = client.tokens
    assert tokens is not None
    id_ = next(iter(contio.sandbox.store.toolkits)).id
    headers = {"authorization": f"Bearer {tokens.access_token}"}
    answer = contio.handle(Request("POST", f"{TOOLKITS}/{id_}/install", "", headers))
    assert "entities" not in json.loads(answer.body)
    assert len(stored(contio)["templates"]) == 1


# ---------------------------------------------------------------- workflows


def test_a_manifests_workflows_are_known_to_the_workspace(contio: FakeContio) -> None:
    admin, client = contio.admin(), contio.client()
    graph = {"nodes": [{"id": "a"}], "edges": []}
    listed = [
        {"spec": {"$id": "w", "name": "Approve", "description": "Ask", "spec": graph}},
        {"spec": {"$id": "w", "name": "Twin"}},
        {"name": "No id", "is_active": False},
        {"id": NOBODY},
        "nonsense",
        {"spec": {"name": 1}},
    ]
    toolkit = create(admin, "flows", {"workflows": listed})
    assert toolkit.manifest["workflows"] == listed
    made = client.user.toolkits.install(toolkit.id)
    brought = [
        t for t in admin.admin.workflow_templates.list().items if t.name in ("Approve", "No id", "Twin")
    ]
    assert {(t.name, t.description, t.is_active, t.workspace_id) for t in brought} == {
        ("Approve", "Ask", True, workspace(client)),
        ("No id", None, False, workspace(client)),
        ("Twin", None, True, workspace(client)),
    }
    (approve,) = [t.id for t in brought if t.name == "Approve"]
    assert admin.admin.workflow_templates.get(approve).spec == graph
    assert made.toolkit_id == toolkit.id
    client.user.toolkits.uninstall(workspace(client), toolkit.id)
    left = [t.name for t in admin.admin.workflow_templates.list().items]
    assert not {"Approve", "No id", "Twin"} & set(left)


def flow(ref: str, name: str, node: str = "a") -> dict[str, Any]:
    return {"spec": {"$id": ref, "name": name, "spec": {"nodes": [{"id": node}]}}}


def flows(contio: FakeContio) -> dict[str, Any]:
    """The workflow templates that toolkits of these tests brought, by their ids."""
    before = {template.id for template in FakeContio().sandbox.store.workflow_templates}
    return {t.id: t for t in contio.sandbox.store.workflow_templates if t.id not in before}


def test_an_upgrade_changes_workflows_and_keeps_their_ids(contio: FakeContio) -> None:
    admin, client = contio.admin().admin, contio.client()
    toolkit = create(
        contio.admin(), "flows", {"workflows": [flow("a", "A"), flow("gone", "Gone"), flow("b", "B")]}
    )
    client.user.toolkits.install(toolkit.id)
    first = {template.name: template for template in flows(contio).values()}
    contio.clock.advance("1h")
    manifest = {"workflows": [flow("b", "B"), flow("new", "New"), flow("a", "A, better", "z")]}
    draft = admin.toolkits.versions.create(toolkit.id, {"version_label": "2", "manifest": manifest}).version
    assert draft is not None
    admin.toolkits.versions.publish(toolkit.id, draft.id, {"propagation": "normal"})
    now = {template.name: template for template in flows(contio).values()}
    assert now.keys() == {"A, better", "B", "New"}
    assert now["B"] == first["B"], "what did not change is as old as before"
    better = now["A, better"]
    assert (better.id, better.created_at) == (first["A"].id, first["A"].created_at)
    assert better.updated_at == contio.clock.now
    assert admin.workflow_templates.get(better.id).spec == {"nodes": [{"id": "z"}]}
    with pytest.raises(NotFound):
        admin.workflow_templates.get(first["Gone"].id)


@pytest.mark.parametrize("way", ["uninstall", "delete"])
@pytest.mark.parametrize("kept", [True, False])
def test_workflows_stay_or_go_with_the_other_entities(way: str, kept: bool) -> None:
    profile = {
        "uninstalled_entities": "kept" if kept else "removed",
        "deleted_toolkit_installations": "kept" if kept else "uninstalled",
    }
    contio = FakeContio(check_answers=True, profile=profile)
    client, other = contio.client(), contio.client("linus@example.net")
    toolkit = create(contio.admin(), "flows", {"workflows": [flow("a", "A")]})
    client.user.toolkits.install(toolkit.id)
    (mine,) = flows(contio)
    other.user.toolkits.install(toolkit.id)
    (theirs,) = flows(contio).keys() - {mine}
    if way == "delete":
        contio.admin().admin.toolkits.delete(toolkit.id)
        assert flows(contio).keys() == ({mine, theirs} if kept else set())
    else:
        client.user.toolkits.uninstall(workspace(client), toolkit.id)
        assert flows(contio).keys() == ({mine, theirs} if kept else {theirs})
    if kept:
        assert flows(contio)[mine].installation_id is None
        run = client.user.workflow_runs.create(
            {"workflow_template_id": mine, "originating_id": NOBODY, "originating_type": "canvas"}
        )
        assert run.workflow_template_id == mine
    else:
        again = create(contio.admin(), "more", {"workflows": [flow("a", "A")]})
        client.user.toolkits.install(again.id)
        assert mine not in flows(contio), "what comes back is another"


# ---------------------------------------------------------------- what the tests above are made with


def create(admin: Contio, slug: str, manifest: dict[str, Any] | None = None) -> Any:
    body = {"name": slug.title(), "slug": slug, "version": "1.0.0", "manifest": manifest or {}}
    return admin.admin.toolkits.create(body).toolkit


def second_admin(contio: FakeContio) -> Contio:
    return Contio(
        base_url=contio.control.base_url,
        client_id="partner_second",
        api_key="ctio_second",
        transport=contio.handle,
    )


def connect_second(contio: FakeContio) -> None:
    """Let the user of `auto_approve` connect to the second app."""
    wish = {"client_id": "partner_second", "redirect_uri": CALLBACK, "response_type": "code"}
    answer = contio.handle(Request("GET", "/oauth2/authorize", urlencode({**wish, "scope": "openid"})))
    code = parse_qs(urlsplit(answer.header("location") or "").query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    secret = {"client_id": "partner_second", "client_secret": "cs second/é+%"}
    contio.control.oauth.token({**form, **secret})
