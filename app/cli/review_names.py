"""The options that the commands of `skipper review` share, and the tables and columns that a name means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.tables import find_table

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import ColumnInfo, TableInfo

TARGET_HELP = "A schema (crm), a table (crm.contacts) or a column (lake.crm.contacts.email)."
Target = Annotated[str, typer.Argument(metavar="TARGET", help=TARGET_HELP)]
Table = Annotated[str, typer.Argument(metavar="TABLE", help="A table: lake.crm.contacts or crm.contacts.")]
Column = Annotated[str, typer.Argument(metavar="COLUMN", help="A column: lake.crm.contacts.email.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is kept in the history.")]

Seen = Annotated[
    str | None,
    typer.Option(
        "--seen",
        metavar="DIGEST",
        help="Decide only if all is as `review show` told it, which gives this digest of a table or a column.",
    ),
]


def targets(workspace: Workspace, name: str) -> list[tuple[TableInfo, Sequence[str] | None]]:
    """The tables and columns meant: a schema, a table, or a column, with the catalog in front or without.

    Raises:
        NotFound: there is none of that name.
        InvalidName: it can be none.
    """
    from townlake.domain.errors import NotFound
    from townlake.domain.names import DEFAULT_CATALOG, ColumnRef

    # No schema is called like a catalog, so that a name with one in front has one meaning.
    tables = workspace.catalog.tables()
    catalogs = {DEFAULT_CATALOG, *(info.ref.catalog for info in tables)}
    first, dot, rest = name.strip().lower().partition(".")
    catalog, inside = (first, rest) if dot and first in catalogs else (DEFAULT_CATALOG, name.strip().lower())
    parts = inside.count(".") + 1
    if parts == 1:
        found = [info for info in tables if (info.ref.catalog, info.ref.namespace) == (catalog, inside)]
        if not found:
            raise NotFound(f"There is no schema {name}.", hint="`skipper tables` lists them.")
        return [(info, None) for info in found]
    if parts == 2:
        return [(find_table(workspace, f"{catalog}.{inside}"), None)]
    column = ColumnRef.parse(f"{catalog}.{inside}")
    return [(find_table(workspace, str(column.table)), (column.column,))]


def one_column(workspace: Workspace, name: str) -> tuple[TableInfo, ColumnInfo]:
    """The table and the column of that name.

    Raises:
        BadInput: it names no single column.
        NotFound: there is none.
    """
    from townlake.domain.errors import BadInput, NotFound

    info, names = targets(workspace, name)[0]
    if names is None:
        raise BadInput(f"{name} is not one column.", hint="Write schema.table.column.")
    column = info.column(names[0])
    if column is None:
        raise NotFound(f"{info.ref} has no column {names[0]}.", hint=f"`skipper review show {info.ref}`.")
    return info, column
