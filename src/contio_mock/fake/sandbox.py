"""One isolated Contio: its app, users, data, clock, credentials, webhooks and journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from contio_mock.contract.events import Event
from contio_mock.contract.profile import UserProfile
from contio_mock.contract.release import LATEST, Release
from contio_mock.contract.results import Projection
from contio_mock.contract.wire import Request, Response, Work
from contio_mock.fake import profile as profiles
from contio_mock.fake.clock import Clock
from contio_mock.fake.deliveries import Delivery
from contio_mock.fake.faults import Fault, Faults
from contio_mock.fake.idempotency import Idempotency, Slot
from contio_mock.fake.ids import Ids
from contio_mock.fake.journal import Journal
from contio_mock.fake.oauth.login import Mail, SignIns
from contio_mock.fake.oauth.tokens import AccessToken, Tokens
from contio_mock.fake.outbox import Outbox
from contio_mock.fake.profile import Profile
from contio_mock.fake.records import AppRecord, Store, UserRecord, WorkspaceRecord
from contio_mock.fake.scenario import seeded_store

if TYPE_CHECKING:
    from contio_mock.fake.inquiry import Inquiry

EARLIEST, LATEST_START = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
FIXED_START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
"""Where the clock of a test begins: a Thursday morning, the same on every day and machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a sandbox is made from."""

    scenario: str = "demo"
    seed: int = 1
    release: Release = LATEST
    profile: Profile = profiles.DEFAULT
    strict: bool = False
    """Refuse what no document names: aliased paths and undocumented members."""
    smart_redirect: bool = True
    """Whether a meeting that was copied into the caller's workspace answers with the copy's id only."""
    start: datetime = FIXED_START
    rate: float = 0.0
    webhook_url: str | None = None
    redirect_uris: tuple[str, ...] = ()
    """Further redirect URIs of the app."""
    auto_approve: str | None = None
    """The e-mail address of a user for whom every authorization is granted at once."""
    check_answers: bool = False
    """Hold every answer and event against its declaration; for the fake's own tests."""

    def __post_init__(self) -> None:
        """Refuse a beginning that leaves no room for a past and a future."""
        if not EARLIEST <= self.start < LATEST_START:
            raise ValueError("a sandbox's clock must begin in the years 1970 to 8999")


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one moment; whoever gets them sends them and records each attempt."""

    sandbox: Sandbox
    deliveries: list[Delivery]


class Host(Protocol):
    """What holds the sandboxes of one server."""

    settings: Settings
    sandboxes: dict[str, Sandbox]

    def add_sandbox(self, name: str, settings: Settings) -> Sandbox:
        """Make a sandbox; the name is new."""

    def new_name(self) -> str:
        """A name that no sandbox has."""

    def handle(self, request: Request) -> Response:
        """Answer a request."""


BEGINNINGS: list[Callable[[Sandbox], None]] = []
"""What happens in each new sandbox before anybody calls; processes add theirs."""


class Sandbox:
    """Everything about one Contio. Nothing of it is shared with another."""

    def __init__(self, name: str, settings: Settings, host: Host) -> None:
        self.name = name
        self.host = host
        self.settings = settings
        self.lock = threading.RLock()
        self.on_work: Callable[[Sandbox], None] | None = None
        """Called when jobs or deliveries wait; set by whoever carries them out in the background."""
        self.delivers = False
        """Whether anybody sends webhooks; if not, they stay pending while the clock moves."""
        self.send: Callable[[Batch], None] | None = None
        """Sends a batch and waits for it, on behalf of another thread; set by who sends in the background."""
        self.reset()

    @property
    def prefix(self) -> str:
        """What the sandbox's paths begin with."""
        return "" if self.name == "default" else f"/~{self.name}"

    def reset(self) -> None:
        """Start again, as the sandbox was made."""
        settings = self.settings
        self.release = settings.release
        self.projection = Projection(settings.release)
        self.profile = settings.profile
        self.strict = settings.strict
        self.smart_redirect = settings.smart_redirect
        self.store = seeded_store(settings.scenario, settings.start).fresh()
        self.ids = Ids(settings.seed)
        self.control_ids = Ids(settings.seed)
        """Of requests to the control plane: looking at a sandbox changes none of its other ids."""
        self.clock = Clock(settings.start, settings.rate)
        self.tokens = Tokens(self.ids)
        self.sign_ins = SignIns(self.ids)
        self.journal = Journal()
        self.idempotency = Idempotency()
        self.faults = Faults(self.ids)
        self.profiles: dict[str, tuple[UserRecord, WorkspaceRecord | None, UserProfile]] = {}
        """What users' profiles look like, as long as their records are the same."""
        self.credential_uses: dict[tuple[str, str], datetime] = {}
        """When each app last showed a credential of each type."""
        self.outbox = self.new_outbox(self.store, self.profile)
        if settings.webhook_url is not None or settings.redirect_uris:
            self._configure_app()
        for begin in BEGINNINGS:
            begin(self)

    def new_outbox(self, store: Store, profile: Profile) -> Outbox:
        """An empty outbox for the apps of a store that is, or will be, the sandbox's own."""
        sandbox = ref(self)  # else a sandbox that was deleted would live until somebody looks for cycles

        def give_up(app_id: str, now: datetime, why: str) -> None:
            kept = sandbox()
            if kept is not None:
                kept._give_up_webhooks(store, app_id, now, why)  # noqa: SLF001 - its own

        def detain(event_type: str) -> Fault | None:
            kept = sandbox()
            return None if kept is None else kept.faults.detaining(event_type)

        return Outbox(self.ids, profile, store.apps.get, give_up, detain)

    def configure(
        self,
        *,
        release: Release | None = None,
        profile: Profile | None = None,
        strict: bool | None = None,
        smart_redirect: bool | None = None,
    ) -> None:
        """Change settings of the running sandbox; a reset restores them."""
        if release is not None:
            self.release, self.projection = release, Projection(release)
        if profile is not None:
            self.profile = profile
            self.outbox.use(profile)
        if strict is not None:
            self.strict = strict
        if smart_redirect is not None:
            self.smart_redirect = smart_redirect

    def _configure_app(self) -> None:
        app = self.app
        uris = (*app.redirect_uris, *self.settings.redirect_uris)
        url = self.settings.webhook_url or app.webhook_url
        self.store.apps.replace(app, redirect_uris=tuple(dict.fromkeys(uris)), webhook_url=url)

    def _give_up_webhooks(self, store: Store, app_id: str, now: datetime, why: str) -> None:
        """Stop an app's webhooks because its receiver fails, and tell the app's contact by mail."""
        app = store.apps.get(app_id)
        before_reset = store is not self.store
        if app is None or not app.webhook_enabled or before_reset:
            return
        self.store.apps.replace(app, webhook_enabled=False, updated_at=now)
        self.outbox.hold(app_id)
        if app.primary_contact_email:
            text = (
                f"The webhooks of {app.name} are disabled: {why}. "
                "What happens from now on is stored; enable them again when the receiver works."
            )
            subject = f"The webhooks of {app.name} are disabled"
            self.sign_ins.mails.append(Mail(app.primary_contact_email, "", now, subject, text))

    @property
    def app(self) -> AppRecord:
        """The sandbox's first partner app: the one whose credentials are printed."""
        return next(iter(self.store.apps))

    def wake(self) -> None:
        """Tell whoever lets things happen by themselves that there is something to do."""
        if self.on_work is not None and self.next_work() is not None:
            self.on_work(self)

    def next_work(self) -> datetime | None:
        """When the next job or delivery is due."""
        moments = [m for m in (self.clock.next_job(), self.outbox.next_due()) if m is not None]
        return min(moments, default=None)

    def walk(self, target: datetime) -> Iterator[Batch]:
        """Move the clock; at each stop on the way yields the deliveries due there.

        Each must be recorded before the walk goes on, so that retries fall on their exact moments.
        A reset or an import on the way puts another clock in this one's place, and ends the walk.
        """
        clock = self.clock
        stops = clock.stops(target, self._next_delivery)
        yield Batch(self, [])  # what is on its way already belongs to this moment
        while True:
            with self.lock:
                if self.clock is not clock or next(stops, None) is None:
                    return
            while deliveries := self._take_due(clock):
                yield Batch(self, deliveries)

    def _next_delivery(self) -> datetime | None:
        """When the next delivery is due; None while nobody would send it."""
        return self.outbox.next_due() if self.delivers else None

    def _take_due(self, clock: Clock) -> list[Delivery]:
        with self.lock:
            if not self.delivers or self.clock is not clock:
                return []
            return self.outbox.take_due(self.clock.now())


