"""Schemathesis, which knows nothing of this project, holds the fake against its own document.

Positive cases fit the document, negative ones break it in one place. Each operation is called with
the credentials that it asks for. What is left out is left out below, with its reason.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi import checks as openapi_checks

from contio_mock import FakeContio
from contio_mock.contract import openapi
from contio_mock.contract.operation import OPERATIONS
from contio_mock.contract.registry import published_operations
from contio_mock.contract.release import Release

from .in_process import ORIGIN, session
from .what_exists import World, world_for

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "200"))
"""For each operation."""


@cache
def whole() -> Any:
    """The document of the newest release.

    Without NUL: the fake refuses it in any text, as a database would, and JSON schema cannot say so.
    """
    found = schemathesis.openapi.from_dict(openapi.document(Release.R1_10))
    found.config.generation.update(with_security_parameters=False, allow_x00=False)
    return found


TWICE = "RFC 6749 3.2: no parameter twice, also none that is unheard of"
SIGN_IN = "client_id, redirect_uri and scope must be those of an app, which no schema can list"
APP = "a slug and a URL have rules that the published schema does not list"
GRACE = "the published schema does not limit the hours"
MEETING = "one time must be after another, and a template one that the caller can see"
ROLLBACK = "the token must be that of a rotation"
IDP = "the provider must be a partner's own and answer; strict needs domains that are verified"
IDP_CODES = (
    "invalid_idp",
    "invalid_idp_credentials",
    "invalid_domain",
    "domain_is_generic",
    "domain_reserved",
    "domain_not_verified",
    "strict_mode_requires_domains",
    "discovery_fetch_failed",
    "invalid_request_body",  # scopes that no scope can be named
)
DOMAIN = "IDNA says which text is a domain name, and a list who may have it"
DOMAIN_CODES = ("invalid_domain", "domain_is_generic", "domain_reserved")
MANIFEST = "names must be one of a kind and refer to what there is, across the manifest"
MANIFEST_CODES = ("manifest_validation_failed",)
MAY_REFUSE = {
    "initiatePartnerAuth": (("invalid_client",), SIGN_IN),
    "createIdpConfig": (IDP_CODES, IDP),
    "updateIdpConfig": (IDP_CODES, IDP),
    "replaceIdpConfig": (IDP_CODES, IDP),
    "getIdpDomainVerification": (DOMAIN_CODES, DOMAIN),
    "initiateIdpDomainVerification": (DOMAIN_CODES, DOMAIN),
    "checkIdpDomainVerification": (DOMAIN_CODES, DOMAIN),
    "createTemplate": (("validation_error",), "a schema cannot list the meetings that there are"),
    "adminCreateToolkit": (("bad_request", *MANIFEST_CODES), MANIFEST),
    "adminUpdateToolkit": (("bad_request", *MANIFEST_CODES), MANIFEST),
    "adminCreateToolkitVersion": (MANIFEST_CODES, MANIFEST),
    "adminUpdateToolkitVersion": (MANIFEST_CODES, MANIFEST),
    "adminExportEntities": (
        ("bad_request", "validation_error"),
        "one list of five must name something that there is",
    ),
    "createWorkflowRun": (("validation_error",), "which workflows are active, no schema says"),
    "uploadMeetingContext": (("invalid_request",), "the file must be of the format that is said"),
    "downloadMeetingAttachment": (("bad_request",), "a link has no content; which are links, no schema says"),
    "linkCalendarEvent": (("meeting_already_linked",), "which meetings are linked, no schema says"),
    "executeMeetingNextStep": (("invalid_request",), "a schema cannot list the buttons that a step has"),
    "triggerMeetingActionButton": (
        ("invalid_request", "bad_request"),
        "a schema cannot list the steps and results",
    ),
    "createSession": (("validation_error",), "a schema cannot list the meetings and documents"),
    "sendSessionMessage": (("validation_error",), "a schema cannot list the meetings that there are"),
    "verifyPartnerAuth": (("invalid_client", "invalid_code"), SIGN_IN),
    "checkOauthConsent": (("invalid_client", "invalid_scope"), SIGN_IN),
    "authorizeOauth": (("invalid_client", "invalid_request"), SIGN_IN),
    "completeOauthAuthorization": (
        ("invalid_client", "invalid_request", "invalid_scope", "session_expired"),
        SIGN_IN,
    ),
    "introspectOauthToken": (("invalid_request",), TWICE),
    "revokeOauthToken": (("invalid_request",), TWICE),
    "updateApp": (("validation_error",), APP),
    "replaceApp": (("validation_error",), APP),
    "replaceWebhookFilter": (("validation_error",), "the events must be those of the release"),
    "replaceWebhookStatus": (("validation_error",), "the disposition is needed when they are enabled again"),
    "rotateApiKey": (("bad_request",), GRACE),
    "rotateClientSecret": (("bad_request",), GRACE),
    "rollbackApiKey": (("bad_request",), ROLLBACK),
    "rollbackClientSecret": (("bad_request",), ROLLBACK),
    "createMeeting": (("invalid_time_range", "invalid_request"), MEETING),
    "updateMeeting": (("invalid_time_range", "invalid_request"), MEETING),
    "createActionItem": (("invalid_request",), "a schema cannot list the meetings that there are"),
    "updateActionItem": (("invalid_request",), "a schema cannot say that status and is_completed agree"),
    "patchActionItem": (("invalid_request",), "a schema cannot say that status and is_completed agree"),
    "listCalendarEvents": (
        ("missing_start_date", "missing_end_date"),
        "a schema cannot say that one of two spellings is needed",
    ),
}
"""Errors by which a request that fits its schema may be refused with 400, and why."""


def refuses_only_what_no_schema_says(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """`positive_data_acceptance`, but for the errors of MAY_REFUSE."""
    codes, _ = MAY_REFUSE.get(case.operation.definition.raw["operationId"], ((), ""))
    if response.status_code in (400, 422) and response.json()["code"] in codes:
        return None
    return openapi_checks.positive_data_acceptance(context, response, case)


CORRECTED = {"limit", "offset", "turn_limit", "turn_offset"}
"""Out of range they are corrected and not refused; both is a choice in the profile."""

ALSO_SERVED = {
    (method, path)
    for operation in OPERATIONS
    for method, path in (
        (operation.endpoint.method, operation.endpoint.path),
        *((operation.endpoint.method, alias.path) for alias in operation.endpoint.aliases),
    )
}
"""Every method of every path, those that no document has included."""


def _wrong_parameters(case: schemathesis.Case) -> set[str | None]:
    """The names of what Schemathesis broke in a request."""
    data: Any = case.meta.phase.data if case.meta is not None else None
    one = getattr(data, "parameter", None)
    return {one} if one else {change.parameter for change in getattr(data, "mutations", ())}


def _unread(case: schemathesis.Case) -> set[str]:
    """The ends of a range that count as not sent: an empty one, and an old name beside its new one."""
    sent = case.query or {}
    empty = {name for name in ("start_date", "end_date", "start", "end") if sent.get(name) == ""}
    return empty | {old for old, new in (("start", "start_date"), ("end", "end_date")) if sent.get(new)}


def refuses_what_does_not_fit(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """`negative_data_rejection`, but for numbers that are corrected."""
    wrong = _wrong_parameters(case)
    if wrong and wrong <= CORRECTED | _unread(case):
        return None
    if isinstance(case.body, dict) and case.body.get("dry_run") is True and response.status_code == 200:
        return None  # what is wrong with a manifest is what a dry run answers
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        lists = [name for name, value in case.body.items() if isinstance(value, list)]
        if lists:  # they travel as parts of one name, of which one counts
            return None
        if not isinstance(case.body.get("file", ""), (str, bytes)):  # a number travels as a file of digits
            return None
    return openapi_checks.negative_data_rejection(context, response, case)


def refuses_other_methods(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """`unsupported_method`, but for what is served without being documented."""
    if (case.method.upper(), case.operation.path) in ALSO_SERVED:
        return None
    return openapi_checks.unsupported_method(context, response, case)


def names_its_methods(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """`allow_header_conformance`, but for paths with a method that is served without being documented."""
    documented = {method.upper() for method in whole()[case.operation.path]}
    if {method for method, path in ALSO_SERVED if path == case.operation.path} - documented:
        return None
    return openapi_checks.allow_header_conformance(context, response, case)


HELD = (
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
    refuses_what_does_not_fit,
    refuses_only_what_no_schema_says,
    refuses_other_methods,
    names_its_methods,
)


class Tally:
    """How often one operation was asked, and how often it did what was asked."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.asked = self.done = 0
        self.tried_without = False

    def count(self, case: schemathesis.Case, status: int) -> None:
        """Note an answer; only what fits its document may count as a success."""
        self.statuses[status] += 1
        if case.meta is None or case.meta.generation.mode.is_positive:
            self.asked += 1
            self.done += status < 400


