"""The app's identity provider and its domains: configured, discovered, verified, lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from contio_mock import Contio, FakeContio
from contio_mock.client import Refused
from contio_mock.contract.idp import IdpConfigCreate, IdpConfigUpdate
from contio_mock.contract.simulate_idp import DomainNamed, DomainRecordPublish
from contio_mock.contract.wire import Request

OKTA = "https://acme.okta.test/.well-known/openid-configuration"


def wish(**given: Any) -> IdpConfigCreate:
    known = {"name": "Okta", "mode": "partner_managed", "discovery_url": OKTA}
    return IdpConfigCreate(**{**known, "idp_client_id": "0oa1", "idp_client_secret": "s3cret", **given})


@pytest.fixture
def admin(contio: FakeContio) -> Contio:
    return contio.admin()


def code(call: Any, *given: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        call(*given)
    return refused.value.status, refused.value.code


def verify(contio: FakeContio, domain: str) -> None:
    contio.admin().admin.idp.verify_domain(domain)
    contio.control.mock.simulate.domain_record(DomainRecordPublish(domain=domain))
    assert contio.admin().admin.idp.check_domain(domain).status == "verified"


def sent(contio: FakeContio) -> list[tuple[str, dict[str, Any]]]:
    return [(event.type, event.data) for event in contio.events]


# ---------------------------------------------------------------- the provider


def test_a_provider_is_set_read_changed_and_deleted(contio: FakeContio, admin: Contio) -> None:
    idp = admin.admin.idp
    assert code(idp.get) == (404, "not_found")
    made = idp.create(wish())
    assert (made.type, made.is_active, made.mode) == ("oidc", True, "partner_managed")
    assert made.scopes == ["openid", "email", "profile"]
    assert made.claim_mappings == {"email": "email", "name": "name"}
    assert made.partner_app_id == contio.sandbox.app.id
    assert made.created_at == made.updated_at == made.discovery_last_fetched_at == contio.clock.now
    assert idp.get() == made
    contio.clock.advance("1h")
    changed = idp.update(IdpConfigUpdate(is_active=False, name="Okta 2"))
    assert (changed.is_active, changed.name, changed.updated_at) == (False, "Okta 2", contio.clock.now)
    assert changed.discovery_last_fetched_at == made.created_at
    idp.delete()
    assert code(idp.get) == code(idp.delete) == code(idp.update, IdpConfigUpdate()) == (404, "not_found")


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:1"])
def test_the_mocks_own_provider_can_be_set_wherever_the_mock_is_reached(
    contio: FakeContio, host: str
) -> None:
    mine = contio.sandbox.app
    body = wish(discovery_url=f"http://{host}/_mock/idp/.well-known/openid-configuration")
    headers = {"host": host, "x-api-key": mine.api_key, "x-client-id": mine.client_id}
    headers["content-type"] = "application/json"
    answer = contio.handle(
        Request(
            "POST", "/v1/partner/admin/idp", "", headers, body.model_dump_json(exclude_none=True).encode()
        )
    )
    assert answer.status == 201
    assert json.loads(answer.body)["issuer"] == f"http://{host}/_mock/idp"


def test_there_is_one_provider_per_app(admin: Contio) -> None:
    admin.admin.idp.create(wish())
    assert code(admin.admin.idp.create, wish()) == (409, "idp_config_exists")


def test_the_secret_is_never_shown(contio: FakeContio, admin: Contio) -> None:
    admin.admin.idp.create(wish(idp_client_secret="hush-hush"))
    journal = [entry for entry in contio.requests if "idp" in entry.path]
    assert len(journal) == 1
    assert b"hush-hush" not in bytes(journal[0].answer_body)


def test_endpoints_of_a_provider_elsewhere_are_made_up(admin: Contio) -> None:
    made = admin.admin.idp.create(wish())
    assert made.issuer == "https://acme.okta.test"
    assert made.authorization_endpoint == "https://acme.okta.test/authorize"
    assert made.token_endpoint == "https://acme.okta.test/token"
    assert made.jwks_uri == "https://acme.okta.test/jwks"


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.google.com/.well-known/openid-configuration",
        "https://login.microsoftonline.com/consumers/v2.0/.well-known/openid-configuration",
        "https://accounts.zoho.com/.well-known/openid-configuration",
        "http://acme.okta.test/.well-known/openid-configuration",
        "https://acme.okta.test/.well-known/openid_configuration",
        "https://acme.okta.test/.well-known/openid-configuration?tenant=1",
        "ftp://acme.okta.test/.well-known/openid-configuration",
        "https:///.well-known/openid-configuration",
        "https://[::1/.well-known/openid-configuration",
        "https://acme.okta.test:99999/.well-known/openid-configuration",
        "not a url",
        "",
    ],
)
def test_a_url_that_is_no_partners_provider_is_refused(admin: Contio, url: str) -> None:
    assert code(admin.admin.idp.create, wish(discovery_url=url)) == (400, "invalid_idp")
    assert code(admin.admin.idp.get) == (404, "not_found")


def test_a_tenant_of_a_public_issuer_is_taken(admin: Contio) -> None:
    url = "https://login.microsoftonline.com/7e4a/v2.0/.well-known/openid-configuration"
    assert admin.admin.idp.create(wish(discovery_url=url)).issuer.endswith("/7e4a/v2.0")


@pytest.mark.parametrize(
    "given",
    [
        {"idp_client_id": "partner_demo"},
        {"idp_client_secret": "cs_demo_secret"},
        {"idp_client_id": " "},
        {"idp_client_secret": "\t"},
    ],
)
def test_contios_own_credentials_are_not_the_providers(admin: Contio, given: dict[str, str]) -> None:
    assert code(admin.admin.idp.create, wish(**given)) == (400, "invalid_idp_credentials")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "mode": "strict", "discovery_url": OKTA, "idp_client_id": "a", "idp_client_secret": "b"},
        {"name": "x", "mode": "lax", "discovery_url": OKTA, "idp_client_id": "a", "idp_client_secret": "b"},
        {"name": "x", "mode": "strict", "discovery_url": OKTA, "idp_client_id": "", "idp_client_secret": "b"},
        {"name": "x" * 256, "mode": "strict", "discovery_url": OKTA, "idp_client_id": "a"},
        {
            "name": "x",
            "mode": "partner_managed",
            "discovery_url": OKTA,
            "idp_client_id": "a",
            "idp_client_secret": "b",
            "scopes": ["openid", " "],
        },
    ],
)
def test_a_body_that_does_not_fit_is_refused(contio: FakeContio, raw_of: Any, body: dict[str, str]) -> None:
    raw = raw_of(contio)
    headers = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo", "authorization": ""}
    answer = raw("POST", "/v1/partner/admin/idp", body, headers=headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "invalid_request_body")


# ---------------------------------------------------------------- discovery on this machine


@contextmanager
def provider(document: Any, status: int = 200) -> Iterator[str]:
    """A server that answers its discovery URL; `ISSUER` in the document is its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = document if isinstance(document, str) else json.dumps(document)
            content = text.replace("ISSUER", issuer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer + "/.well-known/openid-configuration"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


GOOD = {
    "issuer": "ISSUER",
    "authorization_endpoint": "ISSUER/auth",
    "token_endpoint": "ISSUER/tokens",
    "jwks_uri": "ISSUER/keys",
    "userinfo_endpoint": "ISSUER/me",
}


def test_a_document_on_this_machine_is_read(admin: Contio) -> None:
    with provider(GOOD) as url:
        made = admin.admin.idp.create(wish(discovery_url=url))
    issuer = url.removesuffix("/.well-known/openid-configuration")
    assert (made.issuer, made.token_endpoint) == (issuer, issuer + "/tokens")
    assert (made.jwks_uri, made.userinfo_endpoint) == (issuer + "/keys", issuer + "/me")


def test_a_new_discovery_url_is_read_again(contio: FakeContio, admin: Contio) -> None:
    admin.admin.idp.create(wish())
    contio.clock.advance("1d")
    with provider(GOOD) as url:
        changed = admin.admin.idp.update(IdpConfigUpdate(discovery_url=url))
    assert changed.token_endpoint.endswith("/tokens")
    assert changed.discovery_last_fetched_at == contio.clock.now


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (GOOD, 404),
        (GOOD, 500),
        (GOOD, 302),
        ("<html>", 200),
        ("[]", 200),
        ({**GOOD, "issuer": "https://another.test"}, 200),
        ({**GOOD, "jwks_uri": None}, 200),
        ({**GOOD, "token_endpoint": "javascript:alert(1)"}, 200),
        ({}, 200),
    ],
)
def test_a_document_that_says_too_little_is_refused(admin: Contio, document: Any, status: int) -> None:
    with provider(document, status) as url:
        refused = code(admin.admin.idp.create, wish(discovery_url=url))
    assert refused == (400, "discovery_fetch_failed")
    assert code(admin.admin.idp.get) == (404, "not_found")


