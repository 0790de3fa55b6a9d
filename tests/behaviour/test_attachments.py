"""Attachments: kept byte for byte, shown to whom they are shared with."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contio_mock import Contio, FakeContio
from contio_mock.client import BadRequest, Forbidden, NotFound, Refused
from contio_mock.contract.attachments import Attachment, AttachmentCreate
from contio_mock.contract.meetings import Meeting
from contio_mock.contract.results import file_name
from contio_mock.contract.wire import Upload

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
TITLE = "Customer interview: Greenwich Observatory"
"""Grace's meeting; Ada and Hedy take part, Katherine and Alan only work in the same workspace."""


def meeting_of(contio: FakeContio, title: str = TITLE) -> Meeting:
    meetings = contio.client("grace@example.com").user.meetings.list(limit=100).items
    return next(meeting for meeting in meetings if meeting.title == title)


@pytest.fixture
def meeting(contio: FakeContio) -> str:
    return meeting_of(contio).id


@pytest.fixture
def ada(contio: FakeContio) -> Contio:
    return contio.client()


def attach(
    client: Contio, meeting: str, content: bytes = b"x", name: str = "a.txt", **given: Any
) -> Attachment:
    kind = given.pop("content_type", None)
    upload = AttachmentCreate(file=Upload(content, name, kind), **given)
    return client.user.attachments.create(meeting, upload)


def path(meeting: str, rest: str = "") -> str:
    return f"/v1/partner/user/meetings/{meeting}/attachments{rest}"


