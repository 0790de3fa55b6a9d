"""Meetings."""

from collections.abc import Iterable

from pydantic import Field

from contio_mock.contract.meetings import DetailLevel, Meeting
from contio_mock.contract.shared import Model, Timestamp


class MeetingCopy(Model):
    """That a meeting was copied into another workspace."""

    workspace_id: str
    meeting_id: str


class MeetingRecord(Meeting):
    """A meeting with what its answers do not show."""

    viewer_ids: frozenset[str] = Field(exclude=True)
    """The users who take part, in any role."""
    guest_ids: frozenset[str] = Field(default=frozenset(), exclude=True)
    """Those of them who work in another workspace."""
    editor_ids: frozenset[str] = Field(exclude=True)
    """Those of them who may change it and what belongs to it: the owner and the editors."""
    detail_level: DetailLevel | None = Field(default=None, exclude=True)
    template_id: str | None = Field(default=None, exclude=True)
    started_at: Timestamp | None = Field(default=None, exclude=True)
    """When it really began; `start_time` is the plan."""
    ended_at: Timestamp | None = Field(default=None, exclude=True)
    completed_at: Timestamp | None = Field(default=None, exclude=True)
    copies: tuple[MeetingCopy, ...] = Field(default=(), exclude=True)
    """Where it was copied to, at most once into each workspace."""


def workspace_key(workspace_id: str) -> str:
    """The key of a whole workspace in an index whose other keys are user ids."""
    return f"workspace:{workspace_id}"


def guest_key(user_id: str) -> str:
    """The key of what a user sees of other workspaces, in an index that has keys of workspaces."""
    return f"guest:{user_id}"


def audience(meeting: MeetingRecord) -> Iterable[str]:
    """The keys of a meeting: everybody who takes part, the workspace, and those from other workspaces."""
    guests = map(guest_key, meeting.guest_ids)
    return (*meeting.viewer_ids, workspace_key(meeting.workspace_id), *guests)
