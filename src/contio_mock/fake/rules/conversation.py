"""What people might have said in a meeting, and what an assistant would make of it.

The same meeting and the same number give the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contio_mock.contract.meetings import DetailLevel
from contio_mock.fake.records.transcripts import Segment

_STATEMENTS = (
    "On {topic}: we are further than last time, but not done.",
    "For {topic} I compared two ways, and the simpler one is good enough.",
    "{topic} is on track; what is missing is somebody's second look.",
    "I have the numbers for {topic}, and they agree with the estimate.",
)
_QUESTIONS = (
    "What would keep us from finishing {topic} this week?",
    "Who needs to know about {topic} before we go on?",
    "Is there a risk in {topic} that we do not see?",
)
_REPLIES = (
    "Nothing that we cannot solve ourselves.",
    "I would rather try it on a small scale first.",
    "That is fine with me, as long as we write it down.",
    "Good point. Let us decide it now.",
)
_PROMISES = (
    "I will write down what we decided about {topic}.",
    "I will prepare the next step for {topic}.",
    "I will send everybody a summary of {topic}.",
)
_TASKS = (
    "Write down the decision about {topic}",
    "Prepare the next step for {topic}",
    "Send a summary of {topic}",
)
_MOST_TOPICS = 12
_SECONDS_PER_WORD = 0.4
"""People say about 150 words a minute."""
_PAUSE = 0.8


@dataclass(frozen=True, slots=True)
class Subject:
    """What a conversation is about, and who talks."""

    title: str
    speakers: Sequence[str]
    """At least one name."""
    topics: Sequence[str]
    """What is on the agenda; the title when there is none."""
    number: int
    """Chooses among the possible words."""

    @property
    def spoken_of(self) -> Sequence[str]:
        """The topics, in their order."""
        return list(self.topics)[:_MOST_TOPICS] or [self.title]

    def speaker(self, turn: int) -> str:
        """Who has that turn."""
        return self.speakers[turn % len(self.speakers)]

    def choice(self, words: Sequence[str], turn: int) -> str:
        """One of several sentences."""
        return words[(self.number + turn) % len(words)]


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that somebody said they would do."""

    title: str
    speaker: str


def conversation(subject: Subject) -> tuple[Segment, ...]:
    """A transcript: a welcome, four turns on each topic, a farewell."""
    segments: list[Segment] = []
    begins = 0.0
    for speaker, text in _turns(subject):
        ends = begins + round(_SECONDS_PER_WORD * len(text.split()), 3)
        segments.append(Segment(speaker=speaker, text=text, start_seconds=begins, end_seconds=ends))
        begins = round(ends + _PAUSE, 3)
    return tuple(segments)


def _turns(subject: Subject) -> Iterator[tuple[str, str]]:
    yield subject.speaker(0), f"Welcome, everybody. This is about {subject.title}."
    for position, topic in enumerate(subject.spoken_of):
        for turn, words in enumerate((_STATEMENTS, _QUESTIONS, _REPLIES, _PROMISES), start=position):
            yield subject.speaker(turn), subject.choice(words, position).format(topic=topic)
    yield subject.speaker(0), "That is all for today. Thank you."


def promises(subject: Subject) -> tuple[Promise, ...]:
    """What follows from the conversation: one task for each topic, by who promised it."""
    return tuple(
        Promise(
            title=subject.choice(_TASKS, position).format(topic=topic)[:255],
            speaker=subject.speaker(position + 3),
        )
        for position, topic in enumerate(subject.spoken_of)
    )


def notes(subject: Subject, segments: Sequence[Segment], level: DetailLevel) -> str:
    """What an assistant writes about a conversation: short points, prose, or every word."""
    if level == "VERBATIM":
        return "\n".join(f"{segment.speaker}: {segment.text}" for segment in segments)
    tasks = promises(subject)
    if level == "BULLET_POINTS":
        points = [f"- Discussed {topic}." for topic in subject.spoken_of]
        return "\n".join([*points, *(f"- {task.speaker}: {task.title}." for task in tasks)])
    names = _listed(list(dict.fromkeys(subject.speakers)))
    topics = _listed(subject.spoken_of)
    actions = " ".join(f"{task.speaker} is to: {task.title}." for task in tasks)
    return f"{names} met about {subject.title}. They spoke of {topics} and agreed on how to go on. {actions}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
