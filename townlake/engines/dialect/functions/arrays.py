"""Functions of arrays, and lambdas."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, cast, field, function, number, struct, text
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import as_text
from townlake.engines.dialect.lower import FunctionRule, Lowering, NodeRule, kind_of
from townlake.engines.dialect.rules.casts import Conversion, coerced
from townlake.engines.dialect.rules.comparison import common_of
from townlake.engines.dialect.types import FLOATS, duckdb_type, split_type

_STRUCTURED: Final = frozenset({"row", "array", "map", "json"})


def lambda_(node: Node, lower: Lowering) -> Node:
    """`x -> ...`."""
    return exp.Lambda(this=lower(node.this), expressions=[item.copy() for item in node.expressions])


def element_of(node: Node, lower: Lowering) -> str:
    """The type of an array's elements."""
    if lower.kind(node) != "array":
        raise refusal.form(f"an array function of {lower.kind(node)}")
    return split_type(lower.type(node))[1][0]


def typed_array(node: Node, lower: Lowering) -> Node:
    """A lowered array; an empty one has a type too."""
    element = element_of(node, lower)
    return cast(lower(node), "INTEGER[]") if element == "unknown" else lower(node)


def _simple(name: str, element: str) -> None:
    """Refuse elements whose equality differs: rows, arrays and maps may hold NULL inside."""
    if kind_of(element) in _STRUCTURED:
        raise refusal.argument(name, f"arrays of {kind_of(element)} values")


def _over(name: str, *, simple: bool = False) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        if simple:
            _simple(call_.name, element_of(call_.arguments[0], lower))
        return call(name, *(_argument(item, lower) for item in call_.arguments))

    return rule


def _argument(node: Node, lower: Lowering) -> Node:
    return typed_array(node, lower) if lower.kind(node) == "array" else lower(node)


def _array_of(node: Node, element: str, lower: Lowering) -> Node:
    """A lowered array with elements of a type."""
    if element == "unknown" or lower.kind(node) == "unknown":
        return cast(lower(node), f"{duckdb_type(element)}[]")
    return coerced(node, lower, f"array({element})")


def _same_typed(name: str) -> FunctionRule:
    """A function of arrays that meet in one element type."""

    def rule(call_: Call, lower: Lowering) -> Node:
        element = element_of(call_.arguments[0], lower)
        for other in call_.arguments[1:]:
            element = common_of(element, element_of(other, lower))
        _simple(call_.name, element)
        return call(name, *(_array_of(item, element, lower) for item in call_.arguments))

    return rule


def _with_value(name: str) -> FunctionRule:
    """A function that looks for a value in an array; NaN is found nowhere."""

    def rule(call_: Call, lower: Lowering) -> Node:
        whole, value = call_.arguments[:2]
        element = element_of(whole, lower)
        element = common_of(element, "unknown" if isinstance(value, exp.Null) else lower.type(value))
        _simple(call_.name, element)
        if element == "unknown":
            return call(name, typed_array(whole, lower), cast(lower(value), "INTEGER"))
        suffix = "_float" if kind_of(element) in FLOATS else ""
        return call(name + suffix, _array_of(whole, element, lower), coerced(value, lower, element))

    return rule


def array_join(call_: Call, lower: Lowering) -> Node:
    """`array_join`, with NULLs left out or written as a text."""
    whole, separator, *missing = call_.arguments
    element = element_of(whole, lower)
    items: Node = typed_array(whole, lower)
    if element not in {"varchar", "unknown"}:
        items = call(
            "list_transform", items, function(["item"], Conversion().of(exp.to_identifier("item"), element, "varchar"))
        )
    if missing:
        items = call(
            "list_transform",
            items,
            function(["item"], call("coalesce", exp.to_identifier("item"), as_text(missing[0], lower))),
        )
    return call("trino_array_join", items, as_text(separator, lower))


def array_sort(call_: Call, lower: Lowering) -> Node:
    """`array_sort`, NULLs last. A comparator is taken when it is a plain one of the two elements."""
    whole = call_.arguments[0]
    if kind_of(element_of(whole, lower)) in _STRUCTURED:
        raise refusal.argument("array_sort", "arrays of rows, arrays or maps")
    if len(call_.arguments) == 1:
        return call("list_sort", typed_array(whole, lower), text("ASC"), text("NULLS LAST"))
    return call("trino_sorted_by", typed_array(whole, lower), _ranks(whole, call_.arguments[1], lower))


def _ranks(whole: Node, comparator: Node, lower: Lowering) -> Node:
    """For each element, how many others the comparator puts before it: its place in the order."""
    if not isinstance(comparator, exp.Lambda) or len(comparator.expressions) != 2:
        raise refusal.argument("array_sort", "this comparator")
    first, second = (parameter.name for parameter in comparator.expressions)
    before = exp.LT(this=exp.Paren(this=lower(comparator.this)), expression=number(0))
    smaller = function([first], before)
    others = call("len", call("list_filter", typed_array(whole, lower), smaller))
    return call("list_transform", typed_array(whole, lower), function([second], others))


