"""`contio-mock trigger` and `contio-mock verify`, and the names that a shell completes."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.contract import registry
from contio_mock.contract.release import LATEST

from .conftest import Sink, assert_one_sentence, browser, run

SECRET = "whs_demo_secret"


@pytest.fixture
def told(live: str, sink: Sink) -> Iterator[str]:
    """The URL of a sandbox whose webhooks go to the sink."""
    with browser(live) as client:
        made = client.post("/_mock/sandboxes", json={"webhook_url": sink.url}).json()
        yield made["base_url"]


# ---------------------------------------------------------------- trigger


def test_trigger_sends_an_event_with_the_data_that_is_given(told: str, sink: Sink) -> None:
    data = ("--data", '{"title": "Café"}', "--user", "ada@example.com")
    done = run("trigger", "meeting.created", *data, "--url", told)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == f"meeting.created to {sink.url}"
    assert second.startswith("  ada@example.com: 200 in ")
    headers, body = sink.next()
    assert json.loads(body)["data"]["title"] == "Café"
    verified = run("verify", "--secret", SECRET, "--signature", headers["x-contio-signature"], stdin=body)
    assert verified.stdout == "The signature is right.\n"


def test_trigger_prints_json_on_demand(told: str) -> None:
    done = run("trigger", "partner.idp.domain_verified", "--url", told, "--json")
    shown = json.loads(done.stdout)
    assert (shown["type"], done.returncode) == ("partner.idp.domain_verified", 0)
    assert [one["status"] for one in shown["deliveries"]] == ["delivered"]
    assert "  the app: 200" in run("trigger", "partner.idp.domain_verified", "--url", told).stdout


@pytest.mark.parametrize("file", [True, False], ids=["file", "standard input"])
def test_trigger_takes_data_from_a_file(told: str, sink: Sink, tmp_path: Path, file: bool) -> None:
    content = b'\xef\xbb\xbf{"title": "Caf\xc3\xa9"}\n'
    (tmp_path / "data.json").write_bytes(content)
    data = f"@{tmp_path / 'data.json'}" if file else "@-"
    who = ("--user", "ada@example.com", "--url", told)
    assert run("trigger", "meeting.created", "--data", data, *who, stdin=content).returncode == 0
    assert json.loads(sink.next()[1])["data"]["title"] == "Café"


def test_trigger_says_what_came_of_it(told: str, sink: Sink) -> None:
    arguments = ("trigger", "meeting.created", "--user", "ada@example.com", "--url", told)
    for behave, said in ((500, "status 500"), ("reset", "")):
        sink.behave = behave
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (1, "")
        outcome = done.stdout.splitlines()[1]
        assert outcome.startswith(f"  ada@example.com: {said}")
        assert outcome.endswith(" by the mock's clock")
    with browser(told) as client:
        key = client.get("/_mock/credentials").json()
        headers = {"x-api-key": key["api_key"], "x-client-id": key["client_id"]}
        client.put("/v1/partner/admin/app/webhook-status", json={"enabled": False}, headers=headers)
    off = run(*arguments)
    assert "kept, since webhooks are switched off" in off.stdout
    assert off.returncode == 1


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ({"event": "*", "copies": 3}, r"200 in \d+ ms, sent 3 times"),
        ({"event": "*", "delay": 90}, r"goes out at \d\d:\d\d:\d\d by the mock's clock"),
        ({"event": "*", "status": 503, "times": 1}, r"status 503; tried again at \S+ by the mock's clock"),
    ],
)
def test_trigger_says_what_a_fault_rule_made_of_it(told: str, rule: dict[str, Any], outcome: str) -> None:
    with browser(told) as client:
        assert client.post("/_mock/faults", json=rule).status_code == 201
    done = run("trigger", "meeting.created", "--user", "ada@example.com", "--url", told)
    assert re.fullmatch(f"  ada@example\\.com: {outcome}", done.stdout.splitlines()[1])


def test_trigger_quotes_what_a_receiver_that_refuses_has_said(told: str, sink: Sink) -> None:
    said = b'{"error":\n "invalid_signature"}'
    sink.behave = b"HTTP/1.1 401 No\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said)
    done = run("trigger", "meeting.created", "--user", "ada@example.com", "--url", told)
    assert 'status 401 ({"error": "invalid_signature"}); tried again at ' in done.stdout


def test_trigger_says_why_nobody_is_told(live: str, told: str) -> None:
    def reason(url: str) -> str:
        done = run("trigger", "meeting.created", "--url", url)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.removeprefix("contio-mock: meeting.created happened, and nobody is told: ")

    assert reason(live) == "the app has no webhook URL; start the mock with serve --webhook-url\n"
    with browser(told) as client:
        keys = client.get("/_mock/credentials").json()
        headers = {"x-api-key": keys["api_key"], "x-client-id": keys["client_id"]}
        connections = "/v1/partner/admin/connections"
        for one in client.get(connections, headers=headers).json()["items"]:
            client.delete(f"{connections}/{one['id']}", headers=headers)
        assert reason(told) == "no user is connected to the app; name one with --user\n"
        chosen = {"type": "exclude", "events": ["meeting.created"]}
        client.put("/v1/partner/admin/webhook-filter", json=chosen, headers=headers)
        assert reason(told) == "the app's webhook filter leaves it out\n"
        client.post("/_mock/faults", json={"operation": "getApp", "status": 503, "times": 1})
        assert reason(told).startswith("why cannot be seen: getApp [")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which event? There are action_button.triggered, "),
        (["meeting.creatd"], "did you mean meeting.created"),
        (["Meeting.Created"], "did you mean meeting.created"),
        (["🎉"], "there are action_button.triggered"),
        (["meeting.created", "--data", "{"], "no JSON"),
        (["meeting.created", "--data", ""], "no JSON"),
        (["meeting.created", "--data", "[]"], "JSON object"),
        (["meeting.created", "--data", "@none.json"], "cannot read none.json"),
        (["meeting.created", "--data", '{"nonsense": 1}'], "contio-mock: nonsense: "),
        (["meeting.created", "--user", "nobody@example.com"], "contio-mock: No user has the e-mail address"),
        (["meeting.created", "--user", "nobody"], "user: must be an e-mail address"),
        (["workflow.assignment.created"], "these have it: 1.5"),
    ],
)
def test_trigger_explains_a_mistake_in_one_sentence(live: str, arguments: list[str], said: str) -> None:
    assert_one_sentence(run("trigger", *arguments, "--url", live), said)


def test_trigger_without_a_mock_says_how_to_start_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        url = f"http://127.0.0.1:{closing.getsockname()[1]}"
    assert_one_sentence(run("trigger", "meeting.created", "--url", url), url, "contio-mock serve")


# ---------------------------------------------------------------- completion

MEETING_C = [
    "meeting.completed",
    "meeting.context.created",
    "meeting.context.deleted",
    "meeting.context.processed",
    "meeting.created",
]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the command is called contio-mock, as after an installation."""
    script = tmp_path / "contio-mock"
    start = f"#!{sys.executable}\nfrom contio_mock.cli import main\nmain()\n"
    script.write_text(start, encoding="utf-8")
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


