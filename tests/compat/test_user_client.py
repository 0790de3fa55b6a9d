"""What the official SDK's user client and its tokens do, beside meetings."""

from __future__ import annotations

import pytest

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk, error

HAS_TRANSCRIPTS = ["1.9.0"]
MEDIUM = 105022
"""The bytes of the document that goes up and down: more than one packet."""


def test_adds_and_removes_a_participant(sdk: OfficialSdk) -> None:
    seen = sdk.run("gatherings", "attended")
    added = seen["added"]
    assert added.items() >= {**seen["wished"], "meeting_id": seen["id"], "is_attended": False}.items()
    (ada,) = seen["before"]["items"]
    assert (ada["email"], ada["role"]) == ("ada@example.com", "EDITOR")
    assert (seen["during"]["items"], seen["during"]["total"]) == ([ada, added], 2)
    assert seen["after"] == seen["before"]
    assert seen["removedIs"] == "undefined"


def test_plans_an_agenda(sdk: OfficialSdk) -> None:
    seen = sdk.run("gatherings", "planned")
    created, updated, other = seen["created"], seen["updated"], seen["other"]
    assert created.items() >= {**seen["wished"], "meeting_id": seen["id"], "status": "pending"}.items()
    assert (updated["id"], updated["title"]) == (created["id"], "The third")
    assert updated["description"] == created["description"]
    assert int(created["sequence"]) < int(other["sequence"])
    assert (seen["listed"]["items"], seen["listed"]["total"]) == ([updated, other], 2)
    assert (seen["left"]["items"], seen["left"]["total"]) == ([updated], 1)
    assert error(seen["again"]) == (404, "not_found")


@pytest.mark.parametrize("sdk", HAS_TRANSCRIPTS, indirect=True)
def test_reads_what_was_said(sdk: OfficialSdk) -> None:
    seen = sdk.run("gatherings", "spoken")
    assert seen["early"]["statusCode"] == 404
    assert (seen["meeting"]["status"], seen["meeting"]["summary_notes"]) == ("completed", "Done.")
    assert seen["text"].split("\n") == [
        *("1", "00:00:00,500 --> 00:00:02,000", "Ada: Is it größer?", ""),
        *("2", "01:01:01,000 --> 01:01:02,250", "Grace: Almost.", "", ""),
    ]


def test_works_through_action_items(sdk: OfficialSdk) -> None:
    seen = sdk.run("action_items", "worked")
    created, done = seen["created"], seen["done"]
    assert created.items() >= {**seen["wished"], "status": "needs_review", "is_completed": False}.items()
    assert seen["read"] == created
    assert seen["renamed"] == {**created, "title": "Oil it", "status": "in_progress"}
    assert (done["status"], done["is_completed"]) == ("completed", True)
    assert done["completed_at"]
    assert (seen["open"]["items"], seen["open"]["total"]) == ([seen["other"]], 1)
    assert (seen["closed"]["items"], seen["closed"]["limit"]) == ([done], 1)
    assert error(seen["gone"]) == (404, "not_found")


def test_pages_through_every_action_item(sdk: OfficialSdk) -> None:
    seen = sdk.run("action_items", "paged")
    assert len(seen["ids"]) > 100
    assert seen["all"] == seen["ids"][::-1], "newest first"


def test_links_calendar_events_and_meetings(sdk: OfficialSdk) -> None:
    seen = sdk.run("calendar", "linked")
    first, second, third = seen["synced"]
    listed = seen["listed"]
    assert (listed["items"], listed["total"], listed["offset"]) == ([second, third], 3, 1)
    assert seen["descending"]["items"] == [third]
    assert seen["read"].items() >= first.items()
    assert (
        seen["read"]["attendees"][0].items()
        >= {
            "email": "grace@example.com",
            "status": "accepted",
        }.items()
    )
    assert seen["linked"]["success"] is True
    assert seen["linkedEvent"]["meeting_id"] == seen["meeting"]["id"]
    made, again = seen["made"], seen["again"]
    assert (made["created"], again["created"]) == (True, False)
    assert made["meeting"] == again["meeting"] == seen["meetingMade"]
    assert made["meeting"]["start_time"] == second["start_time"]
    assert error(seen["rangeless"]) == (400, "missing_start_date")
    assert error(seen["gone"]) == (404, "not_found")


