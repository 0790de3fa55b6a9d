"""What the pytest plugin costs a run that never uses it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from table import Row, Target

PLUGIN = ("-p", "pytest_contio_mock.plugin")


def measure_plugin(*, quick: bool) -> Iterator[Row]:
    """A run of one empty test with the plugin, and without."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing():\n    pass\n", "utf-8")
        _seconds(folder)  # compiles the test
        runs = [(_seconds(folder, *PLUGIN), _seconds(folder)) for _ in range(3 if quick else 7)]
    loaded, plain = (1000 * median(column) for column in zip(*runs, strict=True))
    yield Row("pytest of an empty test, plugin loaded", loaded, "ms", plain, loaded / plain)
    yield Row("  difference", loaded - plain, "ms", target=Target(25, 15))


def _seconds(folder: str, *options: str) -> float:
    """How long pytest takes, with no other plugin."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_nothing.py"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begun
