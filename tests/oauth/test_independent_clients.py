"""OAuth clients that know nothing of this project complete the flow against a live Contio."""

from __future__ import annotations

import html
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote_plus, urljoin, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from contio_mock import FakeContio

from .conftest import CALLBACK, TWO_APPS

SCOPE = "openid profile email meetings:read"
METHODS = ["client_secret_basic", "client_secret_post"]
Serve = Callable[..., tuple[FakeContio, str]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a Contio of these keywords at the real time; returns it and its URL."""
    with ExitStack() as stack:

        def served(**keywords: Any) -> tuple[FakeContio, str]:
            contio = FakeContio(**{"check_answers": True, "now": "real", **keywords})
            url = stack.enter_context(contio.serve())
            return contio, url.replace("127.0.0.1", "localhost")  # RFC 8252 7.3 allows plain HTTP there

        yield served


@pytest.fixture
def session_of() -> Iterator[Callable[..., OAuth2Session]]:
    with ExitStack() as stack:

        def made(**keywords: Any) -> OAuth2Session:
            given = {"client_id": "partner_demo", "client_secret": "cs_demo_secret", "redirect_uri": CALLBACK}
            session = OAuth2Session(**{**given, "code_challenge_method": "S256", "scope": SCOPE, **keywords})
            session.trust_env = False
            return stack.enter_context(session)

        yield made


def discovered(url: str) -> dict[str, Any]:
    """What a client learns from the server's address alone."""
    with requests.Session() as anybody:
        anybody.trust_env = False
        document = anybody.get(f"{url}/.well-known/openid-configuration").json()
        return {**document, "keys": anybody.get(document["jwks_uri"]).json()}


def browse(start: str, email: str, decision: str = "allow") -> str:
    """Sign in and decide, as a browser without scripts does; returns where the browser is sent at last."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(start)
        assert page.status_code == 200, page.text
        page = browser.post(_form(page), data={"email": email})
        shown = re.search(r'id="mock-code">(\d{6})<', page.text)
        assert shown, page.text
        answer = browser.post(_form(page), data={"code": shown[1]}, allow_redirects=False)
        location = urljoin(answer.url, answer.headers["location"])
        if location.startswith(CALLBACK):
            return location
        page = browser.get(location)
        return browser.post(_form(page), data={"decision": decision}, allow_redirects=False).headers[
            "location"
        ]


def _form(page: requests.Response) -> str:
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found, page.text
    return urljoin(page.url, html.unescape(found[1]))


def verified(
    server: dict[str, Any], tokens: dict[str, Any], client_id: str, nonce: str | None
) -> dict[str, Any]:
    """The claims of an ID token, checked as OpenID Connect Core 3.1.3.7 and 3.1.3.8 demand."""
    algorithms = server["id_token_signing_alg_values_supported"]
    token = jwt.decode(tokens["id_token"], KeySet.import_key_set(server["keys"]), algorithms=algorithms)
    wanted: dict[str, Any] = {
        "iss": {"essential": True, "value": server["issuer"]},
        "aud": {"essential": True, "value": client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "auth_time": {"essential": True},
        "at_hash": {"essential": True},
    }
    if nonce is not None:
        wanted["nonce"] = {"essential": True, "value": nonce}
    jwt.JWTClaimsRegistry(**wanted).validate(token.claims)
    half = sha256(tokens["access_token"].encode()).digest()[:16]
    assert token.claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()
    return token.claims


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("email", ["ada@example.com", "new.person@example.org"], ids=["known", "new"])
def test_authlib_completes_the_flow_with_pkce_and_refreshes(
    serve: Serve, session_of: Any, method: str, email: str
) -> None:
    _, url = serve()
    server = discovered(url)
    assert method in server["token_endpoint_auth_methods_supported"]
    session = session_of(token_endpoint_auth_method=method)
    verifier, nonce = generate_token(64), generate_token(20)
    start, state = session.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    assert "code_challenge_method=S256" in start
    back = browse(start, email)
    tokens = session.fetch_token(
        server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    claims = verified(server, tokens, "partner_demo", nonce)
    assert claims["email"] == email
    told = session.get(server["userinfo_endpoint"]).json()
    assert (told["sub"], told["email"]) == (claims["sub"], email)
    assert session.get(f"{url}/v1/partner/user/meetings").status_code == 200

    renewed = dict(session.refresh_token(server["token_endpoint"]))
    assert renewed["access_token"] != tokens["access_token"]
    assert renewed["scope"] == SCOPE
    assert verified(server, renewed, "partner_demo", None)["sub"] == claims["sub"]
    assert session.get(server["userinfo_endpoint"]).json() == told


@pytest.mark.parametrize(
    ("method", "client_id", "secret"),
    [
        ("client_secret_basic", "partner_first", "cs_first"),
        ("client_secret_post", "partner_first", "cs_first"),
        ("client_secret_basic", "partner_second", quote_plus("cs second/é+%")),  # RFC 6749 2.3.1
        ("client_secret_post", "partner_second", "cs second/é+%"),
    ],
)
def test_authlib_completes_the_flow_as_each_app_without_a_page(
    serve: Serve, session_of: Any, method: str, client_id: str, secret: str
) -> None:
    _, url = serve(scenario=TWO_APPS, auto_approve="mary@example.com")
    server = discovered(url)
    session = session_of(client_id=client_id, client_secret=secret, token_endpoint_auth_method=method)
    verifier = generate_token(43)
    start, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.get(start, allow_redirects=False).headers["location"]
    tokens = session.fetch_token(
        server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    assert verified(server, tokens, client_id, None)["name"] == "Mary Somerville"
    assert session.refresh_token(server["token_endpoint"])["refresh_token"]


@pytest.mark.parametrize("method", METHODS)
def test_authlib_renews_an_expired_token_by_itself(serve: Serve, session_of: Any, method: str) -> None:
    contio, url = serve()
    server = discovered(url)
    old = contio.control.mock.create_token({"email": "ada@example.com", "scope": SCOPE})
    told: list[tuple[str, str]] = []
    session = session_of(
        token_endpoint=server["token_endpoint"],
        token_endpoint_auth_method=method,
        token={**old.model_dump(), "expires_at": 1},
        update_token=lambda token, refresh_token: told.append((token["access_token"], refresh_token)),
    )
    assert session.get(server["userinfo_endpoint"]).json()["email"] == "ada@example.com"
    assert told == [(session.token["access_token"], old.refresh_token)]
    assert session.token["access_token"] != old.access_token


@pytest.mark.parametrize("method", METHODS)
def test_authlib_introspects_and_revokes(serve: Serve, session_of: Any, method: str) -> None:
    contio, url = serve()
    server = discovered(url)
    tokens = contio.control.mock.create_token({"email": "ada@example.com"})
    session = session_of(token_endpoint_auth_method=method)

    def is_active(token: str | None) -> bool:
        return session.introspect_token(server["introspection_endpoint"], token=token).json()["active"]

    assert is_active(tokens.access_token)
    answer = session.revoke_token(
        server["revocation_endpoint"], token=tokens.refresh_token, token_type_hint="refresh_token"
    )
    assert answer.status_code == 200
    assert not is_active(tokens.refresh_token)
    assert not is_active(tokens.access_token)


@pytest.mark.parametrize("method", METHODS)
def test_authlib_gets_a_token_of_the_app_itself(serve: Serve, session_of: Any, method: str) -> None:
    _, url = serve()
    session = session_of(token_endpoint_auth_method=method, scope="profile")
    tokens = session.fetch_token(f"{url}/oauth2/token", grant_type="client_credentials")
    assert tokens["scope"] == "profile"
    assert "refresh_token" not in tokens


@pytest.mark.parametrize("method", METHODS)
def test_authlib_raises_what_the_server_says(serve: Serve, session_of: Any, method: str) -> None:
    _, url = serve()
    server = discovered(url)

    def error_of(session: OAuth2Session, **given: Any) -> str:
        with pytest.raises(OAuthError) as refused:
            session.fetch_token(server["token_endpoint"], **given)
        assert refused.value.description
        return str(refused.value.error)

    session = session_of(token_endpoint_auth_method=method)
    start, state = session.create_authorization_url(
        server["authorization_endpoint"], code_verifier=generate_token(64)
    )
    back = browse(start, "alan@example.com")
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert error_of(session, code=code, code_verifier=generate_token(64)) == "invalid_grant"
    assert error_of(session, code=code) == "invalid_grant"
    assert error_of(session, code="nonsense", code_verifier=generate_token(64)) == "invalid_grant"
    stranger = session_of(token_endpoint_auth_method=method, client_secret="wrong")
    assert error_of(stranger, code=code) == "invalid_client"
    assert error_of(session, refresh_token="x", grant_type="refresh_token") == "invalid_grant"
    assert state in back


def test_a_refusal_comes_back_with_the_state(serve: Serve, session_of: Any) -> None:
    _, url = serve()
    server = discovered(url)
    start, state = session_of().create_authorization_url(
        server["authorization_endpoint"], code_verifier=generate_token(64)
    )
    back = parse_qs(urlsplit(browse(start, "hedy@example.com", decision="deny")).query)
    assert (back["error"], back["state"]) == (["access_denied"], [state])
    assert "code" not in back
