"""What Trino lets the harvester do: find the tables of other sources and their columns, and read no row of them."""

from __future__ import annotations

from typing import Final

from townlake.domain.names import DEFAULT_CATALOG
from townlake.domain.principal import Principal, PrincipalKind

HARVESTER: Final = Principal(subject="harvester", kind=PrincipalKind.SYSTEM)
"""As whom Skipper looks at other sources. Nobody can log in as it, and a person of that name is somebody else."""

INFORMATION: Final = "information_schema"
LISTS: Final = frozenset({"columns", "schemata", "tables"})
"""What of `information_schema` is open: Trino fills these with what the caller may find, and asks about each."""

_CLOSED: Final = frozenset({DEFAULT_CATALOG, "system"})
"""The lake is known without a look, and `system` holds what is nobody's to find."""
_SYSTEM: Final = "system"
_COMMENTS: Final = ("metadata", "table_comments")
"""What tells the comments of tables: Trino fills it with those that the harvester may find."""
_FINDS: Final = frozenset(
    {
        *("AccessCatalog", "ShowSchemas", "ShowTables", "ShowColumns"),
        *("FilterCatalogs", "FilterSchemas", "FilterTables", "FilterColumns"),
    }
)

_LOOKS: Final = frozenset({"map_string_as_varchar", "unsupported_type_handling"})
"""The properties of a connector that the harvester sets: by them, columns that Trino does not read, or not as what they
are, show themselves."""
_READS: Final = frozenset({"FilterColumns", "SelectFromColumns"})


def harvester_sets(catalog: str, name: str) -> bool:
    """Whether the harvester may set a property of a connector for its own statements.

    >>> harvester_sets("crm", "unsupported_type_handling"), harvester_sets("crm", "write_batch_size")
    (True, False)
    """
    return catalog not in _CLOSED and name in _LOOKS


def harvester_may(operation: str, catalog: str, table: tuple[str, str] | None) -> bool:
    """Whether the harvester may do something in a catalog.

    Args:
        operation: as Trino calls it.
        catalog: the catalog, its schema's, its table's.
        table: schema and name where a table is asked about.

    >>> harvester_may("FilterTables", "crm", ("public", "orders"))
    True
    >>> harvester_may("SelectFromColumns", "crm", ("public", "orders"))
    False
    >>> harvester_may("SelectFromColumns", "crm", ("information_schema", "columns"))
    True
    """
    if catalog == _SYSTEM:
        return operation == "AccessCatalog" or (operation in _READS and table == _COMMENTS)
    if not catalog or catalog in _CLOSED:
        return False
    if operation in _FINDS:
        return True
    return operation == "SelectFromColumns" and table is not None and is_list(*table)


def is_comments(catalog: str, schema: str, table: str) -> bool:
    """True for the relation with the comments of all tables, which the harvester alone may read."""
    return catalog == _SYSTEM and (schema, table) == _COMMENTS


def lists_of(who: Principal | None) -> frozenset[str]:
    """What a caller reads without an intent, since no row of a table is in it: the comments, for the harvester.

    >>> sorted(lists_of(HARVESTER)), sorted(lists_of(Principal(subject="harvester")))
    (['system.metadata.table_comments'], [])
    """
    is_harvester = who is not None and who.model_copy(update={"on_behalf_of": None}) == HARVESTER
    return frozenset({".".join((_SYSTEM, *_COMMENTS))} if is_harvester else ())


def is_list(schema: str, table: str) -> bool:
    """True for a relation of `information_schema` that is open."""
    return schema == INFORMATION and table in LISTS
