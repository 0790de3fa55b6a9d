"""Schemathesis, which knows nothing of this project, holds the live fake against its own document.

Positive cases fit the document, negative ones break it in one place. Each operation is called with
the credentials that it asks for. What is left out is left out below, with its reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from contio_mock import FakeContio
from contio_mock.contract import openapi
from contio_mock.contract.release import Release

EXAMPLES = int(os.environ.get("CONTIO_FUZZ", "50"))

SCHEMA = schemathesis.openapi.from_dict(openapi.document(Release.R1_10))
SCHEMA.config.generation.update(with_security_parameters=False, allow_x00=False)
"""Without NUL: the fake refuses it in any text, as a database would, and JSON schema cannot say so."""

TWICE = "RFC 6749 3.2: no parameter twice, also none that is unheard of"
SIGN_IN = "client_id, redirect_uri and scope must be those of an app, which no schema can list"
APP = "a slug and a URL have rules that the published schema does not list"
GRACE = "the published schema does not limit the hours"
ROLLBACK = "the token must be that of a rotation"
PROVIDERS = "which URLs, credentials, scopes and domains can be a provider's, no schema says"
IDP_ERRORS = (
    "invalid_idp", "invalid_idp_credentials", "invalid_request_body", "invalid_domain", "domain_is_generic",
    "domain_reserved", "domain_not_verified", "strict_mode_requires_domains", "discovery_fetch_failed",
)  # fmt: skip
DOMAIN_ERRORS = ("invalid_domain", "domain_is_generic", "domain_reserved")
MAY_REFUSE = {
    "createIdpConfig": (IDP_ERRORS, PROVIDERS),
    "updateIdpConfig": (IDP_ERRORS, PROVIDERS),
    "replaceIdpConfig": (IDP_ERRORS, PROVIDERS),
    "getIdpDomainVerification": (DOMAIN_ERRORS, PROVIDERS),
    "initiateIdpDomainVerification": (DOMAIN_ERRORS, PROVIDERS),
    "checkIdpDomainVerification": (DOMAIN_ERRORS, PROVIDERS),
    "initiatePartnerAuth": (("invalid_client",), SIGN_IN),
    "verifyPartnerAuth": (("invalid_client",), SIGN_IN),
    "checkOauthConsent": (("invalid_client", "invalid_scope"), SIGN_IN),
    "authorizeOauth": (("invalid_client", "invalid_request"), SIGN_IN),
    "completeOauthAuthorization": (("invalid_client", "invalid_request"), SIGN_IN),
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
    "createMeeting": (("invalid_time_range",), "a schema cannot say that one time is after another"),
    "updateMeeting": (("invalid_time_range",), "a schema cannot say that one time is after another"),
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
    if response.status_code == 400 and response.json()["code"] in codes:
        return None
    return openapi_checks.positive_data_acceptance(context, response, case)


HELD = (
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.negative_data_rejection,
    refuses_only_what_no_schema_says,
    openapi_checks.unsupported_method,
    openapi_checks.allow_header_conformance,
    openapi_checks.ignored_auth,
)


@dataclass
class Target:
    url: str
    contio: FakeContio
    session: requests.Session

    def headers(self, case: schemathesis.Case) -> dict[str, str]:
        """The credentials that the operation asks for."""
        asked = {name for choice in case.operation.definition.raw.get("security", []) for name in choice}
        if "OAuth2" in asked:
            tokens = self.contio.client().tokens
            assert tokens
            return {"Authorization": f"Bearer {tokens.access_token}"}
        if "ApiKey" in asked:
            return {"X-API-Key": self.contio.credentials.api_key, "X-Client-ID": "partner_demo"}
        return {}

    def restore(self) -> None:
        """Let the app call everything again after it was suspended."""
        if self.contio.sandbox.app.status != "active":
            self.contio.control.mock.simulate.app_status({"status": "active"})


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    contio = FakeContio(check_answers=True, profile={"credential_rotation_limit": 0})
    with contio.serve() as url, requests.Session() as session:
        session.trust_env = False
        yield Target(url, contio, session)


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize="CONTIO_FUZZ" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_fake_keeps_its_document(case: schemathesis.Case, target: Target) -> None:
    target.restore()
    case.call_and_validate(
        base_url=target.url, session=target.session, headers=target.headers(case), checks=list(HELD)
    )
