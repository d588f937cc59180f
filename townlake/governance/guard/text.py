"""The text before any parser sees it: length and characters.

Two parsers must not read one text differently. DuckDB takes a no-break space, a
zero-width space and a byte order mark as white space, sqlglot takes NUL as an alias;
Trino's grammar knows none of them.
"""

from __future__ import annotations

import re
from typing import Final

from townlake.governance.guard.findings import Refusal, error, place

MAX_BYTES: Final = 20_000

_CONTROL: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_INVISIBLE: Final = (
    "\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164"
)
_SPECIAL: Final = "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
_FORBIDDEN: Final = re.compile(f"[{_CONTROL}{_INVISIBLE}{_SPECIAL}]")


def check_text(sql: str) -> None:
    r"""Refuse a text that is empty, too long, or holds characters that parsers read differently.

    >>> check_text("SELECT 1")
    >>> check_text("SELECT\u00a01")
    Traceback (most recent call last):
    ...
    townlake.governance.guard.findings.Refusal: The statement holds the character U+00A0, which is not allowed.

    Raises:
        Refusal: SQL001 (too long), SQL002 (characters) or SQL006 (empty).
    """
    if not sql.strip():
        raise Refusal(error("SQL006", "The statement is empty.", "Write one SELECT statement."))
    size = len(sql) if sql.isascii() else len(sql.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        message = f"The statement has {size:,} bytes; at most {MAX_BYTES:,} are read."
        raise Refusal(error("SQL001", message, "Shorten it: join to a table instead of listing values."))
    bad = _FORBIDDEN.search(sql)
    if bad:
        message = f"The statement holds the character U+{ord(bad[0]):04X}, which is not allowed."
        hint = "Use plain spaces and line ends; inside a text write it as U&'\\" + f"{ord(bad[0]):04X}'."
        raise Refusal(error("SQL002", message, hint, at=place(sql, bad.start())))
