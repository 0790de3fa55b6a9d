"""A Contio with two partner apps and people whose share in what happens differs; and what it tells them.

Ada acts; she made the meetings. Grace takes part in them and is connected to both apps. Katherine takes
part and is connected to none. Hedy works in the same workspace and takes part in nothing. Linus works
elsewhere. All but Katherine are connected to the first app.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contio_mock import Contio, FakeContio
from contio_mock.contract.auth import SCOPES
from contio_mock.contract.oauth import TokenResponse
from contio_mock.contract.release import Release
from contio_mock.contract.signature import SIGNATURE_HEADER
from contio_mock.contract.wire import Request, Response
from contio_mock.fake.deliveries import Outgoing
from contio_mock.fake.engine import routes_of
from contio_mock.fake.jobs import JOBS, Scheduled
from contio_mock.fake.oauth import grants
from contio_mock.fake.outbox import Emitted
from contio_mock.fake.sandbox import FIXED_START, Context
from contio_mock.fake.scenario import seeded_store

SCENARIO = Path(__file__).with_name("stage.json")

FIRST, SECOND = "first", "second"
"""The client ids of the two apps; each has its webhooks at the path of that name."""
URL = "http://localhost:9/first"
SECRETS = {FIRST: "whs_first", SECOND: "whs_second"}

ADA, GRACE, KATHERINE, HEDY, LINUS = (
    "ada@example.com", "grace@example.com", "katherine@example.com", "hedy@example.com", "linus@example.net",
)  # fmt: skip
GUEST = "guest@example.org"
"""Somebody without an account."""

Alter = Callable[[Request], Request]


@dataclass(frozen=True)
class Happened:
    """An event, and the operation or job that caused it."""

    event: str
    source: str
    at: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Received:
    """What one of the apps was sent."""

    app: str
    raw: bytes
    signature: str

    @cached_property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed

    @property
    def event(self) -> str:
        return str(self.body["event_type"])

    @property
    def reader(self) -> str | None:
        """The address of the user whom it is for."""
        return self.body["for_user"]["email"] if "for_user" in self.body else None


class Stage:
    """One fresh Contio, its clients, and what it tells from the moment on when it is `ready`."""

    def __init__(
        self, release: Release, profile: Mapping[str, Any] | None = None, source: str = "", *, key: str = ""
    ) -> None:
        self.release = release
        self.contio = FakeContio(
            scenario=str(SCENARIO), release=release, profile=profile, webhook_url=URL, check_answers=True
        )
        self.source = source
        """The operation or job that is watched."""
        self.key = key
        """The idempotency key that its requests carry."""
        self.alter: Alter = lambda request: request
        """What becomes of its requests on their way."""
        self.sent: list[Request] = []
        """Its requests."""
        self.happened: list[Happened] = []
        self.known: dict[str, dict[str, Any]] = {}
        self._counted = 0
        self._received: list[Received] = []

    # ------------------------------------------------------------ who acts

    def tokens(self, email: str, app: str) -> TokenResponse:
        """Tokens of somebody in one of the apps; the control plane has those of the first one only."""
        ctx = Context(self.contio.sandbox, Request("POST", "/"), "", "")
        user, partner = ctx.store.users.first("email", email), ctx.store.apps.first("client_id", app)
        assert user is not None
        assert partner is not None
        return grants.complete(ctx, partner, user, tuple(SCOPES), id_token=False)

    def user(self, email: str, app: str = FIRST) -> Any:
        """The user API as somebody's client in one of the apps sees it."""
        return self._client(tokens=self.tokens(email, app)).user

    def admin(self, app: str = FIRST) -> Any:
        """The admin API as one of the apps sees it."""
        return self._client(client_id=app, api_key=f"ctio_{app}").admin

    @property
    def anybody(self) -> Contio:
        """A client without credentials."""
        return self._client()

    @property
    def simulate(self) -> Any:
        """What Contio does by itself."""
        return self.anybody.mock.simulate

    def _client(self, **credentials: Any) -> Contio:
        return Contio(base_url="http://contio.localhost", transport=self._send, **credentials)

    def _send(self, request: Request) -> Response:
        self.pass_time(0)
        found = routes_of(self.release).find(request.method, request.path)
        operation = found.route.operation_id if found.route is not None else ""
        if operation == self.source:
            headers = {**request.headers, **({"idempotency-key": self.key} if self.key else {})}
            request = Request(request.method, request.path, request.query, headers, request.body)
            request = self.alter(request)
            self.sent.append(request)
        response = self.contio.handle(request)
        for emitted in self._new():
            self._note(emitted, operation)
        return response

    def pass_time(self, seconds: float) -> None:
        """Move the clock, from one moment at which something is due to the next."""
        clock, jobs = self.contio.clock, self.contio.sandbox.clock
        target = clock.now + timedelta(seconds=seconds)
        while (due := jobs.next_job()) is not None and due <= target:
            stop = max(due, clock.now)
            carried_out = [job for when, job in jobs.waiting() if when <= stop]
            clock.set(stop)
            for emitted in self._new():
                self._note(emitted, _cause_among(carried_out, emitted))
        if clock.now < target:
            clock.set(target)

    def _new(self) -> list[Emitted]:
        """The events since it was asked last."""
        emitted = self.contio.sandbox.outbox.emitted
        count, self._counted = emitted - self._counted, emitted
        return self.contio.events[-count:] if count else []

    def _note(self, emitted: Emitted, source: str) -> None:
        self.happened.append(Happened(emitted.type, source, self.now, emitted.shown_in(self.release)))

    # ------------------------------------------------------------ what is watched

    def ready(self) -> None:
        """What happened until now was preparation."""
        self.pass_time(0)
        self.contio.outbox.deliver(lambda outgoing: 200)
        self.happened.clear()
        self.sent.clear()

    def told(self, event: str, **members: Any) -> None:
        """Say what the cause knows of the event's data."""
        self.known[event] = members

    def received(self) -> list[Received]:
        """What the apps were sent since it was ready."""
        self.pass_time(0)
        self.contio.outbox.deliver(self._receive)
        return self._received

    def _receive(self, outgoing: Outgoing) -> int:
        app = urlsplit(outgoing.url).path.removeprefix("/")
        self._received.append(Received(app, outgoing.body, outgoing.headers[SIGNATURE_HEADER]))
        return 200

    # ------------------------------------------------------------ what there is

    @property
    def now(self) -> str:
        """This moment, as it stands in an event."""
        return moment(self.contio.clock.now)

    def id_of(self, email: str) -> str:
        """The id of a user."""
        user = self.contio.sandbox.store.users.first("email", email)
        assert user is not None, email
        return user.id

    @property
    def app_ids(self) -> dict[str, str]:
        return {app.client_id: app.id for app in self.contio.sandbox.store.apps}

    @property
    def workspace(self) -> str:
        """The id of Ada's workspace."""
        (found,) = (w.id for w in self.contio.sandbox.store.workspaces if w.name == "Engines")
        return found

    def the(self, collection: str, name: str) -> Any:
        """The record that had that name or title in the beginning, as it was then."""
        records = getattr(seeded_store(str(SCENARIO), FIXED_START), collection)
        (found,) = (one for one in records if name in (getattr(one, "title", ""), getattr(one, "name", "")))
        return found

    def meeting(self, title: str) -> str:
        return str(self.the("meetings", title).id)


def moment(when: datetime) -> str:
    """A time as it stands in an event."""
    return when.isoformat().replace("+00:00", "Z")


def _cause_among(jobs: list[Any], emitted: Emitted) -> str:
    """The only job that may have caused the event: of those that were due, or of those that they led to."""
    due = [one.job for one in jobs if isinstance(one, Scheduled)]
    causing = {job.name for job in due if type(emitted.event) in job.emits}
    causing = causing or {job.name for job in JOBS.values() if type(emitted.event) in job.emits}
    assert len(causing) == 1, f"{emitted.type} came of one of {sorted(causing)}"
    return causing.pop()
