"""A model of trusted values is the model that validation would make, and shares nothing that can change."""

from __future__ import annotations

from datetime import UTC, datetime

from contio_mock.contract.meeting_events import MeetingUpdated
from contio_mock.contract.shared import trusted

MOMENT = datetime(2026, 1, 15, 9, tzinfo=UTC)
GIVEN = {
    "meeting_id": "0d0e8c6c-735a-4287-b12c-3dc183ba1d48",
    "title": "Review",
    "updated_at": MOMENT,
    "workspace_id": "7bbcd739-c903-5e70-8058-5849aa68d0be",
}


def test_it_is_the_model_that_validation_makes() -> None:
    made, validated = trusted(MeetingUpdated, **GIVEN), MeetingUpdated(**GIVEN)
    assert made == validated
    assert made.model_fields_set == validated.model_fields_set
    assert made.model_dump_json(exclude_unset=True) == validated.model_dump_json(exclude_unset=True)


def test_members_that_are_not_given_have_their_defaults_and_count_as_absent() -> None:
    made = trusted(MeetingUpdated, **GIVEN)
    assert made.scheduled_start is None
    assert "scheduled_start" not in made.model_dump(exclude_unset=True)


def test_another_set_of_members_of_the_same_model_is_remembered_as_another() -> None:
    trusted(MeetingUpdated, **GIVEN)
    more = trusted(MeetingUpdated, **GIVEN, scheduled_start=MOMENT)
    assert more.model_fields_set == {*GIVEN, "scheduled_start"}


def test_a_changed_copy_changes_nothing_about_the_others() -> None:
    first, second = trusted(MeetingUpdated, **GIVEN), trusted(MeetingUpdated, **GIVEN)
    first.model_copy(update={"scheduled_start": MOMENT})
    for untouched in (first, second, trusted(MeetingUpdated, **GIVEN)):
        assert untouched.model_fields_set == set(GIVEN)
        assert untouched.scheduled_start is None
