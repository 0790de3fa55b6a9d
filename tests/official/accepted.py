"""Where the declarations differ from the published documents on purpose, and what is still to come.

A row accepts the lines of `facts.differences` that fit its patterns, in which `*` is any run of
characters. A row that fits nothing any more is a mistake, and so is a difference without a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """Differences that are meant, and why."""

    subject: str
    """An operation ("GET /path") or an event ("event meeting.created")."""
    line: str
    why: str

    def fits(self, subject: str, line: str) -> bool:
        return matches(self.subject, subject) and matches(self.line, line)


def matches(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, `*` standing for any run of characters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


ACCEPTED = (
    # Everybody's
    Accepted(
        "*",
        "+ error 429 rate_limit_exceeded",
        "Rate limits apply to every path; the documents list 429 on few of them.",
    ),
    Accepted(
        "*", "+ error 413 payload_too_large", "A body has a largest size; only the upload's document says so."
    ),
    Accepted("*", "~ answer * enum *, not none", "The documents list such values elsewhere or in words."),
    Accepted("*", "+ error 400 message", "`message` stays in every error body until version 2 of the API."),
    # Users' calls
    Accepted(
        "* /v1/partner/user/*", "+ header X-Client-Timezone", "Documented for all calls, listed on none."
    ),
    Accepted(
        "* /v1/partner/user/*", "+ error 403 forbidden", "A token without the scope is refused with 403."
    ),
    Accepted("* /v1/partner/user/*", "+ code 400 bad_request", "What an unknown time zone gives if so set."),
    Accepted(
        "*",
        "+ error 400 *validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
    ),
    Accepted(
        "* /v1/partner/admin/idp/domains/*",
        "+ code 400 validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
    ),
    Accepted(
        "GET /v1/partner/user/meetings",
        "+ code 400 invalid_query_parameters",
        "The closed list has no code for a bad limit or offset; this one is the API's own for it.",
    ),
    Accepted(
        "* /v1/partner/user/meetings/{id}/agenda-items*",
        "+ scope meetings:write",
        "Documents before 1.9 forgot what changing an agenda needs.",
    ),
    # Action items and calendar
    Accepted(
        "GET /v1/partner/user/action-items",
        "+ code 400 invalid_query_parameters",
        "The closed list has no code for a bad limit, id or truth value; this one is the API's own for it.",
    ),
    Accepted(
        "POST /v1/partner/user/action-items",
        "+ error 404 not_found",
        "An unknown meeting, where the profile says 404.",
    ),
    Accepted(
        "GET /v1/partner/user/calendar/events",
        "~ query direction enum asc|desc, not none",
        "The document lists the two values in words.",
    ),
    Accepted(
        "POST /v1/partner/user/meetings/{id}/calendar/link",
        "+ code 400 calendar_workspace_mismatch",
        "Releases before 1.9 have no code for it, and an error has one declaration.",
    ),
    # Idempotency
    Accepted(
        "*",
        "+ error 409 idempotency_conflict",
        "A key in use or used for another request; documented beside the paths.",
    ),
    Accepted(
        "*", "+ error 422 idempotency_conflict", "A key used for another request, where the profile says 422."
    ),
    Accepted("*", "+ code 400 invalid_idempotency_key", "No source names the code of a malformed key."),
    Accepted("*", "~ header Idempotency-Key m* *, not none", "The key's length is documented in words."),
    # Events
    Accepted(
        "event next_step.completed",
        "~ member data.*_id required no, not yes",
        "Releases before 1.9 promise both; an event has one declaration, and the fake always fills them.",
    ),
    Accepted(
        "event action_button.triggered",
        "~ member data.meeting_id required no, not yes",
        "Releases before 1.9 promise it; the fake always fills it.",
    ),
    # Single sign-on
    Accepted(
        "GET /v1/partner/sso/callback", "- error 401", "Every failure is told by the redirect, as 1.9 says."
    ),
    Accepted("GET /v1/partner/sso/*", "~ answer 302 body no, not yes", "A redirect needs no text."),
    Accepted(
        "GET /v1/partner/sso/callback",
        "~ query state required no, not yes",
        "Its absence is told by the redirect, like every other failure.",
    ),
    Accepted(
        "GET /v1/partner/sso/info/*",
        "+ error 429 *",
        "The rate limits of every path answer in OAuth's words, as the API guide shows.",
    ),
    Accepted("GET /v1/partner/sso/*", "+ error 500 internal_error", "A mock can fail as well."),
    Accepted("GET /v1/partner/sso/callback", "+ query iss", "Providers add it (RFC 9207)."),
    Accepted("GET /v1/partner/sso/callback", "+ query session_state", "Providers add it."),
    Accepted("GET /v1/partner/sso/initiate", "+ query login_hint", "The SDK's landing links carry it."),
    Accepted(
        "GET /v1/partner/sso/initiate",
        "~ query target enum *",
        "`meeting:` with an id is described beside the enumeration.",
    ),
    # Identity providers
    Accepted(
        "* /v1/partner/admin/idp",
        "- code 400 domain_already_claimed",
        "Listed for 400 and described as a 409; a conflict is a 409.",
    ),
    Accepted(
        "POST /v1/partner/admin/idp",
        "- code 400 idp_config_exists",
        "Listed for 400 and described as a 409; a conflict is a 409.",
    ),
    Accepted(
        "* /v1/partner/admin/idp",
        "+ code 400 *domain*",
        "Codes that came with the verification of domains in 1.9; nothing gives them in releases before.",
    ),
    Accepted(
        "POST /v1/partner/admin/idp/domains/*",
        "+ error 429 error_description",
        "The rate limits of every path answer in OAuth's words, as the API guide shows.",
    ),
    # OAuth
    Accepted("* /oauth2/*", "+ error * error*", "OAuth errors speak RFC 6749 and the document's words."),
    Accepted("* /auth/*", "+ error * error*", "OAuth errors speak RFC 6749 and the document's words."),
    Accepted(
        "* /v1/partner/info/*", "+ error * error*", "OAuth errors speak RFC 6749 and the document's words."
    ),
    Accepted("* /.well-known/*", "+ error * error*", "OAuth errors speak RFC 6749 and the document's words."),
    Accepted(
        "POST /oauth2/*",
        "+ error 401 invalid_client",
        "A wrong client is refused with 401, as RFC 6749 5.2 wants.",
    ),
    Accepted(
        "POST /auth/initiate", "+ error 401 invalid_client", "The client may authenticate, and can fail to."
    ),
    Accepted("GET /oauth2/authorize", "+ query login_hint", "The SDK sends it, and the guide explains it."),
    Accepted("GET /oauth2/authorize", "+ query nonce", "OpenID Connect Core 3.1.2.1."),
    Accepted("GET /oauth2/authorize", "+ query prompt", "OpenID Connect Core 3.1.2.1."),
    Accepted(
        "GET /oauth2/authorize",
        "~ query response_type required no, not yes",
        "Its absence is told to the redirect URI, as RFC 6749 4.1.2.1 wants.",
    ),
    Accepted("POST /oauth2/authorize", "+ body nonce", "The authorization request's nonce travels on."),
    Accepted("POST /oauth2/check-consent", "+ body scope", "What the SDK sends instead of `scopes`."),
    Accepted("POST /oauth2/token", "+ body refresh_token", "The document shows the code's grant only."),
    Accepted("POST /oauth2/token", "+ body scope", "The document shows the code's grant only."),
    Accepted(
        "POST /oauth2/token",
        "~ body * required no, not yes",
        "Which members are needed depends on the grant, and HTTP Basic may name the client.",
    ),
    Accepted("POST /oauth2/introspect", "+ body token_type_hint", "RFC 7662 2.1."),
    Accepted("POST /oauth2/introspect", "+ body client_*", "RFC 6749 2.3.1: the client may be in the body."),
    Accepted("POST /oauth2/revoke", "+ body client_*", "RFC 6749 2.3.1: the client may be in the body."),
    Accepted("POST /auth/verify", "+ answer 200 session_id", "The published Postman flow reads it."),
    Accepted("GET /oauth2/userInfo", "- header Authorization", "Said as a security requirement instead."),
    Accepted("GET /oauth2/userInfo", "+ scope any token", "Said as a security requirement instead."),
    Accepted(
        "GET /oauth2/userInfo", "+ error 403 forbidden", "A token without openid is refused (RFC 6750 3.1)."
    ),
    Accepted(
        "GET /.well-known/jwks.json", "- answer 200 keys[].d", "The private part of a key: never shown."
    ),
    Accepted(
        "GET /.well-known/openid_configuration",
        "+ answer 200 *_supported",
        "OpenID Connect Discovery 3 and RFC 8414 2: what clients look for.",
    ),
)

NOT_YET = (
    "* /v1/partner/admin/action-buttons*",
    "* /v1/partner/admin/app/status",
    "* /v1/partner/admin/automation*",
    "* /v1/partner/admin/credentials*",
    "* /v1/partner/admin/next-steps*",
    "* /v1/partner/admin/templates*",
    "* /v1/partner/admin/toolkits*",
    "* /v1/partner/admin/webhook-*",
    "* /v1/partner/admin/workflow-templates*",
    "* /v1/partner/admin/workflows*",
    "* /v1/partner/user/meeting-templates*",
    "* /v1/partner/user/meetings/{id}/action-buttons*",
    "* /v1/partner/user/meetings/{id}/attachments*",
    "* /v1/partner/user/meetings/{id}/context*",
    "* /v1/partner/user/meetings/{id}/next-steps*",
    "* /v1/partner/user/meetings/{id}/transcript/*",
    "* /v1/partner/user/next-step-results/*",
    "* /v1/partner/user/sessions*",
    "* /v1/partner/user/toolkits*",
    "* /v1/partner/user/workflow-runs*",
    "* /v1/partner/user/workspaces/*",
)
"""Published operations that are not declared yet: a pattern stands for all that fit it."""
