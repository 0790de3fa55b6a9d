"""What lets the events of action items, context documents, templates and next steps happen."""

from __future__ import annotations

from typing import Any

from contio_mock.contract.release import R1_9, since, until
from contio_mock.contract.wire import Upload

from .causes import ADA_ALONE, GRACE_ALONE, IN_THE_MEETING, IN_THE_MEETING_BY_FIRST, Told, cause
from .stage import ADA, FIRST, GRACE, SECOND, Stage

# ---------------------------------------------------------------- action items


@cause("createActionItem", Told("action_item.created", IN_THE_MEETING, by=GRACE))
def an_action_item_is_created(s: Stage) -> None:
    made = s.user(GRACE).action_items.create({"meeting_id": s.meeting("Planning"), "title": "Prepare"})
    s.told(
        "action_item.created",
        action_item_id=made.id,
        assignee_id=None,
        created_at=s.now,
        meeting_id=s.meeting("Planning"),
        title="Prepare",
        workspace_id=s.workspace,
    )


@cause(
    "createActionItem",
    Told("action_item.created", IN_THE_MEETING, by=ADA),
    Told("action_item.completed", IN_THE_MEETING, by=ADA),
)
def an_action_item_is_created_as_completed(s: Stage) -> None:
    wish = {"meeting_id": s.meeting("Planning"), "title": "Done", "status": "completed"}
    made = s.user(ADA).action_items.create(wish)
    s.told("action_item.created", action_item_id=made.id, title="Done")
    s.told(
        "action_item.completed",
        action_item_id=made.id,
        assignee_id=None,
        completed_at=s.now,
        completed_by_user_id=s.id_of(ADA),
        meeting_id=s.meeting("Planning"),
        title="Done",
        workspace_id=s.workspace,
    )


def _change(s: Stage, how: str, **change: Any) -> None:
    """Change the seeded item that Grace is to do, by PUT (`update`) or PATCH (`patch`)."""
    item = s.the("action_items", "Write it up")
    changed = getattr(s.user(ADA).action_items, how)(item.id, change)
    s.told(
        "action_item.updated",
        action_item_id=item.id,
        assignee_id=s.id_of(GRACE),
        is_completed=changed.is_completed,
        meeting_id=s.meeting("Retrospective"),
        status=changed.status,
        updated_at=s.now,
        workspace_id=s.workspace,
    )
    if changed.is_completed:
        s.told(
            "action_item.completed",
            action_item_id=item.id,
            assignee_id=s.id_of(GRACE),
            completed_at=s.now,
            completed_by_user_id=s.id_of(ADA),
            meeting_id=s.meeting("Retrospective"),
            title=changed.title,
            workspace_id=s.workspace,
        )


@cause("updateActionItem", Told("action_item.updated", IN_THE_MEETING, by=ADA))
def an_action_item_is_begun(s: Stage) -> None:
    _change(s, "update", status="in_progress")


@cause(
    "updateActionItem",
    Told("action_item.updated", IN_THE_MEETING, by=ADA),
    Told("action_item.completed", IN_THE_MEETING, by=ADA),
)
def an_action_item_is_completed(s: Stage) -> None:
    _change(s, "update", is_completed=True)


@cause(
    "updateActionItem",
    Told("action_item.updated", GRACE_ALONE, by=GRACE),
    profile={"action_item_visibility": "own"},
)
def an_action_item_that_only_its_people_see_is_begun(s: Stage) -> None:
    wish = {"meeting_id": s.meeting("Planning"), "title": "Mine"}
    made = s.user(GRACE).action_items.create(wish)
    s.ready()
    s.user(GRACE).action_items.update(made.id, {"status": "in_progress"})
    s.told("action_item.updated", action_item_id=made.id, status="in_progress", assignee_id=None)


@cause("patchActionItem", Told("action_item.updated", IN_THE_MEETING, by=ADA))
def an_action_item_is_blocked(s: Stage) -> None:
    _change(s, "patch", status="blocked")


@cause(
    "patchActionItem",
    Told("action_item.updated", IN_THE_MEETING, by=ADA),
    Told("action_item.completed", IN_THE_MEETING, by=ADA),
)
def an_action_item_is_completed_by_its_status(s: Stage) -> None:
    _change(s, "patch", status="completed")


# ---------------------------------------------------------------- automations

_MATCHED = (
    Told("automation.assignment.created", IN_THE_MEETING_BY_FIRST),
    Told("workflow.assignment.created", IN_THE_MEETING_BY_FIRST),
)
"""Under its name in newer releases or in older ones; an assignment is the system's doing."""