def fill(case: schemathesis.Case, world: World) -> None:
    """Put what exists in the places of what was made up, but where the case is wrong on purpose."""

    def is_wrong(location: ParameterLocation) -> bool:
        return case.meta is not None and case.meta.is_negative_at(location)

    if case.path_parameters and not is_wrong(ParameterLocation.PATH):
        case.path_parameters.update(world.place(dict(case.path_parameters), (case.query, case.body)))
    if case.query and not is_wrong(ParameterLocation.QUERY):
        case.query.update(world.fill(dict(case.query)))
    if isinstance(case.body, dict) and not is_wrong(ParameterLocation.BODY):
        case.body = world.fill(case.body)


def cases() -> HypothesisTestConfig:
    """The edges of what a schema says, in order, then EXAMPLES drawn ones, half of them wrong on purpose."""
    return HypothesisTestConfig(
        project=whole().config,
        modes=[HypothesisTestMode.COVERAGE, HypothesisTestMode.FUZZING],
        settings=settings(
            max_examples=EXAMPLES,
            derandomize="CONTIO_FUZZ" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
        apply_ci_profile=False,
    )


@pytest.mark.parametrize(
    "operation_id", [operation.operation_id() for operation in published_operations(Release.R1_10)]
)
def test_the_fake_keeps_its_document(operation_id: str, request: pytest.FixtureRequest) -> None:
    """One operation: its cases are made when its test runs, as the plugin would when tests are collected."""
    operation = whole().find_operation_by_id(operation_id)
    contio = FakeContio(check_answers=True, profile={"credential_rotation_limit": 0})
    way, tally = session(contio), Tally()

    def holds(case: schemathesis.Case) -> None:
        assert_holds(case, contio, way, tally)

    create_test(operation=operation, test_func=holds, config=cases())()
    said = f"{tally.done} of {tally.asked} that fit succeeded; all answers: {dict(tally.statuses)}"
    request.node.add_report_section("call", "answers", said)
    assert tally.done, f"no request that fits succeeded, so what_exists.py must prepare more: {said}"


def assert_holds(case: schemathesis.Case, contio: FakeContio, way: requests.Session, tally: Tally) -> None:
    raw = case.operation.definition.raw
    world = world_for(contio, raw["operationId"], case.operation.path)
    fill(case, world)
    asked = {name for choice in raw.get("security", []) for name in choice}
    caller = "user" if "OAuth2" in asked else "admin" if "ApiKey" in asked else "nobody"
    headers = world.credentials(caller)
    response = case.call(ORIGIN, way, headers)
    tally.count(case, response.status_code)
    transport = {"base_url": ORIGIN, "session": way, "headers": headers}
    if headers and response.status_code < 300 and not tally.tried_without:
        tally.tried_without = True
        assert case.call(ORIGIN, way).status_code == 401, "answered without credentials"
    case.validate_response(response, list(HELD), headers=headers, transport_kwargs=transport)
