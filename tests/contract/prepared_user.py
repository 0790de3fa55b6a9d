"""For every operation of the user API, a request that must succeed, and what has to be there for it."""

from __future__ import annotations

from typing import Any

from .preparation import prepared
from .world import GRACE, Call, World

AFTERNOON = {"start_time": "2030-01-01T14:00:00Z", "end_time": "2030-01-01T15:00:00Z"}
YEAR = {"start_date": "2030-01-01T00:00:00Z", "end_date": "2030-12-31T00:00:00Z"}


def some(world: World, count: int, make: Any) -> None:
    for number in range(count):
        make(f"Number {number}")


# ---------------------------------------------------------------- profile and meetings


@prepared("getProfile")
def _(w: World) -> Call:
    return w.call("getProfile")


@prepared("listMeetings")
def _(w: World) -> Call:
    some(w, 3, w.meeting)
    return w.call("listMeetings")


@prepared("createMeeting")
def _(w: World) -> Call:
    return w.call("createMeeting", {"title": "Review", **AFTERNOON})


@prepared("getMeeting")
def _(w: World) -> Call:
    return w.call("getMeeting", id=w.meeting())


@prepared("updateMeeting")
def _(w: World) -> Call:
    return w.call("updateMeeting", {"title": "Another review"}, id=w.meeting())


@prepared("exportMeetingTranscript")
def _(w: World) -> Call:
    meeting = w.meeting(is_instant=True)
    w.happens("meeting-ended", meeting_id=meeting)
    w.happens("meeting-completed", meeting_id=meeting)
    return w.call("exportMeetingTranscript", query={"format": "srt"}, id=meeting)


# ---------------------------------------------------------------- participants and agenda


@prepared("listMeetingParticipants")
def _(w: World) -> Call:
    meeting = w.meeting()
    w.participant(meeting)
    return w.call("listMeetingParticipants", id=meeting)


@prepared("addMeetingParticipant")
def _(w: World) -> Call:
    person = {"email": GRACE, "name": "Grace Hopper", "role": "EDITOR"}
    return w.call("addMeetingParticipant", person, id=w.meeting())


@prepared("removeMeetingParticipant")
def _(w: World) -> Call:
    meeting = w.meeting()
    return w.call("removeMeetingParticipant", id=meeting, participant_id=w.participant(meeting))


@prepared("listMeetingAgendaItems")
def _(w: World) -> Call:
    meeting = w.meeting()
    w.agenda_item(meeting)
    return w.call("listMeetingAgendaItems", id=meeting)


@prepared("createMeetingAgendaItem")
def _(w: World) -> Call:
    item = {
        "title": "Budget",
        "item_type": "DISCUSSION",
        "time_allocation_minutes": 15,
        "talking_points": "No.",
    }
    return w.call("createMeetingAgendaItem", item, id=w.meeting())


@prepared("updateMeetingAgendaItem", "patchMeetingAgendaItem")
def _(w: World, operation: str) -> Call:
    meeting = w.meeting()
    return w.call(operation, {"title": "Other"}, id=meeting, item_id=w.agenda_item(meeting))


@prepared("deleteMeetingAgendaItem")
def _(w: World) -> Call:
    meeting = w.meeting()
    return w.call("deleteMeetingAgendaItem", id=meeting, item_id=w.agenda_item(meeting))


# ---------------------------------------------------------------- backlog


@prepared("listBacklogItems")
def _(w: World) -> Call:
    some(w, 3, w.backlog_item)
    return w.call("listBacklogItems")


@prepared("createBacklogItem")
def _(w: World) -> Call:
    return w.call("createBacklogItem", {"title": "Later", "item_type": "QUESTIONS_TO_ANSWER"})


@prepared("listBacklogItemHistory")
def _(w: World) -> Call:
    some(w, 3, lambda title: w.made("deleteBacklogItem", id=w.backlog_item(title)))
    return w.call("listBacklogItemHistory")


@prepared("getBacklogItem", "deleteBacklogItem")
def _(w: World, operation: str) -> Call:
    return w.call(operation, id=w.backlog_item())


@prepared("updateBacklogItem")
def _(w: World) -> Call:
    return w.call("updateBacklogItem", {"title": "Much later"}, id=w.backlog_item())


