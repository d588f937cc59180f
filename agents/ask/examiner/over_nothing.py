"""EXA009: a figure that was made from no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from sqlglot import exp

    from agents.ask.cover.slots import Slots

CODE = "EXA009"


def over_nothing(seen: Seen) -> tuple[Finding, ...]:
    """Tell the lone NULL of a total over no row from an unknown value, and a count of nothing from a figure."""
    if seen.table.num_rows != 1:
        return ()
    cells = [column[0].as_py() for column in seen.table.columns]
    if _names_one_figure(seen.draft.slots) and cells[0] == 0:
        # What was asked for may be what the metric always leaves out: free accounts among those that pay.
        return (
            Finding(
                code=CODE,
                severity=Severity.WARNING,
                message="Nothing that this metric counts fits what was asked.",
                hint="See under what was assumed what it leaves out.",
            ),
        )
    if any(cell is not None for cell in cells) or not _is_total(seen.tree):
        return ()
    return (
        Finding(
            code=CODE,
            severity=Severity.NOTE,
            message="No row with a value fits all conditions, so there is nothing to add up.",
            hint="Check the conditions and the days that the tables cover.",
        ),
    )


def _names_one_figure(slots: Slots | None) -> bool:
    """True for one figure among values that were asked for."""
    grouped = slots is not None and (slots.dimensions or slots.grain is not None or slots.versus is not None)
    return slots is not None and bool(slots.filters) and not grouped


def _is_total(tree: exp.Expr) -> bool:
    from sqlglot import exp

    return (
        isinstance(tree, exp.Select)
        and not tree.args.get("group")
        and all(any(node.find_all(exp.AggFunc)) for node in tree.selects)
    )
