"""The profile of the token's user."""

from typing import Annotated, Literal

from contio_mock.contract.auth import user
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.release import R1_9, R1_10, since
from contio_mock.contract.resource import Resource, S_co, call
from contio_mock.contract.shared import Id, Model, Timestamp

PlanType = Literal["FREE", "PRO", "ELITE", "ENT"]
WorkspaceRole = Literal["WORKSPACE_OWNER", "WORKSPACE_ADMIN", "WORKSPACE_MEMBER"]


class UserProfile(Model):
    """Who the token's user is, and where they work."""

    id: Id
    display_name: str
    email: str
    created_at: Timestamp
    workspace_id: Id
    workspace_name: str
    workspace_role: WorkspaceRole
    plan_type: Annotated[PlanType | None, since(R1_9)] = None
    """The workspace's billing plan."""
    timezone: Annotated[str | None, since(R1_10)] = None
    """IANA time zone, when it is known."""


@endpoint("GET", "/v1/partner/user/profile", auth=user("profile"), tag="User Profile")
class GetProfile(Operation[UserProfile]):
    """Read the profile of the token's user."""


class Profile(Resource[S_co]):
    """The user's profile, as a client calls it."""

    get = call(GetProfile)
