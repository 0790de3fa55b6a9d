"""Operations grouped as a client calls them: `meetings.create(…)`, sync or awaited by the kind of sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from inspect import isawaitable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from contio_mock.contract.operation import Operation

R = TypeVar("R")
P = ParamSpec("P")
S_co = TypeVar("S_co", covariant=True)


class Sender(Protocol):
    """Anything that sends an operation and returns its result."""

    def send(self, operation: Operation[R], /) -> R:
        """Send one request; raises what the client's error module declares."""


class AsyncSender(Protocol):
    """Anything that sends an operation and awaits its result."""

    async def send(self, operation: Operation[R], /) -> R:
        """Send one request; raises what the client's error module declares."""


class Resource(Generic[S_co]):
    """A group of operations, as a client calls them; S_co is the kind of sender."""

    def __init__(self, sender: S_co) -> None:
        self.sender = sender


class call(Generic[P, R]):  # noqa: N801 - reads as a verb where it is used
    """Bind an operation to a resource: the operation's fields become the method's parameters."""

    def __init__(self, operation: Callable[P, Operation[R]]) -> None:
        self.operation = operation
        self.__doc__ = operation.__doc__

    @overload
    def __get__(self, instance: Resource[Sender], owner: object) -> Callable[P, R]: ...
    @overload
    def __get__(self, instance: Resource[AsyncSender], owner: object) -> Callable[P, Awaitable[R]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        """Return the method that builds the operation and sends it."""
        if instance is None:
            return self
        operation = self.operation
        send = instance.sender.send

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return send(operation(*args, **kwargs))

        method.__doc__ = operation.__doc__
        method.__name__ = getattr(operation, "__name__", "call")
        return method


class RedirectedTwice(LookupError):  # noqa: N818 - says what happened
    """The place that an answer led to leads on again; nobody follows twice."""


class following(Generic[P, R]):  # noqa: N801 - as call
    """`call` for an operation that may say where to ask instead: asked there once, as by the official SDK.

    The method's result is always the `wanted` type; whoever wants the answer itself sends the operation.
    """

    def __init__(
        self,
        operation: Callable[P, Operation[Any]],
        wanted: type[R],
        onward: Callable[[Any], Operation[Any]],
    ) -> None:
        self.operation = operation
        self.wanted = wanted
        self.onward = onward
        self.__doc__ = operation.__doc__

    @overload
    def __get__(self, instance: Resource[Sender], owner: object) -> Callable[P, R]: ...
    @overload
    def __get__(self, instance: Resource[AsyncSender], owner: object) -> Callable[P, Awaitable[R]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        """Return the method that sends the operation and goes where its answer leads."""
        if instance is None:
            return self
        send = instance.sender.send

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            answer = send(self.operation(*args, **kwargs))
            if isawaitable(answer):
                return self._awaited(answer, send)
            return answer if self._arrived(answer) else self._final(send(self.onward(answer)))

        method.__doc__ = self.operation.__doc__
        method.__name__ = getattr(self.operation, "__name__", "following")
        return method

    async def _awaited(self, first: Awaitable[Any], send: Callable[[Operation[Any]], Awaitable[Any]]) -> R:
        answer = await first
        return answer if self._arrived(answer) else self._final(await send(self.onward(answer)))

    def _arrived(self, answer: Any) -> bool:
        return isinstance(answer, self.wanted)

    def _final(self, answer: Any) -> R:
        if not isinstance(answer, self.wanted):
            raise RedirectedTwice(f"the answer leads on a second time: {answer!r}")
        return answer


Plan = Generator[Operation[Any], Any, R]
"""Operations one after another, each given its result; then the result of it all."""


class several(Generic[R]):  # noqa: N801 - as call
    """`call` for several operations behind one method."""

    def __init__(self, plan: Callable[[], Plan[R]]) -> None:
        self.plan = plan

    @overload
    def __get__(self, instance: Resource[Sender], owner: object) -> Callable[[], R]: ...
    @overload
    def __get__(self, instance: Resource[AsyncSender], owner: object) -> Callable[[], Awaitable[R]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        """Return the method that sends the operations in their order."""
        if instance is None:
            return self
        send = instance.sender.send

        def method() -> Any:
            plan = self.plan()
            first = send(next(plan))
            if isawaitable(first):
                return self._awaited(plan, first, send)
            answer: Any = first
            while True:
                try:
                    answer = send(plan.send(answer))
                except StopIteration as ended:
                    return ended.value

        return method

    async def _awaited(self, plan: Plan[R], first: Awaitable[Any], send: Callable[..., Awaitable[Any]]) -> R:
        answer = await first
        while True:
            try:
                wanted = plan.send(answer)
            except StopIteration as ended:
                value: R = ended.value
                return value
            answer = await send(wanted)
