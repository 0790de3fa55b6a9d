"""The commands about webhooks: send one, check one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contio_mock.cli_control import DEFAULT_URL, asked, fail

if TYPE_CHECKING:
    from contio_mock.contract.control_traffic import RecordedDelivery, RecordedEvent

app = typer.Typer()


def event_names(typed: str) -> list[str]:
    """The events whose names begin like that, for the shell's completion."""
    return [name for name in _releases_of_events() if name.startswith(typed)]


def _releases_of_events() -> dict[str, list[str]]:
    """Every event in alphabetical order, and the releases that have it."""
    from contio_mock.contract import registry  # noqa: PLC0415
    from contio_mock.contract.release import Release  # noqa: PLC0415

    found: dict[str, list[str]] = {}
    for release in Release:
        for name in registry.events(release):
            found.setdefault(name, []).append(release.value)
    return dict(sorted(found.items()))


SAID = 200
"""How many characters of a receiver's answer are shown."""


@app.command()
def trigger(
    event: Annotated[
        str | None,
        typer.Argument(help="Such as meeting.created.", autocompletion=event_names, show_default=False),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="Members of its data, or @FILE with them; the others are made up."),
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Only this user's copy; all connected users else.")
    ] = None,
    url: Annotated[str, typer.Option(help="Where the mock runs.")] = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the event with its deliveries.")] = False,
) -> None:
    """Have a running mock send a signed event, as if it had happened, and say what came of it.

    Exit code 1 when it was not delivered.
    """
    wish = {"type": _known_event(event), "data": _json_object(data), "user": user}
    given = {name: value for name, value in wish.items() if value is not None}
    recorded: RecordedEvent = asked(url, lambda mock: _sent(mock, given))
    if as_json:
        print(recorded.model_dump_json(exclude_none=True))
    elif recorded.deliveries:
        print(f"{recorded.type} to {recorded.deliveries[0].url}")
        for delivery in recorded.deliveries:
            print(f"  {delivery.for_user or 'the app'}: {_outcome(delivery)}")
    else:
        print(
            f"contio-mock: {recorded.type} happened, and nobody is told: {_why_nobody(recorded.type, url)}",
            file=sys.stderr,
        )
    if not recorded.deliveries or any(one.status != "delivered" for one in recorded.deliveries):
        raise typer.Exit(1)


def _sent(mock: Any, given: dict[str, Any]) -> RecordedEvent:
    """The event with what has become of its deliveries."""
    recorded = _emitted(mock, given)
    if not recorded.deliveries:
        return recorded
    mock.settle()
    newest = mock.events(type=recorded.type, limit=100).items
    ids = {delivery.id for delivery in recorded.deliveries}
    return next((one for one in newest if ids & {delivery.id for delivery in one.deliveries}), recorded)


def _emitted(mock: Any, given: dict[str, Any]) -> RecordedEvent:
    from contio_mock.client import Refused  # noqa: PLC0415

    try:
        recorded: RecordedEvent = mock.emit(given)
    except Refused as error:
        if error.code != "unknown_event":
            raise
        releases = ", ".join(_releases_of_events()[given["type"]])
        fail(f"the mock's release has no {given['type']}; these have it: {releases}")
    return recorded


def _outcome(delivery: RecordedDelivery) -> str:
    if not delivery.attempts:
        return _why_not_tried(delivery)
    last = delivery.attempts[-1]
    copies = 1 + sum(attempt.repeated is True for attempt in delivery.attempts)
    sent = f", sent {copies} times" if copies > 1 else ""
    if delivery.status == "delivered":
        return f"{last.status} in {last.milliseconds or 0:.0f} ms{sent}"
    retry = delivery.next_retry_at
    then = f"tried again at {retry:%H:%M:%S} by the mock's clock" if retry else delivery.status
    said = " ".join((last.answer or "").split())
    quoted = f" ({said[:SAID]}{'…' if len(said) > SAID else ''})" if said else ""
    return f"{last.error or f'status {last.status}{quoted}'}{sent}; {then}"


def _why_not_tried(delivery: RecordedDelivery) -> str:
    if delivery.status != "pending":
        return delivery.status
    if delivery.due_at is None:
        return "kept, since webhooks are switched off"
    return f"goes out at {delivery.due_at:%H:%M:%S} by the mock's clock"


def _why_nobody(event: str, url: str) -> str:
    from contio_mock.client import Contio, ContioError  # noqa: PLC0415

    given = asked(url, lambda mock: mock.credentials())
    keys = {"client_id": given.client_id, "client_secret": given.client_secret, "api_key": given.api_key}
    try:
        with Contio(base_url=url, **keys) as client:
            told = client.admin.app.get()
    except ContioError as error:  # a fault rule, perhaps
        return f"why cannot be seen: {error}"
    if not told.webhook_url:
        return "the app has no webhook URL; start the mock with serve --webhook-url"
    chosen = told.webhook_filter
    if chosen is not None and (event in chosen.events) is (chosen.type == "exclude"):
        return "the app's webhook filter leaves it out"
    return "no user is connected to the app; name one with --user"


def _known_event(name: str | None) -> str:
    from difflib import get_close_matches  # noqa: PLC0415

    known = list(_releases_of_events())
    if name is None:
        fail(f"which event? There are {', '.join(known)}")
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
        fail(f"there is no event {name!r}; {hint}")
    return name


def _json_object(text: str | None) -> Any:
    if text is None:
        return None
    if text.startswith("@"):
        name = text.removeprefix("@")
        text = body_of(None if name == "-" else Path(name)).decode("utf-8-sig", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        fail(f"--data is no JSON: {error}")
    if not isinstance(value, dict):
        fail('--data must be a JSON object such as {"title": "Review"}')
    return value


def body_of(file: Path | None) -> bytes:
    """What a file holds, or standard input."""
    if file is not None and str(file) != "-":
        try:
            return file.read_bytes()
        except OSError as error:
            fail(f"cannot read {file}: {error.strerror}")
    if sys.stdin.isatty():
        print("contio-mock: reading standard input; Ctrl-D ends it", file=sys.stderr)
    return sys.stdin.buffer.read()


@app.command()
def verify(
    secret: Annotated[
        str, typer.Option(envvar="CONTIO_WEBHOOK_SECRET", show_envvar=True, help="The webhook secret.")
    ],
    signature: Annotated[str, typer.Option(help="The X-Contio-Signature header.")],
    file: Annotated[Path | None, typer.Argument(help="The raw body; standard input when left out.")] = None,
) -> None:
    """Check a webhook signature, and say what is wrong with it; exit code 1 when something is."""
    from contio_mock.client.signature_advice import advice  # noqa: PLC0415

    if not secret:
        fail("--secret is empty; it is the app's webhook secret")
    problem = advice(body_of(file), signature, secret)
    if problem is not None:
        print(f"contio-mock: {problem}", file=sys.stderr)
        raise typer.Exit(1)
    print("The signature is right.")
