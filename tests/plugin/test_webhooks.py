"""The fixture `contio_webhooks`: an endpoint on this machine that a test can wait at."""

from __future__ import annotations

import asyncio
import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest

from contio_mock.contract.meeting_events import MeetingCreated
from contio_mock.contract.meetings import MeetingCreate, MeetingUpdate
from contio_mock.contract.signature import sign

TIMEOUTS = {"webhook_timeout_seconds": 0.5}


@pytest.fixture(params=["contio", "contio_live"])
def told(request: pytest.FixtureRequest) -> Any:
    """A Contio in process, and a live one."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def hooks(told: Any, contio_webhook_server: Any) -> Any:
    """The endpoint of that Contio; `contio_webhooks` finds it by the test's fixtures."""
    with contio_webhook_server.receiver() as receiver:
        receiver.attach(told)
        yield receiver


def create(told: Any, title: str = "Review", email: str = "ada@example.com") -> Any:
    return told.client(email).user.meetings.create(MeetingCreate(title=title))


def advance(told: Any, by: str) -> None:
    (told.control.mock if hasattr(told, "control") else told.mock).move_clock({"advance": by})


def test_a_webhook_is_waited_for_and_typed(told: Any, hooks: Any) -> None:
    meeting = create(told, "Ünïcode 🎉")
    webhook = hooks.wait_for(MeetingCreated)
    assert (webhook.data.title, webhook.data.meeting_id) == ("Ünïcode 🎉", meeting.id)
    assert webhook.for_user.email == "ada@example.com"
    (received,) = hooks.received
    assert received.webhook == webhook
    assert (received.status, received.attempt, received.problem) == (200, 1, None)
    assert received.headers["x-contio-signature"] == sign(received.body, told.credentials.webhook_secret)
    assert str(received) == "meeting.created for ada@example.com (answered 200)"


def test_each_webhook_is_handed_out_once(told: Any, hooks: Any) -> None:
    for title in ("first", "second", "third"):
        create(told, title)
    assert (
        hooks.wait_for("meeting.created", where=lambda hook: hook.data.title == "second").data.title
        == "second"
    )
    assert hooks.wait_for("meeting.created").data.title in ("first", "third")
    assert hooks.wait_for("meeting.created").data.title in ("first", "third")
    with pytest.raises(pytest.fail.Exception):
        hooks.wait_for("meeting.created", timeout=0.01)
    hooks.clear()
    assert hooks.received == []
    create(told, "fourth")
    assert hooks.wait_for("meeting.created").data.title == "fourth"


def test_a_webhook_is_chosen_by_its_data_and_its_reader(told: Any, hooks: Any) -> None:
    for title, email in (
        ("first", "ada@example.com"),
        ("second", "grace@example.com"),
        ("second", "ada@example.com"),
    ):
        create(told, title, email)
    assert hooks.wait_for(MeetingCreated, title="second", user="ada@example.com").data.title == "second"
    assert hooks.wait_for("meeting.created", title="second").for_user.email == "grace@example.com"
    with pytest.raises(pytest.fail.Exception) as failed:
        hooks.wait_for(MeetingCreated, title="third", mood="sunny", user="ada@example.com", timeout=0.01)
    said = str(failed.value).splitlines()
    assert (
        said[0] == "no meeting.created for ada@example.com with title='third', mood='sunny' came; what came:"
    )
    assert "meeting.created for ada@example.com (answered 200): title='first', no mood" in str(failed.value)
    assert "(answered 200): title='second', no mood, handed out" in str(failed.value)


def test_what_is_not_to_come_is_said_without_waiting(told: Any, hooks: Any) -> None:
    hooks.assert_none()
    create(told, "first")
    hooks.assert_none("meeting.updated")
    hooks.assert_none(MeetingCreated, title="second")
    hooks.assert_none(MeetingCreated, user="grace@example.com")
    hooks.assert_none(MeetingCreated, where=lambda webhook: webhook.data.title == "second")
    with pytest.raises(
        pytest.fail.Exception, match=r"there was to be no meeting\.created with title='first'"
    ):
        hooks.assert_none(MeetingCreated, title="first")
    with pytest.raises(pytest.fail.Exception, match=r"there was to be no webhook; what came:\n  1\. meeting"):
        hooks.assert_none()
    hooks.wait_for(MeetingCreated)
    hooks.assert_none()
    create(told, "second")
    with pytest.raises(pytest.fail.Exception, match=r"1\. .*, handed out\n  2\. meeting\.created"):
        hooks.assert_none(MeetingCreated)