def _assigned(s: Stage, item: Any, rule: str) -> None:
    automation = s.the("automations", rule)
    (made,) = s.contio.sandbox.store.assignments
    known = {
        "action_item_id": item.id,
        "assignment_id": made.id,
        "confidence_score": 1,
        "created_at": s.now,
        "meeting_id": item.meeting_id,
        "status": "assigned",
        "workspace_id": s.workspace,
    }
    payload = {"trigger_type": automation.trigger_type}
    s.told(
        "automation.assignment.created",
        **known,
        automation_data_payload=payload,
        automation_id=automation.id,
        automation_name=rule,
    )
    s.told(
        "workflow.assignment.created",
        **known,
        workflow_data_payload=payload,
        workflow_id=automation.id,
        workflow_name=rule,
    )


@cause("createActionItem", Told("action_item.created", IN_THE_MEETING, by=ADA), *_MATCHED)
def a_new_action_item_matches(s: Stage) -> None:
    wish = {"meeting_id": s.meeting("Planning"), "title": "Open a ticket"}
    item = s.user(ADA).action_items.create(wish)
    s.told("action_item.created", action_item_id=item.id)
    _assigned(s, item, "Tickets")


@cause(
    "createActionItem",
    Told("action_item.created", IN_THE_MEETING, by=ADA),
    Told("automation.assignment.created", frozenset({(SECOND, GRACE)})),
    Told("workflow.assignment.created", frozenset({(SECOND, GRACE)})),
)
def a_new_action_item_matches_a_rule_of_the_second_app(s: Stage) -> None:
    wish = {"meeting_id": s.meeting("Planning"), "title": "Send an invoice"}
    item = s.user(ADA).action_items.create(wish)
    s.told("action_item.created", action_item_id=item.id)
    _assigned(s, item, "Invoices")


@cause("updateActionItem", Told("action_item.updated", IN_THE_MEETING, by=ADA), *_MATCHED)
def a_changed_action_item_matches(s: Stage) -> None:
    _change(s, "update", description="It needs a ticket.")
    _assigned(s, s.the("action_items", "Write it up"), "Tickets")


@cause(
    "patchActionItem",
    Told("action_item.updated", IN_THE_MEETING, by=ADA),
    Told("action_item.completed", IN_THE_MEETING, by=ADA),
    _MATCHED[0],
)
def a_completed_action_item_matches(s: Stage) -> None:
    _change(s, "patch", title="Archive it", is_completed=True)
    _assigned(s, s.the("action_items", "Write it up"), "Archive")


@cause(
    "createActionItem",
    Told("action_item.created", GRACE_ALONE, by=GRACE),
    Told("automation.assignment.created", frozenset({(FIRST, GRACE)})),
    Told("workflow.assignment.created", frozenset({(FIRST, GRACE)})),
    profile={"action_item_visibility": "own"},
)
def an_action_item_that_only_its_people_see_matches(s: Stage) -> None:
    wish = {"meeting_id": s.meeting("Planning"), "title": "Open a ticket"}
    item = s.user(GRACE).action_items.create(wish)
    s.told("action_item.created", action_item_id=item.id)
    _assigned(s, item, "Tickets")


# ---------------------------------------------------------------- context documents


_SLOWLY = {"context_processing_seconds": 60.0}


def _upload(s: Stage, email: str, app: str, content: bytes = b"# Notes\n") -> Any:
    wish = {"file": Upload(content, "notes.md", "text/markdown"), "source_format": "md", "title": "Notes"}
    return s.user(email, app).context.upload(s.meeting("Planning"), wish)


def _new_document(s: Stage, document: Any) -> None:
    s.told(
        "meeting.context.created",
        context_id=document.id,
        created_at=s.now,
        meeting_id=s.meeting("Planning"),
        title="Notes",
        workspace_id=s.workspace,
    )


@cause(
    "uploadMeetingContext", Told("meeting.context.created", IN_THE_MEETING_BY_FIRST, by=ADA), profile=_SLOWLY
)
def a_document_is_uploaded(s: Stage) -> None:
    _new_document(s, _upload(s, ADA, FIRST))


@cause(
    "uploadMeetingContext",
    Told("meeting.context.created", frozenset({(SECOND, GRACE)}), by=GRACE),
    profile=_SLOWLY,
)
def a_document_is_uploaded_by_the_second_app(s: Stage) -> None:
    _new_document(s, _upload(s, GRACE, SECOND))


