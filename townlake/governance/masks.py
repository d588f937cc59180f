"""How a masked column reads: a Trino expression over the raw column, of the column's own type.

It stands in the scan of the table, so predicates, joins and orders see the mask and
never the value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sqlglot import exp

from townlake.domain.review import MaskMethod
from townlake.sql.text import read

REDACTED: Final = "[redacted]"

_TEXT: Final = frozenset({"varchar", "char"})
_TIMES: Final = frozenset({"date", "timestamp"})
_NUMBERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"})

_LAST4: Final = f"CASE WHEN length(x) >= 8 THEN substr(x, -4) ELSE '{REDACTED}' END"
_DOMAIN: Final = (
    rf"CASE WHEN regexp_like(x, '^[^@\s]+@[^@\s]+$') THEN substr(x, strpos(x, '@') + 1) ELSE '{REDACTED}' END"
)
_YEAR: Final = "date_trunc('year', x)"
# Digits are counted on the text of the whole part: a logarithm is not exact, and that of zero is an error.
_SIZE: Final = "abs(CAST(x AS double))"
_POWER: Final = f"power(1E1, length(CAST(TRY_CAST(floor({_SIZE}) AS decimal(38, 0)) AS varchar)) - 1)"
_BAND: Final = f"sign(x) * floor({_SIZE} / {_POWER}) * {_POWER}"


def mask_expression(method: MaskMethod, column: str, type: str) -> exp.Expr:  # noqa: A002 - the field's name
    """The value that stands in for a column.

    A method that does not fit the type gives the stricter mask: text is redacted,
    everything else is NULL.

    Args:
        method: how the reviewer wants it masked.
        column: the raw column's name.
        type: its type as Trino writes it, in lower case.

    >>> mask_expression(MaskMethod.REDACT, "email", "varchar").sql("trino")
    "CAST('[redacted]' AS VARCHAR)"
    >>> mask_expression(MaskMethod.REDACT, "salary", "decimal(12,2)").sql("trino")
    'CAST(NULL AS DECIMAL(12, 2))'
    >>> print(mask_expression(MaskMethod.YEAR, "born", "date").sql("trino"))
    CAST(DATE_TRUNC('YEAR', "born") AS DATE)
    """
    return _mask(method, column, type).copy()


@lru_cache(maxsize=1024)
def _mask(method: MaskMethod, column: str, type_name: str) -> exp.Expr:
    (template,) = read(_template(method, type_name))
    for raw in list(template.find_all(exp.Column)):
        raw.this.replace(exp.to_identifier(column, quoted=True))
    return exp.Cast(this=template, to=exp.DataType.build(type_name, dialect="trino"))


def _template(method: MaskMethod, type_name: str) -> str:
    """The mask over a column called `x`."""
    found = re.match(r"[a-z]+", type_name)
    base = found[0] if found else ""
    if base in _TEXT:
        return {
            MaskMethod.NULL: "NULL",
            MaskMethod.LAST4: _LAST4,
            MaskMethod.DOMAIN: _DOMAIN,
        }.get(method, f"'{REDACTED}'")
    if method is MaskMethod.YEAR and base in _TIMES:
        return _YEAR
    if method is MaskMethod.BAND and base in _NUMBERS:
        return _BAND
    return "NULL"
