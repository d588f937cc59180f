"""Arrow columns from whole numbers, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from ingestion.demo.draws import Bools, Ints

NEVER = -(2**62)
"""Stands for NULL among days and moments."""


def decimals(units: Ints, precision: int, scale: int) -> pa.Array:
    """Exact decimals from their units: cents for a scale of two.

    >>> decimals(np.array([150, -5]), 12, 2).to_pylist()
    [Decimal('1.50'), Decimal('-0.05')]
    """
    low = units.astype("<i8")
    words = np.stack([low, low >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [None, pa.py_buffer(words.tobytes())])


def dates(days: Ints) -> pa.Array:
    """Days, with NULL for `NEVER`."""
    missing = days == NEVER
    return pa.array(np.where(missing, 0, days).astype(np.int32), mask=missing).cast(pa.date32())


def moments(seconds: Ints) -> pa.Array:
    """Timestamps in UTC without a zone from seconds since 1970, with NULL for `NEVER`."""
    missing = seconds == NEVER
    return pa.array(np.where(missing, 0, seconds) * 1_000_000, mask=missing).cast(pa.timestamp("us"))


def integers(numbers: Ints, missing: Bools | None = None) -> pa.Array:
    """Whole numbers of 64 bits."""
    return pa.array(numbers.astype(np.int64), mask=missing)


def picked(values: Sequence[str | None], places: Ints) -> pa.Array:
    """Texts by their place in a short list.

    >>> picked(["a", None], np.array([1, 0])).to_pylist()
    [None, 'a']
    """
    return pa.array(values, pa.string()).take(pa.array(places))


def table(columns: Mapping[str, pa.Array | Sequence[object]]) -> pa.Table:
    """A table; plain lists become text."""
    return pa.table({n: c if isinstance(c, pa.Array) else pa.array(c, pa.string()) for n, c in columns.items()})


def numbers(given: pa.Table, name: str) -> Ints:
    """Whole numbers, days since 1970, or seconds since 1970; `NEVER` for NULL."""
    column = given[name].combine_chunks()
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s"))
    found = column.cast(pa.int64()).fill_null(NEVER)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def units(given: pa.Table, name: str) -> Ints:
    """The units of exact decimals without NULL: cents for a scale of two."""
    column = given[name].combine_chunks()
    words = np.frombuffer(column.buffers()[1], dtype="<i8")
    return words[column.offset * 2 : (column.offset + len(column)) * 2 : 2].astype(np.int64)


def flags(given: pa.Table, name: str) -> Bools:
    """A column of booleans; NULL counts as false."""
    return np.asarray(given[name].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)
