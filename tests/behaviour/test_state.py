"""Everything that a sandbox holds, as one document: exported, imported, and refused when it is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contio_mock import FakeContio
from contio_mock.client import Contio
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate
from contio_mock.contract.oauth import AuthInitiate, AuthVerify, Consent, TokenRequest
from contio_mock.contract.simulate_meetings import MeetingCopyWish, MeetingNamed
from contio_mock.contract.wire import Request
from contio_mock.fake.outbox import Outgoing
from contio_mock.fake.records import Store
from contio_mock.fake.state import collections, values
from contio_mock.fake.store import Collection

STATE = "/_mock/state"
HOOK = "http://localhost:9/hook"
Json = dict[str, Any]


def exported(contio: FakeContio) -> bytes:
    answer = contio.handle(Request("GET", STATE))
    assert answer.status == 200
    return answer.body


def put(contio: FakeContio, state: bytes) -> tuple[int, Json]:
    answer = contio.handle(Request("PUT", STATE, headers={"content-type": "application/json"}, body=state))
    return answer.status, json.loads(answer.body) if answer.body else {}


def lived_in() -> FakeContio:
    """A sandbox in which something of everything happened."""
    contio = FakeContio(check_answers=True, webhook_url=HOOK, profile={"meeting_lifecycle": "clock"})
    client, mock = contio.client(), contio.control.mock
    soon = contio.clock.now + timedelta(hours=3)
    meetings = client.user.meetings
    meetings.create(MeetingCreate(title="Ünïcode 会議", start_time=soon, end_time=soon + timedelta(hours=1)))
    client.with_options(idempotency_key="k").user.meetings.create(MeetingCreate(title="Once"))
    done = meetings.create(MeetingCreate(title="Done", detail_level="VERBATIM"))
    named = MeetingNamed(meeting_id=done.id)
    mock.simulate.meeting_started(named)
    mock.simulate.meeting_ended(named)
    mock.simulate.meeting_completed({"meeting_id": done.id})
    mock.simulate.meeting_copied(MeetingCopyWish(meeting_id=done.id, email="linus@example.net"))
    contio.receiver = lambda outgoing: 200 if len(outgoing.body) % 2 else 500
    contio.clock.advance("1h")
    common = {"client_id": "partner_demo", "redirect_uri": "http://localhost:3000/callback"}
    for email in ("new@example.com", "ada@example.com"):
        session = contio.control.oauth.initiate(AuthInitiate(client_id="partner_demo", email=email)).session
    code = contio.inbox("ada@example.com")[0].code
    contio.control.oauth.verify(
        AuthVerify(client_id="partner_demo", email="ada@example.com", code=code, session=session)
    )
    consent = Consent(consent=True, email="ada@example.com", response_type="code", scope="profile", **common)
    contio.control.oauth.consent(consent)
    contio.control.oauth.token(
        TokenRequest(
            grant_type="client_credentials", client_id="partner_demo", client_secret="cs_demo_secret"
        )
    )
    contio.faults.add(operation="listMeetings", nth=3, status=503)
    contio.settings(release="1.9", features={"smart_redirect": False})
    return contio


@pytest.fixture(scope="module")
def state() -> Json:
    document: Json = json.loads(exported(lived_in()))
    return document


# ---------------------------------------------------------------- there and back


def test_an_imported_state_is_exported_as_it_was(state: Json) -> None:
    text = json.dumps(state).encode()
    other = FakeContio(check_answers=True, scenario="empty", seed=99, now="2030-01-01T00:00:00Z")
    assert put(other, text) == (204, {})
    assert json.loads(exported(other)) == state
    assert put(other, exported(other)) == (204, {})
    assert json.loads(exported(other)) == state


def test_looking_changes_nothing() -> None:
    contio = lived_in()
    before = exported(contio)
    contio.control.mock.health()
    contio.control.mock.requests()
    contio.settings()
    assert exported(contio) == before


def test_it_holds_something_of_everything(state: Json) -> None:
    filled = {name for name, rows in state["collections"].items() if rows}
    assert {"apps", "workspaces", "users", "connections", "meetings", "transcripts"} <= filled
    for part in ("credentials", "traffic"):
        empty = [name for name, rows in state[part].items() if not rows]
        assert empty in ([], ["rate_counters"]), part
    assert state["jobs"]
    assert state["traffic"]["queue"]
    assert (state["format"], state["version"]) == ("contio-mock-state", 1)


def test_hidden_members_travel(state: Json) -> None:
    (app,) = state["collections"]["apps"]
    assert app["client_secret"] == "cs_demo_secret"
    (done,) = [m for m in state["collections"]["meetings"] if m["title"] == "Done" and m.get("copies")]
    assert done["detail_level"] == "VERBATIM"
    assert done["viewer_ids"] == done["editor_ids"]


def test_what_waits_goes_on_waiting(state: Json) -> None:
    contio = FakeContio(check_answers=True, scenario="empty")
    put(contio, json.dumps(state).encode())
    heard: list[str] = []

    def receive(outgoing: Outgoing) -> int:
        heard.append(json.loads(outgoing.body)["event_type"])
        return 200

    contio.receiver = receive
    contio.clock.advance("5h")
    assert "meeting.completed" in heard
    (planned,) = [m for m in contio.client().user.meetings.list(limit=100).items if m.title == "Ünïcode 会議"]
    assert planned.status == "completed"
    assert contio.sandbox.outbox.waiting() == 0


def test_a_restored_sandbox_forgets_what_it_held_before(contio: FakeContio) -> None:
    state = contio.export_state()
    client = contio.client()
    made = client.user.meetings.create(MeetingCreate(title="Later"))
    contio.clock.advance("30d")
    contio.import_state(state)
    assert contio.sandbox.store.meetings.get(made.id) is None
    assert contio.export_state() == state
    assert contio.events == []


def test_idempotent_answers_are_replayed_after_an_import() -> None:
    first = FakeContio(check_answers=True)
    client = first.client()
    body = b'{"title": "Once"}'
    headers = {
        "authorization": f"Bearer {client.tokens.access_token if client.tokens else ''}",
        "content-type": "application/json",
        "idempotency-key": "k",
    }
    request = Request("POST", "/v1/partner/user/meetings", headers=headers, body=body)
    once = first.handle(request)
    second = FakeContio(check_answers=True, scenario="empty")
    put(second, exported(first))
    again = second.handle(request)
    assert again.header("idempotent-replayed") == "true"
    assert again.body == once.body


def test_a_state_larger_than_any_other_body_is_taken(contio: FakeContio) -> None:
    client = contio.client()
    for number in range(30):
        made = client.user.meetings.create(MeetingCreate(title=str(number)))
        record = contio.sandbox.store.meetings.get(made.id)
        assert record is not None
        contio.sandbox.store.meetings.replace(record, summary_notes="x" * 50_000)
    document = exported(contio)
    assert len(document) > 1_048_576
    assert put(contio, document)[0] == 204


# ---------------------------------------------------------------- refused


def changed(state: Json, path: str, value: Any) -> Json:
    """The state with one place changed; `...` takes the place out."""
    document = copy.deepcopy(state)
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place: Any = document
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("format", "something", "format"),
        ("version", 2, "version"),
        ("ids", "AAAA", "ids"),
        ("ids", "%%%", "ids"),
        ("clock", ..., "clock"),
        ("clock/now", "yesterday", "clock.now"),
        ("clock/now", "0001-01-01T00:00:00Z", "clock.now"),
        ("clock/rate", -1, "clock.rate"),
        ("settings/release", "2.0", "settings.release"),
        ("settings/profile/nothing", 1, "settings.profile"),
        ("settings/profile/limit_above_maximum", "perhaps", "settings.profile"),
        ("settings/surprise", 1, "settings.surprise"),
        ("collections/nothing", [], "collections"),
        ("collections/apps", [], "collections.apps"),
        ("collections/meetings", {}, "collections.meetings"),
        ("collections/meetings/0", 7, "collections.meetings.0"),
        ("collections/meetings/3/title", 7, "collections.meetings.3.title"),
        ("collections/meetings/3/colour", "red", "collections.meetings.3.colour"),
        ("collections/meetings/3/status", "over", "collections.meetings.3.status"),
        ("collections/meetings/3/created_at", "2026-01-01T00:00:00", "collections.meetings.3.created_at"),
        ("collections/meetings/3/viewer_ids", "ada", "collections.meetings.3.viewer_ids"),
        ("collections/meetings/3/title", {"$bytes": "x"}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$float": "1"}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$object": [1]}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$object": [[[], 1]]}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$base64": "é"}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$base64": 5}, "collections.meetings.3.title"),
        ("collections/users/0/workspace_id", "nowhere", "collections.users.0.workspace_id"),
        ("collections/connections/0/user_id", "nobody", "collections.connections.0.user_id"),
        ("collections/connections/0/app_id", "nothing", "collections.connections.0.app_id"),
        ("credentials/mails", ..., "mails is missing"),
        ("credentials/grants", [], "names no grant"),
        ("credentials/grants/0/user_id", "nobody", "credentials.grants.0.user_id"),
        ("credentials/access_tokens/0/expires_at", 5, "credentials.access_tokens.0.expires_at"),
        ("credentials/challenges/0/app_id", "x", "credentials.challenges.0.app_id"),
        ("credentials/codes/0/app_id", "x", "credentials.codes.0.app_id"),
        ("traffic/queue", [], "traffic.queue"),
        ("traffic/events/0/type", "meeting.exploded", "traffic.events.0.type"),
        ("traffic/events/0/data", {}, "traffic.events.0.data"),
        ("traffic/events/0/deliveries", ["x"], "traffic.events.0.deliveries"),
        ("traffic/deliveries/0/status", "lost", "traffic.deliveries.0.status"),
        ("traffic/fault_rules/0/nth", 0, "traffic.fault_rules.0.nth"),
        ("traffic/idempotency_keys/0/status", 9, "traffic.idempotency_keys.0.status"),
        ("traffic/idempotency_keys/0/headers", [["a", "b\r\nc"]], "traffic.idempotency_keys.0.headers"),
        ("traffic/counted", {}, "traffic.counted"),
        ("traffic/rate_counters", {"nobody": []}, "traffic.rate_counters"),
        ("jobs/0/name", "explode", "jobs.0.name"),
        ("jobs/0/arguments", [], "jobs.0.arguments"),
        ("jobs/0/at", "soon", "jobs.0.at"),
    ],
)
def test_a_state_that_cannot_be_is_refused_by_its_place_and_changes_nothing(
    state: Json, path: str, value: Any, said: str
) -> None:
    contio = FakeContio(check_answers=True)
    before = exported(contio)
    status, answer = put(contio, json.dumps(changed(state, path, value)).encode())
    assert (status, answer["code"]) == (400, "invalid_state")
    assert said in answer["message"]
    assert exported(contio) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"format": NaN}'])
def test_what_is_no_state_at_all_is_refused(contio: FakeContio, body: bytes) -> None:
    before = exported(contio)
    status, answer = put(contio, body)
    assert (status, answer["code"]) == (400, "invalid_state")
    assert exported(contio) == before


def test_an_id_that_two_records_have_is_refused(state: Json) -> None:
    rows = state["collections"]["meetings"]
    twice = changed(state, "collections/meetings", [*rows, rows[0]])
    status, answer = put(FakeContio(), json.dumps(twice).encode())
    assert status == 400
    assert f"collections.meetings.{len(rows)}.id" in answer["message"]


# ---------------------------------------------------------------- whatever a store may hold


def test_every_member_of_a_store_has_a_declared_type() -> None:
    assert collections.kinds().keys() == vars(Store()).keys()
    store = Store()
    assert all(isinstance(getattr(store, name), Collection) for name in collections.kinds())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"text", {"$text": "text"}),
        (b"\xff\0", {"$base64": "/wA="}),
        (b"a\0b", {"$base64": "YQBi"}),
        (float("inf"), {"$float": "inf"}),
        ({"$text": 1}, {"$object": [["$text", 1]]}),
        ({"a": {"$b": [1.5, None]}}, {"a": {"$object": [["$b", [1.5, None]]]}}),
        ((1, "two", True, None), [1, "two", True, None]),
        (frozenset({"b", "a"}), ["a", "b"]),
    ],
)
def test_values_that_are_not_json_are_marked(value: Any, written: Any) -> None:
    assert values.plain(value) == written
    json.dumps(values.plain(value), allow_nan=False)
    back = values.revived(written, "here")
    assert back == (
        sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.just("$x"), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(json_values)
def test_whatever_is_written_comes_back(value: Any) -> None:
    assert values.revived(json.loads(json.dumps(values.plain(value), allow_nan=False)), "here") == value


# ---------------------------------------------------------------- going on as before

Step = Callable[[FakeContio, Contio], None]


def _first_scheduled(contio: FakeContio) -> str | None:
    found = [m.id for m in contio.sandbox.store.meetings if m.status == "scheduled"]
    return found[0] if found else None


def _simulate(contio: FakeContio, client: Contio) -> None:
    meeting_id = _first_scheduled(contio)
    if meeting_id is not None:
        for what in ("started", "ended", "completed"):
            body = json.dumps({"meeting_id": meeting_id}).encode()
            path = f"/_mock/simulate/meeting-{what}"
            contio.handle(Request("POST", path, headers={"content-type": "application/json"}, body=body))


def _update(contio: FakeContio, client: Contio) -> None:
    meetings = client.user.meetings.list(limit=2).items
    client.user.meetings.update(meetings[-1].id, MeetingUpdate(title="Renamed"))


def _create(contio: FakeContio, client: Contio) -> None:
    start = contio.clock.now + timedelta(hours=1)
    client.user.meetings.create(MeetingCreate(title="New", start_time=start))


STEPS: dict[str, Step] = {
    "create": _create,
    "update": _update,
    "key": lambda _, client: void(
        client.with_options(idempotency_key="k").user.meetings.create(MeetingCreate(title="Once"))
    ),
    "simulate": _simulate,
    "advance": lambda contio, _: void(contio.clock.advance("45m")),
    "person": lambda contio, _: void(contio.client("new.person@example.org").user.meetings.list()),
    "sign in": lambda contio, _: void(
        contio.control.oauth.initiate(AuthInitiate(client_id="partner_demo", email="ada@example.com"))
    ),
    "fault": lambda contio, _: void(contio.faults.add(operation="getProfile", probability=0.5, status=503)),
    "plan": lambda contio, _: contio.set_plan("Pauling Research", "PRO"),
    "clock": lambda contio, _: void(contio.settings(profile={"meeting_lifecycle": "clock"})),
}


def void(_: object) -> None:
    """A step gives nothing."""


def answers(contio: FakeContio, token: str) -> list[Any]:
    """What the next requests, jobs and webhooks give, byte for byte."""
    lines: list[Any] = []

    def receive(outgoing: Outgoing) -> int:
        lines.append((outgoing.url, outgoing.headers, outgoing.body))
        return 200 if len(outgoing.body) % 2 else 500

    contio.receiver = receive
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    keyed = {**headers, "idempotency-key": "k"}
    clock = Request("POST", "/_mock/clock", headers=headers, body=b'{"advance": "90m"}')
    for request in (
        Request("GET", "/v1/partner/user/meetings", "limit=100", headers),
        Request("POST", "/v1/partner/user/meetings", headers=headers, body=b'{"title": "Next"}'),
        Request("POST", "/v1/partner/user/meetings", headers=keyed, body=b'{"title":"Once"}'),
        clock,
        *[Request("GET", "/v1/partner/user/profile", headers=headers)] * 3,
        Request("POST", "/_mock/tokens", headers=headers, body=b'{"email": "ada@example.com"}'),
        Request("GET", "/_mock/inbox"),
        Request("GET", "/_mock/settings"),
        clock,
        Request("GET", "/_mock/events"),
        Request("GET", "/v1/partner/user/meetings", "limit=100", headers),
    ):
        answer = contio.handle(request)
        shown = [
            pair for pair in answer.headers if not request.path.startswith("/_mock") or pair[0][0] != "x"
        ]
        lines.append((request.path, answer.status, shown, answer.body))
    return lines


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_a_restored_sandbox_answers_as_the_one_that_was_saved(steps: list[str]) -> None:
    first = FakeContio(check_answers=True, webhook_url=HOOK)
    client = first.client()
    for step in steps:
        STEPS[step](first, client)
    document = exported(first)
    second = FakeContio(check_answers=True, scenario="empty", seed=7, now="2031-01-01T00:00:00Z")
    assert put(second, document)[0] == 204
    assert exported(second) == document
    token = client.tokens.access_token if client.tokens else ""
    assert answers(second, token) == answers(first, token)