@prepared("assignBacklogItem")
def _(w: World) -> Call:
    return w.call("assignBacklogItem", {"meeting_id": w.meeting()}, id=w.backlog_item())


# ---------------------------------------------------------------- action items


@prepared("listActionItems")
def _(w: World) -> Call:
    some(w, 3, w.action_item)
    return w.call("listActionItems")


@prepared("createActionItem")
def _(w: World) -> Call:
    item = {
        "title": "Do it",
        "meeting_id": w.meeting(),
        "due_date": "2030-01-31",
        "partner_context": {"a": 1},
    }
    return w.call("createActionItem", item)


@prepared("getActionItem", "deleteActionItem")
def _(w: World, operation: str) -> Call:
    return w.call(operation, id=w.action_item())


@prepared("updateActionItem", "patchActionItem")
def _(w: World, operation: str) -> Call:
    return w.call(operation, {"is_completed": True}, id=w.action_item())


# ---------------------------------------------------------------- calendar


@prepared("listCalendarEvents")
def _(w: World) -> Call:
    for hour in range(3):
        w.calendar_event(hour=hour)
    return w.call("listCalendarEvents", query=YEAR)


@prepared("getCalendarEvent")
def _(w: World) -> Call:
    return w.call("getCalendarEvent", calendar_event_id=w.calendar_event())


@prepared("createCalendarEventMeeting")
def _(w: World) -> Call:
    return w.call("createCalendarEventMeeting", calendar_event_id=w.calendar_event())


@prepared("linkCalendarEvent")
def _(w: World) -> Call:
    return w.call("linkCalendarEvent", {"calendar_event_id": w.calendar_event()}, id=w.meeting())


@prepared("unlinkCalendarEvent")
def _(w: World) -> Call:
    meeting = w.meeting()
    w.made("linkCalendarEvent", {"calendar_event_id": w.calendar_event()}, id=meeting)
    return w.call("unlinkCalendarEvent", id=meeting)


# ---------------------------------------------------------------- attachments and context


@prepared("listMeetingAttachments")
def _(w: World) -> Call:
    meeting = w.meeting()
    some(w, 3, lambda name: w.attachment(meeting, name))
    return w.call("listMeetingAttachments", id=meeting)


@prepared("createMeetingAttachment")
def _(w: World) -> Call:
    parts = (("file", "notes.txt", b"notes"), ("kind", None, b"file"), ("access_level", None, b"meeting"))
    return w.call("createMeetingAttachment", parts=parts, id=w.meeting())


@prepared("getMeetingAttachment", "deleteMeetingAttachment", "downloadMeetingAttachment")
def _(w: World, operation: str) -> Call:
    meeting = w.meeting()
    return w.call(operation, id=meeting, attachment_id=w.attachment(meeting))


@prepared("listMeetingContexts")
def _(w: World) -> Call:
    meeting = w.meeting()
    some(w, 3, lambda _: w.context(meeting))
    return w.call("listMeetingContexts", id=meeting)


@prepared("uploadMeetingContext")
def _(w: World) -> Call:
    parts = (("file", "notes.md", b"# Notes\n"), ("source_format", None, b"md"), ("title", None, b"Notes"))
    return w.call("uploadMeetingContext", parts=parts, id=w.meeting())


@prepared("getMeetingContext", "deleteMeetingContext", "downloadMeetingContextContent")
def _(w: World, operation: str) -> Call:
    meeting = w.meeting()
    return w.call(operation, id=meeting, context_id=w.context(meeting))


# ---------------------------------------------------------------- templates and next steps


def template_with_steps(w: World) -> str:
    for template in w.made("listMeetingTemplates", query={"limit": "100"})["items"]:
        if w.made("listMeetingTemplateNextSteps", id=template["id"])["items"]:
            return str(template["id"])
    raise AssertionError("no template has next steps")


def meeting_with_steps(w: World) -> str:
    """A completed meeting to which a template with next steps was applied."""
    meeting = w.meeting(is_instant=True)
    w.made("applyMeetingTemplate", {"meeting_id": meeting}, id=template_with_steps(w))
    w.happens("meeting-ended", meeting_id=meeting)
    w.happens("meeting-completed", meeting_id=meeting)
    return meeting


