"""What happens outside Contio to domains."""

from __future__ import annotations

from contio_mock.contract.app_events import DomainRevoked
from contio_mock.contract.idp import INVALID_DOMAIN, DomainVerification
from contio_mock.contract.shared import trusted
from contio_mock.contract.simulate_idp import (
    DOMAIN_NOT_VERIFIED,
    NO_CHALLENGE,
    DomainRecords,
    MockClaimDomain,
    MockPublishDomainRecord,
    MockRevokeDomain,
)
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import ForeignClaim, TxtRecord
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
