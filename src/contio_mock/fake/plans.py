"""What a workspace's plan allows; every plan has what the ones before it have."""

from __future__ import annotations

from typing import get_args

from contio_mock.contract.errors import PLAN_REQUIRED
from contio_mock.contract.profile import PlanType
from contio_mock.fake.problem import ApiError
from contio_mock.fake.sandbox import Context

PLANS: tuple[PlanType, ...] = get_args(PlanType)
"""From the smallest to the largest."""


def require_plan(ctx: Context, required: PlanType, feature: str) -> None:
    """Raise 402 unless the plan of the caller's workspace is that one or a larger."""
    workspace = ctx.store.workspaces.get(ctx.user.workspace_id)
    current = workspace.plan if workspace else PLANS[0]
    if PLANS.index(current) < PLANS.index(required):
        raise ApiError(
            PLAN_REQUIRED,
            f"{feature} needs the plan {required}; the workspace has {current}.",
            feature=feature,
            current_plan=current,
            required_plan=required,
        )
