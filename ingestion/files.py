"""Load Parquet and CSV files into the lake. What is loaded stays closed until somebody reviews it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ingestion.arrow_types import arrow_type
from ingestion.names import lake_names
from ingestion.parquet_files import parquet_part
from ingestion.part_rows import PartRows
from ingestion.parts import Part
from ingestion.schema_file import DescribedSchema, read_schema_file
from ingestion.sources import Source, contents_digest, find_sources, is_csv
from townlake.catalog.arrow_types import storable_schema
from townlake.catalog.description import TableDescription
from townlake.domain.errors import BadInput
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name
from townlake.domain.table import TableInfo
from townlake.domain.value import Value

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog

Progress = Callable[[int, int, str], None]


class Ingested(Value):
    """What became of one table."""

    table: TableRef
    rows: int
    """Rows that were loaded now."""
    before: int | None = None
    """Rows that the table had before and still has; None when it is new or its rows were replaced."""
    columns: int
    renamed: tuple[tuple[str, str], ...] = ()
    """(name in the files, name in the lake) where they differ."""
    skipped: bool = False
    """True when all its files had been loaded before and nothing was done."""


def ingest_files(
    catalog: Catalog,
    paths: Sequence[Path],
    namespace: str,
    describe: Path | None = None,
    progress: Progress | None = None,
    replace: bool = False,
) -> tuple[Ingested, ...]:
    """Load files, a table a file or folder; of each table all or nothing.

    A file whose contents were loaded into a table before is not loaded again; other files add their rows.

    Args:
        catalog: where the tables go.
        paths: Parquet and CSV files, and folders of them; `find_sources` says which tables they make.
        namespace: the schema of the lake.
        describe: a `schema.json` with types, comments and keys.
        progress: told how many tables are done, how many there are, and which one is being loaded.
        replace: put the rows in place of those that a table has.

    Raises:
        BadInput: something cannot be loaded. The tables before it are there, nothing of it is.
        HomeError: another command is writing and does not end, or the disk is full.
    """
    if not is_name(namespace):
        raise BadInput(
            f"{namespace!r} cannot be a schema.", hint="Use small letters, digits and underscores: --schema shop."
        )
    described = read_schema_file(describe) if describe is not None else DescribedSchema()
    sources = find_sources([Path(path) for path in paths], described)
    loads = [_Load(catalog, namespace, source, described, replace) for source in sources]
    done: list[Ingested] = []
    for load in loads:
        if progress is not None:
            progress(len(done), len(loads), load.source.name)
        with catalog.writing():
            done.append(load.run())
    if progress is not None:
        progress(len(done), len(loads), "done")
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Load:
    """One table being loaded."""

    catalog: Catalog
    namespace: str
    source: Source
    described: DescribedSchema
    replace: bool

    @property
    def ref(self) -> TableRef:
        return TableRef(catalog=DEFAULT_CATALOG, namespace=self.namespace, name=self.source.name)

    def run(self) -> Ingested:
        """Load what is not there yet.

        Raises:
            BadInput: the files do not make a table, or do not fit the one that is there.
        """
        there = self._unfinished_dropped()
        digests = {file: contents_digest(file) for file in self.source.files}
        before = self.catalog.batches(self.ref)
        wanted = tuple(file for file in self.source.files if self.replace or digests[file] not in before)
        # `--replace` with the very files that the table was made of changes nothing, either.
        if there is not None and (not wanted or set(digests.values()) == before):
            self._describe({column.name: column.name for column in there.columns})
            return Ingested(table=self.ref, rows=0, columns=len(there.columns), skipped=True)
        parts = self._parts(wanted, there)
        names = self._names(parts)
        schema = self._schema(parts, names)
        rows = PartRows(parts, names, schema)
        self._write(there, schema, rows, {digests[file] for file in wanted})
        self._describe(names)
        return Ingested(
            table=self.ref,
            rows=rows.count,
            before=None if there is None or self.replace else there.row_count,
            columns=len(schema.names),
            renamed=tuple((old, new) for old, new in names.items() if old != new),
        )

    def _unfinished_dropped(self) -> TableInfo | None:
        """The table as it is; what a killed command left of it without a row is taken away."""
        there = self.catalog.table(self.ref)
        if there is None or there.snapshot_id is not None:
            return there
        if self.catalog.description(self.ref) == TableDescription():
            self.catalog.drop(self.ref)
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
        column = self.source.described.column(raw) if self.source.described is not None else None
        return column.type if column is not None else None

    def _lake_names(self, raw: Sequence[str]) -> tuple[str, ...]:
        told = self.source.described
        columns = [told.column(name) if told is not None else None for name in raw]
        given = [column.name if column is not None else name for column, name in zip(columns, raw, strict=True)]
        return lake_names(given, str(self.source.files[0]))

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

    def _write(self, there: TableInfo | None, schema: pa.Schema, rows: PartRows, batches: set[str]) -> None:
        if there is None:
            self.catalog.create(self.ref, schema)
            try:
                self.catalog.append(self.ref, rows.reader(), batches=batches)
            except BaseException:
                self.catalog.drop(self.ref)
                raise
            return
        new = [field for field in schema if there.column(field.name) is None]
        if new and not self.replace:
            raise BadInput(
                f"{self.source.files[0]} has columns that {self.ref} does not have: {', '.join(f.name for f in new)}.",
                hint="Load it with --replace, or into another table.",
            )
        for field in new:
            self.catalog.add_column(self.ref, field.name, field.type)
        write = self.catalog.replace if self.replace else self.catalog.append
        write(self.ref, rows.reader(), batches=batches)

    def _describe(self, names: dict[str, str]) -> None:
        """Put the words of the description on the table."""
        told = self.source.described
        if told is None:
            return
        renamed = {column.name: names[raw] for raw in names if (column := told.column(raw)) is not None}
        before = self.catalog.description(self.ref)
        words: TableDescription = self.described.description(told, renamed, self.namespace, before)
        if words != before:
            self.catalog.describe(self.ref, words)
