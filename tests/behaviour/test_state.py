"""Everything that a sandbox holds, as one document: exported, imported, and refused when it is wrong."""

from __future__ import annotations

import copy
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from contio_mock import FakeContio
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.oauth import AuthInitiate, AuthVerify, Consent, TokenRequest
from contio_mock.contract.operation import OPERATIONS
from contio_mock.contract.simulate_meetings import MeetingCopyWish, MeetingNamed
from contio_mock.contract.wire import Request
from contio_mock.fake.deliveries import Outgoing
from contio_mock.fake.ids import Ids
from contio_mock.fake.records import Store
from contio_mock.fake.state import collections, values
from contio_mock.fake.store import Collection

from .every_slice import CALLS, do

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
    live_through_everything(contio)
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
            grant_type="client_credentials",
            client_id="partner_demo",
            client_secret=contio.credentials.client_secret,
        )
    )
    contio.faults.add(operation="listMeetings", nth=3, status=503)
    contio.settings(release="1.9", features={"smart_redirect": False})
    return contio


def live_through_everything(contio: FakeContio) -> None:
    """Let each step succeed at least once, in the order of their story."""
    left = list(CALLS)
    for _ in range(3):
        left = [name for name in left if not any(succeeds(contio, name, pick) for pick in range(20))]
    assert left == []


def succeeds(contio: FakeContio, name: str, pick: int) -> bool:
    answer = do(contio, name, pick)
    return answer is not None and answer.status < 400


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
    assert app["client_secret"].startswith("cs_")
    assert app["pasts"]["client_secret"]["former"][0]["value"] == "cs_demo_secret"
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
        ("collections/meetings/3/title", {"$json": "{"}, "collections.meetings.3.title"),
        ("collections/meetings/3/title", {"$json": 5}, "collections.meetings.3.title"),
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

LISTS = [
    operation.endpoint.path
    for operation in OPERATIONS
    if operation.endpoint.method == "GET" and "{" not in operation.endpoint.path
    if operation.endpoint.path.startswith("/v1/partner/") and "/sso/" not in operation.endpoint.path
]
OF_MEETINGS = ("", "/participants", "/agenda-items", "/attachments", "/context", "/next-steps", "/transcript")
steps = st.lists(st.tuples(st.sampled_from(sorted(CALLS)), st.integers(0, 3)), max_size=25)


def restored(contio: FakeContio, seed: int = 7) -> FakeContio:
    """Another sandbox that holds what the first one does; whose control plane answers with the same ids."""
    other = FakeContio(check_answers=True, scenario="empty", seed=seed, now="2031-01-01T00:00:00Z")
    document = exported(contio)
    assert put(other, document)[0] == 204
    assert exported(other) == document
    for sandbox in (contio.sandbox, other.sandbox):
        sandbox.control_ids = Ids(5)
    return other


def assert_same_records(first: FakeContio, second: FakeContio) -> None:
    for name, collection in first.sandbox.store.members().items():
        there = list(getattr(second.sandbox.store, name))
        assert there == list(collection), name
        for record, twin in zip(collection, there, strict=True):
            assert all(
                type(value) is type(getattr(twin, member)) or not isinstance(value, BaseModel)
                for member, value in vars(record).items()
            )


def told_from_now_on(contio: FakeContio) -> list[Any]:
    """What its receivers hear, byte for byte; every other one fails."""
    heard: list[Any] = []

    def receive(outgoing: Outgoing) -> int:
        heard.append((outgoing.url, outgoing.headers, outgoing.body))
        return 200 if len(outgoing.body) % 2 else 500

    contio.receiver = receive
    return heard


def everything(contio: FakeContio) -> list[Any]:
    """What everybody can read, byte for byte."""
    app, tokens = contio.sandbox.app, contio.client().tokens
    headers = {"authorization": f"Bearer {tokens.access_token if tokens else ''}"}
    paths = [*LISTS]
    for meeting in list(contio.sandbox.store.meetings)[-4:]:
        paths += [f"/v1/partner/user/meetings/{meeting.id}{rest}" for rest in OF_MEETINGS]
    for session in contio.sandbox.store.chat_sessions:
        paths.append(f"/v1/partner/user/sessions/{session.id}")
    for run in contio.sandbox.store.workflow_runs:
        paths.append(f"/v1/partner/user/workflow-runs/{run.id}")
    lines: list[Any] = []
    for path in paths:
        admin = {"x-api-key": app.api_key, "x-client-id": app.client_id}
        answer = contio.handle(Request("GET", path, "", admin if "/admin/" in path else headers))
        lines.append((path, answer.status, answer.headers, answer.body))
    looks = [contio.handle(Request("GET", f"/_mock/{what}")).body for what in ("events", "inbox", "settings")]
    return [*lines, *looks]


