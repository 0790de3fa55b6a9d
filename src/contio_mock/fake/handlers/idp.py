"""The app's identity provider and its domains."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from contio_mock.contract.app_events import DomainVerified
from contio_mock.contract.errors import INVALID_REQUEST_BODY
from contio_mock.contract.idp import (
    DOMAIN_NOT_FOUND,
    IDP_CONFIG_EXISTS,
    IDP_NOT_FOUND,
    INVALID_DOMAIN,
    INVALID_IDP_CREDENTIALS,
    STRICT_MODE_REQUIRES_DOMAINS,
    TOO_MANY_PENDING,
    CheckIdpDomainVerification,
    CreateIdpConfig,
    DeleteIdpConfig,
    DomainVerification,
    GetIdpConfig,
    GetIdpDomainVerification,
    IdpConfig,
    InitiateIdpDomainVerification,
    ReplaceIdpConfig,
    UpdateIdpConfig,
)
from contio_mock.contract.release import R1_9
from contio_mock.contract.shared import trusted
from contio_mock.fake.inquiry import Asking
from contio_mock.fake.jobs import schedule
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes.discovery import (
    DEFAULT_CLAIMS,
    DEFAULT_SCOPES,
    Provider,
    check_discovery_url,
    discovered,
)
from contio_mock.fake.processes.domains import (
    check_claim,
    checked_domain,
    emit_failure,
    expire_challenge,
    found_domain,
)
from contio_mock.fake.records import DomainRecord, IdpConfigRecord, changes
from contio_mock.fake.sandbox import Context


@GetIdpConfig.handler
def get_idp_config(ctx: Context, _: GetIdpConfig) -> IdpConfig:
    return _config(ctx)


def _config(ctx: Context) -> IdpConfigRecord:
    found = ctx.store.idp_configs.last("app", ctx.app.id)
    if found is None:
        raise ApiError(IDP_NOT_FOUND)
    return found


@CreateIdpConfig.handler
def create_idp_config(ctx: Context, op: CreateIdpConfig) -> Asking:
    wish = op.body
    _refuse_second(ctx)
    members = _checked(ctx, {**changes(wish), "mode": wish.mode}, None)
    provider: Provider = yield from discovered(ctx, wish.discovery_url)
    _refuse_second(ctx)  # somebody may have been quicker
    _check_strict(ctx, members, None)
    defaults = {"scopes": DEFAULT_SCOPES, "claim_mappings": DEFAULT_CLAIMS, "is_active": True}
    return ctx.store.idp_configs.insert(
        trusted(
            IdpConfigRecord,
            id=ctx.ids.uuid(),
            partner_app_id=ctx.app.id,
            created_at=ctx.now,
            updated_at=ctx.now,
            discovery_last_fetched_at=ctx.now,
            **{**defaults, **members, **asdict(provider)},
        )
    )


def _refuse_second(ctx: Context) -> None:
    if ctx.store.idp_configs.count("app", ctx.app.id):
        raise ApiError(IDP_CONFIG_EXISTS)


@UpdateIdpConfig.handler
def update_idp_config(ctx: Context, op: UpdateIdpConfig) -> Asking:
    return _change(ctx, op)


@ReplaceIdpConfig.handler
def replace_idp_config(ctx: Context, op: ReplaceIdpConfig) -> Asking:
    return _change(ctx, op)


def _change(ctx: Context, op: UpdateIdpConfig | ReplaceIdpConfig) -> Asking:
    members = _checked(ctx, changes(op.body), _config(ctx))
    if "discovery_url" in members:
        provider: Provider = yield from discovered(ctx, members["discovery_url"])
        _check_strict(ctx, members, _config(ctx))
        members |= {**asdict(provider), "discovery_last_fetched_at": ctx.now}
    return ctx.store.idp_configs.replace(_config(ctx), **members, updated_at=ctx.now)


def _checked(ctx: Context, given: dict[str, Any], current: IdpConfigRecord | None) -> dict[str, Any]:
    """The members of a configuration, its domains normalized; raises ApiError."""
    _check_credentials(ctx, given)
    if "discovery_url" in given:
        check_discovery_url(ctx, given["discovery_url"])
    domains = given.get("allowed_email_domains")
    if domains is not None:
        malformed = INVALID_DOMAIN if ctx.sandbox.release >= R1_9 else INVALID_REQUEST_BODY
        named = [checked_domain(ctx, domain, malformed) for domain in domains]
        given = {**given, "allowed_email_domains": list(dict.fromkeys(named))}
    _check_strict(ctx, given, current)
    return given


def _check_credentials(ctx: Context, given: dict[str, Any]) -> None:
    for name in ("idp_client_id", "idp_client_secret"):
        value = given.get(name)
        if value is not None and (not value.strip() or value in (ctx.app.client_id, ctx.app.client_secret)):
            raise ApiError(INVALID_IDP_CREDENTIALS)


def _check_strict(ctx: Context, given: dict[str, Any], current: IdpConfigRecord | None) -> None:
    """In the mode strict there are domains, and each is the app's."""
    mode = given.get("mode", current.mode if current else None)
    domains = given.get("allowed_email_domains", current.allowed_email_domains if current else None)
    if mode != "strict":
        return
    if not domains:
        raise ApiError(STRICT_MODE_REQUIRES_DOMAINS)
    if "mode" in given or "allowed_email_domains" in given:
        for domain in domains:
            check_claim(ctx, domain)