def test_a_provider_that_is_down_is_refused(admin: Contio) -> None:
    with provider(GOOD) as url:
        pass
    assert code(admin.admin.idp.create, wish(discovery_url=url)) == (400, "discovery_fetch_failed")


def test_fetching_can_be_forced_but_reaches_no_strangers() -> None:
    admin = FakeContio(profile={"idp_discovery": "always"}, check_answers=True).admin()
    assert code(admin.admin.idp.create, wish()) == (400, "discovery_fetch_failed")


def test_https_can_be_forced() -> None:
    admin = FakeContio(profile={"idp_https": "always"}, check_answers=True).admin()
    url = "http://127.0.0.1:9/.well-known/openid-configuration"
    assert code(admin.admin.idp.create, wish(discovery_url=url)) == (400, "invalid_idp")


def test_a_key_replays_an_answer_that_others_were_asked_for(contio: FakeContio, raw_of: Any) -> None:
    raw = raw_of(contio)
    headers = {"x-api-key": "ctio_demo_key", "x-client-id": "partner_demo", "idempotency-key": "k1"}
    with provider(GOOD) as url:
        body = {"name": "Okta", "mode": "partner_managed", "discovery_url": url}
        body |= {"idp_client_id": "a", "idp_client_secret": "b"}
        first = raw("POST", "/v1/partner/admin/idp", body, headers=headers)
    again = raw("POST", "/v1/partner/admin/idp", body, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert bytes(first.body) == bytes(again.body)
    assert again.header("idempotent-replayed") == "true"
    assert contio.requests[0].status == 201


def test_over_a_socket_a_document_is_read_as_well() -> None:
    contio = FakeContio(check_answers=True)
    with (
        provider(GOOD) as url,
        contio.serve() as live,
        Contio(base_url=live, api_key="ctio_demo_key", client_id="partner_demo") as admin,
    ):
        assert admin.admin.idp.create(wish(discovery_url=url)).token_endpoint.endswith("/tokens")
        nowhere = url.replace("/.well-known", "/nowhere/.well-known")
        refused = code(admin.admin.idp.update, IdpConfigUpdate(discovery_url=nowhere))
        assert refused == (400, "discovery_fetch_failed")


# ---------------------------------------------------------------- strict mode


def test_strict_needs_domains(admin: Contio) -> None:
    strict = wish(mode="strict")
    assert code(admin.admin.idp.create, strict) == (400, "strict_mode_requires_domains")
    admin.admin.idp.create(wish())
    refused = code(admin.admin.idp.update, IdpConfigUpdate(mode="strict"))
    assert refused == (400, "strict_mode_requires_domains")


def test_strict_takes_verified_domains_only(contio: FakeContio, admin: Contio) -> None:
    strict = wish(mode="strict", allowed_email_domains=["acme.com", "ACME.com."])
    assert code(admin.admin.idp.create, strict) == (400, "domain_not_verified")
    verify(contio, "acme.com")
    assert admin.admin.idp.create(strict).allowed_email_domains == ["acme.com"]
    sub = IdpConfigUpdate(allowed_email_domains=["acme.com", "eu.acme.com"])
    assert code(admin.admin.idp.update, sub) == (400, "domain_not_verified")


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("gmail.com", "domain_is_generic"),
        ("GMX.de", "domain_is_generic"),
        ("contio.ai", "domain_reserved"),
        ("app.contio.ai", "domain_reserved"),
        ("printer.local", "domain_reserved"),
        ("acme", "invalid_domain"),
        ("-acme.com", "invalid_domain"),
        ("acme..com", "invalid_domain"),
        ("ada@acme.com", "invalid_domain"),
        ("127.0.0.1", "invalid_domain"),
        ("", "invalid_domain"),
        ("a" * 64 + ".com", "invalid_domain"),
        ("a." * 130 + "com", "invalid_domain"),
        ("a\u3000b.com", "invalid_domain"),
    ],
)
def test_domains_that_nobody_can_claim(admin: Contio, domain: str, expected: str) -> None:
    asked = wish(allowed_email_domains=[domain])
    assert code(admin.admin.idp.create, asked) == (400, expected)
    if domain and "/" not in domain:
        assert code(admin.admin.idp.verify_domain, domain) == (400, expected)


