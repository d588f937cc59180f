"""Which function of Trino's a node of the parser stands for, and its arguments in Trino's order.

sqlglot reads most functions into classes of its own, with arguments under names and in orders that differ
from Trino's. This is the one place that knows them; whoever else looks at a call reads it as Trino's documentation
writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

_PLAIN: Final[dict[type[exp.Expr], tuple[str, tuple[str, ...]]]] = {
    getattr(exp, line.split()[0]): (line.split()[1], tuple(line.split()[2:]))
    for line in """
Abs abs this
Acos acos this
AnyValue any_value this
ApproxDistinct approx_distinct this accuracy
ApproxQuantile approx_percentile this weight quantile accuracy
ArgMax max_by this expression count
ArgMin min_by this expression count
Array array expressions
ArrayAgg array_agg this
ArrayContains contains this expression
ArrayDistinct array_distinct this
ArrayExcept array_except this expression
ArrayFilter filter this expression
ArrayFirst array_first this
ArrayIntersect array_intersect expressions
ArrayLast array_last this
ArrayMax array_max this
ArrayMin array_min this
ArrayPosition array_position this expression
ArrayRemove array_remove this expression
ArraySize cardinality this
ArraySlice slice this start end
ArraySort array_sort this expression
ArrayToString array_join this expression null
Asin asin this
AtTimeZone at_timezone this zone
Atan atan this
Atan2 atan2 this expression
Avg avg this
BitwiseAnd bitwise_and this expression
BitwiseAndAgg bitwise_and_agg this
BitwiseNot bitwise_not this
BitwiseOr bitwise_or this expression
BitwiseOrAgg bitwise_or_agg this
BitwiseXor bitwise_xor this expression
BitwiseXorAgg bitwise_xor_agg this
Cbrt cbrt this
Ceil ceiling this
Chr chr expressions
Coalesce coalesce this expressions
Concat concat expressions
ConcatWs concat_ws expressions
Corr corr this expression
Cos cos this
Cosh cosh this
CosineDistance cosine_distance this expression
Count count this expressions
CountIf count_if this
CovarPop covar_pop this expression
CovarSamp covar_samp this expression
CumeDist cume_dist expressions
CurrentDate current_date this
CurrentTime current_time this
CurrentTimestamp current_timestamp this
CurrentTimezone current_timezone
DPipe concat this expression
Date date this expressions
DateAdd date_add unit expression this
DateDiff date_diff unit expression this
DateTrunc date_trunc unit this
Day day this
DayOfMonth day_of_month this
DayOfWeekIso day_of_week this
DayOfYear day_of_year this
Decode from_utf8 this replace
Degrees degrees this
DenseRank dense_rank expressions
DotProduct dot_product this expression
Encode to_utf8 this
EuclideanDistance euclidean_distance this expression
Exp exp this
Extract extract this expression
FirstValue first_value this
Flatten flatten this
Floor floor this
Format format this expressions
FromBase from_base this expression
FromBase32 from_base32 this
FromBase64 from_base64 this
FromISO8601Date from_iso8601_date this
FromISO8601Timestamp from_iso8601_timestamp this
FromISO8601TimestampNanos from_iso8601_timestamp_nanos this
GenerateSeries sequence start end step
Greatest greatest this expressions
GroupConcat listagg this separator
Grouping grouping expressions
Hex to_hex this
Hour hour this
If if this true false
IsNan is_nan this
JSONArray json_array expressions
JSONArrayContains json_array_contains this expression
JSONExists json_exists this path
JSONExtractScalar json_extract_scalar this expression
JSONFormat json_format this
JSONObject json_object expressions
JSONValue json_value this path
Kurtosis kurtosis this
Lag lag this offset default
LastDay last_day_of_month this
LastValue last_value this
Lead lead this offset default
Least least this expressions
Length length this
Levenshtein levenshtein_distance this expression
Ln ln this
Localtime localtime this
Localtimestamp localtimestamp this
LogicalAnd bool_and this
LogicalOr bool_or this
Lower lower this
MD5Digest md5 this
Map map keys values
MapFromEntries map_from_entries this
MapKeys map_keys this
Max max this expressions
Min min this expressions
Minute minute this
Mod mod this expression
Month month this
Normalize normalize this
NthValue nth_value this offset
Ntile ntile this
Nullif nullif this expression
ParseDatetime parse_datetime this format
ParseJSON json_parse this
PercentRank percent_rank expressions
Pi pi
Pow power this expression
Quarter quarter this
Radians radians this
Rand random this lower upper
Rank rank expressions
Reduce reduce this initial merge finish
RegexpCount regexp_count this expression
RegexpExtract regexp_extract this expression group
RegexpExtractAll regexp_extract_all this expression group
RegexpLike regexp_like this expression
RegexpReplace regexp_replace this expression replacement
RegexpSplit regexp_split this expression
RegrIntercept regr_intercept this expression
RegrSlope regr_slope this expression
Repeat repeat this times
Replace replace this expression replacement
Reverse reverse this
Round round this decimals
RowNumber row_number
SHA sha1 this
Second second this
Shuffle shuffle this
Sign sign this
Sin sin this
Sinh sinh this
Skewness skewness this
Soundex soundex this
Split split this expression limit
SplitPart split_part this delimiter part_index
Sqrt sqrt this
StartsWith starts_with this expression
Stddev stddev this
StddevPop stddev_pop this
StddevSamp stddev_samp this
StrPosition strpos this substr occurrence
StrToMap split_to_map this pair_delim key_value_delim
StrToTime date_parse this format
Struct row expressions
Substring substr this start length
Sum sum this
Tan tan this
Tanh tanh this
TimeToStr date_format this format
TimeToUnix to_unixtime this
TimestampTrunc date_trunc unit this
ToBase32 to_base32 this
ToBase64 to_base64 this
Transform transform this expression
Translate translate this from_ to
Trunc truncate this decimals
Try try this
Typeof typeof this
Unhex from_hex this
UnixToTime from_unixtime this zone hours minutes
Upper upper this
Uuid uuid
Variance variance this
VariancePop var_pop this
WeekOfYear week this
WidthBucket width_bucket this min_value max_value num_buckets
Year year this
YearOfWeek year_of_week this
""".strip().splitlines()
}


@dataclass(frozen=True, slots=True)
class Call:
    """A function call as Trino's documentation writes it."""

    name: str
    arguments: tuple[exp.Expr, ...]
    """Without DISTINCT, ORDER BY and the star of `count(*)`."""
    node: exp.Expr
    """What it was read from."""
    is_distinct: bool = False
    order: tuple[exp.Expr, ...] = ()
    """The keys of an ORDER BY inside the brackets, or of WITHIN GROUP."""


