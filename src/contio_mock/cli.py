"""The command line: `contio-mock serve` and what talks to a running mock."""

from __future__ import annotations

import gc
import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from contio_mock import cli_control, cli_webhooks
from contio_mock.cli_control import DEFAULT_PORT, DEFAULT_URL, fail
from contio_mock.usage import UsageError
from contio_mock.version import VERSION

app = typer.Typer(
    name="contio-mock",
    help="A local Contio: mock server, client and contract checks for the Contio Partner API.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
USAGE_ERROR = 2


def _version(wanted: bool) -> None:
    if wanted:
        print(VERSION)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A local Contio: mock server, client and contract checks for the Contio Partner API."""


@app.command()
def serve(  # noqa: PLR0913 - a command's options
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = DEFAULT_PORT,
    release: Annotated[str, typer.Option(help="Release of the API: 1.5, 1.6, 1.9 or 1.10.")] = "1.10",
    scenario: Annotated[str, typer.Option(help="demo, empty, or a scenario file.")] = "demo",
    seed: Annotated[int, typer.Option(help="Seed of every id, token and code.")] = 1,
    profile: Annotated[Path | None, typer.Option(help="TOML file with profile options.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse undocumented paths and members.")] = False,
    webhook_url: Annotated[str | None, typer.Option(help="Where webhooks are sent.")] = None,
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="A further redirect URI; may be repeated.")
    ] = None,
    auto_approve: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Grant every authorization to this user at once.")
    ] = None,
    env_file: Annotated[Path | None, typer.Option(help="Write the credentials to this file.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="How others reach this server, when not by its own address.")
    ] = None,
    expose: Annotated[
        bool, typer.Option("--expose", help="Offer the control plane to other machines too.")
    ] = False,
    allow_webhook_host: Annotated[
        list[str] | None, typer.Option(help="A host outside this network that webhooks may go to.")
    ] = None,
    log_level: Annotated[
        str, typer.Option(help="debug, info, warning or error.", case_sensitive=False)
    ] = "info",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON line when ready, and nothing else.")
    ] = False,
) -> None:
    """Serve a Contio until Ctrl-C."""
    gc.disable()  # nothing of what a start makes is garbage; it is switched on before the first request
    from contio_mock.server.command import ServeOptions, serve_until_stopped  # noqa: PLC0415

    serve_until_stopped(
        ServeOptions(
            host=host,
            port=port,
            release=release,
            scenario=scenario,
            seed=seed,
            profile=profile,
            strict=strict,
            webhook_url=webhook_url,
            redirect_uris=tuple(redirect_uri or ()),
            auto_approve=auto_approve,
            env_file=env_file,
            base_url=base_url,
            expose=expose,
            webhook_hosts=tuple(allow_webhook_host or ()),
            log_level=log_level,
            as_json=as_json,
        )
    )


@app.command()
def wait(
    url: Annotated[str, typer.Argument(help="Where the mock is to answer.")] = DEFAULT_URL,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 30.0,
) -> None:
    """Return when a mock answers; exit code 1 when it does not in time."""
    from contio_mock.server.command import wait_until_up  # noqa: PLC0415

    if not wait_until_up(url, timeout):
        print(f"contio-mock: nothing answered at {url} within {timeout:g} s", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def openapi(
    release: Annotated[str | None, typer.Option(help="Print the document of this release.")] = None,
    control: Annotated[bool, typer.Option("--control", help="Print the control plane's document.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Say whether the files are current.")] = False,
    directory: Annotated[Path, typer.Option(help="Where the files are.")] = Path("openapi"),
) -> None:
    """Print a release's OpenAPI document, or write the documents of all releases."""
    from contio_mock.contract import openapi as documents  # noqa: PLC0415

    if control or release is not None:
        document = documents.control_document() if control else documents.document(_release(release or ""))
        print(documents.text(document), end="")
    elif check:
        stale = documents.stale(directory)
        if stale:
            print(f"contio-mock: not current: {', '.join(stale)}; run contio-mock openapi", file=sys.stderr)
            raise typer.Exit(1)
        print("openapi: current")
    else:
        for path in documents.write(directory):
            print(path)


def _release(label: str) -> Any:
    from contio_mock.contract.release import Release  # noqa: PLC0415

    try:
        return Release.parse(label)
    except ValueError as error:
        fail(str(error))


@app.command()
def profile(
    file: Annotated[Path | None, typer.Option("--profile", help="TOML file with profile options.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print every guess of the fake: the question, the choices, the answer and why."""
    from contio_mock.fake import profile as profiles  # noqa: PLC0415

    try:
        chosen = profiles.load_profile(file) if file is not None else profiles.DEFAULT
    except ValueError as error:
        fail(str(error))
    rows = profiles.register(chosen)
    if as_json:
        options = {name: list(value) if isinstance(value, tuple) else value for name, value, *_ in rows}
        print(json.dumps(options, indent=2))
        return
    for name, value, choices, question in rows:
        shown = list(value) if isinstance(value, tuple) else value
        also = f"  (choices: {', '.join(choices)})" if choices else ""
        print(f"{name} = {json.dumps(shown)}{also}\n    {question.asks}\n    {question.why}\n")


app.add_typer(cli_control.app)
app.add_typer(cli_webhooks.app)


def main() -> None:
    """Run the command line; every mistake of the caller is one sentence and exit code 2."""
    logging.captureWarnings(True)
    try:
        sys.exit(app(standalone_mode=False) or 0)  # typer returns the code of an Exit
    except UsageError as stop:
        print(f"contio-mock: {stop}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "format_message"):
            raise
        asked_for_nothing = type(error).__name__ == "NoArgsIsHelpError"  # its message is the help
        print("" if asked_for_nothing else "contio-mock: ", error.format_message(), sep="", file=sys.stderr)
        sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()