def test_a_domain_of_a_partner_elsewhere_is_claimed(contio: FakeContio, admin: Contio) -> None:
    verify(contio, "acme.com")
    contio.control.mock.simulate.domain_claimed(DomainNamed(domain="acme.com"))
    strict = wish(mode="strict", allowed_email_domains=["acme.com"])
    assert code(admin.admin.idp.create, strict) == (409, "domain_already_claimed")


def test_older_releases_have_no_verification() -> None:
    contio = FakeContio(release="1.6", check_answers=True)
    strict = wish(mode="strict", allowed_email_domains=["acme.com"])
    assert contio.admin().admin.idp.create(strict).allowed_email_domains == ["acme.com"]
    assert code(contio.admin().admin.idp.verify_domain, "acme.com")[0] == 404


# ---------------------------------------------------------------- domains


def test_a_domain_is_verified_by_its_record(contio: FakeContio, admin: Contio) -> None:
    idp = admin.admin.idp
    assert code(idp.domain, "acme.com") == code(idp.check_domain, "acme.com") == (404, "not_found")
    begun = idp.verify_domain("Acme.COM")
    assert (begun.domain, begun.status, begun.verified_at) == ("acme.com", "pending", None)
    assert begun.dns_record_name == "_contio-challenge.acme.com"
    assert begun.dns_record_value.startswith("contio-domain-verify=")
    assert begun.expires_at is not None
    assert (begun.expires_at - contio.clock.now).days == 7
    assert idp.check_domain("acme.com") == idp.domain("acme.com") == begun
    contio.control.mock.simulate.domain_record(DomainRecordPublish(domain="acme.com", value="something else"))
    assert idp.check_domain("acme.com").status == "pending"
    contio.control.mock.simulate.domain_record(DomainRecordPublish(domain="acme.com"))
    assert idp.domain("acme.com").status == "pending", "reading asks no DNS"
    verified = idp.check_domain("ACME.com")
    assert (verified.status, verified.expires_at, verified.verified_at) == (
        "verified",
        None,
        contio.clock.now,
    )
    assert idp.check_domain("acme.com") == verified
    moment = contio.clock.now.isoformat().replace("+00:00", "Z")
    assert sent(contio) == [
        (
            "partner.idp.domain_verified",
            {"domain": "acme.com", "status": "verified", "verified_at": moment},
        )
    ]


