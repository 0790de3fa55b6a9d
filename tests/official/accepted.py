"""Where the declarations differ from the published documents on purpose.

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
    Accepted(
        "* /v1/partner/admin/toolkits*",
        "~ body *surfaces[].surface enum *, not none",
        "The documents list the surfaces in words.",
    ),
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
    # Chat sessions
    Accepted("GET /v1/partner/user/sessions", "+ query status", "The SDK sends it."),
    Accepted("GET /v1/partner/user/sessions/{id}", "+ query include", "The SDK sends it."),
    Accepted(
        "* /v1/partner/user/sessions*", "+ answer * *agent_metadata.model", "The SDK's type requires it."
    ),
    Accepted("PUT /v1/partner/user/sessions/{id}", "+ answer 200 position", "The SDK's type requires it."),
    Accepted(
        "PUT /v1/partner/user/sessions/{id}", "+ answer 200 queued_turns", "The SDK's type requires it."
    ),
    Accepted(
        "* /v1/partner/user/sessions*",
        "+ error 402 feature_not_available",
        "Documents before 1.9 leave the plan's refusal out; a workspace has one plan in every release.",
    ),
    # Workflows
    Accepted(
        "POST /v1/partner/user/workflow-runs",
        "+ body trigger_type",
        "The document refuses trigger types without naming the member.",
    ),
    Accepted(
        "GET /v1/partner/*/workflow-*s",
        "+ error 400 *invalid_query_parameters",
        "Filters and limits can be wrong, and no other answer says so.",
    ),
    # Templates, next steps, action buttons
    Accepted(
        "* /v1/partner/admin/templates*",
        "* tag *",
        "A document has one tag for an operation; releases before 1.9 named this one differently.",
    ),
    Accepted(
        "GET /v1/partner/user/meeting-templates",
        "~ query * m*mum none, not *",
        "What a limit or offset out of its bounds does is a profile option.",
    ),
    Accepted(
        "GET /v1/partner/user/meeting-templates",
        "+ error 400 bad_request invalid_query_parameters",
        "A limit that is no number is refused as it is in every other list.",
    ),
    Accepted(
        "POST /v1/partner/user/meeting-templates/{id}/apply",
        "+ error 402 feature_not_available",
        "Documents before 1.9 do not list the plan gate.",
    ),
    Accepted(
        "POST /v1/partner/user/meeting-templates/{id}/apply",
        "+ error 503 service_unavailable",
        "Documents before 1.9 do not list it; only a fault rule gives it.",
    ),
    Accepted(
        "POST /v1/partner/user/meetings/{id}/next-steps/{next_step_id}/execute",
        "~ body required no, not yes",
        "Its only member is optional, and the official SDK sends no body.",
    ),
    Accepted(
        "GET /v1/partner/admin/templates/{templateId}/next-steps",
        "+ answer 200 items[].*ed_at",
        "The official SDK's type requires both.",
    ),
    Accepted(
        "GET /v1/partner/user/meetings/{id}/next-steps",
        "+ answer 200 items[].autopilot",
        "The official SDK's type requires it.",
    ),
    *(
        Accepted(
            "GET /v1/partner/user/next-step-results/{result_id}",
            f"+ answer 200 {member}",
            "The official SDK's type has it.",
        )
        for member in ("content", "meeting_id", "next_step_id", "status", "updated_at")
    ),
    *(
        Accepted(
            "POST /v1/partner/user/meetings/{id}/action-buttons/{button_id}/trigger",
            f"+ answer 200 {member}",
            "The official SDK's type has it.",
        )
        for member in ("redirect_url", "result_id", "status")
    ),
    Accepted(
        "* /v1/partner/admin/action-buttons*",
        "* scope *",
        "The document names a security scheme that it does not define; the SDK sends the admin headers.",
    ),
    Accepted(
        "GET /v1/partner/admin/action-buttons",
        "+ error 400 invalid_query_parameters",
        "A limit that is no number is refused as it is in every other list.",
    ),
    Accepted(
        "PUT /v1/partner/admin/next-steps/{next_step_id}/action-buttons/{action_button_id}",
        "+ not in the document of this release",
        "The official SDK 1.5 calls it.",
    ),
    # Webhooks, credentials and automations
    Accepted(
        "GET /v1/partner/admin/webhook-deliveries",
        "+ error 400 invalid_query_parameters",
        "A limit that is no number; no 400 is listed.",
    ),
    Accepted(
        "POST /v1/partner/admin/webhook-deliveries/{deliveryId}/retry",
        "+ error 400 *validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
    ),
    Accepted(
        "POST /v1/partner/admin/webhook-deliveries/{deliveryId}/retry",
        "+ answer 200 *",
        "Releases before 1.9 leave the answer open.",
    ),
    Accepted(
        "DELETE /v1/partner/admin/webhook-filter",
        "+ error 400 *validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
    ),
    Accepted(
        "POST /v1/partner/admin/credentials/*/rotate",
        "~ body confirmation_token minLength 1, not none",
        "The guide wants a text that is not empty.",
    ),
    Accepted(
        "POST /v1/partner/admin/credentials/*",
        "+ error 429 error_description",
        "The firewall's 429 has the OAuth body, and stands beside the one of credentials.",
    ),
    Accepted("GET /v1/partner/admin/credentials/history", "+ query action", "The SDK sends it."),
    Accepted(
        "GET /v1/partner/admin/credentials/history",
        "~ query credential_type enum *, not none",
        "The values stand in the description of the answer.",
    ),
    Accepted(
        "GET /v1/partner/admin/credentials/history",
        "* tag *",
        "Releases before 1.9 list it with the app.",
    ),
    Accepted(
        "GET /v1/partner/admin/credentials/history",
        "+ answer 200 *",
        "Releases before 1.9 leave the answer open.",
    ),
    Accepted(
        "* /v1/partner/admin/automation*",
        "~ body trigger_type enum *",
        "action_item_match is the only value that the guide uses.",
    ),
    Accepted(
        "* /v1/partner/admin/workflows*",
        "~ body trigger_type enum *",
        "action_item_match is the only value that the guide uses.",
    ),
    Accepted(
        "DELETE /v1/partner/admin/automation/{automationId}",
        "+ error 400 *validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
    ),
    Accepted(
        "DELETE /v1/partner/admin/workflows/{workflowId}",
        "+ error 400 *validation_error",
        "A query string can be broken also where no parameter is read (`?%`).",
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
    # Context documents
    Accepted(
        "* /v1/partner/user/meetings/{id}/context*",
        "+ answer 20*document_id",
        "The official SDK's types require it.",
    ),
    Accepted(
        "GET /v1/partner/user/meetings/{id}/context",
        "+ error 404 not_found",
        "What an unknown meeting gives if so set; by default its list is empty, as the documents have it.",
    ),
    Accepted(
        "POST /v1/partner/user/meetings/{id}/context",
        "~ body source_format enum *, not none",
        "The documents list the formats in words.",
    ),
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
    # Toolkits
    Accepted(
        "GET *toolkits",
        "+ error 400 *invalid_query_parameters",
        "What a bad limit or offset gives; the lists' documents have no 400.",
    ),
    Accepted(
        "GET /v1/partner/user/toolkits",
        "+ answer 200 items[].toolkit*",
        "The SDK reads pairs where the documents have flat items; the items are both.",
    ),
    Accepted(
        "GET /v1/partner/user/toolkits",
        "+ answer 200 items[].installation*",
        "The SDK reads pairs where the documents have flat items; the items are both.",
    ),
    Accepted(
        "* /v1/partner/user/*", "+ answer 200 *installed_by_user_id", "What the SDK calls installed_by."
    ),
    Accepted(
        "GET /v1/partner/user/workspaces/{workspace_id}/toolkits",
        "+ error 404 not_found",
        "A workspace that is not the caller's.",
    ),
    Accepted(
        "POST /v1/partner/user/toolkits/{toolkitId}/install",
        "+ body *",
        "The SDK sends dry_run, the guide workspace_id; both may be absent.",
    ),
    Accepted("* /v1/partner/admin/toolkits*", "+ answer 200 summary.workflows", "The SDK's types have it."),
    Accepted(
        "* /v1/partner/admin/toolkits*", "+ answer 200 summary.canvas_templates", "The SDK's types have it."
    ),
    Accepted("POST /v1/partner/admin/toolkits/export", "+ body workflow_ids", "The SDK sends it."),
    Accepted("POST /v1/partner/admin/toolkits/export", "+ body canvas_template_ids", "The SDK sends it."),
    Accepted("POST *publish", "+ body propagation", "Release notes and the SDK have it; it may be absent."),
    Accepted(
        "POST /v1/partner/admin/toolkits",
        "+ error 409 *toolkit_slug_collision",
        "The code is in the documents, its status is not; by its name it is a conflict.",
    ),
    Accepted(
        "PUT /v1/partner/admin/toolkits/{toolkitId}",
        "+ error 409 conflict",
        "Release 1.5 takes manifest and version, later ones refuse them; an operation has one list of errors.",
    ),
    Accepted(
        "* /v1/partner/admin/toolkits*",
        "~ body manifest*sequence maxLength 255, not none",
        "Release 1.10's limit holds in all: manifests are validated by one set of rules.",
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
