"""The commands that talk to a running mock."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from contio_mock.usage import UsageError

DEFAULT_PORT = 8787
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

app = typer.Typer()


def fail(message: str) -> NoReturn:
    """End with one sentence and exit code 2; raises UsageError."""
    raise UsageError(message)


@app.command()
def token(
    email: Annotated[str, typer.Argument(help="Whose tokens; a new user is created.")] = "ada@example.com",
    scope: Annotated[str | None, typer.Option(help="Space-separated scopes; all when left out.")] = None,
    url: Annotated[str, typer.Option(help="Where the mock runs.")] = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole token response.")] = False,
) -> None:
    """Print an access token of a user of a running mock."""
    from contio_mock.contract.control import TokenMint  # noqa: PLC0415

    tokens = asked(url, lambda mock: mock.create_token(TokenMint(email=email, scope=scope)))
    print(tokens.model_dump_json(exclude_none=True) if as_json else tokens.access_token)


clock_app = typer.Typer(help="Read or move the clock of a running mock.", rich_markup_mode=None)
app.add_typer(clock_app, name="clock", invoke_without_command=True)


@clock_app.callback(invoke_without_command=True)
def clock(
    context: typer.Context, url: Annotated[str, typer.Option(help="Where the mock runs.")] = DEFAULT_URL
) -> None:
    """Print the clock of a running mock."""
    context.obj = url
    if context.invoked_subcommand is None:
        print(asked(url, lambda mock: mock.clock()).now.isoformat())


@clock_app.command()
def advance(context: typer.Context, by: Annotated[str, typer.Argument(help="Such as 90s, 25h, 7d.")]) -> None:
    """Move the clock on; whatever falls due on the way happens."""
    from contio_mock.contract.control import ClockMove  # noqa: PLC0415

    print(asked(context.obj, lambda mock: mock.move_clock(ClockMove(advance=by))).now.isoformat())


state_app = typer.Typer(
    help="Save, restore or reset everything that a running mock holds.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(state_app, name="state")
_Url = Annotated[str, typer.Option("--url", help="Where the mock runs.")]


@state_app.command("export")
def export_state(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output when left out.")] = None,
    url: _Url = DEFAULT_URL,
) -> None:
    """Write down everything that a running mock holds."""
    text = asked(url, lambda mock: mock.state()).model_dump_json(indent=2) + "\n"
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}")


@state_app.command("import")
def import_state(
    file: Annotated[Path | None, typer.Argument(help="Where from; standard input when left out.")] = None,
    url: _Url = DEFAULT_URL,
) -> None:
    """Put an exported state in the place of everything that a running mock holds."""
    from pydantic import ValidationError  # noqa: PLC0415

    from contio_mock.contract.control_state import State  # noqa: PLC0415

    try:
        state = State.model_validate_json(sys.stdin.buffer.read() if file is None else file.read_bytes())
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except ValidationError as failure:
        problem = failure.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        fail(f"{file or 'the input'} is no state of a mock: {where} {problem['msg']}".replace(":  ", ": "))
    asked(url, lambda mock: mock.put_state(state))


@state_app.command("reset")
def reset_state(url: _Url = DEFAULT_URL) -> None:
    """Start again: the mock is as it was made."""
    asked(url, lambda mock: mock.reset())


@app.command()
def simulate(
    what: Annotated[str, typer.Argument(help="Such as meeting-started.")],
    members: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE…", help="KEY:=JSON for what is no text.")
    ] = None,
    url: _Url = DEFAULT_URL,
) -> None:
    """Let happen what Contio does by itself, and print what came of it."""
    operation = _simulation(what)
    body = dict(map(_member, members or ()))
    result = asked(url, lambda mock: mock.sender.send(operation(body=body)))
    if result is not None:
        print(result.model_dump_json(indent=2, exclude_none=True))


def _simulation(what: str) -> Any:
    from contio_mock.contract.registry import control_operations  # noqa: PLC0415

    prefix = "/_mock/simulate/"
    known = {o.endpoint.path.removeprefix(prefix): o for o in control_operations()}
    known = {name: operation for name, operation in known.items() if "/" not in name}
    if what not in known:
        fail(f"nothing is called {what!r}; there are {', '.join(sorted(known))}")
    return known[what]


def _member(text: str) -> tuple[str, Any]:
    """`key=value` or `key:=JSON`."""
    name, sign, value = text.partition("=")
    if not sign or not name.removesuffix(":"):
        fail(f"{text!r} is neither KEY=VALUE nor KEY:=JSON")
    if not name.endswith(":"):
        return name, value
    try:
        return name.removesuffix(":"), json.loads(value)
    except ValueError:
        fail(f"{value!r} is not JSON")


def asked(url: str, ask: Any) -> Any:
    """What a running mock answers; a mock that is not there is the caller's to start."""
    from contio_mock.client import Contio, ContioError, NoAnswer, Refused, Unreadable  # noqa: PLC0415

    if not url.startswith(("http://", "https://")):
        fail(f"{url!r} is no URL such as {DEFAULT_URL}")
    with Contio(base_url=url) as client:
        try:
            return ask(client.mock)
        except NoAnswer:
            fail(f"nothing answers at {url}; start it with contio-mock serve")
        except Unreadable:
            fail(f"what answers at {url} is no contio-mock")
        except Refused as error:
            known = error.request_id is not None
            fail(error.message if known else f"what answers at {url} is no contio-mock: {error.status}")
        except ContioError as error:
            fail(str(error))
        except ValueError as error:
            fail(f"the request is wrong: {_sentence(error)}")


def _sentence(error: ValueError) -> str:
    """The first thing that is wrong with a value."""
    from pydantic import ValidationError  # noqa: PLC0415

    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors(include_url=False)[0]
    where, said = ".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
