"""Parquet files as parts of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.parts import Part
from townlake.domain.errors import BadInput

_ROWS_AT_ONCE = 128 * 1024


def parquet_part(path: Path) -> Part:
    """The file as a part; only its footer is read now.

    Raises:
        BadInput: it is empty, damaged, not Parquet, not readable, or has no columns.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow.remove_metadata()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from error
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        what = "is empty" if not path.stat().st_size else "is not Parquet, or is damaged"
        raise BadInput(f"{path} {what}.") from error
    if not schema.names:
        raise BadInput(f"{path} has no columns.")
    return Part(path, schema, lambda: _batches(path))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_ROWS_AT_ONCE)
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        # Arrow's own words may quote what stands in the file.
        raise BadInput(f"{path} is damaged: its rows cannot be read.") from error