def go_on(contio: FakeContio, then: list[tuple[str, int]]) -> list[Any]:
    """What the next requests, jobs and webhooks give."""
    heard = told_from_now_on(contio)
    lines: list[Any] = []
    for name, pick in [*then, ("wait a moment", 0), ("wait", 0), ("wait a day", 0)]:
        answer = do(contio, name, pick, **{"idempotency-key": name})
        lines.append((name, answer and (answer.status, answer.headers, answer.body)))
    return [*lines, *everything(contio), *heard]


def test_each_step_succeeds_in_its_story() -> None:
    """The property below would mean little if its steps were refused."""
    contio = FakeContio(check_answers=True, webhook_url=HOOK)
    live_through_everything(contio)
    empty = [name for name, rows in contio.sandbox.store.members().items() if not len(rows)]
    assert empty == []


def test_after_everything_a_restored_sandbox_is_the_same() -> None:
    first = lived_in()
    second = restored(first)
    assert_same_records(first, second)
    assert go_on(second, []) == go_on(first, [])
    assert_same_records(first, second)


@settings(max_examples=int(os.environ.get("CONTIO_FUZZ", "25")), deadline=None, derandomize=True)
@given(steps, steps)
def test_a_restored_sandbox_answers_as_the_one_that_was_saved(
    before: list[tuple[str, int]], then: list[tuple[str, int]]
) -> None:
    first = FakeContio(check_answers=True, webhook_url=HOOK)
    told_from_now_on(first)
    for name, pick in before:
        answer = do(first, name, pick, **{"idempotency-key": name})
        assert answer is None or answer.status < 500 or first.sandbox.faults.rules
    second = restored(first)
    assert_same_records(first, second)
    assert go_on(second, then) == go_on(first, then)
    assert exported(second) == exported(first)


TRAVELS = {
    "release", "profile", "strict", "smart_redirect", "store", "ids", "clock", "tokens", "sign_ins",
    "idempotency", "faults", "credential_uses", "outbox",
}  # fmt: skip
STAYS = {
    "name", "host", "settings", "lock", "on_work", "send", "delivers",  # what it was made from, who carries it
    "control_ids", "journal",  # of looking at it
    "projection", "profiles",  # made again
}  # fmt: skip


def test_nothing_of_a_sandbox_is_forgotten(contio: FakeContio) -> None:
    """Who gives a sandbox another member says here whether its state has it."""
    assert vars(contio.sandbox).keys() == TRAVELS | STAYS
    given = {"_ids", "_profile", "_app", "_give_up", "_detain"}
    made_again = {"_order", "_due", "_overtaken", "_taken"}
    outbox = vars(contio.sandbox.outbox).keys() - given - made_again
    assert outbox == {"events", "deliveries", "emitted", "succeeded", "failed", "health", "last_signed"}


def test_a_failing_receiver_is_given_up_after_a_restart_too() -> None:
    first = FakeContio(check_answers=True, webhook_url=HOOK)
    first.client().user.meetings.create(MeetingCreate(title="Unheard"))
    second = restored(first)
    second.receiver = lambda _: 500
    for _ in range(150):
        second.client().user.meetings.create(MeetingCreate(title="Unheard"))
    second.clock.advance("10d")
    assert not second.sandbox.app.webhook_enabled


def test_a_delivery_that_is_held_on_its_way_travels(contio: FakeContio) -> None:
    first = FakeContio(check_answers=True, webhook_url=HOOK)
    first.client().user.meetings.create(MeetingCreate(title="Held"))
    (delivery,) = first.sandbox.outbox.take_due(first.clock.now)
    assert first.sandbox.outbox.begin(delivery, first.clock.now)
    first.sandbox.outbox.hold(first.sandbox.app.id)
    second = restored(first)
    assert second.sandbox.outbox.queue() == []
    assert [d.status for d in second.sandbox.outbox.deliveries] == ["pending"]


@pytest.mark.parametrize("depth", [5, 60, 90, 150, 250])
def test_json_that_the_api_takes_travels(contio: FakeContio, depth: int) -> None:
    """However deep: what is too deep for a state is too deep for the API before."""
    context: Any = {"end": [1.0, 10**30, -0.0, "\u2028"]}
    for _ in range(depth):
        context = {"$": [context]}
    meeting = contio.client().user.meetings.create(MeetingCreate(title="Deep"))
    body = json.dumps({"meeting_id": meeting.id, "title": "Deep", "partner_context": context}).encode()
    tokens = contio.client().tokens
    headers = {
        "authorization": f"Bearer {tokens.access_token if tokens else ''}",
        "content-type": "application/json",
    }
    answer = contio.handle(Request("POST", "/v1/partner/user/action-items", "", headers, body))
    assert answer.status in (201, 400)
    assert_same_records(contio, restored(contio))
