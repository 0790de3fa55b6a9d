"""Credentials of a partner app."""

from __future__ import annotations

import hmac
from math import ceil
from typing import Any

from contio_mock.contract.credentials import (
    TOO_MANY_ROTATIONS,
    CredentialAction,
    CredentialEvent,
    CredentialHistory,
    CredentialPagination,
    CredentialRollback,
    CredentialRotated,
    CredentialRotation,
    CredentialStatus,
    CredentialType,
    GetCredentialStatus,
    ListCredentialHistory,
    RollbackApiKey,
    RollbackClientSecret,
    RotateApiKey,
    RotateClientSecret,
    RotateWebhookSecret,
)
from contio_mock.contract.errors import BAD_REQUEST, RATE_LIMIT_EXCEEDED
from contio_mock.fake import paging
from contio_mock.fake.problem import ApiError
from contio_mock.fake.records import AppRecord
from contio_mock.fake.records.credentials import (
    CredentialPast,
    FormerCredential,
    Rollback,
    history_key,
)
from contio_mock.fake.rules import credentials as rules
from contio_mock.fake.sandbox import Context

PREFIXES: dict[CredentialType, str] = {
    "api_key": "ctio_",
    "client_secret": "cs_",
    "webhook_secret": "whs_",
}


@GetCredentialStatus.handler
def get_credential_status(ctx: Context, _: GetCredentialStatus) -> dict[str, CredentialStatus]:
    if ctx.profile.credential_reads_audited == "yes":
        for kind in PREFIXES:
            _note(ctx, kind, "viewed")
    return {kind: _status(ctx, ctx.app, kind) for kind in PREFIXES}


def _status(ctx: Context, app: AppRecord, kind: CredentialType) -> CredentialStatus:
    past = app.past(kind)
    created = past.created_at or app.created_at
    age = max(0, (ctx.now - created).days)
    formers = past.valid_formers(ctx.now)
    return CredentialStatus(
        credential_type=kind,
        status=rules.worded("pending_rotation" if formers else "active", ctx.profile),
        age_days=age,
        created_at=created,
        recommended_action=rules.worded(rules.recommendation(age, ctx.profile), ctx.profile),
        last_rotated_at=past.last_rotated_at,
        last_used_at=_last_used(ctx, app, kind),
        grace_period_ends_at=max((former.ends_at for former in formers), default=None),
    )


def _last_used(ctx: Context, app: AppRecord, kind: CredentialType) -> Any:
    if kind == "webhook_secret":
        return ctx.sandbox.outbox.last_signed.get(app.id)
    return ctx.sandbox.credential_uses.get((app.id, kind))


@RotateApiKey.handler
def rotate_api_key(ctx: Context, op: RotateApiKey) -> CredentialRotated:
    return _rotated(ctx, "api_key", op.body)


@RotateClientSecret.handler
def rotate_client_secret(ctx: Context, op: RotateClientSecret) -> CredentialRotated:
    return _rotated(ctx, "client_secret", op.body)


def _rotated(ctx: Context, kind: CredentialType, wish: CredentialRotation) -> CredentialRotated:
    """Replace a credential whose old value stays valid for a while."""
    app, past, now = ctx.app, ctx.app.past(kind), ctx.now
    grace = rules.grace(wish.grace_period_hours, ctx.profile)
    if grace is None:
        raise ApiError(BAD_REQUEST, f"grace_period_hours must be 0 to {rules.LONGEST_GRACE_HOURS}.")
    if past.valid_formers(now) and ctx.profile.rotation_while_pending == "reject":
        raise ApiError(BAD_REQUEST, "The grace period of the last rotation is not over.")
    _check_limit(ctx, kind, past)
    kept = past.valid_formers(now) if ctx.profile.rotation_while_pending == "keep" else ()
    rollback = Rollback(
        token=ctx.ids.opaque("rb_"),
        expires_at=now + rules.ROLLBACK_LIFE,
        value=app.present(kind),
        created_at=past.created_at,
        last_rotated_at=past.last_rotated_at,
    )
    changed = CredentialPast(
        created_at=now,
        last_rotated_at=now,
        former=(*kept, FormerCredential(value=app.present(kind), ends_at=now + grace)),
        rollback=rollback,
        rotations=(*rules.recent(past.rotations, now), now),
    )
    value = _put(ctx, kind, changed, ctx.ids.opaque(PREFIXES[kind]))
    hours = grace.total_seconds() // 3600
    _note(ctx, kind, "rotated", wish.reason, {"grace_period_hours": int(hours)})
    return CredentialRotated(
        credential_type=kind,
        new_credential=value,
        grace_period_ends_at=now + grace,
        rollback_token=rollback.token,
        rollback_expires_at=rollback.expires_at,
    )