def test_an_international_domain_is_punycode(admin: Contio) -> None:
    assert admin.admin.idp.verify_domain("Bücher.example.org").domain == "xn--bcher-kva.example.org"


def test_a_new_challenge_replaces_the_old(contio: FakeContio, admin: Contio) -> None:
    first, second = (admin.admin.idp.verify_domain("acme.com") for _ in range(2))
    assert first.dns_record_value != second.dns_record_value
    old = DomainRecordPublish(domain="acme.com", value=first.dns_record_value)
    contio.control.mock.simulate.domain_record(old)
    assert admin.admin.idp.check_domain("acme.com").status == "pending"


def test_a_challenge_expires_by_itself_and_the_app_is_told_once(contio: FakeContio, admin: Contio) -> None:
    admin.admin.idp.verify_domain("acme.com")
    contio.control.mock.simulate.domain_record(DomainRecordPublish(domain="acme.com"))
    ends = contio.clock.now + timedelta(days=7)
    contio.clock.advance("30d")
    assert [event.at for event in contio.events] == [ends]
    assert admin.admin.idp.domain("acme.com").status == "expired"
    assert admin.admin.idp.check_domain("acme.com").status == "expired"
    assert [(kind, data["status"]) for kind, data in sent(contio)] == [
        ("partner.idp.domain_verification_failed", "expired")
    ]
    assert admin.admin.idp.verify_domain("acme.com").status == "pending"


