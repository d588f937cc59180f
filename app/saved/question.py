"""What is kept of a saved question."""

from __future__ import annotations

from agents.ask.anew import Wording
from agents.ask.chart import Chart
from townlake.domain.names import TableRef
from townlake.domain.value import Value


class Need(Value):
    """What the statement reads of one table."""

    table: TableRef
    columns: tuple[str, ...]


class QuestionContent(Value):
    """A question with its statement. It holds no rows."""

    name: str
    question: str
    description: str
    sql: str
    """As it was written, and checked when it was saved."""
    wording: Wording | None = None
    """The words that the statement is made anew from at each reading; None where it stays as it is."""
    namespace: str | None = None
    chart: Chart | None = None
    needs: tuple[Need, ...] = ()
    """What it read for whoever saved it: so whoever may not is told of just that, as far as they may know of it."""
