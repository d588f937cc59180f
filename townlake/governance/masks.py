"""How a masked column reads: a Trino expression over the raw column, of the column's own type.

It stands in the scan of the table, so predicates, joins and orders see the mask and
never the value.

A mask over a mask is the mask: the guard and Trino may both lay theirs, and nobody need know of the other.
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

_LAST4: Final = (
    f"CASE WHEN length(x) >= 8 AND x <> '{REDACTED}' THEN concat('****', substr(x, -4)) ELSE '{REDACTED}' END"
)
_DOMAIN: Final = rf"CASE WHEN regexp_like(x, '^[^@\s]*@[^@\s]+$') THEN substr(x, strpos(x, '@')) ELSE '{REDACTED}' END"
_YEAR: Final = "date_trunc('year', x)"


def _band(precision: str) -> str:
    """A number rounded down to its first digit.

    Args:
        precision: how far, in parts of it, the type may store a number from where it was meant to be.
    """
    # A hair above, so that 500000000000000, which a real holds as 499999993495552, does not fall into the next band.
    size = f"abs(CAST(x AS double)) * (1E0 + {precision})"
    # Digits are counted on the text of the whole part: a logarithm is not exact, and that of zero is an error.
    power = f"power(1E1, length(CAST(TRY_CAST(floor({size}) AS decimal(38, 0)) AS varchar)) - 1)"
    return f"sign(x) * floor({size} / {power}) * {power}"


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
        return _band("1E-7" if base == "real" else "1E-12")
    return "NULL"
