"""Fifty megabytes over a socket: byte for byte, and never in the server's memory as a whole."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import ContioError, Refused
from contio_mock.contract.attachments import Attachment, AttachmentCreate
from contio_mock.contract.control import TokenMint
from contio_mock.contract.meetings import MeetingCreate
from contio_mock.contract.wire import Upload

from .conftest import LONGEST, Serve, serving, stop

FIFTY = 50_000_000
LIMIT = 52_428_800
MOST_GROWTH = 30_000_000
PROBE = b"0123456789abcdef\r\n--\0\xff" * 4096


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "recording.bin"
    with path.open("wb") as stream:
        while stream.tell() < FIFTY:
            stream.write(PROBE[: FIFTY - stream.tell()])
    return path


def sha(pieces: Any) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def connected(contio: Contio, url: str) -> tuple[Contio, str]:
    tokens = contio.mock.create_token(TokenMint(email="ada@example.com"))
    client = Contio(base_url=url, tokens=tokens)
    return client, client.user.meetings.create(MeetingCreate(title="Large")).id


@pytest.fixture
def here(served: Serve) -> Iterator[tuple[FakeContio, Contio, str]]:
    contio, web = served()
    client, meeting = connected(contio.control, str(web.base_url).rstrip("/"))
    yield contio, client, meeting
    client.close()


def attached(client: Contio, meeting: str, content: Any, name: str = "f") -> Attachment:
    return client.user.attachments.create(meeting, AttachmentCreate(file=Upload(content, name)))


def test_fifty_megabytes_go_up_and_down_in_a_small_part_of_their_size(big: Path) -> None:
    with serving("--log-level", "error") as (server, ready):
        with Contio(base_url=ready["url"]) as control:
            client, meeting = connected(control, ready["url"])
        with client:
            attached(client, meeting, b"warm")
            process = psutil.Process(server.pid)
            before = process.memory_info().rss
            made = attached(client, meeting, big)
            assert made.size_bytes == FIFTY
            assert process.memory_info().rss - before < MOST_GROWTH
            content = client.user.attachments.download(meeting, made.id).content
            assert process.memory_info().rss - before < MOST_GROWTH
        with big.open("rb") as stream:
            assert sha(content.chunks()) == hashlib.file_digest(stream, "sha256").hexdigest()
        peak = [
            line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if "VmHWM" in line
        ]
        assert int(peak[0].split()[1]) * 1024 - before < MOST_GROWTH
        stop(server)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 262_144, 262_145, 1_000_003])
def test_every_size_is_kept_byte_for_byte(here: tuple[FakeContio, Contio, str], size: int) -> None:
    _, client, meeting = here
    content = (PROBE * (size // len(PROBE) + 1))[:size]
    made = attached(client, meeting, content)
    assert made.size_bytes == size
    assert client.user.attachments.download(meeting, made.id).content == content


def test_a_path_and_an_open_file_are_sent_like_bytes(
    here: tuple[FakeContio, Contio, str], tmp_path: Path
) -> None:
    _, client, meeting = here
    path = tmp_path / "notes.bin"
    path.write_bytes(PROBE * 9)
    by_path = client.user.attachments.create(meeting, AttachmentCreate(file=Upload(path)))
    assert (by_path.file_name, by_path.size_bytes) == ("notes.bin", len(PROBE) * 9)
    opened = attached(client, meeting, io.BytesIO(PROBE))
    assert client.user.attachments.download(meeting, opened.id).content == PROBE
    saved = tmp_path / "saved.bin"
    client.user.attachments.download(meeting, by_path.id).content.save(saved)
    assert saved.read_bytes() == PROBE * 9


def raw_upload(meeting: str, token: str, content: bytes, *lines: str) -> tuple[bytes, bytes]:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        + content
        + b"\r\n--B--\r\n"
    )
    head = [
        f"POST /v1/partner/user/meetings/{meeting}/attachments HTTP/1.1",
        "Host: here",
        f"Authorization: Bearer {token}",
        "Content-Type: multipart/form-data; boundary=B",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode(), body


def opened(client: Contio) -> socket.socket:
    url = httpx2.URL(client.base_url)
    return socket.create_connection((url.host, url.port), timeout=LONGEST)


def status_of(stream: Any) -> tuple[int, bytes]:
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return status, stream.read(length)


def token_of(client: Contio) -> str:
    assert client.tokens is not None
    return client.tokens.access_token


def test_a_chunked_upload_is_kept(here: tuple[FakeContio, Contio, str]) -> None:
    _, client, meeting = here
    content = PROBE * 8
    head, body = raw_upload(meeting, token_of(client), content, "Transfer-Encoding: chunked")
    with opened(client) as connection, connection.makefile("rb") as stream:
        connection.sendall(head)
        for at in range(0, len(body), 10_007):
            piece = body[at : at + 10_007]
            connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        status, answer = status_of(stream)
    assert status == 201
    assert client.user.attachments.download(meeting, json.loads(answer)["id"]).content == content


def test_an_upload_that_is_announced_too_large_is_refused_before_it_is_sent(
    here: tuple[FakeContio, Contio, str],
) -> None:
    contio, client, meeting = here
    head, _ = raw_upload(meeting, token_of(client), b"", "Content-Length: 9999999999", "Expect: 100-continue")
    with opened(client) as connection, connection.makefile("rb") as stream:
        connection.sendall(head)
        status, answer = status_of(stream)
    assert status == 413
    assert json.loads(answer)["code"] == "payload_too_large"
    assert contio.requests[-1].status == 413
    assert client.user.attachments.list(meeting).total == 0


def test_who_goes_on_sending_a_refused_body_is_cut_off(here: tuple[FakeContio, Contio, str]) -> None:
    _, client, meeting = here
    head, _ = raw_upload(meeting, token_of(client), b"", "Content-Length: 9999999999")
    with opened(client) as connection:
        connection.sendall(head)
        assert megabytes_taken(connection, most=1024) < 256


def megabytes_taken(connection: socket.socket, most: int) -> int:
    """How many megabytes are taken before the connection is cut."""
    piece = bytes(1 << 20)
    for sent in range(most):
        try:
            connection.sendall(piece)
        except OSError:  # a reset or a broken pipe
            return sent
    return most


def test_a_caller_who_is_refused_is_told_so_and_not_that_the_body_is_too_large(
    here: tuple[FakeContio, Contio, str],
) -> None:
    _, client, meeting = here
    for token, where, expected in (("nobody", meeting, 401), (token_of(client), "0" * 8 + meeting[8:], 413)):
        head, _ = raw_upload(where, token, b"", "Content-Length: 9999999999")
        with opened(client) as connection, connection.makefile("rb") as stream:
            connection.sendall(head)
            assert status_of(stream)[0] == expected


@pytest.mark.parametrize(("limit", "size", "fits"), [(LIMIT, LIMIT, True), (LIMIT, LIMIT + 1, False)])
def test_the_limit_is_exact(
    here: tuple[FakeContio, Contio, str], tmp_path: Path, limit: int, size: int, fits: bool
) -> None:
    _, client, meeting = here
    path = tmp_path / "exact"
    with path.open("wb") as stream:
        stream.truncate(size)
    if fits:
        assert attached(client, meeting, path).size_bytes == limit
        return
    with pytest.raises(Refused) as refused:
        attached(client, meeting, path)
    assert (refused.value.status, refused.value.code) == (413, "payload_too_large")
    assert client.user.attachments.list(meeting).total == 0


def test_who_hangs_up_in_the_middle_leaves_nothing_behind(here: tuple[FakeContio, Contio, str]) -> None:
    contio, client, meeting = here
    client.user.attachments.list(meeting)
    seen, files = len(contio.requests), open_files()
    head, body = raw_upload(meeting, token_of(client), PROBE * 40, "Content-Length: 30000000")
    with opened(client) as connection:
        connection.sendall(head + body)
        asked = 0
        while open_files() <= files and asked < 1000:  # the server reads it in its own time
            assert client.user.attachments.list(meeting).total == 0
            asked += 1
        assert open_files() > files
    asked = 0
    while open_files() > files and asked < 1000:  # and hears in its own time that nothing more comes
        assert client.user.attachments.list(meeting).total == 0
        asked += 1
    assert open_files() <= files
    assert {entry.operation for entry in contio.requests[seen:]} <= {"listMeetingAttachments"}


def open_files() -> int:
    """How many nameless temporary files this process holds."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this machine does not show open files")
    gc.collect()  # the client's side is in this process too
    targets = []
    for link in folder.iterdir():
        try:
            targets.append(str(link.readlink()))
        except OSError:
            continue
    return sum("(deleted)" in target for target in targets)


