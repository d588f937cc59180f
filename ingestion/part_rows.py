"""The rows of several files as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from ingestion.parts import Part
from townlake.domain.errors import BadInput


class PartRows:
    """The rows of all parts under the lake's names, and how many went by."""

    def __init__(self, parts: Sequence[Part], names: Mapping[str, str], target: pa.Schema) -> None:
        self._parts = parts
        self._names = names
        self._target = target
        self.count = 0

    def reader(self) -> pa.RecordBatchReader:
        """A stream of the rows; read once."""
        self.count = 0
        first = self._parts[0].schema
        schema = pa.schema([pa.field(self._names[field.name], self._shared(field.name)) for field in first])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _shared(self, raw: str) -> pa.DataType:
        """The type in the files; where parts differ, that of the table."""
        kinds = {part.schema.field(raw).type for part in self._parts}
        return kinds.pop() if len(kinds) == 1 else self._target.field(self._names[raw]).type

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        by_lake_name = {new: old for old, new in self._names.items()}
        for part in self._parts:
            for batch in part.batches():
                columns = [batch.column(by_lake_name[field.name]) for field in schema]
                self.count += batch.num_rows
                yield pa.RecordBatch.from_arrays(
                    [_fitted(column, field, part) for column, field in zip(columns, schema, strict=True)], schema=schema
                )


def _fitted(column: pa.Array, field: pa.Field, part: Part) -> pa.Array:
    if column.type == field.type:
        return column
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadInput(f"{part.path}: values of {field.name} do not fit {field.type}.") from error
