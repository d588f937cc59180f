"""The type of a function call, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import can_coerce, common_type, is_comparable
from townlake.sql.functions import Call, Function, Kind, call_of, suggestions
from townlake.sql.functions.signature import Bindings, Pattern, matches, substitute
from townlake.sql.functions.table import FUNCTIONS, UNSAFE
from townlake.sql.types import UNKNOWN, VARCHAR, TrinoType
from townlake.sql.typing.constants import check_arguments
from townlake.sql.typing.errors import quoted
from townlake.sql.typing.grouping import key_of
from townlake.sql.typing.hints import argument_hint, forms_of, text_hint
from townlake.sql.typing.resolution import resolve, result_of_any
from townlake.sql.typing.walk import META, Walk

_UNITED: Final = frozenset({"date_add", "date_diff", "date_trunc"})
"""Functions whose first argument is a unit."""
_WORDS: Final = (exp.Var, exp.JSONPath)
"""Nodes that the parser made of a text."""


def call(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of a call without OVER; of any other node only the parts are read."""
    found = call_of(node)
    if found is None:
        for part in node.iter_expressions():
            walk.type(part)
        return None
    return typed_call(walk, node, found)


def typed_call(walk: Walk, node: exp.Expr, found: Call, *, over: bool = False) -> TrinoType | None:
    """The type of a call.

    Args:
        walk: where it stands.
        node: its node.
        found: the call as Trino's documentation writes it.
        over: whether OVER follows.
    """
    function = FUNCTIONS.get(found.name) or UNSAFE.get(found.name)
    name = written_name(walk.analysis.sql, node)
    if function is None or (name and name not in FUNCTIONS and name not in UNSAFE):
        arguments_of(walk, found.arguments)
        name = name or found.name
        near = suggestions(name)
        hint = f"Use {' or '.join(near)}." if near else "Only Trino's own functions are known."
        walk.report("FUNCTION_NOT_FOUND", f"There is no function {quoted(name)}.", hint, node)
        return None
    _check_place(walk, node, found, function, over=over)
    if function.kind is Kind.AGGREGATE and not over:
        outside, walk.inside = walk.inside, walk.inside or "aggregate"
        result = _result(walk, node, found, function)
        walk.inside = outside
        if not outside:
            walk.aggregates.append(node)
        return result
    return _result(walk, node, found, function)


def written_name(sql: str, node: exp.Expr) -> str:
    """The name of a function as the text has it, in lower case; empty where the parser did not keep its place."""
    meta = node.meta
    if not sql or "start" not in meta or not isinstance(node, exp.Func) or isinstance(node, exp.Binary):
        return ""
    return sql[meta["start"] : meta["end"] + 1].lower()


def _check_place(walk: Walk, node: exp.Expr, found: Call, function: Function, *, over: bool) -> None:
    """What is wrong with where the call stands."""
    name = found.name
    if function.kind is Kind.AGGREGATE and walk.inside == "lambda":
        hint = "Aggregate outside of the function, and use the result in it."
        walk.report("EXPRESSION_NOT_SCALAR", f"Aggregate {name} stands inside a lambda.", hint, node)
    if function.kind is Kind.AGGREGATE and not over and walk.inside == "aggregate":
        hint = "Aggregate in an inner query, then aggregate its result."
        walk.report("NESTED_AGGREGATION", f"Aggregate {name} stands inside another aggregate.", hint, node)
    if function.kind is Kind.WINDOW and not over:
        hint = f"Write {name}(...) OVER (PARTITION BY ... ORDER BY ...)."
        walk.report("MISSING_OVER", f"Window function {name} needs an OVER clause.", hint, node)
    if function.kind in (Kind.SCALAR, Kind.FORM):
        if over:
            hint = "OVER follows an aggregate or a window function only."
            walk.report("FUNCTION_NOT_WINDOW", f"{name} is neither an aggregate nor a window function.", hint, node)
        if found.is_distinct or found.order:
            hint = "DISTINCT and ORDER BY stand in aggregates only."
            walk.report("FUNCTION_NOT_AGGREGATE", f"{name} is not an aggregate.", hint, node)


