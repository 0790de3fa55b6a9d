"""Single sign-on: begun, carried through with every kind of provider, refused, expired, asked about."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest

from contio_mock import FakeContio
from contio_mock.client import Refused
from contio_mock.contract.control_idp import IdpSignIn
from contio_mock.contract.idp import IdpConfigCreate, IdpConfigUpdate
from contio_mock.contract.simulate_idp import DomainNamed, SsoReady, SsoSetUp
from contio_mock.contract.wire import Request
from contio_mock.fake.clock import real_now

from .open_id_provider import EC, OTHER, RSA, SECRET, OpenIdProvider, open_id_provider, public

INITIATE, CALLBACK = "/v1/partner/sso/initiate", "/v1/partner/sso/callback"
BASE = "http://contio.localhost"


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def get(contio: FakeContio, address: str) -> dict[str, str]:
    """The query of the address that an address redirects to."""
    parts = urlsplit(address)
    answer = contio.handle(Request("GET", parts.path, parts.query))
    location = answer.header("location")
    assert answer.status == 302, bytes(answer.body)
    assert location is not None
    assert location.isascii()
    assert location.isprintable()
    return query_of(location) | {"at": location.partition("?")[0]}


def set_up(contio: FakeContio, **wish: Any) -> SsoReady:
    return contio.control.mock.simulate.sso_ready(SsoSetUp(**wish))


def begin(contio: FakeContio, **query: Any) -> Any:
    return contio.control.sso.initiate(slug=query.pop("slug", "demo-integration"), **query)


def answered(contio: FakeContio, asked: Any, email: str | None = "ada@example.com", **said: Any) -> str:
    """Where the built-in provider sends the browser."""
    wish = query_of(asked.authorization_url)
    names = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
    body = {"email": email, **{name: wish[name] for name in names}, **said}
    return contio.control.mock.sign_in_at_idp(IdpSignIn(**body)).redirect_url


def status(contio: FakeContio, asked: Any) -> dict[str, Any]:
    answer = contio.handle(Request("GET", f"/v1/partner/sso/session/{asked.session_id}"))
    assert answer.status == 200
    return dict(json.loads(answer.body))


def code(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.status, refused.value.code


def user_id(contio: FakeContio, email: str) -> str:
    user = contio.sandbox.store.users.first("email", email)
    assert user is not None
    return user.id


# ---------------------------------------------------------------- info and initiate


def test_info_says_who_the_partner_is(contio: FakeContio) -> None:
    info = contio.control.sso.info("demo-integration")
    assert (info.name, info.has_idp_config, info.is_active) == ("Demo Integration", False, True)
    set_up(contio)
    assert contio.control.sso.info("demo-integration").has_idp_config
    assert code(lambda: contio.control.sso.info("nobody")) == (404, "not_found")


def test_initiate_names_the_provider_and_proves_itself_with_pkce(contio: FakeContio) -> None:
    ready = set_up(contio)
    asked = begin(contio, login_hint="grace@example.com")
    wish = query_of(asked.authorization_url)
    assert asked.authorization_url.startswith(f"{BASE}/_mock/idp/authorize?")
    session = contio.sandbox.store.sso_sessions.get(asked.session_id)
    assert session is not None
    digest = hashlib.sha256(session.code_verifier.encode()).digest()
    assert wish == {
        "response_type": "code",
        "client_id": ready.idp_client_id,
        "redirect_uri": BASE + CALLBACK,
        "scope": "openid email profile",
        "state": session.state,
        "nonce": session.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": "grace@example.com",
    }
    assert status(contio, asked) == {"status": "pending", "target": "web"}


@pytest.mark.parametrize(
    "target", ["web", "desktop", "backlog", "meeting:7d4c3e8a-1111-4222-8333-444455556666"]
)
def test_auto_sends_the_browser_on_and_every_target_comes_back(contio: FakeContio, target: str) -> None:
    set_up(contio)
    query = urlencode({"slug": "demo-integration", "auto": "true", "target": target})
    assert get(contio, f"{INITIATE}?{query}")["at"] == f"{BASE}/_mock/idp/authorize"
    asked = begin(contio, target=target)
    landed = get(contio, answered(contio, asked))
    assert landed == {
        "at": f"{BASE}/p/demo-integration",
        "sso": "completed",
        "target": target,
        "session_id": asked.session_id,
    }
    ada = user_id(contio, "ada@example.com")
    assert status(contio, asked) == {"status": "completed", "target": target, "user_id": ada}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (400, "bad_request")),
        ({"slug": "nobody"}, (404, "not_found")),
        ({"slug": "demo-integration", "target": "mobile"}, (400, "invalid_request")),
        ({"slug": "demo-integration", "target": "meeting:1"}, (400, "invalid_request")),
        ({"slug": "demo-integration", "target": "meeting:"}, (400, "invalid_request")),
        ({"slug": "demo-integration", "target": "https://evil.test"}, (400, "invalid_request")),
        ({"slug": "demo-integration", "target": ""}, (400, "invalid_request")),
        ({"slug": "demo-integration", "login_hint": "a\r\nb"}, (400, "bad_request")),
        ({"slug": "demo-integration", "auto": "maybe"}, (400, "bad_request")),
    ],
)
def test_what_cannot_begin_begins_nothing(
    contio: FakeContio, raw: Any, query: dict[str, str], expected: tuple[int, str]
) -> None:
    set_up(contio)
    assert raw.code("GET", INITIATE, query=urlencode(query), anonymous=True) == expected
    assert len(list(contio.sandbox.store.sso_sessions)) == 0


def test_without_an_active_provider_or_app_nobody_begins(contio: FakeContio) -> None:
    assert code(lambda: begin(contio)) == (404, "idp_not_configured")
    set_up(contio)
    contio.admin().admin.idp.update(IdpConfigUpdate(is_active=False))
    assert code(lambda: begin(contio)) == (404, "idp_not_configured")
    contio.admin().admin.idp.update(IdpConfigUpdate(is_active=True))
    contio.sandbox.store.apps.replace(contio.sandbox.app, status="suspended")
    assert code(lambda: begin(contio)) == (404, "not_found")
    assert contio.control.sso.info("demo-integration").is_active is False


@pytest.mark.parametrize("session_id", ["1", "sess_", "sess_" + "a" * 65, "sess_%00", "sess_a%0A"])
def test_a_malformed_session_id_is_refused(raw: Any, session_id: str) -> None:
    answer = raw("GET", f"/v1/partner/sso/session/{session_id}", anonymous=True)
    assert answer.status in (400, 404)


def test_an_unknown_session_is_not_found(contio: FakeContio) -> None:
    assert code(lambda: contio.control.sso.session("sess_unknown")) == (404, "not_found")


# ---------------------------------------------------------------- the built-in provider


def test_declining_fails_the_session(contio: FakeContio) -> None:
    set_up(contio)
    asked = begin(contio)
    back = answered(contio, asked, None, error="access_denied", error_description="No, thanks.")
    landed = get(contio, back)
    assert (landed["error"], landed["error_description"]) == ("access_denied", "No, thanks.")
    assert landed["session_id"] == asked.session_id
    assert status(contio, asked) == {"status": "failed", "target": "web", "error": "No, thanks."}


@pytest.mark.parametrize("email", ["alan@example.com", "nobody@example.org"])
def test_who_never_connected_cannot_sign_in(contio: FakeContio, email: str) -> None:
    set_up(contio)
    asked = begin(contio)
    users = len(list(contio.sandbox.store.users))
    assert get(contio, answered(contio, asked, email))["error"] == "user_not_connected"
    assert status(contio, asked)["status"] == "failed"
    assert len(list(contio.sandbox.store.users)) == users


def test_provisioning_makes_users_and_connections() -> None:
    contio = FakeContio(profile={"sso_provisioning": "provision"}, check_answers=True)
    set_up(contio)
    for email, name in (("alan@example.com", None), ("new@example.org", "New Body")):
        asked = begin(contio)
        assert get(contio, answered(contio, asked, email, name=name))["sso"] == "completed"
        assert status(contio, asked)["user_id"] == user_id(contio, email)
        connection = contio.sandbox.store.connection(contio.sandbox.app.id, user_id(contio, email))
        assert connection is not None
        assert (connection.status, connection.scopes) == ("active", ())
    new = contio.sandbox.store.users.first("email", "new@example.org")
    assert new is not None
    assert new.display_name == "New Body"


def test_an_address_that_is_not_verified_is_refused_unless_accepted(contio: FakeContio) -> None:
    for fake, expected in (
        (contio, "email_not_verified"),
        (FakeContio(profile={"sso_unverified_email": "accept"}), None),
    ):
        set_up(fake)
        landed = get(fake, answered(fake, begin(fake), email_verified=False))
        assert landed.get("error") == expected


def test_without_the_scope_email_there_is_nobody(contio: FakeContio) -> None:
    set_up(contio)
    contio.admin().admin.idp.update(IdpConfigUpdate(scopes=["openid"]))
    assert get(contio, answered(contio, begin(contio)))["error"] == "missing_email"
    contio.admin().admin.idp.update(IdpConfigUpdate(scopes=["email"]))
    landed = get(contio, answered(contio, begin(contio)))
    assert landed["error"] == "invalid_id_token"
    assert "openid" in landed["error_description"]


def test_an_answer_can_be_used_once(contio: FakeContio) -> None:
    set_up(contio)
    asked = begin(contio)
    back = answered(contio, asked)
    assert "sso" in get(contio, back)
    before = status(contio, asked)
    assert get(contio, back)["error"] == "session_used"
    assert status(contio, asked) == before


def test_a_code_belongs_to_the_sign_in_it_was_given_for(contio: FakeContio) -> None:
    set_up(contio)
    mine, other = begin(contio), begin(contio)
    stolen = query_of(answered(contio, other))["code"]
    state = query_of(mine.authorization_url)["state"]
    landed = get(contio, f"{CALLBACK}?{urlencode({'state': state, 'code': stolen})}")
    assert landed["error"] == "idp_error"
    assert status(contio, mine)["status"] == "failed"
    assert status(contio, other)["status"] == "pending"


@pytest.mark.parametrize(
    "query", [{}, {"code": "c"}, {"state": "unknown", "code": "c"}, {"state": "", "error": "access_denied"}]
)
def test_an_answer_that_nobody_waits_for_is_told_as_a_redirect(
    contio: FakeContio, query: dict[str, str]
) -> None:
    landed = get(contio, f"{CALLBACK}?{urlencode(query)}")
    assert (landed["error"], landed["at"]) == ("invalid_state", f"{BASE}/p/demo-integration")
    assert "session_id" not in landed


def test_an_answer_without_a_code_is_none(contio: FakeContio) -> None:
    set_up(contio)
    state = query_of(begin(contio).authorization_url)["state"]
    assert get(contio, f"{CALLBACK}?state={state}")["error"] == "invalid_request"


@pytest.mark.parametrize(
    "words", ["a\r\nLocation: https://evil.test", "\u202e\x00\x7f", "é" * 5000, "&sso=1#"]
)
def test_a_providers_words_stay_words(contio: FakeContio, words: str) -> None:
    set_up(contio)
    asked = begin(contio)
    state = query_of(asked.authorization_url)["state"]
    query = urlencode({"state": state, "error": words.replace("\x00", ""), "error_description": words[:9000]})
    answer = contio.handle(Request("GET", CALLBACK, query.replace("%00", "")))
    location = answer.header("location") or ""
    assert location.startswith(f"{BASE}/p/demo-integration?error=")
    assert location.isascii()
    assert location.isprintable()
    assert len(location) < 6000
    assert "sso" not in query_of(location)
    error = status(contio, asked)["error"]
    assert error.isprintable()
    assert len(error) <= 400


def test_a_session_expires_by_the_clock() -> None:
    contio = FakeContio(profile={"sso_session_minutes": 3}, check_answers=True)
    set_up(contio)
    asked, other = begin(contio), begin(contio)
    back = answered(contio, asked)
    contio.clock.advance("179s")
    assert status(contio, asked)["status"] == "pending"
    contio.clock.advance("1s")
    assert status(contio, asked) == {
        "status": "expired",
        "target": "web",
        "error": "The sign-in took too long.",
    }
    assert get(contio, back)["error"] == "session_expired"
    assert status(contio, asked)["status"] == status(contio, other)["status"] == "expired"


def test_codes_expire_and_are_no_access_tokens(contio: FakeContio, raw: Any) -> None:
    ready = set_up(contio)
    asked = begin(contio)
    session = contio.sandbox.store.sso_sessions.get(asked.session_id)
    assert session is not None

    def exchange(code: str, **changed: str) -> tuple[int, dict[str, Any]]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BASE + CALLBACK,
            "code_verifier": session.code_verifier,
            "client_id": ready.idp_client_id,
            "client_secret": ready.idp_client_secret,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({**form, **changed}).encode()
        answer = raw("POST", "/_mock/idp/token", body, headers=headers, anonymous=True)
        return answer.status, json.loads(answer.body)

    first = query_of(answered(contio, asked))["code"]
    for changed in ({"code_verifier": "x" * 43}, {"redirect_uri": BASE}):
        assert exchange(first, **changed)[1]["error"] == "invalid_grant"
    assert exchange(first, client_secret="wrong")[0] == 401
    assert exchange(first, grant_type="password")[1]["error"] == "invalid_request"
    access = exchange(first)[1]["access_token"]
    assert exchange(first)[1]["error"] == exchange(access)[1]["error"] == "invalid_grant"
    bearer = {"authorization": f"Bearer {access}"}
    assert json.loads(raw("GET", "/_mock/idp/userinfo", headers=bearer).body)["email"] == "ada@example.com"
    second = query_of(answered(contio, asked))["code"]
    contio.clock.advance("5m")
    assert exchange(second)[1]["error"] == "invalid_grant"
    contio.clock.advance("55m")
    for value in (f"Bearer {access}", f"Basic {access}", f"Bearer {second}", ""):
        assert raw("GET", "/_mock/idp/userinfo", headers={"authorization": value}).status == 401


@pytest.mark.parametrize(
    "uri", ["https://evil.test/cb", BASE + "/p/x", BASE + CALLBACK + "/../x", BASE + "@evil.test"]
)
def test_the_built_in_provider_redirects_to_the_callback_only(contio: FakeContio, uri: str) -> None:
    set_up(contio)
    asked = begin(contio)
    mock = contio.control.mock
    assert code(lambda: answered(contio, asked, redirect_uri=uri))[0] == 400
    assert code(lambda: answered(contio, asked, client_id="another")) == (401, "invalid_client")
    wish = query_of(asked.authorization_url)
    assert code(lambda: mock.idp_request(wish["client_id"], uri))[0] == 400
    assert mock.idp_request(wish["client_id"], wish["redirect_uri"]).app_name == "Demo Integration"
    with pytest.raises(Refused, match="S256"):
        mock.idp_request(wish["client_id"], wish["redirect_uri"], code_challenge_method="plain")


# ---------------------------------------------------------------- strict mode and setting up


def test_strict_lets_in_addresses_of_verified_domains_only(contio: FakeContio) -> None:
    ready = set_up(contio, mode="strict", domains=["EXAMPLE.com", "example.com"])
    assert (ready.mode, ready.domains) == ("strict", ["example.com"])
    assert contio.admin().admin.idp.domain("example.com").status == "verified"
    assert [event.type for event in contio.events] == ["partner.idp.domain_verified"]
    assert "sso" in get(contio, answered(contio, begin(contio), "Ada@Example.COM"))
    for email in ("linus@example.net", "ada@sub.example.com"):
        assert get(contio, answered(contio, begin(contio), email))["error"] == "domain_not_allowed"
    asked = begin(contio)
    back = answered(contio, asked)
    contio.control.mock.simulate.domain_revoked(DomainNamed(domain="example.com"))
    assert get(contio, back)["error"] == "domain_not_allowed"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"slug": "nobody"}, (404, "not_found")),
        ({"mode": "strict"}, (400, "strict_mode_requires_domains")),
        ({"mode": "strict", "domains": ["gmail.com"]}, (400, "domain_is_generic")),
        ({"mode": "strict", "domains": ["contio.ai"]}, (400, "domain_reserved")),
        ({"domains": ["acme.com", "nonsense"]}, (400, "invalid_domain")),
        ({"domains": ["fine.com", "claimed.com"]}, (409, "domain_already_claimed")),
    ],
)
def test_what_cannot_be_set_up_leaves_everything_as_it_was(
    contio: FakeContio, wish: dict[str, Any], expected: tuple[int, str]
) -> None:
    contio.control.mock.simulate.domain_claimed(DomainNamed(domain="claimed.com"))
    assert code(lambda: set_up(contio, **wish)) == expected
    assert not list(contio.sandbox.store.idp_configs)
    assert not list(contio.sandbox.store.domains)
    assert contio.events == []


def test_setting_up_again_replaces_the_provider(contio: FakeContio) -> None:
    set_up(contio, mode="strict", domains=["example.com"])
    first = contio.admin().admin.idp.get()
    contio.clock.advance("1h")
    set_up(contio)
    second = contio.admin().admin.idp.get()
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert (second.mode, second.allowed_email_domains) == ("partner_managed", None)
    assert len(contio.events) == 1


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9"])
def test_older_releases_sign_in_as_well(release: str) -> None:
    contio = FakeContio(release=release, check_answers=True)
    set_up(contio, mode="strict", domains=["example.com"])
    assert get(contio, answered(contio, begin(contio)))["sso"] == "completed"


def test_strict_about_documents_still_lets_providers_answer() -> None:
    contio = FakeContio(strict=True, check_answers=True)
    set_up(contio)
    back = answered(contio, begin(contio)) + "&session_state=abc"
    assert "iss=" in back
    assert get(contio, back)["sso"] == "completed"


# ---------------------------------------------------------------- what changes on the way


CHANGES: dict[str, tuple[Callable[[FakeContio], Any], str]] = {
    "disabled": (
        lambda c: c.admin().admin.idp.update(IdpConfigUpdate(is_active=False)),
        "idp_not_configured",
    ),
    "deleted": (lambda c: c.admin().admin.idp.delete(), "idp_not_configured"),
    "suspended": (
        lambda c: c.sandbox.store.apps.replace(c.sandbox.app, status="suspended"),
        "partner_not_active",
    ),
    "other client": (
        lambda c: c.admin().admin.idp.update(IdpConfigUpdate(idp_client_id="other")),
        "idp_not_configured",
    ),
    "reset": (lambda c: c.reset(), "session_used"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_question_and_answer_counts(
    contio: FakeContio, provider: OpenIdProvider, change: str
) -> None:
    happens, error = CHANGES[change]
    asked = external(contio, provider)
    provider.meanwhile = lambda: happens(contio)
    assert get(contio, came_back(asked, provider))["error"] == error


@pytest.mark.parametrize("change", ["disabled", "deleted", "suspended"])
def test_a_change_before_the_answer_counts(contio: FakeContio, provider: OpenIdProvider, change: str) -> None:
    happens, error = CHANGES[change]
    asked = external(contio, provider)
    happens(contio)
    assert get(contio, came_back(asked, provider))["error"] == error
    assert all(path != "/token" for path, _, _ in provider.asked)


def test_two_answers_at_once_complete_one_sign_in(contio: FakeContio, provider: OpenIdProvider) -> None:
    asked = external(contio, provider)
    inner: list[dict[str, str]] = []

    def again() -> None:
        provider.meanwhile = lambda: None
        inner.append(get(contio, came_back(asked, provider)))

    provider.meanwhile = again
    assert get(contio, came_back(asked, provider))["error"] == "session_used"
    assert inner[0]["sso"] == "completed"
    assert status(contio, asked)["status"] == "completed"


# ---------------------------------------------------------------- a provider elsewhere


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with open_id_provider() as provider:
        yield provider


def external(contio: FakeContio, provider: OpenIdProvider, **given: Any) -> Any:
    """A sign-in that has begun with that provider."""
    url = f"{provider.issuer}/.well-known/openid-configuration"
    known = {"name": "Acme", "mode": "partner_managed", "discovery_url": url, "idp_client_id": "contio"}
    contio.admin().admin.idp.create(IdpConfigCreate(**{**known, "idp_client_secret": "a:b %", **given}))
    asked = begin(contio)
    provider.nonce = query_of(asked.authorization_url)["nonce"]
    return asked


def came_back(asked: Any, provider: OpenIdProvider, **said: str) -> str:
    state = query_of(asked.authorization_url)["state"]
    return f"{CALLBACK}?{urlencode({'state': state, 'code': 'the code', **said})}"


def tried(contio: FakeContio, provider: OpenIdProvider, **said: str) -> str:
    """`completed`, or the error and its description."""
    asked = external(contio, provider)
    landed = get(contio, came_back(asked, provider, **said))
    assert status(contio, asked)["status"] == ("completed" if "sso" in landed else "failed")
    return landed.get("sso") or f"{landed['error']}: {landed['error_description']}"


@pytest.mark.parametrize(
    "methods", [["client_secret_basic", "client_secret_post"], ["client_secret_post"], []]
)
def test_the_code_is_exchanged_as_the_provider_likes_it(
    contio: FakeContio, provider: OpenIdProvider, methods: list[str]
) -> None:
    provider.methods = methods
    assert tried(contio, provider) == "completed"
    (sent,) = [(headers, form) for path, headers, form in provider.asked if path == "/token"]
    headers, form = sent
    assert (form["code"], form["redirect_uri"]) == ("the code", BASE + CALLBACK)
    if methods == ["client_secret_post"]:
        assert (form["client_id"], form["client_secret"]) == ("contio", "a:b %")
        assert "authorization" not in headers
    else:
        pair = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().split(":")
        assert [unquote(part) for part in pair] == ["contio", "a:b %"]
        assert "client_secret" not in form


@pytest.mark.parametrize(
    ("header", "key", "jwks"),
    [
        ({"alg": "RS256", "kid": "rsa"}, RSA, public(OTHER, RSA)),
        ({"alg": "RS256"}, RSA, public(RSA)),
        ({"alg": "RS256"}, RSA, public(OTHER, EC, RSA)),
        ({"alg": "ES256", "kid": "ec"}, EC, public(RSA, EC)),
        ({"alg": "RS256", "kid": "rsa"}, RSA, {"keys": [{"kty": "PQC"}, 7, {}, *public(RSA)["keys"]]}),
    ],
)
def test_keys_of_all_kinds_are_found(
    contio: FakeContio, provider: OpenIdProvider, header: dict[str, str], key: Any, jwks: Any
) -> None:
    provider.header, provider.key, provider.jwks = header, key, jwks
    assert tried(contio, provider) == "completed"


@pytest.mark.parametrize(
    ("header", "key", "jwks"),
    [
        ({"alg": "none"}, None, public(RSA)),
        ({"alg": "HS256", "kid": "rsa"}, SECRET, public(RSA)),
        ({"alg": "HS256", "kid": "oct"}, SECRET, {"keys": [SECRET.as_dict(kid="oct")]}),
        ({"alg": "RS256", "kid": "gone"}, RSA, public(RSA)),
        ({"alg": "RS256", "kid": "rsa"}, OTHER, public(RSA)),
        ({"alg": "RS256", "kid": "other"}, OTHER, public(RSA)),
        ({"alg": "RS256", "kid": "rsa"}, RSA, {"keys": []}),
        ({"alg": "RS256", "kid": "rsa"}, RSA, {}),
        ({"alg": "RS256", "kid": "rsa"}, RSA, {"keys": "RSA"}),
        ({"alg": "RS256", "kid": "rsa"}, RSA, {"keys": [{**public(RSA)["keys"][0], "use": "enc"}]}),
    ],
)
def test_a_signature_that_is_not_the_issuers_is_refused(
    contio: FakeContio, provider: OpenIdProvider, header: dict[str, str], key: Any, jwks: Any
) -> None:
    provider.header, provider.key, provider.jwks = header, key, jwks
    assert tried(contio, provider).startswith("invalid_id_token: The ID token cannot be believed: its ")


NOW = int(real_now().timestamp())


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.test"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "somebody"}, "another client"),
        ({"aud": ["somebody", "else"]}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": ["contio", "x"], "azp": "x"}, "given to another client"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "no subject"),
        ({"sub": ""}, "no subject"),
        ({"exp": NOW - 3600}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "expired"),
        ({"exp": float("nan")}, "expired"),
        ({"exp": True}, "expired"),
        ({"iat": NOW + 3600}, "not issued yet"),
        ({"iat": None}, "not issued yet"),
        ({"nbf": NOW + 3600}, "not valid yet"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    contio: FakeContio, provider: OpenIdProvider, claims: dict[str, Any], reason: str
) -> None:
    provider.claims = claims
    error = tried(contio, provider)
    assert error.startswith("invalid_id_token: ")
    assert reason in error


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["contio"]},
        {"aud": ["contio", "x"], "azp": "contio"},
        {"email_verified": True},
        {"email_verified": "true"},
        {"iat": NOW + 30},
        {"nbf": NOW - 5},
    ],
)
def test_a_token_that_is_fits(contio: FakeContio, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    assert tried(contio, provider) == "completed"


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"email": "nonsense"}, "missing_email"),
        ({"email": "\ud800@example.com"}, "missing_email"),
        ({"email": "a" * 10_000 + "@example.com"}, "missing_email"),
        ({"email_verified": False}, "email_not_verified"),
        ({"email_verified": "false"}, "email_not_verified"),
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(
    contio: FakeContio, provider: OpenIdProvider, claims: dict[str, Any], error: str
) -> None:
    provider.claims = claims
    assert tried(contio, provider).startswith(error)


def test_a_strange_name_is_made_fit(provider: OpenIdProvider) -> None:
    contio = FakeContio(profile={"sso_provisioning": "provision"}, check_answers=True)
    provider.claims = {"email": "new@example.org", "name": "A\ud800\x00\nB" + "c" * 9000}
    assert tried(contio, provider) == "completed"
    new = contio.sandbox.store.users.first("email", "new@example.org")
    assert new is not None
    assert new.display_name.startswith("A Bccc")
    assert len(new.display_name) == 255


@pytest.mark.parametrize("email", [None, 7])
def test_userinfo_is_asked_where_the_token_names_nobody(
    contio: FakeContio, provider: OpenIdProvider, email: Any
) -> None:
    provider.claims = {"email": email}
    provider.user_info = {"sub": "1", "email": "grace@example.com"}
    assert tried(contio, provider) == "completed"
    (headers,) = [headers for path, headers, _ in provider.asked if path == "/userinfo"]
    assert headers["authorization"] == "Bearer at"


@pytest.mark.parametrize("said", [{"email": "grace@example.com"}, {"sub": "2", "email": "grace@example.com"}])
def test_userinfo_of_somebody_else_is_refused(
    contio: FakeContio, provider: OpenIdProvider, said: dict[str, str]
) -> None:
    provider.claims, provider.user_info = {"email": None}, said
    assert tried(contio, provider).startswith("idp_error: ")


def test_claims_are_read_as_they_are_mapped(contio: FakeContio, provider: OpenIdProvider) -> None:
    provider.claims = {"email": "wrong@example.com", "upn": "grace@example.com"}
    asked = external(contio, provider, claim_mappings={"email": "upn"})
    assert get(contio, came_back(asked, provider))["sso"] == "completed"
    assert status(contio, asked)["user_id"] == user_id(contio, "grace@example.com")


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"),
        (400, b'{"error": "invalid_grant", "error_description": {"a": "\\r\\n"}}'),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (200, b'{"id_token": 7, "keys": {}, "sub": []}'),
        (200, b'{"id_token": "a.b.c"}'),
        (200, b'{"id_token": "' + b"[" * 50_000 + b'"}'),
    ],
)
def test_a_provider_that_talks_nonsense_fails_the_sign_in(
    contio: FakeContio, provider: OpenIdProvider, path: str, answer: tuple[int, bytes]
) -> None:
    provider.claims = {"email": None}
    provider.overrides[path] = lambda: answer
    assert tried(contio, provider).split(":")[0] in ("idp_error", "invalid_id_token")


def test_a_provider_that_is_gone_fails_the_sign_in(contio: FakeContio) -> None:
    with open_id_provider() as gone:
        asked = external(contio, gone)
    landed = get(contio, came_back(asked, gone))
    assert landed["error"] == "idp_unreachable"
    assert "token endpoint" in landed["error_description"]


def test_the_answer_of_another_issuer_is_refused(contio: FakeContio, provider: OpenIdProvider) -> None:
    assert tried(contio, provider, iss="https://evil.test").startswith("invalid_issuer")
    assert all(path != "/token" for path, _, _ in provider.asked)


def test_the_issuer_may_name_itself(contio: FakeContio, provider: OpenIdProvider) -> None:
    assert tried(contio, provider, iss=provider.issuer, session_state="x") == "completed"


def test_times_are_held_against_the_providers_clock_or_the_sandboxs(provider: OpenIdProvider) -> None:
    assert tried(FakeContio(check_answers=True), provider) == "completed"  # its clock stands in January
    strict = {"sso_token_clock": "sandbox"}
    assert "not issued yet" in tried(FakeContio(profile=strict, check_answers=True), provider)
    assert tried(FakeContio(profile=strict, now="real", check_answers=True), provider) == "completed"
    provider.dated = False
    assert "not issued yet" in tried(FakeContio(check_answers=True), provider)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://idp.test/a\r\nset-cookie: x=y",
        "https://idp.test/a b",
        "https://idp.test/a#fragment",
        "https://idp.test/é",
        "https://idp.test/" + "a" * 3000,
        "https://",
        "https://[::1/a",
        7,
    ],
)
def test_an_endpoint_that_no_browser_can_be_sent_to_is_refused(
    contio: FakeContio, provider: OpenIdProvider, endpoint: Any
) -> None:
    document = {**provider._document(), "authorization_endpoint": endpoint}
    provider.overrides["/.well-known/openid-configuration"] = lambda: (200, json.dumps(document).encode())
    assert code(lambda: external(contio, provider)) == (400, "discovery_fetch_failed")


def test_an_endpoint_may_have_a_query_of_its_own(contio: FakeContio, provider: OpenIdProvider) -> None:
    document = {**provider._document(), "authorization_endpoint": "https://idp.test/a?tenant=1"}
    provider.overrides["/.well-known/openid-configuration"] = lambda: (200, json.dumps(document).encode())
    asked = external(contio, provider)
    assert asked.authorization_url.startswith("https://idp.test/a?tenant=1&response_type=code&")


# ---------------------------------------------------------------- over a socket


def test_over_a_socket_a_large_answer_is_read_whole_and_too_large_a_one_refused(
    contio: FakeContio, provider: OpenIdProvider
) -> None:
    provider.jwks = {**public(RSA), "padding": "x" * 900_000}
    asked = external(contio, provider)
    with contio.serve() as url:
        assert browse(url, came_back(asked, provider))["sso"] == "completed"
        provider.jwks = {**public(RSA), "padding": "x" * 2_000_000}
        asked = begin(contio)
        landed = browse(url, came_back(asked, provider))
        assert landed["error"] == "idp_unreachable"
        assert "more than" in landed["error_description"]


def browse(url: str, address: str) -> dict[str, str]:
    import httpx2

    with httpx2.Client(trust_env=False) as client:
        answer = client.get(url + address)
    assert answer.status_code == 302
    return query_of(answer.headers["location"])


# ---------------------------------------------------------------- two apps


def test_two_apps_have_their_own_providers(contio: FakeContio, provider: OpenIdProvider) -> None:
    app = contio.sandbox.app
    other = app.model_copy(
        update={"id": app.id[:-1] + "f", "slug": "other-app", "client_id": "other", "api_key": "other_key"}
    )
    contio.sandbox.store.apps.insert(other)
    set_up(contio, slug="other-app")
    mine = external(contio, provider)
    theirs = begin(contio, slug="other-app")
    assert mine.authorization_url.startswith(provider.issuer)
    assert theirs.authorization_url.startswith(BASE)
    back = query_of(answered(contio, theirs))
    crossed = {"state": query_of(mine.authorization_url)["state"], "code": back["code"], "iss": back["iss"]}
    assert get(contio, f"{CALLBACK}?{urlencode(crossed)}")["error"] == "invalid_issuer"
    landed = get(contio, f"{CALLBACK}?{urlencode(back)}")
    assert landed["error"] == "user_not_connected", "a connection belongs to one app"
    assert landed["at"] == f"{BASE}/p/other-app"
