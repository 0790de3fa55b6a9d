"""The HTTP client of a mock: posts webhooks to receivers, and asks identity providers.

It calls this machine and its private network only, unless a host is allowed: a mock must not call
somebody's production. What a name leads to is looked at where the connection is made, so that a second
look-up cannot lead elsewhere than the first (DNS rebinding).
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from contio_mock.contract.wire import Fetch, Response
from contio_mock.fake.deliveries import Answer, Outgoing
from contio_mock.fake.rules.targets import is_private, is_this_machine
from contio_mock.server.deadlines import Deadlines

ANSWER_BYTES_READ = 65_536
FETCHED_BYTES = 1_048_576
FETCH_SECONDS = 10.0
MOST_REDIRECTS = 3
MOST_CONNECTIONS = 512
"""Of all sandboxes together: a process may have about a thousand files open."""
IDLE_SECONDS = 1.0
"""How long a connection is kept for the next webhook: shorter than servers keep theirs (two seconds and
more), so that none is used that its server is just closing."""
_REDIRECTS = (301, 302, 303, 307, 308)


class NotAllowed(Exception):  # noqa: N818 - what is said of a URL
    """The URL leads to a machine that a mock does not call."""


class NearResolver(AbstractResolver):
    """Looks names up, and gives those addresses only that a mock may call."""

    def __init__(self, allowed: Collection[str], names: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._names = names or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses that may be called; raises NotAllowed when a name has none."""
        found = await self._names.resolve(host, port, family)
        name = host.lower()
        if name in self._allowed or is_this_machine(name):
            return found
        near = [address for address in found if is_private(address["host"])]
        if not near:
            raise _stranger(name)
        return near

    async def close(self) -> None:
        """Nothing more is looked up."""
        await self._names.close()


class OutwardClient:
    """One connection pool for all that a server asks of others; needs a running event loop."""

    def __init__(self, allowed: Collection[str] = (), names: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MOST_CONNECTIONS,
                keepalive_timeout=IDLE_SECONDS,
                resolver=NearResolver(allowed, names),
            ),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding"),  # a webhook has the headers that are noted
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # the deadlines watch
        )
        self._deadlines = Deadlines()
        self._last: Answer | None = None

    async def close(self) -> None:
        """Close every connection."""
        self._deadlines.close()
        await self._session.close()

    async def post(
        self, outgoing: Outgoing, *, seconds: float, follows: bool = False
    ) -> tuple[Answer | None, str | None]:
        """What a receiver answered within so many seconds, or what went wrong."""
        url, hops = outgoing.url, MOST_REDIRECTS if follows else 0
        try:
            with self._deadlines.within(seconds):
                while True:
                    # Each target is checked before it is called.
                    answer = await self._session.post(
                        self._checked(url),
                        data=outgoing.body,
                        headers=outgoing.headers,
                        allow_redirects=False,
                    )
                    try:
                        location = answer.headers.get("location") if hops else None
                        if location is None or answer.status not in _REDIRECTS:
                            # Of a body no more than a little is read.
                            body = await answer.content.read(ANSWER_BYTES_READ)
                            self._last = Answer.excerpt(
                                answer.status, answer.headers.items(), body, self._last
                            )
                            return self._last, None
                    finally:
                        answer.release()  # `async with` would await what is done by now, on the hot path
                    url, hops = urljoin(url, location), hops - 1
        except NotAllowed as error:
            return None, str(error)
        except TimeoutError:
            return None, f"no answer within {seconds:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, _reason(error)

    async def fetch(self, question: Fetch) -> None:
        """Ask another server; what goes wrong is written into the question."""
        try:
            with self._deadlines.within(FETCH_SECONDS):
                async with self._session.request(
                    question.method,
                    self._checked(question.url),
                    data=question.body or None,
                    headers={"accept-encoding": "identity", **question.headers},
                    allow_redirects=False,
                ) as answer:
                    body = await _whole(answer.content)
                    headers = [(name.lower(), value) for name, value in answer.headers.items()]
                    question.reply = Response(int(answer.status), headers, body)
        except NotAllowed as error:
            question.error = str(error)
        except TimeoutError:
            question.error = f"no answer within {FETCH_SECONDS:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            question.error = _reason(error)

    def _checked(self, url: str) -> URL:
        """A URL to call; raises NotAllowed for a stranger's address. A name is looked at when it is looked up."""
        target, is_near = _target(url)
        if is_near is False and (host := _host(target)) not in self._allowed:
            raise _stranger(host)
        return target


def _stranger(host: str) -> NotAllowed:
    return NotAllowed(f"{host} is not on this machine or its network; use --allow-webhook-host {host}")


def _reason(error: Exception) -> str:
    """What went wrong, for the person who reads the log."""
    said = str(error) or type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{error.host} cannot be looked up"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {error.host} is not trusted: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        is_tls = not error.errno or isinstance(error, aiohttp.ClientConnectorSSLError)
        cause = "the TLS handshake failed" if is_tls else os.strerror(error.errno or 0)
        return f"cannot connect to {error.host}:{error.port}: {cause}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed without an answer"
    if isinstance(error, ConnectionResetError) or getattr(error, "errno", None) == errno.ECONNRESET:
        return "the connection was reset"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off in its body"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the answer is no HTTP: {error.message.splitlines()[0] if error.message else said}"
    return said


async def _whole(stream: aiohttp.StreamReader) -> bytes:
    """A body to its end; raises ValueError for one that is too large."""
    body = b""
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > FETCHED_BYTES:
            raise ValueError(f"more than {FETCHED_BYTES} bytes")
    return body


@lru_cache(maxsize=256)
def _target(url: str) -> tuple[URL, bool | None]:
    """A URL, and whether it is near; None when a name must be looked up. Raises NotAllowed."""
    try:
        target = URL(url)
    except ValueError as error:
        raise NotAllowed(f"{url!r} is no URL: {error}") from None
    host = _host(target)
    if target.scheme not in ("http", "https") or not host:
        raise NotAllowed(f"{url!r} is no http or https URL")
    if is_this_machine(host):
        return target, True
    try:
        return target, is_private(host)
    except ValueError:
        return target, None


def _host(url: URL) -> str:
    return (url.host or "").lower()
