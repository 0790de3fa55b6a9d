"""Which members of a fault rule go together."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase

from contio_mock.contract.control_traffic import FaultRule

REQUESTS_ONLY = ("operation", "method", "path", "code", "message", "retry_after", "truncate", "malformed")
DELIVERIES_ONLY = ("copies", "overtaken_by", "signature")
WHEN = ("delay", "overtaken_by")
WHAT = ("status", "drop", "copies", "signature")


def has_effect(rule: FaultRule) -> bool:
    """Whether it does anything to what it strikes."""
    spoils = rule.status is not None or rule.truncate is not None or rule.drop or rule.malformed
    detains = rule.delay > 0 or rule.overtaken_by > 0
    return spoils or detains or rule.copies > 1 or rule.signature != "right"


def fault_problem(rule: FaultRule, events: Iterable[str]) -> str | None:
    """What is wrong with a rule, where these are the names of all events."""
    if rule.event is None:
        wrong = _set(rule, DELIVERIES_ONLY)
        return f"{wrong[0]}: is about deliveries; say which with event." if wrong else None
    wrong = _set(rule, REQUESTS_ONLY)
    if wrong:
        return f"{wrong[0]}: is about requests; a rule with event is about deliveries."
    return _unknown_event(rule.event, list(events)) or _discord(rule)


def _discord(rule: FaultRule) -> str | None:
    """Effects on a delivery that exclude each other."""
    when, what = _set(rule, WHEN), _set(rule, WHAT)
    if when and what:
        return f"{when[0]}: says when a delivery goes out and {what[0]} what becomes of it; make two rules."
    if "copies" in what and ("status" in what or "drop" in what):
        return "copies: goes with neither status nor drop, for the last answer counts; make two rules."
    return None


def _unknown_event(pattern: str, events: list[str]) -> str | None:
    if any(fnmatchcase(name, pattern) for name in events):
        return None
    near = get_close_matches(pattern, events, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(events)}."
    return f"event: no event of this release is called {pattern[:80]!r}; {hint}"


def _set(rule: FaultRule, names: tuple[str, ...]) -> list[str]:
    """Those members that say something else than nothing."""
    return [name for name in names if getattr(rule, name) != FaultRule.model_fields[name].default]
