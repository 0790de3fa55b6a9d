"""A single sign-on to try, and what happens outside Contio to domains."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import quote

from contio_mock.contract.app_events import DomainRevoked, DomainVerified
from contio_mock.contract.idp import INVALID_DOMAIN, STRICT_MODE_REQUIRES_DOMAINS, DomainVerification
from contio_mock.contract.release import R1_9
from contio_mock.contract.shared import trusted
from contio_mock.contract.simulate_idp import (
    DOMAIN_NOT_VERIFIED,
    NO_CHALLENGE,
    NO_SLUG,
    DomainRecords,
    MockClaimDomain,
    MockPublishDomainRecord,
    MockRevokeDomain,
    MockSetUpSso,
    SsoReady,
)
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.processes import built_in_idp
from contio_mock.fake.processes.discovery import DEFAULT_CLAIMS, DEFAULT_SCOPES
from contio_mock.fake.processes.domains import check_unclaimed, checked_domain
from contio_mock.fake.records import DomainRecord, ForeignClaim, IdpConfigRecord, TxtRecord
from contio_mock.fake.rules.domains import normalized
from contio_mock.fake.sandbox import Context


@MockPublishDomainRecord.handler
def mock_publish_domain_record(ctx: Context, op: MockPublishDomainRecord) -> DomainRecords:
    wish, domain = op.body, _named(op.body.domain)
    name = f"_contio-challenge.{domain}"
    if wish.remove:
        for record in ctx.store.txt_records.under("name", name):
            ctx.store.txt_records.remove(record)
    else:
        value = wish.value if wish.value is not None else _challenge(ctx, domain)
        ctx.store.txt_records.insert(trusted(TxtRecord, id=ctx.ids.uuid(), name=name, value=value))
    return _records(ctx, name)


def _named(given: str) -> str:
    domain = normalized(given)
    if domain is None:
        raise ApiError(INVALID_DOMAIN, f"{brief(given)} is not a domain name, such as acme.com.")
    return domain


def _challenge(ctx: Context, domain: str) -> str:
    """What the newest pending challenge of the domain asks for."""
    pending = [d for d in ctx.store.domains.under("domain", domain) if d.status == "pending"]
    if not pending:
        raise ApiError(NO_CHALLENGE)
    return pending[-1].dns_record_value


def _records(ctx: Context, name: str) -> DomainRecords:
    found = ctx.store.txt_records.under("name", name)
    return DomainRecords(name=name, values=[record.value for record in found])


@MockRevokeDomain.handler
def mock_revoke_domain(ctx: Context, op: MockRevokeDomain) -> DomainVerification:
    name = _named(op.body.domain)
    verified = [d for d in ctx.store.domains.under("domain", name) if d.status == "verified"]
    if not verified:
        raise ApiError(DOMAIN_NOT_VERIFIED)
    domain = ctx.store.domains.replace(verified[-1], status="expired", verified_at=None)
    event = trusted(DomainRevoked, domain=name, revoked_at=ctx.now, status="revoked")
    ctx.emit(event, app=ctx.store.apps.get(domain.app_id))
    return domain


@MockClaimDomain.handler
def mock_claim_domain(ctx: Context, op: MockClaimDomain) -> DomainRecords:
    domain = _named(op.body.domain)
    if not ctx.store.foreign_claims.count("domain", domain):
        ctx.store.foreign_claims.insert(trusted(ForeignClaim, id=ctx.ids.uuid(), domain=domain))
    return _records(ctx, f"_contio-challenge.{domain}")


# ---------------------------------------------------------------- a provider to try it with


@MockSetUpSso.handler
def mock_set_up_sso(ctx: Context, op: MockSetUpSso) -> SsoReady:
    wish = op.body
    app = ctx.store.apps.first("slug", wish.slug.lower()) if wish.slug is not None else ctx.sandbox.app
    if app is None or app.slug is None:
        raise ApiError(NO_SLUG)
    ctx.app = app  # whose administrator acts here
    domains = list(dict.fromkeys(checked_domain(ctx, name) for name in wish.domains or ()))
    if wish.mode == "strict" and not domains:
        raise ApiError(STRICT_MODE_REQUIRES_DOMAINS)
    for domain in domains:
        check_unclaimed(ctx, domain)
    if ctx.sandbox.release >= R1_9:
        for domain in domains:
            _verify(ctx, domain)
    idp = _use_built_in(ctx, mode=wish.mode, allowed_email_domains=domains or None)
    return SsoReady(
        landing_url=f"{ctx.base_url}/p/{quote(app.slug, safe='')}",
        slug=app.slug,
        mode=idp.mode,
        discovery_url=idp.discovery_url,
        idp_client_id=idp.idp_client_id,
        idp_client_secret=idp.idp_client_secret,
        domains=idp.allowed_email_domains,
    )


def _verify(ctx: Context, name: str) -> None:
    """What a challenge that is met leaves behind."""
    known = ctx.store.domains.last("app_domain", f"{ctx.app.id}/{name}")
    if known is not None and known.status == "verified":
        return
    verified = trusted(
        DomainRecord,
        id=known.id if known else ctx.ids.uuid(),
        app_id=ctx.app.id,
        domain=name,
        status="verified",
        dns_record_name=f"_contio-challenge.{name}",
        dns_record_value=f"contio-domain-verify={ctx.ids.opaque('', 32)}",
        verified_at=ctx.now,
        challenge_ends_at=ctx.now,
    )
    ctx.store.domains.put(verified) if known else ctx.store.domains.insert(verified)
    event = trusted(DomainVerified, domain=name, status="verified", verified_at=ctx.now)
    ctx.emit(event, app=ctx.app)


def _use_built_in(ctx: Context, **members: object) -> IdpConfigRecord:
    """Put the built-in provider in the place of any other that the app has."""
    known = ctx.store.idp_configs.last("app", ctx.app.id)
    made = trusted(
        IdpConfigRecord,
        id=known.id if known else ctx.ids.uuid(),
        partner_app_id=ctx.app.id,
        name="Built-in IdP",
        is_active=True,
        discovery_url=built_in_idp.discovery_url(ctx),
        idp_client_id=f"{ctx.app.slug}-sso",
        idp_client_secret=ctx.ids.opaque("idp_cs_", 32),
        scopes=DEFAULT_SCOPES,
        claim_mappings=DEFAULT_CLAIMS,
        created_at=known.created_at if known else ctx.now,
        updated_at=ctx.now,
        discovery_last_fetched_at=ctx.now,
        **members,
        **asdict(built_in_idp.provider(ctx)),
    )
    return ctx.store.idp_configs.put(made) if known else ctx.store.idp_configs.insert(made)
