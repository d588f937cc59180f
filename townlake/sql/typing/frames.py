"""The windows of window functions: PARTITION BY, ORDER BY, frames, and the WINDOW clause that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import is_comparable
from townlake.sql.types import INTEGERS, NUMBERS, UNKNOWN, TrinoType
from townlake.sql.typing.errors import quoted, written
from townlake.sql.typing.operators import arithmetic
from townlake.sql.typing.walk import Walk, Window

_PLACES: Final = {
    ("UNBOUNDED", "PRECEDING"): 0,
    ("", "PRECEDING"): 1,
    ("CURRENT ROW", ""): 2,
    ("", "FOLLOWING"): 3,
    ("UNBOUNDED", "FOLLOWING"): 4,
}
"""The bounds of a frame from the first row to the last."""
_HERE: Final = _PLACES["CURRENT ROW", ""]


def read_windows(walk: Walk, select: exp.Expr) -> None:
    """Read the WINDOW clause of a SELECT; its names are known to the walk from then on."""
    for node in select.args.get("windows") or ():
        # A quoted name keeps its case, another one counts as upper case.
        name = window_name(node.this)
        if name in walk.window_names:
            hint = "Give each window its own name."
            walk.report("DUPLICATE_WINDOW_NAME", f"There are two windows {quoted(node.this.name)}.", hint, node)
        outside, walk.inside = walk.inside, "window"
        walk.window_names[name] = read_window(walk, node)
        walk.inside = outside


def window_name(node: exp.Expr) -> str:
    """The name of a window as Trino compares it."""
    return str(node.name) if node.args.get("quoted") else str(node.name).upper()


def read_window(walk: Walk, node: exp.Expr) -> Window:
    """PARTITION BY, ORDER BY and the frame of a window."""
    base = _base(walk, node)
    for part in node.args.get("partition_by") or ():
        kind = walk.type(part)
        if kind is not None and not is_comparable(kind):
            message = f"Rows cannot be partitioned by values of type {kind}."
            walk.report("TYPE_MISMATCH", message, "Partition by a part of it.", part)
    order = node.args.get("order")
    keys = tuple(walk.types(order.expressions)) if order is not None else base.keys
    frame = node.args.get("spec")
    if frame is not None:
        _read_frame(walk, frame, keys)
    return Window(keys, frame is not None or base.has_frame)


def _base(walk: Walk, node: exp.Expr) -> Window:
    """The window that another one is built on."""
    alias = node.args.get("alias")
    if alias is None:
        return Window()
    found = walk.window_names.get(window_name(alias))
    if found is None:
        hint = "Name it behind HAVING: WINDOW w AS (PARTITION BY ...)."
        walk.report("INVALID_WINDOW_REFERENCE", f"There is no window {quoted(alias.name)}.", hint, node)
        return Window()
    if node.args.get("partition_by"):
        hint = "Write PARTITION BY where the window is named."
        walk.report("INVALID_PARTITION_BY", "A window that builds on another has its PARTITION BY.", hint, node)
    if node.args.get("order") is not None and found.keys:
        hint = "Write ORDER BY in one of the two."
        walk.report("INVALID_ORDER_BY", f"The window {quoted(alias.name)} has an ORDER BY already.", hint, node)
    own = any(node.args.get(key) is not None for key in ("order", "spec"))
    if own and found.has_frame:
        hint = "Write the frame where the window is used."
        walk.report("INVALID_WINDOW_REFERENCE", f"The window {quoted(alias.name)} has a frame already.", hint, node)
    return found


def _read_frame(walk: Walk, frame: exp.Expr, keys: Sequence[TrinoType | None]) -> None:
    mode = str(frame.args.get("kind") or "").upper()
    start, end = (_place(frame, key) for key in ("start", "end"))
    if start is not None and (start == 4 or start > (_HERE if end is None else end) or end == 0):
        hint = "Write BETWEEN 6 PRECEDING AND CURRENT ROW: the start stands before the end."
        walk.report("INVALID_WINDOW_FRAME", "The frame ends before it starts.", hint, frame)
    if mode == "GROUPS" and not keys:
        hint = "Write OVER (ORDER BY ... GROUPS ...)."
        walk.report("MISSING_ORDER_BY", "GROUPS needs an ORDER BY.", hint, frame)
    for key in ("start", "end"):
        bound = frame.args.get(key)
        kind = walk.type(bound) if isinstance(bound, exp.Expr) else None
        if kind is None or not isinstance(bound, exp.Expr):
            continue
        if mode == "RANGE":
            _check_distance(walk, bound, kind, keys)
        elif kind != UNKNOWN and kind.name not in INTEGERS and (kind.name != "decimal" or kind.numbers[1] > 0):
            hint = "Write a whole number: ROWS BETWEEN 6 PRECEDING AND CURRENT ROW."
            walk.report("TYPE_MISMATCH", f"{mode} counts in whole numbers, not in {kind}.", hint, bound)


def _place(frame: exp.Expr, key: str) -> int | None:
    bound = frame.args.get(key)
    if bound is None:
        return None
    word = "" if isinstance(bound, exp.Expr) else str(bound).upper()
    return _PLACES.get((word, str(frame.args.get(f"{key}_side") or "").upper()))


def _check_distance(walk: Walk, bound: exp.Expr, distance: TrinoType, keys: Sequence[TrinoType | None]) -> None:
    """Report a RANGE whose one sort key cannot be moved by its distance."""
    hint = "Write one key in ORDER BY, or ROWS in place of RANGE."
    if len(keys) != 1:
        error = "INVALID_ORDER_BY" if keys else "MISSING_ORDER_BY"
        walk.report(error, "RANGE with a distance needs an ORDER BY of one key.", hint, bound)
        return
    key = keys[0]
    if key is None or UNKNOWN in (key, distance):
        return
    both = key.name in NUMBERS and distance.name in NUMBERS
    if not both and (key.name in NUMBERS or arithmetic("+", key, distance) is None):
        hint = "Write INTERVAL '7' DAY for dates and times, a number for numbers, or ROWS."
        walk.report("TYPE_MISMATCH", f"RANGE cannot move {key} by {distance} ({written(bound)}).", hint, bound)
