"""What the official SDK's admin client does, beside templates and published toolkits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk, error

HAS_DOMAINS = ["1.9.0"]


def test_puts_the_app_to_sleep_and_wakes_it(sdk: OfficialSdk) -> None:
    seen = sdk.run("app", "suspended")
    assert seen["inactive"]["status"] == "inactive"
    assert error(seen["refused"]) == (403, "forbidden")
    assert seen["active"]["status"] == "active"
    assert seen["profile"]["email"] == "ada@example.com"
    assert error(seen["wrong"]) == (400, "invalid_status")


def test_watches_filters_and_stops_webhooks(sdk: OfficialSdk) -> None:
    seen = sdk.run("app", "delivered")
    failed = seen["failed"]
    assert (failed["delivery_status"], failed["event_type"]) == ("failed", "meeting.created")
    assert failed["error_message"]
    assert failed["next_retry_at"]
    assert seen["read"] == failed
    assert (seen["retried"]["delivery_id"], seen["retried"]["retry_scheduled"]) == (failed["id"], True)
    (tried,) = seen["page"]["deliveries"]
    assert (seen["page"]["total"], tried["id"]) == (1, failed["id"])
    assert tried["retry_count"] == failed["retry_count"] + 1, "the retry was made, and nobody listens still"
    assert seen["filter"]["webhook_filter"] == {"type": "include", "events": ["meeting.updated"]}
    assert seen["filtered"]["total"] == 1, "what the filter keeps back is not delivered"
    assert "webhook_filter" not in seen["unfiltered"]
    assert seen["off"]["webhook_enabled"] is False
    assert seen["on"]["webhook_enabled"] is True
    assert error(seen["unknown"]) == (400, "validation_error")


def test_lists_and_revokes_connections(sdk: OfficialSdk) -> None:
    seen = sdk.run("app", "connected")
    hers = seen["hers"]
    assert (hers["total"], hers["items"]) == (1, [seen["read"]])
    assert (seen["read"]["user_id"], seen["read"]["user_email"]) == (seen["id"], "ada@example.com")
    assert "meetings:read" in seen["read"]["oauth_scopes"]
    assert (len(seen["all"]["items"]), seen["all"]["limit"]) == (1, 1)
    assert seen["all"]["total"] > 1
    assert seen["revokedIs"] == "undefined"
    assert error(seen["refused"]) == (401, "unauthorized")
    assert seen["after"]["status"] == "revoked"


def test_automates_action_items(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("app", "automated")
    created = seen["created"]
    assert created.items() >= {**seen["wished"], "status": "active"}.items()
    assert created["partner_app_id"] == contio_live.sandbox.app.id
    assert seen["read"] == created
    assert (seen["matched"]["title"], seen["matched"]["has_partner_assignment"]) == (
        "File a bug for the reader",
        True,
    )
    updated, listed = seen["updated"], seen["listed"]
    assert (updated["name"], updated["status"]) == ("Bugs", "inactive")
    assert seen["reactivated"] == {**updated, "status": "active", "updated_at": updated["updated_at"]}
    assert listed["items"][0] == seen["reactivated"]
    assert listed["total"] == len(listed["items"])
    assert error(seen["gone"]) == (404, "not_found")
    (told,) = contio_live.mock.events(type="automation.assignment.created").items
    assert told.data["automation_id"] == created["id"]
    assert told.data["action_item_id"] == seen["matched"]["id"]


@pytest.mark.contio(profile={"credential_words": "sdk"})
def test_rotates_each_credential_and_brings_one_back(sdk: OfficialSdk) -> None:
    seen = sdk.run("credentials", "rotated")
    kinds = ["api_key", "client_secret", "webhook_secret"]
    assert sorted(seen["before"]) == kinds
    assert {status["recommended_action"] for status in seen["before"].values()} == {"rotate_recommended"}
    key, during = seen["key"], seen["during"]["api_key"]
    assert key["new_credential"].startswith("ctio_")
    assert seen["app"] == seen["graced"]
    assert (during["status"], during["age_days"]) == ("transitioning", 0)
    grace = datetime.fromisoformat(key["grace_period_ends_at"])
    assert grace - datetime.fromisoformat(during["last_rotated_at"]) == timedelta(hours=2)
    assert error(seen["stale"]) == (401, "unauthorized")
    assert seen["oldSecret"]["message"].endswith("status code 401")
    assert seen["newSecret"]["scope"] == seen["broughtBack"]["scope"] == ["meetings:read"]
    assert error(seen["twice"]) == (400, "bad_request")
    assert seen["hook"]["new_credential"] != seen["oldHook"]
    did = [(event["credential_type"], event["action"]) for event in seen["history"]["events"]]
    assert did == [
        ("webhook_secret", "rotated"),
        ("client_secret", "rollback"),
        ("client_secret", "rotated"),
        ("api_key", "rotated"),
    ]
    assert seen["history"]["pagination"] == {"limit": 10, "offset": 0, "count": 4}
    assert seen["rollbacks"]["events"] == [seen["history"]["events"][1]]
    assert seen["history"]["events"][3]["reason"] == "Yearly"
    assert error(seen["unconfirmed"]) == (400, "bad_request")


def test_takes_another_key_while_it_runs(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("credentials", "exchanged")
    credentials = contio_live.credentials
    assert error(seen["refused"]) == (401, "unauthorized")
    assert seen["app"]["id"] == credentials.partner_app_id
    assert (seen["key"], seen["name"]) == (credentials.api_key, "X-API-Key")
    assert seen["headers"] == {"X-API-Key": credentials.api_key, "X-Client-ID": credentials.client_id}


def test_configures_an_identity_provider(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("idp", "configured")
    created, wished = seen["created"], dict(seen["wished"])
    assert error(seen["missing"]) == error(seen["gone"]) == (404, "not_found")
    assert wished.pop("idp_client_secret")
    assert created.items() >= {**wished, "type": "oidc", "is_active": True}.items()
    assert "idp_client_secret" not in created
    assert created["issuer"] == f"{contio_live.url}/_mock/idp"
    assert created["token_endpoint"] == f"{contio_live.url}/_mock/idp/token"
    assert error(seen["twice"]) == (409, "idp_config_exists")
    assert seen["read"] == created
    changed = {"name": "Acme Inc.", "is_active": False, "updated_at": seen["updated"]["updated_at"]}
    assert seen["updated"] == {**created, **changed}
    host = contio_live.url.removesuffix(contio_live.sandbox.prefix)
    query = "target=meeting%3Am-1&login_hint=ada%40example.com&auto=true"
    assert seen["entry"] == f"{host}/p/{seen['slug']}?{query}"
    assert (seen["info"]["slug"], seen["info"]["has_idp_config"]) == (seen["slug"], True)


@pytest.mark.parametrize("sdk", HAS_DOMAINS, indirect=True)
def test_shows_that_a_domain_is_its_own(sdk: OfficialSdk) -> None:
    seen = sdk.run("idp", "verified")
    begun, checked = seen["begun"], seen["checked"]
    assert error(seen["unknown"]) == (404, "not_found")
    assert (begun["domain"], begun["status"]) == (seen["domain"], "pending")
    assert begun["dns_record_name"] == f"_contio-challenge.{seen['domain']}"
    assert begun["expires_at"]
    assert seen["early"] == begun, "nobody has published the record yet"
    assert checked["status"] == "verified"
    assert checked["dns_record_value"] == begun["dns_record_value"]
    assert checked["verified_at"]
    assert seen["read"] == checked


def test_drafts_a_toolkits_version_and_throws_it_away(sdk: OfficialSdk) -> None:
    seen = sdk.run("toolkits", "drafted")
    toolkit, version = seen["toolkit"], seen["version"]
    assert "toolkit" not in seen["dry"]
    assert seen["dry"]["summary"]["next_steps"] == 1
    assert seen["read"] == toolkit
    assert seen["page"]["items"] == [toolkit]
    assert (version["status"], version["version_number"]) == ("DRAFT", 2)
    assert version["version_label"] == seen["wished"]["version_label"]
    assert version["changelog"] == seen["wished"]["changelog"]
    assert seen["changed"] == {**version, "changelog": "Much better"}
    assert seen["reread"] == seen["changed"]
    assert error(seen["discarded"]) == (404, "not_found")
    assert error(seen["twice"]) == (409, "toolkit_slug_collision")
