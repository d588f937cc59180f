"""Trino's names of types as Arrow types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import sqlglot
from sqlglot import exp

from townlake.domain.errors import BadInput

_T = exp.DType
_PLAIN: Final = {
    _T.BOOLEAN: pa.bool_(),
    _T.TINYINT: pa.int32(),
    _T.SMALLINT: pa.int32(),
    _T.INT: pa.int32(),
    _T.BIGINT: pa.int64(),
    _T.FLOAT: pa.float32(),
    _T.DOUBLE: pa.float64(),
    _T.DATE: pa.date32(),
    _T.TIME: pa.time64("us"),
    _T.TIMESTAMP: pa.timestamp("us"),
    _T.TIMESTAMPTZ: pa.timestamp("us", "UTC"),
    _T.VARCHAR: pa.string(),
    _T.CHAR: pa.string(),
    _T.TEXT: pa.string(),
    _T.JSON: pa.string(),
    _T.VARBINARY: pa.binary(),
}


def arrow_type(text: str) -> pa.DataType:
    """The Arrow type that the lake keeps for a type of Trino; `json` is kept as text.

    >>> str(arrow_type("decimal(10,2)")), str(arrow_type("timestamp(3) with time zone")), str(arrow_type("json"))
    ('decimal128(10, 2)', 'timestamp[us, tz=UTC]', 'string')
    >>> str(arrow_type("array(row(id bigint, name varchar))"))
    'list<element: struct<id: int64, name: string>>'

    Raises:
        BadInput: there is no such type, or the lake cannot keep it.
    """
    try:
        return _converted(exp.DataType.build(text, dialect="trino"))
    except (sqlglot.errors.SqlglotError, KeyError, ValueError, pa.ArrowInvalid) as error:
        raise BadInput(
            f"{text!r} is not a type that the lake can keep.", hint="Write a type of Trino: bigint, decimal(12,2)."
        ) from error


def _converted(kind: exp.DataType) -> pa.DataType:
    nested: dict[exp.DType, Callable[[exp.DataType], pa.DataType]] = {
        _T.DECIMAL: _decimal,
        _T.ARRAY: lambda k: pa.list_(pa.field("element", _inner(k.expressions[0]))),
        _T.MAP: lambda k: pa.map_(_inner(k.expressions[0]), _inner(k.expressions[1])),
        _T.STRUCT: lambda k: pa.struct([pa.field(f.name, _inner(f.args["kind"])) for f in k.expressions]),
    }
    make = nested.get(kind.this)
    return make(kind) if make is not None else _PLAIN[kind.this]


def _inner(node: exp.Expr) -> pa.DataType:
    if not isinstance(node, exp.DataType):
        raise ValueError("not a type")
    return _converted(node)


def _decimal(kind: exp.DataType) -> pa.DataType:
    digits = [int(parameter.name) for parameter in kind.expressions]
    precision, scale = (*digits, 0)[:2] if digits else (38, 0)
    return pa.decimal128(precision, scale)


def promotes(old: pa.DataType, new: pa.DataType) -> bool:
    """Whether Iceberg reads what was written as the one type as the other, so that a column can become wider.

    >>> promotes(pa.int32(), pa.int64()), promotes(pa.int64(), pa.int32()), promotes(pa.int64(), pa.string())
    (True, False, False)
    >>> promotes(pa.decimal128(10, 2), pa.decimal128(12, 2)), promotes(pa.decimal128(10, 2), pa.decimal128(12, 3))
    (True, False)
    """
    if pa.types.is_decimal(old) and pa.types.is_decimal(new):
        return bool(old.scale == new.scale and old.precision < new.precision)
    return (old, new) in {(pa.int32(), pa.int64()), (pa.float32(), pa.float64())}
