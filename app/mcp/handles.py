"""What can be described, by the names that `search_catalog` gives."""

from __future__ import annotations

from typing import Final

TABLE: Final = "table:"
METRIC: Final = "metric:"
PAGE: Final = "page:"


def kind_and_name(handle: str) -> tuple[str, str]:
    """A handle in its parts; a name alone is that of a table.

    >>> kind_and_name("metric:revenue"), kind_and_name("shop.orders")
    (('metric:', 'revenue'), ('table:', 'shop.orders'))
    """
    for kind in (TABLE, METRIC, PAGE):
        if handle.startswith(kind):
            return kind, handle.removeprefix(kind)
    return TABLE, handle