def shell(program: str, environment: dict[str, str], *, name: str = "bash") -> list[str]:
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} on this machine")
    done = subprocess.run([name, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("meeting.c", MEETING_C),
        ("partner.", [name for name in sorted(registry.events(LATEST)) if name.startswith("partner.")]),
        ("nothing", []),
    ],
)
def test_bash_completes_the_names_of_events(
    installed: dict[str, str], typed: str, completed: list[str]
) -> None:
    program = f"""
        eval "$(_CONTIO_MOCK_COMPLETE=source_bash contio-mock)"
        complete -p contio-mock >/dev/null || exit 1
        COMP_WORDS=(contio-mock trigger {typed}) COMP_CWORD=2
        _contio_mock_completion contio-mock {typed} trigger
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    assert shell(program, installed) == completed


def test_after_the_event_bash_completes_options(installed: dict[str, str]) -> None:
    program = """
        eval "$(_CONTIO_MOCK_COMPLETE=source_bash contio-mock)"
        COMP_WORDS=(contio-mock trigger meeting.created --) COMP_CWORD=3
        _contio_mock_completion contio-mock -- meeting.created
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    assert {"--data", "--user", "--url"} <= set(shell(program, installed))


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_are_told_the_names_of_events(installed: dict[str, str], name: str) -> None:
    """By the protocol of their scripts; the shells themselves need not be there."""
    asked = {
        "_CONTIO_MOCK_COMPLETE": f"complete_{name}",
        "_TYPER_COMPLETE_ARGS": "contio-mock trigger meeting.c",
    }
    if name == "fish":
        asked["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    done = subprocess.run(
        ["contio-mock"], env={**installed, **asked}, capture_output=True, text=True, check=False
    )
    words = done.stdout.replace("_arguments '*: :((", "").replace("))'", "").replace('"', "").split()
    assert words == MEETING_C
    script = subprocess.run(
        ["contio-mock"],
        env={**installed, "_CONTIO_MOCK_COMPLETE": f"source_{name}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"complete_{name}" in script.stdout


# ---------------------------------------------------------------- verify


def signed() -> tuple[bytes, str]:
    """A webhook as the mock sends it, with letters outside ASCII."""
    contio, got = FakeContio(webhook_url="http://localhost:9/hooks"), []
    contio.receiver = got.append
    contio.control.mock.emit(
        {"type": "meeting.created", "user": "ada@example.com", "data": {"title": "Café"}}
    )
    contio.clock.advance("1s")
    return got[0].body, got[0].headers["X-Contio-Signature"]


def test_verify_takes_a_file_or_standard_input_and_the_secret_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, signature = signed()
    file = tmp_path / "body.json"
    file.write_bytes(body)
    right = ("verify", "--secret", SECRET, "--signature", signature)
    for done in (run(*right, str(file)), run(*right, stdin=body), run(*right, "-", stdin=body)):
        assert (done.returncode, done.stdout, done.stderr) == (0, "The signature is right.\n", "")
    monkeypatch.setenv("CONTIO_WEBHOOK_SECRET", SECRET)
    assert run("verify", "--signature", signature, stdin=body).returncode == 0


def test_verify_says_what_is_wrong_and_ends_with_1() -> None:
    body, signature = signed()
    for given, changed, said in (
        (signature, body + b"\n", "without the newline at its end"),
        (signature.upper(), body, "sha256= in small letters"),
        ("", body, "header is missing"),
        (signature[:-4], body, "60 hex digits"),
    ):
        done = run("verify", "--secret", SECRET, "--signature", given, stdin=changed)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert done.stderr.startswith("contio-mock: ")
        assert done.stderr.count("\n") == 1


def test_verify_that_was_called_wrongly_ends_with_2(tmp_path: Path) -> None:
    _, signature = signed()
    assert_one_sentence(
        run("verify", "--secret", SECRET, "--signature", signature, str(tmp_path / "none")), "none"
    )
    assert_one_sentence(
        run("verify", "--secret", SECRET, "--signature", signature, str(tmp_path)), "cannot read"
    )
    assert_one_sentence(
        run("verify", "--secret", "", "--signature", signature, stdin=b"{}"), "--secret is empty"
    )
    assert_one_sentence(run("verify", "--secret", SECRET), "--signature")
    assert_one_sentence(run("verify", "--signature", signature), "CONTIO_WEBHOOK_SECRET")
