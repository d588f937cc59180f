"""Reads every table at the snapshot that was checked."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from townlake.domain.names import TableRef
from townlake.domain.verdict import Scan
from townlake.sql.text import generate, read


def pinned(sql: str, scans: Iterable[Scan]) -> str:
    """The statement with `FOR VERSION AS OF` at the tables of its scans.

    Trino reads an older snapshot with the schema that it was written with. A table whose schema is newer than its
    newest snapshot is therefore read as it is now: its rows are the same. One without a snapshot is empty. Tables of
    other sources have no versions, and are read as they are.

    Args:
        sql: a checked statement: its tables have all three parts of their names.
        scans: the tables that it reads.

    >>> from townlake.domain.verdict import Scan
    >>> scan = Scan(table=TableRef.parse("lake.crm.x"), table_uuid="", metadata_location="", snapshot_id=7, columns=())
    >>> pinned('SELECT "a" FROM "lake"."crm"."x" AS "y"', [scan])
    'SELECT "a" FROM "lake"."crm"."x" FOR VERSION AS OF 7 AS "y"'
    """
    by_table = {scan.table: scan for scan in scans}
    (tree,) = read(sql)
    for node in list(tree.find_all(exp.Table)):
        scan = by_table.get(_ref(node)) if node.catalog else None
        if scan is None or scan.schema_is_newer or scan.table.is_federated:
            continue
        if scan.snapshot_id is None:
            node.replace(_empty(node))
        else:
            number = exp.Literal.number(scan.snapshot_id)
            node.set("version", exp.Version(this="VERSION", kind="AS OF", expression=number))
    return generate(tree)


def _ref(node: exp.Table) -> TableRef:
    return TableRef(catalog=node.catalog, namespace=node.db, name=node.name)


def _empty(node: exp.Table) -> exp.Subquery:
    alias = node.alias or node.name
    bare = exp.table_(node.this.copy(), db=node.args["db"].copy(), catalog=node.args["catalog"].copy())
    query = exp.Select(expressions=[exp.Star()]).from_(bare).where(exp.false())
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
