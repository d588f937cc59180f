"""One table being loaded, from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ingestion.arrow_types import arrow_type
from ingestion.describing import Describing
from ingestion.ingested import Ingested, Widened
from ingestion.names import is_place, lake_name, lake_names, source_name
from ingestion.parquet_files import parquet_part
from ingestion.part_rows import PartRows
from ingestion.parts import Part
from ingestion.sources import Source, contents_digest, is_csv
from townlake.catalog.arrow_types import storable_schema
from townlake.catalog.description import TableDescription
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog
    from townlake.domain.table import TableInfo


def names_in(source: Source) -> tuple[str, ...]:
    """The columns of a source as its first file names them.

    Raises:
        BadInput: it cannot be read.
    """
    first = source.files[0]
    if not is_csv(first):
        return tuple(parquet_part(first).schema.names)
    from ingestion.csv_files import csv_names

    return csv_names(first)


@dataclass(frozen=True, slots=True)
class Load:
    """Brings the files of a source into its table."""

    catalog: Catalog
    source: Source
    describing: Describing
    replace: bool
    by: str = ""
    """Who loads."""

    def check(self) -> None:
        """See whether the description fits the table that is there.

        Raises:
            BadInput: it tells a type that a column cannot become.
        """
        self.describing.changes(self.catalog.table(self.describing.ref))

    def run(self) -> Ingested:
        """Load what is not there yet.

        Raises:
            BadInput: the files do not make a table, or do not fit the one that is there.
        """
        ref = self.describing.ref
        there = self._unfinished_dropped()
        digests = {file: contents_digest(file) for file in self.source.files}
        before = self.catalog.batches(ref)
        # Files of the same contents are one, in this load as from one load to the next.
        different = {digest: file for file, digest in reversed(digests.items())}
        wanted = tuple(
            file
            for file in self.source.files
            if different[digests[file]] == file and (self.replace or digests[file] not in before)
        )
        # `--replace` with the very files that the table was made of changes nothing, either.
        if there is not None and (not wanted or set(digests.values()) == before):
            return Ingested(
                table=ref,
                rows=0,
                columns=len(there.columns),
                skipped=True,
                widened=self.describing.widen(there),
                described=self.describing.put(),
                notes=self.describing.notes(),
            )
        parts = self._parts(wanted, there)
        names = self._names(parts)
        schema = self._schema(parts, names)
        rows = PartRows(parts, names, schema)
        widened = self._write(there, schema, rows, {digests[file] for file in wanted}, names)
        return Ingested(
            table=ref,
            rows=rows.count,
            before=None if there is None or self.replace else there.row_count,
            columns=len(schema.names),
            renamed=tuple((old, new) for old, new in names.items() if old != new),
            widened=widened,
            described=self.describing.put(),
            notes=self.describing.notes(),
        )

    def _unfinished_dropped(self) -> TableInfo | None:
        """The table as it is; what a killed command left of it without a row is taken away."""
        ref = self.describing.ref
        there = self.catalog.table(ref)
        if there is None or there.snapshot_id is not None:
            return there
        if self.catalog.description(ref).model_copy(update={"source_names": {}}) == TableDescription():
            self.catalog.drop(ref)
            return None
        return there

    def _parts(self, files: Sequence[Path], there: TableInfo | None) -> tuple[Part, ...]:
        if not is_csv(files[0]):
            return tuple(parquet_part(file) for file in files)
        from ingestion.csv_files import csv_names, csv_parts

        told = {}
        for file in files:
            for raw, name in zip(csv_names(file), self._lake_names(csv_names(file)), strict=True):
                kind = self._told(raw) or (there and (column := there.column(name)) and column.type)
                if kind:
                    told[raw] = arrow_type(kind)
        return csv_parts(files, told)

    def _told(self, raw: str) -> str | None:
        """The type that the description gives a column of the files."""
        told = self.describing.told
        column = told.column(raw) if told is not None else None
        return column.type if column is not None else None

    def _lake_names(self, raw: Sequence[str]) -> tuple[str, ...]:
        there = self.catalog.table(self.describing.ref)
        columns = there.columns if there else ()
        known = {column.source_name: column.name for column in columns if column.source_name}
        given = [self._told_name(name) or known.get(source_name(name), name) for name in raw]
        # A table that knows no header of its columns may be one of before they were kept: places count there.
        taken = [column.name for column in columns if known or not is_place(column.name)]
        return lake_names(given, str(self.source.files[0]), taken)

    def _told_name(self, raw: str) -> str:
        """The name that the description gives a column of the files; empty where it gives none that can be kept."""
        told = self.describing.told
        column = told.column(raw) if told is not None else None
        return column.name if column is not None and lake_name(column.name) else ""

    def _names(self, parts: Sequence[Part]) -> dict[str, str]:
        """The lake's name of each column of the files."""
        first = parts[0]
        for part in parts[1:]:
            if set(part.schema.names) != set(first.schema.names):
                raise BadInput(
                    f"{part.path} and {first.path} have other columns, so that they are no parts of one table.",
                    hint=f"If they are tables of their own, give the files: {first.path.parent}/*{first.path.suffix}.",
                )
        return dict(zip(first.schema.names, self._lake_names(first.schema.names), strict=True))

    def _schema(self, parts: Sequence[Part], names: dict[str, str]) -> pa.Schema:
        """What the table must hold: told types, else those of the files, wide enough for all of them."""
        # Brought to storable types first: those of the parts differ less then.
        storable = [storable_schema(part.schema) for part in parts]
        try:
            widest = pa.unify_schemas(storable, promote_options="permissive")
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            raise BadInput(
                f"The files of {self.source.name} have a column of one name and types that do not fit each other.",
                hint="Write all parts with the same types.",
            ) from error
        fields = []
        for field in widest:
            kind = self._told(field.name)
            fields.append(pa.field(names[field.name], arrow_type(kind) if kind else field.type))
        return pa.schema(fields)

    def _write(
        self,
        there: TableInfo | None,
        schema: pa.Schema,
        rows: PartRows,
        batches: set[str],
        names: Mapping[str, str],
    ) -> tuple[Widened, ...]:
        """Write the rows; gives the columns that hold more than before."""
        ref = self.describing.ref
        sources = {name: source_name(raw) for raw, name in names.items() if raw != name}
        if there is None:
            self.catalog.create(ref, schema, TableDescription(source_names=sources), by=self.by)
            try:
                self.catalog.append(ref, rows.reader(), batches=batches, by=self.by)
            except BaseException:
                self.catalog.drop(ref)
                raise
            return ()
        new = [field for field in schema if there.column(field.name) is None]
        if new and not self.replace:
            called = [f"{f.name} ({sources[f.name]})" if f.name in sources else f.name for f in new]
            raise BadInput(
                f"{self.source.files[0]} has columns that {ref} does not have: {', '.join(called)}.",
                hint="Load it with --replace, or into another table.",
            )
        widened = self.describing.widen(there)
        for field in new:
            self.catalog.add_column(ref, field.name, field.type)
        self._keep_sources(sources, names)
        write = self.catalog.replace if self.replace else self.catalog.append
        write(ref, rows.reader(), batches=batches, by=self.by)
        return widened

    def _keep_sources(self, sources: Mapping[str, str], names: Mapping[str, str]) -> None:
        """Note what the files call columns: rows that are added change no name that was noted, other rows do."""
        words = self.catalog.description(self.describing.ref)
        before = {
            name: raw for name, raw in words.source_names.items() if not self.replace or name not in names.values()
        }
        after = {**sources, **before}
        if after != words.source_names:
            self.catalog.describe(self.describing.ref, words.model_copy(update={"source_names": after}))
