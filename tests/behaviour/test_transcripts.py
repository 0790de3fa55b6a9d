"""Transcripts, exported as subtitles that every parser reads."""

from __future__ import annotations

from typing import Any

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contio_mock import FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound, PlanRequired
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.shared import Id
from contio_mock.contract.simulate_meetings import (
    MeetingCompletion,
    MeetingCopyWish,
    MeetingNamed,
    SpokenSegment,
)
from contio_mock.fake.records import Segment
from contio_mock.fake.rules.subtitles import srt

PATH = "/v1/partner/user/meetings/{}/transcript/export"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def spoken(text: str, start: float = 0.0, end: float = 1.0, speaker: str = "Ada") -> SpokenSegment:
    return SpokenSegment(speaker=speaker, text=text, start_seconds=start, end_seconds=end)


def completed(contio: FakeContio, transcript: list[SpokenSegment] | None = None) -> Id:
    simulate = contio.control.mock.simulate
    made = contio.client().user.meetings.create(MeetingCreate(title="Review"))
    simulate.meeting_started(MeetingNamed(meeting_id=made.id))
    simulate.meeting_ended(MeetingNamed(meeting_id=made.id))
    wish = {} if transcript is None else {"transcript": transcript}
    simulate.meeting_completed(MeetingCompletion(meeting_id=made.id, **wish))
    return made.id


def cues(text: str) -> list[tuple[int, int, str]]:
    return [(cue.start, cue.end, cue.plaintext) for cue in pysubs2.SSAFile.from_string(text, "srt")]


def test_a_transcript_is_exported_as_plain_text(contio: FakeContio, raw: Any) -> None:
    meeting = completed(contio, [spoken("Hello.", 0, 1.25), spoken("Hi.", 61.5, 62, speaker="Grace")])
    for query in ("", "format=srt"):
        answer = raw("GET", PATH.format(meeting), query=query)
        assert answer.status == 200
        assert answer.header("content-type") == "text/plain; charset=utf-8"
        assert answer.body.decode() == (
            "1\n00:00:00,000 --> 00:00:01,250\nAda: Hello.\n\n2\n00:01:01,500 --> 00:01:02,000\nGrace: Hi.\n\n"
        )
    exported = contio.client().user.meetings.export_transcript(meeting)
    assert exported.content == answer.body.decode()


def test_what_the_mock_makes_up_can_be_read(contio: FakeContio) -> None:
    text = contio.client().user.meetings.export_transcript(completed(contio)).content
    assert len(cues(text)) >= 6
    assert all(start < end for start, end, _ in cues(text))


def test_the_demo_scenario_has_a_transcript(contio: FakeContio) -> None:
    meetings = contio.client().user.meetings
    (reviewed,) = [m for m in meetings.list(limit=100).items if m.title == "Card reader post-mortem"]
    first, *_, last = cues(meetings.export_transcript(reviewed.id).content)
    assert first[2].startswith("Ada Lovelace: Let us go through")
    assert first[0] == 0 < last[0]


@pytest.mark.contio(profile={"transcript_speakers": "unnamed"})
def test_cues_may_leave_the_speaker_out(contio: FakeContio) -> None:
    text = contio.client().user.meetings.export_transcript(completed(contio, [spoken("Hello.")])).content
    assert cues(text) == [(0, 1000, "Hello.")]


@pytest.mark.parametrize("plan", ["FREE", "PRO"])
def test_a_smaller_plan_is_told_which_one_is_needed(contio: FakeContio, plan: Any) -> None:
    meeting = completed(contio)
    contio.set_plan("ada@example.com", plan)
    with pytest.raises(PlanRequired) as refused:
        contio.client().user.meetings.export_transcript(meeting)
    assert refused.value.body["current_plan"] == plan
    assert refused.value.body["required_plan"] == "ELITE"
    assert refused.value.body["feature"] == "transcript_export"


@pytest.mark.parametrize("plan", ["ELITE", "ENT"])
def test_elite_and_larger_plans_export(contio: FakeContio, plan: Any) -> None:
    contio.set_plan("Analytical Engines", plan)
    assert contio.client().user.meetings.export_transcript(completed(contio)).content


@pytest.mark.parametrize("query", ["format=vtt", "format=SRT", "format="])
def test_another_format_is_refused(contio: FakeContio, raw: Any, query: str) -> None:
    assert raw.code("GET", PATH.format(completed(contio)), query=query) == (400, "bad_request")


@pytest.mark.parametrize("transcript", [[], [spoken("")], [spoken(" \n\t\x07 ")]])
def test_an_empty_transcript_is_not_found(contio: FakeContio, transcript: list[SpokenSegment]) -> None:
    with pytest.raises(NotFound):
        contio.client().user.meetings.export_transcript(completed(contio, transcript))


def test_a_meeting_without_a_transcript_has_none(contio: FakeContio) -> None:
    made = contio.client().user.meetings.create(MeetingCreate(title="Review"))
    with pytest.raises(NotFound):
        contio.client().user.meetings.export_transcript(made.id)


