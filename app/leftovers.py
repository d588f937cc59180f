"""Folders of the warehouse that no table owns, and which of them may go.

A killed load leaves a folder without rows. A folder with rows is another thing: a drop that was cut short, or tables
whose catalog was lost. Those are never deleted by us.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog


def empty_leftovers(catalog: Catalog) -> tuple[Path, ...]:
    """What a killed load left: no snapshot of it was ever finished."""
    return tuple(path for path in catalog.leftovers() if not _holds_rows(path))


def orphans(catalog: Catalog) -> tuple[Path, ...]:
    """Folders with rows of a table that the catalog does not know."""
    return tuple(path for path in catalog.leftovers() if _holds_rows(path))


def tidy(catalog: Catalog) -> int:
    """Delete what killed loads left; gives the number of folders."""
    # No load is under way while this holds the lock.
    with catalog.writing():
        gone = empty_leftovers(catalog)
        for path in gone:
            shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def _holds_rows(folder: Path) -> bool:
    """True when a snapshot was finished, or when there are rows and nobody can say whether one was."""
    readable = True
    for file in (folder / "metadata").glob("*.metadata.json"):
        try:
            if json.loads(file.read_bytes()).get("current-snapshot-id") not in {None, -1}:
                return True
        except (OSError, ValueError, AttributeError):
            # Cut off while it was written, or damaged later.
            readable = False
    return not readable and any((folder / "data").rglob("*.parquet"))
