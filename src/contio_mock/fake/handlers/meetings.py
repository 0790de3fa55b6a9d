"""Meetings."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from contio_mock.contract.meetings import (
    TRANSCRIPT_NOT_FOUND,
    CreateMeeting,
    ExportMeetingTranscript,
    GetMeeting,
    ListMeetings,
    Meeting,
    MeetingRedirect,
    UpdateMeeting,
)
from contio_mock.contract.shared import Page, trusted
from contio_mock.contract.wire import Text
from contio_mock.fake import lookup, paging
from contio_mock.fake.plans import require_plan
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import meeting_news, participation, templates
from contio_mock.fake.processes import meetings as life
from contio_mock.fake.records import MeetingRecord, changes
from contio_mock.fake.rules import meetings as rules
from contio_mock.fake.rules.subtitles import srt
from contio_mock.fake.sandbox import Context


@ListMeetings.handler
def list_meetings(ctx: Context, op: ListMeetings) -> Page[Meeting]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    meetings, keys = ctx.store.meetings, lookup.meeting_keys(ctx)
    if op.start_date is None and op.end_date is None:
        return paging.listed_across(meetings, "audience", keys, limit, offset)
    low, high = paging.moments(ctx, op.start_date, op.end_date)
    items, total = meetings.page_between("start", keys, low=low, high=high, limit=limit, offset=offset)
    return paging.page(items, total, limit, offset)


@CreateMeeting.handler
def create_meeting(ctx: Context, op: CreateMeeting) -> Meeting:
    wish = op.body
    start = ctx.now if wish.is_instant else wish.start_time
    _check_times(ctx, start, wish.end_time)
    templates.check_wish(ctx, wish.template_id)
    owner = _only(ctx.user.id)
    meeting = ctx.store.meetings.insert(
        trusted(
            MeetingRecord,
            id=ctx.ids.uuid(),
            title=wish.title,
            status=rules.first_status(start, is_instant=bool(wish.is_instant)),
            workspace_id=ctx.user.workspace_id,
            created_by_user_id=ctx.user.id,
            created_at=ctx.now,
            updated_at=ctx.now,
            start_time=start,
            end_time=wish.end_time,
            template_id=wish.template_id,
            detail_level=wish.detail_level,
            viewer_ids=owner,
            editor_ids=owner,
        )
    )
    meeting_news.created(ctx, meeting)
    participation.add_owner(ctx, meeting, ctx.user)
    life.plan(ctx, meeting)
    return templates.follow_wish(ctx, meeting, wish.template_id)


@lru_cache(maxsize=256)
def _only(user_id: str) -> frozenset[str]:
    """A user alone; all their meetings share it."""
    return frozenset({user_id})


@GetMeeting.handler
def get_meeting(ctx: Context, op: GetMeeting) -> Meeting | MeetingRedirect:
    copy = lookup.redirected(ctx, op.id)
    if copy is not None:
        return MeetingRedirect(redirect_to_meeting_id=copy)
    return lookup.meeting(ctx, op.id)


@UpdateMeeting.handler
def update_meeting(ctx: Context, op: UpdateMeeting) -> Meeting:
    meeting = lookup.changeable_meeting(ctx, op.id)
    wish: dict[str, Any] = changes(op.body)
    start = wish.get("start_time", meeting.start_time)
    _check_times(ctx, start, wish.get("end_time", meeting.end_time))
    template_id = op.body.template_id if op.body.template_id != meeting.template_id else None
    templates.check_wish(ctx, template_id)
    wish["status"] = rules.status_after_update(meeting, start)
    changed = any(getattr(meeting, name) != value for name, value in wish.items())
    if not changed and ctx.profile.update_event_without_change == "no":
        return meeting
    meeting = ctx.store.meetings.replace(meeting, **wish, updated_at=ctx.now)
    meeting_news.updated(ctx, meeting)
    life.plan(ctx, meeting)
    return templates.follow_wish(ctx, meeting, template_id)


def _check_times(ctx: Context, start: datetime | None, end: datetime | None) -> None:
    problem = rules.times_problem(start, end, ctx.profile)
    if problem is not None:
        raise ApiError(problem)


@ExportMeetingTranscript.handler
def export_meeting_transcript(ctx: Context, op: ExportMeetingTranscript) -> Text:
    require_plan(ctx, "ELITE", "transcript_export")
    meeting = lookup.meeting(ctx, op.id)
    transcript = ctx.store.transcripts.first("meeting", meeting.id)
    named = ctx.profile.transcript_speakers == "named"
    subtitles = srt(transcript.segments, speakers=named) if transcript is not None else ""
    if not subtitles:
        raise ApiError(TRANSCRIPT_NOT_FOUND)
    return Text(subtitles)
