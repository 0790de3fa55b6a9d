"""Meetings."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from contio_mock.contract.meetings import DetailLevel, Meeting


class MeetingRecord(Meeting):
    """A meeting with what its answers do not show."""

    viewer_ids: frozenset[str] = Field(exclude=True)
    """The users who take part, in any role."""
    editor_ids: frozenset[str] = Field(exclude=True)
    """Those of them who may change it and what belongs to it: the owner and the editors."""
    detail_level: DetailLevel | None = Field(default=None, exclude=True)
    template_id: str | None = Field(default=None, exclude=True)


def workspace_key(workspace_id: str) -> str:
    """The key of a whole workspace in an index whose other keys are user ids."""
    return f"workspace:{workspace_id}"


def audience(meeting: MeetingRecord) -> Iterable[str]:
    """The keys of a meeting: everybody who takes part, and the workspace."""
    return (*meeting.viewer_ids, workspace_key(meeting.workspace_id))