def test_a_reset_lets_go_of_every_file(here: tuple[FakeContio, Contio, str]) -> None:
    contio, client, meeting = here
    files = open_files()
    for _ in range(3):
        attached(client, meeting, PROBE * 4)
    assert open_files() == files + 3
    contio.reset()
    assert open_files() == files


def test_a_deleted_attachment_lets_go_of_its_file(here: tuple[FakeContio, Contio, str]) -> None:
    _, client, meeting = here
    files = open_files()
    made = attached(client, meeting, PROBE * 4)
    client.user.attachments.delete(meeting, made.id)
    assert open_files() == files


def test_a_large_answer_leaves_the_connection_in_order(here: tuple[FakeContio, Contio, str]) -> None:
    """Requests that were sent ahead wait until the whole file is on its way."""
    _, client, meeting = here
    made = attached(client, meeting, PROBE * 30)
    path = f"/v1/partner/user/meetings/{meeting}/attachments/{made.id}"
    get = "GET {} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer " + token_of(client) + "\r\n\r\n"
    asked = [f"{path}/download", path, f"{path}/download", "/v1/partner/user/profile"]
    with opened(client) as connection, connection.makefile("rb") as stream:
        connection.sendall("".join(get.format(target) for target in asked).encode())
        answers = [status_of(stream) for _ in asked]
        connection.sendall(get.format(f"{path}/download").replace("GET", "HEAD").encode())
        assert stream.readline().split()[1] == b"200"
    assert [status for status, _ in answers] == [200] * 4
    assert answers[0][1] == answers[2][1] == PROBE * 30
    assert json.loads(answers[1][1])["id"] == made.id


