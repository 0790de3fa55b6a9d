"""The pytest plugin: a Contio for every test, at no cost for those who ask for none."""

from __future__ import annotations

import pytest


def test_contio_is_fresh_for_every_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(3))
        def test_it_begins_with_what_the_scenario_has(contio, turn):
            assert contio.events == []
            before = contio.client().user.meetings.list().total
            assert before == first.setdefault("total", before)
            from contio_mock.contract.meetings import MeetingCreate
            contio.client().user.meetings.create(MeetingCreate(title="Mine"))
            assert contio.client().user.meetings.list().total == before + 1

        first = {}
        """
    )
    suite.runpytest().assert_outcomes(passed=3)


def test_contio_client_is_the_demo_user_of_the_same_contio(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from contio_mock import Contio, FakeContio
        from contio_mock.contract.meetings import MeetingCreate

        def test_it(contio, contio_client):
            assert isinstance(contio, FakeContio)
            assert isinstance(contio_client, Contio)
            assert contio_client.user.profile.get().email == "ada@example.com"
            contio_client.user.meetings.create(MeetingCreate(title="Mine"))
            assert [event.type for event in contio.events] == ["meeting.created"]
        """
    )
    suite.runpytest().assert_outcomes(passed=1)


def test_contio_async_client_works_in_an_event_loop(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import asyncio

        def test_it(contio_async_client):
            profile = asyncio.run(contio_async_client.user.profile.get())
            assert profile.email == "ada@example.com"
        """
    )
    suite.runpytest().assert_outcomes(passed=1)


def test_contio_live_is_a_fresh_sandbox_on_one_server(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from urllib.request import Request, urlopen
        import json
        import pytest
        from contio_mock.contract.meetings import MeetingCreate

        seen = []

        @pytest.mark.parametrize("turn", range(2))
        def test_it_is_reached_over_http_and_alone(contio_live, contio_server, turn):
            assert contio_live.url.startswith(contio_server.url + "/~")
            assert contio_live.url not in seen
            seen.append(contio_live.url)
            token = contio_live.token().access_token
            headers = {"Authorization": f"Bearer {token}"}
            with urlopen(Request(contio_live.url + "/v1/partner/user/meetings", headers=headers)) as answer:
                titles = [item["title"] for item in json.load(answer)["items"]]
            assert "Mine" not in titles
            contio_live.client().user.meetings.create(MeetingCreate(title="Mine"))

        def test_it_has_what_a_partner_is_configured_with(contio_live):
            environment = contio_live.environment
            assert environment["CONTIO_BASE_URL"] == contio_live.url == contio_live.credentials.base_url
            assert environment["CONTIO_TOKEN_URL"] == contio_live.url + "/oauth2/token"

        def test_it_is_gone_after_its_test(contio_server):
            assert set(contio_server.engine.sandboxes) == {"default"}
        """
    )
    suite.runpytest().assert_outcomes(passed=4)


def test_markers_merge_the_nearest_last(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.contio(release="1.6", seed=7, profile={"malformed_id": "not_found"})

        @pytest.mark.contio(seed=8)
        class TestNear:
            @pytest.mark.contio(scenario="empty", release="1.9")
            def test_each_keyword_is_the_nearest_ones(self, contio, contio_options):
                assert contio_options == {
                    "release": "1.9", "seed": 8, "scenario": "empty", "profile": {"malformed_id": "not_found"}
                }
                assert contio.sandbox.release.value == "1.9"
                assert contio.sandbox.settings.seed == 8

            def test_its_neighbour_has_its_own(self, contio):
                assert contio.sandbox.release.value == "1.6"
                assert contio.sandbox.profile.malformed_id == "not_found"

        def test_a_live_sandbox_follows_the_markers_too(contio_live):
            assert contio_live.sandbox.release.value == "1.6"
        """
    )
    suite.runpytest().assert_outcomes(passed=3)


def test_defaults_come_before_the_markers(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def contio_defaults():
            return {"release": "1.5", "seed": 3}
        """
    )
    suite.makepyfile(
        """
        import pytest

        def test_defaults(contio):
            assert (contio.sandbox.release.value, contio.sandbox.settings.seed) == ("1.5", 3)

        @pytest.mark.contio(release="1.9")
        def test_marked(contio):
            assert (contio.sandbox.release.value, contio.sandbox.settings.seed) == ("1.9", 3)
        """
    )
    suite.runpytest().assert_outcomes(passed=2)


