"""Content of any size: a little of it in memory, much of it in a temporary file that has no name.

A blob never changes, so that records, answers and sandboxes share it. Its file is gone with the last
of them, and with the process however that ends.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

IN_MEMORY = 262_144
"""What is no larger than this stays in memory."""
CHUNK = 65_536
DIGEST_BYTES = 20


class _File:
    """A temporary file without a name; closed, and thereby gone, when nobody holds it any more."""

    __slots__ = ("_descriptor", "_lock")

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = os.dup(stream.fileno())
        self._lock = threading.Lock()

    def read(self, at: int, size: int) -> bytes:
        found = []
        with self._lock:
            os.lseek(self._descriptor, at, os.SEEK_SET)
            while size and (piece := os.read(self._descriptor, size)):
                found.append(piece)
                size -= len(piece)
        return b"".join(found)

    def __del__(self) -> None:
        os.close(self._descriptor)


class Blob:
    """Bytes that need not be in memory; equal to the same bytes, wherever those are."""

    __slots__ = ("_digest", "_start", "_store", "size")

    def __init__(self, content: bytes | _File = b"", *, start: int = 0, size: int | None = None) -> None:
        self._store = content
        self._start = start
        self.size = size if size is not None else len(content) if isinstance(content, bytes) else 0
        self._digest: bytes | None = None

    @classmethod
    def of(cls, content: bytes | bytearray | Blob | Path | BinaryIO) -> Blob:
        """A blob of bytes, of a file by its path, or of what an open binary file still holds."""
        if isinstance(content, Blob):
            return content
        if isinstance(content, (bytes, bytearray)):
            return cls(bytes(content))
        if isinstance(content, Path):
            with content.open("rb") as stream:
                return cls.of(stream)
        with Spool() as spool:
            while piece := content.read(CHUNK):
                spool.write(piece)
            return spool.blob()

    def __len__(self) -> int:
        return self.size

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces of at most CHUNK bytes."""
        at, end = self._start, self._start + self.size
        while at < end:
            piece = self._piece(at, min(CHUNK, end - at))
            if not piece:
                return
            yield piece
            at += len(piece)

    def _piece(self, at: int, size: int) -> bytes:
        if isinstance(self._store, bytes):
            return self._store[at : at + size]
        return self._store.read(at, size)

    def read(self) -> bytes:
        """All of it, in memory."""
        if isinstance(self._store, bytes) and self.size == len(self._store):
            return self._store
        return self._piece(self._start, self.size)

    def until(self, end: int) -> Blob:
        """The first bytes as a blob that shares the content."""
        return Blob(self._store, start=self._start, size=max(0, min(end, self.size)))

    @property
    def digest(self) -> bytes:
        """What tells this content from any other."""
        if self._digest is None:
            hashed = blake2b(digest_size=DIGEST_BYTES)
            for piece in self.chunks():
                hashed.update(piece)
            self._digest = hashed.digest()
        return self._digest

    def save(self, path: Path | str) -> None:
        """Write the content to a file."""
        with Path(path).open("wb") as stream:
            stream.writelines(self.chunks())

    def __bytes__(self) -> bytes:
        return self.read()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (bytes, bytearray)):
            return self.size == len(other) and self.read() == other
        if not isinstance(other, Blob):
            return NotImplemented
        return self.size == other.size and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Blob({self.size} bytes)"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._taken)

    @classmethod
    def _taken(cls, value: object) -> Blob:
        """A blob of a blob or of bytes; raises ValueError for anything else."""
        if isinstance(value, bytes):
            return cls.of(BytesIO(value))
        if not isinstance(value, Blob):
            raise ValueError("must be bytes")  # noqa: TRY004 - what pydantic turns into its own error
        return value


class Oversize(Blob):
    """A body that was not kept, for it is larger than anything the API takes; its content is empty."""

    __slots__ = ()

    def __init__(self, size: int) -> None:
        super().__init__(b"", size=size)

    def chunks(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())


class Spool:
    """Takes content piece by piece, and gives it back as a blob; a context manager.

    Left without asking for the blob, it leaves nothing behind.
    """

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._stream: IO[bytes] | None = None

    def write(self, piece: ReadableBuffer) -> None:
        """Add a piece."""
        kept = bytes(piece)
        self.size += len(kept)
        if self._stream is not None:
            self._stream.write(kept)
            return
        self._pieces.append(kept)
        if self.size > IN_MEMORY:
            self._to_file()

    def _to_file(self) -> None:
        from tempfile import TemporaryFile  # noqa: PLC0415 - only much content needs it

        try:
            self._stream = TemporaryFile()  # noqa: SIM115 - its blob closes it
        except OSError:
            return  # no disk or no descriptor is left: memory will do
        self._stream.writelines(self._pieces)
        self._pieces = []

    def blob(self) -> Blob:
        """What was written; nothing more may be."""
        if self._stream is None:
            return Blob(b"".join(self._pieces))
        with self._stream:
            self._stream.flush()
            return Blob(_File(self._stream), size=self.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()


Body = bytes | Blob
"""The body of a message: bytes, or a blob when it is large."""


def start_of(body: Body, size: int) -> bytes:
    """The first bytes of a body."""
    return body[:size] if isinstance(body, bytes) else body.until(size).read()


def cut(body: Body, size: int) -> Body:
    """A body cut short."""
    return body[:size] if isinstance(body, bytes) else body.until(size)


def pieces(body: Body) -> Iterator[bytes]:
    """A body in pieces."""
    return iter((body,)) if isinstance(body, bytes) else body.chunks()


def gathered(parts: list[Body]) -> Body:
    """Bodies joined, in memory as long as they are small."""
    if sum(map(len, parts)) <= IN_MEMORY:
        return b"".join(part if isinstance(part, bytes) else part.read() for part in parts)
    with Spool() as spool:
        for part in parts:
            for piece in pieces(part):
                spool.write(piece)
        return spool.blob()
