"""Names of tables and columns as the lake writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Final

from townlake.domain.errors import BadInput
from townlake.domain.names import is_name

_OTHER: Final = re.compile(r"[^a-z0-9_]+")
_PLACE: Final = re.compile(r"column_\d+")


def lake_name(given: str) -> str:
    """The name in small letters, digits and underscores; empty when nothing of it can be kept but digits.

    >>> [lake_name(name) for name in ("Unit Price (EUR)", "Größe", "2nd_try", "order_id", "%", "2026")]
    ['unit_price_eur', 'grosse', '_2nd_try', 'order_id', '', '_2026']
    >>> lake_name("\u0418\u043c\u044f 1"), lake_name("\u0418\u043c\u044f (ID)")
    ('', 'id')
    """
    plain = _plain(given)
    if is_name(plain):
        return plain
    kept = _OTHER.sub("_", plain).strip("_")
    if is_lossy(given) and not any(map(str.isalpha, kept)):
        return ""
    return f"_{kept}" if kept[:1].isdigit() else kept


def is_lossy(given: str) -> bool:
    """True where letters of a name cannot be kept, so that two names may have the same rest.

    >>> is_lossy("Gr\u00f6\u00dfe (m)"), is_lossy("\u0418\u043c\u044f (ID)")
    (False, True)
    """
    return not given.isascii() and any(letter.isalpha() and not _plain(letter) for letter in given)


def is_place(name: str) -> bool:
    """True for what a column of which no name can be kept is called."""
    return _PLACE.fullmatch(name) is not None


def _plain(given: str) -> str:
    return unicodedata.normalize("NFKD", given.casefold()).encode("ascii", "ignore").decode()


MOST_COLUMNS: Final = 2_000
"""Of a table. Wider ones are values in the place of names, and take minutes to write and to plan."""


LONGEST_SOURCE_NAME: Final = 300
"""Characters of a header that are kept beside the lake's name of a column."""


def source_name(given: str) -> str:
    """A header as it is kept: what follows its first characters is noise."""
    return given[:LONGEST_SOURCE_NAME]


def lake_names(given: Sequence[str], where: str, taken: Collection[str] = ()) -> tuple[str, ...]:
    """The names of a table's columns; one of whose name nothing can be kept, or too little, is called by its place.

    >>> lake_names(["Id", "", "Total $"], "orders.csv")
    ('id', 'column_2', 'total')
    >>> lake_names(["\u96fb\u8a71", "id"], "orders.csv", taken={"column_1"})
    ('column_3', 'id')
    >>> lake_names(["id", "\u0418\u043c\u044f (ID)"], "orders.csv")
    ('id', 'column_2')

    Args:
        given: names in the file, or in the lake.
        where: the file, for errors.
        taken: names that columns of the table have: no place, and no rest of a name, gives one of them.

    Raises:
        BadInput: two columns would have one name, or there are too many.
    """
    if len(given) > MOST_COLUMNS:
        raise BadInput(
            f"{where}: {len(given):,} columns are too many; the lake takes {MOST_COLUMNS:,}.",
            hint="Split the file, or write it as rows of key, name and value.",
        )
    found: dict[str, str] = {}
    met: set[str] = set()
    whole = {lake_name(name) for name in given if not is_lossy(name)}
    kept = {*taken, *map(lake_name, given)}
    for place, name in enumerate(given, start=1):
        made = lake_name(name)
        if not made or (is_lossy(name) and (made in whole or made in taken or made in found)):
            made = next(each for each in _places(place, len(given)) if each not in kept)
            kept.add(made)
        if made in found or name in met:
            raise BadInput(
                f"{where}: the columns {found.get(made, name)!r} and {name!r} would both be called {made}.",
                hint="Rename one of them in the file.",
            )
        found[made] = name
        met.add(name)
    return tuple(found)


def _places(place: int, columns: int) -> Iterator[str]:
    """The column's own place, then those behind the last one."""
    yield f"column_{place}"
    yield from (f"column_{number}" for number in count(columns + 1))
