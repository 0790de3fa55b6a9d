"""Versions and installations in any order, against a small model of what must be."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from contio_mock import FakeContio
from contio_mock.client import Refused

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "40"))
USERS = ("ada@example.com", "grace@example.com", "linus@example.net", "new@example.com", "newer@example.com")
STEPS = ("a", "b", "c")
USER = st.sampled_from(USERS)
MANIFEST = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(1, 3)), unique_by=lambda s: s[0], max_size=3
)
"""Which steps a version has, by their `$id` and a number in their name."""
Steps = tuple[tuple[str, int], ...]


@dataclass
class Version:
    id: str
    steps: Steps
    status: str = "DRAFT"


@dataclass
class Workspace:
    version: Version | None = None
    opted_out: bool = False
    ids: dict[str, str] = field(default_factory=dict)


def manifest_of(steps: Steps) -> dict[str, Any]:
    return {
        "next_steps": [
            {"spec": {"$id": ref, "name": f"{ref}{number}", "type": "ai"},
             "default_action_button": {"$ref": "b"}}
            for ref, number in steps
        ],
        "action_buttons": [
            {"spec": {"$id": "b", "name": "B", "content_format": "html", "delivery_mechanism": "email"}}
        ],
    }  # fmt: skip


class Toolkits(RuleBasedStateMachine):
    """One toolkit, its versions, and every workspace of the app."""

    @initialize(steps=MANIFEST)
    def begin(self, steps: Any) -> None:
        self.contio = FakeContio(check_answers=True)
        self.seeded = len(self.contio.sandbox.store.next_steps)
        self.calls = self.contio.admin().admin.toolkits
        body = {"name": "K", "slug": "k", "version": "1", "manifest": manifest_of(steps)}
        toolkit = self.calls.create(body).toolkit
        assert toolkit is not None
        self.id = toolkit.id
        first = self.calls.versions.list(self.id)[0]
        self.versions = [Version(first.id, tuple(steps), "PUBLISHED")]
        self.auto_propagate = self.auto_install = False
        self.active = True
        self.workspaces = {
            w.workspace_id: Workspace() for w in self.contio.admin().admin.workspaces.list().items
        }

    def user(self, email: str) -> tuple[Any, Workspace]:
        """The user's calls and workspace; a new workspace gets what installs itself."""
        client = self.contio.client(email).user
        workspace_id = client.profile.get().workspace_id
        if workspace_id not in self.workspaces:
            workspace = self.workspaces[workspace_id] = Workspace()
            if self.auto_install and self.active:
                workspace.version = self.published
        return client, self.workspaces[workspace_id]

    def refused(self, call: Any, *arguments: Any) -> bool:
        try:
            call(*arguments)
        except Refused:
            return True
        return False

    @property
    def published(self) -> Version:
        return next(version for version in self.versions if version.status == "PUBLISHED")

    # ------------------------------------------------------------ what people do

    @rule(email=USER)
    def install(self, email: str) -> None:
        client, workspace = self.user(email)
        impossible = workspace.version is not None or not self.active
        assert self.refused(client.toolkits.install, self.id) == impossible
        if not impossible:
            workspace.version, workspace.opted_out, workspace.ids = self.published, False, {}

    @rule(email=USER)
    def uninstall(self, email: str) -> None:
        client, workspace = self.user(email)
        workspace_id = client.profile.get().workspace_id
        refused = self.refused(client.toolkits.uninstall, workspace_id, self.id)
        assert refused == (workspace.version is None)
        if not refused:
            workspace.version, workspace.opted_out, workspace.ids = None, True, {}

    # ------------------------------------------------------------ what the app does

    @rule(steps=MANIFEST)
    def draft(self, steps: Any) -> None:
        body = {"version_label": f"v{len(self.versions)}", "manifest": manifest_of(steps)}
        exists = any(version.status == "DRAFT" for version in self.versions)
        assert self.refused(self.calls.versions.create, self.id, body) == exists
        if not exists:
            self.versions.append(Version(self.calls.versions.list(self.id)[-1].id, tuple(steps)))

    @rule(data=st.data(), steps=MANIFEST)
    def change(self, data: st.DataObject, steps: Any) -> None:
        version = data.draw(st.sampled_from(self.versions))
        refused = self.refused(
            self.calls.versions.update, self.id, version.id, {"manifest": manifest_of(steps)}
        )
        assert refused == (version.status != "DRAFT")
        if not refused:
            version.steps = tuple(steps)

    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(self.versions))
        refused = self.refused(self.calls.versions.discard, self.id, version.id)
        assert refused == (version.status != "DRAFT")
        if not refused:
            self.versions.remove(version)

    @rule(data=st.data(), propagation=st.sampled_from([None, "none", "normal", "force"]))
    def publish(self, data: st.DataObject, propagation: str | None) -> None:
        version = data.draw(st.sampled_from(self.versions))
        body = {"propagation": propagation} if propagation else None
        refused = self.refused(self.calls.versions.publish, self.id, version.id, body)
        assert refused == (version.status != "DRAFT")
        if refused:
            return
        self.published.status = "DEPRECATED"
        version.status = "PUBLISHED"
        mode = propagation or ("normal" if self.auto_propagate else "none")
        for workspace in self.workspaces.values():
            if workspace.version is not None and mode != "none":
                workspace.version = version
            elif workspace.opted_out and mode == "force":
                workspace.version, workspace.opted_out = version, False

    @rule(data=st.data())
    def republish(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(self.versions))
        refused = self.refused(self.calls.versions.republish, self.id, version.id)
        assert refused == (version.status != "DEPRECATED")
        if not refused:
            self.published.status = "DEPRECATED"
            version.status = "PUBLISHED"

    @rule(
        auto_propagate=st.booleans(), auto_install=st.booleans(), active=st.sampled_from([True, True, False])
    )
    def configure(self, auto_propagate: bool, auto_install: bool, active: bool) -> None:
        wish = {
            "auto_propagate": auto_propagate,
            "auto_install_on_new_workspaces": auto_install,
            "is_active": active,
        }
        self.calls.update(self.id, wish)
        self.auto_propagate, self.auto_install, self.active = auto_propagate, auto_install, active

    # ------------------------------------------------------------ what must be

    @invariant()
    def versions_are_as_the_model_says(self) -> None:
        listed = self.calls.versions.list(self.id)
        assert [(v.id, v.status) for v in listed] == [(v.id, v.status) for v in self.versions]
        assert [v.version_number for v in listed] == sorted({v.version_number for v in listed})
        assert (
            self.calls.get(self.id).manifest["next_steps"] == manifest_of(self.published.steps)["next_steps"]
        )

    @invariant()
    def installations_are_as_the_model_says(self) -> None:
        page = self.calls.installations(self.id, limit=100)
        told = {item.workspace_id: item.status for item in page.items}
        active = {id_ for id_, workspace in self.workspaces.items() if workspace.version is not None}
        opted_out = {id_ for id_, workspace in self.workspaces.items() if workspace.opted_out}
        assert told == dict.fromkeys(active, "active") | dict.fromkeys(opted_out, "opted_out")
        summary = page.summary
        assert (summary.active, summary.opted_out) == (len(active), len(opted_out))
        assert page.total_connected_workspaces == len(self.workspaces) == summary.never_installed + len(told)

    @invariant()
    def workspaces_have_what_their_version_specifies(self) -> None:
        store = self.contio.sandbox.store
        in_workspaces = 0
        for id_, workspace in self.workspaces.items():
            installation = store.installations.first("key", f"pair:{id_}/{self.id}")
            if workspace.version is None or installation is None:
                assert workspace.version is None
                continue
            steps = store.next_steps.under("owner", f"installation:{installation.id}")
            in_workspaces += len(steps)
            ids = installation.entities.next_steps
            assert {step.id: step.name for step in steps} == {
                ids[ref]: f"{ref}{number}" for ref, number in workspace.version.steps
            }
            button = installation.entities.action_buttons["b"]
            assert all(step.default_action_button_id == button for step in steps)
            assert all(ids[ref] == known for ref, known in workspace.ids.items() if ref in ids)
            workspace.ids = dict(ids)
        assert len(store.next_steps) == self.seeded + in_workspaces, "nothing is left behind"


def test_versions_and_installations_agree_with_the_model() -> None:
    run_state_machine_as_test(
        Toolkits,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
