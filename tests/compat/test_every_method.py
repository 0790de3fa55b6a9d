"""Nothing of the official SDK is left out: what it has is asked of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .official_sdk import OfficialSdk
from .promises import NOT_PROMISED, PROMISES

HERE = Path(__file__).parent
PROMISED = frozenset(name for names in PROMISES.values() for name in names)


def test_every_method_is_promised_by_some_flow(sdk: OfficialSdk) -> None:
    has = set(sdk.run("exports", "everything"))
    assert len(has) > 100
    assert has - PROMISED - NOT_PROMISED.keys() == set()


@pytest.mark.parametrize("sdk", ["1.9.0"], indirect=True)
def test_nothing_is_promised_that_does_not_exist(sdk: OfficialSdk) -> None:
    has = set(sdk.run("exports", "everything"))
    assert (PROMISED | NOT_PROMISED.keys()) - has == set()
    assert PROMISED & NOT_PROMISED.keys() == set()


def test_every_promise_is_put_to_the_test() -> None:
    sources = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    run = {f"{script} {flow}" for script, flow in re.findall(r'sdk\.run\(\s*"(\w+)", "(\w+)"', sources)}
    assert PROMISES.keys() - run == set()
