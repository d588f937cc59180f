"""Tables by the names that a person types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from townlake.domain.errors import NotFound
from townlake.domain.names import DEFAULT_CATALOG, ColumnRef, TableRef

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.table_view import TableView

_MOST: Final = 3


def find_table(workspace: Workspace, name: str) -> TableInfo:
    """The table of that name, open or closed: whoever reviews must see what is closed.

    Raises:
        NotFound: there is none.
        InvalidName: it cannot be the name of a table.
    """
    info = workspace.catalog.table(TableRef.parse(name))
    if info is None:
        raise no_such_table(name, (table.ref for table in workspace.catalog.tables()))
    return info


def targets(workspace: Workspace, name: str) -> list[tuple[TableInfo, Sequence[str] | None]]:
    """The tables and columns meant: a schema, a table, or a column, with the catalog in front or without.

    Raises:
        NotFound: there is none of that name.
        InvalidName: it can be none.
    """
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


def findable_table(workspace: Workspace, name: str, caller: Principal) -> TableView:
    """The table of that name as a caller may see it.

    Raises:
        NotFound: there is none that the caller can find.
        InvalidName: it cannot be the name of a table.
    """
    view = workspace.lake.table(TableRef.parse(name), caller)
    if view is None:
        raise no_such_table(name, (other.info.ref for other in workspace.lake.tables(caller)))
    return view


def telling_source(name: str, source_name: str) -> str:
    """What a source calls a column, where that says more than the lake's name; else nothing.

    >>> telling_source("unit_price", "Unit Price"), telling_source("telephone_n", "Téléphone n°")
    ('', 'Téléphone n°')
    """
    said, kept = ("".join(filter(str.isalnum, each.casefold())) for each in (source_name, name))
    return "" if said == kept else source_name


def no_such_table(name: str, findable: Iterable[TableRef]) -> NotFound:
    """The error for a name that nothing has, with the nearest names.

    Args:
        name: as it was typed: a schema, or a table with its schema.
        findable: the tables whose names the caller may know.

    >>> no_such_table("shop.ordrs", [TableRef.parse("shop.orders")]).hint
    'Did you mean shop.orders? `skipper tables` lists what is there.'
    >>> no_such_table("orders", [TableRef.parse("shop.orders")]).message
    'There is no schema orders.'
    """
    refs = list(findable)
    kind = "table" if "." in name else "schema"
    around = name.lower().rpartition(".")[0]
    if any(around in (str(ref), ref.short) for ref in refs):
        return NotFound(
            f"There is no table {name}.", hint=f"{around} is one: `skipper tables {around}` shows its columns."
        )
    near = nearest_tables(name.lower(), refs)
    hint = f"{did_you_mean(near)} `skipper tables` lists what is there.".lstrip()
    return NotFound(f"There is no {kind} {name}.", hint=hint)


def did_you_mean(near: Sequence[str]) -> str:
    """The names that may be meant, as a sentence; empty where there are none.

    >>> did_you_mean(["shop.orders", "shop.order_lines"]), did_you_mean([])
    ('Did you mean shop.orders or shop.order_lines?', '')
    """
    return f"Did you mean {' or '.join(near)}?" if near else ""


def nearest_tables(name: str, findable: Iterable[TableRef]) -> list[str]:
    """The tables, and for a name without a dot the schemas, that may be meant by a wrong name; the likeliest first."""
    refs = list(findable)
    last = name.rpartition(".")[2]
    full = [ref.short for ref in refs]
    if "." in name:
        # The right table in a wrong schema comes first.
        same = [short for ref, short in zip(refs, full, strict=True) if ref.name == last]
        wanted = ".".join(name.split(".")[-2:])
        return list(dict.fromkeys([*same, *get_close_matches(wanted, full, n=_MOST, cutoff=0.6)]))[:_MOST]
    by_table = {ref.name: short for ref, short in zip(refs, full, strict=True)}
    schemas = {ref.namespace: ref.namespace for ref in refs}
    near = get_close_matches(last, [*schemas, *by_table], n=_MOST, cutoff=0.6)
    return list(dict.fromkeys(schemas.get(each) or by_table[each] for each in near))