def filter_(call_: Call, lower: Lowering) -> Node:
    """`filter`."""
    return call("list_filter", typed_array(call_.arguments[0], lower), lower(call_.arguments[1]))


def transform(call_: Call, lower: Lowering) -> Node:
    """`transform`."""
    return call("list_transform", typed_array(call_.arguments[0], lower), lower(call_.arguments[1]))


def _match(name: str) -> FunctionRule:
    """`any_match`, `all_match`, `none_match`: NULL where a NULL decides."""

    def rule(call_: Call, lower: Lowering) -> Node:
        whole, test = call_.arguments
        if not isinstance(test, exp.Lambda):
            raise refusal.argument(call_.name, "this test")
        answers = call("list_transform", typed_array(whole, lower), lower(test))
        return call(name, cast(answers, "BOOLEAN[]"))

    return rule


def reduce(call_: Call, lower: Lowering) -> Node:
    """`reduce`: DuckDB folds values of one type only, so state and element travel in one struct."""
    whole, initial, merge, finish = call_.arguments
    if not all(isinstance(item, exp.Lambda) for item in (merge, finish)) or len(merge.expressions) != 2:
        raise refusal.argument("reduce", "these functions")
    element = duckdb_type(element_of(whole, lower))
    state_name, item_name = (parameter.name for parameter in merge.expressions)
    # Trino widens the state to what the function gives.
    state = duckdb_type(lower.type(merge.this) if lower.kind(merge.this) != "unknown" else lower.type(initial))

    def pair(state_value: Node, item: Node) -> Node:
        return struct([("s", cast(state_value, state)), ("x", cast(item, element))])

    left, right = exp.to_identifier("folded__l"), exp.to_identifier("folded__r")
    merged = _substituted(lower(merge.this), {state_name: field(left, 1), item_name: field(right, 2)})
    items = call(
        "list_transform",
        typed_array(whole, lower),
        function(["folded__x"], pair(exp.Null(), exp.to_identifier("folded__x"))),
    )
    folded = call(
        "list_reduce",
        items,
        function(["folded__l", "folded__r"], pair(merged, exp.Null())),
        pair(lower(initial), exp.Null()),
    )
    return _substituted(lower(finish.this), {finish.expressions[0].name: field(folded, 1)})


def _substituted(body: Node, values: dict[str, Node]) -> Node:
    """A lambda's body with its parameters replaced."""
    holder = exp.Paren(this=body)
    for node in list(holder.find_all(exp.Identifier)):
        if node.name in values and not _is_field(node) and not _rebound(node, node.name):
            parent = node.parent
            target = parent if isinstance(parent, exp.Column) and len(parent.parts) == 1 else node
            target.replace(values[node.name].copy())
    return holder


def _is_field(node: Node) -> bool:
    parent = node.parent
    if isinstance(parent, exp.Dot):
        return parent.expression is node
    if isinstance(parent, exp.PropertyEQ | exp.Lambda):
        return parent.this is node or any(node is item for item in parent.expressions)
    return isinstance(parent, exp.Column) and len(parent.parts) > 1


def _rebound(node: Node, name: str) -> bool:
    inner = node.find_ancestor(exp.Lambda)
    while inner is not None:
        if any(parameter.name == name for parameter in inner.expressions):
            return True
        inner = inner.find_ancestor(exp.Lambda)
    return False


def sequence(call_: Call, lower: Lowering) -> Node:
    """`sequence` of numbers, dates or timestamps, up or down."""
    start, stop, *step = call_.arguments
    result = lower.type(call_.node)
    element = split_type(result)[1][0]
    kind = kind_of(element)
    if kind == "bigint":
        arguments = [cast(lower(item), "BIGINT") for item in (start, stop, *step)]
        return call("trino_sequence3" if step else "trino_sequence2", *arguments)
    if kind in {"date", "timestamp"}:
        sides = [cast(lower(item), "TIMESTAMP") for item in (start, stop)]
        by = lower(step[0]) if step else call("trino_day_towards", *(item.copy() for item in sides))
        name = (
            "trino_sequence_months"
            if step and lower.kind(step[0]) == "interval year to month"
            else "trino_sequence_moments"
        )
        return cast(call(name, *sides, by), f"{duckdb_type(element)}[]")
    raise refusal.argument("sequence", f"{kind} values")


def zip_with(call_: Call, lower: Lowering) -> Node:
    """`zip_with`: the shorter array is filled up with NULL."""
    first, second, merge = call_.arguments
    if not isinstance(merge, exp.Lambda) or len(merge.expressions) != 2:
        raise refusal.argument("zip_with", "this function")
    zipped = call("list_zip", typed_array(first, lower), typed_array(second, lower))
    pair = exp.to_identifier("zipped__p")
    names = [parameter.name for parameter in merge.expressions]
    body = _substituted(lower(merge.this), {names[0]: field(pair, 1), names[1]: field(pair, 2)})
    return call("list_transform", zipped, function(["zipped__p"], body))


