"""Which files a table was loaded from, so that none is loaded twice.

Kept with the lineage of the table: the files are the source of its columns, and the run names them by their contents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from townlake.catalog.lineage import LineageEdge
from townlake.domain.errors import BadInput
from townlake.domain.names import ColumnRef, TableRef

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog

FILES: Final = "files"
"""The system that files are said to come from."""
_PREFIX: Final = "files:"


def digest(path: Path) -> str:
    """What the file holds, in 32 letters.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:32]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def loaded(catalog: Catalog, table: TableRef) -> frozenset[str]:
    """The digests of the files whose rows the table has."""
    runs = (edge.run for edge in catalog.lineage(table) if edge.source.table == _origin(table))
    return frozenset(found for run in runs if run.startswith(_PREFIX) for found in run.removeprefix(_PREFIX).split(","))


def remember(catalog: Catalog, table: TableRef, columns: Iterable[str], digests: Iterable[str]) -> None:
    """Say from which files all rows of the table come."""
    run = _PREFIX + ",".join(sorted(digests))
    origin = _origin(table)
    catalog.add_lineage(
        LineageEdge(
            source=ColumnRef(table=origin, column=name),
            target=ColumnRef(table=table, column=name),
            kind="copy",
            run=run,
        )
        for name in columns
    )


def _origin(table: TableRef) -> TableRef:
    return TableRef(catalog=FILES, namespace=table.namespace, name=table.name)
