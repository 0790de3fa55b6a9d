"""Context documents: uploaded, converted and scrubbed in their own time, seen by their app only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound, Refused
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.context import MeetingContext, MeetingContextUpload
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.wire import Request, Upload
from contio_mock.fake.oauth import grants
from contio_mock.fake.sandbox import Context

USER = "u@example.com"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
APPS = [
    {"client_id": f"partner_{n}", "client_secret": f"cs_{n}", "api_key": f"ctio_{n}", "webhook_secret": f"whs_{n}",
     "name": n.title(), "company_name": n, "webhook_url": f"http://localhost:9/{n}"}
    for n in ("first", "second")
]  # fmt: skip


@pytest.fixture
def ada(contio: FakeContio) -> Contio:
    return contio.client()


@pytest.fixture
def meeting(ada: Contio) -> str:
    return ada.user.meetings.create(MeetingCreate(title="Review")).id


def give(
    client: Contio,
    meeting: str,
    content: bytes = b"a note",
    source_format: str = "txt",
    name: str = "note.txt",
    **given: Any,
) -> MeetingContext:
    upload = MeetingContextUpload(file=Upload(content, name), source_format=source_format, **given)
    return client.user.context.upload(meeting, upload)


def path(meeting: str, rest: str = "") -> str:
    return f"/v1/partner/user/meetings/{meeting}/context{rest}"


def of(contio: FakeContio, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in contio.events if event.type == f"meeting.context.{kind}"]


# ---------------------------------------------------------------- uploaded and read


def test_a_document_is_told_apart_and_waits_at_first(contio: FakeContio, ada: Contio, meeting: str) -> None:
    made = give(ada, meeting, title="Account", context_type="crm_record")
    app = contio.admin().admin.app.get()
    assert made.id == made.document_id == made.model_id
    assert (made.title, made.context_type, made.source_format) == ("Account", "crm_record", "txt")
    assert made.file_status == "pending"
    assert made.partner_app_id == made.source_id == app.id
    assert made.platform_name == made.source_name == app.name
    assert made.created_by_user_id == ada.user.profile.get().id
    assert made.created_at == made.updated_at == contio.clock.now
    assert made.meeting_id == meeting
    assert made.deleted_at is None


@pytest.mark.parametrize("given", [{}, {"title": None}, {"title": ""}])
def test_without_a_title_the_file_gives_it(ada: Contio, meeting: str, given: dict[str, Any]) -> None:
    assert give(ada, meeting, name="folder/Q3 numbers.txt", **given).title == "Q3 numbers.txt"


def test_processing_is_over_before_the_next_look(contio: FakeContio, ada: Contio, meeting: str) -> None:
    made = give(ada, meeting)
    found = ada.user.context.get(meeting, made.id)
    assert found == made.model_copy(update={"file_status": "complete"})


def test_processing_takes_the_time_that_the_profile_says() -> None:
    contio = FakeContio(check_answers=True, profile={"context_processing_seconds": 90.0})
    ada = contio.client()
    meeting = ada.user.meetings.create(MeetingCreate(title="Review")).id
    made = give(ada, meeting, b'{"mail": "ada@example.com"}', "json", "a.json")
    assert made.file_status == "pending"
    assert ada.user.context.get(meeting, made.id).file_status == "processing"
    assert ada.user.context.content(meeting, made.id).content == b'{"mail": "ada@example.com"}'
    contio.clock.advance("89s")
    assert ada.user.context.get(meeting, made.id).file_status == "processing"
    contio.clock.advance("1s")
    found = ada.user.context.get(meeting, made.id)
    assert found.file_status == "complete"
    assert found.updated_at == contio.clock.now
    assert ada.user.context.content(meeting, made.id).content == b"- **mail**: [REDACTED:email]\n"
    assert of(contio, "processed")[0]["processed_at"] == contio.clock.now.isoformat().replace("+00:00", "Z")


def test_the_original_is_given_until_there_is_a_scrubbed_copy() -> None:
    contio = FakeContio(check_answers=True, profile={"context_processing_seconds": 1.0})
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="Review")).id
    made = give(client, meeting, b"a,b\n1,2\n", "csv", "numbers.csv")
    before = client.user.context.content(meeting, made.id)
    assert (before.content, before.file_name) == (b"a,b\n1,2\n", "numbers.csv")
    contio.clock.advance(1)
    after = client.user.context.content(meeting, made.id)
    assert after.content == b"| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    assert (after.file_name, after.media_type) == ("numbers.md", "text/markdown; charset=utf-8")


@pytest.mark.parametrize(
    ("source_format", "name", "shown", "kind"),
    [
        ("txt", "a.txt", "a.txt", "text/plain; charset=utf-8"),
        ("md", "a.markdown", "a.markdown", "text/markdown; charset=utf-8"),
        ("json", "a.b.json", "a.b.md", "text/markdown; charset=utf-8"),
        ("yaml", "nameless", "nameless.md", "text/markdown; charset=utf-8"),
        ("csv", ".csv", ".csv.md", "text/markdown; charset=utf-8"),
    ],
)
def test_the_scrubbed_copy_has_a_name_of_its_kind(
    ada: Contio, meeting: str, source_format: str, name: str, shown: str, kind: str
) -> None:
    made = give(ada, meeting, b'{"a": 1}', source_format, name)
    got = ada.user.context.content(meeting, made.id)
    assert (got.file_name, got.media_type) == (shown, kind)


# ---------------------------------------------------------------- events


def test_events_tell_the_life_of_a_document(contio: FakeContio, ada: Contio, meeting: str) -> None:
    content = b"Mail ada@example.com or +41 44 668 18 00.\npassword: hunter2\n"
    made = give(ada, meeting, content, title="Contact")
    workspace = ada.user.profile.get().workspace_id
    now = contio.clock.now.isoformat().replace("+00:00", "Z")
    same = {"context_id": made.id, "meeting_id": meeting, "workspace_id": workspace}
    assert of(contio, "created") == [{**same, "created_at": now, "title": "Contact"}]
    assert of(contio, "processed") == [
        {
            **same,
            "processed_at": now,
            "sanitization_report": {
                "formula_escaped": False,
                "pii_detected": True,
                "redactions": [
                    {"count": 1, "type": "email"},
                    {"count": 1, "type": "password"},
                    {"count": 1, "type": "phone"},
                ],
                "secrets_detected": True,
            },
        }
    ]
    ada.user.context.delete(meeting, made.id)
    assert of(contio, "deleted") == [{**same, "deleted_at": now}]


def test_a_harmless_document_is_reported_as_such(contio: FakeContio, ada: Contio, meeting: str) -> None:
    give(ada, meeting)
    ada.user.profile.get()
    assert of(contio, "processed")[0]["sanitization_report"] == {
        "formula_escaped": False,
        "pii_detected": False,
        "redactions": [],
        "secrets_detected": False,
    }


def test_the_system_processes_and_the_user_uploads(contio: FakeContio, ada: Contio, meeting: str) -> None:
    got: list[dict[str, Any]] = []
    app = contio.sandbox.app
    contio.sandbox.store.apps.replace(app, webhook_url="http://localhost:9/hook")
    contio.receiver = lambda outgoing: got.append(json.loads(outgoing.body)) or 200  # type: ignore[func-returns-value]
    give(ada, meeting)
    contio.control.mock.settle()
    actors = {body["event_type"]: body.get("actor_user_id") for body in got}
    assert actors["meeting.context.created"] == ada.user.profile.get().id
    assert actors["meeting.context.processed"] is None


def client_of(contio: FakeContio, client_id: str) -> Contio:
    """A client of an app; the control plane mints tokens of the first one only."""
    sandbox = contio.sandbox
    ctx = Context(sandbox, Request("POST", "/"), "", "")
    app, user = sandbox.store.apps.first("client_id", client_id), sandbox.store.users.first("email", USER)
    assert app is not None
    assert user is not None
    tokens = grants.complete(ctx, app, user, tuple(SCOPES), id_token=False)
    return Contio(base_url="http://contio.localhost", tokens=tokens, transport=contio.handle)


@pytest.fixture
def two_apps(tmp_path: Path) -> tuple[FakeContio, Contio, Contio]:
    """A world with two apps, and a client of the same user for each."""
    user = {"email": USER, "name": "U", "workspace": "W"}
    scenario = {
        "apps": APPS,
        "workspaces": [{"name": "W"}],
        "users": [{**user, "connected_to": ["partner_first", "partner_second"]}],
    }
    file = tmp_path / "two.json"
    file.write_text(json.dumps(scenario), "utf-8")
    contio = FakeContio(scenario=str(file), check_answers=True)
    first, second = (client_of(contio, app["client_id"]) for app in APPS)
    return contio, first, second


def test_only_the_uploading_app_is_told(two_apps: tuple[FakeContio, Contio, Contio]) -> None:
    contio, first, second = two_apps
    told: list[tuple[str, str]] = []
    contio.receiver = lambda o: told.append((o.url, json.loads(o.body)["event_type"])) or 200  # type: ignore[func-returns-value]
    meeting = first.user.meetings.create(MeetingCreate(title="Review")).id
    made = give(second, meeting)
    second.user.context.get(meeting, made.id)
    second.user.context.delete(meeting, made.id)
    contio.control.mock.settle()
    hook = "http://localhost:9"
    assert sorted(set(told)) == [
        (f"{hook}/first", "meeting.created"),
        (f"{hook}/second", "meeting.context.created"),
        (f"{hook}/second", "meeting.context.deleted"),
        (f"{hook}/second", "meeting.context.processed"),
        (f"{hook}/second", "meeting.created"),
    ]


def test_another_app_sees_nothing_of_it(two_apps: tuple[FakeContio, Contio, Contio]) -> None:
    _, first, second = two_apps
    meeting = first.user.meetings.create(MeetingCreate(title="Review")).id
    made, theirs = give(first, meeting), give(second, meeting)
    assert [document.id for document in first.user.context.list(meeting).items] == [made.id]
    assert [document.id for document in second.user.context.list(meeting).items] == [theirs.id]
    assert (made.platform_name, theirs.platform_name) == ("First", "Second")
    for call in (second.user.context.get, second.user.context.content, second.user.context.delete):
        with pytest.raises(NotFound):
            call(meeting, made.id)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("source_format", "content"),
    [
        ("json", b"not json"),
        ("json", b""),
        ("json", b"[" * 5000),
        ("json", b'{"a": NaN}'),
        ("csv", b'a,"b\n1,2'),
        ("tsv", b'a\t"b\n1\t2'),
        ("xml", b"<a><b></a>"),
        ("xml", b"plain"),
        ("xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("xml", b'<?xml version="1.0" encoding="nonsense"?><a/>'),
        ("xml", b"<a>" * 200),
        ("html", b"no tag at all"),
        ("yaml", b"a: [1, 2"),
        ("yaml", b"a: *unknown"),
        ("yaml", b"- " * 500),
        ("txt", b"\x89PNG\r\n\x1a\n\0\0"),
        ("md", b"nul \0"),
        ("csv", b"\xff\xfe\xfd"),
    ],
)
@pytest.mark.parametrize("checked", ["at_upload", "in_processing"])
def test_a_file_of_another_format_is_refused_or_ends_as_an_error(
    source_format: str, content: bytes, checked: str
) -> None:
    contio = FakeContio(check_answers=True, profile={"context_format_check": checked})
    ada = contio.client()
    meeting = ada.user.meetings.create(MeetingCreate(title="Review")).id
    if checked == "at_upload":
        with pytest.raises(BadRequest) as refused:
            give(ada, meeting, content, source_format)
        assert refused.value.code == "invalid_request"
        assert f"is no {source_format}" in refused.value.message
        assert ada.user.context.list(meeting).total == 0
        assert of(contio, "created") == []
        return
    made = give(ada, meeting, content, source_format)
    assert ada.user.context.get(meeting, made.id).file_status == "error"
    assert ada.user.context.content(meeting, made.id).content == content
    assert of(contio, "processed") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("source_format", b"txt")], "file"),
        ([('file"; filename="a', b"x")], "source_format"),
        ([('file"; filename="a', b"x"), ("source_format", b"docx")], "source_format"),
        ([('file"; filename="a', b"x"), ("source_format", b"TXT")], "source_format"),
        ([('file"; filename="a', b"x"), ("source_format", b"txt"), ("title", b"a\0b")], "NUL"),
    ],
)
def test_an_upload_that_does_not_fit_is_refused(
    raw: Any, meeting: str, fields: list[tuple[str, bytes]], said: str
) -> None:
    body = b"".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in fields
    )
    kind = {"content-type": "multipart/form-data; boundary=B"}
    answer = raw("POST", path(meeting), body + b"--B--\r\n", headers=kind)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "invalid_request")
    assert said in json.loads(answer.body)["message"]


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_the_largest_size_is_the_profiles(size: int, fits: bool) -> None:
    contio = FakeContio(check_answers=True, profile={"max_context_bytes": 10})
    ada = contio.client()
    meeting = ada.user.meetings.create(MeetingCreate(title="Review")).id
    if fits:
        assert give(ada, meeting, b"x" * size).file_status == "pending"
        return
    with pytest.raises(Refused) as refused:
        give(ada, meeting, b"x" * size)
    assert (refused.value.status, refused.value.code) == (413, "payload_too_large")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("mine", "also-mine", (400, "invalid_meeting_id")),
        (None, "mine", (400, "bad_request")),
        (None, UNKNOWN_ID, (404, "not_found")),
        (UNKNOWN_ID, UNKNOWN_ID, (404, "not_found")),
    ],
)
def test_ids_that_lead_nowhere(
    raw: Any, meeting: str, method: str, first: str | None, second: str, expected: tuple[int, str]
) -> None:
    target = path(first or meeting, f"/{second}")
    assert raw.code(method, target) == expected
    if method == "GET":
        assert raw.code(method, target + "/content") == expected


def test_who_does_not_see_the_meeting_sees_none_of_its_documents(
    contio: FakeContio, ada: Contio, meeting: str
) -> None:
    made = give(ada, meeting)
    alan = contio.client("alan@example.com")
    assert alan.user.context.list(meeting).total == 0
    for call in (alan.user.context.get, alan.user.context.content, alan.user.context.delete):
        with pytest.raises(NotFound):
            call(meeting, made.id)
    with pytest.raises(NotFound):
        give(alan, meeting)
    assert ada.user.context.get(meeting, made.id).deleted_at is None


@pytest.mark.parametrize(("answer", "status"), [("empty", 200), ("not_found", 404)])
def test_the_list_of_an_unknown_meeting_is_as_the_profile_says(raw_of: Any, answer: str, status: int) -> None:
    contio = FakeContio(check_answers=True, profile={"context_list_of_unknown_meeting": answer})
    got = raw_of(contio)("GET", path(UNKNOWN_ID), query="limit=7&offset=2")
    assert got.status == status
    if status == 200:
        assert json.loads(got.body) == {"items": [], "total": 0, "limit": 7, "offset": 2}


def test_each_operation_needs_its_scope(contio: FakeContio, meeting: str) -> None:
    reads, writes = contio.client(scope="context:read"), contio.client(scope="context:write")
    made = give(writes, meeting)
    with pytest.raises(Forbidden):
        give(reads, meeting)
    with pytest.raises(Forbidden):
        writes.user.context.get(meeting, made.id)
    assert reads.user.context.list(meeting).total == 1


# ---------------------------------------------------------------- lists, deletion, releases


def test_a_list_is_newest_first_and_paged(ada: Contio, meeting: str) -> None:
    made = [give(ada, meeting, title=str(n)).id for n in range(5)]
    pages = [ada.user.context.list(meeting, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [document.id for page in pages for document in page.items] == made[::-1]
    assert {page.total for page in pages} == {5}


def test_a_deleted_document_is_gone_for_everybody(contio: FakeContio, ada: Contio, meeting: str) -> None:
    made, kept = give(ada, meeting), give(ada, meeting)
    ada.user.context.delete(meeting, made.id)
    assert [document.id for document in ada.user.context.list(meeting).items] == [kept.id]
    for call in (ada.user.context.get, ada.user.context.content, ada.user.context.delete):
        with pytest.raises(NotFound):
            call(meeting, made.id)
    assert len(of(contio, "deleted")) == 1


def test_a_document_that_is_deleted_while_it_waits_is_never_processed() -> None:
    contio = FakeContio(check_answers=True, profile={"context_processing_seconds": 60.0})
    ada = contio.client()
    meeting = ada.user.meetings.create(MeetingCreate(title="Review")).id
    made = give(ada, meeting)
    ada.user.context.delete(meeting, made.id)
    contio.clock.advance("1h")
    assert of(contio, "processed") == []


def test_a_key_is_honoured_where_it_is_declared(raw: Any, ada: Contio, meeting: str) -> None:
    """The upload declares none, so a repeat is another document; the deletion does."""
    keyed = ada.with_options(idempotency_key="k")
    first, second = give(keyed, meeting), give(keyed, meeting)
    assert first.id != second.id
    headers = {"idempotency-key": "d"}
    answers = [raw("DELETE", path(meeting, f"/{first.id}"), headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [204, 204]
    assert answers[1].header("idempotent-replayed") == "true"


@pytest.mark.parametrize(
    ("release", "known"), [("1.5", False), ("1.6", False), ("1.9", False), ("1.10", True)]
)
def test_the_source_is_named_since_1_10(raw_of: Any, release: str, known: bool) -> None:
    contio = FakeContio(check_answers=True, release=release)
    client = contio.client()
    meeting = client.user.meetings.create(MeetingCreate(title="Review")).id
    upload = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
        b'--B\r\nContent-Disposition: form-data; name="source_format"\r\n\r\ntxt\r\n--B--\r\n'
    )
    kind = {"content-type": "multipart/form-data; boundary=B"}
    made = json.loads(raw_of(contio)("POST", path(meeting), upload, headers=kind).body)
    assert ("source_id" in made, "source_name" in made) == (known, known)
    assert {"document_id", "partner_app_id", "platform_name", "model_id"} <= made.keys()
