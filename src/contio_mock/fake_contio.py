"""`FakeContio`: a Contio in your process, for people who write tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from contio_mock.client import AsyncContio, Contio, NoAnswer
from contio_mock.contract.control import ClockMove, Credentials, InboxMessage, TokenMint
from contio_mock.contract.control_state import SandboxSettings, SettingsChange, State
from contio_mock.contract.control_traffic import FaultRule
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.profile import PlanType
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.wire import Fetch, Request, Response
from contio_mock.fake.clock import real_now
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.engine import DEFAULT_ORIGIN, Engine
from contio_mock.fake.handout import Handout, handed_out
from contio_mock.fake.journal import Entry
from contio_mock.fake.oauth.minting import mint
from contio_mock.fake.outbox import Outbox
from contio_mock.fake.problem import ApiError
from contio_mock.fake.profile import DEFAULT, Profile, with_options
from contio_mock.fake.rules.targets import is_near
from contio_mock.fake.sandbox import FIXED_START, Context, Sandbox, Settings
from contio_mock.happenings import EventLog, OutboxControl, name_of
from contio_mock.receivers import InProcess, NotDelivered, Receiver, Receiving, receiver_of

if TYPE_CHECKING:
    from contio_mock.hosting import Loop


class ClockControl:
    """The clock of a fake: read it, move it."""

    def __init__(self, contio: FakeContio) -> None:
        self._contio = contio

    @property
    def now(self) -> datetime:
        """This moment."""
        return self._contio.sandbox.clock.now()

    def advance(self, by: str | float) -> datetime:
        """Move on by a duration such as `25h`; whatever falls due on the way happens, in order."""
        self._contio.control.mock.move_clock(ClockMove(advance=by))
        return self.now

    def set(self, moment: datetime) -> datetime:
        """Move on to a later moment."""
        self._contio.control.mock.move_clock(ClockMove(set=moment))
        return self.now


class FaultControl:
    """The fault rules of a fake."""

    def __init__(self, contio: FakeContio) -> None:
        self._contio = contio

    def add(self, **rule: Any) -> str:
        """Add a rule, by the keywords of FaultRule; returns its id. `event` may be an event's class."""
        if isinstance(rule.get("event"), type):
            rule["event"] = name_of(rule["event"])
        return self._contio.control.mock.create_fault(FaultRule(**rule)).id

    def clear(self) -> None:
        """Remove every rule."""
        self._contio.control.mock.delete_faults()


