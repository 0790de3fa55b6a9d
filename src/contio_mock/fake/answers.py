"""The fake held against its own contract: what it answers and emits must be declared."""

from __future__ import annotations

from typing import Any

from contio_mock.contract import results
from contio_mock.contract.events import Event
from contio_mock.contract.operation import Reply
from contio_mock.contract.registry import declared_errors
from contio_mock.contract.wire import Response
from contio_mock.fake.problem import ApiError
from contio_mock.fake.routes import Route


class Undeclared(AssertionError):  # noqa: N818 - says what the answer is
    """The fake did what its contract does not declare."""


def check(route: Route, result: Any, response: Response, events: list[Event]) -> None:
    """Raise Undeclared when a success is not as declared."""
    endpoint, name = route.endpoint, route.operation.__name__
    if isinstance(result, Reply) and response.status not in endpoint.also:
        raise Undeclared(f"{name} answered {response.status}, which it does not declare")
    for event in events:
        if type(event) not in endpoint.emits:
            raise Undeclared(f"{name} emitted {event.type}, which it does not declare")
    if response.work is None:
        try:
            results.decode_result(route.operation, response)
        except ValueError as error:
            raise Undeclared(f"{name} answered what its result type refuses: {error}") from error


def check_error(route: Route, error: ApiError) -> None:
    """Raise Undeclared when an error is not one of the operation's."""
    known = declared_errors(route.operation, route.release)
    if not any((e.status, e.code) == (error.error.status, error.error.code) for e in known):
        raise Undeclared(
            f"{route.operation.__name__} answered {error.error.status} {error.error.code}, "
            f"which it does not declare: {error.message}"
        )
