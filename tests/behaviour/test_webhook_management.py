"""Deliveries, the event filter and the switch, as the admin API shows and changes them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.contract import registry
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.release import Release
from contio_mock.contract.webhooks import WebhookDelivery
from contio_mock.fake.deliveries import DELIVERIES_KEPT

ADMIN = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo"}
BASE = "/v1/partner/admin"
DELIVERIES, FILTER, STATUS = f"{BASE}/webhook-deliveries", f"{BASE}/webhook-filter", f"{BASE}/webhook-status"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.contio(webhook_url="http://localhost:9/hooks")


class Receiver:
    """Answers as it is told, and counts."""

    def __init__(self, contio: FakeContio, status: int = 200) -> None:
        self.status, self.got = status, 0
        contio.receiver = self

    def __call__(self, _: Any) -> int:
        self.got += 1
        return self.status


def happen(contio: FakeContio, times: int = 1) -> None:
    client = contio.client()
    for number in range(times):
        client.user.meetings.create(MeetingCreate(title=f"M{number}"))
    contio.control.mock.settle()


def listed(contio: FakeContio, **query: Any) -> list[WebhookDelivery]:
    return contio.admin().admin.webhooks.list_deliveries(**query).deliveries


def only(contio: FakeContio) -> WebhookDelivery:
    (delivery,) = listed(contio)
    return delivery


def made(**options: Any) -> FakeContio:
    return FakeContio(check_answers=True, webhook_url="http://localhost:9/hooks", profile=options)


# ---------------------------------------------------------------- deliveries


def test_a_delivery_is_shown_as_it_stands(contio: FakeContio, raw: Any) -> None:
    receiver = Receiver(contio, 503)
    happen(contio)
    shown = only(contio)
    answer = json.loads(raw("GET", DELIVERIES, headers=ADMIN).body)
    event = contio.events[0].deliveries[0]
    assert answer == {
        "deliveries": [
            {
                "id": shown.id,
                "partner_app_id": contio.credentials.partner_app_id,
                "event_id": event.event_id,
                "event_type": "meeting.created",
                "delivery_status": "failed",
                "retry_count": 0,
                "error_message": "The receiver answered 503.",
                "created_at": "2026-01-15T09:00:00Z",
                "http_status_code": 503,
                "next_retry_at": "2026-01-15T09:00:30Z",
            }
        ],
        "total": 1,
        "limit": 50,
        "offset": 0,
    }
    receiver.status = 200
    contio.clock.advance("30s")
    wanted = {
        "delivery_status": "delivered", "retry_count": 1, "error_message": "", "http_status_code": 200,
        "next_retry_at": None, "delivered_at": contio.clock.now,
    }  # fmt: skip
    assert only(contio) == shown.model_copy(update=wanted)
    assert contio.admin().admin.webhooks.get_delivery(shown.id) == only(contio)


def test_a_delivery_that_nobody_took_is_pending(contio: FakeContio, raw: Any) -> None:
    happen(contio)
    (shown,) = json.loads(raw("GET", DELIVERIES, headers=ADMIN).body)["deliveries"]
    assert (shown["delivery_status"], shown["error_message"], shown["retry_count"]) == ("pending", "", 0)
    assert shown.keys().isdisjoint({"http_status_code", "next_retry_at", "delivered_at"})


def test_deliveries_are_paged_newest_first(contio: FakeContio) -> None:
    happen(contio, 7)
    everything = [delivery.id for delivery in listed(contio)]
    assert everything == [event.deliveries[0].id for event in reversed(contio.events)]
    for limit, offset in [(3, 0), (3, 3), (3, 6), (3, 7), (3, 99), (7, 0), (100, 6), (1, 6)]:
        page = contio.admin().admin.webhooks.list_deliveries(limit=limit, offset=offset)
        assert [d.id for d in page.deliveries] == everything[offset : offset + limit]
        assert (page.total, page.limit, page.offset) == (7, limit, offset)


@pytest.mark.parametrize(("limit", "clamped"), [(101, 100), (10**30, 100), (0, 1), (-5, 1)])
def test_a_limit_out_of_range_is_clamped(contio: FakeContio, limit: int, clamped: int) -> None:
    assert contio.admin().admin.webhooks.list_deliveries(limit=limit).limit == clamped


@pytest.mark.contio(profile={"limit_above_maximum": "reject"})
def test_a_limit_out_of_range_is_refused_if_so_set(raw: Any) -> None:
    assert raw.code("GET", DELIVERIES, query="limit=101", headers=ADMIN) == (400, "invalid_query_parameters")


@pytest.mark.parametrize("query", ["limit=x", "offset=1.5", "limit="])
def test_a_limit_that_is_no_number_is_refused(raw: Any, query: str) -> None:
    assert raw.code("GET", DELIVERIES, query=query, headers=ADMIN) == (400, "invalid_query_parameters")


@pytest.mark.parametrize(("score", "written"), [(1.0, "1"), (0.0, "0"), (0.75, "0.75")])
def test_a_body_survives_being_parsed_and_written_again(
    contio: FakeContio, score: float, written: str
) -> None:
    """Receivers do so where JSON is parsed before the signature is checked; JavaScript writes 1.0 as 1."""
    Receiver(contio)
    contio.control.mock.emit(
        {
            "type": "automation.assignment.created",
            "user": "ada@example.com",
            "data": {"confidence_score": score},
        }
    )
    (delivery,) = contio.events[-1].deliveries
    assert f'"confidence_score":{written},' in delivery.body.decode()


def test_filters_find_what_they_say(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    happen(contio, 2)
    receiver.status = 500
    happen(contio, 3)
    contio.control.mock.emit({"type": "meeting.updated", "user": "ada@example.com"})
    contio.control.mock.settle()
    assert len(listed(contio, status="delivered")) == 2
    assert len(listed(contio, status="failed")) == 4
    assert len(listed(contio, status="failed", event_type="meeting.updated")) == 1
    assert len(listed(contio, event_type="meeting.created")) == 5
    assert listed(contio, status="abandoned") == []
    contio.clock.advance("1d")
    assert len(listed(contio, status="abandoned")) == 4
    assert listed(contio, status="failed") == []


@pytest.mark.parametrize("word", ["", "none", "DELIVERED", "meeting.created\x01", "x" * 5000, "ä", "*", "="])
@pytest.mark.parametrize("name", ["status", "event_type"])
def test_a_filter_that_nothing_fits_finds_nothing(contio: FakeContio, name: str, word: str) -> None:
    happen(contio)
    page = contio.admin().admin.webhooks.list_deliveries(**{name: word})
    assert (page.deliveries, page.total) == ([], 0)


def test_the_oldest_of_too_many_are_let_go_from_every_list(contio: FakeContio) -> None:
    Receiver(contio)
    client = contio.client()
    ids = []
    for _ in range(DELIVERIES_KEPT + 20):
        contio.control.mock.emit({"type": "meeting.updated", "user": "ada@example.com"})
        contio.control.mock.settle()
        ids.append(contio.events[-1].deliveries[0].id)
        if len(ids) == 30:
            break
    box = contio.sandbox.outbox.deliveries
    for _ in range(DELIVERIES_KEPT):
        client.user.meetings.create(MeetingCreate(title="x"))
    assert len(box) == DELIVERIES_KEPT
    assert listed(contio, event_type="meeting.updated", limit=100) == []
    page = contio.admin().admin.webhooks.list_deliveries(status="pending", offset=DELIVERIES_KEPT - 1)
    assert (len(page.deliveries), page.total) == (1, DELIVERIES_KEPT)


@pytest.mark.parametrize("id_", [UNKNOWN, "nonsense", "%20", "0" * 300])
@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("POST", "/retry")])
def test_another_delivery_is_not_found(raw: Any, method: str, tail: str, id_: str) -> None:
    assert raw.code(method, f"{DELIVERIES}/{id_}{tail}", headers=ADMIN) == (404, "not_found")


# ---------------------------------------------------------------- manual retries


def retry(contio: FakeContio) -> tuple[bool, Any]:
    answer = contio.admin().admin.webhooks.retry(only(contio).id)
    assert answer.delivery_id == only(contio).id
    assert answer.message
    return answer.retry_scheduled, answer.next_retry_at


def test_a_failed_delivery_is_tried_again_at_once(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    happen(contio)
    assert retry(contio) == (True, contio.clock.now)
    receiver.status = 200
    contio.control.mock.settle()
    assert (only(contio).delivery_status, only(contio).retry_count, receiver.got) == ("delivered", 1, 2)
    contio.clock.advance("1d")
    assert receiver.got == 2


def test_an_abandoned_delivery_gets_one_more_attempt(contio: FakeContio) -> None:
    receiver = Receiver(contio, 500)
    happen(contio)
    contio.clock.advance("1d")
    assert (only(contio).delivery_status, receiver.got) == ("abandoned", 5)
    assert retry(contio) == (True, contio.clock.now)
    contio.control.mock.settle()
    assert (only(contio).delivery_status, only(contio).retry_count, receiver.got) == ("abandoned", 5, 6)


def test_a_delivered_and_a_pending_delivery_are_left_as_they_are(contio: FakeContio) -> None:
    happen(contio)
    assert retry(contio) == (False, None)
    assert only(contio).delivery_status == "pending"
    receiver = Receiver(contio)
    contio.control.mock.settle()
    assert retry(contio) == (False, None)
    contio.control.mock.settle()
    assert receiver.got == 1


@pytest.mark.parametrize(("setting", "scheduled"), [("refuse", False), ("send", True)])
def test_a_retry_while_disabled_by_setting(setting: str, scheduled: bool) -> None:
    contio = made(manual_retry_while_disabled=setting)
    receiver = Receiver(contio, 500)
    happen(contio)
    contio.admin().admin.webhooks.set_status({"enabled": False})
    assert retry(contio)[0] is scheduled
    contio.control.mock.settle()
    assert receiver.got == 1 + scheduled


def test_without_a_url_nothing_is_tried_again(contio: FakeContio) -> None:
    Receiver(contio, 500)
    happen(contio)
    contio.admin().admin.app.update({"webhook_url": None})
    assert retry(contio)[0] is False


def test_a_retry_is_replayed_with_its_key(contio: FakeContio, raw: Any) -> None:
    receiver = Receiver(contio, 500)
    happen(contio)
    headers = ADMIN | {"idempotency-key": "k"}
    first = raw("POST", f"{DELIVERIES}/{only(contio).id}/retry", headers=headers)
    contio.control.mock.settle()
    second = raw("POST", f"{DELIVERIES}/{only(contio).id}/retry", headers=headers)
    contio.control.mock.settle()
    assert first.body == second.body
    assert second.header("idempotent-replayed") == "true"
    assert receiver.got == 2


# ---------------------------------------------------------------- the filter


@pytest.mark.parametrize(
    ("kind", "events", "through"),
    [
        ("include", ["meeting.created"], 1),
        ("include", ["meeting.updated"], 0),
        ("exclude", ["meeting.created", "meeting.updated"], 0),
        ("exclude", ["meeting.updated"], 1),
    ],
)
def test_a_filter_decides_what_is_recorded(
    contio: FakeContio, kind: Any, events: list[str], through: int
) -> None:
    admin = contio.admin().admin
    contio.clock.advance("1m")
    changed = admin.webhooks.set_filter({"type": kind, "events": events})
    assert changed.webhook_filter is not None
    assert changed.webhook_filter.model_dump() == {"type": kind, "events": events}
    assert changed.updated_at == contio.clock.now
    assert admin.app.get() == changed
    happen(contio)
    assert len(listed(contio)) == through
    assert admin.webhooks.remove_filter().webhook_filter is None
    happen(contio)
    assert len(listed(contio)) == through + 1


def test_removing_no_filter_is_fine(contio: FakeContio, raw: Any) -> None:
    answer = raw("DELETE", FILTER, headers=ADMIN)
    assert answer.status == 200
    assert "webhook_filter" not in json.loads(answer.body)


@pytest.mark.parametrize("release", Release, ids=lambda release: release.value)
def test_an_unknown_event_is_refused_with_the_releases_own_list(release: Release, raw_of: Any) -> None:
    contio = FakeContio(check_answers=True, release=release)
    before = contio.admin().admin.app.get()
    known = sorted(registry.events(release))
    body = {"type": "include", "events": ["meeting.created", "meeting.exploded"]}
    answer = raw_of(contio)("PUT", FILTER, body, headers=ADMIN)
    refused = json.loads(answer.body)
    assert (answer.status, refused["code"]) == (400, "validation_error")
    assert "meeting.exploded" in refused["message"]
    assert refused["valid_event_types"] == known
    assert contio.admin().admin.app.get() == before
    assert contio.admin().admin.webhooks.set_filter({"type": "exclude", "events": known})


@pytest.mark.parametrize(
    ("name", "releases"),
    [
        ("workflow.assignment.created", {"1.5"}),
        ("automation.assignment.created", {"1.6", "1.9", "1.10"}),
        ("workflow.run.started", {"1.9", "1.10"}),
    ],
)
@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_an_event_is_known_in_its_releases(name: str, releases: set[str], release: str, raw_of: Any) -> None:
    raw = raw_of(FakeContio(check_answers=True, release=release))
    answer = raw("PUT", FILTER, {"type": "include", "events": [name]}, headers=ADMIN)
    assert answer.status == (200 if release in releases else 400)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "include", "events": []}, "validation_error"),
        ({"type": "only", "events": ["meeting.created"]}, "validation_error"),
        ({"type": "include"}, "validation_error"),
        ({"events": ["meeting.created"]}, "validation_error"),
        ({"type": "include", "events": "meeting.created"}, "validation_error"),
        ({"type": "include", "events": [1]}, "validation_error"),
        ({"type": "include", "events": [""]}, "validation_error"),
        ({"type": "include", "events": ["x" * 10_000]}, "validation_error"),
        (b"[", "invalid_request_body"),
        (b'{"type": "include", "events": ["\\ud800"]}', "invalid_request_body"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_filter_that_does_not_fit_is_refused(contio: FakeContio, raw: Any, body: Any, code: str) -> None:
    before = contio.admin().admin.app.get()
    assert raw.code("PUT", FILTER, body, headers=ADMIN) == (400, code)
    assert contio.admin().admin.app.get() == before


# ---------------------------------------------------------------- the switch


def switch(contio: FakeContio, enabled: bool, disposition: Any = None) -> None:
    wish = {"enabled": enabled} | ({"pending_disposition": disposition} if disposition else {})
    app = contio.admin().admin.webhooks.set_status(wish)
    assert app.webhook_enabled is enabled
    assert contio.admin().admin.app.get() == app


@pytest.mark.parametrize(("disposition", "got", "status"), [("deliver", 3, "delivered"), ("abandon", 0, "abandoned")])  # fmt: skip
def test_what_waited_is_delivered_or_abandoned(
    contio: FakeContio, disposition: str, got: int, status: str
) -> None:
    receiver = Receiver(contio)
    switch(contio, False)
    happen(contio, 3)
    contio.clock.advance("7d")
    assert receiver.got == 0
    assert [d.delivery_status for d in listed(contio)] == ["pending"] * 3
    switch(contio, True, disposition)
    contio.control.mock.settle()
    assert receiver.got == got
    assert [d.delivery_status for d in listed(contio)] == [status] * 3
    happen(contio)
    assert receiver.got == got + 1


@pytest.mark.parametrize(("disposition", "got"), [("deliver", 2), ("abandon", 1)])
def test_a_failed_delivery_waits_while_disabled(contio: FakeContio, disposition: str, got: int) -> None:
    receiver = Receiver(contio, 500)
    happen(contio)
    switch(contio, False)
    assert (only(contio).delivery_status, only(contio).next_retry_at) == ("failed", None)
    contio.clock.advance("1d")
    assert receiver.got == 1
    switch(contio, True, disposition)
    contio.control.mock.settle()
    assert receiver.got == got


def test_enabling_again_must_say_what_becomes_of_what_waits(contio: FakeContio, raw: Any) -> None:
    switch(contio, False)
    assert raw.code("PUT", STATUS, {"enabled": True}, headers=ADMIN) == (400, "validation_error")
    null = {"enabled": True, "pending_disposition": None}
    assert raw.code("PUT", STATUS, null, headers=ADMIN) == (400, "validation_error")
    assert contio.admin().admin.app.get().webhook_enabled is False


def test_enabling_may_be_silent_if_so_set_when_nothing_waits(raw_of: Any) -> None:
    contio = made(pending_disposition="when_pending")
    raw = raw_of(contio)
    switch(contio, False)
    assert raw("PUT", STATUS, {"enabled": True}, headers=ADMIN).status == 200
    switch(contio, False)
    happen(contio)
    assert raw.code("PUT", STATUS, {"enabled": True}, headers=ADMIN) == (400, "validation_error")


def test_what_is_enabled_already_needs_no_disposition(contio: FakeContio) -> None:
    happen(contio)
    switch(contio, True)
    switch(contio, True, "abandon")
    assert only(contio).delivery_status == "pending"
    switch(contio, False)
    switch(contio, False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_error"),
        ({"enabled": None}, "validation_error"),
        ({"enabled": "true"}, "validation_error"),
        ({"enabled": 1}, "validation_error"),
        ({"enabled": True, "pending_disposition": "keep"}, "validation_error"),
        ({"enabled": False, "pending_disposition": 1}, "validation_error"),
        (b"", "invalid_request_body"),
    ],
    ids=repr,
)
def test_a_switch_that_does_not_fit_is_refused(contio: FakeContio, raw: Any, body: Any, code: str) -> None:
    before = contio.admin().admin.app.get()
    assert raw.code("PUT", STATUS, body, headers=ADMIN) == (400, code)
    assert contio.admin().admin.app.get() == before


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_the_paths_of_the_official_sdk(release: str, raw_of: Any) -> None:
    raw = raw_of(FakeContio(check_answers=True, release=release))
    filter_ = {"type": "include", "events": ["meeting.created"]}
    app = f"{BASE}/app"
    assert raw("PUT", f"{app}/webhook-filter", filter_, headers=ADMIN).status == 200
    assert json.loads(raw("DELETE", f"{app}/webhook-filter", headers=ADMIN).body)["name"]
    answer = raw("PUT", f"{app}/webhook-status", {"enabled": False}, headers=ADMIN)
    assert json.loads(answer.body)["webhook_enabled"] is False
    assert "official SDK" in (answer.header("x-contio-mock-undocumented") or "")


# ---------------------------------------------------------------- receivers that fail for too long


def is_enabled(contio: FakeContio) -> bool:
    return contio.admin().admin.app.get().webhook_enabled


def abandon_one(contio: FakeContio) -> None:
    happen(contio)
    contio.clock.advance("3h")


def test_too_many_abandoned_deliveries_disable_webhooks_and_tell_the_contact() -> None:
    contio = made(webhook_disable_after_abandoned=3, webhook_disable_after_hours=0)
    receiver = Receiver(contio, 500)
    for _ in range(2):
        abandon_one(contio)
    assert is_enabled(contio)
    assert contio.inbox("partners@example.com") == []
    abandon_one(contio)
    assert not is_enabled(contio)
    (mail,) = contio.inbox("partners@example.com")
    assert "webhooks" in mail.subject
    assert mail.text is not None
    assert "3 deliveries were abandoned" in mail.text
    assert mail.code == ""
    got = receiver.got
    happen(contio)
    contio.clock.advance("1d")
    assert (receiver.got, listed(contio)[0].delivery_status) == (got, "pending")
    switch(contio, True, "deliver")
    contio.control.mock.settle()
    assert receiver.got == got + 1
    for _ in range(2):
        abandon_one(contio)
    assert not is_enabled(contio), "the one that waited and two more"


def test_the_default_is_fifty_and_counts_one_run(contio: FakeContio) -> None:
    Receiver(contio, 500)
    happen(contio, 49)
    contio.clock.advance("3h")
    assert is_enabled(contio)
    assert len(listed(contio, status="abandoned", limit=100)) == 49
    abandon_one(contio)
    assert not is_enabled(contio)


@pytest.mark.parametrize(("setting", "enabled"), [("since_success", True), ("since_enabled", False)])
def test_which_abandoned_deliveries_count_by_setting(setting: str, enabled: bool) -> None:
    contio = made(webhook_disable_after_abandoned=2, webhook_abandoned_counted=setting)
    receiver = Receiver(contio, 500)
    abandon_one(contio)
    receiver.status = 200
    happen(contio)
    receiver.status = 500
    abandon_one(contio)
    assert is_enabled(contio) is enabled


def test_a_failure_more_than_72_hours_after_the_last_success_disables_webhooks(contio: FakeContio) -> None:
    receiver = Receiver(contio)
    happen(contio)
    receiver.status = 500
    contio.clock.advance("72h")
    happen(contio)
    assert is_enabled(contio)
    contio.clock.advance("30s")
    assert not is_enabled(contio)
    (mail,) = contio.inbox("partners@example.com")
    assert mail.sent_at == contio.clock.now
    assert listed(contio)[0].next_retry_at is None


@pytest.mark.parametrize(("setting", "enabled"), [("last_success", False), ("first_failure", True)])
def test_from_when_the_hours_count_by_setting(setting: str, enabled: bool) -> None:
    contio = made(webhook_failing_counted=setting)
    receiver = Receiver(contio)
    happen(contio)
    contio.clock.advance("7d")
    receiver.status = 500
    happen(contio)
    assert is_enabled(contio) is enabled
    contio.clock.advance("1h")
    contio.clock.advance("72h")
    happen(contio)
    assert is_enabled(contio) is False


def test_without_any_success_the_hours_count_from_the_first_failure(contio: FakeContio) -> None:
    Receiver(contio, 500)
    contio.clock.advance("30d")
    for _ in range(25):
        assert is_enabled(contio)
        abandon_one(contio)
    assert not is_enabled(contio)


def test_enabling_again_begins_to_count_afresh() -> None:
    contio = made(webhook_disable_after_abandoned=1)
    receiver = Receiver(contio, 500)
    abandon_one(contio)
    switch(contio, True, "abandon")
    receiver.status = 200
    happen(contio)
    assert is_enabled(contio)


@pytest.mark.parametrize(
    "options", [{"webhook_disable_after_abandoned": 0, "webhook_disable_after_hours": 0}]
)
def test_it_can_be_switched_off(options: dict[str, int]) -> None:
    contio = made(**options, webhook_retry_schedule=[])
    Receiver(contio, 500)
    happen(contio, 60)
    contio.clock.advance(timedelta(days=30).total_seconds())
    happen(contio)
    assert is_enabled(contio)


def test_an_app_without_a_contact_gets_no_mail(tmp_path: Any) -> None:
    app = {"name": "A", "company_name": "A", "client_id": "a", "client_secret": "s", "api_key": "k",
           "webhook_secret": "w", "webhook_url": "http://localhost:9/"}  # fmt: skip
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"apps": [app]}), "utf-8")
    contio = FakeContio(
        scenario=str(file),
        check_answers=True,
        profile={"webhook_disable_after_abandoned": 1, "webhook_retry_schedule": []},
    )
    Receiver(contio, 500)
    happen(contio)
    assert not is_enabled(contio)
    assert contio.inbox() == []
