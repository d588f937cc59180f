"""CAST: which type it names, whether Trino can make it, and constants that cannot become it."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.sql.coercion import can_coerce
from townlake.sql.types import (
    DATETIMES,
    NUMBERS,
    TEXTS,
    UNKNOWN,
    ZONED,
    TrinoType,
    UnknownTypeName,
    array,
    map_of,
    parse_type,
    row,
)
from townlake.sql.typing.constant_casts import check_constant
from townlake.sql.typing.errors import written
from townlake.sql.typing.walk import Rule, Walk

_NAMES: Final = {
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.SMALLINT: "smallint",
    exp.DType.TINYINT: "tinyint",
    exp.DType.FLOAT: "real",
    exp.DType.DOUBLE: "double",
    exp.DType.DECIMAL: "decimal",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.VARCHAR: "varchar",
    exp.DType.TEXT: "varchar",
    exp.DType.CHAR: "char",
    exp.DType.VARBINARY: "varbinary",
    exp.DType.DATE: "date",
    exp.DType.TIME: "time",
    exp.DType.TIMETZ: f"time{ZONED}",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: f"timestamp{ZONED}",
    exp.DType.JSON: "json",
    exp.DType.UUID: "uuid",
    exp.DType.IPADDRESS: "ipaddress",
    exp.DType.HLLSKETCH: "hyperloglog",
}
_DAYS: Final = frozenset({"DAY", "HOUR", "MINUTE", "SECOND"})
FOREIGN_TYPES: Final = {
    "string": "varchar",
    "text": "varchar",
    "float64": "double",
    "int64": "bigint",
    "number": "decimal(38, 0)",
    "datetime": "timestamp",
    "bytes": "varbinary",
    "blob": "varbinary",
    "bool": "boolean",
    "signed": "bigint",
    "unsigned": "bigint",
    "float": "double",
    "float4": "real",
    "float8": "double",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "long": "bigint",
    "nvarchar": "varchar",
    "bytea": "varbinary",
    "struct": "row(...)",
    "timestamptz": "timestamp with time zone",
}
"""Types of other dialects, and what they are in Trino."""

_CLOCKED: Final = frozenset({"time", "timestamp", f"time{ZONED}", f"timestamp{ZONED}"})
_MOMENTS: Final = frozenset({"date", "timestamp", f"timestamp{ZONED}"})
_TARGETS: Final[dict[str, frozenset[str]]] = {
    "boolean": NUMBERS | TEXTS | {"json"},
    **dict.fromkeys(NUMBERS, NUMBERS | TEXTS | {"boolean", "json"}),
    **dict.fromkeys(TEXTS, NUMBERS | TEXTS | DATETIMES | {"boolean", "varbinary", "json", "uuid", "ipaddress"}),
    "date": _MOMENTS | TEXTS | {"json"},
    "time": _CLOCKED | TEXTS | {"json"},
    f"time{ZONED}": _CLOCKED | TEXTS,
    "timestamp": _MOMENTS | _CLOCKED | TEXTS | {"json"},
    f"timestamp{ZONED}": _MOMENTS | _CLOCKED | TEXTS | {"json"},
    "interval day to second": TEXTS,
    "interval year to month": TEXTS,
    "varbinary": frozenset({"uuid", "ipaddress", "hyperloglog", "p4hyperloglog", "tdigest", "qdigest", "setdigest"}),
    "json": NUMBERS | TEXTS | _MOMENTS | {"boolean", "array", "map", "row"},
}
"""For each type the types that CAST makes of it, beside itself and what it is widened to."""


def cast(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """CAST, TRY_CAST, and literals with a type before them."""
    target = read_data_type(node.args["to"])
    value = node.this
    tries = isinstance(node, exp.TryCast)
    guarded, walk.is_guarded = walk.is_guarded, walk.is_guarded or tries
    source = walk.type(value)
    walk.is_guarded = guarded
    if target is None:
        _report_type(walk, node)
        return None
    if source is None:
        return target
    if not can_cast(source, target):
        walk.report("TYPE_MISMATCH", f"{source} cannot be cast to {target}.", _hint(value, source, target), node)
    elif not tries:
        check_constant(walk, node, source, target)
    return target


def can_cast(source: TrinoType, target: TrinoType) -> bool:
    """True when Trino has a cast from one type to the other; whether a value survives it is another matter.

    >>> from townlake.sql.types import parse_type as t
    >>> can_cast(t("varchar"), t("date")), can_cast(t("date"), t("integer")), can_cast(t("array(date)"), t("varchar"))
    (True, False, False)
    """
    if source in (UNKNOWN, target) or can_coerce(source, target):
        return True
    if source.name in ("array", "map", "row"):
        return _can_cast_parts(source, target)
    targets = _TARGETS.get(source.name)
    return targets is None or target.name in targets or target.name == source.name


def _can_cast_parts(source: TrinoType, target: TrinoType) -> bool:
    if target.name == "json":
        return True
    if source.name != target.name or len(source.parts) != len(target.parts):
        return False
    return all(can_cast(mine, other) for mine, other in zip(source.parts, target.parts, strict=True))


def _hint(value: exp.Expr, source: TrinoType, target: TrinoType) -> str:
    if source.name == "varbinary":
        return f"Write from_utf8({written(value)}), or to_hex."
    if source.name in DATETIMES and target.name in NUMBERS:
        return "Write to_unixtime(t), date_diff('day', DATE '1970-01-01', d), or year(d) and the like."
    if source.name in NUMBERS and target.name in DATETIMES:
        return "Write from_unixtime(n) for seconds, date_parse(CAST(n AS varchar), '%Y%m%d') for written days."
    if source.name == "array" and target.name in TEXTS:
        return f"Write array_join({written(value)}, ','), or json_format(CAST({written(value)} AS json))."
    if source.name in ("map", "row"):
        return f"Write json_format(CAST({written(value)} AS json))."
    return "Take the part that you need, and cast that."


def _report_type(walk: Walk, node: exp.Expr) -> None:
    name = node.args["to"].sql("trino").lower()
    meant = FOREIGN_TYPES.get(name.partition("(")[0])
    hint = (
        f"Write {meant}." if meant else "There are varchar, bigint, double, decimal(p, s), date, timestamp and others."
    )
    walk.report("TYPE_MISMATCH", f"There is no type {name}.", hint, node)


def read_data_type(node: exp.Expr) -> TrinoType | None:
    """Trino's type that a type node of the parser names; None when there is none.

    >>> from sqlglot import parse_one
    >>> node = parse_one("CAST(x AS map(varchar(3), row(a integer, array(double))))", read="trino")
    >>> str(read_data_type(node.args["to"]))
    'map(varchar(3), row(a integer, array(double)))'
    """
    if isinstance(node, exp.Interval):
        return _interval_type(node.args.get("unit"))
    if not isinstance(node, exp.DataType):
        return None
    kind = node.this
    if isinstance(kind, exp.Interval):
        return _interval_type(kind.args.get("unit"))
    parts = node.expressions
    if kind in (exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT):
        return _structure(kind, parts)
    if kind is exp.DType.USERDEFINED:
        return _named(str(node.args.get("kind") or ""))
    name = _NAMES.get(kind)
    if name is None:
        return None
    numbers = [part.name for part in parts]
    head, _, tail = name.partition(" ")
    return _named(f"{head}({','.join(numbers)}) {tail}" if numbers else name)


def _named(text: str) -> TrinoType | None:
    try:
        return parse_type(text)
    except UnknownTypeName:
        return None


def _structure(kind: exp.DType, parts: list[exp.Expr]) -> TrinoType | None:
    inside = [part.args.get("kind") if isinstance(part, exp.ColumnDef) else part for part in parts]
    types = [found for part in inside if part is not None and (found := read_data_type(part)) is not None]
    if len(types) < len(parts) or not types:
        return None
    if kind is exp.DType.ARRAY:
        return array(types[0])
    if kind is exp.DType.MAP:
        return map_of(types[0], types[1]) if len(types) == 2 else None
    return row(types, [_field_name(part) for part in parts])


def _field_name(part: exp.Expr) -> str | None:
    if not isinstance(part, exp.ColumnDef):
        return None
    name = part.this
    return str(name.name) if name.args.get("quoted") else str(name.name).lower()


def _interval_type(unit: exp.Expr | None) -> TrinoType | None:
    first = unit.this.name.upper() if isinstance(unit, exp.IntervalSpan) else unit.name.upper() if unit else ""
    return parse_type("interval day to second" if first in _DAYS else "interval year to month")


RULES: Final[dict[type[exp.Expr], Rule]] = {exp.Cast: cast, exp.TryCast: cast}
