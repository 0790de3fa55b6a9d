"""What a next step writes: a text made of the meeting, in the manner that its prompt asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")
_LONGEST_PROMPT = 300


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of a meeting."""

    title: str
    start: datetime | None
    people: tuple[str, ...]
    agenda: tuple[str, ...]
    notes: str | None


def written(name: str, prompt: str | None, meeting: Material) -> str:
    """The Markdown text of a next step; the same for the same meeting and prompt."""
    asked = _one_line(prompt or "")
    body = _manner(f"{asked} {name}")(_one_line(name), meeting)
    return f"{body}\n\n*Asked for: {asked[:_LONGEST_PROMPT]}*\n" if asked else f"{body}\n"


def _manner(wish: str) -> Callable[[str, Material], str]:
    wish = wish.lower()
    for words, manner in _MANNERS:
        if any(word in wish for word in words):
            return manner
    return _report


def _letter(name: str, meeting: Material) -> str:
    day = f" on {_day(meeting.start)}" if meeting.start else ""
    return "\n\n".join(
        [
            f"**Subject:** {name}: {_one_line(meeting.title)}",
            f"Hello {_listed(meeting.people)},",
            f"thank you for *{_one_line(meeting.title)}*{day}. In short:",
            _bullets(meeting, "- "),
            "Best regards",
        ]
    )


def _tasks(name: str, meeting: Material) -> str:
    return "\n\n".join([_heading(name, meeting), _facts(meeting), _bullets(meeting, "- [ ] ")])


def _report(name: str, meeting: Material) -> str:
    return "\n\n".join([_heading(name, meeting), _facts(meeting), "## Notes", _bullets(meeting, "- ")])


_MANNERS: tuple[tuple[tuple[str, ...], Callable[[str, Material], str]], ...] = (
    (("mail", "letter", "message"), _letter),
    (("task", "action item", "to-do", "todo", "checklist"), _tasks),
)
"""Words of a prompt or a name, and how a text is written for them; the first that fit count."""


def _heading(name: str, meeting: Material) -> str:
    return f"# {name}: {_one_line(meeting.title)}"


def _facts(meeting: Material) -> str:
    lines = [f"**When:** {_day(meeting.start)}"] if meeting.start else []
    lines.append(f"**Who:** {_listed(meeting.people)}")
    return "  \n".join(lines)


def _bullets(meeting: Material, mark: str) -> str:
    """The sentences of the notes, else the agenda, one per line."""
    sentences = [s.strip() for s in _SENTENCE_END.split(meeting.notes or "") if s.strip()]
    lines = sentences or [_one_line(topic) for topic in meeting.agenda] or ["No notes were taken."]
    return "\n".join(mark + line for line in lines)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "everybody"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def redirect(url: str, meeting_id: str) -> str:
    """The URL with the meeting named in its query; one that cannot be read stays as it is."""
    try:
        parts = urlsplit(url)
        query = "&".join(part for part in (parts.query, urlencode({"meeting_id": meeting_id})) if part)
        return urlunsplit(parts._replace(query=query))
    except ValueError:
        return url
