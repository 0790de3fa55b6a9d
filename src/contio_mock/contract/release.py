"""The published releases of the contract, and when a part of it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Release(Enum):
    """One published version of the contract, named after the official SDK's releases."""

    R1_5 = "1.5"
    R1_6 = "1.6"
    R1_9 = "1.9"
    R1_10 = "1.10"

    position: int

    __hash__ = object.__hash__  # Enum's own is a function of its name, and every request asks a few times

    @classmethod
    def parse(cls, label: str) -> Release:
        """Return the release with that label; raises ValueError that lists the labels."""
        for release in cls:
            if release.value == label:
                return release
        known = ", ".join(release.value for release in cls)
        raise ValueError(f"unknown release {label!r}; known releases: {known}")

    @property
    def document(self) -> str:
        """The version number inside the published OpenAPI document of this release."""
        return _DOCUMENTS[self]

    def __lt__(self, other: Release) -> bool:
        return self.position < other.position

    def __le__(self, other: Release) -> bool:
        return self.position <= other.position

    def __gt__(self, other: Release) -> bool:
        return self.position > other.position

    def __ge__(self, other: Release) -> bool:
        return self.position >= other.position


for _position, _release in enumerate(Release):
    _release.position = _position

R1_5, R1_6, R1_9, R1_10 = Release
LATEST = R1_10
"""The release that the fake speaks unless told otherwise."""

_DOCUMENTS = {R1_5: "1.4.7", R1_6: "1.6.0", R1_9: "1.9.1", R1_10: "1.10.0"}


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From which release something exists, and which release took it away (None: not yet).

    Given to an operation as an argument; put on a field or parameter with ``Annotated``.
    """

    since: Release = R1_5
    until: Release | None = None

    ALWAYS: ClassVar[Lifetime]

    def lives_in(self, release: Release) -> bool:
        """Whether it exists in that release."""
        return self.since <= release and (self.until is None or release < self.until)

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Mark the schema, so that the document generator can leave the field out of a release."""
        schema: dict[str, Any] = handler(core_schema)
        marked = dict(schema)
        if self.since is not R1_5:
            marked["x-since"] = self.since.value
        if self.until is not None:
            marked["x-until"] = self.until.value
        return marked


Lifetime.ALWAYS = Lifetime()


def since(release: Release) -> Lifetime:
    """Exists from that release on."""
    return Lifetime(since=release)


def until(release: Release) -> Lifetime:
    """Existed in every release before that one."""
    return Lifetime(until=release)


class ValueLifetimes:
    """Marks an enumeration whose values came or went: ``Annotated[Literal[…], ValueLifetimes({…})]``."""

    def __init__(self, values: Mapping[str, Lifetime]) -> None:
        self.values = dict(values)

    def dead_in(self, release: Release) -> frozenset[str]:
        """The values that this release does not know."""
        return frozenset(v for v, life in self.values.items() if not life.lives_in(release))

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Mark the schema with the values that not every release has."""
        marks = {
            value: [life.since.value, life.until.value if life.until else None]
            for value, life in self.values.items()
        }
        return {**handler(core_schema), "x-value-lifetimes": marks}
