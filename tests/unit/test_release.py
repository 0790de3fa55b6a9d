"""Releases and lifetimes."""

from __future__ import annotations

import itertools

import pytest

from contio_mock.contract.auth import user
from contio_mock.contract.openapi import document
from contio_mock.contract.registry import (
    by_id,
    control_operations,
    events,
    is_control,
    partner_operations,
    published_operations,
)
from contio_mock.contract.release import (
    LATEST,
    R1_5,
    R1_6,
    R1_9,
    R1_10,
    Lifetime,
    Release,
    ValueLifetimes,
    since,
    until,
)

UNDOCUMENTED = {"getToolkit", "uninstallOwnToolkit", "adminListWorkspaces"}
ALL = [R1_5, R1_6, R1_9, R1_10]


def test_releases_stand_in_the_order_of_their_publication() -> None:
    assert sorted([R1_10, R1_5, R1_9, R1_6]) == ALL
    assert LATEST is R1_10
    for earlier, later in itertools.combinations(ALL, 2):
        assert earlier < later
        assert earlier <= later
        assert later > earlier
        assert later >= earlier
        assert not later < earlier


@pytest.mark.parametrize("release", ALL)
def test_a_label_names_its_release(release: Release) -> None:
    assert Release.parse(release.value) is release
    assert release.document.count(".") == 2


@pytest.mark.parametrize("label", ["", "1.7", "1.10.0", "1.1", " 1.9", "v1.9", "latest"])
def test_an_unknown_label_is_refused_with_the_known_ones(label: str) -> None:
    with pytest.raises(ValueError, match=r"known releases: 1.5, 1.6, 1.9, 1.10"):
        Release.parse(label)


@pytest.mark.parametrize(
    ("lifetime", "alive"),
    [
        (Lifetime.ALWAYS, ALL),
        (since(R1_9), [R1_9, R1_10]),
        (since(R1_5), ALL),
        (until(R1_9), [R1_5, R1_6]),
        (until(R1_5), []),
        (Lifetime(since=R1_6, until=R1_10), [R1_6, R1_9]),
    ],
)
def test_a_lifetime_begins_with_its_release_and_ends_before_another(
    lifetime: Lifetime, alive: list[Release]
) -> None:
    assert [release for release in ALL if lifetime.lives_in(release)] == alive


def test_values_live_and_die_one_by_one() -> None:
    values = ValueLifetimes({"new": since(R1_9), "old": until(R1_6)})
    assert values.dead_in(R1_5) == {"new"}
    assert values.dead_in(R1_6) == {"new", "old"}
    assert values.dead_in(R1_10) == {"old"}


def test_the_registry_knows_its_operations_by_release_and_by_id() -> None:
    newest = partner_operations(R1_10)
    assert by_id("updateApp") in newest
    assert by_id("updateApp") not in partner_operations(R1_9)
    assert not any(map(is_control, newest))
    assert all(map(is_control, control_operations()))
    with pytest.raises(KeyError):
        by_id("nothing")
    assert set(events(R1_5)) - set(events(R1_10)) == {"workflow.assignment.created"}


def test_a_scope_must_exist() -> None:
    with pytest.raises(ValueError, match="unknown scope 'admin'"):
        user("admin")


def test_what_no_document_has_is_served_and_not_published() -> None:
    served, published = set(partner_operations(R1_10)), set(published_operations(R1_10))
    assert {operation.operation_id() for operation in served - published} == UNDOCUMENTED
    documented = {
        operation["operationId"] for path in document(R1_10)["paths"].values() for operation in path.values()
    }
    assert documented == {operation.operation_id() for operation in published}
