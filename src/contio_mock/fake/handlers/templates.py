"""Meeting templates, as users see and apply them."""

from __future__ import annotations

from contio_mock.contract.errors import INVALID_REQUEST
from contio_mock.contract.shared import Page, trusted
from contio_mock.contract.templates import (
    NOT_FOUND_TO_APPLY,
    TEMPLATE_NOT_FOUND,
    AppliedTemplate,
    ApplyMeetingTemplate,
    GetMeetingTemplate,
    ListMeetingTemplateNextSteps,
    ListMeetingTemplates,
    MeetingTemplate,
    MeetingTemplateDetail,
    MeetingTemplateNextStep,
)
from contio_mock.fake import lookup, paging
from contio_mock.fake.plans import require_plan
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import templates as process
from contio_mock.fake.records import NextStepRecord, TemplateRecord
from contio_mock.fake.records.templates import NextStepLink
from contio_mock.fake.sandbox import Context

ADMINS = ("WORKSPACE_OWNER", "WORKSPACE_ADMIN")


@ListMeetingTemplates.handler
def list_meeting_templates(ctx: Context, op: ListMeetingTemplates) -> Page[MeetingTemplate]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    keys = process.audience_keys(ctx)
    found, total = ctx.store.templates.page_across("owner", keys, limit=limit, offset=offset)
    return paging.page([_shown(template) for template in found], total, limit, offset)


@GetMeetingTemplate.handler
def get_meeting_template(ctx: Context, op: GetMeetingTemplate) -> MeetingTemplateDetail:
    template = process.get(ctx, op.id, TEMPLATE_NOT_FOUND)
    return trusted(
        MeetingTemplateDetail,
        **_shown(template).__dict__,
        agenda_item_count=len(template.agenda_items),
        participant_count=len(template.participants),
        document_count=len(template.documents),
        can_edit=_can_edit(ctx, template),
    )


@ApplyMeetingTemplate.handler
def apply_meeting_template(ctx: Context, op: ApplyMeetingTemplate) -> AppliedTemplate:
    require_plan(ctx, "PRO", "meeting_templates")
    template = process.get(ctx, op.id, NOT_FOUND_TO_APPLY)
    meeting = lookup.editable_meeting(ctx, op.body.meeting_id)
    if not process.usable(ctx, template):
        raise ApiError(INVALID_REQUEST, "The template is inactive.")
    application = process.apply(ctx, meeting, template)
    return AppliedTemplate(success=True, application_id=application.id, applied_items=application.counts)


@ListMeetingTemplateNextSteps.handler
def list_meeting_template_next_steps(
    ctx: Context, op: ListMeetingTemplateNextSteps
) -> Page[MeetingTemplateNextStep]:
    template = process.seen(ctx, op.id)
    if template is None:
        raise ApiError(TEMPLATE_NOT_FOUND)
    links = sorted(template.next_steps, key=lambda link: link.sort_order)
    found = ((ctx.store.next_steps.get(link.next_step_id), link) for link in links)
    return paging.unpaged(ctx, [_step(step, link) for step, link in found if step and step.is_active])


def _shown(template: TemplateRecord) -> MeetingTemplate:
    return trusted(
        MeetingTemplate,
        id=template.id,
        name=template.name,
        ownership_type=template.ownership_type,
        is_active=template.is_active,
        created_at=template.created_at,
        updated_at=template.updated_at,
        description=template.description,
    )


def _can_edit(ctx: Context, template: TemplateRecord) -> bool:
    if template.ownership_type == "USER":
        return template.user_id == ctx.user.id
    members = ctx.profile.workspace_template_editors == "members"
    return template.ownership_type == "WORKSPACE" and (members or ctx.user.workspace_role in ADMINS)


def _step(step: NextStepRecord, link: NextStepLink) -> MeetingTemplateNextStep:
    return trusted(
        MeetingTemplateNextStep,
        id=step.id,
        name=step.name,
        autopilot=link.autopilot,
        sort_order=link.sort_order,
        description=step.description,
        color=step.color,
        icon_name=step.icon_name,
    )
