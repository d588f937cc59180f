"""What a caller is told whose day is used up: how much of it, until when, and which filter would help."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef
from townlake.governance.scan_limit import is_secret, size_words

HELD: Final = "LIM006"


class Shortage(NamedTuple):
    """What of a day does not suffice."""

    of: Literal["bytes", "seconds"]
    who: str
    most: int
    """Bytes or milliseconds that the account may take a day."""
    used: int
    wanted: int
    until: datetime
    shows_figures: bool
    """Whether the figures may be told to this caller."""
    is_held: bool
    """True when it would suffice, were nothing held for statements that run."""


def day_finding(
    short: Shortage, reads: Sequence[tuple[TableRef, int]], advice: str, row_filtered: Collection[TableRef] = ()
) -> Finding:
    """The finding of a statement for which a day does not suffice.

    Args:
        short: what does not suffice.
        reads: the tables that it would read, with the bytes of each.
        advice: which filter would help.
        row_filtered: tables of which the caller sees only some rows: how large they are is not told.
    """
    anew = f"The day begins anew at {short.until:%Y-%m-%d %H:%M} UTC."
    if short.is_held:
        return _finding(
            HELD,
            f"Statements of {short.who} that run now may take what is left of the day.",
            "Ask again when they have ended.",
        )
    if short.of == "seconds":
        most = f"{short.most / 1000:g} seconds that statements may run a day"
        return _finding("LIM003", _used(short, most), f"Ask again later. {anew}")
    would = (
        ""
        if not (reads and short.shows_figures) or is_secret(reads, row_filtered)
        else f" This statement would read {size_words(short.wanted)}."
    )
    return _finding(
        "LIM002",
        f"{_used(short, f'{size_words(short.most)} that may be read a day')}{would}",
        f"{advice} {anew}".strip(),
    )


def percent(used: int, most: int) -> int:
    """How much of a day is used.

    >>> percent(1, 3), percent(9, 3), percent(0, 0)
    (33, 100, 100)
    """
    return 100 if most <= 0 else min(100, used * 100 // most)


def _used(short: Shortage, most: str) -> str:
    """How much of it is used, in whole percent: figures to the byte would tell how large tables are."""
    if not short.shows_figures:
        return f"What {short.who} may take of a day does not suffice for this statement."
    return f"{short.who} has used {percent(short.used, short.most)} % of the {most}, and the rest does not suffice."


def _finding(code: str, message: str, hint: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint)
