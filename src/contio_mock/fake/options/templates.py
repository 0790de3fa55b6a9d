"""What no source says about templates and what they bring."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class TemplateOptions:
    """Which templates are seen, and what applying, changing and deleting them does."""

    foreign_template: Literal["forbidden", "not_found"] = option(
        "forbidden",
        "How is a template answered that belongs to somebody else?",
        "The document names 403 for reading and applying one.",
        "N.37",
    )
    partner_templates: Literal["installed", "connected"] = option(
        "installed",
        "Do users see templates that their app has made and no toolkit has installed?",
        "Toolkits are what brings a partner's templates to a workspace.",
        "H",
    )
    workspace_template_editors: Literal["admins", "members"] = option(
        "admins",
        "Who may edit a workspace's templates (`can_edit`)?",
        "What everybody in a workspace uses is changed by those who run it.",
        "C",
    )
    inactive_template: Literal["reject", "apply"] = option(
        "reject", "What does applying an inactive template do?", "Inactive means not to be used.", "C"
    )
    template_properties: Literal["fill", "replace"] = option(
        "fill",
        "What does applying a template do to the meeting's title and detail level?",
        "Applying adds and takes nothing away: only what the meeting lacks is filled.",
        "C",
    )
    meeting_template_id: Literal["apply", "remember"] = option(
        "apply",
        "Is the template_id of a created or changed meeting applied at once?",
        "Nothing else would use it. Without the plan that applying needs, it is only remembered.",
        "C",
    )
    unknown_template_id: Literal["reject", "ignore"] = option(
        "reject",
        "What does a template_id do that the user cannot see, when a meeting is created or changed?",
        "A mistake that is told is a mistake that is mended.",
        "C",
    )
    duplicate_template_next_step: Literal["update", "reject"] = option(
        "update",
        "What does adding a next step do that the template brings already?",
        "No conflict is declared, so adding twice says the same as adding once.",
        "C",
    )
    deleted_template_next_steps: Literal["leave", "stay"] = option(
        "leave",
        "Do meetings keep the next steps of a template that is deleted?",
        "Next steps are reached through templates, and this one is gone.",
        "N",
    )
    deleted_action_button: Literal["gone", "inactive"] = option(
        "gone",
        "What becomes of an action button that is deleted softly?",
        "Callers cannot tell a softly deleted thing from a deleted one.",
        "C.y",
    )
