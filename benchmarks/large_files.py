"""Fifty megabytes up and down a socket: how long it takes, and how far the server's memory grows."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import over_socket
from servers import Cpus, Server
from table import Row, Target

SIZE = 50_000_000
PIECE = bytes(range(256)) * 256
BOUNDARY = "benchmark"
PAUSE = 0.002
SCOPE = "profile meetings:read meetings:write"


@dataclass(slots=True)
class Peak:
    """The largest resident memory that was seen while a block ran, in MB above its beginning."""

    growth: float = 0.0


@contextmanager
def watched(server: Server) -> Iterator[Peak]:
    """Look at the server's memory again and again until the block ends."""
    begun, peak, done = server.rss(), Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(PAUSE):
            peak.growth = max(peak.growth, server.rss() - begun)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def measure_large_files(cpus: Cpus, *, quick: bool) -> Iterator[Row]:
    """An upload and a download; the first, small one is not counted."""
    size = SIZE // 5 if quick else SIZE
    with over_socket.mock(cpus) as server:
        path, headers = _attachments(server)
        small = _upload(server, path, headers, 1000)
        _download(server, f"{path}/{small}/download", headers)
        with watched(server) as peak:
            begun = time.perf_counter()
            made = _upload(server, path, headers, size)
            took = time.perf_counter() - begun
        yield from _rows("upload", size, took, peak)
        with watched(server) as peak:
            begun = time.perf_counter()
            read = _download(server, f"{path}/{made}/download", headers)
            took = time.perf_counter() - begun
        assert read == size, f"{read} bytes came back of {size}"
        yield from _rows("download", size, took, peak)


def _rows(what: str, size: int, took: float, peak: Peak) -> Iterator[Row]:
    name = f"{what} of {size / 1e6:.0f} MB"
    yield Row(name, size / 1e6 / took, "MB/s")
    yield Row("  the server's memory grows by at most", peak.growth, "MB", target=Target(120, 30))


def _attachments(server: Server) -> tuple[str, dict[str, str]]:
    """The attachments of a new meeting, and the headers of a user who may change them."""
    wish = json.dumps({"email": over_socket.EMAIL, "scope": SCOPE})
    minted = json.loads(server.ask("POST", "/_mock/tokens", over_socket.JSON_HEADERS, wish))
    headers = {"authorization": f"Bearer {minted['access_token']}"}
    meetings = "/v1/partner/user/meetings"
    said = server.ask(
        "POST", meetings, {**headers, **over_socket.JSON_HEADERS}, json.dumps(over_socket.MEETING)
    )
    return f"{meetings}/{json.loads(said)['id']}/attachments", headers


def _upload(server: Server, path: str, headers: dict[str, str], size: int) -> str:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    sent = {
        **headers,
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        "content-length": str(len(head) + size + len(tail)),
    }
    answer = _asked(server, "POST", path, sent, _content(head, size, tail))
    made = json.loads(answer.read())
    assert made["size_bytes"] == size
    return str(made["id"])


def _content(head: bytes, size: int, tail: bytes) -> Iterator[bytes]:
    yield head
    for at in range(0, size, len(PIECE)):
        yield PIECE[: min(len(PIECE), size - at)]
    yield tail


def _download(server: Server, path: str, headers: dict[str, str]) -> int:
    answer, read = _asked(server, "GET", path, headers, None), 0
    while piece := answer.read(len(PIECE)):
        read += len(piece)
    return read


def _asked(
    server: Server, method: str, path: str, headers: dict[str, str], body: Iterator[bytes] | None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.read(200)!r}")
    return answer
