"""AND binds stronger than OR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.traps.view import View, trap
from townlake.sql.typing.errors import written

CODE: Final = "TRP013"


def find(view: View) -> Iterator[Finding]:
    """`a AND b OR c` is `(a AND b) OR c`; without brackets the other reading may be meant."""
    for node in view.of_kind(exp.Or):
        for side in (node.this, node.expression):
            if isinstance(side, exp.And):
                hint = f"Write brackets: ({written(side)}) OR ..., or around the OR if that is meant."
                yield trap(CODE, Severity.NOTE, "AND binds stronger than OR, and there are no brackets.", hint, node)
                return