@cause("deleteMeetingContext", Told("meeting.context.deleted", IN_THE_MEETING_BY_FIRST, by=ADA))
def a_document_is_deleted(s: Stage) -> None:
    (document,) = s.user(ADA).context.list(s.meeting("Planning")).items
    s.ready()
    s.user(ADA).context.delete(s.meeting("Planning"), document.id)
    s.told(
        "meeting.context.deleted",
        context_id=document.id,
        deleted_at=s.now,
        meeting_id=s.meeting("Planning"),
        workspace_id=s.workspace,
    )


@cause("finish_processing", Told("meeting.context.processed", IN_THE_MEETING_BY_FIRST), profile=_SLOWLY)
def a_document_with_addresses_is_processed(s: Stage) -> None:
    document = _upload(s, ADA, FIRST, b"Write to ada@example.com and grace@example.com.\n")
    s.ready()
    s.pass_time(60)
    s.told(
        "meeting.context.processed",
        context_id=document.id,
        meeting_id=s.meeting("Planning"),
        workspace_id=s.workspace,
    )


@cause("finish_processing", Told("meeting.context.processed", frozenset({(SECOND, GRACE)})), profile=_SLOWLY)
def a_document_of_the_second_app_is_processed(s: Stage) -> None:
    document = _upload(s, GRACE, SECOND)
    s.ready()
    s.pass_time(60)
    s.told(
        "meeting.context.processed",
        context_id=document.id,
        sanitization_report={
            "formula_escaped": False, "pii_detected": False, "redactions": [], "secrets_detected": False,
        },
    )  # fmt: skip


# ---------------------------------------------------------------- templates


def _template(s: Stage) -> str:
    return str(s.the("templates", "Follow-up").id)


def _applied(s: Stage, meeting: str, title: str) -> None:
    s.told(
        "meeting_template.applied",
        applied_at=s.now,
        applied_by_user_id=s.id_of(ADA),
        applied_items={"agenda_items": 1, "documents": 0, "participants": 2},
        meeting_id=meeting,
        template_id=_template(s),
        template_name="Follow-up",
    )
    s.told("agenda_item.created", item_type="DISCUSSION", meeting_id=meeting, title="What is done")
    s.told("participant.added", added_at=s.now, meeting_id=meeting, workspace_id=s.workspace)
    s.told("meeting.updated", meeting_id=meeting, title=title, updated_at=s.now)


_APPLIED = (
    Told("meeting_template.applied", IN_THE_MEETING, by=ADA),
    Told("agenda_item.created", ADA_ALONE, by=ADA),
    Told("participant.added", IN_THE_MEETING, by=ADA),
)
"""Ada is alone in the meeting until the template brings Grace and a guest."""