def ai_step(w: World, meeting: str) -> str:
    steps = w.made("listMeetingNextSteps", id=meeting)["items"]
    return next(str(step["id"]) for step in steps if step["type"] == "ai")


@prepared("listMeetingTemplates")
def _(w: World) -> Call:
    return w.call("listMeetingTemplates")


@prepared("getMeetingTemplate", "listMeetingTemplateNextSteps")
def _(w: World, operation: str) -> Call:
    return w.call(operation, id=template_with_steps(w))


@prepared("applyMeetingTemplate")
def _(w: World) -> Call:
    return w.call("applyMeetingTemplate", {"meeting_id": w.meeting()}, id=template_with_steps(w))


@prepared("listMeetingNextSteps", "listMeetingActionButtons")
def _(w: World, operation: str) -> Call:
    return w.call(operation, id=meeting_with_steps(w))


@prepared("executeMeetingNextStep")
def _(w: World) -> Call:
    meeting = meeting_with_steps(w)
    return w.call("executeMeetingNextStep", {}, id=meeting, next_step_id=ai_step(w, meeting))


@prepared("getNextStepResult")
def _(w: World) -> Call:
    meeting = meeting_with_steps(w)
    run = w.made("executeMeetingNextStep", {}, id=meeting, next_step_id=ai_step(w, meeting))
    return w.call("getNextStepResult", result_id=run["result_id"])


@prepared("triggerMeetingActionButton")
def _(w: World) -> Call:
    meeting = meeting_with_steps(w)
    buttons = w.made("listMeetingActionButtons", id=meeting)["items"]
    return w.call("triggerMeetingActionButton", {}, id=meeting, button_id=buttons[0]["id"])


# ---------------------------------------------------------------- toolkits


def installable(w: World) -> str:
    return str(w.made("listToolkits")["items"][0]["id"])


def workspace(w: World) -> str:
    return str(w.made("getProfile")["workspace_id"])


@prepared("listToolkits")
def _(w: World) -> Call:
    return w.call("listToolkits")


@prepared("installToolkit")
def _(w: World) -> Call:
    return w.call("installToolkit", toolkit_id=installable(w))


@prepared("listInstalledToolkits")
def _(w: World) -> Call:
    w.made("installToolkit", toolkit_id=installable(w))
    return w.call("listInstalledToolkits", workspace_id=workspace(w))


@prepared("uninstallToolkit")
def _(w: World) -> Call:
    toolkit = installable(w)
    w.made("installToolkit", toolkit_id=toolkit)
    return w.call("uninstallToolkit", workspace_id=workspace(w), toolkit_id=toolkit)


# ---------------------------------------------------------------- chat sessions


@prepared("listSessions")
def _(w: World) -> Call:
    some(w, 3, w.session)
    return w.call("listSessions")


@prepared("createSession")
def _(w: World) -> Call:
    return w.call("createSession", {"message": "Hello", "meeting_id": w.meeting(), "metadata": {"a": "b"}})


@prepared("getSession")
def _(w: World) -> Call:
    return w.call("getSession", id=w.session()["id"])


@prepared("sendSessionMessage")
def _(w: World) -> Call:
    return w.call("sendSessionMessage", {"message": "And tomorrow?"}, id=w.session()["id"])


@prepared("getSessionTurn")
def _(w: World) -> Call:
    session = w.session()
    return w.call("getSessionTurn", id=session["id"], turn_id=session["initial_turn"]["id"])


# ---------------------------------------------------------------- workflow runs


def workflow_template(w: World) -> str:
    known = w.made("listWorkflowTemplates")["items"]
    return next(str(template["id"]) for template in known if template["is_active"])


def run(w: World) -> dict[str, str]:
    return {
        "workflow_template_id": workflow_template(w),
        "originating_type": "meeting",
        "originating_id": w.meeting(),
    }


@prepared("listWorkflowRuns")
def _(w: World) -> Call:
    some(w, 3, lambda _: w.made("createWorkflowRun", run(w)))
    return w.call("listWorkflowRuns")


@prepared("createWorkflowRun")
def _(w: World) -> Call:
    return w.call("createWorkflowRun", run(w))


@prepared("getWorkflowRun")
def _(w: World) -> Call:
    return w.call("getWorkflowRun", id=w.made("createWorkflowRun", run(w))["id"])