def test_a_slow_reader_does_not_fill_the_memory(here: tuple[FakeContio, Contio, str]) -> None:
    """Who asks for much and reads nothing has only the socket's buffers filled."""
    _, client, meeting = here
    made = attached(client, meeting, PROBE * 200)
    path = f"/v1/partner/user/meetings/{meeting}/attachments/{made.id}/download"
    before = psutil.Process().memory_info().rss
    get = f"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token_of(client)}\r\n\r\n".encode()
    with opened(client) as connection, connection.makefile("rb") as stream:
        connection.sendall(get)
        assert client.user.attachments.get(meeting, made.id).size_bytes == len(PROBE) * 200
        assert psutil.Process().memory_info().rss - before < MOST_GROWTH
        assert status_of(stream)[1] == PROBE * 200


@pytest.mark.parametrize("fault", [{"truncate": 300_000}, {"malformed": True}, {"drop": True}])
def test_faults_spoil_large_answers_too(here: tuple[FakeContio, Contio, str], fault: dict[str, Any]) -> None:
    contio, client, meeting = here
    content = PROBE * 20
    made = attached(client, meeting, content)
    contio.faults.add(operation="downloadMeetingAttachment", times=1, **fault)
    if "malformed" in fault:
        spoiled = client.user.attachments.download(meeting, made.id).content
        assert spoiled == content[: len(content) // 2]
    else:
        with pytest.raises(ContioError):
            client.user.attachments.download(meeting, made.id)
    assert client.user.attachments.download(meeting, made.id).content == content


def test_the_journal_keeps_the_beginning_of_a_large_body(here: tuple[FakeContio, Contio, str]) -> None:
    contio, client, meeting = here
    made = attached(client, meeting, PROBE * 20)
    entry = contio.requests[-1]
    assert len(entry.body) == 65_536
    assert entry.body_bytes > len(PROBE) * 20
    client.user.attachments.download(meeting, made.id)
    assert contio.requests[-1].answer_body == (PROBE * 20)[:65_536]
