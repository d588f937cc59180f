"""Read a table of a test's lake straight from its files."""

from __future__ import annotations

from typing import Any

from townlake.catalog.catalog import Catalog
from townlake.domain.names import TableRef


def rows_of(catalog: Catalog, name: str) -> list[dict[str, Any]]:
    """All rows of a table of the newest snapshot, through PyIceberg."""
    from pyiceberg.table import StaticTable

    info = catalog.table(TableRef.parse(name))
    assert info is not None
    return list(StaticTable.from_metadata(info.metadata_location).scan().to_arrow().to_pylist())


def types_of(catalog: Catalog, name: str) -> dict[str, str]:
    info = catalog.table(TableRef.parse(name))
    assert info is not None
    return {column.name: column.type for column in info.columns}
