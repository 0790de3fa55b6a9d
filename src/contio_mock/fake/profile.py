"""The profile: one named option for every question that no source answers.

A handler never guesses: it reads `ctx.profile.<name>`. Each option can be observed from outside, so
that a fake can be made to behave like the real service once somebody has looked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

LARGEST = 1_000_000_000
"""Seconds and bytes of an option: thirty years, or a gigabyte."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an option answers, why its default is what it is, and where the gap is noted."""

    asks: str
    why: str
    fact: str = ""
    """The number in the facts' list of conflicts and gaps, if it has one."""


def _option(default: Any, asks: str, why: str, fact: str = "") -> Any:
    return field(default=default, metadata={"question": Question(asks, why, fact)})


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The fake's answers, one per question; print them with `contio-mock profile`."""

    # --- lists and parameters
    limit_above_maximum: Literal["clamp", "reject"] = _option(
        "clamp",
        "What does a limit above the maximum do?",
        "The official SDK never exceeds 100, so clamping hurts nobody.",
        "N.38",
    )
    limit_below_minimum: Literal["clamp", "reject"] = _option(
        "clamp", "What does a limit below 1 or an offset below 0 do?", "As above the maximum.", "N.38"
    )
    unpaged_list_limit: Literal["total", "default"] = _option(
        "total",
        "Which limit does a list report that takes none?",
        "Everything is on the one page, so the page is as long as the list.",
        "A.7",
    )
    malformed_id: Literal["bad_request", "not_found"] = _option(
        "bad_request",
        "How is an id answered that is not a UUID, where the operation declares 400?",
        "The documents describe those 400s as invalid ids.",
        "A.5",
    )
    plain_end_date: Literal["end_of_day", "start_of_day"] = _option(
        "end_of_day",
        "Which moment is meant by an end_date without a time?",
        "A person who asks for meetings until the 31st wants those of the 31st.",
        "A.8",
    )
    invalid_timezone: Literal["ignore", "reject"] = _option(
        "ignore",
        "What does an unknown X-Client-Timezone do?",
        "Times in UTC are right in any case; a refused request is not.",
        "A.3",
    )
    json_content_type: Literal["require", "ignore"] = _option(
        "require",
        "Must a JSON body come with a JSON content type?",
        "A client that sends another type has a bug that another server would punish.",
    )
    max_body_bytes: int = _option(
        1_048_576,
        "How large may a body be that is no upload?",
        "A common default of gateways; the largest declared field is far smaller.",
    )
    # --- who may call
    client_id_header: Literal["by_release", "required", "optional"] = _option(
        "by_release",
        "Must the admin API's X-API-Key come with X-Client-ID?",
        "Documents up to 1.6 list the two as alternatives, later ones together.",
        "N.39",
    )
    missing_scope_status: Literal["403", "401"] = _option(
        "403",
        "How is a token without the operation's scope refused?",
        "RFC 6750 and the operations that declare it say 403.",
        "A.2",
    )
    request_id_header: str = _option(
        "X-Request-Id", "Which header carries the request id?", "The usual name.", "A.3"
    )
    rate_limits: Literal["off", "documented"] = _option(
        "off",
        "Are requests counted against the rate limits of the API guide?",
        "A test suite makes more requests than a partner's production does.",
        "A.6",
    )
    # --- idempotency
    idempotency_mismatch: Literal["conflict", "unprocessable", "replay"] = _option(
        "conflict",
        "What does a known Idempotency-Key with another request give?",
        "409 idempotency_conflict is the only code that any source names.",
        "N.33",
    )
    idempotency_stored_answers: Literal["success", "any"] = _option(
        "success",
        "Which answers are kept for a replay?",
        "A refused request can be mended and sent again with its key.",
        "F",
    )
    # --- OAuth
    refresh_token_rotation: Literal["rotate", "overlap", "keep"] = _option(
        "overlap",
        "What becomes of a refresh token when it is used?",
        "The official SDK does not guard concurrent refreshes: the old one works a little longer.",
        "N.12",
    )
    refresh_token_overlap_seconds: int = _option(
        60, "How long does a used refresh token work with `overlap`?", "Longer than any retry.", "N.12"
    )
    revoke_refresh_cascade: Literal["grant", "token", "connection"] = _option(
        "grant",
        "What else dies with a revoked refresh token?",
        "RFC 7009 2.1: the access tokens of the same grant should die too.",
        "B.4",
    )
    revoke_access_cascade: Literal["token", "grant"] = _option(
        "token",
        "What else dies with a revoked access token?",
        "RFC 7009 2.1 leaves it open; a client that drops one token may refresh.",
        "B.4",
    )
    reauthorization: Literal["reactivate", "create"] = _option(
        "reactivate",
        "What does an authorization after a revoked or expired connection do?",
        "One user and one app have one connection; its id stays what a partner has stored.",
        "B.6",
    )
    admin_revoke_event: Literal["yes", "no"] = _option(
        "yes",
        "Is user.connection.revoked sent when the app revokes a connection itself?",
        "A handler that cleans up wants to hear of every end.",
        "C",
    )
    code_reuse: Literal["revoke_grant", "reject"] = _option(
        "revoke_grant",
        "What does a second use of an authorization code do?",
        "RFC 6749 4.1.2: the tokens that the code gave should be revoked.",
        "B.3",
    )
    verify_returns: Literal["session", "tokens"] = _option(
        "session",
        "Does /auth/verify return tokens, or only open the session?",
        "The published Postman flow goes on with consent and the token endpoint.",
        "N.13",
    )
    session_lookup: Literal["cookie_or_email", "cookie"] = _option(
        "cookie_or_email",
        "How is the sign-in found that a consent belongs to?",
        "The official SDK has no cookie jar and names the user by e-mail address.",
        "B.2",
    )
    session_cookie: str = _option(
        "contio_session", "What is the session cookie's name?", "No source says.", "B.1"
    )
    missing_scope: Literal["default", "reject"] = _option(
        "default",
        "What does an authorization request without a scope ask for?",
        "RFC 6749 3.3 allows a default; the official SDK always asks for this one.",
        "B.5",
    )
    introspect_requires_client: Literal["no", "yes"] = _option(
        "no",
        "Must introspection and revocation come with client credentials?",
        "The document asks for none; the SDK sends them, and wrong ones are refused.",
        "B.2",
    )
    introspect_refresh_tokens: Literal["yes", "no"] = _option(
        "yes",
        "Does introspection know refresh tokens?",
        "RFC 7662 does; the document speaks of access tokens.",
        "B.4",
    )
    workspace_not_found_status: Literal["404", "400"] = _option(
        "404",
        "How does /auth/initiate answer an unknown workspace_id?",
        "The document is newer than the README.",
        "N.5",
    )
    one_time_code_attempts: int = _option(
        5, "How many wrong one-time codes end a sign-in?", "A common limit.", "B.1"
    )
    new_user_plan: Literal["FREE", "PRO", "ELITE", "ENT"] = _option(
        "ENT", "On which plan is a personal workspace made?", "Nothing is blocked by default.", "N.36"
    )
    # --- meetings
    meeting_visibility: Literal["participants", "workspace"] = _option(
        "participants",
        "Which meetings can a user see?",
        "Meetings belong to the people in them.",
        "C",
    )
    end_without_start: Literal["accept", "reject"] = _option(
        "accept",
        "May a meeting have an end time and no start time?",
        "No declared code fits.",
        "C",
    )
    equal_times: Literal["reject", "accept"] = _option(
        "reject",
        "May a meeting end when it starts?",
        "The declared code speaks of an end before the start; nobody plans a meeting of no length.",
        "C",
    )
    update_event_without_change: Literal["no", "yes"] = _option(
        "no",
        "Is meeting.updated sent when an update changed nothing?",
        "The event says that properties changed.",
        "D.3",
    )
    # --- webhooks
    webhook_timeout_seconds: float = _option(
        5.0, "How long may a receiver take?", "The README asks for an answer within 5 s.", "N.29"
    )
    webhook_retry_schedule: tuple[int, ...] = _option(
        (30, 300, 1800, 7200),
        "After how many seconds is a failed delivery tried again?",
        "Five attempts with growing delay; then the delivery is abandoned.",
        "N.28",
    )
    webhook_success: Literal["2xx", "200"] = _option(
        "2xx", "Which answers count as success?", "The usual rule.", "D.1"
    )
    webhook_redirects: Literal["fail", "follow"] = _option(
        "fail", "Is a redirect of a receiver followed?", "A signed body goes to no other place.", "D.1"
    )

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            problem = _problem(getattr(self, name), kind)
            if problem:
                raise ValueError(f"profile option {name} {problem}")


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(Profile)