def test_other_peoples_and_unknown_meetings_are_not_found_and_bad_ids_are_bad(
    contio: FakeContio, raw: Any
) -> None:
    meeting = completed(contio)
    contio.set_plan("linus@example.net", "ELITE")
    for client, wanted in ((contio.client("linus@example.net"), meeting), (contio.client(), UNKNOWN_ID)):
        with pytest.raises(NotFound):
            client.user.meetings.export_transcript(wanted)
    assert raw.code("GET", PATH.format("mine")) == (400, "invalid_meeting_id")


def test_a_token_without_the_scope_is_refused(contio: FakeContio) -> None:
    with pytest.raises(Forbidden):
        contio.client(scope="profile").user.meetings.export_transcript(completed(contio))


@pytest.mark.parametrize(("release", "status"), [("1.5", 404), ("1.6", 404), ("1.9", 200), ("1.10", 200)])
def test_the_export_exists_since_1_9(contio: FakeContio, raw: Any, release: str, status: int) -> None:
    meeting = completed(contio)
    contio.settings(release=release)
    assert raw("GET", PATH.format(meeting)).status == status


def test_a_copy_has_the_transcript_too(contio: FakeContio) -> None:
    meeting = completed(contio, [spoken("Hello.")])
    contio.set_plan("linus@example.net", "ELITE")
    wish = MeetingCopyWish(meeting_id=meeting, email="linus@example.net")
    copy = contio.control.mock.simulate.meeting_copied(wish)
    linus = contio.client("linus@example.net")
    assert cues(linus.user.meetings.export_transcript(copy.id).content) == [(0, 1000, "Ada: Hello.")]


def test_a_bad_request_names_the_only_format(contio: FakeContio, raw: Any) -> None:
    with pytest.raises(BadRequest, match="srt"):
        contio.client().send(_with_format(completed(contio)))


def _with_format(meeting: Id) -> Any:
    from contio_mock.contract.meetings import ExportMeetingTranscript

    return ExportMeetingTranscript.made({"id": meeting, "format": "vtt"})


# ---------------------------------------------------------------- subtitles


def said(text: str, start: float, end: float, speaker: str = "Ada") -> Segment:
    return Segment(speaker=speaker, text=text, start_seconds=start, end_seconds=end)


@pytest.mark.parametrize(
    ("segment", "cue"),
    [
        (said("Grüß Gott 会議 🎉 עברית", 0, 1), (0, 1000, "Ada: Grüß Gott 会議 🎉 עברית")),
        (said("one\n\n\ntwo\r\n\r\nthree", 0, 1), (0, 1000, "Ada: one\ntwo\nthree")),
        (said("a\u2028\u2028b\x85\x0bc", 0, 1), (0, 1000, "Ada: a\nb\nc")),
        (said("7\n00:00:09,000 --> 00:00:10,000\nme", 0, 1), (0, 1000, "Ada: 7\n00:00:09 000 → 00:00:10 000\nme")),
        (said("x", 3723.004, 3723.9996), (3_723_004, 3_724_000, "Ada: x")),
        (said("x", 359_999, 359_999.999), (359_999_000, 359_999_999, "Ada: x")),
        (said("x", 1, 1.0001), (1000, 1001, "Ada: x")),
        (said("x", 0, 1, speaker="A\nB\n\nC"), (0, 1000, "A B C: x")),
        (said("x", 0, 1, speaker=" "), (0, 1000, "x")),
    ],
)  # fmt: skip
def test_a_parser_reads_what_was_said(segment: Segment, cue: tuple[int, int, str]) -> None:
    assert cues(srt([segment])) == [cue]


def test_more_than_99_hours_get_more_digits() -> None:
    text = srt([said("x", 360_000, 3_600_000.5)])
    assert text.splitlines()[1] == "100:00:00,000 --> 1000:00:00,500"


def test_overlapping_cues_stay_and_stand_in_the_order_of_their_beginning() -> None:
    text = srt([said("late", 5, 6), said("long", 0, 10), said("within", 2, 3, speaker="Grace")])
    assert cues(text) == [(0, 10_000, "Ada: long"), (2000, 3000, "Grace: within"), (5000, 6000, "Ada: late")]
    assert [line for line in text.splitlines() if line.isdigit()] == ["1", "2", "3"]


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.text(max_size=60), st.floats(0, 350_000), st.floats(0.001, 3600)),
        max_size=8,
    )
)
def test_whatever_was_said_a_parser_finds_as_many_cues_at_the_right_times(
    lines: list[tuple[str, str, float, float]],
) -> None:
    segments = [said(text, start, start + lasts, speaker) for speaker, text, start, lasts in lines]
    text = srt(segments)
    blocks = [block for block in text.split("\n\n") if block]
    assert [block.splitlines()[0] for block in blocks] == [str(n + 1) for n in range(len(blocks))]
    wanted = sorted(round(s.start_seconds * 1000) for s in segments if srt([s]))
    assert [cue[0] for cue in cues(text)] == wanted
