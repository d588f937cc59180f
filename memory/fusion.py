"""From several rankings of tables to one, and from good tables to those beside them.

How the few numbers here were chosen: by complete recall@20 and @5 over the three open retrieval sets together
(`eval/bench_retrieval.py`), each in steps of a factor of about two, keeping a value where its neighbours did about as
well on all three. None was fitted to a question or a data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from memory.joins import EdgeKind
from memory.layout import Layout
from memory.visible import SharedKeys, Visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RANK_OFFSET: Final = 5
"""Of reciprocal-rank fusion. With the usual 60, rank 1 is worth only twice rank 60, and these lists have good heads."""
_SCHEMA_BOOST: Final = 0.5
_SCHEMA_TABLES: Final = 3
_JOIN_SOURCES: Final = 20
_JOIN_SHARE: Final = 0.4
_SHARED_KEY: Final = 0.5
_MOST_SHARING: Final = 500
"""A key name that more tables have says nothing of any of them."""
EDGE_WEIGHTS: Final = {EdgeKind.KEY: 1.0, EdgeKind.NAMED: 0.5, EdgeKind.LINEAGE: 0.5}


def fuse(rankings: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Reciprocal-rank fusion of scores; a score of zero is no place at all.

    >>> import numpy as np
    >>> fuse([np.array([3.0, 0.0, 1.0]), np.array([0.0, 0.0, 9.0])]).argsort().tolist()
    [1, 0, 2]
    """
    import numpy as np

    total = np.zeros(len(rankings[0]))
    for scores in rankings:
        placed = np.flatnonzero(scores > 0)
        order = placed[np.argsort(-scores[placed], kind="stable")]
        total[order] += 1 / (RANK_OFFSET + 1 + np.arange(len(order)))
    return total


def favour_one_schema(layout: Layout, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raise the tables of schemas whose best tables do well together: an answer rarely needs two schemas."""
    import numpy as np

    if not scores.any():
        return scores
    order = np.lexsort((-scores, layout.schema_of))
    schemas = layout.schema_of[order]
    place = np.arange(len(order)) - np.searchsorted(schemas, schemas)
    best = order[place < _SCHEMA_TABLES]
    mass = np.bincount(layout.schema_of[best], weights=scores[best])
    share: NDArray[np.float64] = (mass / mass.max()) ** 4
    return scores * (1 + _SCHEMA_BOOST * share[layout.schema_of])


def follow_joins(visible: Visible, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Lend each table a share of the best table that it can be joined with.

    Returns:
        The scores, and for each table the one that lent to it, or -1.
    """
    import numpy as np

    sources = np.argsort(-scores, kind="stable")[:_JOIN_SOURCES]
    sources = sources[scores[sources] > 0]
    lent, lender = np.zeros(len(scores)), np.full(len(scores), -1, dtype=np.int64)
    start, end, weight = visible.joins
    is_source = np.zeros(len(scores), dtype=bool)
    is_source[sources] = True
    used = is_source[start]
    shared = _through_shared_keys(visible.shared_keys, is_source)
    start, end = np.concatenate([start[used], shared[0]]), np.concatenate([end[used], shared[1]])
    share = np.concatenate([weight[used], shared[2]]) * scores[start]
    order = np.argsort(share, kind="stable")
    # Of several that lend to one table the last, which is the best, stays.
    lent[end[order]], lender[end[order]] = share[order], start[order]
    return scores + _JOIN_SHARE * lent, lender


def _through_shared_keys(
    keys: SharedKeys, is_source: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Tables that have a column of the same key name as a source; the more have it, the less it says."""
    import numpy as np

    telling = (keys.size > 1) & (keys.size <= _MOST_SHARING)
    mine = np.flatnonzero(is_source[keys.tables] & telling[keys.group])
    size = keys.size[keys.group[mine]]
    start = np.repeat(keys.tables[mine], size)
    # The places of each source's group, one after the other: its first place, and how far into the group.
    into = np.arange(len(start)) - np.repeat(np.cumsum(size) - size, size)
    end = keys.tables[np.repeat(keys.first[keys.group[mine]], size) + into]
    weight = np.repeat(_SHARED_KEY / np.sqrt(size - 1), size)
    other = start != end
    return start[other], end[other], weight[other]
