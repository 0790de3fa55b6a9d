"""The declarations say what the published documents say, but for what `accepted` lists with its reason.

The documents are not part of this repository. Without them these tests are skipped, in CI they fail.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from contio_mock.contract import openapi
from contio_mock.contract.release import Release

from . import facts
from .accepted import ACCEPTED

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "contract" / "official"

pytestmark = pytest.mark.usefixtures("documents")
every_release = pytest.mark.parametrize("release", Release, ids=lambda release: release.value)


@pytest.fixture(scope="module")
def documents() -> None:
    if PUBLISHED.is_dir():
        return
    missing = "the published documents are not beside the repository (../shared/contract/official)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@cache
def published(release: Release) -> dict[str, facts.Facts]:
    text = (PUBLISHED / f"openapi-{release.document}.json").read_text(encoding="utf-8")
    return facts.published(json.loads(text))


@cache
def published_events(release: Release) -> dict[str, facts.Facts]:
    text = (PUBLISHED / f"webhooks-{release.document}.yaml").read_text(encoding="utf-8")
    events = facts.published_events(yaml.safe_load(text))
    return {f"event {name}": said for name, said in events.items()}


@cache
def declared(release: Release) -> dict[str, facts.Facts]:
    return facts.generated(openapi.document(release))


@cache
def declared_events(release: Release) -> dict[str, facts.Facts]:
    events = facts.generated_events(openapi.document(release))
    return {f"event {name}": said for name, said in events.items()}


@cache
def differences(release: Release) -> list[tuple[str, str]]:
    """Every subject that is declared, with each line in which its document differs."""
    operations = _compared(declared(release), published(release))
    events = _compared(declared_events(release), published_events(release))
    return [*operations, *events]


def _compared(ours: dict[str, facts.Facts], theirs: dict[str, facts.Facts]) -> Iterator[tuple[str, str]]:
    for subject, said in ours.items():
        if subject not in theirs:
            yield subject, "+ not in the document of this release"
            continue
        for line in facts.differences(said, theirs[subject]):
            yield subject, line


@every_release
def test_a_declaration_differs_from_its_document_only_where_that_is_accepted(release: Release) -> None:
    unexplained = [
        f"{subject}: {line}"
        for subject, line in differences(release)
        if not any(row.fits(subject, line) for row in ACCEPTED)
    ]
    assert unexplained == []


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: f"{row.subject} {row.line}")
def test_an_accepted_difference_still_exists(row) -> None:
    found = (pair for release in Release for pair in differences(release))
    assert any(row.fits(*pair) for pair in found), "nothing differs like this any more: delete the row"


@every_release
def test_everything_that_is_published_is_declared(release: Release) -> None:
    assert sorted(published(release).keys() - declared(release).keys()) == []
    assert sorted(published_events(release).keys() - declared_events(release).keys()) == []
