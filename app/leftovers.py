"""Folders of the warehouse that no table owns, and which of them may go.

A killed load leaves a folder without rows. A folder with rows is another thing: a drop that was cut short, or tables
whose catalog was lost. Those are never deleted by us.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog
    from townlake.catalog.files import Files


def empty_leftovers(catalog: Catalog) -> tuple[str, ...]:
    """What a killed load left: no snapshot of it was ever finished."""
    return tuple(folder for folder in catalog.leftovers() if not _holds_rows(catalog.files, folder))


def orphans(catalog: Catalog) -> tuple[str, ...]:
    """Folders with rows of a table that the catalog does not know."""
    return tuple(folder for folder in catalog.leftovers() if _holds_rows(catalog.files, folder))


def tidy(catalog: Catalog) -> int:
    """Delete what killed loads left; gives the number of folders.

    Nothing is deleted where others make tables, too: their loads do not wait for our lock, and what the service hides
    from our login would look like nobody's.
    """
    if catalog.is_shared:
        return 0
    # No load of ours is under way while this holds the lock.
    with catalog.writing():
        gone = empty_leftovers(catalog)
        for folder in gone:
            catalog.files.remove(folder)
    return len(gone)


def _holds_rows(files: Files, folder: str) -> bool:
    """True when a snapshot was finished, or when there is data and nobody can say whether one was.

    Data without metadata are a load of another program that is under way: Trino writes its metadata at the end.
    """
    known, readable, found = False, True, files.listed(folder)
    for location in found:
        if not (location.startswith(f"{folder}/metadata/") and location.endswith(".metadata.json")):
            continue
        try:
            if json.loads(files.read(location)).get("current-snapshot-id") not in {None, -1}:
                return True
            known = True
        except (OSError, ValueError, AttributeError):
            # Cut off while it was written, or damaged later.
            readable = False
    return not (known and readable) and any(not location.startswith(f"{folder}/metadata/") for location in found)
