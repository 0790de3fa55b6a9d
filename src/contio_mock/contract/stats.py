"""An app in numbers: what its list operations report, counted in one call."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from contio_mock.contract.admin_templates import ListTemplates
from contio_mock.contract.automations import ListAutomations
from contio_mock.contract.connections import ListConnections
from contio_mock.contract.operation import Operation
from contio_mock.contract.resource import Resource, S_co, several
from contio_mock.contract.shared import Model
from contio_mock.contract.toolkit_management import AdminListToolkits
from contio_mock.contract.webhooks import ListWebhookDeliveries
from contio_mock.contract.workflows import ListWorkflowTemplates


class AppStats(Model):
    """How much an app has of everything that it can list (releases 1.9 and later)."""

    connections: int
    active_connections: int
    automations: int
    templates: int
    toolkits: int
    workflow_templates: int
    webhook_deliveries: int
    failed_webhook_deliveries: int
    """Those that are to be tried again."""
    abandoned_webhook_deliveries: int


def _counted() -> Generator[Operation[Any], Any, AppStats]:
    totals = {}
    for name, operation in (
        ("connections", ListConnections(limit=1)),
        ("active_connections", ListConnections(limit=1, status="active")),
        ("automations", ListAutomations(limit=1)),
        ("templates", ListTemplates(limit=1)),
        ("toolkits", AdminListToolkits(limit=1)),
        ("workflow_templates", ListWorkflowTemplates(limit=1)),
        ("webhook_deliveries", ListWebhookDeliveries(limit=1)),
        ("failed_webhook_deliveries", ListWebhookDeliveries(limit=1, status="failed")),
        ("abandoned_webhook_deliveries", ListWebhookDeliveries(limit=1, status="abandoned")),
    ):
        listed = yield operation
        totals[name] = listed.total
    return AppStats(**totals)


class Stats(Resource[S_co]):
    """The numbers of an app, as a client asks for them."""

    get = several(_counted)
    """Count everything: nine requests, each for one item and the total.

    No published operation does this; the official SDK's README names such a method and has none.
    """