def zip_(call_: Call, lower: Lowering) -> Node:
    """`zip`."""
    zipped = call("list_zip", *(typed_array(item, lower) for item in call_.arguments))
    pair = exp.to_identifier("zipped__p")
    fields = [(f"field{place}", field(pair.copy(), place + 1)) for place in range(len(call_.arguments))]
    return call("list_transform", zipped, function([pair.name], struct(fields)))


def flatten(call_: Call, lower: Lowering) -> Node:
    """`flatten` skips arrays that are NULL."""
    return call("flatten", lower(call_.arguments[0]))


def combinations(call_: Call, lower: Lowering) -> Node:
    """`combinations(array, n)`: by the last index first, then by the one before it."""
    whole, size = call_.arguments
    if not isinstance(size, exp.Literal):
        raise refusal.argument("combinations", "a size that is not a literal")
    element = duckdb_type(element_of(whole, lower))
    if not 0 < int(size.name) <= _LARGEST_COMBINATION:
        raise refusal.argument("combinations", "a size that is not from 1 to 5")
    longest = exp.Add(this=call("len", typed_array(whole, lower)), expression=number(1))
    return cast(_combined(typed_array(whole, lower), int(size.name), longest), f"{element}[][]")


_LARGEST_COMBINATION: Final = 5


def _combined(whole: Node, size: int, below: Node) -> Node:
    """The combinations of a size out of the places below a bound."""
    place = exp.to_identifier(f"place__{size}")
    item = exp.Array(expressions=[call("list_extract", whole, place.copy())])
    places = call("range", number(size), below)
    if size == 1:
        return call("list_transform", places, function([place.name], item))
    rest = exp.to_identifier(f"rest__{size}")
    longer = function([rest.name], exp.DPipe(this=rest.copy(), expression=item))
    inner = call("list_transform", _combined(whole.copy(), size - 1, place.copy()), longer)
    return call("flatten", call("list_transform", places, function([place.name], inner)))


def _vectors(name: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        if any(lower.kind(item) != "array" for item in call_.arguments):
            raise refusal.argument(call_.name, "maps")
        return call(name, *(cast(lower(item), "DOUBLE[]") for item in call_.arguments))

    return rule


def cardinality(call_: Call, lower: Lowering) -> Node:
    """`cardinality` of an array or a map."""
    (argument,) = call_.arguments
    if lower.kind(argument) == "map":
        return cast(call("cardinality", lower(argument)), "BIGINT")
    return call(
        "len", cast(lower(argument), "INTEGER[]") if lower.kind(argument) == "unknown" else typed_array(argument, lower)
    )


def array_histogram(call_: Call, lower: Lowering) -> Node:
    """`array_histogram`."""
    element = element_of(call_.arguments[0], lower)
    _simple("array_histogram", element)
    if kind_of(element) in FLOATS:
        raise refusal.argument("array_histogram", "arrays of numbers that may be NaN")
    return cast(
        call("trino_array_histogram", typed_array(call_.arguments[0], lower)), duckdb_type(lower.type(call_.node))
    )


def _extreme(name: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        element = element_of(call_.arguments[0], lower)
        _simple(call_.name, element)
        suffix = "_float" if name == "trino_array_max" and kind_of(element) in FLOATS else ""
        return call(name + suffix, typed_array(call_.arguments[0], lower))

    return rule


FUNCTIONS: Final = {
    "all_match": _match("trino_all"),
    "any_match": _match("trino_any"),
    "array_distinct": _over("trino_distinct", simple=True),
    "array_except": _same_typed("trino_except"),
    "array_histogram": array_histogram,
    "array_intersect": _same_typed("trino_intersect"),
    "array_join": array_join,
    "array_max": _extreme("trino_array_max"),
    "array_min": _extreme("trino_array_min"),
    "array_position": _with_value("trino_array_position"),
    "array_remove": _with_value("trino_array_remove"),
    "array_sort": array_sort,
    "array_union": _same_typed("trino_union"),
    "arrays_overlap": _same_typed("trino_overlap"),
    "cardinality": cardinality,
    "combinations": combinations,
    "contains": _with_value("trino_contains"),
    "cosine_similarity": _vectors("list_cosine_similarity"),
    "dot_product": _vectors("list_dot_product"),
    "euclidean_distance": _vectors("list_distance"),
    "filter": filter_,
    "flatten": flatten,
    "ngrams": _over("trino_ngrams"),
    "none_match": _match("trino_none"),
    "reduce": reduce,
    "sequence": sequence,
    "slice": _over("trino_slice"),
    "transform": transform,
    "trim_array": _over("trino_trim_array"),
    "zip": zip_,
    "zip_with": zip_with,
}
RULES: Final[dict[NodeClass, NodeRule]] = {exp.Lambda: lambda_}
