"""Hand Python functions to DuckDB.

A whole vector at a time, as Arrow: one call a row would cost a hundred times more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from townlake.engines.dialect.scalars.scalar import Scalar

_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}


def register(connection: duckdb.DuckDBPyConnection, scalars: Iterable[Scalar]) -> None:
    """Make functions callable by name in every statement of a database."""
    for scalar in scalars:
        connection.create_function(
            scalar.name,
            _over_vectors(scalar),
            list(scalar.parameters),
            scalar.result,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )


def _over_vectors(scalar: Scalar) -> Callable[..., Any]:
    type_, apply = _ARROW[scalar.result], scalar.apply

    def rows(*vectors: Any) -> Any:
        values = zip(*(vector.to_pylist() for vector in vectors), strict=True)
        return pa.array([None if None in row else apply(*row) for row in values], type_)

    # DuckDB counts the parameters that a function declares.
    arities: dict[int, Callable[..., Any]] = {
        1: lambda a: rows(a),
        2: lambda a, b: rows(a, b),
        3: lambda a, b, c: rows(a, b, c),
        4: lambda a, b, c, d: rows(a, b, c, d),
    }
    return arities[len(scalar.parameters)]
