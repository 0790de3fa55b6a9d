"""Moving a sandbox's clock on the way to an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from contio_mock.contract.results import encoded
from contio_mock.contract.shared import Model
from contio_mock.contract.wire import Response, Work
from contio_mock.fake.sandbox import Context


def walk(ctx: Context, target: datetime, state: Callable[[], Model]) -> Work:
    """Everything that falls due until then, and after it the answer's body."""

    def finish(response: Response) -> None:
        response.body = encoded(state())

    return Work(ctx.sandbox.walk(target), finish)