@DeleteIdpConfig.handler
def delete_idp_config(ctx: Context, _: DeleteIdpConfig) -> None:
    ctx.store.idp_configs.remove(_config(ctx))


# ---------------------------------------------------------------- domains


@GetIdpDomainVerification.handler
def get_idp_domain_verification(ctx: Context, op: GetIdpDomainVerification) -> DomainVerification:
    return _domain(ctx, checked_domain(ctx, op.domain))


def _domain(ctx: Context, domain: str) -> DomainRecord:
    found = found_domain(ctx, domain)
    if found is None:
        raise ApiError(DOMAIN_NOT_FOUND, f"No verification of {domain} was begun.")
    return found


@InitiateIdpDomainVerification.handler
def initiate_idp_domain_verification(ctx: Context, op: InitiateIdpDomainVerification) -> DomainVerification:
    name = checked_domain(ctx, op.domain)
    known = ctx.store.domains.last("app_domain", f"{ctx.app.id}/{name}")
    if known is not None and known.status == "verified" and ctx.profile.verified_domain_restart == "keep":
        return known
    pending = ctx.store.domains.count("app_status", f"{ctx.app.id}/pending")
    if (known is None or known.status != "pending") and pending >= ctx.profile.pending_domain_limit:
        raise ApiError(TOO_MANY_PENDING)
    ends = ctx.now + timedelta(hours=ctx.profile.domain_challenge_hours)
    begun = trusted(
        DomainRecord,
        id=known.id if known else ctx.ids.uuid(),
        app_id=ctx.app.id,
        domain=name,
        status="pending",
        dns_record_name=f"_contio-challenge.{name}",
        dns_record_value=f"contio-domain-verify={ctx.ids.opaque('', 32)}",
        expires_at=ends,
        challenge_ends_at=ends,
    )
    schedule(ctx, ends, expire_challenge, begun.id)
    return ctx.store.domains.put(begun) if known else ctx.store.domains.insert(begun)


@CheckIdpDomainVerification.handler
def check_idp_domain_verification(ctx: Context, op: CheckIdpDomainVerification) -> DomainVerification:
    domain = _domain(ctx, checked_domain(ctx, op.domain))
    if domain.status != "pending":
        return domain
    records = ctx.store.txt_records.under("name", domain.dns_record_name)
    if domain.dns_record_value not in [record.value for record in records]:
        if ctx.profile.domain_failure_event == "check":
            emit_failure(ctx, domain, "The DNS has no such TXT record.")
        return domain
    domain = ctx.store.domains.replace(domain, status="verified", verified_at=ctx.now, expires_at=None)
    verified = trusted(DomainVerified, domain=domain.domain, status="verified", verified_at=ctx.now)
    ctx.emit(verified, app=ctx.app)
    return domain
