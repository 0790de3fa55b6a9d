"""What no source says about workflows."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class WorkflowOptions:
    """Which runs may begin, how fast they go, and who hears of them."""

    workflow_inactive_template: Literal["reject", "run"] = option(
        "reject",
        "Can a workflow be run whose template is not active?",
        "The document calls active templates eligible to be run.",
        "J",
    )
    workflow_unknown_meeting: Literal["bad_request", "not_found", "accept"] = option(
        "bad_request",
        "How is a run answered about a meeting that the user cannot see?",
        "The declared 404 speaks of the template only.",
        "J",
    )
    workflow_queue_seconds: float = option(
        1.0, "How long does a run stay pending?", "A run is created and enqueued.", "J"
    )
    workflow_step_seconds: float = option(
        1.0, "How long does a step of a run take?", "Long enough to be seen as current.", "J"
    )
    workflow_waiting_status: Literal["active", "frozen"] = option(
        "active",
        "Which status has a run that only waits for a decision?",
        "Its task is a current step; what freezes a run is not described.",
        "J",
    )
    workflow_task_seconds: float = option(
        0.0,
        "After how long is a task approved by itself (0: never)?",
        "A person decides; tests do it with the control plane.",
        "J",
    )
    workflow_rejection: Literal["fail", "continue"] = option(
        "fail",
        "What does a rejected task do to a run that has no branch for it?",
        "Nobody wants to go on with what was rejected.",
        "J",
    )
    workflow_audience: Literal["workspace", "owner"] = option(
        "workspace",
        "Who is told of what happens in a run?",
        "Everybody in the workspace can read its runs.",
        "D.3",
    )
