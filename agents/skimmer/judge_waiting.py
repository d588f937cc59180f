"""Tables of a file that wait until they fill a call: most are small, and the rules of a prompt are paid with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from agents.skimmer.columns import ColumnFinding, Table

if TYPE_CHECKING:
    from agents.skimmer.judge import ModelJudge
    from agents.skimmer.judge_case import Case

_MOST_WAITING: Final = 2000
"""Columns whose findings are held."""


class Waiting:
    """Findings of tables, given out in the order in which they came."""

    def __init__(self, judge: ModelJudge | None) -> None:
        self._judge = judge
        self._held: list[tuple[Case, Sequence[ColumnFinding]]] = []
        self._asked = 0
        self._columns = 0

    def add(self, table: Table, findings: Sequence[ColumnFinding]) -> Sequence[ColumnFinding]:
        """Take a table; gives the findings that are ready."""
        if self._judge is None:
            return findings
        from agents.skimmer.judge import MOST_COLUMNS
        from agents.skimmer.judge_case import to_ask
        from agents.skimmer.judge_columns import case_of_columns

        case = case_of_columns(table, findings)
        more = len(to_ask(case))
        ready = self.rest() if self._asked and self._asked + more > MOST_COLUMNS else ()
        self._held.append((case, findings))
        self._asked += more
        self._columns += len(findings)
        return (*ready, *(self.rest() if self._asked >= MOST_COLUMNS or self._columns >= _MOST_WAITING else ()))

    def rest(self) -> Sequence[ColumnFinding]:
        """The findings of all tables that wait, judged."""
        if self._judge is None or not self._held:
            return ()
        from agents.skimmer.judge_columns import judged_columns

        held, self._held, self._asked, self._columns = self._held, [], 0, 0
        judged = self._judge.judge([case for case, _ in held])
        pairs = zip(held, judged, strict=True)
        return tuple(one for (_, findings), after in pairs for one in judged_columns(findings, after))
