"""Where tiles stand on a grid of twelve columns: as they were arranged, moved up, never one on another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.contract.dashboards import COLUMNS, Place

_WIDTH: Final = 6
_HEIGHT: Final = 4


def packed(wanted: Sequence[Place | None]) -> tuple[Place, ...]:
    """The places of tiles, in the order in which they were given.

    Tiles keep their columns and their size, and those above each other keep their order. What nobody placed comes below
    the others, half as wide as the grid, where it is highest. Packing what is packed changes nothing.

    Args:
        wanted: the place of each tile; None for one that nobody placed.

    >>> [place.y for place in packed([Place(x=0, y=9, w=6, h=2), Place(x=3, y=9, w=6, h=2), None])]
    [0, 2, 4]
    """
    depths = [0] * COLUMNS
    found: dict[int, Place] = {}
    placed = [(place.y, place.x, at) for at, place in enumerate(wanted) if place is not None]
    for _, x, at in sorted(placed):
        place = wanted[at]
        assert place is not None  # noqa: S101
        found[at] = _dropped(depths, x, place.w, place.h)
    for at, place in enumerate(wanted):
        if place is None:
            x = min(range(COLUMNS - _WIDTH + 1), key=lambda left: (max(depths[left : left + _WIDTH]), left))
            found[at] = _dropped(depths, x, _WIDTH, _HEIGHT)
    return tuple(found[at] for at in range(len(wanted)))


def _dropped(depths: list[int], x: int, w: int, h: int) -> Place:
    y = max(depths[x : x + w])
    depths[x : x + w] = [y + h] * w
    return Place(x=x, y=y, w=w, h=h)
