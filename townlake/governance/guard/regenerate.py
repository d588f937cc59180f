"""From the checked tree to the one text that runs, read again and inspected as if a stranger had written it.

The inspection shares nothing with the resolution: it takes the text, parses it, and asks of
every table in it whether it stands in a scan, of every word before a bracket whether it is a known function.
A fault of the resolver is then a refusal, not a leak.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from townlake.domain.names import TableRef
from townlake.governance.guard.admit import admit
from townlake.governance.guard.calls import unknown_calls
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.parse import TRINO, tokenize


def regenerate(tree: exp.Expression, scans: Mapping[TableRef, Collection[str]]) -> str:
    """The text of a checked tree, in Trino's dialect, without comments.

    Args:
        tree: the rewritten tree.
        scans: the tables that it may read, each with the columns that its scans may name.

    Raises:
        Refusal: SQL040, when the text does not say what was checked.
    """
    text = generate(tree)
    tokens = tokenize(text)
    again = TRINO.parser().parse(tokens, text)
    if len(again) != 1 or again[0] is None or generate(again[0]) != text:
        raise _differs()
    if admit(text, again[0]) or any(unknown_calls(text, tokens)):
        raise _differs()
    _inspect(again[0], scans)
    return text


def generate(tree: exp.Expression) -> str:
    """The text of a tree, every name quoted."""
    return tree.sql(dialect="trino", identify=True, comments=False)


def _inspect(tree: exp.Expression, scans: Mapping[TableRef, Collection[str]]) -> None:
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        parts = [part.name for part in table.parts]
        if len(parts) == 1 and parts[0] in named:
            continue
        if len(parts) != 3:
            raise _differs()
        columns = scans.get(TableRef(catalog=parts[0], namespace=parts[1], name=parts[2]))
        if columns is None or not _is_scan(table, columns):
            raise _differs()


def _is_scan(table: exp.Table, columns: Collection[str]) -> bool:
    """True when a table stands alone in a bracketed SELECT that names only these columns."""
    source = table.parent
    select = source.parent if isinstance(source, exp.From) else None
    if not isinstance(select, exp.Select) or not isinstance(select.parent, exp.Subquery) or table.alias:
        return False
    if any(value and key not in ("expressions", "from_", "where") for key, value in select.args.items()):
        return False
    inside = [node for node in select.walk() if isinstance(node, exp.Column | exp.Star | exp.Query)]
    return all(
        node is select or (isinstance(node, exp.Column) and len(node.parts) == 1 and node.name in columns) for node in inside
    )


def _differs() -> Refusal:
    hint = "Write the statement in a simpler way; this one has been noted."
    return Refusal(error("SQL040", "The statement cannot be written down again as it was checked.", hint))
