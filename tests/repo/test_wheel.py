"""The wheel holds both packages with everything that they read at run time, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from contio_mock.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "contio_mock": ROOT / "src" / "contio_mock",
    "pytest_contio_mock": ROOT / "pytest_plugin" / "pytest_contio_mock",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    directory = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = directory.glob("*.whl")
    assert built.name == f"contio_mock-{VERSION}-py3-none-any.whl"
    return ZipFile(built)


def metadata(wheel: ZipFile, name: str) -> str:
    return wheel.read(f"contio_mock-{VERSION}.dist-info/{name}").decode()


def test_it_holds_every_file_of_both_packages(wheel: ZipFile) -> None:
    wanted = {
        f"{package}/{path.relative_to(directory).as_posix()}"
        for package, directory in PACKAGES.items()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == wanted


@pytest.mark.parametrize(
    "name",
    [
        "contio_mock/py.typed",
        "pytest_contio_mock/py.typed",
        "contio_mock/fixtures/demo.json",
        "contio_mock/fixtures/empty.json",
        "contio_mock/fixtures/signing_key.json",
        "contio_mock/server/templates/layout.html",
        "contio_mock/server/templates/contio-mock.css",
    ],
)
def test_it_holds_what_is_no_code(wheel: ZipFile, name: str) -> None:
    assert wheel.read(name) is not None


def test_it_holds_no_test_no_cache_and_no_secret(wheel: ZipFile) -> None:
    for name in wheel.namelist():
        assert name.split("/")[0] in (*PACKAGES, f"contio_mock-{VERSION}.dist-info")
        assert not Path(name).name.startswith(("test_", "conftest"))
        assert not name.endswith((".pyc", ".env", ".toml", ".orig"))
        assert "/." not in name


def test_it_installs_a_command_and_a_pytest_plugin(wheel: ZipFile) -> None:
    points = ConfigParser()
    points.read_string(metadata(wheel, "entry_points.txt"))
    assert dict(points["console_scripts"]) == {"contio-mock": "contio_mock.cli:main"}
    assert dict(points["pytest11"]) == {"contio_mock": "pytest_contio_mock.plugin"}


def test_it_says_what_it_is_and_what_it_needs(wheel: ZipFile) -> None:
    said = Parser().parsestr(metadata(wheel, "METADATA"))
    assert said["Version"] == VERSION
    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "MIT"
    assert set(said.get_all("Provides-Extra", [])) == {"pytest", "dev"}
    needed = [line for line in said.get_all("Requires-Dist", []) if "extra ==" not in line]
    tools = ("pytest", "hypothesis", "schemathesis", "ruff", "mypy", "faker")
    assert not [line for line in needed if line.lower().startswith(tools)]
    assert metadata(wheel, "licenses/LICENSE").startswith("MIT License")


def test_it_is_small(wheel: ZipFile) -> None:
    assert sum(entry.compress_size for entry in wheel.infolist()) < 1_000_000
