"""Why a webhook's signature is refused: tries the mistakes that are made, one after the other.

For people who look for a fault, not for servers: a stranger is told less by `parse_webhook`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterator

from contio_mock.contract.signature import SIGNATURE_HEADER, sign, signature_problem

Fault = str | None
"""What is wrong, as a sentence; None when nothing is."""

_BOM = b"\xef\xbb\xbf"
_DIGEST = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_OTHER_DIGESTS = {32: "MD5", 40: "SHA-1", 96: "SHA-384", 128: "SHA-512"}
_AROUND = "\"' \t\r\n"
_DEMO_SECRET = "whs_demo_secret"
_KINDS = {"cs_": "a client secret", "ctio_": "an API key", "pk_": "an API key"}
"""What else begins like that."""


def advice(body: bytes, signature: str, secret: str) -> str | None:
    """Why a signature is refused, or None when it is right."""
    problem = signature_problem(body, signature, secret)
    if problem is None:
        return None
    digests = _DIGEST.findall(signature)
    if len(digests) != 1:
        return _no_digest(signature) or problem
    faults = [_of_header(signature), *_of_content(body, digests[0].lower(), secret)]
    return "; ".join(fault for fault in faults if fault) or problem


def _no_digest(signature: str) -> Fault:
    value = signature.strip().removeprefix("sha256=")
    if _is_base64_digest(value):
        return f"the digest is base64; the {SIGNATURE_HEADER} header must look like sha256=<64 hex digits>"
    digits = re.fullmatch(r"(?:[\w-]+=)?([0-9a-fA-F]+)", signature.strip())
    if digits is None:
        return None
    count = len(digits[1])
    like = f" as {_OTHER_DIGESTS[count]} has" if count in _OTHER_DIGESTS else ""
    return f"the digest has {count} hex digits{like}, not 64"


def _is_base64_digest(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 32  # noqa: PLR2004 - bytes of SHA-256
    except (binascii.Error, ValueError):
        return False


def _of_header(signature: str) -> Fault:
    """What is wrong with the header around its digest."""
    before, after = _DIGEST.split(signature, maxsplit=1)
    if before == "sha256=" and not after:
        return None
    if before.strip(_AROUND) == "sha256=" and not after.strip(_AROUND):
        return "there are blanks, line ends or quotation marks around the signature"
    name, colon, _ = before.partition(":")
    if colon and name.strip().lower() == SIGNATURE_HEADER.lower():
        return "the header's name is no part of the signature"
    prefix = before.strip(_AROUND)
    if not prefix:
        return "the prefix sha256= is missing"
    if prefix != "sha256=":
        case = " in small letters" if prefix.lower() == "sha256=" else ""
        return f"the prefix is {prefix}, and must be sha256={case}"
    return f"around the signature there is something else: {signature!r}"


def _of_content(body: bytes, digest: str, secret: str) -> tuple[Fault, ...]:
    """What is wrong with the body and the secret, when anything is found that fits the digest."""
    for about_secret, key in _secrets(secret):
        for about_body, content in _bodies(body):
            if hmac.compare_digest(sign(content, key), f"sha256={digest}"):
                return about_secret, about_body
    kind = next((what for prefix, what in _KINDS.items() if secret.startswith(prefix)), None)
    if kind is not None:
        return (f"the digest is not made with this secret, which looks like {kind}, not a webhook secret",)
    return (
        f"this body with this secret has {sign(body, secret)}: it is another body or another secret, "
        "perhaps that of another app or one that was rotated",
    )


def _secrets(secret: str) -> Iterator[tuple[Fault, str]]:
    yield None, secret
    bare = secret.strip(_AROUND)
    if bare != secret:
        yield "the secret has blanks, line ends or quotation marks around it", bare
    yield f"it was signed with {_DEMO_SECRET}, the secret of contio-mock's demo", _DEMO_SECRET


def _bodies(body: bytes) -> Iterator[tuple[Fault, bytes]]:
    for about_bytes, content in _decodings(body):
        for about_ends, variant in _line_ends(content):
            faults = [fault for fault in (about_bytes, about_ends) if fault]
            yield f"the signature is that of this body {' and '.join(faults)}" if faults else None, variant
    for _, content in _decodings(body):
        for style, variant in _printed(content):
            yield f"the body was parsed and printed again; what was signed is its JSON {style}", variant


def _decodings(body: bytes) -> Iterator[tuple[Fault, bytes]]:
    yield None, body
    if body.startswith(_BOM):
        yield "without the byte order mark at its beginning", body.removeprefix(_BOM)
    for encoding, name in (("utf-16", "UTF-16"), ("cp1252", "Windows-1252")):
        try:
            yield f"in UTF-8 instead of {name}", body.decode(encoding).encode()
        except UnicodeError:
            continue


def _line_ends(body: bytes) -> Iterator[tuple[Fault, bytes]]:
    yield None, body
    unix = body.replace(b"\r\n", b"\n")
    if body.endswith((b"\n", b"\r")):
        yield "without the newline at its end", body.rstrip(b"\r\n")
    else:
        yield "with a newline at its end", body + b"\n"
    if unix != body:
        yield "with LF line ends instead of CRLF", unix
        yield "with LF line ends instead of CRLF and none at its end", unix.rstrip(b"\n")
    elif b"\n" in body:
        yield "with CRLF line ends instead of LF", unix.replace(b"\n", b"\r\n")


_LAYOUTS: tuple[tuple[str, tuple[str, str], int | None], ...] = (
    ("without spaces", (",", ":"), None),
    ("with a space after commas and colons", (", ", ": "), None),
    ("with an indent of 2", (",", ": "), 2),
    ("with an indent of 4", (",", ": "), 4),
)


def _printed(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The body's JSON, printed in the ways in which it is usually printed."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for sort in (False, True):
        for escape in (False, True):
            for layout, separators, indent in _LAYOUTS:
                also = (", other letters escaped" if escape else "") + (", its keys in order" if sort else "")
                text = json.dumps(
                    value, sort_keys=sort, ensure_ascii=escape, separators=separators, indent=indent
                )
                yield layout + also, text.encode("utf-8", "surrogatepass")
