"""Hand Python functions to DuckDB.

A whole vector at a time, as Arrow: one call a row would cost a hundred times more.

DuckDB does not know that a function written in Python can fail, and may call it on rows that another condition would
have left out. So none of them fails: each tells of every row its value or the name of the failure, and a macro of the
function's name raises that with a cast, which DuckDB does know as something that can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from townlake.engines.dialect.scalars.scalar import Scalar, TrinoFailure

_ARROW: Final = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}
_UNFORESEEN: Final = "INVALID_FUNCTION_ARGUMENT"
"""What a row is told that Python cannot hold, or that the function has no rule for."""

_UNREADABLE: Final = object()
"""Stands for a value that Python cannot hold, such as a day of the year 20000."""


def register(connection: duckdb.DuckDBPyConnection, scalars: Iterable[Scalar]) -> None:
    """Make functions callable by name in every statement of a database."""
    for scalar in scalars:
        told = f"{scalar.name}__told"
        connection.create_function(
            told,
            _over_vectors(scalar),
            list(scalar.parameters),
            f"STRUCT(value {scalar.result}, failure VARCHAR)",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        given = ", ".join(f"a{place}" for place in range(len(scalar.parameters)))
        raised = f"CAST({told}({given}) AS STRUCT(value {scalar.result}, failure INTEGER))"
        connection.execute(f"CREATE MACRO {scalar.name}({given}) AS struct_extract({raised}, 'value')")


def _over_vectors(scalar: Scalar) -> Callable[..., Any]:
    type_, apply = _ARROW[scalar.result], scalar.apply

    def rows(*vectors: Any) -> Any:
        return _told([_outcome(apply, row) for row in zip(*map(_values, vectors), strict=True)], type_)

    # DuckDB counts the parameters that a function declares.
    arities: dict[int, Callable[..., Any]] = {
        1: lambda a: rows(a),
        2: lambda a, b: rows(a, b),
        3: lambda a, b, c: rows(a, b, c),
        4: lambda a, b, c, d: rows(a, b, c, d),
    }
    return arities[len(scalar.parameters)]


def _values(vector: Any) -> Sequence[Any]:
    try:
        return vector.to_pylist()  # type: ignore[no-any-return]
    except (ValueError, OverflowError, ArithmeticError):
        return [_value(item) for item in vector]


def _value(item: Any) -> Any:
    try:
        return item.as_py()
    except (ValueError, OverflowError, ArithmeticError):
        return _UNREADABLE


def _outcome(apply: Callable[..., Any], row: tuple[Any, ...]) -> tuple[Any, str | None]:
    """The value of one row, or the mark of its failure as the dialect writes it."""
    if None in row:
        return None, None
    if _UNREADABLE in row:
        return None, f"!{_UNFORESEEN}"
    try:
        return apply(*row), None
    except TrinoFailure as failure:
        return None, f"!{failure.code}"
    except MemoryError:
        raise
    except Exception:
        return None, f"!{_UNFORESEEN}"


def _told(outcomes: Sequence[tuple[Any, str | None]], type_: Any) -> Any:
    failures = [failure for _, failure in outcomes]
    try:
        values = pa.array([value for value, _ in outcomes], type_)
    except (pa.ArrowException, ValueError, OverflowError):
        fits = [_fits(value, type_) for value, _ in outcomes]
        values = pa.array([value if fit else None for (value, _), fit in zip(outcomes, fits, strict=True)], type_)
        failures = [old if fit else f"!{_UNFORESEEN}" for old, fit in zip(failures, fits, strict=True)]
    return pa.StructArray.from_arrays([values, pa.array(failures, pa.string())], ["value", "failure"])


def _fits(value: Any, type_: Any) -> bool:
    try:
        pa.array([value], type_)
    except (pa.ArrowException, ValueError, OverflowError):
        return False
    return True
