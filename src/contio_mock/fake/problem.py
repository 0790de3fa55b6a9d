"""The one exception of the fake, and how it becomes an answer."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.wire import Response


class ApiError(Exception):
    """A declared error, raised where a request cannot go on; nothing was changed."""

    def __init__(
        self,
        error: ErrorCode,
        message: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message or error.message)
        self.error = error
        self.message = message or error.message
        self.headers = headers or {}
        self.extra = extra
        """Further members of the body, such as the workspace a user already belongs to."""


LONGEST_QUOTE = 200


def brief(sent: str) -> str:
    """What somebody sent, quoted in a message; cut when it is long."""
    return repr(sent if len(sent) <= LONGEST_QUOTE else sent[:LONGEST_QUOTE] + "…")


def answer(problem: ApiError, request_id: str) -> Response:
    """The HTTP answer of an error."""
    error = problem.error
    body = error.shape.body(error.code, problem.message, request_id, problem.extra)
    headers = [("content-type", "application/json"), *problem.headers.items()]
    return Response(error.status, headers, to_json(body))
