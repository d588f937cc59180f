"""How the lines of a CSV file end."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import IO, Final

_PIECE: Final = 1 << 20
_QUOTED: Final = re.compile(rb'"[^"]*"?')


def opened(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked.

    Raises:
        OSError: it cannot be read.
    """
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def other_line_end(path: Path) -> int | None:
    """The number of the first line that ends otherwise than the first one, or has a lone carriage return in it.

    Ends of lines within quotes are values. None where all lines end alike, or where that cannot be told.
    """
    first, is_quoted, number = None, False, 1
    try:
        with opened(path) as stream:
            while piece := stream.readline(_PIECE):
                outside = _QUOTED.sub(b"", b'"' + piece if is_quoted else piece)
                is_quoted ^= piece.count(b'"') % 2 == 1
                if not piece.endswith(b"\n"):
                    continue
                if not is_quoted:
                    end = b"\r\n" if piece.endswith(b"\r\n") else b"\n"
                    first = first or end
                    if end != first or b"\r" in outside.removesuffix(end):
                        return number
                number += 1
    except (OSError, EOFError):
        pass
    return None
