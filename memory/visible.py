"""A caller's sight over the rows of an index, so that ranking never meets another row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from memory.joins import EdgeKind
from memory.layout import Layout
from memory.sight import Sight
from townlake.domain.table import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TITLE_WEIGHT: Final = 3
"""A word in a table's name counts as often as this many elsewhere."""
TIER_FACTOR: Final = {Tier.CURATED: 1.15, Tier.RAW: 1.0, Tier.DEPRECATED: 0.5}


@dataclass(frozen=True)
class SharedKeys:
    """Visible columns by the key name that they share with others of their schema."""

    tables: NDArray[np.int64]
    """The table of each such column, side by side for each name."""
    group: NDArray[np.int64]
    """The name of each, as a number."""
    first: NDArray[np.int64]
    """Where each name begins."""
    size: NDArray[np.int64]
    """How many columns have each name."""


@dataclass(frozen=True)
class Visible:
    """What of an index exists for one caller."""

    rows: NDArray[np.bool_]
    """Every row: found or not."""
    found: NDArray[np.bool_]
    """Every table: its name may be found."""
    columns: NDArray[np.int64]
    """The rows of visible columns."""
    is_column: NDArray[np.bool_]
    """Every row: a visible column."""
    tier: NDArray[np.float64]
    """What the score of each table is multiplied with: by its tier, zero when it is not found."""
    everything: bool
    """Every column is visible."""
    column_count: NDArray[np.int64]
    """Visible columns of each table."""
    table_length: NDArray[np.float64]
    """Words of each table with its visible columns, those of its name weighted."""
    mean_table_length: float
    column_length: NDArray[np.float64]
    """Words of each row of a column, its table's name included."""
    mean_column_length: float
    joins: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
    """Edges that the caller may know of, in both directions: from, to, weight."""
    shared_keys: SharedKeys


def see(layout: Layout, sight: Sight, weights: dict[EdgeKind, float]) -> Visible:
    """Lay a sight over an index. Takes some milliseconds for each 10,000 columns: keep the result with the sight."""
    import numpy as np

    same = (
        ref in sight.tables and sight.uuids.get(ref) == uuid
        for ref, uuid in zip(layout.tables, layout.uuids, strict=True)
    )
    found = np.fromiter(same, dtype=bool, count=len(layout.tables))
    shown = np.zeros(layout.width, dtype=bool)
    shown[layout.start] = found
    ends = np.append(layout.start[1:], layout.width)
    for ref, names in sight.columns.items():
        number = layout.numbers.get(ref)
        if number is None or not found[number]:
            continue
        first, last = layout.start[number] + 1, ends[number]
        fields = sight.fields.get(ref, {})
        pairs = zip(layout.names[first:last], layout.fields[first:last], strict=True)
        shown[first:last] = [name in names and fields.get(name) == field for name, field in pairs]
    is_visible_column = shown & layout.is_column
    columns = np.flatnonzero(is_visible_column)
    column_count = np.bincount(layout.table_of[columns], minlength=len(layout.tables))
    notes = [
        all(number >= 0 and column_count[number] > 0 for number in note.reads)
        and all(row >= 0 and shown[row] for row in note.sees)
        for note in layout.notes
    ]
    title, text = layout.title_words[: layout.width], layout.text_words[: layout.width]
    own = (title + text).astype(np.float64)
    table_length = (TITLE_WEIGHT * title + text)[layout.start].astype(np.float64)
    table_length += np.bincount(layout.table_of[columns], weights=own[columns], minlength=len(layout.tables))
    column_length = own + title[layout.start][layout.table_of]
    return Visible(
        rows=np.concatenate([shown, np.array(notes, dtype=bool)]),
        found=found,
        columns=columns,
        is_column=np.concatenate([is_visible_column, np.zeros(len(notes), dtype=bool)]),
        tier=np.array([TIER_FACTOR[tier] for tier in layout.tiers]) * found,
        everything=len(columns) == int(layout.is_column.sum()),
        column_count=column_count,
        table_length=table_length,
        mean_table_length=_mean(table_length[found]),
        column_length=column_length,
        mean_column_length=_mean(column_length[columns]),
        joins=_joins(layout, shown, found, weights),
        shared_keys=_shared_keys(layout, columns),
    )


def _joins(
    layout: Layout, shown: NDArray[np.bool_], found: NDArray[np.bool_], weights: dict[EdgeKind, float]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    import numpy as np

    known = [
        (join.source, join.target, weights[join.kind])
        for join in layout.joins
        if found[join.source] and found[join.target] and all(row >= 0 and shown[row] for row in join.sees)
    ]
    source = np.array([source for source, _, _ in known], dtype=np.int64)
    target = np.array([target for _, target, _ in known], dtype=np.int64)
    weight = np.array([weight for *_, weight in known], dtype=np.float64)
    return np.concatenate([source, target]), np.concatenate([target, source]), np.concatenate([weight, weight])


def _shared_keys(layout: Layout, columns: NDArray[np.int64]) -> SharedKeys:
    import numpy as np

    rows = columns[layout.key_group[columns] >= 0]
    rows = rows[np.argsort(layout.key_group[rows], kind="stable")]
    group = layout.key_group[rows]
    size = np.bincount(group, minlength=1)
    return SharedKeys(
        tables=layout.table_of[rows], group=group, first=np.searchsorted(group, np.arange(len(size))), size=size
    )


def _mean(lengths: NDArray[np.float64]) -> float:
    return max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