@pytest.mark.contio(profile=TIMEOUTS)
def test_a_failure_says_what_the_mock_knows(told: Any, hooks: Any) -> None:
    def story(event: str) -> str:
        with pytest.raises(pytest.fail.Exception) as failed:
            hooks.wait_for(event, timeout=0.01, title="something else")
        return str(failed.value)

    assert story("meeting.created").endswith("came; nothing came\n  the mock: meeting.created did not happen")
    hooks.answer(503)
    create(told)
    hooks.settle()
    about = "the mock: meeting.created for ada@example.com failed: "
    assert f"{about}status 503; it is tried again at " in story("meeting.created")
    hooks.answer(drop=True)
    advance(told, "30s")
    assert f"{about}status 503" not in story("meeting.created")
    assert about in story("meeting.created")
    advance(told, "12h")
    assert story("meeting.created").endswith("; it was given up")
    control = told.control.mock if hasattr(told, "control") else told.mock
    app = told.sandbox.app
    told.sandbox.store.apps.replace(app, webhook_url=None)
    control.emit({"type": "meeting.completed"})
    assert "meeting.completed happened, and nobody was told" in story("meeting.completed")
    assert "the mock" not in story("meeting.creatd")


def test_an_async_test_goes_on_while_it_waits(told: Any, hooks: Any) -> None:
    async def test() -> str:
        waiting = asyncio.create_task(hooks.wait_for_async(MeetingCreated, timeout=20, title="Late"))
        if hasattr(told, "mock"):  # nothing else comes to an in-process Contio while a test waits
            await asyncio.sleep(0)
            await asyncio.to_thread(create, told, "Late")
        return (await waiting).data.title

    if not hasattr(told, "mock"):
        create(told, "Late")
    assert asyncio.run(test()) == "Late"


def test_a_failure_says_what_did_come(told: Any, hooks: Any) -> None:
    meeting = create(told)
    told.client().user.meetings.update(meeting.id, MeetingUpdate(title="Renamed"))
    hooks.wait_for("meeting.updated")
    with pytest.raises(pytest.fail.Exception) as failed:
        hooks.wait_for("meeting.completed", timeout=0.01)
    assert "no meeting.completed came" in str(failed.value)
    assert ". meeting.created for ada@example.com (answered 200)" in str(failed.value)
    assert ". meeting.updated for ada@example.com (answered 200)" in str(failed.value)
    with pytest.raises(pytest.fail.Exception, match="no event has this name"):
        hooks.wait_for("meeting.creatd", timeout=0.01)
    with pytest.raises(pytest.fail.Exception, match="that fits `where`"):
        hooks.wait_for("meeting.created", timeout=0.01, where=lambda _: False)


def test_a_failed_webhook_comes_again_by_the_clock(told: Any, hooks: Any) -> None:
    hooks.answer(status=500, times=2)
    create(told)
    hooks.wait_for("meeting.created")
    advance(told, "1h")
    hooks.settle()
    assert [(one.status, one.attempt) for one in hooks.received] == [(500, 1), (500, 2), (200, 3)]
    assert len({one.body for one in hooks.received}) == 1
    assert len({one.webhook.event_id for one in hooks.received}) == 1
    assert str(hooks.received[2]) == "meeting.created for ada@example.com (answered 200, attempt 3)"


@pytest.mark.contio(profile=TIMEOUTS)
def test_a_dropped_and_a_late_answer_are_failures(told: Any, hooks: Any) -> None:
    hooks.answer(drop=True, times=1)
    create(told)
    hooks.settle()
    assert hooks.received[0].status is None
    assert str(hooks.received[0]).endswith("(dropped)")
    hooks.answer(delay=30, times=1)
    advance(told, "30s")
    attempts = told.sandbox.outbox.events[0].deliveries[0].attempts
    assert [attempt.status for attempt in attempts] == [None, None]
    assert "0.5 s" in attempts[1].error
    advance(told, "1h")
    assert attempts[2].status == 200


@pytest.mark.parametrize("status", [0, 100, 199, 600])
def test_an_answer_is_an_answer(hooks: Any, status: int) -> None:
    with pytest.raises(ValueError, match="between 200 and 599"):
        hooks.answer(status)


@pytest.mark.parametrize("wrong", [{"times": 0}, {"times": -1}, {"delay": -0.1}])
def test_an_answer_is_given_at_least_once_and_not_before_the_request(
    hooks: Any, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="times is at least 1"):
        hooks.answer(500, **wrong)


