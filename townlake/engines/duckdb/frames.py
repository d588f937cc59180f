"""Messages between the engine and its workers: a kind, the number of a job, a length, and bytes.

Pipes carry no boundaries, and a worker may die in the middle of a message; a length in front
tells a whole message from a cut one. The number keeps what is said of one job from being taken
for what is said of another.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import BinaryIO, Final, NamedTuple

HEADER: Final = struct.Struct(">BII")
MAX_REQUEST_BYTES: Final = 64 * 2**20
"""What a worker reads at most: a statement in DuckDB's dialect has a few megabytes."""


class Kind(IntEnum):
    """What a message is."""

    START = 1
    """To the worker: how to set itself up (JSON)."""
    READY = 2
    """From the worker: it takes statements now."""
    RUN = 3
    """To the worker: a statement and what it may read (JSON)."""
    INTERRUPT = 4
    """To the worker: stop the statement that runs."""
    ROWS = 5
    """From the worker: a batch of rows, as a message of Arrow's IPC format."""
    DONE = 6
    """From the worker: the result is complete (JSON)."""
    FAILED = 7
    """From the worker: the statement failed (JSON)."""
    SCHEMA = 8
    """From the worker, before the first rows: Arrow's schema of them."""


class Frame(NamedTuple):
    """One message."""

    kind: Kind
    job: int
    """0 before the first job."""
    payload: bytes


def pack(kind: Kind, payload: bytes | memoryview = b"", job: int = 0) -> bytes:
    """One message as it goes over the pipe.

    >>> pack(Kind.DONE, b"ab", job=7).hex()
    '0600000007000000026162'
    """
    return b"".join((HEADER.pack(kind, job, len(payload)), payload))


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next message, or None at the end of the stream or of a cut message.

    Raises:
        ValueError: what comes is no message.

    >>> import io
    >>> read_frame(io.BytesIO(pack(Kind.ROWS, b"xyz")))
    Frame(kind=<Kind.ROWS: 5>, job=0, payload=b'xyz')
    >>> read_frame(io.BytesIO(pack(Kind.ROWS, b"xyz")[:6])) is None
    True
    """
    header = _read_exactly(stream, HEADER.size)
    if header is None:
        return None
    kind, job, length = HEADER.unpack(header)
    if length > MAX_REQUEST_BYTES:
        raise ValueError("a message that is too large")
    payload = _read_exactly(stream, length)
    return None if payload is None else Frame(Kind(kind), job, payload)


def _read_exactly(stream: BinaryIO, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        piece = stream.read(size - len(parts))
        if not piece:
            return None
        parts += piece
    return bytes(parts)
