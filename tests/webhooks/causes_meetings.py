"""What lets the events of meetings, their participants and their agendas happen."""

from __future__ import annotations

from datetime import timedelta

from contio_mock.contract.release import R1_10, until

from .causes import (
    ADA_ALONE,
    GRACE_ALONE,
    IN_THE_MEETING,
    IN_THE_MEETING_BY_FIRST,
    Told,
    cause,
)
from .stage import ADA, FIRST, GRACE, GUEST, HEDY, KATHERINE, LINUS, SECOND, Stage

# ---------------------------------------------------------------- meetings


@cause("createMeeting", Told("meeting.created", ADA_ALONE, by=ADA))
def a_meeting_is_created(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Ünïcode 🎉", "is_instant": True})
    s.told(
        "meeting.created",
        created_at=s.now,
        created_by_user_id=s.id_of(ADA),
        meeting_id=made.id,
        title="Ünïcode 🎉",
        workspace_id=s.workspace,
    )


@cause("createMeeting", Told("meeting.created", GRACE_ALONE, by=GRACE))
def a_meeting_is_created_through_the_second_app(s: Stage) -> None:
    made = s.user(GRACE, SECOND).meetings.create({"title": "Hers"})
    s.told("meeting.created", created_by_user_id=s.id_of(GRACE), meeting_id=made.id, title="Hers")


@cause(
    "createMeeting",
    Told("meeting.created", ADA_ALONE, by=ADA),
    Told("participant.added", ADA_ALONE, by=ADA),
    profile={"owner_added_event": "yes"},
)
def the_owner_of_a_new_meeting_is_told_of_as_a_participant(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Review"})
    owner = next(iter(s.user(ADA).participants.list(made.id).items))
    s.told("meeting.created", meeting_id=made.id)
    s.told(
        "participant.added",
        added_at=s.now,
        meeting_id=made.id,
        workspace_id=s.workspace,
        participants=[
            {"participant_id": owner.id, "user_id": s.id_of(ADA), "guest_email": None, "role": "EDITOR"}
        ],
    )


@cause("updateMeeting", Told("meeting.updated", IN_THE_MEETING, by=ADA))
def a_meeting_is_renamed(s: Stage) -> None:
    s.user(ADA).meetings.update(s.meeting("Planning"), {"title": "Renamed"})
    s.told(
        "meeting.updated",
        meeting_id=s.meeting("Planning"),
        scheduled_start="2026-01-18T10:00:00Z",
        title="Renamed",
        updated_at=s.now,
        workspace_id=s.workspace,
    )


@cause("updateMeeting", Told("meeting.updated", IN_THE_MEETING, by=GRACE))
def a_participant_moves_a_meeting(s: Stage) -> None:
    planned = {"start_time": "2026-02-01T10:00:00+01:00", "end_time": "2026-02-01T11:00:00+01:00"}
    s.user(GRACE, SECOND).meetings.update(s.meeting("Planning"), planned)
    s.told("meeting.updated", title="Planning", scheduled_start="2026-02-01T09:00:00Z")


@cause("updateMeeting", Told("meeting.updated", ADA_ALONE, by=ADA))
def a_meeting_without_a_time_is_renamed(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Review"})
    s.ready()
    s.pass_time(90)
    s.user(ADA).meetings.update(made.id, {"title": "Renamed"})
    s.told("meeting.updated", meeting_id=made.id, scheduled_start=None, updated_at=s.now)


@cause("updateMeeting", Told("meeting.updated", frozenset({(FIRST, ADA), (SECOND, GRACE)}), by=ADA))
def a_meeting_changes_for_somebody_who_left_one_app(s: Stage) -> None:
    theirs = s.admin().connections.list(user_id=s.id_of(GRACE)).items[0]
    s.admin().connections.revoke(theirs.id)
    s.ready()
    s.user(ADA).meetings.update(s.meeting("Planning"), {"title": "Renamed"})
    s.told("meeting.updated", title="Renamed")


@cause("updateMeeting", Told("meeting.updated", IN_THE_MEETING | {(FIRST, LINUS)}, by=ADA))
def a_meeting_with_somebody_of_another_workspace_changes(s: Stage) -> None:
    person = {"email": LINUS, "name": "Linus", "role": "VIEWER"}
    s.user(ADA).participants.add(s.meeting("Planning"), person)
    s.ready()
    s.user(ADA).meetings.update(s.meeting("Planning"), {"title": "Renamed"})
    s.told("meeting.updated", workspace_id=s.workspace)


@cause("mockSimulateMeetingStarted", Told("meeting.updated", IN_THE_MEETING))
def a_meeting_starts(s: Stage) -> None:
    s.simulate.meeting_started({"meeting_id": s.meeting("Planning")})
    s.told("meeting.updated", meeting_id=s.meeting("Planning"), title="Planning", updated_at=s.now)


@cause(
    "mockSimulateMeetingEnded",
    Told("meeting.updated", IN_THE_MEETING),
    Told("automation.assignment.created", IN_THE_MEETING_BY_FIRST),
    Told("workflow.assignment.created", IN_THE_MEETING_BY_FIRST),
)
def a_meeting_ends(s: Stage) -> None:
    s.simulate.meeting_ended({"meeting_id": s.meeting("Stand-up")})
    s.told("meeting.updated", meeting_id=s.meeting("Stand-up"), title="Stand-up", updated_at=s.now)
    _is_told_of_the_cleaning(s)


def _is_told_of_the_cleaning(s: Stage) -> None:
    assignment = {
        "action_item_id": s.the("action_items", "Tidy up at the end").id,
        "created_at": s.now,
        "meeting_id": s.meeting("Stand-up"),
        "workspace_id": s.workspace,
    }
    rule = {"id": s.the("automations", "Cleaning").id, "name": "Cleaning"}
    s.told(
        "automation.assignment.created",
        **assignment,
        automation_id=rule["id"],
        automation_name=rule["name"],
        automation_data_payload={"trigger_type": "meeting_ended"},
    )
    s.told(
        "workflow.assignment.created",
        **assignment,
        workflow_id=rule["id"],
        workflow_name=rule["name"],
        workflow_data_payload={"trigger_type": "meeting_ended"},
    )


_COMPLETION = (
    Told("meeting.completed", IN_THE_MEETING),
    Told("action_item.created", IN_THE_MEETING, times=None),
    Told("automation.assignment.created", IN_THE_MEETING_BY_FIRST, times=None),
    Told("workflow.assignment.created", IN_THE_MEETING_BY_FIRST, times=None),
    Told("next_step.completed", IN_THE_MEETING),
    Told("action_button.triggered", IN_THE_MEETING_BY_FIRST),
)
"""What the completion of a meeting leads to when its tasks are offered and its next steps run by themselves."""


def _is_told_of_its_completion(s: Stage, title: str) -> None:
    meeting, step = s.meeting(title), s.the("next_steps", "Minutes")
    s.told("meeting.completed", completed_at=s.now, meeting_id=meeting, title=title, workspace_id=s.workspace)
    s.told("action_item.created", created_at=s.now, meeting_id=meeting, workspace_id=s.workspace)
    s.told("automation.assignment.created", created_at=s.now, meeting_id=meeting)
    s.told("workflow.assignment.created", created_at=s.now, meeting_id=meeting)
    results = s.contio.sandbox.store.next_step_results
    (result,) = (one for one in results if one.meeting_id == meeting)
    s.told(
        "next_step.completed",
        executed_at=s.now,
        executed_by="system",
        execution_mode="AUTOPILOT",
        meeting_id=meeting,
        next_step_id=step.id,
        next_step_name="Minutes",
        result_id=result.id,
    )
    s.told(
        "action_button.triggered",
        action_button_id=s.the("action_buttons", "Send").id,
        action_button_name="Send",
        meeting_id=meeting,
        next_step_id=step.id,
        result_id=result.id,
        trigger_mode="AUTOPILOT",
        triggered_at=s.now,
        triggered_by="system",
    )


@cause("mockSimulateMeetingCompleted", *_COMPLETION)
def a_meeting_is_completed(s: Stage) -> None:
    tasks = [{"title": "Open a ticket", "assignee_email": GRACE}]
    s.simulate.meeting_completed({"meeting_id": s.meeting("Review"), "action_items": tasks})
    _is_told_of_its_completion(s, "Review")
    s.known["action_item.created"] |= {"title": "Open a ticket", "assignee_id": s.id_of(GRACE)}


@cause(
    "mockSimulateMeetingCompleted",
    Told("meeting.completed", ADA_ALONE),
    Told("action_item.created", ADA_ALONE),
)
def a_meeting_without_templates_is_completed(s: Stage) -> None:
    made = s.user(ADA).meetings.create({"title": "Alone", "is_instant": True})
    s.simulate.meeting_ended({"meeting_id": made.id})
    s.ready()
    s.simulate.meeting_completed({"meeting_id": made.id, "action_items": [{"title": "Think"}]})
    s.told("meeting.completed", meeting_id=made.id, title="Alone", completed_at=s.now)
    s.told("action_item.created", meeting_id=made.id, title="Think", assignee_id=None)


@cause("go_on", Told("meeting.updated", IN_THE_MEETING), profile={"meeting_lifecycle": "clock"})
def a_meeting_starts_by_the_clock(s: Stage) -> None:
    s.pass_time(timedelta(days=3, minutes=59).total_seconds())
    s.ready()
    s.pass_time(60)
    s.told("meeting.updated", meeting_id=s.meeting("Planning"), updated_at="2026-01-18T10:00:00Z")


@cause(
    "go_on",
    Told("meeting.updated", IN_THE_MEETING),
    Told("automation.assignment.created", IN_THE_MEETING_BY_FIRST),
    Told("workflow.assignment.created", IN_THE_MEETING_BY_FIRST),
    profile={"meeting_lifecycle": "clock"},
)
def a_meeting_ends_by_the_clock(s: Stage) -> None:
    s.pass_time(14 * 60)
    s.ready()
    s.pass_time(60)
    s.told("meeting.updated", meeting_id=s.meeting("Stand-up"), updated_at="2026-01-15T09:15:00Z")
    _is_told_of_the_cleaning(s)


@cause("go_on", *_COMPLETION, profile={"meeting_lifecycle": "clock", "meeting_completion_seconds": 60})
def a_meeting_is_completed_by_the_clock(s: Stage) -> None:
    s.pass_time(15 * 60)
    s.ready()
    s.pass_time(60)
    _is_told_of_its_completion(s, "Stand-up")


_TO_LINUS = frozenset({(FIRST, LINUS)})


@cause("mockSimulateMeetingCopied", Told("meeting.created", _TO_LINUS))
def a_meeting_is_copied_elsewhere(s: Stage) -> None:
    copy = s.simulate.meeting_copied({"meeting_id": s.meeting("Planning"), "email": LINUS})
    s.told(
        "meeting.created",
        created_at=s.now,
        created_by_user_id=s.id_of(LINUS),
        meeting_id=copy.id,
        title="Planning",
        workspace_id=copy.workspace_id,
    )


@cause(
    "mockSimulateMeetingCopied",
    Told("meeting.created", _TO_LINUS),
    Told("participant.added", _TO_LINUS),
    profile={"owner_added_event": "yes"},
)
def the_owner_of_a_copy_is_told_of_as_a_participant(s: Stage) -> None:
    copy = s.simulate.meeting_copied({"meeting_id": s.meeting("Planning"), "workspace": "Elsewhere"})
    s.told("meeting.created", meeting_id=copy.id)
    s.told("participant.added", meeting_id=copy.id, workspace_id=copy.workspace_id)


# ---------------------------------------------------------------- participants


def _newcomer(s: Stage, email: str, role: str = "VIEWER") -> None:
    person = {"email": email, "name": "Somebody", "role": role}
    added = s.user(ADA).participants.add(s.meeting("Planning"), person)
    known = s.contio.sandbox.store.users.first("email", email)
    s.told(
        "participant.added",
        added_at=s.now,
        meeting_id=s.meeting("Planning"),
        workspace_id=s.workspace,
        participants=[
            {
                "participant_id": added.id,
                "user_id": known.id if known else None,
                "guest_email": None if known else email,
                "role": role,
            }
        ],
    )


@cause("addMeetingParticipant", Told("participant.added", IN_THE_MEETING | {(FIRST, HEDY)}, by=ADA))
def a_colleague_is_added(s: Stage) -> None:
    _newcomer(s, HEDY, "EDITOR")


@cause("addMeetingParticipant", Told("participant.added", IN_THE_MEETING | {(FIRST, LINUS)}, by=ADA))
def somebody_of_another_workspace_is_added(s: Stage) -> None:
    _newcomer(s, LINUS)


@cause("addMeetingParticipant", Told("participant.added", IN_THE_MEETING, by=ADA))
def somebody_without_an_account_is_added(s: Stage) -> None:
    _newcomer(s, "another@example.org")


def _leaver(s: Stage, email: str) -> None:
    people = s.user(ADA).participants.list(s.meeting("Planning")).items
    (gone,) = (one for one in people if one.email == email)
    s.ready()
    s.user(ADA).participants.remove(s.meeting("Planning"), gone.id)
    s.told(
        "participant.removed",
        meeting_id=s.meeting("Planning"),
        participant_id=gone.id,
        user_id=gone.user_id,
        guest_email=None if gone.user_id else email,
        removed_at=s.now,
        workspace_id=s.workspace,
    )


@cause("removeMeetingParticipant", Told("participant.removed", IN_THE_MEETING, by=ADA))
def a_participant_is_removed_and_hears_of_it(s: Stage) -> None:
    _leaver(s, GRACE)


@cause(
    "removeMeetingParticipant",
    Told("participant.removed", ADA_ALONE, by=ADA),
    profile={"removed_participant_hears": "no"},
)
def a_participant_is_removed_and_does_not_hear_of_it(s: Stage) -> None:
    _leaver(s, GRACE)


@cause("removeMeetingParticipant", Told("participant.removed", IN_THE_MEETING, by=ADA))
def a_participant_without_the_app_is_removed(s: Stage) -> None:
    _leaver(s, KATHERINE)


@cause("removeMeetingParticipant", Told("participant.removed", IN_THE_MEETING, by=ADA))
def a_guest_is_removed(s: Stage) -> None:
    _leaver(s, GUEST)


# ---------------------------------------------------------------- agendas

_TALK = {"item_type": "DISCUSSION", "title": "Prices"}
_OLD_TALK = {"item_type": "DISCUSSION", "title": "Salaries", "restricted_to_leads": True}


@cause("createMeetingAgendaItem", Told("agenda_item.created", IN_THE_MEETING, by=GRACE))
def an_item_is_put_on_the_agenda(s: Stage) -> None:
    made = s.user(GRACE).agenda_items.create(s.meeting("Planning"), _TALK)
    s.told(
        "agenda_item.created",
        agenda_item_id=made.id,
        created_at=s.now,
        item_type="DISCUSSION",
        meeting_id=s.meeting("Planning"),
        title="Prices",
    )


@cause("createMeetingAgendaItem", Told("agenda_item.created", ADA_ALONE, by=ADA), lives=until(R1_10))
def an_item_for_editors_only_is_put_on_the_agenda(s: Stage) -> None:
    made = s.user(ADA).agenda_items.create(s.meeting("Planning"), _OLD_TALK)
    s.told("agenda_item.created", agenda_item_id=made.id, title="Salaries")


def _changed_item(s: Stage, id_: str, title: str, status: str = "pending") -> None:
    s.told(
        "agenda_item.updated",
        agenda_item_id=id_,
        item_type="DISCUSSION",
        meeting_id=s.meeting("Planning"),
        status=status,
        title=title,
        updated_at=s.now,
    )


@cause("updateMeetingAgendaItem", Told("agenda_item.updated", IN_THE_MEETING, by=ADA))
def an_agenda_item_is_renamed(s: Stage) -> None:
    item = s.the("agenda_items", "Budget")
    s.user(ADA).agenda_items.replace(s.meeting("Planning"), item.id, {"title": "Costs"})
    _changed_item(s, item.id, "Costs")


@cause("updateMeetingAgendaItem", Told("agenda_item.updated", ADA_ALONE, by=ADA), lives=until(R1_10))
def an_agenda_item_is_hidden(s: Stage) -> None:
    made = s.user(ADA).agenda_items.create(s.meeting("Planning"), _OLD_TALK)
    s.ready()
    s.user(ADA).agenda_items.replace(s.meeting("Planning"), made.id, {"title": "Bonuses"})
    _changed_item(s, made.id, "Bonuses")


@cause("patchMeetingAgendaItem", Told("agenda_item.updated", IN_THE_MEETING, by=GRACE))
def an_agenda_item_is_done(s: Stage) -> None:
    item = s.the("agenda_items", "Budget")
    s.user(GRACE).agenda_items.update(s.meeting("Planning"), item.id, {"status": "completed"})
    _changed_item(s, item.id, "Budget", "completed")


@cause("deleteMeetingAgendaItem", Told("agenda_item.deleted", IN_THE_MEETING, by=ADA))
def an_agenda_item_is_deleted(s: Stage) -> None:
    item = s.the("agenda_items", "Budget")
    s.user(ADA).agenda_items.delete(s.meeting("Planning"), item.id)
    s.told(
        "agenda_item.deleted",
        agenda_item_id=item.id,
        deleted_at=s.now,
        meeting_id=s.meeting("Planning"),
    )


# ---------------------------------------------------------------- backlogs


@cause("createBacklogItem", Told("agenda_item.created", ADA_ALONE, by=ADA))
def an_item_is_put_on_the_backlog(s: Stage) -> None:
    made = s.user(ADA).backlog_items.create({"item_type": "QUESTIONS_TO_ANSWER", "title": "Why?"})
    s.told(
        "agenda_item.created",
        agenda_item_id=made.agenda_item_id,
        created_at=s.now,
        item_type="QUESTIONS_TO_ANSWER",
        meeting_id=None,
        title="Why?",
    )


@cause("updateBacklogItem", Told("agenda_item.updated", ADA_ALONE, by=ADA))
def a_backlog_item_is_renamed(s: Stage) -> None:
    item = s.the("backlog_items", "A name for the engine")
    s.user(ADA).backlog_items.update(item.id, {"title": "A number for the engine"})
    s.told(
        "agenda_item.updated",
        agenda_item_id=item.agenda_item_id,
        item_type="DISCUSSION",
        meeting_id=None,
        status="pending",
        title="A number for the engine",
        updated_at=s.now,
    )


@cause("deleteBacklogItem", Told("agenda_item.deleted", ADA_ALONE, by=ADA))
def a_backlog_item_is_deleted(s: Stage) -> None:
    item = s.the("backlog_items", "A name for the engine")
    s.user(ADA).backlog_items.delete(item.id)
    s.told("agenda_item.deleted", agenda_item_id=item.agenda_item_id, meeting_id=None, deleted_at=s.now)


@cause("assignBacklogItem", Told("agenda_item.created", IN_THE_MEETING, by=ADA))
def a_backlog_item_goes_to_a_meeting(s: Stage) -> None:
    _assign(s)


@cause(
    "assignBacklogItem",
    Told("agenda_item.created", IN_THE_MEETING, by=ADA),
    Told("agenda_item.deleted", ADA_ALONE, by=ADA),
    profile={"assign_event": "created_and_deleted"},
)
def a_backlog_item_goes_to_a_meeting_and_is_no_more(s: Stage) -> None:
    item = s.the("backlog_items", "A name for the engine")
    _assign(s)
    s.told("agenda_item.deleted", agenda_item_id=item.agenda_item_id, meeting_id=None)


def _assign(s: Stage) -> None:
    item = s.the("backlog_items", "A name for the engine")
    assigned = s.user(ADA).backlog_items.assign(item.id, {"meeting_id": s.meeting("Planning")})
    s.told(
        "agenda_item.created",
        agenda_item_id=assigned.agenda_item_id,
        created_at=s.now,
        item_type="DISCUSSION",
        meeting_id=s.meeting("Planning"),
        title="A name for the engine",
    )


def _defer(s: Stage, email: str) -> str:
    """Let somebody move the budget to their own backlog; the content's id."""
    wish = {
        "email": email,
        "meeting_id": s.meeting("Planning"),
        "agenda_item_id": s.the("agenda_items", "Budget").id,
    }
    return str(s.simulate.agenda_item_deferred(wish).agenda_item_id)


@cause("mockSimulateAgendaItemDeferred", Told("agenda_item.updated", IN_THE_MEETING, by=GRACE))
def an_agenda_item_is_deferred(s: Stage) -> None:
    s.told(
        "agenda_item.updated",
        agenda_item_id=_defer(s, GRACE),
        item_type="DISCUSSION",
        meeting_id=None,
        status="pending",
        title="Budget",
        updated_at=s.now,
    )


@cause(
    "mockSimulateAgendaItemDeferred",
    Told("agenda_item.deleted", IN_THE_MEETING, by=GRACE),
    Told("agenda_item.created", GRACE_ALONE, by=GRACE),
    profile={"deferral_event": "deleted_and_created"},
)
def an_agenda_item_is_deferred_and_made_anew(s: Stage) -> None:
    content = _defer(s, GRACE)
    s.told("agenda_item.deleted", agenda_item_id=content, meeting_id=s.meeting("Planning"))
    s.told("agenda_item.created", agenda_item_id=content, meeting_id=None, title="Budget")
