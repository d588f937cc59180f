"""The options that the commands of `skipper review` share, and the column that a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.tables import targets

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
