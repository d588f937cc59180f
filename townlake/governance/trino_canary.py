"""What Trino gives the canary: a list that is there in every lake, with one column masked, one closed, rows filtered.

`information_schema` of the lake needs no table, no review and no grant, and Trino asks about it as about any table.
So a lake in which nothing is reviewed yet can prove its fence too, and nobody learns anything by being the canary.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from townlake.domain.names import DEFAULT_CATALOG
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.trino_harvest import INFORMATION

CANARY: Final = Principal(subject="canary", kind=PrincipalKind.SYSTEM)
"""As whom Skipper tries Trino's fence. Nobody can log in as it, and a person of that name is somebody else."""

TABLE: Final = "schemata"
MASKED: Final = "schema_name"
CLOSED: Final = "catalog_name"
FILTERED: Final = "tables"
"""A list of at least the lists themselves, of which one row is left."""
MASK: Final = "'[canary]'"
ROW_FILTER: Final = f"table_name = '{FILTERED}'"

_OPERATIONS: Final = frozenset(
    {
        *("AccessCatalog", "ShowSchemas", "ShowTables", "ShowColumns"),
        *("FilterCatalogs", "FilterSchemas", "FilterTables", "FilterColumns", "SelectFromColumns"),
    }
)


def canary_may(operation: str, catalog: str, schema: str, table: str, columns: Collection[str]) -> bool:
    """Whether the canary may do something.

    Args:
        operation: as Trino calls it.
        catalog: the catalog, its schema's, its table's.
        schema: of the schema or the table that is asked about; empty where none is.
        table: that is asked about; empty where none is.
        columns: of that table.

    >>> canary_may("SelectFromColumns", "lake", "information_schema", "schemata", {"schema_name"})
    True
    >>> canary_may("SelectFromColumns", "lake", "information_schema", "schemata", {"catalog_name"})
    False
    >>> canary_may("SelectFromColumns", "lake", "shop", "contacts", ())
    False
    """
    if operation not in _OPERATIONS or catalog != DEFAULT_CATALOG or schema not in {"", INFORMATION}:
        return False
    if operation != "SelectFromColumns":
        return True
    return table in {TABLE, FILTERED} and not (table == TABLE and CLOSED in columns)


def canary_row_filter(schema: str, table: str) -> str:
    """The predicate of the rows that the canary gets of a table; empty for all of them."""
    if schema != INFORMATION or table not in {TABLE, FILTERED}:
        return "false"
    return ROW_FILTER if table == FILTERED else ""


def canary_mask(schema: str, table: str, column: str) -> str:
    """How a column reads for the canary; empty for as it is."""
    if schema != INFORMATION or table not in {TABLE, FILTERED}:
        return "NULL"
    return MASK if (table, column) == (TABLE, MASKED) else ""
