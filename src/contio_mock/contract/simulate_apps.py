"""What Contio does to a partner app by itself, made to happen now."""

from contio_mock.contract.app import AppStatus, PartnerApp
from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.shared import Input

TAG = "Control"

UNKNOWN_APP = ErrorCode(400, "unknown_app", "No partner app of this sandbox has that client id.")


class AppStatusSimulation(Input):
    """Which status Contio gives to an app."""

    status: AppStatus
    client_id: str | None = None
    """The sandbox's first app unless said."""


@endpoint("POST", "/_mock/simulate/app-status", auth=PUBLIC, raises=(UNKNOWN_APP,), tag=TAG)
class MockSimulateAppStatus(Operation[PartnerApp]):
    """Let Contio suspend an app, or bring it back, also when the app itself may call nothing."""

    body: AppStatusSimulation