def test_a_status_stays_until_another_is_told(told: Any, hooks: Any) -> None:
    hooks.answer(503)
    create(told)
    create(told)
    hooks.settle()
    hooks.answer(204)
    create(told)
    hooks.settle()
    assert [one.status for one in hooks.received] == [503, 503, 204]


def test_a_reset_leaves_the_endpoint_in_its_place(told: Any, hooks: Any) -> None:
    (told.control.mock if hasattr(told, "control") else told.mock).reset()
    create(told)
    assert hooks.wait_for("meeting.created").data.title == "Review"


def test_a_rotated_secret_is_right_at_once(told: Any, hooks: Any) -> None:
    told.sandbox.store.apps.replace(told.sandbox.app, webhook_secret="whs_rotated")
    create(told)
    assert hooks.wait_for("meeting.created").data.title == "Review"


def test_what_is_not_signed_is_refused_and_seen(told: Any, hooks: Any) -> None:
    target = urlsplit(hooks.url)
    for signature in ({}, {"X-Contio-Signature": "sha256=" + "0" * 64}):
        connection = http.client.HTTPConnection(target.netloc, timeout=20)
        connection.request("POST", target.path, b"{}", signature)
        assert connection.getresponse().status == 401
        connection.close()
    assert [one.status for one in hooks.received] == [401, 401]
    assert str(hooks.received[0]).startswith("refused: the X-Contio-Signature header is missing")
    with pytest.raises(pytest.fail.Exception, match="refused: the X-Contio-Signature header"):
        hooks.wait_for("meeting.created", timeout=0.01)


def test_the_fixture_finds_the_contio_of_its_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import http.client
        import pytest
        from urllib.parse import urlsplit
        from contio_mock.contract.meeting_events import MeetingCreated
        from contio_mock.contract.meetings import MeetingCreate

        urls = []

        def create(client):
            client.user.meetings.create(MeetingCreate(title="Mine"))

        def test_in_process(contio, contio_webhooks):
            urls.append(contio_webhooks.url)
            create(contio.client())
            assert contio_webhooks.wait_for(MeetingCreated).data.title == "Mine"
            assert contio.admin().admin.app.get().webhook_url == contio_webhooks.url

        def test_live(contio_webhooks, contio_live):
            urls.append(contio_webhooks.url)
            create(contio_live.client())
            assert contio_webhooks.wait_for("meeting.created").data.title == "Mine"

        def test_a_client_alone(contio_client, contio_webhooks):
            create(contio_client)
            assert contio_webhooks.wait_for("meeting.created").event_type == "meeting.created"

        def test_both(contio, contio_live, contio_webhooks):
            create(contio.client("ada@example.com"))
            create(contio_live.client("grace@example.com"))
            readers = {contio_webhooks.wait_for("meeting.created").for_user.email for _ in range(2)}
            assert readers == {"ada@example.com", "grace@example.com"}

        def test_alone_it_brings_a_contio(contio_webhooks, request):
            create(request.getfixturevalue("contio").client())
            assert contio_webhooks.wait_for("meeting.created")

        def test_it_is_gone_after_its_test(contio_webhook_server):
            assert contio_webhook_server.receivers == {}
            for url in urls:
                connection = http.client.HTTPConnection(urlsplit(url).netloc)
                connection.request("POST", urlsplit(url).path, b"{}")
                assert connection.getresponse().status == 410
                connection.close()

        @pytest.mark.xfail(strict=True)
        def test_what_never_comes_fails_the_test(contio_webhooks):
            contio_webhooks.wait_for("meeting.created")
        """
    )
    suite.runpytest().assert_outcomes(passed=6, xfailed=1)


def test_the_fixture_works_in_parallel_workers(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from contio_mock.contract.meetings import MeetingCreate

        @pytest.mark.parametrize("number", range(6))
        @pytest.mark.parametrize("name", ["contio", "contio_live"])
        def test_each_has_its_own(request, name, number):
            contio = request.getfixturevalue(name)
            hooks = request.getfixturevalue("contio_webhooks")
            contio.client().user.meetings.create(MeetingCreate(title=str(number)))
            if name == "contio_live":
                hooks.attach(contio)
            assert hooks.wait_for("meeting.created").data.title == str(number)
            hooks.assert_none()
        """
    )
    suite.runpytest_subprocess("-n2", "-p", "xdist").assert_outcomes(passed=12)
