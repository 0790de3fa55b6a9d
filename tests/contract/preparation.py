"""Requests that must succeed, by operation: the ground on which every contract test stands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from .world import Call, World

Prepare = Callable[[World], Call]

PREPARED: dict[str, Prepare] = {}
"""How to come to a request that must succeed, by operationId."""


def prepared(*operation_ids: str) -> Callable[[Callable[..., Call]], None]:
    """Bind the function below to operations; with several, it is told which one is meant."""

    def bind(function: Callable[..., Call]) -> None:
        named = len(inspect.signature(function).parameters) > 1
        for operation_id in operation_ids:
            prepare: Any = partial(_told, function, operation_id) if named else function
            PREPARED[operation_id] = prepare

    return bind


def _told(function: Callable[..., Call], operation_id: str, world: World) -> Call:
    return function(world, operation_id)
