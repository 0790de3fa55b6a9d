"""The yardstick: bare Starlette on uvicorn that answers the same bytes and does nothing else.

Run as a process by `servers.py` with a port and a file of the bodies to answer with.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

JSON_TYPE = "application/json"


def application(bodies: dict[str, bytes]) -> Starlette:
    """An app with one route for each measure."""
    page, profile, created = bodies["page"], bodies["profile"], bodies["created"]

    async def list_meetings(_: Request) -> Response:
        return Response(page, media_type=JSON_TYPE)

    async def get_profile(_: Request) -> Response:
        return Response(profile, media_type=JSON_TYPE)

    async def create_meeting(request: Request) -> Response:
        await request.json()
        return Response(created, 201, media_type=JSON_TYPE)

    return Starlette(
        routes=[
            Route("/v1/partner/user/meetings", list_meetings, methods=["GET"]),
            Route("/v1/partner/user/profile", get_profile, methods=["GET"]),
            Route("/v1/partner/user/meetings", create_meeting, methods=["POST"]),
            Route("/oauth2/token", issue_token, methods=["POST"]),
            Route("/_mock/health", health, methods=["GET"]),
        ]
    )


async def issue_token(request: Request) -> Response:
    """An opaque token; of the form only the scope counts."""
    form = await request.form()
    token = {
        "access_token": "cto_at_v1_" + secrets.token_urlsafe(32),
        "token_type": "Bearer",
        "expires_in": 86400,
        "scope": form.get("scope", ""),
    }
    return JSONResponse(token)


async def health(_: Request) -> Response:
    """The first answer after a cold start."""
    return Response(b'{"status":"ok"}', media_type=JSON_TYPE)


def main() -> None:
    """Serve on a port of this machine."""
    port, bodies = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
    uvicorn.run(
        application({name: text.encode() for name, text in bodies.items()}),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
