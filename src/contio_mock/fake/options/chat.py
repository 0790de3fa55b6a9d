"""What no source says about chat sessions."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class ChatOptions:
    """When the agent answers, and what it refuses."""

    chat_queue_seconds: float = option(
        1.0,
        "How long does a message wait before the agent begins?",
        "Processing is asynchronous; 0 begins at once after the answer.",
        "I",
    )
    chat_processing_seconds: float = option(
        2.0,
        "How long does the agent work on a turn?",
        "Long enough to be seen as processing; 0 finishes when it begins.",
        "I",
    )
    chat_expiry_seconds: float = option(
        86_400.0,
        "After how much inactivity does a chat session expire (0: never)?",
        "Sessions end by inactivity; a day outlives a working day's pauses.",
        "I",
    )
    chat_agent_turn: Literal["when_processed", "when_queued"] = option(
        "when_processed",
        "When does the agent's turn appear among the turns?",
        "The official SDK counts one turn after the first message.",
        "I",
    )
    chat_turn_order: Literal["oldest_first", "newest_first"] = option(
        "oldest_first",
        "In which order does a chat session show its turns?",
        "Turns are numbered from 1, and a conversation is read from its beginning.",
        "A.7",
    )
    chat_include: Literal["all_turns", "undelivered"] = option(
        "all_turns",
        "Which turns does a chat session show when the request does not say?",
        "The document knows no such parameter.",
        "N.21",
    )
    chat_validation_status: Literal["422", "400"] = option(
        "422",
        "How are members of a chat request refused that break a rule?",
        "The document calls 422 a validation error; what is no JSON object at all stays 400.",
        "C",
    )
    chat_foreign_meeting: Literal["unprocessable", "forbidden"] = option(
        "unprocessable",
        "How is a chat refused about a meeting that the user takes no part in?",
        "The document declares neither 403 nor a 404 for meetings there.",
        "C",
    )
    chat_second_meeting: Literal["replace", "refuse"] = option(
        "replace",
        "What does a message do that names another meeting than the session's?",
        "The member may be sent with each message, and no refusal is described.",
        "C",
    )
