"""What the agent says: the same words for the same question about the same meeting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from contio_mock.contract.chat import (
    UNPROCESSABLE,
    AgentMetadata,
    TokenUsage,
    ToolCall,
)
from contio_mock.contract.errors import VALIDATION_ERROR, ErrorCode
from contio_mock.fake.profile import Profile
from contio_mock.fake.records import MeetingRecord, UserRecord

MODEL = "contio-mock-agent"
LONGEST_TITLE = 60
LONGEST_QUOTE = 300
CHARACTERS_PER_TOKEN = 4
_HAPPENS = {"in_progress": "is going on since", "ended": "took place on", "completed": "took place on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFacts:
    """What the agent knows of a meeting."""

    title: str
    status: str
    start: datetime | None = None
    participants: tuple[str, ...] = ()
    """Their names."""
    notes: str | None = None
    agenda: tuple[str, ...] = ()
    """The titles of its items, in order."""


def facts_of(
    meeting: MeetingRecord, people: Iterable[UserRecord | None], agenda: Iterable[str] = ()
) -> MeetingFacts:
    """What the agent knows of a meeting with these people in it."""
    return MeetingFacts(
        title=meeting.title,
        status=meeting.status,
        start=meeting.start_time,
        participants=tuple(sorted(person.display_name for person in people if person)),
        notes=meeting.summary_notes,
        agenda=tuple(agenda),
    )


def broken_rule(profile: Profile) -> ErrorCode:
    """The error of a chat request whose members break a rule."""
    return UNPROCESSABLE if profile.chat_validation_status == "422" else VALIDATION_ERROR


def cut(text: str, most: int) -> str:
    """The text on one line, with an ellipsis where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def title_of(message: str) -> str | None:
    """What a session is called after its first message; None when that has no words."""
    return cut(message, LONGEST_TITLE) or None


def listed(names: tuple[str, ...]) -> str:
    """Names as a sentence has them: "Ada, Alan and Grace"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def spoken(moment: datetime) -> str:
    """A time as a sentence has it: "Thursday, 15 January 2026, 09:00 UTC"."""
    return f"{moment:%A}, {moment.day} {moment:%B} {moment.year}, {moment:%H:%M} UTC"


def described(facts: MeetingFacts) -> str:
    """Everything that the agent knows of a meeting, in a few lines."""
    return "\n".join(_lines(facts))


def _lines(facts: MeetingFacts) -> Iterator[str]:
    happens = _HAPPENS.get(facts.status, "is planned for") if facts.start else "has no time yet"
    when = f"{happens} {spoken(facts.start)}" if facts.start else happens
    people = f", with {listed(facts.participants)}" if facts.participants else ""
    yield f"“{facts.title}” {when}{people}."
    if facts.agenda:
        yield f"Agenda: {'; '.join(facts.agenda)}."
    if facts.notes:
        yield f"Notes: {facts.notes}"
    elif facts.status not in ("ended", "completed"):
        yield "There are no notes yet; they are written when the meeting is over."


def reply(message: str, facts: MeetingFacts | None, documents: int = 0) -> str:
    """The agent's answer to a message."""
    read = {0: "", 1: " I read the document that came with this chat."}.get(
        documents, f" I read the {documents} documents that came with this chat."
    )
    asked = f"You asked: “{cut(message, LONGEST_QUOTE)}”.{read}"
    if facts is None:
        return f"{asked}\nThis chat is about no meeting yet; name one, and I look up what is known of it."
    return f"{asked}\n{described(facts)}"


def agent_metadata(
    message: str, answer: str, facts: MeetingFacts | None, documents: tuple[str, ...]
) -> AgentMetadata:
    """How the agent came to its answer."""
    tools = ["get_meeting", "list_participants"] if facts is not None else []
    if facts is not None and facts.notes:
        tools.append("search_meeting_notes")
    if documents:
        tools.append("read_context_documents")
    prompt, completion = _tokens(message), _tokens(answer)
    return AgentMetadata(
        tool_calls=[ToolCall(name=name, status="success") for name in tools],
        referenced_documents=list(documents),
        token_usage=TokenUsage(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        ),
        model=MODEL,
    )


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)
