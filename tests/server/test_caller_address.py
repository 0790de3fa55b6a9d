"""The history of credentials names the address of whoever called, whichever way a request takes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from contio_mock import FakeContio

OTHER = "127.0.0.2"
"""Also this machine, but not what a request without a network is said to come from."""
PATH = "/v1/partner/admin/credentials/webhook-secret/rotate"
HEADERS = {"X-API-Key": "ctio_demo_key", "X-Client-ID": "partner_demo", "Content-Type": "application/json"}
BODY = json.dumps({"confirmation_token": "yes"}).encode()


def pieces() -> Iterator[bytes]:
    yield BODY


@pytest.mark.parametrize("chunked", [False, True], ids=["answered directly", "through ASGI"])
def test_the_address_of_the_caller_is_written_down(chunked: bool) -> None:
    contio = FakeContio(check_answers=True)
    with contio.serve() as url:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=30, source_address=(OTHER, 0)
        )
        try:
            connection.connect()
        except OSError:
            pytest.skip(f"this machine has no {OTHER}")
        connection.request("POST", PATH, pieces() if chunked else BODY, HEADERS, encode_chunked=chunked)
        assert connection.getresponse().status == 200
        connection.close()
    (entry,) = contio.admin().admin.credentials.history().events
    assert entry.ip_address == OTHER
