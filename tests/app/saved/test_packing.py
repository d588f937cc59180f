"""Tiles never lie on one another, stay on the grid, and stay where they are once they are packed."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.contract.dashboards import COLUMNS, MOST_HIGH, MOST_TILES, Place
from app.saved.packing import packed


@st.composite
def places(draw: st.DrawFn) -> Place:
    x = draw(st.integers(0, COLUMNS - 1))
    w = draw(st.integers(1, COLUMNS - x))
    return Place(x=x, y=draw(st.integers(0, MOST_TILES * MOST_HIGH)), w=w, h=draw(st.integers(1, MOST_HIGH)))


GRIDS = st.lists(st.none() | places(), max_size=MOST_TILES)


def side_by_side(one: Place, other: Place) -> bool:
    return one.x + one.w <= other.x or other.x + other.w <= one.x


def overlap(one: Place, other: Place) -> bool:
    return not (side_by_side(one, other) or one.y + one.h <= other.y or other.y + other.h <= one.y)


@given(GRIDS)
def test_none_lies_on_another_and_all_are_there(wanted: list[Place | None]) -> None:
    found = packed(wanted)
    assert len(found) == len(wanted)
    assert not any(overlap(one, other) for one, other in itertools.combinations(found, 2))


@given(GRIDS)
def test_packing_what_is_packed_changes_nothing(wanted: list[Place | None]) -> None:
    found = packed(wanted)
    assert packed(found) == found


@given(GRIDS)
def test_who_was_placed_keeps_columns_and_size_and_goes_only_up(wanted: list[Place | None]) -> None:
    found = [(place, packed_at) for place, packed_at in zip(wanted, packed(wanted), strict=True) if place is not None]
    for before, after in found:
        assert (after.x, after.w, after.h) == (before.x, before.w, before.h)
    for (one, one_now), (other, other_now) in itertools.permutations(found, 2):
        if not side_by_side(one, other) and one.y + one.h <= other.y:
            assert one_now.y + one_now.h <= other_now.y


@given(GRIDS)
def test_every_tile_touches_the_top_or_another(wanted: list[Place | None]) -> None:
    found = packed(wanted)
    for each in found:
        assert each.y == 0 or any(other.y + other.h == each.y and not side_by_side(each, other) for other in found)


def test_forty_of_the_highest_still_have_a_place() -> None:
    tall = Place(x=0, y=0, w=COLUMNS, h=MOST_HIGH)
    assert packed([tall] * MOST_TILES)[-1].y == (MOST_TILES - 1) * MOST_HIGH
