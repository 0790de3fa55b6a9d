"""The seeds of single areas: what a scenario's file may hold beside people and meetings."""

from pydantic import BaseModel, ConfigDict


class SeedError(ValueError):
    """A seed that fits nothing in its scenario; the message is one sentence that says why."""


class Seed(BaseModel):
    """A part of a scenario's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