def form(*parts: tuple[str, bytes], boundary: str = "B") -> tuple[bytes, dict[str, str]]:
    """A multipart body of parts, each the rest of its Content-Disposition and its content."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {rest}\r\n\r\n".encode() + content + b"\r\n"
        for rest, content in parts
    )
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return body + f"--{boundary}--\r\n".encode(), kind


def post(raw: Any, meeting: str, *parts: tuple[str, bytes], **headers: str) -> Any:
    body, kind = form(*parts)
    return raw("POST", path(meeting), body, headers={**kind, **headers})


FILE = 'name="file"; filename="a.txt"'


# ---------------------------------------------------------------- created and read


def test_a_file_is_kept_with_what_was_said_of_it(contio: FakeContio, ada: Contio, meeting: str) -> None:
    made = attach(ada, meeting, b"\0\xffbytes", "budget.xlsx", content_type="application/vnd.ms-excel")
    found = ada.user.meetings.get(meeting)
    assert made.kind == "file"
    assert made.access_level == "just_me", "the declared default"
    assert (made.file_name, made.mime_type, made.size_bytes) == ("budget.xlsx", "application/vnd.ms-excel", 7)
    assert (made.meeting_id, made.workspace_id) == (meeting, found.workspace_id)
    assert made.created_by_user_id == ada.user.profile.get().id
    assert made.created_at == made.updated_at == contio.clock.now
    assert made.external_content_url is None
    assert ada.user.attachments.get(meeting, made.id) == made
    assert contio.events == [], "no event is declared for attachments"


def test_a_download_has_the_bytes_the_type_and_the_name(ada: Contio, raw: Any, meeting: str) -> None:
    made = attach(ada, meeting, b"%PDF-", "Ünïcode plan.pdf", content_type="application/pdf")
    answer = raw("GET", path(meeting, f"/{made.id}/download"))
    assert answer.status == 200
    assert answer.body == b"%PDF-"
    assert answer.header("content-type") == "application/pdf"
    disposition = answer.header("content-disposition")
    assert disposition.startswith('attachment; filename="')
    assert "filename*=UTF-8''%C3%9Cn" in disposition
    assert file_name(disposition) == "Ünïcode plan.pdf"


def test_an_empty_file_is_a_file(ada: Contio, meeting: str) -> None:
    made = attach(ada, meeting, b"")
    assert made.size_bytes == 0
    assert ada.user.attachments.download(meeting, made.id).content == b""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(content=st.binary(max_size=300), name=st.text(max_size=80), kind=st.text(max_size=30) | st.none())
def test_any_bytes_and_any_name_come_back(
    contio: FakeContio, content: bytes, name: str, kind: str | None
) -> None:
    """Names lose folders and control characters, and never break a header."""
    client, meeting = contio.client(), meeting_of(contio).id
    sent_type = None if kind is None or not kind.isascii() or not kind.isprintable() else kind
    made = attach(client, meeting, content, name.encode("utf-8", "replace").decode(), content_type=sent_type)
    got = client.user.attachments.download(meeting, made.id)
    assert got.content == content
    assert made.size_bytes == len(content)
    assert got.file_name is not None
    assert re.sub(r"\s+", " ", got.file_name).strip() == re.sub(r"\s+", " ", made.file_name).strip()
    assert got.media_type == made.mime_type
    assert not re.search(r"[/\\\x00-\x1f]", made.file_name)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\ada\\\\plan.doc", "plan.doc"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        (".env", ".env"),
        ("a\tb.txt", "a_b.txt"),
        ("x" * 300, "x" * 255),
        ("a;b=c.txt", "a;b=c.txt"),
        ("会議 🎉.txt", "会議 🎉.txt"),
    ],
)
def test_a_hostile_name_is_made_harmless(ada: Contio, raw: Any, meeting: str, sent: str, kept: str) -> None:
    answer = post(raw, meeting, (f'name="file"; filename="{sent}"', b"x"))
    assert json.loads(answer.body)["file_name"] == kept
    got = ada.user.attachments.download(meeting, json.loads(answer.body)["id"])
    assert got.file_name == kept


@pytest.mark.parametrize("kind", ["", "nonsense", "text/html\x7f", "a/b/c", "/", "text/" + "x" * 200])
def test_what_is_no_media_type_is_kept_as_any_bytes(ada: Contio, meeting: str, kind: str) -> None:
    assert attach(ada, meeting, content_type=kind).mime_type == "application/octet-stream"


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "image/svg+xml", "application/x.y-z_1"])
def test_a_media_type_is_kept(ada: Contio, meeting: str, kind: str) -> None:
    assert attach(ada, meeting, content_type=kind).mime_type == kind


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], ""),
        ([('name="kind"', b"file")], "file"),
        ([('name="file"', b"not a file, for it has no name")], "file"),
        ([(FILE, b"x"), ('name="kind"', b"link")], "kind"),
        ([(FILE, b"x"), ('name="access_level"', b"everybody")], "access_level"),
        ([(FILE, b"x"), ('name="access_level"', b"")], "access_level"),
        ([(FILE, b"x"), ('name="access_level"', b"\xff")], "UTF-8"),
        ([(FILE, b"x"), ('name="access_level"', b"just\0me")], "NUL"),
        ([(FILE, b"x"), ('nothing="file"', b"x")], "without a name"),
        ([(FILE, b"x"), ('name="x"', b"x" * 1_100_000)], "bytes"),
    ],
)
def test_an_upload_that_does_not_fit_is_refused_and_nothing_is_kept(
    contio: FakeContio, raw: Any, meeting: str, parts: list[tuple[str, bytes]], said: str
) -> None:
    total = contio.client().user.attachments.list(meeting).total
    answer = post(raw, meeting, *parts)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "invalid_request")
    assert said in json.loads(answer.body)["message"]
    assert contio.client().user.attachments.list(meeting).total == total


def test_of_parts_with_the_same_name_the_first_counts(ada: Contio, raw: Any, meeting: str) -> None:
    answer = post(raw, meeting, (FILE, b"first"), ('name="file"; filename="b"', b"second"))
    made = json.loads(answer.body)
    assert made["file_name"] == "a.txt"
    assert ada.user.attachments.download(meeting, made["id"]).content == b"first"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "", "text/plain"])
def test_only_multipart_is_taken(raw: Any, meeting: str, kind: str) -> None:
    body, _ = form((FILE, b"x"))
    assert raw.code("POST", path(meeting), body, headers={"content-type": kind}) == (400, "invalid_request")


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_the_largest_size_is_the_profiles(size: int, fits: bool) -> None:
    contio = FakeContio(check_answers=True, profile={"max_attachment_bytes": 10})
    client, meeting = contio.client(), meeting_of(contio).id
    total = client.user.attachments.list(meeting).total
    if fits:
        assert attach(client, meeting, b"x" * size).size_bytes == size
    else:
        with pytest.raises(Refused) as refused:
            attach(client, meeting, b"x" * size)
        assert (refused.value.status, refused.value.code) == (413, "payload_too_large")
        assert client.user.attachments.list(meeting).total == total


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
        assert raw.code(method, target + "/download") == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_meeting_that_cannot_be_seen_is_not_found(raw_of: Any, contio: FakeContio, method: str) -> None:
    private = meeting_of(contio, "1:1 Ada and Grace").id
    hedy = raw_of(contio, "hedy@example.com")
    body, kind = form((FILE, b"x"))
    assert hedy.code(method, path(private), body, headers=kind) == (404, "not_found")
    assert hedy.code(method, path("nonsense"), body, headers=kind) == (400, "invalid_meeting_id")


def test_an_attachment_is_only_found_in_its_own_meeting(
    contio: FakeContio, ada: Contio, meeting: str
) -> None:
    made = attach(ada, meeting)
    other = meeting_of(contio, "1:1 Ada and Grace").id
    with pytest.raises(NotFound):
        ada.user.attachments.get(other, made.id)


def test_a_link_is_read_and_not_downloaded(ada: Contio, meeting: str) -> None:
    link = next(a for a in ada.user.attachments.list(meeting).items if a.kind == "link")
    assert link.size_bytes == 0
    assert link.external_content_url == "https://drive.example.com/observatory-drawings"
    assert ada.user.attachments.get(meeting, link.id) == link
    with pytest.raises(BadRequest) as refused:
        ada.user.attachments.download(meeting, link.id)
    assert refused.value.code == "bad_request"
    assert "external_content_url" in refused.value.message


def test_each_operation_needs_its_scope(contio: FakeContio, meeting: str) -> None:
    reads, writes = contio.client(scope="meetings:read"), contio.client(scope="meetings:write")
    with pytest.raises(Forbidden):
        attach(reads, meeting)
    made = attach(writes, meeting)
    with pytest.raises(Forbidden):
        writes.user.attachments.download(meeting, made.id)
    assert reads.user.attachments.download(meeting, made.id).content == b"x"


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9"])
def test_earlier_releases_have_no_attachments(release: str, raw_of: Any) -> None:
    contio = FakeContio(check_answers=True, release=release)
    assert raw_of(contio).code("GET", path(meeting_of(contio).id)) == (404, "not_found")


# ---------------------------------------------------------------- who sees what


LEVELS = ("just_me", "meeting", "workspace")


def shared(contio: FakeContio, meeting: str) -> dict[str, str]:
    """One attachment of Ada's for each level, by level."""
    return {level: attach(contio.client(), meeting, access_level=level).id for level in LEVELS}


