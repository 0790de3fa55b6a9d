"""Who may use the control plane: this machine, and no page of another site."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.server.app import ContioApp

HERE, THERE = ("127.0.0.1", 50_000), ("192.0.2.7", 50_000)


def call(  # one request, straight into the app
    app: ContioApp,
    method: str,
    target: str,
    *,
    client: tuple[str, int] | None = HERE,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> tuple[int, dict[str, str], bytes]:
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": client,
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
        "extensions": {},
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], answered, b"".join(message.get("body", b"") for message in rest)


@pytest.fixture
def app(contio: FakeContio) -> ContioApp:
    return ContioApp(contio.engine, exposed=False)


def token_wish(app: ContioApp, **how: Any) -> tuple[int, dict[str, str], bytes]:
    wish = json.dumps({"email": "ada@example.com"}).encode()
    headers = {"content-type": "application/json", **how.pop("headers", {})}
    return call(app, "POST", "/_mock/tokens", body=wish, headers=headers, **how)


@pytest.mark.parametrize("client", [HERE, ("::1", 1), ("127.9.9.9", 1), ("::ffff:127.0.0.1", 1), None])
def test_this_machine_may_use_the_control_plane(app: ContioApp, client: tuple[str, int] | None) -> None:
    assert token_wish(app, client=client)[0] == 200


@pytest.mark.parametrize(
    "client", [THERE, ("::ffff:192.0.2.7", 1), ("2001:db8::1", 1), ("not an address", 1)]
)
@pytest.mark.parametrize("path", ["/_mock/credentials", "/_mock/inbox", "/~default/_mock/credentials"])
def test_other_machines_may_not_unless_it_is_exposed(
    contio: FakeContio, app: ContioApp, client: tuple[str, int], path: str
) -> None:
    status, headers, body = call(app, "GET", path, client=client)
    assert status == 404
    assert b"demo_secret" not in body
    assert headers["x-api-version"] == "1.10"
    assert headers["x-request-id"] == json.loads(body)["request_id"]
    if path.startswith("/_mock"):
        assert call(ContioApp(contio.engine, exposed=True), "GET", path, client=client)[0] == 200


def test_the_pages_tell_other_machines_no_secret(contio: FakeContio, app: ContioApp) -> None:
    """What the control plane keeps back, no page may show either: credentials and one-time codes."""
    wish = b'{"client_id": "partner_demo", "email": "ada@example.com"}'
    call(app, "POST", "/auth/initiate", client=THERE, body=wish, headers={"content-type": "application/json"})
    code = contio.inbox()[0].code
    for target in ("/", "/login", "/login/code?email=ada@example.com"):
        _, _, body = call(app, "GET", target, client=THERE)
        for secret in ("cs_demo_secret", "ctio_demo_key", "whs_demo_secret", code):
            assert secret.encode() not in body, f"{target} tells {secret} to everybody"


def test_the_partner_api_is_for_every_machine(app: ContioApp) -> None:
    assert call(app, "GET", "/oauth2/health", client=THERE)[0] == 200
    assert call(app, "GET", "/v1/partner/user/profile", client=THERE)[0] == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_control_plane_takes_no_orders_from_pages_of_other_sites(app: ContioApp, site: str) -> None:
    status, headers, body = token_wish(app, headers={"sec-fetch-site": site})
    assert status == 403
    assert json.loads(body)["code"] == "forbidden"
    assert headers["x-api-version"] == "1.10"
    assert headers["x-request-id"] == json.loads(body)["request_id"]


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_pages_may_use_the_control_plane(app: ContioApp, site: str) -> None:
    assert token_wish(app, headers={"sec-fetch-site": site})[0] == 200


def test_a_foreign_origin_is_refused_also_where_the_browser_says_no_more(app: ContioApp) -> None:
    """Browsers send Sec-Fetch-Site to trustworthy addresses only, but Origin always."""
    assert token_wish(app, headers={"origin": "http://evil.example", "host": "127.0.0.1:8787"})[0] == 403


def test_a_websocket_is_closed(app: ContioApp) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1000}]
