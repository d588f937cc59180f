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
from townlake.engines.dialect.types import FLOATS, INTEGERS

_PIECE: Final = re.compile(r"%([-#+ 0,(]*)(\d+)?(\.\d+)?([a-zA-Z%])|([^%]+)")


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
    kind = lower.kind(argument)
    if kind == "unknown":
        return call("printf", text(f"%{_only(flags, '-')}{width or ''}s"), text("null"))
    written = f"%{flags}{width or ''}{precision or ''}"
    if letter in "dx" and kind in INTEGERS and not precision and not set(flags) - set("-0, +"):
        if letter == "x" and "," in flags:
            raise refusal.argument("format", "these flags")
        return call("coalesce", call("printf", text(written + letter), cast(lower(argument), "BIGINT")), text("null"))
    if letter in "dx":
        return failure("INVALID_FUNCTION_ARGUMENT", "VARCHAR") if kind not in INTEGERS else _refused(letter)
    if letter in "fe" and kind in FLOATS | {"decimal"}:
        return _float(written, precision, letter, kind, lower(argument))
    if letter == "s" and not set(flags) - {"-"} and not precision:
        return call("coalesce", call("printf", text(written + "s"), _text(argument, kind, lower)), text("null"))
    if letter == "b" and kind == "boolean" and not flags and not width:
        return call("coalesce", cast(lower(argument), "VARCHAR"), text("false"))
    return _refused(letter)


def _float(written: str, precision: str | None, letter: str, kind: str, value: Node) -> Node:
    if letter == "e" or (kind == "decimal" and precision is None):
        raise refusal.argument("format", f"%{letter} of {kind} values")
    # Java rounds the digits that it would print half up, C the binary value half to even.
    digits = int((precision or ".6")[1:])
    if kind == "decimal":
        rounded = cast(cast(value, f"DECIMAL(38,{digits})"), "DOUBLE")
    else:
        rounded = call("trino_rounded_digits", cast(value, "DOUBLE"), exp.Literal.number(digits))
    return call("coalesce", call("printf", text(written + ("" if precision else ".6") + letter), rounded), text("null"))


def _text(argument: Node, kind: str, lower: Lowering) -> Node:
    if kind in FLOATS:
        raise refusal.argument("format", f"%s of {kind} values", "Use %f.")
    return Conversion().of(lower(argument), lower.type(argument), "varchar")


def _only(flags: str, allowed: str) -> str:
    return "".join(flag for flag in flags if flag in allowed)


def _refused(letter: str) -> Node:
    raise refusal.argument("format", f"this use of %{letter}")


FUNCTIONS: Final = {"format": format_}