def seen(contio: FakeContio, email: str, meeting: str, ids: dict[str, str]) -> set[str]:
    """The levels that somebody sees, by every way there is."""
    client = contio.client(email)
    levels = set()
    for level, id_ in ids.items():
        try:
            client.user.attachments.get(meeting, id_)
            assert client.user.attachments.download(meeting, id_).content == b"x"
            levels.add(level)
        except NotFound:
            with pytest.raises(NotFound):
                client.user.attachments.download(meeting, id_)
            with pytest.raises(NotFound):
                client.user.attachments.delete(meeting, id_)
    try:
        page = client.user.attachments.list(meeting, limit=100)
    except NotFound:
        assert not levels
        return levels
    assert page.total == len(page.items)
    assert {level for level, id_ in ids.items() if any(a.id == id_ for a in page.items)} == levels
    return levels


@pytest.mark.parametrize(
    ("email", "options", "levels"),
    [
        ("ada@example.com", {}, LEVELS),
        ("grace@example.com", {}, ("meeting", "workspace")),
        ("hedy@example.com", {}, ("meeting", "workspace")),
        ("alan@example.com", {}, ("workspace",)),
        ("alan@example.com", {"workspace_attachments": "to_participants"}, ()),
        ("alan@example.com", {"meeting_visibility": "workspace"}, ("workspace",)),
        ("linus@example.net", {}, ()),
        ("linus@example.net", {"meeting_visibility": "workspace"}, ()),
    ],
)
def test_a_level_decides_who_sees_an_attachment(
    email: str, options: dict[str, str], levels: tuple[str, ...]
) -> None:
    contio = FakeContio(check_answers=True, profile=options)
    meeting = meeting_of(contio).id
    assert seen(contio, email, meeting, shared(contio, meeting)) == set(levels)


def test_a_meeting_without_anything_for_the_workspace_stays_unknown_to_it(contio: FakeContio) -> None:
    private = meeting_of(contio, "1:1 Ada and Grace").id
    attach(contio.client(), private, access_level="meeting")
    with pytest.raises(NotFound):
        contio.client("alan@example.com").user.attachments.list(private)
    attach(contio.client(), private, access_level="workspace")
    assert contio.client("alan@example.com").user.attachments.list(private).total == 1


