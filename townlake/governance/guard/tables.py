"""Find the table that a statement names, or say, always in the same words, that there is none to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.domain.names import TableRef
from townlake.governance.guard.findings import quoted
from townlake.governance.guard.relation import Leaf
from townlake.governance.guard.resolution import Resolution
from townlake.governance.guard.sight import Sight

_NAME: Final = re.compile(r"[a-z0-9_]+")


def find_leaf(res: Resolution, node: exp.Table, parts: Sequence[str]) -> Leaf | None:
    """The table behind a name; None, with a finding, when this caller has none of that name."""
    if not _is_name(res, node, parts):
        return None
    ref = res.sight.complete(parts)
    if ref is None:
        hint = _elsewhere(res.sight, parts) or "Write schema.table; SHOW TABLES lists what you may read."
        res.refuse("NAM007", f"Table {quoted(parts[-1])} needs a schema.", hint, node)
        return None
    found = res.sight.table(ref)
    if found is None:
        res.refuse(
            "NAM001",
            f"There is no table {quoted(_dotted(parts))} that you may read.",
            _help(res.sight, ref, parts),
            node,
        )
        return None
    info, access = found
    if info.view_sql is not None:
        hint = "Query the tables below it."
        res.refuse("POL002", f"{quoted(_dotted(parts))} is a view, and views are not read yet.", hint, node)
        return None
    return Leaf.of(node, info, access)


def _is_name(res: Resolution, node: exp.Table, parts: Sequence[str]) -> bool:
    if any("$" in part or "@" in part for part in parts):
        hint = "Tables of the storage ($files, $partitions, ...) and branches cannot be read."
        res.refuse("NAM004", f"{quoted(_dotted(parts))} is not a table of the lake.", hint, node)
        return False
    if not all(_NAME.fullmatch(part) for part in parts):
        hint = "Tables have names of a to z, 0 to 9 and _."
        res.refuse("NAM005", f"{quoted(_dotted(parts))} cannot be the name of a table.", hint, node)
        return False
    return True


def _help(sight: Sight, ref: TableRef, parts: Sequence[str]) -> str:
    ask = sight.how_to_ask(ref)
    if ask:
        return ask
    return _elsewhere(sight, parts) or "SHOW TABLES lists what you may read."


def _elsewhere(sight: Sight, parts: Sequence[str]) -> str:
    near = sight.near(parts)
    return f"Nearest: {', '.join(near)}." if near else ""


def _dotted(parts: Sequence[str]) -> str:
    return ".".join(parts)
