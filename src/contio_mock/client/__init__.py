"""A reference client for the Contio Partner API; knows the contract and an HTTP library only."""

from contio_mock.client.contio import AsyncContio, Contio
from contio_mock.client.errors import (
    BadRequest,
    Conflict,
    ContioError,
    Forbidden,
    NoAnswer,
    NotConfigured,
    NotFound,
    PlanRequired,
    RateLimited,
    Refused,
    ServerFailed,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unprocessable,
    Unreadable,
)

__all__ = [
    "AsyncContio",
    "BadRequest",
    "Conflict",
    "Contio",
    "ContioError",
    "Forbidden",
    "NoAnswer",
    "NotConfigured",
    "NotFound",
    "PlanRequired",
    "RateLimited",
    "Refused",
    "ServerFailed",
    "TimedOut",
    "TooLarge",
    "Unauthorized",
    "Unprocessable",
    "Unreadable",
]
