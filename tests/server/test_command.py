"""The command line: what it prints, what it writes, how it ends, and what it says when it cannot go on."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from contio_mock.contract import openapi
from contio_mock.contract.release import Release
from contio_mock.fake import profile as profiles
from contio_mock.version import VERSION

from .conftest import LONGEST, Sink, assert_one_sentence, process, run, serving, stop

NAMES = {
    "CONTIO_BASE_URL",
    "CONTIO_AUTHORIZATION_URL",
    "CONTIO_TOKEN_URL",
    "CONTIO_CLIENT_ID",
    "CONTIO_CLIENT_SECRET",
    "CONTIO_API_KEY",
    "CONTIO_WEBHOOK_SECRET",
    "CONTIO_REDIRECT_URI",
}


# ---------------------------------------------------------------- serve


def test_serve_prints_a_banner_with_everything_that_a_partner_needs() -> None:
    with process("serve", "--port", "0", "--redirect-uri", "http://localhost:4000/cb") as server:
        assert server.stdout is not None
        lines = [server.stdout.readline()]
        while "Ctrl-C" not in lines[-1]:
            lines.append(server.stdout.readline())
            assert lines[-1], "the banner ended early"
        banner = "".join(lines)
        out, err = stop(server)
    assert f"contio-mock {VERSION}" in banner
    assert "\033[" not in banner, "colour is for terminals"
    for word in (
        *NAMES,
        "partner_demo",
        "cs_demo_secret",
        "ctio_demo_key",
        "whs_demo_secret",
        "/oauth2/authorize?",
    ):
        assert word in banner
    assert out.strip() == "Stopped."
    assert "Traceback" not in err
    assert server.returncode == 0


def test_serve_json_prints_one_line_when_it_answers() -> None:
    with serving("--release", "1.6", "--seed", "7") as (server, ready):
        health = httpx2.get(f"{ready['url']}/_mock/health", trust_env=False).json()
        out, err = stop(server)
    assert set(ready) == {"url", "release", "pid", *NAMES}
    assert ready["CONTIO_BASE_URL"] == ready["url"]
    assert ready["CONTIO_TOKEN_URL"] == f"{ready['url']}/oauth2/token"
    assert ready["release"] == health["release"] == "1.6"
    assert ready["pid"] == server.pid
    assert (out, err) == ("", "")


def test_serve_writes_an_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    with serving("--env-file", str(file)) as (_, ready):
        written = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
    assert written == {name: ready[name] for name in NAMES}


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_stopped_server_ends_with_exit_code_0(with_signal: int) -> None:
    with serving() as (server, _):
        stop(server, with_signal)
    assert server.returncode == 0


def test_a_server_stops_while_a_request_is_on_its_way() -> None:
    with serving() as (server, ready):
        url = ready["url"]
        httpx2.post(f"{url}/_mock/faults", json={"path": "/oauth2/health", "delay": 600}, trust_env=False)
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=LONGEST) as waiting:
            waiting.sendall(b"GET /oauth2/health HTTP/1.1\r\nhost: x\r\n\r\n")
            struck = False
            while not struck:
                rules = httpx2.get(f"{url}/_mock/faults", trust_env=False).json()["items"]
                struck = rules[0]["struck"] == 1
            _, err = stop(server)
    assert server.returncode == 0
    assert "Traceback" not in err


def test_serve_refuses_a_taken_port_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_sentence(run("serve", "--port", port), port, "--port")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--scenario", "nothing-like-that"], "nothing-like-that"),
        (["--scenario", "."], "."),
        (["--release", "2.0"], "1.10"),
        (["--port", "65536"], "65535"),
        (["--port", "eighty"], "--port"),
        (["--seed", "one"], "--seed"),
        (["--log-level", "loud"], "warning"),
        (["--no-such-flag"], "--no-such-flag"),
        (["--host", "203.0.113.7"], "203.0.113.7"),
        (["--host", "no such host"], "no such host"),
        (["--profile", "missing.toml"], "missing.toml"),
        (["--env-file", "missing/directory/.env"], "missing/directory/.env"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_serve_says_in_one_sentence_what_is_wrong_with_an_option(arguments: list[str], word: str) -> None:
    port = [] if "--port" in arguments else ["--port", "0"]
    assert_one_sentence(run("serve", *port, *arguments), word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "JSON"),
        ("{}", "apps"),
        ('{"apps": []}', "apps"),
        ("\udcff", "UTF-8"),
        ('{"apps": [], "wrong_member": 1}', "wrong"),
    ],
)
def test_serve_refuses_a_scenario_that_is_wrong_in_one_sentence(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "scenario.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert_one_sentence(run("serve", "--port", "0", "--scenario", str(file)), "scenario.json", word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("malformed_id = ", "TOML"),
        ('malformed_id = "perhaps"', "not_found"),
        ("no_such_option = 1", "no_such_option"),
        ("webhook_timeout_seconds = -1", "webhook_timeout_seconds"),
        ('session_cookie = "a b"', "session_cookie"),
        ("[section]\nx = 1", "section"),
    ],
)
def test_serve_refuses_a_profile_that_is_wrong_in_one_sentence(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(text, encoding="utf-8")
    assert_one_sentence(run("serve", "--port", "0", "--profile", str(file)), word)


def test_serve_approves_at_once_when_told_so() -> None:
    with serving("--auto-approve", "grace@example.com") as (_, ready):
        query = f"response_type=code&client_id=partner_demo&redirect_uri={ready['CONTIO_REDIRECT_URI']}"
        answer = httpx2.get(f"{ready['CONTIO_AUTHORIZATION_URL']}?{query}", trust_env=False)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{ready['CONTIO_REDIRECT_URI']}?code=")


def test_a_server_that_others_reach_has_secrets_that_nobody_knows() -> None:
    with serving("--host", "0.0.0.0") as (_, ready):
        pass
    assert ready["url"].startswith("http://127.0.0.1:")
    known = {"cs_demo_secret", "ctio_demo_key", "whs_demo_secret"}
    assert not known & {ready[name] for name in NAMES}


# ---------------------------------------------------------------- what talks to a running mock


def test_wait_returns_when_a_mock_answers(live: str) -> None:
    done = run("wait", live)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_wait_gives_up_in_time_with_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = run("wait", url, "--timeout", "0.2")
    assert done.returncode == 1
    assert done.stderr == f"contio-mock: nothing answered at {url} within 0.2 s\n"


def test_token_prints_a_token_that_works(live: str) -> None:
    token = run("token", "grace@example.com", "--scope", "profile", "--url", live).stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx2.get(f"{live}/v1/partner/user/profile", headers=headers, trust_env=False)
    assert answer.json()["email"] == "grace@example.com"
    whole = json.loads(run("token", "--json", "--url", live).stdout)
    assert whole["token_type"] == "Bearer"
    assert whole["refresh_token"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["not an address"], "e-mail"), (["ada@example.com", "--scope", "everything"], "everything")],
)
def test_token_says_in_one_sentence_what_is_wrong(live: str, arguments: list[str], word: str) -> None:
    assert_one_sentence(run("token", *arguments, "--url", live), word)


def test_clock_reads_and_moves_the_clock(live: str) -> None:
    before = httpx2.get(f"{live}/_mock/clock", trust_env=False).json()["now"]
    assert run("clock", "--url", live).stdout[:10] == before[:10]
    moved = run("clock", "--url", live, "advance", "25h").stdout.strip()
    assert moved > before
    now = httpx2.get(f"{live}/_mock/clock", trust_env=False).json()["now"]
    assert now[:16] >= moved[:16]


def test_clock_refuses_what_is_no_duration_in_one_sentence(live: str) -> None:
    assert_one_sentence(run("clock", "--url", live, "advance", "soon"), "soon")


# ---------------------------------------------------------------- state and simulations


def test_a_state_is_saved_reset_and_restored(live: str, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    saved = run("state", "export", str(file), "--url", live)
    assert (saved.returncode, saved.stdout) == (0, "")
    document = json.loads(file.read_text())
    document["collections"]["workspaces"][0]["name"] = "Restored"
    file.write_text(json.dumps(document))
    assert run("state", "import", str(file), "--url", live).returncode == 0
    again = json.loads(run("state", "export", "--url", live).stdout)
    assert again["collections"] == document["collections"]
    assert run("state", "reset", "--url", live).returncode == 0
    reset = json.loads(run("state", "export", "--url", live).stdout)
    assert reset["collections"]["workspaces"][0]["name"] == "Analytical Engines"


@pytest.mark.parametrize(
    ("content", "word"), [("{", "JSON"), ("{}", "format"), ('{"format": "other"}', "format"), (None, "cannot read")]
)  # fmt: skip
def test_a_file_that_is_no_state_is_refused_in_one_sentence(
    live: str, tmp_path: Path, content: str | None, word: str
) -> None:
    file = tmp_path / "state.json"
    if content is not None:
        file.write_text(content)
    assert_one_sentence(run("state", "import", str(file), "--url", live), word, "state.json")


def test_a_state_that_the_mock_refuses_is_refused_in_one_sentence(live: str, tmp_path: Path) -> None:
    document = json.loads(run("state", "export", "--url", live).stdout)
    file = tmp_path / "state.json"
    file.write_text(json.dumps({**document, "version": 2}))
    assert_one_sentence(run("state", "import", str(file), "--url", live), "version")
    unwritable = str(tmp_path / "none" / "state.json")
    assert_one_sentence(run("state", "export", unwritable, "--url", live), "cannot write")


def test_a_simulation_prints_what_came_of_it(live: str) -> None:
    state = json.loads(run("state", "export", "--url", live).stdout)
    planned = next(m for m in state["collections"]["meetings"] if m["status"] == "scheduled")
    about = f"meeting_id={planned['id']}"
    started = run("simulate", "meeting-started", about, "--url", live)
    assert json.loads(started.stdout)["status"] == "in_progress"
    run("simulate", "meeting-ended", about, "--url", live)
    done = run("simulate", "meeting-completed", about, "action_items:=[]", "summary_notes=Ok", "--url", live)
    result = json.loads(done.stdout)
    assert (result["meeting"]["summary_notes"], result["action_items"]) == ("Ok", [])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["meeting-exploded"], "meeting-started"),
        (["meeting-started"], "meeting_id"),
        (["meeting-started", "meeting_id"], "KEY=VALUE"),
        (["meeting-started", "=x"], "KEY=VALUE"),
        (["meeting-started", "meeting_id:={"], "JSON"),
        (["meeting-started", "meeting_id=mine"], "meeting_id"),
        (["meeting-started", "colour=red", "meeting_id=00000000-0000-4000-8000-000000000000"], "colour"),
        (["meeting-started", "meeting_id=00000000-0000-4000-8000-000000000000"], "no meeting"),
    ],
)
def test_a_simulation_says_in_one_sentence_what_is_wrong(live: str, arguments: list[str], word: str) -> None:
    assert_one_sentence(run("simulate", *arguments, "--url", live), word)


def test_a_mock_that_is_not_there_is_named_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        url = f"http://127.0.0.1:{closing.getsockname()[1]}"
    assert_one_sentence(run("token", "--url", url), url, "contio-mock serve")
    assert_one_sentence(run("clock", "--url", url, "advance", "1h"), url)


@pytest.mark.parametrize("url", ["nonsense", "http://[", "ftp://127.0.0.1", ""])
def test_a_url_that_is_none_is_named_in_one_sentence(url: str) -> None:
    assert_one_sentence(run("token", "--url", url))


# ---------------------------------------------------------------- profile, openapi


def test_profile_prints_every_option(tmp_path: Path) -> None:
    text = run("profile").stdout
    for name, *_ in profiles.register():
        assert f"{name} = " in text
    file = tmp_path / "mine.toml"
    file.write_text('malformed_id = "not_found"\nwebhook_retry_schedule = [1, 2]\n', encoding="utf-8")
    mine = json.loads(run("profile", "--profile", str(file), "--json").stdout)
    assert mine["malformed_id"] == "not_found"
    assert mine["webhook_retry_schedule"] == [1, 2]
    assert_one_sentence(run("profile", "--profile", str(tmp_path / "missing.toml")), "missing.toml")


@pytest.mark.parametrize("release", [release.value for release in Release])
def test_openapi_prints_the_document_of_a_release(release: str) -> None:
    document = run("openapi", "--release", release).stdout
    assert document == openapi.text(openapi.document(Release.parse(release)))


def test_openapi_writes_the_documents_and_says_whether_they_are_current(tmp_path: Path) -> None:
    directory = ["openapi", "--directory", str(tmp_path)]
    written = run(*directory).stdout.split()
    assert sorted(written) == sorted(str(path) for path in tmp_path.iterdir())
    assert run(*directory, "--check").returncode == 0
    Path(written[0]).write_text("{}\n", encoding="utf-8")
    stale = run(*directory, "--check")
    assert stale.returncode == 1
    assert Path(written[0]).name in stale.stderr


def test_openapi_refuses_an_unknown_release_in_one_sentence() -> None:
    assert_one_sentence(run("openapi", "--release", "0.1"), "0.1", "1.10")


def test_the_command_line_says_its_version_and_its_commands() -> None:
    assert run("--version").stdout.strip() == VERSION
    shown = run("--help").stdout
    for command in (
        "serve", "wait", "token", "clock", "state", "simulate", "trigger", "verify", "profile", "openapi",
    ):  # fmt: skip
        assert command in shown


@pytest.mark.parametrize("command", [[], ["state"]])
def test_a_command_without_anything_shows_what_there_is(command: list[str]) -> None:
    done = run(*command)
    assert done.returncode == 2
    assert (done.stdout, done.stderr.splitlines()[0][:6]) == ("", "Usage:")


def test_what_answers_and_is_no_mock_is_named_in_one_sentence(sink: Sink) -> None:
    origin = sink.url.removesuffix("/hook")
    for behave in (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 404, 501):
        sink.behave = behave
        assert_one_sentence(run("clock", "--url", origin), origin, "is no contio-mock")
    assert_one_sentence(run("clock", "--url", origin.removeprefix("http://")), "is no URL such as http://")
