"""Which type a column of a CSV file has: what every value of it can be read as without losing a digit."""

from __future__ import annotations

from typing import Final, NamedTuple

import pyarrow as pa

TEXT: Final = "varchar"


class Reading(NamedTuple):
    """How text is read as a type."""

    duckdb: str
    pattern: str
    """What a value must look like, so that nothing is lost: `5.7` is no whole number, though it can be cast."""


_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_TIME: Final = rf"{_DAY}[ T]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,6}}0*)?)?"
_ZONED: Final = rf"{_TIME} ?(Z|[+-]\d{{2}}(:?\d{{2}})?)"

FOUND: Final = {
    # No leading zeros: `00123` is the text of a code. Eighteen digits and fewer always fit.
    "bigint": Reading("BIGINT", r"-?(0|[1-9]\d{0,17})"),
    "double": Reading("DOUBLE", r"-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d{1,3})?"),
    "boolean": Reading("BOOLEAN", r"(?i:true|false)"),
    "date": Reading("DATE", _DAY),
    "timestamp(6)": Reading("TIMESTAMP", _TIME),
    "timestamp(6) with time zone": Reading("TIMESTAMPTZ", _ZONED),
}
"""The types that are found by looking, the narrowest first; everything else is text."""


def told_reading(kind: pa.DataType) -> Reading | None:
    """How a column is read whose type is known beforehand; None for text.

    >>> told_reading(pa.decimal128(10, 2)).duckdb, told_reading(pa.string())
    ('DECIMAL(10,2)', None)
    """
    whole = r"[+-]?\d+(\.0*)?"
    if pa.types.is_decimal(kind):
        return Reading(f"DECIMAL({kind.precision},{kind.scale})", rf"[+-]?\d*(\.\d{{0,{kind.scale}}}0*)?")
    plain = {
        pa.int32(): Reading("INTEGER", whole),
        pa.int64(): Reading("BIGINT", whole),
        pa.float32(): Reading("FLOAT", ".+"),
        pa.float64(): Reading("DOUBLE", ".+"),
        pa.bool_(): Reading("BOOLEAN", ".+"),
        pa.date32(): Reading("DATE", _DAY),
        pa.time64("us"): Reading("TIME", ".+"),
        pa.timestamp("us"): Reading("TIMESTAMP", rf"{_DAY}|{_TIME}"),
        pa.timestamp("us", "UTC"): Reading("TIMESTAMPTZ", _ZONED),
    }
    return plain.get(kind)
