"""Bytes on the wire: what is answered directly and what uvicorn answers must look the same."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from contio_mock import FakeContio

PROFILE = "/v1/partner/user/profile"
MEETINGS = "/v1/partner/user/meetings"


class Wire:
    """A connection that is written to in raw bytes."""

    def __init__(self, url: str, token: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.file = self.socket.makefile("rb")
        self.token = token

    def head(self, method: str, path: str, *lines: str, version: str = "1.1") -> bytes:
        fields = [
            f"{method} {path} HTTP/{version}",
            "Host: here",
            f"Authorization: Bearer {self.token}",
            *lines,
        ]
        return "\r\n".join([*fields, "", ""]).encode()

    def write(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.socket.sendall(piece)

    def read(self, *, bodiless: bool = False) -> tuple[int, dict[str, str], bytes]:
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            assert name not in headers, f"{name} came twice"
            headers[name] = value.strip()
        length = 0 if bodiless else int(headers.get("content-length", "0"))
        return status, headers, self.file.read(length)

    def is_closed(self) -> bool:
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def contio(contio: FakeContio) -> FakeContio:
    contio.client().user.meetings.list()
    return contio


@pytest.fixture
def wire(contio: FakeContio) -> Iterator[Wire]:
    tokens = contio.client().tokens
    assert tokens is not None
    with contio.serve() as url:
        connection = Wire(url, tokens.access_token)
        yield connection
        connection.close()


def test_a_connection_is_kept_and_requests_in_a_row_are_answered_in_order(wire: Wire) -> None:
    body = b'{"title": "x"}'
    post = wire.head("POST", MEETINGS, "Content-Type: application/json", f"Content-Length: {len(body)}")
    pages = wire.head("GET", "/login?client_id=partner_demo&redirect_uri=http://localhost:3000/callback")
    wire.write(
        wire.head("GET", PROFILE)
        + post
        + body
        + pages
        + wire.head("GET", "/nothing")
        + wire.head("GET", PROFILE)
    )
    answers = [wire.read() for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 201, 200, 404, 200]
    assert json.loads(answers[1][2])["title"] == "x"
    assert b"<!doctype html>" in answers[2][2]
    assert json.loads(answers[4][2])["email"] == "ada@example.com"


def test_of_requests_in_a_row_each_has_its_own_headers(wire: Wire, contio: FakeContio) -> None:
    stranger = contio.client("grace@example.com").tokens
    assert stranger is not None
    own = wire.head("GET", PROFILE)
    other = own.replace(wire.token.encode(), stranger.access_token.encode())
    anonymous = b"GET " + PROFILE.encode() + b" HTTP/1.1\r\nHost: here\r\n\r\n"
    wire.write(own, own, other, anonymous, other, own)
    answers = [wire.read() for _ in range(6)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 401, 200, 200]
    asked = ["ada", "ada", "grace", None, "grace", "ada"]
    assert [json.loads(body).get("email", "").partition("@")[0] or None for _, _, body in answers] == asked


def test_a_body_may_come_in_pieces(wire: Wire) -> None:
    body = b'{"title": "in pieces"}'
    head = wire.head("POST", MEETINGS, "Content-Type: application/json", f"Content-Length: {len(body)}")
    wire.write(head[:10], head[10:], body[:5], body[5:])
    status, _, answer = wire.read()
    assert (status, json.loads(answer)["title"]) == (201, "in pieces")


def test_a_chunked_body_is_read(wire: Wire) -> None:
    wire.write(
        wire.head("POST", MEETINGS, "Content-Type: application/json", "Transfer-Encoding: chunked"),
        b'5\r\n{"tit\r\n',
        b'b\r\nle": "abc"}\r\n0\r\n\r\n',
    )
    status, _, answer = wire.read()
    assert (status, json.loads(answer)["title"]) == (201, "abc")


def test_a_client_that_asks_first_is_told_to_go_on(wire: Wire) -> None:
    body = b'{"title": "asked"}'
    length = f"Content-Length: {len(body)}"
    wire.write(wire.head("POST", MEETINGS, "Content-Type: application/json", length, "Expect: 100-continue"))
    assert wire.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert wire.file.readline() == b"\r\n"
    wire.write(body)
    assert wire.read()[0] == 201


@pytest.mark.parametrize("lines", [("Connection: close",), ("connection: Close",)])
def test_a_connection_is_closed_when_the_client_asks(wire: Wire, lines: tuple[str, ...]) -> None:
    wire.write(wire.head("GET", PROFILE, *lines) + wire.head("GET", PROFILE))
    status, headers, _ = wire.read()
    assert (status, headers["connection"]) == (200, "close")
    assert wire.is_closed()


def test_http_1_0_is_answered_and_closed(wire: Wire) -> None:
    wire.write(wire.head("GET", PROFILE, version="1.0"))
    assert wire.read()[0] == 200
    assert wire.is_closed()


def test_head_has_the_headers_of_get_and_no_body(wire: Wire) -> None:
    wire.write(wire.head("GET", PROFILE), wire.head("HEAD", PROFILE), wire.head("GET", "/oauth2/health"))
    _, full, body = wire.read()
    status, bare, _ = wire.read(bodiless=True)
    assert status == 200
    assert bare["content-length"] == full["content-length"] == str(len(body))
    assert wire.read()[0] == 200, "nothing of a body was left on the wire"


def test_an_answer_without_a_body_has_no_length(contio: FakeContio, wire: Wire) -> None:
    connection = contio.admin().admin.connections.list().items[0]
    key = ("X-API-Key: ctio_demo_key", "X-Client-ID: partner_demo")
    wire.write(wire.head("DELETE", f"/v1/partner/admin/connections/{connection.id}", *key))
    status, headers, _ = wire.read()
    assert status == 204
    assert "content-length" not in headers
    assert "transfer-encoding" not in headers


def test_direct_answers_and_those_of_uvicorn_have_the_same_headers(wire: Wire) -> None:
    wire.write(wire.head("GET", PROFILE))
    direct = wire.read()
    wire.write(wire.head("GET", PROFILE, "Transfer-Encoding: chunked") + b"0\r\n\r\n")
    ordinary = wire.read()
    assert direct[0] == ordinary[0] == 200
    assert direct[1].keys() == ordinary[1].keys()
    assert direct[2] == ordinary[2]


@pytest.mark.parametrize("target", ["http://here/oauth2/health", "//oauth2/health", "*", "/oauth2/health#x"])
def test_other_forms_of_a_target_break_nothing(wire: Wire, target: str) -> None:
    wire.write(wire.head("GET", target, "Connection: close"))
    assert 200 <= wire.read()[0] < 500


def test_nonsense_is_answered_with_400_and_closed(wire: Wire) -> None:
    wire.write(b"NONSENSE\r\n\r\n")
    assert wire.read()[0] == 400
    assert wire.is_closed()


def test_two_lengths_are_refused(wire: Wire) -> None:
    wire.write(wire.head("POST", MEETINGS, "Content-Length: 5", "Content-Length: 6") + b"{}   ")
    assert wire.read()[0] == 400


def test_a_repeated_header_is_joined(wire: Wire, contio: FakeContio) -> None:
    wire.write(wire.head("GET", PROFILE, "X-Anything: a", "X-Anything: b", "Cookie: a=1", "Cookie: b=2"))
    assert wire.read()[0] == 200
    entry = contio.requests[-1]
    assert entry.headers["x-anything"] == "a, b"
    assert entry.headers["cookie"] == "a=1; b=2"


def test_a_fault_still_works_on_a_connection_that_was_answered_directly(
    wire: Wire, contio: FakeContio
) -> None:
    wire.write(wire.head("GET", PROFILE))
    assert wire.read()[0] == 200
    contio.faults.add(operation="getProfile", drop=True, times=1)
    wire.write(wire.head("GET", PROFILE))
    assert wire.is_closed()
