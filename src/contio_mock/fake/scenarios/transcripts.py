"""What was said in a scenario's meetings."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contio_mock.contract.shared import trusted
from contio_mock.fake.ids import stable_uuid
from contio_mock.fake.records import Segment, Store, TranscriptRecord

_SECONDS_PER_WORD = 0.4
_PAUSE = 0.8


class TranscriptSeed(BaseModel):
    """The words of a completed meeting: of the newest one with that title."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    meeting: str
    lines: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    """Who spoke and what they said, in order."""


def seed_transcripts(store: Store, seeds: tuple[TranscriptSeed, ...]) -> str | None:
    """Add the transcripts; the title of a meeting that is not there, or that has one already, if any."""
    for seed in seeds:
        of_title = [m for m in store.meetings if m.title == seed.meeting and m.status == "completed"]
        meeting = max(of_title, key=lambda m: m.updated_at, default=None)
        if meeting is None or store.transcripts.first("meeting", meeting.id) is not None:
            return seed.meeting
        store.transcripts.insert(
            trusted(
                TranscriptRecord,
                id=stable_uuid(meeting.id, "transcript"),
                meeting_id=meeting.id,
                segments=_timed(seed),
            )
        )
    return None


def _timed(seed: TranscriptSeed) -> tuple[Segment, ...]:
    """The lines at the pace of speech."""
    segments: list[Segment] = []
    begins = 0.0
    for speaker, text in seed.lines:
        ends = round(begins + _SECONDS_PER_WORD * max(1, len(text.split())), 3)
        segments.append(trusted(Segment, speaker=speaker, text=text, start_seconds=begins, end_seconds=ends))
        begins = round(ends + _PAUSE, 3)
    return tuple(segments)
