"""Messages between the engine and its workers: a kind, a length, and bytes.

Pipes carry no boundaries, and a worker may die in the middle of a message; a length in front
tells a whole message from a cut one.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import BinaryIO, Final

HEADER: Final = struct.Struct(">BI")
MAX_PAYLOAD: Final = 2**32 - 1


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
    """From the worker: a piece of an Arrow IPC stream."""
    DONE = 6
    """From the worker: the result is complete (JSON)."""
    FAILED = 7
    """From the worker: the statement failed (JSON)."""


def pack(kind: Kind, payload: bytes = b"") -> bytes:
    """One message as it goes over the pipe.

    >>> pack(Kind.READY, b"ab").hex()
    '02000000026162'
    """
    return HEADER.pack(kind, len(payload)) + payload


def read_frame(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """The next message, or None at the end of the stream or of a cut message.

    >>> import io
    >>> read_frame(io.BytesIO(pack(Kind.ROWS, b"xyz")))
    (<Kind.ROWS: 5>, b'xyz')
    >>> read_frame(io.BytesIO(pack(Kind.ROWS, b"xyz")[:6])) is None
    True
    """
    header = _read_exactly(stream, HEADER.size)
    if header is None:
        return None
    kind, length = HEADER.unpack(header)
    payload = _read_exactly(stream, length)
    return None if payload is None else (Kind(kind), payload)


def _read_exactly(stream: BinaryIO, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        piece = stream.read(size - len(parts))
        if not piece:
            return None
        parts += piece
    return bytes(parts)
