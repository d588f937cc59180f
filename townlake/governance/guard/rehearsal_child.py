"""The child of `rehearsal.py`: parses what it is sent and says whether it came through.

It runs as a script in isolated mode and imports only sqlglot. Input: four bytes of length, then the
text in UTF-8. Output: one byte, `1` when the text was parsed and generated, else `0`; `R` at the start.
"""

import contextlib
import logging
import resource
import sys
from typing import IO

import sqlglot

MEMORY_BYTES = 512 * 1024 * 1024


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer until the source ends."""
    answer = b"R"
    while True:
        sink.write(answer)
        sink.flush()
        head = source.read(4)
        if len(head) < 4:
            return
        answer = b"1" if comes_through(source.read(int.from_bytes(head, "big"))) else b"0"


def comes_through(text: bytes) -> bool:
    """True when every statement of a text can be parsed and generated."""
    try:
        for tree in sqlglot.parse(text.decode(), read="trino"):
            if tree is not None:
                tree.sql(dialect="trino", comments=False)
    except Exception:  # whatever fails here is refused by the parent
        return False
    return True


if __name__ == "__main__":  # pragma: no cover - only in the child
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(ValueError, OSError):  # not every system lets a process bound itself
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer)
