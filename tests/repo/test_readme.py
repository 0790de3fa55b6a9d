"""The README's code works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_suite_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    (suite,) = [block for block in BLOCKS if "def test_" in block]
    pytester.makepyfile(suite)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize("program", [block for block in BLOCKS if "def test_" not in block])
def test_a_program_of_the_readme_runs(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Demo Integration" in done.stdout


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