@cause("applyMeetingTemplate", *_APPLIED)
def a_template_is_applied(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Alone"})
    s.ready()
    s.user(ADA).meeting_templates.apply(_template(s), {"meeting_id": made.id})
    _applied(s, made.id, "Alone")


@cause(
    "applyMeetingTemplate",
    *_APPLIED,
    Told("meeting.updated", ADA_ALONE, by=ADA),
    profile={"template_properties": "replace"},
)
def a_template_with_a_title_is_applied(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Alone"})
    s.ready()
    s.user(ADA).meeting_templates.apply(_template(s), {"meeting_id": made.id})
    _applied(s, made.id, "What came of it")


@cause(
    "createMeeting",
    Told("meeting.created", ADA_ALONE, by=ADA),
    Told("meeting.updated", ADA_ALONE, by=ADA),
    *_APPLIED,
    profile={"template_properties": "replace"},
)
def a_meeting_is_created_from_a_template(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Alone", "template_id": _template(s)})
    s.told("meeting.created", meeting_id=made.id, title="Alone")
    _applied(s, made.id, "What came of it")


@cause("updateMeeting", Told("meeting.updated", ADA_ALONE, by=ADA), *_APPLIED)
def a_meeting_is_given_a_template(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Alone"})
    s.ready()
    s.user(ADA).meetings.update(made.id, {"template_id": _template(s)})
    _applied(s, made.id, "Alone")


# ---------------------------------------------------------------- next steps


def _completed(s: Stage, mode: str, result: str | None, by: str = ADA) -> None:
    """What is known of a next step of the retrospective that somebody carried out."""
    known: dict[str, Any] = {
        "executed_at": s.now,
        "executed_by": s.id_of(by),
        "execution_mode": mode,
        "meeting_id": s.meeting("Retrospective"),
    }
    step = s.the("next_steps", "Minutes" if result else "Board")
    known |= {"next_step_id": step.id, "next_step_name": step.name}
    if result is not None:
        known["result_id"] = result
    if s.release >= R1_9:
        known |= {"context_id": s.meeting("Retrospective"), "context_type": "meeting"}
    s.told("next_step.completed", **known)


def _execute(s: Stage, step: str, email: str = ADA) -> Any:
    return s.user(email).next_steps.execute(s.meeting("Retrospective"), s.the("next_steps", step).id, {})


@cause("executeMeetingNextStep", Told("next_step.completed", IN_THE_MEETING, by=GRACE))
def a_text_is_written(s: Stage) -> None:
    _completed(s, "MANUAL", _execute(s, "Minutes", GRACE).result_id, GRACE)


@cause("executeMeetingNextStep", Told("next_step.completed", IN_THE_MEETING, by=ADA), lives=since(R1_9))
def a_redirect_is_followed(s: Stage) -> None:
    _execute(s, "Board")
    _completed(s, "MANUAL", None)


@cause("executeMeetingNextStep", lives=until(R1_9))
def a_redirect_is_followed_before_an_event_could_tell_of_it(s: Stage) -> None:
    _execute(s, "Board")


@cause(
    "finish_next_step",
    Told("next_step.completed", IN_THE_MEETING),
    profile={"next_step_execution": "async"},
)
def a_text_is_written_later(s: Stage) -> None:
    begun = _execute(s, "Minutes")
    s.ready()
    s.pass_time(60)
    s.told(
        "next_step.completed", result_id=begun.result_id, execution_mode="MANUAL", executed_by=s.id_of(ADA)
    )


def _triggered(s: Stage, button: str, trigger: Any, step: bool, by: str = ADA) -> None:
    known = {
        "action_button_id": s.the("action_buttons", button).id,
        "action_button_name": button,
        "meeting_id": s.meeting("Retrospective"),
        "next_step_id": s.the("next_steps", "Minutes").id if step else None,
        "result_id": trigger.result_id,
        "trigger_mode": "MANUAL",
        "triggered_at": s.now,
        "triggered_by": s.id_of(by),
    }
    if s.release >= R1_9:
        known |= {
            "context_id": s.meeting("Retrospective"),
            "context_type": "meeting",
            "invocation_id": trigger.invocation_id,
        }
    s.told("action_button.triggered", **known)


def _press(s: Stage, button: str, email: str = ADA, **given: Any) -> Any:
    id_ = s.the("action_buttons", button).id
    return s.user(email).next_steps.trigger(s.meeting("Retrospective"), id_, given)


@cause("triggerMeetingActionButton", Told("action_button.triggered", IN_THE_MEETING_BY_FIRST, by=ADA))
def a_button_is_pressed(s: Stage) -> None:
    _triggered(s, "Send", _press(s, "Send"), step=False)


@cause("triggerMeetingActionButton", Told("action_button.triggered", frozenset({(SECOND, GRACE)}), by=GRACE))
def a_button_of_the_second_app_is_pressed(s: Stage) -> None:
    _triggered(s, "Post", _press(s, "Post", GRACE), step=False, by=GRACE)


@cause("triggerMeetingActionButton")
def a_button_of_contio_itself_is_pressed(s: Stage) -> None:
    _press(s, "Copy")


@cause("triggerMeetingActionButton", Told("action_button.triggered", IN_THE_MEETING_BY_FIRST, by=ADA))
def a_button_beneath_a_text_is_pressed(s: Stage) -> None:
    result = _execute(s, "Minutes").result_id
    s.ready()
    pressed = _press(s, "Send", result_id=result, next_step_id=s.the("next_steps", "Minutes").id)
    assert pressed.result_id == result
    _triggered(s, "Send", pressed, step=True)


@cause(
    "triggerMeetingActionButton",
    Told("next_step.completed", IN_THE_MEETING, by=ADA),
    Told("action_button.triggered", IN_THE_MEETING_BY_FIRST, by=ADA),
    lives=since(R1_9),
)
def a_button_beneath_a_changed_text_is_pressed(s: Stage) -> None:
    result = _execute(s, "Minutes").result_id
    s.ready()
    pressed = _press(s, "Send", result_id=result, content="Not at all.")
    assert pressed.result_id != result
    _completed(s, "MANUAL_EDIT", pressed.result_id)
    _triggered(s, "Send", pressed, step=True)
