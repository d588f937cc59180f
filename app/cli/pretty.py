"""SQL as a person reads it."""

from __future__ import annotations


def pretty_sql(sql: str) -> str:
    """The same statement on several lines; the text itself where the printer would change what it says.

    >>> print(pretty_sql("select 1 as a, b from t"))
    SELECT
      1 AS a,
      b
    FROM t
    >>> pretty_sql("no statement (")
    'no statement ('
    """
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(sql, read="trino")
        text = tree.sql("trino", pretty=True, max_text_width=100)
        same = parse_one(text, read="trino") == tree
    except (SqlglotError, RecursionError):
        return sql
    return text if same else sql
