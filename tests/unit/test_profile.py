"""The profile: every option says what it answers, and a wrong value is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contio_mock.fake.profile import DEFAULT, Profile, load_profile, register, with_options

OPTIONS = {name: (value, choices, question) for name, value, choices, question in register()}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_has_a_question_and_a_reason(name: str) -> None:
    _, _, question = OPTIONS[name]
    assert question.asks.endswith("?")
    assert question.why.endswith(".")


@pytest.mark.parametrize("name", OPTIONS)
def test_every_default_is_among_the_choices(name: str) -> None:
    value, choices, _ = OPTIONS[name]
    assert not choices or value in choices
    assert len(choices) != 1


@pytest.mark.parametrize("name", OPTIONS)
def test_every_choice_is_taken_and_shown(name: str) -> None:
    value, choices, _ = OPTIONS[name]
    for choice in choices or (value,):
        shown = {option: now for option, now, *_ in register(with_options({name: choice}))}
        assert shown == {**{option: default for option, (default, *_) in OPTIONS.items()}, name: choice}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize(
    "wrong", [None, True, {}, [None], ["x"], "no such thing!", -1, float("nan")], ids=repr
)
def test_a_wrong_value_is_named(name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=f"^profile option {name} must be ") as refused:
        with_options({name: wrong})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [n for n in OPTIONS if "seconds" in n or "schedule" in n])
@pytest.mark.parametrize("huge", [1e300, float("inf")])
def test_a_number_that_no_clock_can_add_is_named(name: str, huge: float) -> None:
    given = [huge] if isinstance(OPTIONS[name][0], tuple) else huge
    with pytest.raises(ValueError, match=f"^profile option {name} must be "):
        with_options({name: given})


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ValueError, match="no profile option 'refresh_rotation'"):
        with_options({"refresh_rotation": "rotate"})


def test_options_are_changed_upon_a_base() -> None:
    base = with_options({"malformed_id": "not_found"})
    changed = with_options({"webhook_retry_schedule": [1, 2.5]}, base)
    assert changed.malformed_id == "not_found"
    assert changed.webhook_retry_schedule == (1, 2.5)
    assert with_options({}) is DEFAULT
    assert with_options({}, base) is base
    assert Profile() == DEFAULT


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(
        'malformed_id = "not_found"\nwebhook_retry_schedule = [5]\nmax_body_bytes = 10\n', "utf-8"
    )
    read = load_profile(file)
    assert (read.malformed_id, read.webhook_retry_schedule, read.max_body_bytes) == ("not_found", (5,), 10)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"malformed_id = ", "is not TOML"),
        (b"\xff\xfe", "is not TOML"),
        (b"a = 1\na = 2\n", "is not TOML"),
        (b'malformed_id = "teapot"', "malformed_id must be one of bad_request, not_found, not 'teapot'"),
        (b"[profile]\nx = 1", "no profile option 'profile'"),
        (b"max_body_bytes = 2026-01-01", "max_body_bytes must be a whole number"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "profile.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=said) as refused:
        load_profile(file)
    assert type(refused.value) is ValueError


@pytest.mark.parametrize("name", ["none.toml", ""])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot read the profile"):
        load_profile(tmp_path / name)
