"""Signatures of functions, written as Trino's documentation writes them, and what they match.

`round(decimal(p,s)) -> decimal(p - s + min(s,1), 0)`: names in capitals stand for any type (those that begin with `O`
for one that can be sorted, with `K` for one that can be compared), small letters for lengths, precisions and
scales, `any` for an argument of which nothing is asked, three dots for as many more as one likes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from townlake.sql.coercion import can_coerce, common_decimal, common_type, is_comparable, is_orderable, widened
from townlake.sql.types import (
    UNBOUNDED,
    UNKNOWN,
    TrinoType,
    decimal,
    length_of,
    parse_type,
    split_arguments,
    varchar,
)

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*")
_NUMBER_NAME: Final = re.compile(r"[a-z]")
_SIGNATURE: Final = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) -> (?P<result>.+)")

NumberRule = ast.expr
"""How a length, precision or scale of a result is computed from those of the arguments."""


@dataclass(slots=True)
class Bindings:
    """What the variables of a signature stand for in one call."""

    types: dict[str, TrinoType] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type in a signature, with variables in it."""

    name: str
    numbers: tuple[NumberRule, ...] = ()
    parts: tuple[Pattern, ...] = ()
    concrete: TrinoType | None = None
    """The type itself when it holds no variable."""

    @property
    def is_variable(self) -> bool:
        """True for a name that stands for any type."""
        return self.concrete is None and not self.parts and not self.numbers and self.name != "any"


@dataclass(frozen=True, slots=True)
class Signature:
    """One form of a function."""

    name: str
    arguments: tuple[Pattern, ...]
    result: Pattern
    is_variadic: bool
    text: str

    @property
    def has_lambda(self) -> bool:
        """True when an argument is a function itself."""
        return any(pattern.name == "function" for pattern in self.arguments)

    def patterns(self, count: int) -> tuple[Pattern, ...] | None:
        """A pattern for each of so many arguments; None when the form does not take that many."""
        if not self.is_variadic:
            return self.arguments if count == len(self.arguments) else None
        fixed = len(self.arguments) - 1
        return None if count < fixed else self.arguments[:fixed] + self.arguments[-1:] * (count - fixed)


def read_signature(text: str) -> Signature:
    """Read a signature.

    >>> signature = read_signature("concat(array(E)...) -> array(E)")
    >>> signature.name, signature.is_variadic, len(signature.patterns(3) or ())
    ('concat', True, 3)
    """
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no signature.")
    written = [part for part in split_arguments(found["arguments"]) if part]
    variadic = bool(written) and written[-1].endswith("...")
    patterns = tuple(read_pattern(part.removesuffix("...")) for part in written)
    return Signature(found["name"], patterns, read_pattern(found["result"]), variadic, text)


def read_pattern(text: str) -> Pattern:
    """Read a type with variables.

    >>> read_pattern("map(K,V)").parts[0].is_variable, read_pattern("bigint").concrete
    (True, TrinoType(name='bigint', numbers=(), parts=(), fields=()))
    """
    if text == "any" or _VARIABLE.fullmatch(text):
        return Pattern(text)
    head, bracket, rest = text.partition("(")
    inside, _, tail = rest.rpartition(")")
    if head in ("array", "map", "row", "function"):
        parts = tuple(read_pattern(part) for part in split_arguments(inside))
        concrete = parse_type(text) if all(part.concrete is not None for part in parts) else None
        return Pattern(head, (), parts, concrete)
    if not bracket or all(part.isdigit() for part in split_arguments(inside)):
        return Pattern(text, concrete=parse_type(text))
    numbers = tuple(ast.parse(part, mode="eval").body for part in split_arguments(inside))
    return Pattern(f"{head}{tail}", numbers)


def matches(pattern: Pattern, actual: TrinoType, bound: Bindings, *, coerce: bool) -> bool:
    """True when an argument's type fits a pattern; what its variables stand for is noted.

    Args:
        pattern: what the signature says.
        actual: the type of the argument.
        bound: the variables so far.
        coerce: whether the argument may be widened.
    """
    if pattern.name == "any":
        return True
    if pattern.concrete is not None:
        return actual == pattern.concrete or (coerce and can_coerce(actual, pattern.concrete))
    if pattern.is_variable:
        return _bind_type(pattern.name, actual, bound, coerce=coerce)
    if pattern.parts:
        return _match_parts(pattern, actual, bound, coerce=coerce)
    return _bind_numbers(pattern, actual, bound, coerce=coerce)


