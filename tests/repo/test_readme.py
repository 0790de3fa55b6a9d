"""The README's code works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)


SUITES = [block for block in BLOCKS if "def test_" in block]
PROGRAMS = [block for block in BLOCKS if "def test_" not in block]
PRINTED = ["Demo Integration", "Review for ada@example.com"]
"""What each program prints."""


@pytest.mark.parametrize("place", range(len(SUITES)))
def test_a_suite_of_the_readme_passes(pytester: pytest.Pytester, place: int) -> None:
    pytester.makepyfile(SUITES[place])
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize(("place", "printed"), list(enumerate(PRINTED)))
def test_a_program_of_the_readme_runs(place: int, printed: str) -> None:
    if "from flask" in PROGRAMS[place]:
        pytest.importorskip("flask", reason="it is one of the dev extras")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAMS[place]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


def test_every_program_of_the_readme_is_run() -> None:
    assert len(PROGRAMS) == len(PRINTED)


def test_every_command_of_the_readme_exists() -> None:
    known = subprocess.run(
        [sys.executable, "-m", "contio_mock", "--help"], capture_output=True, text=True, check=True
    )
    named = set(
        re.findall(
            r"contio-mock (serve|token|clock|trigger|verify|profile|openapi|wait)\b",
            README.read_text("utf-8"),
        )
    )
    assert len(named) >= 4
    for command in named:
        assert command in known.stdout
