"""The official SDK from npm, as a program that takes orders."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from pytest_contio_mock.live import LiveContio

from .promises import PROMISES

HERE = Path(__file__).parent
SECONDS = 30
"""How long a flow may take."""


class Program:
    """A Node process with one version of the SDK; it runs one flow after the other."""

    def __init__(self, node: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [node, HERE / "program.cjs", folder],
            env={**os.environ, "NO_PROXY": "*", "no_proxy": "*"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, order: dict[str, Any]) -> dict[str, Any]:
        """Have an order carried out; raises RuntimeError when the program dies of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        deadline = Timer(SECONDS, self._process.kill)
        deadline.start()
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            deadline.cancel()
        if not line:
            self._process.wait(SECONDS)
            raise RuntimeError(f"node was lost: it broke down, or said nothing for {SECONDS} s")
        return json.loads(line)

    @property
    def runs(self) -> bool:
        """Whether it can take an order."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        try:
            self._process.communicate(timeout=SECONDS)  # a program ends with its input
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


class OfficialSdk:
    """One version of the SDK, pointed at a live Contio."""

    def __init__(self, version: str, program: Program, contio: LiveContio) -> None:
        self.version = version
        self._program = program
        self._contio = contio

    def run(self, script: str, flow: str, **given: Any) -> Any:
        """What one flow of a script saw; fails the test when the flow broke, or did not what it promises."""
        promised = [*PROMISES.get(f"{script} {flow}", ())]
        order = {"script": script, "flow": flow, "given": given, "promised": promised}
        answer = self._program.run({**order, "environment": self._contio.environment})
        if "broke" in answer:
            pytest.fail(f"{flow} of {script}.cjs broke: {answer['broke']}", pytrace=False)
        if answer["missed"]:
            pytest.fail(f"{flow} of {script}.cjs did not succeed with {answer['missed']}", pytrace=False)
        return answer["seen"]


def error(seen: dict[str, Any]) -> tuple[int, str]:
    """Status and code of a refusal that the SDK reported as an error of the API, with the request's id."""
    assert seen["isApiError"]
    assert seen["requestId"].startswith("req_")
    return seen["statusCode"], seen["code"]
