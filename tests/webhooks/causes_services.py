"""What lets the events of calendars, chat sessions, connections, domains and canvases happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contio_mock.contract.release import R1_9, since

from .causes import (
    ADA_ALONE,
    IN_THE_MEETING,
    NOBODY,
    THE_FIRST_APP,
    Told,
    cause,
)
from .stage import ADA, FIRST, GRACE, KATHERINE, LINUS, SECOND, Stage

# ---------------------------------------------------------------- calendars

_TIMES = {"start_time": "2026-01-20T10:00:00+01:00", "end_time": "2026-01-20T10:30:00+01:00"}
_PEOPLE = [{"email": GRACE}, {"email": "cook@example.org"}]


def _sync(s: Stage, email: str, **given: Any) -> None:
    wish = {"email": email, "title": "Dinner", **_TIMES, "attendees": _PEOPLE, **given}
    event = s.simulate.calendar_event_synced(wish)
    s.told(
        "calendar_event.created",
        attendee_count=2,
        calendar_event_id=event.id,
        end_time="2026-01-20T09:30:00Z",
        is_all_day=given.get("is_all_day", False),
        start_time="2026-01-20T09:00:00Z",
        title="Dinner",
    )


@cause("mockSimulateCalendarEventSynced", Told("calendar_event.created", ADA_ALONE))
def an_event_comes_into_a_calendar(s: Stage) -> None:
    _sync(s, ADA)


@cause("mockSimulateCalendarEventSynced", Told("calendar_event.created", frozenset({(FIRST, LINUS)})))
def an_event_comes_into_a_calendar_of_another_workspace(s: Stage) -> None:
    _sync(s, LINUS, is_all_day=True)


@cause("mockSimulateCalendarEventSynced", Told("calendar_event.created", NOBODY))
def an_event_comes_into_a_calendar_that_no_app_is_connected_to(s: Stage) -> None:
    _sync(s, KATHERINE)


def _changed(s: Stage, known_as: str, **change: Any) -> None:
    event = s.the("calendar_events", known_as)
    s.simulate.calendar_event_changed({"calendar_event_id": event.id, **change})
    s.told(
        "calendar_event.updated",
        attendee_count=len(change.get("attendees", event.attendees)),
        calendar_event_id=event.id,
        is_all_day=False,
        title=change["title"],
    )


@cause("mockSimulateCalendarEventChanged", Told("calendar_event.updated", ADA_ALONE))
def an_event_of_a_calendar_changes(s: Stage) -> None:
    _changed(s, "Lunch", title="Brunch", attendees=_PEOPLE, **_TIMES)
    s.known["calendar_event.updated"] |= {
        "start_time": "2026-01-20T09:00:00Z",
        "end_time": "2026-01-20T09:30:00Z",
    }


@cause(
    "mockSimulateCalendarEventChanged",
    Told("calendar_event.updated", ADA_ALONE),
    Told("meeting.updated", IN_THE_MEETING),
    profile={"linked_meeting_follows": "yes"},
)
def an_event_with_a_meeting_changes(s: Stage) -> None:
    _changed(s, "Planning", title="Planned")
    s.told("meeting.updated", meeting_id=s.meeting("Planning"), title="Planned", updated_at=s.now)


@cause("mockSimulateCalendarEventDeleted", Told("calendar_event.deleted", ADA_ALONE))
def an_event_of_a_calendar_is_deleted(s: Stage) -> None:
    event = s.the("calendar_events", "Lunch")
    s.simulate.calendar_event_deleted({"calendar_event_id": event.id})
    s.told("calendar_event.deleted", calendar_event_id=event.id)


@cause(
    "mockSimulateCalendarEventDeleted",
    Told("calendar_event.deleted", ADA_ALONE),
    Told("meeting.updated", IN_THE_MEETING),
)
def an_event_with_a_meeting_is_deleted(s: Stage) -> None:
    event = s.the("calendar_events", "Planning")
    s.simulate.calendar_event_deleted({"calendar_event_id": event.id})
    s.told("calendar_event.deleted", calendar_event_id=event.id)
    s.told("meeting.updated", meeting_id=s.meeting("Planning"), updated_at=s.now)


@cause(
    "createCalendarEventMeeting",
    Told("meeting.created", IN_THE_MEETING, by=ADA),
    Told("participant.added", IN_THE_MEETING, by=ADA),
)
def a_meeting_is_made_of_an_event(s: Stage) -> None:
    made = s.user(ADA).calendar.create_meeting(s.the("calendar_events", "Lunch").id)
    s.told("meeting.created", meeting_id=made.meeting.id, title="Lunch", created_by_user_id=s.id_of(ADA))
    s.told("participant.added", meeting_id=made.meeting.id, added_at=s.now)


@cause("linkCalendarEvent", Told("meeting.updated", IN_THE_MEETING, by=ADA))
def an_event_is_linked(s: Stage) -> None:
    wish = {"calendar_event_id": s.the("calendar_events", "Lunch").id}
    s.user(ADA).calendar.link(s.meeting("Stand-up"), wish)
    s.told("meeting.updated", meeting_id=s.meeting("Stand-up"), title="Stand-up", updated_at=s.now)


@cause("unlinkCalendarEvent", Told("meeting.updated", IN_THE_MEETING, by=ADA))
def an_event_is_unlinked(s: Stage) -> None:
    s.user(ADA).calendar.unlink(s.meeting("Planning"))
    s.told("meeting.updated", meeting_id=s.meeting("Planning"), title="Planning", updated_at=s.now)


# ---------------------------------------------------------------- chat sessions


def _begun(s: Stage, email: str = ADA, app: str = FIRST, meeting: str | None = None) -> Any:
    wish = {"message": "What is next?", "meeting_id": s.meeting(meeting) if meeting else None}
    return s.user(email, app).sessions.create(wish)


def _answered(s: Stage, session: Any, event: str, meeting: str | None, **further: Any) -> None:
    found = s.contio.sandbox.store.chat_turns.under("session", session.id)
    (answer,) = (turn for turn in found if turn.role == "agent")
    s.told(
        event,
        meeting_id=s.meeting(meeting) if meeting else None,
        sequence_number=2,
        session_id=session.id,
        turn_id=answer.id,
        **further,
    )


@cause("finish_turn", Told("session.turn.completed", ADA_ALONE))
def the_agent_answers(s: Stage) -> None:
    session = _begun(s, meeting="Planning")
    s.ready()
    s.pass_time(60)
    _answered(s, session, "session.turn.completed", "Planning")


@cause("finish_turn", Told("session.turn.completed", frozenset({(SECOND, GRACE)})))
def the_agent_answers_in_the_second_app(s: Stage) -> None:
    session = _begun(s, GRACE, SECOND)
    s.ready()
    s.pass_time(60)
    _answered(s, session, "session.turn.completed", None)


@cause("mockSimulateChatTurn", Told("session.turn.completed", ADA_ALONE))
def the_agent_answers_now(s: Stage) -> None:
    session = _begun(s)
    s.ready()
    s.simulate.chat_turn({"turn_id": session.initial_turn.id, "outcome": "completed"})
    _answered(s, session, "session.turn.completed", None, completed_at=s.now)


@cause("mockSimulateChatTurn", Told("session.turn.failed", ADA_ALONE))
def the_agent_fails(s: Stage) -> None:
    session = _begun(s, meeting="Planning")
    s.ready()
    wish = {"turn_id": session.initial_turn.id, "outcome": "failed", "error_code": "rate_limited"}
    s.simulate.chat_turn({**wish, "error_message": "Later."})
    told = {"failed_at": s.now, "error_code": "rate_limited", "error_message": "Later."}
    _answered(s, session, "session.turn.failed", "Planning", **told)


@cause(
    "mockSimulateSessionExpired",
    Told("session.turn.failed", ADA_ALONE),
    Told("session.expired", ADA_ALONE),
)
def a_session_expires_before_the_agent_answered(s: Stage) -> None:
    session = _begun(s)
    s.ready()
    s.simulate.session_expired({"session_id": session.id})
    _answered(s, session, "session.turn.failed", None, failed_at=s.now, error_code="timeout")
    s.told(
        "session.expired",
        expired_at=s.now,
        last_activity_at=s.now,
        meeting_id=None,
        session_id=session.id,
        turn_count=2,
    )


@cause(
    "expire_session",
    Told("session.expired", frozenset({(SECOND, GRACE)})),
    profile={"chat_expiry_seconds": 600.0, "chat_queue_seconds": 0.0, "chat_processing_seconds": 0.0},
)
def a_session_expires_because_nobody_says_anything(s: Stage) -> None:
    session = _begun(s, GRACE, SECOND, "Planning")
    s.ready()
    last, _ = s.now, s.pass_time(600)
    s.told(
        "session.expired",
        expired_at=s.now,
        last_activity_at=last,
        meeting_id=s.meeting("Planning"),
        session_id=session.id,
        turn_count=2,
    )


# ---------------------------------------------------------------- connections


def _connection(s: Stage, email: str, app: str) -> str:
    found = s.admin(app).connections.list(user_id=s.id_of(email)).items
    return str(found[0].id)


@cause("revokeConnection", Told("user.connection.revoked", frozenset({(FIRST, GRACE)})))
def an_app_revokes_a_connection(s: Stage) -> None:
    connection = _connection(s, GRACE, FIRST)
    s.admin().connections.revoke(connection)
    s.told("user.connection.revoked", connection_id=connection, revoked_at=s.now)


@cause("revokeConnection", profile={"admin_revoke_event": "no"})
def an_app_revokes_a_connection_and_is_not_told(s: Stage) -> None:
    s.admin().connections.revoke(_connection(s, GRACE, FIRST))


@cause(
    "revokeOauthToken",
    Told("user.connection.revoked", frozenset({(SECOND, GRACE)})),
    profile={"revoke_refresh_cascade": "connection"},
)
def a_refresh_token_is_revoked(s: Stage) -> None:
    connection = _connection(s, GRACE, SECOND)
    tokens = s.tokens(GRACE, SECOND)
    form = {"token": tokens.refresh_token, "client_id": SECOND, "client_secret": "cs_second"}
    s.anybody.oauth.revoke(form)
    s.told("user.connection.revoked", connection_id=connection, revoked_at=s.now)


# ---------------------------------------------------------------- domains of single sign-on

DOMAIN = "engines.example"


def _challenged(s: Stage) -> None:
    s.admin().idp.verify_domain(DOMAIN)


@cause("checkIdpDomainVerification", Told("partner.idp.domain_verified", THE_FIRST_APP))
def a_domain_is_verified(s: Stage) -> None:
    _challenged(s)
    s.simulate.domain_record({"domain": DOMAIN})
    s.ready()
    s.admin().idp.check_domain(DOMAIN)
    s.told("partner.idp.domain_verified", domain=DOMAIN, status="verified", verified_at=s.now)


@cause("checkIdpDomainVerification", Told("partner.idp.domain_verified", frozenset({(SECOND, None)})))
def a_domain_of_the_second_app_is_verified(s: Stage) -> None:
    s.admin(SECOND).idp.verify_domain(DOMAIN)
    s.simulate.domain_record({"domain": DOMAIN})
    s.ready()
    s.admin(SECOND).idp.check_domain(DOMAIN)
    s.told("partner.idp.domain_verified", domain=DOMAIN)


FAILED_DOMAIN = Told("partner.idp.domain_verification_failed", THE_FIRST_APP)


@cause("expire_challenge", FAILED_DOMAIN, lives=since(R1_9))
def a_challenge_runs_out(s: Stage) -> None:
    _challenged(s)
    s.ready()
    s.pass_time(timedelta(days=7).total_seconds())
    s.told("partner.idp.domain_verification_failed", domain=DOMAIN, failed_at=s.now, status="expired")


@cause("checkIdpDomainVerification", FAILED_DOMAIN, profile={"domain_failure_event": "check"})
def a_check_finds_no_record(s: Stage) -> None:
    _challenged(s)
    s.ready()
    s.admin().idp.check_domain(DOMAIN)
    s.told("partner.idp.domain_verification_failed", domain=DOMAIN, failed_at=s.now, status="pending")


@cause("mockRevokeDomain", Told("partner.idp.domain_revoked", THE_FIRST_APP), lives=since(R1_9))
def a_domain_is_revoked(s: Stage) -> None:
    s.simulate.sso_ready({"domains": [DOMAIN]})
    s.ready()
    s.simulate.domain_revoked({"domain": DOMAIN})
    s.told("partner.idp.domain_revoked", domain=DOMAIN, revoked_at=s.now, status="revoked")


@cause("mockSetUpSso", Told("partner.idp.domain_verified", frozenset({(SECOND, None)})))
def a_domain_is_verified_for_a_single_sign_on_to_try(s: Stage) -> None:
    s.simulate.sso_ready({"slug": "second-app", "mode": "strict", "domains": [DOMAIN]})
    s.told("partner.idp.domain_verified", domain=DOMAIN, status="verified", verified_at=s.now)


# ---------------------------------------------------------------- canvases


@cause("mockSimulateCanvasTemplateApplied", Told("canvas_template.applied", ADA_ALONE, by=ADA))
def a_canvas_template_is_applied(s: Stage) -> None:
    wish = {"email": ADA, "template_name": "Map", "collaborators": 3}
    s.simulate.canvas_template_applied(wish)
    s.told(
        "canvas_template.applied",
        applied_at=s.now,
        applied_by_user_id=s.id_of(ADA),
        applied_items={"collaborators": 3},
        template_name="Map",
    )
