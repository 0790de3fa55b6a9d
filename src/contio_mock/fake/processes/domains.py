"""Domains of partner apps: looked up, claimed, and given up when their challenge has run out."""

from __future__ import annotations

from contio_mock.contract.app_events import DomainVerificationFailed
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.idp import (
    DOMAIN_ALREADY_CLAIMED,
    DOMAIN_IS_GENERIC,
    DOMAIN_NOT_VERIFIED,
    DOMAIN_RESERVED,
    INVALID_DOMAIN,
)
from contio_mock.contract.release import R1_9
from contio_mock.contract.shared import trusted
from contio_mock.fake.jobs import job
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import DomainRecord
from contio_mock.fake.rules import domains as rules
from contio_mock.fake.sandbox import Context


def checked_domain(ctx: Context, given: str, malformed: ErrorCode = INVALID_DOMAIN) -> str:
    """A domain that an organization can have, normalized; raises ApiError."""
    domain = rules.normalized(given)
    if domain is None:
        raise ApiError(malformed, f"{brief(given)} is not a domain name, such as acme.com.")
    if ctx.sandbox.release >= R1_9 and rules.is_reserved(domain):
        raise ApiError(DOMAIN_RESERVED, f"{domain} cannot be anybody's.")
    if rules.is_generic(domain):
        raise ApiError(DOMAIN_IS_GENERIC, f"Anybody can have an address in {domain}.")
    return domain


def found_domain(ctx: Context, domain: str) -> DomainRecord | None:
    """The app's verification of a normalized domain."""
    return ctx.store.domains.last("app_domain", f"{ctx.app.id}/{domain}")


@job(emits=(DomainVerificationFailed,))
def expire_challenge(ctx: Context, domain_id: str) -> None:
    """End the challenge of a domain that has run out; not another one that was begun since."""
    domain = ctx.store.domains.get(domain_id)
    if domain is None or domain.status != "pending" or domain.challenge_ends_at > ctx.now:
        return
    domain = ctx.store.domains.replace(domain, status="expired")
    if ctx.profile.domain_failure_event == "expiry":
        emit_failure(ctx, domain, "The challenge was not met in time.")


def emit_failure(ctx: Context, domain: DomainRecord, reason: str) -> None:
    """Tell the app that a domain could not be verified."""
    event = trusted(
        DomainVerificationFailed,
        domain=domain.domain,
        failed_at=ctx.now,
        reason=reason,
        status=domain.status,
    )
    ctx.emit(event, app=ctx.store.apps.get(domain.app_id))


def check_claim(ctx: Context, domain: str) -> None:
    """Raise ApiError unless the app may use a domain for a strict sign-in."""
    check_unclaimed(ctx, domain)
    if ctx.sandbox.release < R1_9:
        return  # nothing to verify a domain with
    mine = ctx.store.domains.last("app_domain", f"{ctx.app.id}/{domain}")
    if mine is None or mine.status != "verified":
        raise ApiError(
            DOMAIN_NOT_VERIFIED, f"Show first that {domain} is yours: POST …/idp/domains/{domain}/verify."
        )


def check_unclaimed(ctx: Context, domain: str) -> None:
    """Raise ApiError if another partner uses a domain."""
    others = [
        idp for idp in ctx.store.idp_configs.under("domain", domain) if idp.partner_app_id != ctx.app.id
    ]
    if others or ctx.store.foreign_claims.count("domain", domain):
        raise ApiError(DOMAIN_ALREADY_CLAIMED, f"Another partner uses {domain}.")
