"""A handler that must ask another server before it can answer, such as an identity provider.

It is a generator: `reply = yield Fetch("GET", url)`. The engine asks nobody; it hands each question to
whoever holds the socket, and goes on with the reply. Requests of others happen in between, so a handler
looks up again what it needs after a reply.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any
from urllib.parse import urlsplit

from contio_mock.contract.wire import Fetch, Request, Response, Work
from contio_mock.fake import problem
from contio_mock.fake.problem import ApiError
from contio_mock.fake.sandbox import Context

Asking = Generator[Fetch, Fetch, Any]
"""What such a handler is; its return value is its result."""

Complete = Callable[[Any], Response]
Refuse = Callable[[ApiError], None]


class Inquiry:
    """One such handler on its way."""

    def __init__(self, ctx: Context, going: Asking, complete: Complete, refuse: Refuse) -> None:
        self._ctx = ctx
        self._going = going
        self._complete = complete
        self._refuse = refuse
        self._answer: Response | None = None
        self._done: list[Callable[[Response], object]] = []

    def then(self, called: Callable[[Response], object]) -> None:
        """Have a function called with the answer, if others have to be asked for it."""
        self._done.append(called)

    def response(self) -> Response:
        """The answer, or one that waits for the replies of others."""
        question = self._run(None)
        if question is None:
            assert self._answer is not None  # noqa: S101 - no question is left
            return self._answer
        return Response(500, [], work=Work(self._steps(question), self._finish))

    def _run(self, reply: Fetch | None) -> Fetch | None:
        """Go on to the next question; None when the answer is there."""
        try:
            question = next(self._going) if reply is None else self._going.send(reply)
        except StopIteration as ended:
            self._answer = self._complete(ended.value)
            return None
        return question

    def _steps(self, question: Fetch | None) -> Iterator[Fetch]:
        while question is not None:
            if not self._asked_ourselves(question):
                yield question
            with self._ctx.sandbox.lock:
                question = self._go_on(question)

    def _go_on(self, reply: Fetch) -> Fetch | None:
        try:
            return self._run(reply)
        except ApiError as error:
            self._refuse(error)
            self._answer = problem.answer(error, self._ctx.request_id)
            return None

    def _asked_ourselves(self, question: Fetch) -> bool:
        """Answer a question to this very fake, which may have no socket."""
        base_url = self._ctx.base_url
        if not question.url.startswith(base_url + "/"):
            return False
        path, _, query = question.url.removeprefix(base_url).partition("?")
        headers = {"host": urlsplit(base_url).netloc, **question.headers}  # what its own URLs begin with
        request = Request(question.method, self._ctx.sandbox.prefix + path, query, headers, question.body)
        question.reply = self._ctx.sandbox.host.handle(request)
        return True

    def _finish(self, response: Response) -> None:
        answer = self._answer
        assert answer is not None  # noqa: S101 - every step was taken
        response.status, response.body = answer.status, answer.body
        response.headers = [*answer.headers, *response.headers]
        for called in self._done:
            called(response)
