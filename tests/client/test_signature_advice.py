"""What is said of a signature that is refused: each mistake that people make has its sentence."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from contio_mock.client.signature_advice import advice
from contio_mock.contract.signature import sign

SECRET = "whs_secret"
VALUE = {"event_type": "meeting.created", "data": {"title": "Café “3”", "b": [1, 2.5], "a": {"z": None}}}
BODY = json.dumps(VALUE, ensure_ascii=False, separators=(",", ":")).encode()
GOOD = sign(BODY, SECRET)
HEX = GOOD.removeprefix("sha256=")


def test_a_right_signature_needs_no_advice() -> None:
    assert advice(BODY, GOOD, SECRET) is None
    assert advice(BODY, f"sha256={HEX.upper()}", SECRET) is None
    assert advice(b"", sign(b"", SECRET), SECRET) is None


HEADERS = {
    "": "the X-Contio-Signature header is missing",
    HEX: "the prefix sha256= is missing",
    f"SHA256={HEX}": "the prefix is SHA256=, and must be sha256= in small letters",
    f"sha1={HEX}": "the prefix is sha1=, and must be sha256=",
    f"v1={HEX}": "the prefix is v1=, and must be sha256=",
    f" {GOOD}\n": "blanks, line ends or quotation marks around the signature",
    f'"{GOOD}"': "blanks, line ends or quotation marks around the signature",
    f"X-Contio-Signature: {GOOD}": "the header's name is no part of the signature",
    f"x-contio-signature:{GOOD}": "the header's name is no part of the signature",
    f"{GOOD}, {GOOD}": "there is more than one X-Contio-Signature header",
    f"{GOOD}=": "something else",
    f"{GOOD};t=1": "something else",
    GOOD[:-1]: "the digest has 63 hex digits, not 64",
    f"{GOOD}0": "the digest has 65 hex digits, not 64",
    f"sha256={HEX[:40]}": "the digest has 40 hex digits as SHA-1 has, not 64",
    f"sha512={HEX}{HEX}": "the digest has 128 hex digits as SHA-512 has, not 64",
    f"sha256={base64.b64encode(bytes.fromhex(HEX)).decode()}": "the digest is base64",
    base64.b64encode(bytes.fromhex(HEX)).decode(): "the digest is base64",
    "sha256=" + "g" * 64: "digest",
    "sha256=": "must look like",
    "é": "must look like",
}


@pytest.mark.parametrize(("signature", "said"), HEADERS.items())
def test_a_header_that_is_wrong_is_described(signature: str, said: str) -> None:
    assert said in (advice(BODY, signature, SECRET) or "")


BODIES: dict[str, tuple[bytes, bytes]] = {
    "without the newline at its end": (BODY, BODY + b"\n"),
    "without the newline at its end ": (BODY, BODY + b"\r\n"),
    "with a newline at its end": (BODY + b"\n", BODY),
    "without the byte order mark at its beginning": (BODY, b"\xef\xbb\xbf" + BODY),
    "byte order mark at its beginning and without the newline": (BODY, b"\xef\xbb\xbf" + BODY + b"\r\n"),
    "in UTF-8 instead of UTF-16": (BODY, BODY.decode().encode("utf-16")),
    "in UTF-8 instead of Windows-1252": (BODY, BODY.decode().encode("cp1252")),
    "with LF line ends instead of CRLF": (b"{\n}\n", b"{\r\n}\r\n"),
    "with LF line ends instead of CRLF and none at its end": (b"{\n}", b"{\r\n}\r\n"),
    "with CRLF line ends instead of LF": (b"{\r\n}\r\n", b"{\n}\n"),
}


@pytest.mark.parametrize(("said", "bodies"), BODIES.items(), ids=BODIES)
def test_a_body_that_an_editor_or_a_shell_has_changed_is_recognised(
    said: str, bodies: tuple[bytes, bytes]
) -> None:
    was_signed, given = bodies
    told = advice(given, sign(was_signed, SECRET), SECRET)
    assert told is not None
    assert told.startswith("the signature is that of this body ")
    assert said.strip() in told


PRINTED: dict[str, Callable[[], str]] = {
    "without spaces": lambda: json.dumps(VALUE, ensure_ascii=False, separators=(",", ":")),
    "with a space after commas and colons": lambda: json.dumps(VALUE, ensure_ascii=False),
    "with a space after commas and colons, other letters escaped": lambda: json.dumps(VALUE),
    "with an indent of 2": lambda: json.dumps(VALUE, ensure_ascii=False, indent=2),
    "with an indent of 4, other letters escaped, its keys in order": lambda: json.dumps(
        VALUE, indent=4, sort_keys=True
    ),
}


@pytest.mark.parametrize("was_signed", PRINTED)
@pytest.mark.parametrize("given", [style for style in PRINTED if "in order" not in style])
def test_a_body_that_was_printed_again_is_recognised(was_signed: str, given: str) -> None:
    told = advice(PRINTED[given]().encode(), sign(PRINTED[was_signed]().encode(), SECRET), SECRET)
    if was_signed == given:
        assert told is None
    else:
        assert told == f"the body was parsed and printed again; what was signed is its JSON {was_signed}"


@pytest.mark.parametrize("secret", [f"{SECRET}\n", f" {SECRET}", f'"{SECRET}"', f"'{SECRET}'\r\n"])
def test_a_secret_with_something_around_it_is_recognised(secret: str) -> None:
    assert "the secret has blanks" in (advice(BODY, GOOD, secret) or "")
    assert advice(BODY, sign(BODY, secret), secret) is None, "unless that is the secret"


def test_the_demo_secret_is_recognised() -> None:
    told = advice(BODY, sign(BODY, "whs_demo_secret"), SECRET)
    assert told == "it was signed with whs_demo_secret, the secret of contio-mock's demo"


@pytest.mark.parametrize(
    ("secret", "kind"), [("cs_1", "a client secret"), ("ctio_1", "an API key"), ("pk_live_1", "an API key")]
)
def test_what_looks_like_another_secret_is_named(secret: str, kind: str) -> None:
    assert f"looks like {kind}, not a webhook secret" in (advice(BODY, GOOD, secret) or "")
    assert advice(BODY, sign(BODY, secret), secret) is None


def test_several_mistakes_are_all_told() -> None:
    told = advice(BODY + b"\n", f"SHA256={HEX}", f"{SECRET} ")
    assert told is not None
    assert told.split("; ") == [
        "the prefix is SHA256=, and must be sha256= in small letters",
        "the secret has blanks, line ends or quotation marks around it",
        "the signature is that of this body without the newline at its end",
    ]


def test_what_fits_nothing_is_shown_with_the_signature_that_it_would_have() -> None:
    for body in (b"another body", b"", b"[" * 100_000, b"\xff\xfe\xfd"):
        told = advice(body, GOOD, SECRET)
        assert told is not None
        assert f"this body with this secret has {sign(body, SECRET)}" in told
        assert "another body or another secret" in told
