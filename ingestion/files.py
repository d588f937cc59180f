"""Load Parquet and CSV files into the lake, and describe its tables. What is loaded stays closed until a review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.describing import Describing
from ingestion.ingested import Ingested
from ingestion.load import Load, names_in
from ingestion.names import lake_name
from ingestion.schema_file import DescribedSchema, DescribedTable
from ingestion.schema_names import check_names
from ingestion.schema_reading import read_schema_file
from ingestion.sources import find_sources
from townlake.domain.errors import BadInput
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog

Progress = Callable[[int, int, str], None]


def ingest_files(
    catalog: Catalog,
    paths: Sequence[Path],
    namespace: str,
    describe: Path | None = None,
    progress: Progress | None = None,
    replace: bool = False,
    by: str = "",
) -> tuple[Ingested, ...]:
    """Load files, a table a file or folder; of each table all or nothing.

    A file whose contents were loaded into a table before is not loaded again; other files add their rows. What a
    description says of a table is put on it in either case.

    Args:
        catalog: where the tables go.
        paths: Parquet and CSV files, and folders of them; `find_sources` says which tables they make.
        namespace: the schema of the lake.
        describe: a `schema.json` with types, comments and keys.
        progress: told how many tables are done, how many there are, and which one is being loaded.
        replace: put the rows in place of those that a table has.
        by: who loads, and so does not open what is loaded; empty for nobody.

    Raises:
        BadInput: something cannot be loaded. The tables before it are there, nothing of it is. Where the description
            does not fit, nothing is loaded at all.
        HomeError: another command is writing and does not end, or the disk is full.
    """
    _check_namespace(namespace)
    described = read_schema_file(describe) if describe is not None else DescribedSchema()
    sources = find_sources([Path(path) for path in paths], described)
    loads = [
        Load(catalog, source, _describing(catalog, namespace, source.name, described, source.described), replace, by)
        for source in sources
    ]
    if describe is not None:
        loaded = {source.name: names_in(source) for source in sources}
        check_names(describe, described, namespace, loaded, _every_name(catalog, namespace))
        for load in loads:
            load.check()
    done: list[Ingested] = []
    for load in loads:
        if progress is not None:
            progress(len(done), len(loads), load.source.name)
        with catalog.writing():
            done.append(load.run())
    if progress is not None:
        progress(len(done), len(loads), "done")
    return tuple(done)


def describe_tables(catalog: Catalog, namespace: str, describe: Path) -> tuple[Ingested, ...]:
    """Put a description on tables that are there; no row is loaded.

    Raises:
        BadInput: the description cannot be read, or speaks of what is not there; then nothing is changed.
        HomeError: another command is writing and does not end, or the disk is full.
    """
    _check_namespace(namespace)
    described = read_schema_file(describe)
    with catalog.writing():
        there = _columns(catalog, namespace)
        check_names(describe, described, namespace, {}, _every_name(catalog, namespace))
        named = [table.name for table in described.tables] + [key.table for key in described.foreign_keys or ()]
        wanted = dict.fromkeys(map(lake_name, named))
        every = [_describing(catalog, namespace, name, described, described.for_name(name)) for name in wanted]
        for each in every:
            each.changes(catalog.table(each.ref))
        return tuple(
            Ingested(
                table=each.ref,
                rows=0,
                columns=len(there[each.ref.name]),
                skipped=True,
                widened=each.widen(catalog.table(each.ref)),
                described=each.put(),
                notes=each.notes(),
            )
            for each in every
        )


def _check_namespace(namespace: str) -> None:
    if not is_name(namespace):
        raise BadInput(
            f"{namespace!r} cannot be a schema.", hint="Use small letters, digits and underscores: --schema shop."
        )


def _describing(
    catalog: Catalog, namespace: str, name: str, described: DescribedSchema, told: DescribedTable | None
) -> Describing:
    ref = TableRef(catalog=DEFAULT_CATALOG, namespace=namespace, name=name)
    return Describing(catalog, ref, described, told or described.for_name(name))


def _columns(catalog: Catalog, namespace: str) -> dict[str, tuple[str, ...]]:
    """The columns of each table of a schema, by the table's name."""
    tables = (table for table in catalog.tables() if table.ref.namespace == namespace)
    return {table.ref.name: tuple(column.name for column in table.columns) for table in tables}


def _every_name(catalog: Catalog, namespace: str) -> dict[str, tuple[str, ...]]:
    """The columns of each table of a schema, also as their source calls them where nothing of that could be kept."""
    tables = (table for table in catalog.tables() if table.ref.namespace == namespace)
    return {
        table.ref.name: (
            *(column.name for column in table.columns),
            *(c.source_name for c in table.columns if c.source_name and not lake_name(c.source_name)),
        )
        for table in tables
    }
