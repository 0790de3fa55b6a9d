"""Templates: which of them a user sees, and what applying one does to a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contio_mock.contract.errors import FORBIDDEN, INVALID_REQUEST, ErrorCode
from contio_mock.contract.meeting_events import MeetingTemplateApplied
from contio_mock.contract.shared import trusted
from contio_mock.fake.audience import meeting_readers
from contio_mock.fake.plans import has_plan
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import agenda, meeting_news, participation
from contio_mock.fake.records import MeetingRecord, TemplateApplicationRecord, TemplateRecord
from contio_mock.fake.records.templates import (
    TemplateAgendaItem,
    TemplateParticipant,
    offered_by,
    owners,
)
from contio_mock.fake.sandbox import Context

# ---------------------------------------------------------------- who sees which


def audience_keys(ctx: Context) -> tuple[str, ...]:
    """The keys under which the caller's templates stand: everybody's, the workspace's, their own."""
    keys = ("everybody", f"workspace:{ctx.user.workspace_id}", f"user:{ctx.user.id}")
    shared = ctx.profile.partner_templates == "connected"
    return (*keys, offered_by(ctx.app.id)) if shared else keys


def seen(ctx: Context, template_id: str) -> TemplateRecord | None:
    """The template, if the caller can see it."""
    found = ctx.store.templates.get(template_id)
    keys = set(audience_keys(ctx))
    return found if found is not None and not keys.isdisjoint(owners(found)) else None


def get(ctx: Context, template_id: str, missing: ErrorCode, foreign: ErrorCode = FORBIDDEN) -> TemplateRecord:
    """The template, if the caller can see it; raises ApiError."""
    found = seen(ctx, template_id)
    if found is not None:
        return found
    exists = ctx.store.templates.get(template_id) is not None
    if exists and ctx.profile.foreign_template == "forbidden":
        raise ApiError(foreign, "This template belongs to somebody else.")
    raise ApiError(missing)


# ---------------------------------------------------------------- applying


def apply(ctx: Context, meeting: MeetingRecord, template: TemplateRecord) -> TemplateApplicationRecord:
    """Add to a meeting what a template has, keep that it was applied, and tell."""
    meeting = _with_properties(ctx, meeting, template)
    application = ctx.store.template_applications.insert(
        trusted(
            TemplateApplicationRecord,
            id=ctx.ids.uuid(),
            meeting_id=meeting.id,
            template_id=template.id,
            applied_by_user_id=ctx.user.id,
            applied_at=ctx.now,
            agenda_items=tuple(add_agenda_items(ctx, meeting, template.agenda_items)),
            participants=tuple(add_participants(ctx, meeting, template.participants)),
            documents=template.documents,
            next_steps=template.next_steps,
        )
    )
    viewers = meeting_readers(ctx, ctx.store.meetings.get(meeting.id) or meeting)
    ctx.emit(_applied(application, template), audience=viewers)
    return application


def add_agenda_items(
    ctx: Context, meeting: MeetingRecord, items: Iterable[TemplateAgendaItem]
) -> list[TemplateAgendaItem]:
    """Put a template's items on a meeting's agenda, after what is there; its notes are the caller's."""
    brought = list(items)
    for item in brought:
        agenda.add_agenda_item(
            ctx,
            meeting,
            title=item.title,
            item_type=item.item_type,
            description=item.description or item.content,
            time_allocation_minutes=item.time_allocation_minutes,
            notes={ctx.user.id: item.talking_points} if item.talking_points else None,
        )
    return brought


def add_participants(
    ctx: Context, meeting: MeetingRecord, people: Iterable[TemplateParticipant]
) -> list[TemplateParticipant]:
    """Let a template's people take part; returns those who did not already."""
    wanted = {person.email.lower(): person for person in people}
    meeting, added = participation.admit(
        ctx, meeting, [(person.email, person.name, person.role) for person in wanted.values()]
    )
    participation.tell_added(ctx, meeting, added)
    return [wanted[participant.email.lower()] for participant in added]


def agenda_of(ctx: Context, meeting: MeetingRecord) -> tuple[TemplateAgendaItem, ...]:
    """A meeting's agenda as a template keeps it, with the talking points of the meeting's creator."""
    return tuple(
        TemplateAgendaItem(
            title=item.title,
            item_type=item.item_type,
            description=item.description,
            talking_points=item.notes.get(meeting.created_by_user_id),
            sequence=item.sequence,
            time_allocation_minutes=item.time_allocation_minutes,
        )
        for item in ctx.store.agenda_items.under("meeting", meeting.id)
    )


def participants_of(ctx: Context, meeting: MeetingRecord) -> tuple[TemplateParticipant, ...]:
    """Who takes part in a meeting, as a template keeps it."""
    return tuple(
        TemplateParticipant(email=person.email, name=person.name, role=person.role)
        for person in ctx.store.participants.under("meeting", meeting.id)
    )


def _with_properties(ctx: Context, meeting: MeetingRecord, template: TemplateRecord) -> MeetingRecord:
    """The meeting with the template's title and detail level, as far as the profile lets it."""
    replacing = ctx.profile.template_properties == "replace"
    wish: dict[str, Any] = {}
    if template.detail_level is not None and (replacing or meeting.detail_level is None):
        wish["detail_level"] = template.detail_level
    if template.title is not None and replacing and template.title != meeting.title:
        wish["title"] = template.title
        wish["updated_at"] = ctx.now
    if not wish:
        return meeting
    changed = ctx.store.meetings.replace(meeting, **wish)
    if "title" in wish:  # the detail level is in no answer
        meeting_news.updated(ctx, changed)
    return changed


def _applied(application: TemplateApplicationRecord, template: TemplateRecord) -> MeetingTemplateApplied:
    return trusted(
        MeetingTemplateApplied,
        applied_at=application.applied_at,
        applied_by_user_id=application.applied_by_user_id,
        applied_items=application.counts,
        meeting_id=application.meeting_id,
        template_id=template.id,
        template_name=template.name,
    )


# ---------------------------------------------------------------- with a meeting that is saved


def check_wish(ctx: Context, template_id: str | None) -> None:
    """Refuse a template_id that the caller cannot use, before a meeting is saved; raises ApiError."""
    if template_id is None or ctx.profile.unknown_template_id == "ignore":
        return
    template = seen(ctx, template_id)
    if template is None:
        raise ApiError(INVALID_REQUEST, "template_id is not a template that you can see.")
    if not usable(ctx, template) and ctx.profile.meeting_template_id == "apply":
        raise ApiError(INVALID_REQUEST, "template_id is an inactive template.")


def usable(ctx: Context, template: TemplateRecord) -> bool:
    """Whether a template may be applied: it is active, or the profile does not mind."""
    return template.is_active or ctx.profile.inactive_template == "apply"


def follow_wish(ctx: Context, meeting: MeetingRecord, template_id: str | None) -> MeetingRecord:
    """Apply the template that a meeting was saved with; returns the meeting as it is then."""
    template = seen(ctx, template_id) if template_id is not None else None
    wanted = ctx.profile.meeting_template_id == "apply"
    if template is None or not wanted or not usable(ctx, template) or not has_plan(ctx, "PRO"):
        return meeting
    apply(ctx, meeting, template)
    return ctx.store.meetings.get(meeting.id) or meeting
