"""Constant arguments that a function never takes. Trino finds them when the first row comes; here it is earlier."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sqlglot import exp

from townlake.sql.functions import Call
from townlake.sql.types import INTEGERS, TrinoType
from townlake.sql.typing.constant_casts import number_of
from townlake.sql.typing.errors import quoted
from townlake.sql.typing.literals import LARGEST
from townlake.sql.typing.walk import Walk

_DAYS: Final = frozenset({"day", "week", "month", "quarter", "year"})
_HOURS: Final = frozenset({"second", "minute", "hour"})
_FINEST: Final = frozenset({"millisecond"})
_UNITS: Final = {"date": _DAYS, "time": _HOURS | _FINEST, "timestamp": _DAYS | _HOURS | _FINEST}
"""The units of date_add and date_diff, by what they move."""


def check_arguments(walk: Walk, node: exp.Expr, found: Call, types: tuple[TrinoType, ...]) -> None:
    """Report a constant that the function refuses."""
    check = _CHECKS.get(found.name)
    if check is not None and (fault := check(found.arguments, types)) is not None:
        walk.report("INVALID_FUNCTION_ARGUMENT", fault[0], fault[1], node)


Fault = tuple[str, str]
Arguments = tuple[exp.Expr, ...]


def _unit(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    unit = arguments[0]
    if not isinstance(unit, exp.Literal | exp.Var):
        return None
    name = unit.name.lower()
    kind = types[-1].name.split()[0]
    if len(types) == 3 and types[1].name.split()[0] in ("timestamp", "time"):
        kind = types[1].name.split()[0]
    known = _UNITS.get(kind)
    if known is None or name in known:
        return None
    hint = (
        f"Write {name[:-1]}." if name.endswith("s") and name[:-1] in known else f"There are {', '.join(sorted(known))}."
    )
    if kind == "date" and name in _HOURS:
        hint = "Cast the date to timestamp first."
    return f"{quoted(name)} is no unit of {kind}.", hint


def _truncation(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    fault = _unit(arguments, types)
    return None if fault is not None and '"millisecond"' in fault[0] else fault


def _integer(node: exp.Expr) -> int | None:
    value = number_of(node)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _at_least(place: int, least: int, what: str) -> Callable[[Arguments, tuple[TrinoType, ...]], Fault | None]:
    def check(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
        value = _integer(arguments[place]) if len(arguments) > place else None
        return None if value is None or value >= least else (f"{what} is at least {least}.", f"Write {least} or more.")

    return check


def _not_empty(place: int, what: str) -> Callable[[Arguments, tuple[TrinoType, ...]], Fault | None]:
    def check(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
        text = arguments[place] if len(arguments) > place else None
        is_empty = isinstance(text, exp.Literal) and text.is_string and not text.name
        return (f"{what} is not empty.", "Write at least one character.") if is_empty else None

    return check


def _percentile(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    value = number_of(arguments[-1])
    if value is None or 0 <= value <= 1:
        return None
    return "A percentile is between 0 and 1.", "Write 0.95 for the 95th percentile."


def _group(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    if (fault := _pattern(arguments, types)) is not None or len(arguments) < 3:
        return fault
    pattern, group = arguments[1], _integer(arguments[2])
    if group is None or not isinstance(pattern, exp.Literal):
        return None
    try:
        count = re.compile(pattern.name).groups
    except re.error:
        return None
    return (
        None if group <= count else (f"The pattern has no group {group}.", f"It has {count}; put brackets around it.")
    )


def _pattern(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    pattern = arguments[1] if len(arguments) > 1 else None
    if not isinstance(pattern, exp.Literal):
        return None
    bare = re.sub(r"\\Q.*?(\\E|$)|\\.|\[[^\]]*\]", "", pattern.name)
    if bare.count("(") == bare.count(")"):
        return None
    return "The brackets of the pattern are not closed.", "Write \\( for a bracket that is meant."


def _step(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    numbers = [_integer(argument) for argument in arguments]
    if len(numbers) < 3 or numbers[2] is None:
        return None
    start, stop, step = numbers[0], numbers[1], numbers[2]
    if step == 0 or (start is not None and stop is not None and start != stop and (stop > start) != (step > 0)):
        return "The step leads away from the end.", "Write a step with the other sign."
    return None


def _iso_date(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    text = arguments[0]
    if not isinstance(text, exp.Literal) or re.match(r"[+-]?\d{4}(-|$|\d)", text.name):
        return None
    return "The text is no ISO 8601 date.", "Write 2024-02-29, or use date_parse with a format."


def _element(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    if types[0].name == "array" and _integer(arguments[1]) == 0:
        return "The places in an array begin with 1.", "Write 1 for the first, -1 for the last."
    return None


def _same_size(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    if not arguments or not all(isinstance(argument, exp.Array) for argument in arguments):
        return None
    keys, values = (len(argument.expressions) for argument in arguments)
    return None if keys == values else ("A map has as many keys as values.", f"There are {keys} and {values}.")


def _same_length(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    if not all(isinstance(argument, exp.Literal) for argument in arguments):
        return None
    first, second = (argument.name for argument in arguments)
    return None if len(first) == len(second) else ("Both texts have the same length.", "Use levenshtein_distance.")


_LONE: Final = ("concat takes two values or more.", "Leave concat out.")
_NUMBERS: Final = {"d": frozenset(INTEGERS), "x": frozenset(INTEGERS), "o": frozenset(INTEGERS)}
_NUMBERS["f"] = _NUMBERS["e"] = frozenset({"real", "double", "decimal"})


def _format(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    pattern = arguments[0]
    if not isinstance(pattern, exp.Literal):
        return None
    marks = re.findall(r"%(?:[-#+ 0,(]*\d*(?:\.\d+)?)([a-zA-Z%])", pattern.name)
    marks = [mark for mark in marks if mark not in "%n"]
    if "$" in pattern.name or "<" in pattern.name:
        return None
    for mark, kind in zip(marks, types[1:], strict=False):
        wanted = _NUMBERS.get(mark.lower())
        if wanted is not None and kind.name not in wanted and kind.name != "unknown":
            return f"%{mark} does not take {kind}.", "Write %s for any value, %d for whole numbers, %f for the others."
    if len(marks) > len(types) - 1:
        return f"The format wants {len(marks)} values, and there are {len(types) - 1}.", "Write %% for a percent sign."
    return None


def _json(arguments: Arguments, types: tuple[TrinoType, ...]) -> Fault | None:
    if not isinstance(arguments[0], exp.Literal):
        return None
    try:
        json.loads(arguments[0].name)
    except ValueError:
        return "The text is no JSON.", "Write names and texts in double quotes."
    return None


def check_subscript(walk: Walk, node: exp.Expr) -> None:
    """Report a place that no array has."""
    place = _integer(node.expressions[0])
    if place is None or walk.is_guarded:
        return
    size = len(node.this.expressions) if isinstance(node.this, exp.Array) else None
    if place < 1 or (size is not None and place > size):
        hint = "Places begin with 1; element_at(a, -1) is the last, and element_at gives NULL beyond the end."
        walk.report("INVALID_FUNCTION_ARGUMENT", f"The array has no place {place}.", hint, node)


def check_arithmetic(walk: Walk, node: exp.Expr, sign: str, result: TrinoType) -> None:
    """Report an arithmetic expression over whole numbers that leaves its type, and a division by a written zero."""
    divisor = number_of(node.expression) if sign in "/%" else None
    if divisor == 0 and result.name not in ("double", "real"):
        hint = "Write nullif(n, 0) where the divisor may be zero."
        walk.report("DIVISION_BY_ZERO", "Nothing can be divided by zero.", hint, node)
        return
    if result.name not in INTEGERS or sign in "/%":
        return
    value = _computed(node)
    if value is not None and not -LARGEST[result.name] - 1 <= value <= LARGEST[result.name]:
        hint = f"Write CAST({node.this.sql('trino')} AS bigint) first."
        walk.report("NUMERIC_VALUE_OUT_OF_RANGE", f"The result is no {result}.", hint, node)


def check_moved_date(walk: Walk, node: exp.Expr) -> None:
    """Report a date that is moved by hours."""
    for part in (node.this, node.expression):
        if isinstance(part, exp.Interval) and str(part.text("unit")).upper() in ("HOUR", "MINUTE", "SECOND"):
            hint = "Cast the date to timestamp first."
            walk.report("INVALID_FUNCTION_ARGUMENT", "A date is moved by whole days only.", hint, node)


def check_negative(walk: Walk, node: exp.Expr, result: TrinoType) -> None:
    """Report a whole number whose negative leaves its type."""
    value = _computed(node.this)
    if value is not None and result.name in INTEGERS and -value > LARGEST[result.name]:
        hint = f"Write CAST({node.this.sql('trino')} AS bigint) first."
        walk.report("NUMERIC_VALUE_OUT_OF_RANGE", f"The result is no {result}.", hint, node)


def _computed(node: exp.Expr) -> Decimal | None:
    """The value of an expression over written numbers."""
    if isinstance(node, exp.Paren):
        return _computed(node.this)
    if not isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return number_of(node)
    first, second = _computed(node.this), _computed(node.expression)
    if first is None or second is None:
        return None
    if isinstance(node, exp.Mul):
        return first * second
    return first + second if isinstance(node, exp.Add) else first - second


_CHECKS: Final[dict[str, Callable[[Arguments, tuple[TrinoType, ...]], Fault | None]]] = {
    "concat": lambda arguments, types: _LONE if len(arguments) < 2 else None,
    "format": _format,
    "json_parse": _json,
    "date_add": _unit,
    "date_diff": _unit,
    "date_trunc": _truncation,
    "from_iso8601_date": _iso_date,
    "lpad": _not_empty(2, "What is filled in"),
    "rpad": _not_empty(2, "What is filled in"),
    "split": _not_empty(1, "The delimiter"),
    "split_part": _at_least(2, 1, "The number of a part"),
    "approx_percentile": _percentile,
    "max_by": _at_least(2, 1, "The number of values"),
    "min_by": _at_least(2, 1, "The number of values"),
    "approx_most_frequent": _at_least(0, 2, "The number of buckets"),
    "lag": _at_least(1, 0, "The offset"),
    "lead": _at_least(1, 0, "The offset"),
    "nth_value": _at_least(1, 1, "The offset"),
    "ntile": _at_least(0, 1, "The number of buckets"),
    "regexp_like": _pattern,
    "regexp_extract": _group,
    "regexp_extract_all": _group,
    "sequence": _step,
    "element_at": _element,
    "map": _same_size,
    "hamming_distance": _same_length,
}
