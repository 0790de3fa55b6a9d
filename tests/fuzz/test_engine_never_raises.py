"""Whatever comes in, the fake answers: declared, documented, and without a trace where it refused."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contio_mock import FakeContio
from contio_mock.contract.errors import Shape
from contio_mock.contract.operation import OPERATIONS
from contio_mock.contract.release import Release
from contio_mock.contract.wire import Request, Response
from contio_mock.fake.profile import register

from .requests_of_all_kinds import BASIC, CLIENT, KEY, requests

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "300"))
EACH = max(10, EXAMPLES // 15)
"""Examples for each single operation."""

KINDS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "strict": {"strict": True},
    "with a webhook receiver": {"webhook_url": "http://127.0.0.1:9/hook"},
    "without data": {"scenario": "empty"},
    "other guesses": {
        "profile": {
            "malformed_id": "not_found",
            "limit_above_maximum": "reject",
            "limit_below_minimum": "reject",
            "invalid_timezone": "reject",
            "json_content_type": "ignore",
            "idempotency_stored_answers": "any",
            "idempotency_mismatch": "unprocessable",
            "missing_scope": "reject",
            "introspect_requires_client": "yes",
        }
    },
    "release 1.9": {"release": "1.9"},
    "release 1.6": {"release": "1.6"},
    "release 1.5": {"release": "1.5"},
}

SHAPES = {shape: frozenset(shape.body("", "", "", {})) for shape in Shape}


def fuzzed(examples: int) -> Any:
    """The same examples each time, but for a long run, which looks for new ones."""
    return settings(
        max_examples=examples,
        derandomize="CONTIO_FUZZ" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def credentials(contio: FakeContio, caller: str) -> dict[str, str]:
    """The headers of that caller."""
    if caller == "user":
        tokens = contio.client().tokens
        return {"authorization": f"Bearer {tokens.access_token if tokens else ''}"}
    return {
        "admin": {"x-api-key": KEY, "x-client-id": CLIENT},
        "client": {"authorization": f"Basic {BASIC}"},
    }.get(caller, {})


def state(contio: FakeContio) -> dict[str, Any]:
    """What a refused request must leave as it is; records are frozen, so their identity will do."""
    sandbox = contio.sandbox
    found: dict[str, Any] = {
        name: [id(record) for record in collection] for name, collection in sandbox.store.members().items()
    }
    return found | {
        "events": sandbox.outbox.emitted,
        "deliveries": len(sandbox.outbox.deliveries),
        "mails": len(sandbox.sign_ins.mails),
        "codes": len(sandbox.tokens.codes),
        "fault rules": len(sandbox.faults.rules),
        "sandboxes": list(contio.engine.sandboxes),
        "now": sandbox.clock.now() if sandbox.clock.rate == 0 else None,
    }


def assert_declared(contio: FakeContio, response: Response) -> None:
    """The answer has what every answer has, and an error has the members of its shape."""
    assert response.status < 500, response.body
    assert response.header("x-api-version") == contio.sandbox.release.value
    request_id = response.header("x-request-id")
    assert request_id
    for name, value in response.headers:
        assert name == name.lower()
        assert not set("\r\n\0") & set(value), f"{name} would break the header section"
        value.encode("latin-1")
    if response.status >= 400:
        assert response.header("content-type") == "application/json"
        assert_error(json.loads(response.body), request_id)


def assert_error(body: dict[str, Any], request_id: str) -> None:
    shape = Shape.OAUTH if "error_description" in body else Shape.PARTNER
    assert SHAPES[shape] <= body.keys() or body.keys() >= SHAPES[Shape.FEATURE], body
    assert all(isinstance(body[name], str) and body[name] for name in ("code", "message"))
    if "error" in body:
        assert body["error"] == body["code" if shape is Shape.OAUTH else "message"]
        assert body["request_id"] == request_id


def assert_survives(contio: FakeContio, calls: list[tuple[str, Request]]) -> None:
    """Send what was drawn, one after the other; its own headers win over the caller's."""
    for caller, request in calls:
        if contio.sandbox.faults.rules:
            return  # from here on a 5xx is what somebody asked for
        request.headers = {**credentials(contio, caller), **request.headers}
        before = state(contio)
        response = contio.handle(request)
        assert_declared(contio, response)
        if response.status >= 400:
            assert state(contio) == before, "a refused request changed something"


@pytest.mark.parametrize("kind", KINDS)
@fuzzed(EXAMPLES)
@given(calls=st.lists(requests(), min_size=1, max_size=3))
def test_any_requests_get_a_declared_answer_and_a_refusal_changes_nothing(
    kind: str, calls: list[tuple[str, Request]]
) -> None:
    assert_survives(FakeContio(**KINDS[kind], check_answers=True), calls)


PROFILES = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(choices) for name, _, choices, _ in register() if choices}
)
"""Any choice of any question, in any company."""


@pytest.mark.parametrize("release", list(Release), ids=lambda release: release.value)
@fuzzed(EXAMPLES)
@given(
    profile=PROFILES,
    strict=st.booleans(),
    calls=st.lists(requests(), min_size=1, max_size=3),
)
def test_any_release_with_any_profile_survives(
    release: Release, profile: dict[str, Any], strict: bool, calls: list[tuple[str, Request]]
) -> None:
    assert_survives(FakeContio(release=release, profile=profile, strict=strict, check_answers=True), calls)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id())
@fuzzed(EACH)
@given(data=st.data())
def test_an_operation_survives_whatever_it_is_sent(operation: Any, data: st.DataObject) -> None:
    calls = data.draw(st.lists(requests(operation), min_size=1, max_size=3))
    assert_survives(FakeContio(check_answers=True), calls)


@fuzzed(EXAMPLES)
@given(calls=st.lists(requests(), min_size=1, max_size=3))
def test_the_fake_of_a_partner_answers_instead_of_raising(calls: list[tuple[str, Request]]) -> None:
    """Without `check_answers`, which the fake's own tests have: a slip of the fake would be a 500."""
    assert_survives(FakeContio(), calls)
