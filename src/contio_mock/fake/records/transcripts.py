"""What was said in meetings."""

from contio_mock.contract.shared import Model


class Segment(Model):
    """What one person said in one breath, in seconds from the meeting's beginning."""

    speaker: str
    text: str
    start_seconds: float
    end_seconds: float


class TranscriptRecord(Model):
    """What was said in a meeting, in the order of time; a meeting has at most one."""

    id: str
    meeting_id: str
    segments: tuple[Segment, ...]
