"""Each version of the official SDK against the release of the API that it was published with."""

from __future__ import annotations

import pytest

from pytest_contio_mock.live import LiveContio

from .official_sdk import OfficialSdk
from .promises import PROMISES

RELEASES = {"1.9.0": "1.9", "1.6.0": "1.6"}
"""Each version and the release of the API that it was published with."""
NEWER = {"1.9.0": set[str](), "1.6.0": {"gatherings spoken", "idp verified", "toolkits tried", "chat ran"}}
"""Flows of which a version has no methods."""
GIVEN = {"webhooks every": {"types": ["meeting.created", "action_item.completed"]}}
"""What a flow must be told."""
SENT_UNDOCUMENTED = {
    "gatherings planned": {"body.talking_points"},  # not in 1.6
    "next_steps carriedOut": {"query.limit", "body.parameters"},
    "next_steps templates": {"query.limit"},
    "toolkits published": {"body.auto_propagate"},  # not in 1.6
}
"""Members that the SDK's types have and no document, or only a later one."""
CALLED_UNDOCUMENTED = {
    "app automated": "automations stand in the singular in every document",
    "app delivered": "filter and switch have moved out of /app",
    "toolkits published": "no document has a single toolkit of a user, and newer ones no PUT",
    "toolkits tried": "no document has a single toolkit of a user",
}
"""Flows in which the SDK calls what the document of its own release does not have, and what that is."""
PAIRS = [
    pytest.param(version, flow, marks=pytest.mark.contio(release=release), id=f"{version}-{flow}")
    for version, release in RELEASES.items()
    for flow in sorted(PROMISES.keys() - NEWER[version])
]


@pytest.mark.parametrize(("sdk", "flow"), PAIRS, indirect=["sdk"])
def test_finds_everything_in_the_release_it_came_with(
    sdk: OfficialSdk, contio_live: LiveContio, flow: str
) -> None:
    script, name = flow.split()
    sdk.run(script, name, **GIVEN.get(flow, {}))
    journal = contio_live.mock.requests(limit=1000).items
    releases = {request.answer_headers["x-api-version"] for request in journal}
    assert releases <= {contio_live.sandbox.release.value}
    assert [request.path for request in journal if request.operation is None] == []
    sent = {member for request in journal for member in request.undocumented}
    assert sent <= SENT_UNDOCUMENTED.get(flow, set())
    called = [request.path for request in journal if "x-contio-mock-undocumented" in request.answer_headers]
    assert bool(called) == (flow in CALLED_UNDOCUMENTED), called
