"""What every refusal has in common, whatever comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contio_mock import FakeContio
from contio_mock.contract.wire import Request

MEETINGS = "/v1/partner/user/meetings"
PARTNER = {"code", "error", "message", "request_id"}
OAUTH = {"error", "error_description", "code", "message", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "members"),
    [
        ("GET", f"{MEETINGS}/x", PARTNER),
        ("GET", "/v1/partner/admin/app", PARTNER),
        ("GET", "/v1/nothing", PARTNER),
        ("DELETE", MEETINGS, PARTNER),
        ("GET", "/oauth2/nothing", OAUTH),
        ("DELETE", "/oauth2/token", OAUTH),
        ("POST", "/oauth2/token", OAUTH),
        ("GET", "/oauth2/userInfo", OAUTH),
        ("POST", "/auth/initiate", OAUTH),
        ("GET", "/.well-known/openid-config", OAUTH),
        ("POST", "/_mock/faults", PARTNER),
    ],
)
def test_an_error_has_the_body_of_its_part_of_the_api(
    contio: FakeContio, raw: Any, method: str, path: str, members: set[str]
) -> None:
    answer = raw(method, path, anonymous=True)
    body = json.loads(answer.body)
    assert answer.status >= 400
    assert set(body) == members
    assert all(isinstance(value, str) and value for value in body.values())
    assert body["message"] == body["error" if members is PARTNER else "error_description"]
    assert answer.header("content-type") == "application/json"


@pytest.mark.parametrize(
    "path", [MEETINGS, "/oauth2/scopes", "/_mock/health", "/nothing", "/~nobody/v1/x", "/"]
)
def test_every_answer_says_its_release_and_its_request_id(contio: FakeContio, raw: Any, path: str) -> None:
    answer = raw("GET", path)
    assert answer.header("x-api-version") == "1.10"
    assert (answer.header("x-request-id") or "").startswith("req_")
    if answer.status >= 400:
        assert json.loads(answer.body)["request_id"] == answer.header("x-request-id")


@pytest.mark.parametrize("release", ["1.5", "1.6", "1.9", "1.10"])
def test_the_release_is_the_sandboxs(release: str, raw_of: Any) -> None:
    assert raw_of(FakeContio(release=release))("GET", MEETINGS).header("x-api-version") == release


@pytest.mark.contio(profile={"request_id_header": "X-Correlation-Id"})
def test_the_profile_names_the_header_of_the_request_id(raw: Any) -> None:
    answer = raw("GET", MEETINGS)
    assert answer.header("x-request-id") is None
    assert (answer.header("x-correlation-id") or "").startswith("req_")


def test_request_ids_are_the_journals(contio: FakeContio, raw: Any) -> None:
    answer = raw("GET", MEETINGS)
    assert contio.requests[-1].request_id == answer.header("x-request-id")


# ---------------------------------------------------------------- paths and methods


@pytest.mark.parametrize(
    ("method", "path", "suggested"),
    [
        ("GET", "/v1/partner/user/meeting", "GET /v1/partner/user/meetings"),
        ("POST", "/v1/partner/users/meetings", "POST /v1/partner/user/meetings"),
        ("GET", "/v1/partner/user/meetings/", "GET /v1/partner/user/meetings"),
        ("GET", "/.well-known/openid-config", "GET /.well-known/openid_configuration"),
        ("GET", "/oauth2/userinfo", "GET /oauth2/userInfo"),
        ("GET", "/V1/partner/user/profile", "GET /v1/partner/user/profile"),
    ],
)
def test_an_unknown_path_suggests_the_nearest_operation(
    raw: Any, method: str, path: str, suggested: str
) -> None:
    answer = raw(method, path)
    assert answer.status == 404
    assert f"Did you mean {suggested}?" in json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    "path", ["/", "", "/x", "//", "/v1//partner/user/meetings", "/" + "a" * 10_000, "*", "/%2e%2e/x"]
)
def test_a_path_without_likeness_is_a_plain_404(raw: Any, path: str) -> None:
    assert raw.code("GET", path) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (MEETINGS, {"GET", "POST"}),
        (f"{MEETINGS}/00000000-0000-4000-8000-000000000000", {"GET", "PATCH"}),
        ("/v1/partner/admin/app", {"GET", "PATCH", "PUT"}),
        ("/v1/partner/user/profile", {"GET"}),
        ("/oauth2/authorize", {"GET", "POST"}),
        ("/oauth2/token", {"POST"}),
        ("/_mock/clock", {"GET", "POST"}),
    ],
)
def test_a_method_that_a_path_has_not_is_405_and_allow_lists_those_it_has(
    raw: Any, path: str, methods: set[str]
) -> None:
    for method in ("DELETE", "TRACE", "FOO", "get", ""):
        answer = raw(method, path)
        assert answer.status == 405
        assert json.loads(answer.body)["code"] == "method_not_allowed"
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert allowed - {"HEAD"} == methods
        assert all(raw(name, path).status != 405 for name in allowed)


def test_a_path_has_the_methods_of_its_release() -> None:
    answer = FakeContio(release="1.9").handle(Request("PATCH", "/v1/partner/admin/app"))
    assert (answer.status, answer.header("allow")) == (405, "GET, PUT")


def test_head_is_get(raw: Any) -> None:
    head, get = raw("HEAD", MEETINGS), raw("GET", MEETINGS)
    assert head.status == get.status == 200
    assert head.header("content-type") == get.header("content-type")
    assert raw("HEAD", "/oauth2/token").status == 405
    assert raw("HEAD", "/nothing").status == 404


@pytest.mark.parametrize(
    "escape", ["%", "%2", "%zz", "%2g", "%ff", "%c3", "%ed%a0%80", "%00", "a%00b", "%C0%80"]
)
def test_a_broken_escape_in_a_path_names_nothing(raw: Any, escape: str) -> None:
    assert raw.code("GET", f"{MEETINGS}/{escape}") == (404, "not_found")
    assert raw.code("DELETE", f"/_mock/faults/{escape}") == (404, "not_found")


@pytest.mark.parametrize("escape", ["%", "%2", "%zz", "%ff", "%ed%a0%80", "%00"])
@pytest.mark.parametrize("query", ["limit={}", "{}=1", "unknown={}"])
def test_a_broken_escape_in_a_query_is_refused(raw: Any, escape: str, query: str) -> None:
    assert raw.code("GET", MEETINGS, query=query.format(escape)) == (400, "invalid_query_parameters")


@pytest.mark.parametrize("query", ["", "&", "&&&", "=", "=1", "limit", "a=b=c", "+", "%20", "a[]=1&a[]=2"])
def test_an_odd_query_is_read_as_far_as_it_goes(raw: Any, query: str) -> None:
    assert raw("GET", MEETINGS, query=query).status == (400 if query == "limit" else 200)


# ---------------------------------------------------------------- bodies


BAD_BODIES = {
    "empty": b"",
    "blank": b" ",
    "text": b"hello",
    "half": b'{"title": "x"',
    "two": b'{"title": "x"} {}',
    "trailing comma": b'{"title": "x",}',
    "single quotes": b"{'title': 'x'}",
    "array": b"[]",
    "string": b'"title"',
    "null": b"null",
    "number": b"1",
    "nan": b'{"title": "x", "is_instant": NaN}',
    "infinity": b'{"title": "x", "extra": -Infinity}',
    "nul escape": b'{"title": "a\\u0000b"}',
    "nul in a name": b'{"title": "x", "a\\u0000": 1}',
    "nul deep": b'{"title": "x", "extra": [{"a": "\\u0000"}]}',
    "nul byte": b'{"title": "a\x00b"}',
    "not utf-8": b'{"title": "\xff"}',
    "utf-16": '{"title": "x"}'.encode("utf-16"),
    "high surrogate": b'{"title": "\\ud83c"}',
    "low surrogate": b'{"title": "\\udf89"}',
    "raw surrogate": b'{"title": "\xed\xa0\xbc"}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "huge number": b'{"title": "x", "a": 1' + b"0" * 10_000 + b"}",
    "form": b"title=x",
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_fitting_json_is_refused_and_changes_nothing(
    contio: FakeContio, raw: Any, name: str
) -> None:
    assert raw.code("POST", MEETINGS, BAD_BODIES[name]) == (400, "invalid_request")
    assert contio.events == []


@pytest.mark.parametrize("name", BAD_BODIES)
def test_the_oauth_operations_refuse_it_in_their_own_words(raw: Any, name: str) -> None:
    answer = raw("POST", "/auth/initiate", BAD_BODIES[name])
    assert answer.status == 400
    assert set(json.loads(answer.body)) == OAUTH


def test_words_about_not_a_number_are_not_numbers(contio: FakeContio, raw: Any) -> None:
    answer = raw("POST", MEETINGS, {"title": "NaN, Infinity and \\u0000 walk into a bar"})
    assert json.loads(answer.body)["title"] == "NaN, Infinity and \\u0000 walk into a bar"


def test_an_emoji_as_a_surrogate_pair_is_one_character(raw: Any) -> None:
    answer = raw("POST", MEETINGS, b'{"title": "\\ud83c\\udf89"}')
    assert json.loads(answer.body)["title"] == "🎉"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", ";"],
)
def test_a_json_body_needs_a_json_type(contio: FakeContio, raw: Any, kind: str) -> None:
    answer = raw("POST", MEETINGS, {"title": "x"}, headers={"content-type": kind})
    if kind == ";":
        assert answer.status == 201
    else:
        assert answer.status == 400
        assert "application/json" in json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
        "",
        "application/json;x",
    ],
)
def test_every_json_type_is_taken_and_none_is_fine(raw: Any, kind: str) -> None:
    assert raw("POST", MEETINGS, {"title": "x"}, headers={"content-type": kind}).status == 201


@pytest.mark.contio(profile={"json_content_type": "ignore"})
def test_a_profile_may_ignore_the_type(raw: Any) -> None:
    assert raw("POST", MEETINGS, {"title": "x"}, headers={"content-type": "text/plain"}).status == 201


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
def test_an_operation_without_a_body_takes_any_type_and_body(raw: Any, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    for body in (b"", b"ignored"):
        assert raw("GET", MEETINGS, body, headers=headers).status == 200


@pytest.mark.contio(profile={"max_body_bytes": 100})
def test_a_body_over_the_limit_is_413(contio: FakeContio, raw: Any) -> None:
    largest = b'{"title": "' + b"x" * 87 + b'"}'
    assert len(largest) == 100
    assert raw("POST", MEETINGS, largest).status == 201
    answer = raw("POST", MEETINGS, largest + b" ")
    assert answer.status == 413
    assert json.loads(answer.body)["code"] == "payload_too_large"
    assert "101" in json.loads(answer.body)["message"]
    oauth = raw(
        "POST", "/oauth2/token", b"x" * 101, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert oauth.status == 413
    assert set(json.loads(oauth.body)) == OAUTH
    assert len(contio.events) == 1


def test_the_default_limit_is_a_mebibyte(raw: Any) -> None:
    body = b'{"title": "x", "pad": "' + b"x" * 1_048_576 + b'"}'
    assert raw("POST", MEETINGS, body).status == 413


@pytest.mark.parametrize(
    ("body", "start"),
    [
        ({"title": ""}, "title: "),
        ({}, "title: "),
        ({"title": "x", "start_time": "soon"}, "start_time: "),
        ({"title": "x", "template_id": "y"}, "template_id: must be a UUID."),
    ],
)
def test_a_validation_error_names_the_member_and_the_rule(raw: Any, body: Any, start: str) -> None:
    assert json.loads(raw("POST", MEETINGS, body).body)["message"].startswith(start)


def test_a_failure_of_the_mock_itself_is_a_500_that_says_so() -> None:
    contio = FakeContio()  # its store is broken below, as no request could
    contio.sandbox.store.apps.replace(contio.sandbox.app, client_secret=None)
    answer = contio.handle(
        Request(
            "POST",
            "/oauth2/introspect",
            "",
            {"content-type": "application/x-www-form-urlencoded"},
            b"token=x&client_id=partner_demo&client_secret=x",
        )
    )
    assert answer.status == 500
    assert set(json.loads(answer.body)) == OAUTH
    assert "mock itself" in json.loads(answer.body)["message"]
