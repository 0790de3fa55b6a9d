"""A way from `requests` to a fake in the same process: what a live server would do, without a socket."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from contio_mock import FakeContio
from contio_mock.contract.wire import Request
from contio_mock.fake.engine import DEFAULT_ORIGIN

ORIGIN = DEFAULT_ORIGIN


class Engine(HTTPAdapter):
    """Hands a prepared request to the engine, as the server hands over what it has read."""

    def __init__(self, contio: FakeContio) -> None:
        super().__init__()
        self.contio = contio

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        headers = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
        asked = Request(str(request.method), url.path, url.query, headers, _bytes(request.body))
        answer = self.contio.handle(asked)
        body = b"" if request.method == "HEAD" else answer.read()
        raw = HTTPResponse(
            BytesIO(body),
            headers=answer.headers,
            status=answer.status,
            preload_content=False,
            decode_content=False,
        )
        return self.build_response(request, raw)


def session(contio: FakeContio) -> requests.Session:
    """A session that reaches that fake at ORIGIN, and nothing else."""
    made = requests.Session()
    made.trust_env = False
    made.mount(ORIGIN, Engine(contio))
    return made


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)
