"""Workspaces as the control plane names them: by id or by name."""

from __future__ import annotations

from contio_mock.contract.simulate_meetings import UNKNOWN_WORKSPACE
from contio_mock.fake.problem import ApiError, brief
from contio_mock.fake.records import WorkspaceRecord
from contio_mock.fake.sandbox import Context


def named(ctx: Context, name: str) -> WorkspaceRecord:
    """The workspace of that id or name; raises ApiError when there is none or more than one."""
    found = ctx.store.workspaces.get(name.lower())
    if found is not None:
        return found
    of_that_name = [workspace for workspace in ctx.store.workspaces if workspace.name == name]
    if not of_that_name:
        raise ApiError(UNKNOWN_WORKSPACE, f"There is no workspace {brief(name)}.")
    if len(of_that_name) > 1:
        raise ApiError(
            UNKNOWN_WORKSPACE, f"{len(of_that_name)} workspaces are called {brief(name)}; say the id."
        )
    return of_that_name[0]
