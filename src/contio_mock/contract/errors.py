"""Errors as values: a status, a code and the shape of their body.

Shapes follow the published schemas. OAuth errors carry both vocabularies that the sources give:
RFC 6749's `error` and `error_description`, and the document's `code` and `message`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Shape(Enum):
    """The members of an error body."""

    PARTNER = "PartnerError"
    """`{code, error, message, request_id}`; `message` repeats `error` until version 2 of the API."""
    OAUTH = "OAuthError"
    """`{error, error_description, code, message, request_id}`; `error` is the code."""
    FEATURE = "FeatureError"
    """`{code, message, feature, current_plan, required_plan}`: every 402."""
    SSO = "SsoError"
    """`{code, message}`."""
    CONFLICT = "WorkspaceConflictError"
    """PARTNER and the `workspace_id` that the user belongs to."""
    EVENT_TYPES = "WebhookFilterError"
    """PARTNER and `valid_event_types`, the list of what a filter may name."""

    def body(self, code: str, message: str, request_id: str, extra: dict[str, Any]) -> dict[str, Any]:
        """The body of one error."""
        if self is Shape.OAUTH:
            named = {"error": code, "error_description": message, "code": code, "message": message}
            return {**named, "request_id": request_id, **extra}
        if self in (Shape.FEATURE, Shape.SSO):
            return {"code": code, "message": message, **extra}
        return {"code": code, "error": message, "message": message, "request_id": request_id, **extra}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One declared error: its status, its code and a sentence that says what to do."""

    status: int
    code: str
    message: str
    shape: Shape = Shape.PARTNER

    def with_shape(self, shape: Shape) -> "ErrorCode":
        """The same error in another body."""
        return ErrorCode(self.status, self.code, self.message, shape)


@dataclass(frozen=True, slots=True)
class Invalid:
    """Marks a field with the error that a bad value of it gives: ``Annotated[str, Invalid(…)]``."""

    error: ErrorCode


# 400
INVALID_REQUEST = ErrorCode(400, "invalid_request", "The request is invalid.")
INVALID_REQUEST_BODY = ErrorCode(400, "invalid_request_body", "The request body is invalid.")
INVALID_QUERY_PARAMETERS = ErrorCode(400, "invalid_query_parameters", "A query parameter is invalid.")
VALIDATION_ERROR = ErrorCode(400, "validation_error", "The request does not fit its schema.")
BAD_REQUEST = ErrorCode(400, "bad_request", "The request is invalid.")
INVALID_IDEMPOTENCY_KEY = ErrorCode(
    400, "invalid_idempotency_key", "Idempotency-Key must be 1 to 255 printable ASCII characters."
)
# 401
UNAUTHORIZED = ErrorCode(401, "unauthorized", "Authentication is required.")
# 402
PLAN_REQUIRED = ErrorCode(
    402, "feature_not_available", "The workspace's plan does not have this feature.", Shape.FEATURE
)
# 403
FORBIDDEN = ErrorCode(403, "forbidden", "You may not do this.")
# 404, 405
NOT_FOUND = ErrorCode(404, "not_found", "The requested resource was not found.")
UNKNOWN_PATH = ErrorCode(404, "not_found", "No operation has this path.")
METHOD_NOT_ALLOWED = ErrorCode(405, "method_not_allowed", "This path has no such method.")
# 409
IDEMPOTENCY_CONFLICT = ErrorCode(
    409, "idempotency_conflict", "A request with this Idempotency-Key is still running."
)
IDEMPOTENCY_MISMATCH = ErrorCode(
    409, "idempotency_conflict", "This Idempotency-Key was used for another request."
)
IDEMPOTENCY_UNPROCESSABLE = ErrorCode(
    422, "idempotency_conflict", "This Idempotency-Key was used for another request."
)
# 413, 429, 500
BODY_TOO_LARGE = ErrorCode(413, "payload_too_large", "The request body is too large.")
RATE_LIMIT_EXCEEDED = ErrorCode(429, "rate_limit_exceeded", "Too many requests; wait and retry.")
INTERNAL_ERROR = ErrorCode(500, "internal_error", "The server failed.")
