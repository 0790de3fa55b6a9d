"""The fake on a socket: HTTP as clients, proxies and people with curl speak it."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx2
import pytest

from contio_mock import Contio
from contio_mock.contract.meetings import MeetingCreate

from .conftest import LONGEST, Serve, browser

MEETINGS = "/v1/partner/user/meetings"
HEALTH = "/oauth2/health"


def raw(client: httpx2.Client, request: bytes) -> bytes:
    """Everything that the server says to these bytes until it closes the connection."""
    with socket.create_connection(
        (client.base_url.host, client.base_url.port or 80), timeout=LONGEST
    ) as connection:
        connection.sendall(request)
        said = b""
        while chunk := connection.recv(65_536):
            said += chunk
    return said


def bearer(client: httpx2.Client) -> dict[str, str]:
    token = client.post("/_mock/tokens", json={"email": "ada@example.com"}).json()["access_token"]
    return {"authorization": f"Bearer {token}"}


def test_an_answer_has_its_release_its_request_id_and_its_length(served: Serve) -> None:
    _, client = served(release="1.9")
    answer = client.get(HEALTH)
    assert answer.status_code == 200
    assert answer.headers["x-api-version"] == "1.9"
    assert answer.headers["x-request-id"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "server" not in answer.headers


def test_head_answers_as_get_without_the_body(served: Serve) -> None:
    _, client = served()
    got, head = client.get("/.well-known/jwks.json"), client.head("/.well-known/jwks.json")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert client.head("/nothing").content == b""
    said = raw(client, b"HEAD /oauth2/scopes HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert said.endswith(b"\r\n\r\n"), "a HEAD answer has no body on the wire"


def test_one_connection_carries_many_requests(served: Serve) -> None:
    _, client = served()
    address = (client.base_url.host, client.base_url.port or 80)
    with (
        socket.create_connection(address, timeout=LONGEST) as connection,
        connection.makefile("rb") as stream,
    ):
        for _ in range(3):
            connection.sendall(b"GET /oauth2/health HTTP/1.1\r\nhost: x\r\n\r\n")
            assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
            length = 0
            while (line := stream.readline()) != b"\r\n":
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert b"healthy" in stream.read(length)


def test_requests_sent_without_waiting_are_answered_in_order(served: Serve) -> None:
    _, client = served()
    one = b"GET /oauth2/health HTTP/1.1\r\nhost: x\r\n\r\n"
    two = b"GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    said = raw(client, one + two)
    assert said.index(b"HTTP/1.1 200") < said.index(b"HTTP/1.1 404")


def test_what_is_no_http_is_refused(served: Serve) -> None:
    _, client = served()
    assert raw(client, b"\x16\x03\x01 no http\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert client.get(HEALTH).status_code == 200


def test_a_chunked_body_is_read_as_a_whole(served: Serve) -> None:
    _, client = served()
    pieces = (piece for piece in (b'{"title":', b' "In pieces"}'))
    headers = {**bearer(client), "content-type": "application/json"}
    assert client.post(MEETINGS, content=pieces, headers=headers).json()["title"] == "In pieces"


@pytest.mark.parametrize("size", [1_048_577, 60_000_000])
def test_a_large_body_is_refused_with_a_declared_error(served: Serve, size: int) -> None:
    contio, client = served()
    headers = {**bearer(client), "content-type": "application/json"}
    answer = client.post(MEETINGS, content=b" " * size, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "payload_too_large"
    assert answer.headers["x-api-version"] == "1.10"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert contio.events == []


def test_many_requests_at_once_neither_get_lost_nor_mixed_up(served: Serve) -> None:
    contio, client = served()
    headers, at_once, each = bearer(client), 16, 12
    before = contio.client().user.meetings.list().total
    together = Barrier(at_once)

    def work(number: int) -> list[str]:
        with browser(str(client.base_url)) as mine:
            together.wait(LONGEST)
            titles = [f"{number} of {turn}" for turn in range(each)]
            return [mine.post(MEETINGS, json={"title": t}, headers=headers).json()["title"] for t in titles]

    with ThreadPoolExecutor(at_once) as pool:
        answered = list(pool.map(work, range(at_once)))
    assert answered == [[f"{number} of {turn}" for turn in range(each)] for number in range(at_once)]
    assert contio.client().user.meetings.list().total == before + at_once * each


def test_a_repeated_key_sent_at_once_creates_one_meeting(served: Serve) -> None:
    contio, client = served()
    headers, at_once = {**bearer(client), "idempotency-key": "the same"}, 8
    together = Barrier(at_once)

    def create(_: int) -> str:
        together.wait(LONGEST)
        return str(client.post(MEETINGS, json={"title": "Once"}, headers=headers).json()["id"])

    with ThreadPoolExecutor(at_once) as pool:
        ids = set(pool.map(create, range(at_once)))
    assert len(ids) == 1
    assert [event.type for event in contio.events] == ["meeting.created"]


def test_the_live_server_and_the_client_in_process_see_the_same_contio(served: Serve) -> None:
    contio, client = served()
    mine = contio.client().user.meetings.create(MeetingCreate(title="From within"))
    assert client.get(f"{MEETINGS}/{mine.id}", headers=bearer(client)).json()["title"] == "From within"
    made = client.post(MEETINGS, json={"title": "From without"}, headers=bearer(client)).json()
    assert contio.client().user.meetings.get(made["id"]).title == "From without"
    assert [event.data["title"] for event in contio.events] == ["From within", "From without"]


def test_a_served_contio_can_be_served_again(served: Serve) -> None:
    contio, client = served()
    with contio.serve() as second:
        assert second != str(client.base_url)
        assert httpx2.get(second + HEALTH, trust_env=False).status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(second + HEALTH, trust_env=False)
    assert client.get(HEALTH).status_code == 200


def test_credentials_name_the_address_that_the_caller_used(served: Serve) -> None:
    _, client = served()
    assert client.get("/_mock/credentials").json()["base_url"] == str(client.base_url).rstrip("/")
    named = client.get("/_mock/credentials", headers={"host": "contio.test:8080"})
    assert named.json()["base_url"] == "http://contio.test:8080"
    wrong = client.get("/_mock/credentials", headers={"host": 'x"><script>'})
    assert "<script>" not in wrong.text


# ---------------------------------------------------------------- faults over a socket


def test_a_fault_drops_the_connection_without_an_answer(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, drop=True, times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get(HEALTH)
    assert client.get(HEALTH).status_code == 200


def test_a_fault_after_the_handler_drops_the_answer_of_what_has_happened(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(operation="createMeeting", drop=True, point="after")
    headers = bearer(client)
    with pytest.raises(httpx2.RemoteProtocolError):
        client.post(MEETINGS, json={"title": "Made, and nobody hears"}, headers=headers)
    assert client.get(MEETINGS, headers=headers).json()["items"][0]["title"] == "Made, and nobody hears"


def test_a_fault_cuts_a_body_short(served: Serve) -> None:
    contio, client = served()
    whole = client.get("/oauth2/scopes").content
    contio.faults.add(path="/oauth2/scopes", truncate=10)
    said = raw(client, b"GET /oauth2/scopes HTTP/1.1\r\nhost: x\r\n\r\n")
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(whole) in head
    assert body == whole[:10]
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get("/oauth2/scopes")


def test_a_fault_of_no_bytes_cuts_the_whole_body(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, truncate=0)
    said = raw(client, b"GET /oauth2/health HTTP/1.1\r\nhost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"\r\n\r\n")


def test_a_fault_delays_an_answer_and_nobody_else_waits(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, delay=1)
    with pytest.raises(httpx2.ReadTimeout):
        client.get(HEALTH, timeout=0.2)
    assert client.get("/oauth2/scopes").status_code == 200


def test_a_fault_answers_with_a_status_and_retry_after(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, status=429, code="rate_limit_exceeded", retry_after=7)
    answer = client.get(HEALTH)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"] == answer.json()["code"] == "rate_limit_exceeded"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_a_fault_garbles_json(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, malformed=True)
    answer = client.get(HEALTH)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated"):
        answer.json()


def test_the_reference_client_reports_a_fault_as_no_answer(served: Serve) -> None:
    contio, client = served()
    contio.faults.add(path=HEALTH, drop=True)
    with Contio(base_url=str(client.base_url)) as partner, pytest.raises(Exception, match="no answer"):
        partner.oauth.health()


# ---------------------------------------------------------------- sandboxes


def test_a_sandbox_has_its_own_data_under_its_prefix(served: Serve) -> None:
    _, client = served()
    made = client.post("/_mock/sandboxes", json={"name": "blue", "release": "1.6"}).json()
    assert made["base_url"] == f"{str(client.base_url).rstrip('/')}/~blue"
    with browser(made["base_url"]) as blue:
        created = blue.post(MEETINGS, json={"title": "In blue"}, headers=bearer(blue))
        assert (created.status_code, created.headers["x-api-version"]) == (201, "1.6")
    titles = [item["title"] for item in client.get(MEETINGS, headers=bearer(client)).json()["items"]]
    assert "In blue" not in titles
    assert client.get(f"/~blue{MEETINGS}", headers=bearer(client)).status_code == 401
    assert client.delete("/_mock/sandboxes/blue").status_code == 204


@pytest.mark.parametrize(
    "path", ["/~nobody/v1/partner/user/meetings", "/~nobody/_mock/health", "/~nobody/", "/~"]
)
def test_a_sandbox_that_is_not_there_is_a_declared_404(served: Serve, path: str) -> None:
    _, client = served()
    answer = client.get(path)
    assert answer.status_code == 404
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["code"] == "not_found"
        assert answer.headers["x-api-version"] == "1.10"
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize("path", ["/nothing", "/v1/partner/user/meeting", "/%", "/%ff", "//", "/~%2e%2e/x"])
def test_an_unknown_path_is_a_declared_404(served: Serve, path: str) -> None:
    _, client = served()
    said = raw(client, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404"), head
    assert b"x-api-version: 1.10" in head
    assert b'"code":"not_found"' in body
