"""Which batches of a source a table holds, told by the snapshots that brought them.

A batch and its rows become visible in the same commit. So a load that was killed at whatever moment can be repeated:
either the rows and the name of the batch are there, or neither.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

_BATCHES: Final = "skipper.batches"
_REPLACED: Final = "skipper.replaced"


def batch_properties(batches: Collection[str], *, replaced: bool = False) -> dict[str, str]:
    """What the summary of a snapshot says of the batches that it brings.

    Args:
        batches: their names; none may hold a comma.
        replaced: the snapshot takes away all rows that were there before.

    >>> batch_properties({"b", "a"})
    {'skipper.batches': 'a,b'}
    """
    return {_BATCHES: ",".join(sorted(batches))} | ({_REPLACED: "true"} if replaced else {})


def held_batches(snapshots: Mapping[int, Mapping[str, Any]], current: int | None) -> frozenset[str]:
    """The batches whose rows are in a snapshot: its own and those before it, back to the last replacement.

    >>> first = {"summary": batch_properties({"a"})}
    >>> second = {"parent-snapshot-id": 1, "summary": batch_properties({"b"})}
    >>> third = {"parent-snapshot-id": 2, "summary": batch_properties({"c"}, replaced=True)}
    >>> snapshots = {1: first, 2: second, 3: third}
    >>> sorted(held_batches(snapshots, 2)), sorted(held_batches(snapshots, 3))
    (['a', 'b'], ['c'])
    """
    found: set[str] = set()
    while current is not None and (snapshot := snapshots.get(current)) is not None:
        summary = snapshot.get("summary") or {}
        found.update(name for name in summary.get(_BATCHES, "").split(",") if name)
        current = None if _REPLACED in summary else snapshot.get("parent-snapshot-id")
    return frozenset(found)
