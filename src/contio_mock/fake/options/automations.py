"""What no source says about automations."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class AutomationOptions:
    """What automations are told to be, and how often they match."""

    automation_status_precedence: Literal["status", "is_active"] = option(
        "status",
        "Which counts when an update sends both status and is_active?",
        "Answers have status only.",
        "C",
    )
    repeated_assignment: Literal["once", "every_time"] = option(
        "once",
        "Is an action item assigned to the same automation again when it matches again?",
        "An item that is assigned stays so.",
        "C",
    )
