"""How the guard says no: findings with a place in the statement as asked."""

from __future__ import annotations

from sqlglot import exp

from townlake.domain.finding import Finding, Severity, Span


class Refusal(Exception):
    """Stops a check at once; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def error(code: str, message: str, hint: str = "", *, at: Span | None = None) -> Finding:
    """A finding that stops the statement.

    >>> error("SQL005", "Two statements.").severity.value
    'error'
    """
    return Finding(code=code, severity=Severity.ERROR, message=message, hint=hint, span=at)


def place(sql: str, offset: int) -> Span:
    r"""The 1-based line and column of an offset into the text.

    >>> place("SELECT a,\n  b", 12)
    Span(line=2, column=3)
    """
    line = sql.count("\n", 0, offset) + 1
    return Span(line=line, column=offset - (sql.rfind("\n", 0, offset) + 1) + 1)


def place_of(sql: str, node: exp.Expr) -> Span | None:
    """Where a node was written, as far as the parser kept it: the first of its tokens that is known."""
    for part in node.walk():
        start = part.meta.get("start")
        if isinstance(start, int):
            return place(sql, start)
    return None


def quoted(name: str) -> str:
    """A name of the caller's own statement, short enough for a message.

    >>> quoted("x" * 200) == '"' + "x" * 60 + '…"'
    True
    """
    return f'"{name}"' if len(name) <= 60 else f'"{name[:60]}…"'