def _result(walk: Walk, node: exp.Expr, found: Call, function: Function) -> TrinoType | None:
    if found.order or found.is_distinct:
        _check_distinct(walk, node, found)
    if found.name == "listagg":
        return _listagg(walk, found)
    if any(isinstance(argument, exp.Lambda) for argument in found.arguments):
        return _lambda_call(walk, node, found, function)
    if found.name in _UNITED:
        _check_unit(walk, node, found)
    types = arguments_of(walk, found.arguments)
    known = tuple(kind for kind in types if kind is not None)
    if len(known) < len(types):
        return result_of_any(function, len(types))
    resolved = resolve(function, known)
    if resolved is None:
        _report_arguments(walk, node, found, function, known)
        return result_of_any(function, len(types))
    if resolved.is_ambiguous:
        hint = "Write CAST(NULL AS varchar), so that it is known which form is meant."
        walk.report("AMBIGUOUS_FUNCTION_CALL", f"{found.name} has several forms that take NULL here.", hint, node)
    if not walk.is_guarded:
        check_arguments(walk, node, found, known)
    return resolved.result


def _check_distinct(walk: Walk, node: exp.Expr, found: Call) -> None:
    """What DISTINCT and ORDER BY inside of an aggregate ask of its arguments."""
    for key in found.order:
        walk.type(key)
    if not found.is_distinct:
        return
    kinds = arguments_of(walk, found.arguments)
    for kind in kinds:
        if kind is not None and not is_comparable(kind):
            message = f"DISTINCT cannot compare values of type {kind}."
            walk.report("TYPE_MISMATCH", message, "Leave DISTINCT out, or cast the argument.", node)
    shown = {key_of(walk.analysis, argument) for argument in found.arguments}
    for key in found.order:
        if key_of(walk.analysis, key.this) not in shown:
            hint = "Sort by the argument itself, or leave DISTINCT out."
            message = "With DISTINCT an aggregate is sorted by its own arguments only."
            walk.report("EXPRESSION_NOT_IN_DISTINCT", message, hint, key)


def _check_unit(walk: Walk, node: exp.Expr, found: Call) -> None:
    """Report a unit without quotes, which the parser takes for one with quotes."""
    unit, end, sql = found.arguments[0], node.meta.get("end"), walk.analysis.sql
    if not isinstance(unit, exp.Var) or not sql or not isinstance(end, int):
        return
    if sql[end + 1 :].lstrip().removeprefix("(").lstrip().startswith(unit.name.lower()[:1]):
        hint = f"Write '{unit.name.lower()}' in quotes."
        walk.report("COLUMN_NOT_FOUND", f"Column {quoted(unit.name.lower())} cannot be resolved.", hint, node)


def arguments_of(walk: Walk, arguments: Sequence[exp.Expr]) -> list[TrinoType | None]:
    """The types of arguments; units, formats and paths are texts."""
    types: list[TrinoType | None] = []
    for argument in arguments:
        if isinstance(argument, exp.Star):
            walk.report("SYNTAX_ERROR", "A star stands only in count(*).", "Name the column.", argument)
            types.append(None)
        elif isinstance(argument, _WORDS):
            argument.meta[META] = VARCHAR
            types.append(VARCHAR)
        else:
            types.append(walk.type(argument))
    return types


def _listagg(walk: Walk, found: Call) -> TrinoType:
    types = arguments_of(walk, found.arguments)
    first = types[0] if types else None
    if first is not None and not can_coerce(first, VARCHAR):
        hint = text_hint(found.arguments[0], first)
        message = f"listagg joins texts; its argument is of type {first}."
        walk.report("FUNCTION_NOT_FOUND", message, hint, found.arguments[0])
    return VARCHAR


def _report_arguments(
    walk: Walk, node: exp.Expr, found: Call, function: Function, types: tuple[TrinoType, ...]
) -> None:
    if found.name == "concat" and len(types) == 1:
        hint = "Leave concat out."
        walk.report("INVALID_FUNCTION_ARGUMENT", "concat takes two values or more.", hint, node)
        return
    given = ", ".join(map(str, types))
    shown = "||" if isinstance(node, exp.DPipe) else found.name
    message = f"{shown} does not take ({given})."
    if found.is_distinct and len(types) > 1:
        hint = f"Write {found.name}(DISTINCT ({', '.join(a.sql('trino') for a in found.arguments)}))."
    elif not any(form.patterns(len(types)) for form in function.signatures):
        hint = f"It takes {forms_of(function)}."
    else:
        hint = argument_hint(found.arguments, types, function)
    walk.report("FUNCTION_NOT_FOUND", message, hint, node)


