"""What `contio-mock serve` does: build the engine, print the banner, serve until stopped."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contio_mock.contract.release import Release
from contio_mock.fake.clock import pause, real_now, stopwatch
from contio_mock.fake.engine import Engine
from contio_mock.fake.ids import unguessable
from contio_mock.fake.profile import DEFAULT, load_profile
from contio_mock.fake.sandbox import Sandbox, Settings
from contio_mock.fake.scenario import ScenarioError
from contio_mock.server.app import ContioApp
from contio_mock.server.runner import StartError, bind, server_for, url_of
from contio_mock.usage import UsageError
from contio_mock.version import VERSION

if TYPE_CHECKING:
    import uvicorn

GC_THRESHOLDS = (2_000, 10, 1_000)
"""A server of many small lasting records: those that grew old are practically never looked through again,
and the new ones often enough that nobody waits for it: 1 ms, or 8 ms every tenth time."""
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """The options of `serve`."""

    host: str
    port: int
    release: str
    scenario: str
    seed: int
    profile: Path | None
    strict: bool
    webhook_url: str | None
    redirect_uris: tuple[str, ...]
    auto_approve: str | None
    env_file: Path | None
    base_url: str | None
    expose: bool
    webhook_hosts: tuple[str, ...]
    log_level: str
    as_json: bool


def serve_until_stopped(options: ServeOptions) -> None:
    """Serve; returns after Ctrl-C. Raises UsageError with one sentence for whatever the caller can mend."""
    _start_logging(options)
    engine = _engine(options)
    exposed = options.expose or is_loopback(options.host)
    if not exposed:
        _hide_credentials(engine.default)
    try:
        listener = bind(options.host, options.port)
    except StartError as error:
        raise UsageError(f"{error}; choose another with --port") from None
    url = options.base_url or url_of(listener)
    values = environment(engine.default, url)
    if options.env_file is not None:
        _write_env_file(options.env_file, values)
    server = server_for(ContioApp(engine, exposed=exposed, webhook_hosts=options.webhook_hosts))
    _stop_on_signals(server)
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
    _announce(options, url, values)
    server.run(sockets=[listener])
    listener.close()
    if not options.as_json:
        print("\nStopped.")


def _stop_on_signals(server: uvicorn.Server) -> None:
    """Let Ctrl-C end the server with exit code 0.

    uvicorn has handlers of its own while it serves and raises the signal again afterwards: these
    are for the moments before and after.
    """

    def stop(*_: Any) -> None:
        server.should_exit = True

    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, stop)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _start_logging(options: ServeOptions) -> None:
    level = options.log_level.lower()
    if level not in LEVELS:
        raise UsageError(f"--log-level must be one of {', '.join(LEVELS)}, not {options.log_level!r}")
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING if level == "info" else level.upper())


def _engine(options: ServeOptions) -> Engine:
    try:
        settings = Settings(
            scenario=options.scenario,
            seed=options.seed,
            release=Release.parse(options.release),
            profile=load_profile(options.profile) if options.profile else DEFAULT,
            strict=options.strict,
            start=real_now().replace(microsecond=0),
            rate=1.0,
            webhook_url=options.webhook_url,
            redirect_uris=options.redirect_uris,
            auto_approve=options.auto_approve,
        )
        return Engine(settings, options.base_url.rstrip("/") if options.base_url else None)
    except (ScenarioError, ValueError) as error:
        raise UsageError(str(error)) from None


def _hide_credentials(sandbox: Sandbox) -> None:
    """Other machines can reach this server, so its secrets must not be the printed ones."""
    sandbox.store.apps.replace(
        sandbox.app,
        client_secret=unguessable("cs_"),
        api_key=unguessable("ctio_"),
        webhook_secret=unguessable("whs_"),
    )


def environment(sandbox: Sandbox, url: str) -> dict[str, str]:
    """The variables that a partner's code is configured with."""
    app = sandbox.app
    return {
        "CONTIO_BASE_URL": url,
        "CONTIO_AUTHORIZATION_URL": f"{url}/oauth2/authorize",
        "CONTIO_TOKEN_URL": f"{url}/oauth2/token",
        "CONTIO_CLIENT_ID": app.client_id,
        "CONTIO_CLIENT_SECRET": app.client_secret,
        "CONTIO_API_KEY": app.api_key,
        "CONTIO_WEBHOOK_SECRET": app.webhook_secret,
        "CONTIO_REDIRECT_URI": app.redirect_uris[0] if app.redirect_uris else "",
    }


def _write_env_file(path: Path, values: dict[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _announce(options: ServeOptions, url: str, values: dict[str, str]) -> None:
    if options.as_json:
        ready: dict[str, Any] = {"url": url, "release": options.release, "pid": os.getpid(), **values}
        print(json.dumps(ready), flush=True)
        return
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    lines = [
        "",
        f"{bold}contio-mock {VERSION}{plain}  Contio Partner API {options.release} at {bold}{url}{plain}",
        "",
        *(f"  {name:<25} {value}" for name, value in values.items()),
        "",
        f"  Sign in     {url}/oauth2/authorize?response_type=code&client_id={values['CONTIO_CLIENT_ID']}"
        f"&redirect_uri={values['CONTIO_REDIRECT_URI']}",
        f"  Webhooks    {options.webhook_url or 'no URL yet; set one with --webhook-url or PATCH /v1/partner/admin/app'}",
        f"  Look inside {url}/",
        "",
        "  Ctrl-C stops it.",
        "",
    ]
    if not (options.expose or is_loopback(options.host)):
        lines.insert(
            -2,
            "  Other machines reach this server: its secrets are new, /_mock answers here only (--expose).",
        )
    print("\n".join(lines), flush=True)


def wait_until_up(url: str, timeout: float) -> bool:
    """Whether a mock answers at a URL before the time is over."""
    from contio_mock.client import Contio, ContioError  # noqa: PLC0415

    begun = stopwatch()
    with Contio(base_url=url, timeout=max(0.2, min(timeout, 2.0))) as client:
        while True:
            try:
                client.mock.health()
            except ContioError:
                if stopwatch() - begun >= timeout:
                    return False
                pause(0.05)
            else:
                return True
