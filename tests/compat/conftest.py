"""Every test here runs with each version of the official SDK."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk, Program

HERE = Path(__file__).parent
VERSIONS = ("1.9.0", "1.6.0")


@pytest.fixture(scope="session")
def programs() -> Iterator[dict[str, Program]]:
    """The programs of the session by the version of their SDK, started when first needed."""
    started: dict[str, Program] = {}
    yield started
    for program in started.values():
        program.stop()


@pytest.fixture(params=VERSIONS)
def sdk(request: pytest.FixtureRequest, programs: dict[str, Program], contio_live: LiveContio) -> OfficialSdk:
    """Each version of the SDK; where it is missing, the test is skipped, but in CI it fails."""
    version = request.param
    if version in programs and not programs[version].runs:
        programs.pop(version).stop()
    if version not in programs:
        programs[version] = _program(version)
    return OfficialSdk(version, programs[version], contio_live)


def _program(version: str) -> Program:
    folder = HERE / f"sdk-{version}"
    node = shutil.which("node")
    if node is None:
        miss("node is not installed")
    if _installed(folder) != version:
        place = folder.relative_to(HERE.parents[1]).as_posix()
        miss(f"the official SDK {version} is not installed: npm --prefix {place} install --no-package-lock")
    return Program(str(node), folder)


def _installed(folder: Path) -> str | None:
    manifest = folder / "node_modules" / "@contio" / "partner-sdk" / "package.json"
    try:
        return json.loads(manifest.read_text("utf-8"))["version"]
    except OSError:
        return None


def miss(reason: str) -> NoReturn:
    """Skip what cannot run here; in CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI must not skip this)", pytrace=False)
    pytest.skip(reason)
