"""A partner's FastAPI app: dependencies, a lifespan, background tasks, an answer to wrong signatures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from contio_mock import Webhook, parse_webhook
from contio_mock.client import SIGNATURE_HEADER, BadSignature

SECRET = "whs_demo_secret"

announced: list[str] = []
"""The titles of the meetings that were announced."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.loop, app.state.rows = asyncio.get_running_loop(), []
    yield
    del app.state.rows


app = FastAPI(lifespan=lifespan)


@app.exception_handler(BadSignature)
async def refused(request: Request, error: BadSignature) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 401)


async def verified(request: Request) -> Webhook[Any]:
    return parse_webhook(await request.body(), request.headers.get(SIGNATURE_HEADER), SECRET)


Verified = Annotated[Any, Depends(verified)]


@app.post("/webhooks", status_code=202)
async def webhooks(request: Request, webhook: Verified, background: BackgroundTasks) -> dict[str, int]:
    assert request.app.state.loop is asyncio.get_running_loop()
    request.app.state.rows.append(webhook.data.title)
    background.add_task(announced.append, f"{webhook.data.title} is row {len(request.app.state.rows)}")
    return {"rows": len(request.app.state.rows)}


@app.post("/plain")
def plain(webhook: Verified) -> None:
    announced.append(webhook.data.title)


@app.post("/parsed")
async def parsed(signature: str) -> None:
    """Takes what a webhook does not have."""
