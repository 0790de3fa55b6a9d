"""An app in numbers."""

from __future__ import annotations

import asyncio

from contio_mock import AsyncContio, Contio, FakeContio
from contio_mock.contract.meetings import MeetingCreate


def test_an_app_is_counted_by_what_its_lists_report() -> None:
    contio = FakeContio(webhook_url="http://localhost:1/webhooks", check_answers=True)
    admin = contio.admin()
    before = admin.admin.stats.get()
    assert before.connections == admin.admin.connections.list().total > 0
    assert before.automations == admin.admin.automations.list().total
    assert before.webhook_deliveries == 0
    contio.client().user.meetings.create(MeetingCreate(title="M"))
    contio.client("new@example.org")
    after = admin.admin.stats.get()
    assert after.connections == after.active_connections == before.connections + 1
    assert after.webhook_deliveries == 1
    connection = admin.admin.connections.list(limit=1).items[0]
    admin.admin.connections.revoke(connection.id)
    assert admin.admin.stats.get().active_connections == before.active_connections


def test_the_numbers_can_be_awaited() -> None:
    contio = FakeContio(check_answers=True)
    keywords = {
        "base_url": contio.credentials.base_url,
        "client_id": "partner_demo",
        "api_key": "ctio_demo_key",
    }
    client = AsyncContio(**keywords, transport=contio._send_async)
    assert asyncio.run(_counted(client)) == Contio(**keywords, transport=contio._send).admin.stats.get()


async def _counted(client: AsyncContio) -> object:
    return await client.admin.stats.get()
