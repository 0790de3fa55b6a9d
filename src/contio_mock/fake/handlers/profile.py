"""The user's profile."""

from __future__ import annotations

from contio_mock.contract.profile import GetProfile, UserProfile
from contio_mock.fake.records import UserRecord, WorkspaceRecord
from contio_mock.fake.sandbox import Context


@GetProfile.handler
def get_profile(ctx: Context, _: GetProfile) -> UserProfile:
    user = ctx.user
    workspace = ctx.store.workspaces.get(user.workspace_id)
    kept = ctx.sandbox.profiles.get(user.id)
    if kept is None or kept[0] is not user or kept[1] is not workspace:
        kept = ctx.sandbox.profiles[user.id] = (user, workspace, _shown(user, workspace))
    return kept[2]


def _shown(user: UserRecord, workspace: WorkspaceRecord | None) -> UserProfile:
    return UserProfile(
        id=user.id,
        display_name=user.display_name,
        email=user.email,
        created_at=user.created_at,
        workspace_id=user.workspace_id,
        workspace_name=workspace.name if workspace else "",
        workspace_role=user.workspace_role,
        plan_type=workspace.plan if workspace else None,
        timezone=user.timezone,
    )
