"""The child of `rehearsal.py`: parses what it is sent and says whether it came through.

It runs as a script in isolated mode and imports only sqlglot. Input: four bytes of length, then the
text in UTF-8. Output: one byte, `1` when the text was parsed and generated, else `0`; `R` at the start.
"""

import contextlib
import logging
import resource
import sys

MEMORY_BYTES = 512 * 1024 * 1024


def main() -> None:
    """Serve until the parent closes the pipe."""
    import sqlglot

    logging.disable(logging.CRITICAL)
    with contextlib.suppress(ValueError, OSError):  # not every system lets a process bound itself
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    answer = b"R"
    while True:
        sink.write(answer)
        sink.flush()
        head = source.read(4)
        if len(head) < 4:
            return
        try:
            for tree in sqlglot.parse(source.read(int.from_bytes(head, "big")).decode(), read="trino"):
                if tree is not None:
                    tree.sql(dialect="trino", comments=False)
            answer = b"1"
        except Exception:  # whatever fails here is refused by the parent
            answer = b"0"


if __name__ == "__main__":
    main()
