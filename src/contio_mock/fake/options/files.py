"""What no source says about attachments and context documents."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class FileOptions:
    """How large files may be, who gets at them, and what becomes of them."""

    max_attachment_bytes: int = option(
        52_428_800,
        "How many bytes are the 50 MB that an attachment may have?",
        "Servers write their limits in powers of two.",
        "K",
    )
    attachment_creators: Literal["participants", "editors"] = option(
        "participants",
        "Who may add an attachment to a meeting that they can see?",
        "Creators may delete theirs beside the meeting's editors, so not every creator is an editor.",
        "C",
    )
    workspace_attachments: Literal["to_members", "to_participants"] = option(
        "to_members",
        "Does a member of the workspace who cannot see the meeting get at what is shared with the workspace?",
        "A level of its own beside `meeting` would mean nothing if it reached nobody else.",
        "C",
    )
    max_context_bytes: int = option(
        2_097_152,
        "How large may a context document be?",
        "No source says; it is text for a language model, which takes far less.",
        "K",
    )
    context_list_of_unknown_meeting: Literal["empty", "not_found"] = option(
        "empty",
        "What does the list of context documents answer for a meeting that the caller cannot see?",
        "The documents declare no 404 there, beside operations where they do.",
        "C",
    )
    context_format_check: Literal["at_upload", "in_processing"] = option(
        "at_upload",
        "When is a document refused whose content is not of its source_format?",
        "A wrong file is best told to whoever sends it; the status `error` is for the other choice.",
        "K",
    )
    context_processing_seconds: float = option(
        0.0,
        "How long does it take to convert and scrub a document?",
        "At once, that is before the next request; the upload's own answer says `pending` in any case.",
        "K",
    )