def test_a_value_without_a_keyword_is_a_usage_error(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.contio("empty")
        def test_it(contio): ...
        """
    )
    result = suite.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*takes keywords only, such as scenario='empty'*"])


@pytest.mark.parametrize(
    ("keywords", "word"),
    [
        ("releese='1.6'", "releese"),
        ("release='2.0'", "known releases: 1.5, 1.6, 1.9, 1.10"),
        ("scenario='nothing'", "cannot read the scenario nothing"),
        ("profile={'malformed_id': 'maybe'}", "malformed_id must be one of"),
        ("profile={'no_such': 1}", "no profile option 'no_such'"),
        ("now='2026-01-15T09:00:00'", "must have an offset"),
    ],
)
def test_a_wrong_keyword_says_what_is_wrong(suite: pytest.Pytester, keywords: str, word: str) -> None:
    suite.makepyfile(
        f"""
        import pytest

        @pytest.mark.contio({keywords})
        def test_it(contio): ...
        """
    )
    result = suite.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"E *{word}*"])


def test_the_marker_is_registered_with_its_keywords(suite: pytest.Pytester) -> None:
    result = suite.runpytest("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.contio(scenario=, seed=, release=, profile=*"])


def test_every_fixture_says_what_it_is(suite: pytest.Pytester) -> None:
    shown = suite.runpytest("--fixtures").stdout.str()
    for name in (
        "contio",
        "contio_client",
        "contio_async_client",
        "contio_live",
        "contio_server",
        "contio_defaults",
    ):
        line = next(line for line in shown.splitlines() if line.split(" ")[0] == name)
        assert "pytest_contio_mock" in line or "plugin.py" in line
    assert (
        "no docstring available"
        not in shown.partition("pytest_contio_mock")[2].partition("fixtures defined")[0]
    )


_WHO_ASKS = """
import sys

HEAVY = {"contio_mock", "starlette", "uvicorn", "httpx2", "aiohttp", "pydantic", "hypothesis", "schemathesis"}

def test_nothing_is_imported_until_a_fixture_is_used():
    assert "pytest_contio_mock.plugin" in sys.modules
    assert not {name.partition(".")[0] for name in sys.modules} & HEAVY
"""


def test_nothing_is_imported_for_those_who_ask_for_no_contio(suite: pytest.Pytester) -> None:
    suite.makepyfile(_WHO_ASKS)
    only_ours = (
        "-p",
        "no:hypothesispytest",
        "-p",
        "no:schemathesis",
        "-p",
        "no:xdist",
        "-p",
        "no:pytest_cov",
    )
    suite.runpytest_subprocess(*only_ours).assert_outcomes(passed=1)


def test_a_contio_in_process_needs_no_server_and_no_http_library(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import sys

        def test_it(contio_client):
            contio_client.user.profile.get()
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"starlette", "uvicorn", "httpx2", "aiohttp", "jinja2", "typer"}
        """
    )
    only_ours = (
        "-p",
        "no:hypothesispytest",
        "-p",
        "no:schemathesis",
        "-p",
        "no:xdist",
        "-p",
        "no:pytest_cov",
    )
    suite.runpytest_subprocess(*only_ours).assert_outcomes(passed=1)


def test_it_works_in_parallel(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from contio_mock.contract.meetings import MeetingCreate

        @pytest.mark.parametrize("turn", range(6))
        def test_in_process(contio_client, turn):
            before = contio_client.user.meetings.list().total
            contio_client.user.meetings.create(MeetingCreate(title="Mine"))
            assert contio_client.user.meetings.list().total == before + 1

        @pytest.mark.parametrize("turn", range(6))
        def test_live(contio_live, turn):
            client = contio_live.client()
            assert "Mine" not in [meeting.title for meeting in client.user.meetings.list().items]
            client.user.meetings.create(MeetingCreate(title="Mine"))
        """
    )
    suite.runpytest_subprocess("-n", "2", "-p", "no:schemathesis").assert_outcomes(passed=12)
