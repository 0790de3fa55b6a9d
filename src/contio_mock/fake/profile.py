"""The profile: one named option for every question that no source answers.

A handler never guesses: it reads `ctx.profile.<name>`. Each option can be observed from outside, so
that a fake can be made to behave like the real service once somebody has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from contio_mock.fake.options import Question
from contio_mock.fake.options.action_items import ActionItemOptions
from contio_mock.fake.options.agenda import AgendaOptions
from contio_mock.fake.options.apps import AppOptions
from contio_mock.fake.options.automations import AutomationOptions
from contio_mock.fake.options.calendar import CalendarOptions
from contio_mock.fake.options.chat import ChatOptions
from contio_mock.fake.options.credentials import CredentialOptions
from contio_mock.fake.options.files import FileOptions
from contio_mock.fake.options.idp import IdpOptions
from contio_mock.fake.options.meetings import MeetingOptions
from contio_mock.fake.options.next_steps import NextStepOptions
from contio_mock.fake.options.oauth import OAuthOptions
from contio_mock.fake.options.requests import RequestOptions
from contio_mock.fake.options.sso import SsoOptions
from contio_mock.fake.options.templates import TemplateOptions
from contio_mock.fake.options.toolkits import ToolkitOptions
from contio_mock.fake.options.webhooks import WebhookOptions
from contio_mock.fake.options.workflows import WorkflowOptions

LARGEST = 1_000_000_000
"""Seconds and bytes of an option: thirty years, or a gigabyte."""


@dataclass(frozen=True, kw_only=True)
class Profile(
    SsoOptions,
    IdpOptions,
    ToolkitOptions,
    WebhookOptions,
    AgendaOptions,
    CalendarOptions,
    ActionItemOptions,
    WorkflowOptions,
    ChatOptions,
    NextStepOptions,
    TemplateOptions,
    FileOptions,
    AutomationOptions,
    CredentialOptions,
    AppOptions,
    MeetingOptions,
    OAuthOptions,
    RequestOptions,
):
    """The fake's answers, one per question; print them with `contio-mock profile`.

    The bases stand in reverse: a dataclass lists the fields of its last base first.
    """

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
    import tomllib  # noqa: PLC0415 - few fakes have such a file

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
