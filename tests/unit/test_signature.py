"""Signatures of webhooks."""

from __future__ import annotations

import pytest

from contio_mock.contract.signature import sign, signature_problem

BODY, SECRET = b'{"a": 1}', "whs_secret"
GOOD = sign(BODY, SECRET)
HEX = GOOD.removeprefix("sha256=")


def test_a_known_answer() -> None:
    # RFC 4231, test case 2
    expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == expected


@pytest.mark.parametrize("signature", [GOOD, f"sha256={HEX.upper()}", f"sha256={HEX[:32]}{HEX[32:].upper()}"])
def test_a_right_signature_has_no_problem(signature: str) -> None:
    assert signature_problem(BODY, signature, SECRET) is None


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (None, "is missing"),
        ("", "is missing"),
        (HEX, "must look like"),
        ("sha256=", "must look like"),
        ("sha256", "must look like"),
        (f"SHA256={HEX}", "must look like"),
        (f"sha1={HEX}", "must look like"),
        (f" sha256={HEX}", "must look like"),
        (f"sha256={HEX}=", "must look like"),
        (f"sha256=sha256={HEX}", "must look like"),
        (f"{GOOD}, {GOOD}", "more than one"),
        (f"sha256={HEX[:-1]}", "63 characters"),
        (f"sha256={HEX}0", "65 characters"),
        (f"sha256= {HEX}", "65 characters"),
        (f"sha256={HEX[:-1]}é", "hex digits"),
        (f"sha256={'g' * 64}", "not that of this body"),
        (f"sha256={'0' * 64}", "not that of this body"),
        (sign(BODY + b" ", SECRET), "was the body parsed and printed again?"),
        (sign(BODY, "other"), "not that of this body"),
    ],
)
def test_each_wrong_signature_has_its_reason(signature: str | None, said: str) -> None:
    assert said in (signature_problem(BODY, signature, SECRET) or "")


def test_any_secret_and_any_bytes_can_be_signed() -> None:
    for body in (b"", b"\x00\xff", "🎉".encode()):
        for secret in ("", "ключ", "x" * 1000):
            assert signature_problem(body, sign(body, secret), secret) is None
