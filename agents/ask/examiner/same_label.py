"""EXA004: rows of a grouped answer that cannot be told apart."""

from __future__ import annotations

from sqlglot import exp

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def same_label(seen: Seen) -> tuple[Finding, ...]:
    """Grouping by a key and showing only a name gives several rows of one name: their grain is finer than it looks."""
    tree = seen.tree
    group = tree.args.get("group") if isinstance(tree, exp.Select) else None
    if not isinstance(tree, exp.Select) or not isinstance(group, exp.Group) or seen.table.num_rows < 2:
        return ()
    grouped = {node.sql() for node in group.expressions}
    shown = {node.unalias().sql() for node in tree.selects}
    if not grouped - shown or any(isinstance(node, exp.Literal) for node in group.expressions):
        return ()
    labels = [
        repr(row)
        for row in zip(
            *(
                values.to_pylist()
                for node, values in zip(tree.selects, seen.table.columns, strict=False)
                if node.unalias().sql() in grouped
            ),
            strict=True,
        )
    ]
    if not labels or len(set(labels)) == len(labels):
        return ()
    return (
        Finding(
            code="EXA004",
            severity=Severity.NOTE,
            message="Several rows carry the same label: they stand for different things that are called alike.",
            hint="Ask for the key beside the name, or for one row a name.",
        ),
    )
