"""Which day a moment falls on depends on the time zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, rewrite, trap
from townlake.sql.types import ZONED

CODE: Final = "TRP008"
_PARTS: Final = (exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month, exp.Day, exp.Hour, exp.DayOfWeekIso)
_FINE: Final = frozenset({"SECOND", "MINUTE", "MILLISECOND"})


def find(view: View) -> Iterator[Finding]:
    """`date_trunc('day', t)` cuts in the zone of t; AT TIME ZONE on a timestamp without zone takes it for UTC."""
    for node in view.of_kind(exp.AtTimeZone):
        if view.type(bare(node.this)).name == "timestamp":
            message = "The timestamp has no zone: AT TIME ZONE takes it for the zone of the session, which is UTC."
            hint = f"Write with_timezone({rewrite(node.this)}, 'Europe/Berlin') when it was recorded there."
            yield trap(CODE, Severity.WARNING, message, hint, node)
    for node in view.of_kind(*_PARTS):
        if node.text("unit").upper() not in _FINE:
            yield from _cut(view, node, node.this)
    for node in view.of_kind(exp.Extract):
        yield from _cut(view, node, node.expression)
    for node in view.of_kind(exp.Cast):
        if view.type(node).name == "date":
            yield from _cut(view, node, node.this)


def _cut(view: View, node: exp.Expr, moment: exp.Expr) -> Iterator[Finding]:
    moment = bare(moment)
    if view.type(moment).name != f"timestamp{ZONED}":
        return
    if any(isinstance(part, exp.AtTimeZone | exp.CurrentTimestamp) or _is_zoned(part) for part in moment.walk()):
        return
    message = "The day, month or hour is that of the zone each value carries."
    hint = f"Write {rewrite(moment)} AT TIME ZONE 'Europe/Berlin' for the days of one place."
    yield trap(CODE, Severity.NOTE, message, hint, node)


def _is_zoned(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in ("at_timezone", "with_timezone", "now")