def test_pages_through_every_calendar_event(sdk: OfficialSdk) -> None:
    seen = sdk.run("calendar", "paged")
    assert seen["titles"] == [f"Event {number}" for number in range(101)]
    assert seen["ids"] == 101


def test_sends_and_fetches_documents_byte_for_byte(sdk: OfficialSdk) -> None:
    seen = sdk.run("files", "shared")
    uploaded, read = seen["uploaded"], seen["read"]
    assert uploaded["meeting_id"] == seen["id"]
    assert uploaded["document_id"] == uploaded["id"]
    said = ("title", "context_type", "source_format", "file_status")
    assert [uploaded[name] for name in said] == ["Sizes, größer", "crm_record", "md", "pending"]
    assert [seen["plain"].get(name) for name in said] == ["blob", None, "txt", "pending"]
    assert read == {**uploaded, "file_status": "complete", "updated_at": read["updated_at"]}
    assert (seen["listed"]["items"], seen["listed"]["total"]) == ([read], 2)
    down = seen["down"]
    assert (down["filename"], down["contentType"]) == ("Größe.md", "text/markdown; charset=utf-8")
    assert (down["size"], down["bytes"], down["same"]) == (MEDIUM, MEDIUM, True)
    assert error(seen["wrong"]) == (400, "invalid_request")
    assert seen["gone"]["statusCode"] == 404


def test_pages_through_every_document(sdk: OfficialSdk) -> None:
    seen = sdk.run("files", "paged")
    assert len(seen["ids"]) > 100
    assert seen["all"] == seen["ids"][::-1], "newest first"


@pytest.mark.parametrize("sdk", ["1.9.0"], indirect=True)
def test_tries_a_toolkit_without_installing_it(sdk: OfficialSdk) -> None:
    seen = sdk.run("toolkits", "tried")
    assert seen["dry"]["toolkit_id"] == seen["toolkit"]["id"]
    assert "installation" not in seen["read"]


def test_knows_its_app_and_how_old_its_tokens_are(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("tokens", "ofAnyone")
    app = contio_live.sandbox.app
    known = {"client_id": app.client_id, "name": app.name, "company_name": app.company_name}
    assert seen["info"] == known
    assert (seen["never"], seen["past"], seen["future"]) == (False, True, False)
    assert seen["noRefresh"]["message"] == "No refresh token available"


def test_renews_its_token_before_a_long_job(sdk: OfficialSdk) -> None:
    seen = sdk.run("tokens", "madeValid")
    assert seen["renewed"] != seen["old"]
    assert seen["kept"] == seen["renewed"]
    assert seen["valid"]


def test_is_made_with_everything_or_with_less(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("exports", "made")
    assert seen["app"] == seen["again"]
    assert seen["app"]["client_id"] == contio_live.credentials.client_id
    assert "meetings:read" in seen["scopes"]
    assert seen["userless"] is None
    assert seen["neither"]["message"].startswith("Either OAuth or API Key")
    assert (seen["unsigned"]["isApiError"], seen["unsigned"]["code"]) == (True, "request_error")


def test_makes_links_into_contio(sdk: OfficialSdk) -> None:
    seen = sdk.run("exports", "linked")
    origin = seen["origin"]
    assert seen["target"] == "meeting:m-1"
    assert seen["sso"] == f"{origin}/p/acme"
    if "app" in seen:  # SDKs from 1.9 on
        assert seen["app"] == f"{origin}/open/meetings/m-1?tab=notes"
        assert seen["settings"] == f"{origin}/open/settings/calendars"
        assert seen["chat"] == f"{origin}/open/?chat=new&prefill=What+is+next%3F"
