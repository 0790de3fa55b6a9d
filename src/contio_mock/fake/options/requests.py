"""What no source says about requests of every kind."""

from __future__ import annotations

from typing import Literal

from contio_mock.fake.options import option, options


@options
class RequestOptions:
    """Lists, parameters, callers and repeated requests."""

    limit_above_maximum: Literal["clamp", "reject"] = option(
        "clamp",
        "What does a limit above the maximum do?",
        "The official SDK never exceeds 100, so clamping hurts nobody.",
        "N.38",
    )
    limit_below_minimum: Literal["clamp", "reject"] = option(
        "clamp", "What does a limit below 1 or an offset below 0 do?", "As above the maximum.", "N.38"
    )
    unpaged_list_limit: Literal["total", "default"] = option(
        "total",
        "Which limit does a list report that takes none?",
        "Everything is on the one page, so the page is as long as the list.",
        "A.7",
    )
    malformed_id: Literal["bad_request", "not_found"] = option(
        "bad_request",
        "How is an id answered that is not a UUID, where the operation declares 400?",
        "The documents describe those 400s as invalid ids.",
        "A.5",
    )
    plain_end_date: Literal["end_of_day", "start_of_day"] = option(
        "end_of_day",
        "Which moment is meant by an end_date without a time?",
        "A person who asks for meetings until the 31st wants those of the 31st.",
        "A.8",
    )
    invalid_timezone: Literal["ignore", "reject"] = option(
        "ignore",
        "What does an unknown X-Client-Timezone do?",
        "Times in UTC are right in any case; a refused request is not.",
        "A.3",
    )
    json_content_type: Literal["require", "ignore"] = option(
        "require",
        "Must a JSON body come with a JSON content type?",
        "A client that sends another type has a bug that another server would punish.",
    )
    max_body_bytes: int = option(
        1_048_576,
        "How large may a body be that is no upload?",
        "A common default of gateways; the largest declared field is far smaller.",
    )
    client_id_header: Literal["by_release", "required", "optional"] = option(
        "by_release",
        "Must the admin API's X-API-Key come with X-Client-ID?",
        "Documents up to 1.6 list the two as alternatives, later ones together.",
        "N.39",
    )
    missing_scope_status: Literal["403", "401"] = option(
        "403",
        "How is a token without the operation's scope refused?",
        "RFC 6750 and the operations that declare it say 403.",
        "A.2",
    )
    request_id_header: str = option(
        "X-Request-Id", "Which header carries the request id?", "The usual name.", "A.3"
    )
    rate_limits: Literal["off", "documented"] = option(
        "off",
        "Are requests counted against the rate limits of the API guide?",
        "A test suite makes more requests than a partner's production does.",
        "A.6",
    )
    idempotency_mismatch: Literal["conflict", "unprocessable", "replay"] = option(
        "conflict",
        "What does a known Idempotency-Key with another request give?",
        "409 idempotency_conflict is the only code that any source names.",
        "N.33",
    )
    idempotency_stored_answers: Literal["success", "any"] = option(
        "success",
        "Which answers are kept for a replay?",
        "A refused request can be mended and sent again with its key.",
        "F",
    )
