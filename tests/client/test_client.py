"""The reference client."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contio_mock import AsyncContio, Contio, FakeContio
from contio_mock.client import (
    BadRequest,
    Conflict,
    ContioError,
    Forbidden,
    NoAnswer,
    NotConfigured,
    NotFound,
    PlanRequired,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unprocessable,
    Unreadable,
)
from contio_mock.client.transports import SocketTransport
from contio_mock.contract.meetings import ListMeetings, MeetingCreate
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.wire import Request, Response

JSON = [("content-type", "application/json")]


def answering(*answers: Response) -> tuple[Contio, list[Request]]:
    """A client whose server gives these answers, and the requests it got."""
    got: list[Request] = []

    def transport(request: Request) -> Response:
        got.append(request)
        return answers[min(len(got), len(answers)) - 1]

    return Contio(tokens="token", client_id="id", client_secret="s", api_key="key", transport=transport), got


# ---------------------------------------------------------------- refreshing


def test_an_expired_token_is_renewed_once_and_the_call_repeated(contio: FakeContio) -> None:
    told: list[TokenResponse] = []
    client = contio.client()
    client.session.tokens.on_change = told.append
    before = client.tokens
    assert before is not None
    contio.clock.advance("25h")
    assert client.user.profile.get().display_name == "Ada Lovelace"
    assert [entry.status for entry in contio.requests[-3:]] == [401, 200, 200]
    assert client.tokens is not before
    assert told == [client.tokens]


def test_copies_of_a_client_share_the_renewed_tokens(contio: FakeContio) -> None:
    client = contio.client()
    twin = client.with_options(timezone="PST")
    contio.clock.advance("25h")
    twin.user.profile.get()
    assert client.tokens is twin.tokens
    client.user.profile.get()
    assert contio.requests[-1].status == 200


def test_user_info_is_renewed_too(contio: FakeContio) -> None:
    client = contio.client()
    contio.clock.advance("25h")
    assert client.oauth.user_info().email == "ada@example.com"


def test_a_dead_refresh_token_leaves_the_401(contio: FakeContio) -> None:
    client = contio.client()
    contio.clock.advance("31d")
    with pytest.raises(Unauthorized):
        client.user.profile.get()
    assert [entry.operation for entry in contio.requests[-2:]] == ["getProfile", "exchangeOauthToken"]


def test_a_second_401_is_not_renewed_again() -> None:
    renewed = b'{"access_token":"new","token_type":"Bearer","expires_in":1,"refresh_token":"r2"}'
    got = []

    def transport(request: Request) -> Response:
        got.append(request.path)
        return Response(200, JSON, renewed) if request.path == "/oauth2/token" else Response(401, JSON, b"{}")

    tokens = TokenResponse(access_token="old", token_type="Bearer", expires_in=1, refresh_token="r1")
    client = Contio(tokens=tokens, client_id="i", client_secret="s", transport=transport)
    with pytest.raises(Unauthorized):
        client.user.profile.get()
    assert got == ["/v1/partner/user/profile", "/oauth2/token", "/v1/partner/user/profile"]


@pytest.mark.parametrize("missing", ["refresh token", "secret"])
def test_without_the_means_a_401_is_final(contio: FakeContio, missing: str) -> None:
    tokens = contio.client().tokens
    assert tokens is not None
    given: Any = tokens.access_token if missing == "refresh token" else tokens
    secret = None if missing == "secret" else "cs_demo_secret"
    client = Contio(tokens=given, client_id="partner_demo", client_secret=secret, transport=contio.handle)
    contio.clock.advance("25h")
    with pytest.raises(Unauthorized):
        client.user.profile.get()
    assert contio.requests[-1].operation == "getProfile"
    assert len(contio.requests) == 1


def test_refresh_and_exchange_hold_what_they_get(contio: FakeContio) -> None:
    client = contio.client()
    before = client.tokens
    assert client.refresh() is client.tokens
    assert client.tokens != before


# ---------------------------------------------------------------- the way through the browser


@pytest.mark.contio(auto_approve="ada@example.com")
def test_a_code_from_the_authorization_url_is_exchanged(contio: FakeContio) -> None:
    client = contio.admin()
    url = client.authorization_url("st", scope="openid profile", login_hint="grace@example.com", nonce="n")
    parts = urlsplit(url)
    answer = contio.handle(Request("GET", parts.path, parts.query))
    query = parse_qs(urlsplit(answer.header("location") or "").query)
    assert query["state"] == ["st"]
    tokens = client.exchange_code(query["code"][0])
    assert client.tokens is tokens
    assert client.user.profile.get().display_name == "Grace Hopper"


def test_the_authorization_url_holds_what_is_given(contio: FakeContio) -> None:
    query = parse_qs(urlsplit(contio.admin().authorization_url()).query)
    assert query == {
        "response_type": ["code"],
        "client_id": ["partner_demo"],
        "redirect_uri": ["http://localhost:3000/callback"],
        "scope": ["openid profile meetings:read meetings:write"],
    }
    with_pkce = parse_qs(urlsplit(contio.admin().authorization_url(code_challenge="c")).query)
    assert (with_pkce["code_challenge"], with_pkce["code_challenge_method"]) == (["c"], ["S256"])


def test_a_client_without_a_secret_names_itself_in_the_body() -> None:
    tokens = b'{"access_token":"a","token_type":"Bearer","expires_in":1}'
    got = []
    client = Contio(
        client_id="public",
        redirect_uri="app://back",
        transport=lambda request: got.append(request) or Response(200, JSON, tokens),  # type: ignore[func-returns-value]
    )
    client.exchange_code("c", "verifier")
    form = parse_qs(got[0].body.decode())
    assert form["client_id"] == ["public"]
    assert form["code_verifier"] == ["verifier"]
    assert "authorization" not in got[0].headers


# ---------------------------------------------------------------- what is not configured


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: c.user.profile.get(), "getProfile needs tokens"),
        (lambda c: c.oauth.user_info(), "needs tokens"),
        (lambda c: c.admin.app.get(), "needs api_key="),
        (lambda c: c.refresh(), "no refresh token"),
        (lambda c: c.authorization_url(), "needs client_id= and redirect_uri="),
    ],
)
def test_a_call_says_what_it_lacks_and_sends_nothing(contio: FakeContio, call: Any, said: str) -> None:
    with pytest.raises(NotConfigured, match=said):
        call(Contio(transport=contio.handle))
    assert contio.requests == []


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest), (401, Unauthorized), (402, PlanRequired), (403, Forbidden), (404, NotFound),
        (409, Conflict), (413, TooLarge), (422, Unprocessable), (429, RateLimited), (500, ServerFailed),
        (503, ServerFailed), (599, ServerFailed), (418, Refused), (304, Refused), (100, Refused),
    ],
)  # fmt: skip
def test_each_status_has_its_exception(status: int, kind: type[Refused]) -> None:
    body = b'{"code":"c","error":"e","message":"m","request_id":"req_1"}'
    client, _ = answering(Response(status, JSON, body))
    with pytest.raises(ContioError) as refused:
        client.user.profile.get()
    error = refused.value
    assert type(error) is kind
    assert isinstance(error, Refused)
    assert (error.status, error.code, error.message, error.request_id) == (status, "c", "m", "req_1")
    assert str(error) == f"getProfile [req_1]: {status} c: m"
    assert error.operation.operation_id() == "getProfile"
    assert error.response.status == status


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":"invalid_grant","error_description":"No."}', "invalid_grant", "No."),
        (b'{"error":"just this"}', "just this", "just this"),
        (b'{"code":"c","message":null}', "c", "the answer says no more"),
        (b"", "unknown_error", "the answer says no more"),
        (b"<html>", "unknown_error", "the answer says no more"),
        (b"[1]", "unknown_error", "the answer says no more"),
        (b"\xff", "unknown_error", "the answer says no more"),
        (b'{"code":42}', "42", "the answer says no more"),
    ],
)
def test_any_body_of_an_error_is_read_as_far_as_it_goes(body: bytes, code: str, message: str) -> None:
    client, _ = answering(Response(500, [("x-request-id", "from-header")], body))
    with pytest.raises(ServerFailed) as refused:
        client.user.profile.get()
    assert (refused.value.code, refused.value.message) == (code, message)
    assert refused.value.request_id == "from-header"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)],
)
def test_retry_after_is_read_in_seconds(header: str | None, seconds: int | None) -> None:
    client, _ = answering(Response(429, [] if header is None else [("retry-after", header)]))
    with pytest.raises(RateLimited) as refused:
        client.user.profile.get()
    assert refused.value.retry_after == seconds


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff", b"<html>"])
def test_a_success_that_does_not_fit_is_unreadable(body: bytes) -> None:
    client, _ = answering(Response(200, JSON, body))
    with pytest.raises(Unreadable) as unreadable:
        client.user.profile.get()
    assert unreadable.value.response.body == body
    assert unreadable.value.problem
    assert "getProfile answered 200" in str(unreadable.value)


def test_members_of_a_newer_server_are_no_problem(contio: FakeContio) -> None:
    def newer(request: Request) -> Response:
        answer = contio.handle(request)
        answer.body = json.dumps({**json.loads(answer.body), "brand_new": {"a": 1}}).encode()
        return answer

    client = contio.client()
    client.transport = newer
    assert client.user.profile.get().display_name == "Ada Lovelace"


# ---------------------------------------------------------------- what is sent


def test_each_caller_shows_what_it_must() -> None:
    profile = Response(500, [])
    client, got = answering(profile)
    for call in (
        client.user.profile.get,
        client.admin.app.get,
        lambda: client.oauth.introspect({"token": "t"}),
        client.oauth.scopes,
    ):
        with pytest.raises(ServerFailed):
            call()
    shown = [
        {name: request.headers.get(name) for name in ("authorization", "x-api-key", "x-client-id")}
        for request in got
    ]
    nothing = {"authorization": None, "x-api-key": None, "x-client-id": None}
    assert shown == [
        nothing | {"authorization": "Bearer token"},
        nothing | {"x-api-key": "key", "x-client-id": "id"},
        nothing | {"authorization": "Basic aWQ6cw=="},
        nothing,
    ]


def test_options_are_added_to_a_copy(contio: FakeContio) -> None:
    client = contio.client()
    keyed = client.with_options(idempotency_key="k")
    both = keyed.with_options(timezone="PST")
    assert client.session.headers == {}
    assert keyed.session.headers == {"idempotency-key": "k"}
    assert both.session.headers == {"idempotency-key": "k", "x-client-timezone": "PST"}
    first = both.user.meetings.create(MeetingCreate(title="x"))
    assert both.user.meetings.create(MeetingCreate(title="x")) == first
    assert contio.requests[-1].headers["x-client-timezone"] == "PST"


def test_a_clients_time_zone_goes_with_every_call(contio: FakeContio) -> None:
    tokens = contio.client().tokens
    client = Contio(tokens=tokens, timezone="Asia/Tokyo", transport=contio.handle)
    client.user.meetings.list(limit=1)
    assert contio.requests[-1].headers["x-client-timezone"] == "Asia/Tokyo"


def test_every_item_of_a_list_is_fetched_page_by_page(contio: FakeContio) -> None:
    client = contio.client("new@example.com")
    made = [client.user.meetings.create(MeetingCreate(title=str(n))).id for n in range(7)]
    before = len(contio.requests)
    assert [meeting.id for meeting in client.every(ListMeetings(), page_size=3)] == made[::-1]
    assert [entry.query for entry in contio.requests[before:]] == [
        "limit=3",
        "limit=3&offset=3",
        "limit=3&offset=6",
    ]
    assert list(contio.client("none@example.com").every(ListMeetings())) == []


def test_the_parameters_of_a_list_are_kept_on_every_page(contio: FakeContio) -> None:
    client = contio.client()
    everything = list(client.every(ListMeetings(start_date="2026-01-15"), page_size=2))
    assert 0 < len(everything) < client.user.meetings.list().total
    assert all("start_date=" in entry.query for entry in contio.requests[-4:-1])


def test_a_client_is_a_context_manager(contio: FakeContio) -> None:
    with contio.client() as client:
        assert client.user.profile.get().id

    class Closing:
        closed = False

        def __call__(self, request: Request) -> Response:
            return contio.handle(request)

        def close(self) -> None:
            self.closed = True

    transport = Closing()
    with Contio(transport=transport) as client:
        assert not transport.closed
    assert transport.closed


# ---------------------------------------------------------------- the asynchronous twin


def test_the_asynchronous_client_does_the_same(contio: FakeContio) -> None:
    async def session() -> None:
        async with contio.async_client("new@example.com") as client:
            assert (await client.user.profile.get()).display_name == "New"
            made = [(await client.user.meetings.create(MeetingCreate(title=str(n)))).id for n in range(5)]
            fetched = [meeting.id async for meeting in client.every(ListMeetings(), page_size=2)]
            assert fetched == made[::-1]
            keyed = client.with_options(idempotency_key="k", timezone="PST")
            first = await keyed.user.meetings.create(MeetingCreate(title="x"))
            assert await keyed.user.meetings.create(MeetingCreate(title="x")) == first
            with pytest.raises(NotFound):
                await client.user.meetings.get("00000000-0000-4000-8000-000000000000")
            before = client.tokens
            assert await client.refresh() is client.tokens
            assert client.tokens != before
            contio.clock.advance("25h")
            assert (await client.user.profile.get()).display_name == "New"
            assert [m async for m in contio.async_client("no@example.com").every(ListMeetings())] == []

    asyncio.run(session())


@pytest.mark.contio(auto_approve="ada@example.com")
def test_the_asynchronous_client_exchanges_codes(contio: FakeContio) -> None:
    async def session() -> None:
        client = contio.async_client()
        parts = urlsplit(client.authorization_url("s"))
        answer = contio.handle(Request("GET", parts.path, parts.query))
        code = parse_qs(urlsplit(answer.header("location") or "").query)["code"][0]
        assert await client.exchange_code(code) is client.tokens

    asyncio.run(session())


def test_the_asynchronous_client_closes_its_transport() -> None:
    class Closing:
        closed = False

        async def __call__(self, request: Request) -> Response:
            return Response(200, [])

        async def aclose(self) -> None:
            self.closed = True

    async def session() -> None:
        transport = Closing()
        async with AsyncContio(transport=transport):
            pass
        assert transport.closed

    asyncio.run(session())


# ---------------------------------------------------------------- no answer


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def test_nobody_there_is_no_answer(closed_port: int) -> None:
    client = Contio(base_url=f"http://127.0.0.1:{closed_port}/", tokens="t")
    with client, pytest.raises(NoAnswer) as lost:
        client.user.profile.get()
    assert lost.value.request.path == "/v1/partner/user/profile"
    assert "GET /v1/partner/user/profile" in str(lost.value)


def test_nobody_there_is_no_answer_for_the_asynchronous_client(closed_port: int) -> None:
    async def session() -> None:
        async with AsyncContio(base_url=f"http://127.0.0.1:{closed_port}", tokens="t") as client:
            with pytest.raises(NoAnswer):
                await client.user.profile.get()

    asyncio.run(session())


@pytest.mark.parametrize(
    "base_url", ["", "nonsense", "ftp://127.0.0.1", "http://127.0.0.1:notaport", "http://[::1"]
)
def test_an_address_that_leads_nowhere_is_an_error_of_the_client(base_url: str) -> None:
    with Contio(base_url=base_url, tokens="t") as client, pytest.raises(ContioError):
        client.user.profile.get()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_server_that_says_nothing_times_out(asynchronous: bool) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        base_url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        async def session() -> None:
            async with AsyncContio(base_url=base_url, tokens="t", timeout=0.05) as client:
                await client.user.profile.get()

        def call() -> None:
            with Contio(base_url=base_url, tokens="t", timeout=0.05) as client:
                client.user.profile.get()

        with pytest.raises(TimedOut):
            asyncio.run(session()) if asynchronous else call()


# ---------------------------------------------------------------- over a socket


def test_both_clients_work_over_a_socket(contio: FakeContio) -> None:
    tokens = contio.client().tokens

    async def session(base_url: str) -> None:
        async with AsyncContio(base_url=base_url, tokens=tokens) as client:
            made = await client.user.meetings.create(MeetingCreate(title="x"))
            assert (await client.user.meetings.list(limit=1)).items == [made]

    with contio.serve() as base_url:
        with SocketTransport(base_url + "/") as transport:
            client = Contio(base_url=base_url, tokens=tokens, transport=transport)
            assert client.user.profile.get().display_name == "Ada Lovelace"
            with pytest.raises(NotFound):
                client.user.meetings.get("00000000-0000-4000-8000-000000000000")
        asyncio.run(session(base_url))