def _lambda_call(walk: Walk, node: exp.Expr, found: Call, function: Function) -> TrinoType | None:
    """The type of a call with lambdas: the other arguments first, then what the lambdas make of them."""
    plain = {
        at: kind
        for at, argument in enumerate(found.arguments)
        if not isinstance(argument, exp.Lambda)
        for kind in arguments_of(walk, [argument])
    }
    for form in function.signatures:
        patterns = form.patterns(len(found.arguments))
        if patterns is None or not _fits_lambdas(patterns, found.arguments):
            continue
        bound = Bindings()
        known = all(kind is not None and matches(patterns[at], kind, bound, coerce=True) for at, kind in plain.items())
        if not known:
            continue
        derived = [_lambda(walk, a, patterns[at], bound) for at, a in _lambdas(found.arguments)]
        return substitute(form.result, bound) if all(derived) else form.result.concrete
    for _, argument in _lambdas(found.arguments):
        _lambda(walk, argument, None, Bindings())
    if (fault := _parameter_fault(function, found)) is not None:
        walk.report("INVALID_PARAMETER_USAGE", *fault, at=node)
    elif all(kind is not None for kind in plain.values()):
        given = ", ".join("function" if at not in plain else str(plain[at]) for at in range(len(found.arguments)))
        walk.report(
            "FUNCTION_NOT_FOUND", f"{found.name} does not take ({given}).", f"It takes {forms_of(function)}.", node
        )
    return None


def _parameter_fault(function: Function, found: Call) -> tuple[str, str] | None:
    """What is wrong with the number of parameters of a lambda, when nothing else is."""
    for form in function.signatures:
        patterns = form.patterns(len(found.arguments))
        for pattern, argument in zip(patterns or (), found.arguments, strict=False):
            if pattern.name == "function" and isinstance(argument, exp.Lambda):
                wanted, given = len(pattern.parts) - 1, len(argument.expressions)
                if wanted != given:
                    hint = f"Write ({', '.join('xyz'[:wanted])}) -> ..."
                    return f"{found.name} hands {wanted} to its lambda, which has {given} parameters.", hint
    return None


def _lambdas(arguments: Sequence[exp.Expr]) -> list[tuple[int, exp.Lambda]]:
    return [(at, argument) for at, argument in enumerate(arguments) if isinstance(argument, exp.Lambda)]


def _fits_lambdas(patterns: Sequence[Pattern], arguments: Sequence[exp.Expr]) -> bool:
    return all(
        (pattern.name == "function") == isinstance(argument, exp.Lambda)
        and (not isinstance(argument, exp.Lambda) or len(argument.expressions) == len(pattern.parts) - 1)
        for pattern, argument in zip(patterns, arguments, strict=True)
    )


def _lambda(walk: Walk, node: exp.Lambda, pattern: Pattern | None, bound: Bindings, tries: int = 3) -> bool:
    """Read a lambda's body with its parameters' types; True when the type that it gives is known and fits."""
    names = [parameter.name.lower() for parameter in node.expressions]
    kinds: list[TrinoType | None] = [None] * len(names)
    if pattern is not None:
        kinds = [substitute(part, bound) for part in pattern.parts[:-1]]
    outside, walk.variables = walk.variables, {**walk.variables, **dict(zip(names, kinds, strict=True))}
    guarded, walk.is_guarded = walk.is_guarded, True
    inside, walk.inside = walk.inside, "lambda"
    result = walk.type(node.this)
    walk.variables, walk.is_guarded, walk.inside = outside, guarded, inside
    if (query := node.this.find(exp.Query)) is not None:
        hint = "Join to the rows before, and use the joined column."
        walk.report("NOT_SUPPORTED", "A lambda cannot hold a query.", hint, query)
    if result is None or pattern is None:
        return False
    wanted = pattern.parts[-1]
    expected = wanted.concrete or bound.types.get(wanted.name)
    if expected is None or expected == UNKNOWN:
        return matches(wanted, result, bound, coerce=True)
    if can_coerce(result, expected):
        return True
    wider = common_type(result, expected)
    if wider is None or wanted.concrete is not None:
        hint = f"Write CAST({node.this.sql('trino')} AS {expected})."
        walk.report("TYPE_MISMATCH", f"The function gives {result}, where {expected} is needed.", hint, node)
        return False
    # What the function gives is fed to it again, so it is read again with the wider type.
    bound.types[wanted.name] = wider
    return tries > 0 and _lambda(walk, node, pattern, bound, tries - 1)
