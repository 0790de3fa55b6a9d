"""Toolkits, as the app that makes them manages them: versions, propagation, installations."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Conflict, NotFound
from contio_mock.contract.toolkit_management import AdminListToolkits
from contio_mock.contract.wire import Request

TWO_APPS = str(Path(__file__).parents[1] / "oauth" / "data" / "two_apps.json")
ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
TOOLKITS = "/v1/partner/admin/toolkits"
NOBODY = "00000000-0000-4000-8000-000000000000"
OLD = {"next_steps": [{"spec": {"$id": "a", "name": "A", "type": "ai"}},
                      {"spec": {"$id": "gone", "name": "Gone", "type": "ai"}},
                      {"spec": {"name": "Nameless", "type": "ai"}}]}  # fmt: skip
NEW = {"next_steps": [{"spec": {"$id": "new", "name": "New", "type": "ai"}},
                      {"spec": {"$id": "a", "name": "A, better", "type": "ai"}}]}  # fmt: skip


class Kit:
    """One toolkit and everybody who has to do with it."""

    def __init__(self, contio: FakeContio, manifest: Any = None, slug: str = "kit") -> None:
        self.contio, self.client = contio, contio.admin()
        self.calls = self.client.admin.toolkits
        body = {"name": "Kit", "slug": slug, "version": "1.0", "manifest": manifest or OLD}
        made = self.calls.create(body).toolkit
        assert made is not None
        self.id = made.id

    def install(self, email: str = "ada@example.com") -> Any:
        return self.contio.client(email).user.toolkits.install(self.id)

    def uninstall(self, email: str = "ada@example.com") -> None:
        client = self.contio.client(email)
        client.user.toolkits.uninstall(client.user.profile.get().workspace_id, self.id)

    def installed(self, email: str = "ada@example.com") -> Any:
        return self.contio.client(email).user.toolkits.get(self.id).installation

    def names(self, installation_id: str) -> set[str]:
        found = self.contio.sandbox.store.next_steps.under("owner", f"installation:{installation_id}")
        return {step.name for step in found}

    def draft(self, manifest: Any = None, label: str = "2.0") -> str:
        body = {"version_label": label, "manifest": manifest or NEW}
        version = self.calls.versions.create(self.id, body).version
        assert version is not None
        return version.id

    def publish(self, version: str, propagation: str | None = None) -> None:
        body = {"propagation": propagation} if propagation else None
        self.calls.versions.publish(self.id, version, body)

    def statuses(self) -> list[str]:
        return [version.status for version in self.calls.versions.list(self.id)]


@pytest.fixture
def kit(contio: FakeContio) -> Kit:
    return Kit(contio)


# ---------------------------------------------------------------- toolkits


def test_a_new_toolkit_has_a_published_version(kit: Kit) -> None:
    toolkit = kit.calls.get(kit.id)
    app, now = kit.client.admin.app.get(), kit.contio.clock.now
    assert toolkit.model_dump(exclude={"manifest", "id"}) == {
        "name": "Kit", "slug": "kit", "version": "1.0", "description": None, "is_active": True,
        "ownership_type": "PARTNER", "partner_app_id": app.id, "auto_propagate": False,
        "auto_install_on_new_workspaces": False, "created_at": now, "updated_at": now,
    }  # fmt: skip
    (version,) = kit.calls.versions.list(kit.id)
    assert (version.version_number, version.version_label, version.status) == (1, "1.0", "PUBLISHED")
    assert version.manifest == toolkit.manifest
    assert version.published_at == now
    assert kit.calls.versions.get(kit.id, version.id) == version


def test_a_profile_may_begin_with_a_draft() -> None:
    kit = Kit(FakeContio(check_answers=True, profile={"new_toolkit_version": "DRAFT"}))
    (version,) = kit.calls.versions.list(kit.id)
    assert version.status == "DRAFT"
    with pytest.raises(NotFound):
        kit.install()
    kit.calls.versions.update(kit.id, version.id, {"version_label": "0.9", "manifest": NEW})
    assert kit.calls.get(kit.id).version == "0.9"
    with pytest.raises(BadRequest):
        kit.calls.versions.discard(kit.id, version.id)
    kit.publish(version.id)
    assert kit.names(kit.install().id) == {"New", "A, better"}


@pytest.mark.parametrize(("setting", "error"), [("409", Conflict), ("400", BadRequest)])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_slug_is_the_apps_once(setting: str, error: type[Exception], dry_run: bool) -> None:
    kit = Kit(FakeContio(check_answers=True, profile={"slug_collision_status": setting}))
    total = kit.calls.list().total
    with pytest.raises(error) as refused:
        kit.calls.create({"name": "x", "slug": "kit", "version": "1", "manifest": {}, "dry_run": dry_run})
    assert refused.value.code == "toolkit_slug_collision"  # type: ignore[attr-defined]
    assert kit.calls.list().total == total
    kit.calls.delete(kit.id)
    Kit(kit.contio)


def test_another_apps_toolkit_is_not_found() -> None:
    contio = FakeContio(scenario=TWO_APPS, check_answers=True)
    kit = Kit(contio)
    version = kit.calls.versions.list(kit.id)[0].id
    other = Contio(base_url=contio.control.base_url, client_id="partner_second", api_key="ctio_second",
                   transport=contio.handle).admin  # fmt: skip
    assert other.toolkits.list().items == []
    foreign = other.toolkits
    for call in (
        lambda: foreign.get(kit.id), lambda: foreign.delete(kit.id), lambda: foreign.export(kit.id),
        lambda: foreign.update(kit.id, {"name": "Mine"}), lambda: foreign.installations(kit.id),
        lambda: foreign.versions.list(kit.id), lambda: foreign.versions.get(kit.id, version),
        lambda: foreign.versions.create(kit.id, {"version_label": "2", "manifest": {}}),
        lambda: foreign.versions.update(kit.id, version, {"changelog": "x"}),
        lambda: foreign.versions.publish(kit.id, version), lambda: foreign.versions.republish(kit.id, version),
        lambda: foreign.versions.discard(kit.id, version),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            call()
    assert other.toolkits.create({"name": "x", "slug": "kit", "version": "1", "manifest": {}}).toolkit
    mine = Kit(contio, slug="mine")
    with pytest.raises(NotFound):
        kit.calls.versions.get(mine.id, version)


def test_contios_own_toolkits_are_no_apps(contio: FakeContio) -> None:
    own = next(t for t in contio.client().user.toolkits.list().items if t.ownership_type == "SYSTEM")
    assert own.id not in {t.id for t in contio.admin().every(AdminListToolkits())}
    with pytest.raises(NotFound):
        contio.admin().admin.toolkits.get(own.id)


def test_a_list_is_newest_first_with_50_to_a_page(contio: FakeContio) -> None:
    made = [Kit(contio, slug=f"kit-{n}").id for n in range(51)]
    page = contio.admin().admin.toolkits.list()
    assert (len(page.items), page.total, page.limit) == (50, 52, 50)
    assert [t.id for t in page.items] == made[:0:-1]


@pytest.mark.parametrize("change", [
    {"name": "Other"}, {"description": "New"}, {"auto_propagate": True},
    {"auto_install_on_new_workspaces": True}, {"is_active": False}, {"name": None}, {},
])  # fmt: skip
def test_a_patch_changes_what_it_sends(kit: Kit, change: dict[str, Any]) -> None:
    before = kit.calls.get(kit.id)
    kit.contio.clock.advance("1m")
    given = {k: v for k, v in change.items() if v is not None}
    expected = before.model_copy(update={**given, "updated_at": kit.contio.clock.now})
    assert kit.calls.update(kit.id, change) == expected
    assert kit.calls.get(kit.id) == expected


@pytest.mark.parametrize("change", [{"manifest": NEW}, {"version": "2"}, {"name": "x", "version": "2"}])
def test_versions_are_not_changed_by_a_patch(kit: Kit, change: dict[str, Any]) -> None:
    before = kit.calls.get(kit.id)
    with pytest.raises(Conflict) as refused:
        kit.calls.update(kit.id, change)
    assert refused.value.code == "conflict"
    assert kit.calls.get(kit.id) == before


def test_the_sdks_put_is_the_patch(kit: Kit, raw: Any) -> None:
    answer = raw("PUT", f"{TOOLKITS}/{kit.id}", {"name": "Put"}, headers=ADMIN)
    assert answer.status == 200
    assert answer.header("x-contio-mock-undocumented")
    assert kit.calls.get(kit.id).name == "Put"
    assert raw("PUT", f"{TOOLKITS}/{kit.id}", {"version": "2"}, headers=ADMIN).status == 409


@pytest.mark.parametrize("release", ["1.5", "1.6"])
def test_older_releases_publish_the_put(release: str) -> None:
    contio = FakeContio(release=release, check_answers=True)
    made = admin_call(contio, "POST", "", {"name": "K", "slug": "k", "version": "1", "manifest": OLD})
    toolkit = made[1] if release == "1.5" else made[1]["toolkit"]
    assert made[0] == 201
    assert "auto_propagate" not in toolkit
    path = f"/{toolkit['id']}"
    assert admin_call(contio, "PUT", path, {"name": "New name"})[1]["name"] == "New name"
    assert admin_call(contio, "PATCH", path, {"name": "x"})[0] == 405
    status, changed = admin_call(contio, "PUT", path, {"manifest": NEW, "version": "2"})
    if release == "1.6":
        assert (status, changed["code"]) == (409, "conflict")
        return
    assert (status, changed["version"], changed["name"]) == (200, "2", "New name")
    assert changed["manifest"]["next_steps"] == NEW["next_steps"]
    assert admin_call(contio, "PUT", path, {"version": "3"})[1]["manifest"] == changed["manifest"]
    assert admin_call(contio, "PUT", path, {"manifest": {"templates": [{}]}})[0] == 400
    assert admin_call(contio, "GET", path, None)[1]["version"] == "3"
    assert admin_call(contio, "GET", f"{path}/versions", None)[0] == 404


@pytest.mark.parametrize("setting", ["envelope", "merged"])
def test_a_profile_may_repeat_the_members_at_the_top(setting: str) -> None:
    contio = FakeContio(release="1.6", check_answers=True, profile={"created_toolkit_members": setting})
    body = {"name": "K", "slug": "k", "version": "1", "manifest": OLD}
    _, made = admin_call(contio, "POST", "", body)
    _, draft = admin_call(
        contio, "POST", f"/{made['toolkit']['id']}/versions", {"version_label": "2", "manifest": NEW}
    )
    for answer, inner in ((made, made["toolkit"]), (draft, draft["version"])):
        merged = all(answer.get(name) == value for name, value in inner.items())
        assert merged == (setting == "merged")
        assert answer["validation"]["valid"]


@pytest.mark.parametrize(("setting", "kept"), [("uninstalled", False), ("kept", True)])
def test_deleting_a_toolkit_ends_its_installations(setting: str, kept: bool) -> None:
    kit = Kit(FakeContio(check_answers=True, profile={"deleted_toolkit_installations": setting}))
    made = kit.install()
    kit.calls.delete(kit.id)
    store = kit.contio.sandbox.store
    step = store.next_steps.get(made.entities.next_steps["a"])
    assert (step is not None) == kept
    if step is not None:
        assert (step.installation_id, step.app_id) == (None, None)
    assert (len(store.installations), store.toolkit_versions.count("key", kit.id)) == (0, 0)
    for call in (kit.calls.get, kit.calls.delete, kit.calls.versions.list):
        with pytest.raises(NotFound):
            call(kit.id)
    assert all(t.id != kit.id for t in kit.contio.client().user.toolkits.list().items)


@pytest.mark.parametrize("id_", ["x", NOBODY])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("PATCH", ""), ("GET", "/installations"), ("GET", "/versions"),
     ("POST", "/versions"), ("GET", f"/versions/{NOBODY}"), ("DELETE", f"/versions/{NOBODY}"),
     ("PATCH", f"/versions/{NOBODY}"), ("POST", f"/versions/{NOBODY}/publish"),
     ("POST", f"/versions/{NOBODY}/republish"), ("GET", "/export")],
)  # fmt: skip
def test_unknown_and_malformed_ids(raw: Any, method: str, path: str, id_: str) -> None:
    body = {"version_label": "1", "manifest": {}} if path == "/versions" and method == "POST" else {}
    sent = (body,) if method in ("POST", "PATCH") else ()
    expected = (404, "not_found") if id_ == NOBODY or path == "/export" else (400, "bad_request")
    assert raw.code(method, f"{TOOLKITS}/{id_}{path}", *sent, headers=ADMIN) == expected


def test_a_malformed_version_id_is_a_bad_request(kit: Kit, raw: Any) -> None:
    path = f"{TOOLKITS}/{kit.id}/versions/x"
    for method, end in (("GET", ""), ("DELETE", ""), ("POST", "/publish"), ("POST", "/republish")):
        assert raw.code(method, path + end, headers=ADMIN) == (400, "bad_request")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_users_token_manages_nothing(raw: Any, method: str) -> None:
    assert raw.code(method, TOOLKITS, {}) == (401, "unauthorized")


@pytest.mark.parametrize("body", [
    {"name": "", "slug": "s", "version": "1", "manifest": {}},
    {"name": "x", "slug": "", "version": "1", "manifest": {}},
    {"name": "x", "slug": "s" * 101, "version": "1", "manifest": {}},
    {"name": "x", "slug": "s", "manifest": {}},
    {"name": "x", "slug": "s", "version": "1"},
    {"name": "x", "slug": "s", "version": "1", "manifest": {}, "description": "x" * 1001},
    {"name": "x", "slug": "s", "version": "1", "manifest": {}, "dry_run": "no"},
])  # fmt: skip
def test_a_broken_toolkit_is_refused(raw: Any, body: Any) -> None:
    assert raw.code("POST", TOOLKITS, body, headers=ADMIN) == (400, "validation_error")


# ---------------------------------------------------------------- versions


def test_there_is_one_draft_at_a_time(kit: Kit) -> None:
    draft = kit.draft()
    for dry_run in (True, False):
        body = {"version_label": "3", "manifest": {}, "dry_run": dry_run}
        with pytest.raises(Conflict) as refused:
            kit.calls.versions.create(kit.id, body)
        assert refused.value.code == "conflict"
    assert kit.statuses() == ["PUBLISHED", "DRAFT"]
    kit.calls.versions.discard(kit.id, draft)
    assert kit.statuses() == ["PUBLISHED"]
    with pytest.raises(NotFound):
        kit.calls.versions.get(kit.id, draft)
    kit.draft()


def test_a_dry_run_drafts_nothing(kit: Kit, raw: Any) -> None:
    body = {"version_label": "2", "manifest": {"templates": [{}]}, "dry_run": True}
    answer = raw("POST", f"{TOOLKITS}/{kit.id}/versions", body, headers=ADMIN)
    told = json.loads(answer.body)
    assert answer.status == 200
    assert told["validation"]["errors"][0]["path"] == "templates[0]"
    assert "version" not in told
    assert kit.statuses() == ["PUBLISHED"]
    assert (
        raw("POST", f"{TOOLKITS}/{kit.id}/versions", {**body, "dry_run": False}, headers=ADMIN).status == 400
    )


def test_a_draft_can_be_changed_and_nobody_sees_it(kit: Kit) -> None:
    draft = kit.draft()
    kit.contio.clock.advance("1m")
    changed = kit.calls.versions.update(kit.id, draft, {"changelog": "Better", "version_label": "2.1"})
    assert (changed.changelog, changed.version_label, changed.status) == ("Better", "2.1", "DRAFT")
    assert changed.updated_at == kit.contio.clock.now
    again = kit.calls.versions.update(kit.id, draft, {"manifest": {}})
    assert again.manifest == {"templates": [], "next_steps": [], "action_buttons": [], "shortcuts": []}
    with pytest.raises(BadRequest) as refused:
        kit.calls.versions.update(kit.id, draft, {"manifest": {"templates": [{}]}})
    assert refused.value.code == "manifest_validation_failed"
    assert kit.calls.versions.get(kit.id, draft) == again
    assert kit.calls.get(kit.id).version == "1.0"


def test_publishing_deprecates_the_version_before(kit: Kit) -> None:
    first = kit.calls.versions.list(kit.id)[0]
    draft = kit.draft()
    kit.contio.clock.advance("1h")
    kit.publish(draft)
    before, now_published = kit.calls.versions.list(kit.id)
    assert (before.id, before.status, before.deprecated_at) == (first.id, "DEPRECATED", kit.contio.clock.now)
    assert (now_published.id, now_published.status, now_published.version_number) == (draft, "PUBLISHED", 2)
    toolkit = kit.calls.get(kit.id)
    assert (toolkit.version, toolkit.manifest) == ("2.0", now_published.manifest)
    assert kit.names(kit.install().id) == {"New", "A, better"}


def test_only_drafts_are_changed_published_and_discarded(kit: Kit) -> None:
    first = kit.calls.versions.list(kit.id)[0].id
    kit.publish(kit.draft())
    published = kit.calls.versions.list(kit.id)[1].id
    before = kit.calls.versions.list(kit.id)
    versions = kit.calls.versions
    for id_ in (first, published):
        for call in (
            lambda: versions.update(kit.id, id_, {"changelog": "x"}),  # noqa: B023
            lambda: versions.publish(kit.id, id_),  # noqa: B023
            lambda: versions.discard(kit.id, id_),  # noqa: B023
        ):
            with pytest.raises(BadRequest) as refused:
                call()
            assert refused.value.code == "bad_request"
    assert kit.calls.versions.list(kit.id) == before


def test_a_deprecated_version_can_be_published_again(kit: Kit) -> None:
    first = kit.calls.versions.list(kit.id)[0].id
    draft = kit.draft()
    for id_ in (first, draft):
        with pytest.raises(BadRequest):
            kit.calls.versions.republish(kit.id, id_)
    kit.publish(draft)
    kit.calls.versions.republish(kit.id, first)
    assert kit.statuses() == ["PUBLISHED", "DEPRECATED"]
    assert kit.calls.versions.get(kit.id, first).deprecated_at is None
    assert kit.calls.get(kit.id).version == "1.0"


@pytest.mark.parametrize("body", [{"propagation": "much"}, {"propagation": 1}, []])
def test_a_broken_publication_publishes_nothing(kit: Kit, raw: Any, body: Any) -> None:
    draft = kit.draft()
    answer = raw("POST", f"{TOOLKITS}/{kit.id}/versions/{draft}/publish", body, headers=ADMIN)
    assert answer.status == 400
    assert kit.statuses() == ["PUBLISHED", "DRAFT"]


# ---------------------------------------------------------------- propagation


@pytest.mark.parametrize(
    ("auto", "said", "active", "opted_out"),
    [(False, None, False, False), (True, None, True, False), (True, "none", False, False),
     (False, "normal", True, False), (False, "force", True, True)],
)  # fmt: skip
def test_propagation(kit: Kit, auto: bool, said: str | None, active: bool, opted_out: bool) -> None:
    kit.calls.update(kit.id, {"auto_propagate": auto})
    made = kit.install()
    kit.install("linus@example.net")
    kit.uninstall("linus@example.net")
    kit.contio.client("new@example.com")
    kit.contio.clock.advance("1h")
    kit.publish(kit.draft(), said)
    after = kit.installed()
    assert (after.id, after.installed_at) == (made.id, made.installed_at)
    assert kit.names(made.id) == ({"New", "A, better"} if active else {"A", "Gone", "Nameless"})
    assert after.entities.next_steps["a"] == made.entities.next_steps["a"], "a known $id keeps its id"
    assert set(after.entities.next_steps) == ({"new", "a"} if active else {"a", "gone"})
    assert (kit.installed("linus@example.net") is not None) == opted_out
    assert kit.installed("new@example.com") is None
    shown = {i.workspace_name: i.version_label for i in kit.calls.installations(kit.id).items}
    assert shown["Analytical Engines"] == ("2.0" if active else "1.0")


def test_an_upgrade_touches_only_what_changed(kit: Kit) -> None:
    made = kit.install()
    store, then = kit.contio.sandbox.store, kit.contio.clock.now
    kit.contio.clock.advance("1h")
    same = {"next_steps": [OLD["next_steps"][1], NEW["next_steps"][1]]}
    kit.publish(kit.draft(same), "normal")
    gone = store.next_steps.get(made.entities.next_steps["gone"])
    better = store.next_steps.get(made.entities.next_steps["a"])
    assert (gone.created_at, gone.updated_at) == (then, then)
    assert (better.created_at, better.updated_at) == (then, then + timedelta(hours=1))


@pytest.mark.parametrize(("setting", "auto", "moved"), [
    ("none", True, False), ("auto_propagate", True, True), ("auto_propagate", False, False),
])  # fmt: skip
def test_whether_republishing_propagates_is_a_profile_option(setting: str, auto: bool, moved: bool) -> None:
    kit = Kit(FakeContio(check_answers=True, profile={"republish_propagation": setting}))
    first = kit.calls.versions.list(kit.id)[0].id
    kit.calls.update(kit.id, {"auto_propagate": auto})
    kit.publish(kit.draft(), "normal")
    made = kit.install()
    kit.calls.versions.republish(kit.id, first)
    assert kit.names(made.id) == ({"A", "Gone", "Nameless"} if moved else {"New", "A, better"})


# ---------------------------------------------------------------- installations and workspaces


def test_installations_have_their_own_envelope(kit: Kit, raw: Any) -> None:
    kit.install()
    kit.install("linus@example.net")
    kit.uninstall("linus@example.net")
    kit.contio.client("new@example.com")
    page = json.loads(raw("GET", f"{TOOLKITS}/{kit.id}/installations", headers=ADMIN).body)
    assert page.keys() == {"items", "summary", "total_connected_workspaces", "limit", "offset"}
    total = kit.client.admin.workspaces.list().total
    assert page["summary"] == {"active": 1, "opted_out": 1, "never_installed": total - 2}
    assert (page["total_connected_workspaces"], page["limit"], page["offset"]) == (total, 50, 0)
    gone, active = page["items"]
    assert active.keys() == {"workspace_id", "workspace_name", "status", "version_label", "installed_at"}
    assert gone.keys() == {"workspace_id", "workspace_name", "status", "uninstalled_at"}
    assert (active["status"], active["version_label"]) == ("active", "1.0")
    assert gone["status"] == "opted_out"
    one = kit.calls.installations(kit.id, limit=1, offset=1)
    assert [i.status for i in one.items] == ["active"]
    assert one.summary.opted_out == 1


def test_workspaces_are_those_with_connected_users(contio: FakeContio, raw: Any) -> None:
    before = contio.admin().admin.workspaces.list()
    ada = contio.client().user.profile.get()
    known = {w.workspace_id: w for w in before.items}
    assert known[ada.workspace_id].user_count == 5
    contio.clock.advance("1m")
    new = contio.client("new@example.com").user.profile.get()
    after = contio.admin().admin.workspaces.list()
    assert after.total == before.total + 1
    assert after.items[0].model_dump() == {
        "workspace_id": new.workspace_id, "workspace_name": new.workspace_name,
        "provisioned_at": contio.clock.now, "user_count": 1,
    }  # fmt: skip
    answer = raw("GET", "/v1/partner/admin/workspaces", headers=ADMIN)
    assert answer.header("x-contio-mock-undocumented")


@pytest.mark.parametrize("keywords", [{"strict": True}, {"release": "1.6"}])
def test_workspaces_are_in_no_document(keywords: dict[str, Any]) -> None:
    contio = FakeContio(check_answers=True, **keywords)
    with pytest.raises(NotFound):
        contio.admin().admin.workspaces.list()


@pytest.mark.parametrize("way", ["auto", "default", "both", "neither", "inactive"])
def test_a_new_workspace_gets_the_apps_toolkits(kit: Kit, way: str) -> None:
    if way in ("auto", "both", "inactive"):
        kit.calls.update(kit.id, {"auto_install_on_new_workspaces": True})
    if way in ("default", "both"):
        kit.client.admin.app.update({"default_toolkit_id": kit.id})
    if way == "inactive":
        kit.calls.update(kit.id, {"is_active": False})
    client = kit.contio.client("new@example.com")
    installed = client.user.toolkits.installed(client.user.profile.get().workspace_id)
    assert [p.toolkit.id for p in installed.items] == ([kit.id] if way not in ("neither", "inactive") else [])
    for pair in installed.items:
        assert pair.installation is not None
        assert pair.installation.installed_by == client.user.profile.get().id
    assert (
        kit.contio.client("grace@example.com")
        .user.toolkits.installed(kit.contio.client().user.profile.get().workspace_id)
        .items
        == []
    ), "a known workspace gets nothing by itself"


def test_an_automatic_installation_respects_an_opt_out(kit: Kit) -> None:
    kit.calls.update(kit.id, {"auto_install_on_new_workspaces": True})
    kit.contio.client("new@example.com")
    kit.uninstall("new@example.com")
    connection = kit.client.admin.connections.list().items[0]
    kit.client.admin.connections.revoke(connection.id)
    kit.contio.client("new@example.com")
    assert kit.installed("new@example.com") is None


def test_a_default_toolkit_may_be_contios_own_and_no_other_apps(kit: Kit) -> None:
    own = next(t for t in kit.contio.client().user.toolkits.list().items if t.ownership_type == "SYSTEM")
    kit.client.admin.app.update({"default_toolkit_id": own.id})
    client = kit.contio.client("new@example.com")
    assert client.user.toolkits.get(own.id).installation is not None
    kit.client.admin.app.update({"default_toolkit_id": NOBODY})
    assert kit.contio.client("newer@example.com").user.toolkits.get(own.id).installation is None


def admin_call(contio: FakeContio, method: str, path: str, body: Any) -> tuple[int, Any]:
    headers = {**ADMIN, "content-type": "application/json"}
    content = b"" if body is None else json.dumps(body).encode()
    answer = contio.handle(Request(method, TOOLKITS + path, "", headers, content))
    return answer.status, json.loads(answer.body or b"null")
