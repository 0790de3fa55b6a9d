"""uvicorn's HTTP protocol with one addition: the app can reach the connection it answers on.

A fault that drops a connection or cuts a body short needs the transport, which ASGI hides.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "contio_mock.transport"


class ReachableProtocol(HttpToolsProtocol):
    """Puts the transport into the scope's extensions."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        extensions: dict[str, Any] = self.scope.setdefault("extensions", {})
        extensions[EXTENSION] = self.transport


async def abort(scope: Any) -> bool:
    """Cut the connection of a request; False when the server does not show it."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
    if transport is None:
        return False
    await asyncio.sleep(0)  # let the loop write what was sent before
    transport.abort()
    await asyncio.sleep(0)  # let the server notice before the app returns
    return True
