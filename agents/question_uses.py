"""How many questions were asked a day, for whom and by whom, and how they ended: kept as sums, since runs are many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Self

import sqlalchemy as sa

from townlake.state.schema import METADATA

QUESTION_USES: Final = sa.Table(
    "question_uses",
    METADATA,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("questions", sa.BigInteger, nullable=False),
    sa.Column("answered", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Index("question_uses_by_day", "day"),
)
"""Person and subject as `Runs` keeps them; both are empty in the row of all."""

EVERY_CALLER: Final = ""
SCAN: Final = "scan"
"""The status of what is kept of scans beside questions."""
STATEMENT: Final = "statement"
"""The status of what is kept of statements that callers wrote themselves: their journal knows how each ended."""
NO_QUESTIONS: Final = frozenset({SCAN, STATEMENT})
"""What is kept beside questions under these is not counted among them."""
_ANSWERED: Final = frozenset({"answered", "no_rows", "drafted"})
_FAILED: Final = frozenset({"failed", "refused"})
_KEPT_DAYS: Final = 400


class Counted(NamedTuple):
    """What of a run is counted."""

    asked_at: datetime
    person: str
    subject: str
    status: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """That of a row of runs."""
        return cls(*(row[name] for name in cls._fields))


def count_question(connection: sa.Connection, before: Counted | None, now: Counted) -> None:
    """Count a run as it is now in place of how it was, in the transaction that keeps it."""
    if before is not None and _place(before) == _place(now):
        answered, failed = (new - old for new, old in zip(_ends(now), _ends(before), strict=True))
        _add(connection, now, 0, answered, failed)
        return
    if before is not None:
        answered, failed = _ends(before)
        _add(connection, before, -1, -answered, -failed)
    _add(connection, now, 1, *_ends(now))


def _ends(run: Counted) -> tuple[int, int]:
    return int(run.status in _ANSWERED), int(run.status in _FAILED)


def _place(run: Counted) -> tuple[str, str, str]:
    return run.person, run.subject, run.asked_at.astimezone(UTC).date().isoformat()


def _add(connection: sa.Connection, run: Counted, questions: int, answered: int, failed: int) -> None:
    if run.status in NO_QUESTIONS or not (questions or answered or failed):
        return
    person, subject, day = _place(run)
    more = {"questions": questions, "answered": answered, "failed": failed}
    table = QUESTION_USES
    for key in ((person, subject), (EVERY_CALLER, EVERY_CALLER)):
        here = sa.and_(table.c.person == key[0], table.c.subject == key[1], table.c.day == day)
        added = {name: table.c[name] + figure for name, figure in more.items()}
        if connection.execute(sa.update(table).where(here).values(added)).rowcount:
            continue
        old = (run.asked_at.astimezone(UTC).date() - timedelta(days=_KEPT_DAYS)).isoformat()
        connection.execute(sa.delete(table).where(table.c.day < old))
        least = {name: max(0, figure) for name, figure in more.items()}
        connection.execute(sa.insert(table).values(person=key[0], subject=key[1], day=day, **least))
