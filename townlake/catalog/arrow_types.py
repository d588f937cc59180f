"""Bring Arrow data into the types that an Iceberg table of format 2 can hold and Trino can read.

Microseconds instead of nanoseconds (Trino reads no others), plain text instead of views (Arrow's own filters break on
them), values instead of dictionary codes, signed integers wide enough for unsigned ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from townlake.domain.errors import BadInput

_SAME: Final = (
    pa.types.is_boolean,
    pa.types.is_int32,
    pa.types.is_int64,
    pa.types.is_float32,
    pa.types.is_float64,
    pa.types.is_date32,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_decimal128,
    pa.types.is_fixed_size_binary,
)
_OTHERS: Final = (
    ((pa.types.is_int8, pa.types.is_int16, pa.types.is_uint8, pa.types.is_uint16), pa.int32()),
    ((pa.types.is_uint32,), pa.int64()),
    ((pa.types.is_uint64,), pa.decimal128(20, 0)),
    ((pa.types.is_float16,), pa.float32()),
    ((pa.types.is_date64,), pa.date32()),
    ((pa.types.is_time,), pa.time64("us")),
    ((pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null), pa.string()),
    ((pa.types.is_large_binary, pa.types.is_binary_view), pa.binary()),
)


def storable_type(given: pa.DataType) -> pa.DataType:
    """The type that the lake keeps for a given one.

    >>> str(storable_type(pa.timestamp("ns", "Europe/Lisbon")))
    'timestamp[us, tz=UTC]'
    >>> str(storable_type(pa.list_(pa.dictionary(pa.int8(), pa.large_string()))))
    'list<element: string>'

    Raises:
        BadInput: no type of the lake can hold it; the message names the type.
    """
    if any(test(given) for test in _SAME):
        return given
    for tests, target in _OTHERS:
        if any(test(given) for test in tests):
            return target
    if pa.types.is_timestamp(given):
        return pa.timestamp("us", "UTC" if given.tz else None)
    if pa.types.is_dictionary(given):
        return storable_type(given.value_type)
    return _nested(given)


def _nested(given: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(given):
        if not all(field.name for field in given):
            raise BadInput("A field in it has no name.", hint="Give every field a name.")
        return pa.struct([pa.field(f.name, storable_type(f.type), f.nullable) for f in given])
    if pa.types.is_list(given) or pa.types.is_large_list(given) or pa.types.is_fixed_size_list(given):
        return pa.list_(pa.field("element", storable_type(given.value_type), given.value_field.nullable))
    if pa.types.is_map(given):
        item = pa.field("value", storable_type(given.item_type), given.item_field.nullable)
        return pa.map_(pa.field("key", storable_type(given.key_type), nullable=False), item)
    raise BadInput(f"The type {given} cannot be kept in the lake.", hint="Write the values as text or as numbers.")


def storable_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with every type replaced by its storable one.

    Raises:
        BadInput: a column has a type that cannot be kept; the message names both.
    """
    fields = []
    for field in schema:
        try:
            fields.append(pa.field(field.name, storable_type(field.type), field.nullable))
        except BadInput as error:
            raise BadInput(f"The column {field.name}: {error.message}", hint=error.hint) from error
    return pa.schema(fields)


def fitted(data: pa.Table | pa.RecordBatchReader, target: pa.Schema) -> pa.RecordBatchReader:
    """A stream of the data in the types and the column order of a table; absent optional columns are NULL.

    Raises:
        BadInput: a column is unknown, a required one is absent or holds NULL, or a value does not fit its type.
            Faults in the values show up while the stream is read.
    """
    unknown = sorted(set(data.schema.names) - set(target.names))
    if unknown:
        raise BadInput(
            f"The data has columns that the table does not have: {', '.join(unknown)}.",
            hint="Add them to the table first, or leave them out.",
        )
    absent = [f.name for f in target if f.name not in data.schema.names and not f.nullable]
    if absent:
        raise BadInput(f"The data lacks columns that must not be empty: {', '.join(absent)}.")
    return pa.RecordBatchReader.from_batches(target, _batches(data, target))


def _batches(data: pa.Table | pa.RecordBatchReader, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in data.to_batches() if isinstance(data, pa.Table) else data:
        yield pa.RecordBatch.from_arrays([_column(batch, field) for field in target], schema=target)


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    if field.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    column = batch.column(field.name)
    if column.null_count and not field.nullable:
        raise BadInput(f"The column {field.name} must not be empty, but rows of the data have no value in it.")
    _check_text(column, field.name)
    if column.type == field.type:
        return column
    try:
        if pa.types.is_integer(column.type) and pa.types.is_decimal(field.type):
            # Arrow asks for room for every integer; what counts is whether those that are there fit.
            column = pc.cast(column, pa.decimal256(20 + field.type.scale, field.type.scale))
        # Digits below a microsecond go; everything else that would be lost is an error.
        return pc.cast(column, options=pc.CastOptions(target_type=field.type, allow_time_truncate=True))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        # Arrow's own words would quote the value.
        raise BadInput(
            f"The column {field.name} has values of type {column.type} that do not fit {field.type}.",
            hint="Correct the data, or drop the table and load it with a wider type.",
        ) from error


def _check_text(column: pa.Array, name: str) -> None:
    """A file may call any bytes text; no reader could make sense of them."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            raise BadInput(f"The column {name} holds text that is not UTF-8.", hint="Save it as UTF-8.") from error
