"""Templates of a partner app."""

from __future__ import annotations

from contio_mock.contract.admin_templates import (
    APP_TEMPLATE_NOT_FOUND,
    BACKING_MEETING_INVALID,
    TEMPLATE_STEP_NOT_FOUND,
    AddTemplateNextStep,
    CreateTemplate,
    DeleteTemplate,
    GetTemplate,
    ListTemplateNextSteps,
    ListTemplates,
    RemoveTemplateNextStep,
    ReplaceTemplate,
    ReplaceTemplateNextStep,
    Template,
    TemplateNextStep,
    UpdateTemplate,
)
from contio_mock.contract.errors import FORBIDDEN, INVALID_REQUEST
from contio_mock.contract.shared import Page, trusted
from contio_mock.fake import lookup, paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import templates as process
from contio_mock.fake.records import MeetingRecord, NextStepRecord, TemplateRecord, changes
from contio_mock.fake.records.templates import NextStepLink
from contio_mock.fake.sandbox import Context


@ListTemplates.handler
def list_templates(ctx: Context, op: ListTemplates) -> Page[Template]:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    found, total = ctx.store.templates.page("owner", f"app:{ctx.app.id}", limit=limit, offset=offset)
    return paging.page([_shown(template) for template in found], total, limit, offset)


@CreateTemplate.handler
def create_template(ctx: Context, op: CreateTemplate) -> Template:
    backing = _backing_meeting(ctx, op.body.backing_meeting_id)
    template = ctx.store.templates.insert(
        trusted(
            TemplateRecord,
            id=ctx.ids.uuid(),
            name=op.body.name,
            description=op.body.description,
            app_id=ctx.app.id,
            created_at=ctx.now,
            updated_at=ctx.now,
            ownership_type="PARTNER",
            backing_meeting_id=backing.id if backing else None,
            agenda_items=process.agenda_of(ctx, backing) if backing else (),
            participants=process.participants_of(ctx, backing) if backing else (),
        )
    )
    return _shown(template)


@GetTemplate.handler
def get_template(ctx: Context, op: GetTemplate) -> Template:
    return _shown(_own(ctx, op.template_id))


@ReplaceTemplate.handler
def replace_template(ctx: Context, op: ReplaceTemplate) -> Template:
    return _changed(ctx, op)


@UpdateTemplate.handler
def update_template(ctx: Context, op: UpdateTemplate) -> Template:
    return _changed(ctx, op)


@DeleteTemplate.handler
def delete_template(ctx: Context, op: DeleteTemplate) -> None:
    ctx.store.templates.remove(_own(ctx, op.template_id))


@ListTemplateNextSteps.handler
def list_template_next_steps(ctx: Context, op: ListTemplateNextSteps) -> Page[TemplateNextStep]:
    template = _own(ctx, op.template_id)
    links = sorted(template.next_steps, key=lambda link: link.sort_order)
    found = ((ctx.store.next_steps.get(link.next_step_id), link) for link in links)
    return paging.unpaged(ctx, [_step(step, link) for step, link in found if step], default_limit=50)


@AddTemplateNextStep.handler
def add_template_next_step(ctx: Context, op: AddTemplateNextStep) -> None:
    template = _own(ctx, op.template_id)
    step = lookup.app_next_step(ctx, op.body.next_step_id)
    links = {link.next_step_id: link for link in template.next_steps}
    if step.id in links and ctx.profile.duplicate_template_next_step == "reject":
        raise ApiError(INVALID_REQUEST, "The template brings this next step already.")
    links[step.id] = NextStepLink(
        next_step_id=step.id,
        sort_order=op.body.sort_order or 0,
        autopilot=bool(op.body.autopilot),
    )
    ctx.store.templates.replace(template, next_steps=tuple(links.values()))


@ReplaceTemplateNextStep.handler
def replace_template_next_step(ctx: Context, op: ReplaceTemplateNextStep) -> None:
    template = _own(ctx, op.template_id)
    link = _link(template, op.next_step_id)
    changed = link.model_copy(update=changes(op.body))
    links = (changed if other is link else other for other in template.next_steps)
    ctx.store.templates.replace(template, next_steps=tuple(links))


@RemoveTemplateNextStep.handler
def remove_template_next_step(ctx: Context, op: RemoveTemplateNextStep) -> None:
    template = _own(ctx, op.template_id)
    link = _link(template, op.next_step_id)
    links = (other for other in template.next_steps if other is not link)
    ctx.store.templates.replace(template, next_steps=tuple(links))


def _own(ctx: Context, template_id: str) -> TemplateRecord:
    template = ctx.store.templates.get(template_id)
    if template is None or template.app_id != ctx.app.id or template.installation_id is not None:
        raise ApiError(APP_TEMPLATE_NOT_FOUND)
    return template


def _link(template: TemplateRecord, step_id: str) -> NextStepLink:
    for link in template.next_steps:
        if link.next_step_id == step_id:
            return link
    raise ApiError(TEMPLATE_STEP_NOT_FOUND)


def _changed(ctx: Context, op: ReplaceTemplate | UpdateTemplate) -> Template:
    template = _own(ctx, op.template_id)
    return _shown(ctx.store.templates.replace(template, **changes(op.body), updated_at=ctx.now))


def _backing_meeting(ctx: Context, meeting_id: str | None) -> MeetingRecord | None:
    if meeting_id is None:
        return None
    meeting = ctx.store.meetings.get(meeting_id)
    if meeting is None:
        raise ApiError(BACKING_MEETING_INVALID)
    if not ctx.store.has_connected_member(ctx.app.id, meeting.workspace_id, ctx.now):
        raise ApiError(FORBIDDEN, "No user of the meeting's workspace is connected to this app.")
    return meeting


def _shown(template: TemplateRecord) -> Template:
    return trusted(
        Template,
        id=template.id,
        name=template.name,
        created_at=template.created_at,
        updated_at=template.updated_at,
        description=template.description,
        backing_meeting_id=template.backing_meeting_id,
    )


def _step(step: NextStepRecord, link: NextStepLink) -> TemplateNextStep:
    return trusted(
        TemplateNextStep,
        id=step.id,
        name=step.name,
        sort_order=link.sort_order,
        autopilot=link.autopilot,
        created_at=step.created_at,
        updated_at=step.updated_at,
    )
