"""What the mock calls, and what it never calls, whatever a name leads to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from contio_mock.contract.wire import Fetch
from contio_mock.fake.deliveries import Answer, Outgoing
from contio_mock.server.outward import NearResolver, NotAllowed, OutwardClient

from .conftest import LONGEST, Sink

NEAR, FAR, METADATA = "127.0.0.1", "203.0.113.7", "169.254.169.254"


class Names(AbstractResolver):
    """Answers each look-up with the next addresses, the last for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=flags)
            for one in addresses
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


def addresses(host: str, *found: str, allowed: tuple[str, ...] = ()) -> list[str]:
    resolver = NearResolver(allowed, Names(found))
    return [one["host"] for one in asyncio.run(resolver.resolve(host, 80))]


@pytest.mark.parametrize(
    ("found", "near"),
    [
        ((NEAR,), [NEAR]), (("10.1.2.3",), ["10.1.2.3"]), ((NEAR, FAR), [NEAR]),
        ((FAR, "192.168.0.9", METADATA), ["192.168.0.9"]), (("fd00::1", "2001:db8::1"), ["fd00::1"]),
    ],
)  # fmt: skip
def test_of_a_names_addresses_the_near_ones_are_called(found: tuple[str, ...], near: list[str]) -> None:
    assert addresses("partner.test", *found) == near


@pytest.mark.parametrize("found", [(FAR,), (METADATA,), ("::ffff:203.0.113.7",), (), ("2001:db8::1", FAR)])
def test_a_name_that_leads_to_strangers_only_is_not_called(found: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowed, match=r"--allow-webhook-host partner\.test"):
        addresses("partner.test", *found)


def test_an_allowed_name_may_lead_anywhere() -> None:
    assert addresses("Partner.TEST", FAR, allowed=("partner.test",)) == [FAR]


def post(
    sink: Sink, host: str, names: Names, seconds: float = LONGEST, **how: Any
) -> tuple[Answer | None, str | None]:
    async def work() -> tuple[Answer | None, str | None]:
        client = OutwardClient((), names)
        url = sink.url.replace("127.0.0.1", host)
        try:
            return await client.post(Outgoing(url, {}, b"{}"), seconds=seconds, **how)
        finally:
            await client.close()

    return asyncio.run(work())


def test_a_name_on_this_machine_is_called(sink: Sink) -> None:
    answer, error = post(sink, "partner.test", Names((NEAR,)))
    assert error is None
    assert isinstance(answer, Answer)
    assert answer.status == 200


def test_a_name_is_looked_up_once_for_the_check_and_the_call(sink: Sink) -> None:
    """A second look-up could lead elsewhere."""
    names = Names((NEAR,), (FAR,))
    post(sink, "partner.test", names)
    assert names.asked == ["partner.test"]
    assert len(sink.targets) == 1


@pytest.mark.parametrize("follows", [False, True])
def test_a_strange_name_is_refused_before_anything_is_sent(sink: Sink, follows: bool) -> None:
    answer, error = post(sink, "partner.test", Names((FAR,)), follows=follows)
    assert answer is None
    assert error is not None
    assert "--allow-webhook-host partner.test" in error


def test_a_redirect_to_a_strange_name_is_refused(sink: Sink) -> None:
    sink.behave = b"HTTP/1.1 307 X\r\nlocation: http://stranger.test/\r\ncontent-length: 0\r\n\r\n"
    names = Names((NEAR,), (FAR,))
    answer, error = post(sink, "partner.test", names, follows=True)
    assert answer is None
    assert "stranger.test" in (error or "")
    assert names.asked == ["partner.test", "stranger.test"]


def test_a_followed_redirect_must_end_within_the_time(sink: Sink) -> None:
    sink.behave = b"HTTP/1.1 307 X\r\nlocation: /hook\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    answer, error = post(sink, "127.0.0.1", Names((NEAR,)), follows=True)
    assert answer is not None, error
    assert answer.status == 307, "after three redirects the last answer counts"
    assert len(sink.targets) == 4
    sink.behave = "hang"
    answer, error = post(sink, "127.0.0.1", Names((NEAR,)), seconds=0.2, follows=True)
    assert (answer, error) == (None, "no answer within 0.2 s")


def test_a_question_to_a_strange_name_is_not_asked() -> None:
    async def work() -> Fetch:
        client = OutwardClient((), Names((METADATA,)))
        question = Fetch("GET", "http://provider.test/.well-known/openid-configuration")
        try:
            await client.fetch(question)
        finally:
            await client.close()
        return question

    question = asyncio.run(work())
    assert question.reply is None
    assert "provider.test is not on this machine" in (question.error or "")
