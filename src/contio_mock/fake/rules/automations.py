"""What makes an action item match an automation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from contio_mock.contract.automations import AutomationAction


def phrases_of(actions: Iterable[AutomationAction]) -> tuple[str, ...]:
    """Every phrase that the actions' `config.phrases` name, in small letters, each once."""
    found = [phrase for action in actions for phrase in _listed((action.config or {}).get("phrases"))]
    return tuple(dict.fromkeys(phrase.strip().casefold() for phrase in found if phrase.strip()))


def _listed(phrases: Any) -> list[str]:
    """A list of phrases, or the phrases of a text: a JSON array, or separated by commas."""
    if isinstance(phrases, str):
        try:
            read = json.loads(phrases)
        except (ValueError, RecursionError):
            read = None
        phrases = read if isinstance(read, list) else phrases.split(",")
    return [phrase for phrase in phrases if isinstance(phrase, str)] if isinstance(phrases, list) else []


def confidence(phrases: tuple[str, ...], text: str) -> float | None:
    """How sure a match is, from 0.5 to 1: the more phrases occur, the surer. None: no match.

    Without phrases everything matches.
    """
    if not phrases:
        return 1.0
    folded = text.casefold()
    occurring = sum(phrase in folded for phrase in phrases)
    return round(0.5 + 0.5 * occurring / len(phrases), 2) if occurring else None
