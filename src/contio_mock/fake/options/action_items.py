"""What no source says about action items."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class ActionItemOptions:
    """Who sees an action item, what its dates mean, and how it is completed."""

    action_item_visibility: Literal["meeting", "own"] = option(
        "meeting",
        "Which action items can a user see and change?",
        "Those of the meetings they see; the other choice is those they made or are assigned to.",
        "C",
    )
    action_item_dates: Literal["created_at", "due_date"] = option(
        "created_at",
        "Which date do start_date and end_date of the list of action items compare?",
        "Every item has a creation date; many have no due date.",
        "C",
    )
    unknown_meeting: Literal["invalid_request", "not_found"] = option(
        "invalid_request",
        "What does an action item for a meeting give that the user cannot see?",
        "The document declares 400 and no 404 there.",
        "C",
    )
    due_date_times: Literal["reject", "truncate"] = option(
        "reject",
        "What does a date-time as due_date do?",
        "The format is documented as YYYY-MM-DD, and a code exists for others.",
        "N.17",
    )
    contradicting_completion: Literal["reject", "status_wins"] = option(
        "reject",
        "What does an update do whose status and is_completed contradict each other?",
        "A caller who sends both meant one of them; only the caller knows which.",
        "N.43",
    )
    reopened_status: Literal["previous", "needs_review"] = option(
        "previous",
        "Which status has a completed item after is_completed was set to false?",
        "Taking a completion back restores what was before.",
        "N.43",
    )
    created_as_completed: Literal["created_and_completed", "created"] = option(
        "created_and_completed",
        "Which events does an item cause that is completed from the start?",
        "Whoever counts completed items listens to action_item.completed.",
        "N.43",
    )
    partner_context_readers: Literal["app", "everyone"] = option(
        "app",
        "Which apps see the partner_context that one has stored?",
        "It is described as specific to the partner.",
        "C",
    )
    partner_context_update: Literal["replace", "merge"] = option(
        "replace",
        "What does a new partner_context do with the members of the old one?",
        "Every other member of an update replaces what was there.",
        "C",
    )
