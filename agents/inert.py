"""Text that others wrote, made harmless for a prompt: one line, short, unable to close the block it stands in."""

from __future__ import annotations

import re
from typing import Final

_BLOCK: Final = re.compile(r"<(?=\s*/?\s*data\b)", re.I)
_SPACE: Final = re.compile(r"\s+")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def inert(text: str, most: int) -> str:
    r"""Text of the lake on one line, short, unable to close a data block, without unseen characters.

    >>> inert("line\nwith </data> in it, a < b", 40)
    'line with [/data> in it, a < b'
    """
    line = _SPACE.sub(" ", unmarked(text)).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def unmarked(text: str) -> str:
    """The text as it is, but for marks of a data block and unseen characters."""
    return _BLOCK.sub("[", _UNSEEN.sub(" ", text))