def test_a_challenge_that_was_begun_again_has_its_full_time(contio: FakeContio, admin: Contio) -> None:
    admin.admin.idp.verify_domain("acme.com")
    contio.clock.advance("6d")
    admin.admin.idp.verify_domain("acme.com")
    contio.clock.advance("2d")
    assert admin.admin.idp.domain("acme.com").status == "pending"
    contio.clock.advance("5d")
    assert admin.admin.idp.domain("acme.com").status == "expired"
    assert len(sent(contio)) == 1


def test_a_check_in_vain_can_be_a_failure() -> None:
    contio = FakeContio(profile={"domain_failure_event": "check"}, check_answers=True)
    contio.admin().admin.idp.verify_domain("acme.com")
    contio.admin().admin.idp.check_domain("acme.com")
    assert [(kind, data["status"]) for kind, data in sent(contio)] == [
        ("partner.idp.domain_verification_failed", "pending")
    ]


def test_a_failure_can_be_silent() -> None:
    contio = FakeContio(profile={"domain_failure_event": "never"}, check_answers=True)
    contio.admin().admin.idp.verify_domain("acme.com")
    contio.clock.advance("8d")
    assert contio.admin().admin.idp.check_domain("acme.com").status == "expired"
    assert sent(contio) == []


def test_so_many_domains_may_be_pending(contio: FakeContio, admin: Contio) -> None:
    for number in range(10):
        admin.admin.idp.verify_domain(f"acme-{number}.com")
    assert code(admin.admin.idp.verify_domain, "acme.com") == (429, "rate_limit_exceeded")
    assert admin.admin.idp.verify_domain("acme-0.com").status == "pending", "the same one again is no more"
    contio.clock.advance("7d")
    assert admin.admin.idp.verify_domain("acme.com").status == "pending", "those that ran out do not count"


@pytest.mark.parametrize(("option", "status"), [("keep", "verified"), ("restart", "pending")])
def test_a_verified_domain_challenged_again(option: str, status: str) -> None:
    contio = FakeContio(profile={"verified_domain_restart": option}, check_answers=True)
    verify(contio, "acme.com")
    assert contio.admin().admin.idp.verify_domain("acme.com").status == status


def test_a_revoked_domain_is_verified_no_longer(contio: FakeContio, admin: Contio) -> None:
    verify(contio, "acme.com")
    contio.control.mock.simulate.domain_revoked(DomainNamed(domain="acme.com"))
    assert admin.admin.idp.domain("acme.com").status == "expired"
    kind, data = sent(contio)[-1]
    assert (kind, data["domain"], data["status"]) == ("partner.idp.domain_revoked", "acme.com", "revoked")
    with pytest.raises(Refused, match="No app has verified"):
        contio.control.mock.simulate.domain_revoked(DomainNamed(domain="acme.com"))


def test_records_can_be_removed(contio: FakeContio, admin: Contio) -> None:
    admin.admin.idp.verify_domain("acme.com")
    simulate = contio.control.mock.simulate
    assert len(simulate.domain_record(DomainRecordPublish(domain="acme.com")).values) == 1
    assert simulate.domain_record(DomainRecordPublish(domain="acme.com", remove=True)).values == []
    assert admin.admin.idp.check_domain("acme.com").status == "pending"


def test_a_record_for_no_challenge_must_be_spelt_out(contio: FakeContio) -> None:
    with pytest.raises(Refused) as refused:
        contio.control.mock.simulate.domain_record(DomainRecordPublish(domain="acme.com"))
    assert (refused.value.status, refused.value.code) == (400, "no_challenge")


def test_the_app_is_told_and_no_user_is_named(contio: FakeContio) -> None:
    told: list[Any] = []
    live = FakeContio(webhook_url="http://localhost:1/hook", check_answers=True)
    live.receiver = lambda outgoing: told.append(json.loads(outgoing.body)) or 200
    verify(live, "acme.com")
    live.control.mock.settle()
    assert [body["event_type"] for body in told] == ["partner.idp.domain_verified"]
    assert "for_user" not in told[0]
    assert "actor_user_id" not in told[0]
