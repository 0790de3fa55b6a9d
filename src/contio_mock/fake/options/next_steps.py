"""What no source says about carrying out next steps and pressing action buttons."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class NextStepOptions:
    """When texts are written, what from, and what happens by itself."""

    next_step_execution: Literal["sync", "async"] = option(
        "sync",
        "Does the answer to an execution hold the text, or is it written afterwards?",
        "A client that polls finds the result at once, and one that does not has its text.",
        "N.19",
    )
    next_step_seconds: int = option(
        5, "After how many seconds is the text written with `async`?", "As long as a model takes.", "N.19"
    )
    unfinished_result: Literal["not_found", "pending"] = option(
        "not_found",
        "How is a result read that is still being written?",
        "The document's result has no status.",
        "N.19",
    )
    next_step_without_content: Literal["generate", "reject"] = option(
        "generate",
        "What does an ai step do in a meeting without notes?",
        "Title and participants can be written from, and no call of the API adds notes.",
        "A.5",
    )
    next_step_without_prompt: Literal["generate", "reject"] = option(
        "generate",
        "What does an ai step without a prompt do?",
        "The prompt is optional everywhere; the step's name says what is wanted.",
        "A.5",
    )
    redirect_meeting_id: Literal["append", "omit"] = option(
        "append",
        "Does the URL of a redirect name the meeting?",
        "The document's examples show the step's URL without and the answer's with `meeting_id`.",
        "C.z",
    )
    redirect_completes: Literal["yes", "no"] = option(
        "yes",
        "Is next_step.completed sent for a redirect?",
        "Since 1.9 the event may come without a result, as only a redirect can; before, never.",
        "D.3",
    )
    autopilot_button: Literal["default", "none"] = option(
        "default",
        "Which action button does an autopilot press when its text is written?",
        "Buttons are also triggered automatically; the default one, if it needs nobody present.",
        "D.3",
    )
