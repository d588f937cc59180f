"""`format`, one conversion at a time."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, binary, call, cast, failure, text
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.lower import Lowering
from townlake.engines.dialect.rules.casts import Conversion
from townlake.engines.dialect.types import FLOATS, INTEGERS, decimal_of

_PIECE: Final = re.compile(r"%([-#+ 0,(]*)(\d+)?(\.\d+)?([a-zA-Z%])|([^%]+)")

MAX_WIDTH: Final = 1_000
"""Characters that one conversion may be widened to. The text of a missing value is padded before the statement runs."""
MAX_PRECISION: Final = 100


def format_(call_: Call, lower: Lowering) -> Node:
    """`format('%s has %d', x, n)` with a literal format: each conversion on its own, joined."""
    pattern, *arguments = call_.arguments
    if not isinstance(pattern, exp.Literal):
        raise refusal.argument("format", "a format that is not a literal")
    whole: Node | None = None
    for match in _pieces(pattern.name):
        piece = text(match.group(5)) if match.group(5) else _conversion(match, arguments, lower)
        whole = piece if whole is None else binary(exp.DPipe, whole, piece)
    return whole if whole is not None else text("")


def _pieces(pattern: str) -> list[re.Match[str]]:
    found, place = [], 0
    while place < len(pattern):
        match = _PIECE.match(pattern, place)
        if match is None:
            raise refusal.argument("format", "this format")
        found.append(match)
        place = match.end()
    return found


def _conversion(match: re.Match[str], arguments: list[Node], lower: Lowering) -> Node:
    flags, width, precision, letter = match.group(1, 2, 3, 4)
    if letter == "%":
        return text("%")
    if not arguments:
        return failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR")
    argument = arguments.pop(0)
    size = _bounded(width, MAX_WIDTH, "width")
    _bounded((precision or "")[1:], MAX_PRECISION, "precision")
    missing = text("null".ljust(size) if "-" in flags else "null".rjust(size))
    kind = lower.kind(argument)
    if kind == "unknown":
        return missing
    if letter == "b" and kind == "boolean" and not flags and not width:
        return call("coalesce", cast(lower(argument), "VARCHAR"), text("false"))
    written = f"%{flags}{width or ''}{precision or ''}"
    if letter in "dx":
        found = _whole(written, letter, argument, lower)
    elif letter == "f" and kind in FLOATS | {"decimal"}:
        found = _fixed(written, precision, kind, lower(argument))
    elif letter == "s" and not set(flags) - {"-"} and not precision:
        found = call("printf", text(written + "s"), _text(argument, kind, lower))
    else:
        raise refusal.argument("format", f"this use of %{letter}")
    return call("coalesce", found, missing)


def _bounded(digits: str | None, most: int, what: str) -> int:
    # The length first: a number of a million digits is not read.
    if digits and (len(digits) > len(str(most)) or int(digits) > most):
        raise refusal.argument("format", f"a {what} above {most:,}", "Use a smaller one.")
    return int(digits or 0)


def _whole(written: str, letter: str, argument: Node, lower: Lowering) -> Node:
    if lower.kind(argument) not in INTEGERS:
        return failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR")
    if set(written) & set(".#(") or (letter == "x" and "," in written):
        raise refusal.argument("format", f"these flags of %{letter}")
    name = "printf" if letter == "d" else "trino_hexadecimal"
    return call(name, text(written + letter), cast(lower(argument), "BIGINT"))


def _fixed(written: str, precision: str | None, kind: str, value: Node) -> Node:
    # Java rounds the digits that it would print half up, C the binary value half to even.
    digits = int((precision or ".6")[1:])
    if kind == "decimal":
        rounded = cast(cast(value, f"DECIMAL(38,{digits})"), "DOUBLE")
    else:
        rounded = call("trino_rounded_digits", cast(value, "DOUBLE"), exp.Literal.number(digits))
    return call("printf", text(f"{written}{'' if precision else '.6'}f"), rounded)


def _text(argument: Node, kind: str, lower: Lowering) -> Node:
    if kind not in INTEGERS | {"varchar", "char", "boolean", "date", "decimal"}:
        # Java writes these in its own ways, such as a timestamp without its seconds.
        raise refusal.argument("format", f"%s of {kind} values", "Cast to varchar first.")
    if kind == "decimal" and (decimal_of(lower.type(argument)) or (0, 0))[1] > 6:
        raise refusal.argument("format", "%s of a decimal with more than six digits after the point")
    return Conversion().of(lower(argument), lower.type(argument), "varchar")


FUNCTIONS: Final = {"format": format_}