class FakeContio:
    """A fresh, isolated Contio in this process: no socket, no thread, no event loop.

    Keywords choose the scenario, seed, release and profile; `profile` takes option names and
    values. The clock stands still at a fixed moment unless `now` and `rate` say otherwise.
    """

    def __init__(  # noqa: PLR0913 - all by keyword
        self,
        *,
        scenario: str = "demo",
        seed: int = 1,
        release: str | Release = LATEST,
        profile: Profile | Mapping[str, Any] | None = None,
        strict: bool = False,
        now: datetime | str = FIXED_START,
        rate: float = 0.0,
        webhook_url: str | None = None,
        redirect_uris: Sequence[str] = (),
        auto_approve: str | None = None,
        check_answers: bool = False,
    ) -> None:
        self.engine = Engine(
            settings_from(
                scenario=scenario,
                seed=seed,
                release=release,
                profile=profile,
                strict=strict,
                now=now,
                rate=rate,
                webhook_url=webhook_url,
                redirect_uris=redirect_uris,
                auto_approve=auto_approve,
                check_answers=check_answers,
            )
        )
        self._receiver: InProcess | None = None
        self.clock = ClockControl(self)
        self.faults = FaultControl(self)
        self.outbox = OutboxControl(self)
        self.control = Contio(base_url=DEFAULT_ORIGIN, transport=self._send)

    @property
    def receiver(self) -> Receiver | None:
        """Who gets webhooks in this process; without one they stay pending.

        Set it to a function of the signed request that returns a status, or to a WSGI or ASGI app, which
        runs until another takes its place.
        """
        return self._receiver

    @receiver.setter
    def receiver(self, receiver: Receiving | None) -> None:
        before, self._receiver = self._receiver, None if receiver is None else receiver_of(receiver)
        self.sandbox.delivers = receiver is not None or self.sandbox.send is not None
        if before is not None:
            before.close()

    @contextmanager
    def receiving(
        self, to: Receiving, path: str | None = None, *, lifespan: bool = True, loop: Loop | None = None
    ) -> Iterator[None]:
        """Have another receiver until the block ends; `path` replaces that of the webhook URL.

        An ASGI app is started and stopped (its lifespan) unless `lifespan` is False; what is async runs in
        one event loop, in `loop` if there is one to be used.
        """
        before, delivers = self._receiver, self.sandbox.delivers
        opened = receiver_of(to, path, lifespan=lifespan, loop=loop)
        self._receiver, self.sandbox.delivers = opened, True
        try:
            yield
        finally:
            self._receiver, self.sandbox.delivers = before, delivers
            opened.close()

    @property
    def sandbox(self) -> Sandbox:
        """What is behind it all."""
        return self.engine.default

    @property
    def credentials(self) -> Credentials:
        """What a partner's code needs to use this Contio."""
        return self.control.mock.credentials()

    @property
    def events(self) -> EventLog:
        """What happened, oldest first."""
        return EventLog(self.sandbox.outbox.events)

    @property
    def requests(self) -> list[Entry]:
        """The journal of requests, oldest first."""
        return list(self.sandbox.journal.newest())[::-1]

    def inbox(self, email: str | None = None) -> list[InboxMessage]:
        """The mails with one-time codes, newest first."""
        return self.control.mock.inbox(email).items

    def client(self, email: str = "ada@example.com", scope: str | None = None) -> Contio:
        """A client with tokens of that user, who is created and connected if new."""
        return Contio(**self._keywords(), tokens=self._mint(email, scope), transport=self._send)

    def async_client(self, email: str = "ada@example.com", scope: str | None = None) -> AsyncContio:
        """`client`, for an event loop."""
        tokens = self._mint(email, scope)
        return AsyncContio(**self._keywords(), tokens=tokens, transport=self._send_async)

    def admin(self) -> Contio:
        """A client with the app's API key."""
        return Contio(**self._keywords(), transport=self._send)

    def _mint(self, email: str, scope: str | None) -> TokenResponse:
        """Tokens without an ID token: signing one takes longer than all the rest."""
        request = Request("POST", "/_mock/tokens")
        ctx = Context(self.sandbox, request, "", self.engine.base_url(self.sandbox, request))
        try:
            return mint(ctx, TokenMint(email=email, scope=scope), id_token=False)
        except ApiError as error:
            raise ValueError(error.message) from None

    def _keywords(self) -> dict[str, Any]:
        given = self.credentials
        return {
            "base_url": given.base_url,
            "client_id": given.client_id,
            "client_secret": given.client_secret,
            "redirect_uri": given.redirect_uris[0] if given.redirect_uris else None,
            "api_key": given.api_key,
        }

    def handle(self, request: Request) -> Response:
        """Answer one request, and carry out what it waits for."""
        response = self.engine.handle(request)
        if response.work is not None:
            for step in response.work.steps:
                if isinstance(step, Fetch):
                    ask(step)
                elif self._receiver is None and step.sandbox.send is not None:
                    step.sandbox.send(step)  # a server is running, and webhooks go to their URLs
                else:
                    self._deliver_each(step.deliveries)
            response.work.finish(response)
        return response

    def _send(self, request: Request) -> Response:
        """Answer as a socket would: a fault may keep the answer or a part of it back."""
        response = self.handle(request)
        fault = response.transmission
        if fault is not None and fault.drop:
            raise NoAnswer(request, "a fault rule dropped the connection")
        if fault is not None and fault.truncate is not None and fault.truncate < len(response.body):
            raise NoAnswer(request, f"a fault rule cut the answer after {fault.truncate} bytes")
        return response

    async def _send_async(self, request: Request) -> Response:
        return self._send(request)

    def _deliver_each(self, deliveries: list[Delivery]) -> None:
        """Deliver in order what may still go out; when a receiver raises, the others can be delivered later."""
        outbox, waiting = self.sandbox.outbox, deque(deliveries)
        try:
            while waiting and self._receiver is not None and outbox is self.sandbox.outbox:
                delivery = waiting.popleft()
                if outbox.begin(delivery, self.sandbox.clock.now()):
                    self._deliver(delivery)
        finally:
            for delivery in waiting:
                outbox.put_back(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        """Hand a delivery to the receiver, and note each attempt whatever becomes of it."""
        outbox = self.sandbox.outbox
        try:
            for handout in handed_out(outbox, self.sandbox.faults, delivery):
                if self._receiver is None:
                    break
                unsent = handout.unsent(self.sandbox.clock.now())
                if unsent is None:
                    self._hand_over(self._receiver, outbox, delivery, handout)
                else:
                    outbox.record(delivery, unsent)
        finally:
            if delivery.in_flight:  # the receiver raised or went away before the last of several copies
                outbox.put_back(delivery)

    def _hand_over(self, receiver: Receiver, outbox: Outbox, delivery: Delivery, handout: Handout) -> None:
        now = self.sandbox.clock.now()
        answer, error = None, "the receiver raised"
        try:
            answer = receiver(handout.request)
        except NotDelivered as refusal:
            error = str(refusal) or "there was no answer"
        finally:
            # No duration: in this process the same seed gives the same bytes, and time is no part of them.
            outbox.record(delivery, handout.noted(now, answer, None if answer else error))

    def settings(self, **changes: Any) -> SandboxSettings:
        """How it behaves, after these changes: the keywords of SettingsChange; a reset restores all.

        `contio.settings(release="1.9", profile={"limit_above_maximum": "reject"})`.
        """
        mock = self.control.mock
        return mock.update_settings(SettingsChange(**changes)) if changes else mock.settings()

    def set_plan(self, whose: str, plan: PlanType) -> None:
        """Change the plan of a workspace, said by its name, its id or the e-mail address of a user."""
        user = self.sandbox.store.users.first("email", whose.lower())
        self.settings(workspaces={user.workspace_id if user is not None else whose: plan})

    def export_state(self) -> State:
        """Everything that it holds, but for the journal: an answer to `import_state`."""
        return self.control.mock.state()

    def import_state(self, state: State) -> Self:
        """Hold what an exported state says, and nothing else."""
        self.control.mock.put_state(state)
        return self

    def reset(self) -> Self:
        """Start again, as it was made."""
        self.control.mock.reset()
        return self

    @contextmanager
    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Serve this Contio on a socket; yields its URL."""
        from contio_mock.server.runner import running  # noqa: PLC0415 - only a live server needs it

        with running(self.engine, host=host, port=port) as url:
            yield url


def settings_from(  # noqa: PLR0913 - the keywords of FakeContio
    *,
    scenario: str = "demo",
    seed: int = 1,
    release: str | Release = LATEST,
    profile: Profile | Mapping[str, Any] | None = None,
    strict: bool = False,
    now: datetime | str = FIXED_START,
    rate: float = 0.0,
    webhook_url: str | None = None,
    redirect_uris: Sequence[str] = (),
    auto_approve: str | None = None,
    check_answers: bool = False,
) -> Settings:
    """A sandbox's settings from the keywords of FakeContio; raises ValueError for a wrong one."""
    return Settings(
        scenario=scenario,
        seed=seed,
        release=Release.parse(release) if isinstance(release, str) else release,
        profile=profile if isinstance(profile, Profile) else with_options(profile or {}, DEFAULT),
        strict=strict,
        start=_moment(now),
        rate=rate,
        webhook_url=webhook_url,
        redirect_uris=tuple(redirect_uris),
        auto_approve=auto_approve,
        check_answers=check_answers,
    )


def ask(question: Fetch) -> None:
    """Ask a server on this machine; what goes wrong is written into the question."""
    from contio_mock.client.transports import SocketTransport  # noqa: PLC0415 - few fakes ask anybody

    parts = urlsplit(question.url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not is_near(host):
        question.error = f"{question.url!r} is not on this machine or its network"
        return
    request = Request(question.method, parts.path or "/", parts.query, question.headers, question.body)
    try:
        with SocketTransport(f"{parts.scheme}://{parts.netloc}", timeout=10.0) as send:
            question.reply = send(request)
    except NoAnswer as error:
        question.error = str(error)


def _moment(value: datetime | str) -> datetime:
    if value == "real":
        return real_now()
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"now must have an offset, such as 2026-01-15T09:00:00Z, not {value}")
    return moment.astimezone(UTC)