def variant(settings: Settings, **given: Any) -> Settings:
    """The settings with what was given changed; None means not given."""
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


@dataclass(slots=True)  # not frozen: making a frozen one costs six times as much
class Noted:
    """An event that waits for its request or job to succeed."""

    event: Event
    app: AppRecord | None
    """The only app that is told; None for every app."""
    audience: tuple[str, ...]
    """The ids of the users who see the subject."""
    actor: str | None
    even_unconnected: bool
    """Whether the app is told of users who are not, or no longer, connected to it."""


class Context:
    """One request on its way through the fake; what handlers see."""

    __slots__ = (
        "app",
        "base_url",
        "events",
        "inquiry",
        "now",
        "projection",
        "request",
        "request_id",
        "response_headers",
        "sandbox",
        "slot",
        "token",
        "user",
        "work",
    )

    def __init__(
        self,
        sandbox: Sandbox,
        request: Request,
        request_id: str,
        base_url: str,
        now: datetime | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.request = request
        self.request_id = request_id
        self.base_url = base_url
        self.now = now or sandbox.clock.now()
        self.projection = sandbox.projection
        self.events: list[Noted] = []
        self.response_headers: list[tuple[str, str]] = []
        self.work: Work | None = None
        self.slot: Slot | None = None
        self.inquiry: Inquiry | None = None
        """Set for a handler that asks other servers before it answers."""
        # Set by authentication, and read only by operations that ask for it.
        self.app: AppRecord = None  # type: ignore[assignment]
        self.user: UserRecord = None  # type: ignore[assignment]
        self.token: AccessToken = None  # type: ignore[assignment]

    @property
    def store(self) -> Store:
        """The sandbox's collections."""
        return self.sandbox.store

    @property
    def ids(self) -> Ids:
        """The sandbox's source of ids."""
        return self.sandbox.ids

    @property
    def profile(self) -> Profile:
        """The sandbox's answers to what no source says."""
        return self.sandbox.profile

    def emit(
        self,
        event: Event,
        *,
        audience: Iterable[str] = (),
        app: AppRecord | None = None,
        by_system: bool = False,
        even_unconnected: bool = False,
    ) -> None:
        """Note an event; it is published when the request or job has succeeded.

        `audience` are the ids of the users who see the subject; of them, an app is told of those who
        are connected to it. With `app`, no other app is told. `by_system` hides who acted.
        """
        actor = None if by_system or self.user is None else self.user.id
        self.events.append(Noted(event, app, tuple(audience), actor, even_unconnected))
