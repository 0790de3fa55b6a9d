"""For every operation on an app's templates, next steps, buttons and toolkits, a request that must succeed."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.release import R1_6

from .preparation import prepared
from .prepared_user import installable, some, workspace
from .world import Call, World

# ---------------------------------------------------------------- templates


def template(w: World, name: str = "Kick-off") -> str:
    return str(w.made("createTemplate", {"name": name})["id"])


def next_step(w: World) -> str:
    """One of the app's own next steps, found where the app's templates have it."""
    for known in w.made("listTemplates")["items"]:
        for step in w.made("listTemplateNextSteps", template_id=known["id"])["items"]:
            return str(step["id"])
    raise AssertionError("the app has no template with a next step")


def template_with_step(w: World) -> dict[str, str]:
    made, step = template(w), next_step(w)
    w.made("addTemplateNextStep", {"next_step_id": step}, template_id=made)
    return {"template_id": made, "next_step_id": step}


@prepared("listTemplates")
def _(w: World) -> Call:
    some(w, 3, lambda name: template(w, name))
    return w.call("listTemplates")


@prepared("createTemplate")
def _(w: World) -> Call:
    return w.call("createTemplate", {"name": "Kick-off", "backing_meeting_id": w.meeting()})


@prepared("getTemplate", "deleteTemplate", "listTemplateNextSteps")
def _(w: World, operation: str) -> Call:
    return w.call(operation, template_id=template(w))


@prepared("replaceTemplate", "updateTemplate")
def _(w: World, operation: str) -> Call:
    return w.call(operation, {"description": "How we begin"}, template_id=template(w))


@prepared("addTemplateNextStep")
def _(w: World) -> Call:
    step = {"next_step_id": next_step(w), "sort_order": 2, "autopilot": True}
    return w.call("addTemplateNextStep", step, template_id=template(w))


@prepared("replaceTemplateNextStep")
def _(w: World) -> Call:
    return w.call("replaceTemplateNextStep", {"autopilot": True}, **template_with_step(w))


@prepared("removeTemplateNextStep")
def _(w: World) -> Call:
    return w.call("removeTemplateNextStep", **template_with_step(w))


# ---------------------------------------------------------------- next steps and buttons before 1.6


def old_step(w: World, name: str = "Write a mail") -> str:
    return str(w.made("createNextStep", {"name": name, "type": "ai", "ai_prompt": "A mail."})["id"])


def old_button(w: World, name: str = "Send") -> str:
    wish = {"name": name, "content_format": "markdown", "delivery_mechanism": "webhook"}
    return str(w.made("createActionButton", wish)["id"])


def step_with_button(w: World) -> dict[str, str]:
    step, button = old_step(w), old_button(w)
    w.made("addNextStepActionButton", {"action_button_id": button}, next_step_id=step)
    return {"next_step_id": step, "action_button_id": button}


@prepared("listNextSteps")
def _(w: World) -> Call:
    some(w, 3, lambda name: old_step(w, name))
    return w.call("listNextSteps")


@prepared("createNextStep")
def _(w: World) -> Call:
    return w.call(
        "createNextStep", {"name": "Go", "type": "redirect", "redirect_url": "https://example.com/"}
    )


@prepared("getNextStep", "deleteNextStep", "listNextStepActionButtons")
def _(w: World, operation: str) -> Call:
    return w.call(operation, next_step_id=old_step(w))


@prepared("replaceNextStep")
def _(w: World) -> Call:
    return w.call("replaceNextStep", {"is_active": False}, next_step_id=old_step(w))


@prepared("addNextStepActionButton")
def _(w: World) -> Call:
    return w.call("addNextStepActionButton", {"action_button_id": old_button(w)}, next_step_id=old_step(w))


@prepared("updateNextStepActionButton", "removeNextStepActionButton")
def _(w: World, operation: str) -> Call:
    return w.call(operation, **step_with_button(w))


@prepared("setDefaultActionButton")
def _(w: World) -> Call:
    ids = step_with_button(w)
    wish = {"action_button_id": ids["action_button_id"]}
    return w.call("setDefaultActionButton", wish, next_step_id=ids["next_step_id"])


@prepared("listActionButtons")
def _(w: World) -> Call:
    some(w, 3, lambda name: old_button(w, name))
    return w.call("listActionButtons")


@prepared("createActionButton")
def _(w: World) -> Call:
    wish = {"name": "Copy", "content_format": "plain_text", "delivery_mechanism": "clipboard"}
    return w.call("createActionButton", wish)


@prepared("getActionButton", "deleteActionButton")
def _(w: World, operation: str) -> Call:
    return w.call(operation, id=old_button(w))


@prepared("replaceActionButton")
def _(w: World) -> Call:
    return w.call("replaceActionButton", {"name": "Post"}, id=old_button(w))


# ---------------------------------------------------------------- toolkits

MANIFEST: dict[str, Any] = {
    "templates": [
        {"spec": {"$id": "t", "name": "Review"}, "next_steps": [{"next_step": {"$ref": "s"}}]},
    ],
    "next_steps": [{"spec": {"$id": "s", "name": "Write up", "type": "ai", "ai_prompt": "Write."}}],
    "action_buttons": [],
    "shortcuts": [],
}


def toolkit(w: World, slug: str = "rituals") -> str:
    wish = {"name": "Rituals", "slug": slug, "version": "1.0.0", "manifest": MANIFEST}
    if w.release < R1_6:
        return str(w.made("adminCreatePlainToolkit", wish)["id"])
    return str(w.made("adminCreateToolkit", wish)["toolkit"]["id"])


def draft(w: World) -> dict[str, str]:
    made = toolkit(w)
    wish = {"manifest": MANIFEST, "version_label": "1.1.0"}
    version = w.made("adminCreateToolkitVersion", wish, toolkit_id=made)["version"]
    return {"toolkit_id": made, "version_id": version["id"]}


@prepared("adminListToolkits")
def _(w: World) -> Call:
    some(w, 3, lambda name: toolkit(w, name.lower().replace(" ", "-")))
    return w.call("adminListToolkits")


@prepared("adminCreateToolkit", "adminCreatePlainToolkit")
def _(w: World, operation: str) -> Call:
    wish = {"name": "Rituals", "slug": "rituals", "version": "1.0.0", "manifest": MANIFEST}
    return w.call(operation, wish)


@prepared(
    "adminGetToolkit",
    "adminDeleteToolkit",
    "adminExportToolkit",
    "adminListToolkitInstallations",
    "adminListToolkitVersions",
)
def _(w: World, operation: str) -> Call:
    return w.call(operation, toolkit_id=toolkit(w))


@prepared("adminUpdateToolkit", "adminReplaceToolkit")
def _(w: World, operation: str) -> Call:
    return w.call(operation, {"description": "What we do every week"}, toolkit_id=toolkit(w))


@prepared("adminExportEntities")
def _(w: World) -> Call:
    return w.call("adminExportEntities", {"template_ids": [template(w)], "name": "Ours"})


@prepared("adminCreateToolkitVersion")
def _(w: World) -> Call:
    wish = {"manifest": MANIFEST, "version_label": "1.1.0", "changelog": "More."}
    return w.call("adminCreateToolkitVersion", wish, toolkit_id=toolkit(w))


@prepared("adminGetToolkitVersion", "adminDiscardToolkitVersion", "adminPublishToolkitVersion")
def _(w: World, operation: str) -> Call:
    return w.call(operation, **draft(w))


@prepared("adminUpdateToolkitVersion")
def _(w: World) -> Call:
    return w.call("adminUpdateToolkitVersion", {"changelog": "Less."}, **draft(w))


@prepared("adminRepublishToolkitVersion")
def _(w: World) -> Call:
    ids = draft(w)
    before = w.made("adminListToolkitVersions", toolkit_id=ids["toolkit_id"])
    w.made("adminPublishToolkitVersion", **ids)
    (old,) = [version["id"] for version in before if version["status"] == "PUBLISHED"]
    return w.call("adminRepublishToolkitVersion", toolkit_id=ids["toolkit_id"], version_id=old)


@prepared("adminListWorkspaces")
def _(w: World) -> Call:
    w.token("ada@example.com")
    return w.call("adminListWorkspaces")


@prepared("getToolkit")
def _(w: World) -> Call:
    return w.call("getToolkit", toolkit_id=installable(w))


@prepared("uninstallOwnToolkit")
def _(w: World) -> Call:
    made = installable(w)
    w.made("installToolkit", toolkit_id=made)
    assert workspace(w)
    return w.call("uninstallOwnToolkit", toolkit_id=made)


# ---------------------------------------------------------------- workflow templates


@prepared("listWorkflowTemplates")
def _(w: World) -> Call:
    return w.call("listWorkflowTemplates")


@prepared("getWorkflowTemplate")
def _(w: World) -> Call:
    return w.call("getWorkflowTemplate", id=w.made("listWorkflowTemplates")["items"][0]["id"])