@pytest.mark.parametrize(
    ("email", "options", "may"),
    [
        ("grace@example.com", {"attachment_creators": "participants"}, True),
        ("ada@example.com", {"attachment_creators": "participants"}, True),
        ("grace@example.com", {"attachment_creators": "editors"}, True),
        ("ada@example.com", {"attachment_creators": "editors"}, False),
        ("alan@example.com", {"meeting_visibility": "workspace"}, False),
    ],
)
def test_who_may_add_an_attachment(email: str, options: dict[str, str], may: bool) -> None:
    contio = FakeContio(check_answers=True, profile=options)
    meeting = meeting_of(contio).id
    if may:
        assert attach(contio.client(email), meeting).file_name == "a.txt"
        return
    with pytest.raises(Forbidden):
        attach(contio.client(email), meeting)


@pytest.mark.parametrize(
    ("creator", "who", "may"),
    [
        ("hedy@example.com", "hedy@example.com", True),
        ("hedy@example.com", "grace@example.com", True),  # the meeting's owner
        ("hedy@example.com", "ada@example.com", True),  # takes part only, but owns the workspace
        ("ada@example.com", "hedy@example.com", False),
        ("grace@example.com", "alan@example.com", False),
    ],
)
def test_creators_editors_and_workspace_owners_may_delete(
    contio: FakeContio, meeting: str, creator: str, who: str, may: bool
) -> None:
    made = attach(contio.client(creator), meeting, access_level="workspace")
    client = contio.client(who)
    if may:
        client.user.attachments.delete(meeting, made.id)
        with pytest.raises(NotFound):
            contio.client(creator).user.attachments.get(meeting, made.id)
        return
    with pytest.raises(Forbidden):
        client.user.attachments.delete(meeting, made.id)
    assert contio.client(creator).user.attachments.get(meeting, made.id) == made


# ---------------------------------------------------------------- lists


def test_a_list_is_newest_first_over_every_level(contio: FakeContio) -> None:
    meeting = meeting_of(contio, "1:1 Ada and Grace").id
    emails = ("ada@example.com", "grace@example.com")
    made = [
        (email, level, attach(contio.client(email), meeting, access_level=level).id)
        for level in (*LEVELS, *LEVELS, "meeting")
        for email in emails
    ]
    for email in emails:
        wanted = [id_ for who, level, id_ in reversed(made) if level != "just_me" or who == email]
        client = contio.client(email).user.attachments
        for limit in (1, 3, 5, 100):
            pages = [
                client.list(meeting, limit=limit, offset=o) for o in range(0, len(wanted) + limit, limit)
            ]
            assert [a.id for page in pages for a in page.items] == wanted
            assert {page.total for page in pages} == {len(wanted)}
            assert pages[-1].items == []


def test_a_list_has_the_declared_window(raw: Any, meeting: str) -> None:
    answer = json.loads(raw("GET", path(meeting)).body)
    assert (answer["limit"], answer["offset"], answer["total"]) == (25, 0, 2)
    assert raw.code("GET", path(meeting), query="limit=x") == (400, "invalid_query_parameters")
    assert json.loads(raw("GET", path(meeting), query="limit=500&offset=1").body)["limit"] == 100


# ---------------------------------------------------------------- repeated


def test_a_retry_with_a_key_attaches_once_also_with_another_boundary(
    raw: Any, ada: Contio, meeting: str
) -> None:
    before = ada.user.attachments.list(meeting).total
    key = {"idempotency-key": "once"}
    answers = []
    for boundary in ("first", "second"):
        body, kind = form((FILE, b"x"), boundary=boundary)
        answers.append(raw("POST", path(meeting), body, headers={**kind, **key}))
    assert answers[0].body == answers[1].body
    assert answers[1].header("idempotent-replayed") == "true"
    assert ada.user.attachments.list(meeting).total == before + 1


@pytest.mark.parametrize(
    "parts",
    [
        [(FILE, b"y")],
        [('name="file"; filename="b.txt"', b"x")],
        [(FILE, b"x"), ('name="access_level"', b"meeting")],
    ],
)
def test_a_key_for_another_file_is_refused(raw: Any, meeting: str, parts: list[tuple[str, bytes]]) -> None:
    key = {"idempotency-key": "once"}
    assert post(raw, meeting, (FILE, b"x"), **key).status == 201
    answer = post(raw, meeting, *parts, **key)
    assert (answer.status, json.loads(answer.body)["code"]) == (409, "idempotency_conflict")


def test_a_repeated_delete_is_replayed(raw: Any, ada: Contio, meeting: str) -> None:
    made = attach(ada, meeting)
    key = {"idempotency-key": "gone"}
    answers = [raw("DELETE", path(meeting, f"/{made.id}"), headers=key) for _ in range(2)]
    assert [answer.status for answer in answers] == [204, 204]
    assert raw("DELETE", path(meeting, f"/{made.id}")).status == 404
