"""Partners' code is written with the official SDK: it must not notice that this is no Contio."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from contio_mock.contract.auth import SCOPES
from contio_mock.contract.meetings import MeetingCreate
from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk

DAY = 24 * 3600
HAS_IDEMPOTENCY_KEYS = ["1.9.0"]
HAS_WORKFLOWS = ["1.9.0"]


@pytest.mark.contio(profile={"session_lookup": "cookie"})
def test_signs_a_user_in_through_the_pages(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("sign_in", "consenting")
    prefix = contio_live.sandbox.prefix
    assert prefix
    assert seen["hinted"] == {"value": "katherine@example.com", "locked": True}
    pages = ["/oauth2/authorize", "/login", "/login", "/login/code", "/login/code", "/consent", "/consent"]
    assert seen["visited"] == [prefix + page for page in pages]
    assert seen["landed"] == contio_live.credentials.redirect_uris[0]
    assert seen["handed"] == {"code": seen["handed"]["code"], "state": seen["state"]}


def test_exchanges_a_code_once_for_tokens_of_a_day(sdk: OfficialSdk) -> None:
    seen = sdk.run("sign_in", "consenting")
    tokens = seen["tokens"]
    assert tokens["accessToken"].startswith("cto_at_v1_")
    assert tokens["refreshToken"].startswith("cto_rt_v1_")
    assert tokens["scope"] == seen["scope"]
    assert seen["life"] == pytest.approx(DAY, abs=5)
    assert seen["again"]["message"].endswith("status code 400")


def test_gets_an_id_token_that_the_published_keys_verify(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    tokens = sdk.run("sign_in", "returning")["tokens"]
    claims = verified_claims(tokens["idToken"], contio_live)
    assert claims["sub"] == contio_live.client("ada@example.com").user.profile.get().id
    assert claims["email"] == "ada@example.com"
    assert claims["name"] == "Ada Lovelace"


def test_a_refused_consent_comes_back_as_access_denied(sdk: OfficialSdk) -> None:
    seen = sdk.run("sign_in", "refusing")
    assert seen["handed"]["error"] == "access_denied"
    assert seen["handed"]["state"] == seen["state"]
    assert "code" not in seen["handed"]


def test_asks_nobody_twice_for_consent(sdk: OfficialSdk) -> None:
    seen = sdk.run("sign_in", "returning")
    assert not [page for page in seen["visited"] if page.endswith("/consent")]
    assert seen["handed"]["state"] == seen["state"]


def test_signs_a_newcomer_in_without_a_browser(sdk: OfficialSdk) -> None:
    seen = sdk.run("json_sign_in", "newcomer")
    assert seen["initiated"]["challenge_name"] == "CUSTOM_CHALLENGE"
    assert seen["initiated"]["user_provisioned"] is True
    assert seen["again"]["user_provisioned"] is False
    assert seen["wrongCode"]["message"].endswith("status code 400")
    assert seen["verified"]["success"] is True
    assert consent(seen["before"]) == (False, True, True)
    assert seen["consented"]["state"] == "state-1"
    assert consent(seen["after"]) == (True, False, True)
    assert seen["tokens"]["accessToken"].startswith("cto_at_v1_")
    assert seen["profile"]["display_name"] == "Mary Somerville"


def consent(checked: dict[str, Any]) -> tuple[bool, bool, bool]:
    return checked["has_consent"], checked["requires_consent"], checked["session_valid"]


def test_learns_what_a_token_is_worth(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("tokens", "described")
    assert seen["scopes"] == list(SCOPES)
    introspection = seen["introspection"]
    assert introspection["active"] is True
    assert introspection["client_id"] == contio_live.credentials.client_id
    assert introspection["username"] == "ada@example.com"
    assert introspection["scope"].split() == list(SCOPES)
    assert introspection["exp"] - introspection["iat"] == DAY
    assert seen["userInfo"]["sub"] == introspection["sub"]
    assert seen["userInfo"]["email"] == "ada@example.com"


def test_a_revoked_token_is_refused(sdk: OfficialSdk) -> None:
    seen = sdk.run("tokens", "revoked")
    assert seen["tokens"]["accessToken"].startswith("cto_at_v1_")
    assert seen["tokens"]["refreshToken"].startswith("cto_rt_v1_")
    assert seen["profile"]["email"] == "ada@example.com"
    assert seen["introspection"] == {"active": False}
    assert (seen["call"]["statusCode"], seen["call"]["code"]) == (401, "unauthorized")
    assert seen["refresh"]["message"].endswith("status code 400")


def test_gets_a_token_of_the_app_itself(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("tokens", "ofTheApp")
    assert seen["tokens"]["scope"] == ["meetings:read"]
    assert "refreshToken" not in seen["tokens"]
    assert seen["introspection"]["client_id"] == contio_live.credentials.client_id


def test_an_expired_token_is_refused_until_it_is_refreshed(sdk: OfficialSdk) -> None:
    seen = sdk.run("tokens", "expired")
    assert (seen["call"]["statusCode"], seen["call"]["code"]) == (401, "unauthorized")
    assert seen["profile"]["email"] == "ada@example.com"
    assert seen["renewed"]


def test_refreshes_by_itself_a_token_that_it_knows_to_have_expired(sdk: OfficialSdk) -> None:
    seen = sdk.run("tokens", "knownToHaveExpired")
    assert seen["profile"]["email"] == "ada@example.com"
    assert seen["renewed"]


def test_pages_through_every_meeting(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    meetings = contio_live.client("ada@example.com").user.meetings
    for number in range(70):  # more than fit on the SDK's pages of 100
        meetings.create(MeetingCreate(title=f"Meeting {number}"))
    first, second = meetings.list(limit=100), meetings.list(limit=100, offset=100)
    ids = [meeting.id for meeting in (*first.items, *second.items)]
    seen = sdk.run("meetings", "paged")
    assert [meeting["id"] for meeting in seen["all"]] == ids
    assert len(ids) == first.total > 100
    page = seen["page"]
    assert (page["total"], page["limit"], page["offset"]) == (first.total, 5, 3)
    assert [meeting["id"] for meeting in page["items"]] == ids[3:8]


def test_creates_reads_and_changes_a_meeting(sdk: OfficialSdk) -> None:
    seen = sdk.run("meetings", "changed")
    assert seen["created"].items() >= seen["wished"].items()
    assert seen["created"]["status"] == "scheduled"
    assert seen["read"] == seen["created"]
    assert seen["updated"] == {**seen["created"], "title": "Summer party"}
    assert seen["reread"] == seen["updated"]
    assert seen["thatDay"]["items"] == [seen["updated"]]


def test_reads_times_in_the_time_zone_it_names(sdk: OfficialSdk) -> None:
    seen = sdk.run("meetings", "abroad")
    assert seen["winter"]["start_time"] == "2030-01-15T09:00:00-08:00"
    assert seen["summer"]["start_time"] == "2030-07-15T10:00:00-07:00"
    assert seen["summer"]["created_at"].endswith("Z")
    assert seen["listed"] == seen["summer"]
    assert seen["tokyo"]["start_time"] == "2030-07-16T02:00:00+09:00"


@pytest.mark.parametrize("sdk", HAS_IDEMPOTENCY_KEYS, indirect=True)
def test_repeats_a_write_without_doing_it_twice(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("meetings", "repeated")
    assert seen["again"] == seen["first"]
    assert seen["other"]["id"] != seen["first"]["id"]
    assert seen["renamedAgain"] == seen["renamed"]
    created = contio_live.mock.events(type="meeting.created")
    assert [event.data["meeting_id"] for event in created.items] == [seen["other"]["id"], seen["first"]["id"]]
    assert contio_live.mock.events(type="meeting.updated").total == 3
    replayed = [request.replayed for request in contio_live.mock.requests().items]
    assert replayed == [True, False, False, True, False]


def test_reports_each_refusal_by_its_code(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("refusals", "every")
    assert {name: (error["statusCode"], error["code"]) for name, error in seen.items()} == {
        "unknown": (404, "not_found"),
        "malformed": (400, "invalid_meeting_id"),
        "backwards": (400, "invalid_time_range"),
        "untitled": (400, "invalid_request"),
        "page": (400, "invalid_start_date"),
        "scope": (403, "forbidden"),
        "token": (401, "unauthorized"),
        "key": (401, "unauthorized"),
    }
    assert all(error["isApiError"] for error in seen.values())
    assert "meetings:write" in seen["scope"]["message"]
    journal = [request.id for request in contio_live.mock.requests().items]
    assert [error["requestId"] for error in seen.values()] == journal[::-1]
    assert contio_live.mock.events().total == 0


def test_changes_the_partner_app(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("app", "changed")
    assert seen["before"]["client_id"] == contio_live.credentials.client_id
    assert seen["updated"] == {
        **seen["before"],
        **seen["wished"],
        "updated_at": seen["updated"]["updated_at"],
    }
    assert seen["after"] == seen["updated"]


@pytest.mark.contio(profile={"chat_queue_seconds": 0, "chat_processing_seconds": 0})
def test_chats_with_the_assistant(sdk: OfficialSdk) -> None:
    seen = sdk.run("chat", "conversed")
    first, asked = seen["created"]["current_turn"], seen["sent"]["turn"]
    assert (seen["created"]["status"], seen["created"]["turn_count"]) == ("active", 1)
    assert (first["role"], first["sequence_number"], first["status"]) == ("user", 1, "queued")
    assert (asked["sequence_number"], seen["sent"]["position"], seen["sent"]["queued_turns"]) == (3, 1, 1)
    turns = seen["read"]["turns"]["items"]
    assert [turn["sequence_number"] for turn in turns] == [1, 2, 3, 4]
    assert {turn["status"] for turn in turns} == {"completed"}
    assert (seen["read"]["metadata"], seen["read"]["title"]) == ({"ticket": "42"}, "What is next?")
    assert seen["turn"] == turns[1]
    assert seen["turn"]["agent_metadata"]["model"]
    assert seen["turn"]["completed_at"]
    assert seen["again"]["turns"]["items"] == []
    assert [session["id"] for session in seen["listed"]["items"]] == [seen["created"]["id"]]


@pytest.mark.contio(profile={"workflow_queue_seconds": 0, "workflow_step_seconds": 0})
@pytest.mark.parametrize("sdk", HAS_WORKFLOWS, indirect=True)
def test_runs_a_workflow(sdk: OfficialSdk) -> None:
    seen = sdk.run("chat", "ran")
    assert seen["template"]["spec"]["steps"]
    assert (seen["created"]["status"], seen["created"]["trigger_type"]) == ("pending", "manual")
    assert (seen["read"]["id"], seen["read"]["status"]) == (seen["created"]["id"], "completed")
    assert seen["listed"]["items"] == [seen["read"]]


def test_accepts_the_webhook_of_what_it_did(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("webhooks", "genuine")
    assert seen["count"] == 1
    assert seen["accepted"]
    assert seen["verified"]
    assert seen["verifiedAsText"]
    assert seen["parsed"] == seen["event"]
    assert seen["handled"] == [["any", "meeting.created"], ["created", seen["meeting"]["title"]]]
    event = seen["event"]
    assert event["partner_app_id"] == contio_live.credentials.partner_app_id
    assert event["for_user"]["email"] == "ada@example.com"
    assert event["data"]["meeting_id"] == seen["meeting"]["id"]
    (emitted,) = contio_live.mock.events().items
    (delivery,) = emitted.deliveries
    assert (delivery.status, delivery.url) == ("delivered", seen["url"])
    assert delivery.event_id == event["event_id"]


def test_refuses_a_webhook_that_was_tampered_with(sdk: OfficialSdk) -> None:
    seen = sdk.run("webhooks", "tampered")
    assert seen["differs"]
    assert not seen["verified"]
    assert not seen["otherSecret"]
    mismatch = "Webhook verification failed: Signature mismatch"
    assert seen["parse"]["message"] == mismatch
    assert seen["handle"]["message"] == mismatch
    assert seen["middleware"]["status"] == 401
    assert seen["middleware"]["message"] == mismatch


def test_gets_over_a_fault_that_passes(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    total = contio_live.client("ada@example.com").user.meetings.list(limit=1).total
    seen = sdk.run("faults", "passing")
    assert seen["unavailable"] == {"total": total, "statuses": [503, 200]}
    assert seen["limited"] == {"total": total, "statuses": [429, 429, 200]}
    assert seen["dropped"]["total"] == total
    assert len(seen["dropped"]["statuses"]) == 2


def test_gives_up_after_three_repeats(sdk: OfficialSdk) -> None:
    seen = sdk.run("faults", "lasting")
    assert seen == {"code": "unavailable", "statusCode": 503, "statuses": [503] * 4}


def test_repeats_a_write_whose_answer_was_lost(sdk: OfficialSdk, contio_live: LiveContio) -> None:
    seen = sdk.run("faults", "unanswered")
    bare, keyed = seen["bare"], seen["keyed"]
    assert len(bare["ids"]) == 2, "both attempts reached Contio"
    assert bare["id"] in bare["ids"]
    assert keyed["id"] in keyed["ids"]
    knows_keys = sdk.version in HAS_IDEMPOTENCY_KEYS
    assert len(keyed["ids"]) == (1 if knows_keys else 2)
    attempts = contio_live.mock.requests(operation="createMeeting").items
    assert [request.replayed for request in attempts] == [knows_keys, False, False, False]


def test_makes_installs_upgrades_and_exports_a_toolkit(sdk: OfficialSdk) -> None:
    seen = sdk.run("toolkits", "published")
    toolkit, installed = seen["created"]["toolkit"], seen["installed"]
    assert seen["created"]["validation"] == {"valid": True, "errors": [], "warnings": []}
    assert seen["updated"]["description"] == "Changed by PUT"
    (pair,) = seen["listed"]["items"]
    assert pair["toolkit"]["id"] == installed["toolkit_id"] == toolkit["id"]
    assert seen["read"]["installation"] == installed
    assert [version["status"] for version in seen["versions"]] == ["DEPRECATED", "PUBLISHED"]
    assert seen["exported"]["manifest"]["next_steps"] == toolkit["manifest"]["next_steps"]
    (step,) = seen["entities"]["manifest"]["next_steps"]
    assert step["spec"]["name"] == "B", "the installed one was upgraded"
    assert "installation" not in seen["gone"]
    if "workspaces" in seen:  # SDKs from 1.7 on
        assert len(seen["workspaces"]["items"]) == 2
        assert seen["installations"]["summary"]["opted_out"] == 1


def verified_claims(id_token: str, contio: LiveContio) -> dict[str, Any]:
    """The claims, verified as a relying party does it: by discovery and the keys found there."""
    discovery = httpx2.get(f"{contio.url}/.well-known/openid_configuration").raise_for_status().json()
    keys = KeySet.import_key_set(httpx2.get(discovery["jwks_uri"]).raise_for_status().json())
    token = jwt.decode(id_token, keys, algorithms=discovery["id_token_signing_alg_values_supported"])
    rules = jwt.JWTClaimsRegistry(
        leeway=5,
        iss={"essential": True, "value": discovery["issuer"]},
        aud={"essential": True, "value": contio.credentials.client_id},
        exp={"essential": True},
    )
    rules.validate(token.claims)
    return token.claims
