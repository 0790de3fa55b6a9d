"""What Contio does to a partner app by itself."""

from __future__ import annotations

from contio_mock.contract.app import PartnerApp
from contio_mock.contract.simulate_apps import UNKNOWN_APP, MockSimulateAppStatus
from contio_mock.fake.problem import ApiError
from contio_mock.fake.processes import apps
from contio_mock.fake.sandbox import Context


@MockSimulateAppStatus.handler
def mock_simulate_app_status(ctx: Context, op: MockSimulateAppStatus) -> PartnerApp:
    app = ctx.sandbox.app
    if op.body.client_id is not None:
        named = ctx.store.apps.first("client_id", op.body.client_id)
        if named is None:
            raise ApiError(UNKNOWN_APP)
        app = named
    return apps.changed(ctx, app, status=op.body.status)