def _problem(value: Any, kind: Any) -> str | None:
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        return None if value in choices else f"must be one of {', '.join(choices)}, not {value!r}"
    if get_origin(kind) is tuple:
        fine = isinstance(value, tuple) and all(_is_number(v) for v in value)
        return None if fine else f"must be a list of seconds, not {value!r}"
    if kind in (int, float):
        fine = _is_number(value) and (kind is float or isinstance(value, int))
        named = "number" if kind is float else "whole number"
        return None if fine else f"must be a {named} from 0 to {LARGEST}, not {value!r}"
    fine = isinstance(value, str) and value.isascii() and value.replace("-", "").replace("_", "").isalnum()
    return None if fine else f"must be a name of letters, digits, - and _, not {value!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST


DEFAULT = Profile()


def with_options(options: Mapping[str, Any], base: Profile = DEFAULT) -> Profile:
    """The profile with these options changed; raises ValueError that names what is wrong."""
    if not options:
        return base
    known = {option.name for option in fields(Profile)}
    for name in options:
        if name not in known:
            raise ValueError(f"there is no profile option {name!r}; `contio-mock profile` lists them")
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    return replace(base, **given)


def load_profile(path: Path) -> Profile:
    """Read a profile from a TOML file of `option = value`; raises ValueError with the reason."""
    try:
        return with_options(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"cannot read the profile {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"the profile {path} is not TOML: {error}") from None


def register(profile: Profile = DEFAULT) -> list[tuple[str, Any, tuple[Any, ...], Question]]:
    """Every option: its name, its value, its choices (empty when open) and its question."""
    kinds = _kinds()
    return [
        (
            option.name,
            getattr(profile, option.name),
            get_args(kinds[option.name]) if get_origin(kinds[option.name]) is Literal else (),
            option.metadata["question"],
        )
        for option in fields(Profile)
    ]
