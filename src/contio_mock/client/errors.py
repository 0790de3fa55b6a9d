"""What can go wrong when a request is sent.

ContioError
├── NoAnswer             the request got no answer: .request
│   └── TimedOut
├── Refused              an answer that is no success: .status .code .request_id .response
│   ├── BadRequest 400   ├── Unauthorized 401   ├── PlanRequired 402   ├── Forbidden 403
│   ├── NotFound 404     ├── Conflict 409       ├── TooLarge 413       ├── Unprocessable 422
│   └── RateLimited 429  └── ServerFailed 5xx
├── Unreadable           a success that does not fit the operation's result: .problem
├── NotConfigured        the client was not given what the call needs
└── WebhookRefused       a webhook that is not handled
    ├── BadSignature         not signed with the secret: perhaps not from Contio
    ├── UnreadableWebhook    signed, and not what the contract declares
    └── WebhookInProgress    its first copy is being handled at this moment
"""

from __future__ import annotations

import json
from typing import Any

from contio_mock.contract.operation import Operation
from contio_mock.contract.wire import Request, Response


class ContioError(Exception):
    """Anything that this client raises on purpose."""


class NotConfigured(ContioError):  # noqa: N818 - the tree reads as sentences
    """The call needs a credential that the client was not given."""


class NoAnswer(ContioError):  # noqa: N818
    """The request got no answer."""

    def __init__(self, request: Request, reason: str) -> None:
        super().__init__(f"{request.method} {request.path}: {reason}")
        self.request = request


class TimedOut(NoAnswer):
    """The answer took too long."""


class Refused(ContioError):  # noqa: N818
    """The server answered with an error."""

    def __init__(self, operation: Operation[Any], response: Response) -> None:
        self.operation = operation
        self.response = response
        self.status = response.status
        self.body = _json(response)
        self.code = str(self.body.get("code") or self.body.get("error") or "unknown_error")
        said = self.body.get("message") or self.body.get("error_description") or self.body.get("error")
        self.message = str(said or "the answer says no more")
        self.request_id = self.body.get("request_id") or response.header("x-request-id")
        name = operation.operation_id()
        super().__init__(f"{name} [{self.request_id}]: {self.status} {self.code}: {self.message}")

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait, when the server said so."""
        value = self.response.header("retry-after")
        return int(value) if value is not None and value.isdecimal() else None


class BadRequest(Refused):
    """400."""


class Unauthorized(Refused):
    """401."""


class PlanRequired(Refused):
    """402: the workspace's plan does not include this."""


class Forbidden(Refused):
    """403."""


class NotFound(Refused):
    """404."""


class Conflict(Refused):
    """409."""


class TooLarge(Refused):
    """413."""


class Unprocessable(Refused):
    """422."""


class RateLimited(Refused):
    """429."""


class ServerFailed(Refused):
    """5xx."""


class Unreadable(ContioError):  # noqa: N818
    """A success whose body is not what the contract declares."""

    def __init__(self, operation: Operation[Any], response: Response, problem: Exception) -> None:
        name = operation.operation_id()
        super().__init__(f"{name} answered {response.status} with what the contract refuses: {problem}")
        self.operation = operation
        self.response = response
        self.problem = problem


class WebhookRefused(ContioError):  # noqa: N818
    """A webhook that is not handled."""


class BadSignature(WebhookRefused):
    """The signature is missing, misshapen or another's; the message says which."""


class UnreadableWebhook(WebhookRefused):
    """The signature is right, and the body is not what the contract declares."""


class WebhookInProgress(WebhookRefused):
    """Another copy of the same event is being handled at this moment; its outcome is not known yet."""


_BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PlanRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Unprocessable,
    429: RateLimited,
}


def refusal(operation: Operation[Any], response: Response) -> Refused:
    """The exception of an answer that is no success."""
    kind = ServerFailed if response.status >= 500 else _BY_STATUS.get(response.status, Refused)  # noqa: PLR2004
    return kind(operation, response)


def _json(response: Response) -> dict[str, Any]:
    try:
        body = json.loads(response.read())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
