"""The kinds of nodes that a statement may be made of: a list of what is allowed, so that whatever is new is refused.

Nodes that shape a query also have a list of the parts they may have, since
sqlglot reads many dialects into one class.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

SHAPES: Final[dict[type[exp.Expr], frozenset[str]]] = {
    kind: frozenset(parts.split())
    for kind, parts in {
        exp.Select: "with_ expressions distinct from_ joins where group having windows order limit offset",
        exp.Union: "this expression distinct with_ order limit offset",
        exp.Intersect: "this expression distinct with_ order limit offset",
        exp.Except: "this expression distinct with_ order limit offset",
        exp.Subquery: "this alias with_ joins order limit offset sample",
        exp.Values: "expressions alias order limit offset",
        exp.With: "expressions recursive",
        exp.CTE: "this alias",
        exp.From: "this",
        exp.Table: "this db catalog alias joins sample",
        exp.TableAlias: "this columns",
        exp.TableSample: "method percent",
        exp.Join: "this on using side kind method",
        exp.Unnest: "expressions alias offset",
        exp.Lateral: "this alias",
        exp.Where: "this",
        exp.Group: "expressions",
        exp.GroupingSets: "expressions",
        exp.Rollup: "expressions",
        exp.Cube: "expressions",
        exp.Having: "this",
        exp.Order: "this expressions",
        exp.Ordered: "this desc nulls_first",
        exp.Limit: "expression",
        exp.Offset: "expression",
        exp.Fetch: "direction count limit_options",
        exp.LimitOptions: "rows with_ties",
        exp.Distinct: "expressions",
        exp.Star: "",
        exp.Alias: "this alias",
        exp.Column: "this table db catalog",
        exp.Identifier: "this quoted",
        exp.Dot: "this expression",
        exp.Window: "this partition_by order spec alias over",
        exp.WindowSpec: "kind start start_side end end_side",
        exp.In: "this expressions query",
        exp.Exists: "this",
        exp.Any: "this",
        exp.All: "this",
        exp.Cast: "this to",
        exp.TryCast: "this to safe",
        exp.Anonymous: "this expressions",
        exp.Literal: "this is_string",
        exp.Lambda: "this expressions",
        exp.Interval: "this unit",
        exp.Aliases: "this expressions",
    }.items()
}
"""A node that shapes a query, and the parts that it may have."""

EXPRESSIONS: Final[frozenset[type[exp.Expr]]] = frozenset(
    {
        *(exp.Add, exp.And, exp.Between, exp.Boolean, exp.Bracket, exp.Case, exp.ColumnDef, exp.DPipe),
        *(exp.DataType, exp.DataTypeParam, exp.Div, exp.EQ, exp.Escape, exp.Filter, exp.FormatJson, exp.GT, exp.GTE),
        *(exp.HexString, exp.If, exp.IgnoreNulls, exp.IntervalSpan, exp.Is, exp.JSONKeyValue, exp.LT, exp.LTE),
        *(exp.JSONPath, exp.JSONPathKey, exp.JSONPathRoot, exp.JSONPathSubscript, exp.JSONPathWildcard, exp.Like),
        *(exp.BitwiseAnd, exp.BitwiseNot, exp.BitwiseOr, exp.BitwiseXor),
        *(exp.Mod, exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.OnCondition),
        *(exp.Or, exp.OverflowTruncateBehavior, exp.Paren, exp.RespectNulls, exp.Sub, exp.Tuple, exp.UnicodeString),
        *(exp.Var, exp.AtTimeZone, exp.JSONExtractQuote, exp.JSONValue),
    }
)
"""A node that is part of a value. Functions have their own list, `FUNCTIONS`."""

_FUNCTIONS: Final = """
    Abs Acos AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin Array ArrayAgg ArrayContains ArrayDistinct
    ArrayExcept ArrayFilter ArrayFirst ArrayIntersect ArrayLast ArrayMax ArrayMin ArrayPosition ArrayRemove
    ArraySize ArraySlice ArraySort ArrayToString Asin Atan Atan2 Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg
    Cbrt Ceil Chr Coalesce Concat ConcatWs Corr Cos Cosh CosineDistance Count CountIf CovarPop CovarSamp
    CumeDist CurrentDate CurrentTime CurrentTimestamp CurrentTimezone Date DateAdd DateDiff
    DateTrunc Day DayOfMonth DayOfWeekIso DayOfYear Decode Degrees DenseRank DotProduct Encode EuclideanDistance
    Exp Extract FirstValue Flatten Floor Format FromBase FromBase32 FromBase64 FromISO8601Date
    FromISO8601Timestamp FromISO8601TimestampNanos GenerateSeries Greatest GroupConcat Grouping Hex Hour
    IsNan JSONArray JSONArrayContains JSONExtract JSONExtractScalar JSONFormat JSONObject Kurtosis Lag LastDay
    LastValue Lead Least Length Levenshtein Ln Localtime Localtimestamp Log LogicalAnd LogicalOr Lower MD5Digest
    Map MapFromEntries MapKeys Max Min Minute Month Normalize NthValue Ntile Nullif Pad ParseDatetime ParseJSON
    PercentRank Pi Pow Quarter Radians Rank Reduce RegexpCount RegexpExtract RegexpExtractAll RegexpLike
    RegexpReplace RegexpSplit RegrIntercept RegrSlope Repeat Replace Reverse Round RowNumber SHA SHA2Digest
    Second Sign Sin Sinh Skewness Soundex Split SplitPart Sqrt StartsWith Stddev StddevPop StddevSamp
    StrPosition StrToMap StrToTime Struct Substring Sum Tan Tanh TimeToStr TimeToUnix TimestampTrunc ToBase32
    ToBase64 Transform Translate Trim Trunc Try Typeof Unhex UnixToTime Upper Variance VariancePop
    WeekOfYear WidthBucket Year YearOfWeek
