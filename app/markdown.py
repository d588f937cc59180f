"""Values as Markdown that is inert: nothing in a table can become a link, an image, or a heading of the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_ACTIVE: Final = re.compile(r"([\\`*_\[\]<>|!&~#$])")
_ADDRESS: Final = re.compile(r"://|www\.|@|mailto:", re.IGNORECASE)
_TICKS: Final = re.compile(r"`+")
_BREAKS: Final = re.compile(r"[\r\n\t\v\f\x00-\x1f\x85\u2028\u2029]+")


def inert(text: str) -> str:
    r"""Text that reads as it is, on one line.

    What looks like an address is written as code: many a chat page makes a link of it otherwise, and a link carries
    away what is in it.

    >>> inert("a|b *c*"), inert("![x](https://evil.example/?q=1)")
    ('a\\|b \\*c\\*', '`![x](https://evil.example/?q=1)`')
    """
    line = _BREAKS.sub(" ", text)
    if _ADDRESS.search(line) is None:
        return _ACTIVE.sub(r"\\\1", line)
    fence = "`" * (max(map(len, _TICKS.findall(line)), default=0) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    # A table is cut into cells before code is looked for.
    return f"{fence}{room}{line}{room}{fence}".replace("|", "\\|")


def as_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    r"""The rows as a table; an empty text without columns.

    >>> print(as_table(["region", "n"], [["North", 1], [None, 2]]))
    | region | n |
    | --- | --- |
    | North | 1 |
    |  | 2 |
    """
    if not columns:
        return ""
    lines = [[inert(name) for name in columns], ["---"] * len(columns)]
    lines += [["" if value is None else inert(str(value)) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_code(text: str, language: str) -> str:
    """The text in a block of code that it cannot leave."""
    fence = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"