@RotateWebhookSecret.handler
def rotate_webhook_secret(ctx: Context, op: RotateWebhookSecret) -> CredentialRotated:
    past = ctx.app.past("webhook_secret")
    _check_limit(ctx, "webhook_secret", past)
    changed = CredentialPast(
        created_at=ctx.now,
        last_rotated_at=ctx.now,
        replaced=ctx.app.webhook_secret,
        rotations=(*rules.recent(past.rotations, ctx.now), ctx.now),
    )
    value = _put(ctx, "webhook_secret", changed, ctx.ids.opaque(PREFIXES["webhook_secret"]))
    _note(ctx, "webhook_secret", "rotated", op.body.reason, {"grace_period_hours": 0})
    return CredentialRotated(credential_type="webhook_secret", new_credential=value)


def _check_limit(ctx: Context, kind: CredentialType, past: CredentialPast) -> None:
    free = rules.free_again(past.rotations, ctx.now, ctx.profile)
    if free is None:
        return
    limit = ctx.profile.credential_rotation_limit
    message = f"A credential may be rotated {limit} times within 24 hours; again from {free.isoformat()}."
    # The webhook secret's list of 400 codes does not have this one.
    if ctx.profile.credential_rotation_limit_status == "400" and kind != "webhook_secret":
        raise ApiError(TOO_MANY_ROTATIONS, message)
    seconds = ceil((free - ctx.now).total_seconds())
    raise ApiError(RATE_LIMIT_EXCEEDED, message, headers={"retry-after": str(seconds)})


@RollbackApiKey.handler
def rollback_api_key(ctx: Context, op: RollbackApiKey) -> None:
    _roll_back(ctx, "api_key", op.body)


@RollbackClientSecret.handler
def rollback_client_secret(ctx: Context, op: RollbackClientSecret) -> None:
    _roll_back(ctx, "client_secret", op.body)


def _roll_back(ctx: Context, kind: CredentialType, wish: CredentialRollback) -> None:
    """Bring back what the newest rotation replaced; its new value is invalid from now on."""
    past = ctx.app.past(kind)
    rollback = past.rollback
    if rollback is None or not hmac.compare_digest(rollback.token.encode(), wish.rollback_token.encode()):
        raise ApiError(BAD_REQUEST, "rollback_token: unknown, used, or of an earlier rotation.")
    if ctx.now >= rollback.expires_at:
        raise ApiError(BAD_REQUEST, "rollback_token: expired one hour after the rotation.")
    changed = CredentialPast(
        created_at=rollback.created_at,
        last_rotated_at=rollback.last_rotated_at,
        former=tuple(former for former in past.former if former.value != rollback.value),
        rotations=past.rotations,
    )
    _put(ctx, kind, changed, rollback.value)
    _note(ctx, kind, "rollback", wish.reason)


def _put(ctx: Context, kind: CredentialType, past: CredentialPast, value: str) -> str:
    pasts = {**ctx.app.pasts, kind: past}
    ctx.store.apps.replace(ctx.app, **{kind: value, "pasts": pasts})
    return value


def _note(
    ctx: Context,
    kind: CredentialType,
    action: CredentialAction,
    reason: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write an entry of the history."""
    ctx.store.credential_events.insert(
        CredentialEvent(
            id=ctx.ids.opaque("evt_", 24),
            partner_app_id=ctx.app.id,
            credential_type=kind,
            action=action,
            initiated_by="partner",
            created_at=ctx.now,
            user_agent=ctx.request.headers.get("user-agent"),
            ip_address=ctx.request.client,
            reason=reason,
            metadata=metadata or {},
        )
    )


@ListCredentialHistory.handler
def list_credential_history(ctx: Context, op: ListCredentialHistory) -> CredentialHistory:
    limit, offset = paging.window(ctx, op.limit, op.offset)
    key = history_key(ctx.app.id, op.credential_type, op.action)
    events, _ = ctx.store.credential_events.page("history", key, limit=limit, offset=offset)
    return CredentialHistory(
        events=events, pagination=CredentialPagination(count=len(events), limit=limit, offset=offset)
    )
