"""Content of any size: small in memory, large in a file, the same from outside."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contio_mock.contract.blobs import (
    CHUNK,
    IN_MEMORY,
    Blob,
    Oversize,
    Spool,
    cut,
    gathered,
    pieces,
    start_of,
)

LARGE = bytes(range(256)) * (IN_MEMORY // 256 + 7)


@pytest.mark.parametrize("content", [b"", b"x", LARGE[:IN_MEMORY], LARGE], ids=len)
def test_a_blob_is_its_bytes(content: bytes, tmp_path: Path) -> None:
    blob = Blob.of(io.BytesIO(content))
    assert len(blob) == blob.size == len(content)
    assert blob.read() == bytes(blob) == b"".join(blob.chunks()) == content
    assert all(len(piece) <= CHUNK for piece in blob.chunks())
    assert blob == content
    assert blob == Blob(content)
    assert hash(blob) == hash(Blob(content))
    assert blob != content + b"!"
    assert blob != Blob(content + b"!")
    assert blob != "text"
    blob.save(tmp_path / "saved")
    assert Blob.of(tmp_path / "saved") == content
    assert Blob.of(blob) is blob
    assert Blob.of(bytearray(content)) == content


@given(st.lists(st.binary(max_size=90_000), max_size=8), st.integers(0, 400_000))
def test_pieces_become_one_whole_and_can_be_cut(written: list[bytes], end: int) -> None:
    with Spool() as spool:
        for piece in written:
            spool.write(piece)
        blob = spool.blob()
    whole = b"".join(written)
    assert blob == whole
    assert blob.until(end) == cut(whole, end) == whole[:end]
    assert cut(blob, end) == start_of(blob, end) == whole[:end]
    assert b"".join(pieces(blob.until(end))) == whole[:end]
    assert blob.until(end).until(end // 2).read() == whole[: end // 2]
    assert gathered([b"<", blob, b">"]) == b"<" + whole + b">"


def test_readers_of_one_file_do_not_disturb_each_other() -> None:
    blob = Blob.of(io.BytesIO(LARGE))
    first, second = blob.chunks(), blob.chunks()
    assert next(first) == LARGE[:CHUNK]
    assert next(second) == LARGE[:CHUNK]
    assert b"".join(first) == b"".join(second) == LARGE[CHUNK:]


def test_what_was_too_large_has_a_size_and_no_content() -> None:
    body = Oversize(10**12)
    assert body.size == 10**12
    assert list(pieces(body)) == []
    assert start_of(body, 100) == b""
