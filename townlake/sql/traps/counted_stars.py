"""count(*) over a LEFT JOIN counts one for a row without a match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.traps.view import View, trap

CODE: Final = "TRP012"


def find(view: View) -> Iterator[Finding]:
    """`customers LEFT JOIN orders ... GROUP BY customer` with count(*) says 1 for a customer without orders."""
    for node in view.of_kind(exp.Count):
        select = node.find_ancestor(exp.Select)
        if not isinstance(node.this, exp.Star) or select is None or select.args.get("group") is None:
            continue
        rights = [join for join in select.args.get("joins") or () if str(join.args.get("side") or "").upper() == "LEFT"]
        if rights and not isinstance(node.parent, exp.Filter):
            alias = rights[-1].this.alias_or_name
            message = "count(*) counts 1 for a row that the LEFT JOIN keeps without a match."
            hint = f"Write count({alias}.column) with the column of the join." if alias else "Count a column."
            yield trap(CODE, Severity.WARNING, message, hint, node)
