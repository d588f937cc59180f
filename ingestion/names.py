"""Names of tables and columns as the lake writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from townlake.domain.errors import BadInput
from townlake.domain.names import is_name

_OTHER: Final = re.compile(r"[^a-z0-9_]+")


def lake_name(given: str) -> str:
    """The name in small letters, digits and underscores; empty when nothing of it can be kept.

    >>> [lake_name(name) for name in ("Unit Price (EUR)", "Größe", "2nd_try", "order_id", "%")]
    ['unit_price_eur', 'grosse', '_2nd_try', 'order_id', '']
    """
    plain = unicodedata.normalize("NFKD", given.casefold()).encode("ascii", "ignore").decode()
    if is_name(plain):
        return plain
    kept = _OTHER.sub("_", plain).strip("_")
    return f"_{kept}" if kept[:1].isdigit() else kept


MOST_COLUMNS: Final = 2_000
"""Of a table. Wider ones are values in the place of names, and take minutes to write and to plan."""


def lake_names(given: Sequence[str], where: str) -> tuple[str, ...]:
    """The names of a table's columns; a column without a name is called by its place.

    >>> lake_names(["Id", "", "Total $"], "orders.csv")
    ('id', 'column_2', 'total')

    Raises:
        BadInput: two columns would have one name, or there are too many.
    """
    if len(given) > MOST_COLUMNS:
        raise BadInput(
            f"{where}: {len(given):,} columns are too many; the lake takes {MOST_COLUMNS:,}.",
            hint="Split the file, or write it as rows of key, name and value.",
        )
    found: dict[str, str] = {}
    for place, name in enumerate(given, start=1):
        made = lake_name(name) or f"column_{place}"
        if made in found:
            raise BadInput(
                f"{where}: the columns {found[made]!r} and {name!r} would both be called {made}.",
                hint="Rename one of them in the file.",
            )
        found[made] = name
    return tuple(found)
