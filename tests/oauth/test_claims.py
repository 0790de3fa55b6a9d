"""What is said about a user, and the documents that describe the server."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from contio_mock import FakeContio
from contio_mock.client import Forbidden, Unauthorized
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.wire import Request


def id_token(contio: FakeContio, token: str | None) -> jwt.Token:
    assert token is not None
    keys = contio.control.oauth.jwks().model_dump(exclude_none=True)
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])


# ---------------------------------------------------------------- ID tokens


def test_an_id_token_is_signed_with_a_published_key(contio: FakeContio, flow: Any) -> None:
    token = id_token(contio, flow.tokens("openid").id_token)
    assert token.header["alg"] == "RS256"
    assert token.header["kid"] in {key.kid for key in contio.control.oauth.jwks().keys}


def test_a_changed_id_token_does_not_verify(contio: FakeContio, flow: Any) -> None:
    head, claims, signature = flow.tokens("openid").id_token.split(".")
    with pytest.raises(BadSignatureError):
        id_token(contio, f"{head}.{claims[:-2]}AA.{signature}")


def test_the_published_keys_hold_no_secret(contio: FakeContio) -> None:
    body = contio.handle(Request("GET", "/.well-known/jwks.json")).body
    for member in (b'"d":', b'"p":', b'"q":', b'"dp":', b'"dq":', b'"qi":'):
        assert member not in body


def test_the_claims_of_an_id_token_are_those_of_openid_connect(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens("openid", nonce="n-0S6")
    claims = id_token(contio, tokens.id_token).claims
    now = int(contio.clock.now.timestamp())
    half = sha256(tokens.access_token.encode()).digest()[:16]
    user = contio.sandbox.store.users.first("email", "ada@example.com")
    assert user is not None
    assert claims == {
        "iss": contio.control.oauth.discovery().issuer,
        "sub": user.id,
        "aud": "partner_demo",
        "iat": now,
        "exp": now + 86400,
        "auth_time": now,
        "nonce": "n-0S6",
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
    }


@pytest.mark.parametrize(
    ("scope", "further"),
    [
        ("openid email", {"email", "email_verified"}),
        ("openid profile", {"name", "given_name", "family_name", "locale"}),
        ("openid profile email", {"email", "email_verified", "name", "given_name", "family_name", "locale"}),
    ],
)
def test_scopes_add_claims_to_the_id_token(
    contio: FakeContio, flow: Any, scope: str, further: set[str]
) -> None:
    claims = set(id_token(contio, flow.tokens(scope).id_token).claims)
    assert claims == {"iss", "sub", "aud", "iat", "exp", "auth_time", "at_hash"} | further
    assert claims <= set(contio.control.oauth.discovery().claims_supported)


def test_without_openid_there_is_no_id_token(flow: Any) -> None:
    assert flow.tokens("profile email").id_token is None


def test_a_nonce_travels_through_the_browser_and_not_into_a_refresh(
    contio: FakeContio, flow: Any, tools: Any
) -> None:
    cookie = f"contio_session={flow.sign_in().session_id}"
    _, query = tools.landed(flow.get_authorize(cookie, scope="openid", nonce="once"))
    tokens = flow.exchange(query["code"])
    assert id_token(contio, tokens.id_token).claims["nonce"] == "once"
    assert "nonce" not in id_token(contio, flow.refresh(tokens).id_token).claims


def test_a_refreshed_id_token_is_new_but_tells_when_the_user_signed_in(contio: FakeContio, flow: Any) -> None:
    tokens = flow.tokens("openid")
    first = id_token(contio, tokens.id_token).claims
    contio.clock.advance("2h")
    second = id_token(contio, flow.refresh(tokens).id_token).claims
    assert second["iat"] == first["iat"] + 7200
    assert second["exp"] == first["exp"] + 7200
    assert second["sub"] == first["sub"]
    assert second["auth_time"] == first["auth_time"]  # OpenID Connect Core 12.2


# ---------------------------------------------------------------- userInfo


@pytest.mark.parametrize(
    ("scope", "members"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid profile", {"sub", "name", "given_name", "family_name", "locale"}),
        (
            "openid profile email meetings:read",
            {"sub", "name", "given_name", "family_name", "locale", "email", "email_verified"},
        ),
    ],
)
def test_user_info_says_what_the_scopes_allow(contio: FakeContio, scope: str, members: set[str]) -> None:
    client = contio.client(scope=scope)
    assert set(client.oauth.user_info().model_dump(exclude_none=True)) == members


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Jean Le Rond d'Alembert", "Jean Le Rond", "d'Alembert"),
        ("Plato", "Plato", None),
    ],
)
def test_a_name_has_a_given_and_perhaps_a_family_part(
    contio: FakeContio, flow: Any, name: str, given: str, family: str | None
) -> None:
    minted = contio.control.mock.create_token({"email": "someone@example.com", "name": name})
    info = flow.user_client(minted).oauth.user_info()
    assert (info.name, info.given_name, info.family_name) == (name, given, family)


def test_user_info_needs_the_openid_scope(contio: FakeContio) -> None:
    with pytest.raises(Forbidden) as refused:
        contio.client(scope="profile email").oauth.user_info()
    assert refused.value.body["error"] == "forbidden"
    assert "openid" in (refused.value.response.header("www-authenticate") or "")


@pytest.mark.contio(profile={"missing_scope_status": "401"})
def test_a_profile_may_answer_401_to_a_missing_scope(contio: FakeContio) -> None:
    with pytest.raises(Unauthorized):
        contio.client(scope="profile").oauth.user_info()
    with pytest.raises(Unauthorized):
        contio.client(scope="openid").user.profile.get()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer unknown", "token", "Bearer é"]
)
def test_user_info_needs_a_token(contio: FakeContio, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = contio.handle(Request("GET", "/oauth2/userInfo", "", headers))
    assert answer.status == 401
    assert (answer.header("www-authenticate") or "").startswith("Bearer")
    assert b'"error_description"' in answer.body


def test_an_apps_own_token_has_no_user_info(flow: Any) -> None:
    tokens = flow.token(grant_type="client_credentials", scope="openid")
    with pytest.raises(Unauthorized):
        flow.user_client(tokens).oauth.user_info()


# ---------------------------------------------------------------- documents


def test_every_endpoint_of_the_discovery_document_is_served(contio: FakeContio) -> None:
    document = contio.control.oauth.discovery()
    assert document.issuer == "http://contio.localhost"
    named = {
        name: value for name, value in document.model_dump().items() if name.endswith(("_endpoint", "_uri"))
    }
    assert len(named) == 6
    for url in named.values():
        path = url.removeprefix(document.issuer)
        statuses = {contio.handle(Request(method, path)).status for method in ("GET", "POST")}
        assert statuses != {404}, url


def test_the_discovery_document_follows_the_callers_host(contio: FakeContio) -> None:
    request = Request("GET", "/.well-known/openid_configuration", "", {"host": "localhost:8787"})
    assert b'"issuer":"http://localhost:8787"' in contio.handle(request).body


@pytest.mark.parametrize("host", ["", "evil\r\nx: y", "a b", "a/b", "é", "x" * 300])
def test_a_broken_host_is_not_repeated(contio: FakeContio, host: str) -> None:
    request = Request("GET", "/.well-known/openid_configuration", "", {"host": host})
    assert b'"issuer":"http://contio.localhost"' in contio.handle(request).body


def test_what_the_discovery_document_promises_is_kept(contio: FakeContio, flow: Any) -> None:
    document = contio.control.oauth.discovery()
    assert document.scopes_supported == contio.control.oauth.scopes().scopes == list(SCOPES)
    assert document.code_challenge_methods_supported == ["S256"]
    assert document.response_types_supported == ["code"]
    assert document.id_token_signing_alg_values_supported == ["RS256"]
    assert set(document.grant_types_supported) == {
        "authorization_code",
        "refresh_token",
        "client_credentials",
    }
    for grant in document.grant_types_supported:
        with_body = {"grant_type": grant, "client_id": "partner_demo", "client_secret": "cs_demo_secret"}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = contio.handle(Request("POST", "/oauth2/token", "", headers, urlencode(with_body).encode()))
        assert b"unsupported_grant_type" not in answer.body


def test_the_health_of_the_service_is_told_with_the_clocks_time(contio: FakeContio) -> None:
    health = contio.control.oauth.health()
    assert (health.status, health.service) == ("healthy", "partner-oauth")
    assert health.timestamp == "2026-01-15T09:00:00Z"
