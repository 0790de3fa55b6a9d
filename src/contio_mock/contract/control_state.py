"""What a sandbox is like and what it holds: its settings, changed while it runs, and its whole state."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contio_mock.contract.auth import PUBLIC
from contio_mock.contract.control import UNKNOWN_PROFILE_OPTION, UNKNOWN_RELEASE
from contio_mock.contract.errors import ErrorCode
from contio_mock.contract.operation import Operation, endpoint
from contio_mock.contract.profile import PlanType
from contio_mock.contract.shared import Input, Model, Timestamp
from contio_mock.contract.simulate_meetings import UNKNOWN_WORKSPACE

TAG = "Control"

INVALID_STATE = ErrorCode(400, "invalid_state", "This is not the state of a sandbox.")
STATE_VERSION = 1
"""Of the document; one of another version is refused."""


class Features(Model):
    """Switches of what Contio turns on for some and not for others."""

    smart_redirect: bool
    """A meeting that was copied into the caller's workspace answers with the copy's id only."""


class FeatureChange(Input):
    """Switches that are to change."""

    smart_redirect: bool | None = None


class WorkspaceSettings(Model):
    """A workspace and its plan."""

    id: str
    name: str
    plan: PlanType


class SandboxSettings(Model):
    """How a sandbox behaves."""

    release: str
    strict: bool
    profile: dict[str, Any]
    """Every option with its value; `contio-mock profile` explains them."""
    features: Features
    workspaces: list[WorkspaceSettings]


class SettingsChange(Input):
    """What is to change; what is left out stays. A reset restores everything."""

    release: str | None = None
    strict: bool | None = None
    profile: dict[str, Any] | None = None
    """Options with their new values; the others stay."""
    features: FeatureChange | None = None
    workspaces: dict[str, PlanType] | None = None
    """The plans of workspaces, by name or id."""


class ClockReading(Model):
    """Where the clock stands, and how fast it runs."""

    now: Timestamp
    rate: Annotated[float, Field(ge=0, le=86400)]


class WaitingJob(Model):
    """Something that will happen by itself."""

    at: Timestamp
    name: str
    arguments: list[str]


class State(Model):
    """Everything that a sandbox holds, but for its journal.

    Bytes are written `{"$text": …}` or `{"$base64": …}`; numbers that JSON lacks `{"$float": "inf"}`;
    an object with a member that begins with `$` as `{"$object": [[name, value], …]}`; what is nested
    very deeply as its text, `{"$json": …}`.
    """

    format: Literal["contio-mock-state"]
    version: int
    made_by: str
    """The version of contio-mock that wrote it."""
    settings: dict[str, Any]
    clock: ClockReading
    ids: str
    """Where the source of ids stands, so that the next ones are the same."""
    collections: dict[str, Any]
    """Every record, with what no answer shows, in the order of their making."""
    credentials: dict[str, Any]
    """Tokens, codes, sign-ins and mails."""
    traffic: dict[str, Any]
    """Events, deliveries, idempotency keys, fault rules, rate counters."""
    jobs: list[WaitingJob]
    """In the order in which they will happen."""


@endpoint("GET", "/_mock/settings", auth=PUBLIC, tag=TAG)
class MockGetSettings(Operation[SandboxSettings]):
    """Read how the sandbox behaves."""


@endpoint(
    "PATCH",
    "/_mock/settings",
    auth=PUBLIC,
    raises=(UNKNOWN_RELEASE, UNKNOWN_PROFILE_OPTION, UNKNOWN_WORKSPACE),
    tag=TAG,
)
class MockUpdateSettings(Operation[SandboxSettings]):
    """Change how the sandbox behaves, from the next request on."""

    body: SettingsChange


@endpoint("GET", "/_mock/state", auth=PUBLIC, tag=TAG)
class MockExportState(Operation[State]):
    """Export everything that the sandbox holds."""


@endpoint(
    "PUT",
    "/_mock/state",
    auth=PUBLIC,
    success=204,
    raises=(INVALID_STATE,),
    invalid=INVALID_STATE,
    invalid_body=INVALID_STATE,
    tag=TAG,
)
class MockImportState(Operation[None]):
    """Put an exported state in the place of everything that the sandbox holds; all of it or nothing."""

    body: State
