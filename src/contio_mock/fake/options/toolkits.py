"""What no source says about toolkits."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class ToolkitOptions:
    """Manifests, versions, and what installing and removing does."""

    manifest_schema_errors: Literal["reported", "refused"] = option(
        "reported",
        "How are missing members, wrong types and lengths in a manifest told?",
        "The documents show MISSING_REQUIRED among the errors of a validation result; the other way is a 400 "
        "validation_error, also for a dry run.",
        "H",
    )
    created_toolkit_members: Literal["envelope", "merged"] = option(
        "envelope",
        "Does the answer to a new toolkit or version repeat its members at the top?",
        "Documents from 1.6 on have the envelope only; SDKs before 1.7 read the bare object.",
        "N.23",
    )
    new_toolkit_version: Literal["PUBLISHED", "DRAFT"] = option(
        "PUBLISHED",
        "What is the first version of a new toolkit?",
        "Creating a toolkit was enough to install it before there were versions.",
        "H",
    )
    slug_collision_status: Literal["409", "400"] = option(
        "409",
        "How is a slug refused that another toolkit of the app has?",
        "A code named collision is a conflict, though the operation declares 400 only.",
        "A.5",
    )
    republish_propagation: Literal["none", "auto_propagate"] = option(
        "none",
        "Does publishing a deprecated version again reach installations?",
        "auto_propagate speaks of newly published versions, and republishing takes no propagation.",
        "H",
    )
    toolkit_install_role: Literal["member", "admin"] = option(
        "member",
        "Who may install a toolkit in a workspace and remove it?",
        "The operations declare no 403; only file imports are said to need an admin.",
        "H",
    )
    uninstalled_entities: Literal["removed", "kept"] = option(
        "removed",
        "What becomes of an installation's entities when it is uninstalled?",
        "Uninstalling undoes installing; kept, they stay as the workspace's own. What a template gave to a "
        "meeting stays there in both cases.",
        "H",
    )
    deleted_toolkit_installations: Literal["uninstalled", "kept"] = option(
        "uninstalled",
        "What becomes of a deleted toolkit's installations?",
        "A workspace could not remove them any more; kept, their entities stay as the workspace's own.",
        "C",
    )
