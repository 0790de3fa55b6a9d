"""What a workspace's plan allows; every plan has what the ones before it have."""

from __future__ import annotations

from typing import get_args

from contio_mock.contract.errors import PLAN_REQUIRED
from contio_mock.contract.profile import PlanType
from contio_mock.fake.problem import ApiError
from contio_mock.fake.sandbox import Context

PLANS: tuple[PlanType, ...] = get_args(PlanType)
"""From the smallest to the largest."""


def has_plan(ctx: Context, required: PlanType) -> bool:
    """Whether the plan of the caller's workspace is that one or a larger."""
    return PLANS.index(_current(ctx)) >= PLANS.index(required)


def require_plan(ctx: Context, required: PlanType, feature: str) -> None:
    """Raise 402 unless the plan of the caller's workspace is that one or a larger."""
    current = _current(ctx)
    if not has_plan(ctx, required):
        raise ApiError(
            PLAN_REQUIRED,
            f"{feature} needs the plan {required}; the workspace has {current}.",
            feature=feature,
            current_plan=current,
            required_plan=required,
        )


def _current(ctx: Context) -> PlanType:
    workspace = ctx.store.workspaces.get(ctx.user.workspace_id)
    return workspace.plan if workspace else PLANS[0]