"""
FUNCTIONS: Final[frozenset[type[exp.Expr]]] = frozenset(getattr(exp, name) for name in _FUNCTIONS.split())
"""A node that sqlglot makes of a function of Trino's; which names may be called is for `calls` to say."""

REFUSED: Final[dict[str, tuple[str, str, str]]] = {
    "Command": ("SQL016", "This is not a query in Trino SQL.", "Only queries are run: write a SELECT statement."),
    "MatchRecognize": ("SQL023", "MATCH_RECOGNIZE is not run.", "Use window functions such as lag and lead."),
    "JSONTable": ("SQL024", "JSON_TABLE is not run.", "Use json_extract and UNNEST(CAST(... AS array(json)))."),
    "Placeholder": ("SQL025", "The statement has a placeholder.", "Write the value in its place."),
    "Parameter": (
        "SQL025",
        "The statement has a parameter or a branch (@name).",
        "Write the value; branches cannot be read.",
    ),
    "FunctionSpecification": ("SQL022", "Inline functions are not run.", "Write the expression where it is used."),
    "Version": (
        "SQL026",
        "FOR VERSION and FOR TIMESTAMP are not read, since older rows may have been removed on purpose.",
        "Leave it out; `skipper ask --rerun` reads an answer's own snapshots again.",
    ),
    "Pivot": ("SQL029", "PIVOT is not Trino SQL.", "Use sum(...) FILTER (WHERE ...) or CASE."),
    "Qualify": (
        "SQL029",
        "QUALIFY is not Trino SQL.",
        "Put the window function into an inner query and filter outside.",
    ),
    "ILike": ("SQL029", "ILIKE is not Trino SQL.", "Write lower(x) LIKE 'pattern'."),
    "Unnest": ("SQL020", "UNNEST stands only in FROM.", "Write FROM t CROSS JOIN UNNEST(t.x) AS u(y)."),
}
"""What is said of a node that people do write, by the name of its class."""

REFUSED_PARTS: Final[dict[tuple[str, str], tuple[str, str, str]]] = {
    ("Group", "all"): ("SQL029", "GROUP BY ALL is not Trino SQL.", "Name the columns, or write GROUP BY 1, 2."),
    ("Distinct", "on"): ("SQL029", "DISTINCT ON is not Trino SQL.", "Use row_number() in an inner query."),
    ("Star", "except_"): ("SQL029", "A star with exceptions is not Trino SQL.", "Name the columns."),
    ("Star", "replace"): ("SQL029", "A star with replacements is not Trino SQL.", "Name the columns."),
    ("In", "field"): ("SQL029", "IN takes a list or a query.", "Write IN (SELECT ... FROM ...)."),
    ("CTE", "materialized"): ("SQL029", "MATERIALIZED is not Trino SQL.", "Leave it out."),
}
"""What is said of a part that people do write, by the class and the part."""

TABLE_FUNCTION: Final = (
    "SQL021",
    "Table functions are not run.",
    "Read a table, a query in brackets, UNNEST, LATERAL (SELECT ...) or VALUES.",
)
DEFAULT: Final = (
    "SQL020",
    "The statement has a part that is not allowed",
    "Use plain SELECT, JOIN, WHERE and GROUP BY.",
)