def function_name(node: exp.Expr) -> str | None:
    """Trino's name of the function that a node is, in lower case; None for a node that is no function.

    A function that Trino does not have gets the name that the parser knows it by.

    >>> from sqlglot import parse_one
    >>> [function_name(parse_one(text, read="trino")) for text in ("sum(x)", "map_agg(k, v)", "a + b")]
    ['sum', 'map_agg', None]
    """
    kind = type(node)
    if (plain := _PLAIN.get(kind)) is not None:
        return plain[0]
    if kind is exp.Anonymous:
        return str(node.this).lower()
    if (named := _NAMED.get(kind)) is not None:
        return named(node)
    if isinstance(node, exp.Func) and kind not in _NO_CALL and not isinstance(node, exp.Binary):
        return node.sql_name().lower()
    return None


def call_of(node: exp.Expr) -> Call | None:
    """The call that a node stands for, or None when it is no function.

    >>> from sqlglot import parse_one
    >>> call = call_of(parse_one("date_diff('day', a, b)", read="trino"))
    >>> call.name, [argument.sql() for argument in call.arguments]
    ('date_diff', ['DAY', 'a', 'b'])
    >>> call_of(parse_one("array_agg(DISTINCT x ORDER BY y)", read="trino")).is_distinct
    True
    """
    kind = type(node)
    plain = _PLAIN.get(kind)
    if plain is not None:
        name, keys = plain
    else:
        found = function_name(node)
        if found is None:
            return None
        name, keys = found, _ORDERS.get(kind) or tuple(node.arg_types)
    arguments: list[exp.Expr] = []
    for key in (*keys, *(key for key in node.args if key not in keys and key not in _NO_ARGUMENTS)):
        value = node.args.get(key)
        if isinstance(value, exp.Expr):
            arguments.append(value)
        elif isinstance(value, list):
            arguments.extend(each for each in value if isinstance(each, exp.Expr))
    return _unwrapped(name, arguments, node)


def _unwrapped(name: str, arguments: list[exp.Expr], node: exp.Expr) -> Call:
    """A call without what may stand before or behind its arguments."""
    order: tuple[exp.Expr, ...] = ()
    for at in (0, -1):
        last = arguments[at] if arguments else None
        if isinstance(last, exp.Order):
            order = tuple(last.expressions)
            arguments[at] = last.this
    first = arguments[0] if arguments else None
    is_distinct = isinstance(first, exp.Distinct)
    if isinstance(first, exp.Distinct):
        arguments[:1] = first.expressions
    elif isinstance(first, exp.Star) and len(arguments) == 1:
        arguments.clear()
    return Call(name, tuple(arguments), node, is_distinct, order)


def _trim(node: exp.Expr) -> str:
    return {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")


def _bracket(node: exp.Expr) -> str | None:
    return "element_at" if node.args.get("safe") else None


_NAMED: Final[dict[type[exp.Expr], Callable[[exp.Expr], str | None]]] = {
    exp.Trim: _trim,
    exp.Log: lambda node: "log",
    exp.Pad: lambda node: "lpad" if node.args.get("is_left") else "rpad",
    exp.SHA2Digest: lambda node: f"sha{node.text('length')}",
    exp.JSONExtract: lambda node: "json_query" if node.args.get("json_query") else "json_extract",
    exp.Bracket: _bracket,
}
"""Classes that stand for several functions."""
_NO_ARGUMENTS: Final = frozenset(
    {
        "charset",
        "form",
        "length",
        "null_handling",
        "nulls_first",
        "on_condition",
        "on_overflow",
        "position",
        "returning",
    }
)
"""Parts of nodes that are no arguments, or that the parser adds. Any other part that is left over was an argument."""
_ORDERS: Final[dict[type[exp.Expr], tuple[str, ...]]] = {
    exp.Anonymous: ("expressions",),
    exp.Trim: ("this", "expression"),
    exp.Log: ("this", "expression"),
    exp.Pad: ("this", "expression", "fill_pattern"),
    exp.SHA2Digest: ("this",),
    exp.JSONExtract: ("this", "expression"),
    exp.Bracket: ("this", "expressions"),
}
_NO_CALL: Final[frozenset[type[exp.Expr]]] = frozenset(
    {exp.Cast, exp.TryCast, exp.Case, exp.And, exp.Or, exp.Not, exp.Exists, exp.Unnest, exp.Interval, exp.Lambda}
)
"""What the parser counts as functions and Trino's grammar does not."""