def _bind_type(name: str, actual: TrinoType, bound: Bindings, *, coerce: bool) -> bool:
    known = bound.types.get(name)
    if known is not None and known != actual:
        common = common_type(known, actual) if coerce else None
        if common is None:
            return False
        actual = common
    if name[0] == "O" and not is_orderable(actual):
        return False
    if name[0] == "K" and not is_comparable(actual):
        return False
    bound.types[name] = actual
    return True


def _match_parts(pattern: Pattern, actual: TrinoType, bound: Bindings, *, coerce: bool) -> bool:
    if actual == UNKNOWN:
        return coerce and all(matches(part, UNKNOWN, bound, coerce=True) for part in pattern.parts)
    if actual.name != pattern.name or len(actual.parts) != len(pattern.parts):
        return False
    pairs = zip(pattern.parts, actual.parts, strict=True)
    return all(matches(part, inner, bound, coerce=coerce) for part, inner in pairs)


def _bind_numbers(pattern: Pattern, actual: TrinoType, bound: Bindings, *, coerce: bool) -> bool:
    if actual.name != pattern.name:
        if not coerce:
            return False
        fitted = _smallest(pattern.name) if actual == UNKNOWN else widened(actual, pattern.name)
        if fitted is None:
            return False
        actual = fitted
    names = [rule.id for rule in pattern.numbers if isinstance(rule, ast.Name)]
    numbers = actual.numbers or (UNBOUNDED,)
    known = tuple(bound.numbers[name] for name in names if name in bound.numbers)
    if known and known != numbers:
        if not coerce:
            return False
        numbers = _wider(actual, known)
    bound.numbers.update(zip(names, numbers, strict=True))
    return True


def _wider(actual: TrinoType, known: tuple[int, ...]) -> tuple[int, ...]:
    if actual.name == "decimal":
        return common_decimal(actual, decimal(*known)).numbers
    return (max(length_of(actual), known[0]),)


def _smallest(name: str) -> TrinoType:
    """What a NULL counts as where a type with lengths is asked for."""
    return {"varchar": varchar(0), "decimal": decimal(1, 0)}.get(name) or TrinoType(name, (0,))


def substitute(pattern: Pattern, bound: Bindings) -> TrinoType:
    """The type that a pattern is, once its variables are known.

    >>> bound = Bindings(numbers={"p": 4, "s": 1})
    >>> str(substitute(read_pattern("decimal(p - s + min(s,1), 0)"), bound))
    'decimal(4,0)'
    """
    if pattern.concrete is not None:
        return pattern.concrete
    if pattern.is_variable:
        return bound.types.get(pattern.name, UNKNOWN)
    if pattern.parts:
        parts = tuple(substitute(part, bound) for part in pattern.parts)
        return TrinoType(pattern.name, (), parts, (None,) * len(parts) if pattern.name == "row" else ())
    numbers = [evaluate(rule, bound.numbers) for rule in pattern.numbers]
    if pattern.name == "varchar":
        return varchar(min(numbers[0], UNBOUNDED))
    if pattern.name == "decimal":
        return decimal(*numbers)
    return TrinoType(pattern.name, tuple(numbers))


def evaluate(rule: NumberRule, numbers: Mapping[str, int]) -> int:
    """Compute a length, a precision or a scale.

    >>> evaluate(ast.parse("max(x * y / 2, y)", mode="eval").body, {"x": 3, "y": 1})
    1
    """
    if isinstance(rule, ast.Constant):
        return int(str(rule.value))
    if isinstance(rule, ast.Name):
        return numbers[rule.id]
    if isinstance(rule, ast.Call) and isinstance(rule.func, ast.Name):
        values = [evaluate(argument, numbers) for argument in rule.args]
        return min(values) if rule.func.id == "min" else max(values)
    if isinstance(rule, ast.BinOp):
        left, right = evaluate(rule.left, numbers), evaluate(rule.right, numbers)
        if isinstance(rule.op, ast.Add):
            return left + right
        if isinstance(rule.op, ast.Sub):
            return left - right
        return left * right if isinstance(rule.op, ast.Mult) else left // right
    raise ValueError(f"{ast.dump(rule)} cannot be computed.")
