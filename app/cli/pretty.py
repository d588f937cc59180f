"""SQL as a person reads it."""

from __future__ import annotations

import re

_DAY = re.compile(r"CAST\('(\d{4}-\d\d-\d\d)' AS DATE\)")


def pretty_sql(sql: str) -> str:
    """The same statement on several lines; the text itself where the printer would change what it says.

    >>> print(pretty_sql("select a, cast('2026-01-31' as date) as b from t"))
    SELECT
      a,
      DATE '2026-01-31' AS b
    FROM t
    >>> pretty_sql("no statement (")
    'no statement ('
    """
    from sqlglot.errors import SqlglotError

    from townlake.sql.text import TRINO, read

    try:
        (tree,) = read(sql)
        text = _DAY.sub(r"DATE '\1'", tree.sql(TRINO, pretty=True, max_text_width=100))
        same = read(text) == [tree]
    except (SqlglotError, RecursionError, ValueError):
        return sql
    return text if same else sql
