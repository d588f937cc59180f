"""What a check sees of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.ask.state import Checked, SqlDraft

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

    from agents.ask.examiner.filters import TextFilter
    from agents.ask.outlook import Outlook
    from tools.hands import Values
    from townlake.domain.rows import Rows


@dataclass(frozen=True)
class Seen:
    """An answer and what it was made from."""

    draft: SqlDraft
    checked: Checked
    rows: Rows
    outlook: Outlook
    values: Values

    @property
    def table(self) -> pa.Table:
        """The rows."""
        return self.rows.table

    @cached_property
    def tree(self) -> exp.Expr:
        """The statement as it was written."""
        from sqlglot import parse_one

        return parse_one(self.draft.sql, read="trino")

    @cached_property
    def text_filters(self) -> tuple[TextFilter, ...]:
        """Where the statement compares a column with a text."""
        from agents.ask.examiner.filters import text_filters

        return text_filters(self.tree, self.outlook)

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows, or one row that says that there is nothing: zeros and NULLs only."""
        if self.table.num_rows == 0:
            return True
        if self.table.num_rows > 1:
            return False
        return all(value is None or value == 0 for column in self.table.columns for value in column.to_pylist())
