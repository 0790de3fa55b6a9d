"""A transcript as subtitles: SubRip (SRT), as every player and parser reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contio_mock.fake.records.transcripts import Segment

_NOT_SHOWN = dict.fromkeys((*range(9), *range(14, 32), 127))
"""Control characters that are no line breaks: no player shows them."""
_ARROW = "-->"
_STAMP = re.compile(r"(\d{1,2}:\d{1,2}:\d{1,2})[.,](?=\d)")


def srt(segments: Iterable[Segment], *, speakers: bool = True) -> str:
    """The cues of a transcript in the order of their beginning; empty when nothing was said."""
    said = [(segment, text) for segment in segments if (text := _text(segment, speakers=speakers))]
    said.sort(key=lambda pair: pair[0].start_seconds)
    return "".join(
        f"{number}\n{_span(segment)}\n{text}\n\n" for number, (segment, text) in enumerate(said, start=1)
    )


def _span(segment: Segment) -> str:
    """When a cue is shown; it lasts a millisecond at least, for players drop what has no length."""
    start = round(segment.start_seconds * 1000)
    end = max(round(segment.end_seconds * 1000), start + 1)
    return f"{_timestamp(start)} {_ARROW} {_timestamp(end)}"


def _timestamp(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"


def _text(segment: Segment, *, speakers: bool) -> str:
    """The lines of a cue. An empty line would end it; an arrow or two times would begin the next one."""
    lines = [_line(line) for line in segment.text.splitlines()]
    text = "\n".join(line for line in lines if line)
    speaker = " ".join(_line(segment.speaker).split())
    return f"{speaker}: {text}" if text and speaker and speakers else text


def _line(line: str) -> str:
    return _STAMP.sub(r"\1 ", line.translate(_NOT_SHOWN).strip().replace(_ARROW, "→"))
