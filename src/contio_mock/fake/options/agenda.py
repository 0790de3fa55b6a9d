"""What no source says about the participants, the agenda and the backlog."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class AgendaOptions:
    """Who takes part and leaves, who hears of it, and how items move."""

    owner_role: Literal["EDITOR", "OWNER"] = option(
        "EDITOR",
        "Which role has the user who created a meeting among its participants?",
        "The document names two roles only, and the owner may do what editors may.",
        "C",
    )
    owner_added_event: Literal["no", "yes"] = option(
        "no",
        "Is participant.added sent for the owner of a new meeting?",
        "meeting.created names the owner already.",
        "D.3",
    )
    owner_removal: Literal["forbid", "allow"] = option(
        "forbid",
        "May the owner of a meeting be removed from it?",
        "A meeting without its owner would belong to nobody.",
        "C",
    )
    self_removal: Literal["allow", "forbid"] = option(
        "allow",
        "May an editor remove themselves from a meeting?",
        "The document asks for an editor, and they are one.",
        "C",
    )
    removed_participant_hears: Literal["yes", "no"] = option(
        "yes",
        "Is a removed participant told of participant.removed?",
        "An app that shows them the meeting must learn that they lost it.",
        "D.3",
    )
    guest_gets_account: Literal["joins", "stays_guest"] = option(
        "joins",
        "What becomes of a guest's participations when somebody signs up with their address?",
        "The participant's user_id is the account that they have, whenever they got it.",
        "C",
    )
    malformed_presenter: Literal["keep", "reject"] = option(
        "keep",
        "What does a presenter do that is no UUID?",
        "The document takes any text, and shows one that cannot be resolved as it is.",
        "C",
    )
    talking_points_event: Literal["no", "yes"] = option(
        "no",
        "Is agenda_item.updated sent when only the caller's talking points changed?",
        "They are private: to everybody else, nothing changed.",
        "D.3",
    )
    deferral_event: Literal["updated", "deleted_and_created"] = option(
        "updated",
        "Which events does the deferral of a meeting's agenda item send?",
        "The item lives on under the same id, in no meeting.",
        "L",
    )
    assign_event: Literal["created", "created_and_deleted"] = option(
        "created",
        "Is agenda_item.deleted sent for the content of a backlog item that is assigned?",
        "The item stays in the history, and nobody deleted it.",
        "L",
    )
