"""What a look at another source found: tables to keep, what is left out and why, and what is different since last time.

No row is read. Every column that was found starts closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from townlake.catalog.federated import FederatedColumn, FederatedTable, column_id
from townlake.domain.errors import BadInput
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name
from townlake.domain.value import Value
from townlake.engines.trino.information import Found, FoundColumn
from townlake.sql.types import UnknownTypeName, parse_type

_OWN: Final = frozenset({DEFAULT_CATALOG, "system"})
_LONGEST_COMMENT: Final = 1_000
_OF_A_MESSAGE: Final = ("message", "key", "headers")
_OFFSET: Final = "partition_offset"
_OF_THE_SOURCE: Final = "here the source tells of itself; name it with --schema to take it in"
_HIDDEN: Final = (
    "Trino does not have its type; unsupported-type-handling=CONVERT_TO_VARCHAR in the catalog's properties makes "
    "text of it"
)
_AS_TEXT: Final = "Trino does not have its type: its connector makes this text"
_AS_BYTES: Final = (
    "a String of ClickHouse; clickhouse.map-string-as-varchar=true in the catalog's properties makes it varchar, which "
    "is another column to review"
)


class Remark(Value):
    """What is to be known of a schema, a table or a column."""

    name: str
    why: str


class Harvest(Value):
    """What is to be kept of a source."""

    tables: tuple[FederatedTable, ...]
    left_out: tuple[Remark, ...] = ()
    """What no statement will read."""
    as_text: tuple[Remark, ...] = ()
    """Columns that read as texts that their connector makes."""
    as_bytes: tuple[Remark, ...] = ()
    """Texts that read as bytes."""


class Changed(Value):
    """A table with other columns than before. A column of another type is both gone and new."""

    table: TableRef
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class Difference(Value):
    """What a harvest changed."""

    new: tuple[TableRef, ...] = ()
    gone: tuple[TableRef, ...] = ()
    changed: tuple[Changed, ...] = ()


def check_source(catalog: str, schema: str | None) -> None:
    """Refuse what is no other source.

    Raises:
        BadInput: the lake itself, Trino's own catalog, or a name that no statement can write.
    """
    if catalog in _OWN:
        raise BadInput(f"{catalog} is no other source.", hint="Name a catalog of Trino such as crm.")
    for name, what in ((catalog, "catalog"), (schema, "schema")):
        if name is not None and not is_name(name):
            raise BadInput(
                f"{name!r} cannot be a {what}.", hint="Use the name that Trino has: small letters, digits, underscores."
            )


def gather(catalog: str, found: Found) -> Harvest:
    """The tables of a source whose names a statement can write.

    >>> column = FoundColumn("public", "orders", "id", "bigint", False, "")
    >>> harvest = gather("pg", Found((("public", "orders"), ("public", "Odd One")), (column,)))
    >>> [str(table.ref) for table in harvest.tables], [each.name for each in harvest.left_out]
    (['pg.public.orders'], ['pg.public.Odd One'])
    """
    by_table: dict[tuple[str, str], list[FoundColumn]] = {place: [] for place in found.tables}
    for column in found.columns:
        by_table.setdefault((column.schema, column.table), []).append(column)
    failed = found.failed
    tables = []
    left_out = [Remark(name=f"{catalog}.{schema}", why=_OF_THE_SOURCE) for schema in found.of_the_source]
    for (schema, name), columns in by_table.items():
        full = f"{catalog}.{schema}.{name}"
        if not (is_name(schema) and is_name(name)):
            left_out.append(Remark(name=full, why="no statement can write this name"))
            continue
        kept, odd = _columns(columns)
        left_out += [Remark(name=f"{full}.{column}", why=why) for column, why in odd]
        if kept:
            ref = TableRef(catalog=catalog, namespace=schema, name=name)
            comment = _one_line(found.comments.get((schema, name), ""))
            tables.append(FederatedTable(ref=ref, columns=tuple(kept), comment=comment))
        elif (schema, name) in failed:
            left_out.append(Remark(name=full, why=f"Trino cannot tell its columns ({failed[schema, name]})"))
        elif not odd:
            left_out.append(Remark(name=full, why="Trino finds no column in it"))
    left_out += [_remark(catalog, column, _HIDDEN) for column in found.hidden]
    return Harvest(
        tables=tuple(tables),
        left_out=tuple(left_out),
        as_text=tuple(_remark(catalog, column, _AS_TEXT) for column in found.as_text if is_name(column.name)),
        as_bytes=tuple(_remark(catalog, column, _AS_BYTES) for column in found.as_bytes if is_name(column.name)),
    )


def _remark(catalog: str, column: FoundColumn, why: str) -> Remark:
    return Remark(name=f"{catalog}.{column.schema}.{column.table}.{column.name}", why=why)


def _columns(found: Sequence[FoundColumn]) -> tuple[list[FederatedColumn], list[tuple[str, str]]]:
    """Those to keep, and the names of the others, each with the reason."""
    kept: list[FederatedColumn] = []
    odd: list[tuple[str, str]] = []
    ids: set[int] = set()
    times = Counter(column.name for column in found)
    whole = whole_messages({column.name for column in found})
    for column in found:
        kind = _written(column.type)
        if not is_name(column.name):
            odd.append((column.name, "no statement can write this name"))
        elif column.name in whole:
            odd.append((column.name, "it holds the whole message, and so all that other columns hide"))
        elif times[column.name] > 1:
            odd.append((column.name, "two columns of the source have this name"))
        elif kind is None:
            odd.append((column.name, f"the type {column.type} is not known here"))
        elif column_id(column.name, kind) in ids:
            # One in two thousand millions for each pair; one decision must not stand for two columns.
            odd.append((column.name, "it cannot be told from another column"))
        else:
            ids.add(column_id(column.name, kind))
            comment = _one_line(column.comment)
            kept.append(FederatedColumn(name=column.name, type=kind, nullable=column.nullable, comment=comment))
    return kept, odd


def whole_messages(names: Collection[str]) -> frozenset[str]:
    """The columns in which Trino's Kafka connector shows a message as it is, where a table has them.

    Whoever masks a field of the message would leave it open there. A prefix of these names can be set.

    >>> sorted(whole_messages({"id", *("_" + name for name in (*_OF_A_MESSAGE, "partition_offset"))}))
    ['_headers', '_key', '_message']
    >>> whole_messages({"id", "_message"})
    frozenset()
    """
    ends = (name.removesuffix(_OFFSET) for name in names if name.endswith(_OFFSET))
    kinds = (frozenset(prefix + name for name in _OF_A_MESSAGE) for prefix in ends)
    return frozenset().union(*(kind for kind in kinds if kind.issubset(names)))


def _one_line(comment: str) -> str:
    """Whoever may change the source writes these words, so they are kept short and plain."""
    return "".join(letter for letter in " ".join(comment.split()) if letter.isprintable())[:_LONGEST_COMMENT]


def _written(kind: str) -> str | None:
    """The type in the one way that it is written here, or None."""
    try:
        return str(parse_type(kind))
    except UnknownTypeName:
        return None


def compare(before: Iterable[FederatedTable], after: Iterable[FederatedTable]) -> Difference:
    """What is new, gone and changed."""
    old, new = _by_ref(before), _by_ref(after)
    changed = (_changed(old[ref], table) for ref, table in new.items() if ref in old)
    return Difference(
        new=tuple(ref for ref in new if ref not in old),
        gone=tuple(ref for ref in old if ref not in new),
        changed=tuple(each for each in changed if each.new or each.gone),
    )


def _by_ref(tables: Iterable[FederatedTable]) -> Mapping[TableRef, FederatedTable]:
    return {table.ref: table for table in tables}


def _changed(old: FederatedTable, new: FederatedTable) -> Changed:
    was, now = ([f"{c.name} {c.type}" for c in table.columns] for table in (old, new))
    return Changed(
        table=new.ref,
        new=tuple(each for each in now if each not in was),
        gone=tuple(each for each in was if each not in now),
    )
