"""The profile's options, one file per area: how one is declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What an option answers, why its default is what it is, and where the gap is noted."""

    asks: str
    why: str
    fact: str = ""
    """The number in the facts' list of conflicts and gaps, if it has one."""


def option(default: Any, asks: str, why: str, fact: str = "") -> Any:
    """A field of a profile: its default, the question it answers, and why so."""
    return field(default=default, metadata={"question": Question(asks, why, fact)})


@dataclass_transform(frozen_default=True, kw_only_default=True)
def options(kind: type[T]) -> type[T]:
    """Declare some options of the profile: a dataclass that is only ever a base of the whole one.

    Nobody makes one alone, so the methods that a dataclass would write are left to the profile.
    """
    declared = dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False, match_args=False)
    return declared(kind)
