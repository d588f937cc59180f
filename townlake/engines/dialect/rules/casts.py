"""CAST and TRY_CAST: Trino's rounding, cutting, padding and refusing."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import (
    Node,
    NodeClass,
    binary,
    call,
    cast,
    failure,
    field,
    function,
    null,
    number,
    struct,
    text,
)
from townlake.engines.dialect.lower import Lowering, NodeRule, kind_of
from townlake.engines.dialect.rules.json_casts import from_json, to_json
from townlake.engines.dialect.types import (
    FLOATS,
    INTEGERS,
    TEXTS,
    decimal_of,
    duckdb_type,
    length_of,
    precision_of,
    row_field,
    split_type,
)
from townlake.engines.dialect.zones import in_zone, is_known, local, split_literal, zone_of

_NUMBERS: Final = INTEGERS | FLOATS | {"decimal", "boolean"}
_MOMENTS: Final = frozenset({"date", "timestamp", "time"})
_GUARDS: Final = {
    **dict.fromkeys(INTEGERS, "trino_integer_text"),
    **dict.fromkeys(FLOATS, "trino_float_text"),
    "decimal": "trino_decimal_text",
    "boolean": "trino_boolean_text",
    "date": "trino_date_text",
    "timestamp": "trino_timestamp_text",
    "time": "trino_time_text",
}
"""What checks a text before DuckDB, which takes more than Trino, converts it."""


def cast_node(node: Node, lower: Lowering) -> Node:
    """CAST(x AS type) and TRY_CAST, and literals such as DATE '2024-01-01'."""
    target = lower.type(node)
    if isinstance(node.this, exp.Null):
        return cast(null(), duckdb_type(target))
    source = lower.type(node.this)
    if kind_of(target) == "timestamp with time zone":
        return _to_zoned(node, lower, source)
    if kind_of(source) == "timestamp with time zone":
        return _from_zoned(node, lower, target)
    return Conversion(safe=isinstance(node, exp.TryCast)).of(lower(node.this), source, target)


def _to_zoned(node: Node, lower: Lowering, source: str) -> Node:
    kind = kind_of(source)
    if kind == "timestamp with time zone":
        return _to_fewer_digits(node, lower, source)
    if kind in {"date", "timestamp"}:
        return in_zone(cast(lower(node.this), "TIMESTAMP"), "UTC")
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        moment, zone = split_literal(node.this.name) or (node.this.name.strip(), "UTC")
        if not is_known(zone):
            raise refusal.argument("a timestamp", "a time zone that DuckDB does not know")
        checked = Conversion(safe=isinstance(node, exp.TryCast)).of(text(moment), "varchar", "timestamp(6)")
        return in_zone(checked, "UTC" if zone == "Z" else zone)
    raise refusal.conversion(kind, "timestamp with time zone")


def _to_fewer_digits(node: Node, lower: Lowering, source: str) -> Node:
    digits = precision_of(lower.type(node))
    if digits > 6:
        raise refusal.type_(lower.type(node), "Cast to a precision of 6.")
    if precision_of(source) <= digits:
        return lower(node.this)
    moment = call("timezone", text("UTC"), lower(node.this))
    return in_zone(call("trino_timestamp_rounded", moment, number(10 ** (6 - digits))), "UTC")


def _from_zoned(node: Node, lower: Lowering, target: str) -> Node:
    zone = zone_of(node.this, lower)
    moment = local(lower(node.this), zone)
    kind = kind_of(target)
    if kind in {"date", "time", "timestamp"}:
        return Conversion().of(moment, "timestamp(6)", target)
    if kind == "varchar" and length_of(target) is None:
        digits = precision_of(lower.type(node.this))
        written = call("trino_timestamp_written", moment, number(digits))
        return binary(exp.DPipe, written, text(f" {'UTC' if zone == 'Z' else zone}"))
    raise refusal.conversion("timestamp with time zone", kind)


class Conversion:
    """A conversion of lowered values between Trino types.

    Args:
        safe: give NULL where the conversion fails.
    """

    def __init__(self, *, safe: bool = False) -> None:
        self._safe = safe

    def of(self, node: Node, source: str, target: str) -> Node:
        """The node, converted.

        Raises:
            Refused: there is no exact conversion in DuckDB.
        """
        kinds = (kind_of(source), kind_of(target))
        if source == target:
            return node
        if kinds[0] == "unknown":
            return cast(node, duckdb_type(target))
        if "json" in kinds:
            return from_json(node, target, safe=self._safe) if kinds[0] == "json" else to_json(node, source)
        if kinds[1] in TEXTS:
            return self._bounded(self._written(node, source, kinds[0]), kinds[0], target)
        if kinds[0] in TEXTS:
            return call("encode", node) if kinds[1] == "varbinary" else self._read(node, target, kinds[1])
        return self._other(node, source, target, kinds)

    def _other(self, node: Node, source: str, target: str, kinds: tuple[str, str]) -> Node:
        if kinds[0] in _NUMBERS:
            return self._number(node, target, kinds)
        if kinds[0] in _MOMENTS:
            return self._moment(node, source, target, kinds)
        if kinds[0] != kinds[1]:
            raise refusal.conversion(*kinds)
        return self._nested(node, source, target, kinds[0]) if kinds[0] in {"array", "map", "row"} else node

    def _cast(self, node: Node, name: str) -> Node:
        return cast(node, name, safe=self._safe)

    def _number(self, node: Node, target: str, kinds: tuple[str, str]) -> Node:
        if kinds[1] == "boolean":
            return binary(exp.NEQ, node, number(0))
        if kinds[0] in FLOATS and kinds[1] in INTEGERS:
            return self._cast(call("round", node), duckdb_type(target))
        if kinds[0] in FLOATS and kinds[1] == "decimal":
            # Rounded by the digits that the number is written with, not by its binary value.
            return self._cast(cast(node, "VARCHAR"), duckdb_type(target))
        if kinds[1] in INTEGERS | FLOATS | {"decimal"}:
            return self._cast(node, duckdb_type(target))
        raise refusal.conversion(*kinds)

    def _moment(self, node: Node, source: str, target: str, kinds: tuple[str, str]) -> Node:
        if kinds[1] == "date":
            return cast(node, "DATE")
        if kinds[1] == "time" and kinds[0] in {"time", "timestamp"}:
            return self._rounded_time(cast(node, "TIME"), source, target)
        if kinds[1] != "timestamp" or kinds[0] == "time":
            raise refusal.conversion(*kinds)
        moment = cast(node, "TIMESTAMP")
        if precision_of(target) > 6:
            raise refusal.type_(target, "Cast to timestamp(6).")
        if precision_of(source) <= precision_of(target):
            return moment
        return call("trino_timestamp_rounded", moment, number(10 ** (6 - precision_of(target))))

    def _rounded_time(self, node: Node, source: str, target: str) -> Node:
        if precision_of(source) > precision_of(target) and precision_of(target) < 6:
            return call("trino_time_rounded", node, number(10 ** (6 - precision_of(target))))
        return node

    def _read(self, node: Node, target: str, kind: str) -> Node:
        guard = _GUARDS.get(kind)
        if guard is None:
            raise refusal.conversion("varchar", kind)
        if kind == "date" and isinstance(node, exp.Literal) and _is_date(node.name):
            # A plain literal lets DuckDB skip files by it.
            return cast(node, "DATE")
        checked = call(guard, node)
        if self._safe:
            checked = call("try", checked)
        if kind == "boolean":
            return checked
        read = self._cast(checked, duckdb_type(target))
        if kind in {"timestamp", "time"} and precision_of(target) < 6:
            name = "trino_timestamp_rounded" if kind == "timestamp" else "trino_time_rounded"
            return call(name, read, number(10 ** (6 - precision_of(target))))
        if kind in {"timestamp", "time"} and precision_of(target) > 6:
            raise refusal.type_(target, "Cast to a precision of 6.")
        return read

    def _written(self, node: Node, source: str, kind: str) -> Node:
        if kind in TEXTS:
            return node
        if kind == "double":
            return call("trino_double_text", node)
        if kind == "real":
            return call("trino_real_text", node)
        if kind == "timestamp":
            return call("trino_timestamp_written", node, number(precision_of(source)))
        if kind == "time":
            return call("trino_time_written", node, number(precision_of(source)))
        if kind == "interval day to second":
            return call("trino_day_time_text", call("epoch_ms", node))
        if kind == "interval year to month":
            return call("trino_year_month_text", cast(call("trino_months", node), "BIGINT"))
        if kind in INTEGERS | {"decimal", "boolean", "date", "uuid"}:
            return cast(node, "VARCHAR")
        raise refusal.conversion(kind, "varchar")

    def _bounded(self, node: Node, kind: str, target: str) -> Node:
        length = length_of(target)
        if length is None:
            return node
        if kind_of(target) == "char":
            return call("rpad", call("left", node, number(length)), number(length), text(" "))
        if kind in TEXTS:
            return call("left", node, number(length))
        too_long = null() if self._safe else failure("INVALID_CAST_ARGUMENT", "VARCHAR")
        return exp.Case(
            ifs=[exp.If(this=exp.GT(this=call("length", node), expression=number(length)), true=too_long)],
            default=node.copy(),
        )

    def _nested(self, node: Node, source: str, target: str, kind: str) -> Node:
        inner = (split_type(source)[1], split_type(target)[1])
        if kind == "array":
            return self._each(node, inner[0][0], inner[1][0])
        if kind == "map":
            return call(
                "trino_map_of",
                self._each(call("map_keys", node), inner[0][0], inner[1][0]),
                self._each(call("map_values", node), inner[0][1], inner[1][1]),
                node.copy(),
            )
        if len(inner[0]) != len(inner[1]):
            raise refusal.conversion("row", "a row of another width")
        fields = []
        for place, (old, new) in enumerate(zip(*inner, strict=True), 1):
            name, type_ = row_field(new)
            converted = self.of(field(node.copy(), place), row_field(old)[1], type_)
            fields.append((name or f"field{place - 1}", converted))
        whole = cast(struct(fields), duckdb_type(target))
        return exp.Case(
            ifs=[exp.If(this=exp.Is(this=node, expression=exp.Null()), true=cast(null(), duckdb_type(target)))],
            default=whole,
        )

    def _each(self, node: Node, source: str, target: str) -> Node:
        if source == target:
            return node
        if kind_of(source) == "unknown":
            return cast(node, f"{duckdb_type(target)}[]")
        converted = self.of(exp.to_identifier("element"), source, target)
        return call("list_transform", node, function(["element"], converted))


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def coerced(node: Node, lower: Lowering, target: str) -> Node:
    """The lowered node in another type, as Trino coerces without being asked."""
    lowered = lower(node)
    source = str(lower.type(node))
    if isinstance(node, exp.Null):
        return cast(lowered, duckdb_type(target)) if target != "unknown" else lowered
    kinds = (kind_of(source), kind_of(target))
    if kinds[0] == kinds[1] and kinds[0] in {"varchar", "timestamp", "time", "char", "timestamp with time zone"}:
        return lowered
    if kinds == ("decimal", "decimal") and decimal_of(source) == decimal_of(target):
        return lowered
    if kinds[1] == "timestamp with time zone":
        if kinds[0] in {"date", "timestamp"}:
            return in_zone(cast(lowered, "TIMESTAMP"), "UTC")
        raise refusal.conversion(*kinds)
    return Conversion().of(lowered, source, target)


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Cast: cast_node, exp.TryCast: cast_node}
